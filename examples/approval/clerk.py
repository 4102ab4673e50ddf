"""Drafts an offer, has it approved, and sends it: once, whatever happens in between."""

from wasm_agent import ask, human, log, on, send, state


@on("inquiry")
def offer(message):
    inquiry = message.json()
    draft = ask("drafter", "draft", inquiry).text
    for attempt in range(1, 4):
        decision = human.approve(
            "owner", f"Send offer {attempt} to {inquiry['from']}?", details=draft
        )
        if decision:
            state["approved-by"] = decision.by
            send("post", "letter", {"to": inquiry["from"], "text": draft})
            return
        log.info(f"{decision.by} would not send it: {decision.comment}")
        draft = ask("drafter", "draft", {**inquiry, "wish": decision.comment}).text
    log.warning("given up after three drafts")
