"""The command ``train FILE --target COLUMN``: a network that learns from a table.

Its run is a folder as that of a bundled data set, with ``recipe.json`` beside ``model.safetensors``.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .run_folder import RunFolder
from .table_options import add_form, say_note, table_source
from .terminal import Refusal, Terminal
from .train import described_options, fit_network, train, write_run

if TYPE_CHECKING:
    from ..training.tabular import TableModel, TableTask

OF_BUNDLED: Final = ("data", "output")
"""Options that are for bundled data sets alone."""

SHARED: Final = ("hidden", "loss", "optimizer", "epochs")
"""Options whose defaults are others where there is a table."""

FORM: Final = ("delimiter", "decimal", "header", "encoding", "missing")
"""Options that say how a table is written."""

OF_TABLES: Final = ("target", "task", "drop", "category", "test_size", *FORM)
"""Options that are for tables alone."""

HIDDEN: Final = (100,)


def add_table(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes where there is a table."""
    usual = {name: parser.get_default(name) for name in (*OF_BUNDLED, *SHARED)}
    parser.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="a table to learn from; - is the standard input"
    )
    tables = parser.add_argument_group("tables", "What is not said is found out, and told on the error stream.")
    tables.add_argument("--target", metavar="COLUMN", help="what to predict: a column's name, or its number from 1")
    tables.add_argument("--task", choices=("classification", "regression"), help="default: by the target's values")
    tables.add_argument("--drop", metavar="COLUMN", action="append", help="leave a column out; may be repeated")
    tables.add_argument(
        "--category", metavar="COLUMN", action="append", help="a column of numbers that are categories; may be repeated"
    )
    tables.add_argument(
        "--missing", metavar="TEXT", action="append", help="an entry that stands for nothing, beside NA, ?, …"
    )
    tables.add_argument(
        "--test-size", metavar="X", type=part_or_number, help="rows to hold out: a fraction or a number (default: 0.25)"
    )
    add_form(tables)
    parser.set_defaults(run=lambda options: train_either(options, usual), **dict.fromkeys(usual))


def part_or_number(given: str) -> float | int:
    """An argument type: a fraction below 1, or a whole number."""
    try:
        number = float(given)
    except ValueError:
        number = -1.0
    if not (0 <= number < 1 or (number >= 1 and number.is_integer())):
        raise argparse.ArgumentTypeError(f"{given!r} is neither a fraction below 1, such as 0.25, nor a whole number")
    return int(number) if number >= 1 else number


def train_either(options: argparse.Namespace, usual: dict[str, Any]) -> int:
    """Train on a bundled data set or on a table, whichever was asked for."""
    for name in OF_TABLES if options.file is None else OF_BUNDLED:
        if getattr(options, name) is not None:
            where = "say which table: train FILE" if options.file is None else "this is not for a table"
            raise Refusal(f"--{name.replace('_', '-')}: {where}")
    if options.file is not None:
        return train_table(options)
    chosen = {name: default for name, default in usual.items() if getattr(options, name) is None}
    own = ("file", *OF_TABLES)
    return train(argparse.Namespace(**{name: x for name, x in {**vars(options), **chosen}.items() if name not in own}))


def train_table(options: argparse.Namespace) -> int:
    """Train on a table, report, and write everything down."""
    from ..training.tabular import save_table_model
    from ..training.tabular.table_model import usual_epochs

    if options.target is None:
        raise Refusal("--target: say which column to predict")
    model, x, y, loss = prepared_table(options)
    if options.loss not in (None, loss):
        raise Refusal(f"--loss {options.loss}: this target is learnt with {loss}")
    options.loss = loss
    if options.epochs is None:
        options.epochs = usual_epochs(len(x), options.batch)
    folder = RunFolder(options.out, resume=options.resume, overwrite=options.overwrite)
    decay = {} if options.optimizer else {"weight_decay": decay_of_run(folder, len(x), options)}
    options.optimizer = options.optimizer or "adamw"
    terminal = Terminal()
    tested = 0 if model.test is None else len(model.test)
    terminal.say(f"{model!r}: {len(x)} rows to train on, {tested} to test with. {model.network!r}\n")
    history, early = fit_network(model.network, x, y, folder, options, **decay)
    model.history = history
    figures = {"command": described_options(options), "notes": model.notes, **report(model, terminal)}
    figures["history"] = history.to_dict()
    write_run(folder, lambda: save_table_model(model, folder.path), figures, history, terminal)
    if early is not None:
        raise early
    return 0


