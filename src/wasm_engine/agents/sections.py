"""Sections of a manifest that came later, each a table of tables: what the world has by name.

Stored manifests hold them only where there are any; see `later.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest as model
from wasm_engine.agents import shapes
from wasm_engine.agents.manifest_tables import SEGMENT_PATTERN, Key, is_segment
from wasm_engine.concepts.web import ORIGIN_PATTERN, check_origin
from wasm_engine.policy.grants import ORIGIN_KINDS

LABEL_SOURCES = ("agent", "mount", "keyvalue", "blobstore", "sql", "secret", "human")
LABEL_SOURCE_RULE = (
    '"agent:KIND", "mount:NAME", "keyvalue:NAME", "blobstore:NAME", "sql:NAME", "secret:NAME", '
    '"human:NAME", an origin such as "https://api.example.com", or "https:*" for all servers'
)
_LABEL_SOURCE_PATTERN = (
    rf"^(({'|'.join(LABEL_SOURCES)}):{SEGMENT_PATTERN[1:-1]}|https?:\*|{ORIGIN_PATTERN})$"
)


def _is_label_source(text: str) -> bool:
    kind, colon, rest = text.partition(":")
    if kind in ORIGIN_KINDS:
        if rest != "*":
            check_origin(text)
        return True
    return bool(colon) and kind in LABEL_SOURCES and is_segment(rest)


LABEL = (
    Key(
        "sources",
        shapes.Several(
            shapes.Text(_is_label_source, LABEL_SOURCE_RULE, _LABEL_SOURCE_PATTERN),
        ),
        "What carries the label from the start: what an agent reads of it labels all that it does.",
        "[]",
    ),
)


class Section(Struct, frozen=True):
    """A section that is a table of tables.

    Attributes:
        keys: Of each inner table.
        model: What is made of it.
        one: What an inner table describes, with its article.
        says: What the section is for, in one sentence.
    """

    keys: tuple[Key, ...]
    model: Callable[..., Any]
    one: str
    says: str


LATER_SECTIONS = {
    "labels": Section(LABEL, model.Label, "a label", "Labels of information, by name."),
}
