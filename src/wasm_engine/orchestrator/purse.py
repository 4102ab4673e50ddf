"""What one agent may spend of its budgets, and the accounts that it shares with others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from wasm_engine.agents.manifest import Budget
from wasm_engine.concepts import faults
from wasm_engine.concepts.budget import BYTES, FUEL, NUMBER, RESOURCES, WORK
from wasm_engine.concepts.errors import Postponed
from wasm_engine.concepts.hostcall import Err
from wasm_engine.concepts.segment import Segment

GO, REFUSE, WAIT, STOP = range(4)
"""What becomes of an agent that could run: it does, its messages fail, they wait, or it ends."""
_RUNNING = (FUEL, WORK)
"""What an agent spends by running; of all else each call asks."""


class Account:
    """What is spent of a budget by those who share it.

    Attributes:
        budget: Of what it is.
        who: An address, the name of a kind, or `EVERYBODY`.
        spent: By resource, in the window, as of the step's start.
        ahead: The same of the running step, by those of its group that ran before.
        window: Number of the window; the first one begins at the world's epoch.
        living: Agents that share it.
        most: By resource, what those who run in this step could spend; None: nobody knows.
        is_short: Whether that may be more than is left.
    """

    __slots__ = (
        "_epoch",
        "ahead",
        "bounds",
        "budget",
        "is_short",
        "living",
        "most",
        "spent",
        "who",
        "window",
    )

    def __init__(self, budget: Budget, who: str, epoch: int) -> None:
        self.budget = budget
        self.who = who
        self._epoch = epoch
        self.bounds = bounds_of(budget)
        self.spent = nothing()
        self.ahead = nothing()
        self.most: list[int | None] = []
        self.is_short = False
        self.window = self.living = 0

    def roll(self, time: int) -> None:
        """A new window begins with nothing spent."""
        if self.budget.per is not None:
            window = (time - self._epoch) // self.budget.per
            if window != self.window:
                self.window = window
                self.spent = nothing()

    @property
    def since(self) -> int:
        """World time (ns) at which the window began."""
        return self._epoch + self.window * (self.budget.per or 0)

    @property
    def until(self) -> int | None:
        """World time (ns) at which the next window begins; None where there is none."""
        return None if self.budget.per is None else self.since + self.budget.per

    def expect(self, most: Sequence[int | None]) -> None:
        """One more runs in this step, who could spend so much."""
        self.most = [
            None if one is None or other is None else one + other
            for one, other in zip(self.most or nothing(), most, strict=True)
        ]
        self.is_short = False
        for resource, limit in self.bounds:
            wanted = self.most[resource]
            if wanted is None or wanted > limit - self.spent[resource]:
                self.is_short = True


def nothing() -> list[int]:
    """Nothing of each resource."""
    return [0] * len(RESOURCES)


def bounds_of(budget: Budget) -> tuple[tuple[int, int], ...]:
    """What a budget bounds: resource and most of it."""
    limits = [(number, getattr(budget, name)) for name, number in NUMBER.items()]
    return tuple((number, limit) for number, limit in limits if limit is not None)


class Purse:
    """What one agent may spend. Implements `concepts.budget.Spender`.

    Attributes:
        accounts: From which, in the order of the manifest's names.
        spent: By resource, in the running step, besides what its segment holds.
        wants: The budget that is to end it, and the resource that it wanted more of, or None.
        put_off: World time (ns) before which it is not run, for its message wanted more than there
            was; 0: none.
        held: World time until which it is held; 0: it isn't.
    """

    __slots__ = ("accounts", "again", "held", "put_off", "spent", "wants")

    def __init__(self, accounts: tuple[Account, ...], *, again: bool) -> None:
        self.accounts = accounts
        self.again = again
        self.spent = nothing()
        self.wants: tuple[str, str] | None = None
        self.put_off = self.held = 0

    def spend(
        self, what: str, amount: int, size: int, segment: Segment, *, first: bool
    ) -> Err | None:
        """Takes it, or refuses all of it; see `concepts.budget`."""
        number = NUMBER[what]
        costs = segment.costs or nothing()
        wanted = {number: max(amount, 1)}
        if size:
            wanted[BYTES] = size
        for account in self.accounts:
            for resource, limit in account.bounds:
                if resource not in wanted:
                    continue
                own = costs[resource] + wanted[resource]
                if self._spent(account, resource) + own > limit:
                    if first and own <= limit:
                        self._put_off(account, resource)
                    return self._short(account, resource)
        costs[number] += amount
        costs[BYTES] += size
        segment.costs = costs
        return None

    def _spent(self, account: Account, resource: int) -> int:
        return account.spent[resource] + account.ahead[resource] + self.spent[resource]

    def _put_off(self, account: Account, resource: int) -> None:
        """In another window there is enough: where the budget says so, the message waits for it."""
        if account.budget.exhausted == "wait" and self.again and account.until is not None:
            self.put_off = account.until
            raise Postponed(faults.BUDGET, f"{account.budget.name}: {RESOURCES[resource]}")

    def _short(self, account: Account, resource: int) -> Err:
        name, what = account.budget.name, RESOURCES[resource]
        if account.budget.exhausted == "stop":
            self._want(account, resource)
        return faults.refusal(faults.BUDGET, f"{name}: {what}")

    def _want(self, account: Account, resource: int) -> None:
        if self.wants is None:
            self.wants = account.budget.name, RESOURCES[resource]

    def used(self, what: str, amount: int) -> None:
        """Counts what is spent already."""
        self.spent[NUMBER[what]] += amount

    def reported(self, tokens: int, time: int) -> None:
        """Between two steps, at a world time (ns): an answer has come, and cost so many tokens."""
        for account in self.accounts if tokens else ():
            account.roll(time)
            account.spent[NUMBER["tokens"]] += tokens

    def stand(self) -> tuple[Any, ...]:
        """Where it stands, for `go_back`."""
        return list(self.spent), self.wants, self.put_off

    def go_back(self, stand: tuple[Any, ...]) -> None:
        """As if nothing had been asked of it since: who asked has died, and is not believed."""
        spent, self.wants, self.put_off = stand
        self.spent = list(spent)

    def ran(self, fuel: int, work: int) -> None:
        """Counts what a part of an activation cost, whatever became of it."""
        self.spent[FUEL] += fuel
        self.spent[WORK] += work

    def pay(self, segment: Segment) -> None:
        """Counts what a segment costs, for good: it is committed, or was cut and others run."""
        if segment.costs is not None:
            self.spent = [one + other for one, other in zip(self.spent, segment.costs, strict=True)]
            segment.costs = None

    def room(self, most: int) -> int:
        """Fuel that the agent may spend now, of so much."""
        for account in self.accounts:
            for resource, limit in account.bounds:
                if resource == FUEL:
                    most = min(most, limit - self._spent(account, resource))
        return most

    def verdict(self) -> int:
        """What becomes of the agent, where it could run: `GO`, or what a spent budget says."""
        if self.wants is not None:
            return STOP
        found = GO
        for account, resource in self._spent_up():
            exhausted = account.budget.exhausted
            if exhausted == "wait":
                found = found or WAIT
            elif resource in _RUNNING:
                if exhausted == "stop":
                    return STOP
                found = REFUSE
        return found

    def lets_run(self) -> bool:
        """Whether the agent may go on in this step, if only to fail; else it waits, or is ended."""
        verdict = self.verdict()
        if verdict == STOP:
            self._overdraw()
        return verdict < WAIT

    def _overdraw(self) -> None:
        for account, resource in self._spent_up():
            if account.budget.exhausted == "stop" and resource in _RUNNING:
                self._want(account, resource)

    def _spent_up(self) -> Iterator[tuple[Account, int]]:
        """The resources of which nothing is left."""
        for account in self.accounts:
            for resource, limit in account.bounds:
                if self._spent(account, resource) >= limit:
                    yield account, resource

    def waits_until(self, time: int) -> int:
        """World time (ns) at which it can run, where it has to wait for that; else 0."""
        for account in self.accounts:
            account.roll(time)
        latest = self.put_off if self.put_off > time else 0
        if self.verdict() != WAIT:
            return latest
        spent_up = [account for account, _ in self._spent_up()]
        ends = [a.until for a in spent_up if a.budget.exhausted == "wait" and a.until is not None]
        return max(latest, *ends)
