"""What columns of a statement may come from, and what its tree may consist of."""

from __future__ import annotations

from msgspec import Struct
from sqlglot import exp

from wasm_engine.capabilities.sql.parsing import parse
from wasm_engine.capabilities.sql.schema import Table
from wasm_engine.concepts.mistakes import Wrong, shown


class Source(Struct, frozen=True):
    """What columns may come from: a table by a name, or a query."""

    name: str
    columns: tuple[str, ...]
    table: str | None = None
    base: Table | None = None
    by_name_only: bool = False


class Common(Struct):
    """A query of a WITH. Its columns are known before it is read where it names itself."""

    node: exp.Expr
    around: dict[str, Common]
    columns: tuple[str, ...] | None
    begun: bool = False


class Frame(Struct):
    """Where an expression stands.

    Attributes:
        scopes: The sources of its query and of those around it, innermost first.
        aliases: Names of the columns of its query's own result.
        common: The queries of every WITH around it.
    """

    scopes: list[list[Source]]
    aliases: tuple[str, ...] = ()
    common: dict[str, Common] = {}


def parse_view(text: str) -> exp.Expr:
    """The query of a `CREATE VIEW`.

    Raises:
        Wrong: It is beyond what is understood here.
    """
    lower = text.lower()
    for start in range(len(text)):
        at = lower.find("as", start)
        if at < 0:
            break
        alone = not (text[at - 1 : at] + text[at + 2 : at + 3]).replace("_", "a").isalnum()
        rest = text[at + 2 :].lstrip()
        if alone and rest.lower().startswith(("select", "with", "values")):
            return parse(rest)
    raise Wrong("a view whose query cannot be found")


def table_name(node: exp.Table) -> str:
    """The name of a table, in small letters.

    Raises:
        Wrong: It is of another database, or no name.
    """
    alias = node.args.get("alias")
    if alias is not None and alias.columns:
        raise Wrong("columns cannot be named where a table is")
    if not isinstance(node.this, exp.Identifier):
        raise Wrong("tables that are functions are not there")
    if node.db.lower() not in {"", "main"} or node.args.get("catalog"):
        raise Wrong(f"no database {shown(node.db)}")
    return node.name.lower()


def require_column(source: Source, name: str) -> str:
    """The name, if the source has such a column.

    Raises:
        Wrong: It has not.
    """
    if name not in source.columns:
        raise Wrong(f"{source.name} has no column {shown(name)}")
    return name


def require_parts(node: exp.Expr, *known: str) -> None:
    """What a part may consist of; whatever else the parser put there has no meaning here.

    Raises:
        Wrong: Something else is there.
    """
    for name, value in node.args.items():
        if value and name not in known:
            raise Wrong(f"{name.rstrip('_').upper()} is not understood here")
