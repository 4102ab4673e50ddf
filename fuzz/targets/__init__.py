"""One module for each decoder: `check(data)`, `seeds()`, and what is not as usual with it."""
