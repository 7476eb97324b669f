"""JAX and PyTorch as oracles of the sciences' programs: JAX runs the same source, PyTorch what writes into arrays."""

import types
import warnings
from pathlib import Path

import numpy as np
import pytest

import tinygrad_lite as tl

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # JAX's own, while it is imported
    jax = pytest.importorskip("jax")
torch = pytest.importorskip("torch")

import science  # noqa: E402, it imports SciPy

pytestmark = pytest.mark.oracle


def close(ours, theirs, rtol=1e-9):
    theirs = np.asarray(theirs)
    np.testing.assert_allclose(ours, theirs, rtol=rtol, atol=rtol * np.abs(theirs).max())


@pytest.fixture(scope="module")
def theirs():
    """The module with JAX in NumPy's and SciPy's place, in double precision."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    source = Path(science.__file__).read_text(encoding="utf-8")
    for ours, jaxs in (("import numpy as np", "import jax.numpy as np"), ("from scipy.", "from jax.scipy.")):
        assert source.count(ours) == 1
        source = source.replace(ours, jaxs)
    module = types.ModuleType("science_in_jax")
    exec(compile(source, science.__file__, "exec"), module.__dict__)
    yield module
    jax.config.update("jax_enable_x64", before)


X, Y = np.random.default_rng(0).normal(size=(12, 2)), np.random.default_rng(1).normal(size=12)
_, KERNEL, SEEN = science.signal()
MEASURED = science.track(0.15, 0.5, 4, np.random.default_rng(0))[1]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("evidence_by_inverse", (np.array([0.3, 0.5, 0.9, -0.7]), X, Y)),
        ("evidence_by_cholesky", (np.array([0.3, 0.5, 0.9, -0.7]), X, Y)),
        ("kalman_loss", (np.log([0.2, 0.5]), MEASURED)),
        ("populations_loss", (np.log([0.5, 0.02, 0.9, 0.03, 30.0, 4.0]), science.PELTS[:3])),
        ("deconvolution_loss", (SEEN, KERNEL, SEEN[::-1], 0.1)),
        ("edges_loss", (SEEN, KERNEL, SEEN[::-1], 0.1)),
        ("lost_by_svd", (np.concatenate([X, X**2], axis=1), 2)),
        ("lost_by_eigh", (np.concatenate([X, X**2], axis=1), 2)),
        ("call", (95.0, 100.0, 0.04, 0.3, 0.75)),
    ],
)
def test_gradients_and_hessian_products_are_jaxs(name, arguments, theirs):
    by = [k for k, x in enumerate(arguments) if not isinstance(x, int)]
    ours, program = tl.adapt(getattr(science, name)), getattr(theirs, name)
    for mine, their in zip(
        tl.grad(ours, argnums=by)(*arguments), jax.grad(program, argnums=by)(*arguments), strict=True
    ):
        close(mine, their)
    u = np.cos(np.arange(np.size(arguments[0]))).reshape(np.shape(arguments[0]))
    slope = jax.grad(lambda x: program(x, *arguments[1:]))
    close(tl.hvp(lambda x: ours(x, *arguments[1:]))(arguments[0], u), jax.jvp(slope, (arguments[0],), (u,))[1], 1e-8)


def reflectance(thicknesses, indices, wavelengths, substrate):
    """Of a stack of layers, at normal incidence, in PyTorch."""
    stack = torch.eye(2, dtype=torch.complex128).repeat(len(wavelengths), 1, 1)
    for d, n in zip(thicknesses, indices, strict=True):
        phase = 2 * torch.pi * n * d / wavelengths
        layer = torch.empty_like(stack)
        layer[:, 0, 0] = layer[:, 1, 1] = torch.cos(phase)
        layer[:, 0, 1] = -1j / n * torch.sin(phase)
        layer[:, 1, 0] = -1j * n * torch.sin(phase)
        stack = stack @ layer
    B, C = (stack[:, :, 0] + stack[:, :, 1] * substrate).T
    return ((B - C) / (B + C)).abs() ** 2


def test_gradients_of_a_thin_film_stack_are_pytorchs():
    spectrum = np.linspace(4.0, 9.0, 7)
    at = [np.array([0.9, 0.6, 0.4]), np.array([1.38 + 0.0j, 1.8 + 0.1j, 2.3 + 0.4j]), np.array(3.9 + 0.02j)]
    theirs = [torch.tensor(x, requires_grad=True) for x in at]
    total = reflectance(theirs[0], theirs[1], torch.tensor(spectrum), theirs[2]).sum()
    total.backward()
    program = tl.adapt(science.reflectance)
    ours = tl.value_and_grad(lambda d, n, s: np.sum(program(d, n, spectrum, substrate=s)), argnums=(0, 1, 2))
    value, gradients = ours(*at)
    assert value == pytest.approx(total.item(), rel=1e-12)
    for mine, x in zip(gradients, theirs, strict=True):
        close(mine, x.grad)


def test_the_gradient_of_phase_retrieval_is_pytorchs():
    support, values = science.specimen(16)
    magnitudes = np.abs(np.fft.fft2(science.image(values, support)))
    guess = np.random.default_rng(0).normal(size=2 * len(values)).view(complex)
    z = torch.tensor(guess, requires_grad=True)
    pixels = torch.zeros(support.shape, dtype=torch.complex128)
    pixels[torch.tensor(support)] = z
    (0.5 * ((torch.fft.fft2(pixels).abs() - torch.tensor(magnitudes)) ** 2).mean()).backward()
    close(tl.grad(tl.adapt(science.phase_loss))(guess, support, magnitudes), z.grad)
