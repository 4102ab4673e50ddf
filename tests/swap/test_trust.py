"""Who vouches for what is swapped in, what a policy knows of it, and what its state is labelled."""

from __future__ import annotations

import shutil

import pytest

from tests.signing.conftest import ada, home, policy
from tests.swap.conftest import go, replayed, resumed, states
from wasm_engine.concepts.errors import Refused
from wasm_engine.control.orders import Pace
from wasm_engine.control.replays import replay
from wasm_engine.control.runs import resume, run
from wasm_engine.control.runs import send as send_to
from wasm_engine.control.signing import sign
from wasm_engine.control.swap import swap
from wasm_engine.orchestrator.guard import Guard
from wasm_engine.world import World

__all__ = ["ada", "home", "policy"]

WORLD = """\
[world]
name = "words"

[agents.feeder]
source = "ping.wasm"

[agents.tokenizer]
source = "tokenizer.wasm"
config = { odd = "trap" }
"""


@pytest.fixture
def world(parts, tmp_path):
    """The world in a folder of its own, for signatures lie beside what was signed."""
    for name in ("ping", "tokenizer", "tokenizer-odd", "tokenizer-next"):
        shutil.copyfile(parts / f"{name}.wasm", tmp_path / f"{name}.wasm")
    (tmp_path / "world.toml").write_text(WORLD)
    return tmp_path / "world.toml"


def test_only_what_is_signed_is_swapped_in_and_rules_know_who_signed_what_runs(
    ada, policy, world, tmp_path
):
    rule = 'name = "ours"\nactions = ["send"]\nagents = ["tokenizer"]\nunless-signed-by = ["ada"]\n'
    wanted = 'require-signers = ["ada"]\n'
    policy(f"{wanted}[[forbid]]\n{rule}")
    for name in ("ping", "tokenizer", "tokenizer-odd"):
        sign(tmp_path / f"{name}.wasm", key="ada")
    file = tmp_path / "x.run"
    send = [("feeder", "start", "30 tokenizer")]
    assert run(world, file=file, send=send, pace=Pace(max_steps=6)).denials == 0
    chain = replay(file).chain
    with pytest.raises(Refused, match=r"tokenizer-next\.wasm .* is not signed"):
        swap(file, "tokenizer", tmp_path / "tokenizer-next.wasm")
    assert replay(file).chain == chain
    swap(file, "tokenizer", tmp_path / "tokenizer-odd.wasm")
    assert resume(file, pace=Pace(max_steps=4)).denials == 0  # and the old one is back
    policy(f"[[forbid]]\n{rule}")
    swap(file, "tokenizer", tmp_path / "tokenizer-next.wasm")
    assert resume(file).denials > 0
    assert replay(file).identical


def test_what_is_migrated_carries_all_that_it_was_made_of(parts, tmp_path, killed):
    tables = {
        "labels": {"private": {"sources": ["agent:tokenizer"]}},
        "agents": {
            "feeder": {"source": "ping.wasm"},
            "tokenizer": {"source": "tokenizer.wasm", "config": {"odd": "migrate"}},
        },
    }
    file = tmp_path / "labels.run"
    run = World.from_mapping(tables, parts).begin(
        file, inputs=[("feeder", "start", ("text", "9 tokenizer"))]
    )
    go(run, 5)
    before = dict(_guard(run).kept("tokenizer"))
    assert before == {"count": frozenset({"private"})}
    run.swap("tokenizer", parts / "tokenizer-odd.wasm")
    assert _guard(run).kept("tokenizer")["odd"] == frozenset({"private"})
    run.execution.checkpoints.make()
    killed(run, file)
    with resumed(file) as run:
        assert states(run)[0].keys() == {"count", "odd"}
        go(run, 2)
        assert states(run)[0].keys() == {"count"}
        assert _guard(run).kept("tokenizer") == before
        go(run)
    replayed(file)


def _guard(run) -> Guard:
    guard = run.execution.scheduler.world.guard
    assert guard is not None
    return guard


ASKED = """\
[world]
name = "words"

[agents.feeder]
source = "ping.wasm"

[agents.tokenizer]
source = "tokenizer.wasm"

[agents.tokenizer.alternatives]
again = "tokenizer-again.wasm"
next = "tokenizer-next.wasm"

[agents.swapper]
source = "swapper.wasm"
grants = ["swap:tokenizer"]
"""


def test_what_agents_swap_in_was_vouched_for_as_the_run_began(ada, policy, parts, tmp_path):
    rule = 'name = "ours"\nactions = ["send"]\nagents = ["tokenizer"]\nunless-signed-by = ["ada"]\n'
    wanted = 'require-signers = ["ada"]\n'
    policy(f"{wanted}[[forbid]]\n{rule}")
    names = ("ping", "swapper", "tokenizer", "tokenizer-again", "tokenizer-next")
    for name in names:
        shutil.copyfile(parts / f"{name}.wasm", tmp_path / f"{name}.wasm")
    world, file = tmp_path / "world.toml", tmp_path / "x.run"
    world.write_text(ASKED)
    for name in names[:-1]:
        sign(tmp_path / f"{name}.wasm", key="ada")
    send = [("feeder", "start", "99 tokenizer")]
    with pytest.raises(Refused, match=r"tokenizer@next: .* is not signed"):
        run(world, file=file, send=send)
    policy(f"[[forbid]]\n{rule}")
    assert run(world, file=file, send=send, pace=Pace(max_steps=4)).denials == 0

    def swapped(name: str) -> int:
        send_to(file, ("swapper", "swap", f"tokenizer {name} 0"))
        before = resume(file, pace=Pace(max_steps=2)).denials
        send_to(file, ("feeder", "start", "9 tokenizer"))
        return resume(file, pace=Pace(max_steps=4)).denials - before

    assert swapped("again") == 0
    assert swapped("next") > 0
    assert swapped("source") == 0
    assert replay(file).identical
    policy(f"{wanted}[[forbid]]\n{rule}")
    with pytest.raises(Refused, match=r"tokenizer@next \(sha256"):
        resume(file)
