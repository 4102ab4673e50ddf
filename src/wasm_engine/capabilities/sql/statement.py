"""What a statement touches, found in its tree: tables, columns, verbs; before SQLite sees it.

Names are resolved as SQLite does it. What there is more than one way to read is refused, rather
than guessed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from msgspec import Struct
from sqlglot import exp

from wasm_engine.capabilities.sql.parsing import parse
from wasm_engine.capabilities.sql.schema import Schema
from wasm_engine.capabilities.sql.sources import (
    Common,
    Frame,
    Source,
    parse_view,
    require_column,
    require_parts,
    table_name,
)
from wasm_engine.concepts.mistakes import Wrong, shown
from wasm_engine.concepts.sql_rights import SqlRights

_ROWID = frozenset({"rowid", "_rowid_", "oid"})
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)


class Footprint(Struct, frozen=True):
    """What a statement touches; everything sorted.

    Attributes:
        verb: `select`, `insert`, `update` or `delete`.
        reads: Tables and columns; an empty column where rows are only counted.
        inserts, deletes: Tables.
        updates: Tables and columns.
    """

    verb: str
    reads: tuple[tuple[str, str], ...] = ()
    inserts: tuple[str, ...] = ()
    updates: tuple[tuple[str, str], ...] = ()
    deletes: tuple[str, ...] = ()

    def refusal(self, rights: SqlRights) -> str | None:
        """What of it is not allowed, for the guest; None where all is."""
        for table in self.inserts:
            if not rights.may_insert(table):
                return f"inserting into {table}"
        for table in self.deletes:
            if not rights.may_delete(table):
                return f"deleting from {table}"
        for table, column in self.updates:
            if not rights.may_update(table, column):
                return f"updating {table}.{column}"
        for table, column in self.reads:
            if not rights.may_read(table, column):
                return f"reading {table}{column and '.'}{column}"
        return None

    @property
    def tables(self) -> list[str]:
        """Every table that it touches."""
        named = [table for table, _ in (*self.reads, *self.updates)]
        return sorted({*named, *self.inserts, *self.deletes})

    @property
    def columns(self) -> list[str]:
        """Every column that it reads or changes, as `table.column`."""
        return sorted({f"{t}.{c}" for t, c in (*self.reads, *self.updates) if c})


def footprint(schema: Schema, text: str) -> Footprint:
    """What a statement touches.

    Raises:
        Wrong: It is no statement that may be executed; the text says why.
    """
    return Reading(schema).of(parse(text))


def check_views(schema: Schema) -> None:
    """Looks whether the queries of all views are understood.

    Raises:
        Wrong: One is not; the text says which, and why.
    """
    for name, table in schema.tables.items():
        if table.view is not None:
            try:
                footprint(schema, f'SELECT 1 FROM "{name}"')  # noqa: S608 - it is only parsed
            except Wrong as wrong:
                raise Wrong(f"view {name}: {wrong}") from None


class Reading:
    """Collects what one statement touches.

    Attributes:
        seen: `id` of each table, column and `*` in its tree that was looked at.
        sources: Where each column of its tree comes from, by its `id`.
        named: `id` of each that is one of a result's, by the name it has there.
        target: The table that it changes.
    """

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self.seen: set[int] = set()
        self.sources: dict[int, Source] = {}
        self.named: set[int] = set()
        self.target: Source | None = None
        self._reads: set[tuple[str, str]] = set()
        self._updates: set[tuple[str, str]] = set()
        self._inserts: set[str] = set()
        self._deletes: set[str] = set()
        self._views: set[str] = set()

    def of(self, tree: exp.Expr) -> Footprint:
        """What it touches."""
        verb = "select"
        match tree:
            case exp.Insert():
                verb = "insert"
                self._insert(tree)
            case exp.Update():
                verb = "update"
                self._update(tree)
            case exp.Delete():
                verb = "delete"
                self._delete(tree)
            case exp.Select() | exp.SetOperation() | exp.Values():
                self._query(tree, {}, [])
            case _:
                raise Wrong("it must be SELECT, INSERT, UPDATE or DELETE")
        return Footprint(
            verb,
            tuple(sorted(self._reads)),
            tuple(sorted(self._inserts)),
            tuple(sorted(self._updates)),
            tuple(sorted(self._deletes)),
        )

    # Queries

    def _query(
        self,
        node: exp.Expr,
        common: dict[str, Common],
        outer: list[list[Source]],
        first: Callable[[tuple[str, ...]], None] = lambda _columns: None,
    ) -> tuple[str, ...]:
        """Reads a query; answers the names of its columns.

        Args:
            node: The query.
            common: The queries of every WITH around it.
            outer: The scopes around it.
            first: Told the columns of its first part as soon as they are known.
        """
        common = self._with(node, common)
        if isinstance(node, exp.Subquery):
            require_parts(node, "this", "alias", "with_")
            return self._query(node.this, common, outer, first)
        if isinstance(node, exp.SetOperation):
            return self._compound(node, common, outer, first)
        if isinstance(node, exp.Values):
            self._expressions(node.expressions, Frame(outer, (), common))
            width = len(node.expressions[0].expressions) if node.expressions else 0
            columns = tuple(f"column{number}" for number in range(1, width + 1))
        elif isinstance(node, exp.Select):
            columns = self._select(node, common, outer)
        else:
            raise Wrong("a query in it is none that is understood here")
        first(columns)
        return columns

    def _compound(
        self,
        node: exp.Expr,
        common: dict[str, Common],
        outer: list[list[Source]],
        first: Callable[[tuple[str, ...]], None],
    ) -> tuple[str, ...]:
        """UNION and the like: as long as you please, so by no call within another."""
        left, parts = node, []
        while isinstance(left, exp.SetOperation):
            require_parts(
                left, "this", "expression", "distinct", "order", "limit", "offset", "with_"
            )
            if left is not node and any(left.args.get(k) for k in ("with_", "order", "limit")):
                raise Wrong("WITH, ORDER BY and LIMIT go with the whole of a compound query")
            parts.append(left.expression)
            left = left.this
        columns = self._query(left, common, outer, first)
        for part in reversed(parts):
            self._query(part, common, outer)
        for key in ("order", "limit", "offset"):
            self._expressions([node.args.get(key)], Frame([], columns, common))
        return columns

    def _with(self, node: exp.Expr, common: dict[str, Common]) -> dict[str, Common]:
        found = node.args.get("with_")
        if found is None:
            return common
        around = dict(common)
        for each in found.expressions:
            name = each.alias.lower()
            if name in around or name in self._schema.tables:
                raise Wrong(f"WITH {shown(name)}: there is something of that name already")
            named = tuple(column.name.lower() for column in each.args["alias"].columns)
            around[name] = Common(each.this, around, named or None)
        return around

    def _select(
        self, node: exp.Select, common: dict[str, Common], outer: list[list[Source]]
    ) -> tuple[str, ...]:
        require_parts(
            node, "expressions", "from_", "joins", "where", "group", "having", "order", "limit",
            "offset", "distinct", "windows", "with_",
        )  # fmt: skip
        sources = self._sources(node, common, outer)
        frame = Frame([sources, *outer], (), common)
        columns: list[str] = []
        for each in node.expressions:
            columns += self._projection(each, frame)
        named = Frame(frame.scopes, tuple(filter(None, columns)), common)
        for join in node.args.get("joins") or ():
            self._expressions([join.args.get("on")], named)
        for key in ("where", "group", "having", "limit", "offset"):
            self._expressions([node.args.get(key)], named)
        self._expressions(node.args.get("windows") or (), named)
        self._order(node.args.get("order"), named)
        return tuple(columns)

    def _sources(
        self, node: exp.Expr, common: dict[str, Common], outer: list[list[Source]]
    ) -> list[Source]:
        begin = node.args.get("from_")
        wanted = [] if begin is None else [begin.this]
        for join in node.args.get("joins") or ():
            if join.args.get("using") or join.args.get("method"):
                raise Wrong("join with ON, not by NATURAL or USING")
            wanted.append(join.this)
        sources = []
        for each in wanted:
            if isinstance(each, exp.Table):
                sources.append(self._source(each, common))
            elif isinstance(each, exp.Subquery) and isinstance(each.this, _QUERIES):
                if each.args.get("alias") is not None and each.args["alias"].columns:
                    raise Wrong("columns cannot be named where a query is joined")
                columns = self._query(each, common, outer)
                sources.append(Source(each.alias.lower(), columns))
            else:
                raise Wrong("what is joined must be tables and queries")
        return sources

    def _source(self, node: exp.Table, common: dict[str, Common]) -> Source:
        require_parts(node, "this", "alias", "db")
        name, alias = table_name(node), node.alias.lower()
        self.seen.add(id(node))
        known = None if node.db else common.get(name)
        if known is None:
            source = self._table(name, alias or name)
            if source.base is not None:
                self._reads.add((name, ""))
            return source
        if not known.begun:
            known.begun = True

            def told(columns: tuple[str, ...]) -> None:
                known.columns = known.columns or columns

            self._query(known.node, known.around, [], told)
        if known.columns is None:
            raise Wrong(f"WITH {shown(name)} names itself too early")
        return Source(alias or name, known.columns)

    def _table(self, name: str, alias: str) -> Source:
        """A table, or a view, whose own query is then read."""
        table = self._schema.tables.get(name)
        if table is None:
            raise Wrong(f"no table {shown(name)}")
        if table.view is None:
            return Source(alias, table.columns, name, table)
        if name not in self._views:
            self._views.add(name)
            made = parse_view(table.view)
            self._query(made, {}, [])
        return Source(alias, table.columns, name)

    # Expressions

    def _projection(self, node: exp.Expr, frame: Frame) -> list[str]:
        """Reads one part of a result; answers the names of its columns."""
        sources = frame.scopes[0] if frame.scopes else []
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Star):
            table = node.table.lower()
            sources = [source for source in sources if source.name == table]
            if len(sources) != 1:
                raise Wrong(f"{shown(table)}.*: no such table here")
        elif not isinstance(node, exp.Star):
            self._expressions([node], frame)
            return [node.alias_or_name.lower() if isinstance(node, exp.Alias | exp.Column) else ""]
        require_parts(node, "this", "table", "db")
        self.seen.update({id(node), id(node.this)})
        columns: list[str] = []
        for source in sources:
            columns += source.columns
            if source.base is not None:
                self._reads.update((str(source.table), column) for column in source.columns)
        return columns

    def _order(self, order: exp.Expr | None, frame: Frame) -> None:
        """ORDER BY: a name by itself is that of a result's column, if there is such a one."""
        if order is None:
            return
        for each in order.expressions:
            term = each.this
            plain = isinstance(term, exp.Column) and not term.table
            if plain and term.name.lower() in frame.aliases:
                self.seen.add(id(term))
            else:
                self._expressions([term], frame)

    def _expressions(self, nodes: Iterable[Any], frame: Frame) -> None:
        """Reads expressions and the queries within them; they may be deep, so by no recursion."""
        waiting = [node for node in nodes if node is not None]
        while waiting:
            node = waiting.pop()
            if isinstance(node, exp.Column):
                self._column(node, frame)
            elif isinstance(node, _QUERIES):
                self._query(node, frame.common, frame.scopes)
            elif isinstance(node, exp.In) and node.args.get("field"):
                raise Wrong("after IN goes a list or a query in parentheses")
            else:
                waiting.extend(node.iter_expressions())

    def _column(self, node: exp.Column, frame: Frame) -> None:
        if isinstance(node.this, exp.Star) or node.args.get("catalog"):
            raise Wrong("a `*` where there can be none")
        self.seen.add(id(node))
        name, table, database = node.name.lower(), node.table.lower(), node.text("db").lower()
        if database not in {"", "main"}:
            raise Wrong(f"no database {shown(database)}")
        for number, scope in enumerate(frame.scopes or [[]]):
            plain = [source for source in scope if not source.by_name_only]
            sources = [s for s in scope if s.name == table] if table else plain
            having = [source for source in sources if name in source.columns]
            if len(having) > 1:
                raise Wrong(f"{shown(name)} is in several tables: say of which")
            if having:
                self.sources[id(node)] = having[0]
                if having[0].base is not None:
                    self._reads.add((str(having[0].table), name))
                return
            if name in _ROWID and len(sources) == 1 and sources[0].base is not None:
                self._rowid(sources[0])
                return
            if number == 0 and not table and name in frame.aliases:
                self.named.add(id(node))
                return
        raise Wrong(f"no column {shown(name)} here")

    def _rowid(self, source: Source) -> None:
        base = source.base
        if base is None or not base.has_rowid:
            raise Wrong(f"{source.name} has no rowid")
        self._reads.add((str(source.table), base.key or "rowid"))

    # Changes

    def _insert(self, node: exp.Insert) -> None:
        require_parts(
            node, "this", "expression", "conflict", "returning", "alternative", "default", "with_"
        )
        common = self._with(node, {})
        into = node.this
        named = []
        if isinstance(into, exp.Schema):
            named = [column.name.lower() for column in into.expressions]
            into = into.this
        target = self._target(into)
        for column in named:
            require_column(target, column)
        self._inserts.add(str(target.table))
        alternative = str(node.args.get("alternative") or "").upper()
        if alternative == "REPLACE":
            self._deletes.add(str(target.table))
        if node.expression is not None:
            self._query(node.expression, common, [])
        conflict = node.args.get("conflict")
        if conflict is not None:
            self._conflict(conflict, target, common)
        self._returning(node, target, common)

    def _conflict(self, node: exp.Expr, target: Source, common: dict[str, Common]) -> None:
        require_parts(node, "expressions", "action", "conflict_keys", "where", "index_where")
        frame = Frame([[target]], (), common)
        for key in node.args.get("conflict_keys") or ():
            self.seen.update({id(key), id(key.this)})
            column = require_column(target, key.name.lower())
            self._reads.add((str(target.table), column))
        both = Frame([[target, Source("excluded", target.columns, by_name_only=True)]], (), common)
        self._expressions([node.args.get("index_where")], frame)
        self._assign(node.expressions, target, both)
        self._expressions([node.args.get("where")], both)

    def _update(self, node: exp.Update) -> None:
        require_parts(node, "this", "expressions", "from_", "where", "returning", "with_")
        common = self._with(node, {})
        target = self._target(node.this)
        others = []
        if node.args.get("from_") is not None:
            self._reads.add((str(target.table), ""))
            others = self._beside(node.args["from_"], common)
        frame = Frame([[target, *others]], (), common)
        for join in node.args["from_"].this.args.get("joins") or () if others else ():
            self._expressions([join.args.get("on")], frame)
        self._assign(node.expressions, target, frame)
        self._expressions([node.args.get("where")], frame)
        self._returning(node, target, common)

    def _beside(self, node: exp.Expr, common: dict[str, Common]) -> list[Source]:
        """What an UPDATE joins; the parser hangs all of it at the first table."""
        first = node.this
        joins = first.args.get("joins")
        first.set("joins", None)
        sources = self._sources(exp.Select(from_=exp.From(this=first)), common, [])
        sources += self._sources(exp.Select(joins=joins), common, [])
        first.set("joins", joins)
        node.set("this", first)  # which takes it back from the FROM above
        return sources

    def _assign(self, nodes: list[exp.Expr], target: Source, frame: Frame) -> None:
        """`SET a = b, (c, d) = (SELECT ...)`."""
        for node in nodes:
            if not isinstance(node, exp.EQ):
                raise Wrong("after SET go columns and what they become")
            left = node.this
            columns = left.expressions if isinstance(left, exp.Tuple) else [left]
            for column in columns:
                name = column.name.lower()
                self.seen.add(id(column))
                if name in _ROWID and name not in target.columns:
                    name = (target.base and target.base.key) or name
                self._updates.add((str(target.table), require_column(target, name)))
            self._expressions([node.expression], frame)

    def _delete(self, node: exp.Delete) -> None:
        require_parts(node, "this", "where", "returning", "with_")
        common = self._with(node, {})
        target = self._target(node.this)
        self._deletes.add(str(target.table))
        self._expressions([node.args.get("where")], Frame([[target]], (), common))
        self._returning(node, target, common)

    def _target(self, node: exp.Expr) -> Source:
        if not isinstance(node, exp.Table):
            raise Wrong("what is changed must be a table")
        name = table_name(node)
        self.seen.add(id(node))
        source = self._table(name, node.alias.lower() or name)
        if source.base is None:
            raise Wrong(f"{shown(name)} is a view, and only tables can be changed")
        self.target = source
        return source

    def _returning(self, node: exp.Expr, target: Source, common: dict[str, Common]) -> None:
        returning = node.args.get("returning")
        if returning is not None:
            for each in returning.expressions:
                self._projection(each, Frame([[target]], (), common))
