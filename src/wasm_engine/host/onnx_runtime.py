"""ONNX Runtime as this engine uses it: found, quiet, and the same numbers each time."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, Literal

from wasm_engine.concepts.errors import Misuse

Device = Literal["auto", "cpu", "cuda"]
_CUDA: Final = "CUDAExecutionProvider"
_CPU: Final = "CPUExecutionProvider"


@lru_cache(maxsize=1)
def onnxruntime() -> Any:
    """The package; it tells nobody of its use.

    Raises:
        Misuse: It is not installed.
    """
    from wasm_engine.host import telemetry  # noqa: F401, PLC0415 - before it loads

    try:
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        raise lacking("onnxruntime", "inference") from error
    if hasattr(onnxruntime, "disable_telemetry_events"):
        onnxruntime.disable_telemetry_events()
    onnxruntime.set_default_logger_severity(4)
    return onnxruntime


def lacking(package: str, extra: str) -> Misuse:
    """What is said where a package is not installed."""
    message = f"this world asks models, and the package {package}, which computes them, is missing"
    return Misuse(message, code="no-onnxruntime", hint=f"pip install 'wasm-engine[{extra}]'")


def device_for(wanted: Device, *, portable: bool) -> Literal["cpu", "cuda"]:
    """Where a model computes: what was wished for, or what there is.

    A portable model computes on the processor, unless a device was wished for: elsewhere its
    results are not the same.

    Raises:
        Misuse: There is no such device.
    """
    there = _CUDA in onnxruntime().get_available_providers()
    if wanted == "cuda" and not there:
        raise no_device()
    return "cuda" if wanted == "cuda" or (wanted == "auto" and there and not portable) else "cpu"


def no_device() -> Misuse:
    """What is said where a device was wished for that is not there."""
    message = 'a model of this world wants device = "cuda", and ONNX Runtime has none here'
    hint = (
        "a driver, CUDA and cuDNN, and `pip install onnxruntime-gpu` in place of onnxruntime; "
        'or device = "cpu"'
    )
    return Misuse(message, code="no-device", hint=hint)


def session_options(threads: int) -> Any:
    """Options of sessions. What they say is part of what a portable model's results are.

    Not the highest level of optimisation: its layouts of convolutions depend on the processor.
    """
    package = onnxruntime()
    options = package.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    options.graph_optimization_level = package.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.add_session_config_entry("session.set_denormal_as_zero", "0")
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def stored_options(threads: int) -> Any:
    """The same for a form that was optimised so before it was stored: it is computed as it is."""
    options = session_options(threads)
    options.graph_optimization_level = onnxruntime().GraphOptimizationLevel.ORT_DISABLE_ALL
    return options


def new_session(model: str | bytes, device: str, threads: int, *, optimised: bool = False) -> Any:
    """A session of a model: of its bytes, or of the file at a path.

    Args:
        model: Its bytes, or the path.
        device: `cpu` or `cuda`.
        threads: In which one call computes.
        optimised: Whether it is a form that was optimised before it was stored.

    Raises:
        Misuse: It cannot be used, or not on that device.
    """
    package = onnxruntime()
    providers: list[Any] = [_CPU]
    if device == "cuda":
        providers.insert(0, (_CUDA, {"use_tf32": "0"}))
    try:
        options = stored_options(threads) if optimised else session_options(threads)
        # No second try of its own, of which it would tell on our standard output.
        session = package.InferenceSession(
            model, options, providers=providers, enable_fallback=False
        )
    except Exception as error:  # noqa: BLE001 - its classes have no common base
        first = str(error).strip().splitlines()[:1]
        message = f"ONNX Runtime {package.__version__} cannot use it: {''.join(first)[:300]}"
        raise Misuse(message, code="bad-model") from None
    if device == "cuda" and _CUDA not in session.get_providers():
        raise no_device()  # it would have computed on the processor, and said nothing
    return session
