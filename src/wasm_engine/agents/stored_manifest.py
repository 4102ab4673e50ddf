"""The manifest as a run file holds it: canonical bytes that say nothing of their machine.

Sources are kept by file name, mounts without their folder; contents are kept elsewhere in the run,
by digest. Two copies of one world in two folders have the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

import msgspec
from msgspec.structs import astuple, replace

from wasm_engine.agents.build_manifest import build
from wasm_engine.agents.later import later_of, merged
from wasm_engine.agents.manifest import Kind, Manifest
from wasm_engine.concepts import canonical as bytes_of
from wasm_engine.concepts import json_text
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.mistakes import Mistakes, shown

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VERSION: Final = 3
"""Written only of manifests that say what version 2 could not; those are as they were."""


class _Kind1(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    name: str
    source: str
    count: int
    config: str
    subscribe: list[str]
    lifecycle: Literal["message", "resident"]
    fuel: int
    work: int
    memory: int
    disk: int
    batch: int
    retries: int
    on_retry: Literal["fail", "restart"]
    expect_failure: bool
    mounts: list[str]
    grants: list[str]
    send_to: list[str] | None


class _Kind2(_Kind1, array_like=True, forbid_unknown_fields=True):
    http_timeout: int
    http_max_response: int
    http_idempotent: list[str]


class _World1(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    name: str
    seed: int
    clock: Literal["virtual", "recorded"]
    epoch: int
    interpreter: str | None
    mailbox: int
    queue: int
    step_fuel: int


class _World2(_World1, array_like=True, forbid_unknown_fields=True):
    effects: Literal["concurrent", "lockstep"]


_Mount = tuple[str, str]
_Message = tuple[str, str, Any, list[tuple[str, str]]]  # The body: text or bytes.


class _Stored1(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: Literal[1]
    world: _World1
    agents: list[_Kind1]
    mounts: list[_Mount]
    messages: list[_Message]


class _Stored2(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: Literal[2]
    world: _World2
    agents: list[_Kind2]
    mounts: list[_Mount]
    messages: list[_Message]


class _Stored3(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: Literal[3]
    world: _World2
    agents: list[_Kind2]
    mounts: list[_Mount]
    messages: list[_Message]
    later: dict[str, Any]


_Stored = _Stored1 | _Stored2 | _Stored3
_decoders: dict[object, Callable[[bytes], _Stored]] = {
    1: msgspec.msgpack.Decoder(_Stored1).decode,
    2: msgspec.msgpack.Decoder(_Stored2).decode,
    3: msgspec.msgpack.Decoder(_Stored3).decode,
}


def canonical(manifest: Manifest) -> bytes:
    """The manifest's canonical bytes, of the first version that can say all of it."""
    return bytes_of.encode(_stored(manifest))


def _stored(manifest: Manifest) -> _Stored2 | _Stored3:
    second, later = _second(manifest), later_of(manifest)
    if not later:
        return second
    return _Stored3(3, second.world, second.agents, second.mounts, second.messages, later)


def _second(manifest: Manifest) -> _Stored2:
    world, limits = manifest.world, manifest.limits
    return _Stored2(
        version=2,
        world=_World2(
            name=world.name,
            seed=world.seed,
            clock=world.clock,
            epoch=world.epoch,
            interpreter=world.interpreter,
            mailbox=world.mailbox,
            queue=limits.queue,
            step_fuel=limits.step_fuel,
            effects=world.effects,
        ),
        agents=[_stored_kind(kind) for kind in manifest.agents],
        mounts=[(mount.name, mount.at) for mount in manifest.mounts],
        messages=[(m.to, m.topic, m.body[1], list(m.headers)) for m in manifest.messages],
    )


