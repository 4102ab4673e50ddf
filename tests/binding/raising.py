"""Run in a process of its own: whatever a host function raises, the process lives and says so."""

from __future__ import annotations

import ast
import asyncio
import ctypes
import gc
import json
import re
import sys
import tomllib
from concurrent.futures import ThreadPoolExecutor

import msgspec

from tests.binding.components import RUN, SUSPENDED, Thing, call, guest
from wasm_engine.concepts.errors import Bug


class Own(BaseException):
    """An exception that nobody knows."""


KINDS: list[type[BaseException]] = [
    KeyboardInterrupt,
    SystemExit,
    GeneratorExit,
    asyncio.CancelledError,
    MemoryError,
    RecursionError,
    StopIteration,
    UnicodeDecodeError,
    Own,
]


def made(kind: type[BaseException]) -> BaseException:
    if kind is UnicodeDecodeError:
        return UnicodeDecodeError("utf-8", b"\xff", 0, 1, "made up")
    return kind("made up")


def outcome(instance, function, *args):
    """What came out of the call, and whether the instance is dead as it must be."""
    try:
        value = call(instance, RUN, function, *args)
    except BaseException as raised:  # noqa: BLE001  (that is the question)
        try:
            instance.begin(RUN, "nop", ())
        except Bug:
            return raised
        return "still alive"
    return f"answered {value}"


def raiser(exception):
    def host_function(*_):
        raise exception

    return host_function


def deep(*_):
    return endless()


def endless():
    # Takes no *args: CPython 3.13.0 does not count calls of functions that do.
    return endless()


def in_function(kind):
    """Raised by a host function of either sort."""
    error = made(kind)
    bystander = guest()
    found = [
        outcome(guest({"number": raiser(error)}), "number", 1) is error,
        outcome(guest({"hit": raiser(error)}), "hit") is error,
        outcome(guest({"wait": raiser(error)}), "wait", 1) is error,
    ]
    suspended = guest({"wait": raises_second(error)})
    suspended.begin(RUN, "wait", (1,))
    assert suspended.poll() is SUSPENDED
    suspended.resume(1)
    try:
        suspended.poll()
    except BaseException as raised:  # noqa: BLE001  (that is the question)
        found.append(raised is error)
    return all(found) and len(found) == 4 and call(bystander, RUN, "number", 1) == 2


def raises_second(error):
    calls = []

    def wait(_, n):
        calls.append(n)
        if len(calls) > 1:
            raise error
        return SUSPENDED

    return wait


def in_destructor(kind):
    error = made(kind)

    class Stubborn(Thing):
        drop = raiser(error)

    bystander = guest()
    instance = guest({"make": lambda _, n: Stubborn(n)})
    return outcome(instance, "drop", 1) is error and call(bystander, RUN, "value", 3) == 3


def in_an_answer(kind):
    """Raised while an answer is lowered: by an object that is asked for its value."""
    error = made(kind)

    class Number:
        __index__ = raiser(error)

    raised = outcome(guest({"number": lambda _, n: Number()}), "number", 1)
    ours = isinstance(error, Exception) and not isinstance(error, MemoryError | RecursionError)
    return (isinstance(raised, Bug) and raised.__cause__ is error) if ours else raised is error


def at_every_depth(function):
    """Near the recursion limit a callback, or its guard, may find no room at all."""
    instances = [guest({"number": function}) for _ in range(80)]
    for instance in instances:
        instance.begin(RUN, "nop", ())
        instance.poll()
        instance.begin(RUN, "number", (1,))
    ends = set()

    def down(left):
        return down(left - 1) if left else instances.pop().poll().value

    for depth in range(sys.getrecursionlimit() - 80, sys.getrecursionlimit()):
        try:
            ends.add(down(depth - frames()))
        except RecursionError:
            ends.add("no room")
        except (Bug, Own, ctypes.ArgumentError) as error:
            ends.add("no room" if "RecursionError" in str(error) else str(error))
    return ends


def decoders():
    """Text nested a million times, decoded by a host function on a fiber's stack."""
    levels = 10**6
    nested = "[" * levels + "]" * levels
    attacks = {
        "json": lambda: json.loads(nested),
        "msgspec": lambda: msgspec.json.decode(nested),
        "msgpack": lambda: msgspec.msgpack.decode(b"\x91" * levels + b"\x90"),
        "toml": lambda: tomllib.loads("x = " + nested),
        "pattern": lambda: re.compile("(?:" * levels + ")" * levels),
        "source": lambda: ast.parse("-" * levels + "1"),
        "literal": lambda: ast.literal_eval(nested),
    }
    errors = (RecursionError, MemoryError, OverflowError, SyntaxError, msgspec.DecodeError)
    bystander = guest()
    for name, attack in attacks.items():
        raised = outcome(guest({"hit": lambda _, attack=attack: attack()}), "hit")
        if not isinstance(raised, errors) or call(bystander, RUN, "number", 1) != 2:
            return f"{name}: {raised!r}"
    return True


def frames():
    count, frame = 0, sys._getframe()
    while frame is not None:
        count, frame = count + 1, frame.f_back
    return count


def in_threads():
    """Each thread gets its own exception back."""
    errors = [Own(str(n)) for n in range(200)]

    def run(error):
        return outcome(guest({"number": raiser(error)}), "number", 1) is error

    sys.setswitchinterval(1e-6)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(run, errors))
    sys.setswitchinterval(0.005)
    return all(found)


def closing_inside():
    """A host function that closes its own instance, or calls into it."""
    box = []

    def close(_):
        box[0].close()
        try:
            box[0].begin(RUN, "nop", ())
        except Bug as refused:
            box.append(str(refused))
        try:
            box[0].poll()
        except Bug as refused:
            box.append(str(refused))

    box.append(guest({"hit": close}))
    call(box[0], RUN, "hit")
    return (
        not box[0].alive and all("never re-entered" in text for text in box[1:]) and len(box) == 3
    )


def main():
    answers = {}
    for kind in KINDS:
        answers[f"{kind.__name__} in a function"] = in_function(kind)
        answers[f"{kind.__name__} in a destructor"] = in_destructor(kind)
        answers[f"{kind.__name__} in an answer"] = in_an_answer(kind)
    too_deep = outcome(guest({"number": deep}), "number", 1)
    answers["recursion without end"] = isinstance(too_deep, RecursionError)
    answers["at every depth"] = at_every_depth(lambda _, n: n + 1) == {2, "no room"}
    raising = at_every_depth(raiser(Own("raised")))
    answers["raising at every depth"] = raising == {"raised", "no room"}
    answers["decoders"] = decoders() is True
    answers["in threads"] = in_threads()
    answers["closing inside"] = closing_inside()
    gc.collect()
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
