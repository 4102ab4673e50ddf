"""The composition root: the only package that knows everything. It makes worlds, runs and forks."""

from wasm_engine.world.assembly import host_functions, interpreter_for, load_components
from wasm_engine.world.fork import Edits, fork
from wasm_engine.world.operator_policy import operator_policy
from wasm_engine.world.otherwise import AS_RECORDED, Otherwise
from wasm_engine.world.run import LATEST, Run
from wasm_engine.world.secrets import require_values
from wasm_engine.world.world import World, gather_material

__all__ = [
    "AS_RECORDED",
    "LATEST",
    "Edits",
    "Otherwise",
    "Run",
    "World",
    "fork",
    "gather_material",
    "host_functions",
    "interpreter_for",
    "load_components",
    "operator_policy",
    "require_values",
]
