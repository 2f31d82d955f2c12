"""The batteries of a plant as one, as the planner sees them: window, limits, losses and wear, measured on their own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from h2plant.config.series import Series
from h2plant.core.battery_role import Battery
from h2plant.core.constants import J_PER_MWH
from h2plant.economics.plant_cost import installed_cost
from h2plant.economics.settings import read_settings
from h2plant.planning.hull import Pieces, concave_hull, convex_hull
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import SERIES, Link, Plant, PortRef
from h2plant.results.run_economics import equipment_of
from h2plant.simulation.lower import lower
from h2plant.simulation.manager_optimized import SimulationEngineOptimized

LOADS = (0.25, 0.5, 0.75, 1.0)
"""Shares of what it can take and give at which a battery is measured."""

_SHARE = "measured_share_frac"
_STEP_S = 60.0
_PER_HOUR = 60
_MOST_H = 2000
_STEPS = 4
_OVER_FRAC = 0.02
"""A battery is full, or empty, when it moves less than so much of what it first moved in an hour."""
_WEAR_DAYS = 28


@dataclass(frozen=True)
class BatteryModel:
    """All batteries that a rule commands: one signal moves them alike, so they count as one.

    Attributes
    ----------
    charge_mw, discharge_mw
        Most that they take from the bus, and give to it.
    window_mwh
        Energy of new cells between empty and full, as far as they are used.
    initial_mwh
        Energy above empty at the start of a run.
    taken, given
        Pieces (slope, intercept in MW): cells get at most slope * power + intercept of what is taken from the bus; they
        give up at least that for what is given to it.
    kept_per_h
        Share of the energy above empty that is left after an hour at rest.
    draw_ratio
        Power drawn for themselves by power moved, above that at rest.
    wear_eur_per_mwh
        What a megawatt-hour more, out of the cells, wears them: at a cycle a day, by their price.
    rest_eur_per_h
        What age alone wears them.
    empty_mwh, full_mwh
        Energy in new cells when they are empty, as far as they give, and when they are wholly full.
    """

    charge_mw: float
    discharge_mw: float
    window_mwh: float
    initial_mwh: float
    taken: Pieces
    given: Pieces
    kept_per_h: float = 1.0
    draw_ratio: float = 0.0
    wear_eur_per_mwh: float = 0.0
    rest_eur_per_h: float = 0.0
    empty_mwh: float = 0.0
    full_mwh: float = 0.0


class _Cell:
    """A battery by itself, told what share of what it can it is to take or give."""

    def __init__(self, plant: Plant, id_: str, means: Mapping[str, Series]) -> None:
        role = plant.of_role(Battery)[id_]
        link = Link(PortRef(SERIES, _SHARE), PortRef(id_, role.share))
        alone = replace(plant, components={id_: plant.components[id_]}, links=(link,))
        share = Series(_SHARE, np.zeros(2), _MOST_H * 3600, 0, False, "1")
        self.role, self.id = role, id_
        self.program = lower(alone, {**means, _SHARE: share}, _STEP_S, 3600.0)
        self.engine = SimulationEngineOptimized(self.program)
        self.engine.begin()
        names = [*means, _SHARE]
        a = self.program.arrays
        at = names.index(_SHARE)
        self._share = a.series_values[a.series_first[at] :][: a.series_count[at]]

    def run(self, share: float, steps: int) -> None:
        """Hold a share for some steps."""
        self._share[:] = share
        self.engine.run(steps)

    def port(self, name: str) -> float:
        """Return a power of the last step, MW."""
        return float(self.program.arrays.bus[self.program.slot_index[f"{self.id}.{name}"]]) / 1e6

    @property
    def stored_mwh(self) -> float:
        """Energy in the cells."""
        return self.program.value(f"{self.id}.{self.role.stored}") / J_PER_MWH

    def worn(self) -> float:
        """Return the share of their life that the cells have used."""
        wear = self.role.wear
        if wear is None:
            return 0.0
        end = self.program.value(f"{self.id}.{wear.end}")
        renewed = self.program.value(f"{self.id}.{wear.replacements}") if wear.replacements else 0.0
        return wear.used(0.0, self.program.value(f"{self.id}.{wear.state}"), end) + renewed

    def fill(self, share: float) -> None:
        """Charge (share above 0) or discharge until hardly anything moves."""
        before, first = self.stored_mwh, 0.0
        for _ in range(_MOST_H):
            self.run(share, _PER_HOUR)
            moved, before = abs(self.stored_mwh - before), self.stored_mwh
            first = max(first, moved)
            if moved <= _OVER_FRAC * first:
                return


def measure_batteries(plant: Plant, ids: tuple[str, ...], series: Mapping[str, Series]) -> BatteryModel | None:
    """Return the batteries of a plant as one; None where there is none.

    ``series``: constant ones, at which they are measured.

    Raises
    ------
    PlantError
        If one takes and gives nothing.
    """
    found = [_measured(plant, id_, series) for id_ in ids]
    return _joined(found) if found else None


def _measured(plant: Plant, id_: str, series: Mapping[str, Series]) -> BatteryModel:
    needed = {link.source.port for link in plant.default_links() if link.target.component == id_ and link.is_series}
    means = {name: one for name, one in series.items() if name in needed}
    cell = _Cell(plant, id_, means)
    initial = cell.stored_mwh
    cell.fill(-1.0)
    empty = cell.stored_mwh
    cell.run(1.0, 1)
    charge_mw = cell.port(cell.role.charge)
    cell.fill(1.0)
    top = cell.stored_mwh
    if top <= empty or charge_mw <= 0.0:
        what = "it takes no power: there is nothing to plan"
        raise PlantError([Finding("no-battery", f"components.{id_}", what, "look at its limits and its temperature")])
    full = top / _level(cell)
    cell.run(-1.0, 1)
    discharge_mw = cell.port(cell.role.discharge)
    _to_middle(cell, 0.5 * (empty + top))
    cell.run(0.0, _PER_HOUR)
    rest_mw, before = cell.port(cell.role.auxiliaries), cell.stored_mwh
    cell.run(0.0, 24 * _PER_HOUR)
    kept = ((cell.stored_mwh - empty) / (before - empty)) ** (1.0 / 24.0)
    taken, given, drawn = [(0.0, 0.0)], [(0.0, 0.0)], []
    for share in LOADS:
        for sign, port, points in ((1.0, cell.role.charge, taken), (-1.0, cell.role.discharge, given)):
            points.append(_moved(cell, sign * share, port))
            drawn.append((cell.port(port), cell.port(cell.role.auxiliaries) - rest_mw))
    price = _cells_eur(plant, id_)
    wear, rest = _wear(plant, id_, means, top - empty) if price > 0.0 and cell.role.wear is not None else (0.0, 0.0)
    return BatteryModel(
        charge_mw=charge_mw,
        discharge_mw=discharge_mw,
        window_mwh=top - empty,
        initial_mwh=min(max(initial - empty, 0.0), top - empty),
        taken=concave_hull(taken),
        given=convex_hull(given),
        kept_per_h=kept,
        draw_ratio=max(0.0, *(extra for _, extra in drawn)) / max(power for power, _ in drawn),
        wear_eur_per_mwh=wear * price,
        rest_eur_per_h=rest * price,
        empty_mwh=empty,
        full_mwh=full,
    )


def _moved(cell: _Cell, share: float, port: str) -> tuple[float, float]:
    """Return (power at the bus, power of the cells), MW, at a share of what can be taken or given.

    Of some steps that in which the cells end fullest: in another a cycle may have ended, and wear taken charge away.
    """
    found = []
    for _ in range(_STEPS):
        before = cell.stored_mwh
        cell.run(share, 1)
        found.append((cell.stored_mwh - before) * 3600.0 / _STEP_S)
    return cell.port(port), abs(max(found))


def _level(cell: _Cell) -> float:
    """Return the state of charge after the last step."""
    return float(cell.program.arrays.bus[cell.program.slot_index[f"{cell.id}.{cell.role.level}"]])


def _to_middle(cell: _Cell, wanted_mwh: float) -> None:
    for _ in range(_MOST_H * _PER_HOUR):
        if cell.stored_mwh <= wanted_mwh:
            return
        cell.run(-1.0, 1)


def _wear(plant: Plant, id_: str, means: Mapping[str, Series], window_mwh: float) -> tuple[float, float]:
    """Return the share of a life that a megawatt-hour more uses up, at a cycle a day, and that an hour at rest does."""
    used, moved = [], []
    for every in (2, 1):
        cell = _Cell(plant, id_, means)
        for day in range(_WEAR_DAYS):
            cell.run(1.0 if day % every == 0 else 0.0, 12 * _PER_HOUR)
            cell.run(-1.0 if day % every == 0 else 0.0, 12 * _PER_HOUR)
        used.append(cell.worn())
        moved.append(window_mwh * (_WEAR_DAYS // every))
    idle = _Cell(plant, id_, means)
    idle.run(0.0, _WEAR_DAYS * 24 * _PER_HOUR)
    more = max(used[1] - used[0], 0.0) / (moved[1] - moved[0])
    return more, idle.worn() / (_WEAR_DAYS * 24.0)


def _cells_eur(plant: Plant, id_: str) -> float:
    """Return the price of what wears out in a battery, EUR."""
    equipment, year = equipment_of(plant)[id_], read_settings(plant).price_year
    figures = [figure for figure in equipment.costs or () if figure.end_of_life_loss_frac > 0.0]
    return math.fsum(installed_cost(figure, equipment.values, year) for figure in figures)


def _joined(found: list[BatteryModel]) -> BatteryModel:
    """Return several batteries as one, which all move by the same share of what they can."""
    if len(found) == 1:
        return found[0]
    charge, discharge = sum(one.charge_mw for one in found), sum(one.discharge_mw for one in found)
    window = sum(one.window_mwh for one in found)

    def points(taken: bool) -> list[tuple[float, float]]:
        joined = [(0.0, 0.0)]
        for share in LOADS:
            power = cells = 0.0
            for one in found:
                mine = share * (one.charge_mw if taken else one.discharge_mw)
                ends = [slope * mine + intercept for slope, intercept in (one.taken if taken else one.given)]
                power, cells = power + mine, cells + (min(ends) if taken else max(ends))
            joined.append((power, cells))
        return joined

    def mean(values: list[float], weights: list[float]) -> float:
        return sum(v * w for v, w in zip(values, weights, strict=True)) / sum(weights)

    windows, powers = [one.window_mwh for one in found], [one.charge_mw + one.discharge_mw for one in found]
    return BatteryModel(
        charge_mw=charge,
        discharge_mw=discharge,
        window_mwh=window,
        initial_mwh=sum(one.initial_mwh for one in found),
        taken=concave_hull(points(True)),
        given=convex_hull(points(False)),
        kept_per_h=mean([one.kept_per_h for one in found], windows),
        draw_ratio=mean([one.draw_ratio for one in found], powers),
        wear_eur_per_mwh=mean([one.wear_eur_per_mwh for one in found], windows),
        rest_eur_per_h=sum(one.rest_eur_per_h for one in found),
        empty_mwh=sum(one.empty_mwh for one in found),
        full_mwh=sum(one.full_mwh for one in found),
    )
