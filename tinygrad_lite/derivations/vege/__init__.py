"""H. M. M. Vege, "Neural networks and Back Propagation" (3 December 2018), a file for each group of sections."""

from __future__ import annotations

from typing import Final

from ..catalogue import Entry
from . import activations

ENTRIES: Final[tuple[Entry, ...]] = (*activations.ENTRIES,)
