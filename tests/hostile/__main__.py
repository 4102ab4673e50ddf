"""`make hostile`: all attacks of the catalogue, and what came of them."""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import Counter

from tests.hostile import footprint
from tests.hostile.attack import GUESTS
from tests.hostile.catalogue import stage
from tests.hostile.catalogue.all import SCENES

SLACK = 32 << 20
"""Bytes of memory that may be left: code of components, and what malloc holds back."""


def main(words: list[str] | None = None) -> int:
    """Plays the catalogue, or some boundaries of it; 1 if anything escaped or shows nothing."""
    parser = argparse.ArgumentParser("python -m tests.hostile", description=__doc__)
    parser.add_argument("boundary", nargs="*", help="only these; all, if there is none")
    wanted = parser.parse_args(words).boundary
    unknown = set(wanted) - {scene.boundary for scene in SCENES}
    if unknown:
        parser.error(f"no boundary is called {', '.join(sorted(unknown))}")
    sys.path.insert(0, str(GUESTS))
    stage.warm()
    gc.collect()
    before, start = footprint.now(), time.process_time()
    bad: Counter[str] = Counter()
    count, peak = 0, 0
    for scene in SCENES:
        if wanted and scene.boundary not in wanted:
            continue
        played = stage.play(scene)
        peak = max(peak, played.peak)
        for result in played.results:
            count += 1
            bad.update(_told(scene.boundary, result))
        for wrong in played.wrong:
            bad["worlds disturbed"] += 1
            print(f"WRONG    {scene.boundary}: {wrong}")
    print(
        f"\n{count} attacks, {bad['escaped']} escaped; {bad['without control']} controls failed; "
        f"{bad['worlds disturbed']} worlds disturbed; {time.process_time() - start:.0f} s of CPU"
    )
    left = _left(before, footprint.now(), peak)
    return 1 if bad or left else 0


def _told(boundary: str, result: stage.Result) -> list[str]:
    """Prints a row; answers what is bad about it."""
    attack, control = result.attack, result.attack.control
    bad = []
    if result.escaped:
        bad.append("escaped")
    if result.shows_nothing:
        bad.append("without control")
    word = "ESCAPED" if result.escaped else "CONTROL" if bad else "held"
    print(f"{word:8} {boundary + '/' + attack.name:30} {attack.tries}: {_short(result.got)}")
    if result.escaped:
        print(f"{'':8} must get {attack.must!r}")
    if result.shows_nothing:
        print(f"{'':8} {control.given}: {_short(result.control)}, but must get {control.gets!r}")
    else:
        print(f"{'':39} {control.given}: {_short(result.control)}")
    return bad


def _short(text: str) -> str:
    shown = text if text.isprintable() else ascii(text)
    return shown if len(shown) <= 100 else f"{shown[:97]}..."


def _left(before: footprint.Footprint, after: footprint.Footprint, peak: int) -> list[str]:
    """Prints what is left of all that; answers what should not be."""
    grown = after.memory - before.memory
    rows = [
        ("memory", f"{before.memory >> 20} -> {after.memory >> 20} MiB, at most "
                   f"{SLACK >> 20} more; {peak >> 20} MiB more at the highest", grown <= SLACK),
        ("descriptors", f"{len(before.descriptors)} -> {len(after.descriptors)}",
         after.descriptors <= before.descriptors),
        ("threads", f"{before.threads} -> {after.threads}", after.threads <= before.threads),
        ("instances", f"{before.instances} -> {after.instances}",
         after.instances <= before.instances),
        ("processes", f"{len(before.children.split())} -> {len(after.children.split())}",
         after.children == before.children),
    ]  # fmt: skip
    for name, text, good in rows:
        print(f"{'':8} {name:12} {text}{'' if good else '   NOT AS IT WAS'}")
    return [name for name, _, good in rows if not good]


if __name__ == "__main__":
    sys.exit(main())
