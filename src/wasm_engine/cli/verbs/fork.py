"""`fork`: a new run that has its past in common with another one."""

from __future__ import annotations

import argparse
from pathlib import Path

from wasm_engine.cli import values
from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_run_file, add_verb

ABOUT = """\
Make a new run that has its past in common with another one, up to the end of a step.

Without an edit what follows is the same, too: the same chain. With edits it differs from there on.
`resume` goes on with it. What came from outside after that step is given to the new run again, as
long as its agents ask for the same; --effects says what else."""


def add(verbs: Verbs) -> None:
    """Describes the verb."""
    parser = add_verb(verbs, "fork", act, ABOUT)
    add_run_file(parser)
    parser.add_argument(
        "--at", type=values.step, required=True, metavar="STEP", help="the last step in common"
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE2", help="the new run; nothing may be there"
    )
    parser.add_argument("--seed", type=values.seed, metavar="N", help="another seed from there on")
    parser.add_argument(
        "--set", nargs=3, action="append", default=[], metavar=("AGENT", "KEY", "VALUE"),
        help="text that the agent keeps under the key instead; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--component", type=values.edited, action="append", default=[], metavar="NAME=FILE",
        help="what a kind of agent, or a tool, runs from there on; tools/NAME is the tool where "
        "both have a name; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--model", type=values.model, action="append", default=[], metavar="NAME=OTHER",
        help="what answers for a language model from there on: another model of the manifest, a "
        "script (.toml), a run as a cassette (.run), or server:NAME; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--send", nargs=3, action="append", default=[], metavar=("ADDRESS", "TOPIC", "BODY"),
        help="a message that arrives there; may be given many times",
    )  # fmt: skip
    parser.add_argument(
        "--effects", choices=("reuse", "live", "none"), default="reuse",
        help="of later effects: results that the run holds where the same is asked for, else live "
        "(reuse); all of them anew (live); all refused (none)",
    )  # fmt: skip


def act(arguments: argparse.Namespace, console: Console) -> int:
    """Forks."""
    from wasm_engine.cli.watch import Watch
    from wasm_engine.control.forks import Edits, fork, other_model

    report = fork(
        arguments.file,
        at=arguments.at,
        out=arguments.out,
        edits=Edits(
            seed=arguments.seed,
            state=tuple(values.keeping(*words) for words in arguments.set),
            components=tuple(arguments.component),
            messages=tuple(values.message(*words) for words in arguments.send),
            models=tuple(other_model(*words) for words in arguments.model),
        ),
        effects=arguments.effects,
        observer=Watch(console),
    )
    out = escape(str(arguments.out))
    console.print(f"forked: {out} has the steps up to {report.at:,} in common with {report.origin}")
    console.print(f"  chain {report.chain}")
    console.note(f"wasm-engine resume {out} goes on with it")
    console.result(report.as_json())
    return 0
