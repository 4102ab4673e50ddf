"""Compilers: found, run in an environment of their own, and heard where they complain."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.host.environment import variable

Note = Callable[[str], None]
"""Told what takes a while."""
_SHOWN_LINES = 60


class Task(NamedTuple):
    """What is to be built.

    Attributes:
        sources: The files that were named; the first is the one that the language was told by.
        world: `agent`, `pure-agent` or `command`.
        folder: A folder to work in, gone afterwards.
        note: Told what takes a while.
    """

    sources: tuple[Path, ...]
    world: str
    folder: Path
    note: Note


def missing(language: str, what: str, how: str) -> Misuse:
    """The compiler is not there; `how` says how to come by it."""
    message = f"building from {language} needs {what}, which is not here"
    return Misuse(message, code="no-toolchain", hint=how)


def unsupported(language: str, world: str) -> Misuse:
    """There is no kit for such a component in the language."""
    message = f"there is no kit for the world {world!r} in {language}"
    return Misuse(message, code="no-kit", hint="docs/languages.md lists what there is")


def on_path(name: str) -> str | None:
    """A program, beside the running Python or on the search path."""
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.is_file() else shutil.which(name)


def run(language: str, command: Sequence[str], folder: Path, **settings: str) -> str:
    """Runs a compiler, and answers what it printed.

    Args:
        language: For messages.
        command: The program, by absolute path, and its arguments.
        folder: Where it runs.
        settings: Its environment, beside the search path and the home.

    Raises:
        Misuse: It would not compile this; the message is the compiler's own.
        HostFault: It cannot be started.
    """
    environment = {name: variable(name) for name in ("PATH", "HOME") if variable(name)}
    # Below the folder, not the folder: Go takes what lies right in it for rubbish.
    rubbish = folder / "rubbish"
    rubbish.mkdir(exist_ok=True)
    environment |= {"TMPDIR": str(rubbish), "LC_ALL": "C", **settings}
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        message = f"cannot start {command[0]}: {error.strerror}"
        raise HostFault(message) from error
    printed = (done.stdout + done.stderr).decode(errors="replace")
    if done.returncode != 0:
        lines = printed.strip().splitlines()
        if len(lines) > _SHOWN_LINES:
            lines[_SHOWN_LINES:] = [f"... and {len(lines) - _SHOWN_LINES} lines more"]
        message = f"this {language} does not compile:\n" + "\n".join(lines)
        raise Misuse(message, code="does-not-compile")
    return printed
