"""``python -m tinygrad_lite``."""

from __future__ import annotations

import io
import sys

from .cli import main

if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without Unicode shows ? for δ, and no traceback
    sys.exit(main())
