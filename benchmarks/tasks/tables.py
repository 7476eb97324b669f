"""A CSV file of 200,000 rows and 20 columns: read, standardized and encoded, trained on for an epoch, and predicted.

Twelve columns of numbers, one in twenty of them missing, and eight of words; the target depends on four of them. A
perceptron of 100 hidden neurons learns three quarters of the rows, and the others are predicted. scikit-learn's is its
own pipeline: pandas reads, SimpleImputer, StandardScaler and OneHotEncoder make numbers of columns, MLPClassifier
learns. The network's numbers are float32 here and float64 there, as each has them by default.
"""

from __future__ import annotations

import atexit
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from ..contest import Build, Contest, Race, against

TITLE = "A table of 200,000 rows, from its file to predictions"

ROWS = 200_000
NUMBERS, WORDS = 12, 8
BATCHES = {"batches of 200": 200, "batches of 32": 32}
LEARNT = 0.8
"""The share of right predictions that shows that a contestant has learnt."""


def races() -> list[Race]:
    return [Race(f"table: {case}", against("table", case, case, {"sklearn": 1.5})) for case in BATCHES]


def table(rows: int) -> Any:
    """Columns of both kinds and the target, the same for everybody."""
    import pandas

    rng = np.random.default_rng(0)
    numbers = rng.normal(size=(rows, NUMBERS)).round(4)
    words = rng.choice(["red", "green", "blue", "white", "black"], (rows, WORDS))
    score = numbers[:, 0] - numbers[:, 1] * numbers[:, 2] + 2.0 * (words[:, 0] == "red")
    frame = pandas.DataFrame(numbers, columns=[f"n{k}" for k in range(NUMBERS)])
    frame = frame.mask(rng.random(frame.shape) < 0.05)
    frame[[f"w{k}" for k in range(WORDS)]] = words
    return frame.assign(target=np.where(score > 0.4, "yes", "no"))


def ours(path: str, batch: int) -> float:
    from tinygrad_lite.training.tabular import fit_table, read_table

    model = fit_table(read_table(path), "target", epochs=1, batch_size=batch, progress=False)
    assert model.test is not None
    return float(np.mean(model.predict(model.test) == model.test["target"].to_numpy()))


def sklearn(path: str, batch: int) -> float:
    import pandas
    from sklearn.compose import make_column_selector, make_column_transformer
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.impute import SimpleImputer
    from sklearn.model_selection import train_test_split
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
    from sklearn.utils._testing import ignore_warnings

    frame = pandas.read_csv(path)
    x, y = frame.drop(columns="target"), frame["target"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, stratify=y, random_state=0)
    columns = make_column_transformer(
        (make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()), make_column_selector("n")),
        (OneHotEncoder(handle_unknown="ignore"), make_column_selector("w")),
    )
    pipeline = make_pipeline(columns, MLPClassifier(batch_size=batch, max_iter=1, random_state=0))
    with ignore_warnings(category=ConvergenceWarning):
        pipeline.fit(x_train, y_train)
    return float(np.mean(pipeline.predict(x_test) == y_test))


def contestant(whole: Any, case: str, rows: int = ROWS) -> Contest:
    """The file, and who makes predictions of it; the answer is that it has learnt."""
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path = Path(folder.name) / "table.csv"
    table(rows).to_csv(path, index=False)

    def step() -> float:
        return float(whole(str(path), BATCHES[case]))

    return Contest(step, answer=[float(step() > LEARNT)])


CONTESTANTS: dict[str, Build] = {
    "tinygrad_lite": partial(contestant, ours),
    "sklearn": partial(contestant, sklearn),
}
