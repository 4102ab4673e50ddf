"""Greets whoever comes, and remembers how often."""

from wasm_agent import on, state


@on("greet")
def greet(message):
    name = message.text
    state[name] = state.get(name, 0) + 1
    if state[name] == 1:
        return f"Hello, {name}!"
    return f"Welcome back, {name}. This is visit {state[name]}."
