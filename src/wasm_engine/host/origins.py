"""Where the folders of a run were mounted from, on this machine.

A run file holds no path of a host: one that is brought from elsewhere reaches nothing here. What
this machine remembers of its own runs lets them go on after a crash.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping

from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder


def remember_origin(run_id: str, folders: Mapping[str, str]) -> None:
    """Keeps the folders of a run, by the names of its mounts.

    Where there is no place to keep them the run is a stranger's to `resume`, which then asks for
    the operator's word: that is safe, and no reason to fail.
    """
    with contextlib.suppress(OSError):
        folder = PrivateFolder(places.data_folder() / "runs")
        data = json.dumps(dict(folders), sort_keys=True).encode()
        folder.write(f"{run_id}.json", data, durable=True)


def is_ours(run_id: str) -> bool:
    """Whether a run began, or was taken over, on this machine by this user."""
    return (places.data_folder() / "runs" / f"{run_id}.json").exists()


def origin_of(run_id: str) -> dict[str, str]:
    """The folders of a run that began on this machine; empty for any other."""
    place = places.data_folder() / "runs"
    if not place.is_dir():
        return {}
    opened = PrivateFolder(place).read_sealed(f"{run_id}.json", 0)
    if opened is None:
        return {}
    with opened[0].view() as view:
        try:
            found = json.loads(bytes(view))
        except ValueError:
            return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}
