"""The reduced model of a plant: curves of its lines, auxiliaries and costs, measured on the plant's own model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.config.series import Series
from h2plant.config.series_reader import load_series
from h2plant.core.cache_folder import cache_folder, keep, read_kept
from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Grid, LineControl, Maker, Offtake, Store
from h2plant.planning.battery import BatteryModel, measure_batteries
from h2plant.planning.hull import Pieces, concave_hull, convex_hull
from h2plant.planning.layout import PLANNED, Layout, with_dispatch
from h2plant.planning.reconversion import LOADS as RECONVERTER_LOADS
from h2plant.planning.reconversion import ReconversionModel, reconversion_of
from h2plant.plant.digest import plant_digest
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.plant.series_spec import CALENDAR_SERIES, PLAN_SERIES
from h2plant.results.ledger import Bookkeeper, Ledger
from h2plant.results.run_economics import appraise_run
from h2plant.results.totals import H2, MONEY, Totals
from h2plant.simulation.engine import restore, snapshot
from h2plant.simulation.lower import lower
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import Program

LOADS = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0)
"""Shares of the way from a line's smallest to its largest power at which it is measured."""

_PACKAGE = Path(__file__).resolve().parent.parent
_CODE = ("core", "physics", "components", "dispatch", "simulation", "planning", "economics", "results")
_SETTLE_H, _DAY_H = 6, 24
_STEP_S = 60.0
_ANY_W = 1.0e12
_MANY = 50.0


@dataclass(frozen=True)
class Line:
    """A line in the reduced model.

    Attributes
    ----------
    name
        Id of its line controller.
    minimum_mw, maximum_mw
        Set points between which it runs, MW.
    powers_mw, flows_kg_per_h
        Measured curve: net hydrogen at set points.
    draw_ratio, draw_fixed_mw
        Power of the plant above that at rest: ratio * set point + fixed, MW; auxiliaries included.
    start_cost_eur
        Of a start of all units of the line.
    ramp_mw_per_h
        Largest change of its power.
    min_up_s, min_down_s
        Hold times, s.
    units
        How many of its units run at each of ``powers_mw``; empty: all start and stop with the line.
    n_units
        How many it has.
    """

    name: str
    minimum_mw: float
    maximum_mw: float
    powers_mw: tuple[float, ...]
    flows_kg_per_h: tuple[float, ...]
    draw_ratio: float
    draw_fixed_mw: float
    start_cost_eur: float
    ramp_mw_per_h: float
    min_up_s: float
    min_down_s: float
    units: tuple[float, ...] = ()
    n_units: int = 1

    def segments(self) -> Pieces:
        """Return (slope in kg/h per MW, intercept in kg/h) of the concave hull of the curve, steepest first."""
        return concave_hull(zip(self.powers_mw, self.flows_kg_per_h, strict=True))

    def unit_pieces(self) -> Pieces:
        """Return (slope, intercept) by set point in MW of how many units run, from below."""
        return convex_hull(zip(self.powers_mw, self.units, strict=True))

    def units_at(self, power_mw: float) -> float:
        """Return how many units run at a set point."""
        return float(np.interp(power_mw, self.powers_mw, self.units)) if self.units else 1.0


