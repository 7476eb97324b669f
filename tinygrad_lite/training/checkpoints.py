"""A training in a file: written so that it is always whole, and resumed as if it had never stopped."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from ..nn.saving import FormatError, load_arrays, save_arrays
from .history import History
from .running import Callback, Run


class Checkpoint(Callback):
    """Writes the run to a file after each epoch, or after every so many batches, counted within the epoch."""

    def __init__(self, path: str | os.PathLike[str], every: int | None = None) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"fit: checkpoint is the path of a file, not {path!r}")
        if every is not None and (not isinstance(every, (int, np.integer)) or every < 1):
            raise ValueError(f"fit: checkpoint_every is a number of batches, at least 1, not {every!r}")
        self.path = Path(path)
        if not self.path.parent.is_dir():  # better now than after an epoch
            raise FileNotFoundError(errno.ENOENT, "fit: there is no such folder for the checkpoint", str(self.path))
        if self.path.is_dir():
            raise IsADirectoryError(errno.EISDIR, "fit: a checkpoint is a file, and this is a folder", str(self.path))
        if not os.access(self.path.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "fit: the checkpoint's folder cannot be written to", str(self.path))
        self.every = every

    def on_batch(self, run: Run) -> None:
        if self.every is not None and run.batch % self.every == 0 and run.batch < run.batches:
            write(run, self.path)

    def on_epoch(self, run: Run) -> None:
        write(run, self.path)


def write(run: Run, path: Path) -> None:
    """Everything that training needs to go on, in one file in the format of :mod:`tinygrad_lite.nn.saving`."""
    optimizer = run.optimizer.state_dict()
    arrays = {f"model.{name}": x for name, x in run.model.state_dict().items()}
    for place, state in optimizer["state"].items():
        arrays |= {f"optimizer.{place}.{name}": x for name, x in state.items() if name != "step"}
    for place, p in enumerate(run.optimizer.parameters):
        if p.grad is not None:  # being averaged over an epoch
            arrays[f"gradient.{place}"] = p.grad
    if run.best is not None:
        arrays |= {f"best.{name}": x for name, x in run.best[1].items()}
    state = {
        "settings": settings_to_keep(run),
        "epoch": run.epoch,
        "batch": run.batch,
        "sums": [run.loss_sum, run.right, run.classes],
        "seconds": run.seconds,
        "stop": run.stop,
        "best": None if run.best is None else run.best[0],
        "history": run.history.to_dict(),
        "optimizer": {
            "param_groups": optimizer["param_groups"],
            "steps": {str(place): state["step"] for place, state in optimizer["state"].items()},
        },
        "schedule": run.schedule.state_dict(),
        "rng_at_start": run.rng_at_start,
        "rng_at_epoch": run.rng_at_epoch,
        "rng": run.rng.bit_generator.state,
        "generators": {name: g.bit_generator.state for name, g in run.model.named_generators()},
    }
    save_arrays(arrays, path, {"training": json.dumps(state, default=np.ndarray.tolist)})


def settings_to_keep(run: Run) -> dict[str, Any]:
    """What must be the same in a run that is resumed."""
    return {
        "samples": run.sizes[0],
        "checksum": run.checksum,
        "batch_size": run.settings.batch_size,
        "shuffle": run.settings.shuffle,
        "update": run.settings.update,
        "loss": run.goal.name,
        "layers": [type(module).__name__ for module in run.model.modules()],
        "optimizer": type(run.optimizer).__name__,
        "lr": run.schedule.base_lrs,
        **optimizer_options(run),
        "alpha": float(run.goal.alpha),
        "tol": float(run.settings.tol),
        "clip_norm": None if run.settings.clip_norm is None else float(run.settings.clip_norm),
        "validation": run.sizes[1],
        "generator": type(run.rng.bit_generator).__name__,
    }


def optimizer_options(run: Run) -> dict[str, list[Any]]:
    """The optimizer's options other than the rate, which a schedule sets: of each group, as JSON has them."""
    names = [name for name in run.optimizer.defaults if name != "lr"]
    groups = run.optimizer.param_groups
    return {
        name: json.loads(json.dumps([group[name] for group in groups], default=np.ndarray.tolist)) for name in names
    }


