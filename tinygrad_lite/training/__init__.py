"""Training: fit a model to data, watch it, stop it early, interrupt and resume it; and measure what it learnt."""

from typing import TYPE_CHECKING

from ..table import foreign, network_names
from .fitting import fit
from .history import History
from .locating import DivergedError
from .metrics import accuracy, classification_report, confusion_matrix, precision_recall
from .objective import predict
from .running import Callback, Run

__all__ = [
    "Callback",
    "DivergedError",
    "History",
    "Run",
    "accuracy",
    "classification_report",
    "confusion_matrix",
    "fit",
    "precision_recall",
    "predict",
]


if TYPE_CHECKING:
    from .estimators import MLPClassifier as MLPClassifier
    from .estimators import MLPRegressor as MLPRegressor
else:

    def __getattr__(name):  # they need scikit-learn
        if name not in ("MLPClassifier", "MLPRegressor"):
            raise foreign.absent(f"module {__name__!r}", name, network_names.TRAINING)
        from . import estimators

        return getattr(estimators, name)
