"""The standard interfaces as types say what the WIT texts say, and every function is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.agents.signatures import digest_of
from wasm_engine.agents import contract, standards
from wasm_engine.concepts.errors import BadComponent
from wasm_engine.world import host_functions, load_components

ROOT = Path(__file__).parents[2]
FOLDERS = ("wasi-keyvalue@*", "wasi-blobstore@*", "wasi-config@*", "wasi-logging@*", "wasi-nn@*")
_FUNC = re.compile(r"([\w-]+): (static )?func\(([^)]*)\)(?: -> ([^;]+))?;?")


def texts():
    for folder in FOLDERS:
        for path in sorted((ROOT / "wit").glob(f"{folder}/*.wit")):
            yield (
                folder.partition("@")[0].replace("-", ":", 1),
                re.sub(r"//[^\n]*", "", path.read_text()),
            )


def named(text):
    """Types of a text that have a name, as they are written without."""
    found = dict(re.findall(r"type ([\w-]+) = ([^;]+);", text))
    for form, name, body in re.findall(r"(variant|record|enum) ([\w-]+) \{([^}]*)\}", text):
        parts = [part.strip() for part in body.split(",") if part.strip()]
        found[name] = f"{form} {{ {', '.join(parts)} }}"
    return found


def written(ty, names):
    """A type with all names in it resolved."""
    while True:
        resolved = re.sub(
            r"(?<![\w-])([a-z][\w-]*)(?![\w-]*:)(?![\w-])",
            lambda m: names.get(m[1], m[1]),
            ty,
        )
        if resolved == ty:
            return re.sub(r"\s+", " ", ty).strip()
        ty = resolved


def declared():
    """Interface and function, and its type, of everything in the WIT texts."""
    everything = list(texts())
    found = {}
    for package in dict(everything):
        names = {}
        for of, text in everything:
            if of == package:
                names |= named(text)
        names = {n: t for n, t in names.items() if n not in ("size", "name")}
        for of, text in everything:
            if of != package:
                continue
            for interface, body in re.findall(r"interface ([\w-]+) \{(.*?)\n\}", text, re.DOTALL):
                for function, ty in _functions(body, names):
                    found[f"{package}/{interface}", function] = ty
    return found


def _functions(body, names):
    rest = re.sub(r"(variant|record|enum) [\w-]+ \{[^}]*\}", "", body)
    for resource, inner in re.findall(r"resource ([\w-]+) \{(.*?)\n\s*\}", rest, re.DOTALL):
        for params in re.findall(r"constructor\(([^)]*)\);", inner):
            yield f"[constructor]{resource}", _type([], params, resource, names)
        for name, static, params, result in _FUNC.findall(inner):
            own = [] if static else [f"self: borrow<{resource}>"]
            yield (
                f"[{'static' if static else 'method'}]{resource}.{name}",
                _type(own, params, result, names),
            )
    rest = re.sub(r"resource [\w-]+ \{.*?\n\s*\}", "", rest, flags=re.DOTALL)
    for name, _, params, result in _FUNC.findall(rest):
        yield name, _type([], params, result, names)


def _type(own, params, result, names):
    given = []
    for part in re.split(r",\s*(?=[\w-]+:)", params.strip()):
        name, _, ty = part.strip().partition(": ")
        if name:
            given.append(f"{name}: {written(ty, names)}")
    text = f"func({', '.join(own + given)})"
    return text + (f" -> {written(result, names)}" if result else "")


def test_the_types_are_those_of_the_wit_texts():
    here = {(i, f): ty for i, functions in standards.TYPES.items() for f, ty in functions.items()}
    assert declared() == here


def test_wasi_nn_declares_what_the_proposal_declares():
    """The digest is that of its text in Wasmtime (`crates/wasi-nn/wit`), which is not kept here."""
    (path,) = (ROOT / "wit").glob("wasi-nn@*/*.wit")
    digest = "106004c773ff1c3f005a59f3d1d33a326bb9076d24a629131a8d251f68e4bee6"
    assert digest_of(path.read_text(encoding="utf-8")) == digest


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("code: func() -> u8;", "code: func() -> u16;"),
        ("enum e { a, b }", "enum e { b, a }"),
        ("package a:b@0.1.0;", "package a:b@0.1.1;"),
        ("type a-b = list<u8>;", "type a = list<u8>;"),
    ],
)
def test_a_text_that_declares_something_else_has_another_digest(written, other):
    assert digest_of(f"/// Why.\n  {written} // and so on\n") == digest_of(written)
    assert digest_of(written) != digest_of(other)


def test_each_function_of_the_standard_interfaces_is_there():
    known = host_functions()
    missing = [
        f"{interface}#{name}"
        for interface, functions in standards.TYPES.items()
        for name in functions
        if f"{interface}#{name}" not in known
    ]
    assert missing == []


def _agent(imported):
    """A command that imports one function."""
    from wasmtime import wat2wasm

    (component,) = load_components(
        [
            (
                "drafty",
                bytes(
                    wat2wasm(f"""(component {imported}
                      (core module $m (func (export "run") (result i32) (i32.const 0)))
                      (core instance $m (instantiate $m))
                      (func $run (result (result)) (canon lift (core func $m "run")))
                      (component $shape
                        (import "run" (func $run (result (result))))
                        (export "run" (func $run)))
                      (instance $run (instantiate $shape (with "run" (func $run))))
                      (export "wasi:cli/run@0.2.3" (instance $run)))""")
                ),
            )
        ]
    )
    return component


def test_a_component_of_another_draft_is_refused_as_it_is_loaded():
    component = _agent(
        '(import "wasi:keyvalue/batch@0.2.0-draft" (instance'
        ' (export "delete-many" (func (param "keys" (list string)) (result (result))))))'
    )
    with pytest.raises(BadComponent, match=r"another draft.*delete-many.*this engine has"):
        contract.role_of(component, "drafty")


def test_configuration_of_a_draft_whose_values_are_the_same_is_taken():
    component = _agent(
        '(import "wasi:config/store@0.2.0-rc.1" (instance'
        ' (type $is-error (variant (case "upstream" string) (case "io" string)))'
        ' (export "error" (type $error (eq $is-error)))'
        ' (export "get" (func (param "key" string)'
        " (result (result (option string) (error $error)))))))"
    )
    assert contract.role_of(component, "drafty") == contract.COMMAND