@dataclass(frozen=True)
class ReducedPlant:
    """A plant as the planner sees it.

    Attributes
    ----------
    lines
        Its lines.
    base_mw
        Power of the plant at rest, MW.
    capacity_kg
        Hydrogen in the storage between levels 0 and 1; inf without a storage.
    heel_kg, initial_kg
        Hydrogen in it at level 0, and above that at the start of a run.
    full_frac, throttle_frac
        Levels between which the dispatch throttles the lines.
    others_full_kg
        Hydrogen in all other tanks at their highest pressure, by component.
    call_band_frac
        Level up to which trailers are called in proportion; 0: always all.
    other_value_eur_per_kg
        Oxygen less water and other running costs, per kilogram of hydrogen.
    import_limit_mw, export_limit_mw
        Of the grid, and of the dispatch.
    import_ratio, import_fee_eur_per_mwh, export_ratio, export_fee_eur_per_mwh, export_floor_eur_per_mwh
        Price = ratio * market + fee; no export below the floor.
    reserve_frac
        Level below which the dispatch fills the storage at any price.
    battery, reconversion
        Batteries, and fuel cells and engines, that the dispatch commands; None: none.
    """

    lines: tuple[Line, ...]
    base_mw: float
    capacity_kg: float
    heel_kg: float
    initial_kg: float
    full_frac: float
    throttle_frac: float
    others_full_kg: dict[str, float]
    call_band_frac: float
    other_value_eur_per_kg: float
    import_limit_mw: float
    export_limit_mw: float
    import_ratio: float
    import_fee_eur_per_mwh: float
    export_ratio: float
    export_fee_eur_per_mwh: float
    export_floor_eur_per_mwh: float
    reserve_frac: float = 0.0
    battery: BatteryModel | None = None
    reconversion: ReconversionModel | None = None

    @property
    def made_per_mwh(self) -> float:
        """Hydrogen by energy of the whole plant with all lines at full power, kg/MWh."""
        flow = sum(line.flows_kg_per_h[-1] for line in self.lines)
        return flow / (
            self.base_mw + sum(line.draw_ratio * line.maximum_mw + line.draw_fixed_mw for line in self.lines)
        )


def reduce_plant(plant: Plant, layout: Layout, series: Mapping[str, Series]) -> ReducedPlant:
    """Return the reduced model of a plant, measured once and then kept in the cache folder.

    The plant's own compiled model runs a day at each of some loads of each line, at the mean of every series.
    """
    measured = _without_limits(with_dispatch(plant, PLANNED), layout)
    means = {name: _mean(s) for name, s in series.items() if name not in CALENDAR_SERIES and name not in PLAN_SERIES}
    means |= {name: 0.0 for name, s in series.items() if s.is_of_fault}  # the plant as it works
    digest = plant_digest(measured.components, measured.links, {}, measured.economics, measured.timezone, measured.site)
    key = hashlib.sha256(json.dumps([digest, sorted(means.items()), _sources()]).encode()).hexdigest()
    folder = cache_folder("planning")
    kept = read_kept(folder / f"{key[:32]}.json") if folder is not None else None
    if kept is not None:
        return _assemble(plant, layout, json.loads(kept))
    found = _measure(measured, layout, series, means)
    if folder is not None:
        keep(folder / f"{key[:32]}.json", json.dumps(found).encode())
    return _assemble(plant, layout, found)


def _without_limits(plant: Plant, layout: Layout) -> Plant:
    """Return a plant that may buy any power, whatever its origin, and follows set points alone."""
    components = dict(plant.components)
    for id_ in (layout.dispatch, layout.grid):
        component = components[id_]
        role = component.kind.role
        limit = role.import_limit if isinstance(role, Grid) else "purchase_limit_w"
        free = {limit: _ANY_W, "rfnbo": 0.0, "reserve_level_frac": 0.0}
        changed = {name: value for name, value in free.items() if name in component.values}
        components[id_] = replace(component, values={**component.values, **changed})
    return replace(plant, components=components)


def _with_large_storage(plant: Plant, layout: Layout) -> Plant:
    """Return a plant whose storage, half full, does not fill up while it is measured."""
    tank = plant.components.get(layout.storage)
    role = tank.kind.role if tank is not None else None
    if tank is None or not isinstance(role, Store) or not role.initial or "n_vessels" not in tank.values:
        return plant
    values = tank.values
    middle = 0.5 * (values[role.lowest] + values[role.highest])
    large = replace(tank, values={**values, "n_vessels": _MANY * values["n_vessels"], role.initial: middle})
    return replace(plant, components={**plant.components, tank.id: large})


def _mean(series: Series) -> float:
    return float(np.round(series.values[:-1].mean() if series.values.size > 1 else series.values.mean(), 9))


def _sources() -> str:
    """Return what tells whether the model has changed: sizes and times of the files that it is made of."""
    stamps = []
    for folder in _CODE:
        for path in sorted((_PACKAGE / folder).rglob("*.py")):
            stat = path.stat()
            stamps.append(f"{path.relative_to(_PACKAGE).as_posix()} {stat.st_size} {stat.st_mtime_ns}")
    return hashlib.sha256("\n".join(stamps).encode()).hexdigest()


