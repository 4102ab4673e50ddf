"""Writes the answer out of passages, and lets the checker look at every quotation."""

import re

from wasm_agent import ask, config, log, on, state

SENTENCE = re.compile(r"(?:[A-Z]|\"(?=\w)).*?[.!?][\")”]*(?=\**(?:\s|$))", re.DOTALL)
# Words that say nothing about what a question is about.
# fmt: off
SMALL = {
    "a", "an", "and", "are", "as", "at", "be", "by", "can", "do", "does", "for", "from",
    "has", "have", "how", "i", "if", "in", "is", "it", "its", "of", "on", "or", "that",
    "the", "their", "then", "there", "this", "to", "was", "what", "when", "where", "which",
    "who", "why", "you",
}
# fmt: on


@on("passages")
def passages(message):
    asked = message.json()
    chosen = choose(asked["passages"], terms(asked["question"]))
    # The first draft has tidy lines; a checker who means it will not have that.
    draft = [{"doc": q["doc"], "text": " ".join(q["text"].split())} for q in chosen]
    for attempt in range(1, 4):
        verdict = ask("checker", "check", draft).json()
        log.info(f"draft {attempt}: {verdict.count(False)} of {len(draft)} quotations sent back")
        if all(verdict):
            break
        draft = [d if right else q for d, q, right in zip(draft, chosen, verdict, strict=True)]
    else:
        draft = [d for d, right in zip(draft, verdict, strict=True) if right]
    state["drafts"] = attempt
    state["quotations"] = draft
    state["answer"] = compose(draft)


def choose(found, words):
    """The sentence of each passage that says the most about the question; none twice."""
    chosen = {}
    for hit in found:
        sentences = [match.group() for match in SENTENCE.finditer(hit["text"])]
        best = max(sentences, key=lambda text: (relevance(text, words), -len(text)), default="")
        if relevance(best, words) > 0:
            chosen.setdefault(" ".join(best.split()), {"doc": hit["doc"], "text": best})
    return list(chosen.values())[: config["quotations"]]


def terms(text):
    return {word.removesuffix("s") for word in re.findall(r"\w+", text.lower())} - SMALL


def relevance(text, words):
    return len(words & terms(text))


def compose(quotations):
    if not quotations:
        return "The documents say nothing about that."
    return "\n\n".join(f"{quote(q['text'])}\n      -- docs/{q['doc']}.txt" for q in quotations)


def quote(text):
    return "\n".join("  > " + line.rstrip() for line in text.splitlines())
