"""What a plan knows of faults: those by the calendar; what happens at random, it learns when it has happened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from h2plant.config.fault_series import fault_series, with_planned_only
from h2plant.config.series import Series
from h2plant.core.role import LineControl, PowerBus
from h2plant.planning.layout import Layout
from h2plant.plant.graph import Plant, PortRef, PowerTree
from h2plant.simulation.program import FloatArray, IntArray


@dataclass(frozen=True)
class Availability:
    """Shares of grid and lines that are in service, interval by interval; arrays of shape (n,).

    Attributes
    ----------
    grid
        Of the connection to the grid; None: all of it always.
    lines
        Of the lines that may not be all there.
    """

    grid: FloatArray | None = None
    lines: Mapping[str, FloatArray] = field(default_factory=dict)

    def over(self, index: IntArray) -> Availability:
        """Return that of some intervals."""
        grid = None if self.grid is None else self.grid[index]
        return replace(self, grid=grid, lines={name: left[index] for name, left in self.lines.items()})

    def of_line(self, name: str) -> FloatArray | float:
        """Return that of a line."""
        return self.lines.get(name, 1.0)


ALL_THERE = Availability()


def known_series(plant: Plant, series: Mapping[str, Series], start: datetime, hours: float) -> dict[str, Series]:
    """Return the series of a run as far as they are known ahead: without what happens at random."""
    if not plant.faults.of:
        return dict(series)
    known = fault_series(with_planned_only(plant), round(start.timestamp()), round(hours * 3600.0))
    return {**series, **known}


def availability_of(
    plant: Plant, layout: Layout, known: Mapping[str, Series], n: int, interval_s: float
) -> Availability:
    """Return what is in service of grid and lines, by the faults that are known ahead."""
    if not plant.faults.of:
        return ALL_THERE
    tree = PowerTree(plant.components, plant.links)

    def left(names: Iterable[str]) -> FloatArray:
        found = np.ones(n)
        for name in names:
            found = found * (1.0 - _means(known[name], n, interval_s))
        return found

    grid = list(_series_at(plant, layout.grid))
    lines = {}
    for id_ in layout.lines:
        of_all = [name for bus in plant.of_role(PowerBus) for name in _series_at(plant, bus)]
        of_all += [*_series_at(plant, id_), *_above(plant, tree.line_trips(id_))]
        units = _of_units(plant, tree, id_)
        if of_all or any(units):
            each = [left(names) for names in units] or [np.ones(n)]
            lines[id_] = left(of_all) * np.mean(each, axis=0)
    return Availability(left(grid) if grid else None, lines)


def _means(series: Series, n: int, interval_s: float) -> FloatArray:
    """Return the mean of a series over each interval; it holds its values, by whole minutes."""
    total = np.concatenate([[0.0], np.cumsum(series.values)]) * series.resolution_s
    edges = series.offset_s + np.arange(n + 1) * interval_s
    at = np.interp(edges, np.arange(total.size) * series.resolution_s, total)
    return np.asarray(np.diff(at) / interval_s)


def _series_at(plant: Plant, id_: str) -> Iterator[str]:
    """Yield the series by which a component is out as a whole."""
    for port in plant.components[id_].kind.ports:
        if port.fault == "outage":
            for link in plant.links_at(id_, port.name):
                if link.is_made and link.is_series:
                    yield link.source.port


def _above(plant: Plant, refs: Iterable[PortRef]) -> list[str]:
    return [name for ref in refs for name in _series_at(plant, ref.component)]


def _of_units(plant: Plant, tree: PowerTree, id_: str) -> list[list[str]]:
    """Return the series by which each unit of a line is out: its own, and those of the converters above it alone."""
    role = plant.components[id_].kind.role
    assert isinstance(role, LineControl)
    units = [link.target.component for link in plant.links if link.source == PortRef(id_, role.units)]
    above = tree.unit_trips(id_)
    n = len(above) // max(len(units), 1)
    known = plant.fault_series
    found = []
    for i, unit in enumerate(units):
        own = [name for name in (f"outage_{unit}_frac",) if name in known]
        found.append([*own, *dict.fromkeys(_above(plant, above[i * n : (i + 1) * n]))])
    return found
