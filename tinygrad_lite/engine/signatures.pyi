"""The types of the table's functions, and of those that are methods. Written by ``make stubs``."""

from collections.abc import Sequence
from typing import Any, overload

from .tensor import Tensor

__all__ = [
    "abs",
    "add",
    "amax",
    "amin",
    "angle",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "array_split",
    "atleast_1d",
    "atleast_2d",
    "avg_pool2d",
    "binary_cross_entropy",
    "broadcast_to",
    "cbrt",
    "ceil",
    "clip",
    "concatenate",
    "conj",
    "conv2d",
    "copy",
    "cos",
    "cosh",
    "cross_entropy",
    "cumprod",
    "cumsum",
    "diagonal",
    "divide",
    "dot",
    "einsum",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "fft",
    "fft2",
    "fftn",
    "fftshift",
    "flip",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "getitem",
    "heaviside",
    "hfft",
    "hstack",
    "hypot",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "imag",
    "inner",
    "irfft",
    "irfft2",
    "irfftn",
    "linear",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logsumexp",
    "matmul",
    "matrix_transpose",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "min",
    "minimum",
    "mod",
    "moveaxis",
    "multiply",
    "negative",
    "norm",
    "outer",
    "pad",
    "positive",
    "power",
    "prod",
    "ravel",
    "real",
    "real_if_close",
    "reciprocal",
    "relu",
    "repeat",
    "reshape",
    "rfft",
    "rfft2",
    "rfftn",
    "rint",
    "roll",
    "round",
    "setitem",
    "sigmoid",
    "sign",
    "sin",
    "sinh",
    "sliding_window_view",
    "softmax",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tensordot",
    "tile",
    "trace",
    "transpose",
    "tril",
    "triu",
    "trunc",
    "var",
    "vdot",
    "vstack",
    "where",
]

@overload
def abs(x: Tensor, /) -> Tensor:
    """y = |x|;  dy/dx = sign x (0 at 0), of complex numbers x̄/y"""
@overload
def abs(x: Any, /) -> Any: ...

@overload
def add(a: Tensor, b: Any, /) -> Tensor:
    """y = a + b;  ∂y/∂a = 1,  ∂y/∂b = 1"""
