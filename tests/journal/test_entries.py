"""Bodies: round trips, canonical bytes, and what is refused."""

import json
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal import sample_run
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.entries import (
    Clock,
    ComputedStep,
    Control,
    Detail,
    Header,
    Input,
    Intent,
    Kind,
    Result,
    Segment,
    Send,
    StepBody,
    Turn,
)

GOLDEN = Path(__file__).parent.parent / "goldens/journal/v2/bodies.json"

numbers = st.integers(0, 2**64 - 1)
digests = st.binary(min_size=32, max_size=32)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=8,
)
messages = st.tuples(st.just("text"), st.text()) | st.tuples(st.just("bytes"), st.binary())
headers = st.lists(st.tuples(st.text(), st.text()), max_size=3)
sends = st.builds(Send, numbers, st.text(), st.text(), messages, headers, st.none() | numbers)
segments = st.builds(
    Segment,
    st.text(),
    numbers,
    numbers,
    numbers,
    st.text(),
    numbers,
    numbers,
    st.none() | digests,
    st.lists(sends, max_size=3),
)
turns = st.builds(Turn, st.text(), st.text(), st.lists(values), st.lists(values))
steps = st.builds(
    StepBody,
    numbers,
    numbers,
    st.lists(segments, max_size=3),
    st.lists(turns, max_size=2),
    st.lists(st.tuples(numbers, st.text(), st.none() | messages), max_size=3),
    st.lists(st.tuples(numbers, st.text(), st.text(), st.text()), max_size=3),
    st.lists(st.tuples(numbers, st.text(), numbers), max_size=3),
)
bodies = st.one_of(
    st.builds(
        Header, st.just(2), st.text(), numbers, st.binary(), st.lists(values), st.lists(digests)
    ),
    st.builds(Input, numbers, st.text(), st.text(), messages, headers),
    st.builds(Control, st.text(), st.lists(values)),
    st.builds(Clock, numbers, numbers),
    steps,
    st.builds(
        Intent, numbers, numbers, st.text(), numbers, numbers, numbers, st.text(), st.lists(values)
    ),
    st.builds(Result, numbers, numbers, st.lists(values)),
)


computed_steps = steps.flatmap(
    lambda step: (
        st.builds(
            ComputedStep,
            *(st.just(getattr(step, name)) for name in StepBody.__struct_fields__),
            st.lists(
                st.lists(st.tuples(numbers, st.lists(values, max_size=2)), max_size=2),
                min_size=len(step.segments),
                max_size=len(step.segments),
            ).filter(any),
        )
        if step.segments
        else st.just(step)
    )
)


@given(computed_steps)
def test_a_step_in_which_something_was_computed_survives_its_bytes(step):
    kind, data = entries.encode(step)
    assert kind == Kind.STEP
    assert entries.decode(kind, data) == step
    assert entries.step_of(data) == step.step


SEGMENT = ["a", 1, 0, 0, "done", 5, 6, None, []]
GOLDEN_COMPUTED = (
    "9801029199a161010000a4646f6e650506c090909090909191920392a26f6b93a774656e736f7273"
    "a16d9194a179a7666c6f617433329101c4040000803f"
)


def test_golden_bytes_of_a_step_in_which_something_was_computed():
    """They never change: what was computed stands after all that a step has else."""
    outcome = ["ok", ["tensors", "m", [["y", "float32", [1], b"\0\0\x80?"]]]]
    body = canonical.encode([1, 2, [SEGMENT], [], [], [], [], [[[3, outcome]]]])
    assert body.hex() == GOLDEN_COMPUTED
    step = entries.decode(Kind.STEP, body)
    assert isinstance(step, ComputedStep)
    assert entries.encode(step) == (Kind.STEP, body)
    assert entries.computed_of(body) == {"a": [outcome]}
    assert entries.computed_of(canonical.encode([1, 2, [SEGMENT], [], [], [], []])) == {}


@pytest.mark.parametrize("computed", [[], [[]], [[], [[3, ["ok"]]]], [[[3]]], [[["3", []]]], None])
def test_a_step_tells_what_was_computed_for_each_segment_or_not_at_all(computed):
    body = canonical.encode([1, 2, [SEGMENT], [], [], [], [], computed])
    with pytest.raises(BadRunFile):
        entries.decode(Kind.STEP, body)


@given(bodies)
def test_a_body_survives_its_bytes(body):
    kind, data = entries.encode(body)
    assert entries.decode(kind, data) == body


@given(bodies)
def test_the_bytes_are_those_of_plain_arrays(body):
    _, data = entries.encode(body)
    assert canonical.encode(canonical.decode(data)) == data


