"""Where the folders of a run were mounted from, and what servers it may ask, on this machine.

A run file holds no path of a host and no word of an operator: one that is brought from elsewhere
reaches nothing here. What this machine remembers of its own runs lets them go on after a crash.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wasm_engine.host import places
from wasm_engine.host.disk import PrivateFolder
from wasm_engine.host.locks import sync_folder


def remember_origin(run_id: str, folders: Mapping[str, str]) -> None:
    """Keeps the folders of a run, by the names of its mounts.

    Where there is no place to keep them the run is a stranger's to `resume`, which then asks for
    the operator's word: that is safe, and no reason to fail.
    """
    _write(run_id, folders, ())


def remember_grants(run_id: str, grants: Iterable[str]) -> None:
    """Keeps what its operator gave the run beside its folders: servers that it may ask, secrets."""
    fresh = sorted({*grants, *granted(run_id)})
    if fresh != granted(run_id):
        _write(run_id, origin_of(run_id), fresh)


def remember_vouched(run_id: str, vouchers: Mapping[str, Sequence[str]]) -> None:
    """Keeps who vouched for what the run is made of: names of trusted keys, by digests."""
    fresh = {**vouched(run_id), **{digest: list(names) for digest, names in vouchers.items()}}
    _write(run_id, origin_of(run_id), granted(run_id), fresh)


def _write(
    run_id: str,
    folders: Mapping[str, str],
    grants: Iterable[str],
    vouchers: Mapping[str, list[str]] | None = None,
) -> None:
    known = vouched(run_id) if vouchers is None else vouchers
    with contextlib.suppress(OSError):
        folder = PrivateFolder(places.data_folder() / "runs")
        rows: dict[str, Any] = {"folders": dict(folders), "grants": list(grants)}
        if known:
            rows["vouched"] = known
        folder.write(f"{run_id}.json", json.dumps(rows, sort_keys=True).encode(), durable=True)


def is_ours(run_id: str) -> bool:
    """Whether a run began, or was taken over, on this machine by this user."""
    file = places.data_folder() / "runs" / f"{run_id}.json"
    if not file.exists():
        return False
    with contextlib.suppress(OSError):
        # Its writer may have been killed before its name was durable; from here on it is built on.
        sync_folder(file.parent)
    return True


def origin_of(run_id: str) -> dict[str, str]:
    """The folders of a run that began on this machine; empty for any other."""
    found = _read(run_id)
    folders = found.get("folders")
    if not isinstance(folders, dict):  # before there were grants, the folders were all there was
        folders = found
    return {k: v for k, v in folders.items() if isinstance(v, str)}


def granted(run_id: str) -> list[str]:
    """What the operator of this machine gave the run."""
    grants = _read(run_id).get("grants")
    return [text for text in grants if isinstance(text, str)] if isinstance(grants, list) else []


def vouched(run_id: str) -> dict[str, list[str]]:
    """Who vouched for what the run is made of when it began here, by digests (hexadecimal)."""
    found = _read(run_id).get("vouched")
    if not isinstance(found, dict):
        return {}
    return {
        digest: [name for name in names if isinstance(name, str)]
        for digest, names in found.items()
        if isinstance(names, list)
    }


def _read(run_id: str) -> dict[str, Any]:
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
    return found if isinstance(found, dict) else {}
