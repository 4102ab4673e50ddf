"""WIT types that nobody chose, as text, each with a way to make its values."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.binding.test_values import TYPES
from wasm_engine.concepts.hostcall import Err


class Made(NamedTuple):
    """A type.

    Attributes:
        text: As components write it.
        values: What makes its values.
        none: Whether None is one of them.
        err: Whether an `Err` is one of them.
    """

    text: str
    values: Any
    none: bool = False
    err: bool = False


_LEAVES = [
    *(Made(text, it) for text, it in sorted(TYPES.items()) if text[0] != "(" and it is not None),
    Made("u8", st.integers(0, 255)),
]


def random_type(rng: random.Random, depth: int = 3) -> Made:
    """A type nested at most so deep."""
    make = rng.choice((_leaf, _leaf, _list, _option, _result, _tuple) if depth else (_leaf,))
    return make(rng, depth - 1)


def _leaf(rng: random.Random, _depth: int) -> Made:
    return rng.choice(_LEAVES)


def _list(rng: random.Random, depth: int) -> Made:
    inner = random_type(rng, depth)
    values = st.binary(max_size=9) if inner.text == "u8" else st.lists(inner.values, max_size=3)
    return Made(f"(list {inner.text})", values)


def _option(rng: random.Random, depth: int) -> Made:
    inner = random_type(rng, depth)
    some = inner.values.map(lambda value: (value,)) if inner.none else inner.values
    return Made(f"(option {inner.text})", st.none() | some, True, not inner.none and inner.err)


def _result(rng: random.Random, depth: int) -> Made:
    ok, error = random_type(rng, depth), random_type(rng, depth)
    values = ok.values.map(lambda value: (value,)) if ok.err else ok.values
    text = f"(result {ok.text} (error {error.text}))"
    return Made(text, values | st.builds(Err, error.values), not ok.err and ok.none, True)


def _tuple(rng: random.Random, depth: int) -> Made:
    parts = [random_type(rng, depth) for _ in range(rng.randint(1, 3))]
    text = f"(tuple {' '.join(part.text for part in parts)})"
    return Made(text, st.tuples(*(part.values for part in parts)))
