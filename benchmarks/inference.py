"""Models: what a call of a small guest costs above ONNX Runtime's own, and what tensors cost.

The model is made here: 64 numbers to 16, by way of 128. Its calls are those of a command in C, 20
of a message, without what the first of them costs; the floor is the same session asked by numpy.
Tensors of 600 KB go into a model that adds them up. A sentence becomes a vector by the model that
`make library` builds; its floor is the same session, asked by numpy, and the package `tokenizers`.
Without ONNX Runtime, `onnx` to make models with, or that model, there are no such rows.
"""

from __future__ import annotations

import importlib.util
import shutil
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.measuring import folder, world
from wasm_engine.agents.read_manifest import from_mapping
from wasm_engine.concepts.portable import MARK
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world.models import found_here, models_here

THINKER = Path(__file__).parents[1] / "guests/testing/thinker/thinker.wasm"
RUNS, CALLS, MESSAGES = 3, 20, 25
NUMBERS = 150_000
"""Of a tensor of 600 KB."""
SENTENCES = Path(sys.prefix) / "models/minilm"
SENTENCE = "The names that a block binds are found before any of its code is executed."
EMBEDDED = 40
"""Vectors of one message."""


def measure() -> list[Figure]:
    if not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime")):
        return []
    with folder() as home:
        _models(home)
        shutil.copyfile(THINKER, home / "thinker.wasm")
        x = struct.pack("<64f", *(i / 64 for i in range(64))).hex()
        small = f"small|x:float32:1,64:{x}"
        large = f"large|x:float32:{NUMBERS}:*{4 * NUMBERS}"
        own, own_large = _own(home, "small", (1, 64), 2_000), _own(home, "large", (NUMBERS,), 100)
        call, tensor = _call(home, small) - own, _call(home, large) / 1e3
        return [
            Figure("a call of a model, above ONNX Runtime's own", call, "us", most=60, floor=own),
            Figure("600 KB of tensor, in", tensor, "ms", most=4, floor=own_large / 1e3),
            Figure("a model of which another world has a session", _again(home), "ms", most=1),
            *_embedded(home),
        ]


def _models(home: Path) -> None:
    import numpy  # noqa: PLC0415
    from onnx import TensorProto, helper  # noqa: PLC0415

    def weights(name: str, *shape: int) -> object:
        data = numpy.random.default_rng(0).standard_normal(shape).astype("<f4")
        return helper.make_tensor(name, TensorProto.FLOAT, shape, data.tobytes(), raw=True)

    def save(name: str, nodes: list[object], given: object, back: object, held: object) -> None:
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, given)
        y = helper.make_tensor_value_info("y", TensorProto.FLOAT, back)
        graph = helper.make_graph(nodes, name, [x], [y], held)
        opsets = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=9)
        helper.set_model_props(model, {MARK: "1"})
        (home / f"{name}.onnx").write_bytes(model.SerializeToString())

    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["h"]),
        helper.make_node("Tanh", ["h"], ["t"]),
        helper.make_node("MatMul", ["t", "v"], ["y"]),
    ]
    save("small", nodes, ["n", 64], ["n", 16], [weights("w", 64, 128), weights("v", 128, 16)])
    save("large", [helper.make_node("ReduceSum", ["x"], ["y"], keepdims=0)], ["n"], [], [])


def _manifest() -> dict[str, object]:
    tables = {name: {"file": f"{name}.onnx"} for name in ("small", "large")}
    grants = [f"model:{name}" for name in tables]
    agent = {"source": "thinker.wasm", "grants": grants, "work": 10**12, "fuel": 10**12}
    return {"agents": {"a": agent}, "models": tables}


def _least(do: Callable[[], float]) -> float:
    return min(do() for _ in range(RUNS))


