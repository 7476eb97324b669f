"""What writing into arrays costs, counted, and what it refuses."""

from __future__ import annotations

import gc
import operator
import tracemalloc

import numpy as np
import pytest

import tinygrad_lite as tl
import tinygrad_lite.numpy as tnp
from tinygrad_lite.engine import sweep
from tinygrad_lite.engine.graph import Node
from tinygrad_lite.table import parts


def filled(x, n):
    a = tnp.zeros(n)
    a[0] = x
    for i in range(1, n):
        a[i] = a[i - 1] * 1.001
    return a[n - 1] + a.sum()


class TestLinearCost:
    def peak(self, n):
        gc.collect()
        tracemalloc.start()
        tl.value_and_grad(filled)(1.0, n)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return peak

    def test_of_memory(self):
        self.peak(100)
        small, large = self.peak(1000), self.peak(4000)
        assert large < 5 * small

    def test_of_whole_arrays_made_on_the_way_back(self, monkeypatch):
        made = []
        for name in ("zeros_laid_out", "copy_laid_out"):
            one = getattr(sweep, name)
            monkeypatch.setattr(sweep, name, lambda *args, one=one: made.append(1) or one(*args))
        for n in (10, 100):
            made.clear()
            tl.grad(filled)(1.0, n)
            assert len(made) <= 2

    def test_of_nodes(self):
        def count(n):
            before = Node.__init__
            made = []

            def init(self, *args):
                made.append(1)
                before(self, *args)

            Node.__init__ = init
            try:
                with tl.recording_arrays():
                    filled(tl.tensor(1.0, requires_grad=True), n)
            finally:
                Node.__init__ = before
            return len(made)

        a, b, c = count(10), count(20), count(30)
        assert c - b == b - a
        assert (b - a) / 10 <= 4  # a read, a product, a write, and the constant of the product

    def test_reading_slices_makes_one_array_on_the_way_back(self, monkeypatch):
        made = []
        one = sweep.zeros_laid_out
        monkeypatch.setattr(sweep, "zeros_laid_out", lambda *args: made.append(1) or one(*args))
        tl.grad(lambda x: sum([np.sum(x[i] ** 2) for i in range(50)]))(np.ones((50, 3)))
        assert len(made) == 1

    def test_of_copies_of_what_is_written(self, monkeypatch):
        """The first write moves the array; no other copies the whole of it."""
        moved = []
        storage = type(tl.tensor([1.0])[:]._place.storage)
        one = storage.move
        monkeypatch.setattr(storage, "move", lambda self: moved.append(1) or one(self))
        tl.grad(filled)(1.0, 50)
        assert len(moved) == 1


class TestOneWrite:
    def test_an_augmented_part_is_written_once(self):
        x = tl.tensor(np.ones(3), requires_grad=True)
        y = x * 1.0
        y[1:] += 2.0
        writes = 0
        node = y._node
        while node.primitive is parts.write_p:
            writes += 1
            node = node.parents[0]
        assert writes == 1

    def test_a_number_is_rebound_and_written_to_with_an_empty_index(self):
        def f(x):
            y = x[0]
            y += 1.0
            z = x[0] * 1.0
            z[()] = y * 2.0
            return z

        value, gradient = tl.value_and_grad(f)(np.array([3.0, 1.0]))
        assert value == 8.0
        assert gradient.tolist() == [2.0, 0.0]

    def test_a_number_that_is_a_leaf_under_no_grad(self):
        w = tl.tensor(3.0, requires_grad=True)
        (w * w).backward()
        with tl.no_grad():
            same = w
            w -= 0.5 * w.grad
        assert w is same
        assert w.data == 0.0
        assert w.requires_grad


