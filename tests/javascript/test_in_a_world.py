"""`.js` agents in a real world, run by the real interpreter component."""

from __future__ import annotations

import json

import pytest

from tests.javascript.conftest import WORLD, Told

EPOCH_MINUTE = "2025-01-01T00:00"


def test_an_exception_ends_the_message_and_the_log_says_where(told):
    source = (WORLD.parent / "scenario.js").read_text().splitlines()
    line = source.index("  return list[0].text;") + 1
    assert told.code("raise") == "error"
    assert told.log("error")[0].splitlines() == [
        f"scenario.js:{line}:10",
        "    return list[0].text;",
        "           ^",
        f"    at inner (scenario.js:{line}:10)",
        f"    at <anonymous> (scenario.js:{line + 4}:10)",
        "TypeError: cannot read property 'text' of undefined",
    ]


def test_a_fault_of_the_agents_own_keeps_its_code(told):
    assert told.code("refuse") == "my-code"


@pytest.mark.parametrize(
    ("topic", "last"),
    [
        ("cause", "Error: outer"),
        ("reject", "RangeError: later"),
        ("float", "Error: nobody looked"),
        ("odd", "thrown: only text \N{REPLACEMENT CHARACTER}"),
    ],
)
def test_whatever_is_thrown_is_told(told, topic, last):
    assert told.code(topic) == "error"
    assert any(text.splitlines()[-1] == last for text in told.log("error"))


def test_a_promise_that_nothing_will_settle_ends_the_message(told):
    assert told.code("stuck") == "stuck"


def test_a_topic_that_nobody_handles_is_a_dead_letter(told):
    assert told.code("nonsense") == "no-handler"


def test_a_file_that_cannot_be_read_as_javascript_is_told_by_line(told):
    assert told.code("x", "broken") == "error"
    text = told.log("error", "broken")[0]
    assert text.startswith("broken.js:2:16\n    const broken = ;\n")
    assert text.endswith("SyntaxError: unexpected token in expression: ';'")


def test_what_an_agent_cannot_import_is_told(told):
    assert told.code("x", "throws") == "error"
    assert "cannot import 'fs': what runs here is one file" in told.log("error", "throws")[0]


def test_every_clock_of_the_language_is_world_time(told):
    assert " ".join([EPOCH_MINUTE] * 3) in told.log()
    assert "Sun Jun 01 2025 00:00:00 GMT+0000 0" in told.log()
    assert "60 minutes" in told.log()


def test_entropy_is_other_in_every_activation(told):
    drawn = [line.split() for line in told.log() if line.startswith("drawn")]
    assert len(drawn) == 2
    assert all(len(set(pair)) == 2 for pair in list(zip(*drawn, strict=True))[1:])
    assert told.log().count("spread true") == 2


@pytest.mark.parametrize(
    "line",
    [
        "scenario javascript tester operator body",
        "{a: [1]}",
        '["both", "both"]',
        "[0, 255]",
        "true no-reply",
        "true timeout",
        "cancelled",
        "at last",
        "at once,first,tick,tick,third,tick",
        '1 [0] ["bytes", "count", "plain", "set"] no quotes [1, 2]',
        '2 [0] ["bytes", "count", "plain", "set"] no quotes [1, 2]',
        "false otherwise 2",
        "false loaded 1",
        "true false",
        "rings scenario",
        "child/one",
        "gone child/one",
        'one line, é {a: [1, "x"], b: null} Map {k: 1} 10n undefined',
        "{self: [circular]}",
        "9 é€😀 eA== undefined",
        "TypeError A\N{REPLACEMENT CHARACTER}",
        "TypeError text with half of a surrogate pair, which is not Unicode",
        '["scenario.js"] true',
        "/etc/passwd no-entry",
        "[]",
        "ReferenceError",
    ],
)
def test_the_agent_got_what_it_asked_for(told, line):
    assert line in told.log()


@pytest.mark.parametrize(
    "line",
    [
        "1",
        '[{a: 1, b: [1, 255]}, {a: 2.5, b: "é"}] ["a"]',
        '[{rows: [], changed: 1}, {rows: [{a: 2.5}], changed: 0}] {b: "é"}',
        "invalid-statement",
        "known [] []",
        "over 0 next true",
        "over 0 source",
        "already-running",
    ],
)
def test_what_the_manifest_gives_is_there(told, line):
    assert line in told.log()


def test_what_it_does_not_give_is_refused(told):
    assert told.log().count("refused not-granted") == 6


def test_bad_arguments_are_errors_of_the_language(told):
    assert [line for line in told.log() if line in ("RangeError", "TypeError", "no error")] == [
        "RangeError", "RangeError", "TypeError", "TypeError",
    ]  # fmt: skip


def test_an_exported_handle_takes_every_topic(told):
    assert told.log(agent="listener") == ["news none"]
    assert told.log("warning") == ["careful"]


def test_all_of_it_is_replayed(played):
    assert json.loads(played["replay"][1])["identical"] is True


def test_the_example_greets_its_visitors(played):
    assert Told(json.loads(played["greetings"][1])).log(agent="door") == [
        "Hello, Ada!",
        "Hello, Grace!",
        "Welcome back, Ada. This is visit 2.",
    ]


def test_a_file_with_a_mistake_does_not_pass_a_check(played):
    status, _, errors = played["check"]
    assert status == 2
    assert "broken (broken.js) fails as it begins: error: broken.js:2:16" in errors
