"""Stands for a language model: what it writes at first is wrong, and better once it hears why."""

from wasm_agent import on

MEDIAN = """\
import statistics
statistics.median(input
"""
WEEKDAY = """\
day = date.fromisoformat(input)
day.strftime("%A")
"""
PRIMES = """\
found, number = [], 2
while len(found) < input:
    if all(number % it for it in found):
        found.append(number)
found
"""
PASSWORD = "open(input).read()"
WRITTEN = {
    "median": {"": MEDIAN, "syntax-error": MEDIAN.replace("(input", "(input)")},
    "weekday": {"": WEEKDAY, "raised": f"from datetime import date\n{WEEKDAY}"},
    "primes": {
        "": PRIMES,
        "tool-failed": PRIMES.replace("\nfound\n", "\n    number += 1\nfound\n"),
    },
}


@on("write")
def write(message):
    asked = message.json()
    code = asked["wrong"].partition(":")[0]
    return WRITTEN.get(asked["task"], {}).get(code, PASSWORD)
