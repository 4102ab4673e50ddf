"""Writes the glue, or says what of it is not as the WIT has it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

GUESTS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(GUESTS))

from bindings import golang, golang_beside, rust, rust_beside  # noqa: E402
from bindings.beside import called  # noqa: E402
from bindings.c_check import (  # noqa: E402
    HEADERS,
    beside_layout_header,
    differences,
    layout_header,
)
from bindings.layout import Resolved  # noqa: E402
from wasm_engine.toolchain.componentize.wit import Contract  # noqa: E402
from wasm_engine.toolchain.kits import beside_texts, contract_text  # noqa: E402


def contract(*, beside: bool = False) -> Resolved:
    """The contract, resolved; with the packages beside it or without."""
    found = Contract(contract_text())
    for text in beside_texts() if beside else ():
        found.add(text)
    return Resolved(found)


def generated() -> dict[Path, str]:
    """The text of each generated file, by where it lies."""
    resolved, beside = contract(), contract(beside=True)
    return {
        GUESTS / "sdk/rust/abi.rs": rust.generate(resolved, "agent"),
        GUESTS / "sdk/go/agent/abi.go": golang.generate(resolved, "agent"),
        GUESTS / "sdk/rust/abi/beside.rs": rust_beside.generate(beside),
        GUESTS / "sdk/c/layout.h": layout_header(resolved),
        GUESTS / "sdk/c/layout_beside.h": beside_layout_header(beside),
        **{
            GUESTS / f"sdk/go/{golang_beside.package(it)}/abi.go": golang_beside.generate(
                beside, it
            )
            for it in called(beside)
        },
    }


def wrong() -> list[str]:
    """What is not as the WIT has it: a line each."""
    resolved = contract(beside=True)
    stale = [
        f"{path.relative_to(GUESTS)}: not what the WIT says; run: python guests/bindings"
        for path, text in generated().items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    differing = (
        line
        for header in HEADERS
        for line in differences(resolved, (GUESTS / "sdk/c" / header).read_text("utf-8"), header)
    )
    return [*stale, *differing]


def main() -> int:
    arguments = argparse.ArgumentParser(description="Write the glue of the kits from the WIT.")
    arguments.add_argument("--check", action="store_true", help="write nothing; 1 if any differs")
    if not arguments.parse_args().check:
        for path, text in generated().items():
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path.relative_to(GUESTS)}")
    found = wrong()
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
