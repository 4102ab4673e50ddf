"""Runs one command: arguments in, exit status out, no traceback for anybody's own mistake."""

from __future__ import annotations

import errno
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from wasm_engine.cli.arguments import parser
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape_lines
from wasm_engine.concepts.errors import Bug, EngineError, HostFault, Interrupted, Misuse
from wasm_engine.host.environment import discard_output, variable

EXIT_BUG = 70
"""EX_SOFTWARE: a fault of this program."""
EXIT_PIPE = 141
"""The reader of the output has gone, as a shell reports it."""

_MACHINE = {errno.ENOSPC, errno.EDQUOT, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.EIO}


def script() -> NoReturn:
    """The entry point that is installed as `wasm-engine`."""
    for stream in (sys.stdout, sys.stderr):
        # Text that the terminal's encoding lacks is shown as an escape, not an error.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        discard_output(sys.stdout.fileno())
        status = EXIT_PIPE
    sys.exit(status)


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit status."""
    console = Console(sys.stdout, sys.stderr, json="--json" in argv)
    try:
        arguments = parser().parse_args(argv)
        console.json = arguments.json
        status: int = arguments.act(arguments, console)
    except BrokenPipeError:
        raise
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        status = _report(console, error)
    console.flush()
    return status


def _report(console: Console, error: BaseException) -> int:
    """Says what went wrong, in one message; returns the exit status."""
    known = _as_ours(error)
    if known is None or isinstance(known, Bug):
        known = known or Bug(f"{type(error).__name__}: {error}")
        known.hint = "a fault of wasm-engine; please report it (WASM_ENGINE_DEBUG=1 shows where)"
        status = EXIT_BUG
    else:
        status = known.exit_status
    if variable("WASM_ENGINE_DEBUG"):
        console.note("".join(traceback.format_exception(error)))
    console.note(f"wasm-engine: {escape_lines(str(known))}")
    what = {"code": known.code, "message": known.args[0], "hint": known.hint}
    console.result({"error": what, "exit": status})
    return status


def _as_ours(error: BaseException) -> EngineError | None:
    """The error as one of ours; None where it is nobody's but this program's."""
    match error:
        case EngineError():
            return error
        case KeyboardInterrupt():
            return Interrupted("interrupted", hint="a run kept with --run can be resumed")
        case MemoryError():
            return HostFault("out of memory")
        case OSError() if error.errno in _MACHINE:
            return HostFault(f"the machine failed: {error}")
        case OSError() if error.filename is not None:
            return Misuse(f"{error.filename}: {error.strerror}")
    return None
