"""Public keys of Ed25519: 32 bytes, written as PEM, known by a short id."""

from __future__ import annotations

import base64
import binascii
import re

from wasm_engine.concepts.canonical import sha256_hex
from wasm_engine.concepts.mistakes import Wrong

SIZE = 32
ID_DIGITS = 16
_PREFIX = bytes.fromhex("302a300506032b6570032100")
"""What stands before the 32 bytes in DER: that they are a public key of Ed25519 (RFC 8410)."""
_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----\s([A-Za-z0-9+/=\s]*)-----END \1-----", re.ASCII)


def key_id(public: bytes) -> str:
    """The short id of a key: the first 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return sha256_hex(public)[:ID_DIGITS]


def to_pem(public: bytes) -> str:
    """A public key as PEM, as other programs write it."""
    body = base64.b64encode(_PREFIX + public).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def from_text(text: str) -> bytes:
    """The 32 bytes of a public key in PEM, or in base64 alone.

    Raises:
        Wrong: It is none; the text says why.
    """
    found = _PEM.search(text)
    if found is None:
        raw = _decoded(text)
        if raw is None or len(raw) != SIZE:
            raise Wrong("it is not a public key: neither PEM, nor 32 bytes in base64")
        return raw
    if found[1] != "PUBLIC KEY":
        raise Wrong(f"it holds a {found[1].lower()}, not a public key")
    der = _decoded(found[2])
    if der is None or len(der) != len(_PREFIX) + SIZE or not der.startswith(_PREFIX):
        raise Wrong("it holds a public key that is not one of Ed25519")
    return der[len(_PREFIX) :]


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return None
