"""Every benchmark, one table after another: `make bench`."""

from __future__ import annotations

from benchmarks import binding, worlds

if __name__ == "__main__":
    for module in (binding, worlds):
        module.main()
        print()
