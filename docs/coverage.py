"""Every public callable of NumPy's and what becomes of a gradient in it, as a page: from the tables, where one says it.

What no table says stands here, once: which callables make arrays of none, are not of arrays' numbers, or are refused.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial

from tinygrad_lite.engine.protocols import accepts, asks_nothing
from tinygrad_lite.numpy.making import Function, Vectorized, namespace
from tinygrad_lite.table.attributes import ARRAY_METHODS
from tinygrad_lite.table.constants import CONSTANT
from tinygrad_lite.table.foreign import METHODS
from tinygrad_lite.table.registry import DISPATCH, REGISTRY, Entry
from tinygrad_lite.table.requests import NOT_DISPATCHED, OTHER_POLYNOMIALS, POLYNOMIALS
from tinygrad_lite.table.writers import WRITERS

from .docstrings import prose
from .signatures import tensor_places

DERIVED: Final = "differentiated"
WRITES: Final = "writes into a Tensor"
CONSTANT_RESULT: Final = "constant"
IN_NAMESPACE: Final = "under tinygrad_lite.numpy"
REFUSED: Final = "refused"
FRESH: Final = "makes arrays of none"
OTHER: Final = "not of arrays' numbers"

STATUSES: Final = {
    DERIVED: "a Tensor in, a Tensor out; the third column says in which arguments.",
    WRITES: "its first argument is changed, and the write recorded.",
    CONSTANT_RESULT: "truth values, indices, counts, shapes, types: plain NumPy results, in which no gradient is lost.",
    IN_NAMESPACE: "NumPy does not let a Tensor in, so that one is refused; the function of that name in "
    ":mod:`tl.numpy`, and with :func:`tl.adapt`, keeps its gradient.",
    REFUSED: "a Tensor that requires a gradient raises; the third column says what to write.",
    FRESH: "it is given shapes and numbers; those of :mod:`tl.numpy` can be written to.",
    OTHER: "types, settings, files, texts and dates.",
}


class Covered(NamedTuple):
    """A callable.

    Attributes
    ----------
    name : as programs write it
    status : what becomes of a gradient in it, one of ``STATUSES``
    remark : in which arguments it is differentiated, or what to write instead
    keywords : what it takes by name with a Tensor, and what it refuses
    """

    name: str
    status: str
    remark: str = ""
    keywords: str = ""


# ---------------------------------------------------------------------------------------------------------------------
# What no table says

MAKERS: Final = frozenset(
    {
        "bartlett", "blackman", "diag_indices", "empty", "eye", "fftfreq", "fromfunction", "hamming",
        "hanning", "identity", "indices", "mask_indices", "ones", "rfftfreq", "tri", "tril_indices",
        "triu_indices", "zeros",
    }
)  # fmt: skip

NOT_OF_NUMBERS: Final = frozenset(
    {
        # types, and questions about them
        "dtype", "finfo", "iinfo", "isdtype", "issubdtype", "mintypecode", "promote_types", "typename",
        "isfortran", "isscalar", "iterable", "broadcast_shapes", "ndarray", "memmap", "recarray", "record",
        "chararray", "ufunc", "flatiter", "ndindex", "LinAlgError",
        # settings and texts
        "errstate", "geterr", "geterrcall", "seterr", "seterrcall", "getbufsize", "setbufsize",
        "get_printoptions", "printoptions", "set_printoptions", "base_repr", "binary_repr",
        "format_float_positional", "format_float_scientific", "info", "get_include", "show_config",
        "show_runtime", "test",
        # files and memory
        "from_dlpack", "frombuffer", "fromfile", "fromregex", "fromstring", "genfromtxt", "load", "loadtxt",
        # dates
        "busday_count", "busday_offset", "busdaycalendar", "datetime_as_string", "datetime_data",
        "is_busday",
    }
)  # fmt: skip

INSTEAD_OF: Final = {
    "asmatrix": "np.atleast_2d(t)",
    "bmat": "np.block(parts)",
    "broadcast": "np.broadcast_arrays(t, u)",
    "frompyfunc": "np.stack([f(entry) for entry in t])",
    "matrix": "np.atleast_2d(t)",
    "save": "np.save(file, t.detach().data)",
    "savetxt": "np.savetxt(file, t.detach().data)",
    "savez": "np.savez(file, t.detach().data)",
    "savez_compressed": "np.savez_compressed(file, t.detach().data)",
    **{name: text.removesuffix(" keeps it").removesuffix(" keep it") for name, text in NOT_DISPATCHED.items()},
}
"""What NumPy makes a plain array of, which is refused, and what to write."""

MADE_OF_THE_TABLES: Final = {"poly1d": "c_or_r"}
"""What NumPy writes in Python with functions of the table, so that Tensors pass through: in which arguments."""

FAMILIES: Final = {
    polynomial: "poly",
    chebyshev: "cheb",
    legendre: "leg",
    hermite: "herm",
    hermite_e: "herme",
    laguerre: "lag",
}
"""NumPy's modules of polynomials, and how the names of their functions begin."""

