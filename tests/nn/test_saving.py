"""The safetensors format: interchange with its own package, and files that are damaged, foreign or hostile."""

import io
import json
import os
import re
import stat
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tinygrad_lite import nn
from tinygrad_lite.nn import saving
from tinygrad_lite.nn.saving import DTYPES, FormatError, load_arrays, save_arrays

theirs = pytest.importorskip("safetensors.numpy")

ANY = st.sampled_from(list(DTYPES.values())).flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("saving")


def same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        assert (a[name].dtype, a[name].shape) == (b[name].dtype, b[name].shape)
        assert a[name].tobytes() == b[name].tobytes()


class TestInterchange:
    @given(st.dictionaries(st.text(max_size=8).filter(lambda s: s != "__metadata__"), ANY, max_size=4))
    def test_the_package_reads_what_we_write(self, folder, named):
        path = folder / "ours.safetensors"
        save_arrays(named, path, {"note": "é"})
        same({k: np.asarray(v) for k, v in theirs.load_file(path).items()}, named)
        found, texts = load_arrays(path)
        same(found, named)
        assert texts == {"note": "é"}

    @given(st.dictionaries(st.text(max_size=8).filter(lambda s: s != "__metadata__"), ANY, max_size=4))
    def test_we_read_what_the_package_writes(self, folder, named):
        path = folder / "theirs.safetensors"
        theirs.save_file(named, path, {"format": "np"})
        found, texts = load_arrays(path)
        same(found, named)
        assert texts == {"format": "np"}

    def test_bfloat16_is_read_as_float32(self, tmp_path):
        path = tmp_path / "half"
        values = np.array([1.0, -2.5, 3.140625], np.float32)
        path.write_bytes(container({"x": entry("BF16", [3], 0, 6)}, (values.view(np.uint32) >> 16).astype("<u2")))
        np.testing.assert_array_equal(load_arrays(path)[0]["x"], values)

    def test_arrays_in_any_layout_and_byte_order(self, tmp_path):
        x = np.arange(6.0).reshape(2, 3)
        save_arrays({"a": x.T, "b": x.astype(">f8"), "c": x[:, ::2]}, tmp_path / "f")
        found, _ = load_arrays(tmp_path / "f")
        for name, expected in {"a": x.T, "b": x, "c": x[:, ::2]}.items():
            np.testing.assert_array_equal(found[name], expected)

    def test_what_is_read_can_be_written_to(self, tmp_path):
        save_arrays({"a": np.zeros(3)}, tmp_path / "f")
        load_arrays(tmp_path / "f")[0]["a"][0] = 1


class TestWriting:
    @pytest.mark.parametrize(("named", "metadata"), [
        ({"a": np.zeros(2, complex)}, None), ({"a": np.array(["x"])}, None), ({"__metadata__": np.zeros(1)}, None),
        ({"a": np.zeros(1)}, {"n": 1}), ({"a": np.array([None])}, None),
    ])  # fmt: skip
    def test_what_the_format_cannot_hold(self, named, metadata, tmp_path):
        with pytest.raises(TypeError, match="save"):
            save_arrays(named, tmp_path / "f", metadata)
        assert not list(tmp_path.iterdir())

    def test_a_crash_leaves_the_old_file(self, tmp_path, monkeypatch):
        path = tmp_path / "f"
        save_arrays({"a": np.zeros(3)}, path)

        def crash(*_):
            raise OSError("the disk is gone")

        for function in ("replace", "fsync"):
            with monkeypatch.context() as patch:
                patch.setattr(os, function, crash)
                with pytest.raises(OSError, match="disk"):
                    save_arrays({"a": np.ones(3)}, path)
            assert list(tmp_path.iterdir()) == [path]
            assert load_arrays(path)[0]["a"].tolist() == [0, 0, 0]

    @pytest.mark.skipif(os.name != "posix", reason="permissions are POSIX's")
    def test_permissions_are_those_of_any_file(self, tmp_path):
        save_arrays({}, tmp_path / "f")
        (tmp_path / "g").touch()
        assert stat.S_IMODE((tmp_path / "f").stat().st_mode) == stat.S_IMODE((tmp_path / "g").stat().st_mode)


# ---------------------------------------------------------------------------------------------------------------------
# Files that are not what they should be


def entry(kind, shape, begin, end):
    return {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}


