"""A tool may do what it was given as far as its caller may, or what it was given as its own."""

from __future__ import annotations

import pytest

from tests.tools.components import AGENT, running, tables, trace
from wasm_engine.agents.manifest import Kind, Tool
from wasm_engine.agents.tools.authority import Authority
from wasm_engine.control import inspection
from wasm_engine.control.policies import enforce
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.grants import Grant
from wasm_engine.world import World, assembly

KEEP = 'worldly.keep {"bucket": "shop", "key": "k"}'
HAS = 'worldly.has {"bucket": "shop", "key": "k"}'
DENIED = "10"


def tried(folder, held, given, *, own=False, through=None):
    """What comes of keeping and looking: 0 and 1 where it may, `DENIED` where it may not."""
    tool = {"component": "worldly.wasm", "grants": given, "own-authority": own}
    tools = {"worldly": tool}
    agent = {**AGENT, "tools": ["worldly"], "grants": held}
    lines = [KEEP, HAS]
    if through is not None:
        tools["outer"] = {**tool, "grants": through, "own-authority": False, "tools": ["worldly"]}
        agent["tools"] = ["outer"]
        lines = [_relayed(line) for line in lines]
    with running(folder, tables({"a": agent}, tools), "\n".join(lines)) as run:
        return [line.strip('"') for line in trace(run)]


def _relayed(line):
    name, _, arguments = line.partition(" ")
    quoted = arguments.replace('"', '\\"')
    return f'outer.relay {{"name": "{name}", "arguments": "{quoted}"}}'


SHOP, LOOK = "keyvalue:shop", "keyvalue-read:shop"


@pytest.mark.parametrize(
    ("held", "given", "own", "found"),
    [
        ([SHOP], [SHOP], False, ["0", "1"]),
        ([SHOP], [], False, [DENIED, DENIED]),
        ([], [SHOP], False, [DENIED, DENIED]),
        ([], [SHOP], True, ["0", "1"]),
        ([SHOP], [], True, [DENIED, DENIED]),
    ],
)
def test_both_must_have_it_unless_it_is_the_tools_own(folder, held, given, own, found):
    assert tried(folder, held, given, own=own) == found


def test_through_another_tool_all_three_must_have_it(folder):
    assert tried(folder, [SHOP], [SHOP], through=[SHOP]) == ["0", "1"]
    assert tried(folder, [SHOP], [SHOP], through=[]) == [DENIED, DENIED]
    assert tried(folder, [], [SHOP], own=True, through=[]) == ["0", "1"]


def test_of_two_grants_the_narrower_one_is_common():
    def common(held, given):
        kind = Kind("a", "a.wasm", grants=tuple(map(Grant.parse, held)))
        tool = Tool("t", grants=tuple(map(Grant.parse, given)))
        return sorted(str(it) for it in Authority.of(kind).lent(tool).grants)

    assert common([SHOP], [LOOK]) == [LOOK]
    assert common([LOOK], [SHOP]) == [LOOK]
    assert common([LOOK], ["keyvalue-read:other"]) == []
    assert common(["https://*.example.com"], ["https://api.example.com"]) == [
        "https://api.example.com"
    ]
    assert common(["https://api.example.com"], ["https://*.example.com", "http://a.test"]) == [
        "https://api.example.com"
    ]


def test_memory_is_the_less_of_both():
    kind, tool = Kind("a", "a.wasm", memory=1 << 20), Tool("t", own_authority=True)
    assert Authority.of(kind).lent(tool).memory == 1 << 20


RULE = """
[[forbid]]
name = "no-adding"
actions = ["tool"]
targets = ["calc.add"]
labels = ["private"]

[labels.private]
sources = ["keyvalue:shop"]
"""


def test_policies_speak_of_tools_and_what_a_tool_read_sticks_to_its_caller(folder, tmp_path):
    rule = tmp_path / "rule.toml"
    rule.write_text(RULE)
    tool = {"component": "worldly.wasm", "grants": [SHOP]}
    tools = {"worldly": tool, "calc": {"component": "calc.wasm"}}
    agent = {**AGENT, "tools": ["calc", "worldly"], "grants": [SHOP]}
    add = 'calc.add {"a": 1, "b": 1}'
    file = tmp_path / "a.run"
    run = World.from_mapping(tables({"a": agent}, tools), folder).begin(file)
    enforce(run, [rule], {})
    run.execution.receive("a", "do", ("text", "\n".join([add, HAS, add])), [])
    run.execution.go(Until(max_steps=50))
    assert trace(run) == ["2", "0", "err:forbidden:"]
    run.close()
    (row,) = inspection.inspect(file, wanted=inspection.Wanted(calls=True)).refusals
    assert (row.rule, row.target, row.labels) == ("no-adding", "calc.add", ("private",))


def test_whatever_begins_an_effect_says_so_for_tools_find_only_their_own():
    """Of others the gate would not know whose they are when a guest is made again."""
    functions = assembly.host_functions().values()
    begins = {it.name for it in functions if it.begins}
    assert {"wasm-engine:human/human#start-ask", "wasm-engine:human/human#start-approve"} <= begins
    started = {it.name for it in functions if it.shared and "#start" in it.name}
    assert started <= begins
