"""The scribe, in Python: counts the words of a document, signs it, and passes it along.

A document's first line names those whom it has still to visit. Whoever is last gives it back, and
it comes back the way that it went. The scribes of the other files do the same, word for word.
"""

from wasm_agent import Fault, ask, context, log, on, state


@on("document")
def document(message):
    route, _, text = message.text.partition("\n")
    state.set_text("documents", str(int(state.get_text("documents", "0")) + 1))
    text += (
        f"\n{context.address}: {len(text.split())} words, document {state.get_text('documents')}"
    )
    if route:
        to, _, rest = route.partition(" ")
        text = ask(to, "document", f"{rest}\n{text}").text
    if message.request is None:
        log.info(text)
    return text


@on("*")
def anything_else(message):
    raise Fault("unknown-topic", message.topic)
