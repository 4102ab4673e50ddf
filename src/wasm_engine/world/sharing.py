"""Turn calls and effects of a worker process that change what agents share, or ask somebody.

What each of them is, what its agent needs for it, what it learns and changes by it: looked at as
`review` looks at the rest. Arguments are taken by the services as they come, so they have to be
exactly those that a host function makes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.knowing import AskKey, ask_key
from wasm_engine.agents.isolated.protocol import Lie
from wasm_engine.capabilities.human import MAX_CHOICES, MAX_DETAILS, MAX_QUESTION, is_choice
from wasm_engine.capabilities.sql.calls import MAX_PARAMETER_BYTES, MAX_STATEMENTS, PARSED_BYTE
from wasm_engine.capabilities.swap import MOST_KEPT, RUNNING, SWAP, source_of
from wasm_engine.concepts import blobs, cost, keyvalue
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.sql_values import is_parameters
from wasm_engine.world.shapes import Shape, fits


class Use(NamedTuple):
    """What somebody does to what agents share, or whom it asks.

    Attributes:
        asks: What a policy has to have let it do.
        reads, writes: Sources that it learns from, and such that it puts something into.
        price: Least host work that it costs.
        answers: The source that its answer comes from later, if that is not known by then.
    """

    asks: list[AskKey]
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    price: int = 0
    answers: str | None = None


def turned(guest: IsolatedGuest, call: str, arguments: tuple[Any, ...]) -> Use:
    """What a turn call of a service does.

    Args:
        guest: Whose call.
        call: `service.operation`.
        arguments: What the service is to be given.

    Raises:
        Lie: No host function makes such a call for its agent.
    """
    known = _TURNS.get(call)
    if known is None or not fits(arguments, known[0]):
        message = "it claims a turn call that there is not"
        raise Lie(message)
    return known[1](guest, call.partition(".")[2], *arguments)


def _require(holds: bool, what: str) -> None:  # noqa: FBT001
    if not holds:
        message = f"it claims {what}"
        raise Lie(message)


def _require_grant(guest: IsolatedGuest, kind: str, name: str) -> None:
    _require(guest.agent.may_use(kind, name), f"what its agent was not granted ({kind}:{name})")


def _keyvalue(guest: IsolatedGuest, operation: str, bucket: str, *arguments: Any) -> Use:
    _require_grant(guest, "keyvalue", bucket)
    in_redis = bucket in guest.world.services["keyvalue"].redis
    _require(not in_redis, "to change here what lies in Redis")
    return _operation(operation, bucket, arguments)


def _operation(operation: str, bucket: str, arguments: tuple[Any, ...]) -> Use:
    wrong = keyvalue.wrong_with(operation, arguments)
    _require(wrong is None, "keys or values that are too large")
    if operation == "increment":
        within = keyvalue.SMALLEST <= arguments[1] <= keyvalue.LARGEST
        _require(within, "a number that is too large")
    to_write, source = operation not in keyvalue.LOOKS, f"keyvalue:{bucket}"
    action = f"keyvalue.{'write' if to_write else 'read'}"
    keys = keyvalue.keys_of(operation, arguments)
    written = keyvalue.written_size(operation, arguments) if to_write else 0
    return Use(
        [ask_key(action, bucket, {"key": key}) for key in keys],
        (source,) if operation in keyvalue.LEARNS else (),
        (source,) if to_write else (),
        cost.STATE_WRITE + written * cost.STATE_BYTE if to_write else 0,
    )


def _blobs(
    guest: IsolatedGuest,
    reads: list[tuple[str, str]],
    writes: list[tuple[str, str]],
    size: int = 0,
) -> Use:
    for container, _ in writes:
        _require_grant(guest, "blobstore", container)
    for container, _ in reads:
        may = guest.agent.may_use
        granted = may("blobstore", container) or may("blobstore-read", container)
        _require(granted, f"what its agent was not granted (blobstore:{container})")
    asks = [ask_key("blobstore.read", at, {"object": name}) for at, name in reads]
    asks += [ask_key("blobstore.write", at, {"object": name}) for at, name in writes]
    read, written = (tuple({f"blobstore:{at}": None for at, _ in it}) for it in (reads, writes))
    return Use(asks, read, written, cost.STATE_WRITE + size * cost.STATE_BYTE)


def _require_now(guest: IsolatedGuest, time: int) -> None:
    _require(time == guest.world.time, "another time")


def _create(guest: IsolatedGuest, _operation: str, name: str, time: int) -> Use:
    _require_now(guest, time)
    return _blobs(guest, [], [(name, "")])


def _drop(guest: IsolatedGuest, _operation: str, name: str) -> Use:
    return _blobs(guest, [], [(name, "")])


def _put(
    guest: IsolatedGuest, _operation: str, places: list[tuple[str, str]], data: bytes, time: int
) -> Use:
    _require_now(guest, time)
    _require(0 < len(places) <= blobs.MAX_NAMES, "more places than there can be")
    _require(len(data) <= blobs.MAX_OBJECT_BYTES, "an object that is too large")
    _require(all(blobs.wrong_name(name) is None for _, name in places), "a name that is none")
    return _blobs(guest, [], places, len(data) * len(places))


def _delete(guest: IsolatedGuest, _operation: str, container: str, names: list[str]) -> Use:
    _require(len(names) <= blobs.MAX_NAMES, "more names than there can be")
    return _blobs(guest, [], [(container, name) for name in names or [""]])


def _pass_on(
    guest: IsolatedGuest, operation: str, at: str, name: str, to: str, new: str, time: int
) -> Use:
    _require_now(guest, time)
    _require(blobs.wrong_name(new) is None, "a name that is none")
    source, target = (at, name), (to, new)
    return _blobs(guest, [source], [target] if operation == "copy" else [source, target])


def _sql(
    guest: IsolatedGuest, operation: str, name: str, asked: list[tuple[str, list[Any]]], time: int
) -> Use:
    _require_now(guest, time)
    use = _statements(guest, operation, name, asked)
    _require(not guest.world.services["sql"].is_outside(name), "a database that lies outside")
    return use


def in_database(guest: IsolatedGuest, arguments: tuple[Any, ...]) -> Use:
    """What an effect on a database that lies outside does.

    Raises:
        Lie: No host function makes such an effect for its agent.
    """
    known = fits(arguments, (str, str, _STATEMENTS, bool))
    _require(known and f"sql.{arguments[1]}" in _TURNS, "an effect that there is not")
    name, operation, asked, writes = arguments
    use = _statements(guest, operation, name, asked)
    _require(guest.world.services["sql"].is_outside(name), "a database that lies in the world")
    _require(writes is bool(use.writes), "to change what it does not, or the other way round")
    return use._replace(answers=f"sql:{name}")


def _statements(
    guest: IsolatedGuest, operation: str, name: str, asked: list[tuple[str, list[Any]]]
) -> Use:
    may, service = guest.agent.may_use, guest.world.services.get("sql")
    granted = may("sql", name) or may("sql-read", name)
    there = granted and service is not None and service.has(name)
    _require(there, f"what its agent was not granted (sql:{name})")
    count = len(asked)
    _require(count <= MAX_STATEMENTS if operation == "batch" else count == 1, "other statements")
    _require(all(is_parameters(it) for _, it in asked), "parameters that are none")
    size = sum(len(it) for _, row in asked for it in row if isinstance(it, str | bytes))
    _require(size <= MAX_PARAMETER_BYTES, "parameters that are too large")
    price = sum(len(text) for text, _ in asked) * PARSED_BYTE
    _require(price <= guest.most_work, "more than it can pay for")
    rights, asks, writes = service.rights(guest.agent.address, name), [], False
    for text, _ in asked:
        try:
            found = service.footprint(name, text)
        except Wrong as wrong:
            message = f"it claims a statement that is none ({wrong})"
            raise Lie(message) from None
        _require(found.refusal(rights) is None, "a statement that its agent may not have executed")
        context = {"verb": found.verb, "tables": found.tables, "columns": found.columns}
        asks.append(ask_key("sql", name, context))
        writes = writes or found.verb != "select"
    source = f"sql:{name}"
    return Use(asks, (source,), (source,) if writes else (), price)


def in_redis(guest: IsolatedGuest, arguments: tuple[Any, ...]) -> Use:
    """What an effect on a bucket in Redis does.

    Raises:
        Lie: No host function makes such an effect for its agent.
    """
    known = len(arguments) >= 3 and all(isinstance(it, str) for it in arguments[:3])
    _require(known, "an effect that there is not")
    address, bucket, operation, *rest = arguments
    may, to_write = guest.agent.may_use, operation not in keyvalue.LOOKS
    granted = may("keyvalue", bucket) or (not to_write and may("keyvalue-read", bucket))
    _require(granted, f"what its agent was not granted (keyvalue:{bucket})")
    _require(fits(tuple(rest), _OPERATIONS.get(operation, int)), "an effect that there is not")
    lies_there = guest.world.services["keyvalue"].redis.get(bucket) == address
    _require(lies_there, "a bucket that lies elsewhere")
    return _operation(operation, bucket, tuple(rest))._replace(answers=f"keyvalue:{bucket}")


_HUMAN: Final = (str, str, str, str, [str], int | None)


def asked_people(guest: IsolatedGuest, arguments: tuple[Any, ...]) -> Use:
    """Whom an effect asks.

    Raises:
        Lie: No host function makes such an effect for its agent.
    """
    _require(fits(arguments, _HUMAN) and arguments[0] in {"ask", "approve"}, "to ask nobody so")
    form, role, text, details, choices, timeout = arguments
    _require_grant(guest, "human", role)
    _require(not details if form == "ask" else not choices, "to ask nobody so")
    size, more = len(text.encode()), len(details.encode())
    short = bool(text.strip()) and size <= MAX_QUESTION and more <= MAX_DETAILS
    different = len(set(choices)) == len(choices) <= MAX_CHOICES
    _require(short and different and all(map(is_choice, choices)), "to ask more than one may")
    _require(timeout is None or 0 <= timeout < 1 << 64, "a time that is none")
    price = (size + more + sum(map(len, choices))) * cost.MESSAGE_BYTE
    return Use([ask_key("human", role, {})], price=price, answers=f"human:{role}")


def _swap(guest: IsolatedGuest, operation: str, kind: str, *arguments: Any) -> Use:
    _require_grant(guest, "swap", kind)
    source = source_of(kind)
    if operation == "running":
        return Use([], (source,))
    name, keep_old = arguments
    digest = guest.agent.choice(kind, name)
    _require(digest is not None and 0 <= keep_old <= MOST_KEPT, "a swap that cannot be asked for")
    return Use([ask_key("swap", kind, {"to": name, "digest": digest})], (source,), (source,))


def may_mark(guest: IsolatedGuest, source: str) -> bool:
    """Whether an agent may put something into what agents share, and label it so."""
    kind, _, name = source.partition(":")
    return kind in _WRITTEN and guest.agent.may_use(kind, name)


_WRITTEN: Final = frozenset({"keyvalue", "blobstore", "sql", "swap"})
_CHANGES: Final[Mapping[str, Shape]] = {
    "set": (str, bytes),
    "delete": (str,),
    "set-many": ([(str, bytes)],),
    "delete-many": ([str],),
    "increment": (str, int),
    "swap": (str, bytes | None, bytes),
}
_OPERATIONS: Final[Mapping[str, Shape]] = {
    **_CHANGES, "get": (str,), "exists": (str,), "list-keys": (str | None,), "get-many": ([str],),
}  # fmt: skip
"""What operations on a bucket are given beside its name."""
_STATEMENTS: Final = [(str, [int | float | str | bytes | None])]
_ASKED: Final = (str, _STATEMENTS, int)
_TURNS: Final[Mapping[str, tuple[Shape, Callable[..., Use]]]] = {
    **{f"keyvalue.{it}": ((str, *shape), _keyvalue) for it, shape in _CHANGES.items()},  # type: ignore[misc]
    "blobstore.create": ((str, int), _create),
    "blobstore.drop": ((str,), _drop),
    "blobstore.put": (([(str, str)], bytes, int), _put),
    "blobstore.delete": ((str, [str]), _delete),
    "blobstore.clear": ((str,), _drop),
    "blobstore.copy": ((str, str, str, str, int), _pass_on),
    "blobstore.move": ((str, str, str, str, int), _pass_on),
    "sql.query": (_ASKED, _sql),
    "sql.execute": (_ASKED, _sql),
    "sql.batch": (_ASKED, _sql),
    SWAP: ((str, str, int), _swap),
    RUNNING: ((str,), _swap),
}
"""Turn calls of services: what they are given, and what they do."""
