"""Other kinds of agents are swapped, as an agent in Python asks for it."""

from __future__ import annotations

import pytest

from tests.interpreter.fake_host import Err, Fault, Standing


def test_a_swap_and_what_runs(sdk, host):
    host.answers["swap.swap"] = 4
    assert sdk.swap.to("tokenizer", "next") == 4
    assert sdk.swap.to("tokenizer", "source", keep_old=0) == 4
    assert host.called("swap.swap") == [("tokenizer", "next", 3), ("tokenizer", "source", 0)]
    host.answers["swap.running"] = Standing("next", "ab" * 32, True)
    found = sdk.swap.running("tokenizer")
    assert (found.name, found.digest, found.on_trial) == ("next", "ab" * 32, True)


def test_faults_have_their_classes(sdk, host):
    for code, kind in (
        ("already-running", sdk.AlreadyRunning),
        ("cannot-begin", sdk.CannotBegin),
        ("cannot-migrate", sdk.CannotMigrate),
        ("unknown-alternative", sdk.UnknownAlternative),
    ):
        host.answers["swap.swap"] = Err(Fault(code, "why"))
        with pytest.raises(kind, match="why"):
            sdk.swap.to("tokenizer", "next")


@pytest.mark.parametrize(
    ("most", "error"), [(-1, ValueError), (2**32, ValueError), (1.5, TypeError), ("3", TypeError)]
)
def test_what_the_bindings_cannot_take_is_refused_before(sdk, host, most, error):
    with pytest.raises(error, match="keep_old"):
        sdk.swap.to("tokenizer", "next", keep_old=most)
    assert host.called("swap.swap") == []
