"""Builds the C and text guests: the components that lie beside their sources.

    python guests/build.py            build all, write what changed, print digests
    python guests/build.py --check    build all, fail if a committed component differs
    python guests/build.py ping       only those whose path has this word in it

C guests are every C file of a folder with the kit's. Tools have a WIT of their own beside them,
`x.wit`. Those of the world `command` use WASI alone and `testing/lib`, and have the component
around them written out in `x.outer.wat`. Text: `x.wat` is a component as it is; `x.core.wat` a core
module to be made one, with `x.memory.wat` in place of the kit's allocator and `x.outer.wat` before
everything else, where there are such.

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
LIBRARY = GUESTS / "std" / "lib"
COMMANDS = GUESTS / "testing" / "lib"
WIT = GUESTS.parent / "wit" / "wasm-engine-agent@0.1.0" / "agent.wit"
RECORD = GUESTS / "sources.txt"
_COMMAND = "command"
_EXPORTS_OF_WORLD = {"agent": "agent.c", "pure-agent": "reducer.c"}
_FLAGS = [
    *("-target", "wasm32-freestanding", "-nostdlib", "-ffreestanding", "-Os", "-s"),
    *("-std=c11", "-Wall", "-Wextra", "-Werror"),
    *("-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--export=__heap_base", "-Wl,--gc-sections"),
]
_LIBRARY_FLAGS = ["-O2", "-msimd128", "-mbulk-memory", "-ffp-contract=off"]


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
        if self.source in PARTS and PARTS[self.source].package:
            return GUESTS.parent / "wit" / PARTS[self.source].package
        own = (GUESTS / self.source).with_suffix(".wit")
        return own if own.exists() else WIT


class Parts(NamedTuple):
    """What a standard component has beside its own files.

    Attributes:
        library: Sources of `std/lib`.
        others: Texts of `std/lib` that import what is not of its world.
        package: The WIT below `wit/` that its world is in; nothing for an agent's.
    """

    library: tuple[str, ...]
    others: tuple[str, ...] = ()
    package: str = ""

    @property
    def sources(self) -> list[Path]:
        """The files of the library that are compiled."""
        return [LIBRARY / f"{name}.c" for name in self.library]

    @property
    def texts(self) -> list[Path]:
        """Those that are part of the component around."""
        return [LIBRARY / f"{name}.wat" for name in self.others]


_TEXT = ("heap", "numbers", "unicode", "unicode_tables")
_TOKENS = (
    *_TEXT,
    *("vocabulary", "bert", "byte_pairs", "encode", "decode", "tokenizer_file"),
    *("configured", "files"),
)
_PIECES = (*_TOKENS, "splitting")
_VECTORS = (*_TOKENS, "vectors", "table")
_RANKS = (
    *("heap", "numbers", "unicode", "unicode_tables"),
    *("vocabulary", "vectors", "words", "lexicon"),
)
_INDEX = (*_PIECES, "vectors", "table", "words", "lexicon", "graph")
_FILES = ("files", "context")
_RETRIEVAL = "wasm-engine-retrieval@0.1.0/retrieval.wit"
PARTS = {
    "std/tokenizer/tokenizer.c": Parts(_TOKENS, _FILES, _RETRIEVAL),
    "std/splitter/splitter.c": Parts(_PIECES, _FILES, _RETRIEVAL),
    "std/embedder/embedder.c": Parts(_VECTORS, _FILES, _RETRIEVAL),
    "std/ranker/ranker.c": Parts(_RANKS, (), _RETRIEVAL),
    "std/retriever/retriever.c": Parts(_INDEX, ("files",)),
}
_NO_PARTS = Parts(())


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
    Guest("testing/swapper/swapper.c", stack=4096),
    Guest("std/searcher/searcher.c"),
    Guest("std/tokenizer/tokenizer.c", world="tokens", stack=65536),
    Guest("std/splitter/splitter.c", world="pieces", stack=65536),
    Guest("std/embedder/embedder.c", world="vectors", stack=65536),
    Guest("std/ranker/ranker.c", world="ranks", stack=65536),
    Guest("std/retriever/retriever.c", stack=65536),
    Guest("std/assistant/assistant.c", stack=65536),
    Guest("../examples/votes/ballot.c", world="pure-agent"),
    Guest("../examples/tools/pricing.c", world="pricing", stack=4096),
    Guest("../examples/crew/counter.c", world="counting", stack=4096),
)


_LINED = "testing/lined/lined.c"
"""The one that keeps its debug information."""


def core_module(guest: Guest, folder: Path) -> bytes:
    """The core module of a C guest: every C file of its folder and the kit's."""
    source = GUESTS / guest.source
    parts = PARTS.get(guest.source, _NO_PARTS)
    own = [*sorted(path for path in source.parent.glob("*.c")), *parts.sources]
    exports = [SDK / it for it in [_EXPORTS_OF_WORLD.get(guest.world)] if it]
    files = [*own, *exports, SDK / "text.c"]
    out = folder / "core.wasm"
    command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, f"-Wl,-z,stack-size={guest.stack}"]
    if parts.library:
        command += [*_LIBRARY_FLAGS, f"-I{LIBRARY}"]
    if guest.world == _COMMAND:
        command.append(f"-I{COMMANDS}")
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
        files = [*own, *SDK.glob("*.[ch]"), *SDK.glob("*.wat"), guest.wit]
        if guest.world == _COMMAND:
            files += COMMANDS.glob("*.h")
        told = repr((_FLAGS, guest, beside_texts()))
        if (parts := PARTS.get(guest.source, _NO_PARTS)).library:
            files += [*parts.sources, *parts.texts, *LIBRARY.glob("*.h")]
            told += repr((_LIBRARY_FLAGS, parts))
        text = told.encode() + b"".join(p.read_bytes() for p in sorted(files))
        digests = (hashlib.sha256(it) for it in (source.with_suffix(".wasm").read_bytes(), text))
        lines.append(" ".join([*(it.hexdigest() for it in digests), guest.source]) + "\n")
    return "".join(lines)


def keep_record(built: set[str]) -> None:
    """Keeps the record, if all of it was built: files by their paths below the repository."""
    files = {(GUESTS / it.source).with_suffix(".wasm").resolve() for it in C_GUESTS}
    if {it.relative_to(GUESTS.parent).as_posix() for it in files} <= built:
        RECORD.write_text(record(), encoding="utf-8")


def built_c(guest: Guest, folder: Path) -> bytes:
    """The component of a C guest, built in a folder."""
    core = core_module(guest, folder)
    path = (GUESTS / guest.source).with_suffix(".wasm")
    if guest.world == _COMMAND:
        return command(core, beside(path, f"{path.stem}.outer.wat"))
    lines, wit = guest.source == _LINED, guest.wit.read_text()
    contract = Contract(wit)
    for text in beside_texts():
        contract.add(text)
    others = "\n".join(it.read_text() for it in PARTS.get(guest.source, _NO_PARTS).texts)
    made = component(core, contract, guest.world, others=others, lines=lines)
    return made + (section_of(wit) if guest.wit != WIT else b"")


def build_c(wanted: str) -> dict[Path, bytes]:
    """The components of C guests whose path has the word in it, by where they lie."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            (GUESTS / guest.source).with_suffix(".wasm"): built_c(guest, Path(folder))
            for guest in C_GUESTS
            if wanted in guest.source
        }


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
