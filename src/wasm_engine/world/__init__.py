"""The composition root: the only package that knows everything. It makes worlds and opens runs."""

from wasm_engine.world.assembly import host_functions, load_components
from wasm_engine.world.otherwise import AS_RECORDED, Otherwise
from wasm_engine.world.run import Run
from wasm_engine.world.world import World

__all__ = ["AS_RECORDED", "Otherwise", "Run", "World", "host_functions", "load_components"]
