"""Builds every component that lies here again from the sources beside it, and compares.

    python guests/rebuild.py            build all, write what differs, end with a table
    python guests/rebuild.py --check    build all, write nothing

What compilers are missing is said before anything is built; what they would build is left as it is.
The same sources give the same bytes with the compilers named below; what another version of one
builds is compiled to see that it can be, and neither compared nor kept. The status is 1 where
something that was built differs from what lay here, or does not compile.
"""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import build
import build_kits

from wasm_engine.concepts.errors import EngineError
from wasm_engine.toolchain.building.compiler import on_path
from wasm_engine.toolchain.building.languages import language_by_suffix
from wasm_engine.toolchain.building.rust import rustc

ROOT = Path(__file__).resolve().parent.parent
_PIP = "python -m pip install --require-hashes -r requirements/guests.txt"


class Toolchain(NamedTuple):
    """A compiler.

    Attributes:
        languages: What it compiles, as people write it.
        version: Answers how it calls itself; None where it is not here.
        known: What it calls itself in the version that built what lies here.
        how: The command that brings it.
    """

    languages: tuple[str, ...]
    version: Callable[[], str | None]
    known: str
    how: str


class Job(NamedTuple):
    """A component to be built.

    Attributes:
        path: Where it lies.
        language: What it is built from.
        build: Builds it.
        kept: Whether it is committed, so that there is something to compare it with.
    """

    path: Path
    language: str
    build: Callable[[], bytes]
    kept: bool = True


class Row(NamedTuple):
    """What came of a job, as the table has it."""

    file: str
    language: str
    outcome: str
    same: str
    wrong: bool = False


def _zig() -> str | None:
    if importlib.util.find_spec("ziglang") is None:
        return None
    return _said([sys.executable, "-m", "ziglang", "version"])


def _go() -> str | None:
    program = on_path("go")
    return program and _said([program, "version"])


def _rust() -> str | None:
    try:
        return _said([rustc("wasm32-unknown-unknown"), "--version"])
    except EngineError:
        return None


def _said(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


TOOLCHAINS = (
    Toolchain(("C", "C++"), _zig, "0.17.0", _PIP),
    Toolchain(("Go",), _go, "go version go1.27.3", _PIP),
    Toolchain(
        ("Rust",),
        _rust,
        "rustc 1.63.0",
        "apt-get install --no-install-recommends rustc libstd-rust-dev-wasm32 lld-14   # as root",
    ),
)
"""Text needs none."""


def jobs(folder: Path) -> Iterator[Job]:
    """Everything that there is to build; `folder` is for what comes and goes meanwhile."""
    for path, data in build.build_text("").items():
        yield Job(path, "text", lambda data=data: data)
    for guest in build.C_GUESTS:
        path = (build.GUESTS / guest.source).with_suffix(".wasm").resolve()
        yield Job(path, "C", lambda guest=guest: build.built_c(guest, folder))
    yield Job(build_kits.ADAPTER, "C", build_kits.adapter)
    for guest in build_kits.KIT_GUESTS:
        language = language_by_suffix(Path(guest.source)).title
        path = ROOT / guest.component
        yield Job(path, language, lambda guest=guest: build_kits.built(guest), guest.kept)


def found_here(toolchains: Iterable[Toolchain]) -> dict[str, str]:
    """Why what is built from a language is not built, or not compared; "" where it is both.

    Says at once what is missing, and how to come by it.
    """
    why: dict[str, str] = {"text": ""}
    for it in toolchains:
        version = it.version()
        if version is None:
            words = "missing"
            print(f"guests: no compiler for {' and '.join(it.languages)} is here; it comes by\n"
                  f"    {it.how}")  # fmt: skip
        else:
            words = "" if version.startswith(it.known) else f"{version}, not {it.known}"
        why.update(dict.fromkeys(it.languages, words))
    return why


def run(job: Job, why: str, *, write: bool) -> Row:
    """Builds a component and compares it with what lies there; writes it where it differs."""
    file = job.path.relative_to(ROOT).as_posix()
    if why == "missing":
        return Row(file, job.language, "not built: no compiler", "-")
    try:
        data = job.build()
    except (EngineError, OSError, ValueError, subprocess.CalledProcessError) as error:
        print(f"guests: {file}: {error}", file=sys.stderr)
        return Row(file, job.language, "does not compile", "-", wrong=True)
    if why:
        return Row(file, job.language, f"built by {why}", "not compared")
    same = job.path.exists() and job.path.read_bytes() == data
    if not same and write:
        job.path.write_bytes(data)
    if not job.kept:
        return Row(file, job.language, "built", "none is kept")
    return Row(file, job.language, "built", "yes" if same else "NO", wrong=not same)


def table(rows: list[Row]) -> str:
    """The rows below each other."""
    cells = [("file", "language", "built", "same digest"), *(row[:4] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return "\n".join(
        "  ".join([*(f"{it:<{n}}" for it, n in zip(row, widths, strict=False)), row[3]])
        for row in cells
    )


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build every component again, and compare.")
    parser.add_argument("--check", action="store_true", help="write nothing")
    write = not parser.parse_args(words).check
    why = found_here(TOOLCHAINS)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for job in jobs(Path(folder)):
            rows.append(run(job, why[job.language], write=write))
            print(f"guests: {rows[-1].file}: {rows[-1].outcome}", flush=True)
    if write:
        build.keep_record({row.file for row in rows if row.same in {"yes", "NO"}})
        build_kits.keep_record({row.file for row in rows if row.same in {"yes", "NO"}})
    print(table(rows))
    wrong = sum(row.wrong for row in rows)
    if wrong:
        rest = "; what differs was written" if write else ""
        print(f"guests: {wrong} of {len(rows)} are not what lay here{rest}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
