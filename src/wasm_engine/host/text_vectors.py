"""Models that turn texts into vectors: a folder with `model.onnx` and `tokenizer.json`."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from wasm_engine.concepts import faults
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.faults import refusal
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.tensors import Slot, Tensor
from wasm_engine.host.onnx_runtime import lacking
from wasm_engine.host.onnx_session import Session
from wasm_engine.host.outside import Cancellation
from wasm_engine.host.stopwatch import elapsed

TOKENIZER: Final = "tokenizer.json"
LONGEST: Final = 512
"""Tokens of a text, where the folder says nothing else."""
MOST_TOKENS: Final = 1 << 20
"""Of a text; who says more says nothing."""
_PARTS: Final = {
    "input_ids": lambda encoding: encoding.ids,
    "attention_mask": lambda encoding: encoding.attention_mask,
    "token_type_ids": lambda encoding: encoding.type_ids,
}
"""What models of texts take, as the tokenizer gives it."""


class TextVectors:
    """A model of vectors, with its tokenizer.

    One text is computed at a time, and not padded: what a vector is must not depend on what else is
    asked.

    Args:
        session: The model.
        folder: Where it lies.

    Attributes:
        session: As given.
        dimensions: How many numbers a vector has.

    Raises:
        Misuse: The folder is not that of such a model.
    """

    def __init__(self, session: Session, folder: Path) -> None:
        self.session = session
        self._tokenizer = _tokenizer(folder)
        self._inputs = [_asked(slot, folder) for slot in session.inputs if not slot.optional]
        self._output, self._pool = _vectors(session.outputs, folder)
        self._unit = _is_normalized(folder)
        self.dimensions = 0
        self.dimensions = session.outputs[self._output].shape[-1] or self._tried()

    def compute(
        self,
        texts: Sequence[str],
        timeout: int,
        most: int,
        cancellation: Cancellation | None = None,
    ) -> bytes | Err:
        """The vectors of texts, one behind the other, as floats of 32 bits; or how it ended.

        Args:
            texts: The texts.
            timeout: Nanoseconds that all of them may take.
            most: Bytes of the tensors of one.
            cancellation: Whether somebody still wants to know.
        """
        end, found = elapsed() + timeout / 1e9, []
        for text in texts:
            left = int((end - elapsed()) * 1e9)
            if left <= 0:
                return refusal(faults.TIMEOUT, f"the model took longer than {timeout} ns")
            given = self._tokens(text)
            if given is None:  # in our words: they may be in the chain
                return refusal(faults.MODEL_FAILED, "its tokenizer cannot split this text")
            tensors = self.session.compute(given, left, most, cancellation)
            if isinstance(tensors, Err):
                return tensors
            vector = self._vector(tensors[self._output])
            if self.dimensions and len(vector) != 4 * self.dimensions:
                return refusal(faults.MODEL_FAILED, "it gives vectors of different lengths")
            found.append(vector)
        return b"".join(found)

    def _tokens(self, text: str) -> list[Tensor] | None:
        """The text as the model takes it; None where its tokenizer has no place for a word."""
        try:
            encoding = self._tokenizer.encode(text)
        except BaseException as error:
            if not _is_of_the_library(error):
                raise
            return None
        tokens = [(name, _PARTS[name](encoding)) for name in self._inputs]
        return [
            (name, "int64", [1, len(row)], b"".join(it.to_bytes(8, "little") for it in row))
            for name, row in tokens
        ]

    def _vector(self, tensor: Tensor) -> bytes:
        import numpy  # noqa: PLC0415

        array = numpy.frombuffer(tensor[3], "<f4").reshape(tensor[2])
        row = array.reshape(-1) if self._pool is None else self._pool(array[0])
        if self._unit:
            # Exactly rounded: how a library adds up depends on the processor.
            length = math.sqrt(math.fsum(float(x) * float(x) for x in row))
            row = row / numpy.float32(max(length, 1e-12))
        return bytes(row.astype("<f4").tobytes())

    def _tried(self) -> int:
        found = self.compute(["a"], 60 * 10**9, 1 << 40)
        if isinstance(found, Err):
            raise Misuse(f"it gives no vector: {found.payload}", code="bad-model")
        return len(found) // 4


def _tokenizer(folder: Path) -> Any:
    try:
        from tokenizers import Tokenizer  # noqa: PLC0415
    except ImportError as error:
        raise lacking("tokenizers", "embeddings") from error
    path = folder / TOKENIZER
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except BaseException as error:
        if not _is_of_the_library(error):
            raise
        message = f"{path}: no tokenizer that can be used: {str(error)[:200]}"
        raise Misuse(message, code="bad-model") from None
    tokenizer.no_padding()
    longest = _number(folder / "sentence_bert_config.json", "max_seq_length")
    if longest is None and tokenizer.truncation:
        longest = tokenizer.truncation["max_length"]
    tokenizer.enable_truncation(longest or LONGEST)
    return tokenizer


def _is_of_the_library(error: BaseException) -> bool:
    """Its errors are plain Exceptions; its panics, to which a strange file can lead, are none."""
    plain = isinstance(error, Exception) and not isinstance(error, MemoryError)
    return plain or type(error).__name__ == "PanicException"


def _asked(slot: Slot, folder: Path) -> str:
    if slot.name not in _PARTS or slot.element != "int64":
        message = f"{folder}: its model takes {slot.name!r} ({slot}), which a tokenizer has none of"
        raise Misuse(message, code="bad-model")
    return slot.name


def _vectors(outputs: Sequence[Slot], folder: Path) -> tuple[int, Callable[[Any], Any] | None]:
    """Which output holds vectors, and how one is made of those of tokens, where it holds these."""
    ranks = [len(slot.shape) if slot.element == "float32" else 0 for slot in outputs]
    if 2 in ranks:
        return ranks.index(2), None
    if 3 in ranks:
        first = _flag(folder / "1_Pooling/config.json", "pooling_mode_cls_token")
        return ranks.index(3), _first if first else _mean
    message = f"{folder}: its model gives neither vectors of texts nor of tokens"
    raise Misuse(message, code="bad-model")


def _first(tokens: Any) -> Any:
    return tokens[0]


def _mean(tokens: Any) -> Any:
    import numpy  # noqa: PLC0415

    # Row after row: each number is added up in the order of the tokens, on any processor.
    total = numpy.zeros(tokens.shape[1], "<f4")
    for row in tokens:
        total += row
    return total / numpy.float32(len(tokens))


def _is_normalized(folder: Path) -> bool:
    rows = _json(folder / "modules.json")
    if not isinstance(rows, list):
        return False
    return any("Normalize" in str(row.get("type")) for row in rows if isinstance(row, dict))


def _flag(path: Path, key: str) -> bool:
    found = _json(path)
    return isinstance(found, dict) and found.get(key) is True


def _number(path: Path, key: str) -> int | None:
    found = _json(path)
    value = found.get(key) if isinstance(found, dict) else None
    return value if isinstance(value, int) and 0 < value <= MOST_TOKENS else None


def _json(path: Path) -> Any:
    with suppress(OSError, ValueError, RecursionError):
        return json.loads(path.read_bytes())
    return None
