"""A reduced plant over some intervals as a program for the solver: variables, rows, and what its solution means.

Units inside: MW, kg/h, kg, EUR; docs/planning.md writes the program out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from h2plant.planning.availability import ALL_THERE, Availability
from h2plant.planning.customer import Customer
from h2plant.planning.matching import Balance, BoolArray
from h2plant.planning.parts import (
    DELIVERY_EUR_PER_KG,
    UNMET_EUR_PER_KG,
    Battery,
    add_customer,
    add_reconversion,
)
from h2plant.planning.reduced import Line, ReducedPlant
from h2plant.planning.tariff import Peak
from h2plant.simulation.program import FloatArray, IntArray

UNSERVED_EUR_PER_MWH = 10_000.0
"""Penalty on power that nobody supplies."""
RESERVE_EUR_PER_KG_H = 100.0
"""Penalty on what is missing to the storage's reserve: the dispatch would buy at any price to fill it."""
_TOPPED_UP_H = 24.0


@dataclass(frozen=True)
class Start:
    """The state from which a plan starts.

    Attributes
    ----------
    stored_kg, room_kg
        Stored hydrogen, and room in all other tanks.
    is_on
        Lines that run.
    battery_mwh, battery_full_frac, battery_own_mwh
        Energy of the batteries above empty; share of their capacity that is not worn; what of it is own power.
    late_kg
        What is late to customers under a contract.
    units
        How many units of each line run.
    """

    stored_kg: float
    is_on: dict[str, bool]
    room_kg: float = 0.0
    battery_mwh: float = 0.0
    battery_full_frac: float = 1.0
    battery_own_mwh: float = 0.0
    late_kg: dict[str, float] = field(default_factory=dict)
    units: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Values:
    """What hydrogen is worth, EUR/kg: from own and from bought power."""

    own_eur_per_kg: float
    grid_eur_per_kg: float


@dataclass(frozen=True)
class Window:
    """Intervals to be planned; arrays of shape (n,) as in ``Inputs``; ``balance``: power that must be matched.

    ``customers`` are served by a contract, beside those of ``demand_kg_per_h``. ``import_price_eur_per_mwh``: None: by
    the terms of the reduced plant. ``peaks``: fees by the highest import. ``availability``: what of grid and lines
    is in service.
    """

    interval_h: float
    own_mw: FloatArray
    price_eur_per_mwh: FloatArray
    demand_kg_per_h: FloatArray
    balance: Balance | None = None
    customers: tuple[Customer, ...] = ()
    import_price_eur_per_mwh: FloatArray | None = None
    peaks: tuple[Peak, ...] = ()
    availability: Availability = ALL_THERE

    @property
    def n(self) -> int:
        return self.own_mw.size


@dataclass(frozen=True)
class Optimum:
    """Best operation; arrays of shape (n,).

    Attributes
    ----------
    power_mw, is_on
        Of each line.
    import_mw, export_mw, curtailed_mw, hydrogen_kg_per_h, stored_kg, unmet_kg_per_h
        Of the plant.
    value_eur
        Worth of the hydrogen, exports, less imports and starts, each interval.
    bound_eur
        What no operation can exceed, over all intervals (before penalties).
    battery_mw, battery_mwh, battery_own_mwh
        Power that batteries take, below 0: give; their energy above empty at the end of each interval, and what of it
        is own power.
    reconverted_mw
        Power of fuel cells and engines.
    late_kg
        Late to each customer under a contract at the end of each interval, before it is settled.
    missing_kg
        Missing to all of them, and penalised, at the end of each period.
    """

    power_mw: dict[str, FloatArray]
    is_on: dict[str, FloatArray]
    import_mw: FloatArray
    export_mw: FloatArray
    curtailed_mw: FloatArray
    hydrogen_kg_per_h: FloatArray
    stored_kg: FloatArray
    unmet_kg_per_h: FloatArray
    starts: dict[str, FloatArray]
    value_eur: FloatArray
    bound_eur: float
    battery_mw: FloatArray
    battery_mwh: FloatArray
    battery_own_mwh: FloatArray
    reconverted_mw: FloatArray
    late_kg: dict[str, FloatArray]
    missing_kg: FloatArray


