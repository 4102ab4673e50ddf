"""Plays a scene: one world in which all of its attacks are tried, among well-behaved agents."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.hostile import footprint
from tests.hostile.attack import (
    BOUNDS,
    GOOD_MESSAGES,
    GUESTS,
    attacker,
    give,
    manifest,
    told,
    undisturbed,
)
from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene, Words
from tests.hostile.catalogue.seen import Journal, Seen
from wasm_engine.host.deadlines import WATCHDOG
from wasm_engine.host.model_child import SMALLEST
from wasm_engine.host.onnx_runtime import new_session
from wasm_engine.journal import entries
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.operator import parse_policy
from wasm_engine.policy.policy import Policy
from wasm_engine.world import Run, World

AGENTS = Path(__file__).parents[1] / "agents"
MOST_STEPS = 3_000


class Result(NamedTuple):
    """What came of an attack.

    Attributes:
        attack: Which.
        got: What it got.
        control: What it got where it was allowed.
    """

    attack: Attack
    got: str
    control: str

    @property
    def escaped(self) -> bool:
        """Whether it got anything but what it must get."""
        return self.got not in self.attack.must.split(" | ")

    @property
    def shows_nothing(self) -> bool:
        """Whether it does not get it where it may, either."""
        return self.control not in self.attack.control.gets.split(" | ")


class Played(NamedTuple):
    """What came of a scene.

    Attributes:
        results: Of each attack.
        wrong: What else is not as it must be: others were disturbed, too much memory was taken.
        peak: Bytes of memory that it cost at its highest.
    """

    results: list[Result]
    wrong: list[str]
    peak: int


class Cast:
    """Who plays what: each act has an agent of its own."""

    def __init__(self, scene: Scene, words: Words) -> None:
        self.words = words
        # The same act, as a control of several attacks, is played once.
        both = (act for it in scene.attacks for act in (it.act, it.control.act))
        self.acts = list(dict.fromkeys(both))
        count = Counter(act.kind for act in self.acts if act.kind)
        self.kinds = {
            name: table if "count" in table else {**table, "count": max(count[name], 1)}
            for name, table in self.filled(scene.kinds).items()
        }
        used: Counter[str] = Counter()
        self.addresses = []
        for act in self.acts:
            used[act.kind] += 1
            alone = not act.kind or self.kinds[act.kind]["count"] == 1
            self.addresses.append(act.kind if alone else f"{act.kind}/{used[act.kind]}")
        self.numbers: list[list[int]] = [[] for _ in self.acts]

    def tell(self, run: Run, number: int) -> bool:
        """Gives a round of orders to all of them; whether there were any."""
        some = False
        for act, address, numbers in zip(self.acts, self.addresses, self.numbers, strict=True):
            for to, topic, body in act.orders[number] if number < len(act.orders) else ():
                some = True
                if not to:
                    numbers.append(run.execution.scheduler.world.last_message + 1)
                give(run, [self.filled((to or address, topic, body), address)])
        return some

    def read(self, run: Run) -> dict[Act, str]:
        """What came of each act."""
        journal = Journal.of(run)
        agents = run.execution.scheduler.world.agents
        states = {address: dict(agent.state) for address, agent in agents.items()}
        return {
            act: act.reads(self._seen(journal, states, address, numbers))
            for act, address, numbers in zip(self.acts, self.addresses, self.numbers, strict=True)
        }

    def filled(self, value: Any, address: str = "") -> Any:
        """A value in which words stand for themselves, and `<self>` for an address."""
        if isinstance(value, str):
            for word, meant in {**self.words, "self": address}.items():
                value = value.replace(f"<{word}>", meant)
        elif isinstance(value, Mapping):
            return {key: self.filled(it, address) for key, it in value.items()}
        elif isinstance(value, list | tuple):
            return type(value)(self.filled(it, address) for it in value)
        return value

    @staticmethod
    def _seen(
        journal: Journal, states: Mapping[str, Any], address: str, numbers: list[int]
    ) -> Seen:
        return Seen(
            address,
            [journal.ends.get(number, "unhandled") for number in numbers]
            or journal.endings.get(address, []),
            states.get(address, {}),
            journal.logs.get(address, []),
            [journal.spent.get(number, (0, 0)) for number in numbers],
            states,
        )


def warm() -> None:
    """Loads what is loaded once in a process: interpreter, sandbox, models, well-behaved agents."""
    undisturbed()
    new_session(SMALLEST, "cpu", 1)
    WATCHDOG.watch(0, lambda: None)
    act = python("agent", "1 + 1")
    played = play(Scene("", [Attack("", "", act, "2", Control("", act, "2"))], {"agent": PYTHON}))
    assert played.results[0].got == "2"


def play(scene: Scene) -> Played:
    """Plays it, and answers what came of each attack."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for source in AGENTS.glob("*.py"):
            shutil.copyfile(source, folder / source.name)
        (folder / "testing").symlink_to(GUESTS / "testing")
        with footprint.peak() as peak, scene.around(folder) as words:
            cast = Cast(scene, words)
            found, wrong = _run(scene, cast, folder)
            wrong += scene.wrong(words)
    results = [
        Result(attack, found[attack.act], found[attack.control.act]) for attack in scene.attacks
    ]
    if peak.extra > scene.most:
        wrong.append(f"took {peak.extra >> 20} MiB of memory, and may take {scene.most >> 20}")
    return Played(results, wrong, peak.extra)


def _run(scene: Scene, cast: Cast, folder: Path) -> tuple[dict[Act, str], list[str]]:
    tables = {name: _bounded(table) for name, table in cast.kinds.items()}
    sections = cast.filled(scene.sections)
    world = World.from_mapping(manifest(tables, **sections), folder)
    with world.begin() as run:
        if scene.policy:
            rules = parse_policy(cast.filled(scene.policy), "policy.toml")
            policy = Policy(rules.forbid, (), rules.labels)
            run.change(entries.Control("policy", [policy.plain(), []]))
        give(run, GOOD_MESSAGES)
        cast.tell(run, 0)
        status, number = run.execution.go(Until(max_steps=MOST_STEPS)), 1
        while cast.tell(run, number):
            status = run.execution.go(Until(max_steps=MOST_STEPS))
            number += 1
        good = told(run, status).good
        wrong = [] if status == "idle" else [f"ended {status}"]
        if good != undisturbed():
            wrong.append("the well-behaved agents were disturbed")
        wrong += scene.holds(
            b"".join(entry.body + (entry.detail or b"") for entry in run.file.entries())
        )
        return cast.read(run), wrong


def _bounded(table: Mapping[str, Any]) -> Mapping[str, Any]:
    return attacker(**{**BOUNDS, **table})
