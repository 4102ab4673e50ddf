"""Is in the middle of a function for a while."""

import time

from wasm_agent import ask, log, on, send


@on("echo")
def echo(message):
    send("counter", "tick", message.text)


@on("go")
def go(message):
    local = ["kept", message.text]
    time.sleep(0.004)
    log.info(f"{' '.join(local)} {ask('counter', 'ask').text}")
