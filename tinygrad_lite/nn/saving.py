"""Models in files of the safetensors format: no code in them, nothing to execute, and nothing trusted.

A file is: the header's length as 8 bytes, little-endian; the header, a JSON object that gives for each name dtype,
shape and the place of its bytes, and may hold a map of texts under ``__metadata__``; then the arrays' bytes,
little-endian, row by row, without gaps or overlaps. Source: the format's specification, at
github.com/huggingface/safetensors.

Files written here carry a SHA-256 sum of all they hold, so that damage shows. Others' files need none.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np

from ..storing import write_whole

if TYPE_CHECKING:
    from .module import Module

__all__ = ["FormatError", "load", "load_arrays", "save", "save_arrays"]

DTYPES: Final = {
    "BOOL": np.dtype(np.bool_),
    **{f"U{n}": np.dtype(f"<u{n // 8}") for n in (8, 16, 32, 64)},
    **{f"I{n}": np.dtype(f"<i{n // 8}") for n in (8, 16, 32, 64)},
    **{f"F{n}": np.dtype(f"<f{n // 8}") for n in (16, 32, 64)},
}
"""The format's names for dtypes. BF16, which NumPy lacks, is read as float32."""

NAMES: Final = {dtype: name for name, dtype in DTYPES.items()}

LONGEST_HEADER: Final = 1 << 24
"""Bytes. A hundred thousand arrays fit; the format would allow six times as much, which takes gigabytes to parse."""

MADE_BY: Final = "tinygrad_lite"

CONVERT: Final = (
    "Where PyTorch is installed, safetensors.torch.save_file(torch.load(path), new_path) writes the state_dict in it "
    "anew; or hand torch.load(path) to load_state_dict"
)
"""What to do with a file of torch.save."""


class FormatError(ValueError):
    """A file is not what it should be: damaged, cut short, of another format, or made to mislead."""


# ---------------------------------------------------------------------------------------------------------------------
# Models


def save(model: Module, path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None) -> None:
    """Write a model's parameters and buffers; PyTorch reads them with ``safetensors.torch.load_file``.

    The file appears whole or not at all: a crash leaves what was there before.

    >>> import tempfile, pathlib
    >>> layer, other = nn.Linear(2, 3, rng=0), nn.Linear(2, 3, rng=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tl.saving.save(layer, pathlib.Path(folder, "layer.safetensors"))
    ...     tl.saving.load(other, pathlib.Path(folder, "layer.safetensors"))
    {}
    >>> bool((layer.weight == other.weight).all())
    True
    """
    refuse_swapped("save", "model", model, path)
    save_arrays(model.state_dict(), path, metadata)


def load(model: Module, path: str | os.PathLike[str]) -> dict[str, str]:
    """Read a model's parameters and buffers from a file, also one that PyTorch's users wrote; returns the metadata.

    Raises FormatError for a file that is damaged or hostile, ValueError for one of another model's, TypeError for
    entries of a dtype that does not fit, OSError for one that cannot be read. The model is then as it was.
    """
    refuse_swapped("load", "model", model, path)
    arrays, metadata = load_arrays(path)
    for name, mine in model.state_dict().items():
        if name in arrays and (arrays[name].dtype.kind == "f") != (mine.dtype.kind == "f"):
            raise TypeError(f"{os.fspath(path)}: {name} holds {arrays[name].dtype}, where {mine.dtype} belongs")
    try:
        model.load_state_dict(arrays)
    except ValueError as error:
        raise ValueError(f"{os.fspath(path)}: {error}") from error
    return metadata


# ---------------------------------------------------------------------------------------------------------------------
# Writing


def refuse_swapped(function: str, first: str, given: Any, path: Any) -> None:
    """Raise TypeError for a path where the model or the arrays belong, or for no path where it belongs."""
    paths = (str, os.PathLike)
    if isinstance(given, paths) or not isinstance(path, paths):
        raise TypeError(
            f"saving: {function}({first}, path) takes the {first} first and then the path of a file; got "
            f"{type(given).__name__} and {type(path).__name__}"
        )


