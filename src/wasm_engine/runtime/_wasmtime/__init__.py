"""The sole user of Wasmtime: engine, compilation, linking, instances, and values across the boundary.

Import from the modules; nothing is re-exported here, so that the compiling child loads little.
"""
