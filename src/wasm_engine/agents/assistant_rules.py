"""Whether the assistants of a manifest can do what it says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from wasm_engine.agents.assistants import COLLEAGUES, is_assistant, receivers, settings_of
from wasm_engine.agents.manifest import Kind, Manifest
from wasm_engine.concepts import json_text
from wasm_engine.concepts.json_schema import read_schema
from wasm_engine.concepts.mistakes import Mistakes, Wrong, nearest, shown
from wasm_engine.concepts.names import kind_of
from wasm_engine.concepts.toml_source import KeyPath
from wasm_engine.policy.grants import may_send


def check_assistants(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes assistants without a model that there is, or that name what they cannot reach."""
    for kind in manifest.agents:
        if is_assistant(kind):
            settings, at = settings_of(kind), ("agents", kind.name, "assistant")
            _model(manifest, settings, at, mistakes)
            _receivers(manifest, kind, settings, mistakes)
            _tools(kind, settings, at, mistakes)
            _output(settings, (*at, "output"), mistakes)


def _model(
    manifest: Manifest, settings: Mapping[str, Any], at: KeyPath, mistakes: Mistakes
) -> None:
    name = settings.get("model")
    if name is None:
        return
    models = {model.name: model for model in manifest.models}
    place = (*at, "model")
    if name not in models:
        near = nearest(name, models) if models else f"; it needs a table [models.{name}]"
        mistakes.add(place, f"no model is called {shown(name)}{near}")
    elif models[name].file:
        mistakes.add(place, f"models.{name} is a model of tensors (`file`), not of language")
    elif settings.get("most", 0) > models[name].most:
        text = f"models.{name} answers with at most {models[name].most}"
        mistakes.add((*at, "most"), text)


def _output(settings: Mapping[str, Any], at: KeyPath, mistakes: Mistakes) -> None:
    if "output" in settings:
        try:
            read_schema(json_text.write(settings["output"]))
        except Wrong as wrong:
            mistakes.add(at, str(wrong))


def _named(settings: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Each address with the key that names it."""
    for key in COLLEAGUES:
        yield from ((key, address) for address in settings.get(key, {}))
    yield from ((key, settings[key]) for key in ("then", "library") if key in settings)


def _receivers(
    manifest: Manifest, kind: Kind, settings: Mapping[str, Any], mistakes: Mistakes
) -> None:
    kinds = {it.name: it for it in manifest.agents}
    for key, address in _named(settings):
        place = ("agents", kind.name, "assistant", key)
        other = kinds.get(kind_of(address))
        if other is None:
            near = nearest(kind_of(address), kinds)
            mistakes.add(place, f"no agent has the address {shown(address)}{near}")
        elif other.count and not _has(other, address):
            there = f"{other.name}/1 to {other.name}/{other.count}"
            known = other.name if other.count == 1 else there
            mistakes.add(place, f"no agent has the address {shown(address)}; there is {known}")
        elif address == kind.name:
            mistakes.add(place, f"{shown(address)} is the assistant itself")
    for address in sorted(set(receivers(settings))):
        if kind_of(address) in kinds and not may_send(kind.send_to, address):
            at = ("agents", kind.name, "send-to")
            mistakes.add(at, f"does not let it send to {shown(address)}, whom its table names")


def _has(kind: Kind, address: str) -> bool:
    """Whether an address is one of a kind's at the start."""
    if kind.count == 1:
        return address == kind.name
    number = address.removeprefix(f"{kind.name}/")
    return number.isascii() and number.isdecimal() and 0 < int(number) <= kind.count


def _tools(kind: Kind, settings: Mapping[str, Any], at: KeyPath, mistakes: Mistakes) -> None:
    approve = settings.get("approve", [])
    named = [("approve", name) for name in approve]
    named += [("knowledge", settings["knowledge"])] if "knowledge" in settings else []
    for key, name in named:
        component = name.partition(".")[0]
        of_it = any(tool.partition(".")[0] == component for tool in kind.tools)
        if not (of_it if name == component else {name, component} & set(kind.tools)):
            near = nearest(name, kind.tools) if kind.tools else "; it has no `tools`"
            mistakes.add((*at, key), f"{shown(name)} is none of its tools{near}")
    if bool(approve) != ("approver" in settings):
        mistakes.add((*at, "approver" if approve else "approve"), "goes with the other of the two")
