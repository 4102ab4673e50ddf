"""Budgets: nobody spends more than there is, by whatever way, under whatever name."""

from __future__ import annotations

from typing import Any

from tests.hostile.attack import MIB, PROBE, SCRIPTED
from tests.hostile.catalogue.acts import probe, script, text
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene
from tests.hostile.catalogue.seen import Seen, trace

_KIND: dict[str, Any] = {"source": SCRIPTED, "work": 500_000_000, "memory": 16 * MIB}


def _last(seen: Seen) -> str:
    """The code of the last answer, without how often it went well before."""
    said = trace(seen).split(" ")[-1]
    return said.rpartition(":")[2] if said.startswith(tuple("0123456789")) else said


def _times(count: int, operations: str) -> str:
    return f"repeat {count} {text(operations)}"


# Of an account of ten messages, or of a kilobyte: what is tried with it, and what is within it.
_SPENT = {
    "messages": ("ten", "sends", "flood sink t x 11", "flood sink t x 10"),
    "requests": ("ten", "asks", _times(11, "start r sink t x"), _times(10, "start r sink t x")),
    "timers": ("ten", "sets timers", _times(11, "schedule t 1000000 t x"), _times(10, "schedule t 1000000 t x")),
    "published": ("ten", "publishes to three", _times(4, "publish news x"), _times(3, "publish news x")),
    "mixed": (
        "ten", "sends, asks and sets timers",
        "flood sink t x 8;start r sink t x;schedule t 1000000 t x;send sink t x",
        "flood sink t x 8;start r sink t x;schedule t 1000000 t x",
    ),
    "failed-sends": (
        "ten", "wastes none on what is refused, and then sends",
        "flood nobody t x 50;flood sink t x 11", "flood nobody t x 50;flood sink t x 10",
    ),
    "tiny": ("kilobyte", "sends nothing, often", "flood sink t 0: 500;send-size sink t 1000", "send-size sink t 500"),
    "headers": ("kilobyte", "hides it in headers", "header-size h 2000;send sink t 0:", "header-size h 500;send sink t 0:"),
    "state": ("kilobyte", "writes its state", _times(3, "set-size k 400"), "set-size k 400"),
    "keys": ("kilobyte", "hides it in names of keys", ";".join(f"set {n}{'k' * 400} 0:" for n in range(3)), f"set {'k' * 400} 0:"),
}  # fmt: skip


_ACCOUNTS = {"ten": "ten messages", "kilobyte": "kilobyte"}


def _spending(name: str) -> Attack:
    account, tries, bad, good = _SPENT[name]
    gets = "none | ok | " if account == "ten" else "ok"
    return Attack(
        f"spend-{name}", f"{tries}, beyond its {_ACCOUNTS[account]}",
        script(account, bad, _last), "budget", Control("within it", script(account, good, _last), gets),
    )  # fmt: skip


def _in_turn(kind: str, *orders: tuple[str, str]) -> Act:
    """Orders one after another, each to the guest itself (empty) or somebody."""
    return Act(kind, tuple(((to, "script", order),) for to, order in orders), _last)


def _heard(at: str, kind: str, *orders: tuple[str, str]) -> Act:
    act = _in_turn(kind, *orders)
    return act._replace(reads=lambda seen: _last(seen._replace(state=seen.states.get(at, {}))))


_FAMILY = [
    Attack(
        "children",
        "raises children that spend for it, of what the kind may",
        _heard("litter/b", "breeder", ("", "spawn litter a 0:;spawn litter b 0:"),
               ("litter/a", "flood sink t x 10"), ("litter/b", "flood sink t x 1")),
        "budget",
        Control(
            "each has its own",
            _heard("free/b", "owner", ("", "spawn free a 0:;spawn free b 0:"),
                   ("free/a", "flood sink t x 10"), ("free/b", "flood sink t x 1")),
            "",
        ),
    ),
    Attack(
        "born-again",
        "ends a child that has spent all, and raises it anew",
        _heard("again/x", "owner", ("", "spawn again x 0:"), ("again/x", "flood sink t x 10"),
               ("", "stop again/x;spawn again x 0:"), ("again/x", "flood sink t x 1")),
        "budget",
        Control(
            "with something left",
            _heard("again/y", "owner", ("", "spawn again y 0:"), ("again/y", "flood sink t x 5"),
                   ("", "stop again/y;spawn again y 0:"), ("again/y", "flood sink t x 1")),
            "",
        ),
    ),
    Attack(
        "more-agents",
        "raises more agents than there may be",
        script("owner", _times(1, ";".join(f"spawn few {n} 0:" for n in range(6))), _last),
        "budget",
        Control("two", script("owner", "spawn many 1 0:;spawn many 2 0:", _last), "ok:many/2"),
    ),
    Attack(
        "failing",
        "computes without end, and fails, again and again",
        Act("burner", tuple((("", "loop", "x"),) for _ in range(4)), lambda seen: seen.codes[-1]),
        "budget",
        Control("once", probe("burner", "loop"), "fuel"),
    ),
    Attack(
        "trapping",
        "traps after it has computed, so that nothing of it is kept",
        Act("trapper", tuple((("", "script", "burn 1000000;trap"),) for _ in range(9)),
            lambda seen: seen.codes[-1]),
        "budget",
        Control("once", Act("trapper", ((("", "script", "burn 1000000;trap"),),),
                            lambda seen: seen.codes[-1]), "unreachable"),
    ),
    Attack(
        "refused-calls",
        "lets the host work on calls that it refuses",
        Act("caller", tuple((("", "script", _times(2000, "send nobody t x")),) for _ in range(4)),
            lambda seen: seen.codes[-1]),
        "budget",
        Control("once", Act("caller", ((("", "script", _times(20, "send nobody t x")),),),
                            lambda seen: seen.codes[-1]), "done"),
    ),
]  # fmt: skip
_BUDGETS = {
    "ten": {"kinds": ["ten"], "messages": 10},
    "kilobyte": {"kinds": ["kilobyte"], "bytes": 1000},
    "litter": {"kinds": ["litter"], "over": "kind", "messages": 10},
    "free": {"kinds": ["free"], "messages": 10},
    "again": {"kinds": ["again"], "messages": 10},
    "few": {"kinds": ["few"], "over": "kind", "agents": 3},
    "many": {"kinds": ["many"], "over": "kind", "agents": 3},
    "burner": {"kinds": ["burner"], "fuel": 50_000_000},
    "trapper": {"kinds": ["trapper"], "fuel": 20_000_000},
    "caller": {"kinds": ["caller"], "work": 30_000_000},
}
_NONE = {**_KIND, "count": 0}
_OWNER_GRANTS = [f"spawn:{it}" for it in ("free", "again", "few", "many")] + ["stop:again/*"]
SCENES = [
    Scene(
        "budgets",
        [*map(_spending, _SPENT), *_FAMILY],
        {
            "ten": _KIND, "kilobyte": _KIND, "trapper": _KIND, "caller": _KIND,
            "burner": {"source": PROBE},
            "breeder": {**_KIND, "grants": ["spawn:litter"]},
            "owner": {**_KIND, "grants": _OWNER_GRANTS},
            "litter": _NONE, "free": _NONE, "again": _NONE, "few": _NONE, "many": _NONE,
            "sink": {"source": PROBE, "count": 1, "batch": 10_000},
            "reader": {"source": PROBE, "count": 3, "subscribe": ["news"]},
        },
        {"budgets": _BUDGETS},
    )
]  # fmt: skip
