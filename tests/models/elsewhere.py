"""Computes the models of a folder and prints what came out, on whatever CPU it finds itself.

Run by itself it needs nothing of this package: `python elsewhere.py FOLDER`.
"""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import onnxruntime


def digests(folder: Path) -> dict[str, dict[str, str]]:
    """SHA-256 of each result of each model, given what `FOLDER/STEM.npz` holds."""
    found = {}
    for file in sorted(folder.glob("*.onnx")):
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
        options.intra_op_num_threads = 1
        session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )
        with np.load(folder / f"{file.name.partition('.')[0]}.npz") as feed:
            results = session.run(None, dict(feed))
        names = [it.name for it in session.get_outputs()]
        digest = [hashlib.sha256(it.tobytes()).hexdigest() for it in results]
        found[file.stem] = dict(zip(names, digest, strict=True))
    return found


if __name__ == "__main__":
    print(json.dumps(digests(Path(sys.argv[1]))))
