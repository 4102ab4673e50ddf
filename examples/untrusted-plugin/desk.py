"""Has a paper summarised by the plugin, and keeps what it says."""

from wasm_agent import ask, log, on, state


@on("file")
def file(message):
    found = ask("summariser", "summarise", message.text).json()
    state[message.text] = found
    log.info(f"{message.text}: {found['words']} words, about {', '.join(found['about'])}")
