"""One statement of SQL as a tree, by sqlglot: bounded before it is parsed, and of known parts."""

from __future__ import annotations

import logging
from functools import lru_cache
from typing import Any, Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokenizer_core import Token, TokenType

from wasm_engine.capabilities.sql.functions import ALLOWED
from wasm_engine.capabilities.sql.wall import FIRST_WORDS
from wasm_engine.concepts.mistakes import Wrong, shown

MAX_TEXT: Final = 16 << 10
"""Bytes of a statement."""
MAX_TOKENS: Final = 4_000
MAX_DEPTH: Final = 12
"""Parentheses and CASEs within each other: for each the parser takes two dozen frames of stack."""
MAX_PREFIXES: Final = 16
"""NOT and `~` in a statement, and signs in a row: each is a call of the parser within another."""
_TOO_DEEP = f"it is nested too deep: at most {MAX_DEPTH} parentheses, {MAX_PREFIXES} times NOT"

# What it cannot parse it would print, and the text is a guest's.
logging.getLogger("sqlglot").addHandler(logging.NullHandler())
logging.getLogger("sqlglot").propagate = False

_OPENING = {TokenType.L_PAREN, TokenType.CASE, TokenType.L_BRACKET, TokenType.L_BRACE, TokenType.LT}
_CLOSING = {TokenType.R_PAREN, TokenType.END, TokenType.R_BRACKET, TokenType.R_BRACE}
_SIGNS = {TokenType.DASH, TokenType.PLUS}
_PREFIXES = {TokenType.NOT, TokenType.TILDE}

SYNTAX = frozenset(
    [
        "Select",
        "Union",
        "Except",
        "Intersect",
        "Subquery",
        "Values",
        "Tuple",
        "Paren",
        "With",
        "CTE",
        "TableAlias",
        "From",
        "Join",
        "Table",
        "Identifier",
        "Column",
        "Star",
        "Alias",
        "Where",
        "Group",
        "Having",
        "Order",
        "Ordered",
        "Limit",
        "Offset",
        "Distinct",
        "Window",
        "WindowSpec",
        "Filter",
        "Insert",
        "Update",
        "Delete",
        "Schema",
        "OnConflict",
        "Returning",
        "Var",
        "Literal",
        "Null",
        "Boolean",
        "HexString",
        "Placeholder",
        "Neg",
        "BitwiseNot",
        "Not",
        "And",
        "Or",
        "Add",
        "Sub",
        "Mul",
        "Div",
        "Mod",
        "DPipe",
        "EQ",
        "NEQ",
        "GT",
        "GTE",
        "LT",
        "LTE",
        "Is",
        "NullSafeEQ",
        "NullSafeNEQ",
        "In",
        "Between",
        "Exists",
        "Like",
        "Glob",
        "Escape",
        "Collate",
        "Case",
        "If",
        "Cast",
        "DataType",
        "DataTypeParam",
        "BitwiseAnd",
        "BitwiseOr",
        "BitwiseLeftShift",
        "BitwiseRightShift",
    ]
)
"""Parts of statements, beside functions, that are understood here; any other is refused."""


def parse(text: str) -> exp.Expr:
    """The tree of one statement.

    Raises:
        Wrong: It is none, or beyond the bounds; the text says why, in words of ours.
    """
    if len(text.encode()) > MAX_TEXT:
        raise Wrong(f"a statement has at most {MAX_TEXT} bytes")
    if "\0" in text:
        raise Wrong("it holds a zero byte")
    word = text.split(None, 1)[0].lower() if text.strip() else ""
    if not word.startswith(FIRST_WORDS):
        raise Wrong("it must begin with SELECT, WITH, VALUES, INSERT, UPDATE or DELETE")
    if word.startswith("replace"):
        raise Wrong("write INSERT OR REPLACE instead of REPLACE")
    try:
        _require_shallow(sqlglot.tokenize(text, read="sqlite"))
        trees = sqlglot.parse(text, read="sqlite")
    except ParseError as error:
        found = error.errors[0] if error.errors else {}
        raise Wrong(f"it cannot be parsed{_place(found)}") from None
    except (TokenError, SqlglotError, ValueError, TypeError, AttributeError, LookupError):
        raise Wrong("it cannot be parsed") from None
    except RecursionError:
        raise Wrong(_TOO_DEEP) from None
    if len(trees) != 1 or trees[0] is None:
        raise Wrong("one statement at a time")
    _require_known(trees[0])
    return trees[0]


def _place(found: dict[str, Any]) -> str:
    line, column = found.get("line"), found.get("col")
    return "" if line is None or column is None else f" near line {line}, column {column}"


def _require_shallow(tokens: list[Token]) -> None:
    if len(tokens) > MAX_TOKENS:
        raise Wrong(f"a statement has at most {MAX_TOKENS} words and signs")
    depth = row = prefixes = 0
    for token in tokens:
        kind = token.token_type
        row = row + 1 if kind in _SIGNS else 0
        prefixes += kind in _PREFIXES
        if kind in _OPENING:
            depth += kind is not TokenType.LT
        elif kind in _CLOSING:
            depth = max(depth - 1, 0)
        if depth > MAX_DEPTH or prefixes > MAX_PREFIXES or row > MAX_PREFIXES // 4:
            raise Wrong(_TOO_DEEP)


def _require_known(tree: exp.Expr) -> None:
    functions = function_parts(ALLOWED)
    for node in tree.walk():
        name = type(node).__name__
        if isinstance(node, exp.Anonymous):
            if node.name.lower() not in ALLOWED:
                raise Wrong(f"the function {shown(node.name)} is not there")
        elif name not in SYNTAX and name not in functions:
            what = node.sql_names()[0] if isinstance(node, exp.Func) else name
            raise Wrong(f"{shown(what)} is not there")


@lru_cache(maxsize=2)
def function_parts(names: frozenset[str]) -> frozenset[str]:
    """Names of the parts that calls of functions consist of, in the tree of a statement."""
    calls = []
    for name in sorted(names):
        if name.startswith("current_"):
            calls.append(name)
        elif name.startswith("-"):
            calls.append(f"a {name} '$.b[1]'")
        else:
            calls += [f"{name}({', '.join('abcd'[:count])})" for count in range(4)]
    parts: set[str] = set()
    for call in calls:
        try:
            tree = sqlglot.parse_one(f"SELECT {call}", read="sqlite")
        except SqlglotError:
            continue  # a number of arguments that it does not have
        parts.update(type(node).__name__ for node in tree.walk())
    return frozenset(parts)
