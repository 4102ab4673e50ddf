"""A loaded component: its types, and how it is linked to host functions."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from wasm_engine.concepts.errors import BadComponent, Bug, HostFault
from wasm_engine.host.disk import SealedFile
from wasm_engine.runtime._wasmtime import callbacks, capi
from wasm_engine.runtime._wasmtime.engine import Engine
from wasm_engine.runtime._wasmtime.exports import Exports
from wasm_engine.runtime._wasmtime.handles import resource_id
from wasm_engine.runtime._wasmtime.introspect import Interface, interfaces_of
from wasm_engine.runtime._wasmtime.keeping import ADDED, Keeping, read_note
from wasm_engine.runtime._wasmtime.linked import Linked
from wasm_engine.runtime._wasmtime.probe import memories_of
from wasm_engine.runtime._wasmtime.types import FuncType


class Import(NamedTuple):
    """What an import is linked to.

    Attributes:
        call: `call(guest, *arguments) -> value | Err | SUSPEND`.
        suspends: Whether it may answer SUSPEND.
        seen: The type as `call` sees it, where lists of numbers are `Packed`.
    """

    call: Callable[..., Any]
    suspends: bool = False
    seen: FuncType | None = None


class Component:
    """Compiled code and its types. Immutable; shared by all instances.

    Attributes:
        digest: SHA-256 of the component's bytes.
        size: How many bytes these are.
        imports: Interface name with version -> what is imported; "" for functions at the root.
        exports: The same for what is exported.
        memories: How many linear memories an instance has.
        keeping: What can be done with its instances.
    """

    def __init__(
        self, engine: Engine, pointer: int, digest: bytes, size: int, keeping: Keeping
    ) -> None:
        self.engine = engine
        self.pointer = pointer
        self.digest = digest
        self.size = size
        self.keeping = keeping
        self.imports, self._exports = interfaces_of(engine.pointer, pointer)
        self.exports = _without_added(self._exports) if keeping.rewritten else self._exports
        self.memories = memories_of(engine.pointer, pointer)

    def __del__(self) -> None:
        pointer, self.pointer = getattr(self, "pointer", 0), 0
        if pointer:
            capi.component_delete(pointer)

    def packed(self) -> SealedFile:
        """Its compiled code, for another process of the same engine; the file is the caller's.

        Raises:
            HostFault: The machine has no room for it.
            Bug: The library does not give it.
        """
        file, vector = SealedFile("component"), (ctypes.c_size_t * 2)()
        error = capi.component_serialize(self.pointer, ctypes.addressof(vector))
        if error:
            raise Bug(capi.take_error(error))
        try:
            code = (ctypes.c_char * vector[0]).from_address(vector[1])
            file.write_at(0, memoryview(code).cast("B"))
        except OSError as failure:
            message = f"cannot keep compiled code in memory: {failure}"
            raise HostFault(message) from failure
        finally:
            capi.free_bytes(vector)
        file.seal()
        return file

    @classmethod
    def unpacked(
        cls, engine: Engine, path: str, digest: bytes, size: int, note: bytes
    ) -> Component:
        """What another process packed.

        Args:
            engine: An engine as that process has.
            path: Where its file can be opened here.
            digest: Of the component's bytes.
            size: How many these are.
            note: The note of what can be done with its instances.

        Raises:
            Bug: It is no code of this engine.
        """
        out = ctypes.c_void_p()
        error = capi.component_deserialize_file(
            engine.pointer, path.encode(), ctypes.addressof(out)
        )
        if error or out.value is None:
            raise Bug(capi.take_error(error) if error else "no component")
        return cls(engine, out.value, digest, size, read_note(note))

    def link(self, define: Callable[[str, str, FuncType], Import]) -> Linked:
        """Links every import; done once for a component and a world.

        Args:
            define: Given interface (with version, "" at the root), function and type, answers
                what to call; may raise BadComponent for what there is not.
        """
        linker = capi.linker_new(self.engine.pointer)
        kept: list[Any] = []
        try:
            with _deleted(capi.linker_root(linker)) as root:
                for name, interface in self.imports.items():
                    if not name:
                        self._define(root, name, interface, define, kept)
                        continue
                    with _deleted(_add_instance(root, name)) as instance:
                        self._define(instance, name, interface, define, kept)
        except BaseException:
            capi.linker_delete(linker)
            raise
        kept.append(self)
        exports = Exports(self.pointer, self._exports)
        return Linked(
            self.engine.pointer, self.pointer, linker, exports, self.keeping, self.memories, kept
        )

    @staticmethod
    def _define(
        parent: int,
        name: str,
        interface: Interface,
        define: Callable[[str, str, FuncType], Import],
        kept: list[Any],
    ) -> None:
        for local, resource in interface.resources.items():
            ty, data = capi.resource_type_host(resource_id(resource)), local.encode()
            error = capi.add_resource(parent, data, len(data), ty, callbacks.DROP, None, None)
            capi.resource_type_delete(ty)
            _check(error)
        for function, ty in interface.functions.items():
            found, data = define(name, function, ty), function.encode()
            full = f"{name}#{function}" if name else function
            make = callbacks.suspending_function if found.suspends else callbacks.host_function
            add = capi.add_func_async if found.suspends else capi.add_func
            callback = make(full, found.seen or ty, found.call)
            kept.append(callback)
            _check(add(parent, data, len(data), capi.address(callback), None, None))


def _without_added(exports: dict[str, Interface]) -> dict[str, Interface]:
    """The exports that the component had before it was rewritten."""
    functions, resources = exports[""]
    own = {name: ty for name, ty in functions.items() if not name.startswith(ADDED)}
    rest = {name: interface for name, interface in exports.items() if name}
    return {"": Interface(own, resources), **rest} if own or resources else rest


def _add_instance(parent: int, name: str) -> int:
    out, data = ctypes.c_void_p(), name.encode()
    _check(capi.add_instance(parent, data, len(data), ctypes.addressof(out)))
    assert out.value is not None
    return out.value


def _check(error: int | None) -> None:
    if error:
        message = f"its imports cannot be linked: {capi.take_error(error)}"
        raise BadComponent(message)


@contextmanager
def _deleted(instance: int) -> Iterator[int]:
    try:
        yield instance
    finally:
        capi.linker_instance_delete(instance)
