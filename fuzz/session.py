"""One decoder, given input after input in this process, and what it did that it must not do."""

from __future__ import annotations

import random
import re
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import NamedTuple

from fuzz.mutation import mutated
from fuzz.target import MOST_BYTES, SECONDS, Target
from wasm_engine.concepts.errors import Bug

_MOST_KEPT = 2_000
"""Inputs that are mutated further; from then on a new one takes the place of another."""
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|`[^`]*`")
_WORD = re.compile(r"[A-Za-z]+")
_WORDS = 7
"""Of a message so many tell one reason from another; what it quotes does not."""
_OURS = re.compile(r"/(wasm_engine|fuzz/targets)/")


class TooLong(BaseException):
    """An input was not done with in time. No `except Exception` takes it for something else."""


class Finding(NamedTuple):
    """What an input did.

    Attributes:
        key: The same for what is likely the same fault.
        data: The input.
        text: What is known of it.
    """

    key: str
    data: bytes
    text: str


@dataclass
class Figures:
    """How many inputs were tried, how many of them were good, and how many did something new."""

    executions: int = 0
    accepted: int = 0
    kept: int = 0


class Session:
    """Tries inputs, each made of those that did something new before.

    Args:
        target: What is tried.
        seed: What decides: the same seed is the same inputs.
        before: Told each input before it is tried.
    """

    def __init__(
        self, target: Target, seed: int, before: Callable[[bytes], None] = lambda _: None
    ) -> None:
        self.target = target
        self.figures = Figures()
        self.findings: dict[str, Finding] = {}
        self._before = before
        self._rng = random.Random(f"{target.name} {seed}")
        self._corpus = [data[:MOST_BYTES] for data in target.seeds()]
        self._seeds = len(self._corpus)
        self._behaviours: set[str] = set()

    def seeds(self, every: int = 1) -> None:
        """Tries what inputs begin with, or every so-manyeth of it."""
        for data in self._corpus[: self._seeds : every]:
            self.run(data)

    def step(self) -> None:
        """Tries one more input."""
        target, rng = self.target, self._rng
        recent = self._corpus[-32:] if rng.random() < 0.3 else self._corpus
        data = mutated(
            rng.choice(recent), self._corpus, target.forms, target.words, rng, MOST_BYTES
        )
        if self.run(data):
            self._keep(data)

    def run(self, data: bytes) -> bool:
        """Tries an input; answers whether it did what none before it did."""
        self._before(data)
        self.figures.executions += 1
        try:
            with _in_time():
                self.target.check(data)
        except self.target.refuses as error:
            if isinstance(error, Bug):
                return self._find(data, error)
            words = _WORD.findall(_QUOTED.sub(" ", str(error)))[:_WORDS]
            return self._is_new(" ".join([type(error).__name__, *words]))
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # noqa: BLE001 - a panic of Rust is no Exception
            return self._find(data, error)
        self.figures.accepted += 1
        return self._is_new(f"accepted {len(data).bit_length()}")

    def _is_new(self, behaviour: str) -> bool:
        if behaviour in self._behaviours:
            return False
        self._behaviours.add(behaviour)
        return True

    def _keep(self, data: bytes) -> None:
        self.figures.kept += 1
        if len(self._corpus) < self._seeds + _MOST_KEPT:
            self._corpus.append(data)
        else:
            self._corpus[self._seeds + self._rng.randrange(_MOST_KEPT)] = data

    def _find(self, data: bytes, error: BaseException) -> bool:
        frames = traceback.extract_tb(error.__traceback__)
        ours = [frame for frame in frames if _OURS.search(frame.filename)] or list(frames)
        where = "" if isinstance(error, TooLong) else f"{ours[-1].filename}:{ours[-1].lineno}"
        key = f"{type(error).__name__} {where}"
        known = self.findings.get(key)
        if known is None or len(data) < len(known.data):
            text = "".join(traceback.format_exception(error, limit=-12))
            self.findings[key] = Finding(key, data, text)
        return False


@contextmanager
def _in_time() -> Iterator[None]:
    """Time of the processor, so that a loaded machine finds no more than an idle one."""
    before = signal.signal(signal.SIGPROF, _too_long)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_long(_number: int, _frame: FrameType | None) -> None:
    raise TooLong
