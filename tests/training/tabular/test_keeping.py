"""What is kept is what was learnt, and what was not kept here is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tinygrad_lite.nn.saving import FormatError
from tinygrad_lite.training.tabular import TableModel, fit_table, keeping, load_table_model, save_table_model

pandas = pytest.importorskip("pandas")
pytest.importorskip("sklearn")


@pytest.fixture(scope="module")
def model(people: Any) -> TableModel:
    return fit_table(people, "saved", epochs=2, progress=False)


@pytest.fixture
def folder(model: TableModel, tmp_path: Path) -> Path:
    save_table_model(model, tmp_path / "run")
    return tmp_path / "run"


def test_predictions_are_the_same_to_the_last_bit(model: TableModel, folder: Path, people: Any) -> None:
    for path in (folder, folder / "model.safetensors", str(folder)):
        again = load_table_model(path)
        assert again.recipe == model.recipe
        np.testing.assert_array_equal(again.outputs(people), model.outputs(people))
        np.testing.assert_array_equal(again.predict(people), model.predict(people))


def test_numbers_dates_and_whole_classes_are_kept(people: Any, tmp_path: Path) -> None:
    for target, values in (("fare", people["fare"]), ("age", people["age"].fillna(7).astype(int) % 4)):
        model = fit_table(people.assign(**{target: values}), target, epochs=1, progress=False)
        save_table_model(model, tmp_path)
        np.testing.assert_array_equal(load_table_model(tmp_path).predict(people), model.predict(people))
        assert load_table_model(tmp_path).recipe == model.recipe


def rewrite(folder: Path, change: Any) -> None:
    """Change the recipe, and put its new sum into the network's file."""
    file = folder / "recipe.json"
    value = json.loads(file.read_text(encoding="utf-8"))
    value = change(value) or value
    file.write_text(json.dumps(value), encoding="utf-8")


@pytest.mark.parametrize(("change", "said"), [
    (lambda v: {"a": 1}, "no recipe for a table"),
    (lambda v: [v], "no recipe for a table"),
    (lambda v: v.update(version=2), "of version 2, and version 1 can be read"),
    (lambda v: v.update(more=1), "see 'more'"),
    (lambda v: v.pop("numbers") and None, "see 'numbers'"),
    (lambda v: v.update(numbers={}), "the recipe's numbers is {} and not a list"),
    (lambda v: v["numbers"][0].update(mean="1"), "mean is '1' and not a number"),
    (lambda v: v["numbers"][0].update(mean=True), "mean is True and not a number"),
    (lambda v: v["numbers"][0].update(scale=0), "the scale of 'age' is 0, and not above 0"),
    (lambda v: v["numbers"][0].update(of="text"), "'age' is 'text', and not of numbers or dates"),
    (lambda v: v["numbers"][0].update(marked=1), "marked is 1 and not true or false"),
    (lambda v: v["numbers"].append(v["numbers"][0]), "its network of sizes"),
    (lambda v: v["numbers"][0].update(name="height"), "not columns of the table"),
    (lambda v: v["categories"][0]["frequent"].append("x"), "its network of sizes"),
    (lambda v: v["categories"][0]["frequent"].append("Cobh"), "has a member twice"),
    (lambda v: v["categories"][0]["frequent"].append(3), "is 3 and not a text or null"),
    (lambda v: v["categories"][0].update(of="number"), "and not of text or truth values"),
    (lambda v: v["target"].update(classes=["yes"]), "two or more of one type"),
    (lambda v: v["target"].update(classes=["yes", 1]), "two or more of one type"),
    (lambda v: v["target"].update(classes=["yes", "yes"]), "a member twice"),
    (lambda v: v["target"].update(scale=-1), "the scale of its target"),
    (lambda v: v["network"].update(activation="magic"), "no activation 'magic'"),
    (lambda v: v["network"].update(sizes=[9]), "its network of sizes"),
    (lambda v: v["network"].update(sizes=[1.5, 2]), "a size of its network is 1.5"),
    (lambda v: v.update(form={"encoding": "utf-8"}), "has to have the entries"),
    (lambda v: v["target"].update(mean=10**400), "recipe.json"),
    (lambda v: v["target"].update(mean=0.5), "it was changed, or belongs to another network"),  # and else is whole
    (lambda v: v["target"].update(classes=["no", "oui"]), "it was changed, or belongs to another network"),
])  # fmt: skip
def test_recipes_that_are_none(change: Any, said: str, folder: Path) -> None:
    rewrite(folder, change)
    with pytest.raises(FormatError) as refused:
        load_table_model(folder)
    assert said in str(refused.value)
    assert "recipe.json: " in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000, b"null", b"NaN"])
def test_files_that_are_no_recipe(content: bytes, folder: Path) -> None:
    (folder / "recipe.json").write_bytes(content)
    with pytest.raises(FormatError, match=r"recipe\.json: "):
        load_table_model(folder)


def test_every_byte_of_the_recipe_counts(folder: Path) -> None:
    content = (folder / "recipe.json").read_bytes()
    for place in range(0, len(content), 37):
        (folder / "recipe.json").write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
        with pytest.raises(FormatError):
            load_table_model(folder)


def test_a_network_beside_anothers_recipe(folder: Path, people: Any, tmp_path: Path) -> None:
    save_table_model(fit_table(people, "saved", epochs=1, seed=1, progress=False), tmp_path / "other")
    (folder / "recipe.json").replace(tmp_path / "other" / "recipe.json")
    with pytest.raises(FormatError, match="belongs to another network"):
        load_table_model(tmp_path / "other")
    with pytest.raises(FileNotFoundError):
        load_table_model(folder)


def test_a_network_of_another_kind(tmp_path: Path) -> None:
    from tinygrad_lite import nn
    from tinygrad_lite.nn import saving

    saving.save(nn.MLP([2, 2], rng=0), tmp_path / "model.safetensors")
    with pytest.raises(FormatError, match="no network for a table"):
        load_table_model(tmp_path)


def test_a_hidden_layer_is_the_networks(folder: Path) -> None:
    """Before memory is taken for what a recipe claims."""
    rewrite(folder, lambda v: v["network"]["sizes"].insert(1, 10**12))
    content = (folder / "recipe.json").read_bytes()
    arrays, _ = keeping.load_arrays(folder / "model.safetensors")
    import hashlib

    from tinygrad_lite.nn.saving import save_arrays

    save_arrays(arrays, folder / "model.safetensors", {keeping.DIGEST: hashlib.sha256(content).hexdigest()})
    with pytest.raises(FormatError, match="is not the one in model"):
        load_table_model(folder)
