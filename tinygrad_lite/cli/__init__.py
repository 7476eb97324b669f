"""The command line: ``python -m tinygrad_lite``."""

from __future__ import annotations

from collections.abc import Sequence

from .. import __version__
from .check import add_check
from .draw import add_draw
from .terminal import Parser, Refusal
from .train import add_predict, add_train
from .verify import add_verify


def main(arguments: Sequence[str] | None = None, program: str = "python -m tinygrad_lite") -> int:
    """Run a command of the program, as it was called; the exit status is 0 if all is well, 1 if a formula disagrees.

    Raises SystemExit with status 2, after one line on the standard error stream, for requests that cannot be served,
    and with status 130 when it is interrupted.
    """
    parser = Parser(prog=program, description="Gradients of NumPy code, verified.")
    parser.add_argument("--version", action="version", version=f"tinygrad_lite {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    add_verify(commands)
    add_train(commands)
    add_predict(commands)
    add_draw(commands)
    add_check(commands)
    options = parser.parse_args(arguments)
    try:
        status: int = options.run(options)
    except Refusal as refusal:
        parser.error(str(refusal))
    except MemoryError as error:
        parser.error(f"there is not enough memory: {error}")
    except KeyboardInterrupt:
        parser.exit(130, f"{parser.prog}: interrupted\n")
    return status
