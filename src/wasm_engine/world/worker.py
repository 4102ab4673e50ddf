"""What a worker process runs: builds one kind's program, shuts itself in, and serves.

It is begun by `isolation`, with its pipe as standard input, and no environment to speak of.
"""

from __future__ import annotations

import importlib
import pkgutil
import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec

from wasm_engine.agents.isolated import protocol
from wasm_engine.agents.isolated.beginning import Begin
from wasm_engine.agents.isolated.serving import Serving
from wasm_engine.agents.manifest import Manifest, Mount, Settings
from wasm_engine.agents.material import ListedFile, Material, Source
from wasm_engine.agents.program import Program
from wasm_engine.concepts.hostcall import HostFunction
from wasm_engine.host import cell, jail
from wasm_engine.host.signals import deferred
from wasm_engine.runtime.component import Component, Engine
from wasm_engine.runtime.wasi import Listed
from wasm_engine.world.assembly import host_functions, programs_of

_NEEDED: Final = ("concepts", "policy", "capabilities", "runtime", "agents")
_ELSEWHERE: Final = ("compile_child", "capabilities.sql.")
"""What is never done in it: to compile, to parse SQL (which may not even be installed)."""


def main(functions: Mapping[str, HostFunction] | None = None) -> None:
    """Begins, and serves until nobody asks any more.

    Args:
        functions: Host functions by name; all there are, if not given.
    """
    pipe = cell.Inside()
    serving = Serving(pipe)
    try:
        begin = msgspec.msgpack.decode(pipe.receive(), type=Begin)
        program = _program(begin, serving, host_functions() if functions is None else functions)
        _load_everything()
        missing = jail.shut()
    except BaseException as error:  # noqa: BLE001  (whoever began it has to be told)
        pipe.send(protocol.encode(protocol.Broken("".join(traceback.format_exception(error)))))
        cell.leave()
        return
    pipe.send(protocol.encode(protocol.Ready(missing)))
    with deferred():  # once, not for each entry into a guest
        serving.run(program)
    cell.leave()


def _program(begin: Begin, serving: Serving, functions: Mapping[str, HostFunction]) -> Program:
    kind = begin.kind
    component = Component.unpacked(
        Engine(), cell.given(begin.code), begin.digest, begin.size, begin.keeping
    )
    cell.drop(begin.code)
    manifest = Manifest(
        Settings("", epoch=begin.epoch),
        (kind,),
        tuple(Mount(name, "", at) for name, at, _ in begin.mounts),
    )
    file = None if begin.file is None else begin.file[:2]
    digests = (begin.digest,) if begin.file is None else (begin.digest, begin.file[2])
    mounts: dict[str, Sequence[Listed]] = {
        name: [
            ListedFile(*entry, read=_reader(serving, name, number))
            for number, entry in enumerate(listing)
        ]
        for name, _, listing in begin.mounts
    }
    own = Source(b"", file, digests)
    material = Material(manifest, {kind.name: own}, mounts, choices=begin.choices)
    return programs_of(material, {kind.name: component}, functions)[kind.name]


def _reader(serving: Serving, name: str, number: int) -> Callable[[], bytes]:
    def read() -> bytes:
        content: bytes = serving.ask("file", name, number)
        return content

    return read


def _load_everything() -> None:
    """Once it is shut in, no module can be loaded any more."""
    for layer in _NEEDED:
        package = importlib.import_module(f"wasm_engine.{layer}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not any(part in found.name for part in _ELSEWHERE):
                importlib.import_module(found.name)
