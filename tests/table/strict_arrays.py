"""An array like CuPy's on a machine without a GPU: strict about what CuPy refuses, and counting what would be moved.

It answers NumPy's two protocols for the functions that CuPy has, takes no array of NumPy's beside it, is never made
one, and counts each transfer: to the device, from it, and of single numbers.
"""

from __future__ import annotations

from collections import Counter
from types import ModuleType, SimpleNamespace

import numpy as np

from tinygrad_lite.table.device_arrays import DeviceKind
from tinygrad_lite.table.ducks import KINDS, DuckArray

LACKING = {
    *("apply_over_axes", "bitwise_count", "block", "concat", "cond", "cumulative_prod", "cumulative_sum"),
    *("datetime_as_string", "eig", "eigvals", "einsum_path", "emath", "frompyfunc", "geomspace", "insert", "isnat"),
    *("matrix_norm", "matrix_transpose", "matvec", "multi_dot", "nanpercentile", "nanquantile", "permute_dims"),
    *("poly", "pow", "put_along_axis", "sliding_window_view", "spacing", "svdvals", "unstack", "vander"),
    *("vecdot", "vecmat", "vector_norm"),
}
"""Functions of NumPy's that CuPy 13 has not."""

KEYWORDS = {
    "cholesky": (),
    "max": ("axis", "out", "keepdims"),
    "mean": ("axis", "dtype", "out", "keepdims"),
    "min": ("axis", "out", "keepdims"),
    "pinv": ("rcond",),
    "prod": ("axis", "dtype", "out", "keepdims"),
    "std": ("axis", "dtype", "out", "ddof", "keepdims"),
    "sum": ("axis", "dtype", "out", "keepdims"),
    "svd": ("full_matrices", "compute_uv"),
    "unique": ("return_index", "return_inverse", "return_counts", "axis", "equal_nan"),
    "var": ("axis", "dtype", "out", "ddof", "keepdims"),
}
"""Functions of CuPy's that take fewer keywords than NumPy's: which."""

transfers: Counter[str] = Counter()


def held(x):
    if isinstance(x, StrictArray):
        return x.numbers
    if isinstance(x, np.ndarray) and x.ndim:
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    if isinstance(x, (list, tuple)):
        return type(x)([held(part) for part in x])
    if isinstance(x, dict):
        return {key: held(part) for key, part in x.items()}
    return x


def given(y):
    """A result: everything that NumPy makes an array or a scalar of is an array on the device."""
    if isinstance(y, (np.ndarray, np.generic)):
        return StrictArray(np.asarray(y))
    if isinstance(y, (tuple, list)):  # named tuples are plain ones there
        return (list if isinstance(y, list) else tuple)([given(part) for part in y])
    return y


class StrictArray:
    """An array on a device that is none."""

    def __init__(self, numbers):
        self.numbers = numbers

    shape = property(lambda self: self.numbers.shape)
    dtype = property(lambda self: self.numbers.dtype)
    ndim = property(lambda self: self.numbers.ndim)
    size = property(lambda self: self.numbers.size)
    flags = property(lambda self: SimpleNamespace(c_contiguous=True, f_contiguous=True))
    T = property(lambda self: given(self.numbers.T))
    real = property(lambda self: given(self.numbers.real))
    imag = property(lambda self: given(self.numbers.imag))

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed. Please use `.get()`")

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        if ufunc.__name__ in LACKING or method not in ("__call__", "reduce", "at"):
            return NotImplemented
        if any(
            hasattr(x, "__array_ufunc__") and not isinstance(x, (StrictArray, np.ndarray, np.generic)) for x in inputs
        ):
            return NotImplemented
        if not all(isinstance(x, (StrictArray, int, float, complex, np.generic)) or np.ndim(x) == 0 for x in inputs):
            raise TypeError("Unsupported type <class 'numpy.ndarray'>")
        y = given(getattr(ufunc, method)(*held(inputs), **held(kwargs)))
        return kwargs["out"][0] if "out" in kwargs else y

    def __array_function__(self, function, types, args, kwargs):
        if not all(issubclass(kind, StrictArray) for kind in types):
            return NotImplemented
        return getattr(device, function.__name__)(*args, **kwargs)

    def __getitem__(self, index):
        return given(self.numbers[held(index)])

    def __setitem__(self, index, value):
        self.numbers[held(index)] = held(value)

    def __len__(self):
        return len(self.numbers)

    def __bool__(self):
        return bool(self.item())

    def __float__(self):
        return float(self.item())

    def item(self):
        """One number, fetched."""
        transfers["number"] += 1
        return self.numbers.item()

    def get(self):
        """All numbers, fetched."""
        transfers["from"] += 1
        return self.numbers.copy()

    def astype(self, dtype, copy=True):
        """In another dtype."""
        return given(self.numbers.astype(dtype, copy=copy))

    def copy(self, order="C"):
        """An array of its own."""
        return given(self.numbers.copy(order))


