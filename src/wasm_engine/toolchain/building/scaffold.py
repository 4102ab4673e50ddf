"""What a new world begins with: one agent in a language, a manifest, and what to do next."""

from __future__ import annotations

from pathlib import Path

from wasm_engine.concepts.errors import Misuse
from wasm_engine.toolchain.kits import kit

AGENTS = {
    "python": "greeter.py",
    "javascript": "greeter.js",
    "c": "greeter.c",
    "cpp": "greeter.cpp",
    "rust": "greeter.rs",
    "go": "greeter.go",
}
"""The file of the first agent, by the language's name; it lies in `guests/sdk/new`."""
ASSISTANT = "assistant"
"""No language: the first agent is a table of the manifest, and what answers in a model's place."""
NAMES = (*AGENTS, ASSISTANT)
"""All that a world can begin with."""
_ANSWERS = "answers.toml"
_RUN_AS_THEY_ARE = frozenset({"python", "javascript", ASSISTANT})

_MANIFEST = """\
# {title}: one agent, and a message for it.
{how}
[world]
name = "{title}"

{agent}
[[messages]]
to = "greeter"
topic = "greet"
body = "Ada"

[[messages]]
to = "greeter"
topic = "greet"
body = "Ada"
"""


_COMPONENT = """\
[agents.greeter]
source = "{source}"
"""
_DESCRIBED = """\
[models.clever]
script = "answers.toml" # or folder = "/models/llama", or a server that the operator's policy names

[agents.greeter]
kind = "assistant"

[agents.greeter.assistant]
model = "clever"
role = "a doorman of the old school"
goal = "everybody feels welcome, and is remembered"
instructions = "Greet in one short sentence."
"""


def files(language: str, title: str) -> dict[str, str]:
    """Name and text of each file of a new world.

    Raises:
        Misuse: There is no kit for the language, or the world cannot have that name.
    """
    if language not in NAMES:
        raise Misuse(f"no language {language!r}", hint=f"there are: {', '.join(NAMES)}")
    if not title.replace("-", "").isalnum() or not title.isascii():
        message = f"{title!r}: a world's name is made of letters, digits and hyphens"
        raise Misuse(message)
    name = AGENTS.get(language, _ANSWERS)
    described = language == ASSISTANT
    agent = _DESCRIBED if described else _COMPONENT.format(source=_component(language))
    how = "".join(f"#   {line}\n" for line in _lines(language))
    text = kit(f"new/{name}").read_text(encoding="utf-8")
    return {name: text, "world.toml": _MANIFEST.format(title=title, how=how, agent=agent)}


def commands(language: str, folder: Path) -> list[str]:
    """What to type next."""
    return [f"cd {folder}", *_lines(language)]


def _lines(language: str) -> list[str]:
    run = ["wasm-engine run world.toml --run greeter.run", "wasm-engine inspect greeter.run --log"]
    if language in _RUN_AS_THEY_ARE:
        return run
    return [f"wasm-engine component build {AGENTS[language]}", *run]


def _component(language: str) -> str:
    return AGENTS[language] if language in _RUN_AS_THEY_ARE else "greeter.wasm"
