"""Refusals: errors for what would lose a gradient, remembered so that no program goes on without one unnoticed.

A function that catches a refusal and takes another branch is another program, with another gradient. So every transform
that runs a function keeps a list of what was refused to Tensors that depend on its variables, and raises in the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import Any, Final

from ..table.requests import program_line
from .graph import Node, leading_to
from .recording import recording, recording_arrays, set_recording


def line_of(error: BaseException) -> str | None:
    """The program's line in which something was refused; None for errors that are no refusals."""
    return getattr(error, "refused_in", None)


def lost(message: str, line: str, kind: type[Exception] = TypeError) -> Exception:
    """A refusal: a TypeError to all who catch it, if they let it through, which knows its line."""
    error = kind(message)
    error.refused_in = line  # type: ignore[attr-defined]
    return error


class Attempt:
    """A transform's run of a function.

    Attributes
    ----------
    variables : the nodes of what is differentiated with respect to
    noted : what was refused, and in which line
    errors : of calls that were written down, those that were raised, and in which line
    transforms : whether the function took a derivative itself
    derives : whether a derivative is taken of the function
    """

    derives = True

    def __init__(self, variables: Iterable[Node]) -> None:
        self.variables = set(variables)
        self.noted: list[tuple[str, str]] = []
        self.errors: list[tuple[str, str]] = []
        self.transforms = False

    def concerns(self, nodes: Iterable[Any]) -> bool:
        """Whether any of the nodes depends on the variables."""
        try:
            return bool(leading_to({node for node in nodes if type(node) is Node}, self.variables))
        except RuntimeError:  # released: what it depended on cannot be told any more
            return True

    def raise_swallowed(self, what: str) -> None:
        """Raise what the function went on after, if there is any."""
        for message, line in self.noted:
            raise lost(
                f"{what}: the function went on after something was refused, so that its gradient would be that of "
                f"another program: {message} [{line}]",
                line,
            )

    def behind(self, error: BaseException) -> tuple[str, str] | None:
        """The refusal of this run that an error came from: NumPy wraps some, and programs do."""
        if line_of(error) is not None:
            return None
        found: BaseException | None = error
        while found is not None:
            found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
            if found is not None and (refused := (str(found), line_of(found) or "")) in self.noted:
                return refused
        return None


attempt: Final[ContextVar[Attempt | None]] = ContextVar("attempt", default=None)
"""The run of a function by a transform that is going on in this thread or task; None outside."""

running: Final[list[Attempt]] = []
"""All that are going on, in whatever thread: a thread that a function starts has a context of its own."""


def in_transform(nodes: Iterable[Any]) -> bool:
    """Whether a transform is running a function here, or elsewhere with variables that the nodes depend on."""
    return bool(recording.get()) and (attempt.get() is not None or any(run.concerns(nodes) for run in running))


def in_function() -> bool:
    """Whether a function runs here of which a derivative is taken."""
    run = attempt.get()
    return run is not None and run.derives


def refusal(message: str, nodes: Iterable[Any], kind: type[Exception] = TypeError) -> Exception:
    """A refusal to raise, noted with the transforms that it concerns."""
    line = program_line()
    here = attempt.get()
    nodes = list(nodes)
    for run in running:
        if run is here or run.concerns(nodes):
            run.noted.append((message, line))
    return lost(message, line, kind)


def attempted(
    what: str, function: Callable[..., Any], args: Sequence[Any], variables: Sequence[Node]
) -> tuple[Any, bool]:
    """A function's result at a transform's variables, and whether it took derivatives itself.

    Raises a refusal also where the function swallowed it, or made another error of it.
    """
    around = attempt.get()
    if around is not None:
        around.transforms = True
    run = Attempt(variables)
    running.append(run)
    token = attempt.set(run)
    try:
        with set_recording(True), recording_arrays():
            result = function(*args)
        run.raise_swallowed(what)
    except Exception as error:
        refused = run.behind(error)
        if refused is None:
            raise
        message, line = refused
        raise lost(f"{message} [{line}]", line) from error
    finally:
        attempt.reset(token)
        running.remove(run)
    return result, run.transforms
