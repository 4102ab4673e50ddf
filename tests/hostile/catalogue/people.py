"""People: nobody asks those that it was not granted, or answers in their place."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.hostile.catalogue.acts import PYTHON, deed, python
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene, Words
from tests.hostile.catalogue.seen import kept
from wasm_engine.cli.terminal import escape
from wasm_engine.concepts.errors import EngineError
from wasm_engine.control import people
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import World

EVIL, CLERK = "evil", "clerk"
_HELP = "ask('helper', 'do', '1')"
_WITHDRAWN = f"q = human.start_ask('owner', 'may I?')\n{_HELP}\nq.cancel()\ngot = q.outcome().code"
_CONTROL = Control("human:owner; withdrawn", python(CLERK, _WITHDRAWN), "cancelled")
_ROLES = {
    "other": "boss", "upper-case": "Owner", "space": "owner ", "nul": "owner\0", "wildcard": "*",
    "operator": "operator", "empty": "", "homoglyph": "\u043ewner", "bidi": "owner\u202e",
    "path": "owner/../boss",
}  # fmt: skip
_LARGE = {
    "question": "'x' * 5000",
    "choices": "'x', choices=[str(n) for n in range(65)]",
    "choice": "'x', choices=['y' * 300]",
}
_NUMBERS = "[owner << 32 | n for owner in range(24) for n in range(1, 4)]"
_FORGED = {
    "take": ("takes answers that others were given", "_host.take_answer(n)"),
    "take-decision": ("takes decisions that others were given", "_host.take_decision(n)"),
    "reply": ("answers in the place of a person",
              "messaging.reply_to(n, types.Body_Text('yes'))"),
}  # fmt: skip


def _forged(name: str) -> Attack:
    tries, code = _FORGED[name]
    order = (
        f"for _ in range(3): {_HELP}\n"
        "from wasm_agent.contract import human as _host\n"
        "from wit_world.imports import messaging, wasm_engine_agent_types as types\nsaid = set()\n"
        f"for n in {_NUMBERS}:\n"
        f" try: said.add(repr({code}))\n"
        " except Exception as error: said.add(getattr(getattr(error, 'value', error), 'code', 'error'))\n"
        "got = ' '.join(sorted(said))"
    )
    # While the question is open: with nothing else to do the world would wait for a person.
    held = f"q = human.start_ask('owner', 'held?')\nfor _ in range(12): {_HELP}\nq.cancel()"
    act = Act(EVIL, ((("asker", "do", held), ("", "do", order)),), kept)
    return Attack(f"forged-{name}", tries, act, "unknown-request | request-closed", _CONTROL)


_GUESTS = [
    Attack("without-grant", "asks a person without a grant",
           python(EVIL, "human.ask('owner', 'may I?')"), "not-granted", _CONTROL),
    Attack("approve-without-grant", "lays something before a person without a grant",
           python(EVIL, "human.approve('owner', 'all of it')"), "not-granted", _CONTROL),
    *(
        Attack(f"role-{label}", f"asks the role {ascii(name)[1:-1]}",
               python(CLERK, f"human.ask({name!r}, 'may I?')"),
               "not-granted | invalid-name", _CONTROL)
        for label, name in _ROLES.items()
    ),
    *(
        Attack(f"large-{label}", f"asks with more than fits ({label})",
               python(CLERK, f"human.start_ask('owner', {code}).cancel()"),
               "too-large | invalid-request", _CONTROL)
        for label, code in _LARGE.items()
    ),
    Attack("large-details", "lays 100 KiB before a person",
           python(CLERK, "human.start_approve('owner', 'x', details='y' * 100_000).cancel()"),
           "too-large", _CONTROL),
    Attack("flood", "asks 65 things at once",
           python(CLERK, "for n in range(65): human.start_ask('owner', str(n))"), "effects", _CONTROL),
    *map(_forged, _FORGED),
]  # fmt: skip


_ASK = "human.ask('owner', '\\x1b[2JWhich?\\u202e', choices=['yes', 'no'])"
_OFFICE: list[bytes] = []
"""A run in which somebody is asked, as long as its scene is played."""


@contextmanager
def _asking(folder: Path) -> Iterator[Words]:
    """A run that waits for a person."""
    file = folder / "office.run"
    agents = {"clerk": {**PYTHON, "grants": ["human:owner"]}}
    world = World.from_mapping({"world": {"name": "office"}, "agents": agents}, folder)
    with world.begin(file) as run:
        run.execution.receive("clerk", "do", ("text", _ASK), [])
        run.execution.go(Until(max_steps=20))
    _OFFICE.append(file.read_bytes())
    yield {}
    _OFFICE.clear()


def _office(answer: Callable[[Path, Any], object]) -> str:
    """What comes of it when somebody plays the person."""
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "office.run"
        file.write_bytes(_OFFICE[0])
        file.chmod(0o600)
        (question,) = people.pending(file).questions
        try:
            answer(file, question)
        except EngineError as error:
            return error.code
        return "answered"


def _said(text: str, **more: Any) -> Callable[[Path, Any], object]:
    return lambda file, question: people.answer(file, question.number, text, **more)


def _other_number(file: Path, question: Any) -> None:
    people.answer(file, question.number + 1, "yes")


def _twice(file: Path, question: Any) -> None:
    people.answer(file, question.number, "yes")
    people.answer(file, question.number, "no")


_ANSWERED = Control("one of the choices", deed(lambda: _office(_said("yes"))), "answered")
_ANSWERS = {
    "other-choice": ("answers what is none of the choices", _said("maybe"), "bad-answer"),
    "homoglyph": ("answers what looks like a choice", _said("\u0443es"), "bad-answer"),
    "space": ("answers a choice and a space", _said("yes "), "bad-answer"),
    "decision": ("decides where a text is wanted", _said("yes", approved=True), "bad-answer"),
    "large": ("answers with 100 KiB", _said("y" * 100_000), "bad-answer"),
    "surrogate": ("answers with half a character", _said("\ud800"), "bad-answer"),
    "name": (
        "answers in a name that orders a terminal about",
        _said("yes", by="\x1b[2J"),
        "bad-answer",
    ),
    "other-number": ("answers what was not asked", _other_number, "no-question"),
    "twice": ("answers twice", _twice, "no-question"),
}


def _shown() -> str:
    said: list[str] = []
    _office(lambda _, question: said.append(question.question))
    shown = escape(said[0])
    return "shown by escapes" if shown.isprintable() and shown != said[0] else shown


_ACCOMPLICES = [
    *(
        Attack(f"answer-{name}", tries, deed(lambda how=how: _office(how)), must, _ANSWERED)
        for name, (tries, how, must) in _ANSWERS.items()
    ),
    Attack("question-terminal", "asks what orders a terminal about", deed(_shown),
           "shown by escapes", _ANSWERED),
]  # fmt: skip
SCENES = [
    Scene(
        "people",
        _GUESTS,
        {
            EVIL: PYTHON,
            CLERK: {**PYTHON, "grants": ["human:owner"]},
            "asker": {**PYTHON, "count": 1, "grants": ["human:owner"]},
            "helper": {**PYTHON, "count": 1},
        },
        most=1 << 30,
    ),
    Scene("people", _ACCOMPLICES, {}, around=_asking, most=1 << 30),
]