OF_FAMILIES: Final[dict[str, tuple[str, ...]]] = {
    "gauss": (FRESH,),
    "interpolate": (DERIVED, "``func``'s values"),
    "pts1": (FRESH,),
    "pts2": (FRESH,),
    "val": (DERIVED, "``x``, a number where ``c`` has several columns", "``tensor``"),
    "weight": (DERIVED, "``x``"),
}
"""What else NumPy writes in Python so that Tensors pass through, by the rest of the name."""

OF_SOME_RELEASES: Final = frozenset({"chararray"})
"""What is listed here though not every release of NumPy from 2.0 on has it."""

OWN_METHODS: Final = {
    "astype": DERIVED,
    "copy": DERIVED,
    "fill": WRITES,
    "item": REFUSED,
    "partition": WRITES,
    "put": WRITES,
    "reshape": DERIVED,
    "sort": WRITES,
    "tolist": REFUSED,
    "transpose": DERIVED,
}
"""Methods of Tensors that are no function of the table."""

DRAWS: Final = frozenset(
    {
        "beta", "binomial", "bytes", "chisquare", "choice", "dirichlet", "exponential", "f", "gamma",
        "geometric", "gumbel", "hypergeometric", "integers", "laplace", "logistic", "lognormal",
        "logseries", "multinomial", "multivariate_hypergeometric", "multivariate_normal",
        "negative_binomial", "noncentral_chisquare", "noncentral_f", "normal", "pareto", "permutation",
        "permuted", "poisson", "power", "rand", "randint", "randn", "random", "random_integers",
        "random_sample", "ranf", "rayleigh", "sample", "shuffle", "standard_cauchy", "standard_exponential",
        "standard_gamma", "standard_normal", "standard_t", "triangular", "uniform", "vonmises", "wald",
        "weibull", "zipf",
    }
)  # fmt: skip
GENERATORS: Final = frozenset(
    {
        "BitGenerator", "Generator", "MT19937", "PCG64", "PCG64DXSM", "Philox", "RandomState", "SFC64",
        "SeedSequence", "default_rng", "get_bit_generator", "get_state", "seed", "set_bit_generator",
        "set_state", "spawn", "test",
    }
)  # fmt: skip

DRAWN: Final = "parameters that require a gradient are refused: loc + scale * rng.normal(size=n) of drawn numbers"

# ---------------------------------------------------------------------------------------------------------------------
# What the tables say

SPACES: Final[dict[str, ModuleType]] = {
    "np": np,
    "np.linalg": np.linalg,
    "np.fft": np.fft,
    "np.lib.stride_tricks": np.lib.stride_tricks,
    "np.emath": np.emath,
    **{module.__name__.replace("numpy", "np", 1): module for module in FAMILIES},
}
"""The modules whose callables are listed."""

ALIASES: Final = {"row_stack": np.vstack, "trapz": np.trapezoid}
"""Older names, whose functions call those of the newer."""

IMPORTED: Final = frozenset({"normalize_axis_index"})
"""What a module has for itself."""


def callables(space: Any) -> Iterator[tuple[str, Any]]:
    """The public callables of a module or a class, in the order of their names."""
    for name in dir(space):
        if not name.startswith("_") and name not in IMPORTED and callable(getattr(space, name)):
            yield name, getattr(space, name)


