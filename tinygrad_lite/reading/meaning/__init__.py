"""What formulas mean: trees to arrays with named axes.

A derivative cuts the page's definitions at what it is by, and holds everything that does not lie above it constant.
"""

from . import arithmetic, calls, entries, lookups, partials, summing, truths  # each registers what its nodes denote
from .interpreting import Interpreter, Letter, Scope

__all__ = [
    "Interpreter",
    "Letter",
    "Scope",
    "arithmetic",
    "calls",
    "entries",
    "lookups",
    "partials",
    "summing",
    "truths",
]
