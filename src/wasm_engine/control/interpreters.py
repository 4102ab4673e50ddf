"""The components that run `.py` and `.js` agents: shown, built, passed on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.reports import Report
from wasm_engine.toolchain.interpreter import LANGUAGES, Interpreter, Language, installed

__all__ = ["LANGUAGES", "InterpreterReport", "build", "export", "import_from", "show"]


@dataclass(frozen=True, slots=True)
class InterpreterReport(Report):
    """An interpreter: SHA-256 of its bytes, their number, where it is kept. Null: there is none."""

    digest: str | None
    size: int | None
    file: str | None


def show(language: Language = "python") -> InterpreterReport:
    """The interpreter that is used where a manifest pins no other."""
    found = installed(language).current()
    return InterpreterReport(None, None, None) if found is None else _report(found)


def build(language: Language = "python", *, observer: Observer = UNOBSERVED) -> InterpreterReport:
    """Builds one if there is none; answers the current one.

    Raises:
        Misuse: What builds it is not installed.
        HostFault: The build failed.
    """
    return _report(installed(language).build(observer.note))


def export(file: Path, language: Language = "python") -> InterpreterReport:
    """Writes the current one to a new file.

    Raises:
        Misuse: There is none, or the file cannot be written.
    """
    return _report(installed(language).export(file))


def import_from(file: Path, language: Language = "python") -> InterpreterReport:
    """Makes the one in a file the current one.

    Raises:
        Misuse: It is none, or was built from other sources.
    """
    return _report(installed(language).import_from(file))


def _report(found: Interpreter) -> InterpreterReport:
    return InterpreterReport(found.digest, found.size, str(found.file))
