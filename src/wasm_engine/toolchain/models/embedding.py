"""Sentence-embedding models out of the folders that sentence-transformers keeps them in."""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec

from wasm_engine.concepts.errors import Bug, HostFault, Misuse
from wasm_engine.concepts.portable import is_portable
from wasm_engine.host.model_files import MAIN, look_into
from wasm_engine.host.staging import staging_folder
from wasm_engine.toolchain.models.bert import BertConfig, Count, Pooling, build_bert
from wasm_engine.toolchain.models.decompose import mark
from wasm_engine.toolchain.models.safetensors import read_safetensors
from wasm_engine.toolchain.models.writing import new_place, save

TOKENS = "wasm-engine.tokens"
"""The key of the metadata that says how many tokens of a text are looked at."""
WEIGHTS, TOKENIZER, CONFIG = "model.safetensors", "tokenizer.json", "config.json"
_NEEDED = (CONFIG, WEIGHTS, TOKENIZER)
_MOST_BYTES = 2_000_000_000
_Said = TypeVar("_Said")


class _Sentences(msgspec.Struct):
    """What `sentence_bert_config.json` says."""

    max_seq_length: Count = 512


class Built(NamedTuple):
    """What came of it.

    Attributes:
        dimensions: How many numbers a vector has.
        layers: Of the model.
        tokens: Of a text that are looked at.
    """

    dimensions: int
    layers: int
    tokens: int


def build_embedding(place: Path, out: Path) -> Built:
    """Writes a model's graph and its tokenizer into a new folder. Needs no PyTorch.

    Args:
        place: A folder with `config.json`, `model.safetensors` and `tokenizer.json`, or a wheel
            or zip file that has such a folder.
        out: The new folder.

    Raises:
        Misuse: It is none, or a model of another kind.
        HostFault: It cannot be written.
    """
    with _found(place) as folder:
        config = _read(folder / CONFIG, BertConfig)
        pooling = _read(folder / "1_Pooling" / CONFIG, Pooling, Pooling())
        sentences = _read(folder / "sentence_bert_config.json", _Sentences, _Sentences())
        tokens = min(sentences.max_seq_length, config.max_position_embeddings)
        weights = read_safetensors(memoryview((folder / WEIGHTS).read_bytes()), str(place))
        model = build_bert(config, pooling, weights)
        mark(model, frozenset())
        model.metadata_props.add(key=TOKENS, value=str(tokens))
        with new_place(out, folder=True) as made:
            save(model, made / MAIN)
            (made / TOKENIZER).write_bytes(_tokenizer(folder / TOKENIZER, tokens))
            if not is_portable(look_into(made / MAIN)):
                raise Bug(f"{out}: was built portable, and is not")
    return Built(config.hidden_size, config.num_hidden_layers, tokens)


def _tokenizer(file: Path, tokens: int) -> bytes:
    """The tokenizer, which cuts texts where the model does, and pads none that is alone."""
    said = _read(file, dict[str, msgspec.Raw])
    cut = {"direction": "Right", "max_length": tokens, "strategy": "LongestFirst", "stride": 0}
    said |= {"truncation": msgspec.Raw(msgspec.json.encode(cut)), "padding": msgspec.Raw(b"null")}
    return msgspec.json.encode(said)


def _read(file: Path, kind: type[_Said], otherwise: _Said | None = None) -> _Said:
    if otherwise is not None and not file.is_file():
        return otherwise
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise Misuse(f"{file}: cannot be read: {error.strerror}", code="bad-model") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Misuse(f"{file.name}: {error}", code="bad-model") from None


@contextmanager
def _found(place: Path) -> Iterator[Path]:
    """The folder that is meant, unpacked if it is in a wheel."""
    if place.is_dir():
        missing = [name for name in _NEEDED if not (place / name).is_file()]
        if missing:
            raise _none(place, missing)
        yield place
        return
    with staging_folder() as staged:
        _unpack(place, staged)
        yield staged


def _unpack(file: Path, goal: Path) -> None:
    try:
        with zipfile.ZipFile(file) as packed:
            names = packed.namelist()
            heads = sorted(it.removesuffix(WEIGHTS) for it in names if Path(it).name == WEIGHTS)
            if len(heads) != 1:
                raise _none(file, [WEIGHTS] if not heads else [f"one {WEIGHTS}, not {len(heads)}"])
            missing = [name for name in _NEEDED if heads[0] + name not in names]
            if missing:
                raise _none(file, missing)
            for name in (*_NEEDED, "sentence_bert_config.json", f"1_Pooling/{CONFIG}"):
                if heads[0] + name in names:
                    _unpack_one(packed, packed.getinfo(heads[0] + name), goal / name)
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError):
        # Damaged in any way, or encrypted, or packed as nothing here unpacks it.
        message = f"{file}: neither a folder nor a wheel, or one that cannot be unpacked"
        raise Misuse(message, code="bad-model") from None
    except OSError as error:
        raise HostFault(f"{file}: cannot be unpacked: {error.strerror}") from None


def _unpack_one(packed: zipfile.ZipFile, held: zipfile.ZipInfo, goal: Path) -> None:
    if held.file_size > _MOST_BYTES:
        raise Misuse(f"{held.filename}: larger than 2 GB", code="bad-model")
    goal.parent.mkdir(exist_ok=True)
    with packed.open(held) as taken, goal.open("wb") as made:
        shutil.copyfileobj(taken, made, 1 << 20)


def _none(place: Path, missing: list[str]) -> Misuse:
    said = ", ".join(missing)
    return Misuse(f"{place}: no sentence-embedding model: it lacks {said}", code="bad-model")
