"""Outputs of a study: figures of each scenario, and reductions of its log that are made while it runs.

A reduction sees each row of the log once, in the order of time. Sums and extremes need a number each. Quantiles are
exact: the values of their columns are kept until the scenario ends, 70 kB for a column of a year of hours, so that no
approximation has to be defended; a year of minutes takes 4 MB for as long as it runs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.config.schema import validate
from h2plant.config.yaml_source import Node
from h2plant.core.declare import Field
from h2plant.core.units import Conversion, UnitError, match_parameter, split_name, to_si
from h2plant.plant.finding import Finding, and_then, listing, nearest
from h2plant.plant.graph import Plant
from h2plant.results.figures import FIGURES, Technologies, figure_of, figures_of
from h2plant.simulation.program import Column, FloatArray, Program
from h2plant.studies.study.shape import OutputShape

_INTEGRALS = {"W": ("mwh", "MWh", 1.0 / 3.6e9), "kg/s": ("kg", "kg", 1.0), "EUR/s": ("eur", "EUR", 1.0)}
"""What a total of a column is: suffix and unit of its sum over time, and the factor from SI."""

_SHOWN = {
    "mw": "MW",
    "kw": "kW",
    "w": "W",
    "mwh": "MWh",
    "kwh": "kWh",
    "degc": "°C",
    "eur": "EUR",
    "pa": "Pa",
    "k": "K",
}
"""Units as tables show them, by their suffix."""

Values = dict[str, float | None]
"""Outputs of a scenario by name; None where a figure has no value."""


@dataclass(frozen=True)
class Output:
    """An output as the study asks for it; ``source`` is 'figure', 'economics' or 'column'."""

    name: str
    source: str
    of: str
    reduce: str = ""
    q: float | None = None
    limit: float | None = None
    where: str = ""
    line: int = 0

    def content(self) -> list[object]:
        """Return everything that decides its value, for digests."""
        return [self.name, self.source, self.of, self.reduce, self.q, self.limit]

    @property
    def unit(self) -> str:
        """Its unit, where the name of a figure tells it."""
        figure = figure_of(self.of) if self.source == "figure" else None
        return "" if figure is None else figure.unit


def read_outputs(node: Node | None, file: Path, findings: list[Finding]) -> tuple[Output, ...]:
    """Read the list under ``outputs``; what is wrong is appended to the findings."""
    found: list[Output] = []
    for k, item in enumerate((node.items or ()) if node else ()):
        where = f"outputs.{k}"
        output = _figure(str(item.value), where, item.line, file, findings) if item.value is not None else None
        if item.value is None:
            output = _read(item, where, file, findings)
        if output is None:
            continue
        if any(other.name == output.name for other in found):
            what = f"there is another output '{output.name}'"
            findings.append(Finding("duplicate-name", where, what, "give it a 'name' of its own", file, item.line))
        found.append(output)
    return tuple(found)


def _figure(name: str, where: str, line: int, file: Path, findings: list[Finding], as_: str = "") -> Output | None:
    if figure_of(name) is not None:
        return Output(as_ or name, "figure", name, where=where, line=line)
    remedy = and_then(nearest(name, FIGURES), "A column of the log is written '{column: ..., reduce: mean}'")
    findings.append(Finding("unknown-figure", where, f"there is no key figure '{name}'", remedy, file, line))
    return None


def _read(node: Node, where: str, file: Path, findings: list[Finding]) -> Output | None:
    shape = validate(OutputShape, node, file, findings, where)
    if shape is None:
        return None

    def find(id: str, key: str, what: str, remedy: str) -> None:
        findings.append(Finding(id, f"{where}.{key}" if key else where, what, remedy, file, node.line_at((key,))))

    sources = {"figure": shape.figure, "column": shape.column, "economics": shape.economics}
    given = [key for key, value in sources.items() if value is not None]
    if len(given) != 1:
        what = f"{listing(given)} are given" if given else "nothing is asked for"
        find("output-source", given[-1] if given else "", what, f"give exactly one of {listing(list(sources), 'or')}")
        return None
    if shape.column is None:
        for key in ("reduce", "q", "limit"):
            if getattr(shape, key) is not None:
                find("unused-key", key, f"'{key}' means nothing without 'column'", f"remove '{key}'")
        if shape.figure is not None:
            return _figure(shape.figure, where, node.line, file, findings, shape.name or "")
        assert shape.economics is not None
        name = shape.name or f"economics.{shape.economics}"
        return Output(name, "economics", shape.economics, where=where, line=node.line)
    if shape.reduce is None:
        find(
            "missing-key", "", "it is not said what of the column", "add 'reduce: mean', total, min, max, quantile ..."
        )
        return None
    needs = {"quantile": "q", "share_above": "limit", "share_below": "limit"}.get(shape.reduce)
    if needs is not None and getattr(shape, needs) is None:
        find("missing-key", "reduce", f"a '{shape.reduce}' needs '{needs}'", f"add '{needs}: ...'")
        return None
    for key in ("q", "limit"):
        if getattr(shape, key) is not None and key != needs:
            find("unused-key", key, f"'{key}' means nothing to '{shape.reduce}'", f"remove '{key}'")
    suffix = {"q": f"_{shape.q}", "limit": f"_{shape.limit}"}.get(needs or "", "")
    name = shape.name or f"{shape.column}.{shape.reduce}{suffix}"
    return Output(name, "column", shape.column, shape.reduce, shape.q, shape.limit, where, node.line)


@dataclass(frozen=True)
class Reduction:
    """An output that is reduced from a column of the log: value = SI * factor + offset; ``limit`` in SI."""

    name: str
    unit: str
    index: int
    how: str
    factor: float
    offset: float
    q: float = math.nan
    limit: float = math.nan


def resolve_reductions(
    outputs: Sequence[Output], columns: Sequence[Column], file: Path, findings: list[Finding]
) -> tuple[Reduction, ...]:
    """Return the reductions among the outputs, with their columns found in the log, whatever unit they are asked in."""
    found = []
    for output in outputs:
        if output.source != "column":
            continue
        match = _column(output.of, columns)
        if isinstance(match, str):
            what, _, remedy = match.partition("\n")
            findings.append(Finding("unknown-column", output.where, what, remedy, file, output.line))
            continue
        index, conversion, unit = match
        column = columns[index]
        factor, offset = 1.0 / conversion.factor, -conversion.offset / conversion.factor
        if output.reduce == "total":
            if column.unit not in _INTEGRALS:
                what = f"a total of '{output.of}' ({column.unit or 'no unit'}) means nothing"
                remedy = "take the total of a flow (W, kg/s, EUR/s); of anything else the mean"
                findings.append(Finding("bad-reduction", output.where, what, remedy, file, output.line))
                continue
            _, unit, factor = _INTEGRALS[column.unit]
            offset = 0.0
        elif output.reduce == "sd":
            offset = 0.0
        elif output.reduce.startswith("share_"):
            factor, offset, unit = 1.0, 0.0, "1"
        limit = math.nan if output.limit is None else output.limit * conversion.factor + conversion.offset
        q = math.nan if output.q is None else output.q
        found.append(Reduction(output.name, unit, index, output.reduce, factor, offset, q, limit))
    return tuple(found)


def check_figures(outputs: Sequence[Output], plant: Plant, file: Path, findings: list[Finding]) -> None:
    """Find outputs that are figures of technologies which neither the plant has nor are built in."""
    own = figures_of(Technologies.of_plant(plant))
    for output in outputs:
        if output.source == "figure" and output.of not in FIGURES and output.of not in own:
            what = f"the plant has no key figure '{output.of}'"
            findings.append(Finding("unknown-figure", output.where, what, nearest(output.of, own), file, output.line))


def _column(name: str, columns: Sequence[Column]) -> tuple[int, Conversion, str] | str:
    """Return the place of a column, the asked unit's conversion to SI, that unit; or what is wrong and the remedy."""
    for k, column in enumerate(columns):
        if column.name == name:  # a series is logged in SI under the name that the plant gives it
            own = to_si(name) if name.startswith("series.") else Conversion(name, 1.0, 0.0)
            is_si = (own.factor, own.offset) == (1.0, 0.0)
            return k, own, column.unit if is_si else _unit_shown(name, split_name(name)[0])
    head = name.partition(".")[0]
    near = [(k, column) for k, column in enumerate(columns) if column.name.partition(".")[0] == head]
    fields = [Field(column.name, column.unit, "state", column.doc) for _, column in near]
    try:
        match = match_parameter(name, fields)
    except UnitError as error:
        return f"{error}\nwrite {listing(error.allowed, 'or')}"
    if match is None:
        names = [column.name for _, column in near] or [column.name for column in columns]
        return f"the log has no column '{name}'\n{nearest(name, names)}"
    index = next(k for k, column in near if column.name == match[0].name)
    stem = split_name(match[0].name, match[0].unit)[0]
    return index, match[1], _unit_shown(name, stem)