class _Bench:
    """Runs a plant at constant loads, each from the plant's initial state."""

    def __init__(self, plant: Plant, layout: Layout, series: Mapping[str, Series], means: Mapping[str, float]) -> None:
        self.plant, self.layout = plant, layout
        monday = datetime(2024, 1, 1, tzinfo=UTC)
        n_s = _DAY_H * 3600.0
        fixed: dict[str, Series] = dict(
            load_series({}, monday, n_s, timezone="UTC", names=[*CALENDAR_SERIES, *PLAN_SERIES])
        )
        for name, mean in means.items():
            fixed[name] = replace(series[name], values=np.full(2, mean), resolution_s=round(n_s), offset_s=0)
        self.series = fixed
        self.program = lower(plant, fixed, _STEP_S, 3600.0)
        self.engine = SimulationEngineOptimized(self.program)
        self.engine.begin()
        self.engine.advance(0)
        self._start = snapshot(self.program)
        self._first = {name: i for i, name in enumerate(fixed)}
        roles = plant.of_role(LineControl)
        self._largest_w = {name: self.program.value(f"{name}.{roles[name].maximum}") for name in layout.lines}

    def _plan(self, powers_w: Mapping[str, float], load: float) -> None:
        a = self.program.arrays
        plan = {series: powers_w.get(name, 0.0) if name else _ANY_W for name, series in self.layout.plan.items()}
        for series, value in {**plan, self.layout.battery_plan: 0.0, self.layout.load_plan: load}.items():
            first, n = a.series_first[self._first[series]], a.series_count[self._first[series]]
            a.series_values[first : first + n] = value

    def run(self, powers_w: Mapping[str, float], load: float = 0.0) -> _Held:
        """Hold set points, W, by line: settle, then measure to the end of the day, or until the storage is full.

        ``load``: that of fuel cells and engines.
        """
        program, engine = self.program, self.engine
        restore(program, self._start)
        per_hour = round(3600.0 / _STEP_S)
        keeper = Bookkeeper(program, engine.content())
        self._plan({name: self._largest_w[name] for name, power in powers_w.items() if power > 0.0}, load)
        engine.run(per_hour)  # a line starts above its smallest power only
        self._plan(powers_w, load)
        engine.run((_SETTLE_H - 1) * per_hour)
        settled, ran_h, hours = _sums(program, keeper.close(engine.content())), self._running_h(), 0
        while hours < _DAY_H - _SETTLE_H:
            if hours and program.value(f"{self.layout.dispatch}.throttle_frac") < 1.0:
                break
            engine.run(per_hour)
            hours += 1
        ledger = keeper.close(engine.content())
        sums = (end - begin for end, begin in zip(_sums(program, ledger), settled, strict=True))
        used, hydrogen, other, reconverted = sums
        powers = used / (hours * J_PER_MWH), reconverted / (hours * J_PER_MWH)
        running = {name: (h - ran_h[name]) / hours for name, h in self._running_h().items()}
        return _Held(powers[0], hydrogen / hours, other / hours, ledger, float(hours + _SETTLE_H), powers[1], running)

    def _running_h(self) -> dict[str, float]:
        """Return the hours that the units of each line have run, summed."""
        makers = self.plant.of_role(Maker)
        return {
            name: sum(self.program.value(f"{id_}.{makers[id_].running}") for id_ in units)
            for name, units in self.layout.lines.items()
        }


class _Held(NamedTuple):
    """What holding a load showed: means while measured, and the totals of the whole run."""

    used_mw: float
    hydrogen_kg_per_h: float
    other_eur_per_h: float
    ledger: Ledger
    hours: float
    reconverted_mw: float
    running: dict[str, float]


def _sums(program: Program, ledger: Ledger) -> tuple[float, float, float, float]:
    """Return (energy used in J, net hydrogen in kg, other cost in EUR, energy of fuel cells in J) since the start."""
    totals = Totals(program, ledger)
    return totals.sum("used_j"), net_hydrogen_kg(totals), other_cost_eur(totals), totals.sum("reconverted_j")


def net_hydrogen_kg(totals: Totals) -> float:
    """Return the hydrogen sold and added to the stores, kg."""
    ledger = totals.ledger
    return totals.sum("sold_hydrogen_kg") + float((ledger.stored_after - ledger.stored_before)[:, H2].sum())


