"""The one way out of the sandbox: every host call is charged, recorded, and only then done.

    live      decode -> charge -> record -> do -> charge the answer, keep a sum of it -> encode
    rebuild   decode -> charge -> record -> answer from the call log (what others had decided)

A refusal is a typed result. Policy and grants are consulted by what the call leads to (a send, a
turn call), which has the agent and its manifest at hand; capabilities know neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from wasm_engine.concepts import cost, faults
from wasm_engine.concepts.errors import GuestTrap, LimitExceeded
from wasm_engine.concepts.hostcall import SUSPEND, Err, HostFunction
from wasm_engine.runtime._wasmtime import types as wit
from wasm_engine.runtime._wasmtime.codegen import size_of
from wasm_engine.runtime.guest import Guest

Measure = Callable[[Any], int]
"""Prices a value by what it takes to carry it across."""

_PLAIN = frozenset({bytes, str, int, bool})
"""What an answer may be that is told though another answer of its type would hold a handle."""
_DENIALS = frozenset(
    {faults.NOT_GRANTED, faults.FORBIDDEN, faults.BUDGET, "access-denied", "HTTP-request-denied"}
)
_SHARED = ("wasm-engine:agent/messaging#", "wasm-engine:agent/agents#")
"""Interfaces whose answers others decide; they are kept to rebuild an evicted guest."""


class _Carried(NamedTuple):
    """What the type of a function says of what is carried across.

    Attributes:
        arguments, answer: Price them; None where they cost nothing.
        handles: Whether there are any among the arguments.
        opaque: Whether the answer holds any.
    """

    arguments: Measure | None
    answer: Measure | None
    handles: bool
    opaque: bool


LONG = 4_096
"""Arguments of a higher price are recorded by their digest at once: they would pile up."""


def gated(function: HostFunction, ty: wit.FuncType) -> Callable[..., Any]:
    """The function as the binding calls it: `call(guest, *arguments)`.

    Args:
        function: What is to be done.
        ty: Its type as the component imports it; decides how its arguments are priced.
    """
    name, do = function.name, _marking(function.call) if function.touches else function.call
    arguments, answer, handles, opaque = _carried(ty)
    refuse = None if function.in_init else _refusal_in_init(ty)
    shared = function.shared or name.startswith(_SHARED)
    begins = function.begins

    def call(guest: Guest, *args: Any) -> Any:
        price = 0 if arguments is None else arguments(args)
        guest.work -= cost.CALL + price
        if guest.work < 0:
            code = "host-work"
            raise LimitExceeded(code)
        if guest.in_init and refuse is not None:
            return refuse()
        shown = guest.resources.described(args) if handles else args
        guest.record((name, *shown), long=price > LONG)
        if shared:
            result = do(guest, *args) if guest.answers is None else guest.logged()
            if guest.verdicts:
                guest.drop_verdicts()  # the call log has the whole answer
            guest.returned.append(result)
            if begins:
                guest.began(result)
        else:
            result = do(guest, *args)
            guest.verdicts = 0
        if result.__class__ is Err and _is_denial(result):
            guest.denials += 1
        if result is not None and result is not SUSPEND:
            if answer is not None:
                guest.charge(answer(result))
            if not opaque or result.__class__ in _PLAIN:
                guest.tell(result)
        return result

    return call


@lru_cache(maxsize=4096)
def _carried(ty: wit.FuncType) -> _Carried:
    """Of each type once: every kind of agent in a world imports the same functions."""
    return _Carried(
        _measure_of_all([t for _, t in ty.params]),
        measure_of(ty.result) if ty.result is not None else None,
        any(holds_handles(t) for _, t in ty.params),
        holds_handles(ty.result),  # a handle shows by its number, where it is used
    )


def _marking(do: Callable[..., Any]) -> Callable[..., Any]:
    """The same, for what may change what the host keeps for the instance between messages."""

    def marking(guest: Guest, *args: Any) -> Any:
        guest.touched = True
        return do(guest, *args)

    return marking


def _is_denial(error: Err) -> bool:
    """Whether a refusal says that a grant is missing: by its code, its case, or how it begins."""
    payload = error.payload
    if payload.__class__ is str:
        return payload.partition(":")[0] in _DENIALS
    while payload.__class__ is tuple and payload:
        if payload[0] in _DENIALS:
            return True
        payload = payload[-1]
    return False


def _refusal_in_init(ty: wit.FuncType) -> Callable[[], Any]:
    """What a call answers while the instance is initialised: the typed fault where there is one."""
    code = faults.UNAVAILABLE_IN_INIT
    result = ty.result
    error = result.err if isinstance(result, wit.Result) else None
    if isinstance(error, wit.Record) and [name for name, _ in error.fields] == ["code", "detail"]:
        return lambda: faults.refusal(code, "an instance is being initialised")

    def trap() -> Any:
        raise GuestTrap(code, "an instance is being initialised")

    return trap


def _measure_of_all(types: Sequence[wit.Type]) -> Measure | None:
    """Prices a tuple; None where it costs nothing whatever it holds."""
    texts = [i for i, ty in enumerate(types) if isinstance(ty, wit.String)]
    measures = [(i, measure_of(ty)) for i, ty in enumerate(types) if i not in texts]
    live = [(i, m) for i, m in measures if m is not None]
    if len(live) == 1 and not texts:
        ((index, only),) = live
        return lambda values: only(values[index])
    if not live and not texts:
        return None

    def measure(values: Sequence[Any]) -> int:
        price = 0
        for i in texts:
            price += len(values[i])
        price *= cost.STRING_BYTE
        for i, priced in live:
            price += priced(values[i])
        return price

    return measure


def measure_of(ty: wit.Type | None) -> Measure | None:
    """The price of a value of the type beyond the call itself; None where there is none."""
    match ty:
        case wit.String():
            return lambda value: len(value) * cost.STRING_BYTE
        case wit.List(element=wit.U8() as element) | wit.Packed(element=element):
            byte = cost.LIST_BYTE // size_of(element)
            return lambda value: len(value) * byte
        case wit.Own() | wit.Borrow():
            return lambda _handle: cost.HANDLE
        case wit.List(element=element):
            return _pairs if element == _PAIR else _list_measure(measure_of(element))
        case wit.Record(fields=fields):
            return _measure_of_all([t for _, t in fields])
        case wit.Tuple(elements=elements):
            return _measure_of_all(elements)
        case wit.Variant(cases=cases):
            return _variant_measure(dict(cases))
        case wit.Option():
            return _option_measure(ty)
        case wit.Result():
            return _result_measure(ty)
        case _:
            return None


_PAIR = wit.Tuple((wit.String(), wit.String()))


def _pairs(value: Sequence[tuple[str, str]]) -> int:
    """The price of headers: what any list would cost, found without a call for each of them."""
    texts = sum(map(len, chain.from_iterable(value)))
    return len(value) * cost.ELEMENT + texts * cost.STRING_BYTE


def _list_measure(element: Measure | None) -> Measure:
    if element is None:
        return lambda value: len(value) * cost.ELEMENT
    return lambda value: len(value) * cost.ELEMENT + sum(map(element, value)) if value else 0


def _variant_measure(cases: dict[str, wit.Type | None]) -> Measure | None:
    measures = {name: measure_of(ty) for name, ty in cases.items()}
    live = {name: measure for name, measure in measures.items() if measure is not None}
    if not live:
        return None

    def measure(value: tuple[str, Any]) -> int:
        priced = live.get(value[0])
        return 0 if priced is None else priced(value[1])

    return measure


def _option_measure(ty: wit.Option) -> Measure | None:
    inner = measure_of(ty.payload)
    if inner is None:
        return None
    if ty.wrapped:
        return lambda value: 0 if value is None else inner(value[0])
    return lambda value: 0 if value is None else inner(value)


def _result_measure(ty: wit.Result) -> Measure | None:
    """Errors are small: what the host says in them is bounded by our own code."""
    ok = measure_of(ty.ok)
    if ok is None:
        return None
    if ty.wrapped:
        return lambda value: 0 if isinstance(value, Err) else ok(value[0])
    return lambda value: 0 if isinstance(value, Err) else ok(value)


def holds_handles(ty: wit.Type | None) -> bool:
    """Whether a value of the type holds a handle, for which a record needs its number."""
    match ty:
        case wit.Own() | wit.Borrow():
            return True
        case wit.List(element=element):
            return holds_handles(element)
        case wit.Record(fields=parts) | wit.Variant(cases=parts):
            return any(holds_handles(t) for _, t in parts)
        case wit.Tuple(elements=elements):
            return any(holds_handles(t) for t in elements)
        case wit.Option(payload=payload):
            return holds_handles(payload)
        case wit.Result(ok=ok, err=err):
            return holds_handles(ok) or holds_handles(err)
        case _:
            return False
