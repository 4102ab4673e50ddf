"""Writes drafts. Here might be a model; a rule does for an example."""

from wasm_agent import on

PRICES = {"tea": 340, "salt": 90}


@on("draft")
def draft(message):
    inquiry = message.json()
    price = PRICES[inquiry["item"]] * inquiry["count"]
    if "discount" in inquiry.get("wish", ""):
        price = price * 9 // 10
    return f"{inquiry['count']} x {inquiry['item']} for {price // 100}.{price % 100:02}"
