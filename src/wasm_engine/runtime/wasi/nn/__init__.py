"""wasi:nn: the standard way to ask models of tensors.

`handles` what a guest holds, `graphs` how it comes by models, `computing` how they compute.
"""
