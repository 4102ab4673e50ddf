"""Builds the C and text guests: the components that lie beside their sources.

    python guests/build.py            build all, write what changed, print digests
    python guests/build.py --check    build all, fail if a committed component differs
    python guests/build.py ping       only those whose path has this word in it

C guests are every C file of a folder with the kit's. Tools have a WIT of their own beside them,
`x.wit`. Those of the world `command` use WASI alone, and have the component around them written
out in `x.outer.wat`. Text: `x.wat` is a component as it
is; `x.core.wat` a core module to be made one, with `x.memory.wat` in place of the kit's allocator
and `x.outer.wat` before everything else, where there are such.

Needs the packages of the dependency group `guests`; nothing here is needed to run the components.
The same sources give the same bytes, whatever the folder or the machine. `sources.txt` keeps what
each C guest's component was built from, so that a test finds a forgotten build without a compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from wasm_engine.runtime.text import to_binary
from wasm_engine.toolchain.componentize.binary import stripped
from wasm_engine.toolchain.componentize.command import command
from wasm_engine.toolchain.componentize.docs import section_of
from wasm_engine.toolchain.componentize.outer import component
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.kits import beside_texts

GUESTS = Path(__file__).resolve().parent
SDK = GUESTS / "sdk" / "c"
WIT = GUESTS.parent / "wit" / "wasm-engine-agent@0.1.0" / "agent.wit"
MIGRATION = GUESTS.parent / "wit" / "wasm-engine-migration@0.1.0" / "migration.wit"
RECORD = GUESTS / "sources.txt"
_COMMAND = "command"
_EXPORTS_OF_WORLD = {"agent": "agent.c", "pure-agent": "reducer.c"}
_FLAGS = [
    *("-target", "wasm32-freestanding", "-nostdlib", "-ffreestanding", "-Os", "-s"),
    *("-std=c11", "-Wall", "-Wextra", "-Werror"),
    *("-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--export=__heap_base", "-Wl,--gc-sections"),
]


class Guest(NamedTuple):
    """One component: its source, its world, and its stack in bytes (it comes first in memory).

    A tool has a WIT of its own beside its source.
    """

    source: str
    world: str = "agent"
    stack: int = 16384

    @property
    def wit(self) -> Path:
        """Where its world is."""
        own = (GUESTS / self.source).with_suffix(".wit")
        return own if own.exists() else WIT


C_GUESTS = (
    Guest("testing/ping/ping.c", stack=2048),
    Guest("testing/scripted/scripted.c"),
    Guest("testing/tally/tally.c", world="pure-agent"),
    Guest("testing/probe/probe.c"),
    Guest("testing/asker/asker.c"),
    Guest("testing/handy/handy.c"),
    Guest("testing/fetch/fetch.c", world=_COMMAND),
    Guest("testing/blobs/blobs.c", world=_COMMAND),
    Guest("testing/keeper/keeper.c", world=_COMMAND),
    Guest("testing/desk/desk.c", world=_COMMAND),
    Guest("testing/clerk/clerk.c", world=_COMMAND),
    Guest("testing/scribe/scribe.c", world=_COMMAND),
    Guest("testing/talker/talker.c"),
    Guest("testing/thinker/thinker.c", world=_COMMAND),
    Guest("testing/nn/nn.c", world=_COMMAND),
    Guest("testing/lined/lined.c", stack=2048),
    Guest("testing/mirror/mirror.c", stack=4096),
    Guest("testing/tokenizer/tokenizer.c", stack=4096),
    Guest("testing/tokenizer-next/tokenizer-next.c", stack=4096),
    Guest("testing/tokenizer-odd/tokenizer-odd.c", stack=4096),
    Guest("std/searcher/searcher.c"),
    Guest("../examples/votes/ballot.c", world="pure-agent"),
    Guest("../examples/tools/pricing.c", world="pricing", stack=4096),
)


_LINED = "testing/lined/lined.c"
"""The one that keeps its debug information."""


def core_module(guest: Guest, folder: Path) -> bytes:
    """The core module of a C guest: every C file of its folder and the kit's."""
    source = GUESTS / guest.source
    own = sorted(path for path in source.parent.glob("*.c"))
    exports = [SDK / it for it in [_EXPORTS_OF_WORLD.get(guest.world)] if it]
    files = [*own, *exports, SDK / "text.c"]
    out = folder / "core.wasm"
    command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, f"-Wl,-z,stack-size={guest.stack}"]
    if guest.source == _LINED:
        command = [word for word in command if word != "-s"]
        command += ["-g", "-fdebug-compilation-dir=guests"]
        # Folders have the same names wherever they are.
        compiler = importlib.util.find_spec("ziglang").submodule_search_locations[0]
        named = {GUESTS: "guests", compiler: "zig"}
        command += [f"-ffile-prefix-map={path}={name}" for path, name in named.items()]
    # Elsewhere than in the repository: what the compiler finds below its folder it names otherwise.
    command += [f"-I{SDK}", *map(str, files), "-o", str(out)]
    subprocess.run(command, check=True, cwd=folder)
    return out.read_bytes()


