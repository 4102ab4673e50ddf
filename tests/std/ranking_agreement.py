"""Whether the standard ranker scores texts as the package `bm25s` does (its method `lucene`).

python -m pip install bm25s
python -m tests.std.ranking_agreement 10000
"""

from __future__ import annotations

import random
import sys

import bm25s

from tests.std.held import Held

SCRIPTS = (
    "abcdefghijklmnopqrstuvwxyz",
    "\u03b1\u03b2\u03b3\u03b4\u03b5\u03b6\u03b7\u03b8\u03b9\u03ba\u03bb\u03bc\u03bd\u03be\u03bf\u03c0",
    "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437\u0438\u043a\u043b\u043c\u043d\u043e\u043f\u0440",
    "\u05d0\u05d1\u05d2\u05d3\u05d4\u05d5\u05d6\u05d7\u05d8\u05d9\u05db\u05dc\u05de\u05e0\u05e1\u05e2",
    "\u0627\u0628\u062a\u062b\u062c\u062d\u062e\u062f\u0631\u0632\u0633\u0634\u0635\u0636\u0637\u0638",
)
QUERIES = 20


def written(count: int) -> tuple[list[list[str]], list[list[str]]]:
    """Texts of words of several scripts, some words far more often than others; and questions."""
    choose = random.Random(5)
    words = sorted(
        {
            "".join(choose.choices(letters, k=choose.randint(3, 8)))
            for letters in SCRIPTS
            for _ in range(600)
        }
    )
    choose.shuffle(words)
    weights = [1 / (place + 3) for place in range(len(words))]
    texts = [choose.choices(words, weights, k=choose.randint(5, 40)) for _ in range(count)]
    asked = [list(dict.fromkeys(choose.choices(words, weights, k=4))) for _ in range(QUERIES)]
    return texts, asked


def main(count: int = 10_000) -> int:
    """Prints how far both are apart; 1 where one finds what the other does not."""
    texts, asked = written(count)
    theirs = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
    theirs.index(texts, show_progress=False)
    ranker, other, furthest = Held("ranker"), 0, 0.0
    for words in asked:
        found = ranker.call("by-words", " ".join(words), [" ".join(it) for it in texts], None)
        # That package leaves out a factor that is the same for all: k1 + 1.
        scores = enumerate(theirs.get_scores(words))
        wanted = {place: 2.2 * float(score) for place, score in scores if score > 0}
        other += dict(found).keys() != wanted.keys()
        apart = [abs(score / wanted[place] - 1) for place, score in found if place in wanted]
        furthest = max([furthest, *apart])
    ranker.close()
    print(f"{QUERIES} questions, {count} texts: {other} find other texts, ", end="")
    print(f"scores differ by {furthest:.1e} at most (its numbers have 32 bits)")
    return int(other > 0 or furthest > 1e-6)


if __name__ == "__main__":
    raise SystemExit(main(*map(int, sys.argv[1:2])))
