"""Lines of keys in TOML text, however it is laid out."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wasm_engine.concepts.toml_source import NotToml, parse

LAID_OUT = '''
# [not.a.table]
a.b = 1
[x."y z"]
k = [ 1,
  "a]", # ]
  {p = 1, q.r = [3,
   4]},
]
s = """
multi [ = "quoted" \\""" x
"""
t = \'\'\'
= [
''\'\'\'
after = 1.5
d = 2025-01-01 00:00:00Z
[[m]]
to = 'x' # "
[m.headers]
z = {}
e = []
[[m]]
"t\\u006f" = 2
f = {g = {}, h = [[], [1, 2]]}
[[m.n]]
o = 1
[[m.n]]
o = 2
'''


def test_a_document_of_every_layout():
    lines = parse(LAID_OUT).lines
    assert lines == {
        ("a",): 3,
        ("a", "b"): 3,
        ("x",): 4,
        ("x", "y z"): 4,
        ("x", "y z", "k"): 5,
        ("x", "y z", "k", 0): 5,
        ("x", "y z", "k", 1): 6,
        ("x", "y z", "k", 2): 7,
        ("x", "y z", "k", 2, "p"): 7,
        ("x", "y z", "k", 2, "q"): 7,
        ("x", "y z", "k", 2, "q", "r"): 7,
        ("x", "y z", "k", 2, "q", "r", 0): 7,
        ("x", "y z", "k", 2, "q", "r", 1): 8,
        ("x", "y z", "s"): 10,
        ("x", "y z", "t"): 13,
        ("x", "y z", "after"): 16,
        ("x", "y z", "d"): 17,
        ("m",): 18,
        ("m", 0): 18,
        ("m", 0, "to"): 19,
        ("m", 0, "headers"): 20,
        ("m", 0, "headers", "z"): 21,
        ("m", 0, "headers", "e"): 22,
        ("m", 1): 23,
        ("m", 1, "to"): 24,
        ("m", 1, "f"): 25,
        ("m", 1, "f", "g"): 25,
        ("m", 1, "f", "h"): 25,
        ("m", 1, "f", "h", 0): 25,
        ("m", 1, "f", "h", 1): 25,
        ("m", 1, "f", "h", 1, 0): 25,
        ("m", 1, "f", "h", 1, 1): 25,
        ("m", 1, "n"): 26,
        ("m", 1, "n", 0): 26,
        ("m", 1, "n", 0, "o"): 27,
        ("m", 1, "n", 1): 28,
        ("m", 1, "n", 1, "o"): 29,
    }


def test_what_has_no_line_has_that_of_what_is_around_it():
    source = parse("\n[a]\nb = 1\n")
    assert source.line(("a", "missing", "deeper")) == 2
    assert source.line(("nowhere",)) == 1
    assert source.line(()) == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a = 1\nb = \n", 2, "(column 5)"),
        ("a = 1\nb = [1,\n", 2, "(at the end of the file)"),
        ("a = 1\r\na = 2\r\nb = 1", 2, "(column 6)"),
        ("a = " + "[" * 50_000, 1, "nested too deeply"),
    ],
)
def test_text_that_is_not_toml(text, line, said):
    with pytest.raises(NotToml) as caught:
        parse(text)
    assert caught.value.line == line
    assert str(caught.value).endswith(said)


def test_a_key_of_many_parts_is_told_of_as_far_as_anyone_asks():
    assert max(map(len, parse(".".join("a" * 200) + " = 1").lines)) == 8


@pytest.mark.parametrize("form", ["{}", "{} = 1", "[{}]", "[[{}]]", "a = {{b = {{{} = 1}}}}"])
def test_an_endless_key_is_refused_before_it_costs_anything(form):
    """The time of tomllib grows with the square of the parts: hours for a file of a megabyte."""
    for part in ("a", "'a'"):
        with pytest.raises(NotToml, match="a key of more than 256 parts") as caught:
            parse("\n" + form.format(".".join([part] * 200_000)))
        assert caught.value.line == 2


@given(st.text("ab'\"[]{}=#,.\n \\", max_size=30))
def test_the_scan_is_harmless_on_any_text(text):
    with contextlib.suppress(NotToml):
        parse(text)


@pytest.mark.parametrize("start", ["", '"', '""', "'", "''"])
def test_text_without_an_end_costs_no_more_than_its_length(start):
    quote = start[:1] or '"'
    with pytest.raises(NotToml):
        parse("a = " + start + quote + f"\\{quote}" * 200_000)


def test_prose_is_told_as_such():
    with pytest.raises(NotToml) as caught:
        parse("This is\nwhat somebody wrote, in words\n" * 300)
    assert caught.value.line == 1


NEWLINES = st.sampled_from(["", "\n", " # [x]\n", "\n\n"])
KEYS = st.text("ab'\"[]{}=#.\n é", max_size=4)
SCALARS = st.one_of(
    st.integers(-5, 5).map(str),
    st.booleans().map(lambda flag: str(flag).lower()),
    st.text("ab'\"[]{}=#,.\n é", max_size=5).map(json.dumps),
    st.sampled_from(["'''a\n]'''", '"""\n"x" ="""', "'#'", "1979-05-27T07:32:00Z", "+1.5e3"]),
)


def arrays(inner):
    return st.lists(st.tuples(NEWLINES, inner, NEWLINES), max_size=3).map(
        lambda items: "[" + ",".join("".join(item) for item in items) + "]"
    )


def inline_tables(inner):
    return st.dictionaries(KEYS, inner, max_size=3).map(
        lambda table: "{" + ", ".join(f"{json.dumps(k)} = {v}" for k, v in table.items()) + "}"
    )


VALUES = st.recursive(SCALARS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=8)
TABLES = st.dictionaries(KEYS, VALUES, max_size=4)


def paths(value, at=()):
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, below in inner:
        yield (*at, key)
        if isinstance(below, dict | list):
            yield from paths(below, (*at, key))


@given(st.dictionaries(KEYS, TABLES, max_size=3), st.lists(TABLES, max_size=3))
def test_exactly_the_keys_that_are_there_have_lines(tables, elements):
    text = ""
    for name, table in tables.items():
        text += f"[t.{json.dumps(name)}] # x\n"
        text += "".join(f"{json.dumps(k)} = {v}\n" for k, v in table.items())
    for table in elements:
        text += "[[e]]\n" + "".join(f"{json.dumps(k)} = {v}\n" for k, v in table.items())
    source = parse(text)
    assert set(source.lines) == {path[:8] for path in paths(source.data)}
    written = text.split("\n")
    for path, line in source.lines.items():
        if isinstance(path[-1], str):
            key = json.dumps(path[-1])
            assert any(form in written[line - 1] for form in (key, path[-1], "e"))
