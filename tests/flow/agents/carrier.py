"""Carries what the vault told it in one way or another, and tries to tell the sink."""

from __future__ import annotations

from pathlib import Path

from wasm_agent import (
    Fault,
    ask,
    config,
    on,
    schedule,
    send,
    state,
    watch,
)

MEMORY = []


def tell(how):
    """Tries to send on; what came of it is the agent's own to keep."""
    try:
        send("sink", "told", how)
        state["sent"] = "yes"
    except Fault as fault:
        state["sent"] = fault.code


@on("secret")
def secret(message):
    """A message from the vault: by itself it labels, and what is made of it carries on."""
    match config["way"]:
        case "message" | "publish":
            tell("message")
        case "timer":
            schedule("later", message.text, after=0.001)
        case "state":
            state["kept"] = message.text
        case "overwritten":
            state["kept"] = message.text
        case "name":
            state[f"kept/{message.text}"] = ""
        case "memory":
            MEMORY.append(message.text)
        case "relay":
            send("carrier-message-2", "secret", message.text)


@on("later")
def later(message):
    tell("timer")


@on("overwrite")
def overwrite(message):
    state["kept"] = "nothing"


@on("go")
def go(message):
    """What it does of its own, after the vault has spoken."""
    match config["way"]:
        case "reply":
            tell(ask("vault", "say", "").text)
        case "fault":
            try:
                ask("vault", "fail", "")
            except Fault as fault:
                tell(fault.code)
        case "state" | "overwritten":
            tell(state["kept"])
        case "name":
            tell(",".join(state.keys("kept/")))
        case "memory":
            tell(",".join(MEMORY))
        case "exit":
            watch("clerk")
        case "mount":
            tell(Path("/papers/secret.txt").read_text())
        case "folder":
            tell(",".join(sorted(path.name for path in Path("/papers").iterdir())))
        case "absent":
            tell(str(Path("/papers/missing.txt").exists()))
        case "clean":
            tell("nothing")


@on("exit")
def ended(message):
    tell(message.text)


@on("told")
def told(message):
    state[f"from/{message.sender}"] = message.text
