"""A Tensor that requires a gradient never silently leaves the graph: the doors, one by one.

Each door is tried with ordinary warning filters, as a user has them: an error is raised, it says what happened and what
to do, and every array within reach is as it was, bit for bit.
"""

from __future__ import annotations

import array
import cmath
import copy
import ctypes
import io
import math
import pickle
import statistics
import struct
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_lite as tl


class Room(NamedTuple):
    """What a door can reach: Tensors that require a gradient (or not), and buffers."""

    s: tl.Tensor  # a number
    t: tl.Tensor  # a vector of 3
    m: tl.Tensor  # a matrix, 2 × 2
    buf: np.ndarray
    buf2: np.ndarray
    mask: np.ndarray
    whole: np.ndarray
    number: np.ndarray
    records: np.ndarray


Door = Callable[[Room], Any]


def room(requires_grad: bool) -> Room:
    return Room(
        tl.tensor(0.5, requires_grad=requires_grad),
        tl.tensor([0.25, 0.5, 0.75], requires_grad=requires_grad),
        tl.tensor([[2.0, 1.0], [1.0, 3.0]], requires_grad=requires_grad),
        np.array([1.0, 2.0, 3.0]),
        np.array([[1.0, 2.0], [3.0, 4.0]]),
        np.array([True, False, True]),
        np.array([1, 2, 3]),
        np.array(4.0),
        np.zeros(3, dtype=[("a", float)]),
    )


def contents(r: Room) -> list[bytes]:
    return [(x.data if isinstance(x, tl.Tensor) else x).tobytes() for x in r]


def messages(error: BaseException | None) -> Iterator[str]:
    """An error's message and those of the errors it came from: NumPy wraps some."""
    while error is not None:
        yield str(error)
        error = error.__cause__ or error.__context__


