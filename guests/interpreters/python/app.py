"""The interpreter component: runs the one Python file in /agent as an agent of the world.

What this module does at its top is done when the component is built, and frozen into it.
"""

from __future__ import annotations

import agent_file
import library
import output
from componentize_py_types import Err
from wasm_agent import activation, entropy, eventloop, logs
from wit_world import exports
from wit_world.imports import wasm_engine_agent_types as types

entropy.install()
eventloop.install()
logs.bridge_logging()
output.install()
agent_file.know_no_other_source()
library.settle()


class Handler(exports.Handler):
    """What the component exports."""

    def init(self) -> None:
        """Loads the agent's file."""
        _refuse(activation.attempt(agent_file.load))

    def handle(self, message: types.Message) -> None:
        """Gives a message to the agent."""
        _refuse(activation.handle(message))


def _refuse(fault: types.Fault | None) -> None:
    if fault is not None:
        raise Err(fault)
