"""The operator's policy file: what it may say, and every mistake with its line."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.policy.grants import Grant
from wasm_engine.policy.operator import BadPolicy, OperatorPolicy, parse_allow, parse_policy


def test_an_empty_file_allows_nothing():
    assert parse_policy("", "p.toml") == OperatorPolicy(())


def test_a_policy():
    policy = parse_policy('allow = [\n  "mount:/usr/share/doc/*", "source:/opt/a.py" ]', "p.toml")
    assert policy.allow == (Grant("mount", "/usr/share/doc/*"), Grant("source", "/opt/a.py"))


def test_every_mistake_is_told_with_its_line():
    text = 'alow = 1\nallow = [\n  "mount:docs",\n  3,\n  "spawn:worker",\n  "mount:/ok",\n]\n'
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    assert caught.value.exit_status == 2
    assert caught.value.mistakes == [
        'p.toml:1: alow: unknown key; did you mean "allow"?',
        'p.toml:3: allow[0]: "mount:docs": after `mount:` goes an absolute path, without `..`',
        "p.toml:4: allow[1]: must be a grant, not 3",
        'p.toml:5: allow[2]: "spawn:worker": `spawn` is given by a manifest to an agent, not here',
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("allow = 1", "p.toml:1: allow: must be an array of grants, not 1"),
        ("\nallow =", "p.toml:2: is not TOML: "),
    ],
)
def test_a_policy_that_is_none(text, said):
    with pytest.raises(BadPolicy) as caught:
        parse_policy(text, "p.toml")
    assert caught.value.mistakes[0].startswith(said)


@given(st.text('allow=[]"mount:/*\n\\u', max_size=30))
def test_any_text_is_a_policy_or_bad(text):
    with contextlib.suppress(BadPolicy):
        parse_policy(text, "p.toml")


def test_an_allowance_from_the_command_line():
    assert parse_allow("mount:/a") == Grant("mount", "/a")
    with pytest.raises(Wrong, match="given by a manifest"):
        parse_allow("stop:*")
