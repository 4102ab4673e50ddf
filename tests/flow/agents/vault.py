"""Knows a secret, and tells it in every way there is."""

from __future__ import annotations

from wasm_agent import Fault, config, on, publish, send, spawn, stop


@on("open")
def open_it(message):
    for address in config["tell"]:
        send(address, "secret", "4711")
    publish("secret", "4711")
    spawn("child", "4711", {"way": "born", "code": "4711"})
    send("child/4711", "begin", "")
    stop("clerk")


@on("say")
def say(message):
    return "4711"


@on("fail")
def fail(message):
    raise Fault("code-4711", "")
