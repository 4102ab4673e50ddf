"""Models of tensors and of vectors, as an agent in Python asks for them."""

from __future__ import annotations

from array import array

import pytest

from tests.interpreter import fake_models
from tests.interpreter.fake_models import Description, Slot, Tensor

FLOAT32, INT64, UINT8, TEXT, BOOLEAN = (
    fake_models.DATA[fake_models.ELEMENTS.index(name)]
    for name in ("float32", "int64", "uint8", "text", "boolean")
)


@pytest.fixture
def model(host):
    """A model that says what it takes, and gives what it is told."""
    slots = [
        Slot("x", "float32", [None, 2], False),
        Slot("ids", "int64", [], True),
        Slot("raw", "uint8", [2], True),
        Slot("words", "text", [None], True),
        Slot("yes", "boolean", [1], True),
    ]
    host.answers["models.describe"] = Description("ab", True, slots, slots[:1])
    host.answers["models.run"] = [Tensor("y", [2, 2], FLOAT32([1.0, 2.0, 3.0, 4.0]))]
    return host


def test_lists_become_what_the_model_takes_and_tensors_become_lists(sdk, model):
    given = {"x": [[1, 2], [3, 4]], "ids": 7, "raw": [1, 255], "words": ["a"], "yes": [True]}
    found = sdk.models.run("m", given, timeout=2)
    assert model.called("models.run") == [
        (
            "m",
            [
                Tensor("x", [2, 2], FLOAT32([1.0, 2.0, 3.0, 4.0])),
                Tensor("ids", [], INT64([7])),
                Tensor("raw", [2], UINT8(b"\x01\xff")),
                Tensor("words", [1], TEXT(["a"])),
                Tensor("yes", [1], BOOLEAN([True])),
            ],
            2 * 10**9,
        )
    ]
    y = found["y"]
    assert (y.tolist(), y.element, y.shape) == ([[1.0, 2.0], [3.0, 4.0]], "float32", (2, 2))
    assert (y[2], len(y), list(y)) == (3.0, 4, [1.0, 2.0, 3.0, 4.0])


def test_arrays_and_tensors_say_themselves_what_they_hold(sdk, model):
    sdk.models.run("m", {"x": sdk.models.Tensor("float32", [1, 2], array("f", [1, 2]))})
    sdk.models.run("m", {"x": array("q", [5])})
    assert model.called("models.describe") == []
    one, two = (inputs for _, inputs, _ in model.called("models.run"))
    assert one == [Tensor("x", [1, 2], FLOAT32([1.0, 2.0]))]
    assert two == [Tensor("x", [1], INT64([5]))]


def test_what_no_tensor_can_hold_is_an_error_of_the_agents_own(sdk, model):
    for wrong in ({"z": [1]}, {"x": [[1], [2, 3]]}, {"raw": [256, 0]}, {"ids": 2**63}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            sdk.models.run("m", wrong)
    for wrong in ({"words": [1]}, {"yes": [1]}, {"x": [None]}):
        with pytest.raises(TypeError):
            sdk.models.run("m", wrong)
    with pytest.raises(ValueError, match="has 4 values, not 3"):
        sdk.models.Tensor("float32", [2, 2], [1, 2, 3])
    with pytest.raises(ValueError, match="float33"):
        sdk.models.Tensor("float33", [], [1])
    assert model.called("models.run") == []


def test_one_value_by_itself(sdk, model):
    model.answers["models.run"] = [Tensor("y", [], INT64([3]))]
    found = sdk.models.run("m", {"ids": 1})["y"]
    assert (found.item(), found.tolist(), repr(found)) == (3, 3, "Tensor(int64, [])")


def test_a_model_and_an_agent_are_waited_for_together(sdk, model):
    model.answers["models.start"] = 4
    model.answers["models.take"] = model.answers["models.run"]
    model.answers["messaging.wait_any"] = lambda numbers: numbers[0]
    asked = sdk.models.start("m", {"x": [[1, 2]]})
    assert sdk.wait_any([asked]) is asked
    assert asked.wait()["y"].shape == (2, 2)
    model.refuse("models.run", "bad-tensor", "why")
    with pytest.raises(sdk.BadTensor, match="why"):
        sdk.models.run("m", {"x": [[1, 2]]})


def test_texts_become_a_vector_each(sdk, host):
    host.answers["embeddings.embed"] = [1.0, 2.0, 3.0, 4.0]
    host.answers["embeddings.dimensions"] = 2
    assert sdk.embeddings.embed("e", ("a", "b")) == [array("f", [1, 2]), array("f", [3, 4])]
    assert (sdk.embeddings.embed("e", []), sdk.embeddings.dimensions("e")) == ([], 2)
    assert host.called("embeddings.embed") == [("e", ["a", "b"])]
