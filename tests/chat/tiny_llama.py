"""A language model of two layers with random weights, as ONNX Runtime GenAI wants its folders.

It knows bytes and a few words, and talks nonsense: always the same for the same question and seed.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS, HIDDEN, HEADS, KV_HEADS, SIZE, INNER = 2, 32, 2, 1, 16, 64
CONTEXT = 512
TEMPLATE = (
    "{% for message in messages %}<{{ message['role'] }}>{{ message['content'] }}\n{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
TOOLS = "{% if tools %}<tools>{{ tools }}</tools>{% endif %}" + TEMPLATE


def write_model(folder: Path, *, template: str | None = TEMPLATE) -> Path:
    """Writes the model into a folder that is not there yet."""
    folder.mkdir(parents=True)
    vocabulary = _tokenizer(folder, template)
    onnx.save(_graph(vocabulary), folder / "model.onnx")
    (folder / "genai_config.json").write_text(json.dumps(_config(vocabulary)))
    return folder


def _alphabet() -> dict[int, str]:
    """How byte-level tokenizers write bytes: those that print as they are, others from 256 on."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    found = {byte: chr(byte) for byte in shown}
    others = (byte for byte in range(256) if byte not in found)
    return found | {byte: chr(256 + number) for number, byte in enumerate(others)}


def _tokenizer(folder: Path, template: str | None) -> int:
    special = ["<unk>", "<s>", "</s>"]
    letters = _alphabet()
    vocabulary = {token: number for number, token in enumerate([*special, *letters.values()])}
    merges = []
    for word in ("the", "agent", "name"):
        built = word[0]
        for letter in word[1:]:
            if built + letter not in vocabulary:
                vocabulary[built + letter] = len(vocabulary)
                merges.append(f"{built} {letter}")
            built += letter
    added = [
        {
            "id": number, "content": token, "single_word": False, "lstrip": False,
            "rstrip": False, "normalized": False, "special": True,
        }
        for number, token in enumerate(special)
    ]  # fmt: skip
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True,
             "use_regex": True}  # fmt: skip
    tokenizer = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": None, "pre_tokenizer": level, "post_processor": None, "decoder": level,
        "model": {
            "type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
            "vocab": vocabulary, "merges": merges,
        },
    }  # fmt: skip
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>",
        "unk_token": "<unk>", "model_max_length": CONTEXT,
    }  # fmt: skip
    if template is not None:
        settings["chat_template"] = template
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer))
    (folder / "tokenizer_config.json").write_text(json.dumps(settings))
    return len(vocabulary)


def _config(vocabulary: int) -> dict[str, object]:
    return {
        "model": {
            "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 2,
            "context_length": CONTEXT, "type": "llama", "vocab_size": vocabulary,
            "decoder": {
                "session_options": {"log_id": "tiny", "provider_options": []},
                "filename": "model.onnx", "head_size": SIZE, "hidden_size": HIDDEN,
                "num_attention_heads": HEADS, "num_hidden_layers": LAYERS,
                "num_key_value_heads": KV_HEADS,
                "inputs": {
                    "input_ids": "input_ids", "attention_mask": "attention_mask",
                    "past_key_names": "past_key_values.%d.key",
                    "past_value_names": "past_key_values.%d.value",
                },
                "outputs": {
                    "logits": "logits", "present_key_names": "present.%d.key",
                    "present_value_names": "present.%d.value",
                },
            },
        },
        "search": {"do_sample": False, "max_length": CONTEXT, "past_present_share_buffer": False},
    }  # fmt: skip


