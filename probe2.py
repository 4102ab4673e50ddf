import sys, os
from tests.isolation.conftest import SCRIPTED
from wasm_engine.world import LATEST, Run, World
from wasm_engine.orchestrator.execution import Until
import tempfile, pathlib
def script(text): return f"script {len(text)}:{text}"
def go(breaks, at):
    file = pathlib.Path(tempfile.mkdtemp())/'x.run'
    t={"agents":{"a":{"source":"scripted.wasm","fuel":80_000_000},"b":{"source":"scripted.wasm"}},"limits":{"step-fuel":20_000_000}}
    run = World.from_mapping(t, SCRIPTED).begin(file)
    run.execution.receive("a", "script", ("text", "send b t 1:x;set-size big 10;burn 6000000"), [])
    n=0
    while run.execution.go(Until(max_steps=1 if breaks else None)) == "stopped":
        run.close()
        print([ (r.step) for r in Run.open(file).file.checkpoints()])
        run = Run.open(file, write=True, at=at)
        run.execution.replay()
    return {n:a.state for n,a in run.execution.scheduler.world.agents.items()}, run.file.chain
a=go(False,LATEST)
b=go(True,LATEST)
print(a==b, a, b)
