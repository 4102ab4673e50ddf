"""What becomes of runs that are kept: made shorter, told to other programs, and had back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import whole
from wasm_engine.control.reports import Report
from wasm_engine.journal import exporting, importing
from wasm_engine.journal.checkpoints import CheckpointRow
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world import Run
from wasm_engine.world.run import LATEST


@dataclass(frozen=True, slots=True)
class CompactReport(Report):
    """A run without its distant past.

    Attributes:
        world: Name of the world.
        run: The run's id, hexadecimal; the same.
        step: The last step that was left out: what follows it can be replayed.
        left_out: How many entries were.
        chain: Head of the hash chain, hexadecimal; the same.
        bytes: What the new file takes.
        bytes_before: What the old one does.
    """

    world: str
    run: str
    step: int
    left_out: int
    chain: str
    bytes: int
    bytes_before: int


@dataclass(frozen=True, slots=True)
class ExportReport(Report):
    """A run as lines of JSON.

    Attributes:
        world: Name of the world.
        run: The run's id, hexadecimal.
        redacted: Whether what is private was left out.
        entries: How many entries there are.
        chain: Head of the hash chain, hexadecimal.
        bytes: What the lines take.
    """

    world: str
    run: str
    redacted: bool
    entries: int
    chain: str
    bytes: int


@dataclass(frozen=True, slots=True)
class ImportReport(Report):
    """An exported run that was had back, or only looked at.

    Attributes:
        run: The run's id, hexadecimal.
        redacted: Whether what is private was left out.
        entries: How many entries there are.
        chain: Head of the hash chain, hexadecimal; computed from what was read.
    """

    run: str
    redacted: bool
    entries: int
    chain: str


def compact(
    file: str | Path,
    out: str | Path,
    *,
    step: int | None = None,
    observer: Observer = UNOBSERVED,
) -> CompactReport:
    """Makes a file of the same run that begins at a checkpoint; what led to it is left out.

    The old file stays as it is. The new one is gone on with, replayed and looked at from the
    checkpoint on; what was before cannot be had from it again.

    Args:
        file: The run.
        out: Where the new file is kept; there must be nothing yet.
        step: Leave out no step after this one. If not given: as many as can be.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or damaged, or there is something at `out`.
        Misuse: It has no checkpoint that this engine can begin with.
    """
    if step is not None:
        whole("step", step, 0)
    source, target = Path(file), Path(out)
    with RunFile.open(source, verify="all") as run:
        row = _anchor(source, run, LATEST if step is None else step, observer)
        first = sum(1 for entry in run.entries() if entry.n <= row.n)
        with run.compact_to(target, row) as short:
            kept = sum(1 for entry in short.entries() if entry.n <= row.n)
            chain = short.chain
        return CompactReport(
            world=run.header.world,
            run=run.run_id,
            step=row.step,
            left_out=first - kept,
            chain=chain,
            bytes=target.stat().st_size,
            bytes_before=source.stat().st_size,
        )


def export(file: str | Path, out: str | Path, *, redact: bool = False) -> ExportReport:
    """Writes a run as lines of JSON (docs/run-file.md).

    Args:
        file: The run.
        out: Where; there must be nothing yet.
        redact: Put digests in place of what messages, effects, files and the manifest hold. The
            chain can be verified from what is left; the run cannot be had back.

    Raises:
        BadRunFile: It is no run file, or is damaged.
        Misuse: There is something at `out`.

    Example:
        >>> told = export("kept.run", "kept.jsonl")
        >>> import_run("kept.jsonl", "again.run").chain == told.chain
        True
    """
    with RunFile.open(Path(file), verify="all") as run:
        size = _write(Path(out), exporting.export(run, redact=redact))
        return ExportReport(run.header.world, run.run_id, redact, run.count, run.chain, size)


def import_run(file: str | Path, out: str | Path) -> ImportReport:
    """Makes a run file of an export: the same run.

    Args:
        file: The export; not redacted.
        out: Where the run is kept; there must be nothing yet.

    Raises:
        BadRunFile: It is no export, is redacted, or differs from what it says.
    """
    with (
        _lines(Path(file)) as lines,
        importing.import_run(Path(out), lines, str(file)) as run,
    ):
        return ImportReport(run.run_id, False, run.count, run.chain)


def verify_export(file: str | Path) -> ImportReport:
    """Computes the chain of an export anew, be it redacted.

    Raises:
        BadRunFile: It is no export, or differs from what it says.
    """
    with _lines(Path(file)) as lines:
        first = importing.verify_lines(lines, str(file))
    return ImportReport(first.run, first.redacted, first.entries, first.chain)


def _anchor(file: Path, run: RunFile, step: int, observer: Observer) -> CheckpointRow:
    """The newest checkpoint up to a step that this engine can begin with."""
    if run.version != 2:
        raise BadRunFile(f"{file}: its format is version {run.version}, which has no checkpoints")
    with Run.open(file, at=step, note=observer.note) as world:
        position = world.execution.again.position
    for row in run.checkpoints():
        if row.n == position:
            return row
    upto = "" if step == LATEST else f" up to step {step}"
    raise Misuse(
        f"{file}: it has no checkpoint{upto} to begin with",
        hint="a run gets them as it goes on, and one when it ends",
    )


def _write(out: Path, lines: Iterable[bytes]) -> int:
    size = 0
    try:
        with out.open("xb") as file:
            try:
                for line in lines:
                    size += file.write(line)
            except BaseException:
                out.unlink(missing_ok=True)
                raise
    except FileExistsError:
        raise Misuse(f"{out}: there is something already") from None
    return size


@contextmanager
def _lines(file: Path) -> Iterator[Iterable[bytes]]:
    try:
        lines = file.open("rb")
    except OSError as error:
        raise BadRunFile(f"{file}: cannot be opened: {str(error.strerror).lower()}") from None
    with lines:
        yield lines
