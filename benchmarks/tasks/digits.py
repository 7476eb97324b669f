"""Training on scikit-learn's handwritten digits: time and epochs to 97 % of the test images, and time for 30 epochs.

The same architecture (64-64-10, ReLU), batch size, optimizer, first learning rate and its decay by equation 23 (but for
scikit-learn, which knows no decay for Adam), on the same split, each library with its own initial weights and float32.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

import numpy as np

from ..contest import OURS, PYTORCH, Build, Comparison, Contest, Lane, Race, against

TITLE = "Training on handwritten digits"

EPOCHS, BATCH, RATE = 30, 32, 0.01
GOAL = 0.97
SEEDS = 3
"""Trainings whose median is the figure."""

NEVER = 2.0 * EPOCHS

Predict = Callable[[np.ndarray], np.ndarray]


def races() -> list[Race]:
    rivals: dict[str | tuple[str, ...], float | None] = {"sklearn": 1.0, PYTORCH: 1.0}
    found = [
        Race("digits: time to 97 %", against("digits", "time", f"time to {GOAL:.0%}", dict.fromkeys(rivals))),
        Race("digits: 30 epochs", against("digits", "all", f"{EPOCHS} epochs", rivals)),
    ]
    # threads make no difference to what is learnt
    epochs = against("digits", "epochs", f"epochs to {GOAL:.0%}", {"sklearn": None, "torch-1": None})
    found.append(Race("digits: epochs to 97 %", epochs, unit="epochs"))
    lane = Lane("digits", OURS, "mistakes")
    alone = Comparison("wrong, %, after fit's defaults", lane, target=2.0)
    found.append(Race("digits: accuracy", (alone,), unit="%"))
    return found


def split() -> tuple[np.ndarray, ...]:
    """Training and test images and labels, the same for everybody."""
    from tinygrad_lite.training import data

    x, y, *_ = data.load("digits", np.float32)
    return data.train_test_split(x, y, rng=0, stratify=y)


def followed(train: Any, predict: Predict) -> tuple[list[float], list[float]]:
    """Seconds of training, without the time for testing, and accuracy, at the end of each epoch."""
    _, x_test, _, y_test = split()
    seconds, reached = [], []
    start = time.perf_counter()

    def callback(_: Any = None) -> None:
        nonlocal start
        paused = time.perf_counter()
        seconds.append(paused - start)
        reached.append(float(np.mean(predict(x_test) == y_test)))
        start += time.perf_counter() - paused

    train(callback)
    return seconds, reached


def tinygrad_lite(seed: int) -> tuple[Any, Predict]:
    from tinygrad_lite import nn, training

    x, _, y, _ = split()
    model = nn.MLP([64, 64, 10], "relu", init="he", rng=seed)

    def train(callback: Any) -> None:  # with fit's defaults, which are the constants above
        training.fit(model, x, y, callbacks=[callback], progress=False, rng=seed)

    return train, lambda test: training.predict(model, test).argmax(axis=1)


def sklearn(seed: int) -> tuple[Any, Predict]:
    from sklearn.neural_network import MLPClassifier

    x, _, y, _ = split()
    model = MLPClassifier((64,), batch_size=BATCH, learning_rate_init=RATE, alpha=0.0, random_state=seed)

    def train(callback: Any) -> None:
        for _ in range(EPOCHS):
            model.partial_fit(x, y, classes=range(10))
            callback()

    return train, model.predict


def pytorch(seed: int, threads: int) -> tuple[Any, Predict]:
    """As PyTorch's tutorials write it, but for batches taken by index, which is much faster than its DataLoader."""
    import torch
    from torch import nn

    torch.set_num_threads(threads)
    torch.manual_seed(seed)
    data, _, classes, _ = split()
    x, y = torch.from_numpy(data), torch.from_numpy(classes)
    model = nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 - epoch / (1 + EPOCHS))

    def train(callback: Any) -> None:
        for _ in range(EPOCHS):
            for chosen in torch.randperm(len(x)).split(BATCH):
                optimizer.zero_grad()
                loss_of(model(x[chosen]), y[chosen]).backward()
                optimizer.step()
            schedule.step()
            callback()

    def predict(test: np.ndarray) -> np.ndarray:
        with torch.no_grad():
            found: np.ndarray = model(torch.from_numpy(test)).numpy().argmax(axis=1)
        return found

    return train, predict


def contestant(build: Any, case: str) -> Contest:
    """Several trainings, and of them the median of what the case asks for."""

    def once(seed: int) -> float:
        seconds, reached = followed(*build(seed))
        first = next((k for k, right in enumerate(reached) if right >= GOAL), None)
        if case == "epochs":
            return NEVER if first is None else first + 1
        if case == "time":
            return NEVER if first is None else seconds[first]
        return seconds[-1] if case == "all" else round(100 * (1 - reached[-1]), 6)

    once(0)  # what is imported and set up at first does not count
    return Contest(lambda: median([once(seed) for seed in range(SEEDS)]), measured=True)


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": partial(contestant, tinygrad_lite),
    "sklearn": partial(contestant, sklearn),
    "torch-1": partial(contestant, partial(pytorch, threads=1)),
    "torch-2": partial(contestant, partial(pytorch, threads=2)),
}
