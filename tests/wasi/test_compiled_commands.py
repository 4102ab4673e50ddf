"""Commands in C and Rust: each use of a system that their libraries make, by way of our adapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from wasm_engine.control.components import Command, CommandReport, run

KINDS = Path(__file__).parents[2] / "guests/testing/kinds"
EPOCH = "1735689600"


@pytest.fixture(params=["c", "rust"])
def kinds(request, tmp_path):
    """Runs a kind of use, in a folder of its own."""

    def play(*args: str, **settings) -> CommandReport:
        folders = ((str(tmp_path), "data"),)
        command = Command(args=args, folders=folders, **settings)
        return run(KINDS / f"kinds-{request.param}.wasm", command)

    play.language = request.param
    return play


def printed(report: CommandReport) -> list[str]:
    assert (report.status, report.trap, report.stderr) == (0, None, b"")
    return report.stdout.decode().splitlines()


def test_files_are_read_written_sought_cut_and_appended_to(kinds):
    world, appended, missing = printed(kinds("files"))
    assert (world, appended) == ("world 11", "hello!")
    assert missing == {"c": "1", "rust": "Some(NotFound)"}[kinds.language]


def test_folders_are_made_listed_renamed_and_removed(kinds):
    listed, *rest = printed(kinds("folders"))
    assert set(listed.split()) - {"./", "../"} == {"a", "d", "y/"}
    assert rest == {"c": ["1"], "rust": ["true", "true"]}[kinds.language]


def test_time_is_virtual_and_sleeping_takes_it(kinds):
    assert printed(kinds("clocks")) == [f"{EPOCH} 15"]


def test_entropy_is_of_the_seed(kinds):
    first, again, other = (printed(kinds("random", seed=seed)) for seed in (1, 1, 2))
    assert first == again != other


def test_arguments_and_environment_are_what_was_given(kinds):
    report = kinds("surroundings", "x y", "", env=(("A", "b=c"), ("ü", "")))
    assert (
        printed(report)
        == {
            "c": ["[x y]", "[]", "A=b=c", "ü="],
            "rust": ['["surroundings", "x y", ""]', '[("A", "b=c"), ("ü", "")]'],
        }[kinds.language]
    )


def test_input_is_waited_for_and_read_and_both_outputs_are_apart(kinds):
    report = kinds("input", stdin=b"some text\n" * 1000)
    upper = kinds.language == "rust"
    line = "SOME TEXT" if upper else "some text"
    lines = report.stdout.decode().splitlines()
    assert lines == ([] if upper else ["1"]) + [line] * 1000
    assert report.stderr == (b"10000 bytes\n" if upper else b"done\n")


def test_a_status_is_handed_on(kinds):
    assert (kinds("none").status, kinds("none").trap) == (33, None)


def test_a_panic_says_where_and_traps():
    report = run(KINDS / "kinds-rust.wasm", Command(args=("panic",)))
    assert report.status == 134
    assert b"panicked at 'on purpose', ./kinds.rs:" in report.stderr
