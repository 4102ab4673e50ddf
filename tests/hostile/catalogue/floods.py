"""What the world holds for agents: mailboxes, queue, timers, requests, state, log. All is counted."""

from __future__ import annotations

from typing import Any

from tests.hostile.attack import MIB, PROBE, SCRIPTED
from tests.hostile.catalogue.acts import script, text
from tests.hostile.catalogue.entry import Attack, Control, Scene

EVIL = "evil"
_KIND: dict[str, Any] = {
    "source": SCRIPTED, "fuel": 200_000_000, "work": 500_000_000, "memory": 16 * MIB,
}  # fmt: skip
_OTHERS: dict[str, Any] = {
    "sink": {"source": PROBE, "count": 1, "batch": 10_000},
    "spare": {"source": SCRIPTED, "count": 0},
}
_GRANTED = {**_KIND, "grants": ["spawn:spare"]}
_KINDS: dict[str, Any] = {
    "poor": {**_KIND, "work": 20_000_000},
    "large": {**_KIND, "memory": 96 * MIB, "work": 1_500_000_000},
}
_TIGHT = {"timers": "poor", "keys": "poor", "log": "poor", "state": "large"}
_HALF, _WHOLE = r'{"a":"\ud800"}', r'{"a":"\u00e4"}'
_LONG = "x" * 100_000


def _times(count: int, operations: str) -> str:
    return f"repeat {count} {text(operations)}"