def container(header, content=b"", pad=0):
    """A file with any header, given as text or as what JSON makes of it."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return (len(text) + pad).to_bytes(8, "little") + text + bytes(content)


@pytest.fixture
def model():
    return nn.MLP([3, 2, 2], rng=0, dtype=np.float64)


def refused(model, path, content):
    """What is said of a file with this content; neither memory nor the model may change for it."""
    path.write_bytes(content)
    before = {name: x.tobytes() for name, x in model.state_dict().items()}
    tracemalloc.start()
    try:
        with pytest.raises((ValueError, TypeError)) as caught:
            saving.load(model, path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000 + 30 * len(content)
    assert {name: x.tobytes() for name, x in model.state_dict().items()} == before
    said = str(caught.value)
    assert str(path) in said
    assert "\n" not in said
    assert len(said) < len(str(path)) + 1000
    return said


def test_a_file_cut_short_at_every_length(model, tmp_path):
    path = tmp_path / "m"
    saving.save(model, path)
    whole = path.read_bytes()
    for length in range(len(whole)):
        refused(model, path, whole[:length])
    assert "more" in refused(model, path, whole + b"\0").replace("something was added", "more")


def test_a_byte_changed_anywhere(model, tmp_path):
    """Also in the numbers themselves, which the format alone would not notice."""
    path = tmp_path / "m"
    saving.save(model, path)
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    for place in range(len(whole)):
        flipped = bytearray(whole)
        flipped[place] ^= int(rng.integers(1, 256))
        refused(model, path, bytes(flipped))


X = entry("F64", [2], 0, 16)
HUGE = 2**62

HOSTILE = {
    "empty": b"",
    "a pickle": b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00\x8c\x07builtin\x94.",
    "a zip": b"PK\x03\x04" + bytes(100),
    "header longer than the file": (2**63 - 1).to_bytes(8, "little") + b"{}",
    "header of the greatest length": b"\xff" * 8 + b"{}",
    "no JSON": container(b"{nonsense"),
    "no UTF-8": container(b'{"\xff": 1}'),
    "a list": container([1, 2]),
    "white space first": container(b" {}"),
    "nested deeply": container(b'{"a":' + b"[" * 100_000),
    "entry no object": container({"x": 3}),
    "entry without shape": container({"x": {"dtype": "F64", "data_offsets": [0, 16]}}, bytes(16)),
    "entry with more": container({"x": {**X, "code": "import os"}}, bytes(16)),
    "unknown dtype": container({"x": entry("F128", [1], 0, 16)}, bytes(16)),
    "dtype no text": container({"x": entry(["F64"], [2], 0, 16)}, bytes(16)),
    "huge shape": container({"x": entry("F64", [HUGE], 0, 16)}, bytes(16)),
    "huge shapes that overflow": container({"x": entry("F64", [2**32, 2**32], 0, 0)}),
    "huge shape with a 0": container({"x": entry("F64", [HUGE, 0, HUGE], 0, 0)}),
    "huge offsets": container({"x": entry("F64", [HUGE // 8], 0, HUGE)}, bytes(16)),
    "a hundred axes": container({"x": entry("F64", [1] * 100, 0, 8)}, bytes(8)),
    "negative shape": container({"x": entry("F64", [-2], 0, 16)}, bytes(16)),
    "negative shapes whose product fits": container({"x": entry("F64", [-1, -2], 0, 16)}, bytes(16)),
    "fractional shape": container({"x": entry("F64", [2.0], 0, 16)}, bytes(16)),
    "truth values for a shape": container({"x": entry("F64", [True, 2], 0, 16)}, bytes(16)),
    "NaN in the header": container(b'{"x": {"dtype": "F64", "shape": [NaN], "data_offsets": [0, 16]}}', bytes(16)),
    "a number of many digits": container(b'{"x": ' + b"9" * 10_000 + b"}"),
    "shape no list": container({"x": entry("F64", "2", 0, 16)}, bytes(16)),
    "shape does not fit": container({"x": entry("F64", [3], 0, 16)}, bytes(16)),
    "wrong width": container({"x": entry("F32", [2], 0, 16)}, bytes(16)),
    "offsets exchanged": container({"x": entry("F64", [2], 16, 0)}, bytes(16)),
    "three offsets": container({"x": {**X, "data_offsets": [0, 8, 16]}}, bytes(16)),
    "offsets beyond the end": container({"x": entry("F64", [2], 8, 24)}, bytes(16)),
    "overlap": container({"x": X, "y": entry("F64", [2], 8, 24)}, bytes(24)),
    "the same place twice": container({"x": X, "y": X}, bytes(16)),
    "a gap": container({"x": X, "y": entry("F64", [2], 24, 40)}, bytes(40)),
    "bytes of nobody at the end": container({"x": X}, bytes(17)),
    "no entries but bytes": container({}, bytes(8)),
    "a name twice": container(b'{"x": %s, "x": %s}' % ((json.dumps(X).encode(),) * 2), bytes(16)),
    "a key of an entry twice": container(
        b'{"x": {"dtype": "F64", "dtype": "F64", "shape": [2], "data_offsets": [0, 16]}}', bytes(16)
    ),
    "metadata no map": container({"__metadata__": ["a"], "x": X}, bytes(16)),
    "metadata no text": container({"__metadata__": {"a": 1}, "x": X}, bytes(16)),
    "a sum without its maker": container({"__metadata__": {"sha256": "0" * 64}, "x": X}, bytes(16)),
    "a maker without a sum": container({"__metadata__": {"made_by": "tinygrad_lite"}, "x": X}, bytes(16)),
    "truth values of two and more": container({"x": entry("BOOL", [2], 0, 2)}, b"\x01\x02"),
    "another model's": container({"x": X}, bytes(16)),
    "nothing": container({}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files(name, model, tmp_path):
    refused(model, tmp_path / "m", HOSTILE[name])
    if name not in ("another model's", "nothing"):
        with pytest.raises(FormatError):
            load_arrays(tmp_path / "m")


def edited(model, path, change):
    """The model's file as another program would write it, with one entry changed."""
    named = model.state_dict()
    change(named)
    theirs.save_file(named, path)
    return path.read_bytes()


