"""The plain layout: arrows point downwards, and keep off the boxes and each other."""

from __future__ import annotations

import re

import numpy as np
from gallery import neuron

import tinygrad_lite as tl
from tinygrad_lite.drawing.output.layout import lay_out


def test_the_plain_layout_puts_arrows_downwards() -> None:
    drawn = lay_out(tl.draw(neuron()).picture)
    heights = re.findall(r'd="M[\d.]+,([\d.]+)C[^"]* [\d.]+,([\d.]+)"', drawn)
    assert len(heights) == 14
    assert all(float(above) < float(below) for above, below in heights)


def test_the_plain_layout_keeps_arrows_apart_and_off_the_boxes() -> None:
    x = tl.tensor(1.0, requires_grad=True, name="x")
    drawn = lay_out(tl.draw(np.exp(x) * x + x * x).picture)
    paths = re.findall(r'class="edge"><title>[^<]*</title><path fill="none" d="([^"]*)"', drawn)
    assert len(paths) == len(set(paths)) == 11, "x * x has two"
    boxes = [[float(n) for n in re.findall(r"[\d.]+", d)] for d in re.findall(r'<path d="(M[^"]*)Z"', drawn)]
    runs = [
        (float(x), float(y), float(end)) for d in paths for x, y, end in re.findall(r"([\d.]+),([\d.]+)V([\d.]+)", d)
    ]
    assert runs
    for at, above, below in runs:
        for left, top, right, bottom, _ in boxes:
            assert not (left <= at <= right and top < below and bottom > above)
