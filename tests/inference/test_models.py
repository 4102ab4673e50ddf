"""Agents ask models of tensors: what they get, what is refused, what the run holds of it."""

from __future__ import annotations

import struct
import sys

import numpy as np
import onnxruntime
import pytest

from tests.inference.devices import DEVICES, HAS_CUDA
from tests.inference.worlds import Thinking
from wasm_engine.concepts.errors import Misuse
from wasm_engine.control import checks, forks, inspection, runs
from wasm_engine.host.onnx_session import Session
from wasm_engine.journal import entries
from wasm_engine.journal.entries import ComputedStep, Intent, Result, StepBody
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world.models import WorldModels
from wasm_engine.world.world import World


def floats(*numbers: float) -> str:
    return struct.pack(f"<{len(numbers)}f", *numbers).hex()


X = floats(*(i / 64 for i in range(64)))
RUN = f"run mlp|x:float32:1,64:{X}"
LATER = f"start mlp|x:float32:1,64:{X}\ntake"
"""The same, without waiting first: an effect, and not computed within the segment."""


@pytest.fixture(scope="module", params=DEVICES)
def device(request):
    return request.param


@pytest.fixture(scope="module")
def thinking(zoo, tmp_path_factory, device):
    """A world whose agent may ask all models."""
    names = ("mlp", "recorded", "conv", "attention", "every_element", "mixed", "gather", "loop")
    keys = {name: f"file = '{zoo / name}.onnx'\ndevice = '{device}'" for name in names}
    return Thinking(tmp_path_factory.mktemp("world"), keys, zoo=zoo)


def bodies(file):
    """What the entries of a run say."""
    with RunFile.open(file, verify="all") as run:
        return [entries.decode(entry.kind, entry.body) for entry in run.entries(2)]


def test_what_a_model_gives_is_what_onnx_runtime_gives_on_the_processor(thinking, zoo, device):
    """Bit for bit there; elsewhere as near as floats of 32 bits let it be."""
    x = np.frombuffer(bytes.fromhex(X), np.float32).reshape(1, 64)
    image = np.frombuffer(bytes((i & 0xFF, 0x3F)[(i & 3) == 3] for i in range(3072)), np.float32)
    wanted = []
    for name, given in (
        ("mlp", x),
        ("conv", image.reshape(1, 3, 16, 16)),
        ("attention", x.reshape(2, 32)),
    ):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        session = onnxruntime.InferenceSession(str(zoo / f"{name}.onnx"), options)
        wanted.append(session.run(None, {"x": given})[0])
    said = thinking.ask(
        f"{RUN}\nrun conv|x:float32:1,3,16,16:*3072\nrun attention|x:float32:2,32:{X}"
    )
    assert said[1].startswith("= y:float32:1,8,16,16:sum ")
    for line, shape, right in ((said[0], "1,16", wanted[0]), (said[2], "2,32", wanted[2])):
        head, _, given = line.rpartition(":")
        assert head == f"= y:float32:{shape}"
        if device == "cpu":
            assert given == right.tobytes().hex()
        found = np.frombuffer(bytes.fromhex(given), np.float32)
        assert np.allclose(found, right.ravel(), atol=1e-4)


def test_a_model_says_what_it_takes_and_gives(thinking, device):
    one, two = thinking.ask("describe mlp\ndescribe mixed")
    how = "portable" if device == "cpu" else "recorded"
    assert one.endswith(f" {how} x:float32:?,64 -> y:float32:?,16")
    assert two.endswith(
        " recorded words:text:? yes:boolean x:float32:?,2 b:float32:2:optional"
        " -> same:text:? no:boolean sum:float32:?,2"
    )


