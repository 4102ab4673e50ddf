"""The component that runs `.py` agents: shown, built, passed on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.reports import Report
from wasm_engine.toolchain.interpreter import Interpreter, installed


@dataclass(frozen=True, slots=True)
class InterpreterReport(Report):
    """An interpreter: SHA-256 of its bytes, their number, where it is kept. Null: there is none."""

    digest: str | None
    size: int | None
    file: str | None


def show() -> InterpreterReport:
    """The interpreter that is used where a manifest pins no other."""
    found = installed().current()
    return InterpreterReport(None, None, None) if found is None else _report(found)


def build(*, observer: Observer = UNOBSERVED) -> InterpreterReport:
    """Builds one if there is none; answers the current one.

    Raises:
        Misuse: What builds it is not installed.
        HostFault: The build failed.
    """
    return _report(installed().build(observer.note))


def export(file: Path) -> InterpreterReport:
    """Writes the current one to a new file.

    Raises:
        Misuse: There is none, or the file cannot be written.
    """
    return _report(installed().export(file))


def import_from(file: Path) -> InterpreterReport:
    """Makes the one in a file the current one.

    Raises:
        Misuse: It is none, or was built from other sources.
    """
    return _report(installed().import_from(file))


def _report(found: Interpreter) -> InterpreterReport:
    return InterpreterReport(found.digest, found.size, str(found.file))
