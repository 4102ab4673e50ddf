"""Attacks by real guests, by boundary. Each says what it tries, what it must get, and what it would
get where it were allowed: an attack that cannot succeed anywhere shows nothing.

`docs/hostile.md` says how to read and to extend it.
"""
