"""An answer that is kept is the one that the question would get."""

from __future__ import annotations

import json

import cedarpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.policy.test_forbidding import asked
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.cedar_looks import Looks

CONDITIONS = [
    'resource.host == "a.example"',
    'resource has path && resource.path like "/v*"',
    'resource.port == 443 && context.method == "GET"',
    'resource.path == "/v1"',
    'context.labels.contains("private")',
    'resource == Url::"https://a.example/v1"',
    'resource in Kind::"desk"',
    '[resource].contains(Url::"https://b.example/v1?x")',
    'context == {labels: [], method: "GET"}',
    '(if context has method then context else {method: ""}).method == "GET"',
    "true",
]
SCOPES = [
    "resource",
    "resource is Url",
    'resource == Url::"https://a.example/v1"',
    'resource in Url::"https://b.example/v1?x"',
    'resource is Address in Kind::"desk"',
]
TARGETS = {
    "http": [
        "https://a.example/v1", "https://a.example/v2", "http://a.example:80/v1",
        "https://b.example/v1?x", "https://b.example/v1?y", "https://b.example/v1/../v2", "none",
    ],
    "send": ["desk", "desk/1", "plugin"],
}  # fmt: skip
POLICIES = st.tuples(st.sampled_from(SCOPES), st.sampled_from(CONDITIONS), st.booleans())


@st.composite
def questions(draw):
    action = draw(st.sampled_from(sorted(TARGETS)))
    word = "method" if action == "http" else "topic"
    return asked(
        agent=draw(st.sampled_from(["plugin/1", "plugin/2"])),
        action=action,
        target=draw(st.sampled_from(TARGETS[action])),
        labels=draw(st.sampled_from([frozenset(), frozenset({"private"})])),
        context={word: draw(st.sampled_from(["GET", "POST"]))},
    )


@settings(max_examples=60)
@given(st.lists(POLICIES, min_size=1, max_size=3), st.lists(questions(), max_size=12))
def test_it_is_the_one_of_a_policy_that_was_asked_nothing_before(policies, questions):
    text = "permit(principal, action, resource);" + "".join(
        f"forbid(principal, action, {scope}) {'when' if when else 'unless'} {{ {condition} }};"
        for scope, condition, when in policies
    )
    asked_before = CedarPolicy(text)
    for question in questions:
        assert asked_before.refuses(question) == CedarPolicy(text).refuses(question)


@pytest.mark.parametrize(
    ("scope", "condition", "resource", "context"),
    [
        ("resource", "true", set(), set()),
        ("resource is Url", 'resource.host == "a"', {"host"}, set()),
        ("resource", "resource has path", {"path"}, set()),
        ('resource == Url::"a"', "true", None, set()),
        ('resource is Address in Kind::"a"', "true", None, set()),
        ("resource", 'resource in Kind::"a"', None, set()),
        ("resource", "{a: resource}.a.host == resource.host", None, set()),
        ("resource", 'context.method == "a"', set(), {"method"}),
        ("resource", "{a: context}.a.method == context.b", set(), None),
        ("resource", '{"Var": 1, ".": context.a} == {}', set(), {"a"}),
    ],
)
def test_what_is_looked_at(scope, condition, resource, context):
    rule = f"forbid(principal, action, {scope}) when {{ {condition} }};"
    rows = json.loads(cedarpy.policies_to_json_str(rule))["staticPolicies"].values()
    found = Looks.of(rows)
    assert [it if it is None else set(it) for it in found] == [resource, context]
