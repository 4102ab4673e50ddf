"""The keys of `[models.NAME]`: what a model is, where it computes, what it may take."""

from __future__ import annotations

import re

from wasm_engine.agents.manifest_tables import SEGMENT_PATTERN, Key
from wasm_engine.concepts import shapes
from wasm_engine.concepts.names import is_kind
from wasm_engine.concepts.references import PATTERN, Reference

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}", re.ASCII)


def _is_model(text: str) -> bool:
    if Reference.parse(text) is not None:
        return True
    return text.isprintable() and "*" not in text and text.endswith(".onnx")


def _is_folder(text: str) -> bool:
    if Reference.parse(text) is not None:
        return True
    return bool(text) and text.isprintable() and "*" not in text


def _is_script(text: str) -> bool:
    return text.isprintable() and text.endswith(".toml")


def _is_digest(text: str) -> bool:
    return _DIGEST.fullmatch(text) is not None


def _is_called(text: str) -> bool:
    return 0 < len(text) <= 200 and text.isascii() and text.isprintable()


MODEL = (
    Key(
        "file",
        shapes.FilePath(
            _is_model,
            "the path of an .onnx file, or a kept model: name@sha256:...",
            rf"^([^*]*\.onnx|{PATTERN})$",
        ),
        "A model of tensors, relative to the manifest, or one of this machine's store.",
        "none",
        later=True,
    ),
    Key(
        "folder",
        shapes.FilePath(
            _is_folder, "the path of a folder, or a kept model: name@sha256:...", r"^[^*]+$"
        ),
        "A language model as ONNX Runtime GenAI has it, or a model with its tokenizer.",
        "none",
        later=True,
    ),
    Key(
        "server",
        shapes.Text(is_kind, "the name of a server", SEGMENT_PATTERN),
        "A language model of a server: its name in the operator's policy, which says where it is.",
        "none",
        later=True,
    ),
    Key(
        "script",
        shapes.FilePath(_is_script, "the path of a .toml file", r"^.*\.toml$"),
        "Answers that stand in a file, in place of a language model: for tests.",
        "none",
        later=True,
    ),
    Key(
        "guest",
        shapes.Flag(),
        "Models that agents bring the bytes of (wasi:nn's `load`): each computes in a process of "
        "its own.",
        "false",
        later=True,
    ),
    Key(
        "model",
        shapes.Text(_is_called, "1 to 200 printable characters of ASCII", ""),
        "What the server calls the model.",
        "the name of the table",
        later=True,
    ),
    Key(
        "digest",
        shapes.Text(_is_digest, "`sha256:` and 64 hexadecimal digits", "^sha256:[0-9a-f]{64}$"),
        "What the model's bytes must be.",
        "any",
        later=True,
    ),
    Key(
        "device",
        shapes.Choice(("auto", "cpu", "cuda")),
        "Where it computes. What is wished for and is not there is refused.",
        '"auto"',
        later=True,
    ),
    Key("threads", shapes.Whole(1, 256), "Threads that one call computes in.", "1", later=True),
    Key(
        "concurrency",
        shapes.Whole(1, 64),
        "Calls that are computed, or asked, at a time.",
        "1",
        later=True,
    ),
    Key(
        "timeout",
        shapes.Span(10**6, 86_400 * 10**9),
        "Real time that a call may take.",
        '"60 s"',
        later=True,
    ),
    Key(
        "memory",
        shapes.Size(1 << 20, 1 << 40),
        "Bytes that tensors of one call may have, in and out.",
        '"256 MiB"',
        later=True,
    ),
    Key(
        "store",
        shapes.Choice(("results", "digest")),
        "What a run keeps: results, so that a replay needs no model; or, of a portable model, "
        "their digests.",
        '"results"',
        later=True,
    ),
    Key(
        "context",
        shapes.Whole(16, 1 << 24),
        "Tokens that a conversation and its answer may have together.",
        "4096",
        later=True,
    ),
    Key(
        "most",
        shapes.Whole(1, 1 << 24),
        "Most tokens of an answer.",
        "1024",
        later=True,
    ),
    Key(
        "cache",
        shapes.Flag(),
        "Whether the same question gets the same answer again, without being asked.",
        "false",
        later=True,
    ),
    Key(
        "retries",
        shapes.Whole(0, 10),
        "How often a server is asked again that did not answer, or was busy.",
        "2",
        later=True,
    ),
)
