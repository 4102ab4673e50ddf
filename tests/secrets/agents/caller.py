"""Calls servers with a secret, as it is told."""

from __future__ import annotations

from wasm_agent import Fault, http, log, on, secret, send, state


@on("call")
def call(message):
    """One request; SECRET in it is the reference."""
    order = message.json()
    try:
        reference = secret(order.get("name", "api-key"))
        state["reference"] = reference
        headers = {k: v.replace("SECRET", reference) for k, v in order.get("headers", {}).items()}
        value = order.get("value")
        if isinstance(value, str):
            value = value.replace("SECRET", reference)
        elif value is not None:
            value = {key: it.replace("SECRET", reference) for key, it in value.items()}
        url = order["url"].replace("SECRET", reference)
        answer = http.fetch(order.get("method", "POST"), url, value, headers=headers)
        log.info(f"{answer.status} {answer.text} {dict(answer.headers)}")
    except Fault as fault:
        log.info(f"{fault.code}: {fault.detail}")


@on("tell")
def tell(message):
    """Tells another agent the reference, who sends it where it says."""
    send("thief", "use", {"url": message.text, "reference": secret("api-key")})


@on("use")
def use(message):
    """Uses what it was told."""
    order = message.json()
    try:
        answer = http.get(order["url"], headers={"authorization": order["reference"]})
        log.info(answer.text)
    except Fault as fault:
        log.info(f"{fault.code}: {fault.detail}")
