"""Core modules made components, from the WIT text and nothing else: no Node, no wasm-tools.

`wit` reads the contract, `outer` writes the component around a core module as text, `binary`
splices the core module in.
"""
