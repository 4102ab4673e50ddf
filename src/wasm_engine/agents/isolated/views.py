"""What a worker process is told of the agent it works for, and of the world; and what it may ask.

The little that every message needs goes along with it; the rest is fetched when a host function
looks at it. Both are plain values, made here and read in `far`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from wasm_engine.agents.isolated.protocol import Fetch, Lie
from wasm_engine.concepts.caller import AgentView, WorldView
from wasm_engine.concepts.errors import HostFault
from wasm_engine.concepts.message import Message, body_size
from wasm_engine.concepts.plain import to_plain
from wasm_engine.runtime.wasi import Listed

FEW: Final = 8
"""Requests, effects or timers that go along with a message."""
SMALL: Final = 16 << 10
"""Bytes of a state that goes along with a message; of a reply that does."""


def agent_told(agent: AgentView | Any) -> list[Any]:
    """What a message's worker knows of its agent from the beginning.

    An agent that is made again has less of all this: others' answers are in its call log.
    """
    state = agent.state
    return [
        agent.address,
        agent.config,
        agent.state_bytes,
        list(state.items()) if agent.state_bytes <= SMALL else None,
        *(_few(getattr(agent, name, {})) for name in ("requests", "effects", "timers")),
        list(getattr(agent, "replied", ())),
        getattr(agent, "sent_bytes", 0),
        bool(getattr(agent, "sent", False)),
        getattr(agent, "ordinal", 0),
        getattr(agent, "index", 0),
        agent.purse is not None,
    ]


def world_told(
    world: WorldView | Any, message: Message, agent: AgentView | Any, guard: list[Any] | None
) -> list[Any]:
    """What it knows of the world; of others, what an answer to the message's sender needs.

    Args:
        world: The world.
        message: What is handled.
        agent: By whom.
        guard: What it knows of labels and the policy; see `knowing.FarKnowing.around`.
    """
    since = getattr(world, "judged_from", None) if guard is None else guard[1]
    told = [world.name, world.step, world.time, since, guard]
    if not hasattr(world, "missing"):  # the world of an agent that is made again
        return [*told, 0, 0, [None, 0], False]
    request = message.request
    return [
        *told,
        world.mailbox_bound,
        world.queue_room(),
        _peer(agent, world, message.sender),
        request is not None and world.is_open(request, agent.address),
    ]


def _few(mapping: Mapping[int, Any]) -> tuple[int, list[Any] | None]:
    """How many there are, and all of them where that is little."""
    count = len(mapping)
    if count > FEW or any(_is_large(value) for value in mapping.values()):
        return count, None
    return count, [(number, to_plain(_value(value))) for number, value in mapping.items()]


def _value(value: Any) -> Any:
    """Of a timer its body, which is what counts; of all else itself."""
    return getattr(value, "body", value)


def _is_large(value: Any) -> bool:
    value = _value(value)
    if not isinstance(value, tuple):
        return False
    # A response has three, and what Redis answers is no body.
    return len(value) != 2 or value[0] not in ("text", "bytes") or body_size(value) > SMALL


def _peer(agent: Any, world: Any, address: str) -> tuple[str | None, int]:
    """Whether there is somebody at an address, and how much mail of the agent waits there."""
    code = world.missing(address)
    return code, 0 if code is not None else world.waiting(address, agent.address)


def fetched(fetch: Fetch, agent: Any, world: Any, mounts: Mapping[str, Sequence[Listed]]) -> Any:
    """What is answered to a question of a worker process; all of it is the agent's to know.

    Raises:
        Lie: Nobody asks so.
        HostFault: A mounted file cannot be read.
    """
    key = fetch.key
    try:
        match fetch.what:
            case "state-keys":
                return list(agent.state)
            case "state" if isinstance(key, str):
                return agent.state.get(key)
            case "file" if isinstance(key, str):
                return _content(mounts[key][fetch.number])
            case "peer" if isinstance(key, str):
                return _peer(agent, world, key)
            case "sent" if isinstance(key, str):
                return agent.sent_to(key)
            case "subscribers" if isinstance(key, str):
                return list(world.subscribers(key))
            case "asker" if isinstance(key, int):
                return world.asker(key) if world.is_open(key, agent.address) else ""
            case "open" if isinstance(key, int):
                return world.is_open(key, agent.address)
            case "request" | "effect" | "timer" if isinstance(key, int):
                held = getattr(agent, fetch.what + "s")
                return [key in held, to_plain(_value(held.get(key)))]
    except (AttributeError, LookupError) as error:
        message = f"it asked for what there is not ({fetch.what}, {error!r})"
        raise Lie(message) from None
    message = f"it asked for nothing that there is ({fetch.what})"
    raise Lie(message)


def _content(entry: Listed) -> bytes:
    """A mounted file; whoever asked would find out itself, and could say what it likes."""
    data = entry.read()
    if sha256(data).digest() != entry.digest:
        message = "the contents of a mounted file are not those that were listed"
        raise HostFault(message, code="mount-changed")
    return data
