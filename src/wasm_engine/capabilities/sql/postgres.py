"""A statement as PostgreSQL is told it: written anew from the tree that was looked at.

PostgreSQL has no authorizer. So nothing of a guest's text gets there, only what is made of its
tree, every part of which was looked at. Each table is told as a query of the columns that were
found to be read of it, the one that is changed by a name that no guest can write, and each column
with where it was found to come from. So no name can mean there what it did not mean here. The other
wall is what the database lets its user do.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import TokenType

from wasm_engine.capabilities.sql.functions import ALLOWED
from wasm_engine.capabilities.sql.parsing import SYNTAX, function_parts, parse
from wasm_engine.capabilities.sql.schema import Schema
from wasm_engine.capabilities.sql.statement import Footprint, Reading
from wasm_engine.concepts.mistakes import Wrong, shown

FUNCTIONS: Final = ALLOWED & {
    "abs", "avg", "coalesce", "count", "cume_dist", "current_date", "current_time",
    "current_timestamp", "dense_rank", "first_value", "group_concat", "ifnull", "iif", "lag",
    "last_value", "lead", "length", "lower", "ltrim", "max", "min", "nth_value", "ntile", "nullif",
    "percent_rank", "rank", "replace", "round", "row_number", "rtrim", "sign", "substr",
    "substring", "sum", "trim", "upper",
}  # fmt: skip
"""What SQL may call there: what both have, by whatever name."""
SCHEMA: Final = "public"
"""Where tables are looked for."""
_TARGET: Final = "wasm_engine_target"
"""What the table is called that a statement changes."""
_ROWID = frozenset({"rowid", "_rowid_", "oid"})
_NOT_THERE = (exp.Glob, exp.HexString)
_TYPES = {
    exp.DType.INT: exp.DType.BIGINT,
    exp.DType.BIGINT: exp.DType.BIGINT,
    exp.DType.SMALLINT: exp.DType.BIGINT,
    exp.DType.FLOAT: exp.DType.DOUBLE,
    exp.DType.DOUBLE: exp.DType.DOUBLE,
    exp.DType.DECIMAL: exp.DType.DECIMAL,
    exp.DType.TEXT: exp.DType.TEXT,
    exp.DType.VARCHAR: exp.DType.TEXT,
    exp.DType.BOOLEAN: exp.DType.BOOLEAN,
    exp.DType.DATE: exp.DType.DATE,
    exp.DType.TIMESTAMP: exp.DType.TIMESTAMP,
}
"""What a value may be cast to, and what that is there."""


class Translated(NamedTuple):
    """A statement for PostgreSQL.

    Attributes:
        text: As it is told, with `$1` for the first parameter.
        parameters: How many it takes; None where the database says that itself.
        answers: Whether it answers rows.
        footprint: What it touches.
    """

    text: str
    parameters: int | None
    answers: bool
    footprint: Footprint


def translated(schema: Schema, text: str) -> Translated:
    """A statement as PostgreSQL is told it.

    Args:
        schema: What is declared of the database.
        text: The statement, as for SQLite.

    Raises:
        Wrong: It is none that may be executed there; the text says why.
    """
    if any(it.this for it in parse(text).find_all(exp.Placeholder)):
        raise Wrong("parameters are `?`")
    numbered, count = _numbered(text)
    tree = parse(numbered)
    reading = Reading(schema)
    found = reading.of(tree)
    _require_seen(tree, reading)
    _require_there(tree)
    answers = found.verb == "select" or tree.args.get("returning") is not None
    _Writing(tree, reading, schema, found).write()
    try:
        told = tree.sql(dialect="postgres", identify=True, comments=False)
    except (SqlglotError, ValueError, RecursionError):
        raise Wrong("it cannot be said to PostgreSQL") from None
    return Translated(told, count, answers, found)


def _numbered(text: str) -> tuple[str, int]:
    """The statement with a number for each `?`: a tree does not say in which order they stood."""
    parts, at, count = [], 0, 0
    for token in sqlglot.tokenize(text, read="sqlite"):
        if token.token_type is TokenType.PLACEHOLDER:
            count += 1
            if text[token.start : token.end + 1] != "?":
                raise Wrong("parameters are `?`")
            parts += [text[at : token.start], f":p{count}"]
            at = token.end + 1
    return "".join([*parts, text[at:]]), count


def _require_seen(tree: exp.Expr, reading: Reading) -> None:
    """Whatever names something was looked at: PostgreSQL executes also what nothing refers to.

    Raises:
        Wrong: Something was not, or means something else there.
    """
    seen = reading.seen
    for node in tree.walk():
        if isinstance(node, exp.Star):
            if id(node) not in seen and not isinstance(node.parent, exp.Count):
                raise Wrong("a `*` where there can be none")
        elif isinstance(node, exp.Table | exp.Column) and id(node) not in seen:
            raise Wrong(f"{shown(node.name)} is in a part that nothing refers to")
        elif isinstance(node, exp.Insert | exp.Update | exp.Delete) and node is not tree:
            raise Wrong("a change within a statement")
        elif isinstance(node, exp.Identifier) and node.name.lower() == _TARGET:
            raise Wrong(f"{shown(node.name)} is a name of ours")
        if id(node) in reading.named and not _knows_result(node):
            raise Wrong(f"{shown(node.name)}: say what it is, PostgreSQL knows no name for it here")
        source = reading.sources.get(id(node))
        if source is not None and not source.name:
            raise Wrong("a query that is joined needs a name")


def _knows_result(node: exp.Expr) -> bool:
    """Whether a name may be that of a result's column there: alone, in GROUP BY and ORDER BY."""
    above = node.parent
    if isinstance(above, exp.Ordered):
        return above.parent is not None and not isinstance(above.parent.parent, exp.Window)
    return isinstance(above, exp.Group)


