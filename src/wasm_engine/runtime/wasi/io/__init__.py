"""wasi:io: streams, what they fail with, and waiting for them."""
