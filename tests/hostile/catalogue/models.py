"""Models: tensors that lie, bytes that reach for files, questions that break whoever is asked."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onnx import TensorProto, helper
from wasmtime import wat2wasm

from tests.hostile.attack import MIB
from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene, Words
from tests.hostile.catalogue.seen import Seen
from tests.inference.models import I64, mlp, saved, value

_MORE = {"fuel": 600_000_000, "work": 2_000_000_000, "memory": 16 * MIB}
_RIGHT, _LENGTHS = "x:float32:1,64:*256", "shape:int64:2:"


def _said(seen: Seen) -> str:
    """How its last line begins; how its message ended, where that was not well."""
    if seen.codes[-1] != "done":
        return seen.codes[-1]
    words = seen.logs[-1].split(" ") if seen.logs else ["nothing"]
    return words[1].partition(":")[0] if words[0] == "error" else "tensors"


def _code(seen: Seen) -> str:
    """The same of the standard: the ordinal of its error, and which fault it was."""
    found = _said(seen)
    return seen.logs[-1].split(":")[0] if seen.logs and seen.logs[-1].startswith("error") else found


def _asks(kind: str, line: str) -> Act:
    return Act(kind, ((("", "think", line),),), _said)


def _loads(kind: str, model: str) -> Act:
    return Act(kind, ((("", "think", f"!<{model}>|{_X}"),),), _code)


_X = "x:1:1,64:*256"
_COMPUTES = Control("one that fits", _asks("thinker", f"run mlp|{_RIGHT}"), "tensors")
_TENSORS = {
    "product": ("gives a shape whose product overflows", f"run mlp|x:float32:{2**32 - 1},64:", "bad-tensor"),
    "rank": ("gives a shape of other dimensions", f"run mlp|x:float32:{','.join(['65536'] * 8)}:", "bad-tensor"),
    "short": ("gives fewer bytes than the shape has", "run mlp|x:float32:1,64:*252", "bad-tensor"),
    "long": ("gives more bytes than the shape has", "run mlp|x:float32:1,64:*260", "bad-tensor"),
    "nothing": ("gives no bytes for a length that is not 0", "run mlp|x:float32:1,64:", "bad-tensor"),
    "text": ("gives texts for numbers", "run mlp|x:text:1,64:a", "bad-tensor"),
    "twice": ("gives one input twice", f"run mlp|{_RIGHT}|{_RIGHT}", "bad-tensor"),
    "other": ("gives an input that there is not", f"run mlp|{_RIGHT}|y:float32:1:*4", "bad-tensor"),
    "large": ("gives more bytes than a call may have", f"run mlp|x:float32:{2**13},64:*{2**21}", "too-large"),
    "length": (
        "has a length come out that no agent can be told",
        f"run empty|{_LENGTHS}{struct.pack('<2q', 0, 2**40).hex()}", "too-large",
    ),
    "negative": (
        "asks for a length below 0", f"run empty|{_LENGTHS}{struct.pack('<2q', 2, -2).hex()}", "model-failed"
    ),
    "other-model": ("asks a model that it was not granted", f"run other|{_RIGHT}", "not-granted"),
    "no-model": ("asks a model under a name that is a path", f"run ../mlp.onnx|{_RIGHT}", "not-granted"),
}  # fmt: skip
_GUESTS = [
    *(
        Attack(name, tries, _asks("thinker", line), must, _COMPUTES)
        for name, (tries, line, must) in _TENSORS.items()
    ),
    Attack("ungranted-bytes", "brings a model where none may be brought", _loads("plain", "model"),
           "error 7 no model is granted that agents bring the bytes of",
           Control("where one may", _loads("bringer", "model"), "tensors")),
    Attack("bytes-of-a-file", "brings a model whose weights are /etc/passwd",
           _loads("bringer", "thief"), "error 1 bad-model",
           Control("its own weights", _loads("bringer", "model"), "tensors")),
]  # fmt: skip


def _flood(*, kept: bool) -> bytes:
    """A command that makes ten tensors of 250,000 dimensions and no bytes."""
    dropped = "" if kept else "(call $drop (local.get $it))"
    return bytes(wat2wasm(f"""(component
      (import "wasi:nn/tensor@0.2.0-rc-2024-10-28" (instance $t
        (type $e (enum "FP16" "FP32" "FP64" "BF16" "U8" "I32" "I64"))
        (export "tensor-type" (type $ty (eq $e)))
        (export "tensor" (type $res (sub resource)))
        (export "[constructor]tensor" (func (param "dimensions" (list u32)) (param "ty" $ty)
          (param "data" (list u8)) (result (own $res))))))
      (alias export $t "tensor" (type $tensor))
      (core module $memory (memory (export "memory") 16))
      (core instance $memory (instantiate $memory))
      (alias core export $memory "memory" (core memory $mem))
      (core func $new (canon lower (func $t "[constructor]tensor") (memory $mem)))
      (core func $drop (canon resource.drop $tensor))
      (core instance $env (export "memory" (memory $mem)) (export "new" (func $new))
        (export "drop" (func $drop)))
      (core module $m
        (import "env" "memory" (memory 16))
        (import "env" "new" (func $new (param i32 i32 i32 i32 i32) (result i32)))
        (import "env" "drop" (func $drop (param i32)))
        (func (export "run") (result i32) (local $n i32) (local $it i32)
          (memory.fill (i32.const 0) (i32.const 7) (i32.const 1000000))
          (loop $l
            (local.set $it (call $new (i32.const 0) (i32.const 250000) (i32.const 1)
              (i32.const 0) (i32.const 0))) {dropped}
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $l (i32.lt_u (local.get $n) (i32.const 10))))
          (i32.const 0)))
      (core instance $main (instantiate $m (with "env" (instance $env))))
      (func $run (result (result)) (canon lift (core func $main "run")))
      (component $shape (import "run" (func $run (result (result)))) (export "run" (func $run)))
      (instance $run (instantiate $shape (with "run" (func $run))))
      (export "wasi:cli/run@0.2.0" (instance $run)))"""))  # fmt: skip


def _ends(kind: str) -> Act:
    return Act(kind, ((("", "any", "x"),),), lambda seen: seen.codes[-1])


_GUESTS.append(
    Attack("dimensions", "keeps tensors of no bytes and millions of lengths", _ends("keeps"),
           "held-bytes", Control("drops each", _ends("drops"), "done"))
)  # fmt: skip

_CHAT = "from wasm_agent import chat; got = chat.complete('words', [chat.user('x')]"
_HALF = r"\ud800"
_MANY = json.dumps({"items": {"enum": list(range(9_000))}}, separators=(",", ":"))
_WORDS = Control("asks it in plain words", python("chatter", f"{_CHAT}).finish"), "stop")
_ASKED = {
    "half-a-tool": (
        "offers a function whose schema has half a character",
        f"{_CHAT}, tools=[chat.ToolSpec('t', 't', r'''{{\"title\":\"{_HALF}\"}}''')])", "invalid-request",
    ),
    "half-a-schema": (
        "wants an answer of half a character",
        f"{_CHAT}, schema=r'''{{\"enum\":[\"{_HALF}\"]}}''')", "invalid-request",
    ),
    "endless-schema": (
        "wants an answer whose judgement takes for ever", f"{_CHAT}, schema='''{_MANY}''')", "bad-answer",
    ),
    "granted-to-others": (
        "asks a language model that it was not granted", _CHAT.replace("'words'", "'own'") + ")", "not-granted",
    ),
}  # fmt: skip
_GUESTS += [
    Attack(name, tries, python("chatter", code), must, _WORDS)
    for name, (tries, code, must) in _ASKED.items()
]


@contextmanager
def _models(folder: Path) -> Iterator[Words]:
    mlp(folder / "mlp.onnx", portable=False)
    nodes = [helper.make_node("ConstantOfShape", ["shape"], ["y"])]
    back = helper.make_tensor_value_info("y", TensorProto.FLOAT, None)
    saved(folder / "empty.onnx", nodes, [value("shape", I64)], [back])
    weights = TensorProto(name="w", data_type=TensorProto.UINT8, dims=[8], data_location=1)
    for key, said in (("location", "/etc/passwd"), ("offset", "0"), ("length", "8")):
        weights.external_data.add(key=key, value=said)
    nodes = [helper.make_node("Identity", ["w"], ["y"])]
    back = helper.make_tensor_value_info("y", TensorProto.UINT8, [8])
    saved(folder / "thief.onnx", nodes, [], [back], [weights])
    folder.joinpath("words.toml").write_text(f"[[answer]]\ncontent = '{[8_999] * 2_000}'\n")
    folder.joinpath("keeps.wasm").write_bytes(_flood(kept=True))
    folder.joinpath("drops.wasm").write_bytes(_flood(kept=False))
    words = {"model": "mlp.onnx", "thief": "thief.onnx"}
    yield {word: folder.joinpath(name).read_bytes().hex() for word, name in words.items()}


_NN = {**_MORE, "source": "testing/nn/nn.wasm"}
_MEMORY = {"memory": MIB}
SCENES = [
    Scene(
        "models",
        _GUESTS,
        {
            "thinker": {
                **_MORE,
                "source": "testing/thinker/thinker.wasm",
                "grants": ["model:mlp", "model:empty"],
            },
            "plain": {**_NN, "grants": ["model:mlp"]},
            "bringer": {**_NN, "grants": ["model:own"]},
            "keeps": {**_MORE, "source": "keeps.wasm"},
            "drops": {**_MORE, "source": "drops.wasm"},
            "chatter": {**PYTHON, "grants": ["model:words"]},
        },
        {
            "models": {
                "mlp": {"file": "mlp.onnx", **_MEMORY},
                "other": {"file": "mlp.onnx", **_MEMORY},
                "empty": {"file": "empty.onnx", **_MEMORY},
                "own": {"guest": True, **_MEMORY},
                "words": {"script": "words.toml", "most": 60_000, "context": 120_000},
            }
        },
        around=_models,
        most=512 * MIB,
    )
]
