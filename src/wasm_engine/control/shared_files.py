"""What a world's writable mounts hold, as of any step; and a copy of it, in a new folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import whole
from wasm_engine.control.replays import go_to, open_at
from wasm_engine.control.reports import Report
from wasm_engine.control.step_entries import last_step, require_step
from wasm_engine.host.new_folder import Planted, write_new_folder
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world import Run
from wasm_engine.world.services import Shown, shown_files


@dataclass(frozen=True, slots=True)
class FileRow(Report):
    """A file or folder of a writable mount.

    Attributes:
        mount: The mount's name.
        path: Where it is in that.
        kind: `file` or `directory`.
        size: Bytes of contents.
        modified: When it was last written, nanoseconds of world time; or as an agent set it.
        sha256: Digest of the contents (hexadecimal); empty for a directory.
    """

    mount: str
    path: str
    kind: str
    size: int
    modified: int
    sha256: str


@dataclass(frozen=True, slots=True)
class MountRow(Report):
    """A writable mount.

    Attributes:
        name: What it is called.
        at: Where agents see it.
        files: Files and directories in it.
        max_files: How many there may be.
        bytes: What they hold.
        quota: How many bytes they may hold.
    """

    name: str
    at: str
    files: int
    max_files: int
    bytes: int
    quota: int


@dataclass(frozen=True, slots=True)
class FilesReport(Report):
    """What the writable mounts of a run hold.

    Attributes:
        world: The world's name.
        run: Identity of the run.
        step: As of the end of which step.
        steps: How many steps the run holds.
        mounts: The mounts, by name.
        files: What is in them, mount by mount, in the order of their paths.
        out: The folder that all of it was copied to; null where nothing was.
    """

    world: str
    run: str
    step: int
    steps: int
    mounts: tuple[MountRow, ...]
    files: tuple[FileRow, ...]
    out: str | None = None


def files(
    file: str | Path,
    *,
    step: int | None = None,
    mount: str | None = None,
    out: str | Path | None = None,
    observer: Observer = UNOBSERVED,
) -> FilesReport:
    """Lists what agents keep in writable mounts, and copies it into a new folder.

    The run is executed again, offline, up to the step; neither the file nor the folders that the
    mounts began with are changed.

    Args:
        file: The run.
        step: As of the end of which step; the last one if not given.
        mount: Only this mount.
        out: A folder that is not there yet: each mount becomes a folder in it, by its name. Files
            are copied for nobody but their owner to read, without their times.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or damaged.
        Misuse: There is no such step or mount, or the folder is there already.
        ReplayDivergence: The run does not replay.

    Example:
        >>> [(row.path, row.size) for row in files("kept.run").files]
        []
    """
    if step is not None:
        whole("step", step, 0)
    with RunFile.open(Path(file), verify="all") as held:
        last = last_step(held)
        if step is not None:
            require_step(held, file, step, last)
    wanted = last if step is None else step
    with open_at(file, wanted, observer=observer) as run:
        go_to(run, wanted, observer)
        held_in = _mounts(run, file, mount)
        if out is not None:
            write_new_folder(Path(out), _planted(held_in))
        return FilesReport(
            world=run.manifest.world.name,
            run=run.file.run_id,
            step=wanted,
            steps=last,
            mounts=tuple(row for row, _ in held_in),
            files=tuple(_row(row.name, it) for row, found in held_in for it in found),
            out=None if out is None else str(out),
        )


def _mounts(run: Run, file: str | Path, only: str | None) -> list[tuple[MountRow, list[Shown]]]:
    """The mounts that are asked for, and what is in each."""
    shown = shown_files(run.execution.scheduler.world.services)
    if only is not None and only not in shown:
        there = ", ".join(shown) or "none"
        raise Misuse(f"{file}: {only!r} is no writable mount of it; there are: {there}")
    found = []
    for it in run.manifest.mounts:
        if it.name in shown and only in {None, it.name}:
            rows = sorted(shown[it.name], key=lambda row: row.path)
            size = sum(row.size for row in rows)
            mount = MountRow(it.name, it.at, len(rows), it.max_files, size, it.quota)
            found.append((mount, rows))
    return found


def _row(mount: str, it: Shown) -> FileRow:
    kind = "directory" if it.read is None else "file"
    digest = "" if it.read is None else sha256_hex(it.read())
    return FileRow(mount, it.path, kind, it.size, it.modified, digest)


def _planted(mounts: list[tuple[MountRow, list[Shown]]]) -> Iterator[Planted]:
    for mount, rows in mounts:
        yield mount.name, None
        for row in rows:
            yield f"{mount.name}/{row.path}", row.read
