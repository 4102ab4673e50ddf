"""Whether the models of a manifest are complete, and agents are granted ones that there are."""

from __future__ import annotations

from wasm_engine.agents.manifest import Manifest, Model
from wasm_engine.concepts.mistakes import Mistakes, nearest, shown
from wasm_engine.concepts.toml_source import KeyPath

ORIGINS = ("file", "folder", "server", "script", "guest")
"""Where a model comes from: one of them."""


def check_models(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes models that come from nowhere or from two places, and grants of models unknown."""
    for model in manifest.models:
        _origin(model, ("models", model.name), mistakes)
    names = [model.name for model in manifest.models]
    for section, holders in (("agents", manifest.agents), ("tools", manifest.tools)):
        for holder in holders:
            for grant in holder.grants:
                told = mistakes.at((section, holder.name, "assistant", "model"))
                if grant.kind == "model" and grant.target not in names and not told:
                    near = nearest(grant.target, names) if names else ""
                    mistakes.add(
                        (section, holder.name, "grants"),
                        f"{shown(str(grant))}: no model is called so{near}; it needs a table "
                        f"[models.{grant.target}]",
                    )
    for kind in manifest.agents:
        granted = [str(grant) for grant in kind.grants if grant.kind == "model"]
        if granted and kind.isolation == "process":
            mistakes.add(
                ("agents", kind.name, "grants"),
                f'{shown(granted[0])}: not with isolation = "process"',
            )


def _origin(model: Model, at: KeyPath, mistakes: Mistakes) -> None:
    given = [key for key in ORIGINS if getattr(model, key)]
    noted = any(mistakes.at((*at, key)) for key in ORIGINS)
    if len(given) != 1 and not noted:
        mistakes.add(at, "it needs one of `file`, `folder`, `server`, `script` and `guest`")
    if model.store == "digest" and given != ["file"] and not noted:
        mistakes.add((*at, "store"), "only of a model of tensors (`file`), and a portable one")
    if model.model and given != ["server"] and not noted:
        mistakes.add((*at, "model"), "only with `server`")
    if model.most >= model.context:
        mistakes.add((*at, "most"), f"leaves nothing of the context, which has {model.context}")
