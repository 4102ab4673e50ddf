"""The manifest as a run file holds it: canonical bytes that say nothing of their machine.

Sources are kept by file name, mounts without their folder; contents are kept elsewhere in the run,
by digest. Two copies of one world in two folders have the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from wasm_engine.agents.build_manifest import build
from wasm_engine.agents.manifest import Kind, Manifest
from wasm_engine.concepts import canonical as bytes_of
from wasm_engine.concepts import json_text
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.mistakes import Mistakes, shown

_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
VERSION = 1


class _StoredKind(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
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


class _StoredWorld(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    name: str
    seed: int
    clock: Literal["virtual", "recorded"]
    epoch: int
    interpreter: str | None
    mailbox: int
    queue: int
    step_fuel: int


class _Stored(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    world: _StoredWorld
    agents: list[_StoredKind]
    mounts: list[tuple[str, str]]
    messages: list[tuple[str, str, Any, list[tuple[str, str]]]]  # The body: text or bytes.


_decoder = msgspec.msgpack.Decoder(_Stored)


def canonical(manifest: Manifest) -> bytes:
    """The manifest's canonical bytes."""
    world, limits = manifest.world, manifest.limits
    return bytes_of.encode(
        _Stored(
            version=VERSION,
            world=_StoredWorld(
                name=world.name,
                seed=world.seed,
                clock=world.clock,
                epoch=world.epoch,
                interpreter=world.interpreter,
                mailbox=world.mailbox,
                queue=limits.queue,
                step_fuel=limits.step_fuel,
            ),
            agents=[_stored_kind(kind) for kind in manifest.agents],
            mounts=[(mount.name, mount.at) for mount in manifest.mounts],
            messages=[(m.to, m.topic, m.body[1], list(m.headers)) for m in manifest.messages],
        )
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
        if version != VERSION:
            raise BadRunFile(f"the run's manifest has version {shown(version)}; known is {VERSION}")
        built = build(_tables(_decoder.decode(data)), Path(), mistakes)
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
    if canonical(manifest) != data:
        raise BadRunFile("the run's manifest is not in its canonical form")
    return manifest


def _stored_kind(kind: Kind) -> _StoredKind:
    return _StoredKind(
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
    return {
        "world": world,
        "agents": {kind.name: _agent_table(kind) for kind in stored.agents},
        "mounts": {name: {"path": "elsewhere", "at": at} for name, at in stored.mounts},
        "messages": [
            {"to": to, "topic": topic, "body": body, "headers": dict(headers)}
            for to, topic, body, headers in stored.messages
        ],
        "limits": limits,
    }


def _agent_table(kind: _StoredKind) -> dict[str, Any]:
    stored = msgspec.structs.asdict(kind)
    del stored["name"]
    stored["config"] = json_text.read(kind.config)
    if kind.send_to is None:
        del stored["send_to"]
    return {name.replace("_", "-"): value for name, value in stored.items()}