def _graph(vocabulary: int) -> onnx.ModelProto:
    random = np.random.Generator(np.random.PCG64(0))
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []

    def weight(name: str, *shape: int) -> str:
        values = random.standard_normal(shape).astype(np.float32) * 0.3
        weights.append(numpy_helper.from_array(values, name))
        return name

    def head() -> str:
        """As a weight; what is special is unlikely, so that it goes on talking."""
        values = random.standard_normal((HIDDEN, vocabulary)).astype(np.float32) * 0.3
        values[:, :3] *= 0.01
        weights.append(numpy_helper.from_array(values, "head"))
        return "head"

    def constant(name: str, values: object) -> str:
        weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def add(op: str, inputs: list[str], output: str, domain: str = "", **given: object) -> str:
        nodes.append(helper.make_node(op, inputs, [output], domain=domain, **given))
        return output

    def norm(at: str, name: str) -> str:
        scale = constant(f"{name}.scale", np.ones(HIDDEN, np.float32))
        given = {"epsilon": 1e-5, "axis": -1, "stash_type": 1}
        return add("SimplifiedLayerNormalization", [at, scale], f"{name}.out", **given)

    _lengths(add, constant)
    angles = np.outer(np.arange(CONTEXT), 10000 ** (-np.arange(0, SIZE, 2) / SIZE))
    rotary = [
        constant("cos", np.cos(angles).astype(np.float32)),
        constant("sin", np.sin(angles).astype(np.float32)),
    ]
    at = add("Gather", [weight("embed", vocabulary, HIDDEN), "input_ids"], "embedded")
    for layer in range(LAYERS):
        name = f"layer{layer}"
        normed = norm(at, f"{name}.n1")
        widths = {"q": HEADS * SIZE, "k": KV_HEADS * SIZE, "v": KV_HEADS * SIZE}
        parts = [
            add("MatMul", [normed, weight(f"{name}.{it}.w", HIDDEN, width)], f"{name}.{it}")
            for it, width in widths.items()
        ]
        past = [f"past_key_values.{layer}.key", f"past_key_values.{layer}.value"]
        outputs = [f"{name}.attended", f"present.{layer}.key", f"present.{layer}.value"]
        nodes.append(
            helper.make_node(
                "GroupQueryAttention", [*parts, *past, "last", "total", *rotary], outputs,
                domain="com.microsoft", num_heads=HEADS, kv_num_heads=KV_HEADS, do_rotary=1,
            )
        )  # fmt: skip
        mixed = add(
            "MatMul", [outputs[0], weight(f"{name}.o.w", HEADS * SIZE, HIDDEN)], f"{name}.o"
        )
        at = add("Add", [at, mixed], f"{name}.r1")
        normed = norm(at, f"{name}.n2")
        gate = add("MatMul", [normed, weight(f"{name}.gate.w", HIDDEN, INNER)], f"{name}.gate")
        squashed = add("Sigmoid", [gate], f"{name}.sigmoid")
        silu = add("Mul", [gate, squashed], f"{name}.silu")
        up = add("MatMul", [normed, weight(f"{name}.up.w", HIDDEN, INNER)], f"{name}.up")
        inner = add("Mul", [silu, up], f"{name}.inner")
        down = add("MatMul", [inner, weight(f"{name}.down.w", INNER, HIDDEN)], f"{name}.down")
        at = add("Add", [at, down], f"{name}.r2")
    add("MatMul", [norm(at, "final"), head()], "logits")
    return _model(nodes, weights, vocabulary)


def _lengths(add, constant) -> None:  # type: ignore[no-untyped-def]
    """What attention must know of lengths: of each row the last place, and all places."""
    one, axis = constant("one", np.int64(1)), constant("axis", np.array([1], np.int64))
    summed = add("ReduceSum", ["attention_mask", axis], "summed", keepdims=0)
    less = add("Sub", [summed, one], "less")
    add("Cast", [less], "last", to=TensorProto.INT32)
    shape = add("Shape", ["attention_mask"], "shape")
    width = add("Gather", [shape, one], "width", axis=0)
    add("Cast", [width], "total", to=TensorProto.INT32)


def _model(
    nodes: list[onnx.NodeProto], weights: list[onnx.TensorProto], vocabulary: int
) -> onnx.ModelProto:
    value = helper.make_tensor_value_info
    inputs = [
        value("input_ids", TensorProto.INT64, ["batch", "length"]),
        value("attention_mask", TensorProto.INT64, ["batch", "all"]),
    ]
    outputs = [value("logits", TensorProto.FLOAT, ["batch", "length", vocabulary])]
    for layer in range(LAYERS):
        for part in ("key", "value"):
            past = ["batch", KV_HEADS, "past", SIZE]
            present = ["batch", KV_HEADS, "all", SIZE]
            inputs.append(value(f"past_key_values.{layer}.{part}", TensorProto.FLOAT, past))
            outputs.append(value(f"present.{layer}.{part}", TensorProto.FLOAT, present))
    graph = helper.make_graph(nodes, "tiny", inputs, outputs, weights)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid("com.microsoft", 1)]
    return helper.make_model(graph, opset_imports=opsets, ir_version=9)
