"""What a shared folder does with what it is told, asked of it directly."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.files import model
from wasm_engine.agents.material import ListedFile
from wasm_engine.concepts import canonical
from wasm_engine.concepts.canonical import sha256
from wasm_engine.concepts.errors import Misuse
from wasm_engine.concepts.hostcall import Err
from wasm_engine.runtime.wasi import Beginning, Folders, Quota
from wasm_engine.runtime.wasi.tree.errors import FsError

EPOCH = 5_000_000_000
ROOT = 1


class Payer:
    """An agent that pays for what is done."""

    spent = 0

    def spend(self, work: int) -> None:
        self.spent += work


def listed(path: str, data: bytes | None = None, *, kind: str = "") -> ListedFile:
    what = kind or ("directory" if data is None else "file")
    content = data or b""
    return ListedFile(path, what, len(content), sha256(content), "", lambda: content)


SEED = [listed("d"), listed("d/old", b"0123456789"), listed("f", b"abc")]


class Shelf(NamedTuple):
    """One folder, and whoever works with it."""

    folders: Folders
    payer: Payer

    def do(self, operation: str, *arguments: Any) -> Any:
        return self.folders.execute(self.payer, operation, ("shelf", *arguments, EPOCH))

    def opened(self, path: str, *flags: str) -> Any:
        found = self.do("open", ROOT, path, list(flags), ["read", "write"])
        return found if isinstance(found, Err) else found[0]

    def look(self, what: str, *arguments: Any) -> Any:
        try:
            return getattr(self.folders.folder("shelf"), what)(*arguments)
        except FsError as error:
            return Err(error.code)

    def tree(self) -> model.Tree:
        folder = self.folders.folder("shelf")
        rows = list(folder.paths())
        return {
            path: None if node.kind == "directory" else folder.content(node.number)
            for path, node in rows
        }


def shelf(
    listing: list[ListedFile] | None = None, size: int = model.QUOTA, files: int = model.FILES
) -> Shelf:
    beginning = Beginning(SEED if listing is None else listing, Quota(size, files))
    return Shelf(Folders({"shelf": beginning}, EPOCH), Payer())


NAMES = st.sampled_from(["d", "e", "f", "old"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
STEPS = st.one_of(
    st.tuples(st.sampled_from(["mkdir", "make", "empty", "unlink", "rmdir"]), PATHS),
    st.tuples(st.just("rename"), PATHS, PATHS),
    st.tuples(st.just("write"), PATHS, st.integers(0, 20), st.binary(max_size=15)),
    st.tuples(st.just("cut"), PATHS, st.integers(0, 30)),
)


def executed(it: Shelf, operation: str, path: str, *rest: Any) -> str | None:
    """The same by the folder: the code of its refusal, or None."""
    match operation:
        case "mkdir":
            answer = it.do("create-directory", ROOT, path)
        case "make" | "empty":
            flags = ["create"] if operation == "make" else ["create", "truncate"]
            answer = it.opened(path, *flags)
        case "unlink" | "rmdir":
            answer = it.do({"rmdir": "remove-directory"}.get(operation, operation), ROOT, path)
        case "rename":
            answer = it.do("rename", ROOT, path, ROOT, *rest)
        case _:
            number = it.look("find", ROOT, path)[0]
            answer = it.do("resize" if operation == "cut" else operation, number, *rest)
    return answer.payload if isinstance(answer, Err) else None


def thawed(it: Shelf) -> Shelf:
    """Another one that was told what this one is."""
    frozen = canonical.decode(canonical.encode(it.folders.freeze()))
    other = shelf()
    other.folders.thaw(frozen)
    assert canonical.encode(other.folders.freeze()) == canonical.encode(it.folders.freeze())
    return other


@settings(max_examples=40, derandomize=True, deadline=None)
@given(st.lists(STEPS, max_size=25), st.integers(0, 25))
def test_it_does_as_a_plain_model_of_a_file_tree_would(steps, frozen_at):
    it = shelf()
    tree: model.Tree = {"d": None, "d/old": b"0123456789", "f": b"abc"}
    for number, (operation, path, *rest) in enumerate(steps):
        if operation in {"write", "cut"} and tree.get(path) is None:
            continue
        expected = model.OPERATIONS[operation](tree, path, *rest)
        assert executed(it, operation, path, *rest) == expected, (operation, path)
        assert it.tree() == tree
        usage = it.folders.folder("shelf").tree.usage
        assert (usage.bytes, usage.nodes) == (model.held(tree), len(tree))
        if number == frozen_at:
            it = thawed(it)


def test_what_nobody_changed_is_told_by_its_place_and_what_was_by_its_bytes():
    it = shelf()
    (row,) = it.folders.freeze()
    assert [parts[-1] for parts in row[1][2]] == [None, 2, 1]
    number = it.look("find", ROOT, "f")[0]
    assert it.do("rename", ROOT, "d/old", ROOT, "e") is None
    assert it.do("write", number, 1, b"XY") is None
    (row,) = it.folders.freeze()
    assert [(parts[1], parts[-1]) for parts in row[1][2]] == [("d", None), ("e", 1), ("f", b"aXY")]
    assert thawed(it).tree() == {"d": None, "e": b"0123456789", "f": b"aXY"}


def test_what_was_removed_is_gone_for_who_has_it_open():
    it = shelf()
    number = it.look("find", ROOT, "f")[0]
    assert it.do("unlink", ROOT, "f") is None
    gone = Err("no-entry")
    assert it.look("read", number, 0, 3) == it.look("stat", number, None) == gone
    assert it.do("write", number, 0, b"x") == it.do("append", number, b"x") == gone
    assert it.do("resize", number, 1) == gone
    again = it.opened("f", "create")
    assert again > number  # numbers are not given twice
    assert it.look("read", number, 0, 3) == gone


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/etc/passwd", "not-permitted"),
        ("..", "not-permitted"),
        ("d/../../x", "not-permitted"),
        ("d/../f/../..", "not-directory"),
        ("", "no-entry"),
        ("a\0b", "illegal-byte-sequence"),
        ("a" * 256, "name-too-long"),
        ("é" * 128, "name-too-long"),
        ("./" * 2049, "name-too-long"),
        ("F", "no-entry"),
        ("f/", "not-directory"),
        ("f/x", "not-directory"),
        ("x/y", "no-entry"),
    ],
)
def test_a_path_leads_nowhere_else(path, code):
    it = shelf()
    assert it.look("find", ROOT, path) == Err(code)
    if code != "no-entry" or not path:
        assert it.opened(path, "create") == Err(code)
        assert it.do("create-directory", ROOT, path).payload in {code, "not-directory", "exist"}
    assert it.tree() == shelf().tree()


def test_a_directory_is_as_far_up_as_a_path_from_it_leads():
    it = shelf()
    inner = it.look("find", ROOT, "d")[0]
    assert it.look("find", inner, "old")[1] == "regular-file"
    assert it.look("find", inner, "../f") == Err("not-permitted")
    assert it.do("rename", inner, "old", inner, "../f") == Err("not-permitted")


def test_directories_are_inside_each_other_up_to_a_bound():
    it = shelf([], files=1_000)
    deep = "/".join("d" * 32)
    for count in range(1, 33):
        assert it.do("create-directory", ROOT, deep[: 2 * count - 1]) is None
    assert it.do("create-directory", ROOT, f"{deep}/d") == Err("name-too-long")
    assert isinstance(it.opened(f"{deep}/file", "create"), int)
    assert it.do("create-directory", ROOT, "two") is None
    assert it.do("create-directory", ROOT, "two/three") is None
    assert it.do("rename", ROOT, "two", ROOT, f"{deep[:-2]}/two") == Err("name-too-long")
    assert it.do("rename", ROOT, "two", ROOT, f"{deep[:-4]}/two") is None


def test_zeros_between_are_within_the_quota_and_paid_for():
    it = shelf([], size=1 << 20)
    number = it.opened("f", "create")
    before = it.payer.spent
    assert it.do("write", number, (1 << 40), b"x") == Err("insufficient-space")
    assert it.do("write", number, (1 << 63) - 1, b"x") == Err("file-too-large")
    assert it.do("write", number, (1 << 20) - 1, b"x") is None
    assert it.payer.spent - before >= 1 << 20
    assert it.do("append", number, b"x") == Err("insufficient-space")
    assert it.do("resize", number, (1 << 63) - 1) == Err("insufficient-space")
    assert it.do("resize", number, 0) is None
    assert it.folders.folder("shelf").tree.usage.bytes == 0


def test_a_time_may_be_any_that_wasi_has():
    it = shelf()
    late = ("timestamp", (2**64 - 1, 999_999_999))
    assert it.do("set-times", ROOT, "f", late, ("no-change", None)) is None
    assert it.do("set-times", ROOT, "f", ("no-change", None), ("timestamp", (1, 10**9))) == Err(
        "invalid"
    )
    kind, links, size, accessed, modified, _ = thawed(it).look("stat", ROOT, "f")
    assert (kind, links, size) == ("regular-file", 1, 3)
    assert (accessed, modified) == ((2**64 - 1, 999_999_999), (5, 0))


@pytest.mark.parametrize(
    ("listing", "said"),
    [
        ([listed("l", kind="link")], "l is a link; a writable mount has none"),
        ([listed("f", b"x" * 41)], "more than its quota or its max-files (f)"),
        ([listed(f"{n}", b"") for n in range(7)], "more than its quota or its max-files (6)"),
        ([listed("/".join("d" * n)) for n in range(1, 34)], "more than 32 directories inside"),
    ],
)
def test_what_a_folder_cannot_begin_with_is_told(listing, said):
    with pytest.raises(Misuse) as caught:
        shelf(listing, files=6 if len(listing) < 8 else 40)
    assert said in str(caught.value)


def _rows(*rows: list[Any]) -> list[Any]:
    return [["shelf", [9, [[0, 0]] * 3, list(rows)]]]


def _row(above: Any, name: Any, number: Any, content: Any) -> list[Any]:
    return [above, name, number, *[[0, 0]] * 3, content]


@pytest.mark.parametrize(
    "frozen",
    [
        [],
        [["other", [1, [[0, 0]] * 3, []]]],
        _rows(_row(1, "..", 2, None)),
        _rows(_row(1, "a/b", 2, None)),
        _rows(_row(1, "", 2, None)),
        _rows(_row(1, "a\0", 2, None)),
        _rows(_row(1, 5, 2, None)),
        _rows(_row(2, "a", 3, None)),
        [["shelf", [0, [[0, 0]] * 3, []]]],
        [["shelf", [1 << 63, [[0, 0]] * 3, []]]],
        _rows(_row(1, "a", 2.0, None)),
        _rows(_row(1, "a", 10, None)),
        _rows(_row(1, "a", 1, None)),
        _rows(_row(1, "a", 2, None), _row(1, "b", 2, None)),
        _rows(_row(1, "a", 2, None), _row(1, "a", 3, None)),
        _rows(_row(1, "a", 2, b""), _row(2, "b", 3, None)),
        _rows(_row(1, "a", 2, 0)),
        _rows(_row(1, "a", 2, 3)),
        _rows(_row(1, "a", 2, -1)),
        _rows(_row(1, "a", 2, True)),
        _rows(_row(1, "a", 2, "text")),
        _rows(_row(1, "a", 2, bytes(41))),
        _rows(*[_row(1, f"{n}", n, b"") for n in range(2, 9)]),
        _rows([1, "a", 2, [0, 0], [0, 0], ["x", 0], b""]),
        _rows([1, "a", 2, b""]),
    ],
)
def test_what_nobody_froze_is_refused(frozen):
    it = shelf()
    with pytest.raises((ValueError, TypeError, LookupError)):
        it.folders.thaw(frozen)
    assert it.tree() == shelf().tree()


def test_an_operation_that_there_is_not_is_no_turn_call():
    with pytest.raises(LookupError):
        shelf().do("paths")
