"""The kits of the compiled languages: every function of the contract, with the same result in each.

The tour in Go lies here where `make guests` built it: it takes seconds to compile.
"""

from __future__ import annotations

import pytest

from tests.guests.stock_world import GUESTS

SAID = """\
done
done
"grün" true
[0, 1, 255]
a,b
true true
done
tour played 1
1735689600001001000 true
{"x":1}
for you
[1, 2, 3]
k=v
!failed
!unknown-address
!timeout
done
done
true second
!cancelled
true false
child/one
!not-granted
done
done
0
!unknown-tool
!not-granted
!not-granted"""


TOURS = sorted(path.name for path in (GUESTS / "testing/tour").glob("tour-*.wasm"))


@pytest.mark.parametrize("tour", TOURS)
def test_every_function_does_the_same_in_each_language(play, tour):
    assert {"tour-cpp.wasm", "tour-rust.wasm"} <= set(TOURS)
    source = f"testing/tour/{tour}"
    played = play(
        {
            "tour": {"source": source, "grants": ["spawn:child"], "config": {"x": 1}},
            "echo": {"source": source, "subscribe": ["news"]},
            "child": {"source": source, "count": 0},
        },
        [("tour", "tour", "")],
    )
    lines = [(level, text) for address, level, text in played.logs if address == "tour"]
    assert lines[:-1] == [("debug", "d"), ("info", "i"), ("warning", "w"), ("error", "e")]
    assert lines[-1] == ("info", SAID)
    assert played.state["echo"].keys() == {"kept"}
