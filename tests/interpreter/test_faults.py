"""Faults have the class of their code, and a failure is told with the agent's own file and line."""

from __future__ import annotations

import linecache
from pathlib import Path

import pytest

from wasm_engine.concepts import faults as engine_faults

SDK = Path(__file__).parents[2] / "guests/sdk/python"
SOURCE = """\
from wasm_agent import Fault, ask, on

def inner():
    raise ValueError("no good")

@on("raise")
def handle(message):
    inner()

@on("cause")
def cause(message):
    try:
        inner()
    except ValueError as error:
        raise KeyError("k") from error

@on("fault")
def fault(message):
    raise Fault("my-code", "my detail")

@on("ask")
def asks(message):
    ask("other", "topic")

@on("exit")
def leave(message):
    raise SystemExit(3)

@on("deep")
def deep(message):
    deep(message)

@on("long")
def long(message):
    raise ValueError("x" * 100_000)

@on("odd")
def odd(message):
    raise ValueError("\\ud800")

class Untold(Exception):
    def __str__(self):
        raise SystemExit

@on("untold")
def untold(message):
    raise Untold
"""


@pytest.fixture
def failing(agent):
    """An agent of a file `searcher.py`, as the interpreter loads it."""
    linecache.cache["searcher.py"] = (1, None, SOURCE.splitlines(keepends=True), "searcher.py")
    exec(compile(SOURCE, "searcher.py", "exec"), {"__name__": "searcher"})
    yield agent
    del linecache.cache["searcher.py"]


def test_every_code_that_the_engine_gives_has_a_class(sdk):
    constants = [value for name, value in vars(engine_faults).items() if name.isupper()]
    for code in [value for value in constants if isinstance(value, str)]:
        fault = sdk.Fault.of(code, "why")
        assert type(fault) is not sdk.Fault, code
        assert type(fault).__name__ in sdk.__all__
        assert (fault.code, fault.detail, str(fault)) == (code, "why", f"{code}: why")


def test_a_code_that_nobody_knows_is_a_plain_fault(sdk):
    fault = sdk.Fault.of("new-code", "")
    assert type(fault) is sdk.Fault
    assert str(fault) == "new-code"


def test_a_refusal_is_raised_as_the_class_of_its_code(sdk, host):
    host.refuse("messaging.send", "mailbox-full", "1024 wait")
    with pytest.raises(sdk.MailboxFull, match="mailbox-full: 1024 wait") as raised:
        sdk.send("other", "topic")
    assert raised.value.__context__ is None


def test_an_exception_is_told_with_file_line_and_text_and_without_our_frames(failing):
    fault = failing.receive("raise")
    assert fault.code == "error"
    lines = [line for line in fault.detail.splitlines() if set(line.strip()) - set("^~")]
    assert lines == [
        "Traceback (most recent call last):",
        '  File "searcher.py", line 8, in handle',
        "    inner()",
        '  File "searcher.py", line 4, in inner',
        '    raise ValueError("no good")',
        "ValueError: no good",
    ]


def test_causes_are_told_and_trimmed_too(failing):
    detail = failing.receive("cause").detail
    assert "direct cause" in detail
    assert detail.count('File "searcher.py"') == 3
    assert str(SDK) not in detail


def test_a_fault_that_the_agent_raises_says_no_more_than_that(failing):
    fault = failing.receive("fault")
    assert (fault.code, fault.detail) == ("my-code", "my detail")


def test_a_fault_that_the_world_gave_keeps_its_code_and_says_where(failing, host):
    host.refuse("messaging.ask", "timeout", "2 s")
    fault = failing.receive("ask")
    assert fault.code == "timeout"
    assert 'File "searcher.py", line 23, in asks' in fault.detail
    assert fault.detail.endswith("wasm_agent.Timeout: timeout: 2 s")
    assert str(SDK) not in fault.detail


@pytest.mark.parametrize(
    ("topic", "said"), [("exit", "SystemExit: 3"), ("deep", "maximum recursion depth exceeded")]
)
def test_nothing_that_an_agent_raises_gets_past(failing, topic, said):
    fault = failing.receive(topic)
    assert fault.code == "error"
    assert said in fault.detail.splitlines()[-1]
    assert len(fault.detail) < 3000


def test_a_detail_is_short_and_unicode(failing):
    assert len(failing.receive("long").detail) < 8300
    assert failing.receive("odd").detail.endswith(r"ValueError: \ud800")


def test_an_exception_that_cannot_be_told_is_told_by_its_name(failing):
    assert "Untold" in failing.receive("untold").detail
