"""References to components: kept ones, `name@sha256:digest`, and standard ones, `std:name`."""

from __future__ import annotations

import re
from typing import NamedTuple

from wasm_engine.concepts.names import is_kind

PATTERN = r"[a-z0-9][a-z0-9._-]*@sha256:[0-9a-f]{64}"
STANDARD_PATTERN = r"std:[a-z0-9-]+"
_STANDARD = re.compile(STANDARD_PATTERN, re.ASCII)
_REFERENCE = re.compile(PATTERN, re.ASCII)


class Reference(NamedTuple):
    """A name, and the SHA-256 of what it stands for (64 hexadecimal digits).

    The digest says which bytes are meant; the name is for people, and is looked at, too.
    """

    name: str
    digest: str

    def __str__(self) -> str:
        return f"{self.name}@sha256:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Reference | None:
        """The reference that a text is, or None: then it may be a path."""
        if _REFERENCE.fullmatch(text) is None:
            return None
        name, _, digest = text.partition("@sha256:")
        return cls(name, digest) if is_kind(name) else None


def standard_name(text: str) -> str | None:
    """The name of a standard component that a text is, or None: `std:tokenizer` is `tokenizer`."""
    return text.partition(":")[2] if _STANDARD.fullmatch(text) else None


def names_component(text: str) -> bool:
    """Whether a text names a component by itself, and is no path."""
    return standard_name(text) is not None or Reference.parse(text) is not None