@dataclass
class Rows:
    """A sparse matrix row by row, with bounds."""

    rows: list[IntArray] = field(default_factory=list)
    columns: list[IntArray] = field(default_factory=list)
    values: list[FloatArray] = field(default_factory=list)
    lower: list[FloatArray] = field(default_factory=list)
    upper: list[FloatArray] = field(default_factory=list)
    n: int = 0

    def add(self, terms: list[tuple[IntArray, Any]], lower: Any, upper: Any) -> None:
        """Add as many rows as the first term has columns; the others may leave out rows with a column of -1."""
        size = terms[0][0].size
        index = self.n + np.arange(size)
        for columns, factor in terms:
            there = columns >= 0
            self.rows.append(index[there])
            self.columns.append(columns[there])
            self.values.append(np.broadcast_to(np.asarray(factor, dtype=float), (size,))[there])
        self.lower.append(np.broadcast_to(np.asarray(lower, dtype=float), (size,)))
        self.upper.append(np.broadcast_to(np.asarray(upper, dtype=float), (size,)))
        self.n += size

    def add_sum(self, columns: IntArray, factor: float, upper: float) -> None:
        """Add one row: factor times the sum of the columns is at most ``upper``."""
        self.rows.append(np.full(columns.size, self.n))
        self.columns.append(columns)
        self.values.append(np.full(columns.size, factor))
        self.lower.append(np.array([-math.inf]))
        self.upper.append(np.array([upper]))
        self.n += 1


