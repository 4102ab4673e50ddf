"""References to secrets: text that stands for one in a world, which never sees it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wasm_engine.concepts.canonical import encode, sha256_hex
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.unchanging import Unchanging

PLACES = ("body", "header", "url")
"""Where in a request a secret may stand."""
MIN_VALUE, MAX_VALUE = 8, 4096
"""Characters of a secret: of a shorter one everything else would have to be searched for it."""
VALUE_RULE = f"{MIN_VALUE} to {MAX_VALUE} printable characters of ASCII, no space at either end"
ANY_REFERENCE = re.compile(rb"wasm-engine-secret\.[a-z0-9._-]*[0-9a-f]{32}", re.IGNORECASE)

_VALUE = re.compile(r"[!-~]([ -~]*[!-~])?")


def reference_to(name: str, world: str, seed: int) -> str:
    """The text that stands for a secret in a world: the same whenever it runs with this seed.

    Letters, digits, `.`, `_` and `-` only: neither JSON, nor a URL, nor a form changes it.
    """
    digits = sha256_hex(encode(["secret", world, seed, name]))[:32]
    return f"wasm-engine-secret.{name}.{digits}"


def check_value(text: str) -> None:
    """Lets pass what can be a secret.

    Raises:
        Wrong: It cannot; the text says what can, and nothing of what it is.
    """
    if not MIN_VALUE <= len(text) <= MAX_VALUE or not _VALUE.fullmatch(text):
        raise Wrong(f"a secret is {VALUE_RULE}")


class Secret(NamedTuple):
    """A secret as the outside of a world has it.

    Attributes:
        name: Its name.
        reference: What stands for it in the world.
        value: The secret itself.
        origins: Servers it may be sent to, each an origin or `https://*.` and the rest of a name.
        places: Where in a request it may stand: some of `PLACES`.
    """

    name: str
    reference: str
    value: str
    origins: tuple[str, ...]
    places: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Secret({self.name!r})"  # never its value: what is printed is kept


class References(Unchanging):
    """What stands for the secrets of a world: a service that nothing changes.

    Args:
        by_name: The reference to each secret.
    """

    def __init__(self, by_name: Mapping[str, str]) -> None:
        self._by_name = by_name

    def to(self, name: str) -> str:
        """The reference to a secret of the world."""
        return self._by_name[name]
