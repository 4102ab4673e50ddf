"""Policies in Cedar: what they decide, under which name, and what is wrong in them."""

from __future__ import annotations

import pytest

from tests.policy.test_forbidding import asked
from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.policy.actions import ACTIONS
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.cedar_text import statements
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
    "plain",
    [
        *(None, [], [[]], [2, [], [], [], []], [1, [[]], [], [], []], [1, 1, 1, 1, 1]),
        *([1, [[7]], [], [], []], [1, [["r", "send"]], [], [], []], [1, [], [7], [], []]),
        *([1, [], [], [["x", "mount:a"]], []], [1, [], [], {"x": []}, []], [1, [], [], []]),
    ],
    ids=str,
)
def test_what_is_no_policy_of_a_run(plain):
    with pytest.raises(BadRunFile):
        Policy.from_plain(plain)


WHEN = "permit(principal, action, resource) when {"


NESTED = {
    "parentheses": lambda n: "(" * n + "true" + ")" * n,
    "sets": lambda n: "[" * n + "]" * n,
    "records": lambda n: "{a: " * n + "1" + "}" * n,
    "calls": lambda n: "ip(" * n + '"1"' + ")" * n,
    "ifs": lambda n: "if true then true else " * n + "true",
    "ands": lambda n: " && ".join(["true"] * n),
    "sums": lambda n: " + ".join(["1"] * n),
    "attributes": lambda n: "context" + ".a" * n,
    "indices": lambda n: "context" + '["a"]' * n,
    "has": lambda n: "context has " + "a." * n + "a",
    "in a string": lambda n: '"(" == "/* " || ' + "(" * n,
    "after a comment": lambda n: "// )\r" + "(" * n + "true" + ")" * n,
}


@pytest.mark.parametrize("nested", NESTED)
@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_what_is_nested_so_deep_that_the_process_would_die_is_refused(nested, depth):
    text = f"{ALL}{WHEN}{NESTED[nested](depth)}}};"
    with pytest.raises(Misuse, match=r"^p.cedar:[12]: (nested too deeply|a policy has at most)"):
        CedarPolicy(text, "p.cedar")
    with pytest.raises(Misuse):
        Policy.from_plain([1, [], [text], [], []])


def test_what_anybody_would_write_is_within_the_bounds():
    many = " || ".join(f'resource.host == "{n}.example"' for n in range(60))
    labels = ", ".join(f'"label-{n}"' for n in range(5_000))
    deep = f"{'(' * 90}context.labels.containsAny([{labels}]){')' * 90}"
    text = f'{ALL}forbid(principal, action == Action::"http", resource) when {{ {many} }};'
    assert refused(f"{text}{WHEN}{deep}}};") is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        (" // nothing\n", []),
        ("a; b;\nc", [1, 1, 2]),
        ('\n\n"; \\" ;\n" // ;\n ; \n\nx', [3, 7]),
        ("// a\r x;\n//\ny;", [1, 3]),
        ("((;)))) y;", [1, 1]),
    ],
)
def test_policies_are_found_with_their_lines(text, lines):
    assert [it.line for it in statements(text)] == lines


@pytest.mark.parametrize("plain", [None, 7, "xx", [7], [["a"]], [["a", 5]], [[[], "x"]]], ids=str)
def test_what_are_no_signers_beside_the_policy_of_a_run(plain):
    assert Policy.signers_from_plain([["a", "ada"]]) == {"a": "ada"}
    with pytest.raises(BadRunFile):
        Policy.signers_from_plain(plain)
