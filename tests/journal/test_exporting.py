"""A run as lines of JSON and back; redacted, nothing private is in them and the chain still is."""

import json
import math
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.journal import sample_run
from tests.journal.test_copying import begin
from tests.journal.test_entries import bodies, values
from wasm_engine.concepts import canonical
from wasm_engine.concepts.errors import BadRunFile
from wasm_engine.journal import entries
from wasm_engine.journal.exporting import export
from wasm_engine.journal.importing import import_run, verify_lines
from wasm_engine.journal.json_form import from_json, redacted, to_json
from wasm_engine.journal.runfile import RunFile


@pytest.fixture
def sample(tmp_path):
    with RunFile.open(sample_run.write(tmp_path / "sample.run")) as run:
        yield run


def test_an_exported_run_comes_back_the_same(sample, tmp_path):
    with import_run(tmp_path / "again.run", export(sample)) as again:
        assert sample_run.everything(again) == sample_run.everything(sample)
    with RunFile.open(tmp_path / "again.run", write=True, verify="all") as again:
        sample_run.append_step(again, 4)


def test_a_run_in_many_blocks_and_a_compacted_one_come_back(tmp_path):
    with begin(None) as run, import_run(None, export(run)) as again:
        assert sample_run.everything(again) == sample_run.everything(run)
    with (
        begin(None) as run,
        run.compact_to(None, run.checkpoints()[1]) as short,
        import_run(tmp_path / "again.run", export(short)) as again,
    ):
        assert sample_run.everything(again) == sample_run.everything(short)
        assert again.anchor == short.anchor
        assert verify_lines(export(short, redact=True)).chain == run.chain
        assert again.chain_after(short.anchor) == run.chain_after(short.anchor)


def test_the_lines_are_for_other_programs(sample):
    first, *rest = map(json.loads, export(sample))
    assert (first["format"], first["entries"]) == ("wasm-engine export", 9)
    assert not first["redacted"]
    held = [row for row in rest if "n" in row]
    assert [row["kind"] for row in held[:4]] == ["header", "input", "control", "clock"]
    assert held[1]["body"] == [1, "pinger", "start", ["text", "go"], []]
    assert held[4]["detail"][1] == [[["info", "hi"]]]
    assert [row["size"] for row in rest if "content" in row] == [8400, 1280, 30]


def test_a_redacted_export_holds_digests_of_what_is_private(sample):
    text = b"".join(export(sample, redact=True)).decode()
    for private in ("to be or not", "gr\u00fc\u00df", "a.test", "log#write", "operator"):
        assert private not in text
    for shown in ('"pinger"', '"ponger"', '"ball"', "timeout", '"fuel"', '"http"', '"failed"'):
        assert shown in text
    assert verify_lines(export(sample, redact=True)).chain == sample.chain
    assert verify_lines(export(sample)).chain == sample.chain
    with pytest.raises(BadRunFile, match="it is redacted"):
        import_run(None, export(sample, redact=True))


def lines_of(run, **options):
    return [json.loads(line) for line in export(run, **options)]


def as_lines(rows):
    return [json.dumps(row).encode() for row in rows]


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


