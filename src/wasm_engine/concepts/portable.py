"""Which models give the same bits on each x86 CPU with AVX2 and FMA, and why others may not.

A portable model says so in its own metadata, and is held to it: what is marked and contains what
depends on the CPU is refused. See docs/numerics.md for what was measured.
"""

from __future__ import annotations

from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.onnx_file import DOMAIN, Node, OnnxFile, Tensor

MARK = "wasm-engine.portable"
"""The key of the metadata that says `1` in a portable model."""
PRESUMES = "wasm-engine.presumes"
"""What its results were compared with: a version of ONNX Runtime, a level of optimisation."""
TRUSTED = "wasm-engine.trusted"
"""Ops, with spaces between, that whoever prepared the model vouches for."""
LEVEL = "extended"
"""Of optimisation: the one above it lays convolutions out by the width of the CPU's registers."""
NEEDED_CPU_FLAGS = ("avx2", "fma")
"""What a CPU must have: ones without multiply in another order, and round otherwise."""


def _named(names: str) -> frozenset[str]:
    return frozenset(names.split())


EXACT = _named(
    "Identity Constant ConstantOfShape Reshape Transpose Squeeze Unsqueeze Flatten Concat Split "
    "Slice Gather GatherElements GatherND Expand Tile Pad Shape Size Where Cast DepthToSpace "
    "SpaceToDepth Range NonZero Compress OneHot Trilu ArgMax ArgMin Equal Greater GreaterOrEqual "
    "Less LessOrEqual And Or Not Xor IsNaN IsInf Add Sub Mul Div Sqrt Neg Abs Min Max Clip Relu "
    "Floor Ceil Round Sign ReduceMax ReduceMin MaxPool GlobalMaxPool"
)
"""They move numbers, compare them, or do what IEEE 754 leaves one result for."""
MEASURED = _named(
    "MatMul Gemm Conv GlobalAveragePool Exp Log Sin Tanh Sigmoid Erf Gelu ReduceSum ReduceMean "
    "ReduceL2 CumSum LayerNormalization QuantizeLinear DequantizeLinear"
)
"""They gave the same bits with AVX-512 and with AVX2."""
DIFFERING = _named(
    "Softmax LogSoftmax DynamicQuantizeLinear MatMulInteger ConvInteger QLinearMatMul QLinearConv"
)
"""They gave other bits, or overflow in integers on some CPUs. Nobody can vouch for them."""
ELEMENTS = frozenset(("float32", "int8", "uint8", "int32", "int64", "boolean", "text"))
_CASTS = (1, 2, 3, 6, 7, 9)
"""What numbers may be turned into: those of `ELEMENTS`, as the format counts them."""
_MULTIPLY = frozenset(("MatMul", "Gemm", "Conv"))
_SEVEN_BITS = bytes((*range(65), *range(192, 256)))
"""As bytes, the int8 of -64 to 64: two products of one with a uint8 fit into 16 bits with sign."""


def is_marked(model: OnnxFile) -> bool:
    """Whether it says that it is portable."""
    return model.metadata.get(MARK) == "1"


def trusted(model: OnnxFile) -> frozenset[str]:
    """Ops that whoever prepared it vouches for."""
    return frozenset(model.metadata.get(TRUSTED, "").split()) - DIFFERING


def portability(model: OnnxFile, trust: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Why its results may differ between CPUs, each reason once; empty: they do not.

    Args:
        model: The model.
        trust: Ops that somebody vouches for, although they were not measured.
    """
    reasons = dict.fromkeys(_ops(model, trust - DIFFERING))
    reasons |= dict.fromkeys(_elements(model))
    reasons |= dict.fromkeys(_integers(model))
    return tuple(reasons)


def is_portable(model: OnnxFile) -> bool:
    """Whether it says so, and is.

    Raises:
        Wrong: It says so, and is not.
    """
    if not is_marked(model):
        return False
    reasons = portability(model, trusted(model))
    if reasons:
        raise Wrong(f"it says that it is portable, and is not: {'; '.join(reasons)}")
    return True


def _ops(model: OnnxFile, trust: frozenset[str]) -> list[str]:
    nodes = [*model.functions, *(node for graph in model.graph.inner() for node in graph.nodes)]
    reasons = []
    for node in nodes:
        name = f"{node.domain}.{node.op}" if node.domain else node.op
        if node.domain == DOMAIN and node.op in DIFFERING:
            reasons.append(f"{name}: differs between CPUs")
        elif name not in trust and (node.domain != DOMAIN or node.op not in EXACT | MEASURED):
            reasons.append(f"{name}: not known to be the same on each CPU")
    return reasons


def _elements(model: OnnxFile) -> list[str]:
    """Arithmetic in other numbers than those that were measured."""
    used = [slot.element for slot in (*model.inputs(), *model.outputs())]
    used += [tensor.element for tensor in model.all_tensors()]
    return [f"{it}: not known to be the same on each CPU" for it in used if it not in ELEMENTS]


def _integers(model: OnnxFile) -> list[str]:
    """Products of eight-bit numbers, which a CPU without VNNI adds in pairs, and may cut off."""
    made = {name: node for node in model.graph.nodes for name in node.outputs}
    weights = {tensor.name: tensor for tensor in model.graph.tensors}
    reasons = []
    for node in model.graph.nodes:
        if node.op == "Cast" and node.whole.get("to") not in _CASTS:
            reasons.append("Cast: to numbers not known to be the same on each CPU")
        if node.op == "DequantizeLinear":
            reasons += _taken_out(node, made, weights)
        second = made.get(node.inputs[1]) if len(node.inputs) > 1 else None
        if node.op in _MULTIPLY and second is not None and second.op == "DequantizeLinear":
            reasons += _factor(node, second, weights)
    return reasons


def _taken_out(node: Node, made: dict[str, Node], weights: dict[str, Tensor]) -> list[str]:
    """What stands in the way of a tensor that is taken out of eight bits."""
    if node.whole.get("block_size"):
        return ["DequantizeLinear: of blocks"]
    source = node.inputs[0] if node.inputs else ""
    if source not in weights:
        return _quantized(made.get(source), weights)
    tensor = weights[source]
    if tensor.element == "int32":
        return []
    if tensor.element != "int8":
        return [f"DequantizeLinear: of weights of {tensor.element}"]
    if tensor.external is not None:
        return ["DequantizeLinear: of weights in another file"]
    rest = bytes(it & 0xFF for it in tensor.listed) + bytes(tensor.raw)
    if rest.translate(None, _SEVEN_BITS):
        return ["DequantizeLinear: weights of more than 7 bits overflow on CPUs without VNNI"]
    return []


def _factor(node: Node, taken: Node, weights: dict[str, Tensor]) -> list[str]:
    if taken.inputs and taken.inputs[0] in weights:
        return []
    return [f"{node.op}: of two quantized tensors that are no weights"]


def _quantized(maker: Node | None, weights: dict[str, Tensor]) -> list[str]:
    """The same of one that is no weight: only uint8 that were quantized just before."""
    if maker is not None and maker.op == "QuantizeLinear":
        zero = weights.get(maker.inputs[2]) if len(maker.inputs) > 2 else None
        if zero is not None and zero.element == "uint8":
            return []
    return ["DequantizeLinear: of what is not quantized to uint8 just before"]
