"""A table's model in two files: ``recipe.json``, and beside it the network, which carries the recipe's SHA-256 sum."""

from __future__ import annotations

import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any, Final

import numpy as np

from ... import nn
from ...nn.activations import ACTIVATIONS
from ...nn.saving import FormatError, load_arrays, save
from ...storing import write_whole
from .delimited import TableForm
from .kinds import Kind
from .recipe import CategoryColumn, NumberColumn, TableRecipe, Target
from .table_model import TableModel

__all__ = ["load_table_model", "save_table_model"]

FORMAT: Final = "tinygrad_lite recipe"
VERSION: Final = 1
MODEL: Final = "model.safetensors"
RECIPE: Final = "recipe.json"
DIGEST: Final = "recipe_sha256"
"""Where the network's metadata have the recipe's sum."""


def save_table_model(model: TableModel, folder: str | os.PathLike[str]) -> None:
    """Write ``model.safetensors`` and ``recipe.json`` into a folder, which is made if it is not there.

    Each file appears whole or not at all, and a network beside another's recipe is found by :func:`load_table_model`.
    Raises OSError where they cannot be written.

    >>> import pandas, tempfile
    >>> from tinygrad_lite.training.tabular import fit_table
    >>> frame = pandas.DataFrame({"x": np.arange(8.0), "y": np.arange(8.0) * 2})
    >>> model = fit_table(frame, "y", epochs=1, progress=False)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save_table_model(model, folder)
    ...     again = load_table_model(folder)
    >>> bool((again.predict(frame) == model.predict(frame)).all())
    True
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = json.dumps(recipe_as_json(model), ensure_ascii=False, indent=1, allow_nan=False).encode() + b"\n"
    write_whole(folder / RECIPE, written)
    save(model.network, folder / MODEL, {DIGEST: hashlib.sha256(written).hexdigest()})


def is_table_model(texts: dict[str, str]) -> bool:
    """Whether a network with such metadata has a recipe."""
    return DIGEST in texts


def load_table_model(path: str | os.PathLike[str]) -> TableModel:
    """What :func:`save_table_model` wrote, given the folder or the network's file in it; it predicts exactly as it did.

    Raises FormatError for files that are damaged, were changed, do not belong together or are of another kind or of a
    later version; OSError for those that cannot be read.
    """
    path = Path(path)
    file = path / MODEL if path.is_dir() else path
    return beside_recipe(file, *load_arrays(file))


def beside_recipe(file: Path, arrays: dict[str, np.ndarray], texts: dict[str, str]) -> TableModel:
    """The model of a network's file, of which arrays and metadata are read already, and the recipe beside it."""
    if not is_table_model(texts):
        raise FormatError(f"{file}: this is no network for a table: it names no recipe")
    beside = file.with_name(RECIPE)
    content = beside.read_bytes()
    try:
        recipe, sizes, activation = parsed_recipe(content)
        if hashlib.sha256(content).hexdigest() != texts[DIGEST]:
            raise FormatError(f"it was changed, or belongs to another network than {file.name}")
        found = [array.shape[1] for name, array in arrays.items() if name.endswith("weight") and array.ndim == 2]
        if sorted(found) != sorted(sizes[:-1]):  # before memory is taken for what it claims
            raise FormatError(f"its network is not the one in {file.name}")
        network = nn.MLP(sizes, activation, rng=0)
        network.load_state_dict(arrays)
    except (ValueError, OverflowError) as error:  # the latter for whole numbers of many digits
        raise FormatError(f"{beside}: {error}") from error
    return TableModel(network, recipe, activation)


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def recipe_as_json(model: TableModel) -> dict[str, Any]:
    """The recipe and the network's shape, in what JSON has."""
    recipe, target = model.recipe, model.recipe.target
    return {
        "format": FORMAT,
        "version": VERSION,
        "network": {"sizes": list(model.network.sizes), "activation": model.activation},
        "target": {
            "name": target.name,
            "classes": list(target.classes),
            "mean": target.mean,
            "scale": target.scale,
        },
        "columns": list(recipe.columns),
        "numbers": [
            {**column.kind._asdict(), **{key: value for key, value in column._asdict().items() if key != "kind"}}
            for column in recipe.numbers
        ],
        "categories": [
            {**column.kind._asdict(), "frequent": list(column.frequent), "rare": list(column.rare)}
            for column in recipe.categories
        ],
        "form": None if recipe.form is None else {**recipe.form._asdict(), "missing": list(recipe.form.missing)},
    }


# ---------------------------------------------------------------------------------------------------------------------
# Reading

TEXT, NUMBER, TRUTH, WHOLE = "a text", "a number", "true or false", "a whole number"
LIST, OBJECT, CATEGORY, CLASS = "a list", "an object", "a text or null", "a class"

FITTING: Final = {
    TEXT: lambda x: isinstance(x, str),
    CATEGORY: lambda x: x is None or isinstance(x, str),
    CLASS: lambda x: isinstance(x, (str, bool, int)) or (isinstance(x, float) and math.isfinite(x)),
    NUMBER: lambda x: isinstance(x, (int, float)) and not isinstance(x, bool) and math.isfinite(x),
    TRUTH: lambda x: isinstance(x, bool),
    WHOLE: lambda x: type(x) is int and x >= 0,
    LIST: lambda x: isinstance(x, list),
    OBJECT: lambda x: isinstance(x, dict),
}


