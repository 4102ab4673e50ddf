"""wasm-engine:inference, and wasi:nn: models are asked by effects."""