def _require_there(tree: exp.Expr) -> None:
    """Lets pass what PostgreSQL has, too.

    Raises:
        Wrong: Something of it it has not.
    """
    parts = function_parts(FUNCTIONS)
    for node in tree.walk():
        name = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if node.name.lower() not in FUNCTIONS:
                raise Wrong(f"the function {shown(node.name)} is not there in PostgreSQL")
        elif isinstance(node, _NOT_THERE) or (name not in SYNTAX and name not in parts):
            what = node.sql_names()[0] if isinstance(node, exp.Func) else name
            raise Wrong(f"{shown(what)} is not there in PostgreSQL")
        if isinstance(node, exp.Insert) and node.args.get("alternative"):
            raise Wrong("INSERT OR ... is not there in PostgreSQL: write ON CONFLICT")
        if isinstance(node, exp.DataType) and node.this not in _TYPES:
            raise Wrong("a type that values are not cast to in PostgreSQL")


class _Writing:
    """Makes of a tree what is said to PostgreSQL.

    Args:
        tree: The tree.
        reading: What was found in it.
        schema: What is declared of the database.
        found: What it touches.
    """

    def __init__(self, tree: exp.Expr, reading: Reading, schema: Schema, found: Footprint) -> None:
        self._tree = tree
        self._reading = reading
        self._schema = schema
        self._read: dict[str, set[str]] = {}
        for table, column in found.reads:
            self._read.setdefault(table, set()).add(column)
        into: Any = tree.this if isinstance(tree, exp.Insert | exp.Update | exp.Delete) else None
        self._target: Any = into.this if isinstance(into, exp.Schema) else into

    def write(self) -> None:
        """Changes the tree."""
        nodes = list(self._tree.walk())
        for node in nodes:
            if isinstance(node, exp.Column):
                self._column(node)
        if self._target is not None:
            self._returning()
        for node in nodes:
            if isinstance(node, exp.Identifier):
                node.set("this", node.name.lower())
                node.set("quoted", True)
            elif isinstance(node, exp.Placeholder):
                number = exp.Literal.number(int(str(node.this).removeprefix("p")))
                node.replace(exp.Parameter(this=number))
            elif isinstance(node, exp.DataType):
                node.replace(exp.DataType(this=_TYPES[node.this]))
            elif isinstance(node, exp.OnConflict):
                keys = node.args.get("conflict_keys") or []
                bare = [key.this if isinstance(key, exp.Ordered) else key for key in keys]
                node.set("conflict_keys", bare)
            elif isinstance(node, exp.Table) and node.name.lower() in self._schema.tables:
                self._table(node)

    def _column(self, node: exp.Column) -> None:
        """Says where it comes from."""
        source = self._reading.sources.get(id(node))
        if source is not None:
            mine = source is self._reading.target
            node.set("table", exp.to_identifier(_TARGET if mine else source.name, quoted=True))
            node.set("db", None)
        elif not isinstance(node.this, exp.Star) and self._is_rowid(node):
            raise Wrong(f"{shown(node.name)} is not there in PostgreSQL")

    def _is_rowid(self, node: exp.Column) -> bool:
        """Whether it is what SQLite alone has, and no column of that name."""
        target = self._reading.target
        known = id(node) in self._reading.named or (
            target is not None and node.name.lower() in target.columns
        )
        return not known and node.name.lower() in _ROWID

    def _returning(self) -> None:
        """A `*` is what is declared."""
        returning = self._tree.args.get("returning")
        target = self._reading.target
        if returning is None or target is None:
            return
        made: list[exp.Expr] = []
        for each in returning.expressions:
            if isinstance(each, exp.Star) or isinstance(each.this, exp.Star):
                made += [exp.column(it, table=_TARGET, quoted=True) for it in target.columns]
            else:
                made.append(each)
        returning.set("expressions", made)

    def _table(self, node: exp.Table) -> None:
        schema = exp.to_identifier(SCHEMA, quoted=True)
        name = node.name.lower()
        if node is self._target:
            node.set("db", schema)
            node.set("alias", exp.TableAlias(this=exp.to_identifier(_TARGET, quoted=True)))
            return
        table = exp.Table(this=exp.to_identifier(name, quoted=True), db=schema)
        read = self._read.get(name, ())
        # What is read of a view was found in its own query.
        everything = self._schema.base(name) is None
        named = [it for it in self._schema.tables[name].columns if everything or it in read]
        columns: list[exp.Expr] = [exp.column(it, quoted=True) for it in named]
        query = exp.Select(expressions=columns or [exp.Null()], from_=exp.From(this=table))
        alias = exp.TableAlias(this=exp.to_identifier(node.alias.lower() or name, quoted=True))
        made = exp.Subquery(this=query, alias=alias)
        if node.args.get("joins"):
            made.set("joins", node.args["joins"])
        node.replace(made)
