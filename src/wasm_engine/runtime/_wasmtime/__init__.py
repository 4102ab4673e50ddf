"""The sole user of Wasmtime: compilation, linking, instances, values across the boundary.

Import from the modules; nothing is re-exported here, so that the compiling child loads little.
"""
