"""Names say what a thing is. Those that only say that it is a thing are refused."""

from __future__ import annotations

import ast
import re
from pathlib import PurePath

MODULES = {"util", "utils", "common", "helper", "helpers", "misc", "base", "core", "shared"}
CLASSES = re.compile(r"(Manager|Handler|Processor|Helper|Util|Utils|Impl)$")
UNFINISHED = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")


def test_no_module_is_a_dumping_ground(modules):
    def words(path):
        return {part.strip("_") for part in PurePath(path).with_suffix("").parts}

    assert [m.path for m in modules if words(m.path) & MODULES] == []


def test_no_class_is_called_after_nothing(modules):
    classes = [
        f"{m.path}:{n.lineno} {n.name}"
        for m in modules
        for n in ast.walk(m.tree)
        if isinstance(n, ast.ClassDef) and CLASSES.search(n.name)
    ]
    assert classes == []


def test_nothing_is_marked_unfinished(modules):
    marks = [
        f"{m.path}:{number}"
        for m in modules
        for number, line in enumerate(m.text.splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert marks == []
