"""What the catalogue is made of: attacks, and the worlds in which they are tried."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from tests.hostile.catalogue.seen import Reader

Order: TypeAlias = tuple[str, str, str | bytes]
"""To whom (empty: to the guest of the act itself), topic, body."""


class Act(NamedTuple):
    """What a guest is told to do, and how it is read what came of it.

    Attributes:
        kind: Of the scene's kinds; empty where no guest does it.
        orders: What it is told, in rounds: each begins when nothing is left to happen.
        reads: What came of it, as one line.
    """

    kind: str
    orders: tuple[tuple[Order, ...], ...]
    reads: Reader

    def then(self, to: str, topic: str, body: str) -> Act:
        """Afterwards somebody is told something else."""
        return self._replace(orders=(*self.orders, ((to, topic, body),)))


class Control(NamedTuple):
    """The same where it is allowed.

    Attributes:
        given: With what it is allowed: the grant, or the smaller amount.
        act: What is done.
        gets: What it gets by that.
    """

    given: str
    act: Act
    gets: str


class Attack(NamedTuple):
    """One attack.

    Attributes:
        name: What it is called, once within its boundary.
        tries: What the guest tries, for people.
        act: How.
        must: What it must get: one of these, with ` | ` between.
        control: The same where it is allowed.
    """

    name: str
    tries: str
    act: Act
    must: str
    control: Control


Words: TypeAlias = Mapping[str, str]
"""What stands for what in the orders, kinds and rules of a scene: `<granted>` for an origin."""


def _nothing(_folder: Path) -> AbstractContextManager[Words]:
    return nullcontext({})


def _nothing_wrong(_words: Any) -> Sequence[str]:
    return ()


class Scene(NamedTuple):
    """A world, and the attacks that are tried in it at once.

    Attributes:
        boundary: Which boundary they are on.
        attacks: The attacks.
        kinds: Tables of its kinds of agents, as a manifest has them. A kind without `count` has as
            many agents as there are acts for it, one for each.
        sections: Other sections of its manifest.
        around: What there is as long as the world runs; given the folder, it may put files there.
            Holds words.
        wrong: What is wrong with what `around` holds after the run.
        policy: The operator's rules in force, as TOML.
        holds: What is wrong with what the journal holds.
        most: Bytes of memory that all of it may cost the host at its highest.
    """

    boundary: str
    attacks: Sequence[Attack]
    kinds: Mapping[str, Mapping[str, Any]]
    sections: Mapping[str, Any] = {}
    around: Callable[[Path], AbstractContextManager[Words]] = _nothing
    wrong: Callable[[Any], Sequence[str]] = _nothing_wrong
    policy: str = ""
    holds: Callable[[bytes], Sequence[str]] = _nothing_wrong
    most: int = 256 << 20
