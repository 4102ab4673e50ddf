"""Signatures: DSSE envelopes, and the statements in them."""

from __future__ import annotations

import base64
import json

from fuzz.sources import GOLDENS, texts
from wasm_engine.concepts.envelope import MAX_BYTES, Envelope
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.public_key import from_text
from wasm_engine.concepts.statement import Statement

FORMS = ("text",)
REFUSES = (Wrong,)
WORDS = (
    b'"payload"', b'"payloadType"', b'"signatures"', b'"keyid"', b'"sig"', b'"subject"',
    b'"predicate"', b'"digest"', b'"chain"', b'"sha256"', b":", b",",
)  # fmt: skip


def check(data: bytes) -> None:
    """An envelope that is read is written as one, and says the same; so does what is in it."""
    if data[:1] == b"-":
        from_text(data.decode("latin-1"))
        return
    if data[:1] == b"!":  # what a payload holds, without its base64
        row = {"payload": base64.b64encode(data[1:]).decode(), "signatures": [{"sig": ""}]}
        data = json.dumps({"payloadType": "application/vnd.in-toto+json", **row}).encode()
    envelope = Envelope.decode(data)
    written = envelope.encode()
    if len(written) <= MAX_BYTES:
        assert Envelope.decode(written) == envelope
    for about in ("file", "run"):
        try:
            statement = Statement.of(envelope, about)
        except Wrong:
            continue
        statement.encode()


def seeds() -> list[bytes]:
    """The golden signatures, and what they sign."""
    found = texts((GOLDENS / "signing").glob("*.sig"))
    payloads = [b"!" + Envelope.decode(data).payload for data in found]
    key = b"-----BEGIN PUBLIC KEY-----\n" + base64.b64encode(
        bytes.fromhex("302a300506032b6570032100") + bytes(32)
    )
    return [*found, *payloads, key + b"\n-----END PUBLIC KEY-----\n"]
