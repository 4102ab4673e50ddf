"""What agents may be granted: one module per WIT interface, each a table of host functions.

They know neither the gate, nor policy, nor the journal, nor each other: `world` hands them in.
"""
