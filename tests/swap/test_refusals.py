"""What does not fit is refused in one message, and nothing is changed by it."""

from __future__ import annotations

import pytest

from tests.swap.conftest import TESTING, go, starts, states, world_of
from wasm_engine.concepts.errors import BadComponent, Misuse

PROBE = TESTING / "probe"


@pytest.fixture(scope="module")
def run(parts):
    with world_of(parts, "wrong").begin(inputs=starts(10)) as run:
        go(run, 8)
        yield run


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no-exports", "is no agent: it exports neither"),
        ("unknown-import", "wants the import"),
        ("wrong-type", "the contract says"),
        ("core-module", "core"),
        ("init-trap", "fails as it begins"),
    ],
)
def test_a_component_that_does_not_fit_the_world(run, name, said):
    chain, file = run.file.chain, PROBE / f"{name}.wasm"
    with pytest.raises(BadComponent) as refused:
        run.swap("tokenizer", file)
    text = str(refused.value)
    assert said in text
    assert str(file) in text
    assert "tokenizer was left as it is" in text
    assert "\n  " in text  # and what to do
    assert (run.file.chain, run.kinds.replaced) == (chain, [])


def test_a_component_that_was_built_for_another_version_of_the_contract(run, parts, tmp_path):
    file = tmp_path / "later.wasm"
    wasm = (parts / "tokenizer.wasm").read_bytes()
    file.write_bytes(
        wasm.replace(b"wasm-engine:agent/handler@0.1.0", b"wasm-engine:agent/handler@0.2.0")
    )
    with pytest.raises(
        BadComponent, match=r"built for wasm-engine:agent/handler@0\.2\.0"
    ) as refused:
        run.swap("tokenizer", file)
    assert "build it again" in refused.value.hint


def test_what_is_there_already_what_there_is_not_and_kinds_that_are_none(run, parts, tmp_path):
    for kind, file, said in (
        ("tokenizer", parts / "tokenizer.wasm", "run that already"),
        ("tokenizer", tmp_path / "none.wasm", "cannot read"),
        ("tokeniser", parts / "tokenizer-again.wasm", "no kind 'tokeniser'"),
    ):
        with pytest.raises(Misuse, match=said):
            run.swap(kind, file)
    with pytest.raises(Misuse, match="keep-old"):
        run.swap("tokenizer", parts / "tokenizer-again.wasm", keep_old=-1)


def test_verify_names_the_first_thing_that_is_done_otherwise(run, parts):
    chain = run.file.chain
    with pytest.raises(Misuse) as refused:
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", verify=True)
    assert refused.value.code == "swap-differs"
    text = str(refused.value)
    assert "step 2, agent 'tokenizer/3'" in text
    assert "send 0" in text
    assert "'10'" in text
    assert (run.file.chain, run.kinds.replaced) == (chain, [])


def test_verify_lets_pass_what_does_the_same_in_another_way(parts, tmp_path):
    file = tmp_path / "verified.run"
    with world_of(parts, "trap").begin(file, inputs=starts(20)) as run:
        go(run, 5)
        run.swap("tokenizer", parts / "tokenizer-again.wasm", verify=True)  # the same code
        go(run, 4)
        run.swap("tokenizer", parts / "tokenizer-next.wasm", verify=True)  # keeps it otherwise
        go(run, 4)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm", keep_old=9)
        assert states(run)[0] == {"total": "words 6"}
        go(run, 4)


def test_after_one_was_taken_back_what_follows_is_verified(parts, tmp_path):
    file = tmp_path / "after.run"
    with world_of(parts, "trap").begin(file, inputs=starts(20)) as run:
        go(run, 5)
        run.swap("tokenizer", parts / "tokenizer-odd.wasm")
        go(run, 1)
        run.execution.checkpoints.make()
        go(run, 4)
        run.swap("tokenizer", parts / "tokenizer-again.wasm", verify=True)
        go(run)
        assert states(run)[0] == {"count": "21"}
