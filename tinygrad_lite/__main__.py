"""``python -m tinygrad_lite``, and the console script ``tinygrad-lite``."""

from __future__ import annotations

import io
import sys

from .cli import main


def start(program: str = "tinygrad-lite") -> int:
    """Run the command line; the exit status."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode shows ? for δ, and no traceback
    return main(program=program)


if __name__ == "__main__":
    sys.exit(start("python -m tinygrad_lite"))
