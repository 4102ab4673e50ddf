"""Who one is, and whom one reaches: names that are none, senders that are forged, numbers that are
others'."""

from __future__ import annotations

from typing import Any

from tests.hostile.attack import PROBE, SCRIPTED
from tests.hostile.catalogue.acts import each, script, text
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene
from tests.hostile.catalogue.seen import Seen, trace

EVIL, MAY = "evil", "may"
BOUNDED: dict[str, Any] = {"source": SCRIPTED, "work": 200_000_000}
GRANTED: dict[str, Any] = {**BOUNDED, "grants": ["spawn:spare", "stop:spare/*"]}
OTHERS: dict[str, Any] = {
    "victim": {"source": SCRIPTED, "count": 1, "work": 500_000_000},
    "clerk": {"source": SCRIPTED, "count": 1},
    "keeper": {"source": SCRIPTED, "count": 1},
    "patient": {"source": SCRIPTED, "count": 1},
    "sink": {"source": PROBE, "count": 1},
    "spare": {"source": SCRIPTED, "count": 4},
}
"""Those whom attackers meet."""
OPERATIONS = (
    "send @ t x;send victim @ x;publish @ x;ask @ t x;ask victim @ x;start r @ t x;"
    "schedule t 1 @ x;spawn evil @ 0:;spawn @ x 0:"
)
"""Wherever a name is taken."""
NAMES = {
    "empty": "",
    "upper-case": "Victim",
    "space": "victim ",
    "newline": "victim\n",
    "nul": "victim\0",
    "nul-within": "vic\0tim",
    "ansi": "\x1b]0;owned\x07victim",
    "bidi": "victim\u202e",
    "zero-width": "vic\u200btim",
    "soft-hyphen": "vic\u00adtim",
    "byte-order-mark": "\ufeffvictim",
    "homoglyph": "vict\u0456m",
    "full-width": "\uff56ictim",
    "ligature": "\ufb01ctim",
    "combining": "vi\u0301ctim",
    "precomposed": "v\u00edctim",
    "dotless-i": "v\u0131ctim",
    "line-separator": "victim\u2028",
    "dot-dot": "../victim",
    "absolute": "/victim",
    "doubled-slash": "victim//1",
    "trailing-slash": "victim/",
    "back-slash": "victim\\1",
    "percent": "victim%2f1",
    "wildcard": "victim/*",
    "all": "*",
    "long": "a" * 201,
    "huge": "a/" * 30_000,
    "emoji": "\U0001f600",
    "private-use": "\ue000victim",
}


def _named(label: str, name: str) -> Attack:
    return Attack(
        f"name-{label}",
        f"uses {name[:24]!a} wherever a name is taken",
        script(EVIL, each(OPERATIONS, name)),
        "invalid-name",
        Control(
            "a name",
            script(MAY, f"send victim topic x;spawn spare {label} 0:"),
            f"ok ok:spare/{label}",
        ),
    )


FORGED = {
    "header-sender": "header sender operator",
    "header-from": "header from world",
    "header-upper-case": "header Sender operator",
    "header-reply-to": "header reply-to good/1",
    "header-newline": f"header {text(chr(10) + 'sender')} operator",
    "header-nul": f"header {text('sender' + chr(0))} operator",
    "header-twice": "header sender operator;header sender world",
}


def _told_by(seen: Seen) -> str:
    """By whom the victim was told what this guest told it."""
    lines = str(seen.states["victim"].get("trace", "")).splitlines()
    found = [line.split(":")[2] for line in lines if line.endswith(f":{seen.address}")]
    return " ".join("itself" if it == seen.address else it for it in found) or "nobody"


def _forged(label: str, headers: str) -> Attack:
    return Attack(
        label,
        f"says that it is somebody else, by {ascii(headers)[1:-1]}",
        script(EVIL, f"{headers};send victim exit <self>", _told_by),
        "itself",
        Control("no such header", script(MAY, "send victim exit <self>", _told_by), "itself"),
    )


_NOBODY = ("operator", "world", "evil", "victim/1", "good/4", "sink/x")


def _nobody(address: str) -> Attack:
    own = f"send {address} t x;ask {address} t x;stop {address};watch {address}"
    return Attack(
        f"nobody-{address.replace('/', '-')}",
        f"writes to {address}, who is nobody, asks, stops and watches it",
        script(EVIL, own),
        "unknown-address",
        Control("somebody", script(MAY, "send victim t x;watch victim"), "ok"),
    )


def _last(seen: Seen) -> str:
    """The last answer only."""
    return trace(seen).split(" ")[-1]