@overload
def add(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def add(a: Any, b: Any, /) -> Any: ...

@overload
def amax(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The largest entry along the axes. The gradient goes to it; entries that tie share it equally."""
@overload
def amax(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def amin(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The smallest entry along the axes. The gradient goes to it; entries that tie share it equally."""
@overload
def amin(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def angle(z: Tensor, deg: bool = False) -> Tensor:
    """The angle of z with the real line, in radians, or in degrees; ∂y/∂Re z = −Im z/|z|²,  ∂y/∂Im z = Re z/|z|²."""
@overload
def angle(z: Any, deg: bool = False) -> Any: ...

@overload
def arccos(x: Tensor, /) -> Tensor:
    """y = arccos x;  dy/dx = −1/√(1 − x²)"""
@overload
def arccos(x: Any, /) -> Any: ...

@overload
def arccosh(x: Tensor, /) -> Tensor:
    """y = arcosh x;  dy/dx = 1/√(x² − 1)"""
@overload
def arccosh(x: Any, /) -> Any: ...

@overload
def arcsin(x: Tensor, /) -> Tensor:
    """y = arcsin x;  dy/dx = 1/√(1 − x²)"""
@overload
def arcsin(x: Any, /) -> Any: ...

@overload
def arcsinh(x: Tensor, /) -> Tensor:
    """y = arsinh x;  dy/dx = 1/√(x² + 1)"""
@overload
def arcsinh(x: Any, /) -> Any: ...

@overload
def arctan(x: Tensor, /) -> Tensor:
    """y = arctan x;  dy/dx = 1/(1 + x²)"""
@overload
def arctan(x: Any, /) -> Any: ...

@overload
def arctan2(a: Tensor, b: Any, /) -> Tensor:
    """y = arctan(a/b) in the quadrant of (b, a);  ∂y/∂a = b/r²,  ∂y/∂b = −a/r²,  r² = a² + b² (0 at the origin)"""
@overload
def arctan2(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def arctan2(a: Any, b: Any, /) -> Any: ...

@overload
def arctanh(x: Tensor, /) -> Tensor:
    """y = artanh x;  dy/dx = 1/(1 − x²)"""
@overload
def arctanh(x: Any, /) -> Any: ...

@overload
def array_split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """A list of pieces along an axis: so many, of lengths as equal as can be, or cut at the given indices."""
@overload
def array_split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any: ...

@overload
def atleast_1d(x: Tensor) -> Tensor:
    """``x``, a scalar as a vector of one entry."""
@overload
def atleast_1d(x: Any) -> Any: ...

@overload
def atleast_2d(x: Tensor) -> Tensor:
    """``x``, a scalar or a vector as a matrix of one row."""
@overload
def atleast_2d(x: Any) -> Any: ...

@overload
def avg_pool2d(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True) -> Tensor:
    """Σ x / n over the n entries of each window; each of them receives g / n."""
@overload
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True) -> Any: ...

@overload
def binary_cross_entropy(p: Tensor, target: Any, *, reduction: str = 'mean') -> Tensor:
    """E = −t ln p − (1 − t) ln(1 − p);  ∂E/∂p = (p − t)/(p (1 − p)). As in PyTorch, no logarithm is below −100."""
@overload
def binary_cross_entropy(p: Any, target: Tensor, *, reduction: str = 'mean') -> Tensor: ...
@overload
def binary_cross_entropy(p: Any, target: Any, *, reduction: str = 'mean') -> Any: ...

@overload
def broadcast_to(x: Tensor, shape: Any) -> Tensor:
    """``x`` repeated along new axes and axes of length 1. The gradient is the sum over the copies."""
@overload
def broadcast_to(x: Any, shape: Any) -> Any: ...

@overload
def cbrt(x: Tensor, /) -> Tensor:
    """y = ∛x;  dy/dx = 1/(3y²)"""
@overload
def cbrt(x: Any, /) -> Any: ...

@overload
def ceil(x: Tensor, /) -> Tensor:
    """y = ⌈x⌉;  dy/dx = 0"""
@overload
def ceil(x: Any, /) -> Any: ...

@overload
def clip(x: Tensor, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Tensor:
    """min(max(x, a_min), a_max); None is no bound. The gradient goes to x within the bounds, at them too, else to the bound."""
@overload
def clip(x: Any, a_min: Tensor, a_max: Any = None, *, min: Any = None, max: Any = None) -> Tensor: ...
@overload
def clip(x: Any, a_min: Any, a_max: Tensor, *, min: Any = None, max: Any = None) -> Tensor: ...
@overload
def clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any: ...

@overload
def concatenate(arrays: Sequence[Tensor], axis: int | None = 0) -> Tensor:
    """Arrays one after another along an axis that is there already. The gradient is cut in the same places."""
@overload
def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any: ...

@overload
def conj(x: Tensor, /) -> Tensor:
    """y = x̄; of real numbers x itself, dy/dx = 1"""
@overload
def conj(x: Any, /) -> Any: ...

@overload
def conv2d(x: Tensor, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor:
    """y[n, o, i, j] = b[o] + Σ w[o, c, k, l] x[n, c, i + k, j + l]: cross-correlation, which networks call convolution."""
@overload
def conv2d(x: Any, weight: Tensor, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Any, weight: Any, bias: Tensor, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor: ...
@overload
def conv2d(x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any: ...

@overload
def copy(x: Tensor, order: str = 'K') -> Tensor:
    """An array of its own with the same values, laid out as :func:`numpy.copy` does; the gradient passes through."""
@overload
def copy(x: Any, order: str = 'K') -> Any: ...

@overload
def cos(x: Tensor, /) -> Tensor:
    """y = cos x;  dy/dx = −sin x"""
@overload
def cos(x: Any, /) -> Any: ...

@overload
def cosh(x: Tensor, /) -> Tensor:
    """y = cosh x;  dy/dx = sinh x"""
@overload
def cosh(x: Any, /) -> Any: ...

@overload
def cross_entropy(logits: Tensor, target: Any, *, axis: int = -1, reduction: str = 'mean') -> Tensor:
    """E = −Σₖ tₖ ln yₖ with y = softmax(z);  ∂E/∂z = y Σₖ tₖ − t, which is y − t where Σₖ tₖ = 1."""
@overload
def cross_entropy(logits: Any, target: Tensor, *, axis: int = -1, reduction: str = 'mean') -> Tensor: ...
@overload
def cross_entropy(logits: Any, target: Any, *, axis: int = -1, reduction: str = 'mean') -> Any: ...

@overload
def cumprod(x: Tensor, axis: int | None = None, *, dtype: Any = None) -> Tensor:
    """Running products along an axis, or of ``ravel(x)``: yₖ = Πᵢ₌₀..ₖ xᵢ. Its derivative is right at zeros too."""
@overload
def cumprod(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any: ...

@overload
def cumsum(x: Tensor, axis: int | None = None, *, dtype: Any = None) -> Tensor:
    """Running sums along an axis, or of ``ravel(x)``: yₖ = Σᵢ₌₀..ₖ xᵢ. The gradient is the running sum from the end."""
@overload
def cumsum(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any: ...

@overload
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """x[i, i + offset] along two axes, as the last axis of the output."""
@overload
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any: ...

@overload
def divide(a: Tensor, b: Any, /) -> Tensor:
    """y = a / b;  ∂y/∂a = 1/b,  ∂y/∂b = −y/b"""
@overload
def divide(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def divide(a: Any, b: Any, /) -> Any: ...

@overload
def dot(a: Tensor, b: Any) -> Tensor:
    """Σₖ a[…, k] b[…, k, :]: over the last axis of a and the last but one of b; with a scalar, the product."""
@overload
def dot(a: Any, b: Tensor) -> Tensor: ...
@overload
def dot(a: Any, b: Any) -> Any: ...

@overload
def einsum(*arguments: Tensor, optimize: Any = False) -> Tensor:
    """Einstein's summation: products of entries, summed over every label the output lacks."""
@overload
def einsum(*arguments: Any, optimize: Any = False) -> Any: ...

@overload
def erf(x: Tensor, /) -> Tensor:
    """y = (2/√π) ∫₀ˣ e^(−t²) dt;  dy/dx = (2/√π) e^(−x²)"""
@overload
def erf(x: Any, /) -> Any: ...

@overload
def erfc(x: Tensor, /) -> Tensor:
    """y = 1 − erf x, with all its digits for large x;  dy/dx = −(2/√π) e^(−x²)"""
@overload
def erfc(x: Any, /) -> Any: ...

@overload
def exp(x: Tensor, /) -> Tensor:
    """y = eˣ;  dy/dx = y"""
@overload
def exp(x: Any, /) -> Any: ...

@overload
def exp2(x: Tensor, /) -> Tensor:
    """y = 2ˣ;  dy/dx = y ln 2"""
@overload
def exp2(x: Any, /) -> Any: ...

@overload
def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    """New axes of length 1, at the places they will have."""
@overload
def expand_dims(x: Any, axis: int | Sequence[int]) -> Any: ...

@overload
def expm1(x: Tensor, /) -> Tensor:
    """y = eˣ − 1;  dy/dx = eˣ"""
@overload
def expm1(x: Any, /) -> Any: ...

@overload
def fft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """yₖ = Σⱼ aⱼ e^(−2πi jk/n) along an axis; linear, and its own transpose."""
@overload
def fft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def fft2(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Tensor:
    """:func:`fftn` of two axes, by default the last."""
@overload
def fft2(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Any: ...

@overload
def fftn(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Tensor:
    """:func:`fft` along several axes, by default all."""
@overload
def fftn(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Any: ...

@overload
def fftshift(x: Tensor, axes: Any = None) -> Tensor:
    """The entries turned round by half an axis, so that the frequency 0 is in the middle; by default along all axes."""
@overload
def fftshift(x: Any, axes: Any = None) -> Any: ...

@overload
def flip(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """The entries in reverse order along every axis, or those given."""
@overload
def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any: ...

@overload
def float_power(a: Tensor, b: Any, /) -> Tensor:
    """y = aᵇ, in double precision at least;  ∂y/∂a = b aᵇ⁻¹,  ∂y/∂b = y ln a"""
@overload
def float_power(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def float_power(a: Any, b: Any, /) -> Any: ...

@overload
def floor(x: Tensor, /) -> Tensor:
    """y = ⌊x⌋;  dy/dx = 0"""
@overload
def floor(x: Any, /) -> Any: ...

@overload
def floor_divide(a: Tensor, b: Any, /) -> Tensor:
    """y = ⌊a/b⌋;  ∂y/∂a = ∂y/∂b = 0"""
@overload
def floor_divide(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def floor_divide(a: Any, b: Any, /) -> Any: ...

@overload
def fmax(a: Tensor, b: Any, /) -> Tensor:
    """y = max(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie"""
@overload
def fmax(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def fmax(a: Any, b: Any, /) -> Any: ...

@overload
def fmin(a: Tensor, b: Any, /) -> Tensor:
    """y = min(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie"""
@overload
def fmin(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def fmin(a: Any, b: Any, /) -> Any: ...

@overload
def getitem(x: Tensor, index: Any) -> Tensor:
    """``x[index]``: NumPy's basic, integer, boolean and mixed indexing. The gradient is added where it was read."""
@overload
def getitem(x: Any, index: Any) -> Any: ...

@overload
def heaviside(x: Tensor, h: Any, /) -> Tensor:
    """y = 0 for x < 0, h at 0, 1 for x > 0;  ∂y/∂x = 0,  ∂y/∂h = 1 at x = 0, else 0"""
@overload
def heaviside(x: Any, h: Tensor, /) -> Tensor: ...
@overload
def heaviside(x: Any, h: Any, /) -> Any: ...

@overload
def hfft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """yₖ = Σⱼ aⱼ e^(−2πi jk/n): n real numbers, for ``a`` is the first half, and the others are its conjugates."""
@overload
def hfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def hstack(arrays: Sequence[Tensor]) -> Tensor:
    """Arrays side by side: along the second axis, vectors along their one."""
@overload
def hstack(arrays: Sequence[Any]) -> Any: ...

@overload
def hypot(a: Tensor, b: Any, /) -> Tensor:
    """y = √(a² + b²);  ∂y/∂a = a/y,  ∂y/∂b = b/y (0 at the origin)"""
@overload
def hypot(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def hypot(a: Any, b: Any, /) -> Any: ...

@overload
def ifft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """yₖ = (1/n) Σⱼ aⱼ e^(2πi jk/n) along an axis, the inverse of :func:`fft`; parameters as there."""
@overload
def ifft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def ifft2(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Tensor:
    """:func:`ifftn` of two axes, by default the last."""
@overload
def ifft2(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Any: ...

@overload
def ifftn(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Tensor:
    """:func:`ifft` along several axes; parameters as for :func:`fftn`."""
@overload
def ifftn(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Any: ...

@overload
def ifftshift(x: Tensor, axes: Any = None) -> Tensor:
    """The inverse of :func:`fftshift`."""
@overload
def ifftshift(x: Any, axes: Any = None) -> Any: ...

@overload
def ihfft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """yⱼ = (1/n) Σₖ aₖ e^(2πi jk/n): the first half of them, for real ``a``; the inverse of :func:`hfft`."""
@overload
def ihfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def imag(x: Tensor) -> Tensor:
    """y = Im x; of real numbers 0."""
@overload
def imag(x: Any) -> Any: ...

@overload
def inner(a: Tensor, b: Any) -> Tensor:
    """Σₖ a[…, k] b[…, k], for all pairs of lines."""
@overload
def inner(a: Any, b: Tensor) -> Tensor: ...
@overload
def inner(a: Any, b: Any) -> Any: ...

@overload
def irfft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """yⱼ = (1/n) Σₖ aₖ e^(2πi jk/n): the n real numbers, by default 2 (m − 1), whose :func:`rfft` is ``a``."""
@overload
def irfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def irfft2(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Tensor:
    """y = irfft(ifft(a)): :func:`irfftn` of two axes, by default the last."""
@overload
def irfft2(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Any: ...

@overload
def irfftn(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Tensor:
    """y = irfft(ifft(a)): :func:`irfft` along the last of several axes, :func:`ifft` along the others."""
@overload
def irfftn(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Any: ...

@overload
def linear(x: Tensor, weight: Any, bias: Any = None) -> Tensor:
    """y = x Wᵀ + b for each row of x;  ∂E/∂x = g W,  ∂E/∂W = gᵀ x,  ∂E/∂b = Σ g."""
@overload
def linear(x: Any, weight: Tensor, bias: Any = None) -> Tensor: ...
@overload
def linear(x: Any, weight: Any, bias: Tensor) -> Tensor: ...
@overload
def linear(x: Any, weight: Any, bias: Any = None) -> Any: ...

@overload
def log(x: Tensor, /) -> Tensor:
    """y = ln x;  dy/dx = 1/x"""
@overload
def log(x: Any, /) -> Any: ...

@overload
def log10(x: Tensor, /) -> Tensor:
    """y = log₁₀ x;  dy/dx = 1/(x ln 10)"""
@overload
def log10(x: Any, /) -> Any: ...

@overload
def log1p(x: Tensor, /) -> Tensor:
    """y = ln(1 + x);  dy/dx = 1/(1 + x)"""
@overload
def log1p(x: Any, /) -> Any: ...

@overload
def log2(x: Tensor, /) -> Tensor:
    """y = log₂ x;  dy/dx = 1/(x ln 2)"""
@overload
def log2(x: Any, /) -> Any: ...

@overload
def log_softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """yₖ = xₖ − ln Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = δⱼₖ − e^(yⱼ). Exact where softmax rounds to 0."""
@overload
def log_softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Any: ...

@overload
def logaddexp(a: Tensor, b: Any, /) -> Tensor:
    """y = ln(eᵃ + eᵇ);  ∂y/∂a = eᵃ⁻ʸ,  ∂y/∂b = eᵇ⁻ʸ"""
@overload
def logaddexp(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def logaddexp(a: Any, b: Any, /) -> Any: ...

@overload
def logsumexp(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Tensor:
    """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax."""
@overload
def logsumexp(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Any: ...

@overload
def matmul(a: Tensor, b: Any, /) -> Tensor:
    """a @ b: Y = A B;  ∂/∂A: G Bᵀ,  ∂/∂B: Aᵀ G. Vectors and stacks of matrices as in NumPy."""
@overload
def matmul(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def matmul(a: Any, b: Any, /) -> Any: ...

@overload
def matrix_transpose(x: Tensor) -> Tensor:
    """The last two axes exchanged, ``x.mT``."""
@overload
def matrix_transpose(x: Any) -> Any: ...

@overload
def max(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The largest entry along the axes. The gradient goes to it; entries that tie share it equally."""
@overload
def max(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def max_pool2d(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Tensor:
    """The largest entry of each window; the gradient goes to it alone, on a tie to the first, as in PyTorch."""
@overload
def max_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0) -> Any: ...

@overload
def maximum(a: Tensor, b: Any, /) -> Tensor:
    """y = max(a, b);  the gradient goes to the larger, half to each on a tie"""
@overload
def maximum(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def maximum(a: Any, b: Any, /) -> Any: ...

@overload
def mean(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Σ x / n over the given axes; ∂y/∂xᵢ = 1/n. Parameters as for :func:`sum`."""
@overload
def mean(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any: ...

@overload
def min(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The smallest entry along the axes. The gradient goes to it; entries that tie share it equally."""
@overload
def min(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def minimum(a: Tensor, b: Any, /) -> Tensor:
    """y = min(a, b);  the gradient goes to the smaller, half to each on a tie"""
@overload
def minimum(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def minimum(a: Any, b: Any, /) -> Any: ...

@overload
def mod(a: Tensor, b: Any, /) -> Tensor:
    """y = a − b ⌊a/b⌋;  ∂y/∂a = 1,  ∂y/∂b = −⌊a/b⌋"""
@overload
def mod(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def mod(a: Any, b: Any, /) -> Any: ...

@overload
def moveaxis(x: Tensor, source: int | Sequence[int] | None, destination: int | Sequence[int] | None) -> Tensor:
    """Axes moved to new places, the others kept in order."""
@overload
def moveaxis(x: Any, source: int | Sequence[int] | None, destination: int | Sequence[int] | None) -> Any: ...

@overload
def multiply(a: Tensor, b: Any, /) -> Tensor:
    """y = a b;  ∂y/∂a = b,  ∂y/∂b = a"""
@overload
def multiply(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def multiply(a: Any, b: Any, /) -> Any: ...

@overload
def negative(x: Tensor, /) -> Tensor:
    """y = −x;  dy/dx = −1"""
@overload
def negative(x: Any, /) -> Any: ...

@overload
def norm(x: Tensor, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Length: √Σ x² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0."""
@overload
def norm(x: Any, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Any: ...

@overload
def outer(a: Tensor, b: Any) -> Tensor:
    """yᵢⱼ = aᵢ bⱼ, of the entries in one axis."""
@overload
def outer(a: Any, b: Tensor) -> Tensor: ...
@overload
def outer(a: Any, b: Any) -> Any: ...

@overload
def pad(x: Tensor, pad_width: Any, mode: str = 'constant', *, constant_values: Any = None, reflect_type: str = 'even') -> Tensor:
    """Entries added at the ends of each axis."""
@overload
def pad(x: Any, pad_width: Any, mode: str = 'constant', *, constant_values: Any = None, reflect_type: str = 'even') -> Any: ...

@overload
def positive(x: Tensor, /) -> Tensor:
    """y = x;  dy/dx = 1"""
@overload
def positive(x: Any, /) -> Any: ...

@overload
def power(a: Tensor, b: Any, /) -> Tensor:
    """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 < b)"""
@overload
def power(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def power(a: Any, b: Any, /) -> Any: ...

@overload
def prod(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """Π x over the given axes; ∂y/∂xᵢ is the product of the others, also where some are 0."""
@overload
def prod(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def ravel(x: Tensor, order: str = 'C') -> Tensor:
    """All entries in one axis."""
@overload
def ravel(x: Any, order: str = 'C') -> Any: ...

@overload
def real(x: Tensor) -> Tensor:
    """y = Re x; of real numbers x itself."""
@overload
def real(x: Any) -> Any: ...

@overload
def real_if_close(a: Tensor, tol: float = 100) -> Tensor:
    """Re a where all imaginary parts are within so many rounding errors of 0, or below ``tol`` ≤ 1; else a."""
@overload
def real_if_close(a: Any, tol: float = 100) -> Any: ...

@overload
def reciprocal(x: Tensor, /) -> Tensor:
    """y = 1/x;  dy/dx = −y²"""
@overload
def reciprocal(x: Any, /) -> Any: ...

@overload
def relu(x: Tensor, *, slope_at_zero: float = 0.0) -> Tensor:
    """max(x, 0); the derivative is 1 for x > 0, 0 for x < 0, and ``slope_at_zero`` at 0, where there is none."""
@overload
def relu(x: Any, *, slope_at_zero: float = 0.0) -> Any: ...

@overload
def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Each entry along the axis so many times, one after the other."""
@overload
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any: ...

@overload
def reshape(x: Tensor, shape: Any, *, order: str = 'C') -> Tensor:
    """The entries, in their order, in another shape; one entry of ``shape`` may be −1. The gradient is reshaped back."""
@overload
def reshape(x: Any, shape: Any, *, order: str = 'C') -> Any: ...

@overload
def rfft(a: Tensor, n: int | None = None, axis: int = -1, norm: str | None = None) -> Tensor:
    """The first n//2 + 1 entries of :func:`fft` of real numbers: the others are their conjugates. Parameters as there."""
@overload
def rfft(a: Any, n: int | None = None, axis: int = -1, norm: str | None = None) -> Any: ...

@overload
def rfft2(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Tensor:
    """y = fft(rfft(a)): :func:`rfftn` of two axes, by default the last."""
@overload
def rfft2(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = ..., norm: str | None = None) -> Any: ...

@overload
def rfftn(a: Tensor, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Tensor:
    """y = fft(rfft(a)): :func:`rfft` along the last of several axes, :func:`fft` along the others."""
@overload
def rfftn(a: Any, s: Sequence[int] | None = None, axes: Sequence[int] | None = None, norm: str | None = None) -> Any: ...

@overload
def rint(x: Tensor, /) -> Tensor:
    """y = the integer nearest to x;  dy/dx = 0"""
@overload
def rint(x: Any, /) -> Any: ...

@overload
def roll(x: Tensor, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
    """Entries moved along an axis, those that fall off the end coming back at the start."""
@overload
def roll(x: Any, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Any: ...

@overload
def round(x: Tensor, decimals: int = 0) -> Tensor:
    """x rounded to so many decimals, halves to even; dy/dx = 0."""
@overload
def round(x: Any, decimals: int = 0) -> Any: ...

@overload
def setitem(x: Tensor, index: Any, value: Any) -> Tensor:
    """An array like x but with ``x[index] = value``; x stays as it is. Of an entry named twice the last value stays."""
@overload
def setitem(x: Any, index: Any, value: Tensor) -> Tensor: ...
@overload
def setitem(x: Any, index: Any, value: Any) -> Any: ...

@overload
def sigmoid(x: Tensor) -> Tensor:
    """σ(x) = 1/(1 + e⁻ˣ);  σ' = σ (1 − σ). Never overflows."""
@overload
def sigmoid(x: Any) -> Any: ...

@overload
def sign(x: Tensor, /) -> Tensor:
    """y = −1, 0 or 1;  dy/dx = 0;  of complex numbers y = x/|x|"""
@overload
def sign(x: Any, /) -> Any: ...

@overload
def sin(x: Tensor, /) -> Tensor:
    """y = sin x;  dy/dx = cos x"""
@overload
def sin(x: Any, /) -> Any: ...

@overload
def sinh(x: Tensor, /) -> Tensor:
    """y = sinh x;  dy/dx = cosh x"""
@overload
def sinh(x: Any, /) -> Any: ...

@overload
def sliding_window_view(x: Tensor, window_shape: Any, axis: Any = None) -> Tensor:
    """Every window of a shape, along the last axes; the gradient is the sum over the windows that overlap."""
@overload
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None) -> Any: ...

@overload
def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """yₖ = e^(xₖ) / Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ). Never overflows."""
@overload
def softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Any: ...

@overload
def split(x: Tensor, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
    """A list of pieces along an axis: so many of equal length, or cut at the given indices."""
@overload
def split(x: Any, indices_or_sections: Any, axis: int = 0) -> Any: ...

@overload
def sqrt(x: Tensor, /) -> Tensor:
    """y = √x;  dy/dx = 1/(2y)"""
@overload
def sqrt(x: Any, /) -> Any: ...

@overload
def square(x: Tensor, /) -> Tensor:
    """y = x²;  dy/dx = 2x"""
@overload
def square(x: Any, /) -> Any: ...

@overload
def squeeze(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """Axes of length 1 left out: all of them, or those given."""
@overload
def squeeze(x: Any, axis: int | Sequence[int] | None = None) -> Any: ...

@overload
def stack(arrays: Sequence[Tensor], axis: int = 0) -> Tensor:
    """Arrays of one shape along a new axis."""
@overload
def stack(arrays: Sequence[Any], axis: int = 0) -> Any: ...

@overload
def std(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Tensor:
    """y = √(Σ (x − x̄)² / (n − ddof)) over the given axes; ∂y/∂xᵢ = (xᵢ − x̄) / (y (n − ddof)), taken as 0 at y = 0."""
@overload
def std(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Any: ...

@overload
def subtract(a: Tensor, b: Any, /) -> Tensor:
    """y = a − b;  ∂y/∂a = 1,  ∂y/∂b = −1"""
@overload
def subtract(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def subtract(a: Any, b: Any, /) -> Any: ...

@overload
def sum(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """Σ x over the given axes; ∂y/∂xᵢ = 1, or 0 where ``where`` is false."""
@overload
def sum(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
@overload
def swapaxes(x: Any, axis1: int, axis2: int) -> Any: ...

@overload
def take(x: Tensor, indices: Any, axis: int | None = None, *, mode: str = 'raise') -> Tensor:
    """Entries at integer indices along an axis, or of ``ravel(x)``."""
@overload
def take(x: Any, indices: Any, axis: int | None = None, *, mode: str = 'raise') -> Any: ...

@overload
def take_along_axis(x: Tensor, indices: Any, axis: int | None = -1) -> Tensor:
    """For each line along the axis, the entries at that line's own indices: what ``argsort`` and ``argmax`` give."""
@overload
def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any: ...

@overload
def tan(x: Tensor, /) -> Tensor:
    """y = tan x;  dy/dx = 1 + y²"""
@overload
def tan(x: Any, /) -> Any: ...

@overload
def tanh(x: Tensor, /) -> Tensor:
    """y = tanh x;  dy/dx = 1 − y²"""
@overload
def tanh(x: Any, /) -> Any: ...

@overload
def tensordot(a: Tensor, b: Any, axes: Any = 2) -> Tensor:
    """The sum of products over pairs of axes: the last n of a with the first n of b, or (axes of a, axes of b)."""
@overload
def tensordot(a: Any, b: Tensor, axes: Any = 2) -> Tensor: ...
@overload
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any: ...

@overload
def tile(x: Tensor, reps: int | Sequence[int]) -> Tensor:
    """The whole array side by side, so many times along each axis."""
@overload
def tile(x: Any, reps: int | Sequence[int]) -> Any: ...

@overload
def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity."""
@overload
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any: ...

@overload
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    """Axes in another order, reversed by default: y[i, j] = x[j, i]. The gradient is transposed back."""
@overload
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any: ...

@overload
def tril(x: Tensor, k: int = 0) -> Tensor:
    """The entries on and below the k-th diagonal, 0 above it."""
@overload
def tril(x: Any, k: int = 0) -> Any: ...

@overload
def triu(x: Tensor, k: int = 0) -> Tensor:
    """The entries on and above the k-th diagonal, 0 below it."""
@overload
def triu(x: Any, k: int = 0) -> Any: ...

@overload
def trunc(x: Tensor, /) -> Tensor:
    """y = x without its fraction;  dy/dx = 0"""
@overload
def trunc(x: Any, /) -> Any: ...

@overload
def var(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Tensor:
    """Σ (x − x̄)² / (n − ddof) over the given axes; ∂y/∂xᵢ = 2 (xᵢ − x̄) / (n − ddof). Parameters as for :func:`sum`."""
@overload
def var(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Any: ...

@overload
def vdot(a: Tensor, b: Any) -> Tensor:
    """Σ ā b over all entries."""
@overload
def vdot(a: Any, b: Tensor) -> Tensor: ...
@overload
def vdot(a: Any, b: Any) -> Any: ...

@overload
def vstack(arrays: Sequence[Tensor]) -> Tensor:
    """Arrays one below another: along the first axis, vectors as rows."""
@overload
def vstack(arrays: Sequence[Any]) -> Any: ...

@overload
def where(condition: Any, a: Tensor, b: Any = None) -> Tensor:
    """``a`` where the condition is true, ``b`` elsewhere; each receives the gradient where it was chosen, 0 elsewhere."""
@overload
def where(condition: Any, a: Any, b: Tensor) -> Tensor: ...
@overload
def where(condition: Any, a: Any = None, b: Any = None) -> Any: ...

class TableMethods:
    __slots__ = ()

    def abs(self, /) -> Tensor:
        """y = |x|;  dy/dx = sign x (0 at 0), of complex numbers x̄/y"""
    def absolute(self, /) -> Tensor:
        """y = |x|;  dy/dx = sign x (0 at 0), of complex numbers x̄/y"""
    def add(self, b: Any, /) -> Tensor:
        """y = a + b;  ∂y/∂a = 1,  ∂y/∂b = 1"""
    def amax(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """The largest entry along the axes. The gradient goes to it; entries that tie share it equally."""
    def amin(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """The smallest entry along the axes. The gradient goes to it; entries that tie share it equally."""
    def arccos(self, /) -> Tensor:
        """y = arccos x;  dy/dx = −1/√(1 − x²)"""
    def arccosh(self, /) -> Tensor:
        """y = arcosh x;  dy/dx = 1/√(x² − 1)"""
    def arcsin(self, /) -> Tensor:
        """y = arcsin x;  dy/dx = 1/√(1 − x²)"""
    def arcsinh(self, /) -> Tensor:
        """y = arsinh x;  dy/dx = 1/√(x² + 1)"""
    def arctan(self, /) -> Tensor:
        """y = arctan x;  dy/dx = 1/(1 + x²)"""
    def arctan2(self, b: Any, /) -> Tensor:
        """y = arctan(a/b) in the quadrant of (b, a);  ∂y/∂a = b/r²,  ∂y/∂b = −a/r²,  r² = a² + b² (0 at the origin)"""
    def arctanh(self, /) -> Tensor:
        """y = artanh x;  dy/dx = 1/(1 − x²)"""
    def broadcast_to(self, shape: Any) -> Tensor:
        """``x`` repeated along new axes and axes of length 1. The gradient is the sum over the copies."""
    def cbrt(self, /) -> Tensor:
        """y = ∛x;  dy/dx = 1/(3y²)"""
    def ceil(self, /) -> Tensor:
        """y = ⌈x⌉;  dy/dx = 0"""
    def clip(self, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Tensor:
        """min(max(x, a_min), a_max); None is no bound. The gradient goes to x within the bounds, at them too, else to the bound."""
    def conj(self, /) -> Tensor:
        """y = x̄; of real numbers x itself, dy/dx = 1"""
    def conjugate(self, /) -> Tensor:
        """y = x̄; of real numbers x itself, dy/dx = 1"""
    def cos(self, /) -> Tensor:
        """y = cos x;  dy/dx = −sin x"""
    def cosh(self, /) -> Tensor:
        """y = cosh x;  dy/dx = sinh x"""
    def cumprod(self, axis: int | None = None, *, dtype: Any = None) -> Tensor:
        """Running products along an axis, or of ``ravel(x)``: yₖ = Πᵢ₌₀..ₖ xᵢ. Its derivative is right at zeros too."""
    def cumsum(self, axis: int | None = None, *, dtype: Any = None) -> Tensor:
        """Running sums along an axis, or of ``ravel(x)``: yₖ = Σᵢ₌₀..ₖ xᵢ. The gradient is the running sum from the end."""
    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """x[i, i + offset] along two axes, as the last axis of the output."""
    def divide(self, b: Any, /) -> Tensor:
        """y = a / b;  ∂y/∂a = 1/b,  ∂y/∂b = −y/b"""
    def dot(self, b: Any) -> Tensor:
        """Σₖ a[…, k] b[…, k, :]: over the last axis of a and the last but one of b; with a scalar, the product."""
    def erf(self, /) -> Tensor:
        """y = (2/√π) ∫₀ˣ e^(−t²) dt;  dy/dx = (2/√π) e^(−x²)"""
    def erfc(self, /) -> Tensor:
        """y = 1 − erf x, with all its digits for large x;  dy/dx = −(2/√π) e^(−x²)"""
    def exp(self, /) -> Tensor:
        """y = eˣ;  dy/dx = y"""
    def exp2(self, /) -> Tensor:
        """y = 2ˣ;  dy/dx = y ln 2"""
    def expand_dims(self, axis: int | Sequence[int]) -> Tensor:
        """New axes of length 1, at the places they will have."""
    def expm1(self, /) -> Tensor:
        """y = eˣ − 1;  dy/dx = eˣ"""
    def flatten(self, order: str = 'C') -> Tensor:
        """All entries in one axis."""
    def flip(self, axis: int | Sequence[int] | None = None) -> Tensor:
        """The entries in reverse order along every axis, or those given."""
    def float_power(self, b: Any, /) -> Tensor:
        """y = aᵇ, in double precision at least;  ∂y/∂a = b aᵇ⁻¹,  ∂y/∂b = y ln a"""
    def floor(self, /) -> Tensor:
        """y = ⌊x⌋;  dy/dx = 0"""
    def floor_divide(self, b: Any, /) -> Tensor:
        """y = ⌊a/b⌋;  ∂y/∂a = ∂y/∂b = 0"""
    def fmax(self, b: Any, /) -> Tensor:
        """y = max(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie"""
    def fmin(self, b: Any, /) -> Tensor:
        """y = min(a, b), or the one that is not NaN;  the gradient goes to it, half to each on a tie"""
    def heaviside(self, h: Any, /) -> Tensor:
        """y = 0 for x < 0, h at 0, 1 for x > 0;  ∂y/∂x = 0,  ∂y/∂h = 1 at x = 0, else 0"""
    def hypot(self, b: Any, /) -> Tensor:
        """y = √(a² + b²);  ∂y/∂a = a/y,  ∂y/∂b = b/y (0 at the origin)"""
    def inner(self, b: Any) -> Tensor:
        """Σₖ a[…, k] b[…, k], for all pairs of lines."""
    def log(self, /) -> Tensor:
        """y = ln x;  dy/dx = 1/x"""
    def log10(self, /) -> Tensor:
        """y = log₁₀ x;  dy/dx = 1/(x ln 10)"""
    def log1p(self, /) -> Tensor:
        """y = ln(1 + x);  dy/dx = 1/(1 + x)"""
    def log2(self, /) -> Tensor:
        """y = log₂ x;  dy/dx = 1/(x ln 2)"""
    def log_softmax(self, axis: int | Sequence[int] | None = -1) -> Tensor:
        """yₖ = xₖ − ln Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = δⱼₖ − e^(yⱼ). Exact where softmax rounds to 0."""
    def logaddexp(self, b: Any, /) -> Tensor:
        """y = ln(eᵃ + eᵇ);  ∂y/∂a = eᵃ⁻ʸ,  ∂y/∂b = eᵇ⁻ʸ"""
    def logsumexp(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Tensor:
        """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax."""
    def matmul(self, b: Any, /) -> Tensor:
        """a @ b: Y = A B;  ∂/∂A: G Bᵀ,  ∂/∂B: Aᵀ G. Vectors and stacks of matrices as in NumPy."""
    def max(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """The largest entry along the axes. The gradient goes to it; entries that tie share it equally."""
    def maximum(self, b: Any, /) -> Tensor:
        """y = max(a, b);  the gradient goes to the larger, half to each on a tie"""
    def mean(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
        """Σ x / n over the given axes; ∂y/∂xᵢ = 1/n. Parameters as for :func:`sum`."""
    def min(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """The smallest entry along the axes. The gradient goes to it; entries that tie share it equally."""
    def minimum(self, b: Any, /) -> Tensor:
        """y = min(a, b);  the gradient goes to the smaller, half to each on a tie"""
    def mod(self, b: Any, /) -> Tensor:
        """y = a − b ⌊a/b⌋;  ∂y/∂a = 1,  ∂y/∂b = −⌊a/b⌋"""
    def moveaxis(self, source: int | Sequence[int] | None, destination: int | Sequence[int] | None) -> Tensor:
        """Axes moved to new places, the others kept in order."""
    def multiply(self, b: Any, /) -> Tensor:
        """y = a b;  ∂y/∂a = b,  ∂y/∂b = a"""
    def negative(self, /) -> Tensor:
        """y = −x;  dy/dx = −1"""
    def norm(self, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
        """Length: √Σ x² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0."""
    def outer(self, b: Any) -> Tensor:
        """yᵢⱼ = aᵢ bⱼ, of the entries in one axis."""
    def positive(self, /) -> Tensor:
        """y = x;  dy/dx = 1"""
    def pow(self, b: Any, /) -> Tensor:
        """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 < b)"""
    def power(self, b: Any, /) -> Tensor:
        """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 < b)"""
    def prod(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """Π x over the given axes; ∂y/∂xᵢ is the product of the others, also where some are 0."""
    def ravel(self, order: str = 'C') -> Tensor:
        """All entries in one axis."""
    def reciprocal(self, /) -> Tensor:
        """y = 1/x;  dy/dx = −y²"""
    def relu(self, *, slope_at_zero: float = 0.0) -> Tensor:
        """max(x, 0); the derivative is 1 for x > 0, 0 for x < 0, and ``slope_at_zero`` at 0, where there is none."""
    def remainder(self, b: Any, /) -> Tensor:
        """y = a − b ⌊a/b⌋;  ∂y/∂a = 1,  ∂y/∂b = −⌊a/b⌋"""
    def repeat(self, repeats: Any, axis: int | None = None) -> Tensor:
        """Each entry along the axis so many times, one after the other."""
    def rint(self, /) -> Tensor:
        """y = the integer nearest to x;  dy/dx = 0"""
    def roll(self, shift: int | Sequence[int], axis: int | Sequence[int] | None = None) -> Tensor:
        """Entries moved along an axis, those that fall off the end coming back at the start."""
    def round(self, decimals: int = 0) -> Tensor:
        """x rounded to so many decimals, halves to even; dy/dx = 0."""
    def sigmoid(self) -> Tensor:
        """σ(x) = 1/(1 + e⁻ˣ);  σ' = σ (1 − σ). Never overflows."""
    def sign(self, /) -> Tensor:
        """y = −1, 0 or 1;  dy/dx = 0;  of complex numbers y = x/|x|"""
    def sin(self, /) -> Tensor:
        """y = sin x;  dy/dx = cos x"""
    def sinh(self, /) -> Tensor:
        """y = sinh x;  dy/dx = cosh x"""
    def softmax(self, axis: int | Sequence[int] | None = -1) -> Tensor:
        """yₖ = e^(xₖ) / Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ). Never overflows."""
    def split(self, indices_or_sections: Any, axis: int = 0) -> list[Tensor]:
        """A list of pieces along an axis: so many of equal length, or cut at the given indices."""
    def sqrt(self, /) -> Tensor:
        """y = √x;  dy/dx = 1/(2y)"""
    def square(self, /) -> Tensor:
        """y = x²;  dy/dx = 2x"""
    def squeeze(self, axis: int | Sequence[int] | None = None) -> Tensor:
        """Axes of length 1 left out: all of them, or those given."""
    def std(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Tensor:
        """y = √(Σ (x − x̄)² / (n − ddof)) over the given axes; ∂y/∂xᵢ = (xᵢ − x̄) / (y (n − ddof)), taken as 0 at y = 0."""
    def subtract(self, b: Any, /) -> Tensor:
        """y = a − b;  ∂y/∂a = 1,  ∂y/∂b = −1"""
    def sum(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """Σ x over the given axes; ∂y/∂xᵢ = 1, or 0 where ``where`` is false."""
    def swapaxes(self, axis1: int, axis2: int) -> Tensor:
        """Two axes exchanged."""
    def take(self, indices: Any, axis: int | None = None, *, mode: str = 'raise') -> Tensor:
        """Entries at integer indices along an axis, or of ``ravel(x)``."""
    def take_along_axis(self, indices: Any, axis: int | None = -1) -> Tensor:
        """For each line along the axis, the entries at that line's own indices: what ``argsort`` and ``argmax`` give."""
    def tan(self, /) -> Tensor:
        """y = tan x;  dy/dx = 1 + y²"""
    def tanh(self, /) -> Tensor:
        """y = tanh x;  dy/dx = 1 − y²"""
    def tile(self, reps: int | Sequence[int]) -> Tensor:
        """The whole array side by side, so many times along each axis."""
    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity."""
    def tril(self, k: int = 0) -> Tensor:
        """The entries on and below the k-th diagonal, 0 above it."""
    def triu(self, k: int = 0) -> Tensor:
        """The entries on and above the k-th diagonal, 0 below it."""
    def trunc(self, /) -> Tensor:
        """y = x without its fraction;  dy/dx = 0"""
    def var(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, correction: float | None = None) -> Tensor:
        """Σ (x − x̄)² / (n − ddof) over the given axes; ∂y/∂xᵢ = 2 (xᵢ − x̄) / (n − ddof). Parameters as for :func:`sum`."""
    def vdot(self, b: Any) -> Tensor:
        """Σ ā b over all entries."""
