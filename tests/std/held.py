"""A standard tool held in the hand: called by itself, through the engine's own binding and gate."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wasm_engine.agents.material import ListedFile
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime import wasi
from wasm_engine.runtime.component import link
from wasm_engine.runtime.entropy import Entropy
from wasm_engine.runtime.guest import Guest
from wasm_engine.runtime.instance import SLICED, Finished, Limits
from wasm_engine.runtime.wasi import Quota, Tree, WasiState
from wasm_engine.world.assembly import host_functions, load_components

STD = Path(__file__).parent.parent.parent / "guests" / "std"
INTERFACE = "wasm-engine:retrieval/{}"
WORK = 1 << 60


class Refused(Exception):
    """The function answered its error.

    Attributes:
        code, detail: Of the fault.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class Held:
    """One instance of a tool, that forgets nothing between calls.

    Args:
        name: Which of `guests/std`.
        config: Its configuration.
        files: What is mounted at `/model`, by name.
        fuel: What it may spend, in all.
    """

    def __init__(
        self,
        name: str,
        config: Any = None,
        files: Mapping[str, bytes] | None = None,
        fuel: int = 1 << 60,
    ) -> None:
        data = (STD / name / f"{name}.wasm").read_bytes()
        component = load_components([(name, data)])[0]
        self._interface = INTERFACE.format(name)
        text = json.dumps(config if config is not None else {}, ensure_ascii=False)
        entropy, state = Entropy("test", 0), mounted(files)
        self._guest = Guest(config=text, epoch=0, entropy=entropy, work=WORK, wasi=state)
        linked = link(component, host_functions(), name)
        self._limits = Limits(fuel, 1 << 30, 10_000_000_000)
        self._instance = linked.instantiate(self._guest, self._limits)
        self.begin_fuel = fuel - self._instance.fuel
        self.begin_work = WORK - self._guest.work

    @property
    def fuel(self) -> int:
        """What was spent."""
        return self._limits.fuel - self._instance.fuel

    def call(self, function: str, *arguments: Any) -> Any:
        """What a function answers.

        Raises:
            Refused: Its error.
        """
        self._instance.begin(self._interface, function, arguments)
        while (outcome := self._instance.poll()) is SLICED:
            pass
        assert isinstance(outcome, Finished)
        self._guest.calls.clear()
        self._guest.told.clear()
        if isinstance(outcome.value, Err):
            raise Refused(*outcome.value.payload)
        return outcome.value

    def close(self) -> None:
        self._instance.close()


def mounted(files: Mapping[str, bytes] | None) -> WasiState:
    """A component's side of WASI, with files at `/model`."""
    listed = [_listed(path, data) for path, data in sorted((files or {}).items())]

    def tree() -> Tree:
        made = Tree(Quota(bytes=0), time=0)
        made.mount("/model", wasi.mounted(listed, time=0, name="model"))
        return made

    return WasiState(args=("std",), tree=tree)


def _listed(path: str, data: bytes) -> ListedFile:
    return ListedFile(path, "file", len(data), sha256(data), "", lambda: data)
