"""The standard retriever: an exact search and one by graph, how good, how dear; a Markdown table.

    python -m benchmarks.retrieval [1000 5000 10000]

Vectors are drawn around a hundred centres, as those of texts lie in groups. Times are CPU time of a
message to the agent, its JSON among it; fuel is the same on every machine. `hnswlib`, where it is
installed, is measured with the same parameters, and called directly: without sandbox and JSON.
"""

from __future__ import annotations

import importlib.util
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from tests.std.kept import Kept

SIZE, CENTRES, QUERIES, COUNT = 128, 100, 100, 10
LINKS, BUILD, BREADTH = 16, 200, 64
GRAPH = {"vectors": {"search": "graph", "links": LINKS, "build": BUILD, "breadth": BREADTH}}
Vectors = Sequence[Sequence[float]]


class Row(NamedTuple):
    """One line of the table; times in milliseconds, fuel in thousands."""

    what: str
    recall: float
    add: float
    search: float
    add_fuel: float | None = None
    search_fuel: float | None = None

    def line(self) -> str:
        """As Markdown."""
        fuel = [it and f"{it:,.0f}" for it in (self.add_fuel, self.search_fuel)]
        times = f"{self.add:.2f} | {self.search:.3f}"
        return f"| {self.what} | {self.recall:.3f} | {times} | {fuel[0] or ''} | {fuel[1] or ''} |"


def drawn(count: int, seed: int) -> Vectors:
    """Vectors around centres that are the same for every seed."""
    places = random.Random(0)
    centres = [[places.gauss(0, 1) for _ in range(SIZE)] for _ in range(CENTRES)]
    draw = random.Random(seed)
    return [[round(x + draw.gauss(0, 0.7), 4) for x in draw.choice(centres)] for _ in range(count)]


def ours(what: str, config: Any, rows: Vectors, queries: Vectors) -> tuple[Row, list[list[int]]]:
    """The retriever with a configuration."""
    kept = Kept(config)
    began, fuel = time.process_time(), kept.fuel
    for number, row in enumerate(rows):
        kept.ask("add", {"id": f"{number:06}", "text": "", "vectors": [row]})
    add, add_fuel = time.process_time() - began, kept.fuel - fuel
    began, fuel = time.process_time(), kept.fuel
    asked = {"by": "vector", "count": COUNT}
    found = [
        [int(hit["doc"]) for hit in kept.ask("search", asked | {"vector": q})] for q in queries
    ]
    search, search_fuel = time.process_time() - began, kept.fuel - fuel
    kept.close()
    count, asked_for = len(rows), len(queries)
    row = Row(
        what,
        0,
        add / count * 1e3,
        search / asked_for * 1e3,
        add_fuel / count / 1e3,
        search_fuel / asked_for / 1e3,
    )
    return row, found


def theirs(rows: Vectors, queries: Vectors) -> tuple[Row, list[list[int]]]:
    """The package `hnswlib` with the same parameters."""
    import hnswlib  # type: ignore[import-not-found]  # noqa: PLC0415

    index = hnswlib.Index(space="cosine", dim=SIZE)
    index.init_index(len(rows), M=LINKS, ef_construction=BUILD, random_seed=1)
    index.set_num_threads(1)
    index.set_ef(BREADTH)
    began = time.process_time()
    index.add_items(rows, list(range(len(rows))), num_threads=1)
    add = time.process_time() - began
    began = time.process_time()
    found = [
        [int(it) for it in index.knn_query([q], k=COUNT, num_threads=1)[0][0]] for q in queries
    ]
    search = time.process_time() - began
    row = Row("hnswlib", 0, add / len(rows) * 1e3, search / len(queries) * 1e3)
    return row, found


def main() -> int:
    counts = [int(text) for text in sys.argv[1:]] or [1000, 5000, 10_000]
    queries = drawn(QUERIES, 2)
    print("| | recall@10 | add, ms | search, ms | add, 1000 fuel | search, 1000 fuel |")
    print("|---|---|---|---|---|---|")
    for count in counts:
        rows = drawn(count, 1)
        exact, wanted = ours(f"{count:,} exact", {}, rows, queries)
        print(exact._replace(recall=1.0).line(), flush=True)
        others: list[Callable[[], tuple[Row, list[list[int]]]]] = [
            lambda rows=rows, count=count: ours(f"{count:,} by graph", GRAPH, rows, queries)
        ]
        if importlib.util.find_spec("hnswlib"):
            others.append(lambda rows=rows: theirs(rows, queries))
        for other in others:
            row, found = other()
            hits = sum(len({*a} & {*b}) for a, b in zip(found, wanted, strict=True))
            print(row._replace(recall=hits / COUNT / QUERIES).line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