def is_in(function: Any, table: Any) -> bool:
    """Whether a table speaks of a callable."""
    return function.__hash__ is not None and function in table


def code(text: str) -> str:
    """A piece of Python as the page sets it."""
    return f"``{text}``" if text else ""


def entry_of(function: Any) -> Entry | None:
    """The public function of the table that stands for one of NumPy's."""
    served = DISPATCH[function]
    return next((entry for entry in REGISTRY.values() if function in entry.numpy or entry.function is served), None)


def names_of(function: Any, served: Any) -> list[str]:
    """The parameters' names as NumPy has them; ours where it does not say."""
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return list(inspect.signature(served).parameters)


def differentiated_in(function: Any) -> str:
    """The arguments in which a function is differentiated, as its samples show; in words where there are none."""
    entry = entry_of(function)
    if entry is None:
        said = (inspect.getdoc(DISPATCH[function]) or "").split("\n\n")[0].partition(": ")[2]
        return prose(said) if said else code(names_of(function, DISPATCH[function])[0])
    if isinstance(function, np.ufunc):
        return code(", ".join(list(inspect.signature(entry.function).parameters)[: function.nin]))
    names = names_of(function, entry.function)
    places = tensor_places(entry, list(inspect.signature(entry.function).parameters.values()))
    return code(", ".join(dict.fromkeys([names[min(k, len(names) - 1)] for k in places])))


def keywords_of(function: Any) -> str:
    """The keywords of a function that is differentiated: each is taken with a Tensor, or stands behind "refused"."""
    if isinstance(function, np.ufunc):
        return "a ufunc's"
    served = DISPATCH[function]
    try:
        found = [p.name for p in inspect.signature(function).parameters.values() if is_keyword(p)]
    except ValueError:  # NumPy's earlier releases do not say it of what is written in C
        found = [p.name for p in inspect.signature(served).parameters.values() if is_keyword(p)]
    refused = [name for name in found if not is_taken(served, name)]
    taken = code(", ".join([name for name in found if name not in refused]))
    return f"{taken}; refused: {code(', '.join(refused))}".lstrip("; ") if refused else taken


def is_keyword(p: inspect.Parameter) -> bool:
    """Whether a parameter may be left out, and be given by its name."""
    return p.default is not p.empty and p.kind is not p.POSITIONAL_ONLY


def is_taken(served: Any, name: str) -> bool:
    """Whether the table's function is handed a keyword, or the protocols see to it themselves."""
    return name == "out" or asks_nothing(name, object()) or accepts(served, (), {name: 0}) is None


def covered(space: str, name: str, function: Any) -> Covered:
    """What becomes of a gradient in a callable; raises LookupError where nothing says it."""
    full = f"{space}.{name}"
    function = ALIASES.get(name, function)
    if is_in(function, DISPATCH):
        return Covered(full, DERIVED, differentiated_in(function), keywords_of(function))
    if is_in(function, WRITERS):
        return Covered(full, WRITES)
    if is_in(function, CONSTANT):
        return Covered(full, CONSTANT_RESULT)
    ours = getattr(namespace(SPACES[space].__name__), name)
    if ours is Vectorized or (type(ours) is Function and ours.instead is not None):
        return Covered(full, IN_NAMESPACE, code(POLYNOMIALS.get(name, "")))
    if name in MADE_OF_THE_TABLES:
        return Covered(full, DERIVED, code(MADE_OF_THE_TABLES[name]))
    if name in INSTEAD_OF:
        return Covered(full, REFUSED, code(INSTEAD_OF[name]))
    if SPACES[space] in FAMILIES:
        return polynomials_covered(full, name.removeprefix(FAMILIES[SPACES[space]]))
    if isinstance(function, type) and issubclass(function, np.generic):
        is_number = issubclass(function, np.inexact) and function not in (np.inexact, np.floating, np.complexfloating)
        return Covered(full, REFUSED, code(f"t.astype({full})")) if is_number else Covered(full, OTHER)
    if name in MAKERS:
        return Covered(full, FRESH)
    if name in NOT_OF_NUMBERS:
        return Covered(full, OTHER)
    raise LookupError(f"{full}: neither in a table nor in docs/coverage.py")


