import resource
import subprocess
import sys

import pytest

import tinygrad_lite as tl

PROGRAM = """
import resource, sys
import numpy as np
import tinygrad_lite as tl

kept = tl.keep_memory() if sys.argv[1] == "kept" else False

def step():
    arrays = [np.ones(100_000) for _ in range(20)]  # 16 MB in pieces that malloc takes from the heap

for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(int(kept), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(how):
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return [int(word) for word in done.stdout.split()]


def test_freed_memory_is_used_again():
    kept, faults = page_faults("kept")
    if not kept:
        pytest.skip("this malloc is not glibc's")
    pages_of_a_step = 16_000_000 // resource.getpagesize()
    assert faults < pages_of_a_step  # ten steps; each page fetched anew would be ten times as many


@pytest.mark.parametrize("limit", [-1, 2**31])
def test_limits_that_the_allocator_cannot_take(limit):
    with pytest.raises(ValueError, match=r"keep_memory: limit is a number of bytes"):
        tl.keep_memory(limit)


def test_another_malloc_is_left_alone(monkeypatch):
    import ctypes

    monkeypatch.setattr(ctypes, "CDLL", lambda name: object())
    assert tl.keep_memory() is False
