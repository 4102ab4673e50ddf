"""The swaps of a run as its journal tells them: what was swapped, and what followed of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from wasm_engine.control.orders import MAX_SEED
from wasm_engine.control.reports import Report
from wasm_engine.journal import entries
from wasm_engine.journal.entries import Control, Kind, StepBody, Turn
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.swap_calls import SWAP
from wasm_engine.orchestrator.swapping import BACK, KEPT, MIGRATED

_HOW = {BACK: "taken-back", KEPT: "kept", MIGRATED: "migrated"}


@dataclass(frozen=True, slots=True)
class SwapRow(Report):
    """A swap, or what became of it.

    Attributes:
        step: The step that it came before; of what became of it the step in which.
        kind: The kind of agent.
        how: `swapped`, also by an agent; `kept`: it has stood its trial; `taken-back`: the one
            before is back; `migrated`, `not-migrated`: of an agent that goes over later.
        component: SHA-256 of what it is about, hexadecimal: of the component that was swapped in,
            or of the own file of its agents.
        agent: Whose message decided that, who was migrated, or who swapped; null of the operator.
        message: The message that failed; null where none did.
        code: Why it failed, or null.
    """

    step: int
    kind: str
    how: str
    component: str
    agent: str | None = None
    message: int | None = None
    code: str | None = None


def rows_of(run: RunFile, to: int | None) -> list[SwapRow]:
    """The swaps up to the end of a step, or all; and what became of them."""
    last = MAX_SEED if to is None else to
    found: list[SwapRow] = []
    step = 0
    for entry in run.entries(2):
        if entry.kind == Kind.CONTROL:
            body = entries.decode(entry.kind, entry.body)
            if isinstance(body, Control) and body.op == "swap" and step < last:
                kind, _, component, own, *_ = body.args
                digest = (component if own is None else own).hex()
                found.append(SwapRow(step + 1, kind, "swapped", digest))
        elif entry.kind == Kind.STEP:
            step = entries.step_of(entry.body)
            if step > last:
                break
            found += _followed(entry.body)
    return found


def _followed(step: bytes) -> Iterator[SwapRow]:
    if b"swap-" not in step and SWAP.encode() not in step:
        return
    body = entries.decode(Kind.STEP, step)
    assert isinstance(body, StepBody)
    for turn in body.turns:
        if turn.op in _HOW:
            yield _row(body.step, turn)
        elif turn.op == SWAP and turn.result[0] == "ok":
            kind, _, _, digest, _ = turn.args
            yield SwapRow(body.step + 1, kind, "swapped", digest, turn.agent)


def _row(step: int, turn: Turn) -> SwapRow:
    kind, component, _, *why = turn.args
    how, code = _HOW[turn.op], None
    if turn.result[0] == "err":
        how, code = "not-migrated", turn.result[1]
    message, failed = why or (None, None)
    return SwapRow(step, kind, how, component, turn.agent, message or None, failed or code)
