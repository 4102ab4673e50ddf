"""Who vouches for what a world runs, and whether that is enough for this machine's operator."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from wasm_engine.agents.alternatives import key_of, variants_of
from wasm_engine.agents.lock import Lock
from wasm_engine.agents.material import Material
from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.control.keyring import TrustedKey, trusted
from wasm_engine.control.locks import Locked
from wasm_engine.control.verdicts import Verdict, of_file, spelled
from wasm_engine.host.origins import remember_vouched, vouched
from wasm_engine.world import operator_policy
from wasm_engine.world.assembly import TOOLS
from wasm_engine.world.world import Vouchers

_HINT = (
    "wasm-engine sign FILE --key KEY signs one; wasm-engine keys trust FILE --as NAME trusts one"
)


def signers(material: Material, locked: Locked | None = None) -> dict[str, str | None]:
    """Who vouches for each kind of agent: the name of a trusted key, or None.

    A kind is vouched for by the signature beside its file, else by that of a `world.lock` which
    names its digest. Of several signers it is the first of the signature.

    Args:
        material: What the world is made of, as read from the host.
        locked: The lock beside its manifest, if there is one.

    Raises:
        Misuse: The package that verifies signatures is not installed, and would be needed.
    """
    found = _verdicts(material, locked, trusted())
    return {
        kind: verdict.signers[0].name if verdict.signers else None
        for kind, verdict in found.items()
    }


def signers_of(sources: Mapping[str, str], vouchers: Vouchers) -> dict[str, str]:
    """Who vouches for each kind of a run, where anybody does.

    Args:
        sources: By kind the digest of what it runs, hexadecimal.
        vouchers: Who vouches for what, by digests.
    """
    return {kind: vouchers[it][0] for kind, it in sorted(sources.items()) if vouchers.get(it)}


def require_signers(material: Material, locked: Locked | None) -> dict[str, list[str]]:
    """Lets a world pass whose kinds are signed by whom the operator wants; that may be nobody.

    Returns:
        The names of the signers by the digest (hexadecimal) of what they signed.

    Raises:
        Refused: A signature is missing, broken, or by nobody who is wanted; names all of them.
        Misuse: The policy file has mistakes, or the package that verifies is not installed.
    """
    wanted, keys = operator_policy().signers, trusted()
    try:
        verdicts = _verdicts(material, locked, keys)
    except Misuse as missing:
        if wanted or missing.code != "no-signing":
            raise
        return {}  # what nobody can verify here vouches for nothing
    problems, vouchers = [], {}
    for kind, verdict in verdicts.items():
        digest = _digest_of(material, kind)
        problem = _lacks(verdict, wanted, digest)
        if problem:
            problems.append(f"{kind}: {problem}")
        if verdict.signers:
            vouchers[digest] = [key.name for key in verdict.signers]
    _refuse(problems, wanted, keys)
    return vouchers


def require_signed(path: Path, data: bytes) -> dict[str, list[str]]:
    """The same for one file, and the bytes that were read from it.

    Raises:
        Refused: It is not signed by anybody who is wanted.
        Misuse: As above.
    """
    wanted = operator_policy().signers
    keys, digest = trusted(), sha256_hex(data)
    try:
        verdict = of_file(path, digest, keys)
    except Misuse as missing:
        if wanted or missing.code != "no-signing":
            raise
        return {}  # what nobody can verify here vouches for nothing
    problem = _lacks(verdict, wanted, digest)
    _refuse([problem] if problem else [], wanted, keys)
    return {digest: [key.name for key in verdict.signers]} if verdict.signers else {}


def require_remembered(run_id: str, sources: Mapping[str, str]) -> dict[str, list[str]]:
    """Lets a run go on whose kinds were vouched for, here, when it began or was forked.

    A run of another machine was vouched for by nobody here, whatever signature it bears: that is
    over its chain, and it goes on from a checkpoint, which stands beside it.

    Args:
        run_id: The run's.
        sources: By kind the digest of what it runs, hexadecimal.

    Returns:
        Who vouched for it, by digests, of those who are still trusted.

    Raises:
        Refused: The operator wants signers that it has not.
        Misuse: The policy file has mistakes.
    """
    known = vouched(run_id)
    wanted = operator_policy().signers
    if not wanted and not known:
        return {}
    keys, problems = trusted(), []
    believed = {key.name for key in keys}
    vouchers = {it: [n for n in names if n in believed] for it, names in known.items()}
    for kind, digest in sorted(sources.items()):
        names = vouchers.get(digest, [])
        if wanted and not set(names).intersection(wanted):
            who = ", ".join(names) or "nobody"
            problems.append(f"{kind} (sha256:{digest}): {who} vouched for it when it began here")
    _refuse(problems, wanted, keys, "begin it again here, from signed components")
    return vouchers


def remember(run_id: str, allowed: Mapping[str, Sequence[str]]) -> None:
    """Keeps who vouched for what a run is made of, for when it goes on."""
    if allowed:
        remember_vouched(run_id, allowed)


def _verdicts(
    material: Material, locked: Locked | None, keys: Sequence[TrustedKey]
) -> dict[str, Verdict]:
    by_lock = _lock_verdict(locked, keys)
    manifest, found = material.manifest, {}
    files = {kind.name: manifest.source_path(kind) for kind in manifest.agents}
    files |= {TOOLS + it.name: manifest.source_path(it) for it in manifest.tools if it.component}
    files |= {
        key_of(kind.name, name): manifest.source_path(variant)
        for kind in manifest.agents
        for name, variant in variants_of(kind)
    }
    for name, file in files.items():
        digest = _digest_of(material, name)
        verdict = of_file(file, digest, keys)
        if not verdict.signers and by_lock.signers and _names(locked, name, digest):
            verdict = by_lock
        found[name] = verdict
    return found


def _digest_of(material: Material, name: str) -> str:
    """The digest of what a kind runs, or an alternative; a tool's name has `TOOLS` before it."""
    known = {TOOLS + tool: source for tool, source in material.tools.items()}
    source = {**material.sources, **material.alternatives, **known}[name]
    return source.digests[-1].hex()


def _lock_verdict(locked: Locked | None, keys: Sequence[TrustedKey]) -> Verdict:
    if locked is None:
        return Verdict((), "unsigned", "there is no lock")
    return of_file(locked.path, locked.digest, keys)


def _names(locked: Locked | None, kind: str, digest: str) -> bool:
    lock: Lock | None = None if locked is None else locked.lock
    if lock is None:
        return False
    tool = kind.removeprefix(TOOLS)
    others = {**lock.kinds, **lock.alternatives}
    row = others.get(kind) if tool == kind else lock.tools.get(tool)
    return row is not None and row.sha256 == digest


def _lacks(verdict: Verdict, wanted: Sequence[str], digest: str) -> str:
    """What is missing for the operator's word, or nothing."""
    if not wanted:
        return ""
    if not verdict.signers:
        return verdict.problem
    if any(key.name in wanted for key in verdict.signers):
        return ""
    return f"sha256:{digest} is signed by {', '.join(map(spelled, verdict.signers))}"


def _refuse(
    problems: Iterable[str], wanted: Sequence[str], keys: Sequence[TrustedKey], hint: str = _HINT
) -> None:
    listed = "\n".join(f"  {problem}" for problem in problems)
    if not listed:
        return
    known = {key.name: key for key in keys}
    names = ", ".join(
        spelled(known[name]) if name in known else f"{name} (no such key is trusted here)"
        for name in wanted
    )
    message = f"this machine's policy wants components signed by {names}:\n{listed}"
    raise Refused(message, code="signer-required", hint=hint)
