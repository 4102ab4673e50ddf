"""Who signed what: an envelope held against the keys that are trusted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from wasm_engine.concepts.envelope import MAX_BYTES, Envelope
from wasm_engine.concepts.errors import Misuse, Refused
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.statement import Statement
from wasm_engine.control.keyring import TrustedKey
from wasm_engine.host.ed25519 import is_signature

SUFFIX = ".sig"


class Verdict(NamedTuple):
    """What is to be said of the signatures of one thing.

    Attributes:
        signers: Trusted keys that signed it, by name.
        code: Where there are none why: `unsigned`, `bad-signature` or `untrusted-signer`.
        problem: The same in words.
    """

    signers: tuple[TrustedKey, ...]
    code: str = ""
    problem: str = ""

    def required(self) -> tuple[TrustedKey, ...]:
        """The signers.

        Raises:
            Refused: There are none.
        """
        if not self.signers:
            raise Refused(self.problem, code=self.code)
        return self.signers


def who_signed(envelope: Envelope, trusted: Sequence[TrustedKey], what: str) -> Verdict:
    """Which of the trusted keys signed an envelope.

    Args:
        envelope: The envelope.
        trusted: The keys.
        what: What it is about, for messages.

    Raises:
        Misuse: The package that verifies signatures is not installed, and would be needed.
    """
    signers, broken = [], []
    for signature in envelope.signatures:
        for key in trusted:
            if signature.key not in {key.id, ""}:
                continue
            if is_signature(key.public, signature.bytes, envelope.signed):
                signers.append(key)
            elif signature.key:
                broken.append(key)
    if signers:
        return Verdict(tuple(signers))
    if broken:
        names = ", ".join(spelled(key) for key in broken)
        return Verdict((), "bad-signature", f"{what}: the signature is not that of {names}")
    found = ", ".join(signature.key or "an unnamed key" for signature in envelope.signatures)
    return Verdict((), "untrusted-signer", f"{what} is signed by {found}, a key nobody trusts here")


def of_file(path: Path, digest: str, trusted: Sequence[TrustedKey]) -> Verdict:
    """Who signed a file, by the envelope that lies beside it.

    Args:
        path: The file.
        digest: SHA-256 of the bytes that will be used of it, hexadecimal.
        trusted: The keys that are believed.

    Raises:
        Misuse: The envelope cannot be read, or the package that verifies signatures is missing.
    """
    what, beside = f"{path.name} (sha256:{digest})", beside_of(path)
    data = read_beside(path)
    if data is None:
        return Verdict((), "unsigned", f"{what} is not signed: there is no {beside.name} beside it")
    try:
        envelope = Envelope.decode(data)
        statement = Statement.of(envelope, "file")
    except Wrong as wrong:
        return Verdict((), "bad-signature", f"{what}: {beside.name} is no signature: {wrong}")
    if statement.digest != digest:
        problem = f"{what} is not what was signed, which is sha256:{statement.digest}"
        return Verdict((), "bad-signature", problem)
    return who_signed(envelope, trusted, what)


def beside_of(path: Path) -> Path:
    """Where the signature of a file lies."""
    return path.with_name(path.name + SUFFIX)


def read_beside(path: Path) -> bytes | None:
    """The bytes of the envelope beside a file; None where there is none.

    Raises:
        Misuse: It cannot be read.
    """
    beside = beside_of(path)
    try:
        with beside.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Misuse(f"{beside}: cannot be read: {error.strerror}") from None


def spelled(key: TrustedKey) -> str:
    """A key in a message: `ada (1f2e...)`."""
    return f"{key.name} ({key.id})"
