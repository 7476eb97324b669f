"""Training: fit a model to data, watch it, stop it early, interrupt and resume it; and measure what it learnt."""

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
