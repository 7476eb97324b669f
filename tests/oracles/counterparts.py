"""What PyTorch has of the table's arrays, statistics and linear algebra; None where it lacks a keyword."""

import numpy as np
import torch


def lower_half(x):
    """The Hermitian matrix of which the lower triangle is read, as LAPACK does."""
    below = torch.tril(x, -1)
    diagonal = torch.diagonal(x, dim1=-2, dim2=-1)
    return below + below.mH + torch.diag_embed(diagonal.real if x.is_complex() else diagonal)


def half(x, UPLO="L"):
    return lower_half(x if UPLO.upper() == "L" else x.mH)


def one_or_all(x, axis):
    """An array and the axis of a function of one axis: all entries in one where there is none."""
    return (x.reshape(-1), 0) if axis is None else (x, axis)


def quantile(function, share=1.0):
    def call(x, q, axis=None, *, method="linear", keepdims=False, weights=None, **others):
        if others or weights is not None or method not in ("linear", "lower", "higher", "nearest", "midpoint"):
            return None
        if isinstance(axis, tuple) or x.numel() == 0:
            return None
        x, axis = (x, axis) if axis is not None or keepdims else one_or_all(x, None)
        q = torch.as_tensor(q, dtype=torch.float64) * share
        if q.ndim > 1 or method == "nearest":  # halves are rounded otherwise
            return None
        return function(x, q, dim=axis, keepdim=keepdims, interpolation=method)

    return call


def middle(quantile_there):
    """The median: PyTorch's own is the lower of the two in the middle."""

    def call(x, axis=None, *, keepdims=False, **others):
        if isinstance(axis, tuple) or others or (axis is None and keepdims) or x.numel() == 0:
            return None
        x, axis = one_or_all(x, axis)
        return quantile_there(x, 0.5, dim=axis, keepdim=keepdims)

    return call


def over_axes(function):
    """PyTorch's reduction, called with NumPy's keywords; None if it has no such keyword."""

    def call(x, axis=None, *, keepdims=False, **others):
        if others or x.numel() == 0:
            return None
        dims = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        return function(x, dims, keepdims)

    return call


def is_regular(x):
    """Whether no matrix is singular but for rounding."""
    return x.numel() > 0 and bool((torch.linalg.svdvals(x.detach())[..., -1] > 1e-10).all())


def nanvar(root):
    def call(x, axis=None, *, ddof=0, keepdims=False, **others):
        if others or x.numel() == 0 or x.ndim == 0:
            return None
        dims = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
        there = ~torch.isnan(x)
        n = there.sum(dims, keepdim=True)
        y = torch.where(there, x, 0)
        d = torch.where(there, y - y.sum(dims, keepdim=True) / n, 0)
        square = (d * d).sum(dims, keepdim=keepdims) / ((n if keepdims else there.sum(dims)) - ddof)
        return square.sqrt() if root else square

    return call


def running(function, neutral):
    def call(x, axis=None, *, include_initial=False, **others):
        if others or include_initial or (axis is None and x.ndim != 1 and neutral is None):
            return None
        x, axis = one_or_all(x, axis)
        return function(x if neutral is None else torch.where(torch.isnan(x), neutral, x), axis)

    return call


def diff(x, n=1, axis=-1, prepend=None, append=None):
    ends = [torch.as_tensor(e) if e is not None else None for e in (prepend, append)]
    if any(e is not None and e.ndim != x.ndim for e in ends):
        return None
    return torch.diff(x, n, axis, prepend=ends[0], append=ends[1])


def trapezoid(y, x=None, dx=1.0, axis=-1):
    if x is not None:
        return (
            None
            if not isinstance(x, torch.Tensor) and np.ndim(x) == 0
            else torch.trapezoid(y, torch.as_tensor(x), dim=axis)
        )
    return None if isinstance(dx, torch.Tensor) else torch.trapezoid(y, dx=dx, dim=axis)


def average(x, axis=None, weights=None, returned=False, **others):
    if returned or others or isinstance(axis, tuple):
        return None
    if weights is None:
        return x.mean() if axis is None else x.mean(axis)
    if weights.shape != x.shape:
        return None
    return (x * weights).sum() / weights.sum() if axis is None else (x * weights).sum(axis) / weights.sum(axis)


