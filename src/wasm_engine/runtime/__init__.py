"""L1: how a guest runs, and nothing escapes: the gate, the guest's side of a call, virtual WASI.

Uses host, journal, policy and concepts; knows no concrete capability.
"""
