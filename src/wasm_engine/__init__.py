"""Many agents as WebAssembly components: sandboxed, deterministic, replayable."""
