"""A sentence-embedding model of the BERT kind as a graph: from its weights, and nothing else.

Tokens go in; out comes one vector for each text, of length 1: the mean over its tokens of what the
last layer gives. Written in ops that do not depend on the CPU, so that it is portable as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, TypeAlias

import msgspec
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from wasm_engine.concepts.errors import Misuse

OPSET, IR = 17, 8
INPUTS = ("input_ids", "attention_mask")
OUTPUT = "sentence_embedding"
_TINY = np.float32(1e-9)
_FAR = np.finfo(np.float32).min


Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1 << 20)]


class BertConfig(msgspec.Struct, kw_only=True):
    """What `config.json` says, as far as it decides the graph."""

    hidden_size: Count
    num_hidden_layers: Count
    num_attention_heads: Count
    model_type: str = "bert"
    hidden_act: str = "gelu"
    layer_norm_eps: float = 1e-12
    position_embedding_type: str = "absolute"
    max_position_embeddings: Count = 512


class Pooling(msgspec.Struct, kw_only=True):
    """What `1_Pooling/config.json` says: how vectors of tokens become one."""

    pooling_mode_cls_token: bool = False
    pooling_mode_mean_tokens: bool = True
    pooling_mode_max_tokens: bool = False


def refuse_unknown(config: BertConfig, pooling: Pooling) -> None:
    """Refuses what this graph would not compute as it should.

    Raises:
        Misuse: It is another kind of model.
    """
    known = (
        (config.model_type == "bert", f"models of type {config.model_type!r}"),
        (config.hidden_act == "gelu", f"the activation {config.hidden_act!r}"),
        (config.position_embedding_type == "absolute", "positions that are not absolute"),
        (config.hidden_size % max(config.num_attention_heads, 1) == 0, "heads of unequal size"),
        (not pooling.pooling_mode_max_tokens, "a maximum over tokens"),
        (pooling.pooling_mode_cls_token != pooling.pooling_mode_mean_tokens, "two ways to pool"),
    )
    for fits, what in known:
        if not fits:
            raise Misuse(f"{what} cannot be built here", code="bad-model")


def build_bert(config: BertConfig, pooling: Pooling, weights: Mapping[str, Any]) -> onnx.ModelProto:
    """The graph of a model.

    Args:
        config: Its sizes.
        pooling: How vectors of tokens become one.
        weights: Its tensors, with or without `bert.` before their names.

    Raises:
        Misuse: It is another kind of model, or weights are missing.
    """
    refuse_unknown(config, pooling)
    graph = _Graph(config, weights)
    last = graph.embedded()
    for layer in range(config.num_hidden_layers):
        last = graph.layer(last, f"encoder.layer.{layer}.")
    first = pooling.pooling_mode_cls_token
    graph.normalised(graph.first_token(last) if first else graph.mean(last))
    taken = [helper.make_tensor_value_info(it, TensorProto.INT64, ["n", "t"]) for it in INPUTS]
    given = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["n", config.hidden_size])]
    made = helper.make_graph(graph.nodes, "sentence-embedding", taken, given, graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = IR
    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError):
        raise Misuse("its weights do not fit together", code="bad-model") from None
    return model


class _Graph:
    """The graph while it is written: ops in their order, the weights that they use."""

    def __init__(self, config: BertConfig, weights: Mapping[str, Any]) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._config = config
        self._held = {key.removeprefix("bert."): value for key, value in weights.items()}
        heads = config.num_attention_heads
        self._apart = self._constant("heads", np.array([0, 0, heads, -1], np.int64))
        self._joined = self._constant("joined", np.array([0, 0, config.hidden_size], np.int64))
        size = config.hidden_size // heads
        self._scale = self._constant("scale", np.float32(1 / np.sqrt(size)))
        self._half, self._one = (self._constant(f"n{it}", np.float32(it)) for it in (0.5, 1))
        self._root = self._constant("root", np.float32(np.sqrt(0.5)))
        self._last_axis = self._constant("last", np.array([-1], np.int64))
        self._tokens_axis = self._constant("tokens", np.array([1], np.int64))
        self._mask()

    def _op(self, op: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        name = out or f"{op.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(op, list(inputs), [name], **attributes))
        return name

    def _constant(self, name: str, value: Any) -> str:
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _held_weights(self, name: str, *, turned: bool = False) -> str:
        if name not in self._held:
            raise Misuse(f"the weights {name!r} are missing", code="bad-model")
        value = np.asarray(self._held[name]).astype(np.float32)
        return self._constant(name, np.ascontiguousarray(value.T if turned else value))

    def _mask(self) -> None:
        """What keeps attention from padding, and weighs tokens in the mean."""
        given = self._op("Cast", INPUTS[1], to=TensorProto.FLOAT)
        axes = self._constant("two", np.array([1, 2], np.int64))
        lacking = self._op("Sub", self._one, self._op("Unsqueeze", given, axes))
        self._away = self._op("Mul", lacking, self._constant("far", _FAR))
        self._weigh = self._op("Unsqueeze", given, self._last_axis)

    def embedded(self) -> str:
        """Tokens as vectors: of the word, of the position, of the only kind of text."""
        words = self._op(
            "Gather", self._held_weights("embeddings.word_embeddings.weight"), INPUTS[0]
        )
        zero, one = (self._constant(f"i{it}", np.int64(it)) for it in (0, 1))
        length = self._op("Gather", self._op("Shape", INPUTS[0]), one)
        positions = self._op("Range", zero, length, one)
        table = self._held_weights("embeddings.position_embeddings.weight")
        kinds = self._held_weights("embeddings.token_type_embeddings.weight")
        summed = self._op("Add", words, self._op("Gather", kinds, zero))
        summed = self._op("Add", summed, self._op("Gather", table, positions))
        return self._norm(summed, "embeddings.LayerNorm")

    def layer(self, given: str, name: str) -> str:
        """One layer: attention, then two products with a gelu between."""
        attention = f"{name}attention."
        query, key, value = (
            self._by_heads(self._linear(given, f"{attention}self.{it}"), turned=it == "key")
            for it in ("query", "key", "value")
        )
        scores = self._op("Mul", self._op("MatMul", query, key), self._scale)
        shares = self._softmax(self._op("Add", scores, self._away))
        seen = self._op("Transpose", self._op("MatMul", shares, value), perm=[0, 2, 1, 3])
        joined = self._op("Reshape", seen, self._joined)
        out = self._linear(joined, f"{attention}output.dense")
        looked = self._norm(self._op("Add", out, given), f"{attention}output.LayerNorm")
        wide = self._gelu(self._linear(looked, f"{name}intermediate.dense"))
        out = self._linear(wide, f"{name}output.dense")
        return self._norm(self._op("Add", out, looked), f"{name}output.LayerNorm")

    def mean(self, given: str) -> str:
        """The mean over tokens that are no padding."""
        axis = self._tokens_axis
        summed = self._op("ReduceSum", self._op("Mul", given, self._weigh), axis, keepdims=0)
        count = self._op("ReduceSum", self._weigh, axis, keepdims=0)
        return self._op("Div", summed, self._op("Max", count, self._constant("tiny", _TINY)))

    def first_token(self, given: str) -> str:
        """The vector of the first token."""
        return self._op("Gather", given, self._constant("first", np.int64(0)), axis=1)

    def normalised(self, given: str) -> None:
        """The output: the vector, with length 1."""
        squares = self._op("ReduceSum", self._op("Mul", given, given), self._last_axis, keepdims=1)
        least = self._constant("least", np.float32(1e-12))
        self._op("Div", given, self._op("Max", self._op("Sqrt", squares), least), out=OUTPUT)

    def _linear(self, given: str, name: str) -> str:
        product = self._op("MatMul", given, self._held_weights(f"{name}.weight", turned=True))
        return self._op("Add", product, self._held_weights(f"{name}.bias"))

    def _by_heads(self, given: str, *, turned: bool) -> str:
        apart = self._op("Reshape", given, self._apart)
        return self._op("Transpose", apart, perm=[0, 2, 3, 1] if turned else [0, 2, 1, 3])

    def _softmax(self, given: str) -> str:
        most = self._op("ReduceMax", given, axes=[-1], keepdims=1)
        raised = self._op("Exp", self._op("Sub", given, most))
        total = self._op("ReduceSum", raised, self._last_axis, keepdims=1)
        return self._op("Div", raised, total)

    def _gelu(self, given: str) -> str:
        error = self._op("Erf", self._op("Mul", given, self._root))
        product = self._op("Mul", given, self._op("Add", error, self._one))
        return self._op("Mul", product, self._half)

    def _norm(self, given: str, name: str) -> str:
        weights = (self._held_weights(f"{name}.{it}") for it in ("weight", "bias"))
        epsilon = self._config.layer_norm_eps
        return self._op("LayerNormalization", given, *weights, axis=-1, epsilon=epsilon)
