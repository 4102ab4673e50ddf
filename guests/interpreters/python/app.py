"""The interpreter component: runs the one Python file in /agent as an agent of the world.

What this module does at its top is done when the component is built, and frozen into it.
"""

from __future__ import annotations

import agent_file
import library
import output
import snippets
from componentize_py_types import Err
from wasm_agent import activation, entropy, eventloop, logs, migrating
from wit_world import exports
from wit_world.exports import migration
from wit_world.exports.runner import Outcome
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


class Migration(exports.Migration):
    """What it exports besides, for when it is swapped in."""

    def offered(self) -> bool:
        """Whether the agent's file says how to migrate."""
        return agent_file.function("migrate") is not None

    def migrate(
        self, origin: str, entries: list[tuple[str, migration.Value]]
    ) -> list[tuple[str, migration.Value]]:
        """Lets the agent's `migrate` have what it kept."""
        del origin
        kept = {key: value.value for key, value in entries}
        found: migrating.Kept = {}
        fault = activation.attempt(lambda: found.update(_migrated(kept)))
        if fault is not None:
            raise Err(f"{fault.code}: {fault.detail}")
        return [(key, _tagged(value)) for key, value in found.items()]


def _migrated(kept: migrating.Kept) -> migrating.Kept:
    migrate = agent_file.function("migrate")
    assert migrate is not None
    return migrating.migrated(migrate, kept)


def _tagged(value: str | bytes) -> migration.Value:
    if isinstance(value, str):
        return migration.Value_Text(value)
    return migration.Value_Bytes(value)


class Runner(exports.Runner):
    """What it exports for source code that is submitted to a tool."""

    def run(self, source: str, input: str) -> Outcome:  # noqa: A002 - as the WIT has it
        """Runs it once."""
        return snippets.run(source, input)


def _refuse(fault: types.Fault | None) -> None:
    if fault is not None:
        raise Err(fault)