def other_cost_eur(totals: Totals) -> float:
    """Return what a run costs besides power and its contract, less its income besides hydrogen and power, EUR."""
    net = float(totals.ledger.boundary_out[MONEY] - totals.ledger.boundary_in[MONEY])
    return net + totals.sum("hydrogen_income_eur") - totals.electricity_cost_eur


def _measure(plant: Plant, layout: Layout, series: Mapping[str, Series], means: Mapping[str, float]) -> dict[str, Any]:
    """Return the figures of the reduced model that the plant's own model must tell."""
    bench = _Bench(_with_large_storage(plant, layout), layout, series, means)
    base = bench.run({})
    found: dict[str, Any] = {"base_mw": base.used_mw, "lines": {}, "other_value_eur_per_kg": 0.0}
    battery = measure_batteries(plant, layout.batteries, bench.series)
    found["as_one_battery"] = asdict(battery) if battery is not None else {}
    found["fuel_cells"] = _reconversion(bench, base) if layout.reconverters else []
    found["stored"] = _held_kg(plant, layout.storage, bench.series)
    tanks = [id_ for id_, role in plant.of_role(Store).items() if role.medium == "hydrogen" and id_ != layout.storage]
    found["others_full_kg"] = {id_: full["full_kg"] for id_ in tanks if (full := _held_kg(plant, id_, bench.series))}
    for name in layout.lines:
        line = plant.of_role(LineControl)[name]
        low, high = (bench.program.value(f"{name}.{field}") for field in (line.minimum, line.maximum))
        powers = sorted({low + share * (high - low) for share in LOADS} - {0.0})
        flows, draws, running = [], [], []
        for power in powers:
            held = bench.run({name: power})
            flows.append(max(held.hydrogen_kg_per_h - base.hydrogen_kg_per_h, 0.0))
            draws.append(held.used_mw - base.used_mw)
            running.append(held.running[name])
        if flows[-1] <= 0.0:
            what = f"it makes no hydrogen at {high / 1e6:g} MW: there is nothing to plan"
            where = f"components.{name}"
            raise PlantError([Finding("no-hydrogen", where, what, "run it with 'constant_load' and look why")])
        ratio, fixed = np.polyfit(np.array(powers) / 1e6, draws, 1) if len(powers) > 1 else (draws[0] * 1e6 / high, 0.0)
        run_economics = appraise_run(plant, bench.program, held.ledger, held.hours)
        makers = plant.of_role(Maker)
        units = {id_: makers[id_] for id_ in layout.lines[name]}
        ramps = (_ramp_w_per_s(plant, id_, role) for id_, role in units.items())
        known = run_economics.starts
        starts = [known[role.usual_start] for role in units.values() if role.usual_start in known]
        found["lines"][name] = {
            "minimum_mw": low / 1e6,
            "maximum_mw": high / 1e6,
            "powers_mw": [p / 1e6 for p in powers],
            "flows_kg_per_h": flows,
            "units": running,
            "n_units": max(len(units), 1),
            "draw_ratio": float(ratio),
            "draw_fixed_mw": float(fixed),
            "start_cost_eur": float(sum(start.total_eur for start in starts)),
            "ramp_mw_per_h": sum(ramps, start=0.0 if units else float("inf")) * 3600.0 / 1e6,
        }
        found["other_value_eur_per_kg"] = -held.other_eur_per_h / held.hydrogen_kg_per_h
    return found


def _reconversion(bench: _Bench, base: _Held) -> list[tuple[float, float, float]]:
    """Return (load, net power in MW, hydrogen in kg/h) of fuel cells and engines at some loads."""
    found = []
    for load in RECONVERTER_LOADS:
        held = bench.run({}, load)
        power = held.reconverted_mw - (held.used_mw - base.used_mw)
        found.append((load, power, base.hydrogen_kg_per_h - held.hydrogen_kg_per_h))
    return found


