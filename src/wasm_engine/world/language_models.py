"""Language models of a world: what its agents know of them, and who answers for each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from wasm_engine.agents.manifest import Manifest, Model
from wasm_engine.capabilities.chat.calls import LanguageModel, LanguageModels
from wasm_engine.capabilities.chat.script import Asker, Script
from wasm_engine.concepts import canonical, faults, json_text
from wasm_engine.concepts.chat import CHAT, Answer, Question
from wasm_engine.concepts.effect import Issued, Outcome
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.json_schema import misfit, read_schema
from wasm_engine.concepts.mistakes import Wrong
from wasm_engine.concepts.segment import Effect
from wasm_engine.host.chat_provider import Provider
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.threads import Lock
from wasm_engine.world.model_providers import folder_model, server_model

MAX_ANSWER: Final = 4 << 20
"""Bytes of an answer."""
Heard = Callable[[Issued, str], None]
"""Told each piece of an answer as it comes: to which effect, and text; in whatever thread."""
LANE: Final = "chat/"
"""Before the name of a model, where it names what its questions wait for."""
TABLE, SCRIPT, SERVER = "table:", "script:", "server:"
"""What stands in a model's place in a fork: another table, a script by digest, a server."""


def is_language_model(model: Model) -> bool:
    """Whether a model can be asked in words."""
    return bool(model.folder or model.server or model.script)


def known_of(model: Model) -> LanguageModel:
    """What agents know of a model."""
    return LanguageModel(model.context, model.most, model.timeout, model.cache)


def asked_in_words(manifest: Manifest, others: Collection[str]) -> list[Model]:
    """The language models of a world.

    Args:
        manifest: The world's.
        others: Names of its models of tensors and of vectors: those lie in folders, too.
    """
    return [it for it in manifest.models if is_language_model(it) and it.name not in others]


def language_models(manifest: Manifest, others: Collection[str]) -> LanguageModels | None:
    """The service for the language models of a world; None where it has none."""
    found = {it.name: known_of(it) for it in asked_in_words(manifest, others)}
    return LanguageModels(found) if found else None


class Recalling:
    """Which questions are the same, so that one answer is enough: those of models with `cache`.

    Args:
        models: What is known of the world's models, as it stands.
    """

    def __init__(self, models: LanguageModels) -> None:
        self._models = models

    def key(self, capability: str, arguments: Any) -> bytes | None:
        """What is the same of two questions; None: each is asked."""
        if capability != CHAT:
            return None
        model = self._models.get(arguments[0])
        if model is None or not model.cache:
            return None
        return canonical.sha256(canonical.encode(list(arguments)))

    def again(self, outcome: tuple[Any, ...]) -> Outcome | None:
        """An answer that is given once more: it costs no tokens. One that does not fit is not."""
        answer = Answer.of(outcome)
        return None if answer.wrong else replace(answer, prompt=0, answer=0, kept=True).outcome()