def save_arrays(
    arrays: Mapping[str, Any], path: str | os.PathLike[str], metadata: Mapping[str, str] | None = None
) -> None:
    """Write arrays by name, and texts by name; as :func:`save`.

    Raises TypeError for what the format cannot hold: other dtypes, metadata that are not texts.
    """
    refuse_swapped("save_arrays", "arrays", arrays, path)
    texts = dict(metadata or {})
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in texts.items()):
        raise TypeError("save: metadata are texts by name")
    if not isinstance(arrays, Mapping):
        raise TypeError(f"save: takes a dict of arrays by name, not {type(arrays).__name__}")
    texts["made_by"] = MADE_BY
    ready = {name: little_endian(name, x) for name, x in arrays.items()}
    # the widest first, so that every array lies at a multiple of its own width
    order = sorted(ready, key=lambda name: (-ready[name].dtype.itemsize, name))
    entries, end = {}, 0
    for name in order:
        begin, end = end, end + ready[name].nbytes
        entries[name] = {
            "dtype": NAMES[ready[name].dtype],
            "shape": list(ready[name].shape),
            "data_offsets": [begin, end],
        }
    content = [ready[name].tobytes() for name in order]
    texts["sha256"] = checksum(entries, texts, *content)
    header = json.dumps({"__metadata__": texts, **entries}, ensure_ascii=False, separators=(",", ":")).encode()
    header += b" " * (-len(header) % 8)
    write_whole(Path(path), len(header).to_bytes(8, "little"), header, *content)


def little_endian(name: str, value: Any) -> np.ndarray:
    """An array as the format stores it."""
    array = np.asarray(value)
    dtype = array.dtype.newbyteorder("<")
    if not isinstance(name, str) or name == "__metadata__":
        raise TypeError(f"save: {name!r} cannot be an array's name")
    if dtype not in NAMES:
        raise TypeError(f"save: the format has no place for {name}, which is {array.dtype}")
    return array.astype(dtype, order="C", copy=False)


def checksum(entries: Any, texts: Mapping[str, str], *content: bytes) -> str:
    """SHA-256 of everything in a file but the sum itself."""
    known = {key: value for key, value in texts.items() if key != "sha256"}
    found = hashlib.sha256(json.dumps([entries, known], sort_keys=True, separators=(",", ":")).encode())
    for piece in content:
        found.update(piece)
    return found.hexdigest()


# ---------------------------------------------------------------------------------------------------------------------
# Reading


class Slot(NamedTuple):
    """Where an array lies in a file, and what it is."""

    name: str
    kind: str
    shape: tuple[int, ...]
    begin: int
    end: int


