"""What cProfile says of a run: phases, modules, functions; and of the baseline engine its kinds and look-ups."""

from __future__ import annotations

import cProfile
import marshal
import re
from pathlib import Path
from typing import Any, NamedTuple, cast

from h2plant.core.jit import PACKAGE_ROOT

_REFERENCE = "core/properties/reference.py"
_KIND_FOLDERS = ("components", "dispatch")
_Where = tuple[str, int, str]
_Times = tuple[int, int, float, float, dict[_Where, tuple[int, int, float, float]]]


class PythonShare(NamedTuple):
    """Time in a function or module: calls, s in itself, s with all that it calls."""

    name: str
    calls: int
    own_s: float
    cumulative_s: float


class PythonSide:
    """Reads what a profile of cProfile holds.

    Parameters
    ----------
    profile
        Stopped.
    """

    def __init__(self, profile: cProfile.Profile) -> None:
        profile.create_stats()
        # {(file, line, function): (calls but recursive ones, calls, own s, cumulative s, {caller: the same four})}
        self._stats = cast(dict[_Where, _Times], profile.stats)

    def dump(self) -> bytes:
        """Return the content of a ``.prof`` file, as ``pstats`` and its viewers read it."""
        return marshal.dumps(self._stats)

    def cumulative_s(self, module: str, function: str) -> float:
        """Return the time in a function of this package and all that it called, s."""
        return sum(
            cumulative
            for (file, _, name), (_, _, _, cumulative, _) in self._stats.items()
            if name == function and _module(file) == module
        )

    def functions(self, n: int) -> list[PythonShare]:
        """Return the n functions with most time of their own."""
        rows = [
            PythonShare(_label(where), calls, own, cumulative)
            for where, (_, calls, own, cumulative, _) in self._stats.items()
        ]
        return sorted(rows, key=lambda row: -row.own_s)[:n]

    def kinds(self) -> list[PythonShare]:
        """Return the time in ``step`` and ``emit`` of each kind, as Python; empty for the compiled engine."""
        rows = []
        for (file, _, name), (_, calls, own, cumulative, _) in self._stats.items():
            folder, _, kind = _module(file).removesuffix(".py").rpartition("/")
            if folder in _KIND_FOLDERS and name in ("step", "emit"):
                rows.append(PythonShare(kind + (" (emit)" if name == "emit" else ""), calls, own, cumulative))
        return sorted(rows, key=lambda row: -row.cumulative_s)

    def reference_look_ups(self) -> list[PythonShare]:
        """Return the look-ups that kernels asked of CoolProp; empty for the compiled engine."""
        rows = []
        for (file, _, name), (_, _, own, _, callers) in self._stats.items():
            if _module(file) != _REFERENCE or name.startswith(("_", "<")):
                continue
            asked = [times for caller, times in callers.items() if _module(caller[0]) != _REFERENCE]
            if asked:
                rows.append(PythonShare(name, sum(t[1] for t in asked), own, sum(t[3] for t in asked)))
        return sorted(rows, key=lambda row: -row.cumulative_s)


def _module(file: str) -> str:
    """Return a file's path within this package, or an empty text."""
    path = Path(file)
    return path.relative_to(PACKAGE_ROOT).as_posix() if path.is_relative_to(PACKAGE_ROOT) else ""


def _label(where: _Where) -> str:
    file, _, name = where
    if file == "~":
        return re.sub(r" at 0x[0-9a-f]+", "", name)
    path = Path(file)
    short = f"h2plant/{_module(file)}" if _module(file) else "/".join(path.parts[-2:])
    return f"{short}: {name}"


def as_data(rows: list[PythonShare]) -> list[dict[str, Any]]:
    """Return shares as plain data."""
    return [row._asdict() for row in rows]
