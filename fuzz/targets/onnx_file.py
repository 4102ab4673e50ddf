"""Models in ONNX: the reader of protocol buffers, the graph, what counts as portable."""

from __future__ import annotations

from fuzz.sources import GOLDENS, texts
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.onnx_file import ELEMENTS, read_onnx
from wasm_engine.concepts.portable import DIFFERING, MARK, is_portable, portability

WORDS = (
    b"\x08", b"\x0a", b"\x12", b"\x1a", b"\x22", b"\x2a", b"\x32", b"\x3a", b"\x42", b"\x4a",
    b"\x52", b"\x6a", b"\x72\x19\x0a\x14wasm-engine.portable\x12\x011", b"Softmax", b"MatMul",
    b"Identity", b"DequantizeLinear", b"QuantizeLinear", b"Constant", b"ai.onnx",
    b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", b"\x80\x80\x80\x80\x04",
)  # fmt: skip


def check(data: bytes) -> None:
    """What is read is read alike again; what counts as portable has nothing known to differ."""
    try:
        model = read_onnx(memoryview(data))
    except Wrong:
        return
    assert read_onnx(memoryview(data)) == model
    slots = [*model.inputs(), *model.outputs()]
    assert all(it.name and (it.element in ELEMENTS.values() or it.shape is None) for it in slots)
    assert portability(model) == portability(model)
    model.metadata[MARK] = "1"
    try:
        portable = is_portable(model)
    except Wrong:
        return
    assert portable
    ops = {node.op for graph in model.graph.inner() for node in graph.nodes if not node.domain}
    assert DIFFERING.isdisjoint(ops)


def seeds() -> list[bytes]:
    """The golden model, and ones that have little but their graph."""
    whole = texts(GOLDENS.glob("models/v1/*.onnx"))
    slot = b"\x0a\x01y\x12\x0a\x0a\x08\x08\x01\x12\x04\x0a\x02\x08\x02"
    node = b"\x0a\x01x\x12\x01y\x22\x07Softmax"
    graph = b"\x0a" + bytes([len(node)]) + node + b"\x62" + bytes([len(slot)]) + slot
    small = b"\x08\x08\x3a" + bytes([len(graph)]) + graph + b"\x42\x02\x10\x11"
    return [*whole, small, small + WORDS[12]]
