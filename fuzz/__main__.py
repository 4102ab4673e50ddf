"""`python -m fuzz [NAME...] [--seconds N] [--seed S]`, or `python -m fuzz NAME --input FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fuzz.campaign import fuzz, report
from fuzz.target import load, names


def main() -> int:
    """Fuzzes; 1 where something was found."""
    known = names()
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(known)}")
    parser.add_argument("--seconds", type=float, default=20, help="for each (default: 20)")
    parser.add_argument("--seed", type=int, default=0, help="another one is other input")
    parser.add_argument("--input", type=Path, help="a file to try once, instead")
    given = parser.parse_args()
    unknown = [name for name in given.names if name not in known and "." not in name]
    if unknown:
        parser.error(f"there is no {unknown[0]!r}; there are {', '.join(known)}")
    if given.input is not None:
        return _once(given.names, given.input, parser)
    found = 0
    for name in given.names or known:
        outcome = fuzz(name, given.seconds, given.seed)
        report(name, outcome, lambda line: print(line, flush=True))
        found += len(outcome.findings)
    return 1 if found else 0


def _once(named: list[str], file: Path, parser: argparse.ArgumentParser) -> int:
    """Tries one input, outside of everything, so that what it does can be looked at."""
    if len(named) != 1:
        parser.error("--input goes with one name")
    target = load(named[0])
    try:
        target.check(file.read_bytes())
    except target.refuses as error:
        print(f"refused: {type(error).__name__}: {error}")
    else:
        print("accepted")
    return 0


if __name__ == "__main__":
    sys.exit(main())
