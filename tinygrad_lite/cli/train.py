"""The command ``train`` for the bundled data sets.

A run is a folder: ``model.safetensors`` with what is needed to use it in its metadata, ``history.json``, ``curves.svg``
where Matplotlib is installed, and ``checkpoint.safetensors`` to go on from.
"""

from __future__ import annotations

import argparse
import io
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .run_folder import RunFolder
from .terminal import Refusal, Terminal, cannot_write, whole, write_file

if TYPE_CHECKING:
    from .. import training
    from ..nn import MLP
    from ..training.data import Dataset

OUTPUTS: Final = {"cross_entropy": "softmax", "mse": "sigmoid"}
"""The last activation where none is chosen. Source: H. M. M. Vege (2018), table 1, whose third pair is mse, softmax."""


def add_train(commands: Any) -> argparse.ArgumentParser:
    """Declare the command; its parser, for more."""
    from .. import optim
    from ..nn.activations import ACTIVATIONS
    from ..training.data import DATASETS

    parser: argparse.ArgumentParser = commands.add_parser(
        "train",
        help="train a network on a table, or on one of scikit-learn's bundled data sets",
        description="Trains a multilayer perceptron and writes model, history and curves into a folder.",
    )
    parser.add_argument("--data", choices=DATASETS, default="digits")
    parser.add_argument(
        "--hidden",
        metavar="N,N",
        type=widths,
        default=(64,),
        help="neurons of the hidden layers (default: 64; with a table 100)",
    )
    parser.add_argument("--activation", choices=tuple(ACTIVATIONS), default="relu", help="default: relu")
    parser.add_argument("--loss", choices=tuple(OUTPUTS), default="cross_entropy", help="default: cross_entropy")
    parser.add_argument("--output", choices=("softmax", "sigmoid"), help="default: softmax; sigmoid for mse")
    parser.add_argument("--optimizer", choices=tuple(optim.BY_NAME), default="adam", help="default: adam")
    parser.add_argument(
        "--lr", metavar="X", type=positive_number, help="the first learning rate (default: the optimizer's)"
    )
    parser.add_argument(
        "--epochs", metavar="N", type=whole(0), default=30, help="default: 30; with a table as many as it needs"
    )
    parser.add_argument("--batch", metavar="N", type=whole(1), default=32, help="samples in a mini-batch (default: 32)")
    parser.add_argument("--patience", metavar="N", type=whole(1), help="stop after N epochs without a better loss")
    parser.add_argument("--seed", metavar="N", type=whole(0), default=0, help="of every random number (default: 0)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("run"), help="default: run")
    once_more = parser.add_mutually_exclusive_group()
    once_more.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    once_more.add_argument("--overwrite", action="store_true", help="replace the run that the folder holds")
    parser.set_defaults(run=train)
    return parser


def widths(given: str) -> tuple[int, ...]:
    """An argument type: whole numbers above 0, separated by commas."""
    try:
        numbers = tuple([int(part) for part in given.split(",")])
    except ValueError:
        numbers = (0,)
    if min(numbers) < 1:
        raise argparse.ArgumentTypeError(f"{given!r} is no list of layer widths, such as 64,32")
    return numbers


def positive_number(given: str) -> float:
    """An argument type: a finite number above 0."""
    try:
        number = float(given)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{given!r} is not a number above 0")
    return number


# ---------------------------------------------------------------------------------------------------------------------
# train


def train(options: argparse.Namespace) -> int:
    """Train, report, and write everything down."""
    from .. import nn, training
    from ..nn import saving
    from ..training import data

    try:
        dataset = data.load(options.data)
    except ImportError as error:
        raise Refusal(str(error)) from error
    output = options.output or OUTPUTS[options.loss]
    if (options.loss, output) == ("cross_entropy", "sigmoid"):
        raise Refusal("--output sigmoid: cross_entropy takes softmax outputs")
    folder = RunFolder(options.out, resume=options.resume, overwrite=options.overwrite)
    terminal = Terminal()
    x, x_test, y, y_test = data.train_test_split(dataset.X, dataset.y, rng=options.seed, stratify=dataset.y)
    # pixels are between 0 and 1 already; measurements have units
    scale = None if options.data == "digits" else data.Standardizer().fit(x)
    x, x_test = [part if scale is None else scale(part) for part in (x, x_test)]
    model = nn.MLP(
        [x.shape[1], *options.hidden, len(dataset.class_names)],
        options.activation,
        output,
        init=nn.init.suited_to(options.activation),
        rng=options.seed,
    )
    terminal.say(f"{options.data}: {len(x)} samples to train on, {len(x_test)} to test with. {model!r}\n")
    history, early = fit_network(model, x, y, folder, options)
    outputs = training.predict(model, x_test)
    terminal.say(training.classification_report(outputs, y_test, dataset.class_names))
    reached = training.accuracy(outputs, y_test)
    figures = {"command": described_options(options), "test_accuracy": reached, "history": history.to_dict()}
    facts = {"model": json.dumps(description(model, dataset, options, scale), ensure_ascii=False)}
    write_run(folder, lambda: saving.save(model, folder.model, facts), figures, history, terminal)
    if early is not None:
        raise early
    return 0


def fit_network(
    model: MLP, x: np.ndarray, y: np.ndarray, folder: RunFolder, options: argparse.Namespace, **more: Any
) -> tuple[training.History, BaseException | None]:
    """Train as the options say; the history, and what to raise at last where training ended early.

    ``more`` are settings of the optimizer.
    """
    from .. import optim, training
    from ..training.checkpoints import Checkpoint

    algorithm = optim.BY_NAME[options.optimizer]
    optimizer = algorithm(model.parameters(), lr=options.lr or algorithm.first_lr, **more)
    # a checkpoint that is given is gone on from; a new run writes over another's
    keeping: dict[str, Any] = {"callbacks": [Checkpoint(folder.checkpoint)]}
    try:
        # fit says what became infinite, and where
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.showwarning = say_warning
            history = training.fit(
                model,
                x,
                y,
                loss=options.loss,
                optimizer=optimizer,
                epochs=options.epochs,
                batch_size=options.batch,
                patience=options.patience,
                progress=None if somebody_watches() else True,
                rng=options.seed,
                **({"checkpoint": folder.checkpoint} if options.resume else keeping),
            )
    except (KeyboardInterrupt, training.DivergedError) as stop:
        return folder.cut_short(model, stop, options.epochs)
    except ValueError as error:
        raise Refusal(str(error)) from error
    except OSError as error:
        raise cannot_write(folder.checkpoint, error) from error
    return history, None


def write_run(
    folder: RunFolder,
    save: Callable[[], object],
    figures: dict[str, Any],
    history: training.History,
    terminal: Terminal,
) -> None:
    """Write figures, model and curves into the folder, and say where they are."""
    write_file(folder.history, json.dumps(figures, indent=2, allow_nan=False) + "\n")
    try:
        save()
    except OSError as error:
        raise cannot_write(folder.model, error) from error
    terminal.say(f"\nModel: {folder.model}\nHistory: {folder.history}")
    curves = io.BytesIO()
    try:
        history.plot().savefig(curves, format="svg")
    except ImportError as error:
        terminal.say(f"No curves: {error}")
        folder.curves.unlink(missing_ok=True)  # they would be another run's
    else:
        terminal.say(f"Curves: {write_file(folder.curves, curves.getvalue())}")


def say_warning(message: Warning | str, *_: Any, **__: Any) -> None:
    """To the user, who has no use for the place in the code."""
    sys.stderr.write(f"{message}\n")


def somebody_watches() -> bool:
    """Whether somebody watches the error stream, where progress is shown."""
    return sys.stderr.isatty()


def described_options(options: argparse.Namespace) -> dict[str, Any]:
    """The command's options, for the record."""
    return {key: str(x) if isinstance(x, Path) else x for key, x in vars(options).items() if key not in ("run", "out")}


def description(model: MLP, dataset: Dataset, options: argparse.Namespace, scale: Any) -> dict[str, Any]:
    """What predict needs to build the network again and to use it."""
    return {
        "sizes": list(model.sizes),
        "activation": options.activation,
        "output": type(model.output).__name__.lower(),
        "classes": list(dataset.class_names),
        "features": list(dataset.feature_names),
        "mean": None if scale is None else scale.mean.tolist(),
        "std": None if scale is None else scale.std.tolist(),
    }