_OTHERS = [str(owner << 32 | n) for owner in range(12) for n in range(1, 4)]
_HELD = ("patient", "script", "start held keeper script 10:defer held")
_ANSWERED = "start r clerk script 9:reply yes;wait-any r"
# What is done with numbers of others' requests and timers, what that must come to; what one's own is.
_NUMBERS: dict[str, tuple[str, str, str, Act, str]] = {
    "take": (
        "takes the answers of others", "take #{}", "unknown-request",
        script(MAY, f"{_ANSWERED};take r", _last), "ok:yes",
    ),
    "reply-to": (
        "answers requests that others were asked", "reply-to #{} forged", "request-closed",
        Act(MAY, ((("patient", "script", "start own <self> script 7:defer d"),),
                  (("", "script", "reply-to d yes"),)), _last), "ok",
    ),
    "cancel-request": (
        "cancels requests of others", "cancel-request #{}", "ok",
        script(MAY, "start r keeper script 7:defer x;cancel-request r;take r", _last), "cancelled",
    ),
    "cancel": (
        "cancels timers of others", "cancel #{}", "false",
        script(MAY, "schedule t 99000000000 t x;cancel t", _last), "true",
    ),
    "wait-any": (
        "waits for what others asked", "wait-any #{}", "unknown-request",
        script(MAY, _ANSWERED, _last), "ok:r",
    ),
}  # fmt: skip


def _numbered(label: str) -> Attack:
    tries, order, must, own, gets = _NUMBERS[label]
    orders = ((_HELD,), (("", "script", ";".join(order.format(n) for n in _OTHERS)),))
    act = Act(EVIL, orders, trace)
    return Attack(f"others-{label}", tries, act, must, Control("its own", own, gets))


# What is tried without a grant; the grant, what is done with it, and what that comes to.
_GRANTS: dict[str, tuple[str, str, str, str]] = {
    "spawn": ("raises agents of another kind", "spawn spare x 0:;spawn sink x 0:", "spawn:spare",
              "spawn spare granted 0:"),
    "spawn-itself": ("multiplies itself", "repeat 50 15:spawn evil x 0:", "spawn:spare",
                     "spawn spare itself 0:"),
    "spawn-reserved": ("raises what is called like the world", "spawn good operator 0:",
                       "spawn:spare", "spawn spare operator 0:"),
    "stop": ("stops another agent", "stop good/1;stop victim;stop clerk", "stop:spare/*",
             "stop spare/1"),
}  # fmt: skip


def _granted(label: str) -> Attack:
    tries, order, given, may = _GRANTS[label]
    return Attack(
        f"grant-{label}", tries, script(EVIL, order), "not-granted",
        Control(given, script(MAY, may, _start), "ok"),
    )  # fmt: skip


def _start(seen: Seen) -> str:
    """How it went, without what came."""
    return trace(seen).partition(":")[0]


_REST = [
    Attack(
        "send-to",
        "writes to, asks and publishes to whom it may not write",
        script("narrow", "send good/1 t x;ask good/1 t x;start r good/2 t x;send narrow/1 t x"),
        "not-granted",
        Control("`send-to`", script("narrow", "send victim t x"), "ok"),
    ),
    Attack(
        "stop-wide",
        "stops with a grant for some those that it does not name",
        script(MAY, "stop good/2;stop victim;stop may/1x;stop spare"),
        "not-granted unknown-address",
        Control("one that it names", script(MAY, "stop spare/2"), "ok"),
    ),
    Attack(
        "taken-name",
        "raises an agent in the place of one that there is",
        script(MAY, "spawn spare 3 0:"),
        "already-exists",
        Control("in a place that is free", script(MAY, "spawn spare free 0:"), "ok:spare/free"),
    ),
    Attack(
        "exit-notice",
        "makes others believe that somebody has ended",
        script(EVIL, "send victim exit <self>", _told_by),
        "itself",
        Control("it ends", script(MAY, "watch spare/4;stop spare/4").then("", "script", "touch"),
                "ok 1 | ok 2"),
    ),
]  # fmt: skip
SCENES = [
    Scene(
        "names",
        [_named(label, name) for label, name in NAMES.items()],
        {EVIL: BOUNDED, MAY: GRANTED, **OTHERS},
    ),
    Scene(
        "senders",
        [
            *(_forged(*row) for row in FORGED.items()),
            *map(_nobody, _NOBODY),
            *map(_numbered, _NUMBERS),
            *map(_granted, _GRANTS),
            *_REST,
        ],
        {EVIL: BOUNDED, MAY: GRANTED, "narrow": {**BOUNDED, "send-to": ["victim"]}, **OTHERS},
    ),
]
