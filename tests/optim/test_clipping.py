"""Gradients kept from becoming too large."""

from math import sqrt

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite import optim


def parameter(*shape, seed=0, dtype=np.float64):
    values = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return tl.Tensor(values, requires_grad=True)


class TestClipping:
    def test_norm(self):
        a, b = parameter(3), parameter(2, 2)
        a.grad, b.grad = np.full(3, 2.0), np.full((2, 2), 1.0)
        assert optim.clip_grad_norm([a, b, parameter(1)], 2.0) == 4.0
        np.testing.assert_allclose(np.concatenate([a.grad, b.grad.ravel()]), [1, 1, 1, 0.5, 0.5, 0.5, 0.5])
        assert optim.clip_grad_norm([a, b], 10.0) == pytest.approx(2.0)
        assert a.grad[0] == 1.0

    def test_a_norm_that_overflows_in_single_precision(self):
        a = parameter(2, dtype=np.float32)
        a.grad = np.full(2, 1e30, np.float32)
        assert optim.clip_grad_norm([a], 1.0) == pytest.approx(sqrt(2) * 1e30)
        np.testing.assert_allclose(a.grad, sqrt(0.5), rtol=1e-6)

    @pytest.mark.parametrize(("scale", "dtype"), [(1e200, float), (1e-200, float), (3e38, np.complex64)])
    def test_a_norm_whose_squares_are_beyond_float64_or_whose_sizes_are_beyond_float32(self, scale, dtype):
        a = parameter(2, dtype=dtype)
        a.grad = np.array([3.0, 4.0]) * scale / 4 * (1 + 1j if dtype is np.complex64 else 1)
        size = np.sqrt(2) if dtype is np.complex64 else 1.0
        assert optim.clip_grad_norm([a], 5e-300) == pytest.approx(1.25 * scale * size, rel=1e-6)
        np.testing.assert_allclose(np.abs(a.grad), 0 if dtype is np.complex64 else [3e-300, 4e-300], rtol=1e-12)

    def test_the_factor_is_not_rounded_to_the_gradients_dtype(self):
        a = parameter(3, dtype=np.float16)
        a.grad = np.full(3, 3e4, np.float16)
        assert optim.clip_grad_norm([a], 1.0) == pytest.approx(3e4 * sqrt(3), rel=1e-3)
        np.testing.assert_allclose(a.grad, sqrt(1 / 3), rtol=1e-3)
        assert a.grad.dtype == np.float16

    @pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
    def test_no_factor_helps_what_is_not_finite(self, number):
        a, b, c = parameter(2), parameter(2), parameter(2)
        a.grad, c.grad = [3.0, 4.0], [1.0, number]
        with pytest.raises(
            ValueError, match=r"gradient of parameter 2, of shape \(2,\), is not finite, so that no factor"
        ):
            optim.clip_grad_norm([a, b, c], 1.0)
        np.testing.assert_array_equal([a.grad, c.grad], [[3.0, 4.0], [1.0, number]])

    def test_a_norm_beyond_float64(self):
        a = parameter(4)
        a.grad = np.full(4, 1.5e308)
        with pytest.raises(ValueError, match="beyond float64, though all are finite"):
            optim.clip_grad_norm([a], 1.0)
        assert a.grad.tolist() == [1.5e308] * 4

    def test_values_that_are_not_finite(self):
        """An infinity has a side, a NaN has none."""
        a, b = parameter(2), parameter(2)
        a.grad = [np.inf, -np.inf]
        optim.clip_grad_value([a], 0.5)
        assert a.grad.tolist() == [0.5, -0.5]
        b.grad = [1.0, np.nan]
        with pytest.raises(
            ValueError, match=r"clip_grad_value: the gradient of parameter 1, .* has a NaN, which no bound"
        ):
            optim.clip_grad_value([a, b], 0.1)
        assert a.grad.tolist() == [0.5, -0.5]

    @pytest.mark.parametrize("bound", [1e6, np.inf])
    def test_a_bound_beyond_the_dtype_leaves_what_is_within(self, bound):
        a = parameter(2, dtype=np.float16)
        a.grad = np.array([6e4, -1.0], np.float16)
        optim.clip_grad_value([a], bound)
        np.testing.assert_array_equal(a.grad, np.array([6e4, -1.0], np.float16))

    def test_a_tensor_alone_is_one_parameter(self):
        a = parameter(2)
        a.grad = np.array([3.0, 4.0])
        assert optim.clip_grad_norm(a, 1.0) == 5.0
        optim.clip_grad_value(a, 0.5)
        np.testing.assert_allclose(a.grad, [0.5, 0.5])

    @pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
    @pytest.mark.parametrize(("arguments", "error", "said"), [
        ((iter([]), 1.0), ValueError, "there are no parameters: what gave them gives them once"),
        (([np.ones(2)], 1.0), TypeError, "parameters are Tensors, not ndarray"),
        ((np.ones(2), 1.0), TypeError, "a list of Tensors, not ndarray"),
        ((None, 1.0), TypeError, "a list of Tensors, not NoneType"),
        (([], "one"), TypeError, "is a number, not 'one'"),
        (([], float("nan")), ValueError, "must be 0 or more, got nan"),
    ])  # fmt: skip
    def test_what_is_refused(self, clip, arguments, error, said):
        with pytest.raises(error, match=f"^{clip.__name__}: .*{said}"):
            clip(*arguments)

    @pytest.mark.parametrize("clip", [optim.clip_grad_norm, optim.clip_grad_value])
    def test_negative(self, clip):
        with pytest.raises(ValueError, match="must be 0 or more"):
            clip([], -1.0)


class TestComplexGradients:
    def test_the_norm_is_of_absolute_values(self):
        z = tl.tensor([3.0 + 4.0j, 0.0j], requires_grad=True)
        z.grad = np.array([3.0 + 4.0j, 12.0j])
        assert optim.clip_grad_norm([z], 1.0) == 13.0
        np.testing.assert_allclose(z.grad, np.array([3.0 + 4.0j, 12.0j]) / 13)

    def test_values_have_no_order(self):
        w, z = tl.tensor([3.0], requires_grad=True), tl.tensor([3.0j], requires_grad=True)
        w.grad, z.grad = np.array([3.0]), np.array([3.0j])
        with pytest.raises(TypeError, match="clip_grad_value: complex"):
            optim.clip_grad_value([w, z], 1.0)
        np.testing.assert_array_equal(w.grad, [3.0])
