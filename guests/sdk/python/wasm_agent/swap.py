"""Lets kinds of agents run something else: what the manifest names as alternatives for them.

    from wasm_agent import on, swap

    @on("release")
    def release(message):
        over = swap.to("tokenizer", "next")
        return f"{over} tokenizers run the next release"

The grant is `swap:KIND`. What fails before it has handled a few messages well is taken back by
itself; `running` says what a kind runs, and whether that is still on trial.
"""

from __future__ import annotations

from typing import NamedTuple

from wasm_agent.contract import call
from wasm_agent.contract import swap as _host

KEEP_OLD = 3
"""Messages that have to go well before what ran before is given up, if nobody says otherwise."""
_MAX_U32 = 2**32 - 1


class Running(NamedTuple):
    """What a kind runs.

    Attributes:
        name: `source`, or the name of an alternative; empty where the operator swapped in
            something else.
        digest: SHA-256 of it, hexadecimal: of its component, or of the agents' own file.
        on_trial: Whether what ran before may still come back.
    """

    name: str
    digest: str
    on_trial: bool


def to(kind: str, name: str, *, keep_old: int = KEEP_OLD) -> int:
    """From the next step on agents of a kind run something else; answers how many go over at once.

    Those in the middle of a message go over when they have ended it: the caller, too, if it swaps
    its own kind.

    Args:
        kind: The kind; the manifest grants `swap:KIND`.
        name: One of its alternatives, or `source`: what it began with.
        keep_old: If a message fails before so many went well, what ran before comes back; 0: never.

    Raises:
        Fault: It was not swapped: `AlreadyRunning`, `CannotMigrate`, `CannotBegin`,
            `UnknownAlternative`, `NotGranted`, `Forbidden`...
    """
    if not isinstance(keep_old, int):
        message = f"keep_old must be an integer, not {type(keep_old).__name__}"
        raise TypeError(message)
    if not 0 <= keep_old <= _MAX_U32:
        message = f"keep_old must be from 0 to 2**32 - 1, not {keep_old}"
        raise ValueError(message)
    over: int = call(_host.swap, kind, name, keep_old)
    return over


def running(kind: str) -> Running:
    """What agents of a kind run, from the next step on; the manifest grants `swap:KIND`."""
    found = call(_host.running, kind)
    return Running(found.name, found.digest, found.on_trial)
