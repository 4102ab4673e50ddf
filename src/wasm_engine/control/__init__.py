"""The operator's API: what can be done with a world and with a run, as typed functions.

Above `world`, below the command line, which is only a skin over it. Every function takes paths and
plain values and returns a frozen report; what a person may do wrong raises an `EngineError`.
"""
