"""A point of world time as people write and read it."""

from __future__ import annotations

import datetime
import re
from typing import NamedTuple, Self

_DURATION = re.compile(r"\+(\d{1,12})(ms|s|m|h|d)", re.ASCII)
_UNITS = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9, "d": 86400 * 10**9}
_1970 = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MICROSECOND = datetime.timedelta(microseconds=1)


class Moment(NamedTuple):
    """Nanoseconds since 1970, or since the world's epoch.

    >>> Moment.parse("+10m").at(epoch=5)
    600000000005
    >>> Moment.parse("1970-01-01T00:00:01Z").at(epoch=5)
    1000000000
    """

    nanoseconds: int
    after_epoch: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads `2025-01-01T00:10:00Z` or `+10m` (ms, s, m, h, d).

        Raises:
            ValueError: It is neither.
        """
        duration = _DURATION.fullmatch(text)
        if duration:
            return cls(int(duration[1]) * _UNITS[duration[2]], after_epoch=True)
        try:
            given = datetime.datetime.fromisoformat(text)
        except ValueError:
            given = None
        if given is None or given.tzinfo is None:
            message = (
                "must be a time such as 2025-01-01T00:10:00Z, "
                "or +10m after the world's epoch (ms, s, m, h, d)"
            )
            raise ValueError(message)
        return cls((given - _1970) // _MICROSECOND * 1000, after_epoch=False)

    def at(self, epoch: int) -> int:
        """Nanoseconds since 1970, in a world with this epoch."""
        return self.nanoseconds + (epoch if self.after_epoch else 0)


def utc_text(nanoseconds: int) -> str:
    """World time for people. datetime ends with the year 9999, world time does not."""
    seconds, rest = divmod(nanoseconds, 10**9)
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds}.{rest:09}"
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09}Z"
