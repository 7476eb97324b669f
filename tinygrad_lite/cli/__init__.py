"""The command line: ``python -m tinygrad_lite``."""

from __future__ import annotations

from collections.abc import Sequence

from .. import __version__
from .check import add_check
from .draw import add_draw
from .predict import add_predict
from .terminal import Parser, Refusal, outputs_kept_going
from .train import add_train
from .train_table import add_table
from .verify import add_verify


def main(arguments: Sequence[str] | None = None, program: str = "python -m tinygrad_lite") -> int:
    """Run a command of the program, as it was called; the exit status is 0 if all is well, 1 if a formula disagrees.

    Raises SystemExit, after one line on the standard error stream: with status 2 for requests that cannot be served and
    for output that cannot be written, with 130 when it is interrupted, with 141 when the output's reader has left.
    """
    parser = Parser(prog=program, description="Gradients of NumPy code, verified.")
    parser.add_argument("--version", action="version", version=f"tinygrad_lite {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    add_verify(commands)
    add_table(add_train(commands))
    add_predict(commands)
    add_draw(commands)
    add_check(commands)
    with outputs_kept_going() as outputs:
        status = run(parser, arguments)
        for output in outputs.values():
            output.flush()
            if isinstance(output.error, BrokenPipeError):
                parser.exit(141, f"{parser.prog}: the output was closed before all of it was printed\n")
            if output.error is not None:
                parser.exit(2, f"{parser.prog}: cannot print: {output.error.strerror}\n")
    if isinstance(status, SystemExit):
        raise status
    return status


def run(parser: Parser, arguments: Sequence[str] | None) -> int | SystemExit:
    """Run the command; the exit status, or the exit where there was nothing to run but to help."""
    try:
        options = parser.parse_args(arguments)
        status: int = options.run(options)
    except SystemExit as asked:
        if asked.code:
            raise
        return asked
    except Refusal as refusal:
        parser.error(str(refusal))
    except MemoryError as error:
        parser.error(f"there is not enough memory: {error}")
    except KeyboardInterrupt as stopped:
        parser.exit(130, f"{parser.prog}: {stopped or 'interrupted'}\n")
    return status
