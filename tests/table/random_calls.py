"""Random calls of the table's functions: the samples of an entry, bent in every way that NumPy's functions allow.

A call is drawn from its number alone, so that a failure is reproduced by it. Nothing is known here of any function but
values for its keywords: whether a call has a meaning, NumPy says.
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from tinygrad_lite.engine.trees import flatten, unflatten
from tinygrad_lite.table.primitive import Primitive
from tinygrad_lite.table.registry import REGISTRY, Entry, Sample

SPACES = ((np, "np"), (np.linalg, "np.linalg"), (np.fft, "np.fft"), (np.lib.stride_tricks, "np.lib.stride_tricks"))

LARGEST = 200
"""Calls with more numbers than this are made smaller: they say no more."""

KEYWORDS: dict[str, Sequence[Any]] = {
    "assume_unique": (True,),
    "axes": (None, (0, 1), (1, 0), (-1,), (0,), (-2, -1), (0, 0), 1, 0),
    "axis": (None, 0, 1, -1, 2, -2, (0, 1), (0,), (), (-1, 0)),
    "axis1": (0, 1, -1),
    "axis2": (0, 1, -1),
    "bias": (True, False),
    "casting": ("same_kind", "unsafe", "safe", "no"),
    "copy": (True, False),
    "correction": (0, 1, 0.5),
    "ddof": (0, 1, 2, 0.5),
    "decimals": (0, 1, -1, 3),
    "deg": (True, False),
    "discont": (None, 1.0, 4.0),
    "dtype": (np.float32, np.float64, np.complex128, int, "f4", np.complex64, None),
    "dx": (0.5, -1.0, 2),
    "edge_order": (1, 2),
    "endpoint": (True, False),
    "equal_nan": (True, False),
    "full_matrices": (True, False),
    "hermitian": (True, False),
    "include_initial": (True, False),
    "increasing": (True, False),
    "indexing": ("xy", "ij"),
    "initial": (0.0, 1.0, -1.5, 2, 3.0),
    "keepdims": (True, False),
    "kind": ("quicksort", "stable"),
    "minlength": (0, 9),
    "nan": (0.0, 2.0),
    "ndmin": (0, 3),
    "neginf": (-3.0, None),
    "norm": ("ortho", "forward", "backward", None),
    "n": (1, 2, 3, 4, 5, 6, 8, 0, None),
    "num": (1, 2, 5, 0),
    "N": (1, 2, 3, 0),
    "offset": (0, 1, -1, 2, -4),
    "optimize": (True, False, "greedy", "optimal"),
    "order": ("C", "F", "A", "K"),
    "p": (None, 1, -1, 2, -2, "fro", np.inf, -np.inf),
    "period": (6.283185307179586, 1.5, 3),
    "posinf": (3.0, None),
    "return_counts": (True, False),
    "return_index": (True, False),
    "return_inverse": (True, False),
    "returned": (True, False),
    "retstep": (True, False),
    "rowvar": (True, False),
    "rcond": (1e-15, 1e-3, None),
    "s": (None, (2, 3), (4, 2), (3,), (1, 1), (5, 5)),
    "sorted": (True, False),
    "sparse": (True, False),
    "stable": (True, False, None),
    "start": (0, 1, 2),
    "subok": (True, False),
    "trim": ("f", "b", "fb"),
    "UPLO": ("L", "U"),
    "upper": (True, False),
    "k": (0, 1, -1, 2, -3),
    "m": (0, 1, 2),
}
"""Values for keywords, whatever the function."""

OWN: dict[str, dict[str, Sequence[Any]]] = {
    "convolve": {"mode": ("full", "same", "valid")},
    "correlate": {"mode": ("full", "same", "valid")},
    "choose": {"mode": ("raise", "wrap", "clip")},
    "take": {"mode": ("raise", "wrap", "clip")},
    "cross": {"axisa": (0, -1), "axisb": (0, -1), "axisc": (0, -1)},
    "norm": {"ord": (None, 0, 1, 2, 3, -1, -2, 0.5, np.inf, -np.inf, "fro", "nuc")},
    "matrix_norm": {"ord": (1, 2, -1, -2, np.inf, -np.inf, "fro", "nuc")},
    "vector_norm": {"ord": (0, 1, 2, 3, -1, -2, 0.5, 2.5, np.inf, -np.inf)},
    "pad": {
        "mode": ("constant", "edge", "linear_ramp", "maximum", "mean", "median", "minimum", "reflect", "symmetric",
                 "wrap", "empty"),
        "constant_values": (0.5, (1.0, 2.0)), "end_values": (0.5, (1.0, -2.0)), "stat_length": (1, 2, None),
        "reflect_type": ("even", "odd"),
    },
    "qr": {"mode": ("reduced", "complete", "r", "raw")},
    "interp": {"left": (0.5, None), "right": (-0.5, None)},
    "polyint": {"k": (None, 1.0, [1.0])},
    "polyfit": {"full": (True, False), "cov": (True, False, "unscaled")},
    "svd": {"compute_uv": (True, False)},
    "softmax": {"axis": (0, -1)},
    "ediff1d": {"to_end": (1.0, [2.0, 3.0]), "to_begin": (1.0, [2.0, 3.0])},
    "logspace": {"base": (2.0, 10, 0.5)},
    "select": {"default": (0.5, 1)},
    "clip": {"min": (-0.5, None), "max": (0.5, None)},
}  # fmt: skip
METHODS = (
    "inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull",
    "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest",
)  # fmt: skip
for name in ("quantile", "percentile", "nanquantile", "nanpercentile"):
    OWN[name] = {"method": METHODS}
UFUNC_KEYWORDS: dict[str, Sequence[Any]] = {
    "dtype": (np.float32, np.float64, np.complex128, "f8", None),
    "casting": ("same_kind", "unsafe", "no"),
    "order": ("C", "F", "A", "K"),
    "subok": (True, False),
}


def without_phases(y: Any) -> tuple[Any, ...]:
    """Squared moduli in place of complex vectors, of which a phase is LAPACK's choice."""
    return tuple([np.real(v * np.conj(v)) if v.dtype.kind == "c" else v for v in y])


