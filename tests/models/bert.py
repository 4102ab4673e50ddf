"""A tiny model of the BERT kind with weights that mean nothing, and what it must give."""

from __future__ import annotations

import json
from math import erf
from pathlib import Path

import numpy as np

from tests.models.graphs import some

SIZE, LAYERS, HEADS, WIDE, WORDS, PLACES = 32, 2, 4, 48, 40, 64
CONFIG = {
    "model_type": "bert", "hidden_size": SIZE, "num_hidden_layers": LAYERS, "hidden_act": "gelu",
    "num_attention_heads": HEADS, "intermediate_size": WIDE, "layer_norm_eps": 1e-12,
    "vocab_size": WORDS, "max_position_embeddings": PLACES, "type_vocab_size": 2,
}  # fmt: skip
TOKENIZER = {
    "version": "1.0", "truncation": None, "padding": {"strategy": {"Fixed": 128}},
    "model": {"type": "WordLevel", "vocab": {"[UNK]": 0, "a": 1}, "unk_token": "[UNK]"},
}  # fmt: skip


def tensors() -> dict[str, np.ndarray]:
    """Its weights."""
    shapes = {
        "embeddings.word_embeddings.weight": (WORDS, SIZE),
        "embeddings.position_embeddings.weight": (PLACES, SIZE),
        "embeddings.token_type_embeddings.weight": (2, SIZE),
        **_norm("embeddings.LayerNorm"),
    }
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _linear(f"{name}attention.{part}", SIZE, SIZE)
        shapes |= _norm(f"{name}attention.output.LayerNorm")
        shapes |= _linear(f"{name}intermediate.dense", WIDE, SIZE)
        shapes |= _linear(f"{name}output.dense", SIZE, WIDE)
        shapes |= _norm(f"{name}output.LayerNorm")
    return {
        name: some(*shape, seed=number, scale=0.5) + np.float32("Norm.weight" in name)
        for number, (name, shape) in enumerate(shapes.items())
    }


def _norm(name: str) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (SIZE,), f"{name}.bias": (SIZE,)}


def _linear(name: str, out: int, taken: int) -> dict[str, tuple[int, ...]]:
    return {f"{name}.weight": (out, taken), f"{name}.bias": (out,)}


def write_folder(folder: Path, *, prefix: str = "", **changed: object) -> Path:
    """The folder that sentence-transformers would keep it in."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG | changed))
    (folder / "tokenizer.json").write_text(json.dumps(TOKENIZER))
    (folder / "model.safetensors").write_bytes(safetensors(tensors(), prefix))
    return folder


def safetensors(held: dict[str, np.ndarray], prefix: str = "") -> bytes:
    """The form of files of weights."""
    rows: dict[str, object] = {"__metadata__": {"format": "pt"}}
    body = b""
    for name, value in held.items():
        data = value.tobytes()
        span = [len(body), len(body) + len(data)]
        rows[prefix + name] = {"dtype": "F32", "shape": value.shape, "data_offsets": span}
        body += data
    head = json.dumps(rows).encode()
    return len(head).to_bytes(8, "little") + head + body


def reference(ids: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """What the model gives, written down as the paper has it, in double precision."""
    held = {name: value.astype(np.float64) for name, value in tensors().items()}
    last = held["embeddings.word_embeddings.weight"][ids]
    last = last + held["embeddings.position_embeddings.weight"][: ids.shape[1]]
    last = last + held["embeddings.token_type_embeddings.weight"][0]
    last = _normed(last, held, "embeddings.LayerNorm")
    away = np.where(mask, 0.0, -np.inf)[:, None, None, :]
    for layer in range(LAYERS):
        name = f"encoder.layer.{layer}."
        query, key, value = (
            _times(last, held, f"{name}attention.self.{it}")
            .reshape(*ids.shape, HEADS, -1)
            .transpose(0, 2, 1, 3)
            for it in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(SIZE // HEADS) + away
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        seen = (shares @ value).transpose(0, 2, 1, 3).reshape(*ids.shape, SIZE)
        out = _times(seen, held, f"{name}attention.output.dense")
        looked = _normed(out + last, held, f"{name}attention.output.LayerNorm")
        wide = _times(looked, held, f"{name}intermediate.dense")
        wide = wide * 0.5 * (1 + np.vectorize(erf)(wide / np.sqrt(2)))
        out = _times(wide, held, f"{name}output.dense")
        last = _normed(out + looked, held, f"{name}output.LayerNorm")
    mean = (last * mask[..., None]).sum(1) / mask.sum(1, keepdims=True)
    return mean / np.linalg.norm(mean, axis=1, keepdims=True)


def _times(given, held, name):
    return given @ held[f"{name}.weight"].T + held[f"{name}.bias"]


def _normed(given, held, name):
    less = given - given.mean(-1, keepdims=True)
    spread = np.sqrt((less**2).mean(-1, keepdims=True) + 1e-12)
    return less / spread * held[f"{name}.weight"] + held[f"{name}.bias"]
