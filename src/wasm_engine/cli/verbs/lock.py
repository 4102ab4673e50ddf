"""`lock`: what a world is made of, noted beside its manifest, for `run` and `check` to hold to."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import counted, escape
from wasm_engine.cli.verb import Verbs, add_allow, add_verb

ABOUT = """\
Write world.lock beside world.toml: SHA-256 of all that the world is made of.

That is each kind's component or .py file, the interpreter, tools with what each of their functions
is, models with all of their bytes, files of instructions, and what agents can see of mounted
folders. From then on `run` and `check` refuse (exit status
4) a world that is made of anything else, with both digests. The manifest's own text is not locked:
it is yours to change."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "lock", act, ABOUT)
    parser.add_argument("world", metavar="WORLD.toml", type=Path, help="the world's manifest")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; refuse a lock that differs"
    )
    parser.add_argument(
        "--no-mounts",
        action="store_true",
        help="leave out mounted folders: what is in them changes",
    )
    add_allow(parser)


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Locks it."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.locks import lock
    from wasm_engine.control.verdicts import beside_of

    report = lock(
        arguments.world,
        check=arguments.check,
        mounts=not arguments.no_mounts,
        allow=arguments.allow,
        observer=Watch(console),
    )
    name = escape(report.file)
    if report.written:
        console.print(f"wrote {name}")
    else:
        console.print(f"{name}: {console.paint('green', 'the world is made of what it says')}")
    mounts = "mounts not" if report.mounts is None else counted(report.mounts, "mount")
    for count, word in (
        (report.instructions, "instructions file"),
        (report.models, "model"),
        (report.tools, "tool"),
    ):
        if count:
            mounts = f"{counted(count, word)}, {mounts}"
    console.print(f"  {counted(report.kinds, 'kind')}, {mounts} locked; sha256:{report.digest}")
    signature = beside_of(Path(report.file))
    if report.written and signature.exists():
        console.note(f"{escape(str(signature))} was of another lock: sign it again")
    console.result(report.as_json())
    return 0
