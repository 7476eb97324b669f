"""The time to import a library in a fresh process, beyond that of NumPy, which is imported just before."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from importlib.util import find_spec

from ..contest import OURS, Build, Comparison, Contest, Lane, Race

TITLE = "Import, beyond NumPy's own"

PROGRAM = """
import time
import numpy
start = time.perf_counter()
import {}
print(time.perf_counter() - start)
"""


def races() -> list[Race]:
    lane = Lane("import", OURS, "fresh process")
    rivals = [lane._replace(contestant=name) for name in ("torch", "autograd", "mygrad")]
    alone = Comparison("fresh process", lane, target=0.040)
    return [Race("import", (alone, *[Comparison(alone.what, lane, (rival,)) for rival in rivals]))]


def imported(library: str, _: str) -> Contest:
    if find_spec(library) is None:
        raise ModuleNotFoundError(name=library)

    def step() -> float:
        program = [sys.executable, "-c", PROGRAM.format(library)]
        return float(subprocess.run(program, capture_output=True, text=True, check=True).stdout)

    step()  # bytecode is written, files are cached
    return Contest(step, measured=True)


CONTESTANTS: dict[str, Build] = {name: partial(imported, name) for name in (OURS, "torch", "autograd", "mygrad")}
