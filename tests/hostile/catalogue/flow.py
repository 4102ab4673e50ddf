"""What a label sticks to: whoever learned of a secret does not tell the sink, whatever way it took.

Each way is tried twice: with what comes from the vault, whose agents carry a label, and with what comes
from a bystander that does the very same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.hostile.catalogue.acts import PYTHON
from tests.hostile.catalogue.entry import Act, Attack, Control, Order, Scene, Words
from tests.hostile.catalogue.seen import Seen, kept

LABELLED, CLEAN = "vault", "shed"
TELL = "send('sink', 'do', '1')"
"""What is refused to whoever knows something labelled; an agent is told nothing by it but None."""


class Way(NamedTuple):
    """A way in which something travels.

    Attributes:
        tries: What is tried, for people.
        orders: Whom what is told, in rounds; `@` stands for the vault or the shed.
        by: Whose kind tries; another one of its kind stands on each side.
        at: Who says what came of it; empty for the guest itself.
    """

    tries: str
    orders: tuple[tuple[Order, ...], ...]
    by: str = "evil"
    at: str = ""


def _told(code: str) -> Order:
    """The vault tells the guest to do something."""
    return ("@", "do", f"send('<self>', 'do', {code!r})")


def _self(code: str) -> Order:
    return ("", "do", code)


_QUESTION = "from wasm_agent import chat; got = chat.complete('memo', [chat.user('@?')])"
_KEEP = "state['kept'] = '4711'"
_WAYS = {
    "message": Way("is told", ((_told(TELL),),)),
    "timer": Way(
        "wakes itself by a timer",
        ((_told(f"schedule('later', {TELL!r}, after=0.001)"),),),
    ),
    "state": Way(
        "keeps it, and reads it in a message of its own",
        ((_told(_KEEP),), (_self(f"got = state['kept'] and {TELL}"),)),
    ),
    "copied-state": Way(
        "copies it to another key, message by message",
        (
            (_told(_KEEP),),
            (_self("state['copy'] = state['kept']"),),
            (_self("del state['kept']"),),
            (_self(f"got = state['copy'] and {TELL}"),),
        ),
    ),
    "key": Way(
        "hides it in the name of a key",
        ((_told("state['kept/4711'] = ''"),), (_self(f"got = state.keys('kept/') and {TELL}"),)),
    ),
    "deleted-key": Way(
        "tells by a key that is gone",
        (
            (_self("state['bit'] = 1"),),
            (_told("del state['bit']"),),
            (_self(f"got = 'bit' not in state and {TELL}"),),
        ),
    ),
    "counted-keys": Way(
        "tells by how many keys there are",
        ((_told(_KEEP),), (_self(f"got = len(state) and {TELL}"),)),
    ),
    "reply": Way("asks", ((_self(f"got = ask('@', 'do', '4711').text and {TELL}"),),)),
    "late-reply": Way(
        "asks, and does something else meanwhile",
        ((_self(f"r = start('@', 'do', '4711'); got = [r.wait(), {TELL}][1]"),),),
    ),
    "fault-code": Way(
        "asks, and is answered by a failure",
        ((_self(
            "try: ask('@', 'do', '__import__(\"os\")._exit(1)')\n"
            f"except Fault as fault: got = {TELL}"
        ),),),
    ),
    "configuration": Way(
        "is raised with it as its configuration",
        (
            (("", "do", "spawn('child', '<self>', {'code': '4711'})"),),
            (("child/<self>", "do", f"got = config['code'] and {TELL}"),),
        ),
        by="@-parent",
        at="child/<self>",
    ),
    "birth": Way(
        "is raised, and does not even look at its configuration",
        (
            (("", "do", "spawn('child', '<self>')"),),
            (("child/<self>", "do", TELL),),
        ),
        by="@-parent",
        at="child/<self>",
    ),
    "exit-notice": Way(
        "is told that somebody was ended",
        (
            (_self(f"state['on-exit'] = {TELL!r}; watch('clerk-@')"),),
            (("@", "do", "stop('clerk-@')"),),
        ),
    ),
    "resident-memory": Way(
        "keeps it in its memory",
        ((_told("KEPT.update(code='4711')"),), (_self(f"got = KEPT['code'] and {TELL}"),)),
        by="resident",
    ),
    "erased-memory": Way(
        "keeps it in its memory, and erases it there but for a bit",
        (
            (_told("KEPT.update(code='4711')"),),
            (_self("KEPT.update(bit=1); KEPT.pop('code')"),),
            (_self(f"got = KEPT['bit'] and {TELL}"),),
        ),
        by="resident",
    ),
    "relay": Way(
        "lets another one tell",
        ((_told(f"send('relay-@', 'do', {TELL!r})"),),),
        at="relay-@",
    ),
    "publication": Way(
        "is a subscriber",
        ((("@", "do", f"publish('@', {TELL!r})"),),),
        by="subscriber-@",
    ),
    "file": Way("reads a file", ((_self(f"got = open('/@/secret.txt').read() and {TELL}"),),), by="reader-@"),
    "file-name": Way(
        "lists a folder", ((_self(f"got = __import__('os').listdir('/@') and {TELL}"),),),
        by="reader-@",
    ),
    "missing-file": Way(
        "sees that a file is not there",
        ((_self(f"got = [__import__('os').path.exists('/@/no.txt'), {TELL}][1]"),),),
        by="reader-@",
    ),
    "file-size": Way(
        "looks at the size of a file",
        ((_self(f"got = [__import__('os').stat('/@/secret.txt').st_size, {TELL}][1]"),),),
        by="reader-@",
    ),
    "copied-file": Way(
        "copies a file within its own, and reads the copy",
        ((_self(
            "import shutil; shutil.copyfile('/@/secret.txt', '/copy'); "
            f"got = open('/copy').read() and {TELL}"
        ),),),
        by="reader-@",
    ),
    "bucket": Way(
        "reads what the vault put into a bucket that both may use",
        (
            (("@", "do", "keyvalue.open('@-box')['k'] = 1"),),
            (_self(f"got = keyvalue.open('@-box')['k'] and {TELL}"),),
        ),
        by="sharer-@",
    ),
    "bucket-keys": Way(
        "sees which keys are in such a bucket",
        (
            (("@", "do", "keyvalue.open('@-box')['k'] = 1"),),
            (_self(f"got = [list(keyvalue.open('@-box')), {TELL}][1]"),),
        ),
        by="sharer-@",
    ),
    "bucket-count": Way(
        "counts up a number in it",
        (
            (("@", "do", "keyvalue.open('@-box').increment('n')"),),
            (_self(f"got = keyvalue.open('@-box').increment('n') and {TELL}"),),
        ),
        by="sharer-@",
    ),
    "own-bucket": Way(
        "puts it into a bucket, and reads it in another message",
        (
            (_told("keyvalue.open('@-own')['k'] = 1"),),
            (_self(f"got = keyvalue.open('@-own')['k'] and {TELL}"),),
        ),
        by="sharer-@",
    ),
    "database": Way(
        "reads what the vault put into a database that both may use",
        (
            (("@", "do", "sql.open('@').execute('INSERT INTO t VALUES (1)')"),),
            (_self(f"got = [sql.open('@').query('SELECT * FROM t'), {TELL}][1]"),),
        ),
        by="sharer-@",
    ),
    "kept-answer": Way(
        "sees by its tokens that the vault asked a model the same that it asks",
        (
            (("@", "do", _QUESTION),),
            (_self(f"{_QUESTION}\ngot = got.usage and {TELL}"),),
        ),
        by="asker",
    ),
    "declassify": Way(
        "takes the label off without a grant",
        ((_told(f"try: flow.declassify('secret')\nexcept Fault: pass\ngot = {TELL}"),),),
    ),
    "other-label": Way(
        "takes off the label under another spelling",
        ((_told(
            "for it in ('Secret', 'secret ', '*', '', 'secret\\0'):\n"
            " try: flow.declassify(it)\n except Fault: pass\n"
            f"got = {TELL}"
        ),),),
    ),
    "publication-to-the-sink": Way(
        "publishes what the sink has subscribed to",
        ((_told("publish('sink-news', '1')"),),),
    ),
    "asking-the-sink": Way("asks the sink, in place of telling it", (
        (_told("ask('sink', 'do', '1') and None"),),
    )),
    "raising-in-the-sink": Way(
        "has somebody else raised, who was told by its name",
        ((("", "do", "spawn('child', 'code-4711-<self>')"),),
         (("child/code-4711-<self>", "do", TELL),)),
        by="@-parent",
        at="child/code-4711-<self>",
    ),
}  # fmt: skip


def _side(way: Way, side: str) -> Act:
    """The way with what comes from one of the two."""
    orders = tuple(
        tuple((to.replace("@", side), topic.replace("@", side), str(body).replace("@", side))
              for to, topic, body in row)
        for row in way.orders
    )  # fmt: skip

    def reads(seen: Seen) -> str:
        at = way.at.replace("@", side).replace("<self>", seen.address)
        return kept(seen._replace(state=seen.states.get(at, {})) if at else seen)

    return Act(way.by.replace("@", side), orders, reads)


@contextmanager
def _papers(folder: Path) -> Iterator[Words]:
    for side in (LABELLED, CLEAN):
        folder.joinpath(side).mkdir()
        folder.joinpath(side, "secret.txt").write_text("4711")
    folder.joinpath("memo.toml").write_text('[[answer]]\ncontent = "aye"\n')
    yield {}


_SIDES = (LABELLED, CLEAN)
_KINDS = {
    "evil": PYTHON,
    "asker": {**PYTHON, "grants": ["model:memo"]},
    "resident": {**PYTHON, "lifecycle": "resident"},
    "child": {**PYTHON, "count": 0},
    "sink": {**PYTHON, "count": 1, "subscribe": ["sink-news"]},
}
for _name in _SIDES:
    _KINDS |= {
        _name: {
            **PYTHON,
            "count": 1,
            "grants": [
                f"stop:clerk-{_name}",
                f"keyvalue:{_name}-box",
                f"sql:{_name}",
                "model:memo",
            ],
        },
        f"sharer-{_name}": {
            **PYTHON,
            "grants": [f"keyvalue:{_name}-{it}" for it in ("box", "own")] + [f"sql:{_name}"],
        },
        f"{_name}-parent": {**PYTHON, "grants": ["spawn:child"]},
        f"reader-{_name}": {**PYTHON, "mounts": [_name]},
        f"relay-{_name}": {**PYTHON, "count": 1},
        f"clerk-{_name}": {**PYTHON, "count": 1},
        f"subscriber-{_name}": {**PYTHON, "count": 1, "subscribe": [_name]},
    }
_SECTIONS = {
    "mounts": {name: {"path": name, "at": f"/{name}"} for name in _SIDES},
    "models": {"memo": {"script": "memo.toml", "cache": True}},
    "sql": {name: {"schema": "CREATE TABLE t(a INT);"} for name in _SIDES},
    "labels": {
        "secret": {
            "sources": [f"agent:{LABELLED}", f"agent:{LABELLED}-parent", f"mount:{LABELLED}"]
        }
    },
}
_RULE = """
[[forbid]]
name = "not-to-the-sink"
actions = ["send", "ask"]
targets = ["sink"]
labels = ["secret"]
"""
SCENES = [
    Scene(
        "flow",
        [
            Attack(
                name,
                f"{way.tries}, and tells",
                _side(way, LABELLED),
                "forbidden",
                Control("what carries no label", _side(way, CLEAN), "None"),
            )
            for name, way in _WAYS.items()
        ],
        _KINDS,
        _SECTIONS,
        around=_papers,
        policy=_RULE,
        most=1 << 30,
    )
]
