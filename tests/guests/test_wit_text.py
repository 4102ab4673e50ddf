"""WIT as it is read: what cannot be built around is refused, and not passed over."""

from __future__ import annotations

import pytest

from wasm_engine.concepts.errors import Bug
from wasm_engine.toolchain.componentize.wit import Contract
from wasm_engine.toolchain.javascript.wit import Packages


@pytest.mark.parametrize("inner", ["resource r;", "flags f { a }", "type a u8;", "f func();"])
def test_what_a_component_cannot_be_written_around_is_refused(inner):
    with pytest.raises(ValueError, match="in WIT"):
        Contract(f"package a:b@1.0.0; interface i {{ {inner} }}")


def test_packages_of_ours_that_cannot_be_read_are_a_bug_of_ours():
    with pytest.raises(Bug, match="unexpected 'worlds' in WIT"):
        Packages([["package a:b@1.0.0;\nworlds w {}"]])


def test_a_resource_is_handed_over_and_lent_to_its_methods():
    text = "package a:b@1.0.0;\ninterface i { resource r { m: func() -> r; s: static func(); } }"
    functions = Packages([[text]]).interfaces["a:b/i@1.0.0"].functions
    assert list(functions) == ["[method]r.m", "[static]r.s"]
    ((name, lent),) = functions["[method]r.m"].parameters
    assert (name, lent.head, functions["[method]r.m"].result.head) == ("self", "borrow", "own")
