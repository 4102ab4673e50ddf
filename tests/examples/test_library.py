"""The example `library`: read by words and by meaning, asked, and replayed without its model."""

from __future__ import annotations

import sys
from pydoc_data.topics import topics

import pytest

from examples.library import library

QUESTION = "When are default parameter values evaluated?"


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Three pages of the Python reference, shortened."""
    folder = tmp_path_factory.mktemp("documents")
    for name in ("function", "lambda", "naming"):
        (folder / f"{name}.txt").write_text(topics[name][:4000], encoding="utf-8")
    return folder


def ask(documents, file, capsys):
    """What the example prints."""
    assert library.main([QUESTION, "--documents", str(documents), "--run", str(file)]) == 0
    return capsys.readouterr().out


def test_answers_say_where_they_stand_and_come_out_the_same_without_the_model(
    documents, tmp_path, capsys, monkeypatch
):
    first = ask(documents, tmp_path / "first.run", capsys)
    answer = first.split(QUESTION)[1]
    assert "when the function definition is executed" in answer
    place = int(answer.partition("function.txt, from character ")[2].split()[0])
    sentence = answer.strip().splitlines()[0]
    page = (documents / "function.txt").read_text()
    assert " ".join(page[place:].split()).startswith(sentence)
    assert "replay, without the model: identical" in first
    assert ask(documents, tmp_path / "second.run", capsys) == first
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert library.wasm_engine.replay(tmp_path / "second.run").identical


def test_who_is_answered_nothing_is_told_why_it_may_be(tmp_path, capsys):
    (tmp_path / "paper.pdf").write_bytes(b"%PDF-1.7")
    assert library.main([QUESTION, "--documents", str(tmp_path)]) == 1
    assert "nothing was found: is there a .md, .rst or .txt" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        library.main([QUESTION, "--documents", str(tmp_path / "none")])
    assert f"there is no folder {tmp_path / 'none'}" in capsys.readouterr().err


def test_a_folder_without_a_model_is_refused_in_one_line(documents, tmp_path, capsys):
    given = [QUESTION, "--documents", str(documents), "--model", str(tmp_path / "none")]
    assert library.main(given) == 1
    told = capsys.readouterr().err
    assert told.startswith("library: ")
    assert "models.sentences.folder: there is no folder" in told
    assert "Traceback" not in told
