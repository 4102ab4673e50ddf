"""The disk that forgets: what is durable stays, and nothing else is sure."""

import itertools

import pytest

from tests.crash.disk import FLAVOURS, SECTOR, Disk, lay_out
from tests.crash.recording import Kind, Record

SEEDS = range(40)


def record(kind, file=0, folder=0, offset=0, name="", data=b"", error=0):
    return Record(kind, error, file, folder, offset, name, data)


def synced(number, error=0):
    return [record(Kind.SYNC_BEGIN, number), record(Kind.SYNC_END, number, error=error)]


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "old").write_bytes(b"a" * 4 * SECTOR)
    return folder


@pytest.fixture
def old(root):
    return (root / "old").stat().st_ino


@pytest.fixture
def top(root):
    return root.stat().st_ino


def outcomes(disk):
    """All that may be left, of many failures."""
    return [disk.after_failure(flavour, seed) for flavour in FLAVOURS for seed in SEEDS]


def test_what_was_there_before_stays(root):
    for image in outcomes(Disk(root)):
        assert image == {"": None, "old": b"a" * 4 * SECTOR}


def test_a_synced_write_stays(root, old):
    disk = Disk(root, [record(Kind.WRITE, old, data=b"new"), *synced(old)])
    assert {image["old"][:4] for image in outcomes(disk)} == {b"newa"}
    assert disk.unsynced() == 0


def test_a_write_that_was_not_synced_may_stay_or_go(root, old):
    disk = Disk(root, [record(Kind.WRITE, old, data=b"new")])
    assert {image["old"][:4] for image in outcomes(disk)} == {b"newa", b"aaaa"}
    assert disk.after_failure("kept")["old"][:3] == b"new"
    assert disk.after_failure("lost")["old"][:3] == b"aaa"


def test_a_write_that_began_during_a_sync_is_not_covered_by_it(root, old):
    begin, end = synced(old)
    during = record(Kind.WRITE, old, offset=8, data=b"late")
    disk = Disk(root, [record(Kind.WRITE, old, data=b"new"), begin, during, end])
    assert disk.after_failure("lost")["old"][:12] == b"newaaaaaaaaa"


def test_what_a_failed_sync_did_not_write_no_later_one_does(root, old):
    disk = Disk(root, [record(Kind.WRITE, old, data=b"new"), *synced(old, error=5), *synced(old)])
    assert disk.after_failure("lost")["old"][:3] == b"aaa"


def test_what_is_written_again_after_a_failed_sync_stays(root, old):
    write = record(Kind.WRITE, old, data=b"new")
    disk = Disk(root, [write, *synced(old, error=5), write, *synced(old)])
    assert {image["old"][:4] for image in outcomes(disk)} == {b"newa"}


def test_writes_may_stay_in_another_order(root, old):
    writes = [record(Kind.WRITE, old, offset=n * SECTOR, data=b"%d" % n) for n in range(4)]
    found = {
        tuple(image["old"][n * SECTOR] != ord("a") for n in range(4))
        for image in outcomes(Disk(root, writes))
    }
    assert found == set(itertools.product((False, True), repeat=4))


def test_a_write_may_be_torn_between_sectors_only(root, old):
    disk = Disk(root, [record(Kind.WRITE, old, offset=100, data=b"b" * 3 * SECTOR)])
    ends = {image["old"].rfind(b"b") + 1 for image in outcomes(disk)}
    assert ends >= {0, SECTOR, 2 * SECTOR, 3 * SECTOR, 3 * SECTOR + 100}
    for image in outcomes(disk):
        sectors = [image["old"][n * SECTOR : (n + 1) * SECTOR] for n in range(4)]
        whole = [b"a" * 100 + b"b" * 412, b"b" * SECTOR, b"b" * SECTOR, b"b" * 100 + b"a" * 412]
        for sector, written in zip(sectors, whole, strict=True):
            assert sector in (b"a" * SECTOR, written)


def test_a_sector_may_be_what_it_was_in_between(root, old):
    writes = [record(Kind.WRITE, old, data=text) for text in (b"one", b"two", b"six")]
    found = {image["old"][:3] for image in outcomes(Disk(root, writes))}
    assert found == {b"aaa", b"one", b"two", b"six"}


def test_a_size_that_was_not_synced_is_not_sure(root, old):
    disk = Disk(root, [record(Kind.TRUNCATE, old, offset=0)])
    assert {len(image["old"]) for image in outcomes(disk)} == {0, 4 * SECTOR}


def test_a_new_file_needs_its_folder_synced(root, top):
    made = [record(Kind.CREATE, 1, top, name="new"), record(Kind.WRITE, 1, data=b"x"), *synced(1)]
    images = outcomes(Disk(root, made))
    assert {image.get("new") for image in images} == {None, b"x"}
    for image in outcomes(Disk(root, [*made, *synced(top)])):
        assert image["new"] == b"x"


def test_a_synced_name_of_a_file_that_was_not_synced(root, top):
    made = [record(Kind.CREATE, 1, top, name="new"), record(Kind.WRITE, 1, data=b"x")]
    images = outcomes(Disk(root, [*made, *synced(top)]))
    assert {image["new"] for image in images} == {b"", b"\0", b"x"}


def test_a_rename_is_done_or_not(root, top):
    moved = record(Kind.RENAME, top, top, name="old", data=b"other")
    names = {frozenset(image) for image in outcomes(Disk(root, [moved]))}
    assert names == {frozenset({"", "old"}), frozenset({"", "other"})}


def test_a_removed_file_may_come_back(root, top):
    gone = record(Kind.UNLINK, folder=top, name="old")
    assert {"old" in image for image in outcomes(Disk(root, [gone]))} == {True, False}
    assert not any("old" in image for image in outcomes(Disk(root, [gone, *synced(top)])))


def test_a_number_that_is_used_again_is_another_file(root, top, old):
    again = [
        record(Kind.UNLINK, folder=top, name="old"),
        record(Kind.CREATE, old, top, name="new"),
        record(Kind.WRITE, old, data=b"x"),
        *synced(old),
    ]
    images = outcomes(Disk(root, again))
    assert {image.get("old") for image in images} == {None, b"a" * 4 * SECTOR}
    assert {image.get("new") for image in images} == {None, b"x"}


def test_an_image_is_laid_out_as_it_is(root, tmp_path):
    image = {"": None, "work": None, "work/it-wal": b"log", "work/it": b"data"}
    lay_out(image, root, index=b"garbage")
    assert (root / "work/it-shm").read_bytes() == b"garbage"
    assert not (root / "old").exists()
    assert {**Disk(root).after_failure("lost")} == image
