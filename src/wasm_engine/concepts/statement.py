"""What a signature says: that something of this name has this digest, in the words of in-toto.

A statement about a file says `sha256`, that of its bytes. One about a run says `chain`, the head of
its hash chain, so that neither can be taken for the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Self, TypeAlias

from wasm_engine.concepts import json_text
from wasm_engine.concepts.envelope import PAYLOAD_TYPE, Envelope, read_object
from wasm_engine.concepts.mistakes import Wrong, shown

Subject: TypeAlias = Literal["file", "run"]

_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATES: Mapping[Subject, str] = MappingProxyType(
    {"file": "wasm-engine:file/v1", "run": "wasm-engine:run/v1"}
)
_ALGORITHMS: Mapping[Subject, str] = MappingProxyType({"file": "sha256", "run": "chain"})
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)


def is_digest(value: object) -> bool:
    """Whether it is a SHA-256 as 64 hexadecimal digits, in small letters."""
    return isinstance(value, str) and _HEX.fullmatch(value) is not None


class Statement(NamedTuple):
    """A statement.

    Attributes:
        about: What of: a file, or a run.
        name: What it was called when it was signed; for people.
        digest: SHA-256 of the file's bytes, or the head of the run's chain, hexadecimal.
        says: More about it: of a file its `kind`; of a run what `RunHead` holds.
    """

    about: Subject
    name: str
    digest: str
    says: dict[str, Any]

    def encode(self) -> bytes:
        """The statement as canonical JSON."""
        subject = {"name": self.name, "digest": {_ALGORITHMS[self.about]: self.digest}}
        whole = {
            "_type": _TYPE,
            "subject": [subject],
            "predicateType": _PREDICATES[self.about],
            "predicate": self.says,
        }
        return json_text.write(whole).encode()

    @classmethod
    def of(cls, envelope: Envelope, about: Subject) -> Self:
        """What an envelope says about a file, or a run.

        Raises:
            Wrong: It says something else, or nothing that this program knows.
        """
        if envelope.payload_type != PAYLOAD_TYPE:
            raise Wrong(f"what it signs is {shown(envelope.payload_type)}, not a statement")
        found = read_object(envelope.payload)
        if found.get("_type") != _TYPE or found.get("predicateType") != _PREDICATES[about]:
            raise Wrong(f"it says nothing about a {about}: {shown(found.get('predicateType'))}")
        says = found.get("predicate")
        match found.get("subject"):
            case [{"name": str(name), "digest": dict(digests)}] if isinstance(says, dict):
                digest = digests.get(_ALGORITHMS[about])
                if isinstance(digest, str) and is_digest(digest):
                    return cls(about, name, digest, says)
        raise Wrong("it does not name one subject and its digest")
