"""Writes the answer out of passages, and lets the checker look at every quotation."""

import re

from wasm_agent import ask, config, log, on, state

SENTENCE = re.compile(r"[A-Z\"][^.]*(?:\.(?!\s)[^.]*)*\.(?=\s|$)")


@on("passages")
def passages(message):
    asked = message.json()
    words = set(re.findall(r"\w+", asked["question"].lower()))
    chosen = choose(asked["passages"], words)
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
    """The sentences that say the most about the question, one for each passage."""
    chosen = []
    for hit in found:
        sentences = [match.group() for match in SENTENCE.finditer(hit["text"])]
        if not sentences:
            continue
        best = max(sentences, key=lambda text: (relevance(text, words), -len(text)))
        quotation = {"doc": hit["doc"], "text": best}
        if quotation not in chosen:
            chosen.append(quotation)
    return chosen[: config["quotations"]]


def relevance(text, words):
    return len(words & set(re.findall(r"\w+", text.lower())))


def compose(quotations):
    if not quotations:
        return "The documents say nothing about that."
    return "\n\n".join(f"{quote(q['text'])}\n      -- {q['doc']}" for q in quotations)


def quote(text):
    return "\n".join("  > " + line.strip() for line in text.splitlines())
