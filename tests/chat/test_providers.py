"""Whoever answers: scripts, folders and servers keep one contract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.chat.model_server import serving
from tests.chat.tiny_llama import TOOLS, write_model
from wasm_engine.agents.manifest import Model
from wasm_engine.concepts.chat import CHAT, Answer
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host.outside import Cancellation
from wasm_engine.world.language_models import OutsideModels

SCRIPT = """
[[answer]]
contains = "long "
fault = { code = "context-overflow" }
[[answer]]
contains = "JSON"
content = { n = 3 }
[[answer]]
contains = "look"
role = "user"
calls = [{ name = "look", arguments = { city = "Ulm" } }]
[[answer]]
content = "aye, said the model"
"""
SCHEMA = json.dumps(
    {
        "type": "object",
        "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 99}},
        "required": ["n"],
        "additionalProperties": False,
    }
)
LOOK = ("look", "Looks.", '{"type":"object"}')


class Asking(NamedTuple):
    """Asks whoever it is, and hears what is said on the way."""

    models: OutsideModels
    heard: list[str]

    def __call__(
        self, *turns: tuple, cancellation: Cancellation | None = None, **given: object
    ) -> Answer | Err:
        """Answers."""
        said = {
            "instead": "", "turns": [*turns], "tools": [], "choice": ("free", None),
            "schema": None, "most": 16, "temperature": 0.0, "top_p": None, "top_k": None,
            "seed": 7, "stop": [], "timeout": 30 * 10**9, "context": 256, **given,
        }  # fmt: skip
        issued = Issued(1, "a", 1, 0, 0, CHAT, ("m", *said.values()), "k" * 64)
        outcome = self.models.at_once(issued)
        if outcome is None:
            outcome = self.models.perform(issued, cancellation or Cancellation())
        return outcome if isinstance(outcome, Err) else Answer.of(outcome)


def asking(model: Model, **more: object) -> Asking:
    """Whoever asks a model."""
    given: dict = {"scripts": {}, "content": lambda _: b"", "folders": {}, **more}
    models = OutsideModels([model], "world", **given)
    heard: list[str] = []
    models.heard = lambda _issued, piece: heard.append(piece)
    return Asking(models, heard)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A machine of its own."""
    folder = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WASM_ENGINE_HOME", str(folder))
        yield folder


def policy(home: Path, url: str, more: str = "") -> None:
    """What the operator of that machine says."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config/policy.toml").write_text(f'[servers.local]\nurl = "{url}"\n{more}')


def folder_of(home: Path) -> str:
    """The tiny model's."""
    folder = home / "tiny"
    return str(folder if folder.exists() else write_model(folder, template=TOOLS))


@pytest.fixture(params=["script", "server", "folder"], scope="module")
def ask(request: pytest.FixtureRequest, home: Path) -> Iterator[Callable[..., Answer | Err]]:
    """One of the three."""
    if request.param == "script":
        scripts = {"m": SCRIPT.encode()}
        yield asking(Model("m", script="m.toml"), scripts=scripts)
    elif request.param == "server":
        with serving() as server:
            policy(home, server.url)
            yield asking(Model("m", server="local"))
    else:
        yield asking(Model("m", folder="tiny"), folders={"m": folder_of(home)})


USER = ("user", "hello", [], None)


def test_it_answers_and_says_what_it_cost(ask):
    found = ask(USER)
    assert isinstance(found, Answer)
    assert found.content
    assert found.finish in {"stop", "length"}
    assert found.prompt > 0
    assert 0 < found.answer <= 16
    assert "".join(ask.heard).endswith(found.content)


def test_the_same_question_has_the_same_answer(ask):
    assert ask(USER, temperature=1.0) == ask(USER, temperature=1.0)


def test_it_has_at_most_so_many_tokens(ask):
    found = ask(USER, most=2, temperature=1.0)
    assert (found.answer, found.finish) == (2, "length")
    assert len(found.content) < len(ask(USER, most=5, temperature=1.0).content)


def test_it_ends_before_what_it_must_not_say(ask):
    whole = ask(USER, temperature=1.0).content
    stop = whole[3:5]
    found = ask(USER, stop=[stop], temperature=1.0)
    assert found.content == whole[: whole.index(stop)]
    assert found.finish == "stop"


def test_it_is_held_to_a_schema(ask):
    found = ask(("user", "JSON", [], None), schema=SCHEMA, most=64)
    assert found.wrong == ""
    assert 0 <= json.loads(found.content)["n"] <= 99


def test_an_answer_that_is_cut_does_not_fit(ask):
    found = ask(("user", "JSON", [], None), schema=SCHEMA, most=1)
    assert found.wrong == (
        "the answer: it is not JSON (it was cut at the most tokens that it may have)"
    )


def test_it_calls_what_it_has_to(ask):
    found = ask(("user", "look", [], None), tools=[LOOK], choice=("named", "look"), most=200)
    assert found.finish == "calls"
    (call,) = found.calls
    assert call.name == "look"
    assert isinstance(json.loads(call.arguments), dict)
    turns = [("assistant", "", [tuple(call_parts(call))], None), ("tool", "seen", [], call.id)]
    again = ask(("user", "look", [], None), *turns, tools=[LOOK], choice=("none", None))
    assert again.content
    assert not again.calls


def call_parts(call):
    return call.id, call.name, call.arguments


def test_what_is_too_long_is_told(ask):
    found = ask(("user", "long " * 300, [], None))
    assert isinstance(found, Err)
    assert found.payload[0] == "context-overflow"


def test_nobody_waits(ask, request):
    if request.node.callspec.params["ask"] == "script":  # its answer is there at once
        return
    cancellation = Cancellation()
    cancellation.cancel()
    found = ask(USER, cancellation=cancellation)
    assert isinstance(found, Err)
    assert found.payload[0] == "cancelled"
