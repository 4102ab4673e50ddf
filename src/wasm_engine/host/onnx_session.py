"""Models that compute: one session for each model and device, shared by all that ask it."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final
from weakref import WeakValueDictionary

from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import HostFault, Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.tensors import Tensor, size_of
from wasm_engine.host.deadlines import WATCHDOG
from wasm_engine.host.found_model import FoundModel
from wasm_engine.host.model_forms import form_of
from wasm_engine.host.onnx_runtime import new_session, onnxruntime
from wasm_engine.host.onnx_values import LONGEST, are_plain, array_of, slot_of, tensor_of, value_of
from wasm_engine.host.outside import Cancellation

IN_MEMORY: Final = 64 << 20
"""Bytes of a model up to which it is read at once; larger ones are mapped."""


class Session:
    """A model, ready to compute; for any number of threads.

    Args:
        model: Its bytes, or the path of its file.
        label: How to call it in a message.
        device: `cpu` or `cuda`.
        threads: In which one call computes.
        portable: Whether what it gives follows from what it is given, on any machine.
        optimised: Whether it is a form that was optimised before it was stored.

    Attributes:
        inputs, outputs: What it takes, and gives, in its order.
        device, portable: As given.

    Raises:
        Misuse: It cannot be used.
    """

    def __init__(
        self,
        model: str | bytes,
        label: str,
        device: str,
        threads: int,
        *,
        portable: bool,
        optimised: bool = False,
    ) -> None:
        try:
            self._session = new_session(model, device, threads, optimised=optimised)
            extra = self._session.get_overridable_initializers()
            taken = [slot_of(it) for it in self._session.get_inputs()]
            self.inputs = (*taken, *(slot_of(it, optional=True) for it in extra))
            self.outputs = tuple(slot_of(it) for it in self._session.get_outputs())
        except Misuse as misuse:
            message = f"{label}: {misuse.args[0]}"
            raise Misuse(message, code=misuse.code, hint=misuse.hint) from None
        self.device = device
        self.portable = portable
        self._plain = are_plain((*self.inputs, *self.outputs))
        self._names = [slot.name for slot in self.outputs]

    def compute(
        self,
        given: Sequence[Tensor],
        timeout: int,
        most: int,
        cancellation: Cancellation | None = None,
    ) -> list[Tensor] | Err:
        """What the model gives: all of its outputs, in its order; or how it ended.

        Args:
            given: What it takes; fits its inputs.
            timeout: Nanoseconds that it may take.
            most: Bytes of what is given and what comes out.
            cancellation: Whether somebody still wants to know.

        Raises:
            HostFault: This machine has no memory for it.
        """
        options = onnxruntime().RunOptions()

        def end() -> None:
            options.terminate = True

        if cancellation is not None:
            cancellation.on_cancel(end)
        deadline = WATCHDOG.watch(timeout / 1e9, end)
        try:
            given_back = self._run(given, options)
        except Exception as error:  # noqa: BLE001 - its classes have no common base
            if deadline.passed:
                return refusal(faults.TIMEOUT, f"the model took longer than {timeout} ns")
            return self._failed(error)
        finally:
            deadline.cancel()
        settle = self.portable
        tensors = [
            tensor_of(slot, it, settle=settle)
            for slot, it in zip(self.outputs, given_back, strict=True)
        ]
        size = size_of(given) + size_of(tensors)
        if size > most:
            return refusal(faults.TOO_LARGE, f"a call may have {most} bytes, this one has {size}")
        longest = max((length for _, _, shape, _ in tensors for length in shape), default=0)
        if longest > LONGEST:  # beside one of 0: no byte of it is there
            return refusal(faults.TOO_LARGE, f"a dimension may have {LONGEST}, given {longest}")
        return tensors

    def _run(self, given: Sequence[Tensor], options: Any) -> Any:
        if self._plain:
            feed = {tensor[0]: array_of(tensor) for tensor in given}
            return self._session.run(self._names, feed, options)
        values = {tensor[0]: value_of(tensor) for tensor in given}
        return self._session.run_with_ort_values(self._names, values, options)

    def _failed(self, error: Exception) -> Err:
        """Of a portable model nothing is told that a library wrote: it would be in the chain."""
        text = str(error)
        if "llocat" in text or isinstance(error, MemoryError):
            message = "there is no memory for what a model computes"
            raise HostFault(message, code="memory") from None
        said = "" if self.portable else ": " + " ".join(text.split())[:300]
        if type(error).__name__ == "InvalidArgument":
            return refusal(faults.BAD_TENSOR, f"the model cannot compute with these{said}")
        return refusal(faults.MODEL_FAILED, f"the model failed as it computed{said}")


_sessions: WeakValueDictionary[tuple[bytes, str, int], Session] = WeakValueDictionary()
_making = threading.Lock()


def session_of(found: FoundModel, device: str, threads: int) -> Session:
    """The process's one session of a model on a device; made on first use.

    Raises:
        Misuse: It cannot be used.
    """
    key = (found.digest, device, threads)
    with _making:
        session = _sessions.get(key)
        if session is None:
            form = form_of(found.digest.hex(), onnxruntime().__version__)
            fast = form is not None and device == "cpu"  # it was compared there
            whole = not fast and found.alone and found.size <= IN_MEMORY
            session = _sessions[key] = Session(
                found.read() if whole else str(form if fast else found.graph),
                str(found.graph),
                device,
                threads,
                portable=found.portable and device == "cpu",
                optimised=fast,
            )
            if not whole:
                found.require_unchanged()
    return session