_FAR = 1_000_000_000_000_000
# What is tried, in a script; what that must come to; how much of it may be, the same so, its result.
_TRIES: dict[str, tuple[str, str, str, str, str, str]] = {
    "mailbox": (
        "fills the mailbox of another agent", "flood sink t x 1100", "1024:mailbox-full",
        "a thousand", "flood sink t x 1000", "1000:",
    ),
    "mailbox-by-requests": (
        "fills it with requests", _times(1100, "start r sink t x"), "ok mailbox-full",
        "one", "start r sink t x", "ok",
    ),
    "own-mailbox": (
        "writes to itself, without end", "flood <self> t x 1100", "1024:mailbox-full",
        "once", "flood <self> t x 1", "1:",
    ),
    "body": (
        "sends a body of more than a mebibyte", "send-size sink t 1048577", "too-large",
        "of one", "send-size sink t 1048576", "ok",
    ),
    "bytes-body": (
        "sends more bytes than a body has",
        "send-size sink t 2000000;reply x", "too-large no-request",
        "ten", "send-bytes sink t 10:0123456789", "ok",
    ),
    "headers": (
        "sends headers of 20 KiB", "header-size a 10000;header-size b 10000;send sink t x",
        "ok too-large", "of 10", "header-size a 10000;send sink t x", "ok",
    ),
    "ask-body": (
        "asks with a body of more than a mebibyte", f"ask sink t {text('x' * 1048577)}",
        "too-large", "of one KiB", f"ask sink t {text('x' * 1024)}", "no-reply",
    ),
    "timer-body": (
        "sets a timer with more than a mebibyte", f"schedule t {_FAR} t {text('x' * 1048577)}",
        "too-large", "with one KiB", f"schedule t 1 t {text('x' * 1024)}", "ok",
    ),
    "timers": (
        "sets timers without end", _times(100_000, f"schedule t {_FAR} t x"), "host-work",
        "ten", _times(10, f"schedule t {_FAR} t x;cancel t"), "ok true",
    ),
    "state-value": (
        "keeps a value of more than 4 MiB", "set-size big 4194305", "too-large",
        "of 1 MiB", "set-size big 1048576", "ok",
    ),
    "state-key": (
        "keeps something under a key of 513 bytes", f"set {text('k' * 513)} v", "too-large",
        "of 512", f"set {text('k' * 512)} v", "ok",
    ),
    "state": (
        "keeps 64 MiB and more", ";".join(f"set-size big{n} 4194304" for n in range(17)),
        "ok state-full", "8", "set-size a 4194304;set-size b 4194304", "ok",
    ),
    "keys": (
        "keeps tiny keys without end", _times(100_000, "incr n"), "host-work",
        "ten", _times(10, "set k x"), "ok",
    ),
    "log": (
        "logs lines without end", _times(1_000_000, f"log {text('x' * 1000)}"), "host-work",
        "ten", _times(10, "log line"), "ok",
    ),
    "configuration": (
        "raises an agent with a configuration of more than 64 KiB",
        f"spawn spare a {text('[' + '1,' * 40_000 + '1]')}", "too-large",
        "of 1 KiB", f"spawn spare <self> {text('[' + '1,' * 400 + '1]')}", "ok:spare/<self>",
    ),
    "nested-configuration": (
        "raises an agent with a configuration of 60,000 levels",
        f"spawn spare a {text('[' * 30_000 + ']' * 30_000)}", "invalid-config",
        "of ten", f"spawn spare b {text('[' * 10 + ']' * 10)}", "ok:spare/b",
    ),
    "surrogate-configuration": (
        "raises an agent with half a character", f"spawn spare a {text(_HALF)}", "invalid-config",
        "with a whole one", f"spawn spare c {text(_WHOLE)}", "ok:spare/c",
    ),
    "infinite-configuration": (
        "raises an agent with numbers that are none",
        "spawn spare a 3:NaN;spawn spare a 5:1e999;spawn spare a 8:Infinity", "invalid-config",
        "with one", "spawn spare d 1:1", "ok:spare/d",
    ),
    "duplicate-configuration": (
        "raises an agent whose configuration says two things of one key",
        'spawn spare e 13:{"a":1,"a":2}', "invalid-config | ok:spare/e",
        "one", 'spawn spare f 7:{"a":1}', "ok:spare/f",
    ),
    "waiting": (
        "waits for one request 5,000 times at once", f"start r sink t x;wait-any {','.join(['r'] * 5000)}",
        "ok ok:r", "once", "start r sink t x;wait-any r", "ok ok:r",
    ),
    "endless-script": (
        "does nothing, without end", "loop", "fuel", "a thousand times", "burn 1000", "ok",
    ),
    "grow": (
        "takes 64 MiB of memory where it has 16", "grow 1000;trap", "unreachable",
        "one page", "grow 1", "ok",
    ),
    "after-trap": (
        "keeps something, and traps: nothing of it stays", "set kept yes;trap", "unreachable",
        "does not trap", "set kept yes", "ok",
    ),
    "sends-and-traps": (
        "sends something, and traps: nothing goes out", "send sink t x;trap", "unreachable",
        "does not trap", "send sink t x", "ok",
    ),
    "fault-code": (
        "fails with a code that orders a terminal about", f"fail {text(chr(27) + '[2J')} why",
        "failed", "with a good one", "fail oops why", "oops",
    ),
    "long-fault": (
        "fails with a code of 300,000 bytes", f"fail {text('x' * 300_000)} why", "failed",
        "with a good one", "fail oops why", "oops",
    ),
}  # fmt: skip
# Two guests fill the queue of a world of their own: nobody else would have room in it.
_BOMB = _times(60, f"schedule t {_FAR} t {text(_LONG)}")
_REPLY = text(f"#!reply {text(_LONG * 2)}")
_BOMBS = [
    Attack(
        "timer-bomb",
        "sets timers whose bodies fill the world's queue",
        script(EVIL, _BOMB),
        "queue",
        Control("one of them", script(EVIL, f"schedule t {_FAR} t {text(_LONG)}"), "ok"),
    ),
    Attack(
        "reply-bomb",
        "asks for replies that nobody takes, and which fill the queue",
        script(EVIL, _times(30, f"start r {EVIL}/1 script {_REPLY}")),
        "queue",
        Control("one of them", script(EVIL, f"start r {EVIL}/1 script {_REPLY}"), "ok"),
    ),
]


def _tried(name: str) -> Attack:
    tries, order, must, given, may, gets = _TRIES[name]
    kind = _TIGHT.get(name, EVIL)
    return Attack(name, tries, script(kind, order), must, Control(given, script(EVIL, may), gets))


SCENES = [
    # A state that is full takes three times its 64 MiB for a moment, so it has a world of its own.
    *(
        Scene("floods", list(map(_tried, tries)), {EVIL: _GRANTED, **_OTHERS, **_KINDS})
        for tries in ([name for name in _TRIES if name != "state"], ["state"])
    ),
    Scene("floods", _BOMBS, {EVIL: _KIND}, {"limits": {"queue": "6 MiB"}}),
]
