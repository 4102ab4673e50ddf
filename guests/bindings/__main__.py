"""Writes the glue, or says what of it is not as the WIT has it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

GUESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(GUESTS))

from bindings import golang, rust  # noqa: E402
from bindings.c_check import differences, layout_header  # noqa: E402
from bindings.layout import Resolved  # noqa: E402
from wasm_engine.toolchain.componentize.wit import Contract  # noqa: E402

WIT = GUESTS.parent / "wit" / "wasm-engine-agent@0.1.0" / "agent.wit"


def generated() -> dict[Path, str]:
    """The text of each generated file, by where it lies."""
    resolved = Resolved(Contract(WIT.read_text(encoding="utf-8")))
    return {
        GUESTS / "sdk/rust/abi.rs": rust.generate(resolved, "agent"),
        GUESTS / "sdk/go/agent/abi.go": golang.generate(resolved, "agent"),
        GUESTS / "sdk/c/layout.h": layout_header(resolved),
    }


def wrong() -> list[str]:
    """What is not as the WIT has it: a line each."""
    resolved = Resolved(Contract(WIT.read_text(encoding="utf-8")))
    stale = [
        f"{path.relative_to(GUESTS)}: not what the WIT says; run: python guests/bindings"
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    return [*stale, *differences(resolved, (GUESTS / "sdk/c/agent.h").read_text(encoding="utf-8"))]


def main() -> int:
    arguments = argparse.ArgumentParser(description="Write the glue of the kits from the WIT.")
    arguments.add_argument("--check", action="store_true", help="write nothing; 1 if any differs")
    if not arguments.parse_args().check:
        for path, text in generated().items():
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(GUESTS)}")
    found = wrong()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