def cov(m, y=None, rowvar=True, bias=False, ddof=None, fweights=None, aweights=None, **others):
    if others or y is not None or m.ndim > 2:
        return None
    weights = [None if w is None else torch.as_tensor(w) for w in (fweights, aweights)]
    m = m if rowvar or m.ndim < 2 else m.mT
    return torch.cov(
        m, correction=(0 if bias else 1) if ddof is None else ddof, fweights=weights[0], aweights=weights[1]
    )


def sort(x, axis=-1, **others):
    x, axis = one_or_all(x, axis)
    return torch.sort(x, dim=axis, stable=True)[0] if x.numel() else None


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    if any(isinstance(v, torch.Tensor) for v in (nan, posinf, neginf)) or x.is_complex():
        return None
    return torch.nan_to_num(x, nan, posinf, neginf)


def linspace_ends(start, stop, num=50, endpoint=True, retstep=False, dtype=None, axis=0):
    if retstep or dtype is not None or axis != 0:
        return None
    steps = torch.arange(num, dtype=torch.float64) / max(num - endpoint, 1)
    start, stop = torch.broadcast_tensors(torch.as_tensor(start), torch.as_tensor(stop))
    return start + steps.reshape(-1, *(1,) * start.ndim) * (stop - start)


def logspace_ends(start, stop, num=50, endpoint=True, base=10.0, dtype=None, axis=0):
    exponents = linspace_ends(start, stop, num, endpoint, False, dtype, axis)
    return None if exponents is None or np.ndim(base) else base**exponents


def polyval(p, x):
    y = torch.zeros_like(x) if isinstance(x, torch.Tensor) else 0.0
    for c in p:
        y = y * x + c
    return y


def vector_norm(x, *, axis=None, keepdims=False, ord=2):
    return torch.linalg.vector_norm(x, ord, axis, keepdims)


def matrix_norm(x, *, keepdims=False, ord="fro"):
    return torch.linalg.matrix_norm(x, ord, (-2, -1), keepdims)


def svd(x, full_matrices=True, compute_uv=True, hermitian=False):
    if hermitian:
        return None
    if not compute_uv:
        return torch.linalg.svdvals(x)
    if full_matrices and x.shape[-1] != x.shape[-2]:
        return None  # PyTorch refuses the derivative of what depends on the basis, always
    return tuple(torch.linalg.svd(x, full_matrices))


def qr(x, mode="reduced"):
    if mode == "r" or (x.shape[-2] < x.shape[-1] and mode == "complete"):
        return None
    if mode == "complete" and x.shape[-2] != x.shape[-1]:
        return None
    return tuple(torch.linalg.qr(x, mode))


def real_if_real(w):
    return w.real if bool((w.imag == 0).all()) else w


def eig(x):
    w, v = torch.linalg.eig(x)
    return (w, v) if x.is_complex() else (real_if_real(w), real_if_real(v))


def solve(a, b):
    a, b = torch.as_tensor(a), torch.as_tensor(b)
    kind = torch.promote_types(a.dtype, b.dtype)
    kind = kind if kind.is_floating_point or kind.is_complex else torch.float64
    a, b = a.to(kind), b.to(kind)
    return torch.linalg.solve(a, b[..., None])[..., 0] if b.ndim == 1 else torch.linalg.solve(a, b)


def lstsq(a, b, rcond=None):
    return (torch.linalg.pinv(a) @ b,) if rcond is None or rcond == -1 or rcond < 1e-9 else None


def cross(a, b, axisa=-1, axisb=-1, axisc=-1, axis=None):
    if a.shape != b.shape or a.shape[-1 if axis is None else axis] != 3 or (axisa, axisb, axisc) != (-1, -1, -1):
        return None
    return torch.linalg.cross(a, b, dim=-1 if axis is None else axis)


def pinv(a, rcond=None, hermitian=False, *, rtol=None):
    return torch.linalg.pinv(a) if not hermitian else torch.linalg.pinv(lower_half(a), hermitian=True)


def kron(a, b):
    kind = torch.promote_types(a.dtype, b.dtype)
    return torch.kron(a.to(kind), b.to(kind))


