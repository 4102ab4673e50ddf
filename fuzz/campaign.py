"""Fuzzes decoders, each in a process of its own that is watched, and keeps what it finds."""

from __future__ import annotations

import hashlib
import json
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, NamedTuple

from fuzz.target import SECONDS
from fuzz.worker import Now

FOUND = Path(__file__).parent / "found"
"""Where findings are put, a file of input and one of text each."""
PATIENCE = 12 * SECONDS
"""Seconds after which a process that tries the same input still is ended: it is in native code."""
_MOST_ENDS = 5
"""Processes of one decoder that may end by themselves."""


class Outcome(NamedTuple):
    """What came of a decoder.

    Attributes:
        executions: Inputs that were tried.
        accepted: Those that it let pass.
        kept: Those that did something new, and were mutated further.
        seconds: How long it took.
        findings: Files with inputs that it must not have answered so, and why.
    """

    executions: int
    accepted: int
    kept: int
    seconds: float
    findings: dict[Path, str]


def fuzz(name: str, seconds: float, seed: int, found: Path = FOUND) -> Outcome:
    """Fuzzes one decoder for so long, whatever happens to the processes in which it runs."""
    totals = {"executions": 0, "accepted": 0, "kept": 0}
    findings: dict[Path, str] = {}
    begun = monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for ends in range(_MOST_ENDS):
            left = seconds - (monotonic() - begun)
            if ends and left < 1:
                break
            watched = _Watched(name, left, seed + ends, Path(folder) / f"now{ends}")
            for row in watched.rows():
                if "finding" in row:
                    data = bytes.fromhex(row["data"])
                    findings[_keep(found, name, row["finding"], data, row["text"])] = row["finding"]
                else:
                    for key in totals:
                        totals[key] += int(row[key])
            if watched.end is None:
                break
            totals["executions"] += watched.tried
            path = _keep(found, name, watched.end, watched.last, watched.said)
            findings[path] = watched.end
    return Outcome(**totals, seconds=monotonic() - begun, findings=findings)


class _Watched:
    """A process that fuzzes, and how it ended where that was not as it should.

    Attributes:
        end: How it ended; None: well.
        last: The input that it tried last.
        tried: How many it had tried.
        said: What it said on its way.
    """

    def __init__(self, name: str, seconds: float, seed: int, now: Path) -> None:
        self.end: str | None = None
        self.last, self.tried, self.said = b"", 0, ""
        self._now = Now(now)
        command = [sys.executable, "-m", "fuzz.worker", name, str(seconds), str(seed), str(now)]
        self._command = command
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def rows(self) -> Iterator[dict[str, Any]]:
        """What it says, until it ends."""
        with tempfile.TemporaryFile("w+") as errors, self._begun(errors) as process:
            count, since = -1, monotonic()
            while True:
                try:
                    line = self._lines.get(timeout=1)
                except queue.Empty:
                    self.tried, self.last = self._now.read()
                    if self.tried != count:
                        count, since = self.tried, monotonic()
                    elif monotonic() - since > PATIENCE:
                        self.end = "no end, in native code"
                        process.kill()
                    continue
                if line is None:
                    break
                yield json.loads(line)
            code = process.wait()
            if code:
                self.tried, self.last = self._now.read()
                self.end = self.end or (f"killed by signal {-code}" if code < 0 else f"exit {code}")
                errors.seek(0)
                self.said = errors.read()[-4000:]

    @contextmanager
    def _begun(self, errors: Any) -> Iterator[subprocess.Popen[str]]:
        process = subprocess.Popen(
            self._command, stdout=subprocess.PIPE, stderr=errors, text=True, errors="replace"
        )
        reader = threading.Thread(target=self._read, args=(process,), daemon=True)
        reader.start()
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            reader.join()
            if process.stdout is not None:
                process.stdout.close()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self._lines.put(line)
        self._lines.put(None)


def _keep(found: Path, name: str, key: str, data: bytes, text: str) -> Path:
    """One pair of files for each key; the last input is the shortest."""
    found.mkdir(exist_ok=True)
    path = found / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"
    path.write_bytes(data)
    path.with_suffix(".txt").write_text(f"{key}\n\n{text}", encoding="utf-8")
    return path


def report(name: str, outcome: Outcome, say: Callable[[str], None]) -> None:
    """Says what came of a decoder, in one line and one for each finding."""
    rate = outcome.executions / max(outcome.seconds, 0.001)
    say(
        f"{name:16} {outcome.executions:>9,} executions {rate:>8,.0f}/s {outcome.accepted:>9,} "
        f"accepted {outcome.kept:>5} kept  {len(outcome.findings)} findings"
    )
    for path, key in outcome.findings.items():
        say(f"  {key}\n    again: python -m fuzz {name} --input {path}")