PHASES: dict[str, Callable[[Any], Any]] = {"eigh": without_phases, "svd": without_phases}


class Call(NamedTuple):
    """A call that NumPy may or may not understand.

    Attributes
    ----------
    name : of the table's entry
    spelling : as a program writes it
    function : of arrays, or of Tensors
    args, kwargs : arrays and anything else
    places : which of the leaves of (args, kwargs) are to require a gradient
    """

    name: str
    spelling: str
    function: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    places: tuple[int, ...]

    @property
    def variables(self) -> list[np.ndarray]:
        """The arrays that are to require a gradient."""
        leaves = flatten((self.args, self.kwargs))[0]
        return [leaves[place] for place in self.places]

    def filled(self, variables: Sequence[Any], wide: bool = False) -> tuple[Any, dict[str, Any]]:
        """The arguments with others in the variables' places; all of double precision if wide."""
        leaves, structure = flatten((self.args, self.kwargs))
        if wide:
            leaves = [widened(x) for x in leaves]
        for place, x in zip(self.places, variables, strict=True):
            leaves[place] = x
        args, kwargs = unflatten(structure, leaves)
        return args, kwargs

    def __call__(self, *variables: Any, wide: bool = False) -> Any:
        args, kwargs = self.filled(variables, wide)
        y = self.function(*args, **kwargs)
        look = PHASES.get(self.name)
        return look(y) if look and isinstance(y, tuple) and y[0].dtype.kind + y[-1].dtype.kind != "ff" else y

    def __str__(self) -> str:
        shown = [described(x) for x in self.args] + [f"{key}={described(x)}" for key, x in self.kwargs.items()]
        return f"{self.spelling}({', '.join(shown)}) by {list(self.places)}"


def described(x: Any) -> str:
    """An argument in a few words: arrays as dtype, shape, layout and, where they are small, values."""
    if isinstance(x, np.ndarray):
        flags = "" if x.flags.c_contiguous else "F" if x.flags.f_contiguous else "strided"
        values = repr(x.tolist()) if x.size <= 6 else "…"
        return f"{x.dtype.str[1:]}{list(x.shape)}{flags}{'' if x.flags.writeable else ' ro'} {values}"
    if isinstance(x, (list, tuple)):
        return f"{'[' if isinstance(x, list) else '('}{', '.join([described(part) for part in x])}]"
    return getattr(x, "__name__", repr(x))


WIDE = {"f2": "f8", "f4": "f8", "c8": "c16"}


