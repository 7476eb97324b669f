"""Training: fit a model to data, watch it, stop it early, interrupt and resume it; and measure what it learnt."""

from .callbacks import Callback
from .fitting import fit
from .history import History
from .locating import DivergedError
from .metrics import accuracy, classification_report, confusion_matrix, precision_recall
from .running import Run, predict

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
