"""Tries to leave something behind for its own next message, everywhere that it can think of.

`smuggle` leaves; `look` keeps in the state, under the message's text, all that it can see.
"""

import atexit
import builtins
import codecs
import contextvars
import decimal
import gc
import hashlib
import importlib
import locale
import os
import random
import signal
import sys
import warnings

from wasm_agent import on, state

HOARD = []
CONTEXT = contextvars.ContextVar("context", default="empty")


class Mark:
    marks = 0

    def __del__(self):
        Mark.marks += 1


@on("smuggle")
def smuggle(message):
    HOARD.append(message.text)
    builtins.smuggled = message.text
    sys.smuggled = Mark()
    sys.modules["smuggled"] = sys
    sys.setrecursionlimit(sys.getrecursionlimit() + 7)
    sys.intern("smuggled-" + message.text)
    os.environ["SMUGGLED"] = message.text
    os.chdir("/agent")
    random.seed(message.text)
    decimal.getcontext().prec = 5
    warnings.simplefilter("error")
    CONTEXT.set(message.text)
    atexit.register(print, "smuggled at exit")
    signal.signal(signal.SIGINT, lambda *_: None)
    codecs.register(lambda _name: None)
    gc.disable()
    gc.set_threshold(3, 3, 3)
    with open("/smuggled", "w") as file:
        file.write(message.text)
    HOARD.append(open("/smuggled"))  # noqa: SIM115 (it is left open on purpose)
    HOARD[-1].read(1)
    HOARD.append(os.open("/smuggled", os.O_RDWR | os.O_APPEND))
    os.mkdir("/folder")
    os.symlink("../smuggled", "/folder/link")
    HOARD.append(os.listdir("/folder"))
    HOARD.append(os.urandom(16))
    sys.stdout.write("half a line")
    sys.stderr.write("half another")
    sys.stdin.read()
    importlib.import_module("json.tool")
    if message.text == "large":
        HOARD.append(bytearray(48 << 20))
    state["left"] = message.text


@on("look")
def look(message):
    seen = [
        HOARD,
        sorted(vars(builtins)),
        hasattr(sys, "smuggled"),
        Mark.marks,
        len(sys.modules),
        sorted(sys.modules),
        sys.getrecursionlimit(),
        sorted(os.environ.items()),
        os.getcwd(),
        decimal.getcontext().prec,
        warnings.filters[:1],
        CONTEXT.get(),
        str(signal.getsignal(signal.SIGINT)),
        gc.isenabled(),
        gc.get_threshold(),
        gc.get_count(),
        gc.get_stats(),
        len(gc.get_objects()),
        sys.getallocatedblocks(),
        sys.getrefcount(HOARD),
        id(HOARD),
        hash("text"),
        locale.setlocale(locale.LC_ALL),
        sorted(os.path.join(at, name) for at, _, names in os.walk("/") for name in names),
        [name for name in os.listdir("/") if name != "agent"],
        os.open("/agent/smuggler.py", os.O_RDONLY),
        sys.stdin.read(),
    ]
    state[message.text] = repr(seen)
    # What each message has of its own.
    drawn = hashlib.sha256(repr(random.getstate()).encode()).hexdigest()
    state[f"own-{message.text}"] = repr([drawn, id(object()), id([]), id(seen)])
    print("looked")
