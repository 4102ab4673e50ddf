"""What the architecture tests look at: the modules of the package, parsed once."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Module:
    """One source file: its path from the root of the repository, text and syntax tree."""

    path: str
    text: str
    tree: ast.Module


@pytest.fixture(scope="session")
def modules() -> list[Module]:
    """Every module of the package."""
    return [
        Module(str(path.relative_to(ROOT)), text, ast.parse(text))
        for path in sorted((ROOT / "src").rglob("*.py"))
        for text in [path.read_text(encoding="utf-8")]
    ]
