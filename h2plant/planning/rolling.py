"""Plans day after day: reads the engine's state at midnight, plans the day, and lets the engine carry it out."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.series import Series
from h2plant.core.battery_role import Battery
from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import LineControl, Offtake, Store
from h2plant.planning.inputs import Inputs, read_inputs
from h2plant.planning.layout import Layout, hydrogen_values, is_planned_here, layout_of
from h2plant.planning.optimum import Optimum, Start, Values, Window, binding_constraint, optimise, require_highs
from h2plant.planning.reduced import ReducedPlant, reduce_plant
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.plant.series_spec import PLAN_RESOLUTION_S
from h2plant.results.totals import H2
from h2plant.simulation.engine import Engine
from h2plant.simulation.program import FloatArray, Program

INTERVALS_S = (900, 1800, 3600)
UNMET_FRAC = 0.01
"""Share of a day's firm demand that may be missing before the plan is refused."""
_CHECK_DAYS, _CHECK_HORIZON_DAYS = 7, 9
_LITTLE_MW = 1.0e-3
_LITTLE_KG_PER_H = 1.0e-3
_BATTERY, _LOAD = " battery", " load"
"""Keys of series of the plan beside the ids of lines, which have no blanks."""


class Planner:
    """Plans a run, a day at a time.

    Parameters
    ----------
    plant, series
        The plant, with the dispatch kind ``planned``, and its series over the run.
    program
        The plant lowered; the planner writes its plan series.
    start, hours
        Begin and length of the run.

    Raises
    ------
    PlantError
        If the plant cannot be planned, the solver is missing, or a firm demand cannot be met: with the
        constraint that binds and the first day.
    """

    def __init__(
        self, plant: Plant, series: Mapping[str, Series], program: Program, start: datetime, hours: float
    ) -> None:
        require_highs()
        self.plant, self.program, self.start = plant, program, start
        self.layout: Layout = layout_of(plant)
        self.parameters = plant.components[self.layout.dispatch].values
        self.interval_s = self.parameters["plan_interval_s"]
        if self.interval_s not in INTERVALS_S:
            self._refuse(
                "bad-interval", f"plans have no intervals of {self.interval_s:g} s", "choose 900, 1800 or 3600 s"
            )
        self.reduced: ReducedPlant = reduce_plant(plant, self.layout, series)
        self.inputs: Inputs = read_inputs(plant, self.layout, series, start, hours, self.interval_s)
        self.values = Values(*hydrogen_values(plant))
        self._own_frac = 1.0  # of the energy in the batteries
        self.plans: list[tuple[int, Optimum]] = []
        self.expected_eur = 0.0
        self.solver_s = 0.0
        a = program.arrays
        names = list(series)
        self._plan_series = {
            line: a.series_values[a.series_first[k] :][: a.series_count[k]]
            for line, name in {**self.layout.plan, **self._beside()}.items()
            if name in names
            for k in (names.index(name),)
        }
        self._days = self._plan_starts()
        self._next = 0  # index into ``_days``
        if self.parameters["firm_demand_frac"] > 0.0:
            self._check_demand()

    def _beside(self) -> dict[str, str]:
        """Return the series of the plan that are not of lines, where there is something that follows them."""
        found = {}
        if self.layout.batteries:
            found[_BATTERY] = self.layout.battery_plan
        if self.layout.reconverters:
            found[_LOAD] = self.layout.load_plan
        return found

    def _refuse(self, id: str, what: str, remedy: str) -> None:
        where = f"components.{self.layout.dispatch}"
        line = self.plant.components[self.layout.dispatch].line
        raise PlantError([Finding(id, where, what, remedy, self.plant.file, line)])

    def _plan_starts(self) -> list[int]:
        """Return the intervals at which a plan is made: the first, and the first after each local midnight."""
        of_day = self.inputs.hour_of_week % 24.0
        midnights = np.flatnonzero(of_day < self.interval_s / 3600.0 - 1e-9)
        return sorted({0, *midnights.tolist()})

    def _end_of(self, day: int) -> int:
        return self._days[day + 1] if day + 1 < len(self._days) else self.inputs.n

    def attend(self, engine: Engine) -> Callable[[int], int]:
        """Return what the engine calls before it goes on: plans when a day begins."""

        def before_step(step: int) -> int:
            interval = step * self.program.step_s / self.interval_s
            if step == 0:
                self._next = 0
                self._own_frac = 1.0
                self.plans.clear()
                self.expected_eur = 0.0
            if self._next < len(self._days) and interval >= self._days[self._next] - 1e-9:
                self._plan(self._next, engine)
                self._next += 1
            if self._next >= len(self._days):
                return 1_000_000_000
            to = math.ceil(self._days[self._next] * self.interval_s / self.program.step_s - 1e-9)
            return max(1, to - step)

        return before_step

    def _state(self, engine: Engine) -> Start:
        layout, program = self.layout, self.program
        held = dict(zip(program.component_ids, engine.content()[:, H2].tolist(), strict=True))
        stored = 0.0
        if layout.storage and math.isfinite(self.reduced.capacity_kg):
            stored = max(held[layout.storage] - self.reduced.heel_kg, 0.0)
            surplus = self.plant.of_role(Store)[layout.storage].surplus
            if surplus and engine.step_number > 0:  # it knows how warm it is, and what it can give down to its pressure
                stored = max(self._signal(layout.storage, surplus), 0.0)
        room = sum(max(full - held[id_], 0.0) for id_, full in self.reduced.others_full_kg.items())
        roles = self.plant.of_role(LineControl)
        is_on = {id_: program.value(f"{id_}.{roles[id_].is_on}") > 0.5 for id_ in layout.lines}
        offtakes = self.plant.of_role(Offtake)
        late = {id_: program.value(f"{id_}.{name}") for id_ in layout.contracts if (name := offtakes[id_].late)}
        powers = {id_: program.value(f"{id_}.{roles[id_].setpoint}") / 1e6 for id_ in layout.lines}
        units = {line.name: line.units_at(powers[line.name]) for line in self.reduced.lines}
        return Start(stored, is_on, room, *self._battery_state(), late_kg=late, units=units)

    def _battery_state(self) -> tuple[float, float, float]:
        """Return of the batteries: energy above empty, MWh, share of the capacity left, energy from own power, MWh."""
        model, program = self.reduced.battery, self.program
        if model is None:
            return 0.0, 1.0, 0.0
        roles = self.plant.of_role(Battery)
        stored = full = 0.0
        for id_ in self.layout.batteries:
            held = program.value(f"{id_}.{roles[id_].stored}") / J_PER_MWH
            level = self._signal(id_, roles[id_].level)
            stored, full = stored + held, full + (held / level if level > 0.0 else 0.0)
        if full <= 0.0:  # nothing has run yet
            full = model.full_mwh
        above = max(stored - model.empty_mwh * full / model.full_mwh, 0.0)
        return above, min(full / model.full_mwh, 1.0), above * self._own_frac

    def _signal(self, id_: str, port: str) -> float:
        """Return what a component said by a port in the last step."""
        return float(self.program.arrays.bus[self.program.slot_index[f"{id_}.{port}"]])

    def foresight(self, engine: Engine) -> Optimum:
        """Return the best operation of the reduced plant over the whole run, everything known.

        It bounds every plan on the reduced model, lines being allowed to run in part; a rule on the plant itself may
        earn more.

        ``engine`` is at the start of its run.
        """
        inputs = self.inputs
        window = self._window(0, inputs.n, inputs.n, inputs.own_mw, self.program)
        firm = self.parameters["firm_demand_frac"]
        return optimise(self.reduced, window, self._state(engine), self.values, firm_frac=firm, is_relaxed=True)

    def _window(self, first: int, known: int, n: int, forecast: FloatArray, program: Program | None = None) -> Window:
        """Return the window of n intervals from the first; prices from ``known`` on are those of the day before.

        ``program``: the plant as it stands before them, for what its month has left to be matched.
        """
        per_day = round(86400.0 / self.interval_s)
        index = np.arange(first, min(first + n, self.inputs.n))
        priced = index.copy()
        late = priced >= known
        while late.any():
            priced[late] -= per_day
            late = priced >= known
        priced = np.maximum(priced, first)
        matching, balance = self.inputs.matching, None
        if matching is not None:
            own = self.inputs.own_mw[index]
            frac = np.divide(forecast[: index.size], own, out=np.ones(index.size), where=own > 0.0)
            balance = matching.over(index, priced, frac, program)
        tariff, prices = self.inputs.tariff, self.inputs.price_eur_per_mwh[priced]
        return Window(
            self.interval_s / 3600.0,
            forecast[: index.size],
            prices,
            self.inputs.demand_kg_per_h[index],
            balance,
            tuple(customer.over(index) for customer in self.inputs.customers),
            None if tariff is None else tariff.price(index, prices),
            () if tariff is None else tariff.peaks(index, self.interval_s / 3600.0, program),
            self.inputs.availability.over(index),
        )

    def forecast(self, first: int, n: int, number: int) -> FloatArray:
        """Return the forecast of own power for n intervals, MW: the true one with an error that grows and persists."""
        own = self.inputs.own_mw[first : first + n]
        error = self.parameters["wind_forecast_error_frac"]
        if error <= 0.0:
            return own
        most = float(self.inputs.own_mw.max())
        noise = np.random.default_rng([int(self.parameters["n_forecast_seed"]), number])
        keep = self.parameters["forecast_persistence_frac"] ** (self.interval_s / 3600.0)
        draws = noise.standard_normal(own.size) * error * most * math.sqrt(1.0 - keep * keep)
        errors = np.zeros(own.size)
        last = 0.0
        for i, draw in enumerate(draws.tolist()):
            last = keep * last + draw
            errors[i] = last
        return np.clip(own + errors, 0.0, most)

    def _plan(self, day: int, engine: Engine) -> None:
        """Plan a day from the engine's state, and write it into the plan's series."""
        began = time.process_time()
        first, end = self._days[day], self._end_of(day)
        n = max(round(self.parameters["horizon_s"] / self.interval_s), end - first)
        window = self._window(first, end, n, self.forecast(first, n, day), self.program)
        state = self._state(engine)
        firm = self.parameters["firm_demand_frac"]
        plan = optimise(
            self.reduced,
            window,
            state,
            self.values,
            firm_frac=firm,
            gap_frac=self.parameters["optimality_gap_frac"],
            is_relaxed=self.parameters["is_relaxed"] > 0.5,
        )
        self._require_met(plan, window, state, first, end - first)
        self._write(plan, first, end)
        held, own = float(plan.battery_mwh[end - first - 1]), float(plan.battery_own_mwh[end - first - 1])
        self._own_frac = own / held if held > _LITTLE_MW else 1.0
        self.plans.append((first, plan))
        self.expected_eur += float(plan.value_eur[: end - first].sum())
        self.solver_s += time.process_time() - began

    def _write(self, plan: Optimum, first: int, end: int) -> None:
        """Write set points of a day.

        An hour that neither buys nor sells uses all own power there is: running lines may then take their rating,
        so that gusts above the forecast mean are not lost. An hour that buys may buy what its set points need.
        """
        n = end - first
        is_all_used = (plan.import_mw[:n] < _LITTLE_MW) & (plan.export_mw[:n] + plan.curtailed_mw[:n] < _LITTLE_MW)
        per = round(self.interval_s / PLAN_RESOLUTION_S)
        columns: dict[str, FloatArray] = {}
        for line in self.reduced.lines:
            power = plan.power_mw[line.name][:n]
            is_on = power >= 0.999 * line.minimum_mw
            power = np.where(is_all_used, line.maximum_mw, np.maximum(power, line.minimum_mw))
            columns[line.name] = np.where(is_on, power * 1e6, 0.0)
        columns[""] = np.where(plan.import_mw[:n] > _LITTLE_MW, self.reduced.import_limit_mw * 1e6, 0.0)
        columns[_BATTERY] = plan.battery_mw[:n] * 1e6
        if self.reduced.reconversion is not None:
            columns[_LOAD] = self.reduced.reconversion.load(plan.reconverted_mw[:n])
        for name, series in self._plan_series.items():
            values = np.repeat(columns.get(name, np.zeros(n)), per)[: max(series.size - first * per, 0)]
            series[first * per : first * per + values.size] = values
            if end == self.inputs.n:
                series[first * per + values.size :] = values[-1]

    def _require_met(self, plan: Optimum, window: Window, state: Start, first: int, n: int) -> None:
        """Refuse a plan that leaves a firm demand unmet, and say which constraint binds, and since when."""
        firm = self.parameters["firm_demand_frac"]
        if firm <= 0.0:
            return
        per_day = max(1, round(24.0 / window.interval_h))
        for begin in range(0, n, per_day):
            day = slice(begin, min(begin + per_day, n))
            unmet = float(plan.unmet_kg_per_h[day].sum()) * window.interval_h
            asked = [window.demand_kg_per_h, *(customer.wanted_kg_per_h for customer in window.customers)]
            wanted = firm * sum(float(one[day].sum()) for one in asked) * window.interval_h
            if unmet <= UNMET_FRAC * wanted:
                continue
            what, remedy = binding_constraint(self.reduced, window, state, self.values, firm)
            late = first + begin + int(np.argmax(plan.unmet_kg_per_h[day] > _LITTLE_KG_PER_H))
            when = (self.start + timedelta(seconds=late * self.interval_s)).astimezone(ZoneInfo(self.plant.timezone))
            text = f"the demand cannot be met on {when:%Y-%m-%d}: {unmet:,.0f} of {wanted:,.0f} kg are missing; {what}"
            self._refuse("infeasible-plan", text, f"{remedy}; or lower 'firm_demand_frac' ({firm:g})")

    def _check_demand(self) -> None:
        """Refuse a firm demand that the reduced plant cannot meet, before anything runs."""
        has_customers = bool(self.layout.customers or self.layout.contracts)
        if not np.isfinite(self.inputs.demand_kg_per_h).all() or not has_customers:
            what = "'firm_demand_frac' needs customers with a timetable or a contract, and there are none"
            remedy = "add a 'truck_loading' or a 'hydrogen_demand', or leave 'firm_demand_frac' at 0"
            self._refuse("no-demand", what, remedy)
        per_day = round(86400.0 / self.interval_s)
        state = Start(self.reduced.initial_kg, {})
        for first in range(0, self.inputs.n, _CHECK_DAYS * per_day):
            n = min(_CHECK_DAYS * per_day, self.inputs.n - first)
            own = self.inputs.own_mw[first : first + _CHECK_HORIZON_DAYS * per_day]
            window = self._window(first, self.inputs.n, _CHECK_HORIZON_DAYS * per_day, own)
            firm = self.parameters["firm_demand_frac"]
            plan = optimise(self.reduced, window, state, self.values, firm_frac=firm, is_relaxed=True)
            self._require_met(plan, window, state, first, n)
            state = Start(float(plan.stored_kg[n - 1]), {})

    @property
    def rest_eur(self) -> float:
        """What age alone wears the batteries over the whole span, whatever is planned, EUR."""
        battery = self.reduced.battery
        return battery.rest_eur_per_h * self.inputs.n * self.interval_s / 3600.0 if battery is not None else 0.0

    def snapshot(self) -> Any:
        """Return where the plan stands: the next day to plan, the plans so far, and what they wrote into the series."""
        series = {name: values.copy() for name, values in self._plan_series.items()}
        return self._next, tuple(self.plans), self.expected_eur, self.solver_s, self._own_frac, series

    def restore(self, kept: Any) -> None:
        """Go back to where the plan stood, also that of another planner of the same plant and time."""
        self._next, plans, self.expected_eur, self.solver_s, self._own_frac, series = kept
        self.plans[:] = plans
        for name, values in self._plan_series.items():
            values[:] = series[name]

    def _peak_eur(self) -> float:
        """Return what the highest import of all plans costs, for the time that they were made for, EUR."""
        if self.inputs.tariff is None or not self.plans:
            return 0.0
        ends = [*(first for first, _ in self.plans[1:]), self.inputs.n]
        parts = [plan.import_mw[: end - first] for (first, plan), end in zip(self.plans, ends, strict=True)]
        return self.inputs.tariff.peak_eur(np.concatenate(parts)[: self.inputs.n], self.interval_s / 3600.0)

    def report(self) -> dict[str, Any]:
        """Return what was planned: number of plans, their expected worth, the time they took."""
        return {
            "n_plans": len(self.plans),
            "interval_s": self.interval_s,
            "expected_value_eur": self.expected_eur - self._peak_eur(),
            "solver_s": self.solver_s,
        }


def plan_ahead(plant: Plant, series: Mapping[str, Series], program: Program, start: datetime, hours: float) -> None:
    """Give a program its planner, if the plant's dispatch is ``planned`` and its plan is left open.

    Raises
    ------
    PlantError
        As ``Planner`` does.
    """
    if is_planned_here(plant):
        program.planning = Planner(plant, series, program, start, hours)