def _unit_shown(name: str, stem: str) -> str:
    """Return the unit of a name as tables show it: ``MW`` of ``power_mw``."""
    words = [_SHOWN.get(word, word) for word in name[len(stem) + 1 :].split("_")]
    return " ".join(words).replace(" per ", "/")


class Reducer:
    """Reduces the log of one run as its rows come.

    Parameters
    ----------
    reductions
        What is wanted.
    program
        The plant's program: its steps and the length of its log intervals.
    n_steps
        Steps of the run; the last row may stand for a shorter interval.
    """

    def __init__(self, reductions: Sequence[Reduction], program: Program, n_steps: int) -> None:
        self._reductions = reductions
        self._index = np.array([r.index for r in reductions], dtype=np.int64)
        self._interval_s = program.log_every_s
        self._left_s = n_steps * program.step_s
        n = len(reductions)
        self._seconds = 0.0
        self._sum, self._square = np.zeros(n), np.zeros(n)
        self._low, self._high = np.full(n, np.inf), np.full(n, -np.inf)
        self._last = np.full(n, np.nan)
        self._beyond = np.zeros(n)
        self._kept_at = [k for k, r in enumerate(reductions) if r.how == "quantile"]
        self._kept: list[FloatArray] = []
        self._first: FloatArray | None = None

    def take(self, rows: FloatArray) -> None:
        """Take further rows of the log, shape (n, n_columns); a view that is not kept."""
        if not self._reductions or not rows.size:
            return
        values = rows[:, self._index]
        seconds = np.full(len(values), self._interval_s)
        seconds[-1] = min(self._interval_s, self._left_s - self._interval_s * (len(values) - 1))
        self._left_s -= float(seconds.sum())
        if self._first is None:
            self._first = values[0].copy()
        self._seconds += float(seconds.sum())
        self._sum += seconds @ values
        self._square += seconds @ (values - self._first) ** 2  # from the first: a spread is small beside 300 K
        self._low = np.minimum(self._low, values.min(axis=0))
        self._high = np.maximum(self._high, values.max(axis=0))
        self._last = values[-1].copy()
        for k, r in enumerate(self._reductions):
            if r.how == "share_above":
                self._beyond[k] += float(seconds[values[:, k] > r.limit].sum())
            elif r.how == "share_below":
                self._beyond[k] += float(seconds[values[:, k] < r.limit].sum())
        if self._kept_at:
            self._kept.append(values[:, self._kept_at])

    def values(self) -> Values:
        """Return the reductions by name; None for all where nothing ran."""
        if self._first is None:
            return {r.name: None for r in self._reductions}
        mean = self._sum / self._seconds
        spread = np.sqrt(np.maximum(self._square / self._seconds - (mean - self._first) ** 2, 0.0))
        of: dict[str, Callable[[int], float]] = {
            "mean": lambda k: mean[k],
            "total": lambda k: self._sum[k],
            "min": lambda k: self._low[k],
            "max": lambda k: self._high[k],
            "sd": lambda k: spread[k],
            "last": lambda k: self._last[k],
            "share_above": lambda k: self._beyond[k] / self._seconds,
            "share_below": lambda k: self._beyond[k] / self._seconds,
        }
        kept = np.concatenate(self._kept) if self._kept else np.zeros((0, 0))
        found: Values = {}
        for k, r in enumerate(self._reductions):
            if r.how == "quantile":
                value = float(np.quantile(kept[:, self._kept_at.index(k)], r.q))
            else:
                value = float(of[r.how](k))
            found[r.name] = value * r.factor + r.offset
        return found


def figure_values(
    outputs: Sequence[Output], figures: Mapping[str, Any], economics: Callable[[], Mapping[str, Any]]
) -> Values:
    """Return the outputs that are key figures or parts of the economics.

    Raises
    ------
    LookupError
        A plant has no such figure; the text says which.
    """
    found: Values = {}
    for output in outputs:
        if output.source == "figure":
            found[output.name] = figures.get(output.of)
        elif output.source == "economics":
            found[output.name] = _nested(economics(), output.of)
    return found


def _nested(mapping: Mapping[str, Any], dotted: str) -> float | None:
    value: Any = mapping
    for key in dotted.split("."):
        if not isinstance(value, Mapping) or key not in value:
            known = value if isinstance(value, Mapping) else ()
            raise LookupError(f"there is no 'economics.{dotted}' among the results; {nearest(key, known)}")
        value = value[key]
    if isinstance(value, Mapping | list | str):
        raise LookupError(f"'economics.{dotted}' is no single number; go further down in it")
    return None if value is None else float(value)
