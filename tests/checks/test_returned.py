"""All gradients at once, as courses ask for them: tuples, dicts by names such as dW1, with the loss beside."""

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.checks import returned

RNG = np.random.default_rng(4)
ARGS = (RNG.normal(size=(3, 4)), np.zeros(4), RNG.normal(size=(4, 2)), np.zeros(2))
DATA = (RNG.normal(size=(5, 3)), RNG.normal(size=(5, 2)))
PARAMS = dict(zip(("W1", "b1", "W2", "b2"), ARGS, strict=True))


def network(W1, b1, W2, b2, X, y):
    h = np.tanh(X @ W1 + b1)
    return np.sum((h @ W2 + b2 - y) ** 2) / 2


def by_hand(W1, b1, W2, b2, X, y):
    h = np.tanh(X @ W1 + b1)
    d = h @ W2 + b2 - y
    dz = d @ W2.T * (1 - h * h)
    return X.T @ dz, dz.sum(axis=0), h.T @ d, d.sum(axis=0)


def named(prefix, *a, suffix=""):
    return {f"{prefix}{name}{suffix}": g for name, g in zip(PARAMS, by_hand(*a), strict=True)}


def with_params(params, X, y):
    return network(*params.values(), X, y)


def quantities(report):
    return [result.quantity.partition("/∂")[2] for result in report.results]


NAMES = ["W1", "b1", "W2", "b2"]


@pytest.mark.parametrize(
    "claimed",
    [
        lambda *a: named("d", *a),
        lambda *a: named("", *a),
        lambda *a: named("grad_", *a),
        lambda *a: named("dL_d", *a),
        lambda *a: named("∂", *a),
        lambda *a: named("dLd", *a),
        lambda *a: named("", *a, suffix="_grad"),
        lambda *a: dict(reversed(named("d", *a).items())),
        lambda *a: (network(*a), named("d", *a)),
        lambda *a: (named("d", *a), network(*a)),
        lambda *a: {**named("d", *a), "dz": np.zeros(3)},
        by_hand,
        lambda *a: (network(*a), by_hand(*a)),
        lambda *a: list(by_hand(*a)),
    ],
)
def test_all_at_once(claimed):
    report = tl.check_derivation(network, claimed, *ARGS, *DATA)
    assert report.verdict == "holds", report
    assert quantities(report) == NAMES


@pytest.mark.parametrize(
    "claimed",
    [
        lambda p, X, y: named("d", *p.values(), X, y),
        lambda p, X, y: named("", *p.values(), X, y),
        lambda p, X, y: (with_params(p, X, y), named("d", *p.values(), X, y)),
        lambda p, X, y: {**named("d", *p.values(), X, y), "dA1": X},
    ],
)
def test_parameters_in_a_dict(claimed):
    report = tl.check_derivation(with_params, claimed, PARAMS, *DATA)
    assert report.verdict == "holds", report
    assert quantities(report) == [f"params['{name}']" for name in NAMES]


def test_some_of_them():
    some = lambda p, X, y: {"dW2": named("d", *p.values(), X, y)["dW2"]}
    report = tl.check_derivation(with_params, some, PARAMS, *DATA)
    assert report.verdict == "holds"
    assert quantities(report) == ["params['W2']"]
    assert "nothing is claimed of params['W1'], params['b1'], params['b2']" in report.remarks
    report = tl.check_derivation(network, lambda *a: {"db1": by_hand(*a)[1]}, *ARGS, *DATA)
    assert quantities(report) == ["b1"]
    assert "also returned, and not compared: dh" in (
        tl.check_derivation(network, lambda *a: {"db1": by_hand(*a)[1], "dh": 0}, *ARGS, *DATA).remarks
    )


def test_one_wrong_among_them_is_named():
    def wrong(*a):
        return {**named("d", *a), "db1": 2 * by_hand(*a)[1]}

    report = tl.check_derivation(network, wrong, *ARGS, *DATA)
    assert [result.holds for result in report.results] == [True, False, True, True]
    assert report.diagnosis.quantity == "∂network/∂b1"


