"""The verbs for people: what they print, and with what exit status; guests' text is only shown."""

from __future__ import annotations

import json


def test_a_person_is_shown_what_is_asked_and_decides(office, command):
    details = "one\ntwo \x1b[2J"
    office.manifest.write_text(
        office.manifest.read_text()
        + '[[messages]]\nto = "clerk"\ntopic = "approve"\n'
        + f"body = {{ what = 'Send \u202e it?', details = {json.dumps(details)} }}\n"
    )
    status, out, err = command("run", office.manifest, "--run", office.file)
    assert (status, "world: waiting at step 1" in out) == (0, True)
    (question,) = office.open()
    number = question.number
    assert f"  clerk asks owner ({number}): Send \\u202e it?\n" in out
    assert f"wasm-engine pending {office.file} shows what is asked" in err
    assert command("pending", office.file)[:2] == (
        0,
        f"{number}  clerk asks owner, since step 1\n"
        "    approve: Send \\u202e it?\n        | one\n        | two \\x1b[2J\n",
    )
    status, out, err = command("approve", office.file, number, "--by", "ann", "--comment", "well")
    assert (status, out) == (0, f"{number} of clerk: approved by ann\n")
    assert f"wasm-engine resume {office.file} goes on with it" in err
    assert command("pending", office.file)[1] == "nobody is asked anything\n"
    assert command("resume", office.file)[0] == 0
    assert "approved by ann: well" in command("inspect", office.file, "--messages")[1]


def test_answers_refusals_and_what_is_neither(office, command):
    office.describe(more="count = 2")
    office.run(
        ("ask", {"question": "Which?", "choices": ["red", "green"], "timeout": 60}), to="clerk/1"
    )
    (ask,) = office.asked
    out = command("pending", office.file)[1]
    assert "until 2025-01-01T00:01:00.001" in out
    assert out.endswith("    answer: Which?\n      - red\n      - green\n")
    for words, said in (
        (("answer", office.file, ask, "blue"), "is none of the choices of question"),
        (("approve", office.file, ask), "wants an answer, and no decision"),
        (("answer", office.file, 7, "red"), "there is no question 7"),
        (("answer", office.file, "x", "red"), "argument NUMBER"),
    ):
        status, out, err = command(*words)
        assert (status, out) == (2, "")
        assert said in err
        assert "Traceback" not in err
    status, out, _ = command("answer", office.file, ask, "red", "--json")
    told = json.loads(out)
    assert (status, told["approved"], told["answer"], told["left"]) == (0, None, "red", 0)
    command("send", office.file, "clerk/2", "approve", '{"what": "This?"}')
    out = command("resume", office.file, "--json")[1]
    (waits,) = json.loads(out)["waits_for"]
    status, out, _ = command("deny", office.file, waits["number"])
    assert (status, out) == (0, f"{waits['number']} of clerk/2: denied by operator\n")
