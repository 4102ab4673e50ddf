"""wasi:keyvalue: the store that agents share, or one in Redis; what is in it is kept elsewhere."""
