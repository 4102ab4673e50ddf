"""The one engine profile: every switch of Wasmtime, decided. What is not allowed here is off.

`SWITCHES` holds every `wasmtime_config_<name>_set` that is called, with its value; `LEFT` those
that are left alone, with the reason. A test compares both with what the library exports, so a new
switch fails until somebody has decided it. Where a version of the library lacks a switch, what it
would switch off is not there either (`_SINCE`).
"""

from __future__ import annotations

from wasm_engine.runtime._wasmtime import capi, library

MIB = 1 << 20
REWRITING = 2
"""Raised whenever `rewrite` gives other bytes for the same: code compiled before is not used."""
TARGET = f"{library.MACHINE}-unknown-linux-gnu"
"""Named, so that code uses the baseline of its machine: features change fuel and stack depth."""

_SWITCHES: dict[str, tuple[str, int]] = {
    # What guests may use.
    "wasm_bulk_memory": ("bool", 1),
    "wasm_multi_value": ("bool", 1),
    "wasm_reference_types": ("bool", 1),
    "wasm_simd": ("bool", 1),
    "wasm_tail_call": ("bool", 1),
    "wasm_component_model": ("bool", 1),
    # What they may not.
    "wasm_threads": ("bool", 0),
    "shared_memory": ("bool", 0),
    "wasm_function_references": ("bool", 0),
    "wasm_gc": ("bool", 0),
    "gc_support": ("bool", 0),
    "wasm_relaxed_simd": ("bool", 0),
    "wasm_multi_memory": ("bool", 0),
    "wasm_memory64": ("bool", 0),
    "wasm_wide_arithmetic": ("bool", 0),
    "wasm_branch_hinting": ("bool", 0),
    "wasm_exceptions": ("bool", 0),
    "wasm_custom_page_sizes": ("bool", 0),
    "wasm_compact_imports": ("bool", 0),
    "wasm_stack_switching": ("bool", 0),
    "wasm_component_model_map": ("bool", 0),
    "wasm_component_model_implements": ("bool", 0),
    "wasm_component_model_canonical_names": ("bool", 0),
    "wasm_component_model_accessors": ("bool", 0),
    "wasm_component_model_async": ("bool", 0),
    "wasm_component_model_more_async_builtins": ("bool", 0),
    "wasm_component_model_async_stackful": ("bool", 0),
    # With it on, 50.0.1 traps any host function that is handed two borrows (see the canary test).
    "concurrency_support": ("bool", 0),
    # Determinism and limits.
    "consume_fuel": ("bool", 1),
    "epoch_interruption": ("bool", 0),
    "cranelift_nan_canonicalization": ("bool", 1),
    "max_wasm_stack": ("size", MIB),
    # Host functions run on the fiber's stack: address space, touched only as far as it is used.
    "async_stack_size": ("size", 16 * MIB),
    # How code is made and run.
    "strategy": ("u8", 1),
    "cranelift_opt_level": ("u8", 1),
    "cranelift_regalloc_algorithm": ("u8", 0),
    "cranelift_debug_verifier": ("bool", 0),
    "parallel_compilation": ("bool", 1),
    "debug_info": ("bool", 0),
    "profiler": ("u8", 0),
    "native_unwind_info": ("bool", 0),
    "signals_based_traps": ("bool", 1),
    # With a memory creator the library aborts the process where this is on.
    "memory_init_cow": ("bool", 0),
    "memory_may_move": ("bool", 0),
    "memory_reservation": ("u64", 4096 * MIB),
    "memory_guard_size": ("u64", 32 * MIB),
    "memory_reservation_for_growth": ("u64", 0),
}

_SINCE = {
    "wasm_compact_imports": 50,
    "wasm_component_model_canonical_names": 50,
    "wasm_component_model_accessors": 50,
}
"""The major version that brought a switch, for those that not every known version has."""

_MAJOR = int(library.VERSION.partition(".")[0])
SWITCHES = {name: value for name, value in _SWITCHES.items() if _SINCE.get(name, 0) <= _MAJOR}

LEFT: dict[str, str] = {
    "wasm_relaxed_simd_deterministic": "relaxed SIMD is off",
    "target": "set by name, see TARGET",
    "cranelift_flag": "no flag beyond the target's baseline",
    "cranelift_flag_enable": "no flag beyond the target's baseline",
    "cache_config_load": "compiled code is kept by our own cache, which proves it ours",
    "macos_use_mach_ports": "another operating system's",
    "host_memory_creator": "the engine that runs guests has one, see memory_creator",
    "host_stack_creator": "fiber stacks are mapped by Wasmtime",
}


def new_engine(memory_creator: int | None = None) -> int:
    """A new engine with the profile, as a pointer that the caller owns.

    Args:
        memory_creator: Who makes linear memories; none for an engine that only compiles.
    """
    config = capi.config_new()
    for name, (kind, value) in SWITCHES.items():
        capi.config_set(config, name, kind, value)
    if error := capi.config_target(config, TARGET.encode()):
        raise RuntimeError(capi.take_error(error))
    if memory_creator is not None:
        capi.config_memory_creator(config, memory_creator)
    engine: int = capi.engine_new(config)  # takes the config
    return engine


def fingerprint() -> list[object]:
    """What compiled code depends on, as plain data."""
    return [
        library.VERSION,
        TARGET,
        REWRITING,
        [[name, value] for name, (_, value) in sorted(SWITCHES.items())],
    ]
