"""docs/faults.md lists every code, with the exit status that it leads to."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from wasm_engine.concepts import errors, faults
from wasm_engine.runtime._wasmtime import outcome

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
GUESTS, OPERATORS = PAGE.split("## What an operator is told")
LISTED = set(re.findall(r"`([a-z][a-z-]*)`", PAGE))


def _classes(base):
    yield base
    for cls in base.__subclasses__():
        yield from _classes(cls)


def test_every_code_that_a_guest_may_be_given_is_listed():
    codes = {v for k, v in vars(faults).items() if k.isupper() and isinstance(v, str)}
    assert codes <= set(re.findall(r"^\| `([a-z-]+)` \|", GUESTS, re.MULTILINE))


def test_every_code_of_a_trap_or_a_limit_is_listed():
    codes = {*outcome._TRAPS.values(), *outcome._LIMITS.values()}
    assert codes <= set(re.findall(r"`([a-z-]+)`", GUESTS))


def _codes(tree):
    """Codes are literals: `code="..."` in a call, or `code = "..."` before it or in a class."""
    for node in ast.walk(tree):
        named = isinstance(node, ast.keyword) and node.arg == "code"
        if isinstance(node, ast.Assign):
            named = isinstance(node.targets[0], ast.Name) and node.targets[0].id == "code"
        if named and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield node.value.value


def test_every_code_in_the_source_is_listed():
    # The file system's own error codes are those of wasi:filesystem.
    files = [
        path
        for path in (ROOT / "src/wasm_engine").rglob("*.py")
        if not {"tree", "filesystem", "folders"} & set(path.parts)
    ]
    found = {code for path in files for code in _codes(ast.parse(path.read_text("utf-8")))}
    # The base of the tree is never raised; an empty code is no code.
    assert found - {"error", ""} <= LISTED


def test_exit_statuses_are_those_of_the_classes():
    rows = re.findall(r"^\| (`[^|]*) \| (\d+) \|", OPERATORS, re.MULTILINE)
    listed = {code: int(n) for codes, n in rows for code in re.findall(r"`([a-z-]+)`", codes)}
    for cls in _classes(errors.EngineError):
        own = cls.__dict__.get("code")
        if own in listed and not issubclass(cls, errors.GuestFailure | errors.Bug):
            assert listed[own] == cls.exit_status, own
