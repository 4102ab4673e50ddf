"""Kinds in processes of their own: the same walls, and whatever ends a guest ends no process."""

from __future__ import annotations

from tests.hostile.attack import MIB, PROBE, SCRIPTED
from tests.hostile.catalogue.acts import PYTHON, probe, python, script
from tests.hostile.catalogue.entry import Attack, Control, Scene

SMALL, PLAIN, PY = "isolated-probe", "isolated-script", "isolated-python"
_PROCESS = {"isolation": "process"}
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
                Attack(f"python-{name}", tries, python(PY, code), must,
                       Control("counts", python(PY, "1 + 1"), "2"))
                for name, (tries, code, must) in _PYTHON.items()
            ),
        ],
        {
            SMALL: {"source": PROBE, **_PROCESS},
            PLAIN: {"source": SCRIPTED, "work": 200_000_000, "memory": 16 * MIB, **_PROCESS},
            PY: {**PYTHON, **_PROCESS},
            "victim": {"source": SCRIPTED, "count": 1, "work": 500_000_000},
        },
        most=1 << 30,
    )
]  # fmt: skip
