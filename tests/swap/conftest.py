"""Worlds in which feeders send numbers to and fro with tokenizers, which are swapped meanwhile."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.homes import live_in
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World

TESTING = Path(__file__).parents[2] / "guests/testing"
NAMES = ("ping", "tokenizer", "tokenizer-next", "tokenizer-odd", "scripted", "swapper")


@pytest.fixture(scope="session", autouse=True)
def _private_home(tmp_path_factory):
    """Keeps what this machine remembers of runs out of the developer's own folders."""
    with pytest.MonkeyPatch.context() as patch:
        live_in(patch, tmp_path_factory.mktemp("home"))
        yield


@pytest.fixture(scope="session")
def parts(tmp_path_factory) -> Path:
    """A folder with the components; `X-again.wasm` is X with another digest."""
    folder = tmp_path_factory.mktemp("parts")
    for name in NAMES:
        wasm = (TESTING / name / f"{name}.wasm").read_bytes()
        (folder / f"{name}.wasm").write_bytes(wasm)
        (folder / f"{name}-again.wasm").write_bytes(renamed(wasm, b"again"))
    trap = TESTING / "probe" / "init-trap.wasm"
    (folder / trap.name).write_bytes(trap.read_bytes())
    return folder


def renamed(wasm: bytes, name: bytes) -> bytes:
    """The same component under another digest: with a custom section more."""
    return wasm + bytes([0, len(name) + 1, len(name)]) + name


TOKENIZERS = 3


def world_of(parts: Path, config: str = "", **kind: Any) -> World:
    """A world of three tokenizers and as many feeders."""
    tokenizer = {"source": "tokenizer.wasm", "count": TOKENIZERS, **kind}
    if config:
        tokenizer["config"] = {"odd": config}
    agents = {"feeder": {"source": "ping.wasm", "count": TOKENIZERS}, "tokenizer": tokenizer}
    return World.from_mapping({"agents": agents}, parts)


ALTERNATIVES = {
    "again": "tokenizer-again.wasm",
    "broken": "init-trap.wasm",
    "next": "tokenizer-next.wasm",
    "odd": "tokenizer-odd.wasm",
}


def asked_world(config: str = "", **swapper: Any) -> dict[str, Any]:
    """The tables of a world like that, with an agent that swaps as it is told, itself too."""
    told = {"config": {"odd": config}} if config else {}
    return {
        "agents": {
            "feeder": {"source": "ping.wasm", "count": TOKENIZERS},
            "tokenizer": {
                "source": "tokenizer.wasm",
                "count": TOKENIZERS,
                "alternatives": ALTERNATIVES,
                **told,
            },
            "swapper": {
                "source": "swapper.wasm",
                "grants": ["swap:swapper", "swap:tokenizer"],
                "alternatives": {"again": "swapper-again.wasm"},
                **swapper,
            },
        }
    }


def order(run: Run, topic: str, body: str, to: str = "swapper") -> None:
    """Tells a swapper something."""
    assert run.execution.receive(to, topic, ("text", body), []) is None


def said(run: Run, by: str = "swapper") -> list[str]:
    """What it was answered, line by line."""
    return str(run.execution.scheduler.world.agents[by].state.get("said", "")).splitlines()


def starts(rounds: int) -> list[tuple[str, str, Any]]:
    """What sets the feeders going: each sends so many numbers to its tokenizer and back."""
    told = f"{rounds} tokenizer/"
    return [(f"feeder/{i}", "start", ("text", f"{told}{i}")) for i in range(1, TOKENIZERS + 1)]


def go(run: Run, steps: int | None = None) -> str:
    """Runs so many steps, or to the end."""
    return run.execution.go(Until(max_steps=steps))


def states(run: Run, kind: str = "tokenizer") -> list[dict[str, Any]]:
    """What agents of a kind keep."""
    agents = run.execution.scheduler.world.agents
    return [dict(agents[it].state) for it in sorted(agents) if it.partition("/")[0] == kind]


def replayed(file: Path, workers: int = 1) -> str:
    """Executes a run again from its beginning; how its steps came out is compared. The chain."""
    with Run.open(file, workers=workers) as run:
        run.execution.replay()
        assert run.exact
        return run.file.chain


def replayed_from_each(file: Path) -> int:
    """Executes a run again from each of its checkpoints; how many there are."""
    with RunFile.open(file) as opened:
        steps = sorted({row.step for row in opened.checkpoints()})
    for step in steps:
        with Run.open(file, at=step) as run:
            assert run.execution.scheduler.world.step == step
            run.execution.replay()
    return len(steps)


def resumed(file: Path, **how: Any) -> Run:
    """Goes on with a run from its newest checkpoint."""
    run = Run.open(file, write=True, at=LATEST, **how)
    run.execution.replay()
    return run


def told(run: Run) -> list[Any]:
    """What the steps of a run say of swaps: step, agent, operation, result."""
    from wasm_engine.journal import entries  # noqa: PLC0415
    from wasm_engine.orchestrator.swapping import ROWS  # noqa: PLC0415

    found = []
    for entry in run.file.entries(2):
        body = entries.decode(entry.kind, entry.body)
        rows = [turn for turn in getattr(body, "turns", ()) if turn.op in ROWS]
        found += [(body.step, row.agent, row.op, row.result[0]) for row in rows]
    return found


@pytest.fixture
def killed(tmp_path):
    """Leaves the file of an open run as a killed process does: with its log beside it."""

    def kill(run: Run, file: Path) -> None:
        aside = tmp_path / "aside"
        aside.mkdir(exist_ok=True)
        for beside in ("", "-wal"):
            source = file.with_name(file.name + beside)
            if source.exists():
                shutil.copyfile(source, aside / source.name)
        run.close()
        for left in file.parent.glob(file.name + "*"):
            left.unlink()
        for copy in aside.iterdir():
            copy.rename(file.with_name(copy.name))

    return kill
