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

    def test_what_is_not_finite(self):
        a = parameter(2)
        a.grad = [1.0, np.nan]
        with pytest.raises(ValueError, match="norm is nan"):
            optim.clip_grad_norm([a], 1.0)

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
