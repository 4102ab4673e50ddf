"""What the operator's functions return: frozen, and as JSON exactly what `--json` prints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

Status: TypeAlias = Literal["idle", "waiting", "stopped"]
MOST_LETTERS = 10
"""Dead letters that the report of a run lists; `inspect` has all of them."""


class Report:
    """Base of the reports: a frozen dataclass whose fields are its JSON."""

    __slots__ = ()

    def as_json(self) -> dict[str, Any]:
        """The report as plain values for JSON."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]


@dataclass(frozen=True, slots=True)
class WaitsFor(Report):
    """What an agent waits for, where a run ends `waiting`.

    Attributes:
        agent: Its address.
        kind: `timer`, `sleep`, `request`, `effect` or `human`.
        until: World time (ns since 1970) when that is due; null where a reply is waited for.
        number: Of what a person is asked: its number, for `answer`; else null.
        role: Whom it asks, else null.
        question: What it asks, else null.
    """

    agent: str
    kind: str
    until: int | None
    number: int | None = None
    role: str | None = None
    question: str | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter(Report):
    """A message that could not be handled.

    Attributes:
        message: Its number.
        agent: Its receiver.
        topic: What it was about; null for a timer, whose topic is in the call that made it.
        reason: `failed`, `failed-after-commit` or `stopped`.
        code: Of the failure.
        error: The last line that the agent logged as an error when it failed, or null.
    """

    message: int
    agent: str
    topic: str | None
    reason: str
    code: str
    error: str | None


@dataclass(frozen=True, slots=True)
class RunReport(Report):
    """How a run stands after `run` or `resume`.

    Attributes:
        world: Name of the world.
        run: The run's id, hexadecimal; random, in neither the chain nor entropy.
        status: `idle`: nothing is left to do. `waiting`: real time is waited for, or a
            person. `stopped`: by --max-steps, --until or an interrupt.
        step: The last committed step.
        messages: Messages accepted since the beginning, inputs among them.
        dead_letters: Messages that could not be handled, those of agents marked
            `expect-failure` not counted.
        chain: Head of the hash chain, hexadecimal.
        fingerprint: Digest of the engine's fingerprint, hexadecimal.
        fuel: Guest work since the beginning.
        denials: Calls that were refused to guests.
        waits_for: What the run waits for.
        letters: The first ten of the dead letters that this command added.
    """

    world: str
    run: str
    status: Status
    step: int
    messages: int
    dead_letters: int
    chain: str
    fingerprint: str
    fuel: int
    denials: int
    waits_for: tuple[WaitsFor, ...] = ()
    letters: tuple[DeadLetter, ...] = ()


@dataclass(frozen=True, slots=True)
class Divergence(Report):
    """The first difference between a run and its re-execution.

    Attributes:
        step: Where.
        agent: Who, if one can be named.
        call: Ordinal of the first differing host call of the segment, from 0, if it is a call.
        expected: What the run holds.
        got: What the re-execution did.
        cause: Why: `engine`, `component`, `recorded answer`, `lost determinism` or `journal`.
        line: The agent's source line that makes the call, if it can be named.
    """

    step: int
    agent: str | None
    call: int | None
    expected: str
    got: str
    cause: str | None = None
    line: str | None = None


@dataclass(frozen=True, slots=True)
class InputRow(Report):
    """A message from outside, as the run holds it: what a replay takes as given.

    Attributes:
        message: Its number.
        to: Its receiver.
        topic: What it is about.
        body: What it carries, cut where it is long; bytes as hexadecimal digits.
    """

    message: int
    to: str
    topic: str
    body: str


@dataclass(frozen=True, slots=True)
class Refusal(Report):
    """A call that a policy refuses, or would have.

    Attributes:
        step: When.
        agent: Whose.
        message: What the agent was handling.
        call: Ordinal of the call within its segment, from 0.
        action: What it did, as policies call it.
        target: To what.
        rule: By which rule.
        labels: Labels of what the agent knew.
        count: How many times in the segment.
    """

    step: int
    agent: str
    message: int
    call: int
    action: str
    target: str
    rule: str
    labels: tuple[str, ...]
    count: int = 1

    def words(self) -> str:
        """The refusal as a line for people."""
        knew = f", knowing {', '.join(self.labels)}" if self.labels else ""
        often = f", {self.count} times" if self.count > 1 else ""
        return f"call {self.call}: {self.action} {self.target}{knew}: {self.rule}{often}"


