"""What a run of agents in a language of scripts left behind."""

from __future__ import annotations


class Told:
    """What `inspect` with the log and the messages tells of a run."""

    def __init__(self, found):
        self._dead = {row["message"]: row["code"] for row in found["dead_letters"]}
        self._log = found["log"]
        self._numbers = {}
        for row in found["messages"]:
            if row["sender"] == "operator":
                self._numbers.setdefault((row["to"], row["topic"]), row["id"])

    def code(self, topic, agent="scenario"):
        """How the message on a topic failed, or None."""
        return self._dead.get(self._numbers[agent, topic])

    def log(self, level="info", agent="scenario"):
        """What an agent wrote."""
        return [r["text"] for r in self._log if (r["agent"], r["level"]) == (agent, level)]