def test_tensors_of_each_element_go_there_and_back(thinking):
    given = {
        "float": "float32:1:0000803f", "double": "float64:1:000000000000f03f",
        "float16": "float16:2:003c0040", "bfloat16": "bfloat16:2:803f0040",
        "int8": "int8:2:ff01", "int16": "int16:1:feff", "int32": "int32:1:fdffffff",
        "int64": "int64:1:fcffffffffffffff", "uint8": "uint8:3:0102ff",
        "uint16": "uint16:1:feff", "uint32": "uint32:1:fdffffff",
        "uint64": "uint64:1:fcffffffffffffff", "bool": "boolean:3:010001",
        "scalar": "float32::0000803f",
    }  # fmt: skip
    words = "|".join(f"{name}:{tensor}" for name, tensor in given.items())
    (said,) = thinking.ask(f"run every_element|{words}")
    assert said == "= " + " ".join(f"{name}_out:{tensor}" for name, tensor in given.items())


def test_texts_truth_and_inputs_that_are_left_out(thinking):
    given = "words:text:2:añ,b|yes:boolean::01|x:float32:1,2:" + floats(1, 1)
    one, two = thinking.ask(f"run mixed|{given}\nrun mixed|{given}|b:float32:2:{floats(5, 5)}")
    assert one == f"= same:text:2:añ,b no:boolean::00 sum:float32:1,2:{floats(2, 3)}"
    assert two == f"= same:text:2:añ,b no:boolean::00 sum:float32:1,2:{floats(6, 6)}"


TENSOR = 'bad-tensor input "x": '
WRONG = {
    f"nobody|x:float32:1,64:{X}": "not-granted model:nobody",
    f"mlp|z:float32:1,64:{X}": 'bad-tensor no input is called "z"; there are "x"',
    f"mlp|x:float32:1,64:{X}|x:float32:1,64:{X}": 'bad-tensor input "x" is given twice',
    "mlp": 'bad-tensor input "x" is missing: float32 [any, 64]',
    "mlp|x:float64:1,64:*512": TENSOR + "expected float32, given float64",
    "mlp|x:float32:1,63:*252": TENSOR + "expected [any, 64], given [1, 63]",
    f"mlp|x:float32:64:{X}": TENSOR + "expected [any, 64], given [64]",
    f"mlp|x:float32:2,64:{X}": TENSOR + "a shape of [2, 64] has 128 elements, given 64",
    "gather|i:int64:1:0900000000000000": "bad-tensor the model cannot compute with these",
    "mlp|x:float32:4100,64:*1049600": (
        "too-large a call of mlp may have 1048576 bytes, given 1049600"
    ),
}


def test_what_does_not_fit_is_refused_and_the_agent_goes_on(zoo, tmp_path):
    keys = {n: f"file = '{zoo / n}.onnx'\nmemory = '1 MiB'" for n in ("mlp", "gather")}
    world = Thinking(tmp_path, keys, zoo=zoo)
    said = world.ask("\n".join([*(f"run {given}" for given in WRONG), RUN]))
    assert said[:-1] == [f"error {wanted}" for wanted in WRONG.values()]
    assert said[-1].startswith("= y:")
    assert world.replay().identical


