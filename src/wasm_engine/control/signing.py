"""Signs components, agents' files, locks and runs, and says who signed them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.envelope import PAYLOAD_TYPE, Envelope, Signature
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.public_key import key_id
from wasm_engine.concepts.statement import Statement
from wasm_engine.control import keyring, locks
from wasm_engine.control.heads import signatures_of, signer_of, statement_of
from wasm_engine.control.keyring import TrustedKey
from wasm_engine.control.reports import Report, RunSignature
from wasm_engine.control.verdicts import beside_of, of_file, read_beside
from wasm_engine.host.ed25519 import SigningKey
from wasm_engine.host.key_files import replace
from wasm_engine.journal.runfile import RunFile
from wasm_engine.journal.signatures import MOST

What: TypeAlias = Literal["component", "agent", "lock", "run"]
MAX_BYTES = 256 << 20
_SQLITE = b"SQLite format 3\0"
_WASM = b"\0asm"


@dataclass(frozen=True, slots=True)
class SignReport(Report):
    """Something that was signed.

    Attributes:
        file: What.
        what: `component`, `agent` (a `.py` file), `lock` or `run`.
        digest: SHA-256 of its bytes; of a run the head of its chain.
        key: Id of the key.
        signature: The file that holds the signature: of a run that itself.
    """

    file: str
    what: What
    digest: str
    key: str
    signature: str


@dataclass(frozen=True, slots=True)
class VerifyReport(Report):
    """Something that is signed by somebody who is trusted here.

    Attributes:
        file: What.
        what: As in `SignReport`.
        digest: As in `SignReport`.
        signers: Names of the trusted keys.
        keys: Their ids.
    """

    file: str
    what: What
    digest: str
    signers: tuple[str, ...]
    keys: tuple[str, ...]


def sign(file: str | Path, *, key: str | Path) -> SignReport:
    """Signs a file: beside it, in `FILE.sig`; a run within itself.

    Whoever signed it before stays, unless what they signed was something else.

    Args:
        file: A component, an agent's `.py` file, a lock, or a run.
        key: The name of one of this user's keys, or a file with a private key.

    Raises:
        Misuse: The file is none of these, or the key cannot be used.
        BadRunFile: The run is damaged, or in use.
    """
    path = Path(file)
    what, data = _read(path)
    signing = keyring.signing_key(key)
    if what == "run":
        return _sign_run(path, signing)
    digest = sha256_hex(data)
    statement = Statement("file", path.name, digest, {"kind": what})
    envelope = Envelope(PAYLOAD_TYPE, statement.encode(), ())
    before = _before(path, digest)
    if before is not None:
        envelope = before
    replace(beside_of(path), _signed(envelope, signing, beside_of(path)).encode() + b"\n")
    return SignReport(str(path), what, digest, key_id(signing.public), str(beside_of(path)))


def verify(file: str | Path, *, key: str | Path | None = None) -> VerifyReport:
    """Says who signed a file, as it is now; runs nothing of it.

    Args:
        file: A component, an agent's `.py` file, a lock, or a run.
        key: The file of the one public key that is trusted; those of the operator if not given.

    Raises:
        Misuse: The file is none of these.
        BadRunFile: The run is damaged.
        Refused: It is not signed, or not by anybody who is trusted, or the signature is of
            something else; of a run also: not all of it.
    """
    path = Path(file)
    keys = keyring.trusted() if key is None else (keyring.given(key),)
    what, data = _read(path)
    if what == "run":
        return _verify_run(path, keys)
    digest = sha256_hex(data)
    signers = of_file(path, digest, keys).required()
    return VerifyReport(
        str(path), what, digest, tuple(k.name for k in signers), tuple(k.id for k in signers)
    )


def _sign_run(path: Path, signing: SigningKey) -> SignReport:
    with RunFile.open(path, write=True, verify="all") as run:
        statement = statement_of(run)
        fresh = Envelope(PAYLOAD_TYPE, statement.encode(), ())
        mine = key_id(signing.public)
        # One for each key: a signature of an earlier head gives way to that of a later one.
        others = [e for e in run.signatures() if [s.key for s in e.signatures] != [mine]]
        if len(others) >= MOST:
            raise Misuse(f"{path}: it has {len(others)} signatures, which is as many as may be")
        run.put_signatures([*others, _signed(fresh, signing, path)])
        return SignReport(str(path), "run", run.chain, mine, str(path))


def _verify_run(path: Path, keys: Sequence[TrustedKey]) -> VerifyReport:
    with RunFile.open(path, verify="all") as run:
        found = signatures_of(run, path.name, keys)
        good = [one for one in found if one.whole and one.checked]
        if not good:
            raise _unsigned(path, found)
        signer = signer_of(good)
        assert signer is not None
        names = tuple(str(one.signer) for one in good)
        return VerifyReport(str(path), "run", run.chain, names, tuple(one.key for one in good))


def _unsigned(path: Path, found: Sequence[RunSignature]) -> Refused:
    for one in found:
        if one.checked:
            return Refused(
                f"{path.name} is signed by {one.signer} ({one.key}) up to step {one.step}, and has "
                "gone on since",
                code="unsigned",
                hint="what came after that is signed by nobody",
            )
    for one in found:
        message = f"{path.name} is signed by {one.key}, a key nobody trusts here"
        return Refused(message, code="untrusted-signer")
    return Refused(f"{path.name} is not signed", code="unsigned")


def _signed(envelope: Envelope, signing: SigningKey, path: Path) -> Envelope:
    made = Signature(key_id(signing.public), signing.sign(envelope.signed))
    try:
        return envelope.also(made)
    except Wrong as wrong:
        raise Misuse(f"{path}: {wrong}") from None


def _before(path: Path, digest: str) -> Envelope | None:
    """The envelope beside a file, if it is about the file as it is now."""
    data = read_beside(path)
    if data is None:
        return None
    try:
        envelope = Envelope.decode(data)
        statement = Statement.of(envelope, "file")
    except Wrong as wrong:
        hint = "remove it, if it is not worth keeping"
        message = f"{beside_of(path)}: there is something else than a signature: {wrong}"
        raise Misuse(message, hint=hint) from None
    return envelope if statement.digest == digest else None


def _read(path: Path) -> tuple[What, bytes]:
    """What a file is, and its bytes; none of a run."""
    try:
        if not path.is_file():
            raise Misuse(f"{path}: {'not a file' if path.exists() else 'no such file'}")
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
            if head == _SQLITE:
                return "run", b""
            data = head + file.read(MAX_BYTES)
    except OSError as error:
        raise Misuse(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > MAX_BYTES:
        raise Misuse(f"{path}: too large to be signed ({MAX_BYTES} bytes at most)")
    if data.startswith(_WASM):
        return "component", data
    if path.suffix == locks.SUFFIX:
        locks.parse(data, path)
        return "lock", data
    if path.suffix == ".py":
        return "agent", data
    raise Misuse(f"{path}: neither a component, a .py agent, a lock, nor a run")
