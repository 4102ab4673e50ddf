"""Looks at components, and runs those that are commands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wasm_engine.agents.command import run_command
from wasm_engine.agents.contract import EXPORTS
from wasm_engine.agents.manifest import DEFAULT_EPOCH
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.plain_values import plain
from wasm_engine.control.reports import Report
from wasm_engine.control.store import read
from wasm_engine.control.vouching import require_signed
from wasm_engine.host.mounts import read_folder
from wasm_engine.runtime.component import Component, Interface, bare
from wasm_engine.runtime.wasi import Preopen, Quota, Tree, WasiState, copy_into, sockets
from wasm_engine.world import host_functions, load_components

MAX_FILES = 1 << 30
"""Bytes that a command's files may have together."""


@dataclass(frozen=True, slots=True)
class InterfaceRow(Report):
    """An interface of a component: its name with version, and its functions as WIT text.

    Attributes:
        known: Of an import: `provided`, `refused` (every call answers or traps so), `unknown` (it
            cannot be linked), or a mix of these; null for an export.
    """

    name: str
    functions: tuple[str, ...]
    known: str | None = None


@dataclass(frozen=True, slots=True)
class ComponentReport(Report):
    """What a component is, needs and offers.

    Attributes:
        digest: SHA-256 of its bytes.
        roles: What it can be: `handler`, `reducer`, `command`.
    """

    digest: str
    size: int
    roles: tuple[str, ...]
    imports: tuple[InterfaceRow, ...]
    exports: tuple[InterfaceRow, ...]


@dataclass(frozen=True, slots=True)
class Command:
    """What a command is given.

    Attributes:
        args: Its arguments, without the program's name.
        env: Names and values.
        folders: Folders of the host to copy in, and where it sees them.
        stdin: All of its standard input.
        seed: Of its entropy.
    """

    args: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = ()
    folders: tuple[tuple[str, str], ...] = ()
    stdin: bytes = b""
    seed: int = 0


@dataclass(frozen=True, slots=True)
class CommandReport(Report):
    """How a command ended: exit status, what it printed, and why it failed if it did."""

    status: int
    stdout: bytes
    stderr: bytes
    trap: str | None

    def as_json(self) -> dict[str, Any]:
        """The report as plain values; output that is no text becomes `{"base64": ...}`."""
        return {
            "status": self.status,
            "stdout": _text(self.stdout),
            "stderr": _text(self.stderr),
            "trap": self.trap,
        }


def show(file: Path, *, observer: Observer = UNOBSERVED) -> ComponentReport:
    """Says what a component is, needs and offers. Runs nothing of it.

    Raises:
        BadComponent: It is none, or costs too much to compile.
    """
    component = _load(file, read(file), observer)
    roles = [role.partition("/")[2] for role in EXPORTS if role in map(bare, component.exports)]
    return ComponentReport(
        component.digest.hex(),
        component.size,
        tuple("command" if role == "run" else role for role in roles),
        tuple(_row(name, it, known=True) for name, it in component.imports.items()),
        tuple(_row(name, it, known=False) for name, it in component.exports.items()),
    )


def run(file: Path, command: Command, *, observer: Observer = UNOBSERVED) -> CommandReport:
    """Runs a command component once, in a sandbox of its own.

    Raises:
        BadComponent: It is no component, or no command.
        Misuse: A folder cannot be copied in.
        Refused: It is not signed by whom the operator wants.
        HostFault: The machine failed.
    """
    data = read(file)
    require_signed(file, data)
    component = _load(file, data, observer)
    state = _wasi(file.name, command)
    ended = run_command(
        component,
        host_functions(),
        lambda: state,
        label=str(file),
        seed=command.seed,
        epoch=DEFAULT_EPOCH,
    )
    return CommandReport(ended.status, ended.stdout, ended.stderr, ended.failure or None)


def _wasi(name: str, command: Command) -> WasiState:
    tree = Tree(Quota(bytes=MAX_FILES), time=DEFAULT_EPOCH)
    preopens = []
    for host, guest in command.folders:
        folder = Path(host).resolve()
        if not folder.is_dir():
            raise Misuse(f"--dir: there is no folder {host!r}")
        inside = "/" + guest.strip("/")
        copy_into(tree, inside, read_folder(folder), time=DEFAULT_EPOCH)
        preopens.append(Preopen(guest, inside))
    return WasiState(
        args=(name, *command.args),
        env=command.env,
        stdin=command.stdin,
        tree=tree,
        preopens=tuple(preopens),
    )


def _load(file: Path, data: bytes, observer: Observer) -> Component:
    return load_components([(str(file), data)], observer.note)[0]


def _row(name: str, interface: Interface, *, known: bool) -> InterfaceRow:
    functions = tuple(f"{function}: {ty}" for function, ty in interface.functions.items())
    return InterfaceRow(name, functions, _known(name, interface.functions) if known else None)


def _known(name: str, functions: Mapping[str, object]) -> str:
    missing = "refused" if name.startswith("wasi:") else "unknown"
    words = set()
    for function in functions:
        found = host_functions().get(f"{bare(name)}#{function}" if name else function)
        refused = found is not None and found.call is sockets.refuse
        words.add("refused" if refused else missing if found is None else "provided")
    return ", ".join(sorted(words)) or "provided"


def _text(data: bytes) -> Any:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return plain(data)
