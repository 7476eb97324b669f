"""The types of the table's functions, and of those that are methods. Written by ``make stubs``."""

from collections.abc import Sequence
from typing import Any, overload

from ..table.determinants import SlogdetResult
from ..table.eigenvalues import EigResult, EighResult
from .tensor import Tensor

__all__ = [
    "abs",
    "add",
    "amax",
    "amin",
    "angle",
    "append",
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
    "atleast_3d",
    "average",
    "avg_pool2d",
    "binary_cross_entropy",
    "bincount",
    "block",
    "broadcast_arrays",
    "broadcast_to",
    "cbrt",
    "ceil",
    "celu",
    "cholesky",
    "choose",
    "clip",
    "column_stack",
    "compress",
    "concatenate",
    "cond",
    "conj",
    "conv1d",
    "conv2d",
    "conv_transpose1d",
    "conv_transpose2d",
    "convolve",
    "copy",
    "copysign",
    "corrcoef",
    "correlate",
    "cos",
    "cosh",
    "cov",
    "cross",
    "cross_entropy",
    "cumprod",
    "cumsum",
    "cumulative_prod",
    "cumulative_sum",
    "deg2rad",
    "degrees",
    "delete",
    "det",
    "diag",
    "diagflat",
    "diagonal",
    "diff",
    "divide",
    "dot",
    "dsplit",
    "dstack",
    "ediff1d",
    "eig",
    "eigh",
    "eigvals",
    "eigvalsh",
    "einsum",
    "elu",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "expand_dims",
    "expm1",
    "extract",
    "fabs",
    "fft",
    "fft2",
    "fftn",
    "fftshift",
    "fix",
    "flip",
    "fliplr",
    "flipud",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gelu",
    "geomspace",
    "getitem",
    "glu",
    "gradient",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "heaviside",
    "hfft",
    "hsplit",
    "hstack",
    "hypot",
    "i0",
    "ifft",
    "ifft2",
    "ifftn",
    "ifftshift",
    "ihfft",
    "imag",
    "inner",
    "insert",
    "interp",
    "inv",
    "irfft",
    "irfft2",
    "irfftn",
    "ix_",
    "kaiser",
    "kl_div",
    "kron",
    "ldexp",
    "leaky_relu",
    "linear",
    "linspace",
    "log",
    "log10",
    "log1p",
    "log2",
    "log_softmax",
    "logaddexp",
    "logaddexp2",
    "logsigmoid",
    "logspace",
    "logsumexp",
    "lstsq",
    "matmul",
    "matrix_norm",
    "matrix_power",
    "matrix_transpose",
    "matvec",
    "max",
    "max_pool2d",
    "maximum",
    "mean",
    "median",
    "meshgrid",
    "min",
    "minimum",
    "mish",
    "mod",
    "modf",
    "moveaxis",
    "multi_dot",
    "multiply",
    "nan_to_num",
    "nancumprod",
    "nancumsum",
    "nanmax",
    "nanmean",
    "nanmedian",
    "nanmin",
    "nanpercentile",
    "nanprod",
    "nanquantile",
    "nanstd",
    "nansum",
    "nanvar",
    "negative",
    "nextafter",
    "norm",
    "outer",
    "pad",
    "partition",
    "percentile",
    "pinv",
    "poly",
    "polyadd",
    "polyder",
    "polydiv",
    "polyfit",
    "polyint",
    "polymul",
    "polysub",
    "polyval",
    "positive",
    "power",
    "prelu",
    "prod",
    "ptp",
    "qr",
    "quantile",
    "rad2deg",
    "radians",
    "ravel",
    "real",
    "real_if_close",
    "reciprocal",
    "relu",
    "relu6",
    "repeat",
    "reshape",
    "resize",
    "rfft",
    "rfft2",
    "rfftn",
    "rint",
    "roll",
    "rollaxis",
    "roots",
    "rot90",
    "round",
    "select",
    "selu",
    "setdiff1d",
    "setitem",
    "setxor1d",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinc",
    "sinh",
    "sliding_window_view",
    "slogdet",
    "softmax",
    "softplus",
    "softshrink",
    "softsign",
    "solve",
    "sort",
    "split",
    "sqrt",
    "square",
    "squeeze",
    "stack",
    "std",
    "subtract",
    "sum",
    "svd",
    "svdvals",
    "swapaxes",
    "take",
    "take_along_axis",
    "tan",
    "tanh",
    "tanhshrink",
    "tensordot",
    "tensorinv",
    "tensorsolve",
    "tile",
    "trace",
    "transpose",
    "trapezoid",
    "tril",
    "trim_zeros",
    "triu",
    "trunc",
    "union1d",
    "unique",
    "unique_values",
    "unstack",
    "unwrap",
    "vander",
    "var",
    "vdot",
    "vecdot",
    "vecmat",
    "vector_norm",
    "vsplit",
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
def append(arr: Tensor, values: Any, axis: int | None = None) -> Tensor:
    """The values after the array, along an axis; without one, both as vectors."""
@overload
def append(arr: Any, values: Tensor, axis: int | None = None) -> Tensor: ...
@overload
def append(arr: Any, values: Any, axis: int | None = None) -> Any: ...

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
def atleast_1d(x: Tensor, *more: Any) -> Tensor:
    """``x``, a scalar as a vector of one entry; of several arrays, a tuple."""
@overload
def atleast_1d(x: Any, *more: Tensor) -> Tensor: ...
@overload
def atleast_1d(x: Any, *more: Any) -> Any: ...

@overload
def atleast_2d(x: Tensor, *more: Any) -> Tensor:
    """``x``, a scalar or a vector as a matrix of one row; of several arrays, a tuple."""
@overload
def atleast_2d(x: Any, *more: Tensor) -> Tensor: ...
@overload
def atleast_2d(x: Any, *more: Any) -> Any: ...

@overload
def atleast_3d(x: Tensor, *more: Any) -> Tensor:
    """``x`` with three axes or more: a vector of shape (n,) has shape (1, n, 1) then, a matrix (m, n, 1)."""
@overload
def atleast_3d(x: Any, *more: Tensor) -> Tensor: ...
@overload
def atleast_3d(x: Any, *more: Any) -> Any: ...

@overload
def average(x: Tensor, axis: int | Sequence[int] | None = None, weights: Any = None, *, returned: bool = False, keepdims: bool = False) -> Tensor:
    """Σ w x / Σ w over the given axes;  ∂y/∂xᵢ = wᵢ / Σ w,  ∂y/∂wᵢ = (xᵢ − y) / Σ w."""
@overload
def average(x: Any, axis: int | Sequence[int] | None, weights: Tensor, *, returned: bool = False, keepdims: bool = False) -> Tensor: ...
@overload
def average(x: Any, axis: int | Sequence[int] | None = None, weights: Any = None, *, returned: bool = False, keepdims: bool = False) -> Any: ...

@overload
def avg_pool2d(x: Tensor, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True) -> Tensor:
    """Σ x / n over the n entries of each window; each of them receives g / n."""
@overload
def avg_pool2d(x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, *, count_include_pad: bool = True) -> Any: ...

@overload
def binary_cross_entropy(p: Tensor, target: Any, *, weight: Any = None, reduction: str = 'mean') -> Tensor:
    """E = −t ln p − (1 − t) ln(1 − p);  ∂E/∂p = (p − t)/(p (1 − p)). As in PyTorch, no logarithm is below −100;"""
@overload
def binary_cross_entropy(p: Any, target: Tensor, *, weight: Any = None, reduction: str = 'mean') -> Tensor: ...
@overload
def binary_cross_entropy(p: Any, target: Any, *, weight: Any = None, reduction: str = 'mean') -> Any: ...

@overload
def bincount(x: Any, weights: Tensor, minlength: int = 0) -> Tensor:
    """yₖ = Σ of the weights wᵢ at xᵢ = k, for integers xᵢ ≥ 0;  ∂y/∂wᵢ = 1 at k = xᵢ. In double precision."""
@overload
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any: ...

@overload
def block(arrays: Sequence[Tensor]) -> Tensor:
    """A matrix of blocks: the innermost lists are joined along the last axis, those around them along the one before."""
@overload
def block(arrays: Any) -> Any: ...

@overload
def broadcast_arrays(*args: Tensor, subok: bool = False) -> tuple[Tensor, ...]:
    """The arrays, each broadcast to the shape that all have together; ``subok`` says nothing of Tensors."""
@overload
def broadcast_arrays(*args: Any, subok: bool = False) -> Any: ...

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
def celu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """y = x for x > 0, else α (e^(x/α) − 1);  dy/dx = 1 for x > 0, else e^(x/α): continuous for every α."""
@overload
def celu(x: Any, alpha: float = 1.0) -> Any: ...

@overload
def cholesky(a: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular L with A = L Lᴴ, or with ``upper`` Lᴴ."""
@overload
def cholesky(a: Any, *, upper: bool = False) -> Any: ...

@overload
def choose(a: Any, choices: Sequence[Tensor], *, mode: str = 'raise') -> Tensor:
    """The entry of the array whose number stands at its place: y[i] = choices[a[i]][i]; the gradient goes to it."""
@overload
def choose(a: Any, choices: Any, *, mode: str = 'raise') -> Any: ...

@overload
def clip(x: Tensor, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None, casting: Any = 'same_kind', order: str = 'K') -> Tensor:
    """min(max(x, a_min), a_max); None is no bound. The gradient goes to x within the bounds, at them too, else to the bound."""
@overload
def clip(x: Any, a_min: Tensor, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None, casting: Any = 'same_kind', order: str = 'K') -> Tensor: ...
@overload
def clip(x: Any, a_min: Any, a_max: Tensor, *, min: Any = None, max: Any = None, dtype: Any = None, casting: Any = 'same_kind', order: str = 'K') -> Tensor: ...
@overload
def clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None, casting: Any = 'same_kind', order: str = 'K') -> Any: ...

@overload
def column_stack(tup: Sequence[Tensor]) -> Tensor:
    """Vectors side by side as the columns of a matrix; matrices as they are."""
@overload
def column_stack(tup: Sequence[Any]) -> Any: ...

@overload
def compress(condition: Any, a: Tensor, axis: int | None = None) -> Tensor:
    """The entries along an axis, or of ``ravel(a)``, where a vector of conditions is true."""
@overload
def compress(condition: Any, a: Any, axis: int | None = None) -> Any: ...

@overload
def concatenate(arrays: Sequence[Tensor], axis: int | None = 0, *, dtype: Any = None, casting: Any = 'same_kind') -> Tensor:
    """Arrays one after another along an axis that is there already. The gradient is cut in the same places."""
@overload
def concatenate(arrays: Sequence[Any], axis: int | None = 0, *, dtype: Any = None, casting: Any = 'same_kind') -> Any: ...

@overload
def cond(x: Tensor, p: Any = None) -> Tensor:
    """The condition number |A| |A⁻¹| in the norm ``p`` of :func:`norm`; by default the largest singular value by the"""
@overload
def cond(x: Any, p: Any = None) -> Any: ...

@overload
def conj(x: Tensor, /) -> Tensor:
    """y = x̄; of real numbers x itself, dy/dx = 1"""
@overload
def conj(x: Any, /) -> Any: ...

@overload
def conv1d(x: Tensor, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor:
    """y[n, o, i] = b[o] + Σ w[o, c, k] x[n, c, i + k]: as ``conv2d``, along series in place of images."""
@overload
def conv1d(x: Any, weight: Tensor, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Any, weight: Any, bias: Tensor, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Tensor: ...
@overload
def conv1d(x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Any: ...

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
def conv_transpose1d(x: Tensor, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:
    """y[n, o, s i + k] = b[o] + Σ w[c, o, k] x[n, c, i]: the transpose of ``conv1d``."""
@overload
def conv_transpose1d(x: Any, weight: Tensor, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Any, weight: Any, bias: Tensor, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor: ...
@overload
def conv_transpose1d(x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Any: ...

@overload
def conv_transpose2d(x: Tensor, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor:
    """y[n, o, s i + k, s j + l] = b[o] + Σ w[c, o, k, l] x[n, c, i, j]: the transpose of ``conv2d``, which enlarges."""
@overload
def conv_transpose2d(x: Any, weight: Tensor, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Any, weight: Any, bias: Tensor, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Tensor: ...
@overload
def conv_transpose2d(x: Any, weight: Any, bias: Any = None, *, stride: Any = 1, padding: Any = 0, output_padding: Any = 0, groups: int = 1, dilation: Any = 1) -> Any: ...

@overload
def convolve(a: Tensor, v: Any, mode: Any = 'full') -> Tensor:
    """yₖ = Σᵢ aᵢ vₖ₋ᵢ of two sequences;  ∂E/∂a is the correlation of g with v, and ∂E/∂v of g with a."""
@overload
def convolve(a: Any, v: Tensor, mode: Any = 'full') -> Tensor: ...
@overload
def convolve(a: Any, v: Any, mode: Any = 'full') -> Any: ...

@overload
def copy(x: Tensor, order: str = 'K') -> Tensor:
    """An array of its own with the same values, laid out as :func:`numpy.copy` does; the gradient passes through."""
@overload
def copy(x: Any, order: str = 'K') -> Any: ...

@overload
def copysign(a: Tensor, b: Any, /) -> Tensor:
    """y = |a| with the sign of b;  ∂y/∂a = sign a sign b (0 at a = 0),  ∂y/∂b = 0"""
@overload
def copysign(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def copysign(a: Any, b: Any, /) -> Any: ...

@overload
def corrcoef(x: Tensor, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Tensor:
    """yᵢⱼ = cᵢⱼ / √(cᵢᵢ cⱼⱼ) of the covariances c of variables: from −1 to 1, and 1 of each with itself."""
@overload
def corrcoef(x: Any, y: Tensor, rowvar: bool = True, *, dtype: Any = None) -> Tensor: ...
@overload
def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any: ...

@overload
def correlate(a: Tensor, v: Any, mode: Any = 'valid') -> Tensor:
    """yₖ = Σᵢ aᵢ₊ₖ v̄ᵢ of two sequences. Parameters as for :func:`convolve`."""
@overload
def correlate(a: Any, v: Tensor, mode: Any = 'valid') -> Tensor: ...
@overload
def correlate(a: Any, v: Any, mode: Any = 'valid') -> Any: ...

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
def cov(x: Tensor, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Tensor:
    """The covariances of variables, which are rows: (X − X̄) (X − X̄)ᵀ / (n − 1) for n observations in columns."""
@overload
def cov(x: Any, y: Tensor, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Tensor: ...
@overload
def cov(x: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None, aweights: Any = None, *, dtype: Any = None) -> Any: ...

@overload
def cross(a: Tensor, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor:
    """The cross product a × b of vectors of three components; those of two have third component 0, and two such give a"""
@overload
def cross(a: Any, b: Tensor, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Tensor: ...
@overload
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any: ...

@overload
def cross_entropy(logits: Tensor, target: Any, *, axis: int = -1, weight: Any = None, ignore_index: int | None = None, label_smoothing: float = 0.0, reduction: str = 'mean') -> Tensor:
    """E = −Σₖ tₖ ln yₖ with y = softmax(z);  ∂E/∂z = y Σₖ tₖ − t, which is y − t where Σₖ tₖ = 1."""
@overload
def cross_entropy(logits: Any, target: Tensor, *, axis: int = -1, weight: Any = None, ignore_index: int | None = None, label_smoothing: float = 0.0, reduction: str = 'mean') -> Tensor: ...
@overload
def cross_entropy(logits: Any, target: Any, *, axis: int = -1, weight: Any = None, ignore_index: int | None = None, label_smoothing: float = 0.0, reduction: str = 'mean') -> Any: ...

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
def cumulative_prod(x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Running products along an axis: yₖ = Πᵢ₌₀..ₖ xᵢ; an axis must be given where there are several."""
@overload
def cumulative_prod(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any: ...

@overload
def cumulative_sum(x: Tensor, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Tensor:
    """Running sums along an axis, as :func:`cumsum`; an axis must be given where there are several."""
@overload
def cumulative_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any: ...

@overload
def deg2rad(x: Tensor, /) -> Tensor:
    """y = π x / 180;  dy/dx = π/180"""
@overload
def deg2rad(x: Any, /) -> Any: ...

@overload
def degrees(x: Tensor, /) -> Tensor:
    """y = 180 x / π;  dy/dx = 180/π"""
@overload
def degrees(x: Any, /) -> Any: ...

@overload
def delete(arr: Tensor, obj: Any, axis: int | None = None) -> Tensor:
    """The entries at the given places along an axis left out; without one, of the entries in one axis."""
@overload
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any: ...

@overload
def det(a: Tensor) -> Tensor:
    """The determinant: ∂ det A = tr(adj(A) ∂A), where adj(A) = A⁻¹ det A, which singular matrices have too."""
@overload
def det(a: Any) -> Any: ...

@overload
def diag(v: Tensor, k: int = 0) -> Tensor:
    """A matrix with the vector on its k-th diagonal, zero elsewhere; of a matrix, the k-th diagonal."""
@overload
def diag(v: Any, k: int = 0) -> Any: ...

@overload
def diagflat(v: Tensor, k: int = 0) -> Tensor:
    """A matrix with all entries of v on its k-th diagonal, zero elsewhere."""
@overload
def diagflat(v: Any, k: int = 0) -> Any: ...

@overload
def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """x[i, i + offset] along two axes, as the last axis of the output."""
@overload
def diagonal(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any: ...

@overload
def diff(x: Tensor, n: int = 1, axis: int = -1, prepend: Any = ..., append: Any = ...) -> Tensor:
    """xₖ₊₁ − xₖ along an axis, n times; the gradient is the difference of gradients the other way round."""
@overload
def diff(x: Any, n: int, axis: int, prepend: Tensor, append: Any = ...) -> Tensor: ...
@overload
def diff(x: Any, n: int, axis: int, prepend: Any, append: Tensor) -> Tensor: ...
@overload
def diff(x: Any, n: int = 1, axis: int = -1, prepend: Any = ..., append: Any = ...) -> Any: ...

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
def dsplit(ary: Tensor, indices_or_sections: Any) -> list[Tensor]:
    """Pieces along the third axis; as :func:`split`."""
@overload
def dsplit(ary: Any, indices_or_sections: Any) -> Any: ...

@overload
def dstack(tup: Sequence[Tensor]) -> Tensor:
    """Arrays one behind the other: along the third axis."""
@overload
def dstack(tup: Sequence[Any]) -> Any: ...

@overload
def ediff1d(x: Tensor, to_end: Any = None, to_begin: Any = None) -> Tensor:
    """xₖ₊₁ − xₖ of all entries in one line."""
@overload
def ediff1d(x: Any, to_end: Tensor, to_begin: Any = None) -> Tensor: ...
@overload
def ediff1d(x: Any, to_end: Any, to_begin: Tensor) -> Tensor: ...
@overload
def ediff1d(x: Any, to_end: Any = None, to_begin: Any = None) -> Any: ...

@overload
def eig(a: Tensor) -> EigResult:
    """Eigenvalues λ and eigenvectors, the columns of V, of square matrices. A named tuple (eigenvalues, eigenvectors)."""
@overload
def eig(a: Any) -> Any: ...

@overload
def eigh(a: Tensor, UPLO: str = 'L') -> EighResult:
    """Eigenvalues λ, in ascending order, and eigenvectors, the columns of V, of symmetric or Hermitian matrices."""
@overload
def eigh(a: Any, UPLO: str = 'L') -> Any: ...

@overload
def eigvals(a: Tensor) -> Tensor:
    """The eigenvalues of square matrices: ∂λᵢ = (V⁻¹ ∂A V)ᵢᵢ. As for :func:`eig`."""
@overload
def eigvals(a: Any) -> Any: ...

@overload
def eigvalsh(a: Tensor, UPLO: str = 'L') -> Tensor:
    """The eigenvalues of symmetric or Hermitian matrices, in ascending order: ∂λᵢ = vᵢᴴ ∂A vᵢ."""
@overload
def eigvalsh(a: Any, UPLO: str = 'L') -> Any: ...

@overload
def einsum(*arguments: Tensor, optimize: Any = False, dtype: Any = None, order: str = 'K', casting: Any = 'safe') -> Tensor:
    """Einstein's summation: products of entries, summed over every label the output lacks."""
@overload
def einsum(*arguments: Any, optimize: Any = False, dtype: Any = None, order: str = 'K', casting: Any = 'safe') -> Any: ...

@overload
def elu(x: Tensor, alpha: float = 1.0) -> Tensor:
    """y = x for x > 0, else α (eˣ − 1);  dy/dx = 1 for x > 0, else α eˣ."""
@overload
def elu(x: Any, alpha: float = 1.0) -> Any: ...

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
def extract(condition: Any, arr: Tensor) -> Tensor:
    """The entries where a condition is true, in one axis; both are taken as vectors."""
@overload
def extract(condition: Any, arr: Any) -> Any: ...

@overload
def fabs(x: Tensor, /) -> Tensor:
    """y = |x|, of floats;  dy/dx = sign x (0 at 0)"""
@overload
def fabs(x: Any, /) -> Any: ...

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
def fix(x: Tensor) -> Tensor:
    """y = x without its fraction, as :func:`numpy.trunc`; dy/dx = 0."""
@overload
def fix(x: Any) -> Any: ...

@overload
def flip(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    """The entries in reverse order along every axis, or those given."""
@overload
def flip(x: Any, axis: int | Sequence[int] | None = None) -> Any: ...

@overload
def fliplr(m: Tensor) -> Tensor:
    """The columns in reverse order."""
@overload
def fliplr(m: Any) -> Any: ...

@overload
def flipud(m: Tensor) -> Tensor:
    """The rows in reverse order."""
@overload
def flipud(m: Any) -> Any: ...

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
def fmod(a: Tensor, b: Any, /) -> Tensor:
    """y = a − b trunc(a/b), of the sign of a;  ∂y/∂a = 1,  ∂y/∂b = −trunc(a/b)"""
@overload
def fmod(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def fmod(a: Any, b: Any, /) -> Any: ...

@overload
def gelu(x: Tensor, *, approximate: str = 'none') -> Tensor:
    """y = x Φ(x), with the normal distribution function Φ(x) = ½ (1 + erf(x/√2))."""
@overload
def gelu(x: Any, *, approximate: str = 'none') -> Any: ...

@overload
def geomspace(start: Tensor, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor:
    """yₖ = a (b/a)^(k/(n − 1)): numbers each of which is the one before times the same."""
@overload
def geomspace(start: Any, stop: Tensor, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Tensor: ...
@overload
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any: ...

@overload
def getitem(x: Tensor, index: Any) -> Tensor:
    """``x[index]``: NumPy's basic, integer, boolean and mixed indexing. The gradient is added where it was read."""
@overload
def getitem(x: Any, index: Any) -> Any: ...

@overload
def glu(x: Tensor, axis: int = -1) -> Tensor:
    """y = a σ(b), where a and b are the first and the second half of x along an axis;  ∂y/∂a = σ(b)."""
@overload
def glu(x: Any, axis: int = -1) -> Any: ...

@overload
def gradient(f: Tensor, *varargs: Any, axis: int | Sequence[int] | None = None, edge_order: int = 1) -> Tensor:
    """Slopes of sampled values along each axis, a tuple of them for several; the gradient flows to the coordinates too."""
@overload
def gradient(f: Any, *varargs: Tensor, axis: int | Sequence[int] | None = None, edge_order: int = 1) -> Tensor: ...
@overload
def gradient(f: Any, *varargs: Any, axis: int | Sequence[int] | None = None, edge_order: int = 1) -> Any: ...

@overload
def hardshrink(x: Tensor, lambd: float = 0.5) -> Tensor:
    """y = x for |x| > λ, else 0;  dy/dx = 1 for |x| > λ, else 0 (0 at the bounds, too)."""
@overload
def hardshrink(x: Any, lambd: float = 0.5) -> Any: ...

@overload
def hardsigmoid(x: Tensor) -> Tensor:
    """y = min(max(x + 3, 0), 6) / 6;  dy/dx = 1/6 for |x| < 3, else 0 (0 at the bounds, too)."""
@overload
def hardsigmoid(x: Any) -> Any: ...

@overload
def hardswish(x: Tensor) -> Tensor:
    """y = x min(max(x + 3, 0), 6) / 6;  dy/dx = 0 for x ≤ −3, 1 for x ≥ 3, else x/3 + ½."""
@overload
def hardswish(x: Any) -> Any: ...

@overload
def hardtanh(x: Tensor, min_val: float = -1.0, max_val: float = 1.0) -> Tensor:
    """y = min(max(x, min_val), max_val);  dy/dx = 1 between the bounds, else 0 (0 at the bounds, too)."""
@overload
def hardtanh(x: Any, min_val: float = -1.0, max_val: float = 1.0) -> Any: ...

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
def hsplit(ary: Tensor, indices_or_sections: Any) -> list[Tensor]:
    """Pieces along the second axis, of a vector along its one; as :func:`split`."""
@overload
def hsplit(ary: Any, indices_or_sections: Any) -> Any: ...

@overload
def hstack(arrays: Sequence[Tensor], *, dtype: Any = None, casting: Any = 'same_kind') -> Tensor:
    """Arrays side by side: along the second axis, vectors along their one. Keywords as for :func:`concatenate`."""
@overload
def hstack(arrays: Sequence[Any], *, dtype: Any = None, casting: Any = 'same_kind') -> Any: ...

@overload
def hypot(a: Tensor, b: Any, /) -> Tensor:
    """y = √(a² + b²);  ∂y/∂a = a/y,  ∂y/∂b = b/y (0 at the origin)"""
@overload
def hypot(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def hypot(a: Any, b: Any, /) -> Any: ...

@overload
def i0(x: Tensor) -> Tensor:
    """y = I₀(x) = (1/π) ∫₀^π exp(x cos θ) dθ, the modified Bessel function of order 0;  dy/dx = I₁(x)."""
@overload
def i0(x: Any) -> Any: ...

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
def insert(arr: Tensor, obj: Any, values: Any, axis: int | None = None) -> Tensor:
    """The values put in before the given places along an axis; without one, into the entries in one axis."""
@overload
def insert(arr: Any, obj: Any, values: Tensor, axis: int | None = None) -> Tensor: ...
@overload
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any: ...

@overload
def interp(x: Tensor, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Tensor:
    """y = a + (b − a) (x − c) / (d − c) on the straight line through the points (c, a) and (d, b) beside x."""
@overload
def interp(x: Any, xp: Tensor, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Tensor: ...
@overload
def interp(x: Any, xp: Any, fp: Tensor, left: Any = None, right: Any = None, period: Any = None) -> Tensor: ...
@overload
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any: ...

@overload
def inv(a: Tensor) -> Tensor:
    """A⁻¹: ∂(A⁻¹) = −A⁻¹ ∂A A⁻¹, so the gradient is −A⁻ᵀ G A⁻ᵀ."""
@overload
def inv(a: Any) -> Any: ...

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
def ix_(*args: Tensor) -> tuple[Tensor, ...]:
    """Vectors as arrays xₖ of shape (1, …, nₖ, …, 1), each along an axis of its own; of truth values, the true places."""
@overload
def ix_(*args: Any) -> Any: ...

@overload
def kaiser(M: int, beta: Tensor) -> Tensor:
    """Kaiser's window, y = I₀(β √(1 − t²)) / I₀(β) at M points t from −1 to 1, differentiable by β."""
@overload
def kaiser(M: int, beta: Any) -> Any: ...

@overload
def kl_div(input: Tensor, target: Any, *, log_target: bool = False, reduction: str = 'mean') -> Tensor:
    """E = t (ln t − x), the summands of the Kullback–Leibler divergence of q from t, where x = ln q;  ∂E/∂x = −t."""
@overload
def kl_div(input: Any, target: Tensor, *, log_target: bool = False, reduction: str = 'mean') -> Tensor: ...
@overload
def kl_div(input: Any, target: Any, *, log_target: bool = False, reduction: str = 'mean') -> Any: ...

@overload
def kron(a: Tensor, b: Any) -> Tensor:
    """The Kronecker product: each entry of a times the whole of b, y[i m + k, j n + l] = a[i, j] b[k, l]."""
@overload
def kron(a: Any, b: Tensor) -> Tensor: ...
@overload
def kron(a: Any, b: Any) -> Any: ...

@overload
def ldexp(x: Tensor, exponent: Any) -> Tensor:
    """y = x 2ⁿ for whole exponents n;  dy/dx = 2ⁿ."""
@overload
def ldexp(x: Any, exponent: Any) -> Any: ...

@overload
def leaky_relu(x: Tensor, negative_slope: float = 0.01) -> Tensor:
    """y = x for x > 0, else s x;  dy/dx = 1 for x > 0, else s, the ``negative_slope``."""
@overload
def leaky_relu(x: Any, negative_slope: float = 0.01) -> Any: ...

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
def linspace(start: Tensor, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0, *, device: Any = None) -> Tensor:
    """yₖ = a + k (b − a) / (n − 1): n evenly spaced numbers; ∂yₖ/∂a = 1 − k/(n − 1),  ∂yₖ/∂b = k/(n − 1)."""
@overload
def linspace(start: Any, stop: Tensor, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0, *, device: Any = None) -> Tensor: ...
@overload
def linspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0, *, device: Any = None) -> Any: ...

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
def logaddexp2(a: Tensor, b: Any, /) -> Tensor:
    """y = log₂(2ᵃ + 2ᵇ);  ∂y/∂a = 2ᵃ⁻ʸ,  ∂y/∂b = 2ᵇ⁻ʸ"""
@overload
def logaddexp2(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def logaddexp2(a: Any, b: Any, /) -> Any: ...

@overload
def logsigmoid(x: Tensor) -> Tensor:
    """y = ln σ(x) = −ln(1 + e⁻ˣ);  dy/dx = σ(−x). Exact where the sigmoid rounds to 0 or 1."""
@overload
def logsigmoid(x: Any) -> Any: ...

@overload
def logspace(start: Tensor, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Tensor:
    """y = base^t for evenly spaced t from ``start`` to ``stop``, as :func:`linspace` gives them."""
@overload
def logspace(start: Any, stop: Tensor, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Tensor: ...
@overload
def logspace(start: Any, stop: Any, num: Any, endpoint: bool, base: Tensor, dtype: Any = None, axis: int = 0) -> Tensor: ...
@overload
def logspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0) -> Any: ...

@overload
def logsumexp(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Tensor:
    """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax; 0 where all entries are −∞,"""
@overload
def logsumexp(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Any: ...

@overload
def lstsq(a: Tensor, b: Any, rcond: float | None = None) -> tuple[Tensor, ...]:
    """The x of least |b − A x|², and of least |x| among those: (x, residuals, rank, singular values of A), x = A⁺ b."""
@overload
def lstsq(a: Any, b: Tensor, rcond: float | None = None) -> tuple[Tensor, ...]: ...
@overload
def lstsq(a: Any, b: Any, rcond: float | None = None) -> Any: ...

@overload
def matmul(a: Tensor, b: Any, /) -> Tensor:
    """a @ b: Y = A B;  ∂/∂A: G Bᵀ,  ∂/∂B: Aᵀ G. Vectors and stacks of matrices as in NumPy."""
@overload
def matmul(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def matmul(a: Any, b: Any, /) -> Any: ...

@overload
def matrix_norm(x: Tensor, *, keepdims: bool = False, ord: Any = 'fro') -> Tensor:
    """The norm of matrices in the last two axes, by default y = √Σ |x|²: :func:`norm`."""
@overload
def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = 'fro') -> Any: ...

@overload
def matrix_power(a: Tensor, n: int) -> Tensor:
    """Aⁿ for a whole number n, by squaring; of A⁻¹ where n < 0."""
@overload
def matrix_power(a: Any, n: int) -> Any: ...

@overload
def matrix_transpose(x: Tensor) -> Tensor:
    """The last two axes exchanged, ``x.mT``."""
@overload
def matrix_transpose(x: Any) -> Any: ...

@overload
def matvec(a: Tensor, b: Any) -> Tensor:
    """y = A b, of stacks of matrices and of vectors that broadcast;  ∂/∂A: g bᵀ,  ∂/∂b: Aᵀ g."""
@overload
def matvec(a: Any, b: Tensor) -> Tensor: ...
@overload
def matvec(a: Any, b: Any) -> Any: ...

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
def median(x: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Tensor:
    """The entry in the middle of the sorted ones, or the mean of the two there; NaN where an entry is."""
@overload
def median(x: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Any: ...

@overload
def meshgrid(*xi: Tensor, copy: bool = True, sparse: bool = False, indexing: str = 'xy') -> tuple[Tensor, ...]:
    """Vectors of coordinates as arrays over the grid of all their combinations."""
@overload
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = 'xy') -> Any: ...

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
def mish(x: Tensor) -> Tensor:
    """y = x tanh(ln(1 + eˣ))."""
@overload
def mish(x: Any) -> Any: ...

@overload
def mod(a: Tensor, b: Any, /) -> Tensor:
    """y = a − b ⌊a/b⌋;  ∂y/∂a = 1,  ∂y/∂b = −⌊a/b⌋"""
@overload
def mod(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def mod(a: Any, b: Any, /) -> Any: ...

@overload
def modf(x: Tensor) -> tuple[Tensor, ...]:
    """The fraction y = x − trunc x, dy/dx = 1, and the whole part trunc x, whose derivative is 0."""
@overload
def modf(x: Any) -> Any: ...

@overload
def moveaxis(x: Tensor, source: int | Sequence[int] | None, destination: int | Sequence[int] | None) -> Tensor:
    """Axes moved to new places, the others kept in order."""
@overload
def moveaxis(x: Any, source: int | Sequence[int] | None, destination: int | Sequence[int] | None) -> Any: ...

@overload
def multi_dot(arrays: Sequence[Tensor]) -> Tensor:
    """The product of two matrices or more, in the order of the fewest multiplications; the ends may be vectors."""
@overload
def multi_dot(arrays: Sequence[Any]) -> Any: ...

@overload
def multiply(a: Tensor, b: Any, /) -> Tensor:
    """y = a b;  ∂y/∂a = b,  ∂y/∂b = a"""
@overload
def multiply(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def multiply(a: Any, b: Any, /) -> Any: ...

@overload
def nan_to_num(x: Tensor, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Tensor:
    """y = x, with other numbers for NaN and infinities; what was replaced receives no gradient, its replacement does."""
@overload
def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any: ...

@overload
def nancumprod(x: Tensor, axis: int | None = None, *, dtype: Any = None) -> Tensor:
    """Running products in which NaNs count as 1: yₖ = Πᵢ₌₀..ₖ xᵢ. Parameters as for :func:`cumprod`."""
@overload
def nancumprod(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any: ...

@overload
def nancumsum(x: Tensor, axis: int | None = None, *, dtype: Any = None) -> Tensor:
    """Running sums in which NaNs count as 0: yₖ = Σᵢ₌₀..ₖ xᵢ. Parameters as for :func:`cumsum`."""
@overload
def nancumsum(x: Any, axis: int | None = None, *, dtype: Any = None) -> Any: ...

@overload
def nanmax(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The largest entry that is no NaN. The gradient goes to it; entries that tie share it equally."""
@overload
def nanmax(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def nanmean(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Tensor:
    """Σ x / n of the n entries that are no NaN; ∂y/∂xᵢ = 1/n, or 0 at NaNs. Parameters as for :func:`mean`."""
@overload
def nanmean(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, where: Any = True) -> Any: ...

@overload
def nanmedian(x: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Tensor:
    """The median of the entries that are no NaN, of each line; the others have the gradient 0. NaN where none is one."""
@overload
def nanmedian(x: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Any: ...

@overload
def nanmin(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """The smallest entry that is no NaN. The gradient goes to it; entries that tie share it equally."""
@overload
def nanmin(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def nanpercentile(x: Tensor, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor:
    """y = a + t (b − a) as in :func:`nanquantile`, with q from 0 to 100."""
@overload
def nanpercentile(x: Any, q: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor: ...
@overload
def nanpercentile(x: Any, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Any: ...

@overload
def nanprod(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """Π x of the entries that are no NaN; ∂y/∂xᵢ is the product of the others, 0 at NaNs."""
@overload
def nanprod(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def nanquantile(x: Tensor, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor:
    """y = a + t (b − a) as in :func:`quantile`, of each line's entries that are no NaN; the others have gradient 0."""
@overload
def nanquantile(x: Any, q: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor: ...
@overload
def nanquantile(x: Any, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Any: ...

@overload
def nanstd(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
    """y = √(Σ (x − x̄)² / (n − ddof)) of the n entries that are no NaN; ∂y/∂xᵢ taken as 0 at y = 0."""
@overload
def nanstd(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Any: ...

@overload
def nansum(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """Σ x of the entries that are no NaN; ∂y/∂xᵢ = 1, or 0 at NaNs. Parameters as for :func:`sum`."""
@overload
def nansum(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def nanvar(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
    """Σ (x − x̄)² / (n − ddof) of the n entries that are no NaN, x̄ their mean. Parameters as for :func:`var`."""
@overload
def nanvar(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Any: ...

@overload
def negative(x: Tensor, /) -> Tensor:
    """y = −x;  dy/dx = −1"""
@overload
def negative(x: Any, /) -> Any: ...

@overload
def nextafter(a: Tensor, b: Any, /) -> Tensor:
    """y = the number after a in the direction of b;  ∂y/∂a = 1,  ∂y/∂b = 0"""
@overload
def nextafter(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def nextafter(a: Any, b: Any, /) -> Any: ...

@overload
def norm(x: Tensor, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
    """Length: √Σ |x|² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0."""
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
def pad(array: Tensor, pad_width: Any, mode: Any = 'constant', **kwargs: Any) -> Tensor:
    """Entries added at the ends of each axis, one axis after the other."""
@overload
def pad(array: Any, pad_width: Any, mode: Any = 'constant', **kwargs: Any) -> Any: ...

@overload
def partition(x: Tensor, kth: Any, axis: int | None = -1, kind: Any = 'introselect', order: Any = None) -> Tensor:
    """The entries along an axis in the order of :func:`numpy.partition`: those before the kth are not larger."""
@overload
def partition(x: Any, kth: Any, axis: int | None = -1, kind: Any = 'introselect', order: Any = None) -> Any: ...

@overload
def percentile(x: Tensor, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor:
    """y = a + t (b − a) as in :func:`quantile`, with q from 0 to 100."""
@overload
def percentile(x: Any, q: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor: ...
@overload
def percentile(x: Any, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Any: ...

@overload
def pinv(a: Tensor, rcond: Any = None, hermitian: bool = False, *, rtol: Any = ...) -> Tensor:
    """The pseudo-inverse A⁺ of Moore and Penrose: A A⁺ A = A, A⁺ A A⁺ = A⁺, and A A⁺ and A⁺ A are Hermitian."""
@overload
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = ...) -> Any: ...

@overload
def poly(seq_of_zeros: Tensor) -> Tensor:
    """The coefficients of Π (x − zᵢ), a polynomial by its roots; of a square matrix, its characteristic polynomial."""
@overload
def poly(seq_of_zeros: Any) -> Any: ...

@overload
def polyadd(a1: Tensor, a2: Any) -> Tensor:
    """The sum of two polynomials."""
@overload
def polyadd(a1: Any, a2: Tensor) -> Tensor: ...
@overload
def polyadd(a1: Any, a2: Any) -> Any: ...

@overload
def polyder(p: Tensor, m: int = 1) -> Tensor:
    """The m-th derivative of a polynomial: yₖ = (n − k) pₖ, m times."""
@overload
def polyder(p: Any, m: int = 1) -> Any: ...

@overload
def polydiv(u: Tensor, v: Any) -> tuple[Tensor, ...]:
    """Quotient and remainder of two polynomials, u = q v + r, by long division."""
@overload
def polydiv(u: Any, v: Tensor) -> tuple[Tensor, ...]: ...
@overload
def polydiv(u: Any, v: Any) -> Any: ...

@overload
def polyfit(x: Tensor, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Tensor:
    """c = (VᵀV)⁻¹ Vᵀ y: the polynomial of a degree that lies closest to points, by least squares;  ∂c/∂y = (VᵀV)⁻¹ Vᵀ."""
@overload
def polyfit(x: Any, y: Tensor, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Tensor: ...
@overload
def polyfit(x: Any, y: Any, deg: Any, rcond: Any, full: bool, w: Tensor, cov: Any = False) -> Tensor: ...
@overload
def polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: bool = False, w: Any = None, cov: Any = False) -> Any: ...

@overload
def polyint(p: Tensor, m: int = 1, k: Any = None) -> Tensor:
    """The m-th integral of a polynomial: yₖ = pₖ / (n + 1 − k), m times, then the constants of integration."""
@overload
def polyint(p: Any, m: int, k: Tensor) -> Tensor: ...
@overload
def polyint(p: Any, m: int = 1, k: Any = None) -> Any: ...

@overload
def polymul(a1: Tensor, a2: Any) -> Tensor:
    """The product of two polynomials, yₖ = Σⱼ aⱼ bₖ₋ⱼ; zeros in front are left out."""
@overload
def polymul(a1: Any, a2: Tensor) -> Tensor: ...
@overload
def polymul(a1: Any, a2: Any) -> Any: ...

@overload
def polysub(a1: Tensor, a2: Any) -> Tensor:
    """The difference of two polynomials."""
@overload
def polysub(a1: Any, a2: Tensor) -> Tensor: ...
@overload
def polysub(a1: Any, a2: Any) -> Any: ...

@overload
def polyval(p: Tensor, x: Any) -> Tensor:
    """y = p₀ xⁿ + … + pₙ, by Horner's scheme;  ∂y/∂pₖ = xⁿ⁻ᵏ, and ∂y/∂x is the derived polynomial."""
@overload
def polyval(p: Any, x: Tensor) -> Tensor: ...
@overload
def polyval(p: Any, x: Any) -> Any: ...

@overload
def positive(x: Tensor, /) -> Tensor:
    """y = x;  dy/dx = 1"""
@overload
def positive(x: Any, /) -> Any: ...

@overload
def power(a: Tensor, b: Any, /) -> Tensor:
    """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 ≤ b)"""
@overload
def power(a: Any, b: Tensor, /) -> Tensor: ...
@overload
def power(a: Any, b: Any, /) -> Any: ...

@overload
def prelu(x: Tensor, weight: Any) -> Tensor:
    """y = x for x > 0, else a x, with a learned slope for each channel;  ∂y/∂x = 1 or a,  ∂y/∂a = x for x ≤ 0."""
@overload
def prelu(x: Any, weight: Tensor) -> Tensor: ...
@overload
def prelu(x: Any, weight: Any) -> Any: ...

@overload
def prod(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
    """Π x over the given axes; ∂y/∂xᵢ is the product of the others, also where some are 0."""
@overload
def prod(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Any: ...

@overload
def ptp(x: Tensor, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Tensor:
    """y = max x − min x over the given axes; entries that tie share it equally."""
@overload
def ptp(x: Any, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Any: ...

@overload
def qr(a: Tensor, mode: str = 'reduced') -> Any:
    """A = Q R: Q with orthonormal columns, R upper triangular. A named tuple (Q, R); with mode "r" R alone."""
@overload
def qr(a: Any, mode: str = 'reduced') -> Any: ...

@overload
def quantile(x: Tensor, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor:
    """The value below which the share q of the entries lies: y = a + t (b − a) between neighbours in sorted order."""
@overload
def quantile(x: Any, q: Tensor, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Tensor: ...
@overload
def quantile(x: Any, q: Any, axis: int | Sequence[int] | None = None, *, overwrite_input: bool = False, method: str = 'linear', keepdims: bool = False, weights: Any = None) -> Any: ...

@overload
def rad2deg(x: Tensor, /) -> Tensor:
    """y = 180 x / π;  dy/dx = 180/π"""
@overload
def rad2deg(x: Any, /) -> Any: ...

@overload
def radians(x: Tensor, /) -> Tensor:
    """y = π x / 180;  dy/dx = π/180"""
@overload
def radians(x: Any, /) -> Any: ...

@overload
def ravel(x: Tensor, order: str = 'C') -> Tensor:
    """All entries in one axis. ``order`` as for :func:`reshape`; "K" is as "A"."""
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
def relu6(x: Tensor) -> Tensor:
    """y = min(max(x, 0), 6);  dy/dx = 1 between the bounds, else 0 (0 at the bounds, too)."""
@overload
def relu6(x: Any) -> Any: ...

@overload
def repeat(x: Tensor, repeats: Any, axis: int | None = None) -> Tensor:
    """Each entry along the axis so many times, one after the other."""
@overload
def repeat(x: Any, repeats: Any, axis: int | None = None) -> Any: ...

@overload
def reshape(x: Tensor, shape: Any, *, order: str = 'C', copy: bool | None = None) -> Tensor:
    """The entries, in their order, in another shape; one entry of ``shape`` may be −1. The gradient is reshaped back."""
@overload
def reshape(x: Any, shape: Any, *, order: str = 'C', copy: bool | None = None) -> Any: ...

@overload
def resize(a: Tensor, new_shape: Any) -> Tensor:
    """The entries, in their order and again and again, in another shape."""
@overload
def resize(a: Any, new_shape: Any) -> Any: ...

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
def rollaxis(a: Tensor, axis: int, start: int = 0) -> Tensor:
    """An axis moved to before another, by default to the front."""
@overload
def rollaxis(a: Any, axis: int, start: int = 0) -> Any: ...

@overload
def roots(p: Tensor) -> Tensor:
    """The roots of p₀ xⁿ + … + pₙ;  ∂r/∂pₖ = −rⁿ⁻ᵏ / p′(r), as p(r) = 0 says."""
@overload
def roots(p: Any) -> Any: ...

@overload
def rot90(m: Tensor, k: int = 1, axes: Any = ...) -> Tensor:
    """Turned by k right angles in the plane of two axes, from the first towards the second."""
@overload
def rot90(m: Any, k: int = 1, axes: Any = ...) -> Any: ...

@overload
def round(x: Tensor, decimals: int = 0) -> Tensor:
    """x rounded to so many decimals, halves to even; dy/dx = 0."""
@overload
def round(x: Any, decimals: int = 0) -> Any: ...

@overload
def select(condlist: Sequence[Any], choicelist: Sequence[Tensor], default: Any = 0) -> Tensor:
    """The entry of the first array whose condition is true there, else the default; the gradient goes to it."""
@overload
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Tensor) -> Tensor: ...
@overload
def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any: ...

@overload
def selu(x: Tensor) -> Tensor:
    """y = s x for x > 0, else s α (eˣ − 1), with s = 1.0507… and α = 1.6732…, which keep mean 0 and variance 1."""
@overload
def selu(x: Any) -> Any: ...

@overload
def setdiff1d(a: Tensor, b: Any, assume_unique: bool = False) -> Tensor:
    """The different entries of ``a`` that are not in ``b``, in ascending order; the derivative by ``b`` is 0."""
@overload
def setdiff1d(a: Any, b: Any, assume_unique: bool = False) -> Any: ...

@overload
def setitem(x: Tensor, index: Any, value: Any) -> Tensor:
    """An array like x but with ``x[index] = value``; x stays as it is. Of an entry named twice the last value stays."""
@overload
def setitem(x: Any, index: Any, value: Tensor) -> Tensor: ...
@overload
def setitem(x: Any, index: Any, value: Any) -> Any: ...

@overload
def setxor1d(a: Tensor, b: Any, assume_unique: bool = False) -> Tensor:
    """y = P(x) x: the different entries that are in one of the arrays only, in ascending order."""
@overload
def setxor1d(a: Any, b: Tensor, assume_unique: bool = False) -> Tensor: ...
@overload
def setxor1d(a: Any, b: Any, assume_unique: bool = False) -> Any: ...

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
def silu(x: Tensor) -> Tensor:
    """y = x σ(x), also called swish;  dy/dx = σ(x) (1 + x (1 − σ(x)))."""
@overload
def silu(x: Any) -> Any: ...

@overload
def sin(x: Tensor, /) -> Tensor:
    """y = sin x;  dy/dx = cos x"""
@overload
def sin(x: Any, /) -> Any: ...

@overload
def sinc(x: Tensor) -> Tensor:
    """y = sin(πx) / (πx), 1 at 0;  dy/dx = (cos(πx) − y) / x (0 at 0)."""
@overload
def sinc(x: Any) -> Any: ...

@overload
def sinh(x: Tensor, /) -> Tensor:
    """y = sinh x;  dy/dx = cosh x"""
@overload
def sinh(x: Any, /) -> Any: ...

@overload
def sliding_window_view(x: Tensor, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Tensor:
    """Every window of a shape, along the last axes; the gradient is the sum over the windows that overlap."""
@overload
def sliding_window_view(x: Any, window_shape: Any, axis: Any = None, *, subok: bool = False, writeable: bool = False) -> Any: ...

@overload
def slogdet(a: Tensor) -> SlogdetResult:
    """The sign s of the determinant, and its logarithm y: det A = s eʸ, and ∂y = tr(A⁻¹ ∂A)."""
@overload
def slogdet(a: Any) -> Any: ...

@overload
def softmax(x: Tensor, axis: int | Sequence[int] | None = -1) -> Tensor:
    """yₖ = e^(xₖ) / Σⱼ e^(xⱼ);  ∂yₖ/∂xⱼ = yₖ (δⱼₖ − yⱼ). Never overflows."""
@overload
def softmax(x: Any, axis: int | Sequence[int] | None = -1) -> Any: ...

@overload
def softplus(x: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """y = ln(1 + e^(βx)) / β, a smooth maximum of x and 0;  dy/dx = σ(βx)."""
@overload
def softplus(x: Any, beta: float = 1.0, threshold: float = 20.0) -> Any: ...

@overload
def softshrink(x: Tensor, lambd: float = 0.5) -> Tensor:
    """y = x − λ sign x for |x| > λ, else 0;  dy/dx = 1 for |x| > λ, else 0 (0 at the bounds, too)."""
@overload
def softshrink(x: Any, lambd: float = 0.5) -> Any: ...

@overload
def softsign(x: Tensor) -> Tensor:
    """y = x / (1 + |x|);  dy/dx = 1/(1 + |x|)²."""
@overload
def softsign(x: Any) -> Any: ...

@overload
def solve(a: Tensor, b: Any) -> Tensor:
    """The x with A x = b: ∂x = A⁻¹ (∂b − ∂A x). The gradient for b solves Aᵀ λ = g; that for A is −λ xᵀ."""
@overload
def solve(a: Any, b: Tensor) -> Tensor: ...
@overload
def solve(a: Any, b: Any) -> Any: ...

@overload
def sort(x: Tensor, axis: int | None = -1, *, kind: Any = None, order: Any = None, stable: bool | None = None) -> Tensor:
    """The entries along an axis in ascending order, NaNs last; each takes its gradient along."""
@overload
def sort(x: Any, axis: int | None = -1, *, kind: Any = None, order: Any = None, stable: bool | None = None) -> Any: ...

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
def stack(arrays: Sequence[Tensor], axis: int = 0, *, dtype: Any = None, casting: Any = 'same_kind') -> Tensor:
    """Arrays of one shape along a new axis; ``dtype`` and ``casting`` as for :func:`concatenate`."""
@overload
def stack(arrays: Sequence[Any], axis: int = 0, *, dtype: Any = None, casting: Any = 'same_kind') -> Any: ...

@overload
def std(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
    """y = √(Σ (x − x̄)² / (n − ddof)) over the given axes; ∂y/∂xᵢ = (xᵢ − x̄) / (y (n − ddof)), taken as 0 at y = 0."""
@overload
def std(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Any: ...

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
def svd(x: Tensor, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """A = U S Vᴴ: singular values S in descending order, and orthonormal singular vectors, columns of U and of V."""
@overload
def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any: ...

@overload
def svdvals(x: Tensor) -> Tensor:
    """The singular values of matrices, in descending order: ∂sᵢ = uᵢᴴ ∂A vᵢ."""
@overload
def svdvals(x: Any) -> Any: ...

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
def tanhshrink(x: Tensor) -> Tensor:
    """y = x − tanh x;  dy/dx = tanh² x."""
@overload
def tanhshrink(x: Any) -> Any: ...

@overload
def tensordot(a: Tensor, b: Any, axes: Any = 2) -> Tensor:
    """The sum of products over pairs of axes: the last n of a with the first n of b, or (axes of a, axes of b)."""
@overload
def tensordot(a: Any, b: Tensor, axes: Any = 2) -> Tensor: ...
@overload
def tensordot(a: Any, b: Any, axes: Any = 2) -> Any: ...

@overload
def tensorinv(a: Tensor, ind: int = 2) -> Tensor:
    """The inverse of tensordot, :func:`inv` of a as a matrix A, its first ``ind`` axes the rows: ∂(A⁻¹) = −A⁻¹ ∂A A⁻¹."""
@overload
def tensorinv(a: Any, ind: int = 2) -> Any: ...

@overload
def tensorsolve(a: Tensor, b: Any, axes: Any = None) -> Tensor:
    """The x with tensordot(a, x, x.ndim) = b, :func:`solve` of a as a square matrix A: ∂x = A⁻¹ (∂b − ∂A x)."""
@overload
def tensorsolve(a: Any, b: Tensor, axes: Any = None) -> Tensor: ...
@overload
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any: ...

@overload
def tile(x: Tensor, reps: int | Sequence[int]) -> Tensor:
    """The whole array side by side, so many times along each axis."""
@overload
def tile(x: Any, reps: int | Sequence[int]) -> Any: ...

@overload
def trace(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1, *, dtype: Any = None) -> Tensor:
    """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity. ``dtype`` is that to sum in."""
@overload
def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, *, dtype: Any = None) -> Any: ...

@overload
def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    """Axes in another order, reversed by default: y[i, j] = x[j, i]. The gradient is transposed back."""
@overload
def transpose(x: Any, axes: Sequence[int] | None = None) -> Any: ...

@overload
def trapezoid(y: Tensor, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Tensor:
    """Σ (xₖ₊₁ − xₖ) (yₖ + yₖ₊₁) / 2 along an axis: the integral of y by straight lines."""
@overload
def trapezoid(y: Any, x: Tensor, dx: Any = 1.0, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Any, x: Any, dx: Tensor, axis: int = -1) -> Tensor: ...
@overload
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any: ...

@overload
def tril(x: Tensor, k: int = 0) -> Tensor:
    """The entries on and below the k-th diagonal, 0 above it."""
@overload
def tril(x: Any, k: int = 0) -> Any: ...

@overload
def trim_zeros(x: Tensor, trim: str = 'fb', axis: Any = None) -> Tensor:
    """y = P(x) x: the array without the zeros at its ends: at the front ("f"), at the back ("b") or at both."""
@overload
def trim_zeros(x: Any, trim: str = 'fb', axis: Any = None) -> Any: ...

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
def union1d(a: Tensor, b: Any) -> Tensor:
    """y = P(x) x: the different entries of both arrays in ascending order; of equals, the first of a has the gradient."""
@overload
def union1d(a: Any, b: Tensor) -> Tensor: ...
@overload
def union1d(a: Any, b: Any) -> Any: ...

@overload
def unique(x: Tensor, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None, *, equal_nan: bool = True, sorted: bool = True) -> Tensor:
    """The different entries, or parts along an axis, in ascending order: the first of each that is found."""
@overload
def unique(x: Any, return_index: bool = False, return_inverse: bool = False, return_counts: bool = False, axis: int | None = None, *, equal_nan: bool = True, sorted: bool = True) -> Any: ...

@overload
def unique_values(x: Tensor) -> Tensor:
    """The different entries in NumPy's order, each NaN for itself; otherwise as :func:`unique`."""
@overload
def unique_values(x: Any) -> Any: ...

@overload
def unstack(x: Tensor, *, axis: int = 0) -> tuple[Tensor, ...]:
    """The parts of an array along an axis, as a tuple: the inverse of :func:`stack`."""
@overload
def unstack(x: Any, *, axis: int = 0) -> Any: ...

@overload
def unwrap(p: Tensor, discont: Any = None, axis: int = -1, *, period: Any = 6.283185307179586) -> Tensor:
    """``p`` with whole periods added so that neighbours differ by half of one at most; ∂y/∂p = 1."""
@overload
def unwrap(p: Any, discont: Any = None, axis: int = -1, *, period: Any = 6.283185307179586) -> Any: ...

@overload
def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """yᵢⱼ = xᵢ^(N−1−j), the powers of each entry as a row, or xᵢʲ if they increase;  ∂yᵢⱼ/∂xᵢ by products, also at 0."""
@overload
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any: ...

@overload
def var(x: Tensor, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
    """Σ (x − x̄)² / (n − ddof) over the given axes; ∂y/∂xᵢ = 2 (xᵢ − x̄) / (n − ddof)."""
@overload
def var(x: Any, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Any: ...

@overload
def vdot(a: Tensor, b: Any) -> Tensor:
    """Σ ā b over all entries."""
@overload
def vdot(a: Any, b: Tensor) -> Tensor: ...
@overload
def vdot(a: Any, b: Any) -> Any: ...

@overload
def vecdot(a: Tensor, b: Any) -> Tensor:
    """y = Σₖ a[…, k] b[…, k], the conjugate of a where it is complex; ∂y/∂a = b,  ∂y/∂b = a."""
@overload
def vecdot(a: Any, b: Tensor) -> Tensor: ...
@overload
def vecdot(a: Any, b: Any) -> Any: ...

@overload
def vecmat(a: Tensor, b: Any) -> Tensor:
    """y = a B, of stacks of vectors and of matrices that broadcast, the conjugate of a where it is complex;"""
@overload
def vecmat(a: Any, b: Tensor) -> Tensor: ...
@overload
def vecmat(a: Any, b: Any) -> Any: ...

@overload
def vector_norm(x: Tensor, *, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: Any = 2) -> Tensor:
    """The length of vectors, y = (Σ |x|ᵖ)^(1/p), along one axis or several, by default all; see :func:`norm`."""
@overload
def vector_norm(x: Any, *, axis: int | Sequence[int] | None = None, keepdims: bool = False, ord: Any = 2) -> Any: ...

@overload
def vsplit(ary: Tensor, indices_or_sections: Any) -> list[Tensor]:
    """Pieces along the first of two axes or more; as :func:`split`."""
@overload
def vsplit(ary: Any, indices_or_sections: Any) -> Any: ...

@overload
def vstack(arrays: Sequence[Tensor], *, dtype: Any = None, casting: Any = 'same_kind') -> Tensor:
    """Arrays one below another: along the first axis, vectors as rows. Keywords as for :func:`concatenate`."""
@overload
def vstack(arrays: Sequence[Any], *, dtype: Any = None, casting: Any = 'same_kind') -> Any: ...

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
    def choose(self, choices: Any, *, mode: str = 'raise') -> Tensor:
        """The entry of the array whose number stands at its place: y[i] = choices[a[i]][i]; the gradient goes to it."""
    def clip(self, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None, dtype: Any = None, casting: Any = 'same_kind', order: str = 'K') -> Tensor:
        """min(max(x, a_min), a_max); None is no bound. The gradient goes to x within the bounds, at them too, else to the bound."""
    def conj(self, /) -> Tensor:
        """y = x̄; of real numbers x itself, dy/dx = 1"""
    def conjugate(self, /) -> Tensor:
        """y = x̄; of real numbers x itself, dy/dx = 1"""
    def copysign(self, b: Any, /) -> Tensor:
        """y = |a| with the sign of b;  ∂y/∂a = sign a sign b (0 at a = 0),  ∂y/∂b = 0"""
    def cos(self, /) -> Tensor:
        """y = cos x;  dy/dx = −sin x"""
    def cosh(self, /) -> Tensor:
        """y = cosh x;  dy/dx = sinh x"""
    def cumprod(self, axis: int | None = None, *, dtype: Any = None) -> Tensor:
        """Running products along an axis, or of ``ravel(x)``: yₖ = Πᵢ₌₀..ₖ xᵢ. Its derivative is right at zeros too."""
    def cumsum(self, axis: int | None = None, *, dtype: Any = None) -> Tensor:
        """Running sums along an axis, or of ``ravel(x)``: yₖ = Σᵢ₌₀..ₖ xᵢ. The gradient is the running sum from the end."""
    def deg2rad(self, /) -> Tensor:
        """y = π x / 180;  dy/dx = π/180"""
    def degrees(self, /) -> Tensor:
        """y = 180 x / π;  dy/dx = 180/π"""
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
    def fabs(self, /) -> Tensor:
        """y = |x|, of floats;  dy/dx = sign x (0 at 0)"""
    def flatten(self, order: str = 'C') -> Tensor:
        """All entries in one axis. ``order`` as for :func:`reshape`; "K" is as "A"."""
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
    def fmod(self, b: Any, /) -> Tensor:
        """y = a − b trunc(a/b), of the sign of a;  ∂y/∂a = 1,  ∂y/∂b = −trunc(a/b)"""
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
    def logaddexp2(self, b: Any, /) -> Tensor:
        """y = log₂(2ᵃ + 2ᵇ);  ∂y/∂a = 2ᵃ⁻ʸ,  ∂y/∂b = 2ᵇ⁻ʸ"""
    def logsumexp(self, axis: int | Sequence[int] | None = None, *, keepdims: bool = False) -> Tensor:
        """ln Σ eˣ over the given axes, without overflow; ∂y/∂xᵢ = e^(xᵢ − y), the softmax; 0 where all entries are −∞,"""
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
    def nextafter(self, b: Any, /) -> Tensor:
        """y = the number after a in the direction of b;  ∂y/∂a = 1,  ∂y/∂b = 0"""
    def norm(self, ord: Any = None, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor:
        """Length: √Σ |x|² (``ord`` None, 2 for vectors, "fro" for matrices); ∂y/∂x = x/y, taken as 0 at 0."""
    def outer(self, b: Any) -> Tensor:
        """yᵢⱼ = aᵢ bⱼ, of the entries in one axis."""
    def positive(self, /) -> Tensor:
        """y = x;  dy/dx = 1"""
    def pow(self, b: Any, /) -> Tensor:
        """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 ≤ b)"""
    def power(self, b: Any, /) -> Tensor:
        """y = aᵇ;  ∂y/∂a = b aᵇ⁻¹ (0 for b = 0),  ∂y/∂b = y ln a (0 for a = 0 ≤ b)"""
    def prod(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, keepdims: bool = False, initial: Any = None, where: Any = True) -> Tensor:
        """Π x over the given axes; ∂y/∂xᵢ is the product of the others, also where some are 0."""
    def rad2deg(self, /) -> Tensor:
        """y = 180 x / π;  dy/dx = 180/π"""
    def radians(self, /) -> Tensor:
        """y = π x / 180;  dy/dx = π/180"""
    def ravel(self, order: str = 'C') -> Tensor:
        """All entries in one axis. ``order`` as for :func:`reshape`; "K" is as "A"."""
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
    def std(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
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
    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, *, dtype: Any = None) -> Tensor:
        """Σᵢ x[i, i + offset];  ∂ tr X / ∂X is the identity. ``dtype`` is that to sum in."""
    def tril(self, k: int = 0) -> Tensor:
        """The entries on and below the k-th diagonal, 0 above it."""
    def triu(self, k: int = 0) -> Tensor:
        """The entries on and above the k-th diagonal, 0 below it."""
    def trunc(self, /) -> Tensor:
        """y = x without its fraction;  dy/dx = 0"""
    def var(self, axis: int | Sequence[int] | None = None, *, dtype: Any = None, ddof: float = 0, keepdims: bool = False, where: Any = True, mean: Any = None, correction: float | None = None) -> Tensor:
        """Σ (x − x̄)² / (n − ddof) over the given axes; ∂y/∂xᵢ = 2 (xᵢ − x̄) / (n − ddof)."""
    def vdot(self, b: Any) -> Tensor:
        """Σ ā b over all entries."""
    def argmax(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any: ...
    def argmin(self, axis: Any = None, out: Any = None, *, keepdims: bool = False) -> Any: ...
    def argsort(self, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Any: ...
    def argpartition(self, kth: Any, axis: Any = -1, kind: Any = 'introselect', order: Any = None) -> Any: ...
    def all(self, axis: Any = None, out: Any = None, *, keepdims: bool = False, where: Any = True) -> Any: ...
    def any(self, axis: Any = None, out: Any = None, *, keepdims: bool = False, where: Any = True) -> Any: ...
    def nonzero(self) -> Any: ...
    def searchsorted(self, v: Any, side: Any = 'left', sorter: Any = None) -> Any: ...
    def compress(self, condition: Any, axis: int | None = None, out: Any = None) -> Any: ...
    def put(self, indices: Any, values: Any, mode: Any = 'raise') -> Any: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def itemsize(self) -> int: ...
    def __invert__(self) -> Any: ...
    def __and__(self, other: Any) -> Any: ...
    def __rand__(self, other: Any) -> Any: ...
    def __or__(self, other: Any) -> Any: ...
    def __ror__(self, other: Any) -> Any: ...
    def __xor__(self, other: Any) -> Any: ...
    def __rxor__(self, other: Any) -> Any: ...
    def __lshift__(self, other: Any) -> Any: ...
    def __rlshift__(self, other: Any) -> Any: ...
    def __rshift__(self, other: Any) -> Any: ...
    def __rrshift__(self, other: Any) -> Any: ...
