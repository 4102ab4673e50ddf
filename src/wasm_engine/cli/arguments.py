"""The verbs and their options, and nothing that takes time to load."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from wasm_engine.cli.verbs import (
    answer,
    bisect,
    check,
    compact,
    component,
    demo,
    diff,
    export,
    files,
    fork,
    import_,
    inspect,
    interpreter,
    keys,
    lock,
    model,
    new,
    pending,
    policy,
    replay,
    resume,
    run,
    secret,
    send,
    sign,
    swap,
    tools,
    verify,
)
from wasm_engine.concepts.errors import Misuse

VERBS = (
    demo, new, check, run, resume, send, pending, answer, replay, inspect, files, bisect, fork,
    diff, swap, compact, export, import_, policy, lock, sign, verify, keys, secret, component,
    model, tools, interpreter,
)  # fmt: skip

EPILOG = """\
exit status: 0 done, 1 dead letters, 2 bad usage or input, 3 replay diverged, 4 refused,
5 the machine failed the world (resume goes on), 130 interrupted (resume goes on)"""


class Usage(Misuse):
    """Arguments that do not fit the verb."""

    code = "usage"


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of exiting, so that there is one way to fail."""

    def error(self, message: str) -> NoReturn:
        """Raises Usage."""
        raise Usage(message, hint=f"{self.prog} --help says more")


class _Version(argparse.Action):
    """Prints our version and the engine's."""

    def __call__(self, parser: argparse.ArgumentParser, *_rest: Any) -> None:
        """Prints and exits."""
        from importlib import metadata

        ours, engine = metadata.version("wasm-engine"), metadata.version("wasmtime")
        parser.exit(message=f"wasm-engine {ours} (wasmtime {engine})\n")


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line."""
    top = Parser(
        prog="wasm-engine",
        description="Agents as WebAssembly components: sandboxed, deterministic, replayable.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    top.add_argument("--version", action=_Version, nargs=0, help="print versions and exit")
    verbs = top.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        verb.add(verbs)
    return top
