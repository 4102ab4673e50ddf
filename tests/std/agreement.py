"""Whether the standard tokenizer says what the package `tokenizers` says.

python -m tests.std.agreement 10000
python -m tests.std.agreement 10000 some/tokenizer.json
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from tests.std import vocabularies
from tests.std.held import Held
from tests.std.texts import texts

KINDS = {
    "WordPiece": vocabularies.wordpiece,
    "WordPiece with case": lambda: vocabularies.wordpiece(lowercase=False),
    "byte-level BPE": vocabularies.byte_pairs,
    "byte-level BPE with a space before": lambda: vocabularies.byte_pairs(prefix=True),
}


def held(tokenizer: Tokenizer) -> Held:
    """The standard tokenizer with the same vocabulary."""
    files = {"tokenizer.json": tokenizer.to_str().encode()}
    return Held("tokenizer", {"tokenizer": "/model/tokenizer.json"}, files)


def differing(tokenizer: Tokenizer, ours: Held, samples: Sequence[str]) -> list[str]:
    """The texts whose ids, tokens, offsets or decoding are not the same."""
    found = []
    for text, theirs in zip(samples, tokenizer.encode_batch(samples), strict=True):
        ids, tokens, offsets, attention = ours.call("encode", text, None)
        same = (ids, tokens, offsets) == (theirs.ids, theirs.tokens, theirs.offsets)
        same = same and attention == theirs.attention_mask
        if not same or ours.call("decode", ids, True) != tokenizer.decode(ids):
            found.append(text)
    return found


def main() -> int:
    count = int(sys.argv[1])
    kinds = dict(KINDS)
    if len(sys.argv) > 2:
        own = Tokenizer.from_str(Path(sys.argv[2]).read_text())
        own.no_padding()
        kinds = {sys.argv[2]: lambda: own}
    wrong = 0
    for name, make in kinds.items():
        tokenizer = make()
        found = differing(tokenizer, held(tokenizer), texts(count))
        print(f"{name}: {count} texts, {len(found)} differ", flush=True)
        for text in found[:5]:
            print(f"  {text!r}")
        wrong += len(found)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
