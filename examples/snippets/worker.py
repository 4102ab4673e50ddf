"""Has code written for each task, runs it, and tells its author what was wrong with it."""

from wasm_agent import Fault, ask, code, log, on, state

TRIES = 3


@on("tasks")
def tasks(message):
    for one in message.json():
        state[one["task"]] = solve(one["task"], one["input"])


def solve(task, given):
    wrong = ""
    for _ in range(TRIES):
        source = ask("model", "write", {"task": task, "wrong": wrong}).text
        try:
            done = code.run(source, given)
        except Fault as fault:
            wrong = f"{fault.code}: {fault.detail.splitlines()[-1]}"
            log.warning(f"{task}: {wrong}")
        else:
            log.info(f"{task}: {done.value}")
            return done.value
    return None