for _name in ("add", "sub", "mul", "truediv", "pow", "matmul", "mod", "floordiv", "and", "or", "xor"):
    for _side in ("", "r"):

        def _operator(self, other, name=f"__{_side}{_name}__"):
            if hasattr(other, "__array_ufunc__") and not isinstance(other, (StrictArray, np.ndarray, np.generic)):
                return NotImplemented
            return given(getattr(self.numbers, name)(held(other)))

        setattr(StrictArray, f"__{_side}{_name}__", _operator)
for _name, _ufunc in {"add": np.add, "sub": np.subtract, "mul": np.multiply, "truediv": np.divide}.items():

    def _in_place(self, other, ufunc=_ufunc):
        ufunc(self.numbers, held(other), out=self.numbers)
        return self

    setattr(StrictArray, f"__i{_name}__", _in_place)
for _name in ("all", "any", "max", "mean", "min", "prod", "ravel", "reshape", "squeeze", "sum", "transpose"):

    def _method(self, *args, name=_name, **kwargs):
        return given(getattr(self.numbers, name)(*held(args), **held(kwargs)))

    setattr(StrictArray, _name, _method)
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):

    def _comparison(self, other, name=f"__{_name}__"):
        if hasattr(other, "__array_ufunc__") and not isinstance(other, (StrictArray, np.ndarray, np.generic)):
            return NotImplemented
        return given(getattr(self.numbers, name)(held(other)))

    setattr(StrictArray, f"__{_name}__", _comparison)
StrictArray.__neg__ = lambda self: given(-self.numbers)
StrictArray.__invert__ = lambda self: given(~self.numbers)
StrictArray.__hash__ = None


class Namespace:
    """NumPy's functions, as many as CuPy has, of arrays on the device."""

    def __init__(self, module):
        self.module = module

    def __getattr__(self, name):
        found = getattr(self.module, name, None)
        if name in LACKING or found is None:
            raise AttributeError(f"module 'cupy' has no attribute {name!r}")
        if isinstance(found, ModuleType):
            return Namespace(found)

        def function(*args, **kwargs):
            if extra := [key for key in kwargs if name in KEYWORDS and key not in KEYWORDS[name]]:
                raise TypeError(f"{name}() got an unexpected keyword argument {extra[0]!r}")
            if name in KEYWORDS and len(args) > 1 + len(KEYWORDS[name]):
                raise TypeError(f"{name}() takes {1 + len(KEYWORDS[name])} positional arguments")
            return given(found(*held(args), **held(kwargs)))

        if isinstance(found, np.ufunc):
            function.at = lambda *args: found.at(*held(args))
        return function

    @staticmethod
    def asarray(x):
        """Moved to the device."""
        transfers["to"] += 1
        return StrictArray(np.array(x))


class StrictKind(DeviceKind):
    """Which counts the constants of rules for themselves."""

    def constant(self, x):
        if not (isinstance(x, np.ndarray) and x.ndim):
            return x
        transfers["constant"] += 1
        return DuckArray(StrictArray(x.copy()), self)


device = Namespace(np)
KIND = StrictKind(device, StrictArray)
KINDS[StrictArray] = KIND


def put(x):
    """An array on the device."""
    return device.asarray(x)


def get(x):
    """An array from the device."""
    assert isinstance(x, StrictArray), type(x)
    return x.get()
