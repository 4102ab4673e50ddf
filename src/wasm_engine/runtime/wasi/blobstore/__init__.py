"""wasi:blobstore: the store of large objects that agents share; what is in it is kept elsewhere."""
