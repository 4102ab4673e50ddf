"""The JSON Schema of `world.toml`, from which editors complete it, and its tables in the manual.

python -m wasm_engine.agents.schema > docs/world.schema.json
python -m wasm_engine.agents.schema --tables      # for docs/manifest.md
"""

from __future__ import annotations

import json
import sys
from typing import Any

from wasm_engine.agents import manifest_tables as tables
from wasm_engine.agents.assistant_table import AGENT, ASSISTANT
from wasm_engine.agents.sections import LATER_SECTIONS


def manifest_schema() -> dict[str, Any]:
    """The schema, draft 7: what the TOML language servers of editors understand."""
    says = tables.SECTIONS
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "world.toml, the manifest of a Wasm-Engine world",
        "type": "object",
        "additionalProperties": False,
        "required": ["agents"],
        "properties": {
            "world": _table(tables.WORLD, says["world"]),
            "agents": _named(AGENT, says["agents"], least=1),
            "mounts": _named(tables.MOUNT, says["mounts"], least=0),
            "messages": {
                "description": says["messages"],
                "type": "array",
                "items": _table(tables.MESSAGE, says["messages"]),
            },
            "limits": _table(tables.LIMITS, says["limits"]),
            **{
                name: _named(section.keys, section.says, least=0)
                for name, section in LATER_SECTIONS.items()
            },
        },
    }


def schema_text() -> str:
    """The schema as the file holds it."""
    return json.dumps(manifest_schema(), indent=2) + "\n"


def tables_text() -> str:
    """Every key of every table, as docs/manifest.md holds them."""
    sections = {
        "[world]": tables.WORLD,
        "[agents.NAME]": AGENT,
        "[agents.NAME.http]": tables.HTTP,
        "[agents.NAME.assistant]": ASSISTANT,
        "[mounts.NAME]": tables.MOUNT,
        "[[messages]]": tables.MESSAGE,
        "[limits]": tables.LIMITS,
        **{f"[{name}.NAME]": it.keys for name, it in LATER_SECTIONS.items()},
    }
    return "\n".join(_rows(title, keys) for title, keys in sections.items())


def _rows(title: str, keys: tuple[tables.Key, ...]) -> str:
    head = f"### `{title}`\n\n| key | default | value | meaning |\n|---|---|---|---|\n"
    return head + "".join(
        f"| `{key.name}` | {_default(key)} | {key.shape.takes()} | {key.says} |\n" for key in keys
    )


def _default(key: tables.Key) -> str:
    prose = key.default[:1] in {"a", "n"}  # `any`, `name of the folder`: no TOML value.
    return key.default if prose else f"`{key.default}`" if key.default else "required"


def _table(keys: tuple[tables.Key, ...], says: str) -> dict[str, Any]:
    return {"description": says, **tables.Inner(keys).schema()}


def _named(keys: tuple[tables.Key, ...], says: str, *, least: int) -> dict[str, Any]:
    return {
        "description": says,
        "type": "object",
        "minProperties": least,
        "propertyNames": {"pattern": tables.SEGMENT_PATTERN},
        "additionalProperties": _table(keys, says),
    }


if __name__ == "__main__":
    sys.stdout.write(tables_text() if "--tables" in sys.argv else schema_text())
