"""The devices on which models are tested: all that ONNX Runtime has on this machine."""

from __future__ import annotations

import onnxruntime

HAS_CUDA = "CUDAExecutionProvider" in onnxruntime.get_available_providers()
DEVICES = ["cpu", *(["cuda"] if HAS_CUDA else [])]


def told() -> str:
    """What the report says of them."""
    return "models: on the processor" + (
        " and on CUDA" if HAS_CUDA else "; not run on CUDA, which this machine has not"
    )
