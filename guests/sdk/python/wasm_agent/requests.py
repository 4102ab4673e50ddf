"""Messages that wait for a reply. Each ends: with a reply, or with a `Fault`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, overload

from wasm_agent.contract import call, messaging
from wasm_agent.faults import Fault
from wasm_agent.sending import options
from wasm_agent.values import Reply, Span, to_body


class Request:
    """A request on its way, from `start`.

    Attributes:
        to: Who was asked.
        topic: About what.
        number: Its number in the world.
    """

    def __init__(self, to: str, topic: str, number: int) -> None:
        self.to, self.topic, self.number = to, topic, number
        self._outcome: Reply | Fault | None = None

    def wait(self) -> Reply:
        """Waits for the reply, and raises the fault if there is none. May be called again."""
        outcome = self.outcome()
        if isinstance(outcome, Fault):
            raise outcome
        return outcome

    def outcome(self) -> Reply | Fault:
        """Waits for the end: the reply, or the fault, which is not raised."""
        if self._outcome is None:
            call(messaging.wait_any, [self.number])
            self._outcome = self._taken()
        return self._outcome

    def cancel(self) -> None:
        """Ends it at once, with `Cancelled`. Has no effect where it ended before."""
        if self._outcome is None:
            call(messaging.cancel_request, self.number)

    def _taken(self) -> Reply | Fault:
        try:
            return Reply(call(messaging.take, self.number))
        except Fault as fault:
            return fault

    @property
    def known(self) -> bool:
        """Whether the outcome is here already, so that `wait` does not wait."""
        return self._outcome is not None

    def __repr__(self) -> str:
        return f"Request({self.to!r}, {self.topic!r}, {self.number})"


def ask(
    to: str,
    topic: str,
    value: Any = "",
    *,
    timeout: Span | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Sends a message and waits for the reply; the rest of the world goes on meanwhile.

    Args:
        to: Who is asked.
        topic: About what.
        value: Text, bytes, or anything JSON knows.
        timeout: Seconds of world time (or a timedelta) after which it ends with `Timeout`.
        headers: Labels.

    Raises:
        Fault: There is no reply: `Timeout`, `NoReply`, `Failed`, `UnknownAddress`, `Deadlock`...
    """
    sent = options(timeout=timeout, headers=headers)
    return Reply(call(messaging.ask, to, topic, to_body(value), sent))


def start(
    to: str,
    topic: str,
    value: Any = "",
    *,
    timeout: Span | None = None,
    headers: Mapping[str, str] | None = None,
) -> Request:
    """Sends a request without waiting: the first half of `ask`."""
    sent = options(timeout=timeout, headers=headers)
    return Request(to, topic, call(messaging.start, to, topic, to_body(value), sent))


def wait_any(requests: Iterable[Request]) -> Request:
    """Waits until one of them has ended, and gives it back; its `wait()` has the reply.

    Ties go by the order of the list.

    Raises:
        UnknownRequest: The list is empty.
    """
    open_ones = list(requests)
    for request in open_ones:
        if request.known:
            return request
    number = call(messaging.wait_any, [request.number for request in open_ones])
    return next(request for request in open_ones if request.number == number)


@overload
def gather(*requests: Request, faults: Literal[False] = False) -> list[Reply]: ...
@overload
def gather(*requests: Request, faults: bool) -> list[Reply | Fault]: ...
def gather(*requests: Request, faults: bool = False) -> Any:
    """Waits for all of them, and gives the replies in the order of the requests.

    Args:
        requests: From `start`.
        faults: Whether a fault takes its place in the list. Otherwise the first that comes is
            raised, and what is still open is cancelled.
    """
    pending = list(requests)
    while pending:
        ended = wait_any(pending)
        pending.remove(ended)
        outcome = ended.outcome()
        if isinstance(outcome, Fault) and not faults:
            for request in pending:
                request.cancel()
            raise outcome
    return [request.outcome() for request in requests]


@overload
def ask_all(
    addresses: Iterable[str],
    topic: str,
    value: Any = "",
    *,
    timeout: Span | None = None,
    faults: Literal[False] = False,
) -> list[Reply]: ...
@overload
def ask_all(
    addresses: Iterable[str],
    topic: str,
    value: Any = "",
    *,
    timeout: Span | None = None,
    faults: bool,
) -> list[Reply | Fault]: ...
def ask_all(
    addresses: Iterable[str],
    topic: str,
    value: Any = "",
    *,
    timeout: Span | None = None,
    faults: bool = False,
) -> Any:
    """Asks many the same at once, and gives the replies in the order of the addresses.

    `faults` is as in `gather`.
    """
    asked = [start(address, topic, value, timeout=timeout) for address in addresses]
    return gather(*asked, faults=faults)
