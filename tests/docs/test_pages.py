"""What the pages show is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text)
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_exists(page):
    named = re.findall(
        r"`((?:src|tests|docs|examples|guests|wit|requirements)/[\w./@-]+)`", page.read_text()
    )
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_module_that_is_named_exists(page):
    named = re.findall(r"`([a-z_]\w*(?:/\w+)+\.py)\b", page.read_text(encoding="utf-8"))
    roots = (ROOT, ROOT / "src/wasm_engine")
    assert [path for path in named if not any((root / path).exists() for root in roots)] == []


def test_the_agent_in_the_readme_is_the_example():
    block = README.partition("```python\n")[2].partition("```")[0]
    assert block == (ROOT / "examples/hello/greeter.py").read_text(encoding="utf-8")


def test_the_manifest_in_the_readme_is_the_examples():
    block = README.partition("```toml\n")[2].partition("```")[0]
    assert (ROOT / "examples/hello/world.toml").read_text(encoding="utf-8").endswith(block)


def test_the_first_screen_of_the_readme_is_one_screen():
    assert README.index("twelve lines of Python") < 2200
    assert README[: README.index("```python")].count("\n") < 25


def test_architecture_fits_on_two_pages():
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) < 130
