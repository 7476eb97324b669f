"""Tables as people have them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest


def passengers(n: int = 300, seed: int = 0) -> Any:
    """Mixed columns with gaps, and an answer that depends on three of them."""
    pandas = pytest.importorskip("pandas")
    rng = np.random.default_rng(seed)
    frame = pandas.DataFrame({
        "id": np.arange(1, n + 1),
        "name": [f"passenger {k}" for k in range(n)],
        "age": rng.integers(1, 90, n).astype(float),
        "fare": rng.lognormal(3, 1, n).round(2),
        "port": rng.choice(["Cherbourg", "Cobh", "Southampton"], n),
        "member": rng.choice([True, False], n),
        "booked": pandas.Timestamp("2024-01-01") + pandas.to_timedelta(rng.integers(0, 300, n), "D"),
        "ship": "one",
    })  # fmt: skip
    frame["booked"] = frame["booked"].dt.strftime("%Y-%m-%d")
    likely = (frame["age"] > 45) ^ frame["member"] | (frame["port"] == "Cobh")
    frame["saved"] = np.where(likely, "yes", "no")
    frame.loc[frame.index % 7 == 3, "age"] = np.nan
    frame.loc[frame.index % 11 == 5, "port"] = None
    return frame


@pytest.fixture(scope="session")
def people() -> Any:
    return passengers()
