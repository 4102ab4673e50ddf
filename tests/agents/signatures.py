"""What a WIT text declares, whatever stands in it as comments, and how it is laid out.

    python -m tests.agents.signatures FILE...

prints the SHA-256 of the words and signs of each file, so that a transcription of a standard can be
held against the standard's own text, which is not kept here.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path

_COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"->|[\w@.%-]*\w|\S")


def digest_of(text: str) -> str:
    """SHA-256, in hexadecimal digits, of what is declared: one word or sign after the other."""
    words = " ".join(_WORD.findall(_COMMENT.sub(" ", text)))
    return hashlib.sha256(words.encode()).hexdigest()


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(digest_of(Path(path).read_text(encoding="utf-8")), path)
