"""Worlds whose agents keep things by the standard interfaces, and what they say of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from wasm_engine.control import inspection
from wasm_engine.orchestrator.execution import Until
from wasm_engine.world import LATEST, Run, World

GUESTS = Path(__file__).parents[2] / "guests" / "testing"

Scripts = dict[str, list[str]]
"""By the address of an agent what each of its messages tells it to do, a line each."""


class Keeping:
    """A world of agents that are each told by messages what to do.

    Args:
        folder: Where its run is kept.
        scripts: What the agents are told.
        grants: What each may use, by its address; `keyvalue:orders` where nothing is said.
        more: Other tables of the manifest.
    """

    def __init__(
        self,
        folder: Path,
        scripts: Scripts,
        grants: dict[str, list[str]] | None = None,
        *,
        guest: str = "keeper",
        kind: dict[str, Any] | None = None,
        **more: Any,
    ) -> None:
        self.file = folder / "it.run"
        self.manifest = {
            "agents": {
                name: {
                    "source": f"{guest}/{guest}.wasm",
                    "grants": (grants or {}).get(name, ["keyvalue:orders"]),
                    **(kind or {}),
                }
                for name in scripts
            },
            "messages": [
                {"to": name, "topic": "do", "body": script}
                for name, texts in scripts.items()
                for script in texts
            ],
            **more,
        }
        self.world = World.from_mapping(self.manifest, GUESTS)

    def begin(self, **more: Any) -> Run:
        """Begins it."""
        return self.world.begin(self.file, **more)

    def run(self, until: Until | None = None, **more: Any) -> dict[str, list[str]]:
        """Runs it to its end; answers what each agent said."""
        with self.begin(**more) as run:
            run.execution.go(until or Until())
        return self.said()

    def resume(self, until: Until | None = None, **more: Any) -> dict[str, list[str]]:
        """Goes on with it."""
        with Run.open(self.file, write=True, at=LATEST, **more) as run:
            run.execution.replay()
            run.execution.go(until or Until())
        return self.said()

    def said(self, file: Path | None = None) -> dict[str, list[str]]:
        """What each agent printed, in order."""
        lines = inspection.inspect(file or self.file, wanted=inspection.Wanted(log=True)).log
        said: dict[str, list[str]] = {name: [] for name in self.manifest["agents"]}
        for line in lines or ():
            said[line.agent].append(line.text)
        return said


def lines(*operations: str) -> str:
    """A script."""
    return "\n".join(operations)


def service(run: Run, name: str = "keyvalue") -> Any:
    """What the agents of a run share."""
    return run.execution.scheduler.world.services[name]


def wrapped(find: Callable[[Run], Any], keeping: Keeping) -> Any:
    """What is found in a run that is opened to look, at its end."""
    with Run.open(keeping.file) as run:
        run.execution.replay()
        return find(run)
