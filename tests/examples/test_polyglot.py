"""The example `polyglot`: one document through six languages, any of which may do any's work."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from wasm_engine.control import building, inspection, runs
from wasm_engine.control.orders import Pace

FOLDER = Path(__file__).parents[2] / "examples/polyglot"
PYTHON = "scribe.py"
SIGNED = """\
Twelve chests of tea, from the harbour to the market.
archive: 10 words, document 1
bridge: 15 words, document 1
customs: 20 words, document 1
dock: 25 words, document 1
exchange: 30 words, document 1
ferry: 35 words, document 1"""

TWINS = {
    "archive": "scribe-c.wasm",
    "bridge": "scribe-rust.wasm",
    "customs": "scribe.js",
    "dock": "scribe-cpp.wasm",
    "exchange": "scribe-rust.wasm",
    "ferry": "scribe-go.wasm",
}
"""Another language for each agent."""


def played(world: Path, file: Path, **settings: Any) -> tuple[str, Any]:
    """The chain of a run, and all that its agents said to each other and to the log."""
    report = runs.run(world, file=file, **settings)
    assert (report.status, report.dead_letters) == ("idle", 0)
    wanted = inspection.Wanted(messages=True, log=True)
    seen = inspection.inspect(file, wanted=wanted)
    assert seen.log is not None
    return report.chain, (seen.messages, seen.requests, [line.text for line in seen.log])


def with_twins(folder: Path, twins: dict[str, str]) -> Path:
    """The world with other sources for some agents."""
    text = (FOLDER / "world.toml").read_text(encoding="utf-8")
    for agent, source in twins.items():
        head, mark, rest = text.partition(f"[agents.{agent}]\nsource = ")
        assert mark
        was, _, rest = rest.partition("\n")
        assert source not in was
        text = f'{head}{mark}"{source}"\n{rest}'
    for source in FOLDER.glob("scribe*"):
        if f'"{source.name}"' in text:
            shutil.copyfile(source, folder / source.name)
    (folder / "world.toml").write_text(text, encoding="utf-8")
    return folder / "world.toml"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    return played(FOLDER / "world.toml", tmp_path_factory.mktemp("original") / "a.run")


def test_the_document_comes_back_signed_by_all(original: tuple[str, Any]) -> None:
    _, (messages, requests, log) = original
    assert log == [SIGNED]
    assert [message.to for message in messages] == list(TWINS)
    assert [request.how for request in requests] == ["reply"] * 5


def test_the_chain_is_the_same_on_every_run(original: tuple[str, Any], tmp_path: Path) -> None:
    assert played(FOLDER / "world.toml", tmp_path / "b.run", pace=Pace(workers=4)) == original


@pytest.mark.parametrize("agent", TWINS)
def test_a_twin_in_another_language_says_the_same(
    agent: str, original: tuple[str, Any], tmp_path: Path
) -> None:
    # Without Python's interpreter, which takes long to load, where it is not what is replaced.
    twins = {"archive": TWINS["archive"]} | {agent: TWINS[agent]}
    chain, said = played(with_twins(tmp_path, twins), tmp_path / "c.run")
    assert said == original[1]
    assert chain != original[0]


def test_a_script_that_was_built_into_a_component_says_the_same(
    original: tuple[str, Any], tmp_path: Path
) -> None:
    report = building.build([FOLDER / "scribe.js"], out=tmp_path / "built.wasm")
    assert (report.language, report.roles) == ("JavaScript", ("handler",))
    assert report.reproducible
    world = with_twins(tmp_path, {"archive": TWINS["archive"], "ferry": "built.wasm"})
    assert played(world, tmp_path / "d.run")[1] == original[1]


def test_each_language_has_its_scribe() -> None:
    sources = {path.suffix for path in FOLDER.glob("scribe.*")}
    assert sources == {".py", ".js", ".c", ".cpp", ".rs", ".go"}
