"""Policies in Cedar: the scanner of statements, the package, what is told of mistakes."""

from __future__ import annotations

import re

from wasm_engine.concepts.errors import Misuse
from wasm_engine.policy.actions import ACTIONS, Asked
from wasm_engine.policy.cedar import CedarPolicy, schema

FORMS = ("text",)
REFUSES = (Misuse,)
MEMORY = 1024
WORDS = (
    b"permit", b"forbid", b"principal", b"action", b"resource", b"context", b"when {", b"unless {",
    b"if true then true else", b"!", b"-", b"true &&", b"true ||", b"1 +", b"context has a.", b".a",
    b'["a"]', b"{a:", b'ip("1.2.3.4")', b"decimal(", b'@id("x")', b"//", b";", b"in", b"is",
    b"like",
    b'"*"', b".contains(", b"A::", b'Agent::"a"', b"?principal", b"[principal]", b"\r",
    *(f'Action::"{it}"'.encode() for it in ACTIONS),
)  # fmt: skip
_KNOWN = {"Agent": ["a"], "Kind": ["a"], "Address": ["b"], "Label": ["private"]}
_ASKED = [
    Asked("a/1", "a", "00", "ada", "http", "https://a.example/x", frozenset({"private"}), {}),
    Asked("a/1", "a", "00", "", "send", "b", frozenset(), {}),
]


def check(data: bytes) -> None:
    """What is taken for a policy can be asked, and every mistake in it has a line."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return
    policy = CedarPolicy(text)
    for statement in policy.statements:
        assert 1 <= statement.line <= text.count("\n") + 1
    for mistake in policy.mistakes("p", _KNOWN):
        assert re.match(r"p:[0-9]+: ", mistake)
    for asked in _ASKED:
        policy.refuses(asked)


def seeds() -> list[bytes]:
    """Policies that use what there is; the schema, which is none."""
    return [
        b"permit(principal, action, resource);",
        b'@id("no-leak")\nforbid(principal in Kind::"a", action == Action::"http", resource)\n'
        b'when { context.labels.contains("private") && resource.host like "*.example" }\n'
        b'unless { principal.signer == "ada" }; // so\n',
        b'forbid(principal == Agent::"a/1", action in [Action::"send"], resource is Address in '
        b'Kind::"b") when { ["a", "b"].containsAny(context.labels) || if 1 < 2 then true else '
        b"{a: 1}.a == -1 };",
        b"permit(principal, action, resource) when { (((true))) && context has labels.x };",
        b"permit(principal, action, resource) when {" + b"(" * 1000 + b"true" + b")" * 1000 + b"};",
        schema().encode(),
    ]
