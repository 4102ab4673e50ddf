"""Labels of what the agent knows: which there are, and taking one off, on the record.

from wasm_agent import flow, human, on, send

@on("letter")
def review(message):
if human.approve("editor", "May this leave?", details=message.text):
flow.declassify("private")  # granted as declassify:private
send("post", "letter", message.text)
"""

from __future__ import annotations

from wasm_agent.contract import call
from wasm_agent.contract import flow as _host


def labels() -> list[str]:
    """The labels of what this agent knows so far, in order."""
    found: list[str] = _host.labels()
    return found


def declassify(label: str) -> None:
    """From here on, what the agent knows does not carry the label; what it reads later may again.

    Raises:
        NotGranted: The manifest does not grant `declassify:LABEL`.
        Forbidden: The operator's policy does not let it.
    """
    call(_host.declassify, label)