@dataclass(frozen=True, slots=True)
class RunSignature(Report):
    """A signature that a run bears.

    Attributes:
        key: Id of the key.
        signer: What the operator of this machine calls its owner; null: nobody trusts it here.
        step: The last step that it covers.
        whole: Whether that is all of the run.
        checked: Whether it was found to be the signer's. Not where there is none, nor where the
            package that verifies signatures is not installed.
    """

    key: str
    signer: str | None
    step: int
    whole: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class ReplayReport(Report):
    """What a replay found.

    Attributes:
        identical: Re-executed by the same engine, every step was the recorded one.
        equivalent: The same messages, states and calls; fuel taken as recorded where the engine's
            fingerprint is another one.
        signed: Who that is trusted here signed the chain's head; null: nobody, so it shows
            accidents and no forger.
        steps: Steps that were re-executed.
        chain: Head of the hash chain that the file holds, hexadecimal.
        divergence: The first difference, or null.
        inputs: What came from outside: nothing but a signature could tell that it was edited.
        since: The step of the checkpoint that it began with, which was taken as it is; 0: it began
            at the beginning.
        refusals: What a policy that was to be tried out would have refused; null: there was none.
        signatures: Those that the run bears, of whomever.
        head: The last step that the head which was given covers; null where none was.
    """

    identical: bool
    equivalent: bool
    signed: str | None
    steps: int
    chain: str
    divergence: Divergence | None = None
    inputs: tuple[InputRow, ...] = ()
    since: int = 0
    refusals: tuple[Refusal, ...] | None = None
    signatures: tuple[RunSignature, ...] = ()
    head: int | None = None


@dataclass(frozen=True, slots=True)
class SendReport(Report):
    """A message that was put into a run: its number, and the chain after it."""

    message: int
    to: str
    topic: str
    chain: str


@dataclass(frozen=True, slots=True)
class LinkRow(Report):
    """That somebody calls a tool.

    Attributes:
        holder: Who: `agents.NAME` or `tools.NAME`.
        tool: The tool's name.
        functions: The functions that it may call with JSON.
        interfaces: Interfaces of the tool that stand in for what it imports.
    """

    holder: str
    tool: str
    functions: tuple[str, ...]
    interfaces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AlternativeRow(Report):
    """What agents may let a kind run.

    Attributes:
        kind: The kind.
        name: What they call it.
        file: The file, as the manifest names it.
        digest: SHA-256 of it, hexadecimal.
        swappers: The kinds whose agents may.
    """

    kind: str
    name: str
    file: str
    digest: str
    swappers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelRow(Report):
    """A model of tensors or of vectors.

    Attributes:
        name: What the manifest calls it.
        form: `tensors`, or `texts` where it makes vectors of texts.
        digest: SHA-256 of what it is made of, hexadecimal.
        portable: Whether its results follow from what it is given, on any machine.
        device: Where it computes: `cpu` or `cuda`.
        inputs: What it takes: name and form of each.
        outputs: What it gives.
    """

    name: str
    form: str
    digest: str
    portable: bool
    device: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def __str__(self) -> str:
        how = "portable" if self.portable else "recorded"
        return f"model {self.name}: {how}, {self.device}, sha256:{self.digest[:16]}"


@dataclass(frozen=True, slots=True)
class CheckReport(Report):
    """A manifest without mistakes, in a few figures.

    Attributes:
        world: Name of the world.
        agents: Addresses, kind by kind.
        needs: What it wants of this machine beyond its own folder, each as a grant.
        missing: Those of `needs` that the operator has not given.
        links: Who calls which tools, and whose imports they stand in for.
        alternatives: What agents may let kinds run.
        models: The models that it asks on this machine; none where something is `missing`.
    """

    world: str
    agents: tuple[str, ...]
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    links: tuple[LinkRow, ...] = ()
    alternatives: tuple[AlternativeRow, ...] = ()
    models: tuple[ModelRow, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffReport(Report):
    """Whether two runs differ, and where first.

    Attributes:
        same: Whether they are the same in everything.
        step: The first step that differs, or null where the same things happened.
        agent: The agent, if one can be named.
        call: Ordinal of the first differing call of the segment, if it is a call.
        what: What differs there: `input.body`, `call`, `segment.fuel`, `entry` (of another kind, or
            the end) and so on.
        a: What the first run has there.
        b: What the second run has there.
        made_of: What they are made of that differs: `world`, `seed`, `manifest`, `fingerprint`,
            `contents` of the header; `control`: orders of operators (edits of forks, take-overs).
        byte: Of two texts or bytes that differ, the offset of the first byte that does (of texts in
            UTF-8); `a` and `b` are then what stands around it.
    """

    same: bool
    step: int | None = None
    agent: str | None = None
    call: int | None = None
    what: str | None = None
    a: str | None = None
    b: str | None = None
    made_of: tuple[str, ...] = ()
    byte: int | None = None
