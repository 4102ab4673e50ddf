"""The command line: a skin over `control`. Parses, calls, prints; decides nothing.

`main` runs a command, `arguments` knows the verbs, `console` is where output goes, `terminal` makes
guests' text harmless, `verbs/` holds one module per verb.
"""
