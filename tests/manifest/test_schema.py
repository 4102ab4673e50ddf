"""The published JSON Schema: current, and of one mind with the reader."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from wasm_engine.agents import manifest_tables as tables
from wasm_engine.agents.manifest import InitialMessage, Kind, Settings, WorldLimits
from wasm_engine.agents.read_manifest import read_manifest
from wasm_engine.agents.schema import manifest_schema, schema_text, tables_text
from wasm_engine.agents.sections import LATER_SECTIONS
from wasm_engine.concepts.errors import BadManifest
from wasm_engine.concepts.mistakes import Mistakes

ROOT = Path(__file__).parents[2]
FULL = (Path(__file__).parent / "full.toml").read_text(encoding="utf-8")
TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str) or hasattr(value, "isoformat"),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
}
KNOWN = {
    *("$schema", "title", "description", "type", "additionalProperties", "required", "properties"),
    *("minProperties", "propertyNames", "items", "uniqueItems", "enum", "pattern", "format"),
    *("minimum", "maximum", "anyOf"),
}


def fits(value, schema):
    """As much of JSON Schema as our schema uses."""
    assert set(schema) <= KNOWN
    if "anyOf" in schema:
        return any(fits(value, one) for one in schema["anyOf"])
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(TYPES[name](value) for name in types):
        return False
    match value:
        case dict():
            return fits_table(value, schema)
        case list():
            return all(fits(inner, schema.get("items", {"type": list(TYPES)})) for inner in value)
        case str():
            pattern = schema.get("pattern", "")
            return re.search(pattern, value) is not None and value in schema.get("enum", [value])
        case bool():
            return True
        case int() | float():
            return schema["minimum"] <= value <= schema["maximum"]
    return True


def fits_table(table, schema):
    own = schema.get("properties", {})
    others = schema.get("additionalProperties", True)
    names = schema.get("propertyNames", {}).get("pattern", "")
    for key, inner in table.items():
        if re.search(names, key) is None or (key not in own and others is False):
            return False
        shape = own.get(key, others)
        if isinstance(shape, dict) and not fits(inner, shape):
            return False
    return len(table) >= schema.get("minProperties", 0) and set(schema.get("required", [])) <= set(
        table
    )


def test_the_published_schema_is_current():
    """After a change: python -m wasm_engine.agents.schema > docs/world.schema.json."""
    assert (ROOT / "docs/world.schema.json").read_text(encoding="utf-8") == schema_text()


def test_the_tables_in_the_documentation_are_current():
    """After a change: python -m wasm_engine.agents.schema --tables, into docs/manifest.md."""
    assert tables_text() in (ROOT / "docs/manifest.md").read_text(encoding="utf-8")


def test_the_documentation_says_how_editors_find_it():
    assert "#:schema " in (ROOT / "docs/manifest.md").read_text(encoding="utf-8")


def test_every_key_is_in_the_full_manifest():
    """So that what follows tries them all."""
    full = tomllib.loads(FULL)
    keys = {
        tables.WORLD: [full["world"]],
        tables.AGENT: full["agents"].values(),  # assistants have a manifest of their own
        tables.HTTP: [full["agents"]["worker"]["http"]],
        tables.MOUNT: full["mounts"].values(),
        tables.MESSAGE: full["messages"],
        tables.LIMITS: [full["limits"]],
        **{it.keys: full[name].values() for name, it in LATER_SECTIONS.items()},
    }
    for table, written in keys.items():
        assert {key.name for key in table} == set().union(*written)


@pytest.mark.parametrize(
    ("keys", "made"),
    [
        (tables.WORLD, Settings("world")),
        (tables.AGENT, Kind("a", "a.py")),
        (tables.MESSAGE, InitialMessage("a", "t")),
        (tables.LIMITS, WorldLimits()),
    ],
)
def test_the_documented_defaults_are_those_of_the_model(keys, made):
    prose = {
        "interpreter": "any",
        "javascript-interpreter": "any",
        "send-to": "anyone",
        "http": "{}",
        "source": "none",
    }
    for key in keys:
        if key.name in prose:
            assert key.default == prose[key.name]
        elif key.default:
            value = tomllib.loads(f"x = {key.default}")["x"]
            read = key.shape.read(value, (), Mistakes())
            assert read == getattr(made, key.attribute), key.name


def test_the_documented_defaults_for_servers_are_those_of_the_model():
    for key in tables.HTTP:
        if key.name == "allow":
            assert (key.default, Kind("a", "a.py").http_allow) == ("any", None)
            continue
        value = tomllib.loads(f"x = {key.default}")["x"]
        read = key.shape.read(value, (), Mistakes())
        assert read == getattr(Kind("a", "a.py"), f"http_{key.attribute}"), key.name


def test_a_right_manifest_fits(write):
    read_manifest(write(FULL))
    assert fits(tomllib.loads(FULL), manifest_schema())


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("seed = 7", "seed = -1"),
        ("seed = 7", "sed = 7"),
        ('clock = "recorded"', 'clock = "real"'),
        ("epoch = 2025-06-01T12:00:00.000001+02:00", "epoch = 5"),
        ("sha256:0123", "sha256:X123"),
        ("count = 3", "count = 100001"),
        ("config = {", "config = 4 # {"),
        ('"news/today"', '"News"'),
        ("disk = 0", 'disk = "64 MB"'),
        ('memory = "64 MiB"', "memory = 1"),
        ('"spawn:spare"', '"spawn:spare/1"'),
        ('"worker/*", "librarian"', '"*/worker"'),
        ("expect-failure = true", "expect-failure = 1"),
        ('"worker.wasm"', '"worker.exe"'),
        ("[agents.librarian]", '[agents."li/brarian"]'),
        ('at = "/docs"', 'at = "docs"'),
        ('at = "/docs"', ""),
        ('topic = "question"', ""),
        ('body = "why?"', "body = 1"),
        ('a = "1"', "a = 1"),
        ('"https://*.example.com", "stop:*"', '"https://*.example.com/", "stop:*"'),
        ('timeout = "500 ms"', 'timeout = "500 moments"'),
        ('timeout = "500 ms"', "timeout = 0"),
        ('"http://[::1]:8080/orders/*"', '"orders"'),
        ("max-response", "max-request"),
        ("redirects = 3", "redirects = 11"),
        ('"GET https://api', '"get https://api'),
        ('"* http://[::1]:8080"', '"http://[::1]:8080"'),
        ('"address:10.0.0.0/8"', '"address:10.0.0.0"'),
        ('effects = "lockstep"', 'effects = "lock step"'),
        ("[limits]", "[limit]"),
        ("step-fuel = 5", "step-fuel = 0"),
    ],
)
def test_what_the_schema_refuses_the_reader_refuses(write, right, wrong):
    assert right in FULL
    text = FULL.replace(right, wrong)
    assert not fits(tomllib.loads(text), manifest_schema())
    with pytest.raises(BadManifest):
        read_manifest(write(text))