def convolve(a, v, mode="full"):
    if not (isinstance(a, torch.Tensor) and isinstance(v, torch.Tensor) and a.ndim == v.ndim == 1) or a.is_complex():
        return None
    full = torch.nn.functional.conv1d(a[None, None], v.flip(0)[None, None], padding=len(v) - 1)[0, 0]
    n, m = max(len(a), len(v)), min(len(a), len(v))
    start = {"full": 0, "same": (m - 1) // 2, "valid": m - 1}[mode]
    length = {"full": n + m - 1, "same": n, "valid": n - m + 1}[mode]
    return full[start : start + length]


def meshgrid(*xi, copy=True, sparse=False, indexing="xy"):
    return None if sparse or any(x.ndim != 1 for x in xi) else torch.meshgrid(*xi, indexing=indexing)


UNITS = (
    *("celu", "elu", "gelu", "hardshrink", "hardswish", "hardtanh", "leaky_relu", "logsigmoid", "mish"),
    *("prelu", "relu6", "selu", "silu", "softplus", "softshrink", "softsign", "tanhshrink"),
)
"""Activations of the same name and keywords."""

COUNTERPARTS = {name: getattr(torch.nn.functional, name) for name in UNITS} | {
    "hardsigmoid": lambda x: torch.nn.functional.relu6(x + 3) / 6,  # PyTorch's own has a float32 for its slope 1/6
    "glu": lambda x, axis=-1: torch.nn.functional.glu(x, axis),
    "append": lambda x, v, axis=None: torch.cat([x.reshape(-1), v.reshape(-1)] if axis is None else [x, v], axis or 0),
    "diag": lambda x, k=0: torch.diag(x, k),
    "diagflat": lambda x, k=0: torch.diagflat(torch.as_tensor(x), k) if not isinstance(x, list) else None,
    "atleast_3d": lambda *x: torch.atleast_3d(*x) if all(y.ndim >= 3 or y.ndim == 0 for y in x) else None,
    "column_stack": torch.column_stack,
    "dstack": torch.dstack,
    "average": average,
    "corrcoef": lambda m, y=None, rowvar=True, **others: (
        torch.corrcoef(m if rowvar or m.ndim < 2 else m.mT) if y is None and not others and m.ndim < 3 else None
    ),
    "cov": cov,
    "ptp": over_axes(lambda x, dims, keep: torch.amax(x, dims, keepdim=keep) - torch.amin(x, dims, keepdim=keep)),
    "bincount": lambda x, weights=None, minlength=0: (
        None
        if weights is None
        else torch.zeros(
            max(int(x.max(initial=-1) if isinstance(x, np.ndarray) else x.max()) + 1, minlength), dtype=torch.float64
        ).index_add(0, torch.as_tensor(x), weights.double())
        if len(x)
        else None
    ),
    "convolve": convolve,
    "correlate": lambda a, v, mode="valid": None if a.is_complex() or len(a) < len(v) else convolve(a, v.flip(0), mode),
    "broadcast_arrays": lambda *x, **_: torch.broadcast_tensors(*[torch.as_tensor(y) for y in x]),
    "fliplr": torch.fliplr,
    "flipud": torch.flipud,
    "hsplit": torch.hsplit,
    "vsplit": torch.vsplit,
    "dsplit": torch.dsplit,
    "meshgrid": meshgrid,
    "rot90": lambda x, k=1, axes=(0, 1): torch.rot90(x, k, axes),
    "unstack": lambda x, axis=0: torch.unbind(x, axis),
    "cholesky": lambda x, *, upper=False: torch.linalg.cholesky(half(x, "U" if upper else "L"), upper=upper),
    "qr": qr,
    "cond": lambda x, p=None: (
        torch.linalg.cond(x, p) if p in (None, 2, -2) else None
    ),  # others change an array in place
    "matrix_norm": matrix_norm,
    "vector_norm": vector_norm,
    "copysign": torch.copysign,
    "deg2rad": torch.deg2rad,
    "radians": torch.deg2rad,
    "rad2deg": torch.rad2deg,
    "degrees": torch.rad2deg,
    "fabs": torch.abs,
    "fix": torch.trunc,
    "fmod": torch.fmod,
    "i0": torch.special.i0,
    "ldexp": lambda x, k: x * 2.0 ** torch.as_tensor(k),  # torch.ldexp computes powers in float32
    "logaddexp2": torch.logaddexp2,
    "sinc": lambda x: torch.sinc(x) if x.abs().min() > 0.01 else None,  # where its derivative loses its digits
    "cross": cross,
    "kron": kron,
    "matrix_power": torch.linalg.matrix_power,
    "multi_dot": lambda arrays: torch.linalg.multi_dot(
        [x.to(torch.complex128) if any(y.is_complex() for y in arrays) else x for x in arrays]
    ),
    "cumulative_sum": running(torch.cumsum, None),
    "cumulative_prod": running(torch.cumprod, None),
    "diff": diff,
    "trapezoid": trapezoid,
    "det": lambda x: torch.linalg.det(x) if is_regular(x) else None,  # of singular matrices PyTorch's is 0
    "slogdet": lambda x: tuple(torch.linalg.slogdet(x)),
    "eig": eig,
    "eigh": lambda x, UPLO="L": tuple(torch.linalg.eigh(half(x, UPLO))),
    "eigvals": lambda x: real_if_real(torch.linalg.eigvals(x)),
    "eigvalsh": lambda x, UPLO="L": torch.linalg.eigvalsh(half(x, UPLO)),
    "linspace": linspace_ends,
    "logspace": logspace_ends,
    "nan_to_num": nan_to_num,
    "inv": torch.linalg.inv,
    "pinv": pinv,
    "solve": solve,
    "tensorinv": lambda x, ind=2: torch.linalg.tensorinv(x, ind),
    "tensorsolve": lambda a, b, axes=None: torch.linalg.tensorsolve(a, b, axes),
    "lstsq": lstsq,
    "matvec": lambda a, b, **others: None if others else (a @ b[..., None])[..., 0],
    "vecmat": lambda a, b, **others: None if others else (a.conj()[..., None, :] @ b)[..., 0, :],
    "vecdot": lambda a, b, axis=-1, **others: None if others else torch.linalg.vecdot(a, b, dim=axis),
    "median": middle(torch.quantile),
    "nanmedian": middle(torch.nanquantile),
    "quantile": quantile(torch.quantile),
    "percentile": quantile(torch.quantile, 0.01),
    "nanquantile": quantile(torch.nanquantile),
    "nanpercentile": quantile(torch.nanquantile, 0.01),
    "nansum": over_axes(lambda x, dims, keep: torch.nansum(x, dims, keepdim=keep)),
    "nanmean": over_axes(lambda x, dims, keep: torch.nanmean(x, dims, keepdim=keep)),
    "nanvar": nanvar(False),
    "nanstd": nanvar(True),
    "nancumsum": running(torch.cumsum, 0.0),
    "nancumprod": running(torch.cumprod, 1.0),
    "sort": sort,
    "polyval": polyval,
    "vander": lambda x, N=None, increasing=False: (
        torch.flip(torch.linalg.vander(x, N=N), () if increasing else (-1,)) if N != 0 else None
    ),
    "svd": svd,
    "svdvals": torch.linalg.svdvals,
}
WITHOUT = {
    *("block", "delete", "insert", "resize", "rollaxis", "choose", "compress", "extract", "select", "ix_"),
    *("interp", "kaiser", "modf", "nextafter", "ediff1d", "gradient", "unwrap", "geomspace", "nanmax", "nanmin"),
    *("nanprod", "partition", "setdiff1d", "setxor1d", "trim_zeros", "union1d", "unique", "unique_values"),
    *("poly", "polyadd", "polyder", "polydiv", "polyfit", "polyint", "polymul", "polysub", "roots"),
}
"""Entries that PyTorch has no function for: programs there spell them out, or cannot differentiate them."""

FREE = {
    "eig": lambda parts: [parts[0], abs(parts[1]) ** 2],
    "eigh": lambda parts: [parts[0], abs(parts[1]) ** 2],
    "svd": lambda parts: [abs(parts[0]) ** 2, parts[1], abs(parts[2]) ** 2] if len(parts) == 3 else parts,
    "lstsq": lambda parts: parts[:1],
}
"""What is compared of a result whose vectors have a sign or a phase of their own, or other parts."""
