"""Asks people as it is told, and keeps what they say."""

from __future__ import annotations

from wasm_agent import Fault, http, human, log, on, schedule, send, start, state, wait_any


@on("ask")
def ask(message):
    """Puts one question."""
    order = message.json()
    try:
        said = human.ask(
            order.get("role", "owner"),
            order["question"],
            choices=order.get("choices", ()),
            timeout=order.get("timeout"),
        )
    except Fault as fault:
        said = f"{fault.code}: {fault.detail}"
    log.info(said)
    return said


@on("approve")
def approve(message):
    """Lays something before the owner; what it does afterwards it does once."""
    order = message.json()
    state["begun"] = state.get("begun", 0) + 1
    decision = human.approve("owner", order["what"], details=order.get("details", ""))
    state["decided"] = [decision.approved, decision.comment, decision.by]
    state["ended"] = state.get("ended", 0) + 1
    send("idler", "done", decision.comment)


@on("both")
def both(message):
    """A person, another person and an agent: whoever comes first."""
    order = message.json()
    asked = [
        human.start_ask("owner", "first?", timeout=order.get("timeout")),
        human.start_approve("legal", "second?"),
    ]
    if order.get("agent"):
        asked.append(start("idler", "echo", "me"))
    first = wait_any(asked)
    outcome = first.outcome()
    log.info(f"{first.to}: {outcome.code if isinstance(outcome, Fault) else outcome.text}")
    if order.get("then"):
        log.info(asked[1].wait().comment)


@on("beside")
def beside(message):
    """A person and a server at once."""
    question = human.start_ask("owner", "who?")
    answer = http.get(message.text)
    log.info(f"server: {answer.status}")
    log.info(f"owner: {question.wait().text}")


@on("many")
def many(message):
    """More questions than may be open."""
    for number in range(int(message.text)):
        human.start_ask("owner", f"question {number}?")
    human.ask("owner", "and?")


@on("forget")
def forget(message):
    """Asks, and does not wait."""
    human.start_ask("owner", "anybody?")
    if message.text == "fail":
        raise Fault("my-fault")


@on("cancel")
def cancel(message):
    """Asks, thinks better of it, and asks something else."""
    asked = human.start_ask("owner", "really?")
    human.ask("owner", "wait?")
    asked.cancel()
    log.info(asked.outcome().code)


@on("nap")
def nap(message):
    """A timer beside a question."""
    schedule("woken", after=3600)
    log.info(human.ask("owner", "awake?"))


@on("woken", "done")
def noted(message):
    """Something came."""
    state[message.topic] = state.get(message.topic, 0) + 1
    log.info(f"{message.topic} {message.text}".strip())


@on("echo")
def echo(message):
    """Says it again."""
    return message.text
