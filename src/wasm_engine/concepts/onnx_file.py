"""ONNX files as they are read here: what a model takes and gives, its graph, where its weights are.

Read from the bytes alone, without a library, and without copying weights: so that a stranger's
file can be looked at where nothing computes models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.protobuf import Field, fields, inner, numbers, text, whole

ELEMENTS = {
    1: "float32", 2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 6: "int32", 7: "int64",
    8: "text", 9: "boolean", 10: "float16", 11: "float64", 12: "uint32", 13: "uint64",
    14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn", 18: "float8e4m3fnuz",
    19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4", 23: "float4e2m1",
}  # fmt: skip
"""What tensors are made of, by the numbers of the format; named as agents name it."""
DOMAIN = ""
"""Of the ops of the standard itself; it may also be spelled `ai.onnx`."""
MOST_DEPTH = 32
"""Of graphs within graphs."""
MOST_LENGTHS = 1_000
"""Of the shape of what a model takes or gives; nothing has so many."""
MOST_PARTS = 8 << 20
"""Of a file: nodes, attributes and numbers, in some 60 bytes each as they are kept."""
_NODE, _PART = 16, 4
MOST_IR, MOST_OPSET = 14, 28
"""The newest that ONNX Runtime 1.32 reads."""


class Slot(NamedTuple):
    """A tensor that a model takes or gives.

    Attributes:
        name: What it is called.
        element: What it is made of; for anything that is no tensor, `sequence`, `map`, `optional`.
        shape: Its lengths: a number, the name of one that may be any, or None; None where even how
            many there are is not said.
        optional: Whether it may be left out, because the model has a value for it.
    """

    name: str
    element: str
    shape: tuple[int | str | None, ...] | None
    optional: bool = False


class External(NamedTuple):
    """Where the weights of a tensor are that are not in the file.

    Attributes:
        location: The file, as the model names it.
        offset: Where they begin in it.
        length: How many bytes; -1: all the rest.
    """

    location: str
    offset: int
    length: int


class Tensor(NamedTuple):
    """Weights.

    Attributes:
        name: What they are called.
        element: What they are made of.
        dims: Their shape.
        raw: Their bytes, where they are in the file as such; else empty.
        listed: Whole numbers that are listed one by one instead.
        external: Where they are, if not in the file.
    """

    name: str
    element: str
    dims: tuple[int, ...]
    raw: memoryview
    listed: tuple[int, ...]
    external: External | None


@dataclass(slots=True)
class Node:
    """One op of a graph.

    Attributes:
        op: What it does.
        domain: Who defines that; empty: the standard.
        inputs: Names of tensors; empty where one is left out.
        outputs: Names of tensors.
        whole: Its attributes that are one whole number.
        attributes: The names of all of them.
        tensors: Weights within its attributes.
        graphs: Graphs within it.
    """

    op: str = ""
    domain: str = ""
    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    whole: dict[str, int] = field(default_factory=dict)
    attributes: list[str] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)
    graphs: list[Graph] = field(default_factory=list)


@dataclass(slots=True)
class Graph:
    """Ops, weights, and what goes in and out."""

    nodes: list[Node] = field(default_factory=list)
    tensors: list[Tensor] = field(default_factory=list)
    inputs: list[Slot] = field(default_factory=list)
    outputs: list[Slot] = field(default_factory=list)

    def inner(self) -> Iterator[Graph]:
        """It, and all graphs within it."""
        yield self
        for node in self.nodes:
            for graph in node.graphs:
                yield from graph.inner()


@dataclass(slots=True)
class OnnxFile:
    """A model.

    Attributes:
        ir: The version of the format.
        opsets: The version of the ops of each domain.
        metadata: What its maker noted in it.
        graph: What it computes.
        functions: Nodes of functions that it defines itself.
    """

    ir: int = 0
    opsets: dict[str, int] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    graph: Graph = field(default_factory=Graph)
    functions: list[Node] = field(default_factory=list)

    @property
    def opset(self) -> int:
        """The version of the standard's own ops."""
        return self.opsets.get(DOMAIN, 0)

    def inputs(self) -> tuple[Slot, ...]:
        """What has to be given, or may be: an input with a value of its own is optional."""
        own = {tensor.name for tensor in self.graph.tensors}
        return tuple(slot._replace(optional=slot.name in own) for slot in self.graph.inputs)

    def outputs(self) -> tuple[Slot, ...]:
        """What it gives."""
        return tuple(self.graph.outputs)

    def all_tensors(self) -> Iterator[Tensor]:
        """All its weights, wherever they are in it."""
        for graph in self.graph.inner():
            yield from graph.tensors
            for node in graph.nodes:
                yield from node.tensors
        for node in self.functions:
            yield from node.tensors


