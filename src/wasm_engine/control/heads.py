"""What is said of a run's head: by signatures in the file, and by whoever kept it elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from wasm_engine.concepts import canonical
from wasm_engine.concepts.envelope import Envelope
from wasm_engine.concepts.errors import BadRunFile, Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.statement import Statement, is_digest
from wasm_engine.control.keyring import TrustedKey, trusted
from wasm_engine.control.reports import RunSignature
from wasm_engine.control.step_entries import last_step
from wasm_engine.control.verdicts import who_signed
from wasm_engine.journal.chain import START, entry_digest, extend
from wasm_engine.journal.runfile import RunFile


class Known(NamedTuple):
    """What is known of a run's head: its signatures, and the last step of one that was given."""

    signatures: tuple[RunSignature, ...]
    head: int | None


def known_of(run: RunFile, name: str, head: str | None, *, verified: bool) -> Known:
    """What is known of a run's head.

    Args:
        run: The run.
        name: What to call it.
        head: One that was kept elsewhere.
        verified: Whether everything in the run was verified; else it is, where need be, for what is
            known is about a chain that was computed.

    Raises:
        BadRunFile: It is damaged, or what stands in it is no signature of a run.
        Misuse: The head is none.
        Refused: It is not what a signature in it was made for, or its chain never had that head.
    """
    if head is not None and not is_digest(head):
        raise Misuse(f"a head is 64 hexadecimal digits, not {shown(head)}")
    if not verified and (head is not None or run.signatures()):
        run.verify()
    signatures = signatures_of(run, name)
    return Known(signatures, None if head is None else step_of_head(run, name, head))


def statement_of(run: RunFile) -> Statement:
    """What a signature of a run says, as the run stands now."""
    says: dict[str, Any] = {
        "run": run.run_id,
        "entries": run.count,
        "fingerprint": canonical.sha256_hex(canonical.encode(run.header.fingerprint)),
        "checkpoint": _begins_with(run),
    }
    return Statement("run", run.header.world, run.chain, says)


def signatures_of(
    run: RunFile, name: str, keys: Sequence[TrustedKey] | None = None
) -> tuple[RunSignature, ...]:
    """The signatures that a run bears, held against the run and the keys that are trusted.

    Args:
        run: The run, of which everything was verified.
        name: What to call it.
        keys: Those that are trusted; the operator's if not given.

    Raises:
        BadRunFile: What stands there is no signature of a run.
        Refused: One was not made for what the run holds, or not with the key that it names.
    """
    envelopes = run.signatures()
    if not envelopes:
        return ()
    believed = trusted() if keys is None else tuple(keys)
    return tuple(_signature(run, name, envelope, believed) for envelope in envelopes)


def signer_of(signatures: Sequence[RunSignature]) -> str | None:
    """Who vouches for the whole run, by the first trusted signature of all of it."""
    found = (s.signer for s in signatures if s.whole and s.checked and s.signer is not None)
    return next(found, None)


def step_of_head(run: RunFile, name: str, head: str) -> int:
    """The last step of a run that a head which was kept elsewhere covers: where its chain was that.

    Raises:
        Refused: The chain never was that.
    """
    if head == run.chain:
        return last_step(run)
    chain, wanted = START, bytes.fromhex(head)
    for entry in run.entries() if run.version > 1 else ():
        if run.anchor and entry.n == run.anchor + 1:
            chain = bytes.fromhex(run.chain_after(run.anchor))
        chain = extend(chain, entry_digest(entry.kind, entry.body, entry.detail))
        if chain == wanted:
            return last_step(run, entry.n)
    raise Refused(
        f"{name}: its chain is {run.chain}, which differs from the head you gave, {head}",
        code="other-head",
        hint="it is not the run whose head you kept, or it was changed since",
    )


def _signature(
    run: RunFile, name: str, envelope: Envelope, keys: Sequence[TrustedKey]
) -> RunSignature:
    try:
        statement = Statement.of(envelope, "run")
    except Wrong as wrong:
        raise BadRunFile(f"{name}: it bears a signature that is none: {wrong}") from None
    by = ", ".join(signature.key or "an unnamed key" for signature in envelope.signatures)
    entries = _hold(run, name, statement, by)
    step = last_step(run, entries)
    whole = entries == run.count
    try:
        verdict = who_signed(envelope, keys, name)
    except Misuse as missing:  # a replay needs nothing but the file
        if missing.code != "no-signing":
            raise
        named = {signature.key for signature in envelope.signatures}
        signer = next((key.name for key in keys if key.id in named), None)
        return RunSignature(by, signer, step, whole, checked=False)
    if verdict.code == "bad-signature":
        raise Refused(verdict.problem, code="bad-signature")
    if not verdict.signers:
        return RunSignature(by, None, step, whole, checked=False)
    return RunSignature(verdict.signers[0].id, verdict.signers[0].name, step, whole, checked=True)


def _hold(run: RunFile, name: str, statement: Statement, by: str) -> int:
    """Holds a statement against the run that bears it; answers how many entries it covers."""
    entries = statement.says.get("entries")
    ours = statement_of(run)
    if not isinstance(entries, int) or not max(run.anchor, 1) <= entries:
        raise BadRunFile(f"{name}: it bears a signature that is none: of no number of entries")
    if entries > run.count:
        raise Refused(
            f"{name}: {by} signed {entries} entries, and the run has {run.count}: it was cut",
            code="bad-signature",
        )
    chain = run.chain_after(entries)
    if statement.digest != chain:
        raise Refused(
            f"{name}: what {by} signed is not what it holds: after entry {entries} the chain was "
            f"{statement.digest}, and is {chain}",
            code="bad-signature",
            hint="the run was changed after it was signed",
        )
    for key in ("run", "fingerprint", "checkpoint"):
        if statement.says.get(key) != ours.says[key]:
            raise Refused(
                f"{name}: what {by} signed is another run: its {key} was "
                f"{shown(statement.says.get(key))}, and is {shown(ours.says[key])}",
                code="bad-signature",
            )
    return entries


def _begins_with(run: RunFile) -> str | None:
    """Of a compacted run the digest of its first checkpoint, which stands beside the chain."""
    if not run.anchor:
        return None
    return next(row.digest.hex() for row in run.checkpoints() if row.n == run.anchor)