@pytest.mark.parametrize("wrt", ["W2", "dW2", "∂W2", "grad_W2", 2, ("dW2",)])
def test_asked_for_by_any_name(wrt):
    assert tl.check_derivation(network, lambda *a: by_hand(*a)[2], *ARGS, *DATA, wrt=wrt)
    assert tl.check_derivation(network, lambda *a: named("d", *a), *ARGS, *DATA, wrt=wrt)


@pytest.mark.parametrize("wrt", ["W2", "dW2", "params['W2']", ("W2",)])
def test_entries_of_a_dict_are_asked_for(wrt):
    claimed = lambda p, X, y: by_hand(*p.values(), X, y)[2]
    assert quantities(tl.check_derivation(with_params, claimed, PARAMS, *DATA, wrt=wrt)) == ["params['W2']"]


def test_claims_by_derivatives_names():
    claims = {"dW1": lambda *a: by_hand(*a)[0], "db2": lambda *a: by_hand(*a)[3]}
    assert quantities(tl.check_derivation(network, claims, *ARGS, *DATA)) == ["W1", "b2"]
    numbers = named("d", *ARGS, *DATA)
    assert quantities(tl.check_derivation(network, numbers, *ARGS, *DATA)) == NAMES


def test_numbers_that_do_not_change_are_left_alone():
    config = {"W": ARGS[0], "layers": 2, "name": "tanh"}
    f = lambda p, X: np.sum(np.tanh(X @ p["W"]) * p["layers"])
    claimed = lambda p, X: {"dW": p["layers"] * X.T @ (1 - np.tanh(X @ p["W"]) ** 2)}
    assert tl.check_derivation(f, claimed, config, DATA[0]).verdict == "holds"


@pytest.mark.parametrize(
    ("claimed", "message"),
    [
        (lambda *a: {"delta1": 0, "delta2": 0}, "such as 'dW' is understood"),
        (lambda *a: by_hand(*a)[1:], "say with respect to which they are"),
        (lambda *a: by_hand(*a)[:3][::-1], "say with respect to which they are"),
    ],
)
def test_what_cannot_be_told_is_asked_for(claimed, message):
    with pytest.raises(ValueError, match=message):
        tl.check_derivation(network, claimed, *ARGS, *DATA)


def test_rows_of_one_array_are_no_tuple_of_derivatives():
    f = lambda x: (
        np.array([x[0] * x[1], x[0] ** 2]) if not isinstance(x, tl.Tensor) else tl.stack([x[0] * x[1], x[0] ** 2])
    )
    rows = lambda x: [np.array([x[1], x[0]]), np.array([2 * x[0], 0.0])]
    assert tl.check_derivation(f, rows, np.array([1.5, -0.7])).verdict == "holds"
    assert tl.check_derivation(lambda x: np.sum(x * x), lambda x: [2 * x[0], 2 * x[1]], np.array([1.5, -0.7]))


def test_numbers_of_several_numbers():
    report = tl.check_derivation(lambda a, b: a * b**2, lambda a, b: (b**2, 2 * a * b), 1.5, 0.3)
    assert quantities(report) == ["a", "b"]


@pytest.mark.parametrize(
    ("key", "name", "is_it"),
    [
        ("dW1", "W1", True),
        ("W1", "W1", True),
        ("gradW1", "W1", True),
        ("dJ_dw", "w", True),
        ("dloss_dw", "w", True),
        ("w_grad", "w", True),
        ("dE/dw", "w", True),
        ("W1", "W", False),
        ("raw", "w", False),
        ("dW1", "b1", False),
        (3, "w", False),
    ],
)
def test_names_of_derivatives(key, name, is_it):
    assert returned.is_derivative_by(key, name) is is_it
