"""An agent in Python that knows its interpreter well: nothing of the host is in it."""

from __future__ import annotations

import ast
import os
import shutil
from pathlib import Path

import pytest

from tests.hostile import footprint
from tests.hostile.attack import (
    GOOD_MESSAGES,
    GUESTS,
    MIB,
    attacker,
    give,
    manifest,
    told,
    undisturbed,
)
from wasm_engine.concepts.errors import HostFault
from wasm_engine.host import places
from wasm_engine.orchestrator.execution import Until
from wasm_engine.runtime._wasmtime.compile import Compiler
from wasm_engine.world import Run, World, assembly

# As it was before any test took the environment for its own: the interpreter is built once.
HOME = os.environ.get("WASM_ENGINE_HOME")
AGENTS = Path(__file__).parent / "agents"
BOUNDS = {"fuel": 600_000_000, "work": 200_000_000, "memory": 64 * MIB, "disk": MIB}
PROBES = {
    "tree": "['/agent/intruder.py']",
    "bare_calls": "['not-granted', 'not-granted', 'request-closed', 'unknown-request']",
    "lone_surrogate": "ValueError",
}
ENDS = {
    "exit": "exit",
    "exit 3": "exit",
    "sys.exit": "error",
    "abort": "unreachable",
    "signal": "unreachable",
    "interrupt": "error",
    "base": "error",
    "loop": "fuel",
    "stubborn loop": "fuel",
    "regular expression": "fuel",
    "number": "fuel",
    "recursion": "fuel|error|stack-exhausted",
    "deep json": "error|stack-exhausted",
    "deep pickle": "error|stack-exhausted",
    "deep repr": "error|stack-exhausted",
    "deep compile": "error|stack-exhausted",
    "memory": "error",
    "more memory": "error",
    "disk": "error",
    "sparse disk": "error",
    "files": "error|fuel|host-work",
    "handles": "error|host-work|handles",
    "entropy": "error|entropy",
    "log": "host-work",
    "no lines": "host-work",
    "raise much": "error",
    "raise orders": "error",
    "fault": "failed",
    "reply": "done",
    "state": "host-work|fuel",
    "sends": "host-work|fuel",
    "code": "out-of-bounds-memory|unreachable|error|indirect-call|fuel",
    "address": "error",
}
"""By what is tried: how the message may end; what CPython is made of decides between these."""
LOW = ("bad_numbers", "bad_arguments", "bad_resource")
"""Probes of what lies beneath the interpreter: whatever they get, they get it alone."""


@pytest.fixture(scope="module", autouse=True)
def _home_with_the_interpreter():
    with pytest.MonkeyPatch.context() as patch:
        if HOME is None:
            patch.delenv("WASM_ENGINE_HOME", raising=False)
        else:
            patch.setenv("WASM_ENGINE_HOME", HOME)
        folder, key = places.cache_folder() / "compiled", places.data_folder() / "cache.key"
        compiler = Compiler(assembly.engine(), folder, key_file=key)
        patch.setattr(assembly, "compiler", lambda: compiler)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("agents")
    for source in AGENTS.glob("*.py"):
        shutil.copyfile(source, made / source.name)
    (made / "testing").symlink_to(GUESTS / "testing")
    return made


def played(folder, messages, **agents):
    world = World.from_mapping(manifest(agents), folder)
    with footprint.peak() as peak, world.begin() as run:
        give(run, [*GOOD_MESSAGES, *messages])
        outcome = told(run, run.execution.go(Until(max_steps=1000)))
    assert outcome.good == undisturbed()
    return outcome._replace(peak=peak.extra)


@pytest.fixture(scope="module")
def probed(folder):
    """What each probe got."""
    order = [*PROBES, "poison", "antidote"]
    intruder = attacker("intruder.py", **BOUNDS)
    return played(folder, [("intruder", "probe", name) for name in order], intruder=intruder)


@pytest.mark.parametrize("name", PROBES)
def test_it_gets_nothing(probed, name):
    got = ast.literal_eval(probed.states["intruder"][name])
    print(name, got)
    assert PROBES[name] in got


def test_all_probes_came_to_their_end(probed):
    assert probed.codes == ["done"] * (len(PROBES) + 2)


