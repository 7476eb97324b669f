"""Which mistakes make predictions collapse onto the latest label, and which do not."""

from __future__ import annotations

import numpy as np
import pytest

import tinygrad_lite as tl
from tinygrad_lite.documents import digits
from tinygrad_lite.documents.experiments import collapse
from tinygrad_lite.documents.experiments.collapse import RECIPES, Recipe, record

pytest.importorskip("sklearn")

BY_NAME = {recipe.name: recipe for recipe in RECIPES}


def means(name: str) -> dict[str, float]:
    return record(BY_NAME[name]).means()


# ---------------------------------------------------------------------------------------------------------------------
# The training is what it says


def test_the_correct_recipe_is_gradient_descent() -> None:
    rng = np.random.default_rng(3)
    V, c, W, b = rng.standard_normal((30, 64)) / 8, rng.standard_normal(30), rng.standard_normal((10, 30)), np.ones(10)
    x, label = rng.random(64), 4

    def cost(V, c, W, b):
        return tl.cross_entropy(W @ np.tanh(V @ x + c) + b, label)

    gradients = tl.grad(cost, argnums=(0, 1, 2, 3))(V, c, W, b)
    after = collapse.step_by_hand(collapse.CORRECT, (V, c, W, b), x, np.eye(10)[label])
    for old, new, g in zip((V, c, W, b), after, gradients, strict=True):
        np.testing.assert_allclose(new, old - 0.1 * g, rtol=1e-12, atol=1e-14)


def test_only_the_correct_step_is_the_gradient() -> None:
    z, t = np.array([0.3, -1.0, 0.8]), np.array([0.0, 1.0, 0.0])
    o = np.exp(z) / np.exp(z).sum()
    gradient = tl.grad(lambda z: tl.cross_entropy(z, t))(z)
    for recipe in RECIPES:
        same = np.allclose(recipe.step(o, t), gradient)
        assert same == (recipe.step is collapse.correct), recipe.name
    one_term = tl.grad(lambda o: -(t * np.log(o)).sum())(o) * np.diag(tl.jacobian(tl.softmax)(z))
    np.testing.assert_allclose(collapse.elementwise(o, t), one_term, rtol=1e-12)


@pytest.mark.parametrize(
    ("recipe", "changed"),
    [
        (Recipe("no biases", biases=False), "VW"),
        (Recipe("fixed", hidden_fixed=True), "Wb"),
        (Recipe("all"), "VcWb"),
    ],
)
def test_what_a_recipe_leaves_alone(recipe: Recipe, changed: str) -> None:
    data = digits.load(0)
    (_, first), (_, second) = collapse.training_steps(recipe, data, 2, 0)
    moved = {name for name, old, new in zip("VcWb", first, second, strict=True) if not np.array_equal(old, new)}
    assert moved == set(changed)


def test_weights_updated_too_early_change_the_hidden_layer_only() -> None:
    data = digits.load(0)
    (_, now), (_, early) = [
        next(collapse.training_steps(r, data, 1, 0)) for r in (Recipe(""), Recipe("", too_early=True))
    ]
    same = [np.array_equal(a, b) for a, b in zip(now, early, strict=True)]
    assert same == [False, False, True, True]


def test_images_sorted_by_label() -> None:
    labels = [label for label, _ in collapse.training_steps(Recipe("", by_label=True), digits.load(0), 50, 0)]
    assert labels == sorted(labels)


def test_an_image_is_repeated_until_it_is_learnt() -> None:
    data = digits.load(0)
    for label, parameters in collapse.training_steps(collapse.CORRECT_UNTIL, data, 20, 0):
        shown = [x for x, y in zip(data.train_x, data.train_y, strict=True) if y[label] == 1]
        assert max(collapse.outputs(parameters, x)[1][label] for x in shown) > collapse.LEARNT


def test_what_is_recorded() -> None:
    found = record(collapse.CORRECT, 40)
    assert all(x.shape == (40,) and not x.flags.writeable for x in found)
    assert np.all(found.same >= found.latest)
    assert np.all(found.same >= 0.1)
    assert found.means()["accuracy"] == found.accuracy[20:].mean()


# ---------------------------------------------------------------------------------------------------------------------
# The phenomenon


@pytest.mark.parametrize("seed", range(3))
def test_the_phenomenon(seed: int) -> None:
    """The elementwise step, each image learnt before the next: always the latest label, regardless of the input."""
    found = record(collapse.ELEMENTWISE_UNTIL, 600, seed).settled()
    assert np.mean(found.latest == 1) > 0.99
    assert found.means()["same"] > 0.99
    assert found.means()["spread"] < 0.01


@pytest.mark.parametrize("seed", range(3))
def test_the_correct_step_cures_it(seed: int) -> None:
    for recipe in (collapse.CORRECT, collapse.CORRECT_UNTIL):
        found = record(recipe, 600, seed).means()
        assert found["accuracy"] > 0.75
        assert found["latest"] < 0.2
        assert found["spread"] > 0.4


def test_the_elementwise_step_alone_makes_all_predictions_the_same_but_not_always_the_latest() -> None:
    found = record(collapse.ELEMENTWISE).means()
    assert found["same"] > 0.99
    assert 0.15 < found["latest"] < 0.5


def test_the_hidden_layer_is_where_it_happens() -> None:
    found = means("elementwise, hidden layer fixed")
    assert found["accuracy"] > 0.4
    assert found["latest"] < 0.2
    assert found["same"] < 0.5


def test_too_large_a_learning_rate_does_it_with_the_correct_step() -> None:
    assert means("correct, learning rate 2")["latest"] > 0.99


def test_sorted_labels_come_close() -> None:
    assert 0.9 < means("correct, images sorted by label")["latest"] < 0.99


@pytest.mark.parametrize("name", ["wrong sign: t − o", "derivative missing: −t/o"])
def test_one_prediction_for_all_but_rarely_the_latest(name: str) -> None:
    assert means(name)["same"] > 0.99
    assert means(name)["latest"] < 0.4


@pytest.mark.parametrize(
    "name",
    ["derivative twice: (o − t) o (1 − o)", "correct, weights updated too early", "correct, without biases"],
)
def test_innocent(name: str) -> None:
    assert means(name)["accuracy"] > 0.5
    assert means(name)["latest"] < 0.2
