"""Forks: new runs that have their past in common with another one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from wasm_engine.agents.stored_manifest import from_canonical
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.names import is_kind, is_name
from wasm_engine.concepts.segment import MAX_KEY_BYTES, MAX_VALUE_BYTES
from wasm_engine.control.bounds import require_within
from wasm_engine.control.cassettes import cassette
from wasm_engine.control.observer import UNOBSERVED, Observer
from wasm_engine.control.orders import Outside, whole
from wasm_engine.control.reports import Report
from wasm_engine.control.step_entries import last_step, require_step
from wasm_engine.control.vouching import remember, require_signed
from wasm_engine.host.origins import vouched
from wasm_engine.journal.runfile import RunFile
from wasm_engine.world.assembly import TOOLS
from wasm_engine.world.branch import branch
from wasm_engine.world.fork import Edits
from wasm_engine.world.fork import fork as begin_fork

__all__ = ["EFFECTS", "Edits", "Effects", "ForkReport", "fork"]

Effects: TypeAlias = Literal["reuse", "live", "none"]
EFFECTS: tuple[Effects, ...] = get_args(Effects)
_NONE = Edits()


@dataclass(frozen=True, slots=True)
class ForkReport(Report):
    """A fork.

    Attributes:
        world: Name of the world.
        run: The new run's id, hexadecimal.
        origin: That of the run that it was forked from.
        at: The last step that they have in common.
        chain: Head of the new run's chain, hexadecimal.
    """

    world: str
    run: str
    origin: str
    at: int
    chain: str


def fork(
    file: str | Path,
    *,
    at: int,
    out: str | Path,
    edits: Edits = _NONE,
    effects: Effects = "reuse",
    observer: Observer = UNOBSERVED,
) -> ForkReport:
    """Makes a new run that has its past in common with another one; `resume` goes on with it.

    Args:
        file: The run. It is not changed.
        at: The last step in common; 0: none.
        out: Where the new run is kept; there must be nothing yet.
        edits: What is different from there on: the seed, what agents keep, components, messages.
        effects: What becomes of effects after that step: `reuse` takes the results that the run
            holds where the same is asked for; `live` asks anew; `none` refuses all of them.
        observer: Who watches.

    Raises:
        BadRunFile: It is no run file, or is damaged, or there is something at `out`.
        Misuse: There is no such step, agent or kind.
        BadComponent: A component does not fit.
        Refused: It asks for more than any world may have, or a component that is put in another's
            place is not signed by whom the operator wants.

    Example:
        >>> fork("kept.run", at=5, out="fork.run").at
        5
    """
    whole("at", at, 0)
    edits = _checked(edits)
    if effects not in EFFECTS:
        raise Misuse(f"effects must be one of {', '.join(EFFECTS)}, not {effects!r}")
    with RunFile.open(Path(file)) as run:
        origin = run.run_id
        require_step(run, file, at, last_step(run))
        require_within(from_canonical(run.header.manifest), file)
    allowed = dict(vouched(origin))
    for _, component in edits.components:
        allowed |= require_signed(component, component.read_bytes())
    if edits == _NONE and branch(Path(file), at, Path(out), effects):
        with RunFile.open(Path(out)) as made:
            remember(made.run_id, allowed)
            return ForkReport(made.header.world, made.run_id, origin, at, made.chain)
    note = observer.note
    with begin_fork(Path(file), at, Path(out), edits, effects=effects, note=note) as begun:
        world, run_id = begun.manifest.world.name, begun.file.run_id
        remember(run_id, allowed)
        return ForkReport(world, run_id, origin, at, begun.file.chain)


def _checked(edits: Edits) -> Edits:
    """The edits as a world takes them, if a run can have them.

    Raises:
        Misuse: One of them it cannot have.
    """
    if edits.seed is not None:
        whole("seed", edits.seed, 0)
    for agent, key, value in edits.state:
        if not is_name(agent):
            raise Misuse(f"{agent!r} is not an address")
        if not all(isinstance(text, str) and _is_unicode(text) for text in (key, value)):
            raise Misuse(f"what {agent!r} is to keep, and under which key, must be Unicode text")
        if len(key.encode()) > MAX_KEY_BYTES or len(value.encode()) > MAX_VALUE_BYTES:
            raise Misuse(
                f"what {agent!r} is to keep is too large: a key is at most {MAX_KEY_BYTES} bytes, "
                f"a value {MAX_VALUE_BYTES}"
            )
    for model, *_ in edits.models:
        if not is_kind(model):
            raise Misuse(f"{model!r} is not a language model")
    for kind, file in edits.components:
        if not is_kind(kind.removeprefix(TOOLS)):
            raise Misuse(f"{kind!r} is not a kind of agent, nor a tool")
        if not Path(file).is_file():
            raise Misuse(f"{file}: no such file")
    messages = [Outside(*message).checked() for message in edits.messages]
    return edits._replace(
        components=tuple((kind, Path(file)) for kind, file in edits.components),
        messages=tuple((message.to, message.topic, message.content()) for message in messages),
    )


def other_model(name: str, other: str) -> tuple[str, str, bytes | None]:
    """What is to answer for a language model, for `Edits.models`.

    Args:
        name: The model's name.
        other: A script (`.toml`), a run as a cassette (`.run`), the name of another table of the
            manifest, `server:NAME`, or `server:NAME=MODEL`.

    Raises:
        Misuse: It cannot be read.
    """
    if other.endswith(".run"):
        return name, other, cassette(other).encode()
    if not other.endswith(".toml"):
        return name, other, None
    try:
        return name, other, Path(other).read_bytes()
    except OSError as error:
        raise Misuse(f"{other}: cannot be read: {error.strerror}") from None


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
