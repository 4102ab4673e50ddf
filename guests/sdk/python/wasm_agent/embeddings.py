"""Texts as vectors: by models that the manifest grants, on the machine of the world.

from wasm_agent import embeddings

one, other = embeddings.embed("sentences", ["a cat", "a kitten"])
alike = sum(x * y for x, y in zip(one, other))
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from wasm_agent.contract import call, checked_text
from wasm_agent.contract import embeddings as _host


def dimensions(model: str) -> int:
    """How many numbers a vector of a model has.

    Raises:
        Fault: `NotGranted`, or `UnknownModel`.
    """
    count: int = call(_host.dimensions, model)
    return count


def embed(model: str, texts: Iterable[str]) -> list[array[float]]:
    """A vector for each text.

    What a vector is does not depend on what else is asked.

    Raises:
        Fault: `TooLarge`, `ModelFailed`, `Timeout`, `NotGranted`...
    """
    asked = [checked_text("a text", text) for text in texts]
    if not asked:
        return []
    found = call(_host.embed, model, asked)
    size = len(found) // len(asked)
    return [array("f", found[i * size : (i + 1) * size]) for i in range(len(asked))]
