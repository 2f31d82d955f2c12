"""The only module that touches Numba's decorators, flags and on-disk cache.

Kernels are plain Python functions of scalars, records and flat arrays. ``kernel`` compiles them for the
CPU; ``plain`` gives the same function back as pure Python, with every kernel that it calls rebound
likewise, so that the baseline engine runs the very same physics without a compiler.

Numba's cache does not notice an edit in another file of the package, so the cache folder is keyed by the
digest of all of the package's sources and by Numba's version.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

_Function = TypeVar("_Function", bound=Callable[..., Any])

PACKAGE_ROOT = Path(__file__).resolve().parent.parent
IS_JIT_DISABLED = os.environ.get("H2PLANT_DISABLE_JIT", "0").strip().lower() not in ("", "0", "false", "no")

# No 'nnan' or 'ninf': a look-up outside its range answers NaN, and that must survive until it is reported.
_FAST_MATH = {"contract", "arcp", "nsz", "reassoc"}
# Kernels never allocate, so counting references would be pure cost (up to 35 % of a look-up).
_FLAGS: dict[str, Any] = {"error_model": "numpy", "fastmath": _FAST_MATH, "nogil": True, "_nrt": False}


_COMPILED = ("core", "physics", "components", "dispatch", "simulation")
"""The packages that hold kernels; no kernel imports from any other (the layers forbid it)."""


def source_digest() -> str:
    """Return the 16-digit digest of all sources that hold kernels and of the compiler's version, as cache key."""
    import numba

    digest = hashlib.sha256(f"{numba.__version__} {sorted(_FAST_MATH)} {sorted(_FLAGS)}".encode())
    for path in sorted(p for name in _COMPILED for p in (PACKAGE_ROOT / name).rglob("*.py")):
        digest.update(path.relative_to(PACKAGE_ROOT).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def cache_root() -> Path:
    """Return the folder that holds compiled code: ``$H2PLANT_CACHE_DIR`` or the user's cache folder."""
    configured = os.environ.get("H2PLANT_CACHE_DIR")
    if configured:
        return Path(configured)
    home_cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    try:
        (home_cache / "h2plant").mkdir(parents=True, exist_ok=True)
        if os.access(home_cache / "h2plant", os.W_OK):
            return home_cache / "h2plant"
    except OSError:
        pass  # read-only home: the temporary folder below serves as well
    return Path(tempfile.gettempdir()) / f"h2plant-cache-{os.getuid() if hasattr(os, 'getuid') else 'user'}"


_cache_folder: Path | None = None


def cache_folder() -> Path:
    """Return the cache folder of these very sources; made if missing, private to the user."""
    global _cache_folder
    if _cache_folder is None:
        folder = cache_root() / source_digest()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _cache_folder = folder
    return _cache_folder


def _compile(function: Callable[..., Any], **extra: Any) -> Any:
    import numba

    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(cache_folder())
    try:
        return numba.njit(cache=True, **{**_FLAGS, **extra})(function)
    finally:
        config.CACHE_DIR = before


def kernel(function: _Function) -> _Function:
    """Compile a scalar function (``H2PLANT_DISABLE_JIT=1`` leaves it as it is)."""
    return function if IS_JIT_DISABLED else _compile(function)


def leaf(function: _Function) -> _Function:
    """Compile a small kernel that is always inlined by the code generator (up to 45 % faster look-ups)."""
    return function if IS_JIT_DISABLED else _compile(function, forceinline=True)


def batch_kernel(function: _Function) -> _Function:
    """Compile a function over arrays that may allocate its result (with reference counts, unlike kernels)."""
    return function if IS_JIT_DISABLED else _compile(function, _nrt=True)


def parallel_kernel(function: _Function) -> _Function:
    """Compile a kernel whose ``prange`` loops share the work among threads."""
    return function if IS_JIT_DISABLED else _compile(function, parallel=True)


def python_function(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the Python function behind a kernel (or the function itself)."""
    return getattr(function, "py_func", function)


def is_kernel(value: object) -> TypeGuard[Callable[..., Any]]:
    """Tell whether a value is a kernel of this package, compiled or not."""
    function = getattr(value, "py_func", value)
    return isinstance(function, types.FunctionType) and function.__module__.split(".")[0] == "h2plant"


def plain(
    function: Callable[..., Any],
    replacements: Mapping[str, Callable[..., Any]],
    _memo: dict[Callable[..., Any], Callable[..., Any]] | None = None,
) -> Callable[..., Any]:
    """Return a kernel as pure Python, with all kernels that it calls rebound to pure Python, recursively.

    Parameters
    ----------
    function
        Kernel or Python function of this package.
    replacements
        Full name (``module.name``) of a kernel -> the function that stands in for it (property look-ups).
    """
    memo = {} if _memo is None else _memo
    source = python_function(function)
    if source in memo:
        return memo[source]
    stand_in = replacements.get(f"{source.__module__}.{source.__qualname__}")
    if stand_in is not None:
        memo[source] = stand_in
        return stand_in
    namespace = dict(source.__globals__)
    rebound = types.FunctionType(source.__code__, namespace, source.__name__, source.__defaults__, source.__closure__)
    memo[source] = rebound
    for name in source.__code__.co_names:
        value = source.__globals__.get(name)
        if is_kernel(value):
            namespace[name] = plain(value, replacements, memo)
    return rebound
