"""Strangers' bytes for every decoder that meets them: `python -m fuzz`."""