def decay_of_run(folder: RunFolder, samples: int, options: argparse.Namespace) -> float:
    """The usual weight decay, by the number of updates; of a run that goes on, that which it began with."""
    from ..nn.saving import FormatError
    from ..training.checkpoints import read
    from ..training.tabular.table_model import usual_decay

    usual = usual_decay(samples, options.batch, options.epochs)
    if not options.resume:
        return usual
    try:
        written = read(folder.checkpoint).state["optimizer"]["param_groups"][0]
    except FormatError as error:
        raise Refusal(str(error)) from error
    return float(written.get("weight_decay", usual))


def prepared_table(options: argparse.Namespace) -> TableTask:
    """The table in the file, ready to learn from."""
    from ..training.tabular import prepare_table, read_table

    options.hidden = options.hidden or HIDDEN
    try:
        with table_source(options.file) as source:
            frame = read_table(
                source,
                delimiter=options.delimiter,
                decimal=options.decimal,
                header=options.header,
                encoding=options.encoding,
                missing=[*filter(None, options.missing or ())],  # argparse makes an empty list of --missing=--
                text=options.category or (),
                target=options.target,
            )
        say_form(frame.attrs["form"], options)
        return prepare_table(
            frame,
            options.target,
            task=options.task,
            drop=options.drop or (),
            categories=options.category or (),
            test_size=0.25 if options.test_size is None else options.test_size,
            hidden=options.hidden,
            activation=options.activation,
            seed=options.seed,
            say=say_note,
        )
    except OSError as error:
        raise Refusal(f"cannot read {options.file}: {error.strerror or error}") from error
    except (ValueError, ImportError) as error:
        raise Refusal(str(error)) from error


def say_form(form: Any, options: argparse.Namespace) -> None:
    """Tell what was found out of how the table is written, where that is not the usual."""
    if options.encoding is None and form.encoding not in ("utf-8", "utf-8-sig"):
        say_note(f"read as {form.encoding} (--encoding says otherwise)")
    if options.decimal is None and form.decimal == ",":
        say_note("decimal commas (--decimal says otherwise)")
    if options.header is None and not form.header:
        say_note("the first line is taken for a row; columns are numbered from 1 (--header says otherwise)")


def report(model: TableModel, terminal: Terminal) -> dict[str, float]:
    """Print how good the predictions for the rows held out are; the figures."""
    from .. import training

    if model.test is None:
        return {}
    target = model.recipe.target
    outputs = model.outputs(model.test)
    true = target.learnable(model.test[target.name])
    if target.classes:
        terminal.say(training.classification_report(outputs, true, [str(each) for each in target.classes]))
        return {"test_accuracy": training.accuracy(outputs, true)}
    errors = target.scale * (outputs - true)[:, 0]
    figures = {
        "test_r2": model.score(model.test),
        "test_rmse": float(np.sqrt(np.mean(errors**2))),
        "test_mae": float(np.mean(np.abs(errors))),
    }
    names = {"test_r2": "R²", "test_rmse": "root mean squared error", "test_mae": "mean absolute error"}
    terminal.say("\n".join([f"{names[key]:<24}{figure:12.6g}" for key, figure in figures.items()]))
    terminal.say(f"on {len(errors)} samples")
    return {key: figure for key, figure in figures.items() if np.isfinite(figure)}
