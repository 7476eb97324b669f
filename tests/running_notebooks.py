"""Runs notebooks as Jupyter's kernel does, each in a process of its own that finds the libraries imported already.

Started as a script, it reads the path of a notebook from each line, and answers with a line of JSON: what the notebook
wrote on the standard error stream, and whether all went well. That is a third of the time that a kernel for each takes.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import traceback
import warnings
from pathlib import Path
from typing import Any

TIMEOUT = 120
"""Seconds for a notebook, which should take less than ten."""


def import_what_most_need() -> None:
    """What a notebook finds imported already costs it nothing."""
    import lark  # noqa: F401
    import matplotlib.font_manager  # noqa: F401 (which lists the fonts once, and says so where it takes long)
    import matplotlib.pyplot as plt  # noqa: F401
    import sklearn.datasets  # noqa: F401
    import sympy  # noqa: F401
    from IPython.core.interactiveshell import InteractiveShell  # noqa: F401

    import tinygrad_lite.cli
    import tinygrad_lite.documents  # noqa: F401


def cells_of(path: Path) -> list[str]:
    """The code of a notebook, cell by cell."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def run(cells: list[str]) -> None:
    """Run cells one after another, warnings being errors; raise what the first that fails raises."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell: Any = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.showtraceback = lambda *_args, **_options: None  # what is raised here is shown by who forked
    warnings.simplefilter("error")
    for cell in cells:
        shell.run_cell(cell, store_history=True).raise_error()


def forked(path: Path) -> dict[str, Any]:
    """What comes of a notebook that runs in a process of its own."""
    with tempfile.TemporaryFile() as said:
        child = os.fork()
        if not child:
            signal.alarm(TIMEOUT)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.dup2(said.fileno(), 2)
            try:
                run(cells_of(path))
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return {"status": os.waitstatus_to_exitcode(status), "said": said.read().decode()}


def main() -> None:
    os.environ["MPLBACKEND"] = "module://matplotlib_inline.backend_inline"
    sys.path.insert(0, os.getcwd())
    import_what_most_need()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(forked(Path(line.rstrip("\n")))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
