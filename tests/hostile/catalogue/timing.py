"""What a refusal takes: a guest that was refused has lost no more world time than one that was not,
and finds no difference between refusals."""

from __future__ import annotations

from typing import Any

from tests.hostile.catalogue.acts import PYTHON, python
from tests.hostile.catalogue.entry import Attack, Control, Scene

EVIL, MAY = "evil", "may"
_TAKES = """import time
def tries():
    {}
step, began = context.step, time.time_ns()
{}
got = (context.step - step, time.time_ns() - began)"""
_CALLS = {
    "send": "send('sink', 'nothing', 'x')",
    "start": "start('sink', 'nothing', 'x')",
    "spawn": "spawn('spare', context.address)",
    "stop": "stop('spare/1')",
    "labels": "flow.declassify('secret')",
}
_GRANTS: dict[str, Any] = {
    "grants": ["spawn:spare", "stop:spare/*", "declassify:secret"],
}


def _timed(name: str) -> Attack:
    refused = _TAKES.format(
        _CALLS[name], "try: tries()\nexcept Fault as fault: assert fault.code == 'not-granted'"
    )
    code = _TAKES.format(_CALLS[name], "tries()")
    # What is done at the end of a step is answered in the next one, refused or not.
    takes = "(1, 1000000)" if name in {"spawn", "stop"} else "(0, 1000)"
    return Attack(
        name,
        f"measures how long it takes to be refused {_CALLS[name].partition('(')[0]}",
        python(EVIL, refused),
        takes,
        Control("it is let do it", python(MAY, code), takes),
    )


_BOTH = """import time
took = []
for it in {}:
    began = time.time_ns()
    try: {}
    except (Fault, OSError, ValueError): pass
    took.append((context.step, time.time_ns() - began))
got = 'the same' if took[0] == took[1] else took"""
_PAIRS = {
    "paths": (
        "two files, of which the host has one", "('/etc/passwd', '/etc/no-such')", "open(it)",
        "of which it has one itself", "('/agent/does.py', '/agent/no-such')",
    ),
    "addresses": (
        "two agents that it may not write to, of which there is one", "('good/1', 'good/2')",
        "send(it, 't', 'x')", "two that it may", "('sink', 'sink')",
    ),
    "keys": (
        "two keys, of which another one has one", "('before', 'no-such')", "state.get(it)",
        "its own", "('got', 'no-such')",
    ),
}  # fmt: skip


def _paired(name: str) -> Attack:
    what, pair, code, given, own = _PAIRS[name]
    return Attack(
        f"pair-{name}",
        f"measures the difference between {what}",
        python(EVIL, _BOTH.format(pair, code)),
        "the same",
        Control(given, python(MAY, _BOTH.format(own, code)), "the same"),
    )


SCENES = [
    Scene(
        "timing",
        [*map(_timed, _CALLS), *map(_paired, _PAIRS)],
        {
            EVIL: {**PYTHON, "send-to": []},
            MAY: {**PYTHON, **_GRANTS},
            "spare": {**PYTHON, "count": 2},
            "sink": {**PYTHON, "count": 1},
        },
        {"labels": {"secret": {"sources": ["agent:sink"]}}},
        most=1 << 30,
    )
]
