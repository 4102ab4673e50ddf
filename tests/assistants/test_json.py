"""The C kit's JSON against Python's, on texts that were made to be misread."""

from __future__ import annotations

import json
import math
from typing import NoReturn

from tests.assistants.crew import assistant

VALUES = (
    '"plain"', '"\\u00e4\\ud83d\\ude42"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"ö🙂"', '"\\u0000"', '""',
    '"\\ud83d"', '"\\ude42\\ud83d"', '"\\ud83dx"', '"\\u12g4"', '"\\x41"', '"tab\there"', '"open',
    "1", "null", "true", "[]", "{}",
)  # fmt: skip
OTHERS = (
    "0", "-0", "-1.5e+10", "1E5", "0.1", "01", "+1", "1.", ".5", "1e", "--1", "0x1", "NaN",
    "Infinity", "tru", "nulll", "'a'", "[1,2]", "[1,]", "[,1]", "[1 2]", "[", '{"a":1,}', '{"a"}',
    "{a:1}", '{"a":1 "b":2}', '{"a":{"b":[{}]}}', "[" * 64 + "]" * 64, '{"text":1}', " 7 ", "\v7",
    "1e308", "1e309", "1" * 308, "1" * 310, "0.1234567890123456789e-400",
)  # fmt: skip
TEXTS = [
    *(f'{{"text":{value}}}' for value in VALUES),
    *(f' {{ "a" : {value}\n,\t"text":"kept {at}"\r}} ' for at, value in enumerate(OTHERS)),
    '{"text":"one","text":"last"}', '{"text":"a"}{"text":"b"}', '{"text":"behind"} x', "[", "",
]  # fmt: skip
TOO_DEEP = f'{{"a":{"[" * 65}{"]" * 65},"text":"deep"}}'


def strict(text: str) -> str | None:
    """The text in it, as Python reads it; None where it is no object, or none that is strict."""

    def refuse(name: str) -> NoReturn:
        raise ValueError(name)

    def finite(number: str) -> float:
        return value if math.isfinite(value := float(number)) else refuse(number)

    try:
        value = json.loads(text, parse_constant=refuse, parse_float=finite, parse_int=finite)
        found = value.get("text") if isinstance(value, dict) else None
        return found if isinstance(found, str) and found.encode() else None
    except ValueError:  # also what cannot be encoded: half a character
        return None


def test_the_same_is_json_and_says_the_same(crew):
    texts = [*TEXTS, TOO_DEEP]
    calls = [{"name": "remember", "arguments": text} for text in texts]
    crew.describe(
        {"turn": 0, "calls": calls},
        {"content": "Done."},
        more=assistant("a", 'memory = "own"\nmax-tool-calls = 100'),
        context=100_000,
    )
    assert len(texts) <= 64
    assert crew.run(("a", "Go.")).dead_letters == 0
    expected = [*map(strict, TEXTS), None]
    told = [text for role, text in crew.questions()[-1].turns if role == "tool"]
    assert [it == "kept" for it in told] == [it is not None for it in expected]
    kept = json.loads(crew.state("a")["memory"])
    assert kept == [it for it in expected if it is not None]
