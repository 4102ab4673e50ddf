"""The truth of a run: an append-only, hash-chained journal in one SQLite file.

`runfile.RunFile` is the way in; `entries` says what the journal holds; docs/run-file.md is the
format.
"""
