"""Whatever the text, the reader answers with a manifest or with BadManifest, nothing else."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wasm_engine.agents.read_manifest import from_mapping, read_manifest
from wasm_engine.agents.stored_manifest import canonical, from_canonical
from wasm_engine.concepts.errors import BadManifest, BadRunFile

FULL = (Path(__file__).parent / "full.toml").read_bytes()
LINES = FULL.split(b"\n")
VALUES = [
    *(b"0", b"-1", b"99999999999999999999", b"1e999", b"nan", b"true", b'""', b'"\\u0000"', b"[]"),
    *(
        b"{}",
        b"[[]]",
        b"{a = {a = 1}}",
        b"2025-01-01",
        b"0001-01-01T00:00:00+23:59",
        b'"*"',
        b'"/"',
    ),
    *(
        b'"../x"',
        b"[1, 'a', {}]",
        b"'\xc2\x85'",
        b"'\xff'",
        b'"a/1"',
        b'["spawn:"]',
        b"0x" + b"f" * 99,
    ),
]
SETTINGS = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def set_value(line, value):
    key, equals, _ = line.partition(b"=")
    return key + equals + b" " + value if equals else line


LINE = st.sampled_from(LINES)
EDITED = st.one_of(
    LINE,
    st.builds(set_value, LINE, st.sampled_from(VALUES)),
    st.builds(
        lambda line, at, byte: line[:at] + byte + line[at:],
        LINE,
        st.integers(0, 20),
        st.binary(max_size=2),
    ),
)


@st.composite
def mutated(draw):
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        lines[at : at + draw(st.integers(0, 2))] = draw(st.lists(EDITED, max_size=2))
        lines = lines or [b""]
    return b"\n".join(lines)


def read(path):
    mistakes = []
    try:
        manifest = read_manifest(path)
    except BadManifest as error:
        mistakes = error.mistakes
        assert mistakes
    assert all(mistake.startswith(str(path)) for mistake in mistakes)
    if mistakes:
        return
    assert canonical(from_canonical(canonical(manifest))) == canonical(manifest)


@SETTINGS
@given(mutated())
def test_mutated_manifests(write, text):
    read(write(text))


@SETTINGS
@given(st.binary(max_size=60))
def test_any_bytes(write, text):
    read(write(text))


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3)
    ),
    max_leaves=6,
)
SECTION = st.dictionaries(
    st.sampled_from(
        ["seed", "name", "source", "count", "grants", "config", "to", "at", "path", "body"]
    ),
    PLAIN,
    max_size=4,
)


@SETTINGS
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "world": SECTION | PLAIN,
            "agents": st.dictionaries(st.text("aA/", max_size=2), SECTION | PLAIN, max_size=2)
            | PLAIN,
            "mounts": st.dictionaries(st.text("aA/", max_size=2), SECTION | PLAIN, max_size=2)
            | PLAIN,
            "messages": st.lists(SECTION | PLAIN, max_size=2) | PLAIN,
            "limits": SECTION | PLAIN,
        },
    )
)
def test_any_python_values(folder, data):
    with contextlib.suppress(BadManifest):
        from_mapping(data, folder)


@SETTINGS
@given(st.data())
def test_mutated_stored_manifests(write, data):
    stored = canonical(read_manifest(write(FULL)))
    at = data.draw(st.integers(0, len(stored)))
    length = data.draw(st.integers(0, 3))
    edited = stored[:at] + data.draw(st.binary(max_size=3)) + stored[at + length :]
    try:
        manifest = from_canonical(edited)
    except BadRunFile:
        return
    assert canonical(manifest) == edited
