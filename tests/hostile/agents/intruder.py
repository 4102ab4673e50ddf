"""Tries to get out of its interpreter, or to harm others through it. Says what it got.

`probe NAME` keeps the outcome in the state under NAME. Each probe answers with what it got; an
exception is an outcome, too.
"""

import builtins
import json
import os
import pickle
import signal
import sys

import wasm_agent
from wasm_agent import Fault, context, on, send, state

PROBES = {}


def probe(function):
    PROBES[function.__name__] = function
    return function


@on("probe")
def run(message):
    try:
        got = PROBES[message.text]()
    except (Exception, MemoryError, RecursionError) as error:
        got = f"{type(error).__name__}: {error}"[:300]
    state[message.text] = repr(got)[:2000] if not isinstance(got, str) else got[:2000]


# What lies outside.


@probe
def tree():
    return sorted(os.path.join(folder, name) for folder, _, names in os.walk("/") for name in names)


# What lies beneath the SDK.


@probe
def bare_calls():
    """The host's functions without the SDK: the same refusals."""
    from wit_world.imports import agents, messaging
    from wit_world.imports import wasm_engine_agent_types as types

    answers = []
    for call, args in (
        (agents.stop, ("good/1",)),
        (agents.spawn, ("good", "x", "")),
        (messaging.reply_to, (1, types.Body_Text("x"))),
        (messaging.take, (1,)),
    ):
        try:
            answers.append(str(call(*args)))
        except Exception as error:
            value = getattr(error, "value", error)
            answers.append(getattr(value, "code", type(error).__name__))
    return answers


@probe
def bad_numbers():
    """Functions of the host that there are not, by their index."""
    import componentize_py_runtime as runtime

    return str(runtime.call_import(100_000, [], 1))


@probe
def bad_arguments():
    """A function of the host with arguments of other types."""
    import componentize_py_runtime as runtime

    return str(runtime.call_import(0, [object(), b"\xff" * 100, -1, None], 3))


@probe
def bad_resource():
    import componentize_py_runtime as runtime

    return str(runtime.drop_resource(0, 10**6))


@probe
def lone_surrogate():
    send("good/1", "t", "\ud800")
    return "sent"


# What stays.


@probe
def poison():
    """Changes everything that it can reach, for the next message to find."""
    builtins.poisoned = True
    sys.modules["json"] = None
    os.environ["POISONED"] = "1"
    context.poisoned = True
    wasm_agent.state.get = lambda *_: "poisoned"
    type(wasm_agent.state).__getitem__ = lambda *_: "poisoned"
    PROBES["poisoned"] = lambda: "still there"
    with open("/poisoned", "w") as file:
        file.write("still there")
    return "done"


@probe
def antidote():
    return [
        hasattr(builtins, "poisoned"),
        sys.modules.get("json") is None,
        "POISONED" in os.environ,
        hasattr(context, "poisoned"),
        "poisoned" in PROBES,
        os.path.exists("/poisoned"),
        state.get("nothing") == "poisoned",
    ]


@on("pretend")
def pretend(message):
    """Makes itself believe that it is somebody else; others see who it is."""
    type(message).sender = property(lambda _: "operator")
    message.headers["sender"] = "operator"
    wasm_agent.surroundings.context = None
    send("witness", "who", "operator", headers={"sender": "operator"})


# What ends it.


@on("end")
def end(message):
    match message.text:
        case "exit":
            os._exit(0)
        case "exit 3":
            os._exit(3)
        case "sys.exit":
            sys.exit("bye")
        case "abort":
            os.abort()
        case "signal":
            signal.raise_signal(signal.SIGTERM)
        case "interrupt":
            raise KeyboardInterrupt
        case "base":
            raise type("Own", (BaseException,), {"__str__": lambda _: 1 / 0})
        case "loop":
            while True:
                pass
        case "stubborn loop":
            while True:
                try:
                    while True:
                        pass
                except BaseException:
                    pass
        case "regular expression":
            import re

            re.fullmatch("(a+)+b", "a" * 60)
        case "number":
            str(10 ** (10**8))
        case "recursion":
            end(message)
        case "deep json":
            json.loads("[" * 10**6)
        case "deep pickle":
            pickle.loads(b"(" * 10**6)
        case "deep repr":
            nested = []
            for _ in range(10**5):
                nested = [nested]
            repr(nested)
        case "deep compile":
            compile("(" * 10**5, "x", "eval")
        case "memory":
            bytearray(1 << 40)
        case "more memory":
            hoard = []
            while True:
                hoard.append(bytearray(1 << 20))
        case "disk":
            with open("/bomb", "wb", buffering=0) as file:
                while True:
                    file.write(bytes(1 << 16))
        case "sparse disk":
            with open("/bomb", "wb", buffering=0) as file:
                file.truncate(1 << 40)
        case "files":
            for number in range(10**6):
                with open(f"/{number}", "w"):
                    pass
        case "handles":
            kept = []
            while True:
                kept.append(os.open("/", os.O_RDONLY))
        case "entropy":
            os.urandom(10**9)
        case "log":
            while True:
                print("x" * 10_000)
        case "no lines":
            while True:
                sys.stdout.write("x" * 10_000)
        case "raise much":
            raise ValueError("x" * 10**6)
        case "raise orders":
            raise ValueError("\x1b[2J\x00\u202e")
        case "fault":
            raise Fault("\x1b[2J", "y" * 10**6)
        case "reply":
            return "x" * (20 << 20)
        case "state":
            for number in range(10**6):
                state[f"k{number}"] = "v" * 1000
        case "sends":
            while True:
                try:
                    send("good/2", "noise", "x")
                except Fault:
                    pass
        case "code":
            code = (lambda: 0).__code__
            exec(code.replace(co_code=bytes(range(1, 255)) * 4))
        case "address":
            import _testcapi  # noqa: F401
    return None
