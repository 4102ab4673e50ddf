"""wasi:http, the client's side: what is asked becomes an effect, the answer is read from memory."""