def test_what_comes_out_too_large_is_a_fault(zoo, tmp_path):
    keys = {"wide": f"file = '{zoo}/wide.onnx'\nmemory = '1 MiB'"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    one, many = (n.to_bytes(8, "little").hex() for n in (2, 300_000))
    given = f"run wide|x:float32:1:{floats(1)}|shape:int64:1:"
    fine, large = world.ask(f"{given}{one}\n{given}{many}")
    assert fine == f"= y:float32:2:{floats(1, 1)}"
    assert large == "error too-large a call may have 1048576 bytes, this one has 1200012"


def test_what_computes_at_once_and_fails_is_paid_for_nevertheless(zoo, tmp_path):
    keys = {"mlp": f"file = '{zoo}/mlp.onnx'\nmemory = '1 MiB'"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    (said,) = world.ask("run mlp|x:float32:4000,64:*1024000")
    assert said == "error too-large a call may have 1048576 bytes, this one has 1280000"
    (step,) = (body for body in bodies(world.file) if isinstance(body, StepBody))
    failed = step.segments[0].work
    world.ask("run mlp|x:float32:3000,64:*768000")
    (step,) = (body for body in bodies(world.file) if isinstance(body, StepBody))
    assert failed > 50_000_000 + step.segments[0].work / 2


def test_the_history_is_the_same_with_any_number_of_threads(zoo, tmp_path):
    keys = {n: f"file = '{zoo / n}.onnx'\nconcurrency = 3" for n in ("mlp", "conv")}
    world = Thinking(tmp_path, keys, zoo=zoo, count=3)
    start = f"start mlp|x:float32:1,64:{X}\nstart conv|x:float32:1,3,16,16:*3072\ntake\ntake\n"
    chains = set()
    for workers in (1, 2, 4):
        file = tmp_path / f"w{workers}.run"
        scripts = [start + f"run mlp|x:float32:1,64:{floats(*[i] * 64)}" for i in range(3)]
        chains.add(world.run(*scripts, file=file, pace=runs.Pace(workers=workers)).chain)
    assert len(chains) == 1
    found = [body for body in bodies(file) if isinstance(body, (Intent, Result))]
    issued = {body.number: body.step for body in found if isinstance(body, Intent)}
    ended = {body.number: body.step for body in found if isinstance(body, Result)}
    assert len(issued) == 6
    assert ended == {number: step + 1 for number, step in issued.items()}


def test_a_replay_needs_neither_model_nor_onnx_runtime(thinking, device, monkeypatch):
    thinking.ask(f"{RUN}\nrun attention|x:float32:2,32:{X}\ndescribe mlp")
    rows = checks.check(thinking.manifest, allow=thinking.allow).models
    assert {row.device for row in rows} == {device}
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    monkeypatch.setattr(WorldModels, "compute", None)
    assert thinking.replay().identical


def test_a_small_portable_model_computes_within_the_segment(zoo, tmp_path):
    keys = {"mlp": f"file = '{zoo}/mlp.onnx'"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    said = world.ask(f"{RUN}\n{RUN}")
    later = world.ask(f"{LATER}\n{LATER}")
    assert said == later
    at_once, parked = (list(bodies(tmp_path / f"{n}.run")) for n in range(2))
    (step,) = (body for body in at_once if isinstance(body, StepBody))
    assert isinstance(step, ComputedStep)
    assert [outcome[0] for _, outcome in step.computed[0]] == ["ok", "ok"]
    rows = inspection.inspect(tmp_path / "0.run", wanted=inspection.Wanted(messages=True)).effects
    told = [(row.number, row.step, row.arrived, row.arguments) for row in rows]
    assert told == [(0, 1, 1, ["tensors", "mlp"])] * 2
    assert rows[0].call < rows[1].call
    assert not [body for body in at_once if isinstance(body, Intent)]
    assert not [body for body in parked if isinstance(body, ComputedStep)]
    assert len([body for body in parked if isinstance(body, Intent)]) == 2


def test_what_is_large_or_has_loops_or_is_recorded_is_an_effect(zoo, tmp_path):
    from onnx import TensorProto, helper  # noqa: PLC0415

    names = ("mlp", "recorded", "loop", "wide")
    keys = {name: f"file = '{zoo / name}.onnx'" for name in names}
    many = (8 << 20) // 4 + 1
    big = helper.make_tensor("w", TensorProto.FLOAT, [many], bytes(4 * many), raw=True)
    x, y = (helper.make_tensor_value_info(n, TensorProto.FLOAT, ["n"]) for n in "xy")
    nodes = [
        helper.make_node("Gather", ["w", "i"], ["g"]),
        helper.make_node("Add", ["x", "g"], ["y"]),
    ]
    index = helper.make_tensor("i", TensorProto.INT64, [1], [0])
    graph = helper.make_graph(nodes, "big", [x], [y], [big, index])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    helper.set_model_props(model, {"wasm-engine.portable": "1"})
    (tmp_path / "big.onnx").write_bytes(model.SerializeToString())
    keys["big"] = f"file = '{tmp_path}/big.onnx'"
    world = Thinking(tmp_path, keys, zoo=zoo)
    two = (2).to_bytes(8, "little").hex()
    said = world.ask(
        f"{RUN}\nrun recorded|x:float32:1,64:{X}\nrun loop|times:int64::{two}\n"
        f"run big|x:float32:1:{floats(5)}\nrun wide|x:float32:1:{floats(1)}|shape:int64:1:{two}"
    )
    assert said[3] == f"= y:float32:1:{floats(5)}"
    asked = [body.arguments[1] for body in bodies(world.file) if isinstance(body, Intent)]
    assert asked == ["recorded", "loop", "big", "wide"]
    assert world.replay().identical


def test_a_guest_that_is_made_again_is_told_what_was_computed_at_once(zoo, tmp_path):
    keys = {"mlp": f"file = '{zoo}/mlp.onnx'"}
    world = Thinking(tmp_path, keys, zoo=zoo, count=2)
    script = f"{RUN}\n{LATER}\n{RUN}\n{LATER}\n{RUN}"
    chains = set()
    world.run(script, script, file=tmp_path / "whole.run")
    for live in (0, 4_096):
        file = tmp_path / f"{live}.run"
        inputs = [(f"a/{i}", "think", ("text", script)) for i in (1, 2)]
        made = World.load(world.manifest)
        with made.begin(file, inputs=inputs, max_live=live) as run:
            run.execution.go(Until())
        assert (
            world.said(file, "a/1")
            == world.said(file, "a/2")
            == world.said(tmp_path / "whole.run", "a/1")
        )
        chains.add(world.replay(file).chain)
    assert len(chains) == 1


def test_what_computes_at_once_counts_in_budgets_and_costs_host_work(zoo, tmp_path):
    keys = {"mlp": f"file = '{zoo}/mlp.onnx'"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    with world.manifest.open("a") as text:
        text.write("[budgets.all]\neffects = 3\n")
    said = world.ask(f"{RUN}\n{LATER}\n{RUN}\n{RUN}")
    assert [line.split()[0] for line in said] == ["=", "=", "=", "error"]
    assert said[3].startswith("error budget all: effects")
    spent = {}
    for count in (1, 2):
        world.ask("\n".join([RUN] * count))
        (step,) = (body for body in bodies(world.file) if isinstance(body, StepBody))
        spent[count] = step.segments[0].work
    assert spent[2] - spent[1] > (zoo / "mlp.onnx").stat().st_size // 8


def digested(zoo, folder):
    """A run of a world that keeps only digests."""
    keys = {"mlp": f"file = '{folder}/own.onnx'\nstore = 'digest'"}
    (folder / "own.onnx").write_bytes((zoo / "mlp.onnx").read_bytes())
    world = Thinking(folder, keys, zoo=zoo)
    world.ask(RUN)
    return world


def test_of_what_was_computed_at_once_the_run_may_hold_digests_alone(zoo, tmp_path):
    world = digested(zoo, tmp_path)
    (step,) = (body for body in bodies(world.file) if isinstance(body, ComputedStep))
    (((_, row),),) = step.computed
    assert [row[0], len(row[1])] == ["sha256", 32]
    assert world.replay().identical


def test_of_a_portable_model_the_run_may_hold_digests_alone(zoo, tmp_path):
    world = digested(zoo, tmp_path)
    world.ask(LATER)
    (outcome,) = (body.outcome for body in bodies(world.file) if isinstance(body, Result))
    assert [outcome[0], len(outcome[1])] == ["sha256", 32]
    assert world.replay().identical
    look = inspection.inspect(world.file, wanted=inspection.Wanted(messages=True))
    assert look.effects[0].outcome[0] == "sha256"
    assert look.models[0].portable
    assert inspection.inspect(world.file, wanted=inspection.Wanted(state=True)).state is not None


def test_a_run_of_digests_says_which_model_its_replay_needs(zoo, tmp_path, monkeypatch):
    world = digested(zoo, tmp_path)
    monkeypatch.setenv("WASM_ENGINE_HOME", str(tmp_path / "nothing"))
    with pytest.raises(Misuse, match=r"needs the model mlp, sha256:[0-9a-f]{64}") as missing:
        world.replay()
    assert missing.value.code == "no-model"
    monkeypatch.delenv("WASM_ENGINE_HOME")
    (tmp_path / "own.onnx").write_bytes((zoo / "other.onnx").read_bytes())
    with pytest.raises(Misuse, match="needs the model mlp, sha256:") as missing:
        world.replay()
    assert missing.value.code == "no-model"


def test_a_run_of_digests_says_that_its_replay_needs_onnx_runtime(zoo, tmp_path, monkeypatch):
    from wasm_engine.host import onnx_runtime  # noqa: PLC0415

    world = digested(zoo, tmp_path)
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    onnx_runtime.onnxruntime.cache_clear()
    try:
        with pytest.raises(Misuse, match="onnxruntime") as missing:
            world.replay()
    finally:
        monkeypatch.undo()
        onnx_runtime.onnxruntime.cache_clear()
    assert missing.value.code == "no-onnxruntime"


def test_a_model_that_computes_otherwise_is_a_divergence(zoo, tmp_path, monkeypatch):
    world = digested(zoo, tmp_path)
    compute = Session.compute

    def otherwise(self, *arguments):
        ((name, element, shape, data),) = compute(self, *arguments)
        return [(name, element, shape, bytes([data[0] ^ 1]) + data[1:])]

    monkeypatch.setattr(Session, "compute", otherwise)
    found = world.replay().divergence
    assert (found.agent, found.step) == ("a", 1)
    assert "digest" in found.expected


@pytest.mark.parametrize("store", ["results", "digest"])
@pytest.mark.parametrize(("asked", "how"), [(RUN, "compute_at_once"), (LATER, "compute")])
def test_a_run_that_was_killed_as_a_model_computed_goes_on_as_if_not(
    zoo, tmp_path, monkeypatch, store, asked, how
):
    from tests.effects.worlds import copied  # noqa: PLC0415

    keys = {"mlp": f"file = '{zoo}/mlp.onnx'\nstore = '{store}'"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    compute, seen = getattr(WorldModels, how), []

    def killed(self, issues):
        seen.append(issues)
        if len(seen) == 2:
            self_file.flush()
            copied(world.file, "killed.run")
        return compute(self, issues)

    import wasm_engine.world.run as run_module  # noqa: PLC0415

    init = run_module.Run.__init__

    def remember(self, file, *more, **named):
        nonlocal self_file
        self_file = file
        init(self, file, *more, **named)

    self_file = None
    monkeypatch.setattr(run_module.Run, "__init__", remember)
    monkeypatch.setattr(WorldModels, how, killed)
    whole = world.run(f"{asked}\n{asked}\n{asked}")
    monkeypatch.undo()
    again = runs.resume(tmp_path / "killed.run")
    assert again.chain == whole.chain
    assert world.said(tmp_path / "killed.run") == world.said()


def test_recorded_models_are_asked_beside_each_other_as_far_as_the_manifest_says(
    zoo, tmp_path, monkeypatch
):
    import threading  # noqa: PLC0415

    keys = {"recorded": f"file = '{zoo}/recorded.onnx'\nconcurrency = 2"}
    world = Thinking(tmp_path, keys, zoo=zoo)
    compute, lock, both = Session.compute, threading.Lock(), threading.Barrier(2, timeout=20)
    now, most = [], []

    def counted(self, *arguments):
        with lock:
            now.append(1)
            most.append(len(now))
        both.wait()
        try:
            return compute(self, *arguments)
        finally:
            with lock:
                now.pop()

    monkeypatch.setattr(Session, "compute", counted)
    tensor = f"recorded|x:float32:1,64:{X}"
    said = world.ask(f"start {tensor}\n" * 4 + "take\n" * 4)
    assert (len(said), max(most)) == (4, 2)


def test_what_takes_too_long_ends_with_a_timeout(zoo, tmp_path):
    keys = {
        "loop": f"file = '{zoo}/loop.onnx'\ntimeout = '60 ms'",
        "mlp": f"file = '{zoo}/mlp.onnx'",
    }
    world = Thinking(tmp_path, keys, zoo=zoo)
    many, few = (2**40).to_bytes(8, "little").hex(), (2).to_bytes(8, "little").hex()
    said = world.ask(
        f"run loop|times:int64::{many}\nlimit 20000000|loop|times:int64::{many}\n"
        f"run loop|times:int64::{few}\n{RUN}"
    )
    assert said[0] == "error timeout the model took longer than 60000000 ns"
    assert said[1] == "error timeout the model took longer than 20000000 ns"
    assert said[2].startswith("= y:float32:64,64:")
    assert said[3].startswith("= y:")
    assert world.replay().identical


def test_a_fork_takes_over_what_models_gave_and_needs_none(zoo, tmp_path):
    (tmp_path / "own.onnx").write_bytes((zoo / "mlp.onnx").read_bytes())
    world = Thinking(tmp_path, {"mlp": f"file = '{tmp_path}/own.onnx'"}, zoo=zoo)
    world.ask(f"{LATER}\n{LATER}\n{LATER}")
    (tmp_path / "own.onnx").unlink()
    for at, edits in ((1, forks.Edits()), (2, forks.Edits(seed=9))):
        out = tmp_path / f"fork{at}.run"
        forks.fork(world.file, at=at, out=out, edits=edits)
        runs.resume(out)
        assert world.said(out) == world.said()


def refused(zoo, tmp_path, keys):
    world = Thinking(tmp_path, {"m": keys}, zoo=zoo)
    with pytest.raises(Misuse) as found:
        checks.check(world.manifest, allow=world.allow)
    assert "Traceback" not in str(found.value)
    return found.value.code, str(found.value)


def test_models_that_cannot_be_used_are_refused_before_anything_runs(zoo, tmp_path):
    import onnx  # noqa: PLC0415
    from onnx import helper  # noqa: PLC0415

    from tests.inference import models  # noqa: PLC0415

    junk, cut, new = (tmp_path / f"{name}.onnx" for name in ("junk", "cut", "new"))
    junk.write_bytes(b"no model at all")
    cut.write_bytes((zoo / "mlp.onnx").read_bytes()[:-100])
    future = onnx.load(zoo / "mlp.onnx")
    future.opset_import[0].version = 99
    new.write_bytes(future.SerializeToString())
    odd = models.saved(
        tmp_path / "random.onnx", [helper.make_node("RandomNormal", [], ["y"], shape=[2])], [],
        [models.value("y", shape=(2,))], portable=True,
    )  # fmt: skip
    wrong = models.saved(
        tmp_path / "wrong.onnx", [helper.make_node("NoSuchOp", ["x"], ["y"])], [models.value("x")],
        [models.value("y")],
    )  # fmt: skip
    for file in (junk, cut, new, odd, wrong):
        code, text = refused(zoo, tmp_path, f"file = '{file}'")
        assert (code, file.name in text) == ("bad-model", True), text
    code, text = refused(zoo, tmp_path, f"file = '{zoo}/mlp.onnx'\ndigest = 'sha256:{'0' * 64}'")
    assert code == "other-model"
    assert text.startswith("the model m is not sha256:000")
    code, _ = refused(zoo, tmp_path, f"file = '{zoo}/attention.onnx'\nstore = 'digest'")
    assert code == "not-portable"


def test_a_model_computes_where_it_should_or_says_why_it_cannot(zoo, tmp_path):
    keys = f"file = '{zoo}/recorded.onnx'\ndevice = "
    wanted = DEVICES[-1]
    if not HAS_CUDA:
        code, text = refused(zoo, tmp_path, keys + "'cuda'")
        assert (code, "onnxruntime-gpu" in text) == ("no-device", True)
    world = Thinking(tmp_path, {"m": keys + "'auto'"}, zoo=zoo)
    assert [row.device for row in checks.check(world.manifest, allow=world.allow).models] == [
        wanted
    ]


def test_worlds_of_one_process_share_what_a_model_takes_of_memory(zoo, tmp_path):
    from wasm_engine.world import World  # noqa: PLC0415

    world = Thinking(tmp_path, {"mlp": f"file = '{zoo}/mlp.onnx'"}, zoo=zoo)
    one, two = (World.load(world.manifest) for _ in range(2))
    (first, _), (second, _) = one._models["mlp"], two._models["mlp"]
    assert first.session is second.session
