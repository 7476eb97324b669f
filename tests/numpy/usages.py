"""How programs write what they compute: one line each, of NumPy's functions, methods, keywords and operators.

The names stand for arrays of floats: ``x`` and ``y`` of shape (3, 4), all different and in (0.1, 0.9); ``v`` and ``w``
of length 4; ``A`` (3, 3), with eigenvalues far from each other, ``S`` the same and positive definite; ``T`` (2, 3, 4);
``s`` a number; ``z`` complex, (3, 4). ``m`` is a mask, ``i`` indices of rows, ``n`` whole numbers.
"""

ARITHMETIC = """
x + y; x - y; x * y; x / y; x ** 2; x ** y; x ** 0.5; x ** -1; 2 ** x; x % 0.3; x // 0.3; -x; +x; abs(x); 1 + x; 1 - x
2 * x; 1 / x; 1.5 ** x; 3.0 % x; x @ v; x.T @ y; v @ w; v @ x.T; A @ x; x @ x.T @ A; divmod(x, 0.4)[1]; x + v; x * v
x - v[None, :]; x[..., None] * y[:, None, :]; x[:, None] - y[None, :]; x + s; s * x; s ** x; x / s; x + 1j
x * (1 + 2j); z + x; z * x; z / x; z ** 2; x - z; z * z; abs(z); -z; 2 ** z; z @ z.T; z.T @ x; 1 / z; x * True
x + n[:3, None]; n[:3, None] * x; x ** n[:3, None]; x * np.float32(2); np.float64(3) * x; x @ np.eye(4); (x > 0.5) * x
x * (y < 0.5); x - x.mean(); (x - x.mean(0)) / x.std(0); x / x.sum(axis=1, keepdims=True); [1.0, 2.0, 3.0, 4.0] * x
x + [0.5] * 4; (x ** 2).sum() ** 0.5; x * x.T.reshape(3, 4); x[0] + x[:, 0].sum()
"""
INDEXING = """
x[0]; x[-1]; x[1, 2]; x[:, 1]; x[1:]; x[:-1]; x[::2]; x[::-1]; x[:, ::-1]; x[..., 0]; x[None]; x[:, None]; x[...]
x[m]; x[~m]; x[i]; x[i, :]; x[:, i]; x[i, i]; x[i[:, None], i]; x[x > 0.5]; x[x.argmax(0), np.arange(4)]; x[()]
x[np.newaxis, :, :]; x[1:, :-1]; x[[0, 2]]; x[[0, 2], 1]; x[:, [0, 0, 1]]; x[np.array([True, False, True])]; T[0, 1]
T[:, :, 0]; T[..., -1]; T[1, ::-1, ::2]; T[:, i]; T[0][i]; T[:, [0, 2], 1:]; x[slice(1, 3)]; x[-2:, -2:]; x.T; x.T[0]
T.T; T.mT; x.flat[3]; x.flat[1:4]; list(x)[1]; [r * 2 for r in x][0]; x[1:] - x[:-1]; x[0, 0]; v[2]
x[np.ix_([0, 2], [1, 3])]; x[np.triu_indices(3)]; x[np.diag_indices(3)]; x[np.nonzero(x > 0.4)]; x[np.where(m)]
x.reshape(-1)[5]; x[tuple([1, 2])]; x[np.argsort(x[:, 0])]; x[:, np.argsort(x.sum(0))]; v[::-1][1:]; v[i][::-1]
x[np.unravel_index(5, (3, 4))]; np.take(x, 2); x[2:0:-1]; x[:0]; x[np.arange(3), [0, 1, 2]]; x[m].sum(); T[m2]
"""
ELEMENTWISE = """
np.exp(x); np.log(x); np.sqrt(x); np.sin(x); np.cos(x); np.tan(x); np.arcsin(x); np.arccos(x); np.arctan(x)
np.sinh(x); np.cosh(x); np.tanh(x); np.arcsinh(x); np.arccosh(x + 1); np.arctanh(x); np.exp2(x); np.expm1(x)
np.log2(x); np.log10(x); np.log1p(x); np.cbrt(x); np.square(x); np.reciprocal(x); np.abs(x - 0.5); np.fabs(x - 0.5)
np.absolute(x); np.negative(x); np.positive(x); np.sign(x); np.floor(4 * x); np.ceil(4 * x); np.trunc(4 * x)
np.rint(4 * x); np.round(x, 1); np.around(x, 2); np.fix(4 * x); np.degrees(x); np.radians(x); np.rad2deg(x)
np.deg2rad(x); np.sinc(x); np.i0(x); np.heaviside(x - 0.5, 0.5); np.nan_to_num(x); np.real(z); np.imag(z); np.conj(z)
np.conjugate(z); np.angle(z); np.angle(z, deg=True); np.exp(z); np.log(z); np.sqrt(z); np.sin(z); np.tanh(z)
np.abs(z); np.abs(z) ** 2; np.real(z * np.conj(z)); np.real_if_close(x); np.exp(1j * x); np.arctan2(x, y)
np.hypot(x, y); np.maximum(x, y); np.minimum(x, y); np.fmax(x, y); np.fmin(x, y); np.maximum(x, 0.5)
np.minimum(0.5, x); np.add(x, y); np.subtract(x, y); np.multiply(x, y); np.divide(x, y); np.true_divide(x, y)
np.power(x, y); np.power(x, 3); np.float_power(x, 2); np.mod(x, y); np.remainder(x, y); np.fmod(x, y)
np.floor_divide(x, y); np.divmod(x, y)[1]; np.copysign(x, y - 0.5); np.logaddexp(x, y); np.logaddexp2(x, y)
np.ldexp(x, 2); np.modf(4 * x)[0]; np.nextafter(x, 1); np.frexp(x)[0]; np.clip(x, 0.3, 0.7); np.clip(x, None, 0.5)
np.clip(x, 0.5, None); np.clip(x, a_min=0.2, a_max=0.6); np.clip(x, min=0.3); np.clip(x, y, 1.0)
np.where(x > 0.5, x, y); np.where(m, x, 0.0); np.where(x > 0.5, x ** 2, -x); np.where(x > 0.5, 1.0, x)
np.select([x > 0.6, x > 0.3], [x, y], 0.0); np.piecewise(x, [x > 0.5], [np.sin, np.cos]); np.choose(n3, [x, y, x * y])
np.exp(x, dtype=np.float64); np.add(x, y, dtype="f8"); np.exp(x, order="F"); np.exp(-x ** 2 / 2) / np.sqrt(2 * np.pi)
1 / (1 + np.exp(-x)); np.log(np.exp(x).sum(axis=1)); np.maximum(0, x - 0.5); np.add.reduce(x)
np.add.reduce(x, axis=1); np.multiply.reduce(x, axis=None); np.maximum.reduce(x, axis=0); np.minimum.reduce(x)
np.logaddexp.reduce(x, axis=1); np.add.accumulate(x, axis=1); np.multiply.accumulate(x)
np.maximum.accumulate(x, axis=1); np.add.outer(v, w); np.multiply.outer(x, v); np.subtract.outer(v, w)
np.add.reduceat(v, [0, 2]); np.hypot.reduce(v); np.maximum.outer(v, w); np.arctan2.outer(v, w)
np.add.reduce(T, (0, 2))
"""
REDUCTIONS = """
x.sum(); x.sum(0); x.sum(axis=-1); x.sum(axis=-1, keepdims=True); x.sum(axis=(0, 1)); np.sum(x); np.sum(x, 1)
np.sum(x, axis=0, keepdims=True); np.sum(x, where=m); np.sum(x, initial=2.0); np.sum(x, dtype=np.float64)
np.sum(T, (0, 2)); x.prod(); x.prod(axis=0); np.prod(x, axis=1, keepdims=True); np.prod(x, where=m); x.mean()
x.mean(1); x.mean(axis=(0, 1)); np.mean(x, axis=0); np.mean(x, axis=1, keepdims=True); np.mean(x, where=m); x.var()
x.var(axis=0); x.var(ddof=1); np.var(x, axis=1, ddof=1); np.var(x, axis=0, keepdims=True); np.var(x, correction=1)
x.std(); x.std(0); x.std(ddof=1); np.std(x, axis=1); np.std(x, axis=(0, 1), ddof=1)
np.var(x, mean=x.mean(0, keepdims=True), axis=0); x.max(); x.max(0); x.min(axis=1); np.max(x)
np.max(x, axis=1, keepdims=True); np.min(x, axis=0); np.amax(x); np.amin(x, 1); np.ptp(x); np.ptp(x, axis=0)
np.max(x, initial=0.5); np.min(x, where=m, initial=1.0); np.median(x); np.median(x, axis=0)
np.median(x, axis=1, keepdims=True); np.average(x); np.average(x, axis=0); np.average(x, axis=1, weights=v)
np.average(x, weights=y); np.average(x, 0, [1, 2, 3]); np.average(x, weights=y, returned=True)[1]
np.percentile(x, 30); np.percentile(x, [10, 90], axis=0); np.percentile(x, [10, 90], axis=0, method="lower")
np.quantile(x, 0.25); np.quantile(x, [0.1, 0.5], axis=1); np.quantile(x, 0.3, method="midpoint")
np.quantile(x, 0.5, axis=0, keepdims=True); np.quantile(v, 0.4, method="hazen")
np.percentile(x, 75, axis=-1, method="nearest"); np.nansum(x); np.nansum(x, axis=0); np.nanmean(x)
np.nanmean(x, axis=1); np.nanmax(x); np.nanmin(x, axis=0); np.nanstd(x); np.nanvar(x, ddof=1); np.nanprod(x, axis=1)
np.nanmedian(x); np.nanmedian(x, axis=0); np.nanpercentile(x, 40); np.nanquantile(x, 0.6, axis=1); np.cumsum(x)
np.cumsum(x, axis=0); x.cumsum(); x.cumsum(axis=1); np.cumprod(x, axis=1); x.cumprod(); np.nancumsum(x)
np.nancumprod(x, axis=0); np.cumulative_sum(v); np.cumulative_sum(x, axis=0, include_initial=True)
np.cumulative_prod(v, include_initial=True); np.diff(x); np.diff(x, axis=0); np.diff(x, n=2); np.diff(v, prepend=0.0)
np.diff(v, append=w[:1]); np.ediff1d(v); np.ediff1d(v, to_end=1.0); np.gradient(v); np.gradient(v, 0.5)
np.gradient(x, axis=0); np.gradient(v, np.array([0.0, 1.0, 3.0, 4.0])); np.gradient(v, edge_order=2)
np.gradient(x)[1]; np.trapezoid(v); np.trapezoid(x, dx=0.1); np.trapezoid(v, np.cumsum(w)); np.trapezoid(x, axis=0)
np.cov(x); np.cov(v, w); np.cov(x, rowvar=False); np.cov(x, bias=True); np.cov(x, aweights=w); np.corrcoef(x)
np.corrcoef(v, w); np.trace(A); A.trace(); np.trace(x, 1); np.trace(T, axis1=1, axis2=2); (x * y).sum(1).mean()
x.sum(0).max(); np.sum(x ** 2, axis=1) ** 0.5; np.sum(z); np.mean(z, 0); np.prod(z); np.var(z); np.std(z, axis=0)
np.cumsum(z, axis=1); z.sum(axis=0); sum(v); sum(x); np.sum([v, w]); max(v); min(v); np.unwrap(6 * v); np.sort(x)
np.sort(x, axis=0); np.sort(x, axis=None); np.sort(v)[::-1]; np.partition(v, 2)[2]; np.unique(v); np.unique(x)
np.union1d(v, w); np.setdiff1d(v, [0.1]); np.sort_complex(v)
"""
SHAPES = """
x.reshape(4, 3); x.reshape((2, 6)); x.reshape(-1); x.reshape(2, -1); np.reshape(x, (6, 2))
np.reshape(x, -1, order="F"); x.reshape(4, 3, order="F"); x.ravel(); x.ravel("F"); x.flatten(); np.ravel(x)
np.ravel(x, order="F"); x.transpose(); x.transpose(1, 0); T.transpose(2, 0, 1); T.transpose((1, 2, 0))
np.transpose(x); np.transpose(T, (0, 2, 1)); np.permute_dims(T, (2, 1, 0)); np.swapaxes(T, 0, 2); T.swapaxes(1, 2)
np.moveaxis(T, 0, -1); np.moveaxis(T, [0, 1], [1, 2]); np.rollaxis(T, 2); np.matrix_transpose(T); np.expand_dims(x, 0)
np.expand_dims(x, (0, 3)); np.squeeze(x[None]); np.squeeze(x[None], axis=0); x[None].squeeze()
np.broadcast_to(v, (3, 4)); np.broadcast_to(s, (2, 2)); np.broadcast_arrays(x, v)[1]; np.atleast_1d(s)
np.atleast_2d(v); np.atleast_3d(x); np.concatenate([x, y]); np.concatenate([x, y], axis=1); np.concatenate((v, w))
np.concatenate([x, y], axis=None); np.concat([x, y]); np.stack([x, y]); np.stack([x, y], axis=-1); np.stack((v, w), 1)
np.vstack([x, y]); np.vstack([v, w]); np.hstack([x, y]); np.hstack([v, w]); np.dstack([x, y]); np.column_stack([v, w])
np.block([[A, A], [A, A]]); np.append(v, w); np.append(x, y, axis=0); np.append(v, 1.0); np.insert(v, 1, 0.5)
np.insert(v, [1, 2], w[:2]); np.insert(x, 1, 2.0, axis=1); np.delete(v, 1); np.delete(x, 0, axis=1)
np.delete(v, [0, 2]); np.split(x, 2, axis=1)[0]; np.split(v, [1, 3])[1]; np.array_split(v, 3)[0]; np.hsplit(x, 2)[1]
np.vsplit(x, 3)[2]; np.dsplit(T, 2)[0]; np.unstack(x)[1]; np.tile(v, 2); np.tile(x, (2, 1)); np.tile(v, (3, 1))
np.repeat(v, 2); np.repeat(x, 2, axis=0); x.repeat(2, axis=1); np.repeat(v, [1, 2, 0, 1]); np.flip(x); np.flip(x, 0)
np.flip(x, axis=(0, 1)); np.fliplr(x); np.flipud(x); np.rot90(x); np.rot90(x, 2); np.roll(v, 1); np.roll(x, 1, axis=0)
np.roll(x, (1, 2), (0, 1)); np.pad(x, 1); np.pad(v, (1, 2)); np.pad(x, ((1, 0), (0, 2)))
np.pad(v, 1, constant_values=0.5); np.pad(v, 2, mode="edge"); np.pad(v, 2, "reflect"); np.pad(v, 2, "symmetric")
np.pad(v, 2, "wrap"); np.pad(v, 2, "mean"); np.pad(v, 2, "maximum"); np.pad(v, 2, "linear_ramp", end_values=0.0)
np.resize(v, 6); np.resize(x, (2, 3)); np.diag(v); np.diag(A); np.diag(v, 1); np.diag(x, -1); np.diagonal(x)
x.diagonal(); np.diagonal(T, axis1=1, axis2=2); np.diagflat(v); np.tril(A); np.triu(A); np.tril(A, -1); np.triu(x, 1)
np.take(x, [0, 2], axis=0); x.take([1, 3], axis=1); np.take(v, [0, 5], mode="wrap")
np.take_along_axis(x, np.argsort(x, 1), axis=1); np.compress([True, False, True], x, axis=0)
x.compress([True, False, True], axis=0); np.extract(x > 0.5, x); np.copy(x); x.copy(); np.array_split(x, 2)[1]
np.meshgrid(v, w)[0]; np.meshgrid(v, w, indexing="ij")[1]; np.meshgrid(v, w, sparse=True)[0]; np.trim_zeros(v)
x.astype(np.float64); x.astype(complex); np.astype(x, np.float64); np.linspace(0.0, s, 5); np.linspace(v, w, 3)
np.linspace(s, 2.0, 4, endpoint=False); np.logspace(0.0, s, 3); np.geomspace(s, 4.0, 3); np.full_like(x, s)
np.lib.stride_tricks.sliding_window_view(v, 2); np.ravel(T)[3:5]; np.fft.fftshift(v); np.fft.ifftshift(x)
np.apply_along_axis(np.cumsum, 1, x); np.apply_along_axis(lambda r: r @ r, 0, x)
np.apply_over_axes(np.sum, T, [0, 2]); x.clip(0.2, 0.8); x.clip(min=0.5); x.round(1); x.conj(); z.conj(); z.real
z.imag; x.real; x.swapaxes(0, 1); np.vander(v); np.vander(v, 3); np.vander(v, increasing=True); x.dot(v)
"""
LINEAR = """
np.dot(x, v); np.dot(v, w); np.dot(x, y.T); np.matmul(x, v); np.matmul(T, x.T); np.inner(v, w); np.inner(x, y)
np.outer(v, w); np.vdot(v, w); np.vdot(z, z); np.tensordot(x, y, axes=2); np.tensordot(x, y, axes=([1], [1]))
np.tensordot(T, x, axes=([1, 2], [0, 1])); np.tensordot(A, A, 1); np.kron(v, w); np.kron(A, x); np.cross(v[:3], w[:3])
np.cross(x[:, :3], y[:, :3]); np.vecdot(x, y); np.matvec(x, v); np.vecmat(v, x.T); np.einsum("ij,jk->ik", x, y.T)
np.einsum("ij->ji", x); np.einsum("ii", A); np.einsum("ii->i", A); np.einsum("i,i", v, w); np.einsum("i,j->ij", v, w)
np.einsum("ij,ij->i", x, y); np.einsum("...ij->...ji", T); np.einsum("ij,j", x, v); np.einsum("ij->", x)
np.einsum("bij,jk->bik", T, x.T); np.einsum("ij,jk,kl->il", A, A, x); np.einsum("ij,ij", x, x, optimize=True)
np.einsum("ijk,ijk->i", T, T); np.linalg.norm(x); np.linalg.norm(v); np.linalg.norm(x, axis=1)
np.linalg.norm(x, ord=2, axis=(0, 1)); np.linalg.norm(v, 1); np.linalg.norm(v, np.inf); np.linalg.norm(v, -np.inf)
np.linalg.norm(v, 3); np.linalg.norm(x, "fro"); np.linalg.norm(x, "nuc"); np.linalg.norm(x, 1); np.linalg.norm(x, -1)
np.linalg.norm(x, np.inf); np.linalg.norm(x, axis=0, keepdims=True); np.linalg.norm(z); np.linalg.norm(x - y, axis=-1)
np.linalg.norm(T, axis=(1, 2)); np.linalg.vector_norm(x); np.linalg.vector_norm(x, axis=1, ord=1)
np.linalg.matrix_norm(T); np.linalg.matrix_norm(A, ord=2); np.linalg.inv(A); np.linalg.inv(S) @ x
np.linalg.solve(A, x); np.linalg.solve(A, x[:, 0]); np.linalg.det(A); np.linalg.slogdet(A)[1]
np.linalg.slogdet(S).logabsdet; np.linalg.cholesky(S); np.linalg.cholesky(S, upper=True); np.linalg.eigh(S)[0]
np.linalg.eigh(S).eigenvectors ** 2; np.linalg.eigvalsh(S); np.linalg.eigh(S, UPLO="U")[0]; np.linalg.eigvals(A)
np.linalg.eig(A)[0]; np.linalg.svd(x, compute_uv=False); np.linalg.svd(x, full_matrices=False)[1]; np.linalg.svd(x).S
np.linalg.svdvals(x); np.linalg.qr(A)[1]; np.linalg.qr(x.T).Q; np.linalg.qr(x.T, mode="r"); np.linalg.pinv(x)
np.linalg.pinv(x, rcond=1e-10); np.linalg.lstsq(x.T, w)[0]; np.linalg.lstsq(x.T, y.T, rcond=None)[0]
np.linalg.matrix_power(A, 3); np.linalg.matrix_power(A, -1); np.linalg.matrix_power(A, 0) * A
np.linalg.multi_dot([A, x, w]); np.linalg.multi_dot([A, A, x]); np.linalg.cond(A); np.linalg.cond(A, 1)
np.linalg.cond(A, "fro"); np.linalg.tensorinv(np.reshape(A, (3, 3)), ind=1); np.linalg.tensorsolve(A, x[:, 0])
np.linalg.trace(A); np.linalg.diagonal(T); np.linalg.outer(v, w); np.linalg.cross(v[:3], w[:3])
np.linalg.matmul(A, x); np.linalg.vecdot(x, y); np.linalg.tensordot(A, A, axes=1); np.linalg.matrix_transpose(x)
v @ A3 @ v; x.T @ np.linalg.inv(S) @ x; np.sqrt(np.diag(S)); np.linalg.solve(S, x).T @ x; (A + A.T) / 2
A - np.eye(3) * s; np.linalg.det(S) * s; np.fft.fft(v); np.fft.fft(x, axis=0); np.fft.fft(v, 8)
np.fft.fft(v, norm="ortho"); np.fft.ifft(z); np.fft.rfft(v); np.fft.rfft(x, axis=0); np.fft.irfft(z)
np.fft.irfft(z, 5); np.fft.hfft(z[0]); np.fft.ihfft(v); np.fft.fft2(x); np.fft.ifft2(z); np.fft.rfft2(x)
np.fft.irfft2(z); np.fft.fftn(T); np.fft.ifftn(z); np.fft.rfftn(T); np.fft.irfftn(z, axes=(0, 1))
np.fft.fft2(x, s=(2, 2)); np.fft.rfft2(x, norm="forward"); np.abs(np.fft.fft(v)) ** 2
np.real(np.fft.ifft(np.fft.fft(v) * np.fft.fft(w))); np.fft.irfft(np.fft.rfft(v) * np.fft.rfft(w))
np.abs(np.fft.rfft(v)); np.convolve(v, w); np.convolve(v, w[:2], mode="same"); np.convolve(v, [0.5, 0.5], "valid")
np.correlate(v, w); np.correlate(v, w, "full"); np.interp(0.5, [0.0, 1.0, 2.0, 3.0], v)
np.interp(v, [0.0, 0.5, 1.0], [1.0, 3.0, 2.0]); np.interp(v, np.cumsum(w), w); np.interp(x, [0.0, 1.0], v[:2])
np.polyval(v, 2.0); np.polyval([1.0, 2.0, 3.0], x); np.polyval(v, s); np.polyfit(np.arange(4.0), v, 1)
np.polyfit(v, w, 2); np.polyadd(v, w); np.polysub(v, w[:2]); np.polymul(v, w); np.polydiv(v, w[:2])[0]; np.polyder(v)
np.polyint(v); np.polyder(v, 2); np.polyint(v, k=1.0); np.poly(v); np.roots(np.poly(v + np.arange(4.0))); np.ix_(v)[0]
np.bincount([0, 1, 1, 3], weights=v); np.histogram(n, bins=3, weights=v[:3] if len(n) == 3 else v)[0]
"""
REFUSED = """
np.array([s, 2.0]); np.array([v, w]); np.asarray(x); np.dot([s, 1.0], [2.0, 3.0]); np.eye(4).dot(v); math.exp(s)
math.sqrt(v[0]); np.exp(x, out=np.empty((3, 4))); np.linalg.qr(x, mode='raw'); x.reshape(4, 3, order='A')
np.float32(s); np.exp(x, where=m); np.kaiser(4, s)
"""
GROUPS = (ARITHMETIC, INDEXING, ELEMENTWISE, REDUCTIONS, SHAPES, LINEAR, REFUSED)
USAGES = [line.strip() for group in GROUPS for row in group.strip().splitlines() for line in row.split(";")]
