"""Says who it was that wrote."""

from wasm_agent import on, state


@on("who")
def who(message):
    state["who"] = f"{message.sender} {message.text} {message.headers['sender']}"
