"""Files and functions stay small, and every module says what it is for."""

from __future__ import annotations

import ast

MAX_FILE = 500
MAX_FUNCTION = 80
TYPICAL_FILE = 200
TYPICAL_FUNCTION = 20


def _functions(tree):
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def _length(node):
    return node.end_lineno - node.lineno + 1


def test_no_file_is_longer_than_the_limit(modules):
    too_long = {m.path: n for m in modules if (n := m.text.count("\n")) > MAX_FILE}
    assert too_long == {}


def test_no_function_is_longer_than_the_limit(modules):
    too_long = {
        f"{m.path}:{f.lineno} {f.name}": _length(f)
        for m in modules
        for f in _functions(m.tree)
        if _length(f) > MAX_FUNCTION
    }
    assert too_long == {}


def test_the_middle_file_and_function_are_short(modules):
    files = sorted(m.text.count("\n") for m in modules)
    functions = sorted(_length(f) for m in modules for f in _functions(m.tree))
    assert files[len(files) // 2] <= TYPICAL_FILE
    assert functions[len(functions) // 2] <= TYPICAL_FUNCTION


def test_every_module_says_what_it_is_for(modules):
    assert [m.path for m in modules if not ast.get_docstring(m.tree)] == []