def beside(source: Path, name: str) -> str:
    """The text of a file in the same folder, or nothing."""
    path = source.with_name(name)
    return path.read_text() if path.exists() else ""


def record() -> str:
    """Digests of each C guest's component and of all that it is built from."""
    lines = []
    for guest in C_GUESTS:
        source = GUESTS / guest.source
        own = [*source.parent.glob("*.[ch]"), *source.parent.glob(f"{source.stem}.outer.wat")]
        files = [*own, *SDK.glob("*.[ch]"), *SDK.glob("*.wat"), guest.wit, MIGRATION]
        text = repr((_FLAGS, guest)).encode() + b"".join(p.read_bytes() for p in sorted(files))
        digests = (hashlib.sha256(it) for it in (source.with_suffix(".wasm").read_bytes(), text))
        lines.append(" ".join([*(it.hexdigest() for it in digests), guest.source]) + "\n")
    return "".join(lines)


def build_c(wanted: str) -> dict[Path, bytes]:
    """The components of C guests whose path has the word in it, by where they lie."""
    built = {}
    with tempfile.TemporaryDirectory() as folder:
        for guest in C_GUESTS:
            if wanted in guest.source:
                core = core_module(guest, Path(folder))
                path = (GUESTS / guest.source).with_suffix(".wasm")
                if guest.world == _COMMAND:
                    built[path] = command(core, beside(path, f"{path.stem}.outer.wat"))
                else:
                    lines, wit = guest.source == _LINED, guest.wit.read_text()
                    contract = Contract(wit)
                    contract.add(MIGRATION.read_text())
                    for text in beside_texts():
                        contract.add(text, imported=True)
                    made = component(core, contract, guest.world, lines=lines)
                    built[path] = made + (section_of(wit) if guest.wit != WIT else b"")
    return built


def build_text(wanted: str) -> dict[Path, bytes]:
    """The components of text guests whose path has the word in it, by where they lie."""
    contract = Contract(WIT.read_text())
    built = {}
    for source in sorted(GUESTS.glob("testing/*/*.wat")):
        name = source.name.removesuffix(".wat")
        if wanted not in str(source.relative_to(GUESTS)) or name.endswith((".memory", ".outer")):
            continue
        binary = to_binary(source.read_text())
        if name.endswith(".core"):
            name = name.removesuffix(".core")
            memory, before = (beside(source, f"{name}.{part}.wat") for part in ("memory", "outer"))
            binary = component(binary, contract, "agent", memory=memory, before=before)
        built[source.with_name(f"{name}.wasm")] = stripped(binary)
    return built


def report(path: Path, data: bytes) -> bool:
    """Prints a component's digest and size; whether the committed one is the same."""
    same = path.exists() and path.read_bytes() == data
    digest = hashlib.sha256(data).hexdigest()
    name = path.relative_to(GUESTS)
    print(f"{digest[:16]} {len(data):6} {'same' if same else 'new '} {name}")
    return same


def main() -> int:
    arguments = argparse.ArgumentParser(description="Build the C and text guests.")
    arguments.add_argument("word", nargs="?", default="", help="only paths with this word in them")
    arguments.add_argument("--check", action="store_true", help="write nothing; 1 if any differs")
    options = arguments.parse_args()
    changed = 0
    for path, data in (build_c(options.word) | build_text(options.word)).items():
        if not report(path, data):
            changed += 1
            if not options.check:
                path.write_bytes(data)
    if not options.check and not options.word:
        RECORD.write_text(record())
    return 1 if options.check and changed else 0


if __name__ == "__main__":
    sys.exit(main())
