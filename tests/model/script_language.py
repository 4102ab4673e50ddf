"""The script language of guests/testing/scripted, as its README has it, in plain Python.

`run_message` is a generator: it yields what suspends the agent, and gets the answer back. All else
goes through `host`, the calls that an agent may make.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import suppress
from typing import Any

ARITY = {
    **dict.fromkeys(("random", "now", "step", "self", "world", "config", "touch"), 0),
    **dict.fromkeys(("trap", "loop"), 0),
    **dict.fromkeys(("reply", "defer", "wait-any", "take", "cancel-request", "cancel"), 1),
    **dict.fromkeys(("incr", "delete", "get", "keys", "stop", "watch", "log", "burn"), 1),
    **dict.fromkeys(("publish", "reply-to", "header", "set", "append", "repeat", "fail"), 2),
    **dict.fromkeys(("header-size", "set-size"), 2),
    **dict.fromkeys(("send", "send-bytes", "send-size", "ask", "spawn", "when"), 3),
    **dict.fromkeys(("flood", "ask-timeout", "start", "schedule"), 4),
    "start-timeout": 5,
}
FLUSHES = {"ask", "ask-timeout", "wait-any", "get", "keys", "spawn", "stop", "watch"}
MOST_HEADERS, DEEPEST = 16, 16

Steps = Generator[Any, Any, None]


class Refused(Exception):
    """The host refused a call; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Failure(Exception):
    """The activation fails, with this code; a limit is one that no retry can cure."""

    def __init__(self, code: str, *, limit: bool = False) -> None:
        super().__init__(code)
        self.code, self.limit = code, limit


class Over(Exception):
    """The script ends here, well."""


def quoted(*parts: object) -> str:
    """An operation with its arguments, each with its length."""
    name, *arguments = map(str, parts)
    return " ".join([name, *(f"{len(a.encode())}:{a}" for a in arguments)])


def number_in(text: str) -> int:
    """The digits that a text begins with; 0 where there are none."""
    digits = re.match("[0-9]*", text)
    assert digits is not None
    return int(digits[0] or 0)


def shown(body: tuple[str, Any]) -> str:
    """A body as the trace shows it."""
    return body[1] if body[0] == "text" else f"bytes:{len(body[1])}"


def run_message(host: Any, message: Any) -> Steps:
    """What handling one message does."""
    return _Script(host, message).handle()


