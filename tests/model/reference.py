"""The reference model: what a world of scripted agents does, step by step, by docs/semantics.md.

Plain Python, nothing from the package: one thread, no components, no journal, no fuel. It is slow
and simple on purpose; where the engine and this disagree, one of them is wrong.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from tests.model.calls import Calls, covers, queued_size
from tests.model.parts import Activation, Agent, Body, Kind, Message, Open, Segment, StepLog
from tests.model.script_language import Failure, Refused, run_message

STEP_NS = 1_000_000
EPOCH = 1_735_689_600 * 10**9


class World:
    """A world of scripted agents.

    Attributes:
        time: World time of the last step.
        latest: The latest reading of the clock by any agent.
        open: Requests that have not ended.
        timers: Deadline, owner, topic and body of each pending timer.
        sent: How many messages each sender sent each receiver in the running step.
        waiting: How many waited there at its start.
        last: The last message's number.
    """

    def __init__(self, name: str, kinds: Iterable[Kind], *, mailbox: int = 1024) -> None:
        self.name, self.mailbox = name, mailbox
        self.kinds = {kind.name: kind for kind in kinds}
        self.agents: dict[str, Agent] = {}
        self.gone: set[str] = set()
        self._created = 0
        homes = {address: kind for kind in self.kinds.values() for address in kind.addresses()}
        for address in sorted(homes):
            self._add(address, homes[address], homes[address].config)
        self.step, self.time, self.latest, self.last = 0, EPOCH, EPOCH, 0
        self.open: dict[int, Open] = {}
        self.timers: dict[int, tuple[int, str, str, Body]] = {}
        self.sent: Counter[tuple[str, str]] = Counter()
        self.waiting: Counter[tuple[str, str]] = Counter()
        self.log: list[StepLog] = []
        self._now: StepLog

    def _add(self, address: str, kind: Kind, config: str, parent: str | None = None) -> None:
        self.agents[address] = Agent(address, self._created, kind, config, parent)
        self.gone.discard(address)
        self._created += 1

    def receive(self, to: str, topic: str, body: Body) -> None:
        """A message from outside the world; lost where there is no such agent."""
        if to in self.agents:
            self._deliver(to, "operator", topic, body)

    def run(self, most: int | None = None) -> str:
        """Runs until nothing is left to happen, or as many steps; answers which."""
        while most is None or most > 0:
            time = self._next_time()
            if time is None:
                return "idle"
            self._step(time)
            most = None if most is None else most - 1
        return "stopped"

    def full(self, sender: str, to: str) -> bool:
        """Whether a mailbox takes no more from a sender in this step."""
        return self.waiting[sender, to] + self.sent[sender, to] >= self.mailbox

    def missing(self, address: str) -> str | None:
        """None where there is such an agent, else the fault code that says why not."""
        if address in self.agents:
            return None
        return "stopped" if address in self.gone else "unknown-address"

    def queued(self) -> int:
        """Bytes of what waits: mail, timers, and replies that nobody took."""
        mail = [(m.body, m.headers) for agent in self.agents.values() for m in agent.inbox]
        timers = [(self.timers[n][3], ()) for _, n in self._deadlines() if n in self.timers]
        ended = [outcome for a in self.agents.values() for outcome in a.own.requests.values()]
        replies = [(outcome[1], ()) for outcome in ended if outcome and outcome[1]]
        return sum(queued_size(body, headers) for body, headers in [*mail, *timers, *replies])

    # One step.

    def _next_time(self) -> int | None:
        time = max(self.time + STEP_NS, self.latest)
        if any(agent.runnable() for agent in self.agents.values()):
            return time
        deadlines = self._deadlines()
        return max(time, deadlines[0][0]) if deadlines else None

    def _deadlines(self) -> list[tuple[int, int]]:
        timed = [
            (timer[0], number)
            for number, timer in self.timers.items()
            if number in self.agents[timer[1]].own.timers
        ]
        asked = [(r.deadline, n) for n, r in self.open.items() if r.deadline is not None]
        return sorted(timed + asked)

    def _step(self, time: int) -> None:
        self.step, self.time = self.step + 1, time
        self._now = StepLog(self.step, time)
        self.log.append(self._now)
        self._fire()
        self.sent.clear()
        self.waiting = Counter(
            (message.sender, address)
            for address, agent in self.agents.items()
            for message in agent.inbox
        )
        order = sorted(address for address, agent in self.agents.items() if agent.runnable())
        shift = self.step % len(order) if order else 0
        segments = [
            segment
            for address in order[shift:] + order[:shift]
            for segment in self._run_agent(self.agents[address])
        ]
        for segment in segments:
            self._commit(segment)
        for segment in segments:
            self._turn(segment)
        self._end_deadlocks()

    def _fire(self) -> None:
        for deadline, number in self._deadlines():
            if deadline > self.time:
                return
            if number in self.open:
                asker = self.open[number].asker
                self._end(number, "timeout")
                self._now.timers.append((number, asker, 0))
                continue
            _, owner, topic, body = self.timers.pop(number)
            self.agents[owner].own.timers.discard(number)
            self._now.timers.append((number, owner, self._deliver(owner, owner, topic, body)))

    def _deliver(
        self,
        to: str,
        sender: str,
        topic: str,
        body: Body,
        headers: tuple[Any, ...] = (),
        request: int | None = None,
    ) -> int:
        self.last += 1
        self.agents[to].inbox.append(Message(self.last, sender, topic, body, headers, request))
        return self.last

    # One agent in a step.

    def _run_agent(self, agent: Agent) -> list[Segment]:
        segments = []
        if agent.activation is not None:
            segments.append(self._run_segment(agent, agent.activation))
        for _ in range(agent.kind.batch):
            if agent.activation is not None or not agent.inbox:
                break
            if segments and segments[-1].status.startswith("retry"):
                break
            message = agent.inbox.popleft()
            calls = Calls(self, agent)
            agent.activation = Activation(message, calls, run_message(calls, message))
            agent.touched += 1
            segments.append(self._run_segment(agent, agent.activation))
        return segments

    def _run_segment(self, agent: Agent, activation: Activation) -> Segment:
        segment = Segment(agent, activation.message, activation.part)
        activation.calls.segment = segment
        before, sent = deepcopy(agent.own), self.sent.copy()
        activation.part += 1
        answer, activation.wait, activation.answer = activation.answer, None, None
        try:
            activation.wait = activation.steps.send(answer)
            segment.status = "suspended"
            segment.turn = activation.wait if isinstance(activation.wait, tuple) else None
        except StopIteration:
            segment.status, agent.activation = "done", None
        except Failure as failure:
            agent.own, self.sent = before, sent
            agent.activation, agent.touched = None, 0
            self._fail(agent, activation, segment, failure)
        return segment

    def _fail(
        self, agent: Agent, activation: Activation, segment: Segment, failure: Failure
    ) -> None:
        message, kind = activation.message, agent.kind
        for outputs in (segment.sends, segment.timers, segment.replies, segment.cancelled):
            outputs.clear()
        committed = segment.part > 0
        curable = kind.restart if committed else activation.drew
        if curable and not failure.limit and message.attempt < kind.retries:
            segment.status = f"retry:{failure.code}"
            agent.inbox.appendleft(message._replace(attempt=message.attempt + 1))
        else:
            segment.status = f"failed:{failure.code}"

    # The end of a step.

    def _commit(self, segment: Segment) -> None:
        agent, sender, message = segment.agent, segment.agent.address, segment.message
        sends = []
        for to, topic, body, headers, request, deadline in segment.sends:
            number = self._deliver(to, sender, topic, body, headers, request)
            sends.append((number, to, topic, body, headers, request))
            if request is not None:
                self.open[request] = Open(sender, to, number, deadline)
        for number, body in segment.replies:
            self._end(number, "reply", body)
        for number in segment.cancelled:
            self._end(number, "cancelled")
        for deadline, number, topic, body in segment.timers:
            self.timers[number] = (deadline, sender, topic, body)
        self._now.segments.append(
            (sender, message.id, message.attempt, segment.part, segment.status, sends)
        )
        status, _, code = segment.status.partition(":")
        if status == "done" and message.request not in agent.own.held:
            self._end(message.request, "no-reply")
        elif status == "failed":
            reason = "failed-after-commit" if segment.part else "failed"
            self._now.dead.append((message.id, sender, reason, code))
            self._end(message.request, "failed")

    def _end(self, number: int | None, how: str, body: Body | None = None) -> None:
        """Ends a request, if it has not ended yet; its asker sees that from the next step on."""
        if number not in self.open:
            return
        asker = self.agents.get(self.open.pop(number).asker)
        requests = asker.own.requests if asker else {number: None}
        if number not in requests or requests[number] is not None:
            how, body = "cancelled", None  # by its asker, in this very step
        elif asker:
            requests[number] = (how, body)
        self._now.ended.append((number, how, body))

    def _turn(self, segment: Segment) -> None:
        agent = segment.agent
        if segment.turn is None or self.agents.get(agent.address) is not agent:
            return
        op, *arguments = segment.turn
        try:
            answer = (True, getattr(self, f"_{op}")(agent, *arguments) or "")
        except Refused as refused:
            answer = (False, refused.code)
        self._now.turns.append((agent.address, op, arguments, answer))
        if agent.activation is not None:
            agent.activation.answer = answer

    def _spawn(self, agent: Agent, kind: str, key: str, config: str) -> str:
        address = f"{kind}/{key}"
        if f"spawn:{kind}" not in agent.kind.grants:
            raise Refused("not-granted")
        if kind not in self.kinds:
            raise Refused("unknown-kind")
        if address in self.agents:
            raise Refused("already-exists")
        try:
            config = canonical_json(config) if config else self.kinds[kind].config
        except ValueError:
            raise Refused("invalid-config") from None
        self._add(address, self.kinds[kind], config, agent.address)
        return address

    def _stop(self, agent: Agent, address: str) -> None:
        other = self.agents.get(address)
        if other is None:
            raise Refused(self.missing(address) or "")
        own = agent.address in {other.address, other.parent}
        if not own and not any(granted(grant, address) for grant in agent.kind.grants):
            raise Refused("not-granted")
        del self.agents[address]
        self.gone.add(address)
        lost = list(other.inbox)
        if other.activation is not None and other is not agent:
            lost.insert(0, other.activation.message)
        other.activation = None
        self._now.dead.extend((message.id, address, "stopped", "") for message in lost)
        for number in [n for n, request in self.open.items() if request.asker == address]:
            self._end(number, "cancelled")
        for number in [n for n, request in self.open.items() if request.receiver == address]:
            self._end(number, "stopped")
        self.timers = {n: timer for n, timer in self.timers.items() if timer[1] != address}
        for watcher in other.watchers:
            if self.agents.get(watcher.address) is watcher:
                self._notify(watcher, address)

    def _watch(self, agent: Agent, address: str) -> None:
        other = self.agents.get(address)
        if other is not None:
            if agent not in other.watchers:
                other.watchers.append(agent)
        elif address in self.gone:
            self._notify(agent, address)
        else:
            raise Refused("unknown-address")

    def _notify(self, watcher: Agent, address: str) -> None:
        text = canonical_json(json.dumps({"agent": address, "reason": "stopped"}))
        self._deliver(watcher.address, "world", "exit", ("text", text))

    # Deadlock.

    def _end_deadlocks(self) -> None:
        while stuck := self._stuck():
            _, number = min(
                (self.open[number].message, number)
                for agent in stuck
                for number in agent.activation.wait  # type: ignore[union-attr]
                if number in self.open
            )
            self._end(number, "deadlock")

    def _stuck(self) -> list[Agent]:
        """The agents that wait for what can never come."""
        live = {address for address, agent in self.agents.items() if agent.runnable()}
        busy = bool(live) or bool(self._deadlines())
        waiting = [
            agent
            for address, agent in self.agents.items()
            if agent.activation is not None and address not in live
        ]
        grown = True
        while grown:
            found = {agent.address for agent in waiting if self._hopes(agent, live, busy=busy)}
            grown = not found <= live
            live |= found
        return [agent for agent in waiting if agent.address not in live]

    def _hopes(self, agent: Agent, live: set[str], *, busy: bool) -> bool:
        assert agent.activation is not None
        for number in agent.activation.wait or ():
            request = self.open[number]  # type: ignore[index]
            receiver = self.agents[request.receiver]
            idle = receiver.activation is None and not receiver.inbox
            held = number in receiver.own.held
            if request.deadline is not None or receiver.address in live:
                return True
            if idle and held and busy:
                return True
        return False


def canonical_json(text: str) -> str:
    return json.dumps(json.loads(text), separators=(",", ":"), sort_keys=True)


def granted(grant: str, address: str) -> bool:
    """Whether a grant `stop:PATTERN` covers an address."""
    verb, _, pattern = grant.partition(":")
    return verb == "stop" and covers(pattern, address)
