"""What host work costs: a versioned table beside fuel, so that no guest buys host time or disk.

One unit is about a nanosecond of host time; what is kept on disk is dearer than its time, so that
a guest cannot fill it. Prices are part of the fingerprint: a change is a new version.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 2
CALL: Final = 5_000
"""Each host call, refused or not: crossing, recording, doing."""
STRING_BYTE: Final = 2
"""Each character of text that crosses."""
LIST_BYTE: Final = 40
"""Each byte of a `list<u8>`: the binding moves 32 bytes for one."""
ELEMENT: Final = 300
"""Each element of any other list."""
HANDLE: Final = 2_000
"""Each handle of a resource: looked up, lent, recorded."""
LOG_LINE: Final = 20_000
"""Each line of log: a row of the journal."""
LOG_BYTE: Final = 100
"""Each byte of log that the journal keeps."""
MESSAGE: Final = 20_000
"""Each message: a row of the journal, a place in a mailbox, a step of somebody's."""
MESSAGE_BYTE: Final = 50
"""Each byte of a message that the journal keeps."""
RECEIVER: Final = 2_000
"""Each receiver of a publication that is asked whether it has room."""
REQUEST: Final = 20_000
"""Each request beside its message, and each timer: what the world remembers until it ends."""
EFFECT: Final = 100_000
"""Each effect: an intent that is synced to the disk, a connection."""
STATE_WRITE: Final = 5_000
"""Each write to the state."""
STATE_BYTE: Final = 10
"""Each byte of it: copied, counted and hashed."""
STATE_KEY: Final = 200
"""Each key that a listing looks at."""

TABLE: Final = (
    VERSION,
    CALL,
    STRING_BYTE,
    LIST_BYTE,
    ELEMENT,
    HANDLE,
    LOG_LINE,
    LOG_BYTE,
    MESSAGE,
    MESSAGE_BYTE,
    RECEIVER,
    REQUEST,
    STATE_WRITE,
    STATE_BYTE,
    STATE_KEY,
    EFFECT,
)
"""The table as the fingerprint holds it."""
