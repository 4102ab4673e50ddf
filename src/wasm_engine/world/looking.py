"""What a worker process is shown of what the agents of its world share: see `far_services`.

It may be somebody else's by then. So nothing goes there that its agent was not granted, that the
policy in force did not let it see when it asked, or that it has no host work left for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, Final

from wasm_engine.agents.isolated.guest import IsolatedGuest
from wasm_engine.agents.isolated.knowing import ask_key
from wasm_engine.agents.isolated.protocol import Lie, Look, valued
from wasm_engine.capabilities.sql.calls import PARSED_BYTE
from wasm_engine.concepts import cost
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.keyvalue import keys_of, wrong_with
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.world.shapes import Shape, fits


def looked(guest: IsolatedGuest, look: Look) -> Any:
    """What is seen, as of the step's start.

    Args:
        guest: Who looks.
        look: At what.

    Raises:
        Lie: Its agent may not look there, or nobody looks so.
    """
    known = _LOOKS.get((look.service, look.operation))
    arguments = valued(look.arguments)
    if known is None or not fits(arguments, known[0]):
        message = f"it looked at what there is not ({look.service}.{look.operation})"
        raise Lie(message)
    return known[1](guest, *arguments)


def _granted(guest: IsolatedGuest, name: str, *kinds: str) -> None:
    if not any(guest.agent.may_use(kind, name) for kind in kinds):
        message = f"it looked at what its agent was not granted ({kinds[0]}:{name[:100]})"
        raise Lie(message)


def _let(
    guest: IsolatedGuest, action: str, target: str, contexts: Iterable[Mapping[str, Any]]
) -> None:
    """What a policy may forbid it has to have asked for first."""
    guard = guest.guard
    if guard is None or not guard.decides:
        return
    for context in contexts:
        if not guest.was_let(ask_key(action, target, context), now=True):
            message = f"it looked at what it did not ask for ({action} {target[:100]})"
            raise Lie(message)


def _redis(guest: IsolatedGuest, bucket: str) -> str | None:
    _granted(guest, bucket, "keyvalue", "keyvalue-read")
    address: str | None = guest.world.services["keyvalue"].redis.get(bucket)
    return address


def _bucket(operation: str, guest: IsolatedGuest, bucket: str, *arguments: Any) -> Any:
    _granted(guest, bucket, "keyvalue", "keyvalue-read")
    store = guest.world.services["keyvalue"]
    if wrong_with(operation, arguments) is not None or bucket in store.redis:
        message = f"it looked into a bucket as nobody does ({operation})"
        raise Lie(message)
    _let(guest, "keyvalue.read", bucket, ({"key": it} for it in keys_of(operation, arguments)))
    guest.pays()
    found = store.look(bucket, operation, arguments)
    guest.pays_besides(_price(operation, found))
    guest.looked_at(f"keyvalue:{bucket}")
    return found


def _price(operation: str, found: Any) -> int:
    """Least host work that what is seen costs whoever asked for it."""
    match operation:
        case "get" | "read" if isinstance(found, bytes):
            return len(found) * cost.STATE_BYTE
        case "get-many":
            return sum(len(it[1]) for it in found if it is not None) * cost.STATE_BYTE
        case "list-keys":
            return len(found[0]) * cost.STATE_KEY
        case "names" if isinstance(found, list):
            return len(found) * cost.STATE_KEY
    return 0


def _container(
    operation: str, guest: IsolatedGuest, container: str, name: str = "", *between: int
) -> Any:
    _granted(guest, container, "blobstore", "blobstore-read")
    if any(place < 0 for place in between):
        message = "it looked at what is before an object"
        raise Lie(message)
    _let(guest, "blobstore.read", container, [{"object": name}])
    guest.pays()
    about = (container,) if operation in {"created", "names"} else (container, name, *between)
    found = getattr(guest.world.services["blobstore"], operation)(*about)
    guest.pays_besides(_price(operation, found))
    if not isinstance(found, Err):
        guest.looked_at(f"blobstore:{container}")
    return found


def _has(guest: IsolatedGuest, name: str) -> bool:
    _granted(guest, name, "sql", "sql-read")
    service = guest.world.services.get("sql")
    return service is not None and bool(service.has(name))


def _is_outside(guest: IsolatedGuest, name: str) -> bool:
    return _has(guest, name) and bool(guest.world.services["sql"].is_outside(name))


def _footprint(guest: IsolatedGuest, name: str, text: str) -> Any:
    """What a statement touches, and what of that the agent may not; or why it is none."""
    if not _has(guest, name):
        message = "it asked about a database that there is not"
        raise Lie(message)
    guest.pays(len(text) * PARSED_BYTE)
    service = guest.world.services["sql"]
    try:
        found = service.footprint(name, text)
    except Wrong as wrong:
        return str(wrong)
    denied = found.refusal(service.rights(guest.agent.address, name))
    return found.verb, found.tables, found.columns, denied


def _reference(guest: IsolatedGuest, name: str) -> str:
    _granted(guest, name, "secret")
    _let(guest, "secret", name, [{}])
    guest.pays()
    guest.looked_at(f"secret:{name}")
    reference: str = guest.world.services["secrets"].to(name)
    return reference


_LOOKS: Final[Mapping[tuple[str, str], tuple[Shape, Callable[..., Any]]]] = {
    ("keyvalue", "redis"): ((str,), _redis),
    ("keyvalue", "get"): ((str, str), partial(_bucket, "get")),
    ("keyvalue", "exists"): ((str, str), partial(_bucket, "exists")),
    ("keyvalue", "list-keys"): ((str, str | None), partial(_bucket, "list-keys")),
    ("keyvalue", "get-many"): ((str, [str]), partial(_bucket, "get-many")),
    ("blobstore", "created"): ((str,), partial(_container, "created")),
    ("blobstore", "names"): ((str,), partial(_container, "names")),
    ("blobstore", "info"): ((str, str), partial(_container, "info")),
    ("blobstore", "read"): ((str, str, int, int), partial(_container, "read")),
    ("sql", "has"): ((str,), _has),
    ("sql", "is-outside"): ((str,), _is_outside),
    ("sql", "footprint"): ((str, str), _footprint),
    ("secrets", "to"): ((str,), _reference),
}
"""What can be looked at, and how."""
