"""A process shuts itself in: from here on it has its memory, its pipe, and nothing else."""

from __future__ import annotations

import signal

from wasm_engine.host import landlock, seccomp
from wasm_engine.host.written_pages import PAGES


def shut() -> list[str]:
    """Gives up everything but what is open already; cannot be undone.

    Returns:
        What the machine could not do, one line each; empty where the jail is whole.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started it says when it ends
    PAGES.written(0, 0)  # the map of its own pages is opened while that can be done
    return [why for why in (landlock.restrict(), seccomp.restrict()) if why]
