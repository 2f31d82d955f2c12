"""What the compiler is at, and its library's pages given back once kernels are loaded: a run does not need them."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import sys
from pathlib import Path

_MAPS = "/proc/self/maps"
_LIBRARY = "llvmlite"
_CODE = "r-xp"  # never written to, unlike what the loader relocates: may be read from the file again at any time
_MADV_DONTNEED = 4


@functools.cache
def release_compiler() -> int:
    """Give back the machine code of LLVM, once in a process; returns the bytes of its mappings (0 but on Linux).

    50 MB of a year's peak memory are pages of that library, kept by nothing but the habit of the system to map more of
    a file than was touched. What is compiled later reads them again from the system's cache, in milliseconds.
    """
    if not sys.platform.startswith("linux"):
        return 0
    released = 0
    with contextlib.suppress(OSError, AttributeError):
        madvise = ctypes.CDLL(None, use_errno=True).madvise
        madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
        for line in Path(_MAPS).read_text(encoding="utf-8", errors="replace").splitlines():
            words = line.split(maxsplit=5)
            if len(words) == 6 and words[1] == _CODE and _LIBRARY in words[5]:
                first, end = (int(number, 16) for number in words[0].split("-"))
                if madvise(first, end - first, _MADV_DONTNEED) == 0:
                    released += end - first
    return released


def is_compiling() -> bool:
    """Tell whether the compiler is at work in any thread."""
    module = sys.modules.get("numba.core.compiler_lock")
    return module is not None and bool(module.global_compiler_lock.is_locked())
