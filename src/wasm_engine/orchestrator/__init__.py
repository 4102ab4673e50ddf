"""L3: what runs next, and what follows: scheduler, requests, turn calls, deadlock, replay.

Uses agents, runtime, journal, policy, host and concepts.
"""
