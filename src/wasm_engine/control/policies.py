"""The operator's policy: read from this machine's files and those that are named, put in force."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.mistakes import nearest, shown
from wasm_engine.host import places
from wasm_engine.journal.entries import Control
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.operator import BadPolicy, OperatorPolicy, parse_policy
from wasm_engine.policy.policy import NOTHING_FORBIDDEN, Policy
from wasm_engine.world import Run

CEDAR = ".cedar"


def machine_policy() -> Policy:
    """What is in force for every world of this machine: `policy.toml` and `policy.cedar`.

    Raises:
        Misuse: One of them has mistakes.
    """
    folder = places.config_folder()
    found = NOTHING_FORBIDDEN
    for name in ("policy.toml", "policy.cedar"):
        path = folder / name
        if path.exists():
            found = found.joined(_read(path))
    return found


def policy_of(files: Sequence[str | Path], manifest: Manifest) -> Policy:
    """The policy of files that are named for a world: what they name, the world must have.

    Args:
        files: Each in Cedar (`.cedar`), or TOML as `policy.toml` has it.
        manifest: The world.

    Raises:
        BadPolicy: One cannot be read, names what there is not, or can never match.
    """
    found = NOTHING_FORBIDDEN
    for file in map(Path, files):
        policy = _read(file)
        found = found.joined(policy)
    labels = sorted({*found.labels, *(label.name for label in manifest.labels)})
    mistakes = [text for file in map(Path, files) for text in _misfits(file, manifest, labels)]
    if mistakes:
        raise BadPolicy(mistakes)
    return found


def operator_file(file: Path) -> OperatorPolicy:
    """What a file says as `policy.toml` does: its bounds, for one; one in Cedar says nothing so.

    Raises:
        Misuse: It cannot be read, or has mistakes.
    """
    return OperatorPolicy() if file.suffix == CEDAR else parse_policy(_text(file), str(file))


def _read(file: Path) -> Policy:
    if file.suffix == CEDAR:
        text = _text(file)
        CedarPolicy(text, str(file))  # its mistakes are told under the file's name
        return Policy(cedar=[text])
    parsed = operator_file(file)
    return Policy(parsed.forbid, (), parsed.labels)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Misuse(f"{file}: cannot be read: {error}", code="bad-policy") from None


def _misfits(file: Path, manifest: Manifest, labels: list[str]) -> list[str]:
    """What a policy names that the world has not."""
    kinds = [kind.name for kind in manifest.agents]
    text = file.read_text(encoding="utf-8")
    if file.suffix == CEDAR:
        known = {"Agent": kinds, "Kind": kinds, "Address": kinds, "Label": labels}
        return CedarPolicy(text, str(file)).mistakes(str(file), known)
    found = []
    for rule in parse_policy(text, str(file)).forbid:
        words = [(it.partition("/")[0], "agent", kinds) for it in rule.agents if it != "*"]
        words += [(it, "label", labels) for it in rule.labels]
        found += [
            f"{file}:{_line(text, word)}: rule {shown(rule.name)}: no {what} is called "
            f"{shown(word)}{nearest(word, names)}"
            for word, what, names in words
            if word not in names
        ]
    return found


def _line(text: str, word: str) -> int:
    """The first line in which a word stands in quotes."""
    before, _, _ = text.partition(f'"{word}')
    return before.count("\n") + 1


def enforce(
    run: Run, files: Sequence[str | Path] = (), signers: Mapping[str, str] | None = None
) -> None:
    """Puts the operator's policy in force in a run that stands at its end; an entry of its own.

    Args:
        run: The run, open to go on.
        files: Named for this run; without any, what was named for it before stays.
        signers: Who signed what each kind runs, of those that the operator trusts.

    Raises:
        Misuse: A policy has mistakes; nothing was changed.
    """
    guard = run.execution.scheduler.world.guard
    before = NOTHING_FORBIDDEN if guard is None else guard.policy
    known = {} if guard is None else guard.signers
    named = policy_of(files, run.manifest) if files else before
    policy = machine_policy().joined(named)
    signed = {kind: it for kind, it in sorted((signers or {}).items()) if it}
    if policy.plain() == before.plain() and (signed == known or policy.is_empty):
        return
    run.change(Control("policy", [policy.plain(), [list(row) for row in signed.items()]]))


def sign(run: Run, signers: Mapping[str, str]) -> None:
    """Tells the policy in force who signed what each kind runs now; an entry of its own.

    Args:
        run: The run, open to go on.
        signers: By kind, of those that the operator trusts.
    """
    guard = run.execution.scheduler.world.guard
    if guard is None or guard.policy.is_empty or dict(signers) == guard.signers:
        return
    rows = [list(row) for row in sorted(signers.items())]
    run.change(Control("policy", [guard.policy.plain(), rows]))


def each_label(manifest: Manifest, policy: Policy) -> Iterable[str]:
    """The labels that there are in a world under a policy, in order."""
    return sorted({*policy.labels, *(label.name for label in manifest.labels)})