def entries(value: Any, where: str, **kinds: str) -> dict[str, Any]:
    """The entries of an object, which has these and no others, each of its kind."""
    fitting(value, OBJECT, where)
    if value.keys() != kinds.keys():
        odd = sorted(value.keys() ^ kinds.keys())
        raise FormatError(f"{where} has to have the entries {', '.join(kinds)} alone; see {odd[0]!r:.40}")
    for key, kind in kinds.items():
        fitting(value[key], kind, f"{where}'s {key}")
    found: dict[str, Any] = value
    return found


def fitting(value: Any, kind: str, where: str) -> Any:
    """The value, if it is of the kind."""
    if not FITTING[kind](value):
        raise FormatError(f"{where} is {value!r:.40} and not {kind}")
    return value


def distinct_members(value: list[Any], kind: str, where: str) -> tuple[Any, ...]:
    """The members of a list, each of the kind, and each once."""
    for each in value:
        fitting(each, kind, f"a member of {where}")
    if len({*map(repr, value)}) < len(value):
        raise FormatError(f"{where} has a member twice")
    return tuple(value)


def parsed_recipe(content: bytes) -> tuple[TableRecipe, list[int], str]:
    """The recipe, and the network's sizes and activation. Raises FormatError for what is not exactly that."""
    try:
        value = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise FormatError(f"this is not JSON: {str(error) or 'nested too deeply'}"[:200]) from error
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise FormatError("this is no recipe for a table")
    if value.get("version") != VERSION:
        raise FormatError(f"it is of version {value.get('version')!r:.20}, and version {VERSION} can be read here")
    kinds = {"format": TEXT, "version": WHOLE, "network": OBJECT, "target": OBJECT, "columns": LIST, "numbers": LIST}
    form_kind = CATEGORY if value.get("form") is None else OBJECT
    whole = entries(value, "the recipe", **kinds, categories=LIST, form=form_kind)
    network = entries(whole["network"], "its network", sizes=LIST, activation=TEXT)
    recipe = TableRecipe(
        tuple([parsed_numbers(each) for each in whole["numbers"]]),
        tuple([parsed_categories(each) for each in whole["categories"]]),
        parsed_target(whole["target"]),
        distinct_members(whole["columns"], TEXT, "its columns"),
        None if whole["form"] is None else parsed_form(whole["form"]),
    )
    sizes = [fitting(n, WHOLE, "a size of its network") for n in network["sizes"]]
    ends = [len(recipe.inputs), max(1, len(recipe.target.classes))]
    if len(sizes) < 2 or [sizes[0], sizes[-1]] != ends:
        raise FormatError(f"its network of sizes {sizes!r:.60} has not the {ends[0]} inputs and {ends[1]} outputs")
    names = [*recipe.names, recipe.target.name]
    if len({*names}) < len(names) or not {*names} <= {*recipe.columns}:
        raise FormatError("its inputs and its target are not columns of the table, each once")
    if network["activation"] not in ACTIVATIONS:
        raise FormatError(f"there is no activation {network['activation']!r:.40}")
    return recipe, sizes, network["activation"]


def parsed_numbers(value: Any) -> NumberColumn:
    """A column of numbers."""
    of = {"fill": NUMBER, "mean": NUMBER, "scale": NUMBER, "marked": TRUTH}
    found = entries(value, "a column of numbers", name=TEXT, of=TEXT, written=CATEGORY, **of)
    if found["of"] not in ("number", "date") or (found["of"] == "date") != (found["written"] is not None):
        raise FormatError(f"the column {found['name']!r:.40} is {found['of']!r:.40}, and not of numbers or dates")
    if not found["scale"] > 0:
        raise FormatError(f"the scale of {found['name']!r:.40} is {found['scale']}, and not above 0")
    kind = Kind(found["name"], found["of"], found["written"])
    return NumberColumn(kind, float(found["fill"]), float(found["mean"]), float(found["scale"]), found["marked"])


def parsed_categories(value: Any) -> CategoryColumn:
    """A column of categories."""
    found = entries(value, "a column of categories", name=TEXT, of=TEXT, written=CATEGORY, frequent=LIST, rare=LIST)
    if found["of"] not in ("text", "boolean") or found["written"] is not None:
        raise FormatError(f"the column {found['name']!r:.40} is {found['of']!r:.40}, and not of text or truth values")
    distinct_members([*found["frequent"], *found["rare"]], CATEGORY, f"the categories of {found['name']!r:.40}")
    return CategoryColumn(Kind(found["name"], found["of"]), tuple(found["frequent"]), tuple(found["rare"]))


def parsed_target(value: Any) -> Target:
    """The target."""
    found = entries(value, "its target", name=TEXT, classes=LIST, mean=NUMBER, scale=NUMBER)
    classes = distinct_members(found["classes"], CLASS, "its classes")
    if len(classes) == 1 or len({type(each) for each in classes}) > 1:
        raise FormatError("its classes are not two or more of one type")
    if not found["scale"] > 0:
        raise FormatError(f"the scale of its target is {found['scale']}, and not above 0")
    return Target(found["name"], classes, float(found["mean"]), float(found["scale"]))


def parsed_form(value: Any) -> TableForm:
    """How the file was written."""
    kinds = {"encoding": TEXT, "delimiter": TEXT, "decimal": TEXT, "header": TRUTH, "missing": LIST, "skipped": WHOLE}
    found = entries(value, "its form", **kinds)
    return TableForm(**{**found, "missing": distinct_members(found["missing"], TEXT, "its form's missing")})
