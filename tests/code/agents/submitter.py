"""Submits source code, and keeps what came of it."""

from wasm_agent import Fault, code, on, state


@on("run")
def run(message):
    """Runs snippets: `[[source, input], ...]`; keeps `[code, detail, value, printed]` of each."""
    state["mine"] = "private to the submitter"
    found = []
    for source, given in message.json():
        try:
            outcome = code.run(source, given)
        except Fault as fault:
            found.append([fault.code, fault.detail, None, ""])
        else:
            found.append(["", "", outcome.value, outcome.printed])
    state["found"] = found


@on("bomb")
def bomb(message):
    """Submits code that submits itself twice, for ever."""
    source = message.text
    try:
        code.run(source, source)
    except Fault as fault:
        state["bomb"] = [fault.code, fault.detail]
