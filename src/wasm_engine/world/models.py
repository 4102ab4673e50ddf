"""The models of a world on this machine: found, loaded once, asked by effects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from wasm_engine.agents.manifest import Manifest, Model
from wasm_engine.concepts import canonical, faults
from wasm_engine.concepts.effect import MODELS, Issued, Outcome
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.references import Reference
from wasm_engine.concepts.segment import Effect
from wasm_engine.concepts.tensors import Asked, ModelFacts
from wasm_engine.host import model_store
from wasm_engine.host.found_model import FoundModel, find_model, folder_digest
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.threads import Lock
from wasm_engine.host.workers import Workers
from wasm_engine.orchestrator.world_state import Issue

if TYPE_CHECKING:
    from wasm_engine.host.onnx_session import Session
    from wasm_engine.host.text_vectors import TextVectors

PLACE: Final = "models/"
"""Before the name of a model among the folders of a run that its machine remembers."""
_BROUGHT: Final = frozenset({"slots", "given"})
"""Forms of effects on models that guests have the bytes of."""
_LANGUAGE: Final = "genai_config.json"
"""What the folder of a language model holds."""


class Ready:
    """A model of a world, loaded.

    Attributes:
        facts: What the world knows of it.
        session: Computes it.
        vectors: Turns texts into vectors with it, where it is such a model.
    """

    def __init__(self, model: Model, found: FoundModel) -> None:
        # Loaded where they are needed: a world without models does without the library below.
        from wasm_engine.host.onnx_runtime import device_for  # noqa: PLC0415
        from wasm_engine.host.onnx_session import session_of  # noqa: PLC0415

        device = device_for(model.device, portable=found.portable)
        self.session: Session = session_of(found, device, model.threads)
        self.vectors: TextVectors | None = None
        if model.folder:
            from wasm_engine.host.text_vectors import TextVectors  # noqa: PLC0415

            self.vectors = TextVectors(self.session, found.place)
        self.facts = ModelFacts(
            model.name,
            "texts" if self.vectors else "tensors",
            found.digest,
            self.session.portable,
            device,
            self.session.inputs,
            self.session.outputs,
            self.vectors.dimensions if self.vectors else 0,
            found.size if found.straight else 0,
        )
        self._most = model.memory

    def compute(self, asked: Asked, cancellation: Cancellation | None = None) -> Outcome:
        """What an effect brings, or how it ends."""
        found: Any
        if self.vectors is None:
            found = self.session.compute(asked.given, asked.timeout, self._most, cancellation)
        else:
            found = self.vectors.compute(asked.given, asked.timeout, self._most, cancellation)
        return found if isinstance(found, Err) else (asked.form, asked.model, found)


class WorldModels:
    """The models of one world, each loaded when it is asked first; for any number of threads.

    Args:
        manifest: The world's.
        facts: What the world knows of its models from its beginning, by name.
        places: Where models lie on this machine that the manifest only names, by `PLACE` and name.
    """

    def __init__(
        self,
        manifest: Manifest,
        facts: Mapping[str, ModelFacts],
        places: Callable[[], Mapping[str, str]],
    ) -> None:
        self._models = {model.name: model for model in manifest.models}
        self._facts = facts
        self._places = places
        self._ready: dict[str, Ready] = {}
        self._loading = Lock()
        self._workers: Workers | None = None

    @property
    def is_used(self) -> bool:
        """Whether the world has any."""
        return bool(self._facts) or any(model.guest for model in self._models.values())

    def keep(self, ready: Mapping[str, Ready]) -> None:
        """Models that are loaded already."""
        self._ready.update(ready)

    def lane(self, issued: Issued) -> tuple[str, int] | None:
        """What an effect has to wait for, and how many of that may be out at a time."""
        if issued.capability != MODELS:
            return None
        model = self._models.get(Asked(*issued.arguments).model)
        return None if model is None else (PLACE + model.name, model.concurrency)

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Has a model compute, and takes its time.

        Raises:
            Misuse: The model is not here.
        """
        asked = Asked(*issued.arguments)
        if asked.form in _BROUGHT:
            return self._in_process(asked)
        return self._compute(asked, cancellation)

    def _in_process(self, asked: Asked) -> Outcome:
        """The same of a model that the guest has the bytes of: in a process of its own."""
        from wasm_engine.host.model_process import (  # noqa: PLC0415
            compute_in_process,
            slots_in_process,
        )
        from wasm_engine.host.onnx_runtime import onnxruntime  # noqa: PLC0415

        onnxruntime()  # that it is missing is nothing to tell a guest
        data, most = asked.given[0], self._models[asked.model].memory
        found: Any
        if asked.form == "slots":
            found = slots_in_process(data, asked.timeout, most)
        else:
            tensors = [(name, element, shape, it) for name, element, shape, it in asked.given[1]]
            found = compute_in_process(data, tensors, asked.timeout, most)
        return found if isinstance(found, Err) else (asked.form, asked.model, _plain(found))

    def covers(self, effect: Effect) -> bool:
        """Whether what becomes of an effect follows from its arguments."""
        facts = self._fact(effect)
        return facts is not None and facts.portable

    def keeps_digest(self, effect: Effect) -> bool:
        """Whether the run holds only the digest of what becomes of it."""
        facts = self._fact(effect)
        return facts is not None and facts.portable and self._models[facts.name].store == "digest"

    def compute(self, issues: Sequence[Issue]) -> list[Outcome]:
        """What becomes of effects that are covered, in their order.

        Raises:
            Misuse: A model is not here.
        """
        asked = [Asked(*issue.effect.arguments) for issue in issues]
        if len(asked) == 1:
            return [self._compute(asked[0])]
        if self._workers is None:
            self._workers = Workers(max(model.concurrency for model in self._models.values()))
        return self._workers.map(self._compute, asked)

    def compute_at_once(self, effect: Effect) -> Outcome:
        """What becomes of one whose agent waits within its segment; on any thread.

        Raises:
            Misuse: The model is not here.
        """
        return self._compute(Asked(*effect.arguments))

    def close(self) -> None:
        """Ends its threads."""
        if self._workers is not None:
            self._workers.close()

    def _fact(self, effect: Effect) -> ModelFacts | None:
        if effect.capability != MODELS:
            return None
        return self._facts.get(Asked(*effect.arguments).model)

    def _compute(self, asked: Asked, cancellation: Cancellation | None = None) -> Outcome:
        facts = self._facts.get(asked.model)
        if facts is None or facts.digest != asked.digest:  # a run file of somebody's
            return refusal(faults.UNKNOWN_MODEL, f"{asked.model} is another model here")
        ready = self._ready.get(asked.model)
        if ready is None:
            with self._loading:
                ready = self._ready.get(asked.model) or self._load(facts)
        return ready.compute(asked, cancellation)

    def _load(self, facts: ModelFacts) -> Ready:
        model = self._models[facts.name]
        found = self._find(model, facts)
        ready = Ready(model, found)
        if replace(ready.facts, device=facts.device, size=facts.size) != facts:
            raise Misuse(
                f"the model {facts.name} takes or gives other tensors here than when the run began",
                code="other-model",
                hint="another version of ONNX Runtime, or another device, is in its place",
            )
        self._ready[facts.name] = ready
        return ready

    def _find(self, model: Model, facts: ModelFacts) -> FoundModel:
        digest = facts.digest.hex()
        place = self._places().get(PLACE + model.name)
        if place is not None and Path(place).exists():
            found = find_model(model.place, Path(place))
            if found.digest == facts.digest:
                return found
        for kept in model_store.listed():
            if kept.reference.digest == digest:
                return find_model(str(kept.reference), Path())
        raise Misuse(
            f"this needs the model {facts.name}, sha256:{digest}, and it is not here",
            code="no-model",
            hint="wasm-engine model add PATH keeps one that lies elsewhere",
        )


