"""How the C library's allocator treats the memory of arrays that are freed."""

from __future__ import annotations

from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""``mallopt``'s parameters, of glibc's malloc.h."""

LARGEST_MMAP_THRESHOLD: Final = 2**25
"""glibc refuses more (HEAP_MAX_SIZE / 2 on 64 bits): arrays above 32 MiB always come fresh from the system."""


def keep_memory(limit: int = 2**30) -> bool:
    """Let the process keep the memory of freed arrays, up to ``limit`` bytes, for the arrays that come next.

    A training step allocates its activations and gradients and frees them again. glibc hands what is freed at the top
    of the heap back to the system, so the next step fetches every page anew, a page fault for each 4 KiB: this can
    double the time of a step on networks whose arrays have some megabytes or less.

    It holds for the whole process, other libraries included, from now on; call it once, before the first step. The
    process then looks as large as it was at its peak. It changes no result.

    Returns whether the allocator took it: False where malloc is not glibc's (macOS, Windows, musl), where nothing
    changes.

    Raises ValueError for a limit that is negative or above 2³¹ − 1.

    Source: M. Kerrisk, *Linux man-pages*, mallopt(3): M_TRIM_THRESHOLD, M_MMAP_THRESHOLD.

    >>> kept = tl.keep_memory()
    """
    if not 0 <= limit < 2**31:
        raise ValueError(f"keep_memory: limit is a number of bytes from 0 to 2³¹ − 1, not {limit}")
    import ctypes  # 3 ms that an import of the package need not pay

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no such function; no such library; Windows
        return False
    mapped = min(limit, LARGEST_MMAP_THRESHOLD)
    return bool(mallopt(M_TRIM_THRESHOLD, limit) and mallopt(M_MMAP_THRESHOLD, mapped))
