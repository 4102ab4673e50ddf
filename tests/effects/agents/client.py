"""Asks servers as it is told, and logs what came of it."""

from __future__ import annotations

from wasm_agent import (
    Fault,
    ask,
    context,
    gather,
    http,
    log,
    on,
    schedule,
    send,
    start,
    state,
    wait_any,
)


def said(outcome):
    """An outcome in one line."""
    if isinstance(outcome, Fault):
        return outcome.code
    status = getattr(outcome, "status", "reply")
    return f"{status} {outcome.text}"


@on("ask")
def ask_server(message):
    """One request; what comes back is the reply, too."""
    order = message.json()
    try:
        answer = http.fetch(
            order.get("method", "GET"),
            order["url"],
            order.get("value"),
            headers=order.get("headers"),
            timeout=order.get("timeout"),
        )
    except Fault as fault:
        answer = fault
    state["asked"] = state.get("asked", 0) + 1
    log.info(said(answer))
    return said(answer)


@on("many")
def ask_many(message):
    """All at once, and an agent among them; in the order in which they end."""
    calls = [http.start("GET", url) for url in message.json()]
    calls.append(start("idler", "echo", "hello", timeout=60))
    for call, outcome in zip(calls, gather(*calls, faults=True), strict=True):
        log.info(f"{getattr(call, 'url', 'idler')}: {said(outcome)}")


@on("first")
def first_of(message):
    """The first that ends wins; the others are cancelled."""
    calls = [http.start("GET", url) for url in message.json()]
    winner = wait_any(calls)
    for call in calls:
        if call is not winner:
            call.cancel()
    for call in calls:
        log.info(f"{call.url}: {said(call.outcome())}")


@on("leave")
def leave(message):
    """Asks, and does not wait for what comes."""
    http.start("GET", message.text)
    log.info("left")


@on("drop")
def drop(message):
    """Asks, and fails before it is sent."""
    http.start("GET", message.text)
    raise Fault("dropped", "")


@on("often")
def often(message):
    """One after another."""
    order = message.json()
    for number in range(order["count"]):
        answer = http.post(order["url"], {"from": context.address, "number": number})
        state[f"answer/{number:04}"] = answer.status
    log.info(f"done {order['count']}")


@on("tick")
def tick(message):
    """Works on, beside those that wait."""
    left = int(message.text)
    log.info(f"tick {left}")
    if left:
        send("idler", "tick", str(left - 1))


@on("echo")
def echo(message):
    """Says it again."""
    return message.text


@on("nap")
def nap(message):
    """Asks, and is woken by a timer of its own meanwhile."""
    schedule("woken", after=3600)
    ask_server(message)


@on("woken")
def woken(message):
    """World time has come."""
    log.info("woken")


@on("relay")
def relay(message):
    """What another one was told by a server."""
    log.info(f"told {ask('client', 'ask', message.json()).text}")


@on("flaky")
def flaky(message):
    """Fails after it has been answered, the first time."""
    http.get(message.text)
    raise Fault("flaky", "")
