"""What a kind of agent may run in its source's place: files by name, as a manifest has them.

Agents that were granted it, and nobody else, name them as they ask for a swap; so what a world can
ever come to run is known, vetted and compiled before its run begins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from wasm_engine.agents.manifest import Kind
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.names import MAX_NAME_BYTES, is_name
from wasm_engine.concepts.references import PATTERN, Reference
from wasm_engine.concepts.toml_source import KeyPath

FIRST: Final = "source"
"""What agents call what their manifest names as `source`."""
MOST: Final = 64
"""Alternatives of one kind."""
_SEGMENT = "[a-z0-9][a-z0-9._-]*"

Named = tuple[tuple[str, str], ...]


def key_of(kind: str, name: str) -> str:
    """What an alternative is called among components, signers and digests: no kind is called so."""
    return f"{kind}@{name}"


class Alternatives(Struct, frozen=True):
    """A table of files by name; in the model sorted pairs of name and file.

    Attributes:
        is_file: Whether a text may name a file of the host that a kind runs.
    """

    is_file: Callable[[str], bool]

    def read(self, value: object, at: KeyPath, mistakes: Mistakes) -> Named:
        """The pairs."""
        if not isinstance(value, Mapping):
            raise Wrong(f"must be a table of files by name, not {shown(value)}")
        if len(value) > MOST:
            raise Wrong(f"there may be {MOST}; these are {len(value)}")
        pairs = []
        for name in sorted(key for key in value if isinstance(key, str)):
            place, file = (*at, name), value[name]
            if not is_alternative(name):
                text = f'{shown(name)} is no name for one: a-z, 0-9, ".", "_", "-"; not "{FIRST}"'
                mistakes.add(place, text)
            if not isinstance(file, str) or not self._is_source(file):
                mistakes.add(
                    place,
                    f"must be the path of a .py, .js or .wasm file, or a kept component, "
                    f"name@sha256:..., not {shown(file)}",
                )
                continue
            pairs.append((name, file))
        return tuple(pairs)

    def _is_source(self, text: str) -> bool:
        if Reference.parse(text) is not None:
            return True
        return self.is_file(text) and text.endswith((".py", ".js", ".wasm"))

    def spelled(self, pairs: Named) -> dict[str, Any]:
        """The table as TOML has it, with the names of the files alone."""
        return {name: PurePosixPath(file).name for name, file in pairs}

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return 'table of files, as `source` takes them, by name: `next = "tokenizer-2.wasm"`'

    def schema(self) -> dict[str, Any]:
        """An object of texts."""
        return {
            "type": "object",
            "propertyNames": {"pattern": f"^(?!{FIRST}$){_SEGMENT}$"},
            "additionalProperties": {
                "type": "string",
                "pattern": rf"^([^*]*\.(py|js|wasm)|{PATTERN})$",
            },
        }


def variants_of(kind: Kind) -> list[tuple[str, Kind]]:
    """By the names of its alternatives, a kind as it is where it runs them."""
    return [(name, replace(kind, source=file)) for name, file in kind.alternatives]


def is_alternative(text: str) -> bool:
    """Whether a text may name an alternative."""
    return is_name(text) and "/" not in text and text != FIRST and len(text) <= MAX_NAME_BYTES
