module wasm-engine

go 1.24
