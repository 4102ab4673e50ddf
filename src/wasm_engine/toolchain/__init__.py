"""Builds guests from source and keeps what was built; the only place that runs compilers.

Below world and control, above the rest.
"""
