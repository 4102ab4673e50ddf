"""The glue of the compiled kits, written from the WIT: nothing in it can differ from the contract.

    python guests/bindings            write it
    python guests/bindings --check    1 if what is committed is not what the WIT says

`layout` knows how values lie in memory, `rust` and `golang` write the glue, `rust_beside` and
`golang_beside` that of the packages beside the contract. `c_check` writes what the C kit is checked
against when it is compiled, and reads its imports.
"""
