"""Which functions may change what the host keeps for an instance between messages.

Handles are not counted here, `ResourceTable` sees to them: what makes a handle and does nothing
else changes nothing. All that is not known to change nothing is taken to change something.
"""

from __future__ import annotations

from wasm_engine.concepts.hostcall import HostFunction

_LOOKING = (
    "wasi:cli/",
    "wasi:clocks/",
    "wasi:io/error#",
    "wasi:io/poll#",
    "wasi:random/",
    "wasi:sockets/",
)
_STREAMS = "wasi:io/streams#[method]"
_DESCRIPTOR = "wasi:filesystem/types#[method]descriptor."
_LOOKS = frozenset(
    {
        "wasi:filesystem/preopens#get-directories",
        "wasi:filesystem/types#filesystem-error-code",
        f"{_STREAMS}input-stream.subscribe",
        f"{_STREAMS}output-stream.subscribe",
        f"{_STREAMS}output-stream.flush",
        f"{_STREAMS}output-stream.blocking-flush",
        # Marks in `guest.touched` what it changes: a line that is printed is nothing to keep.
        f"{_STREAMS}output-stream.blocking-write-and-flush",
        *(
            _DESCRIPTOR + name
            for name in (
                "read-via-stream",
                "write-via-stream",
                "append-via-stream",
                "advise",
                "sync",
                "sync-data",
                "get-flags",
                "get-type",
                "read",
                "read-directory",
                "stat",
                "stat-at",
                "readlink-at",
                "is-same-object",
                "metadata-hash",
                "metadata-hash-at",
            )
        ),
    }
)


def changes_nothing(function: HostFunction) -> bool:
    """Whether all that it may change is the table of handles, or it says in `touched` what else."""
    return function.name.startswith(_LOOKING) or function.name in _LOOKS
