"""Manifests with submitted code: what is refused, because code would do more than who wrote it."""

from __future__ import annotations

import pytest

from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.agents.submitted_code import Caps
from wasm_engine.concepts.errors import BadManifest

TOOL = {"language": "python"}
WORKER = {"source": "submitted:python", "count": 0}
WEB = "https://a.example.com"
SQL = {"shop": {"schema": "CREATE TABLE a(x, y);"}}


@pytest.fixture
def told(tmp_path):
    """Reads a manifest; answers what is wrong with it."""
    (tmp_path / "a.py").write_text("")
    (tmp_path / "calc.wasm").write_bytes(b"")
    (tmp_path / "papers").mkdir()

    def read(**world):
        mounts = {"papers": {"path": "papers", "at": "/papers"}}
        try:
            from_mapping({"mounts": mounts, **world}, tmp_path)
        except BadManifest as wrong:
            return list(wrong.mistakes)
        return []

    return read


def agent(**more):
    return {"source": "a.py", **more}


@pytest.mark.parametrize(
    ("tool", "says"),
    [
        ({}, "tools.python: it needs `component` or `language`, and not both"),
        ({**TOOL, "component": "calc.wasm"}, "tools.python: it needs `component` or `language`"),
        ({"language": "pyton"},
         'tools.python.language: must be "python" or "javascript", not "pyton"'),
        ({**TOOL, "link": ["calc"]}, "tools.python.link: submitted code imports no interfaces"),
        ({**TOOL, "own-authority": True}, "tools.python.own-authority: code that is submitted"),
        ({**TOOL, "config": {"caps": 5}}, "tools.python.config.caps: must be a table, not 5"),
        ({**TOOL, "config": {"caps": {"valu": 5}}},
         'tools.python.config.caps.valu: unknown key; did you mean "value"?'),
        *(
            ({**TOOL, "config": {"caps": {"value": most}}},
             "tools.python.config.caps.value: must be a whole number of characters from 0 to 67")
            for most in (-1, "5", 1.5, True, None, [], 10**9)
        ),
    ],
)  # fmt: skip
def test_a_tool_that_runs_code_is_refused_with_its_place(told, tool, says):
    tools = {"python": tool, "calc": {"component": "calc.wasm"}}
    mistakes = told(agents={"a": agent()}, tools=tools)
    assert len(mistakes) == 1, mistakes
    assert mistakes[0].startswith(says)


def test_caps_have_defaults():
    assert Caps.of('{"caps":{"printed":3},"more":1}') == Caps(1 << 20, 3)
    assert Caps.of("{}") == Caps(1 << 20, 64 << 10)


def test_code_may_call_no_tool_that_who_submits_it_may_not(told):
    tools = {
        "python": {**TOOL, "tools": ["python", "calc.add"]},
        "calc": {"component": "calc.wasm"},
    }
    for mine in (["python", "calc"], ["python.run", "calc.add"], []):
        assert told(agents={"a": agent(tools=mine)}, tools=tools) == []
    for mine in (["python"], ["python.run", "calc.sub"]):
        assert told(agents={"a": agent(tools=mine)}, tools=tools) == [
            'tools.python.tools: "calc.add": a submits code to it, and may not call that itself'
        ]


MORE = [
    ("grants", {"grants": ["keyvalue:orders"]}, {"grants": ["keyvalue-read:orders"]}, "grants",
     '"keyvalue:orders"'),
    ("origin", {"grants": ["https://*.example.com"]}, {"grants": ["https://a.example.com"]},
     "grants", '"https://*.example.com"'),
    ("stop", {"grants": ["stop:*"]}, {"grants": ["stop:worker/*"]}, "grants", '"stop:*"'),
    ("network", {"grants": [WEB, "address:10.0.0.0/8"]}, {"grants": [WEB, "address:10.1.0.0/16"]},
     "grants", '"address:10.0.0.0/8"'),
    ("mounts", {"mounts": ["papers"]}, {}, "mounts", '"papers"'),
    ("tools", {"tools": ["calc"]}, {"tools": ["calc.add"]}, "tools", '"calc"'),
    ("send-to", {"send-to": ["x", "y/*"]}, {"send-to": ["x", "y/1"]}, "send-to", '"y/*"'),
    ("anyone", {}, {"send-to": ["x"]}, "send-to", '"*"'),
    ("subscribe", {"subscribe": ["news"]}, {}, "subscribe", '"news"'),
    ("sql", {"grants": ["sql:shop"]}, {"grants": ["sql:shop"], "sql": {"shop": {"read": ["a.x"]}}},
     "sql", '"shop"'),
    ("columns", {"grants": ["sql:shop"], "sql": {"shop": {"read": ["a"]}}},
     {"grants": ["sql:shop"], "sql": {"shop": {"read": ["a.x"]}}}, "sql", '"shop"'),
    ("rules", {"grants": ["https://a.example.com"]},
     {"grants": ["https://a.example.com"],
      "http": {"allow": ["GET https://a.example.com/x"]}}, "http", '"any"'),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "writer", "key", "what"), [row[1:] for row in MORE],
                         ids=[row[0] for row in MORE])  # fmt: skip
def test_an_agent_of_code_may_do_no_more_than_who_raises_it(told, kind, writer, key, what):
    tools = {"calc": {"component": "calc.wasm"}}

    def world(kind, writer):
        grants = [*writer.get("grants", ()), "spawn:worker"]
        agents = {"worker": {**WORKER, **kind}, "lead": agent(**{**writer, "grants": grants})}
        agents |= {"x": agent(), "y": agent(count=2)}
        return told(agents=agents, tools=tools, sql=SQL)

    assert world(kind, writer) == [
        f"agents.worker.{key}: {what}: lead writes its code (by spawn), and has not that itself"
    ]
    for same in (kind, writer):
        assert world(same, same) == []
    assert world({"send-to": [], **writer}, kind) == []


def test_the_same_holds_for_every_language(told):
    worker = {"source": "submitted:javascript", "count": 0, "grants": ["keyvalue:orders"]}
    assert told(agents={"worker": worker, "lead": agent(grants=["spawn:worker"])}) == [
        'agents.worker.grants: "keyvalue:orders": lead writes its code (by spawn), and has not '
        "that itself"
    ]
    tool = {"language": "javascript", "own-authority": True}
    assert told(agents={"a": agent()}, tools={"javascript": tool}) == [
        "tools.javascript.own-authority: code that is submitted may do no more than whoever "
        "submits it"
    ]


def test_only_who_may_raise_it_counts(told):
    kind = {**WORKER, "grants": ["keyvalue:orders", "spawn:worker"], "send-to": ["x"]}
    assert told(agents={"worker": kind, "x": agent(**{"send-to": []})}) == []
    assert told(agents={"worker": {**kind, "link": ["calc"]}, "x": agent()},
                tools={"calc": {"component": "calc.wasm"}}) == [
        "agents.worker.link: submitted code imports no interfaces; it has `tools`"
    ]  # fmt: skip
