"""The command ``predict``: with what ``train`` wrote, for a table or for a bundled data set."""

from __future__ import annotations

import argparse
import csv
import io
import json
import tokenize
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .table_options import add_form, say_note, table_source
from .terminal import Refusal, Terminal, write_file

if TYPE_CHECKING:
    from ..nn import MLP

OF_TABLES: Final = ("proba", "out", "delimiter", "decimal", "encoding", "header")
"""Options that are for tables alone."""

NetworkFile = tuple[Path, dict[str, np.ndarray], dict[str, str]]
"""Where a network is, and what the file holds: arrays and metadata."""


def add_predict(commands: Any) -> None:
    """Declare the command."""
    parser = commands.add_parser(
        "predict",
        help="predict with a trained network",
        description="Prints what a network predicts for each row of a file: as CSV with one that learnt from a table, "
        "else the likeliest class and the output for it.",
    )
    parser.add_argument("model", metavar="DIR", type=Path, help="what train wrote, or the model's file in it")
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="samples in rows, a table (- is the standard input), .csv or .npy"
    )
    tables = parser.add_argument_group("tables")
    tables.add_argument("--proba", action="store_true", default=None, help="with the probability of each class")
    tables.add_argument("--out", metavar="FILE", type=Path, help="write there, and not to the standard output")
    add_form(tables)
    parser.set_defaults(run=predict)


def predict(options: argparse.Namespace) -> int:
    """Print what is predicted for each row."""
    from ..training.tabular.keeping import is_table_model

    path = options.model / "model.safetensors" if options.model.is_dir() else options.model
    arrays, texts = read_model(path)
    command = predict_table if is_table_model(texts) else predict_classes
    return command((path, arrays, texts), options)


def predict_table(network: NetworkFile, options: argparse.Namespace) -> int:
    """Print CSV, with a network that learnt from a table."""
    from ..training.tabular.delimited import said_of_short_rows
    from ..training.tabular.keeping import beside_recipe

    try:
        model = beside_recipe(*network)
        form = {name: getattr(options, name) for name in ("delimiter", "decimal", "header", "encoding")}
        with table_source(options.file) as source:
            frame = model.read(source, **form)
        if "short" in frame.attrs:
            say_note(said_of_short_rows(*frame.attrs["short"]))
        outputs = model.outputs(frame, say_note)
        columns = [model.from_outputs(outputs).tolist()]
        names = [model.recipe.target.name]
        if options.proba:
            columns += model.probabilities(outputs).T.tolist()
            names += [f"p({each})" for each in model.recipe.target.classes]
    except OSError as error:
        raise Refusal(f"cannot read {error.filename or options.file}: {error.strerror or error}") from error
    except (ValueError, ImportError) as error:
        raise Refusal(str(error)) from error
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, *zip(*columns, strict=True)])
    if options.out is None:
        Terminal().say(text.getvalue().removesuffix("\n"))
    else:
        write_file(options.out, text.getvalue())
    return 0


# ---------------------------------------------------------------------------------------------------------------------
# Bundled data sets


def predict_classes(network: NetworkFile, options: argparse.Namespace) -> int:
    """Print a class for each row, with a network for a bundled data set."""
    from .. import training

    given = [f"--{name.replace('_', '-')}" for name in OF_TABLES if getattr(options, name) is not None]
    if given:
        raise Refusal(f"{given[0]}: {network[0]} is of no table")
    model, facts = loaded_model(*network)
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


def read_model(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """A network's arrays and metadata."""
    from ..nn import saving

    try:
        return saving.load_arrays(path)
    except OSError as error:
        raise Refusal(f"cannot read {path}: {error.strerror or error}") from error
    except saving.FormatError as error:
        raise Refusal(str(error)) from error


def loaded_model(path: Path, arrays: dict[str, np.ndarray], texts: dict[str, str]) -> tuple[MLP, dict[str, Any]]:
    """A model and its description."""
    from .. import nn

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
