"""Cannot be loaded."""

import numpy
from wasm_agent import on


@on("*")
def never(message):
    return numpy.zeros(3)
