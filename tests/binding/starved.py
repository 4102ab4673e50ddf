"""Run in a process of its own: where there is no memory to map, that is said, and nothing dies."""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from tests.binding.components import MIB, RUN, call, guest
from wasm_engine.concepts.errors import HostFault


def attempt(room):
    """Makes and calls instances until the address space that is left is used up."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + room, -1))
    held = []
    try:
        for _ in range(50):
            held.append(guest())
            call(held[-1], RUN, "number", 1)
    except HostFault as fault:
        return len(held), fault.exit_status
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (-1, -1))
    return len(held), None


def main():
    bystander = guest()
    answers = []
    for room in [1, 1024, *range(4096, 4352, 8), 10_000]:
        _, status = attempt(room * MIB)
        answers.append((status, call(bystander, RUN, "number", 1)))
    sys.stdout.write(json.dumps(answers))


if __name__ == "__main__":
    main()
