"""Budgets of a running world: what agents may spend of what, alone or together, and when again.

Agents that share an account which may run short run one after another, in the step's canonical
order, and each sees what those before it took: nothing is spent twice, and any number of threads
does the same. Of an account that cannot run short in the step nobody needs to wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from wasm_engine.agents.manifest import Budget
from wasm_engine.agents.program import INIT_FUEL, SLICE, Program
from wasm_engine.concepts import cost
from wasm_engine.concepts.budget import RESOURCES
from wasm_engine.concepts.names import kind_of
from wasm_engine.orchestrator.agent import Agent
from wasm_engine.orchestrator.purse import Account, Purse, nothing

EVERYBODY = "*"
"""Whose account is that of all agents together."""
ONE_CALL = 1 << 33
"""Host work that the call with which a message goes beyond its own may cost; generously."""


class Spent(NamedTuple):
    """What is spent of one resource of a budget; the world time of the window is in ns.

    Attributes:
        who: An address, the name of a kind, or `*`.
        kinds: The kinds that it is about; empty for all.
        what: Of `RESOURCES`, or `agents`.
        until: Of a budget that has windows; else None.
    """

    budget: str
    over: str
    who: str
    what: str
    spent: int
    limit: int
    exhausted: str
    since: int
    until: int | None
    kinds: tuple[str, ...]

    def is_of(self, address: str) -> bool:
        """Whether an agent spends from it."""
        if self.kinds and kind_of(address) not in self.kinds:
            return False
        return self.who in {address, kind_of(address), EVERYBODY}


class Budgets:
    """All budgets of a world.

    Args:
        budgets: As the manifest has them.
        epoch: World time (ns) at which the first windows begin.
        step_fuel: Fuel, and host work, that an agent may spend in one step.
    """

    def __init__(self, budgets: Sequence[Budget], *, epoch: int, step_fuel: int) -> None:
        self._budgets = budgets
        self._epoch = epoch
        self._step_fuel = step_fuel
        self._accounts: dict[tuple[str, str], Account] = {}

    def clear(self) -> None:
        """Nothing is spent, and nobody is there."""
        self._accounts.clear()

    def purse(self, address: str, program: Program) -> Purse | None:
        """What a new agent may spend; None where no budget is about it."""
        kind = program.kind
        accounts = tuple(
            self._account(budget, who_of(budget, address))
            for budget in self._budgets
            if budget.is_about(kind.name)
        )
        for account in accounts:
            account.living += 1
        return Purse(accounts, again=kind.lifecycle == "message") if accounts else None

    def leave(self, agent: Agent) -> None:
        """An agent has ended; what it spent is spent, also by whoever comes to its address."""
        for account in _accounts(agent):
            account.living -= 1

    def _account(self, budget: Budget, who: str) -> Account:
        account = self._accounts.get((budget.name, who))
        if account is None:
            account = self._accounts[budget.name, who] = Account(budget, who, self._epoch)
        return account

    def full(self, address: str, kind: str) -> str | None:
        """The budget that has no room for one more agent there, or None."""
        for budget in self._budgets:
            if budget.agents is None or not budget.is_about(kind):
                continue
            if self._account(budget, who_of(budget, address)).living >= budget.agents:
                return budget.name
        return None

    def begin(self, agents: Sequence[Agent], time: int) -> list[list[Agent]]:
        """A step begins: those who run, in groups of which each is run one after another.

        Args:
            agents: Who runs, in canonical order.
            time: World time (ns).
        """
        for agent in agents:
            for account in _accounts(agent):
                account.roll(time)
                account.most = []
        for agent in agents:
            for account in _shared(agent):
                account.expect(_most(agent, self._step_fuel))
        return _groups(agents)

    def passed_on(self, agent: Agent) -> None:
        """Those of its group that run after it see what it spent."""
        for account in _shared(agent):
            if account.is_short:
                _add(account.ahead, agent.purse.spent)

    def settle(self, agents: Iterable[Agent]) -> None:
        """A step ends: what those who ran have spent is spent."""
        for agent in agents:
            purse = agent.purse
            if purse is not None and any(purse.spent):
                for account in purse.accounts:
                    _add(account.spent, purse.spent)
                purse.spent = nothing()
        for agent in agents:
            for account in _shared(agent):
                account.ahead = nothing()

    def rows(self, time: int) -> list[Spent]:
        """What is spent at a time (ns), by budget, by whose it is, by resource."""
        found = []
        for _, account in sorted(self._accounts.items()):
            account.roll(time)
            budget = account.budget
            rows = [(RESOURCES[n], account.spent[n], limit) for n, limit in account.bounds]
            if budget.agents is not None:
                rows.append(("agents", account.living, budget.agents))
            found += [
                Spent(budget.name, budget.over, account.who, what, spent, limit, budget.exhausted,
                      account.since, account.until, budget.kinds)
                for what, spent, limit in rows
                if spent or account.living
            ]  # fmt: skip
        return found

    def freeze(self) -> list[tuple[str, str, int, list[int]]]:
        """What is spent, as plain canonical values: budget, whose, window, amounts."""
        return [
            (*key, account.window, account.spent)
            for key, account in sorted(self._accounts.items())
            if any(account.spent)
        ]

    def thaw(self, frozen: Iterable[tuple[str, str, int, list[int]]]) -> None:
        """Whatever was spent, this is.

        Raises:
            ValueError, LookupError: There is no such budget, or nobody could spend that.
        """
        known = {budget.name: budget for budget in self._budgets}
        for name, who, window, spent in frozen:
            account = self._account(known[name], who)
            if len(spent) != len(RESOURCES) or min(spent) < 0:
                message = f"budget {name!r} of other resources"
                raise ValueError(message)
            account.window, account.spent = window, list(spent)


def who_of(budget: Budget, address: str) -> str:
    """Whose account an agent's spending of a budget goes to."""
    if budget.over == "agent":
        return address
    return kind_of(address) if budget.over == "kind" else EVERYBODY


def _accounts(agent: Agent) -> tuple[Account, ...]:
    return () if agent.purse is None else agent.purse.accounts


def _shared(agent: Agent) -> list[Account]:
    return [account for account in _accounts(agent) if account.budget.over != "agent"]


def _add(to: list[int], amounts: Sequence[int]) -> None:
    for number, amount in enumerate(amounts):
        to[number] += amount


def _most(agent: Agent, step_fuel: int) -> list[int | None]:
    """Most that an agent can spend in one step, by resource; of tokens nobody knows."""
    work = step_fuel + agent.program.kind.work + ONE_CALL
    fuel = step_fuel + 2 * SLICE + INIT_FUEL
    return [fuel, work, work // cost.CALL, work // cost.EFFECT, work // cost.STATE_BYTE, None]


def _groups(agents: Sequence[Agent]) -> list[list[Agent]]:
    """The agents, those together that share an account which is short; each in their order."""
    groups: dict[int, list[int]] = {}
    group_of: list[int] = []
    first: dict[tuple[str, str], int] = {}
    for place, agent in enumerate(agents):
        groups[place] = [place]
        group_of.append(place)
        for account in _shared(agent):
            if not account.is_short:
                continue
            other = group_of[first.setdefault((account.budget.name, account.who), place)]
            mine = group_of[place]
            if other != mine:
                for member in groups[mine]:
                    group_of[member] = other
                groups[other] += groups.pop(mine)
    return [[agents[place] for place in sorted(group)] for group in groups.values()]
