"""Votes by its own mind, which the world's seed decides."""

import random

from wasm_agent import on, send


@on("poll")
def vote(message):
    send("ballot", "vote", random.choice(["yes", "yes", "no"]))
