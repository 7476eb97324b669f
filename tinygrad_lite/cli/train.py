"""The commands ``train`` and ``predict``.

A run is a folder: ``model.safetensors`` with what is needed to use it in its metadata, ``history.json``, ``curves.svg``
where Matplotlib is installed, and ``checkpoint.safetensors`` to go on from.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
import tokenize
import warnings
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


def add_train(commands: Any) -> None:
    """Declare the command."""
    from .. import optim
    from ..nn.activations import ACTIVATIONS
    from ..training.data import DATASETS

    parser = commands.add_parser(
        "train",
        help="train a network on one of scikit-learn's bundled data sets",
        description="Trains a multilayer perceptron and writes model, history and curves into a folder.",
    )
    parser.add_argument("--data", choices=DATASETS, default="digits")
    parser.add_argument(
        "--hidden", metavar="N,N", type=widths, default=(64,), help="neurons of the hidden layers (default: 64)"
    )
    parser.add_argument("--activation", choices=tuple(ACTIVATIONS), default="relu", help="default: relu")
    parser.add_argument("--loss", choices=tuple(OUTPUTS), default="cross_entropy", help="default: cross_entropy")
    parser.add_argument("--output", choices=("softmax", "sigmoid"), help="default: softmax; sigmoid for mse")
    parser.add_argument("--optimizer", choices=tuple(optim.BY_NAME), default="adam", help="default: adam")
    parser.add_argument(
        "--lr", metavar="X", type=positive_number, help="the first learning rate (default: the optimizer's)"
    )
    parser.add_argument("--epochs", metavar="N", type=whole(0), default=30, help="default: 30")
    parser.add_argument("--batch", metavar="N", type=whole(1), default=32, help="samples in a mini-batch (default: 32)")
    parser.add_argument("--patience", metavar="N", type=whole(1), help="stop after N epochs without a better loss")
    parser.add_argument("--seed", metavar="N", type=whole(0), default=0, help="of every random number (default: 0)")
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("run"), help="default: run")
    once_more = parser.add_mutually_exclusive_group()
    once_more.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    once_more.add_argument("--overwrite", action="store_true", help="replace the run that the folder holds")
    parser.set_defaults(run=train)


def add_predict(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "predict",
        help="classify samples with a trained network",
        description="Prints for each row of a file the likeliest class, and the network's output for it.",
    )
    parser.add_argument("folder", metavar="DIR", type=Path, help="what train wrote")
    parser.add_argument("file", metavar="FILE", type=Path, help="samples in rows: .csv or .npy")
    parser.set_defaults(run=predict)


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
    facts = description(model, dataset, options, scale)
    write_run(folder, model, figures, facts, history, terminal)
    if early is not None:
        raise early
    return 0


def fit_network(
    model: MLP, x: np.ndarray, y: np.ndarray, folder: RunFolder, options: argparse.Namespace
) -> tuple[training.History, BaseException | None]:
    """Train as the options say; the history, and what to raise at last where training ended early."""
    from .. import optim, training
    from ..training.checkpoints import Checkpoint

    algorithm = optim.BY_NAME[options.optimizer]
    optimizer = algorithm(model.parameters(), lr=options.lr or algorithm.first_lr)
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
    model: MLP,
    figures: dict[str, Any],
    facts: dict[str, Any],
    history: training.History,
    terminal: Terminal,
) -> None:
    """Write figures, model and curves into the folder, and say where they are."""
    from ..nn import saving

    write_file(folder.history, json.dumps(figures, indent=2, allow_nan=False) + "\n")
    try:
        saving.save(model, folder.model, {"model": json.dumps(facts, ensure_ascii=False)})
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


# ---------------------------------------------------------------------------------------------------------------------
# predict


def predict(options: argparse.Namespace) -> int:
    """Print a class for each row."""
    from .. import training

    model, facts = loaded_model(options.folder / "model.safetensors")
    x = samples(options.file, model.sizes[0])
    with np.errstate(all="ignore"):  # what is not finite is refused
        if facts["mean"] is not None:
            x = (x - np.array(facts["mean"])) / np.array(facts["std"])
        outputs = training.predict(model, x)
    refuse_infinite(outputs, f"{options.file}: the network has no finite output for row")
    terminal = Terminal()
    for row in outputs:
        likeliest = int(row.argmax())
        terminal.say(f"{facts['classes'][likeliest]}\t{row[likeliest]:.4f}")
    return 0


def loaded_model(path: Path) -> tuple[MLP, dict[str, Any]]:
    """A model and its description."""
    from .. import nn
    from ..nn import saving

    try:
        arrays, texts = saving.load_arrays(path)
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror or error}") from error
    except saving.FormatError as error:
        raise Refusal(str(error)) from error
    try:
        facts = json.loads(texts["model"])
        sizes = [x.shape[1] for name, x in arrays.items() if name.endswith("weight")]
        if sorted(facts["sizes"][:-1]) != sorted(sizes):  # before memory is taken for what the description claims
            raise ValueError("its description does not fit its arrays")
        model = nn.MLP(facts["sizes"], facts["activation"], facts["output"], rng=0)
        model.load_state_dict(arrays)
        for name in ("mean", "std"):
            if facts[name] is not None and np.array(facts[name], np.float64).shape != (model.sizes[0],):
                raise ValueError(f"its {name} is not of {model.sizes[0]} columns")
        if len(facts["classes"]) != model.sizes[-1]:
            raise ValueError("it has not a name for each class")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise Refusal(f"{path} was not written by train: {error}") from error
    return model, facts


def samples(path: Path, width: int) -> np.ndarray:
    """Rows of numbers from a file."""
    readers = {".csv": from_csv, ".npy": from_npy}
    suffix = path.suffix.lower()
    if suffix not in readers:
        raise Refusal(f"{path}: samples are read from .csv and .npy files")
    try:
        x = readers[suffix](path)
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, EOFError, OverflowError, SyntaxError, csv.Error, tokenize.TokenError) as error:
        raise Refusal(f"{path} holds no rows of numbers: {error}".splitlines()[0]) from error
    if x.ndim == 1:
        x = x.reshape(1, -1)
    if x.ndim != 2 or x.shape[1] != width or not len(x) or x.dtype.kind not in "biuf":
        raise Refusal(f"{path}: the network takes rows of {width} numbers, got {x.dtype} of shape {x.shape}")
    refuse_infinite(x, f"{path}: there is a number that is not finite in row")
    return np.asarray(x, np.float64)


def refuse_infinite(rows: np.ndarray, why: str) -> None:
    """Raises Refusal, with the first row concerned, where numbers are not finite."""
    finite = np.isfinite(rows).all(axis=1)
    if not finite.all():
        raise Refusal(f"{why} {int(finite.argmin()) + 1}")


def from_csv(path: Path) -> np.ndarray:
    """Numbers separated by commas; a first line of names, in which nothing is a number, is left out."""
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    rows = list(csv.reader([line for line in lines if line.strip()]))
    if not rows:
        raise ValueError("it is empty")
    if not any(map(reads_as_number, rows[0])):
        rows = rows[1:]
    if not rows:
        raise ValueError("it has one line, of names")
    if len({len(row) for row in rows}) > 1:
        raise ValueError("its rows are of different lengths")
    return np.array([[float(entry) for entry in row] for row in rows])


def reads_as_number(entry: str) -> bool:
    """Whether a text is a number."""
    try:
        float(entry)
    except ValueError:
        return False
    return True


def from_npy(path: Path) -> np.ndarray:
    """An array in NumPy's format; mapped, so that a false header cannot ask for memory."""
    found: np.ndarray = np.lib.format.open_memmap(path, mode="r")  # which knows no pickles and no archives
    return found
