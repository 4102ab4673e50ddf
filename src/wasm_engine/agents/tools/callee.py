"""A function of a tool as it is called: with JSON, or with the values of a typed import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wasm_engine.agents.contract import COMMAND
from wasm_engine.agents.submitted_code import Caps
from wasm_engine.agents.tools import commands
from wasm_engine.agents.tools.descriptors import Descriptor
from wasm_engine.agents.tools.json_values import arguments_reader
from wasm_engine.agents.tools.json_writing import result_writer
from wasm_engine.agents.tools.program import ToolProgram
from wasm_engine.agents.tools.submitted import look
from wasm_engine.concepts import cost, faults, json_text
from wasm_engine.concepts.errors import GuestTrap
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Nested
from wasm_engine.runtime import wit
from wasm_engine.runtime.component import bare
from wasm_engine.runtime.gate import measure_of
from wasm_engine.runtime.instance import Instance, Polled

Row = tuple[str, str, str, str]
_FAULT = ["code", "detail"]


class Callee:
    """A function of a tool, for whoever may call it.

    Attributes:
        name: What it is called by.
        interface, function: Where it is among the exports, without version.
        program: What makes the instances.
        is_command: Whether it is a program that is run, and no function.
    """

    __slots__ = ("_caps", "_fault", "_measure", "_read", "_write", "function", "interface",
                 "is_command", "name", "program")  # fmt: skip

    def __init__(self, descriptor: Descriptor, program: ToolProgram) -> None:
        self.name = descriptor.name
        self.interface = bare(descriptor.interface)
        self.function = descriptor.function
        self.program = program
        self.is_command = self.interface == COMMAND
        tool = program.tool
        self._caps = Caps.of(tool.config) if tool.language else None
        ty = descriptor.type
        self._measure = measure_of(ty.result)
        self._fault = _typed_fault(self.name, ty.result)
        self._read = self._write = None  # what has no JSON can be linked all the same
        if not descriptor.refusal:
            self._read, self._write = arguments_reader(ty.params), result_writer(ty.result)

    def by_json(self, text: str) -> Nested:
        """A call with the JSON text of its arguments.

        Raises:
            Unfit: They do not fit; says where.
        """
        assert self._read is not None
        arguments: Any = self._read(text)
        if self.is_command:
            arguments = commands.checked(arguments)
        return Nested(self, arguments, self._told, self._refused)

    def typed(self, arguments: tuple[Any, ...]) -> Nested:
        """A call with values of its types, from an import of the same types."""
        return Nested(self, arguments, self._checked, self._fault)

    def begin(self, instance: Instance, arguments: tuple[Any, ...]) -> Polled:
        """Enters an instance, whose guest acts in the activation.

        Raises:
            GuestFailure: It fails at once.
        """
        if self.is_command:
            given: Any = arguments
            return commands.begin(instance, self.program.tool, given)
        return instance.call(self.interface, self.function, arguments)

    def came_to(self, guest: Any, value: Any) -> Any:
        """What is answered, where the instance has returned a value."""
        if self.is_command:
            return commands.outcome(guest, commands.status_of(value))
        return value

    def price(self, answer: Any, *, told: bool) -> int:
        """Host work of an answer, as JSON text (`told`) or as it is."""
        if told:
            return len(answer) * (json_text.PRICE + cost.STRING_BYTE)
        return 0 if self._measure is None else self._measure(answer)

    def _told(self, value: Any) -> str:
        assert self._write is not None
        return self._write(value if self._caps is None else look(value, self._caps))

    def _checked(self, value: Any) -> Any:
        return value if self._caps is None else look(value, self._caps)

    def _refused(self, code: str) -> Err:
        return refusal(faults.TOOL_FAILED, f"{self.name}: {code}")


def _typed_fault(name: str, result: wit.Type | None) -> Callable[[str], Any]:
    """What a typed import answers where the tool behind it failed: an error that its type has.

    Where it has none that could say so, the caller fails as well.
    """
    error = result.err if isinstance(result, wit.Result) else None
    if isinstance(error, wit.Record) and [field for field, _ in error.fields] == _FAULT:
        return lambda code: refusal(faults.TOOL_FAILED, f"{name}: {code}")
    if isinstance(error, wit.String):
        return lambda code: Err(f"{faults.TOOL_FAILED}: {name}: {code}")

    def fail(code: str) -> Any:
        raise GuestTrap(faults.TOOL_FAILED, f"{name}: {code}")

    return fail


def row_of(descriptor: Descriptor) -> Row:
    """A tool as agents see it: name, description, and its schemas as JSON text."""
    return (
        descriptor.name,
        descriptor.description,
        json_text.write(descriptor.input_schema),
        json_text.write(descriptor.output_schema),
    )