def _own(home: Path, name: str, shape: tuple[int, ...], times: int) -> float:
    """Microseconds of a call of ONNX Runtime by itself."""
    import numpy  # noqa: PLC0415

    from wasm_engine.host.onnx_runtime import new_session  # noqa: PLC0415

    session, x = new_session(str(home / f"{name}.onnx"), "cpu", 1), numpy.zeros(shape, "<f4")

    def once() -> float:
        began = time.process_time()
        for _ in range(times):
            session.run(None, {"x": x})
        return (time.process_time() - began) / times * 1e6

    return _least(once)


def _call(home: Path, asked: str) -> float:
    """Microseconds of a call of a guest, of which a message makes many."""

    def spent(times: int) -> float:
        inputs = [("a", "think", ("text", f"again {times}|{asked}")) for _ in range(MESSAGES)]
        with world(home, _manifest()).begin(home / "bench.run", inputs=inputs) as run:
            began = time.process_time()
            run.execution.go(Until())
            found = time.process_time() - began
        (home / "bench.run").unlink()
        return found

    many, one = _least(lambda: spent(CALLS + 1)), _least(lambda: spent(1))
    return (many - one) / MESSAGES / CALLS * 1e6


def _embedded(home: Path) -> list[Figure]:
    """A sentence as a vector, asked for by a guest, and without any of this."""
    if not (SENTENCES / "model.onnx").exists() or not importlib.util.find_spec("tokenizers"):
        return []
    agent = {"source": "thinker.wasm", "grants": ["model:s"], "work": 10**12, "fuel": 10**12}
    manifest = {"agents": {"a": agent}, "models": {"s": {"folder": str(SENTENCES)}}}

    def asked(times: int) -> float:
        script = "\n".join([f"embed s|{SENTENCE}"] * times)
        inputs = [("a", "think", ("text", script))]
        with world(home, manifest).begin(home / "bench.run", inputs=inputs) as run:
            began = time.process_time()
            run.execution.go(Until())
            found = time.process_time() - began
            assert run.execution.scheduler.totals.dead_letters == 0
        (home / "bench.run").unlink()
        return found

    plain = _sentence()
    pairs = []
    for _ in range(RUNS):  # in turns: both of the same minute
        floor = plain()
        pairs.append(((asked(EMBEDDED + 1) - asked(1)) / EMBEDDED * 1e3, floor))
    ours, floor = (min(column) for column in zip(*pairs, strict=True))
    return [Figure("a sentence as a vector", ours, "ms", floor=floor, times=1.2)]


def _sentence() -> Callable[[], float]:
    """Measures the milliseconds of the same by ONNX Runtime and `tokenizers` themselves."""
    import numpy  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    from wasm_engine.host.onnx_runtime import new_session  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(SENTENCES / "tokenizer.json"))
    tokenizer.no_padding()
    session = new_session(str(SENTENCES / "model.onnx"), "cpu", 1)

    def once() -> None:
        found = tokenizer.encode(SENTENCE)
        rows = {
            "input_ids": found.ids,
            "attention_mask": found.attention_mask,
            "token_type_ids": found.type_ids,
        }
        feed = {it.name: numpy.array([rows[it.name]], "<i8") for it in session.get_inputs()}
        session.run(None, feed)

    def measured() -> float:
        once()
        began = time.process_time()
        for _ in range(EMBEDDED):
            once()
        return (time.process_time() - began) / EMBEDDED * 1e3

    return measured


def _again(home: Path) -> float:
    """Milliseconds until a world has a model that another one of the process has loaded."""
    manifest = from_mapping({**_manifest(), "models": {"small": {"file": "small.onnx"}},
                             "agents": {"a": {"source": "thinker.wasm"}}}, home)  # fmt: skip
    held = models_here(manifest, found_here(manifest), lambda _text: None)

    def once() -> float:
        began = time.process_time()
        models_here(manifest, found_here(manifest), lambda _text: None)
        return (time.process_time() - began) * 1e3

    found = _least(once)
    held.clear()
    return found
