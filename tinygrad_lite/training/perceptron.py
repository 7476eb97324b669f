"""What the estimators share: their parameters, the network and its training (extra ``sklearn``)."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import nn, optim
from .fitting import fit
from .history import History
from .objective import predict
from .quasi_newton import minimize_loss
from .running import Run
from .samples import in_chunks

ACCEPTED: Final[dict[str, Any]] = {"dtype": [np.float64, np.float32], "accept_sparse": ["csr", "csc"]}
"""Which samples: sparse ones are made dense batch by batch."""


def steps(estimator: Estimator) -> bool:
    """Whether it learns from one batch after another. Raises AttributeError where it does not."""
    if estimator.solver == "lbfgs":
        raise AttributeError("partial_fit: solver='lbfgs' takes all samples at once; choose another, such as 'adam'")
    return True


class Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both estimators share.

    Parameters
    ----------
    hidden_layer_sizes : neurons of the hidden layers
    activation : of the hidden layers: "relu", "tanh", "sigmoid", …
    solver : a name in ``optim.BY_NAME``: "adam", "adamw", "sgd", …; or "lbfgs", SciPy's, which takes all samples at
        once
    alpha : the penalty ½ alpha Σ ‖W‖² / n is added to the loss of a batch of n samples, biases left out; for "adamw"
        its own weight decay, of all parameters
    batch_size : samples in a mini-batch
    learning_rate_init : the first learning rate; it falls as H. M. M. Vege (2018), equation 23, says, and stays in
        ``partial_fit``
    max_iter : epochs at most; iterations of "lbfgs"
    tol, n_iter_no_change : stop when the loss has not fallen below its least by more than ``tol`` for so many epochs,
        and keep the best weights; for "lbfgs" ``tol`` is the largest entry of the gradient to stop at
    early_stopping : whether that is the loss of a ``validation_fraction`` of the samples, held out, of each class its
        share
    warm_start : whether ``fit`` goes on from the network there is
    random_state : None, a seed, or a RandomState; a seed gives the same network each time
    verbose : whether to show progress

    Attributes
    ----------
    model_, history_ : the network, and what happened in its training
    coefs_, intercepts_ : W of shape (inputs, outputs) and b of each layer
    loss_curve_, loss_, n_iter_ : the loss of each epoch, the last of them, and their number
    validation_scores_, best_validation_score_ : with ``early_stopping``, the ``score`` on the samples held out after
        each epoch, and the highest of them; otherwise None. The weights kept are those of the least loss on them

    A weight of a sample counts as so many samples where a batch holds all; in smaller batches, which are drawn, on the
    average.

    Samples may be Dask arrays or DataFrames: then ``fit`` and ``partial_fit`` train on the cluster, as
    :func:`tinygrad_lite.training.fit` does, and look at the first samples alone before; predictions are Dask arrays,
    computed when they are asked for, and ``score`` computes those it compares.
    """

    model_: nn.MLP
    history_: History
    loss_curve_: list[float]
    n_iter_: int
    validation_scores_: list[float] | None
    best_validation_score_: float | None
    _made_as: tuple[tuple[int, ...], str]

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
        warm_start: bool = False,
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
        self.tol = tol
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose

    # -- what is learnt -----------------------------------------------------------------------------------------------

    @property
    def coefs_(self) -> list[np.ndarray]:
        """W of each layer, of shape (inputs, outputs): views, so that writing to them changes the network."""
        return [layer.weight.data.T for layer in self.model_.layers]

    @property
    def intercepts_(self) -> list[np.ndarray]:
        """b of each layer."""
        return [layer.bias.data for layer in self.model_.layers if layer.bias is not None]

    @property
    def n_layers_(self) -> int:
        """Layers, the inputs counted as one."""
        return len(self.model_.sizes)

    @property
    def n_outputs_(self) -> int:
        """Outputs of the network."""
        return int(self.model_.sizes[-1])

    @property
    def loss_(self) -> float:
        """The last epoch's loss."""
        return float(self.loss_curve_[-1])

    # -- learning -----------------------------------------------------------------------------------------------------

    @contextmanager
    def _whole(self) -> Iterator[None]:
        """If the block fails, the estimator has what it had before."""
        before = dict(vars(self))
        put_back = self._trained() if hasattr(self, "model_") else None
        try:
            yield
        except BaseException:
            self.__dict__.clear()
            self.__dict__.update(before)
            if put_back is not None:
                put_back()
            raise

    def _trained(self) -> Callable[[], None]:
        """Note what training changes in place; what puts it back, if training changed it."""
        model, optimizer, generator = self.model_, self._optimizer, self._rng.bit_generator
        weights, drawn = model.state_dict(), generator.state
        learnt = None if optimizer is None else optimizer.state_dict()

        def put_back() -> None:
            generator.state = drawn
            if all(np.array_equal(weights[name], now, equal_nan=True) for name, now in model.state_dict().items()):
                return
            model.load_state_dict(weights)
            if learnt is not None:
                optimizer.load_state_dict(learnt)

        return put_back

    def _going_on(self) -> bool:
        """Whether fit goes on from what there is."""
        return bool(self.warm_start) and hasattr(self, "model_")

    def _network(self, X: Any, outputs: int, again: bool) -> None:
        """Make a network, unless the one there is goes on."""
        if self.solver != "lbfgs" and self.solver not in optim.BY_NAME:
            raise ValueError(f"solver must be one of {', '.join(optim.BY_NAME)}, lbfgs, not {self.solver!r}")
        hidden = np.atleast_1d(self.hidden_layer_sizes).tolist()
        sizes = (X.shape[1], *hidden, outputs)
        if again:
            there, asked_for = self._made_as, (sizes, self.activation)
            if there != asked_for:
                raise ValueError(
                    f"the network there is has layers of {there}, and {asked_for} are asked for; fit anew with "
                    "warm_start=False"
                )
            return
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        self._rng = np.random.default_rng(seed)
        init = nn.init.suited_to(self.activation)
        self.model_ = nn.MLP(sizes, self.activation, init=init, rng=self._rng, dtype=X.dtype)
        self._made_as = sizes, self.activation
        self.n_iter_, self.loss_curve_ = 0, []
        self._optimizer: Any = None

    def _first_checked(self, X: Any, y: Any, reset: bool, **options: Any) -> tuple[Any, Any, Any]:
        """Samples and targets in Dask's chunks, in the dtype to compute in, and the first targets, which were seen."""
        from .chunking import aligned_chunks

        x, t, _ = aligned_chunks("fit", X, y)
        few, labels = (a[:100].compute() for a in (x, t))
        if hasattr(X, "columns"):  # whose names are kept
            few = type(X._meta)(few, columns=X.columns)
        few, labels = validate_data(self, few, labels, reset=reset, multi_output=True, **options, **ACCEPTED)
        return x.astype(few.dtype), t, labels

    def _new_optimizer(self) -> None:
        """The solver's, without anything learnt."""
        solver = optim.BY_NAME[self.solver]
        decay = 0.0 if solver.decays_gradient else self.alpha
        self._optimizer = solver(self.model_.parameters(), lr=self.learning_rate_init, weight_decay=decay)

    def _train(self, X: Any, y: np.ndarray, loss: str, weights: Any) -> None:
        """Fit the network."""
        self.validation_scores_ = self.best_validation_score_ = None
        if self.solver == "lbfgs":
            self._train_on_all(X, y, loss, weights)
        else:
            self._new_optimizer()
            self._epochs_until_stopped(
                X,
                y,
                loss,
                weights,
                epochs=self.max_iter,
                validation=self.validation_fraction if self.early_stopping else None,
                patience=self.n_iter_no_change,
                tol=self.tol,
                progress=bool(self.verbose),
            )
            self.n_iter_ = max(1, len(self.history_))
        self.loss_curve_ = list(self.history_.loss)

    def _epochs_until_stopped(self, *arguments: Any, **options: Any) -> None:
        """Epochs, of which those done before an interruption count, with a warning, as in scikit-learn."""
        begun: list[History] = []
        scores: list[float] = []

        def note(run: Run) -> None:
            begun.append(run.history)
            if run.validation is not None:
                scores.append(self._held_out_score(run))

        try:
            self._epochs(*arguments, callbacks=[note], **options)
        except KeyboardInterrupt:
            if not begun:
                raise
            self.history_ = begun[-1]
            self.history_.stopped = "interrupted"
            warnings.warn(
                f"interrupted after {len(self.history_)} of {self.max_iter} epochs; the estimator has the best weights "
                "that it had come to",
                stacklevel=5,
            )
        if self.early_stopping:
            self.validation_scores_, self.best_validation_score_ = scores, max(scores, default=None)

    def _held_out_score(self, run: Run) -> float:
        """What ``score`` gives for the samples held out, after an epoch."""
        raise NotImplementedError

    def _epochs(self, X: Any, y: np.ndarray, loss: str, weights: Any, **options: Any) -> None:
        """Some epochs of mini-batches."""
        penalized = self._optimizer.decays_gradient
        self.history_ = fit(
            self.model_,
            X,
            y,
            sample_weight=weights,
            loss=loss,
            alpha=self.alpha if penalized else 0.0,
            optimizer=self._optimizer,
            batch_size=self.batch_size,
            rng=self._rng,
            **options,
        )

    def _train_on_all(self, X: Any, y: np.ndarray, loss: str, weights: Any) -> None:
        """Iterations of L-BFGS."""
        if in_chunks(X, y):
            raise ValueError(
                "solver='lbfgs' takes all samples at once, in one process, and these lie in Dask's chunks; choose "
                "another, such as 'adam'"
            )
        if self.early_stopping:
            raise ValueError("early_stopping holds samples out between epochs, and solver='lbfgs' has none")
        self.history_, problem = minimize_loss(
            self.model_,
            X,
            y,
            loss=loss,
            sample_weight=weights,
            alpha=self.alpha,
            max_iter=self.max_iter,
            tol=self.tol,
        )
        self.n_iter_ = max(1, len(self.history_))
        if problem is not None:
            warnings.warn(
                f"lbfgs has not converged after {self.n_iter_} iterations ({problem}); raise max_iter or alpha, or "
                "scale the samples",
                ConvergenceWarning,
                stacklevel=4,
            )

    def _train_on_more(self, X: Any, y: np.ndarray, loss: str, weights: Any) -> None:
        """One epoch from where the network and its optimizer are."""
        if type(self._optimizer) is not optim.BY_NAME[self.solver]:
            self._new_optimizer()
        self._optimizer.lr = self.learning_rate_init  # which may have been set anew
        self._epochs(X, y, loss, weights, epochs=1, schedule=optim.constant(), progress=False)
        self.n_iter_ += 1
        self.loss_curve_ = [*self.loss_curve_, *self.history_.loss]

    def _outputs(self, X: Any) -> Any:
        """The network's outputs for samples; for those in Dask's chunks a Dask array."""
        check_is_fitted(self)
        if in_chunks(X):
            validate_data(self, one_sample_like(X), reset=False, **ACCEPTED)
            return predict(self.model_, X)
        return predict(self.model_, validate_data(self, X, reset=False, **ACCEPTED))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def one_sample_like(X: Any) -> Any:
    """A sample of zeros, of as many columns as a collection of Dask's has, and their names."""
    names = getattr(X, "columns", None)
    if names is None:
        return np.zeros((1, *X.shape[1:]))
    return type(X._meta)(np.zeros((1, len(names))), columns=names)
