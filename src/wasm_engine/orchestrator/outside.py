"""The outside as an execution sees it: effects go out, and what became of them comes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

from wasm_engine.concepts import canonical
from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.outcomes import is_outcome
from wasm_engine.concepts.segment import Effect
from wasm_engine.orchestrator.world_state import Issue

DIGEST_BYTES: Final = 32


class Outside(Protocol):
    """Carries out effects, many at a time."""

    def begin(self, issued: Issued) -> None:
        """Sends one out. Never blocks, never raises: what goes wrong is its outcome."""

    def cancel(self, number: int) -> None:
        """Nobody wants to know any more what becomes of it."""

    def arrived(self) -> list[tuple[int, Outcome]]:
        """Takes what has come in since the last call: number and outcome, in any order."""

    def wait(self, seconds: float) -> None:
        """Returns when something has come in, or that much time has passed."""

    def close(self) -> None:
        """Cancels what is out, and ends its threads."""


class Determined(Protocol):
    """Computes what becomes of effects that follow from their arguments, and from nothing else."""

    def covers(self, effect: Effect) -> bool:
        """Whether an effect is one of those."""

    def keeps_digest(self, effect: Effect) -> bool:
        """Whether the run holds only the digest of what becomes of it."""

    def compute(self, issues: Sequence[Issue]) -> list[Outcome]:
        """What becomes of such effects, in their order."""

    def compute_at_once(self, effect: Effect) -> Outcome:
        """What becomes of one whose agent waits within its segment; on any thread."""


def issued(issue: Issue, run: str, *, again: bool) -> Issued:
    """An effect as it goes out, with its idempotency key.

    The key is the same whenever the effect is sent, and differs from that of any other: it derives
    from the run, its tenure, agent, message, attempt, the effect's number and its arguments.

    Args:
        issue: The effect, and whose it is.
        run: The run's identity.
        again: Whether it may have been sent before.
    """
    effect = issue.effect
    arguments = canonical.sha256(canonical.encode(effect.arguments))
    name = [run, issue.tenure, issue.agent, issue.message, issue.attempt, effect.number, arguments]
    return Issued(
        effect.number,
        issue.agent,
        issue.message,
        issue.attempt,
        effect.call,
        effect.capability,
        effect.arguments,
        canonical.sha256_hex(canonical.encode(name)),
        again,
    )


def stored(outcome: Outcome) -> list[Any]:
    """An outcome as the journal holds it: `["ok", value]` or `["err", code, detail]`."""
    if isinstance(outcome, Err):
        code, detail = outcome.payload
        return ["err", code, detail]
    return ["ok", list(outcome)]


def is_digest(row: list[Any]) -> bool:
    """Whether the journal holds only the digest of an outcome."""
    match row:
        case ["sha256", bytes(digest)]:
            return len(digest) == DIGEST_BYTES
    return False


def digest_of(row: list[Any]) -> list[Any]:
    """What the journal holds in place of an outcome that can be computed again.

    `["sha256", digest]`: SHA-256 of the canonical bytes of the outcome as it would be held. How one
    ended badly is held as it is: that may have been a matter of time.
    """
    return row if row[0] == "err" else ["sha256", canonical.sha256(canonical.encode(row))]


def restored(row: list[Any]) -> Outcome:
    """The outcome that the journal holds.

    Raises:
        BadRunFile: It is none.
    """
    match row:
        case ["err", str(code), str(detail)]:
            return Err((code, detail))
        case ["ok", [*values]] if all(map(_is_plain, values)):
            # Arrays within a value are lists of records, and a record is a tuple.
            return tuple([tuple(e) for e in v] if isinstance(v, list) else v for v in values)
    message = "the result of an effect cannot be read"
    raise BadRunFile(message)


def outcome_of(capability: str, row: list[Any]) -> Outcome:
    """The outcome that a journal of anybody's holds, which has to be one of its capability.

    Raises:
        BadRunFile: It is none.
    """
    outcome = restored(row)
    if not is_outcome(capability, outcome):
        message = f"the result of an effect ({capability}) is none that it can have"
        raise BadRunFile(message)
    return outcome


def _is_plain(value: Any) -> bool:
    return not isinstance(value, list) or all(isinstance(e, list | tuple) for e in value)