class OutsideModels:
    """Performs effects of the capability `chat`.

    Args:
        models: Its language models.
        world: Its name.
        scripts: Answers in place of models, by their names.
        content: Gives a content of the run by its digest: scripts of forks.
        folders: Where models are on this machine, by their names.

    Attributes:
        heard: Told each piece of an answer as it comes, if anybody listens.
    """

    def __init__(
        self,
        models: Sequence[Model],
        world: str,
        scripts: Mapping[str, bytes],
        content: Callable[[bytes], bytes],
        folders: Mapping[str, str],
    ) -> None:
        self.heard: Heard | None = None
        self._models = {it.name: it for it in models}
        self._world = world
        self._content = content
        self._folders = folders
        self._scripts = {name: script_of(data, name) for name, data in scripts.items()}
        self._of_forks: dict[str, Script] = {}
        self._providers: dict[tuple[str, str], Provider] = {}
        self._lock = Lock()

    def covers(self, effect: Effect) -> bool:
        """Whether an answer stands in a script, and need not be looked for among those kept."""
        if effect.capability != CHAT:
            return False
        name, instead = effect.arguments[:2]
        model = self._models.get(_table(name, instead))
        return model is not None and not model.cache and bool(self._script_of(name, instead))

    def at_once(self, asked: Issued) -> Outcome | None:
        """How a question ends whose answer stands in a script; None for any other."""
        question = Question.of(asked.arguments)
        script = self._script_of(question.model, question.instead)
        if script is None:
            return None
        answer = script.answer(question, Asker(asked.agent, asked.attempt))
        if self.heard is not None and isinstance(answer, Answer):
            self.heard(asked, answer.content)
        return _ended(question, answer)

    def lane(self, issued: Issued) -> tuple[str, int] | None:
        """What a question has to wait for, and how many of that may be out at a time."""
        if issued.capability != CHAT:
            return None
        name, instead = issued.arguments[:2]
        model = self._models.get(_table(name, instead))
        return None if model is None else (LANE + model.name, model.concurrency)

    def perform(self, issued: Issued, cancellation: Cancellation) -> Outcome:
        """Has a model answer; from now on its time counts.

        Raises:
            Refused: Its server was taken away since the run began.
            HostFault: This machine failed.
        """
        question = Question.of(issued.arguments)
        name, instead = question.model, question.instead

        def hears(piece: str) -> None:
            heard = self.heard
            if heard is not None:
                heard(issued, piece)

        if cancellation.cancelled:
            return refusal(faults.CANCELLED, "nobody waits for it any more")
        provider = self._provider(name, instead)
        return _ended(question, provider.answer(question, issued, cancellation, hears))

    def close(self) -> None:
        """Nobody asks any more."""
        for provider in self._providers.values():
            provider.close()

    def _script_of(self, name: str, instead: str) -> Script | None:
        """What answers in the place of a model; None: it does itself."""
        if not instead.startswith(SCRIPT):
            if instead.startswith(SERVER):
                return None
            return self._scripts.get(_table(name, instead))
        if instead not in self._of_forks:
            data = self._content(bytes.fromhex(instead.removeprefix(SCRIPT)))
            self._of_forks[instead] = script_of(data, name)
        return self._of_forks[instead]

    def require(self, known: LanguageModels) -> None:
        """Lets a world pass whose models can all be asked here.

        Raises:
            Refused: The operator named no such server, or a secret of it is not there.
            Misuse: A package, or a folder, is missing.
        """
        for name in sorted(self._models):
            found = known.get(name)
            instead = "" if found is None else found.instead
            if self._script_of(name, instead) is None:
                self._provider(name, instead)

    def _provider(self, name: str, instead: str) -> Provider:
        """Who answers; made when it is first asked.

        Raises:
            Refused, Misuse: This machine cannot.
        """
        with self._lock:
            provider = self._providers.get((name, instead))
            if provider is None:
                provider = self._made(name, instead)
                self._providers[name, instead] = provider
        return provider

    def _made(self, name: str, instead: str) -> Provider:
        model = self._models[_table(name, instead)]
        if instead.startswith(SERVER):
            server, _, called = instead.removeprefix(SERVER).partition("=")
            return server_model(server, called or model.model or name, model.retries, self._world)
        if model.server:
            called = model.model or model.name
            return server_model(model.server, called, model.retries, self._world)
        return folder_model(model, self._folders.get(model.name))


def _table(name: str, instead: str) -> str:
    """The name of the table that is asked: its own, or the one that was put in its place."""
    return instead.removeprefix(TABLE) if instead.startswith(TABLE) else name


def require_script(data: bytes, name: str) -> None:
    """Lets a script pass that is to answer in a model's place from now on.

    Raises:
        Misuse: It is none, or has a pattern that is not taken.
    """
    script = script_of(data, name)
    if script.not_taken:
        raise Misuse(script.not_taken, code="bad-script")


def script_of(data: bytes, name: str) -> Script:
    """The script that answers in a model's place, as a run may hold it.

    Raises:
        Misuse: It is none.
    """
    try:
        return Script(data.decode("utf-8-sig"), name)
    except UnicodeDecodeError:
        raise Misuse(f"{name}: is not UTF-8", code="bad-script") from None
    except Wrong as wrong:
        raise Misuse(str(wrong), code="bad-script") from None


def _ended(question: Question, answer: Answer | Err) -> Outcome:
    """The outcome of a question, its answer held to the schema that was asked for."""
    if isinstance(answer, Err):
        return answer
    texts = [answer.content, *(part for it in answer.calls for part in (it.name, it.arguments))]
    if sum(len(text.encode()) for text in texts) > MAX_ANSWER:
        return refusal(faults.TOO_LARGE, f"an answer is at most {MAX_ANSWER} bytes")
    if question.schema is None or answer.calls or answer.finish == "refused":
        return answer.outcome()
    return replace(answer, wrong=_misfit(question.schema, answer)).outcome()


def _misfit(schema: str, answer: Answer) -> str:
    try:
        value = json_text.read(answer.content)
    except json_text.NotJson as error:
        cut = (
            " (it was cut at the most tokens that it may have)" if answer.finish == "length" else ""
        )
        return f"the answer: {error}{cut}"
    return misfit(read_schema(schema), value)