CHANGES = {
    "an entry's body": lambda rows: rows[-3]["body"].__setitem__(0, 7),
    "an entry's digest": lambda rows: rows[-3].update(digest="00" * 32),
    "an entry's number": lambda rows: rows[-3].update(n=99),
    "one entry less": lambda rows: rows.pop(),
    "one in the middle less": lambda rows: rows.pop(-3),
    "the chain": lambda rows: rows[0].update(chain="00" * 32),
    "the count": lambda rows: rows[0].update(entries=3),
    "another format": lambda rows: rows[0].update(format="x"),
    "another version": lambda rows: rows[0].update(version=2),
    "no first line": lambda rows: rows.pop(0),
    "no lines": lambda rows: rows.clear(),
    "an odd digest": lambda rows: rows[-2].update(digest="xyz"),
    "an odd number": lambda rows: rows[-2].update(n="x"),
    "no kind": lambda rows: rows[-2].pop("kind"),
    "an odd kind": lambda rows: rows[-2].update(kind="none"),
    "an odd value": lambda rows: rows[-2].update(body={"base64": "\u00fc"}),
    "a large value": lambda rows: rows[-2].update(body=[1 << 80]),
    "a deep value": lambda rows: rows[-2].update(body=nested(300)),
    "a deep detail": lambda rows: rows[-3].update(detail=nested(600)),
}
OF_THE_REST = {
    "a content": lambda rows: rows[1].update(data="AAAA"),
    "no content": lambda rows: rows.pop(1),
    "a checkpoint": lambda rows: rows[5].update(data="AAAA"),
    "another step": lambda rows: rows[5].update(step=2),
    "no part": lambda rows: rows.pop(4),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_differs_is_found(sample, tmp_path, change):
    rows = lines_of(sample)
    CHANGES[change](rows)
    with pytest.raises(BadRunFile):
        verify_lines(as_lines(rows))
    with pytest.raises(BadRunFile):
        import_run(tmp_path / "again.run", as_lines(rows))
    assert not (tmp_path / "again.run").exists()


@pytest.mark.parametrize("change", OF_THE_REST)
def test_what_differs_beside_the_chain_is_found_when_it_is_imported(sample, tmp_path, change):
    rows = lines_of(sample)
    OF_THE_REST[change](rows)
    with pytest.raises(BadRunFile):
        import_run(tmp_path / "again.run", as_lines(rows))
    assert not (tmp_path / "again.run").exists()


@pytest.mark.parametrize("change", ["a content", "a checkpoint"])
def test_what_differs_from_a_digest_beside_the_chain_is_found_without_a_run_too(sample, change):
    rows = lines_of(sample)
    OF_THE_REST[change](rows)
    with pytest.raises(BadRunFile):
        verify_lines(as_lines(rows))


def test_of_a_redacted_export_what_holds_nothing_private_is_held_against_its_digest(sample):
    count = found = 0
    for number, row in enumerate(lines_of(sample, redact=True)):
        if "n" not in row:
            continue
        count += 1
        rows = lines_of(sample, redact=True)
        rows[number]["body"][0] = 7
        try:
            verify_lines(as_lines(rows))
        except BadRunFile:
            found += 1
            assert "sha256" not in json.dumps(row["body"])
        else:
            assert "sha256" in json.dumps(row["body"])
    assert 0 < found < count


@pytest.mark.parametrize("change", [{"content": "00"}, {"data": "AAAA"}])
def test_what_is_no_content_of_a_redacted_export_is_found(sample, change):
    rows = lines_of(sample, redact=True)
    rows[1].update(change)
    with pytest.raises(BadRunFile):
        verify_lines(as_lines(rows))


@pytest.mark.parametrize("line", [b"", b"\xff", b"[]", b"1", b"[" * 100_000, b'{"a":1}'])
def test_what_is_no_export_is_refused(line):
    for read in (verify_lines, lambda lines: import_run(None, lines)):
        with pytest.raises(BadRunFile):
            read([line])


@given(values | st.floats() | st.dictionaries(st.text(), values, max_size=3))
def test_a_value_comes_back_from_its_json(value):
    data = canonical.encode(value)
    shown = json.loads(json.dumps(to_json(canonical.decode(data)), allow_nan=False))
    assert canonical.encode(from_json(shown)) == data


def test_doubles_that_json_lacks():
    for value in (math.inf, -math.inf, math.nan, -0.0):
        assert canonical.encode(from_json(to_json(value))) == canonical.encode(value)


@given(bodies)
def test_every_body_can_be_redacted(body):
    kind, data = entries.encode(body)
    shown = redacted(kind, data)
    assert len(shown) == len(canonical.decode(data))
    json.dumps(shown, allow_nan=False)


def test_a_run_with_what_nobody_nests_so_deep_is_not_exported(tmp_path):
    path = sample_run.write(tmp_path / "deep.run")
    with RunFile.open(path, write=True) as run:
        run.append(*entries.encode(entries.Control("op", nested(450))), durable=True)
    before = sys.getrecursionlimit()
    with RunFile.open(path) as run:
        sys.setrecursionlimit(400)
        try:
            with pytest.raises(BadRunFile, match="entry 10 holds what is nested deeper"):
                list(export(run))
        finally:
            sys.setrecursionlimit(before)
