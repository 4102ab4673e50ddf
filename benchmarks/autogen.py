"""The same ping-pong in AutoGen, where `autogen-core` is installed beside us; never required.

Two agents of `SingleThreadedAgentRuntime`, all in memory: 20,000 messages by `send_message`, of
which a request is one and its response another. No record is kept, nothing can be replayed, nothing
is contained. CPU time for a message, the least of three runs.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from benchmarks.figures import Figure

try:
    import autogen_core as autogen
except ImportError:
    autogen = None  # type: ignore[assignment]

MESSAGES = 20_000


@dataclass
class Text:
    """A message."""

    body: str


def measure() -> list[Figure]:
    if autogen is None:
        return []
    took = min(asyncio.run(one_run()) for _ in range(3))
    return [Figure("AutoGen: a message between two agents, no journal, CPU", took, "us")]


async def one_run() -> float:
    """Microseconds for a message."""

    class Echo(autogen.RoutedAgent):
        """Answers with what it got."""

        @autogen.message_handler
        async def on_text(self, message: Text, ctx: autogen.MessageContext) -> Text:  # noqa: ARG002
            return message

    class Ping(autogen.RoutedAgent):
        """Asks the echo again and again."""

        @autogen.message_handler
        async def on_text(self, message: Text, ctx: autogen.MessageContext) -> Text:  # noqa: ARG002
            echo = autogen.AgentId("echo", "default")
            for _ in range(MESSAGES // 2):
                message = await self.send_message(message, echo)
            return message

    runtime = autogen.SingleThreadedAgentRuntime()
    await Echo.register(runtime, "echo", lambda: Echo("echo"))
    await Ping.register(runtime, "ping", lambda: Ping("ping"))
    runtime.start()
    began = time.process_time()
    await runtime.send_message(Text("20000"), autogen.AgentId("ping", "default"))
    took = time.process_time() - began
    await runtime.stop_when_idle()
    return took / MESSAGES * 1e6