def load_arrays(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and metadata of a file.

    Everything is checked before memory is taken for it, so that no file asks for more than its own size. Raises
    FormatError, naming the file and what is wrong with it (of a file of ``torch.save`` or ``np.savez``, how to read
    it), and OSError for a file that cannot be read.
    """
    with Path(path).open("rb") as file:
        try:
            check_that_it_is_not_another(file)
            return parsed_file(file, os.fstat(file.fileno()).st_size)
        except FormatError as error:
            raise FormatError(f"{os.fspath(path)}: {error}") from error


def check_that_it_is_not_another(file: BinaryIO) -> None:
    """Raise FormatError, saying what to do, for what ``torch.save`` and ``np.savez`` write; read from the beginning."""
    start = file.read(4)
    if start == b"PK\x03\x04":
        names = archived(file)
        if any(name.endswith("data.pkl") for name in names):
            raise FormatError(f"this is a file of torch.save, which may hold programs, and is not opened. {CONVERT}")
        if names and all(name.endswith(".npy") for name in names):
            raise FormatError(
                "this is a file of np.savez: read it with np.load(path), and hand what that gives to load_state_dict"
            )
        raise FormatError("this is a zip archive, not a safetensors file")
    if start == b"\x80\x02\x8a\n":
        raise FormatError(f"this is an old file of torch.save, a pickle, and is not opened. {CONVERT}")
    file.seek(0)


def archived(file: BinaryIO) -> list[str]:
    """The names in a zip archive; none if it is damaged."""
    try:
        with zipfile.ZipFile(file) as archive:
            return archive.namelist()
    except Exception:  # of many kinds
        return []


def parsed_file(file: BinaryIO, size: int) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Arrays and metadata of an open file of so many bytes."""
    if size < 8:
        raise FormatError(f"this is no safetensors file: it has {size} bytes, and the header's length alone takes 8")
    length = int.from_bytes(file.read(8), "little")
    if length > min(LONGEST_HEADER, size - 8):
        raise FormatError(
            f"this is no safetensors file, or it was cut short: it says that its header has {length} bytes, "
            f"of {size} in all"
        )
    header = parsed_header(file.read(length))
    texts = header.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise FormatError("its metadata are not texts by name")
    slots = sorted([slot(name, facts) for name, facts in header.items()], key=lambda e: (e.begin, e.end))
    check_places(slots, size - 8 - length)
    content = file.read(size - 8 - length)
    if len(content) != size - 8 - length:
        raise FormatError("it was cut short while it was read")
    ours = "sha256" in texts or "made_by" in texts  # either, should the other be damaged
    if ours and (texts.get("made_by"), texts.get("sha256")) != (MADE_BY, checksum(header, texts, content)):
        raise FormatError("it is damaged: its contents do not have the SHA-256 sum that was written with them")
    arrays = {e.name: array_of(e, content) for e in slots}
    return {name: arrays[name] for name in header}, {k: v for k, v in texts.items() if k not in ("sha256", "made_by")}


def parsed_header(text: bytes) -> dict[str, Any]:
    """The header's JSON."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            raise FormatError(f"its header has {next(n for n in names if names.count(n) > 1)!r} twice")
        return found

    if not text.startswith(b"{"):
        raise FormatError("this is no safetensors file: its header does not begin with {")
    try:
        header = json.loads(text.decode(), object_pairs_hook=once)
    except FormatError:
        raise
    except (ValueError, RecursionError) as error:  # of decoding too
        raise FormatError(f"its header is not JSON: {str(error) or 'nested too deeply'}"[:200]) from error
    if not isinstance(header, dict):
        raise FormatError("its header is no JSON object")
    return header


def slot(name: str, described: Any) -> Slot:
    """What a header says of one array, if it makes sense."""
    if not isinstance(described, dict) or described.keys() != {"dtype", "shape", "data_offsets"}:
        raise FormatError(f"its entry {name!r} does not have dtype, shape and data_offsets, and these alone")
    kind, shape, offsets = described["dtype"], described["shape"], described["data_offsets"]
    if kind != "BF16" and (not isinstance(kind, str) or kind not in DTYPES):
        raise FormatError(f"its entry {name!r} is of dtype {kind!r:.40}, which is not known here")
    for numbers in (shape, offsets):
        if not isinstance(numbers, list) or not all(type(n) is int and 0 <= n <= sys.maxsize for n in numbers):
            raise FormatError(f"its entry {name!r} has a shape or offsets that are no lists of sizes")
    if len(offsets) != 2 or len(shape) > 64 or math.prod([n for n in shape if n]) > sys.maxsize // 8:
        raise FormatError(f"its entry {name!r} has {len(offsets)} offsets and a shape of {shape}"[:300])
    width = 2 if kind == "BF16" else DTYPES[kind].itemsize
    begin, end = offsets
    if end - begin != width * math.prod(shape):
        raise FormatError(f"its entry {name!r}: {kind} of shape {shape} does not take {end - begin} bytes"[:300])
    return Slot(name, kind, tuple(shape), begin, end)


def check_places(slots: list[Slot], size: int) -> None:
    """That the slots, in order, fill the bytes without gap or overlap."""
    at = 0
    for e in slots:
        if e.begin != at:
            raise FormatError(f"its entry {e.name!r} begins at byte {e.begin}, not where the one before ends, at {at}")
        at = e.end
    if at != size:
        raise FormatError(f"its entries take {at} bytes, and it holds {size}: it was cut short, or something was added")


def array_of(e: Slot, content: bytes) -> np.ndarray:
    """An array of its own memory."""
    if e.kind == "BF16":  # the upper half of a float32
        half = np.frombuffer(content, "<u2", math.prod(e.shape), e.begin)
        return (half.astype(np.uint32) << 16).view(np.float32).reshape(e.shape)
    dtype = DTYPES[e.kind]
    if e.kind == "BOOL" and any(byte > 1 for byte in set(content[e.begin : e.end])):
        raise FormatError(f"its entry {e.name!r} is of truth values, and holds others than 0 and 1")
    values = np.frombuffer(content, dtype, math.prod(e.shape), e.begin) if e.end > e.begin else np.empty(0, dtype)
    return values.reshape(e.shape).astype(dtype.newbyteorder("="))
