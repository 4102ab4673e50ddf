"""The one tree of errors: what happened, whose fault it is, what to do.

    EngineError
    |-- Misuse            2  the caller's: bad arguments, manifest, component, run file
    |   |-- BadManifest      carries every mistake at once
    |   |-- BadComponent
    |   `-- BadRunFile
    |-- Refused           4  the operator's word is missing: grant, policy, budget
    |-- ReplayDivergence  3  the run and its re-execution differ
    |-- HostFault         5  the machine failed the world: memory, disk, threads
    |   `-- WorkerLost       a process that ran an agent died; the agent is told of by the record
    |-- Interrupted     130  somebody asked it to stop; the run is intact
    |-- GuestFailure         what ends one activation; becomes an outcome, never a traceback
    |   |-- GuestFault       it answered with a fault
    |   |-- GuestTrap        it trapped
    |   |-- LimitExceeded    fuel, host work, memory, state
    |   `-- HostCrash        the process that ran it died, twice
    |-- NotCapturable        an instance cannot be captured now; caught where it was tried
    `-- Bug                  ours; please report it

Every error has a stable `code`; the exit status of the command line is the class's `exit_status`.
"""

from __future__ import annotations


class EngineError(Exception):
    """Base of every error this package raises on purpose.

    Attributes:
        code: Stable, documented identifier, e.g. `bad-manifest`.
        exit_status: What the command line exits with.
        hint: What to do about it, or an empty string.
    """

    code = "error"
    exit_status = 1

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        text = super().__str__()
        return f"{text}\n  {self.hint}" if self.hint else text


class Misuse(EngineError):
    """The caller's mistake: arguments or files that cannot be used."""

    code = "misuse"
    exit_status = 2


class BadManifest(Misuse):
    """A manifest with mistakes; `mistakes` holds them all, each `file:line: text`."""

    code = "bad-manifest"

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class BadComponent(Misuse):
    """A component that is not one, or that does not fit."""

    code = "bad-component"


class BadRunFile(Misuse):
    """A run file that is truncated, edited, foreign, or in use."""

    code = "bad-run-file"


class Refused(EngineError):
    """Refused by policy, signature or budget: the operator's word is missing."""

    code = "refused"
    exit_status = 4


class ReplayDivergence(EngineError):
    """A re-executed step differs from the stored one.

    Attributes:
        step: The first step that differs.
        agent: The agent in it, where one can be named.
        call: The ordinal of the first differing host call of the activation, from 0, or None.
        expected: What the run holds.
        got: What the re-execution did.
        message: The message that the agent was handling, where there is an agent.
        cause: Why, once that was looked into: `engine` (another one executed it), `component` (one
            was given otherwise), `recorded answer` (the host answered otherwise than it had),
            `lost determinism` (executed twice, it came out in two ways), `journal` (none of these:
            what the run holds was changed). None before.
        line: Where the agent's source makes the call, innermost first; None where that is unknown.
    """

    code = "replay-diverged"
    exit_status = 3

    def __init__(
        self,
        *,
        step: int,
        agent: str | None,
        call: int | None,
        expected: str,
        got: str,
        message: int | None = None,
        cause: str | None = None,
        line: str | None = None,
    ) -> None:
        where = f"step {step}" + (f", agent {agent!r}" if agent else "")
        where += f", call {call}" if call is not None else ""
        where += f" ({line})" if line else ""
        why = f" (cause: {cause})" if cause else ""
        super().__init__(f"{where}: the run holds {expected}, re-execution gave {got}{why}")
        self.step, self.agent, self.call = step, agent, call
        self.expected, self.got = expected, got
        self.message, self.cause, self.line = message, cause, line

    def explained(self, cause: str, line: str | None) -> ReplayDivergence:
        """The same, with what was found out about it."""
        return ReplayDivergence(
            step=self.step,
            agent=self.agent,
            call=self.call,
            expected=self.expected,
            got=self.got,
            message=self.message,
            cause=cause,
            line=line,
        )


class HostFault(EngineError):
    """The machine failed the world: memory, disk, threads. Never an answer to a guest."""

    code = "host-fault"
    exit_status = 5


class WorkerLost(HostFault):
    """A worker process died, or answered what nobody can have asked for; says how."""

    code = "worker-lost"


class Interrupted(EngineError):
    """Somebody asked the run to stop. It is intact and can be resumed."""

    code = "interrupted"
    exit_status = 130


class GuestFailure(EngineError):
    """Ends one activation of one guest. `code` is the outcome that the journal holds.

    Attributes:
        detail: More about it; in the journal only where the guest itself said it, for no text of
            an engine or a library may enter what is hashed.
        said_by_guest: Whether the guest said it: its own fault record.
        retryable: Whether another attempt could end otherwise.
    """

    code = "failed"
    said_by_guest = False
    retryable = True

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code, code=code)
        self.detail = detail


class GuestFault(GuestFailure):
    """The guest answered with a fault of its own."""

    said_by_guest = True


class GuestTrap(GuestFailure):
    """The guest trapped. `detail` is for the log beside the chain, never for the chain."""


class LimitExceeded(GuestFailure):
    """A limit of the guest was spent: `fuel`, `host-work`, `memory`, `queue`. Never retried."""

    retryable = False


class HostCrash(GuestFailure):
    """The worker process died under it, and so did a second one. Never retried."""

    code = "host-crash"
    retryable = False

    def __init__(self, detail: str) -> None:
        super().__init__("host-crash", detail)


class Postponed(LimitExceeded):
    """A budget has too little left: what was done is dropped, and begun anew when there is more."""


class NotCapturable(EngineError):
    """An instance, or what the host keeps for it, cannot be made anew from plain values."""


class Bug(EngineError):
    """A fault of this package. Please report it."""

    code = "bug"
