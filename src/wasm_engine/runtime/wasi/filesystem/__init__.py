"""wasi:filesystem, in memory."""