class _Script:
    def __init__(self, host: Any, message: Any) -> None:
        self.host, self.message = host, message
        self.trace = host.state().get("trace", "")
        self.headers: list[tuple[str, str]] = []
        self.depth = 0

    def handle(self) -> Steps:
        kind, text = self.message.body
        topic, sender = self.message.topic, self.message.sender
        if kind == "text" and (text.startswith("#!") or topic == "script"):
            self.note(f"on:{self.message.id}:{sender}:{topic}")
            with suppress(Over):
                yield from self.script(text.removeprefix("#!").encode())
        else:
            self.note(f"got:{topic}:{sender}:{shown(self.message.body)}")
        self.flush()

    def note(self, line: str) -> None:
        self.trace += line + "\n"

    def flush(self) -> None:
        self.host.state()["trace"] = self.trace

    def script(self, rest: bytes) -> Steps:
        while rest := rest.lstrip(b" ;\n"):
            word, rest = _word(rest)
            name = word.decode()
            arguments: list[str] = []
            for _ in range(ARITY.get(name, 0)):
                argument, rest = _argument(rest)
                if argument is None:
                    break
                arguments.append(argument.decode())
            if len(arguments) != ARITY.get(name):
                self.note(f"bad:{name}")
                raise Over
            if name in FLUSHES:
                self.flush()
            yield from self.operation(name, *arguments)

    def operation(self, name: str, *arguments: str) -> Steps:
        if name in {"when", "repeat"}:
            yield from self.nested(name, *arguments)
            return
        does: Callable[..., Any] = getattr(self, "do_" + name.replace("-", "_"))
        try:
            result = does(*arguments)
            if isinstance(result, Generator):
                result = yield from result
        except Refused as refused:
            result = f"err:{refused.code}"
        line = f"{name}:{'ok' if result is None else result}"
        self.note(line)

    def nested(self, name: str, *arguments: str) -> Steps:
        times, script = 1, arguments[-1].encode()
        if name == "repeat":
            times = number_in(arguments[0])
        else:
            key, value, _ = arguments
            yes = self.host.state().get(key) == value
            self.note("when:yes" if yes else "when:no")
            times = int(yes)
        if name == "when" and not times:
            return
        if self.depth == DEEPEST:
            self.note(f"bad:{name}")
            raise Over
        self.depth += 1
        for _ in range(times):
            yield from self.script(script)
        self.depth -= 1

    # Messages.

    def do_send(self, to: str, topic: str, text: str) -> None:
        self.host.send(to, topic, ("text", text), self.headers)

    def do_send_bytes(self, to: str, topic: str, text: str) -> None:
        self.host.send(to, topic, ("bytes", text.encode()), self.headers)

    def do_send_size(self, to: str, topic: str, size: str) -> None:
        self.do_send(to, topic, "x" * number_in(size))

    def do_flood(self, to: str, topic: str, text: str, times: str) -> str:
        accepted, code = 0, ""
        for _ in range(number_in(times)):
            try:
                self.do_send(to, topic, text)
                accepted += 1
            except Refused as refused:
                code = refused.code
        return f"{accepted}:{code}"

    def do_publish(self, topic: str, text: str) -> None:
        self.host.publish(topic, ("text", text), self.headers)

    def do_header(self, name: str, value: str) -> str | None:
        if len(self.headers) == MOST_HEADERS:
            return "full"
        self.headers.append((name, value))
        return None

    def do_header_size(self, name: str, size: str) -> str | None:
        return self.do_header(name, "x" * number_in(size))

    # Requests.

    def do_reply(self, text: str) -> None:
        self.host.reply(("text", text))

    def do_defer(self, name: str) -> str:
        return self.keep("request/" + name, self.host.defer)

    def do_reply_to(self, name: str, text: str) -> None:
        self.host.reply_to(self.number("request/", name), ("text", text))

    def do_ask(self, to: str, topic: str, text: str, timeout: int | None = None) -> Steps:
        number = self.host.start(to, topic, ("text", text), self.headers, timeout)
        yield from self.host.wait_any([number])
        return f"ok:{shown(self.host.take(number))}"

    def do_ask_timeout(self, span: str, to: str, topic: str, text: str) -> Steps:
        return self.do_ask(to, topic, text, number_in(span))

    def do_start(self, name: str, to: str, topic: str, text: str, span: str | None = None) -> str:
        timeout = None if span is None else number_in(span)
        body = ("text", text)
        start = lambda: self.host.start(to, topic, body, self.headers, timeout)  # noqa: E731
        return self.keep("request/" + name, start)

    def do_start_timeout(self, name: str, span: str, to: str, topic: str, text: str) -> str:
        return self.do_start(name, to, topic, text, span)

    def do_wait_any(self, names: str) -> Steps:
        listed = names.split(",") if names else []
        numbers = [self.number("request/", name) for name in listed]
        first = yield from self.host.wait_any(numbers)
        self.host.state()["request/any"] = str(first)
        return f"ok:{listed[numbers.index(first)]}"

    def do_take(self, name: str) -> str:
        return f"ok:{shown(self.host.take(self.number('request/', name)))}"

    def do_cancel_request(self, name: str) -> None:
        self.host.cancel_request(self.number("request/", name))

    def do_schedule(self, name: str, span: str, topic: str, text: str) -> str:
        schedule = lambda: self.host.schedule(number_in(span), topic, ("text", text))  # noqa: E731
        return self.keep("timer/" + name, schedule)

    def do_cancel(self, name: str) -> str:
        return "true" if self.host.cancel(self.number("timer/", name)) else "false"

    def keep(self, key: str, call: Callable[[], int]) -> str:
        try:
            number = call()
        except Refused:
            self.host.state().pop(key, None)
            raise
        self.host.state()[key] = str(number)
        return f"ok:{number}"

    def number(self, kind: str, name: str) -> int:
        if name.startswith("#"):
            return number_in(name[1:])
        return number_in(self.host.state().get(kind + name, ""))

    # State.

    def do_set(self, key: str, value: str) -> None:
        self.host.state()[key] = value

    def do_set_size(self, key: str, size: str) -> None:
        self.do_set(key, "x" * number_in(size))

    def do_append(self, key: str, value: str) -> None:
        self.host.state()[key] = self.host.state().get(key, "") + value

    def do_incr(self, key: str) -> str:
        value = str(number_in(self.host.state().get(key, "")) + 1)
        self.host.state()[key] = value
        return f"ok:{value}"

    def do_delete(self, key: str) -> None:
        self.host.state().pop(key, None)

    def do_get(self, key: str) -> str:
        value = self.host.state().get(key)
        return "none" if value is None else f"some:{value}"

    def do_keys(self, prefix: str) -> str:
        return ",".join(sorted(key for key in self.host.state() if key.startswith(prefix)))

    # Other agents.

    def do_spawn(self, kind: str, key: str, config: str) -> Steps:
        address = yield from self.host.turn("spawn", kind, key, config)
        return f"ok:{address}"

    def do_stop(self, address: str) -> Steps:
        yield from self.host.turn("stop", address)

    def do_watch(self, address: str) -> Steps:
        yield from self.host.turn("watch", address)

    # Who and when.

    def do_random(self) -> None:
        self.host.draw()
        self.host.state()["random"] = "drawn"

    def do_now(self) -> None:
        self.host.state()["now"] = str(self.host.now())

    def do_step(self) -> None:
        self.host.state()["step"] = str(self.host.step())

    def do_self(self) -> str:
        return self.host.address()

    def do_world(self) -> str:
        return self.host.world_name()

    def do_config(self) -> str:
        return self.host.config()

    def do_touch(self) -> str:
        return str(self.host.touched())

    def do_log(self, text: str) -> None:
        """Logged; the model keeps no log."""

    def do_burn(self, rounds: str) -> None:
        """Takes fuel; the model counts none."""

    # Ends.

    def do_fail(self, code: str, detail: str) -> None:
        raise Failure(code)

    def do_trap(self) -> None:
        raise Failure("unreachable")

    def do_loop(self) -> None:
        raise Failure("fuel", limit=True)


def _word(rest: bytes) -> tuple[bytes, bytes]:
    match = re.match(rb"[^ ;\n]*", rest)
    assert match is not None
    return match[0], rest[match.end() :]


def _argument(rest: bytes) -> tuple[bytes | None, bytes]:
    """The next argument and what follows it; None where there is none or it is cut short."""
    rest = rest.lstrip(b" ")
    if not rest or rest[:1] in b";\n":
        return None, rest
    counted = re.match(rb"([0-9]+):", rest)
    if counted is None:
        return _word(rest)
    end = counted.end() + int(counted[1])
    if end > len(rest):
        return None, rest
    return rest[counted.end() : end], rest[end:]
