"""What WASI's own host work costs beside the gate's prices; one unit is about a nanosecond.

The gate prices each call and what crosses the boundary. These are for work that a small call can
cause on the host's side of it.
"""

from __future__ import annotations

from typing import Final

BYTE: Final = 1
"""Each byte of file contents that is filled, copied or read again on the host's side."""
STEP: Final = 200
"""Each name of a path that is looked up, those of the symbolic links on the way included."""
ENTRY: Final = 400
"""Each entry of a directory that is listed."""
FIELD: Final = 100
"""Each header that is looked at for one of a name."""

TABLE: Final = (BYTE, STEP, ENTRY, FIELD)
"""The table as the fingerprint holds it."""