@given(st.binary(max_size=200), st.integers(-1, 8))
def test_any_bytes_are_a_body_or_refused(data, kind):
    try:
        body = entries.decode(kind, data)
    except BadRunFile:
        return
    assert entries.encode(body) == (kind, data)


@given(
    st.builds(
        Detail,
        st.lists(st.lists(st.lists(values, max_size=3), max_size=2), max_size=2),
        st.lists(st.lists(st.tuples(st.text(), st.text()), max_size=2), max_size=2),
    )
)
def test_a_detail_survives_its_bytes(detail):
    data, segments = canonical.encode(detail), len(detail.calls)
    if len(detail.logs) == segments:
        assert entries.decode_detail(data, segments) == detail
        segments += 1
    with pytest.raises(BadRunFile, match="the detail of another"):
        entries.decode_detail(data, segments)


def test_details_are_the_same_as_far_as_both_go():
    old, new = canonical.encode([[[]], [[]]]), canonical.encode([[[]], [[]], [b"sum"]])
    assert entries.same_detail(None, None)
    assert entries.same_detail(old, old)
    assert entries.same_detail(old, new)
    assert entries.same_detail(new, old)
    assert not entries.same_detail(new, canonical.encode([[[]], [[]], [b"mus"]]))
    assert not entries.same_detail(old, canonical.encode([[[]], [[["info", "x"]]], [b"sum"]]))
    assert not entries.same_detail(old, None)
    for none in (b"\xc0", b"", b"\x93\x90"):
        with pytest.raises(BadRunFile, match="not readable"):
            entries.same_detail(none, old)


def test_a_detail_that_is_none_is_refused():
    with pytest.raises(BadRunFile, match="detail"):
        entries.decode_detail(b"\x91\xc0", 0)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(canonical.encode([1, 2, 3]), id="one field too many"),
        pytest.param(canonical.encode([1]), id="one too few"),
        pytest.param(b"\x92\xcc\x01\x02", id="a number longer than it need be"),
        pytest.param(canonical.encode([1, 2]) + b"\x00", id="something after it"),
        pytest.param(canonical.encode(["1", 2]), id="text where a number is due"),
        pytest.param(b"\x91" * 5000 + b"\xc0", id="deep"),
    ],
)
def test_only_canonical_bytes_of_the_kind_are_a_body(data):
    with pytest.raises(BadRunFile):
        entries.decode(Kind.CLOCK, data)


@pytest.mark.parametrize("body", [["text", b"x"], ["bytes", "x"], ["json", "x"], ["text", 1]])
def test_a_message_carries_text_or_bytes(body):
    with pytest.raises(BadRunFile, match="neither text nor bytes"):
        entries.decode(Kind.INPUT, canonical.encode([1, "a", "t", body, []]))
    segment = ["a", 1, 0, 0, "done", 0, 0, None, [[2, "b", "t", body, [], None]]]
    sent = canonical.encode([1, 1, [segment], [], [], [], []])
    with pytest.raises(BadRunFile, match="neither text nor bytes"):
        entries.decode(Kind.STEP, sent)
    replied = canonical.encode([1, 1, [], [], [[7, "reply", body]], [], []])
    with pytest.raises(BadRunFile, match="neither text nor bytes"):
        entries.decode(Kind.STEP, replied)


@given(bodies)
def test_a_step_says_its_number_without_the_rest(body):
    kind, data = entries.encode(body)
    if kind == Kind.STEP:
        assert entries.step_of(data) == body.step


@pytest.mark.parametrize("data", [b"", b"\x90", b"\x91\xa1x", b"\x81\x01\x02", b"\x91" * 5000])
def test_what_is_no_step_has_no_number(data):
    with pytest.raises(BadRunFile, match="not a step"):
        entries.step_of(data)


def test_golden_bytes_of_every_kind():
    """If this has to change, raise VERSION and add a folder beside v2: old files stay readable."""
    golden = json.loads(GOLDEN.read_text())
    bodies = [sample_run.HEADER, *(body for body, _ in sample_run.BODIES)]
    found = [[int(kind), data.hex()] for kind, data in map(entries.encode, bodies)]
    details = [sample_run.LONG_DETAIL.hex(), sample_run.SHORT_DETAIL.hex()]
    assert {"bodies": found, "details": details} == golden


def test_the_fields_are_an_array_in_the_documented_order():
    assert [field.name for field in msgspec.structs.fields(StepBody)] == [
        "step",
        "time",
        "segments",
        "turns",
        "requests",
        "dead",
        "timers",
    ]
