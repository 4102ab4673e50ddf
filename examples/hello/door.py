"""Lets visitors in, one after another, and logs how they are greeted."""

from wasm_agent import ask, config, log, on


@on("open")
def open_door(message):
    for visitor in config["visitors"]:
        greeting = ask("greeter", "greet", visitor, timeout=60)
        log.info(greeting.text)
