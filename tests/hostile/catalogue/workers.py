"""Kinds in processes of their own: the same walls, and whatever ends a guest ends no process."""

from __future__ import annotations

import re

from tests.hostile.attack import MIB, PROBE, SCRIPTED
from tests.hostile.catalogue.acts import PYTHON, probe, python, script
from tests.hostile.catalogue.entry import Act, Attack, Control, Scene

SMALL, PLAIN, PY = "isolated-probe", "isolated-script", "isolated-python"
KEEPS, ASKS = "testing/keeper/keeper.wasm", "testing/desk/desk.wasm"
KEEPER, CLERK = "isolated-keeper", "isolated-clerk"
_PROCESS = {"isolation": "process"}
_DIGITS = re.compile(r"\.[0-9a-f]{32}$")
_SCHEMA = "CREATE TABLE orders(id INTEGER PRIMARY KEY); CREATE TABLE vault(pin TEXT);"
# Topic of the hostile agent in C, and what it must come to.
_PROBES = {
    "loop": "fuel", "memory": "refused", "memory-at-once": "refused", "stack": "stack-exhausted",
    "bad-text": "trap", "bad-pointer": "trap", "bad-size": "trap", "bad-result": "trap",
    "indirect": "out-of-bounds-table", "bounds": "out-of-bounds-memory",
    "unreachable": "unreachable", "logs": "host-work", "state": "host-work", "keys": "host-work",
}  # fmt: skip
# What is tried in a script, what that must come to, what may be done, and what that comes to.
_SCRIPTS = {
    "forged-name": ("writes to nobody", "send operator t x;send ../good t x",
                    "unknown-address invalid-name", "send victim t x", "ok"),
    "flood": ("fills a mailbox", "flood victim t x 1100", "1024:mailbox-full",
              "flood victim t x 10", "10:"),
    "grants": ("raises and stops others", "spawn victim x 0:;stop good/1", "not-granted",
               "self", "<self>"),
    "numbers": ("takes what others were answered", "take #4294967297;reply-to #4294967297 x",
                "unknown-request request-closed", "start r victim script 9:reply yes;wait-any r",
                "ok ok:r"),
    "state": ("reads the state of others", "get good/1/n;get ../before;get before", "none",
              "set k v;get k", "ok some:v"),
    "trap": ("traps, having kept something", "set kept no;trap", "unreachable", "set kept yes",
             "ok"),
}  # fmt: skip
# The same in Python: of what a worker process itself has, least of all.
_PYTHON = {
    "files": ("reads what a process has", "open('/proc/self/maps').read()", "FileNotFoundError"),
    "environment": ("reads its environment",
                    "sorted(set(__import__('os').environ) - {'PWD', 'LC_CTYPE'})", "[]"),
    "socket": ("connects to a server", "__import__('socket').create_connection(('127.0.0.1', 22))",
               "PermissionError"),
    "pipe": ("writes to the pipe of its process", "__import__('os').write(3, b'x' * 64)",
             "IsADirectoryError"),
    "exit": ("ends its process", "__import__('os')._exit(9)", "exit"),
    "abort": ("aborts its process", "__import__('os').abort()", "unreachable"),
    "memory": ("takes all memory", "bytearray(1 << 31)", "MemoryError | OverflowError"),
}  # fmt: skip

# Of stores, databases, people and secrets of others; what it may do, and what that comes to.
_ASKS = {
    "bucket": (KEEPER, "opens the bucket of others", "open others", "error access-denied",
               "open own", "ok"),
    "bucket-read-only": (KEEPER, "writes a bucket that it may read", "open seen\nset k v",
                         "error access-denied", "open own\nset k v", "ok"),
    "columns": (CLERK, "reads a table of which it may read nothing",
                "query|shop|SELECT pin FROM vault|[]", "error not-granted",
                "query|shop|SELECT id FROM orders|[]", '= {"columns":["id"],"rows":[]}'),
    "person": (CLERK, "asks a person of others", "start|boss|may I?", "error not-granted",
               "start|owner|may I?\nreference|own", "= wasm-engine-secret.own"),
    "secret": (CLERK, "takes a secret of others", "reference|other", "error not-granted",
               "reference|own", "= wasm-engine-secret.own"),
}  # fmt: skip


def _said(kind: str, orders: str) -> Act:
    """What it is told, a line each; what it says of the last one."""
    return Act(kind, ((("", "do", orders),),), lambda seen: _DIGITS.sub("", seen.logs[-1]))


SCENES = [
    Scene(
        "workers",
        [
            *(
                Attack(f"probe-{topic}", f"tries {topic} in a process of its own",
                       probe(SMALL, topic), must,
                       Control("ten deep", probe(SMALL, "stack", "10"), "done"))
                for topic, must in _PROBES.items()
            ),
            *(
                Attack(f"script-{name}", tries, script(PLAIN, bad), must,
                       Control(good, script(PLAIN, good), gets))
                for name, (tries, bad, must, good, gets) in _SCRIPTS.items()
            ),
            *(
                Attack(f"shared-{name}", tries, _said(kind, bad), must,
                       Control(good.replace("\n", "; "), _said(kind, good), gets))
                for name, (kind, tries, bad, must, good, gets) in _ASKS.items()
            ),
            Attack("spend", "writes more than its budget lets it", script(PLAIN, "set-size k 200000"),
                   "budget", Control("half of it", script(PLAIN, "set-size k 90000"), "ok")),
            *(
                Attack(f"python-{name}", tries, python(PY, code), must,
                       Control("counts", python(PY, "1 + 1"), "2"))
                for name, (tries, code, must) in _PYTHON.items()
            ),
        ],
        {
            SMALL: {"source": PROBE, **_PROCESS},
            PLAIN: {"source": SCRIPTED, "work": 200_000_000, "memory": 16 * MIB, **_PROCESS},
            PY: {**PYTHON, **_PROCESS},
            KEEPER: {
                "source": KEEPS, "grants": ["keyvalue:own", "keyvalue-read:seen"], **_PROCESS,
            },
            CLERK: {
                "source": ASKS, "grants": ["sql-read:shop", "human:owner", "secret:own"],
                "sql": {"shop": {"read": ["orders.id"]}}, **_PROCESS,
            },
            "victim": {"source": SCRIPTED, "count": 1, "work": 500_000_000},
        },
        {
            "sql": {"shop": {"schema": _SCHEMA}},
            "secrets": {it: {"for": ["https://x.example"], "in": ["header"]} for it in ("own", "other")},
            "budgets": {"writing": {"kinds": [PLAIN], "bytes": 100_000}},
        },
        most=1 << 30,
    )
]  # fmt: skip
