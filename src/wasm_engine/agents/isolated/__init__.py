"""Kinds of agents that run in worker processes of their own: `isolation = "process"`."""
