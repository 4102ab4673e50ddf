"""Rules of forbidding: what they are about, and what is wrong in them, with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wasm_engine.policy.actions import Asked
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.operator import BadPolicy, parse_policy
from wasm_engine.policy.policy import Policy


def asked(**other):
    told = {
        "agent": "plugin/1", "kind": "plugin", "component": "ab", "signer": "", "action": "http",
        "target": "https://a.example/x", "labels": frozenset({"private"}), "context": {},
    }  # fmt: skip
    return Asked(**{**told, **other})


@pytest.mark.parametrize(
    ("rule", "other", "forbidden"),
    [
        (Forbid("all"), {}, True),
        (Forbid("a", actions=("http",)), {}, True),
        (Forbid("a", actions=("send",)), {}, False),
        (Forbid("a", targets=("https://a.example/*",)), {}, True),
        (Forbid("a", targets=("https://a.example",)), {}, False),
        (Forbid("a", targets=("*/x",)), {}, True),
        (Forbid("a", targets=("https://*.example/*y",)), {}, False),
        (Forbid("a", targets=("a*b*b",)), {"target": "ab"}, False),
        (Forbid("a", targets=("a*b*b",)), {"target": "abb"}, True),
        (Forbid("a", agents=("plugin/*",)), {}, True),
        (Forbid("a", agents=("plugin",)), {}, False),
        (Forbid("a", agents=("*",)), {}, True),
        (Forbid("a", labels=("private",)), {}, True),
        (Forbid("a", labels=("private",)), {"labels": frozenset()}, False),
        (Forbid("a", labels=("other", "private")), {}, True),
        (Forbid("a", unless_signed_by=("alice",)), {}, True),
        (Forbid("a", unless_signed_by=("alice",)), {"signer": "alice"}, False),
    ],
)
def test_a_rule_is_about_what_it_says(rule, other, forbidden):
    assert rule.forbids(asked(**other)) is forbidden


@pytest.mark.parametrize(
    "path",
    [
        "/%78",
        "//x",
        "/./x",
        "/y/../x",
        "/y/%2e%2e/x",
        "/y%2f..%2fx",
        "/y;/../x",
        "/y\\..\\x",
        "/%2578",
    ],
)
def test_what_some_server_reads_as_another_path_is_forbidden_with_the_paths_of_its_origin(path):
    rule = Forbid("a", targets=("https://a.example/x*",))
    assert rule.forbids(asked(target=f"https://a.example{path}"))
    assert not rule.forbids(asked(target=f"https://b.example{path}"))
    assert Forbid("a", targets=("https://*.example/q",)).forbids(
        asked(target=f"https://a.example{path}?y")
    )
    assert Forbid("a", targets=("*x*y",)).forbids(asked(target=f"https://a.example{path}"))
    assert not rule.forbids(asked(action="send", target=f"https://a.example{path}"))


@pytest.mark.parametrize("target", ["https://a.example/y", "https://a.example/y?z=/../x", "nobody"])
def test_and_nothing_else_is(target):
    assert not Forbid("a", targets=("https://a.example/x*",)).forbids(asked(target=target))


MISTAKES = """\
[[forbid]]
name = "a"
actions = ["htp"]

[[forbid]]
name = "a"
agents = ["*x"]
when = "always"
labels = "private"

[labels.private]
sources = ["mout:papers", "mount:a/b", "ftp://x", 3]

[labels."no name"]
sources = []
"""


def test_mistakes_are_told_with_their_lines():
    with pytest.raises(BadPolicy) as caught:
        parse_policy(MISTAKES, "p.toml")
    assert [text.split(": ", 1)[0] for text in caught.value.mistakes] == [
        "p.toml:3", "p.toml:6", "p.toml:7", "p.toml:8", "p.toml:9",
        "p.toml:12", "p.toml:12", "p.toml:12", "p.toml:12", "p.toml:14",
    ]  # fmt: skip
    text = "\n".join(caught.value.mistakes)
    assert 'no action is called "htp"; did you mean "http"?' in text
    assert 'is no source; did you mean "mount"?' in text


NAMES = st.from_regex(r"[a-z]{1,8}", fullmatch=True)
RULES = st.builds(
    Forbid, NAMES, *(st.lists(NAMES, max_size=3).map(lambda it: tuple(sorted(it))) for _ in "12345")
)
POLICIES = st.builds(
    Policy,
    st.lists(RULES, max_size=4),
    st.just(()),
    st.dictionaries(NAMES, st.lists(NAMES, max_size=3), max_size=3),
)


@settings(max_examples=30)
@given(POLICIES)
def test_what_a_run_holds_of_a_policy_is_the_policy(policy):
    again = Policy.from_plain(policy.plain())
    assert again.plain() == policy.plain()
    assert again.forbids == policy.forbids


@settings(max_examples=30)
@given(POLICIES, POLICIES)
def test_of_two_policies_whatever_either_forbids_is_forbidden(one, other):
    both = one.joined(other)
    for action in ("http", "send"):
        it = asked(action=action)
        either = one.refuses(it) or other.refuses(it)
        assert (both.refuses(it) is None) == (either is None)
    assert both.joined(one).plain()[1] == both.plain()[1]
