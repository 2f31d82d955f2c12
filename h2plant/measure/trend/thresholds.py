"""Thresholds by which ``h2plant monitor`` judges the history, read from TOML."""

from __future__ import annotations

import math
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from h2plant.config.user_file import FileError, read_bytes
from h2plant.plant.finding import Finding, PlantError, nearest, raise_errors
from h2plant.session.history import SETTINGS_NAME, home

DEFAULTS = Path(__file__).with_name(SETTINGS_NAME)


class Metric(NamedTuple):
    """A quantity of the records that can be judged; ``is_better_low`` says which side is good."""

    label: str
    unit: str
    is_better_low: bool = True
    format: str = ".3g"


METRICS: dict[str, Metric] = {
    "ns_per_component_step": Metric("time per component-step", "ns", format=",.1f"),
    "loop_s": Metric("time in the loop", "s", format=",.3f"),
    "total_s": Metric("time in all", "s", format=",.2f"),
    "peak_memory_mb": Metric("peak memory", "MB", format=",.0f"),
    "lookup_hit_rate_frac": Metric("hit rate of cached look-ups", "1", is_better_low=False, format=".3f"),
    "accuracy_error_frac": Metric("largest error against the baseline", "1", format=".1e"),
    "residual_component_frac": Metric("balance residual of a component", "1", format=".1e"),
    "residual_plant_frac": Metric("balance residual of the plant", "1", format=".1e"),
}


@dataclass(frozen=True)
class Threshold:
    """When a quantity counts as worse: by a share of the median, beyond a limit, or not at all."""

    worse_by_frac: float | None = None
    limit: float | None = None
    judged: bool = True


@dataclass(frozen=True)
class Thresholds:
    """How the history is judged; see monitor.toml of this package for the meaning of each."""

    recent_runs: int
    baseline_runs: int
    spread_runs: int
    least_runs: int
    spread_factor: float
    metrics: dict[str, Threshold]


def load_thresholds(file: Path | None = None) -> Thresholds:
    """Return the package's thresholds with those of a file in their place.

    Parameters
    ----------
    file
        A TOML file (default: monitor.toml in the folder of the history, if there is one).

    Raises
    ------
    PlantError
        All that is wrong with the file, with line and key.
    """
    findings: list[Finding] = []
    tables = _read(DEFAULTS, findings)
    own = file if file is not None else home() / SETTINGS_NAME
    if file is not None or own.exists():
        for name, table in _read(own, findings).items():
            if name == "metrics":
                for metric, entries in table.items():
                    tables["metrics"][metric] = {**tables["metrics"].get(metric, {}), **entries}
            else:
                tables[name] = {**tables[name], **table}
    raise_errors(findings)
    metrics = {name: Threshold(**entries) for name, entries in tables["metrics"].items()}
    return Thresholds(**tables["regression"], metrics=metrics)


_MOST_WHOLE = 10**15
_COUNT, _SHARE, _NUMBER, _FLAG = "a whole number from 1", "a number above 0", "a number", "true or false"
_REGRESSION = {
    "recent_runs": _COUNT,
    "baseline_runs": _COUNT,
    "spread_runs": _COUNT,
    "least_runs": _COUNT,
    "spread_factor": _SHARE,
}
_METRIC = {"worse_by_frac": _SHARE, "limit": _NUMBER, "judged": _FLAG}
_TABLES = {"history": {"enabled": _FLAG}, "regression": _REGRESSION}


def _read(file: Path, findings: list[Finding]) -> dict[str, dict[str, Any]]:
    """Return the tables of a file; what is wrong goes to the findings."""
    try:
        text = read_bytes(file).decode("utf-8")
        content = tomllib.loads(text)
    except FileError as error:
        raise PlantError([Finding("unreadable", "", error.what, error.remedy, file)]) from None
    except ValueError as error:
        place = re.search(r"line (\d+)", str(error))
        line = int(place[1]) if place else 0
        remedy = "write it as `key = value` under `[table]`"
        raise PlantError([Finding("bad-toml", "", f"is no TOML: {error}", remedy, file, line)]) from None
    sheet = _Sheet(file, text, findings)
    sound: dict[str, dict[str, Any]] = {}
    for name, table in content.items():
        if name == "metrics":
            table = sheet.table((name,), table)
            sheet.keys((name,), table, METRICS)
            sound[name] = {
                metric: sheet.values((name, metric), entries, _METRIC)
                for metric, entries in table.items()
                if metric in METRICS
            }
        elif name in _TABLES:
            sound[name] = sheet.values((name,), table, _TABLES[name])
        else:
            sheet.keys((), {name: table}, (*_TABLES, "metrics"))
    return sound


class _Sheet:
    """A file that is being checked: finds the lines of its keys."""

    def __init__(self, file: Path, text: str, findings: list[Finding]) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._findings = findings

    def keys(self, path: tuple[str, ...], table: dict[str, Any], known: Any) -> None:
        """Find the keys of a table that mean nothing."""
        for key in table:
            if key not in known:
                self._find("unknown-key", (*path, key), "is not known here", nearest(key, known))

    def table(self, path: tuple[str, ...], value: Any) -> dict[str, Any]:
        """Return a table; if it is none, an empty one, and find that."""
        if isinstance(value, dict):
            return value
        self._find("wrong-type", path, "is no table", f"write it as [{'.'.join(path)}] with its keys below")
        return {}

    def values(self, path: tuple[str, ...], table: Any, known: dict[str, str]) -> dict[str, Any]:
        """Return the sound values of a table, find the others."""
        entries = self.table(path, table)
        self.keys(path, entries, known)
        sound = {}
        for key, value in entries.items():
            if key not in known:
                continue
            if _is(value, known[key]):
                sound[key] = value
            else:
                self._find("bad-value", (*path, key), f"is {value!r}", f"write {known[key]}")
        return sound

    def _find(self, id: str, path: tuple[str, ...], what: str, remedy: str) -> None:
        self._findings.append(Finding(id, ".".join(path), what, remedy, self._file, self._line(path)))

    def _line(self, path: tuple[str, ...]) -> int:
        """Return the line of a key, or of the table it stands in if it is written in another way; 0 if neither."""
        table: tuple[str, ...] = ()
        found = 0
        for number, line in enumerate(self._lines, 1):
            header = re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", line)
            if header:
                table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
            names = (*table, *(part.strip("\"'") for part in key[1].split("."))) if key and not header else table
            if names == path:
                return number
            if header and table == path[: len(table)]:
                found = number
        return found


def _is(value: Any, wanted: str) -> bool:
    if wanted == _FLAG:
        return isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        return False
    if isinstance(value, int) and abs(value) > _MOST_WHOLE:
        return False
    if wanted == _COUNT:
        return isinstance(value, int) and value >= 1
    return wanted == _NUMBER or value > 0
