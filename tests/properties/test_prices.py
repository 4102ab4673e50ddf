"""What is priced in a quick way costs what it costs in the general one."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from wasm_engine.concepts import cost
from wasm_engine.runtime import wit
from wasm_engine.runtime.gate import _list_measure, measure_of

PAIR = wit.Tuple((wit.String(), wit.String()))
HEADER = wit.Record((("name", wit.String()), ("value", wit.String())))
"""What holds the same and is priced part by part."""


@given(st.lists(st.tuples(st.text(), st.text())))
@example([])
@example([("", "")])
@example([("", ""), ("ä", "\U0001f980"), ("name", "")])
def test_headers_cost_what_any_list_would(headers):
    quick = measure_of(wit.List(PAIR))
    general = _list_measure(measure_of(PAIR))
    assert quick is not None
    assert quick(headers) == general(headers)
    assert quick(headers) == measure_of(wit.List(HEADER))(headers)
    characters = sum(len(name) + len(value) for name, value in headers)
    assert quick(headers) == len(headers) * cost.ELEMENT + characters * cost.STRING_BYTE
