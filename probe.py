import sys
from tests.isolation.test_judged import *
import tempfile, pathlib
def go(kind):
    inputs=[*CUT]
    file = pathlib.Path(tempfile.mkdtemp())/'x.run'
    run = World.from_mapping(tables(kind), SCRIPTED).begin(file)
    run.change(Control("policy", [Policy(RULES).plain(), []]))
    for to, text in inputs:
        run.execution.receive(to, "script", ("text", text), [])
    while run.execution.go(Until(max_steps=1)) == "stopped":
        g=run.execution.scheduler.world.guard
        print({k:(len(v.sends),v.marks,v.refusals) for k,v in g._cut.items()})
        a=run.execution.scheduler.world.agents['a'].activation
        if a and a._log: print(a._log.returned, a._log.entries, a._slices)
        run.close()
        run = Run.open(file, write=True, at=LATEST)
        run.execution.replay()
    return told(run)
h=went("thread",[*CUT],[])
print(go(sys.argv[1])==h)
