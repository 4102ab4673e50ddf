"""Kills runs and looks what is lost: `make crash N=200`, or python -m tests.crash N [SEED]."""

from __future__ import annotations

import sys

from tests.crash.campaign import campaign


def main() -> int:
    """Runs the campaign."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 0
    return campaign(count, seed, lambda line: print(f"crash: {line}", flush=True))


if __name__ == "__main__":
    sys.exit(main())
