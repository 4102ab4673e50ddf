"""Decisions, and nothing else: who may spawn, stop, send, and reach beyond a world's own folder.

Pure: no files, no clock, no host. Facts come in as arguments, a verdict goes out.
"""