class _Reading:
    """How much of a file was read.

    Attributes:
        left: Parts that there may still be.
        depth: Graphs within which it reads.
    """

    def __init__(self) -> None:
        self.left = MOST_PARTS
        self.depth = 0

    def take(self, parts: int) -> None:
        """Counts.

        Raises:
            Wrong: There are more than any model has.
        """
        self.left -= parts
        if self.left < 0:
            raise Wrong("more nodes, names and numbers than any model has")


def read_onnx(data: memoryview) -> OnnxFile:
    """A model's file, which has to be one that is understood here.

    Raises:
        Wrong: It is no ONNX file, is damaged, or is newer than what is known here.
    """
    model, graphs, reading = OnnxFile(), 0, _Reading()
    try:
        for number, value in fields(data):
            reading.take(_PART)
            match number:
                case 1:
                    model.ir = whole(value)
                case 7:
                    model.graph, graphs = _graph(inner(value), reading), graphs + 1
                case 8:
                    domain, version = _opset(inner(value))
                    model.opsets[domain] = version
                case 14:
                    key, text_ = _pair(inner(value))
                    model.metadata[key] = text_
                case 25:
                    model.functions += _function(inner(value), reading)
    except Wrong as wrong:
        raise Wrong(f"no ONNX file, or a damaged one: {wrong}") from None
    if graphs != 1 or not model.graph.outputs or not model.opsets:
        raise Wrong("no ONNX file: it has no graph that gives anything")
    _known(model)
    return model


def _known(model: OnnxFile) -> None:
    if not 3 <= model.ir <= MOST_IR:
        raise Wrong(f"ONNX of format {model.ir}; 3 to {MOST_IR} are known here")
    if not 7 <= model.opset <= MOST_OPSET:
        raise Wrong(f"ops of version {model.opset}; 7 to {MOST_OPSET} are known here")


def _opset(data: memoryview) -> tuple[str, int]:
    domain, version = DOMAIN, 0
    for number, value in fields(data):
        if number == 1:
            domain = _domain(text(value))
        elif number == 2:
            version = whole(value)
    return domain, version


def _domain(name: str) -> str:
    return DOMAIN if name == "ai.onnx" else name


def _pair(data: memoryview) -> tuple[str, str]:
    found = {number: text(value) for number, value in fields(data) if number in (1, 2)}
    return found.get(1, ""), found.get(2, "")


def _function(data: memoryview, reading: _Reading) -> list[Node]:
    return [_node(inner(value), reading) for number, value in fields(data) if number == 7]


def _graph(data: memoryview, reading: _Reading) -> Graph:
    if reading.depth > MOST_DEPTH:
        raise Wrong(f"graphs within graphs, more than {MOST_DEPTH} deep")
    graph = Graph()
    for number, value in fields(data):
        reading.take(_PART)
        match number:
            case 1:
                graph.nodes.append(_node(inner(value), reading))
            case 5:
                graph.tensors.append(_tensor(inner(value), reading))
            case 11:
                graph.inputs.append(_slot(inner(value)))
            case 12:
                graph.outputs.append(_slot(inner(value)))
            case 15:
                graph.tensors += _sparse(inner(value), reading)
    return graph


def _sparse(data: memoryview, reading: _Reading) -> list[Tensor]:
    return [_tensor(inner(value), reading) for number, value in fields(data) if number in (1, 2)]


