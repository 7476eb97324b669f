"""Networks as scikit-learn's users know them: ``MLPClassifier`` and ``MLPRegressor`` (extra ``sklearn``).

Their parameters have scikit-learn's names where it has the same ones. Everything is computed in the samples' own
floating-point dtype.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import nn, optim
from ..table.neural import softmax
from .data import Standardizer
from .fitting import fit
from .objective import predict

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "the estimators need scikit-learn 1.6 or newer, which is not installed: pip install 'tinygrad-lite[sklearn]'",
        name=error.name,
    ) from error

__all__ = ["MLPClassifier", "MLPRegressor"]


class Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both estimators share.

    Parameters
    ----------
    hidden_layer_sizes : neurons of the hidden layers
    activation : of the hidden layers: "relu", "tanh", "sigmoid", …
    solver : a name in ``optim.BY_NAME``: "adam", "adamw", "sgd", …
    alpha : weight decay: λ in the penalty ½ λ ‖W‖² per mini-batch
    batch_size : samples in a mini-batch
    learning_rate_init : the first learning rate; it falls as H. M. M. Vege (2018), equation 23, says
    max_iter : epochs
    early_stopping : whether to hold out ``validation_fraction`` of the samples, stop when their loss has not improved
        for ``n_iter_no_change`` epochs, and keep the best weights
    random_state : None, a seed, or a RandomState; a seed gives the same network each time
    verbose : whether to show progress
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
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        random_state: Any = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state
        self.verbose = verbose

    def _train(self, X: np.ndarray, y: np.ndarray, outputs: int, loss: str) -> None:
        """Make a network and fit it."""
        if self.solver not in optim.BY_NAME:
            raise ValueError(f"solver must be one of {', '.join(optim.BY_NAME)}, not {self.solver!r}")
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        rng = np.random.default_rng(seed)
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        sizes = [X.shape[1], *hidden, outputs]
        init = nn.init.suited_to(self.activation)
        self.model_ = nn.MLP(sizes, self.activation, init=init, rng=rng, dtype=X.dtype)
        solver = optim.BY_NAME[self.solver]
        self.history_ = fit(
            self.model_,
            X,
            y,
            loss=loss,
            optimizer=solver(self.model_.parameters(), lr=self.learning_rate_init, weight_decay=self.alpha),
            epochs=self.max_iter,
            batch_size=self.batch_size,
            validation=self.validation_fraction if self.early_stopping else None,
            patience=self.n_iter_no_change if self.early_stopping else None,
            progress=bool(self.verbose),
            rng=rng,
        )
        self.n_iter_ = max(1, len(self.history_))
        self.loss_curve_ = list(self.history_.loss)

    def _outputs(self, X: Any) -> np.ndarray:
        """The network's outputs for samples."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=[np.float64, np.float32], reset=False)
        return predict(self.model_, X)


class MLPClassifier(ClassifierMixin, Estimator):  # type: ignore[misc]
    """A multilayer perceptron that classifies: softmax outputs and cross-entropy.

    >>> from tinygrad_lite.training.estimators import MLPClassifier
    >>> X, y, *_ = tl.data.load("iris")
    >>> MLPClassifier(random_state=0).fit(X, y).score(X, y) > 0.95
    True
    """

    def fit(self, X: Any, y: Any) -> MLPClassifier:
        """Train on samples X and their classes y, of any type; returns itself."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32])
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._train(X, labels, len(self.classes_), "cross_entropy")
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class, in the order of ``classes_``."""
        probabilities: np.ndarray = softmax(self._outputs(X))
        return probabilities

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each sample."""
        places = self._outputs(X).argmax(axis=1)
        likeliest: np.ndarray = self.classes_[places]
        return likeliest


class MLPRegressor(RegressorMixin, Estimator):  # type: ignore[misc]
    """A multilayer perceptron that predicts numbers: squared error, of one target or several.

    Targets are standardized for training, and predictions brought back to their units.

    >>> from tinygrad_lite.training.estimators import MLPRegressor
    >>> X = np.linspace(-3, 3, 200).reshape(-1, 1)
    >>> MLPRegressor(random_state=0).fit(X, np.sin(X[:, 0])).score(X, np.sin(X[:, 0])) > 0.99
    True
    """

    def fit(self, X: Any, y: Any) -> MLPRegressor:
        """Train on samples X and targets y, numbers or rows of numbers; returns itself."""
        X, y = validate_data(self, X, y, dtype=[np.float64, np.float32], multi_output=True, y_numeric=True)
        y = np.asarray(y, X.dtype)
        self._shape = y.shape[1:]
        rows = y.reshape(len(y), -1)
        self._standardize = Standardizer().fit(rows)
        self.mean_, self.std_ = self._standardize.mean, self._standardize.std
        self._train(X, self._standardize(rows), rows.shape[1], "mse")
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The target of each sample."""
        outputs = self._outputs(X)
        rows: np.ndarray = self._standardize.inverse(outputs)
        return rows.reshape(len(rows), *self._shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
