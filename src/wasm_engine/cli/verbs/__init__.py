"""One module per verb: `add` describes it to the parser, `act` does it and returns the exit status.

`act` imports from `control` when it runs, so that `--help` and mistakes in arguments are instant.
"""
