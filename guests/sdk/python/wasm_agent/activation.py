"""One message, from arrival to outcome."""

from __future__ import annotations

import asyncio
import inspect
import sys
from collections.abc import Callable

from wasm_agent import entropy
from wasm_agent.contract import types
from wasm_agent.faults import Fault, RequestClosed
from wasm_agent.handlers import name_of, registry
from wasm_agent.logs import log
from wasm_agent.messages import Message, current
from wasm_agent.surroundings import config, context
from wasm_agent.tracebacks import describe

ERROR = "error"
"""The code of an exception that the agent did not catch."""
NO_HANDLER = "no-handler"
"""The code where no function takes messages on a topic."""


def attempt(work: Callable[[], None]) -> types.Fault | None:
    """Does something for the agent; answers what went wrong, if anything did."""
    try:
        work()
    except Fault as fault:
        # What the agent raised says all it wants to say; what the world gave it did not expect.
        return types.Fault(fault.code, describe(fault) if fault.from_host else fault.detail)
    except BaseException as error:
        return types.Fault(ERROR, describe(error))
    finally:
        _flush()
    return None


def handle(received: types.Message) -> types.Fault | None:
    """Gives a message to the function that takes its topic."""
    message = Message(received)
    config.forget()
    entropy.generator.unsettle()
    current.message = message
    try:
        return attempt(lambda: dispatch(message))
    finally:
        current.message = None


def dispatch(message: Message) -> None:
    """Gives a message to the function that takes its topic, and sends what it returns."""
    handler = registry.find(message.topic)
    if handler is None:
        known = ", ".join(registry.topics()) or "none"
        detail = f"{context.address} handles no topic {message.topic!r} (it handles: {known})"
        raise Fault(NO_HANDLER, detail)
    result = handler(message)
    if inspect.iscoroutine(result):
        result = asyncio.run(result)
    if result is not None and message.request is not None:
        try:
            message.reply(result)
        except RequestClosed:
            # Nobody waits any more: that is the asker's affair, and no failure of this agent.
            if message.answered:
                raise
            log.info(f"the reply to {message.sender} ({message.topic}) came too late: dropped")
        except (TypeError, ValueError) as error:
            # The traceback has no line of the agent: the function has returned already.
            error.add_note(f"in the reply that {name_of(handler)} returned")
            raise


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            continue
