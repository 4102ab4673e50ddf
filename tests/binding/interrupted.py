"""Run in a process of its own: interrupts rain on guests; none is lost, and none is fatal."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading

from tests.binding.components import RUN, call, guest
from wasm_engine.host import signals

COUNT = 300
armed, seen = [False], [0]


def on_interrupt(_number, _frame):
    if armed[0]:
        seen[0] += 1
        raise KeyboardInterrupt


def rain():
    """Sends interrupts until the main thread has seen enough of them."""
    pause = threading.Event()
    while seen[0] < COUNT:
        os.kill(os.getpid(), signal.SIGINT)
        pause.wait(0.0005)


def run():
    """Runs guests until one is interrupted; that one is dead, others are not."""
    functions = {"number": lambda _, n: n + 1}
    bystander, instance = guest(functions), guest(functions)
    try:
        armed[0] = True
        while True:
            assert call(instance, RUN, "number", 1) == 2
            call(instance, RUN, "text", 50)
    except KeyboardInterrupt:
        armed[0] = False
    assert call(bystander, RUN, "number", 1) == 2


def main():
    signal.signal(signal.SIGINT, on_interrupt)
    thread = threading.Thread(target=rain)
    thread.start()
    with signals.deferred() if "deferred" in sys.argv else contextlib.nullcontext():
        while seen[0] < COUNT:
            run()
    thread.join()
    sys.stdout.write(json.dumps(seen[0] >= COUNT))


if __name__ == "__main__":
    main()