def polynomials_covered(full: str, kind: str) -> Covered:
    """What becomes of a gradient in a function of ``np.polynomial``; ``kind`` is the name without its family's."""
    name = full.rpartition(".")[2]
    if kind in OF_FAMILIES and name not in POLYNOMIALS:
        return Covered(full, *OF_FAMILIES[kind])
    return Covered(full, REFUSED, code(POLYNOMIALS[name]) if name in POLYNOMIALS else OTHER_POLYNOMIALS)


def method_covered(name: str) -> Covered:
    """What becomes of a gradient in a method of ndarray's."""
    full = f"ndarray.{name}"
    if any(name in entry.methods for entry in REGISTRY.values()):
        return Covered(full, DERIVED)
    if name in OWN_METHODS:
        return Covered(full, OWN_METHODS[name], code("t" if OWN_METHODS[name] == REFUSED else ""))
    if name in METHODS:
        return Covered(full, REFUSED, code(METHODS[name]))
    if name in ARRAY_METHODS:
        return Covered(full, DERIVED if name == "compress" else CONSTANT_RESULT)
    raise LookupError(f"{full}: neither in a table nor in docs/coverage.py")


def random_covered(space: str, name: str) -> Covered:
    """What becomes of a gradient in a function that draws numbers."""
    if name in DRAWS:
        return Covered(f"{space}.{name}", CONSTANT_RESULT, DRAWN)
    if name in GENERATORS:
        return Covered(f"{space}.{name}", OTHER)
    raise LookupError(f"{space}.{name}: not in docs/coverage.py")


UFUNC_METHODS: Final = (
    Covered("ufunc.reduce", DERIVED, "of every ufunc of two arguments"),
    Covered("ufunc.accumulate", DERIVED, "of every ufunc of two arguments"),
    Covered("ufunc.reduceat", DERIVED, "of every ufunc of two arguments"),
    Covered("ufunc.outer", DERIVED, "of every ufunc of two arguments"),
    Covered("ufunc.at", WRITES),
    Covered("ufunc.resolve_dtypes", OTHER),
)


def tables() -> dict[str, list[Covered]]:
    """Every callable, under the name of the space that it is in."""
    found = {
        space: [covered(space, name, function) for name, function in callables(module)]
        for space, module in SPACES.items()
    }
    found["ndarray"] = [method_covered(name) for name, _ in callables(np.ndarray)]
    found["ufunc"] = list(UFUNC_METHODS)
    found["np.random"] = [random_covered("np.random", name) for name, f in callables(np.random)]
    found["np.random.Generator"] = [random_covered("Generator", name) for name, _ in callables(np.random.Generator)]
    return found


# ---------------------------------------------------------------------------------------------------------------------
# The page

INTRODUCTION: Final = """NumPy, callable by callable
===========================

What becomes of a gradient in each of the {count} public callables of NumPy {version}. No keyword is ignored: each is
taken, or refused; all of a ufunc's are taken, ``where`` with an ``out`` that is a Tensor. Generated from the tables
that NumPy's protocols are served from.

"""


def page() -> str:
    """The page in reStructuredText, a table for each space."""
    found = tables()
    count = sum([len(rows) for rows in found.values()])
    lines = [INTRODUCTION.format(count=count, version=np.__version__)]
    lines += [f"*{status}*\n    {text}\n" for status, text in STATUSES.items()]
    for space, rows in found.items():
        lines += ["", f"``{space}``", "-" * (len(space) + 4), "", ".. list-table::", "   :header-rows: 1"]
        lines += ["   :widths: 25 20 35 20", "", "   * - Callable", "     - Gradient"]
        lines += ["     - In which arguments, or instead", "     - Keywords"]
        for row in rows:
            lines += [f"   * - {code(row.name)}", f"     - {row.status}", f"     - {row.remark}".rstrip()]
            lines += [f"     - {row.keywords}".rstrip()]
    return "\n".join(lines) + "\n"