def _held_kg(plant: Plant, id_: str, series: Mapping[str, Series]) -> dict[str, float]:
    """Return the hydrogen in a tank at its lowest, highest and initial pressure; nothing if it has none."""
    tank = plant.components.get(id_)
    role = tank.kind.role if tank is not None else None
    if tank is None or not isinstance(role, Store) or not (role.lowest and role.highest and role.initial):
        return {}
    found = {}
    for name, pressure in (("heel_kg", role.lowest), ("full_kg", role.highest), ("initial_kg", role.initial)):
        filled = replace(tank, values={**tank.values, role.initial: tank.values[pressure]})
        engine = SimulationEngineOptimized(
            lower(replace(plant, components={tank.id: filled}, links=()), series, _STEP_S)
        )
        engine.begin()
        found[name] = float(engine.content()[0, H2])
    return found


def _ramp_w_per_s(plant: Plant, id_: str, role: Maker) -> float:
    """Return the ramp of an electrolyser; inf if its kind has none."""
    if not role.ramp:
        return float("inf")
    unit = plant.components[id_]
    by_rating = unit.kind.field(role.ramp).unit == "1/s"
    return unit.values[role.ramp] * (unit.values[role.rated_power] if by_rating else 1.0)


def _ramp_mw_per_h(values: Mapping[str, float], line: LineControl) -> float:
    """Return the ramp that a line itself keeps, MW/h; inf if none."""
    ramps = [values[name] for name in (line.ramp_up, line.ramp_down)]
    return min((ramp * 3600.0 / 1e6 for ramp in ramps if ramp > 0.0), default=float("inf"))


def _assemble(plant: Plant, layout: Layout, found: dict[str, Any]) -> ReducedPlant:
    values = plant.components[layout.dispatch].values
    grid = plant.components[layout.grid].values
    stored = found["stored"]
    customers = plant.of_role(Offtake)
    bands = [plant.components[id_].values.get(customers[id_].call_band, 0.0) for id_ in layout.customers]
    connection = plant.of_role(Grid)[layout.grid]
    controllers = plant.of_role(LineControl)
    own = {name: plant.components[name].values for name in found["lines"]}
    lines = tuple(
        Line(
            name=name,
            minimum_mw=line["minimum_mw"],
            maximum_mw=line["maximum_mw"],
            powers_mw=tuple(line["powers_mw"]),
            flows_kg_per_h=tuple(line["flows_kg_per_h"]),
            draw_ratio=line["draw_ratio"],
            draw_fixed_mw=line["draw_fixed_mw"],
            start_cost_eur=line["start_cost_eur"],
            ramp_mw_per_h=min(line["ramp_mw_per_h"], _ramp_mw_per_h(own[name], controllers[name])),
            min_up_s=own[name][controllers[name].min_up],
            min_down_s=own[name][controllers[name].min_down],
            units=tuple(line["units"]) if line["n_units"] > 1 else (),
            n_units=line["n_units"],
        )
        for name, line in found["lines"].items()
    )
    return ReducedPlant(
        lines=lines,
        base_mw=found["base_mw"],
        capacity_kg=stored["full_kg"] - stored["heel_kg"] if stored else float("inf"),
        heel_kg=stored["heel_kg"] if stored else 0.0,
        initial_kg=stored["initial_kg"] - stored["heel_kg"] if stored else 0.0,
        full_frac=values["full_level_frac"],
        throttle_frac=values["throttle_level_frac"],
        others_full_kg=found["others_full_kg"],
        call_band_frac=min(bands, default=0.0),
        other_value_eur_per_kg=found["other_value_eur_per_kg"],
        import_limit_mw=min(grid[connection.import_limit], values["purchase_limit_w"]) / 1e6,
        export_limit_mw=grid[connection.export_limit] / 1e6,
        import_ratio=grid["import_market_ratio"],
        import_fee_eur_per_mwh=grid[connection.fee] * J_PER_MWH,
        export_ratio=grid["export_market_ratio"],
        export_fee_eur_per_mwh=grid["export_premium_eur_per_j"] * J_PER_MWH,
        export_floor_eur_per_mwh=grid["export_price_floor_eur_per_j"] * J_PER_MWH,
        reserve_frac=values["reserve_level_frac"],
        battery=_battery(found["as_one_battery"]),
        reconversion=reconversion_of(found["fuel_cells"]),
    )


def _battery(found: dict[str, Any]) -> BatteryModel | None:
    """Return batteries as they were kept."""
    if not found:
        return None
    pieces = {name: tuple(tuple(piece) for piece in found[name]) for name in ("taken", "given")}
    return BatteryModel(**{**found, **pieces})
