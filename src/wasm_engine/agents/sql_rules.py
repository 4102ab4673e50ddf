"""The rules of a kind of agent for databases, as a manifest has them: `orders = {read = [...]}`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from wasm_engine.concepts import shapes
from wasm_engine.concepts.mistakes import Mistakes, Wrong, shown
from wasm_engine.concepts.sql_rights import NAME, SqlRights, is_column, is_table
from wasm_engine.concepts.toml_source import KeyPath

_TABLES = shapes.Several(
    shapes.Text(is_table, 'the name of a table, or "*"', rf"^({NAME}|\*)$", str.lower)
)
_COLUMNS = shapes.Several(
    shapes.Text(
        is_column,
        'a column such as "orders.id", a table such as "orders" for all of its columns, or "*"',
        rf"^({NAME}(\.{NAME})?|\*)$",
        str.lower,
    )
)
VERBS = {"read": _COLUMNS, "insert": _TABLES, "update": _COLUMNS, "delete": _TABLES}


class SqlRules(Struct, frozen=True):
    """A table of rules by the name of a database; in the model sorted pairs of name and rights."""

    def read(
        self, value: object, at: KeyPath, mistakes: Mistakes
    ) -> tuple[tuple[str, SqlRights], ...]:
        """The pairs. A verb that is not there allows nothing."""
        if not isinstance(value, Mapping):
            raise Wrong(f"must be a table of tables, not {shown(value)}")
        pairs = []
        for name in sorted(key for key in value if isinstance(key, str)):
            place = (*at, name)
            if not isinstance(value[name], Mapping):
                mistakes.add(place, f"must be a table, not {shown(value[name])}")
                continue
            pairs.append((name, SqlRights(**_verbs(value[name], place, mistakes))))
        return tuple(pairs)

    def spelled(self, pairs: tuple[tuple[str, SqlRights], ...]) -> dict[str, Any]:
        """The rules as TOML has them."""
        return {
            name: {verb: list(getattr(rights, verb)) for verb in VERBS if getattr(rights, verb)}
            for name, rights in pairs
        }

    def takes(self) -> str:
        """What values it takes, for the manual."""
        return (
            'table of tables, by database: `orders = {read = ["items.id"], insert = ["items"], '
            'update = ["items.total"], delete = ["items"]}`'
        )

    def schema(self) -> dict[str, Any]:
        """An object of objects."""
        verbs = {verb: shape.schema() for verb, shape in VERBS.items()}
        inner = {"type": "object", "additionalProperties": False, "properties": verbs}
        return {"type": "object", "additionalProperties": inner}


def _verbs(table: Mapping[Any, object], at: KeyPath, mistakes: Mistakes) -> dict[str, Any]:
    mistakes.unknown_keys(at, table, VERBS)
    found: dict[str, Any] = {}
    for verb, shape in VERBS.items():
        if verb in table:
            try:
                found[verb] = shape.read(table[verb], (*at, verb), mistakes)
            except Wrong as wrong:
                mistakes.add((*at, verb), str(wrong))
    return found
