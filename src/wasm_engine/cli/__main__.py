"""`python -m wasm_engine.cli`: the command line without its script."""

from wasm_engine.cli.main import script

script()
