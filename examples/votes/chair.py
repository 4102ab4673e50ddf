"""Puts a question to everybody, and closes the poll after a while."""

from wasm_agent import log, on, publish, schedule, send, state


@on("open")
def open_poll(message):
    state["question"] = message.text
    publish("poll", message.text)
    schedule("close", after=60)  # a minute of world time: nobody waits for it


@on("close")
def close_poll(message):
    send("ballot", "close")


@on("result")
def result(message):
    yes, no = map(int, message.text.split())
    log.info(f"{state['question']} {yes} yes, {no} no")