def widened(x: Any) -> Any:
    """An array, a number or a dtype in double precision."""
    if isinstance(x, (np.ndarray, np.generic)):
        return x.astype(WIDE.get(x.dtype.str[1:], x.dtype))  # a copy, for overwrite_input= writes to it
    if isinstance(x, (type, np.dtype)) or (isinstance(x, str) and x in WIDE):
        name = np.dtype(x).str[1:]
        return np.dtype(WIDE[name]) if name in WIDE else x
    return x


def is_float(x: Any) -> bool:
    return isinstance(x, np.ndarray) and x.dtype.kind in "fc"


class Drawing:
    """Draws the call of a number."""

    def __init__(self, number: int) -> None:
        self.rng = np.random.default_rng([SEED, number])
        self.entry: Entry = ENTRIES[number % len(ENTRIES)]
        self.coarse = self.chance(0.1)

    def chance(self, p: float) -> bool:
        return bool(self.rng.random() < p)

    def pick(self, options: Sequence[Any]) -> Any:
        return options[self.rng.integers(len(options))]

    def numbers(self, *shape: int, low: float = -2.0, high: float = 2.0) -> np.ndarray:
        """What samples are drawn with; sometimes of a few numbers, with ties."""
        x = self.rng.uniform(low, high, shape)
        return np.asarray(np.clip(np.round(4 * x) / 4, low, high) if self.coarse else x)

    def call(self) -> Call:
        sample: Sample = self.pick(list(self.entry.samples(self.numbers)))
        function, spelling = self.spelled(sample)
        kwargs = dict(sample.kwargs)
        leaves, structure = flatten((sample.args, kwargs))
        leaves = [self.number(x) for x in self.shaped(leaves)]
        drawn = self.drawn_keywords(function, leaves, kwargs)
        args, kwargs = unflatten(structure, leaves)
        kwargs.update(drawn)
        leaves, structure = flatten((args, kwargs))
        leaves = self.typed([self.valued(x) if is_float(x) else x for x in leaves])
        leaves = [self.laid_out(x) if isinstance(x, np.ndarray) else x for x in leaves]
        args, kwargs = unflatten(structure, leaves)
        candidates = [k for k, x in enumerate(leaves) if is_float(x)]
        chosen = [k for k in candidates if self.chance(0.5)] if self.chance(0.3) else candidates
        return Call(self.entry.name, spelling, function, args, kwargs, tuple(chosen or candidates))

    def spelled(self, sample: Sample) -> tuple[Callable[..., Any], str]:
        """A function of NumPy's, or a method of arrays; the table's own where there is none."""
        name = self.entry.name
        methods = [m for m in self.entry.methods if hasattr(np.ndarray, m)]
        if methods and isinstance(sample.args[0], np.ndarray) and self.chance(0.25):
            method = self.pick(methods)
            return (lambda x, *args, **kwargs: getattr(x, method)(*args, **kwargs)), f".{method}"
        if not self.entry.numpy:
            return self.entry.function, f"tl.{name}"
        function = self.pick(self.entry.numpy)
        for space, prefix in SPACES:
            if getattr(space, function.__name__, None) is function:
                return function, f"{prefix}.{function.__name__}"
        return self.entry.function, f"tl.{name}"  # what it stands for is no public function of NumPy's

    # -----------------------------------------------------------------------------------------------------------------
    # Shapes and numbers

    def shaped(self, leaves: list[Any]) -> list[Any]:
        """The arrays in other shapes, sometimes."""
        arrays = [x for x in leaves if isinstance(x, np.ndarray)]
        if not arrays or self.chance(0.4):
            return leaves
        function = self.entry.function
        if isinstance(function, Primitive) and function.elementwise and self.chance(0.7):
            shape = self.pick([(), (0,), (1,), (3,), (2, 3), (3, 1), (2, 0, 3), (2, 1, 3), (1, 1), (5,), (2, 2, 2)])
            return [self.broadcasting(x, shape) if isinstance(x, np.ndarray) else x for x in leaves]
        change = self.pick(SHAPES)
        at = int(self.rng.integers(4))
        which = self.pick(arrays)
        together = self.chance(0.6)

        def changed(x: Any) -> Any:
            if not isinstance(x, np.ndarray) or not (x is which or together):
                return x
            return change(x, at) if x.ndim or change is in_front else x

        made = [changed(x) for x in leaves]
        return made if sum([x.size for x in made if isinstance(x, np.ndarray)]) <= LARGEST else leaves

    def broadcasting(self, x: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
        """Numbers of x's range, in a shape that broadcasts to the given one."""
        shape = tuple([1 if self.chance(0.2) else n for n in shape])
        if self.chance(0.2):
            shape = shape[int(self.rng.integers(len(shape) + 1)) :]
        if not x.size:
            return x
        if x.dtype.kind == "f":
            return self.numbers(*shape, low=float(x.min()), high=float(x.max()))
        return np.asarray(self.rng.choice(x.reshape(-1), shape))

    def number(self, x: Any) -> Any:
        """An integer that is an argument by itself, sometimes another."""
        if type(x) is int and self.chance(0.15):
            return self.pick([x + 1, x - 1, -x, 0])
        if type(x) is float and self.chance(0.2):
            return x * self.rng.uniform(0.5, 1.5)
        return x

    def valued(self, x: np.ndarray) -> np.ndarray:
        """Other numbers of the same kind: what is positive, symmetric or whole stays so."""
        if not x.size or self.chance(0.4):
            return x
        if x.ndim > 1 and x.shape[-1] == x.shape[-2] and np.array_equal(x, x.mT):
            d = self.rng.uniform(0.8, 1.25, (*x.shape[:-2], x.shape[-1], 1))
            return np.asarray(d * x * d.mT)  # a congruence: definite stays definite
        kind = self.rng.random()
        if kind < 0.5:
            return np.asarray(x * self.rng.uniform(0.9, 1.1, x.shape))
        if kind < 0.65:
            return np.asarray(x * self.pick([0.1, 0.5, 3.0, -1.0]))
        if kind < 0.85:
            return np.asarray(self.rng.permutation(x.reshape(-1)).reshape(x.shape))
        y = x.copy(order="C")
        special = [0.0, -0.0, 1.0, y.flat[0], y.flat[-1]] + [np.inf, -np.inf, np.nan] * (
            self.chance(0.3) and self.takes_anything
        )
        y.flat[int(self.rng.integers(y.size))] = self.pick(special)
        return y

    @property
    def takes_anything(self) -> bool:
        """Whether inf and NaN are numbers to the function; LAPACK complains of them on the screen."""
        return isinstance(self.entry.function, Primitive) or not NO_LAPACK.isdisjoint(
            self.entry.function.__module__.split(".")
        )

    # -----------------------------------------------------------------------------------------------------------------
    # Types and memory

    def typed(self, leaves: list[Any]) -> list[Any]:
        """Single precision, complex numbers, or a mixture."""
        kind = self.rng.random()
        floats = [k for k, x in enumerate(leaves) if is_float(x)]
        if kind < 0.55 or not floats:
            return leaves
        made = list(leaves)
        if kind < 0.72:
            for k in floats:
                made[k] = leaves[k].astype("c8" if leaves[k].dtype.kind == "c" else "f4")
        elif kind < 0.9:
            single = self.chance(0.3)
            for k in floats:
                if leaves[k].dtype.kind == "f":
                    made[k] = self.complex(leaves[k])
                if single:
                    made[k] = made[k].astype("c8")
        else:
            k = self.pick(floats)
            dtype = self.pick(["f4", "f4", "i8", "i4", "bool", "c16"])
            if dtype == "c16":
                made[k] = self.complex(leaves[k])
            elif leaves[k].dtype.kind == "f" and (dtype == "f4" or len(floats) > 1):
                with np.errstate(invalid="ignore"):
                    made[k] = leaves[k].astype(dtype)
        return made

    def complex(self, x: np.ndarray) -> np.ndarray:
        """Complex numbers with these real parts; a symmetric matrix becomes a Hermitian one."""
        if x.dtype.kind == "c":
            return x
        y = self.rng.uniform(-0.3, 0.3, x.shape) * np.where(np.isfinite(x), np.abs(x), 1)
        if x.ndim > 1 and x.shape[-1] == x.shape[-2] and np.array_equal(x, x.mT):
            y = (y - y.mT) / 4
        return np.asarray(x + 1j * y)

    def laid_out(self, x: np.ndarray) -> np.ndarray:
        return self.pick(LAYOUTS)(x) if self.chance(0.4) else x

    # -----------------------------------------------------------------------------------------------------------------
    # Keywords

    def drawn_keywords(self, function: Any, leaves: list[Any], given: dict[str, Any]) -> dict[str, Any]:
        """One or two keywords that the function has."""
        if self.chance(0.4):
            return {}
        if isinstance(function, np.ufunc):
            known: dict[str, Sequence[Any]] = dict(UFUNC_KEYWORDS)
            if function.signature:  # NumPy's vecmat gives other numbers with order="F"
                del known["order"]
        else:
            target = self.entry.numpy[0] if self.entry.numpy else self.entry.function
            own = OWN.get(self.entry.name, {})
            try:
                names = inspect.signature(target).parameters
            except ValueError:
                names = {}
            known = {name: KEYWORDS[name] for name in names if name in KEYWORDS} | own
            known |= {name: () for name in ("where", "weights", "w", "mean", "prepend", "append") if name in names}
        if not known:
            return {}
        drawn: dict[str, Any] = {}
        arrays = [x for x in leaves if isinstance(x, np.ndarray)]
        for _ in range(int(self.rng.integers(1, 4))):
            name = self.pick(sorted(known))
            drawn[name] = self.array_keyword(name, arrays, drawn | given) if not known[name] else self.pick(known[name])
        return drawn

    def array_keyword(self, name: str, arrays: list[np.ndarray], given: dict[str, Any]) -> Any:
        """A mask, weights, a mean: of the first array's shape, or part of it."""
        shape = arrays[0].shape if arrays else ()
        if name == "where":
            return self.rng.random(shape[self.chance(0.3) :]) < 0.7
        if name == "mean":
            x = arrays[0] if arrays else np.ones(3)
            axis = given.get("axis")
            try:
                return np.mean(x, axis=axis, keepdims=True)
            except (ValueError, TypeError):
                return np.mean(x, keepdims=True)
        if name in ("prepend", "append"):
            return self.pick([0.5, np.array(0.5), self.numbers(*shape)])
        axis = given.get("axis")
        along = self.chance(0.5) and type(axis) is int and -len(shape) <= axis < len(shape)
        return self.rng.uniform(0.5, 2.0, (shape[axis],) if along else shape)  # type: ignore[index]


def repeated(x: np.ndarray, at: int) -> np.ndarray:
    return np.concatenate([x, x], axis=at % x.ndim)


def in_front(x: np.ndarray, at: int) -> np.ndarray:
    return np.stack([x] * (1 + at % 2))


def first(x: np.ndarray, at: int) -> np.ndarray:
    return np.array(x[0]) if len(x) else x


def empty(x: np.ndarray, at: int) -> np.ndarray:
    return np.take(x, [], axis=at % x.ndim)


def one_entry(x: np.ndarray, at: int) -> np.ndarray:
    return np.take(x, range(min(1, x.shape[at % x.ndim])), axis=at % x.ndim)


def exchanged(x: np.ndarray, at: int) -> np.ndarray:
    return np.array(np.swapaxes(x, at % x.ndim, 0))


def bare(x: np.ndarray, at: int) -> np.ndarray:
    return np.array(x.reshape(-1)[0]) if x.size else x


def flattened(x: np.ndarray, at: int) -> np.ndarray:
    return x.reshape(-1)


def at_the_end(x: np.ndarray, at: int) -> np.ndarray:
    return x[..., None]


SHAPES = (
    repeated, repeated, repeated, in_front, in_front, in_front, first, first, empty, one_entry, exchanged, exchanged,
    bare, flattened, at_the_end,
)  # fmt: skip


def fortran(x: np.ndarray) -> np.ndarray:
    return np.asarray(x, order="F")


def backwards(x: np.ndarray) -> np.ndarray:
    """Negative strides."""
    turn = (slice(None, None, -1),) * x.ndim
    return x[turn].copy()[turn] if x.ndim else x


def strided(x: np.ndarray) -> np.ndarray:
    """Every second entry of a larger array."""
    every = (slice(None, None, 2),) * x.ndim
    larger = np.zeros([2 * n for n in x.shape], x.dtype)
    larger[every] = x
    return larger[every] if x.ndim else x


def read_only(x: np.ndarray) -> np.ndarray:
    x = x.copy()
    x.flags.writeable = False
    return x


def broadcast(x: np.ndarray) -> np.ndarray:
    """All entries of the first axis in one place of memory."""
    return np.broadcast_to(x[:1], x.shape) if x.ndim and x.size else x


LAYOUTS = (fortran, fortran, backwards, backwards, strided, strided, read_only, read_only, broadcast)

NO_LAPACK = {
    "reductions",
    "missing",
    "shapes",
    "indexing",
    "sorting",
    "elementwise",
    "ranges",
    "signals",
    "differences",
}

SEED = 20

ENTRIES = list(REGISTRY.values())


def random_call(number: int) -> Call:
    """The call of this number."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        return Drawing(number).call()
