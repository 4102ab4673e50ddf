"""The verbs say what is kept, what it takes and gives, and what to do next."""

from __future__ import annotations

import io

from wasm_engine.cli.console import Console
from wasm_engine.cli.progress import Bar


def test_the_verbs_say_what_is_kept(made, command, values):
    assert command("model", "list")[1].startswith("no models yet")
    status, out, err = command(
        "model", "add", made / "mlp.portable.onnx", "--name", "mlp", "--licence", "CC0"
    )
    reference = out.strip()
    assert (status, f'in a manifest: file = "{reference}"' in err) == (0, True)
    row = command("model", "list")[1]
    assert all(it in row for it in (reference, "portable", "CC0", "mlp.portable.onnx"))
    for name in ("mlp", reference):
        shown = command("model", "show", name)[1]
        assert "  takes x: float32 [n, 16]\n  gives y: float32 [n, 50]\n" in shown
        assert "  licence: CC0\n  portable: the same bits on each x86 CPU" in shown
    report = values("model", "show", "mlp")[1]
    assert report["model"] == values("model", "list")[1]["models"][0]
    assert (report["reasons"], report["fits"], report["ops"]["MatMul"]) == ([], True, 2)
    assert command("model", "remove", "mlp")[1] == f"{reference}  is no longer kept\n"
    status, _, err = command("model", "show", reference)
    assert (status, f"no model {reference} is kept here" in err) == (2, True)
    assert "there is no file, folder or kept model" in command("model", "warm", "mlp")[2]


def test_a_model_that_only_lacks_the_mark_is_told_so(made, values, command):
    status, out, _ = command("model", "show", made / "conv.onnx")
    assert (status, "not portable: BatchNormalization: not known" in out) == (0, True)
    report = values("model", "show", made / "attention.onnx")[1]
    assert (report["model"]["reference"], report["model"]["portable"]) == (None, False)
    assert report["reasons"] == ["Softmax: differs between CPUs"]


class _Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_bar_is_drawn_where_a_person_watches_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    for stream, drawn in ((_Terminal(), True), (io.StringIO(), False)):
        bar = Bar(Console(io.StringIO(), stream, json=False), "hashing")
        for done in range(11):
            bar(done * 10**6, 10**7)
        assert ("hashing [########################] 100% of 10.0 MB" in stream.getvalue()) == drawn
        assert drawn or stream.getvalue() == ""
