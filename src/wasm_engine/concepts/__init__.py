"""The words of the system: names, messages, errors, canonical bytes, host functions. No I/O.

Below everything; imports the standard library and msgspec only.
"""
