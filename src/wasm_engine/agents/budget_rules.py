"""Whether the budgets of a manifest can be kept, and by somebody that there is."""

from __future__ import annotations

from wasm_engine.agents.manifest import Budget, Manifest
from wasm_engine.concepts.budget import RESOURCES
from wasm_engine.concepts.mistakes import Mistakes, nearest, shown
from wasm_engine.concepts.toml_source import KeyPath


def check_budgets(manifest: Manifest, mistakes: Mistakes) -> None:
    """Notes budgets of nothing, of nobody, or that nobody could ever wait for."""
    names = [kind.name for kind in manifest.agents]
    for budget in manifest.budgets:
        place: KeyPath = ("budgets", budget.name)
        if budget.agents is None and all(getattr(budget, name) is None for name in RESOURCES):
            bounds = ", ".join(RESOURCES)
            mistakes.add(place, f"bounds nothing: it needs one of {bounds}, agents")
        for kind in budget.kinds:
            if kind not in names:
                text = f"no kind of agent is called {shown(kind)}{nearest(kind, names)}"
                mistakes.add((*place, "kinds"), text)
        if budget.exhausted == "wait" and budget.per is None:
            text = "must have a span to wait for: it needs `per`, too"
            mistakes.add((*place, "exhausted"), text)
        _isolated(manifest, budget, mistakes)
        if budget.agents is not None:
            _agents(manifest, budget, budget.agents, mistakes)


def _isolated(manifest: Manifest, budget: Budget, mistakes: Mistakes) -> None:
    """Tokens are read off an answer by who asked for it: there is nothing here to compare with."""
    apart = [kind.name for kind in manifest.agents if kind.isolation == "process"]
    apart = [name for name in apart if budget.is_about(name)]
    if budget.tokens is not None and apart:
        text = f'cannot bound {shown(apart[0])}, whose isolation is "process": of tokens only'
        mistakes.add(("budgets", budget.name, "tokens"), f"{text} that process knows")


def _agents(manifest: Manifest, budget: Budget, most: int, mistakes: Mistakes) -> None:
    place: KeyPath = ("budgets", budget.name, "agents")
    if budget.over == "agent":
        mistakes.add(place, 'cannot bound one agent alone: it needs `over = "kind"` or "all"')
        return
    kinds = [kind for kind in manifest.agents if budget.is_about(kind.name)]
    counts = [kind.count for kind in kinds]
    begin = sum(counts) if budget.over == "all" else max(counts, default=0)
    if begin > most:
        mistakes.add(place, f"must be at least {begin}: so many there are at the start")
