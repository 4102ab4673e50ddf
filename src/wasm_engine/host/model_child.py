"""A process that has a stranger's model compute, and has nothing else: no files, no network.

Input and output are one canonical value each. In: `[bytes, tensors or None, timeout, most]`;
without tensors it only says what the model takes and gives. Out: `["ok", value]`, or `["err", code,
detail]`.
"""

from __future__ import annotations

import sys
from typing import Any, Final

from wasm_engine.concepts import canonical, faults
from wasm_engine.concepts.errors import EngineError, Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host import jail
from wasm_engine.host.deadlines import WATCHDOG
from wasm_engine.host.onnx_runtime import new_session
from wasm_engine.host.onnx_session import Session

SMALLEST: Final = bytes.fromhex(
    "08083a370a100a017812017922084964656e746974791201675a0f0a0178120a0a08080112040a020801620f0a0179"
    "120a0a08080112040a02080142040a001011"
)
"""A model that gives back a number: what loads all that a session needs."""


def main() -> None:
    """Answers what is on standard input."""
    asked = sys.stdin.buffer.read()
    new_session(SMALLEST, "cpu", 1)
    WATCHDOG.watch(3_600, lambda: None)  # its thread is there before there can be no more
    lacking = jail.shut()
    if lacking:
        answer: list[Any] = ["err", faults.MODEL_FAILED, "; ".join(lacking)]
    else:
        answer = _answer(*canonical.decode(asked))
    sys.stdout.buffer.write(canonical.encode(answer))


def _answer(data: bytes, tensors: list[Any] | None, timeout: int, most: int) -> list[Any]:
    try:
        session = Session(data, "it", "cpu", 1, portable=False)
    except Misuse as misuse:
        return ["err", faults.BAD_MODEL, " ".join(str(misuse.args[0]).split())[:300]]
    if tensors is None:
        return ["ok", [session.inputs, session.outputs]]
    try:
        outcome = session.compute([tuple(it) for it in tensors], timeout, most)
    except EngineError as error:
        return ["err", faults.MODEL_FAILED, str(error.args[0])]
    return ["err", *outcome.payload] if isinstance(outcome, Err) else ["ok", outcome]


if __name__ == "__main__":
    main()
