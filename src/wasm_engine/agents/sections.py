"""Sections of a manifest that came later, each a table of tables: what the world has by name.

Stored manifests hold them only where there are any; see `later.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from wasm_engine.agents import manifest as model
from wasm_engine.agents import shapes
from wasm_engine.agents.manifest_tables import Key
from wasm_engine.policy.sources import SOURCE_PATTERN, SOURCE_RULE, check_source


def _is_source(text: str) -> bool:
    check_source(text)
    return True


LABEL = (
    Key(
        "sources",
        shapes.Several(
            shapes.Text(_is_source, SOURCE_RULE, SOURCE_PATTERN),
        ),
        "What carries the label from the start: what an agent reads of it labels all that it does.",
        "[]",
    ),
)


SQL = (
    Key(
        "schema",
        shapes.Script(1 << 20),
        "SQL that makes its tables when the world begins, and puts rows into them.",
        '""',
    ),
    Key("max-size", shapes.Size(64 << 10, 1 << 30), "The whole database.", '"16 MiB"'),
    Key(
        "max-value",
        shapes.Size(1 << 10, 1 << 20),
        "One value, and one row: SQL costs more with longer ones.",
        '"16 KiB"',
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
    "sql": Section(SQL, model.SqlDatabase, "a database", "Databases of the world, by name."),
    "labels": Section(LABEL, model.Label, "a label", "Labels of information, by name."),
}