def test_what_it_poisons_is_gone_with_the_message(probed):
    assert ast.literal_eval(probed.states["intruder"]["antidote"]) == str([False] * 7)


@pytest.fixture(scope="module")
def ended(folder):
    """How each message ended that was meant to end more than itself."""
    sent = [("intruder", "end", name) for name in ENDS]
    sent += [("intruder", "probe", name) for name in [*LOW, "tree"]]
    return played(folder, sent, intruder=attacker("intruder.py", **BOUNDS))


@pytest.mark.parametrize("name", ENDS)
def test_it_ends_nobody_but_its_own_message(ended, name):
    assert ended.codes[list(ENDS).index(name)] in ENDS[name].split("|")


def test_after_all_that_the_next_message_is_handled_as_ever(ended):
    assert len(ended.codes) == len(ENDS) + len(LOW) + 1
    assert ended.codes[-1] == "done"
    assert ended.states["intruder"]["tree"] == "\"['/agent/intruder.py']\""


def test_it_cost_the_host_little(ended):
    assert ended.peak < 300 * MIB
    assert ended.journal < 8 * MIB
    assert max(map(len, ended.logs)) < 20_000


def test_it_is_known_to_others_by_its_own_name(folder):
    agents = {
        "intruder": attacker("intruder.py", **BOUNDS),
        "witness": attacker("witness.py", **BOUNDS),
    }
    found = played(folder, [("intruder", "pretend", "x")], **agents)
    assert found.states["witness"]["who"] == '"intruder operator operator"'


def test_those_that_live_on_share_nothing_either(folder):
    """Of one kind and one file: what one does to its interpreter, the other does not see."""
    kind = attacker("intruder.py", **{**BOUNDS, "lifecycle": "resident", "count": 2})
    sent = [(f"intruder/{n}", "probe", name) for n, name in ((1, "poison"), (2, "antidote"))]
    found = played(folder, [*sent, ("intruder/2", "probe", "tree")], intruder=kind)
    assert found.codes == ["done"] * 3
    assert ast.literal_eval(found.states["intruder/2"]["antidote"]) == str([False] * 7)


MOUNTED = {"mounts": {"docs": {"path": "docs", "at": "/docs"}}}


@pytest.fixture
def documents(folder):
    """A folder that is mounted, with a link out of it."""
    docs = folder / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("as it was")
    (docs / "out").symlink_to("/etc/passwd")
    (docs / "up").symlink_to("../../../../../../etc/passwd")
    (docs / "loop").symlink_to("loop")
    yield docs
    shutil.rmtree(docs)


def reading(folder, **settings):
    agents = {"reader": attacker("reader.py", mounts=["docs"], **{**BOUNDS, **settings})}
    return World.from_mapping(manifest(agents, **MOUNTED), folder)


@pytest.mark.parametrize("path", ["out", "up", "loop", "../agent/../docs/out", "a.txt/../../etc"])
def test_a_link_in_a_mount_leads_nowhere(folder, documents, path):
    with reading(folder).begin() as run:
        give(run, [("reader", "read", f"/docs/{path}")])
        assert run.execution.go(Until(max_steps=10)) == "idle"
        got = told(run, "idle").states["reader"]["got"]
    assert "Error" in got
    assert "root" not in got


def test_a_mounted_file_that_changed_stops_the_run_and_no_guest_hears_of_it(
    folder, documents, tmp_path
):
    whole, file = tmp_path / "whole.run", tmp_path / "stopped.run"
    sent = [*GOOD_MESSAGES, ("reader", "read", "/docs/a.txt")]
    with reading(folder).begin(whole) as run:
        give(run, sent)
        run.execution.go(Until(max_steps=50))
        chain = run.file.chain
    with reading(folder).begin(file) as run:
        give(run, sent)
        documents.joinpath("a.txt").write_text("as it is")
        with pytest.raises(HostFault, match=r"a\.txt was mounted and has changed") as fault:
            run.execution.go(Until(max_steps=50))
        assert fault.value.exit_status == 5
    documents.joinpath("a.txt").write_text("as it was")
    with Run.open(file, write=True) as run:
        run.execution.replay()
        run.execution.go(Until(max_steps=50))
        assert run.file.chain == chain