def _plain(found: list[Any]) -> list[Any]:
    """Slots as the journal has them; tensors as they are."""
    return canonical.decode(canonical.encode(found))  # type: ignore[no-any-return]


def asks_models(manifest: Manifest) -> list[Model]:
    """The models of a world that compute on this machine: not those of language."""
    return [model for model in manifest.models if model.file or _is_of_texts(manifest, model)]


def _is_of_texts(manifest: Manifest, model: Model) -> bool:
    return bool(model.folder) and not (place_of(manifest, model) / _LANGUAGE).exists()


def digests_of(manifest: Manifest, known: Mapping[str, bytes]) -> dict[str, str]:
    """The digests (hexadecimal) of all models that lie on this machine, by name.

    Args:
        manifest: The world's.
        known: Those of models that were found already; the others are hashed.

    Raises:
        Misuse: One cannot be read, or is none.
    """
    digests = {name: digest.hex() for name, digest in known.items()}
    for model in manifest.models:
        place = model.file or model.folder
        if not place or model.name in digests:
            continue
        where = place_of(manifest, model)
        if model.file or _is_of_texts(manifest, model):
            digests[model.name] = find_model(place, where).digest.hex()
        else:
            digests[model.name] = folder_digest(place, where)
    return digests


def place_of(manifest: Manifest, model: Model) -> Path:
    """Where the file or folder of a model is on this machine."""
    reference = Reference.parse(model.place)
    return manifest.host_path(model.place) if reference is None else model_store.path_of(reference)


def found_here(manifest: Manifest) -> dict[str, FoundModel]:
    """The models of a manifest that compute on this machine, found and hashed, by name.

    Raises:
        Misuse: One is none.
    """
    return {
        model.name: find_model(model.place, place_of(manifest, model))
        for model in asks_models(manifest)
    }


def models_here(
    manifest: Manifest, there: Mapping[str, FoundModel], note: Callable[[str], None]
) -> dict[str, tuple[Ready, str]]:
    """The models of a manifest, loaded, by name, each with where it lies.

    Args:
        manifest: The world's.
        there: Those models, as they were found.
        note: Told what takes a while.

    Raises:
        Misuse: One is another one than the manifest says, or cannot be used here.
    """
    ready: dict[str, tuple[Ready, str]] = {}
    for model in asks_models(manifest):
        note(f"loading the model {model.name}")
        found = there[model.name]
        if model.digest is not None and model.digest != f"sha256:{found.digest.hex()}":
            message = (
                f"the model {model.name} is not {model.digest}, but sha256:{found.digest.hex()}"
            )
            raise Misuse(message, code="other-model", hint=f"it lies at {found.place}")
        if model.store == "digest" and not found.portable:
            message = f'the model {model.name} is not portable, and `store = "digest"` is for those'
            raise Misuse(message, code="not-portable", hint="wasm-engine model prepare makes one")
        ready[model.name] = Ready(model, found), str(found.place)
    return ready