def _node(data: memoryview, reading: _Reading) -> Node:
    node = Node()
    reading.take(_NODE)
    for number, value in fields(data):
        reading.take(1)
        match number:
            case 1:
                node.inputs.append(text(value))
            case 2:
                node.outputs.append(text(value))
            case 4:
                node.op = text(value)
            case 5:
                _attribute(node, inner(value), reading)
            case 7:
                node.domain = _domain(text(value))
    return node


def _attribute(node: Node, data: memoryview, reading: _Reading) -> None:
    name, number_ = "", None
    for number, value in fields(data):
        reading.take(1)
        match number:
            case 1:
                name = text(value)
            case 3:
                number_ = whole(value)
            case 5 | 10:
                node.tensors.append(_tensor(inner(value), reading))
            case 6 | 11:
                reading.depth += 1
                node.graphs.append(_graph(inner(value), reading))
                reading.depth -= 1
            case 22 | 23:
                node.tensors += _sparse(inner(value), reading)
    node.attributes.append(name)
    if number_ is not None:
        node.whole[name] = number_


class _Weights:
    """What is known of a tensor while its fields are read."""

    def __init__(self) -> None:
        self.name, self.element, self.at_other_place = "", 0, 0
        self.dims: list[int] = []
        self.listed: list[int] = []
        self.raw = memoryview(b"")
        self.place: dict[str, str] = {}

    def take(self, field_: Field) -> None:
        number, value = field_
        match number:
            case 1:
                self.dims += numbers(value)
            case 2:
                self.element = whole(value)
            case 5 | 7:
                self.listed += numbers(value)
            case 8:
                self.name = text(value)
            case 9:
                self.raw = inner(value)
            case 13:
                key, said = _pair(inner(value))
                self.place[key] = said
            case 14:
                self.at_other_place = whole(value)


def _tensor(data: memoryview, reading: _Reading) -> Tensor:
    read = _Weights()
    reading.take(_NODE)
    for field_ in fields(data):
        reading.take(1 + _listed(field_) // 4)
        read.take(field_)
    external = _external(read.place) if read.at_other_place or read.place else None
    element = _element(read.element)
    return Tensor(read.name, element, tuple(read.dims), read.raw, tuple(read.listed), external)


def _listed(field_: Field) -> int:
    """Numbers that a field of a tensor may list, at most."""
    number, value = field_
    return len(value) if number in (1, 5, 7) and not isinstance(value, int) else 0


def _external(place: dict[str, str]) -> External:
    try:
        offset, length = int(place.get("offset", "0")), int(place.get("length", "-1"))
    except ValueError:
        raise Wrong("weights at a place that is no number") from None
    if offset < 0 or length < -1 or not place.get("location"):
        raise Wrong("weights at no place")
    return External(place["location"], offset, length)


def _element(number: int) -> str:
    if number not in ELEMENTS:
        raise Wrong(f"a tensor of unknown type {number}")
    return ELEMENTS[number]


def _slot(data: memoryview) -> Slot:
    name, element, shape = "", "", None
    for number, value in fields(data):
        if number == 1:
            name = text(value)
        elif number == 2:
            element, shape = _type(inner(value))
    if not name or not element:
        raise Wrong(f"{shown(name)}: an input or output without a name or a type")
    return Slot(name, element, shape)


def _type(data: memoryview) -> tuple[str, tuple[int | str | None, ...] | None]:
    other = {4: "sequence", 5: "map", 7: "opaque", 8: "sparse", 9: "optional"}
    for number, value in fields(data):
        if number == 1:
            return _tensor_type(inner(value))
        if number in other:
            return other[number], None
    return "", None


def _tensor_type(data: memoryview) -> tuple[str, tuple[int | str | None, ...] | None]:
    element, shape = "", None
    for number, value in fields(data):
        if number == 1:
            element = _element(whole(value))
        elif number == 2:
            shape = tuple(
                _length(inner(v)) for n, v in islice(fields(inner(value)), MOST_LENGTHS) if n == 1
            )
    return element, shape


def _length(data: memoryview) -> int | str | None:
    for number, value in fields(data):
        if number == 1:
            return whole(value)
        if number == 2:
            return text(value) or None
    return None
