"""Policies in Cedar: what they decide, under which name, and what is wrong in them."""

from __future__ import annotations

import pytest

from tests.policy.test_forbidding import asked
from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.policy.actions import ACTIONS
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.policy import Policy

ALL = "permit(principal, action, resource);\n"


def refused(text, **other):
    return CedarPolicy(text).refuses(asked(**other))


def test_without_a_permit_nothing_is_let_pass():
    assert refused("") == "no policy permits it"
    assert refused(ALL) is None
    assert refused('permit(principal, action == Action::"send", resource);') is not None


@pytest.mark.parametrize(
    ("rule", "forbidden"),
    [
        ('forbid(principal in Kind::"plugin", action, resource);', True),
        ('forbid(principal == Agent::"plugin/1", action, resource);', True),
        ('forbid(principal == Agent::"plugin/2", action, resource);', False),
        ('forbid(principal, action == Action::"http", resource) '
         'when { resource.host == "a.example" && resource.port == 443 };', True),
        ('forbid(principal, action == Action::"http", resource) '
         'when { resource.path like "/y*" };', False),
        ('forbid(principal, action, resource) when { context.labels.contains("private") };', True),
        ('forbid(principal, action == Action::"http", resource) '
         'when { context.method != "GET" };', True),
        ('forbid(principal, action, resource) unless { principal.signer == "alice" };', True),
    ],
)  # fmt: skip
def test_what_a_policy_may_look_at(rule, forbidden):
    context = {"method": "POST"}
    found = refused(f'{ALL}@id("the-rule")\n{rule}', context=context)
    assert found == ("the-rule" if forbidden else None)


@pytest.mark.parametrize("path", ["/v1/../x", "/v1/%2e%2e/x", "/v1//x", "/v1/%78"])
@pytest.mark.parametrize(
    "text",
    [
        'permit(principal, action, resource) when { resource.path like "/v1/*" };',
        f'{ALL}forbid(principal, action, resource) when {{ resource.path like "/x*" }};',
        f'{ALL}forbid(principal, action, resource) unless {{ resource.path like "/v1/*" }};',
    ],
)
def test_a_path_that_some_server_reads_as_another_is_none(path, text):
    """What looks at it cannot be decided; what does not is as ever."""
    assert refused(text, target="https://a.example/v1/y") is None
    assert refused(text, target=f"https://a.example{path}") == "a policy that cannot be decided"
    assert refused(ALL, target=f"https://a.example{path}") is None


def test_a_rule_without_a_name_is_told_by_its_line():
    text = f'// first\n\n{ALL}\nforbid(principal,\n  action, resource) when {{ "; //" == "; //" }};'
    assert refused(text) == "the policy in line 5"


@pytest.mark.parametrize("action", ACTIONS)
def test_every_action_has_an_entity_that_rules_can_name(action):
    resource = ACTIONS[action].resource
    rule = f'forbid(principal, action == Action::"{action}", resource is {resource});'
    policy = CedarPolicy(ALL + rule)
    assert policy.mistakes("p.cedar", {}) == []
    assert policy.refuses(asked(action=action)) is not None
    assert policy.refuses(asked(action=next(it for it in ACTIONS if it != action))) is None


KNOWN = {"Agent": ["desk", "plugin"], "Kind": ["desk", "plugin"], "Label": ["private"]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f'{ALL}\nforbid(principal == Agent::"plugn/1", action, resource);',
         'p.cedar:3: no agent is called "plugn/1"; did you mean "plugin"?'),
        (f'{ALL}\n\nforbid(principal in Kind::"dsk", action, resource);',
         'p.cedar:4: no kind is called "dsk"; did you mean "desk"?'),
        (f'{ALL}forbid(principal, action, resource)\nwhen {{ context.labels.contains("privat") }};',
         'p.cedar:3: no label is called "privat"; did you mean "private"?'),
        ('permit(principal, action == Action::"htp", resource);', 'did you mean "http"?'),
        ('permit(principal is Url, action == Action::"http", resource);',
         "unable to find an applicable action"),
        ('permit(principal, action == Action::"http", resource) when { context.metod == "GET" };',
         "attribute `metod`"),
        ('permit(principal, action == Action::"http", resource) when { context.method == 3 };',
         "not compatible"),
    ],
)  # fmt: skip
def test_what_names_nothing_or_can_never_match_is_refused(text, said):
    found = CedarPolicy(text).mistakes("p.cedar", KNOWN)
    assert any(said in line and line.startswith("p.cedar:") for line in found), found


def test_what_is_not_cedar_is_told_with_its_line():
    with pytest.raises(Misuse, match=r"^p.cedar:3: "):
        CedarPolicy(f"{ALL}// all\npermit(x);\n{ALL}", "p.cedar")


def test_a_policy_that_cannot_be_decided_lets_nothing_pass():
    text = 'permit(principal, action, resource) when { context.nothing == "x" };'
    assert refused(text) is not None


def test_a_run_holds_its_text():
    policy = Policy(cedar=[ALL])
    assert Policy.from_plain(policy.plain()).plain() == policy.plain()
    assert policy.plain()[-1][0].startswith("cedarpy ")


@pytest.mark.parametrize(
    "plain", [None, [], [2, [], [], [], []], [1, [[]], [], [], []], [1, 1, 1, 1, 1]]
)
def test_what_is_no_policy_of_a_run(plain):
    with pytest.raises(BadRunFile):
        Policy.from_plain(plain)