def doors(*items: tuple[str, Door]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("door", [pytest.param(door, id=name) for name, door in items])


def refusal(door: Door) -> str:
    """Try a door with Tensors that require a gradient; the messages it is refused with."""
    r = room(requires_grad=True)
    before = contents(r)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result: Any = door(r)
        except Exception as error:
            text = "\n".join(messages(error))
        else:
            text = ""
    assert contents(r) == before, "it was refused too late: an array has been written to"
    assert text, f"nothing was raised, and the gradient is lost in {result!r}"
    return text


def assert_says_what_to_do(text: str) -> None:
    assert any(way in text for way in (".detach()", ".numpy()", "detach() it", ".item()")), text


def assign(r: Room, name: str, index: Any, value: Any) -> None:
    getattr(r, name)[index] = value


def add_in_place(target: Any, value: Any) -> None:
    target += value


def multiply_matrices_in_place(target: Any, value: Any) -> None:
    target @= value


# ---------------------------------------------------------------------------------------------------------------------
# Making arrays


@doors(
    ("array", lambda r: np.array(r.t)),
    ("array-of-objects", lambda r: np.array(r.t, dtype=object)),
    ("array-ndmin", lambda r: np.array(r.s, ndmin=2)),
    ("asarray", lambda r: np.asarray(r.t)),
    ("asanyarray", lambda r: np.asanyarray(r.t)),
    ("asarray_chkfinite", lambda r: np.asarray_chkfinite(r.t)),
    ("ascontiguousarray", lambda r: np.ascontiguousarray(r.t)),
    ("asfortranarray", lambda r: np.asfortranarray(r.t)),
    ("require", lambda r: np.require(r.t)),
    ("list-of-vectors", lambda r: np.array([r.t, r.t])),
    ("list-of-numbers", lambda r: np.array([r.s, r.s])),
    ("list-of-numbers-float", lambda r: np.array([r.s, r.s], dtype=float)),
    ("list-of-numbers-object", lambda r: np.array([r.s, 1.0], dtype=object)),
    ("nested-lists", lambda r: np.array([[r.s, 1.0], [2.0, 3.0]])),
    ("entries", lambda r: np.array(list(r.t))),
    ("float64-of-vector", lambda r: np.float64(r.t)),
    ("full", lambda r: np.full(3, r.t)),
    ("full-number", lambda r: np.full(3, r.s)),
    ("arange", lambda r: np.arange(0, r.s, 0.1)),
    ("r_", lambda r: np.r_[r.t, r.t]),
    ("c_", lambda r: np.c_[r.t, r.t]),
    ("masked-array", lambda r: np.ma.array(r.t)),
    ("masked-where", lambda r: np.ma.masked_where(r.mask, r.t)),
    ("ndenumerate", lambda r: list(np.ndenumerate(r.t))),
    ("broadcast", lambda r: np.broadcast(r.t, r.buf)),
    ("char", lambda r: np.char.array(r.t)),
    ("as_strided", lambda r: np.lib.stride_tricks.as_strided(r.t)),
    ("exp-of-list", lambda r: np.exp([r.s, r.s])),
    ("sum-of-list", lambda r: np.sum([r.s, r.s])),
    ("dot-of-list", lambda r: np.dot([r.s, r.s], [1.0, 2.0])),
    ("concatenate-of-lists", lambda r: np.concatenate([[r.s], [r.s]])),
    ("table-exp-of-list", lambda r: tl.exp([r.s, r.s])),
    ("table-sum-of-list", lambda r: tl.sum([r.s, r.s])),
    ("index", lambda r: r.buf[r.s]),
    ("index-of-tensor", lambda r: r.t[r.t]),
    ("condition", lambda r: np.where(r.t, 1.0, 0.0)),
    ("condition-and-choice", lambda r: np.where(r.t, r.t, 0.0)),
    ("random-normal", lambda r: np.random.default_rng(0).normal(r.t)),
    ("random-uniform", lambda r: np.random.default_rng(0).uniform(0.0, r.t)),
    ("random-choice", lambda r: np.random.default_rng(0).choice(r.t)),
    ("random-probabilities", lambda r: np.random.default_rng(0).choice(3, p=r.t)),
    ("random-permutation", lambda r: np.random.default_rng(0).permutation(r.t)),
    ("random-multinomial", lambda r: np.random.default_rng(0).multinomial(3, r.t)),
    ("array-method-dot", lambda r: r.buf.dot(r.t)),
    ("array-method-take", lambda r: r.buf.take(r.t)),
    ("array-method-searchsorted", lambda r: r.buf.searchsorted(r.t)),
    ("array-method-choose", lambda r: r.whole.choose([r.t])),
    ("assert_allclose", lambda r: np.testing.assert_allclose(r.t, r.t)),
    ("where=-of-sum", lambda r: r.buf.sum(where=r.t)),
    ("where=-of-np.sum", lambda r: np.sum(r.buf, where=r.t)),
    ("where=-of-table-sum", lambda r: tl.sum(r.buf, where=r.t)),
    ("Tensor-of-tensor", lambda r: tl.Tensor(r.t)),
    ("tensor-of-tensor", lambda r: tl.tensor(r.t)),
    ("tensor-of-list", lambda r: tl.tensor([r.s, r.s])),
)
def test_no_array_is_made_of_it(door: Door) -> None:
    assert_says_what_to_do(refusal(door))


# ---------------------------------------------------------------------------------------------------------------------
# Writing


@doors(
    ("all", lambda r: assign(r, "buf", slice(None), r.t)),
    ("ellipsis", lambda r: assign(r, "buf", ..., r.t)),
    ("mask", lambda r: assign(r, "buf", r.mask, r.t[r.mask])),
    ("integers", lambda r: assign(r, "buf", [0, 1, 2], r.t)),
    ("integers-number", lambda r: assign(r, "buf", [0, 1], r.s)),
    ("slice-number", lambda r: assign(r, "buf", slice(2), r.s)),
    ("list", lambda r: assign(r, "buf", slice(2), [r.s, r.s])),
    ("list-half", lambda r: assign(r, "buf", slice(2), [7.0, r.s])),
    ("one-number", lambda r: assign(r, "buf", 0, r.s)),
    ("one-number-of-one-entry", lambda r: assign(r, "buf", 0, r.t[:1])),
    ("one-number-of-a-matrix", lambda r: assign(r, "buf2", (0, 1), r.s)),
    ("one-number-twice-indexed", lambda r: r.buf2[0].__setitem__(1, r.s)),
    ("no-axes", lambda r: assign(r, "number", (), r.s)),
    ("integers-from-float", lambda r: assign(r, "whole", 0, r.s)),
    ("flat", lambda r: setattr(r.buf, "flat", r.t)),
    ("flat-one-number", lambda r: r.buf.flat.__setitem__(0, r.s)),
    ("field", lambda r: assign(r, "records", "a", r.t)),
    ("record", lambda r: assign(r, "records", 0, (r.s,))),
    ("memoryview", lambda r: memoryview(r.buf).__setitem__(0, r.s)),
    ("one-number-added", lambda r: r.buf.__setitem__(0, r.buf[0] + r.s)),
    ("fill", lambda r: r.buf.fill(r.s)),
    ("fill-of-one-entry", lambda r: r.buf.fill(r.t[:1])),
    ("setfield", lambda r: r.buf.setfield(r.s, np.float64)),
    ("method-put", lambda r: r.buf.put([0, 1, 2], r.t)),
    ("copyto", lambda r: np.copyto(r.buf, r.t)),
    ("copyto-where", lambda r: np.copyto(r.buf, 1.0, where=r.t)),
    ("put", lambda r: np.put(r.buf, [0, 1, 2], r.t)),
    ("place", lambda r: np.place(r.buf, r.mask, r.t)),
    ("putmask", lambda r: np.putmask(r.buf, r.mask, r.t)),
    ("put_along_axis", lambda r: np.put_along_axis(r.buf, np.arange(3), r.t, 0)),
    ("fill_diagonal", lambda r: np.fill_diagonal(r.buf2, r.t)),
    ("fill_diagonal-number", lambda r: np.fill_diagonal(r.buf2, r.s)),
    ("full_like", lambda r: np.full_like(r.buf, r.s)),
    ("add.at", lambda r: np.add.at(r.buf, [0, 1, 2], r.t)),
    ("negative.at", lambda r: np.negative.at(r.buf, r.t)),
    ("shuffle", lambda r: np.random.default_rng(0).shuffle(r.t)),
)
def test_it_is_not_written_to_an_array(door: Door) -> None:
    refusal(door)


@doors(
    ("in-place-add", lambda r: add_in_place(r.buf, r.t)),
    ("in-place-matmul", lambda r: multiply_matrices_in_place(r.buf2, r.m)),
    ("slice-in-place", lambda r: r.buf.__setitem__(slice(None), r.buf[:].__imul__(r.t))),
    ("add", lambda r: np.add(r.t, 1, out=r.buf)),
    ("exp-positional", lambda r: np.exp(r.t, r.buf)),
    ("exp-where", lambda r: np.exp(r.t, where=r.mask, out=r.buf)),
    ("greater", lambda r: np.greater(r.t, 0.5, out=r.mask)),
    ("add.reduce", lambda r: np.add.reduce(r.m, axis=0, out=r.buf[:2])),
    ("add.accumulate", lambda r: np.add.accumulate(r.t, out=r.buf)),
    ("sum", lambda r: np.sum(r.m, axis=0, out=r.buf[:2])),
    ("mean", lambda r: np.mean(r.m, axis=0, out=r.buf[:2])),
    ("std", lambda r: np.std(r.m, axis=0, out=r.buf[:2])),
    ("max", lambda r: np.max(r.m, axis=0, out=r.buf[:2])),
    ("prod", lambda r: np.prod(r.m, axis=0, out=r.buf[:2])),
    ("cumsum", lambda r: np.cumsum(r.t, out=r.buf)),
    ("all", lambda r: np.all(r.m, axis=0, out=r.mask[:2])),
    ("argmax", lambda r: np.argmax(r.m, axis=0, out=r.whole[:2])),
    ("concatenate", lambda r: np.concatenate([r.m, r.m[:0]], out=r.buf2)),
    ("stack", lambda r: np.stack([r.t[:2], r.t[1:]], out=r.buf2)),
    ("dot", lambda r: np.dot(r.m, r.m, out=r.buf2)),
    ("dot-positional", lambda r: np.dot(r.m, r.m, r.buf2)),
    ("matmul", lambda r: np.matmul(r.m, r.m, out=r.buf2)),
    ("einsum", lambda r: np.einsum("ij,jk->ik", r.m, r.m, out=r.buf2)),
    ("outer", lambda r: np.outer(r.t[:2], r.t[:2], r.buf2)),
    ("clip", lambda r: np.clip(r.t, 0, 0.5, out=r.buf)),
    ("clip-positional", lambda r: np.clip(r.t, 0, 0.5, r.buf)),
    ("clip-method", lambda r: r.buf.clip(r.t, 1.0, out=r.buf)),
    ("take", lambda r: np.take(r.t, [0, 1, 2], out=r.buf)),
    ("round", lambda r: np.round(r.t, 0, r.buf)),
    ("trace", lambda r: np.trace(r.m, out=r.number)),
    ("table-exp", lambda r: tl.exp(r.t, out=r.buf)),
    ("table-exp-positional", lambda r: tl.exp(r.t, r.buf)),
    ("table-add", lambda r: tl.add(r.t, 1.0, out=r.buf)),
    ("table-matmul", lambda r: tl.matmul(r.m, r.m, out=r.buf2)),
    ("table-sum", lambda r: tl.sum(r.m, 0, out=r.buf[:2])),
    ("method-exp", lambda r: r.t.exp(r.buf)),
    ("into-its-own-value", lambda r: tl.exp(r.t, r.t)),
    ("of-a-constant-into-it", lambda r: np.exp(r.buf, out=r.t)),
)
def test_out_is_refused_before_anything_is_written(door: Door) -> None:
    refusal(door)


# ---------------------------------------------------------------------------------------------------------------------
# Functions without a rule, and keywords without one


@doors(
    ("multi_dot", lambda r: np.linalg.multi_dot([r.m, r.m], out=r.buf2)),
    ("save", lambda r: np.save(io.BytesIO(), r.t)),
    ("savetxt", lambda r: np.savetxt(io.StringIO(), r.t)),
    ("vectorized", lambda r: np.frompyfunc(lambda x: x * 2, 1, 1)(r.t)),
    ("exp", lambda r: np.exp(r.t, where=r.mask)),
    ("add", lambda r: np.add(r.buf, r.buf, where=r.t)),
)
def test_a_function_without_a_rule_is_refused_by_name(door: Door, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.id.rstrip("0123456789")
    text = refusal(door)
    assert name in text
    if name != "pad":  # its message names the modes that are differentiated
        assert_says_what_to_do(text)


def test_the_message_names_the_function_as_one_writes_it() -> None:
    assert "np.linalg.multi_dot" in refusal(lambda r: np.linalg.multi_dot([r.m, r.m], out=r.buf2))


def test_the_message_says_which_tensor() -> None:
    w = tl.tensor([1.0, 2.0], requires_grad=True, name="weight")
    with pytest.raises(TypeError, match="weight"):
        np.save(io.BytesIO(), w)


@doors(
    ("sum", lambda r: r.buf.sum(initial=r.s)),
    ("np.sum", lambda r: np.sum(r.buf, initial=r.s)),
    ("max", lambda r: r.buf.max(initial=r.s)),
    ("np.max", lambda r: np.max(r.buf, initial=r.s)),
    ("prod", lambda r: r.buf.prod(initial=r.s)),
    ("add.reduce", lambda r: np.add.reduce(r.buf, initial=r.s)),
    ("var-ddof", lambda r: r.buf.var(ddof=r.s)),
    ("np.var-correction", lambda r: np.var(r.buf, correction=r.s)),
    ("relu-slope", lambda r: tl.relu(r.t, slope_at_zero=r.s)),
    ("round-decimals", lambda r: tl.round(r.t, r.s)),
    ("float64", lambda r: np.float64(r.s)),
    ("fromiter", lambda r: np.fromiter(r.t, float)),
    ("vectorize", lambda r: np.vectorize(lambda x: x * r.s, otypes=[float])(r.buf)),
)
def test_numbers_that_numpy_asks_for_are_refused(door: Door) -> None:
    """NumPy turns these into a number by itself; nobody wrote float(t)."""
    refusal(door)


@doors(
    ("pad-ramp", lambda r: np.pad(r.buf, 1, mode="linear_ramp", end_values=r.s)),
    ("cross-entropy-labels", lambda r: tl.cross_entropy(r.m, r.t[:2])),
    ("repeats", lambda r: tl.repeat(r.buf, r.t)),
    ("shift", lambda r: tl.roll(r.t, r.s)),
    ("indices", lambda r: tl.take(r.t, r.t)),
    ("sections", lambda r: tl.array_split(r.t, r.s)),
)
def test_parameters_of_the_table_do_not_swallow_it(door: Door) -> None:
    refusal(door)


# ---------------------------------------------------------------------------------------------------------------------
# Python's own doors


@doors(
    ("float", lambda r: float(r.s)),
    ("int", lambda r: int(r.s)),
    ("complex", lambda r: complex(r.s)),
    ("math.exp", lambda r: math.exp(r.s)),
    ("math.fsum", lambda r: math.fsum(r.t)),
    ("math.hypot", lambda r: math.hypot(*r.t)),
    ("cmath.exp", lambda r: cmath.exp(r.s)),
    ("fmean", lambda r: statistics.fmean(r.t)),
    ("percent-format", lambda r: "%f" % r.s),  # noqa: UP031
    ("array.array", lambda r: array.array("d", r.t)),
    ("struct.pack", lambda r: struct.pack("d", r.s)),
    ("ctypes", lambda r: ctypes.c_double(r.s)),
)
def test_a_python_number_of_it_is_not_made_silently(door: Door) -> None:
    """float(t) of one entry is an error, or a warning that names the ways out; so is what asks for it in C."""
    r = room(requires_grad=True)
    before = contents(r)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            door(r)
        except (TypeError, struct.error):
            return
    assert contents(r) == before
    assert [w.category for w in caught][:1] == [UserWarning]
    assert ".item()" in str(caught[0].message)


@doors(
    ("float-of-vector", lambda r: float(r.t)),
    ("int-of-vector", lambda r: int(r.t)),
    ("index-a-list", lambda r: [1, 2, 3][r.s]),
    ("range", lambda r: range(r.s)),
    ("bytes", lambda r: bytes(r.t)),
    ("memoryview", lambda r: memoryview(r.t)),
    ("frombuffer", lambda r: np.frombuffer(r.t)),
    ("from_dlpack", lambda r: np.from_dlpack(r.t)),
    ("truth-of-vector", lambda r: bool(r.t)),
)
def test_what_it_is_not_is_refused(door: Door) -> None:
    refusal(door)


@doors(
    ("pickle", lambda r: pickle.dumps(r.t * 2)),
    ("deepcopy", lambda r: copy.deepcopy(r.t * 2)),
    ("deepcopy-in-a-list", lambda r: copy.deepcopy([r.t * 2])),
)
def test_what_was_computed_is_not_copied_off_its_graph(door: Door) -> None:
    text = refusal(door)
    assert "multiply" in text
    assert_says_what_to_do(text)


# ---------------------------------------------------------------------------------------------------------------------
# What may pass


@doors(
    ("array", lambda r: np.array(r.t)),
    ("list", lambda r: np.array([r.s, r.s])),
    ("assignment", lambda r: assign(r, "buf", slice(None), r.t)),
    ("number", lambda r: assign(r, "buf", 0, r.s)),
    ("mask", lambda r: assign(r, "buf", r.mask, r.t[r.mask])),
    ("add.at", lambda r: np.add.at(r.buf, [0, 1, 2], r.t)),
    ("out", lambda r: np.add(r.t, 1, out=r.buf)),
    ("sum-out", lambda r: np.sum(r.m, axis=0, out=r.buf[:2])),
    ("in-place", lambda r: add_in_place(r.buf, r.t)),
    ("copyto", lambda r: np.copyto(r.buf, r.t)),
    ("fill", lambda r: r.buf.fill(r.s)),
    ("inv", lambda r: np.linalg.inv(r.m)),
    ("ix_", lambda r: np.ix_(r.t)),
    ("initial", lambda r: np.sum(r.buf, initial=r.s)),
    ("float", lambda r: float(r.s)),
    ("math", lambda r: math.exp(r.s)),
    ("random", lambda r: np.random.default_rng(0).normal(r.t)),
    ("exp-where", lambda r: np.exp(r.t, where=r.mask, out=r.buf)),
    ("nonzero", lambda r: np.where(r.t)),
)
def test_constants_and_no_grad_pass(door: Door) -> None:
    """With the result, and in the buffers, that plain arrays give."""
    plain = room(requires_grad=False)
    plain = Room(*[x.data if isinstance(x, tl.Tensor) else x for x in plain])
    expected = door(plain)
    constants, unrecorded = room(requires_grad=False), room(requires_grad=True)
    got = [door(constants)]
    with tl.no_grad():
        got.append(door(unrecorded))
    for r in (constants, unrecorded):
        assert contents(r) == contents(plain)
    for result in got:
        assert not getattr(result, "requires_grad", False)
        if expected is not None:
            result = result.data if isinstance(result, tl.Tensor) else result
            np.testing.assert_array_equal(result, expected)


@doors(
    ("argmax", lambda t: np.argmax(t)),
    ("argsort", lambda t: np.argsort(t)),
    ("isnan", lambda t: np.isnan(t)),
    ("isfinite", lambda t: np.isfinite(t)),
    ("greater", lambda t: np.greater(t, 0.5)),
    ("operator", lambda t: t > 0.5),
    ("reflected-operator", lambda t: np.array(0.5) < t),
    ("equal", lambda t: t == 0.5),
    ("logical", lambda t: np.logical_and(t, True)),
    ("any", lambda t: np.any(t)),
    ("isclose", lambda t: np.isclose(t, 0.5)),
    ("allclose", lambda t: np.allclose(t, t)),
    ("count_nonzero", lambda t: np.count_nonzero(t)),
    ("nonzero", lambda t: np.nonzero(t)[0]),
    ("where-nonzero", lambda t: np.where(t > 0.5)[0]),
    ("searchsorted", lambda t: np.searchsorted(t, 0.5)),
    ("shape", lambda t: np.shape(t)),
    ("ndim", lambda t: np.ndim(t)),
    ("size", lambda t: np.size(t)),
    ("zeros_like", lambda t: np.zeros_like(t)),
    ("ones_like", lambda t: np.ones_like(t)),
    ("result_type", lambda t: np.result_type(t, 1.0)),
    ("text", lambda t: np.array2string(t)),
)
def test_what_has_no_derivative_is_plain(door: Callable[[Any], Any]) -> None:
    t = room(requires_grad=True).t
    got, expected = door(t), door(t.data)
    assert not isinstance(got, tl.Tensor)
    assert type(got) is type(expected)
    assert np.array_equal(got, expected)


@doors(
    ("array-plus", lambda r: r.buf + r.t),
    ("array-matmul", lambda r: r.buf @ r.t),
    ("array-power", lambda r: r.buf**r.t),
    ("scalar-times", lambda r: np.float64(2) * r.t),
    ("scalar-times-number", lambda r: np.float64(2) * r.s),
    ("list-times-number", lambda r: [1.0, 2.0] * r.s),
    ("array-clip", lambda r: r.buf.clip(r.t, 4.0)),
    ("list-times", lambda r: r.t * [r.s, 1.0, 2.0]),
    ("builtin-sum", lambda r: sum(r.t)),
    ("builtin-max", lambda r: max(r.t)),
    ("builtin-round", lambda r: round(r.s)),
    ("math.prod", lambda r: math.prod(r.t)),
    ("stack", lambda r: np.stack([r.s, r.s])),
    ("stack-of-entries", lambda r: np.stack(list(r.t))),
    ("clip-bound", lambda r: tl.clip(r.buf, r.s, 2.0)),
    ("initial", lambda r: tl.sum(r.buf, initial=r.s)),
    ("heaviside", lambda r: np.heaviside(r.buf, r.s)),
    ("subtract.outer", lambda r: np.subtract.outer(r.t, r.buf)),
    ("fromfunction", lambda r: np.fromfunction(lambda i: i * r.s, (3,))),
    ("polynomial", lambda r: np.polynomial.polynomial.polyval(r.t, [1.0, 2.0])),
    ("copy", lambda r: copy.copy(r.t * 2)),
    ("linspace", lambda r: np.linspace(0, r.s, 3)),
    ("geomspace", lambda r: np.geomspace(1, r.s, 3)),
    ("select", lambda r: np.select([r.mask], [r.t])),
    ("choose", lambda r: np.choose([0, 0, 0], [r.t])),
    ("append", lambda r: np.append(r.buf, r.t)),
    ("insert", lambda r: np.insert(r.buf, 0, r.t)),
    ("nan_to_num", lambda r: np.nan_to_num(r.t)),
    ("fmod", lambda r: np.fmod(r.t, 0.2)),
    ("copysign", lambda r: np.copysign(r.t, 1.0)),
    ("add.reduceat", lambda r: np.add.reduceat(r.t, [0])),
    ("exp", lambda r: np.exp(r.t, dtype=np.float32)),
    ("add", lambda r: np.add(r.t, 1, casting="unsafe")),
    ("add", lambda r: np.add(r.t, 1, signature="dd->d")),
    ("pad", lambda r: np.pad(r.t, 1, mode="mean")),
    ("pad", lambda r: tl.pad(r.buf, 1, constant_values=r.s)),
    ("pad-of-tensor", lambda r: np.pad(r.t, 1, constant_values=r.s)),
    ("modf", lambda r: np.modf(r.t)[0]),
)
def test_ordinary_code_stays_on_the_graph(door: Door) -> None:
    r = room(requires_grad=True)
    y = door(r)
    assert isinstance(y, tl.Tensor)
    y.sum().backward()
    assert any(x.grad is not None for x in (r.s, r.t, r.m))


@pytest.mark.parametrize("tracked", ["a", "b", "both"])
def test_all_tensors_of_a_refused_call_are_looked_at(tracked: str) -> None:
    """One Tensor that requires a gradient among constants, at any depth, is enough."""
    a, b = (tl.tensor([1.0, 2.0], requires_grad=tracked in (name, "both")) for name in "ab")
    with pytest.raises(TypeError, match="requires a gradient"):
        np.save(io.BytesIO(), [[a], [b]])
    with pytest.raises(TypeError, match="requires a gradient"):
        np.add(a, b, out=np.zeros(2))


def test_a_keyword_of_none_is_passed_on() -> None:
    """``axis=None`` is an argument like any other where it is not the default."""
    m = tl.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert np.add.reduce(m, axis=None).item() == 10
    assert np.concatenate([m, m], axis=None).shape == (8,)
    np.testing.assert_array_equal(np.take_along_axis(m, np.array([3, 0]), axis=None).data, [4.0, 1.0])
    assert np.sum(m, axis=None, out=None).item() == 10


def test_casting_to_complex_keeps_the_gradient() -> None:
    t = tl.tensor([1.0, 2.0], requires_grad=True)
    np.real(t.astype(complex).sum() + np.sum(t, dtype=complex)).backward()
    np.testing.assert_array_equal(t.grad, [2.0, 2.0])
    assert tl.tensor([1.0]).astype(complex).dtype == complex


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_a_copy_of_a_transforms_variable_is_refused(copied) -> None:
    with pytest.raises(TypeError, match="a transform's variable"):
        tl.grad(lambda x: (copied(x) ** 2).sum())(np.array([1.0, 2.0]))


def test_a_gradient_that_requires_one_is_refused_before_the_sweep() -> None:
    w, g = tl.tensor([1.0], requires_grad=True), tl.tensor([1.0], requires_grad=True)
    y = w * w
    with pytest.raises(TypeError, match=r"backward\(gradient\)"):
        y.backward(g)
    y.backward(g.detach())
    np.testing.assert_array_equal(w.grad, [2.0])
