"""Language models of folders, by ONNX Runtime GenAI; imported where one is asked."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, Final

from wasm_engine.concepts import faults
from wasm_engine.concepts.chat import Answer, Call, Finish, Question
from wasm_engine.concepts.effect import Issued
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host import telemetry  # noqa: F401
from wasm_engine.host.chat_provider import Hears
from wasm_engine.host.chat_template import (
    Template,
    call_schema,
    calls_in,
    offers,
    speaks_of_calls,
)
from wasm_engine.host.chat_wire import unicode_of
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.stopwatch import elapsed

import onnxruntime_genai as og  # isort: skip - it looks at what telemetry set

og.disable_telemetry_events()

CONFIG: Final = "genai_config.json"
_SEEDS = 1 << 31
_CALLED_CUDA = "cuda"


class GenaiModel:
    """A language model of a folder; loaded when it is first asked, and shared by all who ask.

    Args:
        folder: Where it is.
        label: What messages call it.
        device: Where it computes: `auto` is as the folder says.
        threads: In which one answer computes.

    Raises:
        Misuse: There is none, or its device is not here.
    """

    def __init__(self, folder: str, label: str, device: str = "auto", threads: int = 1) -> None:
        self._folder = Path(folder)
        self._label = label
        self._device = device
        self._threads = threads
        self._lock = threading.Lock()
        self._model: Any = None
        self._tokenizer: Any = None
        if not (self._folder / CONFIG).is_file():
            message = f"the model {label} is no folder of ONNX Runtime GenAI: it has no {CONFIG}"
            raise Misuse(message, code="no-model")
        if device == _CALLED_CUDA and not og.is_cuda_available():
            message = f"the model {label} is to compute on CUDA, which is not here"
            raise Misuse(message, code="no-model")
        self._template = Template(self._folder)

    def answer(
        self, question: Question, issued: Issued, cancellation: Cancellation, hears: Hears
    ) -> Answer | Err:
        """Computes the answer, token by token.

        Raises:
            Misuse: The folder cannot be loaded.
        """
        del issued
        if speaks_of_calls(question) and not self._template.takes_tools:
            detail = "the template of this model's folder knows of no functions"
            return refusal(faults.INVALID_REQUEST, detail)
        end = elapsed() + question.timeout / 1e9
        self._load()
        try:
            prompt = self._template.prompt(question, self._applied)
            tokens = self._tokenizer.encode(prompt)
        except (RuntimeError, ValueError):
            detail = "the template of this model's folder cannot say this conversation"
            return refusal(faults.MODEL_FAILED, detail)
        room = min(question.context, self._context)
        if len(tokens) >= room:
            detail = (
                f"the conversation has {len(tokens)} tokens; with its answer it may have {room}"
            )
            return refusal(faults.CONTEXT_OVERFLOW, detail)
        most = min(len(tokens) + question.most, room)
        try:
            generator = self._generator(question, tokens, most)
        except RuntimeError:
            detail = "nothing can be held to this schema while it is written"
            return refusal(faults.INVALID_REQUEST, detail)
        return self._written(_Writing(question, len(tokens), hears), generator, cancellation, end)

    def close(self) -> None:
        """Nobody asks any more."""
        self._model = self._tokenizer = None

    def _load(self) -> None:
        with self._lock:
            if self._model is not None:
                return
            try:
                config = og.Config(str(self._folder))
                if self._device != "auto":
                    config.clear_providers()
                if self._device == _CALLED_CUDA:
                    config.append_provider(_CALLED_CUDA)
                options = {"intra_op_num_threads": self._threads}
                config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
                model = og.Model(config)
                self._tokenizer = og.Tokenizer(model)
                known = json.loads((self._folder / CONFIG).read_bytes())["model"]
                self._context = int(known["context_length"])
            except (RuntimeError, ValueError, KeyError, TypeError) as error:
                message = f"the model {self._label} cannot be loaded: {error}"
                raise Misuse(message, code="no-model") from None
            self._ends = frozenset(map(int, self._tokenizer.eos_token_ids))
            self._model = model

    def _applied(self, messages: str, tools: str | None) -> str:
        more = {} if tools is None else {"tools": tools}
        said: str = self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, **more
        )
        return said

    def _generator(self, question: Question, tokens: Any, most: int) -> Any:
        parameters = og.GeneratorParams(self._model)
        options: dict[str, Any] = {"max_length": most, "random_seed": question.seed % _SEEDS}
        if question.temperature == 0:
            options["do_sample"] = False
        elif question.temperature is not None or question.top_p or question.top_k:
            options["do_sample"] = True
            for name in ("temperature", "top_p", "top_k"):
                if getattr(question, name) is not None:
                    options[name] = getattr(question, name)
        parameters.set_search_options(**options)
        schema = _held_to(question)
        if schema is not None:
            parameters.set_guidance("json_schema", schema, False)
        generator = og.Generator(self._model, parameters)
        generator.append_tokens(tokens)
        return generator

    def _written(
        self, writing: _Writing, generator: Any, cancellation: Cancellation, end: float
    ) -> Answer | Err:
        stream = self._tokenizer.create_stream()
        try:
            while not generator.is_done():
                if cancellation.cancelled:
                    return refusal(faults.CANCELLED, "nobody waits for it any more")
                if elapsed() >= end:
                    return refusal(faults.TIMEOUT, "no whole answer came in time")
                generator.generate_next_token()
                token = int(generator.get_next_tokens()[0])
                ended = token in self._ends
                if writing.add("" if ended else stream.decode(token), ended=ended):
                    break
        except RuntimeError:
            return refusal(faults.MODEL_FAILED, "ONNX Runtime GenAI could not compute the answer")
        return writing.answer()


class _Writing:
    """An answer as it is written."""

    def __init__(self, question: Question, prompt: int, hears: Hears) -> None:
        self._question = question
        self._prompt = prompt
        self._hears = hears
        self._text = ""
        self._told = self._count = 0
        self._finish: Finish = "length"
        # So much at the end may be the beginning of what must not be said.
        self._held = max((len(it) for it in question.stop), default=1) - 1

    def add(self, piece: str, *, ended: bool) -> bool:
        """The next token; whether the answer ends here."""
        self._count += 1
        self._text += piece
        found = [self._text.find(it) for it in self._question.stop if it in self._text]
        if found:
            self._text = self._text[: min(found)]
        if found or ended:
            self._finish = "stop"
            self._tell(len(self._text))
            return True
        self._tell(len(self._text) - self._held)
        return False

    def _tell(self, until: int) -> None:
        if until > self._told:
            self._hears(self._text[self._told : until])
            self._told = until

    def answer(self) -> Answer:
        """The whole of it."""
        self._tell(len(self._text))
        content, finish = unicode_of(self._text), self._finish
        calls: tuple[Call, ...] = ()
        if offers(self._question):
            content, calls = calls_in(content, self._question)
            finish = "calls" if calls else finish
        return Answer(content, calls, finish, self._prompt, self._count)


def _held_to(question: Question) -> str | None:
    """The schema that an answer is held to while it is written."""
    if offers(question) and question.choice[0] in {"required", "named"}:
        schema: Any = call_schema(question)
    elif question.schema is None or offers(question):
        return None
    else:
        schema = json.loads(question.schema)
    if not isinstance(schema, dict):
        return None
    # Without this a weak model writes spaces until it has no room left.
    return json.dumps({"x-guidance": {"whitespace_flexible": False}, **schema})
