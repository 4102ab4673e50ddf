"""Random worlds: the engine does what the reference model says.

MODEL_EXAMPLES=5000 looks further than the default does.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, given, settings

from tests.model.agreement import check
from tests.model.worlds import Case, cases

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "120"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="MODEL_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
def test_the_engine_agrees_with_the_model(folder, case: Case):
    check(case, folder)
