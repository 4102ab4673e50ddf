"""Running source code that was written just now, say by a model: once, and as safely as anything.

from wasm_agent import code, on

@on("sum")
def handle(message):
    done = code.run("print('adding'); sum(input)", input=message.json())
    return done.value
"""

from __future__ import annotations

import io
import json
import linecache
import sys
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from wasm_agent import activation
from wasm_agent.faults import Fault
from wasm_agent.handlers import on, registry
from wasm_agent.messages import Message
from wasm_agent.surroundings import config
from wasm_agent.toolbox import call_tool
from wasm_agent.values import to_json

_NAME = "submitted"


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        value: The value of its last expression, as JSON has it; None where it ends otherwise.
        printed: What it printed.
    """

    value: Any
    printed: str


def host() -> None:
    """Makes an agent of what its configuration holds under `source`: a file that defines handlers.

    For agents that are raised by others, who write their code: `spawn("worker", key,
    {"source": ...})`, where the kind's source is `submitted:python`.
    """

    @on("*")
    def first(message: Message) -> None:
        """Takes the first message: what else it handles, its code says."""
        registry.clear()
        source = config.get("source")
        if not isinstance(source, str):
            raise Fault("invalid-config", "no text under `source`: an agent's code")
        lines = list(io.StringIO(source))
        linecache.cache[_NAME] = (len(source), None, lines, _NAME)
        module = ModuleType(_NAME)
        sys.modules[module.__name__] = module
        exec(compile(source, _NAME, "exec", dont_inherit=True), module.__dict__)
        activation.dispatch(message)


def run(source: str, input: Any = None, *, tool: str = "python") -> Outcome:  # noqa: A002
    """Runs source code once, in memory that nothing ran in before, with no more than is granted.

    Args:
        source: The code; `await` may stand outside of functions.
        input: A JSON value, which the code finds under the name `input`.
        tool: The tool that runs it: `[tools.NAME]` with a `language`.

    Raises:
        Fault: `syntax-error`, `raised`, `no-json`, `too-large`, or the code of a `Fault` that the
            code raised; `tool-failed` where a limit ended it; `unknown-tool` where this agent was
            granted no such tool.
    """
    answer = call_tool(f"{tool}.run", source=source, input=to_json(input))
    if "error" in answer:
        raise Fault.of(answer["error"]["code"], answer["error"]["detail"])
    outcome = answer["ok"]
    try:
        return Outcome(json.loads(outcome["value"]), outcome["printed"])
    except (ValueError, RecursionError):
        # The host has looked, too; but it is the code's own text, and this is another reader.
        raise Fault.of("no-json", "its value cannot be read") from None
