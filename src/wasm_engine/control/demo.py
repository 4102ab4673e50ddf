"""The flagship world on real documents: it answers, contains an intruder, and replays itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from pydoc_data.topics import topics
from typing import Any

from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.concepts.errors import Bug
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import Pace, whole
from wasm_engine.control.replays import replay
from wasm_engine.control.reports import ReplayReport, Report, RunReport
from wasm_engine.control.runs import go
from wasm_engine.host.staging import staging_folder
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Input, StepBody
from wasm_engine.world import Run, World

QUESTION = "When are default parameter values evaluated?"
_PACKAGE = Path(__file__).resolve().parent.parent
_EXAMPLE = "examples/demo"
_COMPONENT = "guests/std/searcher/searcher.wasm"


@dataclass(frozen=True, slots=True)
class Probe(Report):
    """What the intruder tried, and what it got.

    Attributes:
        attempt: What it tried.
        outcome: What it got.
        contained: Whether that was nothing.
    """

    attempt: str
    outcome: str
    contained: bool


@dataclass(frozen=True, slots=True)
class Quotation(Report):
    """A passage of the answer, and the document that it is from."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class DemoReport(Report):
    """How the demonstration went; as JSON the run's report with more fields.

    Attributes:
        question: What was asked.
        answer: The text that the writer made.
        quotations: What it is made of.
        drafts: How many the checker was shown.
        sent_back: Quotations of them that were not, word for word, in their source.
        intruder: What it tried.
        run: How the run stands.
        replay: What the replay found; null where the run was stopped.
    """

    question: str
    answer: str
    quotations: tuple[Quotation, ...]
    drafts: int
    sent_back: int
    intruder: tuple[Probe, ...]
    run: RunReport
    replay: ReplayReport | None

    def as_json(self) -> dict[str, Any]:
        """The run's report, and beside it the answer, the intruder and the replay."""
        return {
            **self.run.as_json(),
            "question": self.question,
            "answer": self.answer,
            "quotations": [quotation.as_json() for quotation in self.quotations],
            "drafts": self.drafts,
            "sent_back": self.sent_back,
            "intruder": [probe.as_json() for probe in self.intruder],
            "replay": None if self.replay is None else self.replay.as_json(),
        }

    @property
    def succeeded(self) -> bool:
        """Whether there is a checked answer, the intruder got nothing, and the replay agrees."""
        identical = self.replay is not None and self.replay.identical
        contained = all(probe.contained for probe in self.intruder)
        return bool(self.quotations) and contained and identical


def demo(
    question: str | None = None,
    *,
    file: Path | None = None,
    seed: int | None = None,
    workers: int = 1,
    observer: Observer = UNOBSERVED,
) -> DemoReport:
    """Runs the demonstration on the Python language reference of this very Python.

    Args:
        question: What is asked; one about default parameter values if not given.
        file: Where the run is kept. None: for as long as the demonstration takes.
        seed: Instead of the manifest's.
        workers: Threads.
        observer: Who watches.
    """
    asked, pace = question or QUESTION, Pace(workers=workers).checked()
    if seed is not None:
        whole("seed", seed, 0)
    with staging_folder() as folder:
        lay_out(folder)
        kept = file or folder / "demo.run"
        manifest = read_manifest(folder / "world.toml")
        if seed is not None:
            manifest = manifest.with_seed(seed)
        world = World(manifest, note=observer.note)
        with world.begin(kept, workers=workers) as run:
            run.execution.receive("librarian", "question", ("text", asked), [])
            report = go(run, pace, observer)
            answer = _kept(run, "writer")
            probes, sent_back = tuple(_probes(run)), _sent_back(run)
        ended = report.status != "stopped"
        if ended:
            observer.note("replaying the run from its file alone")
        again = replay(kept, workers=workers, observer=observer) if ended else None
    return DemoReport(
        question=asked,
        answer=answer.get("answer", ""),
        quotations=tuple(Quotation(q["doc"], q["text"]) for q in answer.get("quotations", [])),
        drafts=answer.get("drafts", 0),
        sent_back=sent_back,
        intruder=probes,
        run=report,
        replay=again,
    )


def lay_out(folder: Path) -> None:
    """Puts the demonstration's world into a folder: manifest, agents, documents."""
    root = next((r for r in (_PACKAGE / "_data", _PACKAGE.parent.parent) if _has(r)), None)
    if root is None:
        message = "the demonstration's world is missing from this installation"
        raise Bug(message)
    for path in sorted((root / _EXAMPLE).glob("*.*")):
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "searcher.wasm").write_bytes((root / _COMPONENT).read_bytes())
    documents = folder / "docs"
    documents.mkdir()
    for name, text in sorted(topics.items()):
        (documents / f"{name}.txt").write_text(text, encoding="utf-8")


def _has(root: Path) -> bool:
    return (root / _EXAMPLE / "world.toml").is_file() and (root / _COMPONENT).is_file()


def _kept(run: Run, address: str) -> dict[str, Any]:
    """What an agent keeps, as values."""
    state = run.execution.scheduler.world.agents[address].state
    return {key: json.loads(text) for key, text in state.items() if isinstance(text, str)}


def _sent_back(run: Run) -> int:
    """How many quotations the checker refused, in all drafts together."""
    asked: set[int | None] = set()
    refused = 0
    for entry in run.file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if not isinstance(body, StepBody):
            continue
        for segment in body.segments:
            if segment.agent == "writer":
                asked.update(send.request for send in segment.sends if send.to == "checker")
        for request, _, reply in body.requests:
            if request in asked and reply is not None:
                refused += json.loads(reply[1]).count(False)
    return refused


def _probes(run: Run) -> Iterator[Probe]:
    """What the intruder was sent to do, and what came of it."""
    reports, tried = _kept(run, "intruder"), {}
    died: dict[int, str] = {}
    for entry in run.file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        if isinstance(body, Input) and body.to == "intruder":
            tried[body.id] = str(body.body[1])
        elif isinstance(body, StepBody):
            died.update({message: code for message, _, _, code in body.dead})
    for message, attempt in tried.items():
        if message in died:
            yield Probe(attempt, f"stopped: {died[message]}", contained=True)
            continue
        report = reports.get(attempt, {"got": "never ran", "escaped": True})
        yield Probe(attempt, report["got"], contained=not report["escaped"])
