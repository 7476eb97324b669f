"""Networks as scikit-learn's users know them: ``MLPClassifier`` and ``MLPRegressor`` (extra ``sklearn``).

Their parameters have scikit-learn's names where it has the same ones. Everything is computed in the samples' own
floating-point dtype.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from ..table.neural import log_softmax, sigmoid, softmax
from ..table.units import logsigmoid
from .data import Standardizer
from .running import Run
from .samples import checked_weights, in_chunks, no_iterator

try:
    from sklearn.base import ClassifierMixin, RegressorMixin
    from sklearn.metrics import r2_score
    from sklearn.utils import column_or_1d
    from sklearn.utils.class_weight import compute_class_weight
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import validate_data

    from .perceptron import ACCEPTED, Estimator, steps
except ImportError as error:
    raise ImportError(
        "the estimators need scikit-learn 1.6 or newer, which is not installed: pip install 'tinygrad-lite[sklearn]'",
        name=error.name,
    ) from error

__all__ = ["MLPClassifier", "MLPRegressor"]


class MLPClassifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """A multilayer perceptron that classifies: softmax outputs and cross-entropy, of each sample one class.

    For several labels at once y is a matrix of 0 and 1, a column for each label: then the outputs are sigmoids, and the
    loss the sum of their binary cross-entropies.

    Parameters besides those of both estimators
    -------------------------------------------
    class_weight : a dict of weights by class, by which those of samples are multiplied; or "balanced", n/(K nₖ) for the
        nₖ of n samples in one of K classes

    >>> from tinygrad_lite.training.estimators import MLPClassifier
    >>> X, y, *_ = tl.data.load("iris")
    >>> MLPClassifier(random_state=0).fit(X, y).score(X, y) > 0.95
    True
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (64,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0,
        batch_size: int = 32,
        learning_rate_init: float = 0.01,
        max_iter: int = 100,
        tol: float = 1e-4,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: Any = None,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            tol=tol,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
            warm_start=warm_start,
            random_state=random_state,
            verbose=verbose,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPClassifier:
        """Train on samples X and their classes y, of any type, or a matrix of labels; returns itself.

        With ``warm_start`` and a network, y may have no classes but those it knows.
        """
        again = self._going_on()
        with self._whole():
            X, y = self._checked(X, y, reset=not again)
            if not again:
                self.classes_ = np.arange(y.shape[1]) if y.ndim == 2 else classes_in(y)
                self.multilabel_ = y.ndim == 2
            targets = self._numbered(y)
            self._network(X, len(self.classes_), again)
            self._train(X, targets, self._loss, self._weights(targets, sample_weight))
        return self

    @available_if(steps)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, *, classes: Any = None, sample_weight: Any = None) -> MLPClassifier:
        """One epoch over samples X and their classes y, from where the network and its optimizer are; returns itself.

        The first call needs ``classes``, all that there will be; for matrices of labels they are the columns.
        """
        no_iterator("partial_fit: classes are an array", classes)
        first = not hasattr(self, "model_")
        if self.class_weight == "balanced":
            raise ValueError(
                "partial_fit: class_weight='balanced' needs all samples at once; give the weights as a dict"
            )
        with self._whole():
            X, y = self._checked(X, y, reset=first)
            if first:
                if classes is None and y.ndim == 1:
                    raise ValueError("partial_fit: the first call needs classes, all that there will be")
                self.classes_ = np.arange(y.shape[1]) if y.ndim == 2 else np.unique(classes)
                self.multilabel_ = y.ndim == 2
            if classes is not None and not np.array_equal(np.unique(classes), self.classes_):
                raise ValueError(f"partial_fit: the network's classes are {self.classes_}, not {classes}")
            targets = self._numbered(y)
            self._network(X, len(self.classes_), not first)
            self._train_on_more(X, targets, self._loss, self._weights(targets, sample_weight))
        return self

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, in the order of ``classes_``; or of each label."""
        outputs = self._outputs(X)
        probabilities: np.ndarray = sigmoid(outputs) if self.multilabel_ else softmax(outputs)
        return probabilities

    def predict_log_proba(self, X: Any) -> Any:
        """Their logarithms, from the outputs: finite also where a probability rounds to 0."""
        outputs = self._outputs(X)
        logarithms: np.ndarray = logsigmoid(outputs) if self.multilabel_ else log_softmax(outputs)
        return logarithms

    def decision_function(self, X: Any) -> Any:
        """The scores before the softmax, of two classes their difference, ln p₁/p₀; or those before the sigmoid."""
        outputs = self._outputs(X)
        return outputs[:, 1] - outputs[:, 0] if len(self.classes_) == 2 and not self.multilabel_ else outputs

    def predict(self, X: Any) -> Any:
        """The likeliest class of each sample; or 1 for each label that is likelier than not."""
        outputs = self._outputs(X)
        if self.multilabel_:
            return (outputs > 0).astype(int)
        return entries_at(self.classes_, outputs.argmax(axis=1))

    @property
    def out_activation_(self) -> str:
        """What makes probabilities of the outputs."""
        return "logistic" if self.multilabel_ else "softmax"

    @property
    def _loss(self) -> str:
        return "binary_cross_entropy" if self.multilabel_ else "cross_entropy"

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[Any, np.ndarray]:
        """Samples, and classes or a dense matrix of labels."""
        if in_chunks(X, y):
            X, y, few = self._first_checked(X, y, reset)
        else:
            X, y = validate_data(self, X, y, reset=reset, multi_output=True, **ACCEPTED)
            few = y
        check_classification_targets(few)
        kind = type_of_target(few)
        if kind == "multilabel-indicator":
            y = y.toarray() if hasattr(y, "toarray") else y
            return X, y if in_chunks(y) else np.asarray(y)
        if kind == "multiclass-multioutput":
            raise ValueError(
                "y has several columns of classes: fit one classifier to each, as sklearn.multioutput does, or give a "
                "matrix of labels 0 and 1"
            )
        if in_chunks(y):
            return X, y.ravel()
        return X, column_or_1d(y, warn=True)

    def _numbered(self, y: Any) -> Any:
        """Classes as their places in ``classes_``; labels as they are. Raises ValueError for what is not known."""
        if (y.ndim == 2) != self.multilabel_ or (self.multilabel_ and y.shape[1] != len(self.classes_)):
            known = f"rows of {len(self.classes_)} labels" if self.multilabel_ else "one class for each sample"
            raise ValueError(f"the network there is learnt {known}, and y has shape {y.shape}")
        if self.multilabel_:
            return y.astype(int)
        if in_chunks(y):
            return y.map_blocks(places_among, classes=self.classes_, meta=np.empty(0, np.intp))
        return places_among(y, self.classes_)

    def _weights(self, labels: np.ndarray, sample_weight: Any) -> Any:
        """Of each sample its weight and its class's, multiplied."""
        if self.class_weight is None:
            return sample_weight
        if self.multilabel_:
            raise ValueError("class_weight is for one class per sample; weight the samples with sample_weight")
        n, count = len(labels), len(self.classes_)
        if in_chunks(labels):
            return weighted_by_class(labels, sample_weight, self.class_weight, self.classes_)
        w = np.ones(n) if sample_weight is None else checked_weights("fit", sample_weight, n)
        if self.class_weight == "balanced":
            by_class = w.sum() / (count * np.maximum(np.bincount(labels, w, count), np.finfo(float).tiny))
        else:
            by_class = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[labels])
        return w * by_class[labels]

    def _held_out_score(self, run: Run) -> float:
        return float(run.history.val_accuracy[-1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def classes_in(y: Any) -> np.ndarray:
    """The classes that there are, in order."""
    classes = np.asarray(np.unique(y))
    check_classification_targets(classes)
    return classes


def places_among(y: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Classes as their places among those there are. Raises ValueError for others."""
    unknown = np.setdiff1d(y, classes)
    if unknown.size:
        raise ValueError(f"y has classes that the network there is has no output for: {unknown.tolist()}")
    return np.searchsorted(classes, y)


def entries_at(values: np.ndarray, places: Any) -> Any:
    """Entries by their places; of places in Dask's chunks in those."""
    if in_chunks(places):
        return places.map_blocks(partial(np.take, values), meta=values[:0])
    return values[places]


def weighted_by_class(labels: Any, sample_weight: Any, class_weight: Any, classes: np.ndarray) -> Any:
    """Of samples in Dask's chunks the weights, each times its class's."""
    from .chunking import aligned_chunks

    w = aligned_chunks(
        "fit", labels, labels, np.ones_like(labels, dtype=float) if sample_weight is None else sample_weight
    )[2]
    if class_weight == "balanced":
        sums = np.asarray(np.bincount(labels, w, len(classes)))
        by_class = sums.sum() / (len(classes) * np.maximum(sums, np.finfo(float).tiny))
    else:
        by_class = compute_class_weight(class_weight, classes=classes, y=classes)
    return w * entries_at(by_class, labels)


class MLPRegressor(RegressorMixin, Estimator):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers: squared error, of one target or several.

    The loss of a sample is ½ ‖a − y‖², a sum over its targets, of which scikit-learn's is the mean. Targets are
    standardized for training, and predictions brought back to their units. ``partial_fit`` and
    ``warm_start`` keep the means and deviations of the first samples.

    >>> from tinygrad_lite.training.estimators import MLPRegressor
    >>> X = np.linspace(-3, 3, 200).reshape(-1, 1)
    >>> MLPRegressor(random_state=0).fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.99
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """Train on samples X and targets y, numbers or rows of numbers; returns itself."""
        with self._whole():
            X, rows = self._checked(X, y, self._going_on(), sample_weight)
            self._train(X, rows, "mse", sample_weight)
        return self

    @available_if(steps)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> MLPRegressor:
        """One epoch over samples X and targets y, from where the network and its optimizer are; returns itself."""
        with self._whole():
            X, rows = self._checked(X, y, hasattr(self, "model_"), sample_weight)
            self._train_on_more(X, rows, "mse", sample_weight)
        return self

    def predict(self, X: Any) -> Any:
        """The target of each sample."""
        outputs = self._outputs(X)
        rows: np.ndarray = self._standardize.inverse(outputs)
        return rows.reshape(len(rows), *self._shape)

    out_activation_ = "identity"

    def _checked(self, X: Any, y: Any, again: bool, sample_weight: Any) -> tuple[Any, np.ndarray]:
        """Samples and standardized rows of targets, and a network for them."""
        if in_chunks(X, y):
            X, y, _ = self._first_checked(X, y, not again, y_numeric=True)
            y = y.astype(X.dtype)
        else:
            X, y = validate_data(self, X, y, reset=not again, multi_output=True, y_numeric=True, **ACCEPTED)
            y = np.asarray(y, X.dtype)
        rows = y.reshape(len(y), math.prod(y.shape[1:]))
        self._network(X, rows.shape[1], again)
        if not again:
            self._shape = y.shape[1:]
            self._standardize = Standardizer().fit(rows, sample_weight=sample_weight)
            self.mean_, self.std_ = self._standardize.mean, self._standardize.std
        return X, self._standardize(rows)

    def _held_out_score(self, run: Run) -> float:
        rows, outputs = run.held_out()
        return float(r2_score(rows, outputs)) if len(rows) > 1 else np.nan

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
