"""Cassettes: what language models answered in a run, as a script that answers in their place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from wasm_engine.agents.manifest import Manifest
from wasm_engine.concepts.chat import CHAT, Answer, Question
from wasm_engine.concepts.errors import BadRunFile, Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.control.effect_rows import EffectRow, effects_of
from wasm_engine.journal import entries
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.outside import outcome_of
from wasm_engine.world.language_models import is_language_model


def cassette(file: str | Path, model: str | None = None) -> str:
    """The answers of a run's language models, as the text of a script.

    The same question gets the same answer: first one that was asked under the same seed, else
    whichever was given first. What was never asked gets `model-failed`.

    Args:
        file: The run.
        model: Only of the model of this name; None: of all, whatever they are called.

    Raises:
        BadRunFile: It is no run file, or damaged.
        Misuse: It holds no answer of a language model.

    Example:
        >>> from wasm_engine.testing import cassette
        >>> cassette("kept.run")
        Traceback (most recent call last):
        wasm_engine.concepts.errors.Misuse: kept.run: it holds no answer of a language model
    """
    with RunFile.open(Path(file)) as run:
        bodies = (entries.decode(entry.kind, entry.body) for entry in run.entries(2))
        effects = [it for it in effects_of(bodies) if it.capability == CHAT and it.outcome]
    kept = [it for it in effects if model is None or it.arguments[0] == model]
    if not kept:
        raise Misuse(f"{file}: it holds no answer of a language model", code="no-cassette")
    return script(_rules(kept))


def scripts_of(file: str | Path, manifest: Manifest) -> dict[str, str]:
    """A cassette for each language model of a world.

    Raises:
        BadRunFile: It is no run file, or damaged.
        Misuse: It holds no answer of a language model.
    """
    everything = cassette(file)
    return {it.name: everything for it in manifest.models if is_language_model(it)}


def _rules(effects: Iterable[EffectRow]) -> list[dict[str, Any]]:
    exact: list[dict[str, Any]] = []
    first: dict[str, dict[str, Any]] = {}
    for effect in effects:
        question = _asked(effect)
        said = _said(effect.outcome or [])
        exact.append({"asks": question.asks, "seed": question.seed, **said})
        first.setdefault(question.asks, {"asks": question.asks, **said})
    return [*exact, *first.values()]


def _asked(effect: EffectRow) -> Question:
    try:
        return Question.of(effect.arguments)
    except msgspec.ValidationError:
        message = f"effect {effect.number} asks a language model what nobody can ask"
        raise BadRunFile(message) from None


def _said(outcome: list[Any]) -> dict[str, Any]:
    found = outcome_of(CHAT, outcome)
    if isinstance(found, Err):
        code, detail = found.payload
        return {"fault": {"code": code, "detail": detail}}
    answer = Answer.of(found)
    calls = [{"id": it.id, "name": it.name, "arguments": it.arguments} for it in answer.calls]
    usage = {"prompt": answer.prompt, "answer": answer.answer}
    return {"content": answer.content, "calls": calls, "finish": answer.finish, "usage": usage}


def script(rules: Iterable[Mapping[str, Any]]) -> str:
    """The text of a script with these answers, each as in `[[answer]]`: see docs/chat.md.

    Example:
        >>> print(script([{"contains": "Ulm", "content": "It rains."}]), end="")
        [[answer]]
        "contains" = "Ulm"
        "content" = "It rains."
    """
    return "".join(
        "[[answer]]\n" + "".join(f"{_text(key)} = {_value(it)}\n" for key, it in rule.items())
        for rule in rules
    )


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    """A value as TOML has it, in one line."""
    match value:
        case str():
            return _text(value)
        case Mapping():
            return "{" + ", ".join(f"{_text(k)} = {_value(it)}" for k, it in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_value, value)) + "]"
        case bool() | int() | float():
            return json.dumps(value)
    message = f"a script cannot say a {type(value).__name__}"
    raise Misuse(message, code="bad-script")
