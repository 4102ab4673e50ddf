"""Small tokenizers, trained when they are needed; training is deterministic."""

from __future__ import annotations

from functools import cache

from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

from tests.std.texts import mixed_texts, real_texts

_SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def _corpus() -> list[str]:
    return [*real_texts(), *mixed_texts(500, seed=1)]


@cache
def _trained_pieces() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=False)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=4000, limit_alphabet=1000, special_tokens=_SPECIAL, show_progress=False
    )
    made.train_from_iterator(_corpus(), trainer)
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    made.decoder = decoders.WordPiece()
    return made


@cache
def wordpiece(*, lowercase: bool = True) -> Tokenizer:
    """As BERT's."""
    made = Tokenizer.from_str(_trained_pieces().to_str())
    made.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    return made


@cache
def _trained_pairs() -> Tokenizer:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=3000,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    made.train_from_iterator(_corpus(), trainer)
    made.decoder = decoders.ByteLevel()
    return made


@cache
def byte_pairs(*, prefix: bool = False) -> Tokenizer:
    """As GPT-2's; with a space put before each text, as RoBERTa's."""
    made = Tokenizer.from_str(_trained_pairs().to_str())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    made.post_processor = processors.ByteLevel(trim_offsets=True, add_prefix_space=prefix)
    return made
