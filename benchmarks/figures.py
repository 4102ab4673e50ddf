"""A figure: what was measured, what is wanted, and the floor that was measured beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Figure(NamedTuple):
    """One line of the table.

    Attributes:
        what: What was measured.
        value: How much it was.
        unit: Of what.
        most: What is wanted of the value: not more than this. None: nothing is.
        floor: What the same takes with nothing of ours in it, in the same unit, the same process
            and the same minute; None where there is no such thing.
        times: What is wanted of the ratio to the floor: not more than this.
    """

    what: str
    value: float
    unit: str
    most: float | None = None
    floor: float | None = None
    times: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the floor."""
        return None if self.floor is None else self.value / self.floor

    @property
    def met(self) -> bool | None:
        """Whether it is as wanted; None where nothing is wanted."""
        if self.times is not None and self.ratio is not None:
            return self.ratio <= self.times
        return None if self.most is None else self.value <= self.most


WIDTHS = (62, 14, 12, 8, 11, 4)


def heading() -> str:
    """The names of the columns."""
    return _line("what", "measured", "floor", "ratio", "wanted", "met")


def line(figure: Figure) -> str:
    """A figure as a line of the table."""
    wanted = ""
    if figure.times is not None:
        wanted = f"<= {figure.times:.3g}x"
    elif figure.most is not None:
        wanted = f"<= {figure.most:g} {figure.unit}"
    return _line(
        figure.what,
        f"{_number(figure.value)} {figure.unit}",
        "" if figure.floor is None else _number(figure.floor),
        "" if figure.ratio is None else f"{figure.ratio:.2f}",
        wanted,
        {True: "yes", False: "NO", None: ""}[figure.met],
    )


def summary(figures: Iterable[Figure]) -> str:
    """How many of the figures are as wanted."""
    met = [figure.met for figure in figures if figure.met is not None]
    return f"{sum(met)} of {len(met)} as wanted"


def _number(value: float) -> str:
    digits = 0 if value >= 1000 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:,.{digits}f}"


def _line(*cells: str) -> str:
    first, *rest = zip(cells, WIDTHS, strict=True)
    return f"{first[0]:<{first[1]}}" + "".join(f"{cell:>{width}}" for cell, width in rest)
