"""Folders that the agents of a world share and may write: looks, and turn calls; no host."""