@pytest.mark.parametrize(("change", "said"), [
    (lambda s: s.update({"layers.0.bias": np.zeros(2, np.int64)}), "int64, where float64 belongs"),
    (lambda s: s.update({"layers.0.bias": np.zeros(2, bool)}), "bool, where float64 belongs"),
    (lambda s: s.update({"layers.0.bias": np.zeros((2, 1))}), "shape"),
    (lambda s: s.pop("layers.1.weight"), "layers.1.weight is missing"),
    (lambda s: s.update(extra=np.zeros(1)), "extra"),
])  # fmt: skip
def test_entries_that_do_not_fit_the_model(change, said, model, tmp_path):
    assert said in refused(model, tmp_path / "m", edited(model, tmp_path / "m", change))


def test_a_hostile_header_takes_bounded_memory(tmp_path):
    """A header within the limit, of nothing but small objects; the limit keeps what parsing it takes in bounds."""
    path = tmp_path / "m"
    for text in (b"[]," * 300_000, b"{}," * 300_000, b'"",' * 300_000):
        path.write_bytes(container(b'{"x":[' + text + b"0]}"))
        tracemalloc.start()
        try:
            with pytest.raises(FormatError):
                load_arrays(path)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 40 * path.stat().st_size
    path.write_bytes((saving.LONGEST_HEADER + 1).to_bytes(8, "little"))
    os.truncate(path, saving.LONGEST_HEADER + 100)
    with pytest.raises(FormatError, match="it says that its header has"):
        load_arrays(path)


def archive(*names):
    """A zip archive with so many empty members."""
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as file:
        for name in names:
            file.writestr(name, b"")
    return found.getvalue()


OTHERS = {
    "of torch.save": (archive("m/data.pkl", "m/data/0", "m/version"), "torch.save.*safetensors.torch.save_file"),
    "of torch.save, old": (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19." + bytes(99), "an old file of torch.save"),
    "of np.savez": (archive("weight.npy", "bias.npy"), r"np.savez: read it with np.load\(path\)"),
    "another archive": (archive("a.txt"), "a zip archive, not a safetensors file"),
    "a damaged archive": (archive("m/data.pkl")[:-5], "a zip archive, not a safetensors file"),
    "half an archive": (b"PK\x03\x04", "a zip archive, not a safetensors file"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_files_of_other_programs_say_how_they_are_read(name, model, tmp_path):
    content, said = OTHERS[name]
    assert re.search(said, refused(model, tmp_path / "m", content))
    with pytest.raises(FormatError, match=said):
        load_arrays(tmp_path / "m")


def test_what_np_savez_wrote_is_loaded_as_it_says(model, tmp_path):
    state = {name: x + 1 for name, x in model.state_dict().items()}
    np.savez(tmp_path / "m.npz", **state)
    with np.load(tmp_path / "m.npz") as arrays:
        model.load_state_dict(arrays)
    same(model.state_dict(), state)


def test_what_is_no_file(model, tmp_path):
    with pytest.raises(FileNotFoundError):
        saving.load(model, tmp_path / "missing")
    with pytest.raises(OSError, match=r"directory|denied"):
        saving.load(model, tmp_path)


def test_a_model_comes_back_bit_for_bit(tmp_path):
    saved, other = nn.MLP([5, 4, 3], rng=0), nn.MLP([5, 4, 3], rng=1)
    saving.save(saved, tmp_path / "m", {"classes": "3"})
    assert saving.load(other, tmp_path / "m") == {"classes": "3"}
    same(saved.state_dict(), other.state_dict())


def test_arrays_are_given_by_name(tmp_path):
    with pytest.raises(TypeError, match="save: takes a dict of arrays by name, not zip"):
        save_arrays(zip(["a"], [np.ones(1)], strict=True), tmp_path / "x")


def test_arguments_that_are_swapped(tmp_path):
    layer, path = nn.Linear(2, 2, rng=0), tmp_path / "layer.safetensors"
    for call, said in [
        (lambda: saving.save(str(path), layer), r"save\(model, path\) .* got str and Linear"),
        (lambda: saving.load(path, layer), r"load\(model, path\) .* got \w*Path and Linear"),
        (lambda: save_arrays(str(path), {}), r"save_arrays\(arrays, path\) .* got str and dict"),
    ]:
        with pytest.raises(TypeError, match=said):
            call()
    assert not path.exists()
