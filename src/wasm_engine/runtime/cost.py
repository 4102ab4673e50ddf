"""What host work costs: a versioned table beside fuel, so that no guest buys host time or disk.

One unit is about a nanosecond of host time. Prices are part of the fingerprint: a change is a new
version.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = 1
CALL: Final = 2_000
"""Each host call."""
STRING_BYTE: Final = 2
"""Each character of text that crosses."""
LIST_BYTE: Final = 40
"""Each byte of a `list<u8>`: the binding moves 32 bytes for one."""
ELEMENT: Final = 300
"""Each element of any other list."""
LOG_LINE: Final = 20_000
"""Each line of log: a row of the journal."""
LOG_BYTE: Final = 100
"""Each byte of log that the journal keeps."""
MESSAGE: Final = 20_000
"""Each message sent: a row of the journal."""

TABLE: Final = (VERSION, CALL, STRING_BYTE, LIST_BYTE, ELEMENT, LOG_LINE, LOG_BYTE, MESSAGE)
"""The table as the fingerprint holds it."""
