"""Signed statements as DSSE envelopes: what is signed, and how it is written down as JSON.

DSSE (https://github.com/secure-systems-lab/dsse) signs bytes together with what they are, in one
encoding that can be read in one way only (PAE). What is in the bytes is `statement.py`.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, NamedTuple, Self

from wasm_engine.concepts.mistakes import Wrong, shown

PAYLOAD_TYPE = "application/vnd.in-toto+json"
MAX_BYTES = 64 << 10
"""Of an envelope as it is written down."""
MOST_SIGNATURES = 16
_MAX_KEY_ID = 200
_URL_SAFE = str.maketrans("-_", "+/")


def pae(payload_type: str, payload: bytes) -> bytes:
    """The bytes that are signed: DSSE's pre-authentication encoding."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


class Signature(NamedTuple):
    """One signature, and the id of the key that is said to have made it."""

    key: str
    bytes: bytes


class Envelope(NamedTuple):
    """A payload, what it is, and signatures of both together."""

    payload_type: str
    payload: bytes
    signatures: tuple[Signature, ...]

    @property
    def signed(self) -> bytes:
        """What each of the signatures is over."""
        return pae(self.payload_type, self.payload)

    def encode(self) -> bytes:
        """The envelope as canonical JSON: keys sorted, no spaces, plain base64."""
        rows = [{"keyid": one.key, "sig": _base64(one.bytes)} for one in self.signatures]
        whole = {
            "payload": _base64(self.payload),
            "payloadType": self.payload_type,
            "signatures": rows,
        }
        return json.dumps(whole, sort_keys=True, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Reads an envelope, of this program or another: keys that DSSE does not know are ignored.

        Raises:
            Wrong: It is none; the text says why.
        """
        found = read_object(data)
        kind, rows = found.get("payloadType"), found.get("signatures")
        if not isinstance(kind, str) or not isinstance(rows, list):
            raise Wrong("it has no `payloadType`, or no `signatures`")
        if not 1 <= len(rows) <= MOST_SIGNATURES:
            raise Wrong(f"it has {len(rows)} signatures, which may be 1 to {MOST_SIGNATURES}")
        return cls(kind, _bytes(found, "payload"), tuple(_signature(row) for row in rows))

    def also(self, signature: Signature) -> Self:
        """The same with one more signature, in the place of an older one by the same key.

        Raises:
            Wrong: There are too many already.
        """
        others = tuple(one for one in self.signatures if one.key != signature.key)
        if len(others) >= MOST_SIGNATURES:
            raise Wrong(f"it has {len(others)} signatures already, which is as many as may be")
        return self._replace(signatures=(*others, signature))


def read_object(data: bytes) -> dict[str, Any]:
    """One JSON object in which no key stands twice, so that nobody can read another one in it.

    Raises:
        Wrong: It is none; the text says why.
    """
    if len(data) > MAX_BYTES:
        raise Wrong(f"it has more than {MAX_BYTES} bytes")
    try:
        found = json.loads(data, object_pairs_hook=_once)
    except Wrong:
        raise
    except (ValueError, RecursionError):
        raise Wrong("it is not JSON") from None
    if not isinstance(found, dict):
        raise Wrong("it is not an object of JSON")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("a key stands in it twice")
    return found


def _signature(row: object) -> Signature:
    if not isinstance(row, dict):
        raise Wrong("one of its signatures is not an object")
    key = row.get("keyid", "")
    if not isinstance(key, str) or len(key) > _MAX_KEY_ID:
        raise Wrong("one of its signatures has a `keyid` that is none")
    return Signature(key, _bytes(row, "sig"))


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _bytes(found: dict[str, Any], name: str) -> bytes:
    text = found.get(name)
    if not isinstance(text, str):
        raise Wrong(f"its `{name}` must be text in base64, not {shown(text)}")
    try:
        return base64.b64decode(text.translate(_URL_SAFE), validate=True)
    except (binascii.Error, ValueError):
        raise Wrong(f"its `{name}` is not base64") from None
