"""Running kernels on all processors, and keeping their machine code on disk."""

from __future__ import annotations

import concurrent.futures
import functools
import hashlib
import linecache
import math
import os
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final, NamedTuple

import numpy as np

EXTRA: Final = "kernels need Numba, which is not installed: pip install 'tinygrad-lite[fast]'"


@functools.cache
def has_numba() -> bool:
    """Whether Numba can be imported."""
    return find_spec("numba") is not None


LARGE: Final = 2**15
"""Arrays of fewer entries are in a processor's cache from one call to the next: a kernel spares NumPy's calls alone."""


class Least(NamedTuple):
    """From how many entries on arrays are for kernels, and windows of arrays."""

    whole: float
    window: float


KERNELS: Final = {"none": Least(math.inf, math.inf), "large": Least(LARGE, 2**13), "all": Least(2**8, 2**8)}
"""By what is asked for. Of fewer than 256 entries NumPy's calls, one by one, take no longer than that of a kernel."""


def fits_kernels(size: int, kernels: str) -> bool:
    """Whether an array of so many entries is for kernels, and there is Numba."""
    return size >= KERNELS[kernels].whole and has_numba()


def thread_count() -> int:
    """How many threads Numba is to use: NUMBA_NUM_THREADS, else as many as there are processors."""
    import numba

    return int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]


@functools.cache
def threads(process):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """The threads of a process; those of a parent do not run in its forks."""
    return concurrent.futures.ThreadPoolExecutor(max(1, thread_count() - 1))


FOR_A_THREAD: Final = 32
"""So many blocks at least are worth a thread."""


def in_blocks(kernel, blocks, *args):  # type: ignore[no-untyped-def]
    """Run a kernel over all blocks, on as many threads as it is worth."""
    parts = min(thread_count(), blocks // 32)  # FOR_A_THREAD
    if parts < 2:
        kernel(0, blocks, *args)
        return
    bounds = [blocks * k // parts for k in range(parts + 1)]
    others = [threads(os.getpid()).submit(kernel, *bounds[k : k + 2], *args) for k in range(1, parts)]
    kernel(*bounds[:2], *args)
    for other in others:
        other.result()


@np.errstate(over="ignore", invalid="ignore")
def averaged_in_blocks(run, sums, count):  # type: ignore[no-untyped-def]
    """A mean, also where the sum is too large for a number: there it is that of numbers over a power of two."""
    y = np.add.reduce(sums) / count
    if np.isfinite(y):
        return y
    exponent = count.bit_length()
    run(0.5**exponent)
    return np.ldexp(np.add.reduce(sums) / count, exponent)


WRITTEN: Final = (thread_count, threads, in_blocks)
"""What texts with kernels define."""


def cache_directory() -> Path:
    """Where machine code is kept: ``TINYGRAD_LITE_CACHE``, else where the system has its user's caches."""
    own = os.environ.get("TINYGRAD_LITE_CACHE")
    if own:
        return Path(own)
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "tinygrad_lite" / "kernels"


def kept_file(text: str) -> str | None:
    """The path of a file of the cache that has this text; None where none can be written.

    Numba keeps machine code beside the file that a function comes from, for as long as that is as it was.
    """
    try:
        directory = cache_directory()
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / f"{hashlib.sha256(text.encode()).hexdigest()[:32]}.py"
        if not path.exists():
            number, name = tempfile.mkstemp(suffix=".part", dir=directory)
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(name, path)  # whole, whoever else writes it
    except (OSError, RuntimeError):  # no home, or none that can be written to
        return None
    return str(path)


def loaded(text: str, file: str = "<kernel>") -> dict[str, Any]:
    """The names that a text defines; one with kernels is kept in a file, and shares its threads."""
    if "@numba.njit" not in text:
        return executed(text, file, {})
    if not has_numba():
        raise ImportError(EXTRA, name="numba")
    path = kept_file(text)
    if path is None:
        return executed(text, file, {}) | {"threads": threads}
    module = ModuleType(f"tinygrad_lite_kernels_{Path(path).stem}")
    if module.__name__ not in sys.modules:
        module.__file__ = path
        sys.modules[module.__name__] = module  # where Numba looks for what it kept
        executed(text, path, vars(module))["threads"] = threads
    return vars(sys.modules[module.__name__])


def executed(text: str, file: str, namespace: dict[str, Any]) -> dict[str, Any]:
    """The namespace of a text that was run, with its lines for whoever asks where an error came from."""
    linecache.cache[file] = len(text), None, text.splitlines(True), file
    exec(compile(text, file, "exec"), namespace)
    return namespace
