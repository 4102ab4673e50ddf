"""The traffic of a world with the outside: what carries effects out, and what need not be."""

from __future__ import annotations

from collections.abc import Sequence

from wasm_engine.agents.manifest import Manifest, Model
from wasm_engine.agents.material import Material
from wasm_engine.capabilities.chat import calls as chat
from wasm_engine.capabilities.chat.calls import LanguageModels
from wasm_engine.concepts.chat import CHAT
from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.segment import Effect
from wasm_engine.host.origins import origin_of
from wasm_engine.journal.runfile import RunFile
from wasm_engine.orchestrator.answered import Answered
from wasm_engine.orchestrator.computing import Computing
from wasm_engine.orchestrator.exchange import Exchange
from wasm_engine.orchestrator.world_state import Issue, WorldState
from wasm_engine.world.language_models import OutsideModels, Recalling, asked_in_words
from wasm_engine.world.models import PLACE, WorldModels, place_of
from wasm_engine.world.outside import outside_of, repeatable


def outside_models(file: RunFile, material: Material) -> OutsideModels | None:
    """What answers for the language models of a world; None where it has none.

    Raises:
        Misuse: A script that stands in a model's place is none.
    """
    manifest = material.manifest
    models = asked_in_words(manifest, material.models)
    if not models:
        return None
    folders = {
        name.removeprefix(PLACE): path
        for name, path in origin_of(file.run_id).items()
        if name.startswith(PLACE)
    }
    if manifest.folder:
        folders |= folders_of(manifest, models)
    return OutsideModels(models, manifest.world.name, material.scripts, file.content, folders)


def require_models(world: WorldState, models: OutsideModels | None) -> None:
    """Lets a world go on if its language models, as they stand, can be asked on this machine.

    Raises:
        Refused: The operator named no such server, or a secret of it is not there.
        Misuse: A package, or a folder, is missing.
    """
    known = world.services.get(chat.SERVICE)
    if models is not None and isinstance(known, LanguageModels):
        models.require(known)


def folders_of(manifest: Manifest, models: Sequence[Model]) -> dict[str, str]:
    """Where the folders of models are on this machine, by the models' names."""
    return {it.name: str(place_of(manifest, it)) for it in models if it.folder}


class _Together:
    """What follows from its arguments: portable models' results, and answers of scripts."""

    def __init__(self, local: WorldModels, models: OutsideModels | None) -> None:
        self._local = local
        self._models = models

    def covers(self, effect: Effect) -> bool:
        """Whether an effect is one of those."""
        scripted = self._models is not None and self._models.covers(effect)
        return scripted or self._local.covers(effect)

    def keeps_digest(self, effect: Effect) -> bool:
        """Whether the run holds only the digest of what becomes of it."""
        return self._local.keeps_digest(effect)

    def compute(self, issues: Sequence[Issue]) -> list[Outcome]:
        """What becomes of such effects, in their order."""
        found = {it.effect.number: self._scripted(it) for it in issues if _is_chat(it)}
        others = [it for it in issues if not _is_chat(it)]
        computed = self._local.compute(others) if others else []
        found |= {it.effect.number: done for it, done in zip(others, computed, strict=True)}
        return [found[it.effect.number] for it in issues]

    def compute_at_once(self, effect: Effect) -> Outcome:
        """What becomes of one whose agent waits within its segment; on any thread."""
        return self._local.compute_at_once(effect)

    def _scripted(self, issue: Issue) -> Outcome:
        assert self._models is not None
        effect = issue.effect
        outcome = self._models.at_once(
            Issued(
                effect.number, issue.agent, issue.message, issue.attempt, effect.call, CHAT,
                effect.arguments, key="",
            )
        )  # fmt: skip
        assert outcome is not None
        return outcome


def _is_chat(issue: Issue) -> bool:
    return issue.effect.capability == CHAT


def exchange_of(
    world: WorldState,
    file: RunFile,
    material: Material,
    models: OutsideModels | None,
    local: WorldModels,
    *,
    live: bool,
) -> Exchange:
    """The exchange of a world with the outside.

    Args:
        world: The world.
        file: Its journal.
        material: What it is made of.
        models: What answers for its language models, where it is live.
        local: The models that compute on this machine.
        live: Whether anything may go out.
    """
    manifest = material.manifest
    outside = None
    if live:
        outside = outside_of(manifest, lambda: world.guard is not None, models, local)
    known = world.services.get(chat.SERVICE)
    answered = None
    if live and isinstance(known, LanguageModels) and any(it.cache for it in manifest.models):
        answered = Answered(file, Recalling(known))
    determined = _Together(local, models)
    world.computing = Computing(determined) if local.is_used else None
    return Exchange(
        world,
        file,
        outside,
        repeatable(manifest),
        lockstep=manifest.world.effects == "lockstep",
        answered=answered,
        determined=determined,
    )
