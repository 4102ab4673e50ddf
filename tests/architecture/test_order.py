"""Nothing in L1 to L3 takes an order from a set, from hash() or from id().

The order of a set of strings changes with PYTHONHASHSEED, hash() with it, id() with the heap.
The lint does not see it, so this looks for what is a set on its face: a literal, a comprehension,
a call of set() or frozenset(), an operation on those, or a name bound to one in the same function.
"""

from __future__ import annotations

import ast

import pytest

LAYERS = ("concepts", "journal", "policy", "capabilities", "runtime", "agents", "orchestrator")
ORDERED = {"list", "tuple", "enumerate", "iter", "map", "filter", "zip", "next", "dict"}


def _name(node):
    return node.id if isinstance(node, ast.Name) else None


class _Sets(ast.NodeVisitor):
    """Collects the lines of one scope that read an order out of a set."""

    def __init__(self):
        self.names: set[str] = set()
        self.lines: list[int] = []

    def is_set(self, node):
        match node:
            case ast.Set() | ast.SetComp():
                return True
            case ast.Call(func=ast.Name(id="set" | "frozenset")):
                return True
            case ast.Call(
                func=ast.Attribute(
                    attr="union" | "intersection" | "difference" | "symmetric_difference"
                )
            ):
                return self.is_set(node.func.value)
            case ast.BinOp(op=ast.BitOr() | ast.BitAnd() | ast.Sub() | ast.BitXor()):
                return self.is_set(node.left) or self.is_set(node.right)
            case ast.Name(id=name):
                return name in self.names
        return False

    def visit_Assign(self, node):
        bound = {name for target in node.targets if (name := _name(target))}
        self.names = self.names | bound if self.is_set(node.value) else self.names - bound
        self.generic_visit(node)

    def visit_AnnAssign(self, node):
        kind = ast.unparse(node.annotation)
        if (name := _name(node.target)) and kind.startswith(("set[", "frozenset[")):
            self.names.add(name)
        self.generic_visit(node)

    def visit_For(self, node):
        self._ordered(node.iter)
        self.generic_visit(node)

    def visit_ListComp(self, node):
        for generator in node.generators:
            self._ordered(generator.iter)
        self.generic_visit(node)

    visit_DictComp = visit_ListComp  # noqa: N815 (the name is ast's)

    def visit_Call(self, node):
        if _name(node.func) in ORDERED:
            for argument in node.args:
                self._ordered(argument)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            for argument in node.args:
                self._ordered(argument)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "pop" and not node.args:
            self._ordered(node.func.value)
        self.generic_visit(node)

    def visit_Starred(self, node):
        self._ordered(node.value)
        self.generic_visit(node)

    def visit_FunctionDef(self, node):
        inner = _Sets()
        inner.names = set(self.names)
        for statement in node.body:
            inner.visit(statement)
        self.lines += inner.lines

    def _ordered(self, node):
        if self.is_set(node):
            self.lines.append(node.lineno)


def set_orders(tree):
    """The lines that take an order from a set."""
    visitor = _Sets()
    visitor.visit(tree)
    return sorted(visitor.lines)


def identity_orders(tree):
    """The lines that sort or compare by hash() or id()."""
    lines = []
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.keyword)
            and node.arg == "key"
            and _name(node.value) in {"hash", "id"}
        ):
            lines.append(node.value.lineno)
        if isinstance(node, ast.Call) and _name(node.func) == "hash":
            lines.append(node.lineno)
    return lines


def _in_layers(modules):
    return [m for m in modules if m.path.split("/")[2] in LAYERS]


def test_no_order_comes_from_a_set(modules):
    found = [f"{m.path}:{line}" for m in _in_layers(modules) for line in set_orders(m.tree)]
    assert found == []


def test_no_order_comes_from_hash_or_identity(modules):
    # concepts/hostcall.py: __hash__ of a value type.
    allowed = {"src/wasm_engine/concepts/hostcall.py"}
    found = [
        f"{m.path}:{line}"
        for m in _in_layers(modules)
        if m.path not in allowed
        for line in identity_orders(m.tree)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "for x in {1, 2}: pass",
        "list({a for a in b})",
        "def f(b):\n s = set(b)\n return [x for x in s]",
        "s: set[str] = make()\nfor x in s: pass",
        "','.join(set(a) - set(b))",
        "tuple(frozenset(a).union(b))",
        "s = set(a)\ns.pop()",
        "f(*{1, 2})",
    ],
)
def test_the_finder_finds(text):
    assert set_orders(ast.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "for x in sorted({1, 2}): pass",
        "x in {1, 2}",
        "s = set(a)\ns = sorted(s)\nfor x in s: pass",
        "any(x for x in {1, 2})",
        "{x for x in {1, 2}}",
    ],
)
def test_the_finder_leaves_alone_what_has_no_order(text):
    assert not set_orders(ast.parse(text))
