"""docs/cli.md says what the command line does: every verb, every option, every field."""

from __future__ import annotations

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

from wasm_engine.cli.arguments import parser
from wasm_engine.control.bisection import BisectReport
from wasm_engine.control.building import BuildReport, NewReport
from wasm_engine.control.effect_rows import EffectRow
from wasm_engine.control.forks import ForkReport
from wasm_engine.control.inspection import InspectReport
from wasm_engine.control.keeping import CompactReport, ExportReport, ImportReport
from wasm_engine.control.keyring import KeyReport
from wasm_engine.control.locks import LockReport
from wasm_engine.control.model_tools import (
    EmbeddingReport,
    MadeModel,
    PreparedReport,
    QuantizedReport,
    WarmReport,
)
from wasm_engine.control.models import ModelReport, ModelsReport, ShownModel, SlotRow
from wasm_engine.control.people import AnswerReport, PendingReport, Question
from wasm_engine.control.powers import Power, PowersReport
from wasm_engine.control.reports import (
    DiffReport,
    Divergence,
    LinkRow,
    ReplayReport,
    RunReport,
    RunSignature,
    WaitsFor,
)
from wasm_engine.control.secrets import SecretRow, SecretsReport
from wasm_engine.control.signing import SignReport, VerifyReport
from wasm_engine.control.swap import SwapReport
from wasm_engine.control.swap_rows import SwapRow
from wasm_engine.control.tools import ToolRow, ToolsReport

PAGE = (Path(__file__).parents[2] / "docs/cli.md").read_text(encoding="utf-8")
OPTIONS = PAGE.partition("## Options")[2].partition("## Exit status")[0]


def _verbs(given, name=""):
    """Name and parser of every verb, those below another verb included."""
    inner = [a for a in given._actions if isinstance(a, argparse._SubParsersAction)]
    if not inner:
        return [(name.strip(), given)]
    return [
        found for word, verb in inner[0].choices.items() for found in _verbs(verb, f"{name} {word}")
    ]


VERBS = dict(_verbs(parser()))


def _options(verb):
    flags = {flag for action in verb._actions for flag in action.option_strings}
    return flags - {"-h", "--help", "--json"}


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_and_option_is_on_the_page(name):
    if name.startswith("interpreter"):
        assert f"`{name.split()[1]}" in PAGE.replace("interpreter ", "`")
        assert _options(VERBS[name]) == {"--language"}
        assert "| `interpreter ...` | `--language LANGUAGE` |" in PAGE
        return
    row = re.search(rf"^\| `{re.escape(name)}` \|(.*)\|$", OPTIONS, re.MULTILINE)
    assert row, f"no row for {name}"
    assert set(re.findall(r"--[a-z-]+", row[1])) == _options(VERBS[name])


REPORTS = [
    RunReport, ReplayReport, Divergence, InspectReport, DiffReport, BisectReport, ForkReport,
    EffectRow, CompactReport, ExportReport, ImportReport, KeyReport, LockReport, RunSignature,
    SignReport, VerifyReport, WaitsFor, PendingReport, Question, AnswerReport, SecretsReport,
    SecretRow, Power, PowersReport, SwapReport, SwapRow, BuildReport, NewReport, ToolRow,
    ToolsReport, LinkRow, ModelReport, ModelsReport, ShownModel, SlotRow, MadeModel, PreparedReport,
    QuantizedReport, WarmReport, EmbeddingReport,
]  # fmt: skip


@pytest.mark.parametrize("report", REPORTS)
def test_every_field_is_on_the_page(report):
    json_part = PAGE.partition("## JSON")[2]
    missing = [
        f.name
        for f in dataclasses.fields(report)
        if f"`{f.name}`" not in json_part and f'"{f.name}"' not in json_part
    ]
    assert missing == []
