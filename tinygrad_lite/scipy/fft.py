"""SciPy's ``scipy.fft``, with derivatives: ``import tinygrad_lite.scipy.fft as fft``.

What has a derivative here is listed in ``SERVED``; all else is SciPy's own, which refuses Tensors that require a
gradient. Fourier transforms are NumPy's; cosine and sine transforms have their rules here.

>>> import tinygrad_lite.scipy.fft as fft
>>> fft.dct(tl.tensor([1.0, 1.0])).round(6)
Tensor([4., 0.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..table.arrays import array, floating
from ..table.fourier import OTHER_WAY, checked_norm, lengths_and_axes, prepared
from ..table.primitive import Primitive
from .loading import scipy_module
from .twins import twin

original = scipy_module("scipy.fft")

# ---------------------------------------------------------------------------------------------------------------------
# Cosine and sine transforms

TRANSPOSED: Final = {1: 1, 2: 3, 3: 2, 4: 4}
"""The type of the transform whose matrix is a type's transpose, where both are orthogonal."""


def orthogonal(name: str) -> Primitive:
    """The orthogonal ``dct`` or ``dst``: of types 1 and 4 its matrix is symmetric, those of 2 and 3 are transposes."""

    def _transform(x: Any, *, kind: int, axis: int) -> Any:
        return getattr(original, name)(x, kind, axis=axis, norm="ortho")

    made: Primitive = Primitive(
        _transform,
        {"x": lambda g, kind, axis: made(g, kind=TRANSPOSED[kind], axis=axis)},
        name=name,
        linear=True,
    )
    return made


dct_p, dst_p = orthogonal("dct"), orthogonal("dst")

ENDS: Final[dict[tuple[str, int], tuple[int, ...]]] = {
    ("dct", 1): (0, -1),
    ("dct", 2): (0,),
    ("dct", 3): (0,),
    ("dst", 2): (-1,),
    ("dst", 3): (-1,),
}
"""Transform and type → the entries that the orthogonal transform weighs otherwise: its inputs', outputs', or both."""


def scaled(x: Any, ends: tuple[int, ...], axis: int, by: float) -> Any:
    """``x`` with some entries along an axis multiplied."""
    factors = np.ones(x.shape[axis], np.finfo(x.dtype).dtype)
    factors[list(ends)] = by
    return x * factors.reshape([-1 if k == axis else 1 for k in range(x.ndim)])


def trigonometric(name: str, x: Any, type: int, n: Any, axis: int, norm: Any, orthogonalize: Any) -> Any:
    """A cosine or sine transform, from the orthogonal one."""
    if type not in TRANSPOSED:
        raise ValueError(f"{name}: type must be 1, 2, 3 or 4, not {type!r}")
    x, axis = prepared(floating(array(x)), n, axis, name)
    if name == "dct" and type == 1 and x.shape[axis] < 2:
        raise ValueError("dct: type 1 needs two numbers or more")
    ends = () if (norm == "ortho" if orthogonalize is None else orthogonalize) else ENDS.get((name, type), ())
    if type in (1, 3) and ends:
        x = scaled(x, ends, axis, np.sqrt(0.5))
    y = (dct_p if name == "dct" else dst_p)(x, kind=type, axis=axis)
    if type in (1, 2) and ends:
        y = scaled(y, ends, axis, np.sqrt(2.0))
    length = 2 * (x.shape[axis] + (0 if type > 1 else -1 if name == "dct" else 1))
    return y * length ** {None: 0.5, "backward": 0.5, "ortho": 0.0, "forward": -0.5}[checked_norm(norm)]


def one_way(name: str) -> Callable[..., Any]:
    """``dct`` or ``dst``, of Tensors."""

    def transform(
        x: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, orthogonalize: Any = None
    ) -> Any:
        return trigonometric(name, x, type, n, axis, norm, orthogonalize)

    return transform


def other_way(name: str) -> Callable[..., Any]:
    """``idct`` or ``idst``, of Tensors: the transform of the transposed type, with the factor of the inverse."""

    def transform(
        x: Any, type: int = 2, n: Any = None, axis: int = -1, norm: Any = None, orthogonalize: Any = None
    ) -> Any:
        norm = OTHER_WAY[checked_norm(norm)]
        return trigonometric(name, x, TRANSPOSED.get(type, type), n, axis, norm, orthogonalize)

    return transform


def as_tuples(x: Any, s: Any, axes: Any) -> tuple[Any, Any]:
    """Lengths and axes, of which SciPy takes a number for one; raises ValueError for an axis that comes twice."""
    s, axes = [(v,) if isinstance(v, (int, np.integer)) else v for v in (s, axes)]
    if axes is not None:
        normalize_axis_tuple(axes, x.ndim)
    return s, axes


def several(along_one: Callable[..., Any]) -> Callable[..., Any]:
    """A transform along several axes, one after the other."""

    def transform(
        x: Any, type: int = 2, s: Any = None, axes: Any = None, norm: Any = None, orthogonalize: Any = None
    ) -> Any:
        x = floating(array(x))
        s, axes = as_tuples(x, s, axes)
        for n, axis in lengths_and_axes(x, s, axes, along_one.__name__):
            x = along_one(x, type, n, axis, norm, orthogonalize)
        return x

    return transform


# ---------------------------------------------------------------------------------------------------------------------
# Fourier transforms


def numpys(name: str) -> Callable[..., Any]:
    """``numpy.fft``'s function of that name, with SciPy's names of its arguments."""
    function = getattr(np.fft, name)
    if "shift" in name:
        return lambda x, axes=None: function(x, axes)
    if name[-1] in "2n":
        default = (-2, -1) if name[-1] == "2" else None
        return lambda x, s=None, axes=default, norm=None: function(x, *as_tuples(array(x), s, axes), norm)
    return lambda x, n=None, axis=-1, norm=None: function(x, n, axis, norm)


def of_hermitian(name: str) -> Callable[..., Any]:
    """``hfft2``, ``hfftn`` or an inverse of theirs: a transform of real numbers, the other way round, of conjugates."""
    function = numpys(name.replace("ihfft", "rfft").replace("hfft", "irfft"))
    default = (-2, -1) if name[-1] == "2" else None

    def transform(x: Any, s: Any = None, axes: Any = default, norm: Any = None) -> Any:
        norm = OTHER_WAY[checked_norm(norm)]
        if name[0] == "i":
            return np.conj(function(x, s, axes, norm))
        return function(np.conj(array(x)), s, axes, norm)

    return transform


FOURIER: Final = (
    *("fft", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2"),
    *("fftn", "ifftn", "rfftn", "irfftn", "fftshift", "ifftshift"),
)

SERVED: Final[dict[str, Callable[..., Any]]] = {
    name: twin(getattr(original, name), served)
    for name, served in {
        **{name: numpys(name) for name in FOURIER},
        **{name: of_hermitian(name) for name in ("hfft2", "hfftn", "ihfft2", "ihfftn")},
        **{name: one_way(name) for name in ("dct", "dst")},
        **{f"i{name}": other_way(name) for name in ("dct", "dst")},
        **{f"{name}n": several(one_way(name)) for name in ("dct", "dst")},
        **{f"i{name}n": several(other_way(name)) for name in ("dct", "dst")},
    }.items()
}
"""The functions that have a derivative here, by SciPy's names."""

globals().update(SERVED)


def __getattr__(name: str) -> Any:
    return getattr(original, name)


def __dir__() -> list[str]:
    return dir(original)