class TestRefusals:
    def test_a_leaf_outside_no_grad(self):
        w = tl.tensor(np.ones(3), requires_grad=True, name="w")
        for write in (lambda: w.__setitem__(0, 1.0), lambda: w.__iadd__(1.0), lambda: w[1:].fill(0.0)):
            with pytest.raises(TypeError, match=r"leaf that requires a gradient \(w\).*t\.copy\(\).*no_grad"):
                write()
        assert w.data.tolist() == [1.0] * 3

    def test_an_array_of_integers(self):
        w = tl.tensor(1.0, requires_grad=True)
        n = tl.tensor([1, 2])
        with pytest.raises(TypeError, match=r"array of int64 cannot hold what requires a gradient.*floats"):
            n[0] = w
        assert n.data.tolist() == [1, 2]

    def test_what_is_read_only(self):
        y = tl.tensor(np.ones(2), requires_grad=True) * 1.0
        for view in (np.broadcast_to(y, (2, 2)), np.diagonal(np.outer(y, y))):
            with pytest.raises(ValueError, match="read-only"):
                view[0] = 1.0

    @pytest.mark.parametrize(
        ("write", "kind"),
        [
            (lambda y: y.__setitem__(9, 1.0), IndexError),
            (lambda y: y.__setitem__(slice(None), np.ones(7)), ValueError),
            (lambda y: y.__iadd__(np.ones((2, 3))), ValueError),
            (lambda y: y.__setitem__(0, "a"), (TypeError, ValueError)),
            (lambda y: y.__setitem__(0, None), (TypeError, ValueError)),
        ],
    )
    def test_what_numpy_refuses_changes_nothing(self, write, kind):
        x = tl.tensor(np.ones(3), requires_grad=True)
        y = x * 2.0
        y[0] = 5.0
        node = y._node
        with pytest.raises(kind):
            write(y)
        assert y._node is node
        assert y.data.tolist() == [5.0, 2.0, 2.0]

    def test_pythons_complex_numbers(self):
        for t in (tl.tensor([1.0, 2.0]), tl.tensor(1.0)):
            with pytest.raises(TypeError, match="complex"):
                t[...] = 1j
        c = tl.tensor(np.zeros(2, complex))
        c[0] = 1j
        assert c.data.tolist() == [1j, 0.0]


class TestBitwise:
    """Operators in place on whole numbers and truth values."""

    @pytest.mark.parametrize(
        "operate", [operator.iand, operator.ior, operator.ixor, operator.ilshift, operator.irshift]
    )
    def test_they_write_to_the_memory(self, operate):
        plain, other = np.array([1, 2, 3]), np.array([1, 0, 2])
        t = tl.tensor(plain)
        view = t[1:]
        same = operate(t, other)
        assert same is t
        operate(plain, other)
        assert t.data.tolist() == plain.tolist()
        assert view.data.tolist() == plain[1:].tolist()
        operate(t, tl.tensor(1))
        assert t.data.tolist() == operate(plain, 1).tolist()

    def test_masks_of_a_transforms_argument(self):
        def f(x):
            mask = x.astype(bool)
            chosen = mask
            mask &= np.array([True, False])
            return np.sum(x * x * chosen)

        assert f(np.array([2.0, 3.0])) == 4.0
        assert tl.grad(f)(np.array([2.0, 3.0])).tolist() == [4.0, 0.0]

    def test_what_numpy_refuses(self):
        t = tl.tensor([1, 2])
        with pytest.raises(ValueError, match="shape"):
            t |= np.ones((2, 2), int)
        x = tl.tensor([1.0, 2.0])
        with pytest.raises(TypeError, match="bitwise_or"):
            x |= 1


class TestWrittenWhole:
    """An array that is written to as a whole has no history left."""

    @pytest.mark.parametrize("index", [..., np.s_[:]])
    def test_a_buffer_that_is_used_again(self, index):
        buffer, w = tl.tensor(np.zeros(3)), tl.tensor(np.ones(3), requires_grad=True)
        for k in range(1, 4):
            w.grad = None
            buffer[index] = w * k
            (buffer * w).sum().backward()
            np.testing.assert_array_equal(w.grad, [2.0 * k] * 3)

    def test_a_constant_is_a_constant_again(self):
        w = tl.tensor(np.ones(3), requires_grad=True)
        buffer = w * 2.0
        view = buffer[1:]
        buffer.fill(3.0)
        assert not buffer.requires_grad
        assert not view.requires_grad

    def test_a_view_that_is_written_to_whole_is_a_part(self):
        w = tl.tensor(np.ones(3), requires_grad=True)
        buffer = w * 2.0
        buffer[1:][...] = 0.0
        buffer.sum().backward()
        np.testing.assert_array_equal(w.grad, [2.0, 0.0, 0.0])
