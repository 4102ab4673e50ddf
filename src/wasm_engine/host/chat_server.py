"""Language models of servers that speak OpenAI's chat completions: llama.cpp, Ollama, vLLM..."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Final

from wasm_engine.concepts import faults
from wasm_engine.concepts.addresses import read_network
from wasm_engine.concepts.chat import Answer, Question
from wasm_engine.concepts.effect import HttpResponse, Issued
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.host.chat_provider import Hears
from wasm_engine.host.chat_wire import Names, NotSpoken, Reading, body_of, parsed, said_in
from wasm_engine.host.http_client import HttpClient
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.reach import Reach
from wasm_engine.host.stopwatch import elapsed

MAX_RESPONSE: Final = 64 << 20
"""Bytes of an answer as it is sent, piece by piece."""
_BUSY = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
"""What a server answers that may answer well a little later."""
_LATER = frozenset(
    {
        faults.UNKNOWN_HOST, faults.CONNECTION_FAILED, faults.CONNECTION_LOST, faults.BAD_RESPONSE,
        faults.TLS_FAILED,
    }
)  # fmt: skip
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 30.0
_OVERFLOW = re.compile(
    r"context.{0,20}(length|size|window)|context_length|too many tokens|maximum.{0,20}tokens",
    re.IGNORECASE,
)
_LONGEST_DETAIL = 340
"""Characters of what is told of a fault."""
# The operator named the server: wherever its name leads, it is meant.
_EVERYWHERE = Reach((read_network("0.0.0.0/0"), read_network("::/0")))


class ServerModel:
    """A model of a server.

    Args:
        url: Where the protocol begins, without a slash at the end.
        model: What the server calls the model.
        secret: Gives what the server is shown, or None; asked for each question.
        retries: How often it is asked again that did not answer, or was busy.
        pause: Seconds before it is asked again; doubled each time.
        holds: Whether a text has a secret in it, however it is spelled: text, secret.
    """

    def __init__(
        self,
        url: str,
        model: str,
        secret: Callable[[], str | None],
        retries: int,
        pause: float = _FIRST_PAUSE,
        holds: Callable[[str, str], bool] = str.__contains__,
    ) -> None:
        self._url = f"{url}/chat/completions"
        self._model = model
        self._secret = secret
        self._retries = retries
        self._pause = pause
        self._holds = holds
        self._client = HttpClient(reach=lambda _issued: _EVERYWHERE)

    def answer(
        self, question: Question, issued: Issued, cancellation: Cancellation, hears: Hears
    ) -> Answer | Err:
        """Asks the server, and again as often as it may be where that may help."""
        names, secret = Names(question), self._secret()
        body = body_of(question, self._model, names)
        end = elapsed() + question.timeout / 1e9
        pause = self._pause
        stopped = threading.Event()
        cancellation.on_cancel(stopped.set)
        for left in range(self._retries, -1, -1):
            tried = _Try(question, names, hears)
            request = self._request(body, secret, end - elapsed())
            try:
                outcome = self._client.perform(
                    issued._replace(arguments=request), cancellation, tried.hear
                )
            except NotSpoken as wrong:
                outcome = refusal(faults.BAD_RESPONSE, str(wrong))
            found, wanted = tried.ended(outcome)
            if wanted is None or left == 0 or stopped.is_set():
                break
            wait = min(max(wanted, pause), _LONGEST_PAUSE)
            if elapsed() + wait >= end or stopped.wait(wait):
                break
            pause *= 2
        return self._without(secret, found)

    def _without(self, secret: str | None, found: Answer | Err) -> Answer | Err:
        """What came back, unless the secret that the server was shown is in it."""
        texts = list(found.payload) if isinstance(found, Err) else [found.content]
        if isinstance(found, Answer):
            texts += [part for call in found.calls for part in (call.id, call.name, call.arguments)]
        if secret and any(self._holds(text, secret) for text in texts):
            return refusal(faults.MODEL_FAILED, "what came back has the server's secret in it")
        if isinstance(found, Err):  # cut only now: half a secret would not have been found
            code, detail = found.payload
            return refusal(code, detail[:_LONGEST_DETAIL])
        return found

    def close(self) -> None:
        """Nothing is kept open."""

    def _request(self, body: bytes, secret: str | None, left: float) -> tuple[object, ...]:
        headers = [("Content-Type", "application/json"), ("Accept", "text/event-stream")]
        if secret:
            headers.append(("Authorization", f"Bearer {secret}"))
        return "POST", self._url, headers, body, max(int(left * 1e9), 1), MAX_RESPONSE


class _Try:
    """One time that a server is asked."""

    def __init__(self, question: Question, names: Names, hears: Hears) -> None:
        self._question = question
        self._names = names
        self._reading = Reading(hears)
        self._streams: bool | None = None

    def hear(self, status: int, piece: bytes) -> None:
        """A piece of the response's body.

        Raises:
            NotSpoken: What came so far is of no answer: no more of it is read.
        """
        if self._streams is None:
            # What is sent as JSON begins with a brace, whatever its header says.
            self._streams = status == 200 and not piece.lstrip().startswith(b"{")
        if self._streams:
            self._reading.take(piece)

    def ended(self, outcome: HttpResponse | Err) -> tuple[Answer | Err, float | None]:
        """What became of it; and after how many seconds it may be tried again, or None."""
        if isinstance(outcome, Err):
            return outcome, 0.0 if outcome.payload[0] in _LATER else None
        status, headers, body = outcome
        if status != 200:
            return _refused(status, body), _later(status, headers)
        try:
            if not self._streams:
                self._reading.whole(body)
            found = self._reading.answer(self._question, self._names)
        except NotSpoken as wrong:
            return refusal(faults.BAD_RESPONSE, str(wrong)), 0.0
        return found, None


def _later(status: int, headers: list[tuple[str, str]]) -> float | None:
    """After how many seconds a server may be asked again that refused."""
    if status not in _BUSY:
        return None
    said = next((value for name, value in headers if name.lower() == "retry-after"), "")
    return float(said) if said.isascii() and said.isdigit() and len(said) < 6 else 0.0


def _refused(status: int, body: bytes) -> Err:
    """What a server says that does not answer."""
    try:
        found = parsed(body[: 64 << 10])
        said = said_in(found)
    except NotSpoken:
        found, said = {}, "it does not say why"
    error = found.get("error")
    code = error.get("code") if isinstance(error, dict) else ""
    if status in {400, 413, 422} and (_OVERFLOW.search(said) or _OVERFLOW.search(str(code))):
        return refusal(faults.CONTEXT_OVERFLOW, f"the server says: {said}")
    return refusal(faults.MODEL_FAILED, f"the server answered {status}: {said}")