class Saved(NamedTuple):
    """What a checkpoint holds: arrays by name, and everything else."""

    path: Path
    arrays: Mapping[str, np.ndarray]
    state: Mapping[str, Any]


def read(path: Path) -> Saved:
    """A checkpoint's content. Raises FormatError for a file that is damaged or no checkpoint."""
    arrays, texts = load_arrays(path)
    try:
        state = json.loads(texts["training"])
        begun = state["settings"]["generator"], state["rng_at_start"]["bit_generator"]
    except (KeyError, TypeError, ValueError) as error:
        raise FormatError(f"{path}: this is no checkpoint of a training") from error
    if begun[0] != begun[1]:
        raise FormatError(f"{path}: its random state is of a {begun[1]}, not a {begun[0]}")
    return Saved(path, arrays, state)


def read_if_there(path: Path, rng: np.random.Generator) -> Saved | None:
    """What a checkpoint holds, if it exists; the generator is then put where it was before samples were held out."""
    if not path.exists():
        return None
    saved = read(path)
    begin_as(saved, rng)
    return saved


def begin_as(saved: Saved, rng: np.random.Generator) -> None:
    """Put a generator where the run's was at its beginning, before samples were held out."""
    written, given = saved.state["settings"]["generator"], type(rng.bit_generator).__name__
    if written != given:
        raise ValueError(f"fit: the checkpoint {saved.path} is of a run with a {written} for rng, not a {given}")
    rng.bit_generator.state = saved.state["rng_at_start"]


def restore(run: Run, saved: Saved) -> None:
    """Bring a run that has not begun to where the saved one was.

    Raises ValueError for one of another model or other settings; model and optimizer are then as they were.
    """
    path, arrays, state = saved
    written = state["settings"]
    for name, value in settings_to_keep(run).items():
        if name in written and written[name] != value:
            of = "on other samples" if name == "checksum" else f"with {name}={written.get(name)!r}, not {value!r}"
            raise ValueError(
                f"fit: the checkpoint {path} is of a run {of}; resume with the same settings, or remove it"
            )
    before = run.model.state_dict(), run.optimizer.state_dict()
    try:
        best = part(arrays, "best.")
        if state["best"] is not None:
            run.model.load_state_dict(best)  # which must be possible at the end, too
        run.model.load_state_dict(part(arrays, "model."))
        restore_optimizer(run, arrays, state["optimizer"])
        run.best = None if state["best"] is None else (float(state["best"]), best)
        run.schedule.load_state_dict(state["schedule"])
        run.history = History.from_dict(state["history"])
        run.epoch, run.batch, run.stop = int(state["epoch"]), int(state["batch"]), state["stop"]
        run.loss_sum, run.right, run.classes = state["sums"]
        run.seconds_before, run.rng_at_epoch = float(state["seconds"]), state["rng_at_epoch"]
        # the rest of the epoch begins with its permutation, drawn again; Dropout's own generators go on where they were
        run.rng.bit_generator.state = state["rng_at_epoch"] if run.batch else state["rng"]
        generators = dict(run.model.named_generators())
        for name, bits in state["generators"].items():
            if generators[name] is not run.rng:
                generators[name].bit_generator.state = bits
    except (KeyError, TypeError, ValueError) as error:
        run.model.load_state_dict(before[0])
        run.optimizer.load_state_dict(before[1])
        raise ValueError(f"fit: the checkpoint {path} is not of this model and optimizer: {error}") from error


def restore_optimizer(run: Run, arrays: Mapping[str, np.ndarray], written: Mapping[str, Any]) -> None:
    """The optimizer's state, and gradients that wait for the end of their epoch."""
    state: dict[int, dict[str, Any]] = {int(place): {"step": n} for place, n in written["steps"].items()}
    for name, x in part(arrays, "optimizer.").items():
        place, _, key = name.partition(".")
        state[int(place)][key] = x
    run.optimizer.load_state_dict({"state": state, "param_groups": written["param_groups"]})
    waiting = part(arrays, "gradient.")
    for k, p in enumerate(run.optimizer.parameters):
        p.grad = waiting.get(str(k))


def part(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """The arrays whose names begin so, without it."""
    return {name.removeprefix(prefix): x for name, x in arrays.items() if name.startswith(prefix)}
