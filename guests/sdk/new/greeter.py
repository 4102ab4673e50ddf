"""Greets whoever is named, and remembers how often."""

from wasm_agent import log, on, state


@on("greet")
def greet(message):
    name = message.text
    state[name] = state.get(name, 0) + 1
    greeting = f"Hello {name}, this is visit {state[name]}."
    log.info(greeting)
    return greeting
