"""Holds every quotation against the document that it claims to be from."""

from pathlib import Path

from wasm_agent import log, on


@on("check")
def check(message):
    # Who sent it is set by the host; nobody can claim to be somebody else.
    if message.sender != "writer":
        log.warning(f"{message.sender} is not the writer: ignored")
        return {"refused": f"{message.sender} is not the writer"}
    return [is_in_source(quotation) for quotation in message.json()]


def is_in_source(quotation):
    source = Path("/docs") / f"{quotation['doc']}.txt"
    return source.is_file() and quotation["text"] in source.read_text()
