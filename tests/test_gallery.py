"""The gallery's pictures in the repository are those that it makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from gallery import neuron, save_gallery

pytest.importorskip("pygraphviz")


def test_the_gallery_is_that_of_the_repository(tmp_path: Path) -> None:
    """Its boxes and words; where they stand is the renderer's business."""
    pictures = Path(__file__).parents[1] / "notebooks" / "pictures"
    made = save_gallery(tmp_path)
    assert len(made) == 6
    for path in made:
        if path.suffix == ".svg":
            words = [
                sorted(re.findall(r"<text[^>]*>(.*?)</text>", p.read_text())) for p in (path, pictures / path.name)
            ]
            assert words[0] == words[1]


def test_the_neuron_is_that_of_the_demonstration() -> None:
    assert round(neuron().item(), 4) == 0.7071