def _as_first(stored: _Stored2) -> _Stored1:
    """The same as version 1 had it, which knew nothing of servers."""
    first, kinds = len(_World1.__struct_fields__), len(_Kind1.__struct_fields__)
    return _Stored1(
        1,
        _World1(*astuple(stored.world)[:first]),
        [_Kind1(*astuple(kind)[:kinds]) for kind in stored.agents],
        stored.mounts,
        stored.messages,
    )


def from_canonical(data: bytes) -> Manifest:
    """The manifest of a run file; paths of the host are empty in it.

    A run file may come from anywhere: the bytes keep every rule that `world.toml` must keep.

    Raises:
        BadRunFile: The bytes are not a manifest, or of a version that is not known.
    """
    mistakes = Mistakes()
    try:
        version = bytes_of.decode(data)[0]
        decoder = _decoders.get(version)
        if decoder is None:
            raise BadRunFile(
                f"the run's manifest has version {shown(version)}; known are 1 to {VERSION}"
            )
        built = build(_tables(decoder(data)), Path(), mistakes)
    except (
        msgspec.MsgspecError,
        LookupError,
        TypeError,
        ArithmeticError,
        ValueError,
        RecursionError,
    ):
        raise BadRunFile("the run's manifest cannot be read") from None
    if mistakes.texts():
        raise BadRunFile(f"the run's manifest is wrong: {mistakes.texts()[0]}")
    mounts = tuple(replace(mount, path="") for mount in built.mounts)
    manifest = replace(built, mounts=mounts, folder="")
    stored: _Stored = _as_first(_second(manifest)) if version == 1 else _stored(manifest)
    if bytes_of.encode(stored) != data:
        raise BadRunFile("the run's manifest is not in its canonical form")
    return manifest


def _stored_kind(kind: Kind) -> _Kind2:
    return _Kind2(
        name=kind.name,
        source=PurePosixPath(kind.source).name,
        count=kind.count,
        config=kind.config,
        subscribe=list(kind.subscribe),
        lifecycle=kind.lifecycle,
        fuel=kind.fuel,
        work=kind.work,
        memory=kind.memory,
        disk=kind.disk,
        batch=kind.batch,
        retries=kind.retries,
        on_retry=kind.on_retry,
        expect_failure=kind.expect_failure,
        mounts=list(kind.mounts),
        grants=[str(grant) for grant in kind.grants],
        send_to=None if kind.send_to is None else list(kind.send_to),
        http_timeout=kind.http_timeout,
        http_max_response=kind.http_max_response,
        http_idempotent=list(kind.http_idempotent),
    )


def _tables(stored: _Stored) -> dict[str, Any]:
    """What TOML would have given."""
    world = msgspec.structs.asdict(stored.world)
    limits = {"queue": world.pop("queue"), "step-fuel": world.pop("step_fuel")}
    world["epoch"] = _UNIX_EPOCH + timedelta(microseconds=world["epoch"] // 1000)
    if world["interpreter"] is None:
        del world["interpreter"]
    else:
        world["interpreter"] = f"sha256:{world['interpreter']}"
    tables = {
        "world": world,
        "agents": {kind.name: _agent_table(kind) for kind in stored.agents},
        "mounts": {name: {"path": "elsewhere", "at": at} for name, at in stored.mounts},
        "messages": [
            {"to": to, "topic": topic, "body": body, "headers": dict(headers)}
            for to, topic, body, headers in stored.messages
        ],
        "limits": limits,
    }
    return merged(tables, stored.later) if isinstance(stored, _Stored3) else tables


def _agent_table(kind: _Kind1) -> dict[str, Any]:
    stored = msgspec.structs.asdict(kind)
    del stored["name"]
    stored["config"] = json_text.read(kind.config)
    if kind.send_to is None:
        del stored["send_to"]
    if isinstance(kind, _Kind2):
        stored["http"] = {
            "timeout": f"{stored.pop('http_timeout')} ns",
            "max-response": stored.pop("http_max_response"),
            "idempotent": stored.pop("http_idempotent"),
        }
    return {name.replace("_", "-"): value for name, value in stored.items()}
