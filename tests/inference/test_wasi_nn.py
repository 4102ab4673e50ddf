"""Components written against the standard alone, wasi:nn, ask models of the world."""

from __future__ import annotations

import pytest

from tests.inference.test_models import RUN, X, floats
from tests.inference.worlds import GUESTS, Thinking
from wasm_engine.host.model_process import compute_in_process
from wasm_engine.world import load_components


@pytest.fixture(scope="module")
def standard(zoo, tmp_path_factory):
    names = ("mlp", "recorded", "mixed", "every_element", "gather")
    keys = {name: f"file = '{zoo / name}.onnx'" for name in names}
    return Thinking(tmp_path_factory.mktemp("nn"), keys, zoo=zoo, guest="nn/nn.wasm")


def test_the_component_knows_of_nothing_that_is_ours():
    (component,) = load_components([("nn", (GUESTS / "nn/nn.wasm").read_bytes())])
    packages = {name.partition("/")[0] for name in component.imports}
    assert packages == {"wasi:io", "wasi:cli", "wasi:nn"}


@pytest.mark.parametrize("model", ["mlp", "recorded"])
def test_it_gets_what_an_agent_of_our_own_gets(standard, zoo, tmp_path, model):
    own = Thinking(tmp_path, {"mlp": f"file = '{zoo}/mlp.onnx'"}, zoo=zoo)
    (wanted,) = own.ask(RUN)
    (said,) = standard.ask(f"{model}|x:1:1,64:{X}")
    assert said == wanted.replace("float32", "1")
    assert standard.replay().identical


def test_one_number_by_itself_has_one_dimension(standard):
    (said,) = standard.ask(
        "every_element|float:1:1:0000803f|double:2:1:000000000000f03f|scalar:1:1:0000803f"
    )
    assert said.startswith("error 0 bad-tensor: input")  # it takes others, which wasi:nn has not


def test_what_goes_wrong_is_an_error_of_the_standard_and_the_guest_goes_on(standard):
    said = standard.ask(
        f"nobody|x:1:1,64:{X}\nmlp|x:1:1,63:*252\nmlp|x:1:2,64:{X}\n!08011234\n"
        f"gather|i:6:1:0900000000000000\nmlp|x:1:1,64:{floats(*[0] * 64)}"
    )
    assert [line.split(" ")[:2] for line in said[:5]] == [
        ["error", "7"], ["error", "0"], ["error", "0"], ["error", "7"], ["error", "0"],
    ]  # fmt: skip
    assert said[1] == 'error 0 bad-tensor: input "x": expected [any, 64], given [1, 63]'
    assert said[5] == "= y:1:1,16:" + "00" * 64


BAD_MODEL, SECURITY = "1", "7"


def test_a_model_of_bytes_that_the_guest_has_computes_in_a_process_of_its_own(zoo, tmp_path):
    model = (zoo / "recorded.onnx").read_bytes().hex()
    own = Thinking(tmp_path, {"own": "guest = true\nmemory = '4 MiB'"}, zoo=zoo, guest="nn/nn.wasm")
    said = own.ask(
        f"!{model}|x:1:1,64:{X}\n!{model}|x:1:1,63:*252\n!{model[:2000]}|x:1:1,64:{X}\n"
        f"mlp|x:1:1,64:{X}"
    )
    (wanted,) = Thinking(tmp_path, {"mlp": f"file = '{zoo}/mlp.onnx'"}, zoo=zoo).ask(RUN)
    assert said[0] == wanted.replace("float32", "1")
    assert said[1] == 'error 0 bad-tensor: input "x": expected [any, 64], given [1, 63]'
    assert said[2].startswith(f"error {BAD_MODEL} bad-model: it: ONNX Runtime")
    assert said[3].startswith(f"error {SECURITY} not-granted")


def test_what_the_process_of_a_model_does_ends_with_it(zoo):
    many = (2**40).to_bytes(8, "little")
    loop, wide = ((zoo / f"{name}.onnx").read_bytes() for name in ("loop", "wide"))
    late = compute_in_process(loop, [("times", "int64", [], many)], 10**8, 1 << 20)
    assert late.payload[0] == "timeout"
    given = [("x", "float32", [1], bytes(4)), ("shape", "int64", [1], many)]
    large = compute_in_process(wide, given, 10**10, 1 << 20)
    assert large.payload[0] == "model-failed"
