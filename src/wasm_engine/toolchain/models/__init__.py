"""Models made ready: rewritten to be portable, quantized, built from weights, tried and cached.

Needs the packages of the extra `models`, which only this package imports.
"""

from wasm_engine.host import telemetry as telemetry  # before any module here loads a library