class Formulation:
    """Variables and rows of one program."""

    def __init__(
        self,
        reduced: ReducedPlant,
        window: Window,
        start: Start,
        values: Values,
        firm_frac: float,
        is_below_band: BoolArray | None = None,
    ) -> None:
        self.reduced, self.window, self.values, self.is_below_band = reduced, window, values, is_below_band
        self.n_variables = 0
        self.cost: list[FloatArray] = []
        self.low: list[FloatArray] = []
        self.high: list[FloatArray] = []
        self.integer: list[FloatArray] = []
        self.rows = Rows()
        self.missing = np.zeros(0, dtype=np.int64)
        self.battery: Battery | None = None
        self.reconverted: IntArray | None = None
        self.late: dict[str, IntArray] = {}
        self.lacking: list[IntArray] = []
        self.unmet_by_contract: list[IntArray] = []
        self.penalised: list[IntArray] = []
        self._build(start, firm_frac)

    def take(self, low: Any, high: Any, gain: Any, is_binary: Any = False) -> IntArray:
        """Add a variable for each interval; its gain per interval goes into the objective."""
        n = self.window.n
        for bounds, value in ((self.low, low), (self.high, high), (self.cost, gain)):
            bounds.append(np.broadcast_to(np.asarray(value, dtype=float), (n,)))
        self.integer.append(np.where(is_binary, np.ones(n), 0.0))
        self.n_variables += n
        return np.arange(self.n_variables - n, self.n_variables)

    def _build(self, start: Start, firm_frac: float) -> None:
        r, w, dt = self.reduced, self.window, self.window.interval_h
        infinite = math.inf
        price_in = w.import_price_eur_per_mwh
        if price_in is None:
            price_in = w.price_eur_per_mwh * r.import_ratio + r.import_fee_eur_per_mwh
        price_out = w.price_eur_per_mwh * r.export_ratio + r.export_fee_eur_per_mwh
        may_export = np.where(price_out >= r.export_floor_eur_per_mwh, r.export_limit_mw, 0.0)
        made_value = self.values.own_eur_per_kg + r.other_value_eur_per_kg
        lost_value = max(self.values.own_eur_per_kg - self.values.grid_eur_per_kg, 0.0)
        grid_left = 1.0 if w.availability.grid is None else w.availability.grid
        self.imported = self.take(0.0, r.import_limit_mw * grid_left, -price_in * dt)
        self.exported = self.take(0.0, may_export * grid_left, price_out * dt)
        for peak in w.peaks:
            self._peak(peak)
        self.curtailed = self.take(0.0, np.maximum(w.own_mw, 0.0), 0.0)
        self.unserved = self.take(0.0, infinite, -UNSERVED_EUR_PER_MWH * dt)
        self.grid_kg = self.take(0.0, infinite, -lost_value * dt)
        self.delivered = self.take(0.0, w.demand_kg_per_h, DELIVERY_EUR_PER_KG * dt)
        # a little dearer the earlier: so it is missing as late as can be, and the first day is that on which it binds
        dearer = 1.0 + 0.01 * np.linspace(1.0, 0.0, w.n)
        self.unmet = self.take(0.0, infinite, -UNMET_EUR_PER_KG * dearer * dt)
        has_store = math.isfinite(r.capacity_kg)
        self.stored = self.take(0.0, r.full_frac * r.capacity_kg if has_store else infinite, 0.0)
        before = np.concatenate([[-1], self.stored[:-1]])
        first = np.zeros(w.n)
        first[0] = min(start.stored_kg, r.full_frac * r.capacity_kg) if has_store else start.stored_kg
        self.power: dict[str, IntArray] = {}
        self.on: dict[str, IntArray] = {}
        self.started: dict[str, IntArray] = {}
        self.made: dict[str, IntArray] = {}
        draws: list[tuple[IntArray, Any]] = []
        for line in r.lines:
            draws += self._line(line, start, made_value, before, first, has_store)
        uses: list[tuple[IntArray, Any]] = []
        if r.battery is not None:
            self.battery = Battery.added(self, r.battery, start, price_in)
            draws += self.battery.draws
        if r.reconversion is not None:
            self.reconverted, burnt = add_reconversion(self, r.reconversion)
            draws += [(self.reconverted, 1.0)]
            uses += [(burnt, dt)]
        for customer in w.customers:
            uses += [(add_customer(self, customer, start.late_kg.get(customer.name, 0.0), firm_frac), dt)]
        self.rows.add(
            [(self.imported, 1.0), (self.unserved, 1.0), (self.exported, -1.0), (self.curtailed, -1.0), *draws],
            r.base_mw - w.own_mw,
            r.base_mw - w.own_mw,
        )
        # hydrogen from bought power: the share of purchases in the power used; at rest they make none
        kg = r.made_per_mwh
        if w.balance is not None:
            self._match(w.balance)
        through = self.battery.of_bought(kg) if self.battery is not None else []
        for on in self.on.values():
            rest = kg * r.base_mw
            self.rows.add([(self.grid_kg, 1.0), (self.imported, -kg), (on, -rest), *through], -rest, infinite)
        # other tanks are filled as soon as may be, and then stay full
        topped = self.take(0.0, np.where(np.arange(w.n) * dt < _TOPPED_UP_H, infinite, 0.0), 0.0)
        self.rows.add_sum(topped, dt, start.room_kg)
        makes = [(made, -dt) for made in self.made.values()]
        kept = [(self.stored, 1.0), (before, -1.0), (self.delivered, dt), (topped, dt)]
        self.rows.add([*kept, *makes, *uses], first, first)
        if has_store and r.reserve_frac > 0.0:
            missing = self.missing = self.take(0.0, infinite, -RESERVE_EUR_PER_KG_H * dt)
            self.rows.add([(self.stored, 1.0), (missing, 1.0)], r.reserve_frac * r.capacity_kg, infinite)
        finite_demand = np.where(np.isfinite(w.demand_kg_per_h), w.demand_kg_per_h, 0.0)
        if has_store and r.call_band_frac > 0.0 and finite_demand.any():
            called = finite_demand / (r.call_band_frac * r.capacity_kg)
            free = np.where(np.isfinite(w.demand_kg_per_h), called * first, infinite)
            self.rows.add([(self.delivered, 1.0), (before, -called)], -infinite, free)
            if uses:
                self._callers(finite_demand, before, first)
        if firm_frac > 0.0:
            self.rows.add([(self.delivered, 1.0), (self.unmet, 1.0)], firm_frac * finite_demand, infinite)

    def _peak(self, peak: Peak) -> None:
        """Charge the import above what is paid for by its highest in the window; it is no gain of an interval."""
        is_first = np.arange(self.window.n) == 0
        raised = self.take(0.0, np.where(is_first, math.inf, 0.0), np.where(is_first, -peak.eur_per_mw, 0.0))
        self.penalised.append(raised)
        self.rows.add([(self.imported, 1.0), (np.full(self.window.n, raised[0]), -1.0)], -math.inf, peak.paid_mw)

    def _callers(self, timetable: FloatArray, before: IntArray, first: FloatArray) -> None:
        """Have trailers take what they call for, wanted elsewhere or not: nobody can keep it from them.

        That is the timetable above the band of the level, and in proportion below it, which is not convex: where the
        level is known to be below, it is so; elsewhere, of a fill L, at least L of the timetable.
        """
        r, dt = self.reduced, self.window.interval_h
        is_below = np.zeros(self.window.n, dtype=bool) if self.is_below_band is None else self.is_below_band
        width = np.where(is_below, r.call_band_frac, 1.0) * r.capacity_kg
        taken = np.minimum(timetable, width / dt) / width
        kept = self.take(0.0, np.where(is_below, math.inf, 0.0), -UNMET_EUR_PER_KG * dt)
        self.penalised.append(kept)
        self.rows.add([(self.delivered, 1.0), (before, -taken), (kept, 1.0)], taken * first, math.inf)

    def _match(self, balance: Balance) -> None:
        """Let the lines use no more than what the hour or month has generated so far, exempt intervals apart."""
        dt = self.window.interval_h
        left = self.take(0.0, math.inf, 0.0)  # MWh
        before = np.where(balance.is_new, -1, np.concatenate([[-1], left[:-1]]))
        used = [(power, np.where(balance.is_exempt, 0.0, dt)) for power in self.power.values()]
        if self.battery is not None and balance.is_storage_counted:
            used += self.battery.of_own(dt)
        gained = balance.renewable_mw * dt
        gained[0] += balance.left_mwh
        self.rows.add([(left, 1.0), (before, -1.0), *used], gained, gained)

    def _line(
        self, line: Line, start: Start, made_value: float, before: IntArray, first: FloatArray, has_store: bool
    ) -> list[tuple[IntArray, Any]]:
        """Add a line; returns its terms in the balance of power."""
        r, w, rows = self.reduced, self.window, self.rows
        dt, infinite = w.interval_h, math.inf
        power = self.power[line.name] = self.take(0.0, line.maximum_mw, 0.0)
        on = self.on[line.name] = self.take(0.0, 1.0, 0.0, is_binary=True)
        per_start = line.start_cost_eur / line.n_units if line.units else line.start_cost_eur
        started = self.started[line.name] = self.take(0.0, 1.0, -per_start)
        made = self.made[line.name] = self.take(0.0, infinite, made_value * dt)
        on_before = np.concatenate([[-1], on[:-1]])
        was_on = np.zeros(w.n)
        was_on[0] = 1.0 if start.is_on.get(line.name, False) else 0.0
        rows.add([(power, 1.0), (on, -line.maximum_mw * w.availability.of_line(line.name))], -infinite, 0.0)
        rows.add([(power, 1.0), (on, -line.minimum_mw)], 0.0, infinite)
        for slope, intercept in line.segments():
            rows.add([(made, 1.0), (power, -slope), (on, -intercept)], -infinite, 0.0)
        rows.add([(started, 1.0), (on, -1.0), (on_before, 1.0)], -was_on, infinite)
        if line.units:
            self._unit_starts(line, start, per_start, (power, on))
        for count in range(1, math.ceil(line.min_up_s / 3600.0 / dt - 1e-9)):
            rows.add([(on[count:], 1.0), (started[:-count], -1.0)], 0.0, infinite)
        for count in range(1, math.ceil(line.min_down_s / 3600.0 / dt - 1e-9)):
            # who stops in interval t, rests in t + count as well
            rows.add([(on[count + 1 :], 1.0), (on[: -count - 1], 1.0), (on[1:-count], -1.0)], -infinite, 1.0)
        ramp = line.ramp_mw_per_h * dt
        if ramp < line.maximum_mw - line.minimum_mw:
            earlier, later = power[:-1], power[1:]
            rows.add([(later, 1.0), (earlier, -1.0), (started[1:], -line.minimum_mw)], -infinite, ramp)
            rows.add([(earlier, 1.0), (later, -1.0), (on[1:], line.maximum_mw)], -infinite, ramp + line.maximum_mw)
        if has_store and r.full_frac > r.throttle_frac:
            band = line.maximum_mw / ((r.full_frac - r.throttle_frac) * r.capacity_kg)
            rows.add([(power, 1.0), (before, band)], -infinite, band * (r.full_frac * r.capacity_kg - first))
        return [(power, -line.draw_ratio), (on, -line.draw_fixed_mw)]

    def _unit_starts(self, line: Line, start: Start, per_start: float, variables: tuple[IntArray, IntArray]) -> None:
        """Charge the starts of units after the first, which starts with the line; they may run in part."""
        rows, n = self.rows, self.window.n
        power, on = variables
        more = self.take(0.0, line.n_units - 1.0, 0.0)
        begun = self.take(0.0, line.n_units - 1.0, -per_start)
        for slope, intercept in line.unit_pieces():
            rows.add([(more, 1.0), (power, -slope), (on, 1.0 - intercept)], 0.0, math.inf)
        first = np.zeros(n)
        first[0] = max(start.units.get(line.name, 1.0) - 1.0, 0.0) if start.is_on.get(line.name, False) else 0.0
        rows.add([(begun, 1.0), (more, -1.0), (np.concatenate([[-1], more[:-1]]), 1.0)], -first, math.inf)

    def model(self, highspy: Any, is_relaxed: bool) -> Any:
        """Return the program as HiGHS takes it (to be minimised)."""
        rows = self.rows
        row, column = np.concatenate(rows.rows), np.concatenate(rows.columns)
        order = np.lexsort((column, row))
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = self.n_variables, rows.n
        lp.col_cost_ = -np.concatenate(self.cost)
        lp.col_lower_, lp.col_upper_ = np.concatenate(self.low), np.concatenate(self.high)
        lp.row_lower_, lp.row_upper_ = np.concatenate(rows.lower), np.concatenate(rows.upper)
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.num_col_, lp.a_matrix_.num_row_ = self.n_variables, rows.n
        lp.a_matrix_.start_ = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows.n))]).astype(np.int32)
        lp.a_matrix_.index_ = column[order].astype(np.int32)
        lp.a_matrix_.value_ = np.concatenate(rows.values)[order]
        if not is_relaxed:
            kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
            lp.integrality_ = [kinds[int(i)] for i in np.concatenate(self.integer)]
        return lp

    def read(self, x: FloatArray, bound: float) -> Optimum:
        """Return the optimum from the solver's values."""
        gains = np.concatenate(self.cost) * x
        penalised = np.concatenate(
            [self.unmet, self.unserved, self.delivered, self.missing, *self.unmet_by_contract, *self.penalised]
        )
        gains[penalised] = 0.0
        nothing, battery = np.zeros(self.window.n), self.battery
        return Optimum(
            power_mw={k: x[i] for k, i in self.power.items()},
            is_on={k: x[i] for k, i in self.on.items()},
            import_mw=x[self.imported],
            export_mw=x[self.exported],
            curtailed_mw=x[self.curtailed],
            hydrogen_kg_per_h=np.sum([x[i] for i in self.made.values()], axis=0),
            stored_kg=x[self.stored],
            unmet_kg_per_h=np.sum([x[i] for i in (self.unmet, *self.unmet_by_contract)], axis=0),
            starts={k: x[i] for k, i in self.started.items()},
            value_eur=gains.reshape(-1, self.window.n).sum(axis=0),
            bound_eur=bound,
            battery_mw=nothing if battery is None else x[battery.charge] - x[battery.discharge],
            battery_mwh=nothing if battery is None else x[battery.held],
            battery_own_mwh=nothing if battery is None else x[battery.held if battery.own is None else battery.own],
            reconverted_mw=nothing if self.reconverted is None else x[self.reconverted],
            late_kg={name: x[i] for name, i in self.late.items()},
            missing_kg=np.sum([nothing, *(x[i] for i in self.lacking)], axis=0),
        )
