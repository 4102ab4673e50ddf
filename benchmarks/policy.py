"""The policy: what it costs a message that something is in force, and what a decision costs.

Ping-pong as in `pingpong.py`, resident, with nothing in force, with a rule and a label that fit
nothing, and with a policy in Cedar that permits everything: what a message with one granted call
costs more for being judged and labelled. Then decisions of Cedar alone, on the thread aside, each a
new question: another URL each time, where the policies look at its host, and where one looks at all
of it. A denial is a message of which the send is refused, with its
line in the journal.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.figures import Figure
from benchmarks.measuring import PING, folder, pair, world
from wasm_engine.host.aside import ASIDE
from wasm_engine.journal.entries import Control
from wasm_engine.orchestrator.execution import Until
from wasm_engine.policy.actions import Asked
from wasm_engine.policy.cedar import CedarPolicy
from wasm_engine.policy.forbidding import Forbid
from wasm_engine.policy.policy import Policy

MESSAGES = 20_000
QUESTIONS = 5_000
RUNS = 3
PERMIT = "permit(principal, action, resource);\n"
RULES = PERMIT + "".join(
    f'forbid(principal in Kind::"k{n}", action == Action::"http", resource)\n'
    f'when {{ resource.host == "h{n}.example" && context.labels.contains("l{n}") }};\n'
    for n in range(10)
)

WHOLE = 'forbid(principal, action, resource == Url::"https://h3.example/");\n'


def measure() -> list[Figure]:
    Policy(cedar=[PERMIT])  # loads what is loaded once
    rule = Policy([Forbid("never", ("http",), labels=("none",))], (), {"none": ("agent:nobody",)})
    free = min(_message(None) for _ in range(RUNS))
    ruled = min(_message(rule) for _ in range(RUNS))
    cedar = min(_message(Policy(cedar=[PERMIT])) for _ in range(RUNS))
    denied = min(_denial() for _ in range(RUNS))
    what = "a message judged and labelled, above one that is not"
    return [
        Figure(f"{what}: rules and labels", ruled - free, "us", most=1),
        Figure(f"{what}: Cedar, asked before", cedar - free, "us", most=1),
        Figure("a decision of Cedar, 11 policies, a new question", _decision(RULES), "us", most=60),
        Figure("one where a policy looks at the whole URL", _decision(RULES + WHOLE), "us"),
        Figure("a denial, with its line in the journal", denied, "us", most=20),
    ]


def _message(policy: Policy | None) -> float:
    """Microseconds for a message of ping-pong, with one send each."""
    with folder() as home:
        loaded = world(home, pair("resident", MESSAGES))
        with loaded.begin(home / "bench.run") as run:
            if policy is not None:
                run.change(Control("policy", [policy.plain(), []]))
            began = time.process_time()
            run.execution.go(Until())
            return (time.process_time() - began) / MESSAGES * 1e6


def _decision(text: str) -> float:
    """Microseconds for a decision on a stack of the machine's own."""
    policy = CedarPolicy(text)

    def ask() -> float:
        began = time.thread_time()
        for number in range(QUESTIONS):
            url = f"https://h3.example/{number}"
            known = frozenset({"private"})
            policy.refuses(Asked("k3", "k3", "", "", "http", url, known, {"method": "GET"}))
        return (time.thread_time() - began) / QUESTIONS * 1e6

    found: float = ASIDE.run(ask)
    return found


def _denial() -> float:
    """Microseconds that a refused send costs more than a log line of the guest's own would."""
    script = "repeat 1000 15:send evil/2 t x;"
    agents: dict[str, Any] = {
        "evil": {"source": "scripted.wasm", "count": 2, "work": 10**12, "fuel": 10**12}
    }
    spent = []
    for policy in (None, Policy([Forbid("none", ("send",))])):
        with folder() as home:
            source = home / "scripted.wasm"
            source.write_bytes(_scripted())
            loaded = world(home, {"agents": agents, "world": {"mailbox": 1}})
            with loaded.begin(home / "bench.run") as run:
                if policy is not None:
                    run.change(Control("policy", [policy.plain(), []]))
                run.execution.receive("evil/1", "script", ("text", script), [])
                began = time.process_time()
                run.execution.go(Until())
                spent.append((time.process_time() - began) / 1000 * 1e6)
    return spent[1] - spent[0]


def _scripted() -> bytes:
    return (PING.parents[1] / "scripted/scripted.wasm").read_bytes()
