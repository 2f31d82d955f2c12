"""A plant as an environment for control research, after Gymnasium's conventions.

>>> from h2plant.session.gym_env import PlantEnv                        # doctest: +SKIP
>>> env = PlantEnv("test_full_year", episode_h=24)              # doctest: +SKIP
>>> observation, info = env.reset(seed=1)                       # doctest: +SKIP
>>> observation, reward, terminated, truncated, info = env.step([0.8, 0.5])  # doctest: +SKIP
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.series_reader import load_series
from h2plant.core.role import LineControl, Source
from h2plant.planning.inputs import Inputs, read_inputs
from h2plant.planning.layout import PLANNED, hydrogen_values, layout_of, own_sources, with_dispatch
from h2plant.planning.reduced import net_hydrogen_kg, other_cost_eur
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import SERIES
from h2plant.session.session import Session, load_run
from h2plant.simulation.engine import SimulationFailure
from h2plant.simulation.program import STEP

try:
    from gymnasium import Env as _Env
except ImportError:  # said where an environment is made
    _Env = object  # type: ignore[assignment, misc]


class Observed(NamedTuple):
    """A number of the observation: unit, meaning, and range, to which it is cut."""

    unit: str
    doc: str
    low: float
    high: float


OBSERVATION: dict[str, Observed] = {
    "price_eur_per_mwh": Observed("EUR/MWh", "market price, mean of the interval that begins", -1000.0, 10000.0),
    "own_power_mw": Observed("MW", "own power, mean of the interval that begins", 0.0, 10000.0),
    "storage_level_frac": Observed("1", "filling of the storage that the dispatch reads", 0.0, 1.0),
    "auxiliary_mw": Observed("MW", "power of the auxiliaries on the dispatch's supply in the last step", 0.0, 10000.0),
    "hydrogen_kg_per_h": Observed("kg/h", "hydrogen sold and stored, mean of the last interval", -1e5, 1e5),
    "hour_of_day_h": Observed("h", "local time at which the interval begins", 0.0, 24.0),
    "day_of_week_number": Observed("1", "local day of the week, Monday 0", 0.0, 6.0),
}
"""What an environment shows of every plant, in this order."""

LINE_POWER = Observed("MW", "set point of the line in the last step, as it could be held", 0.0, 10000.0)
"""Shown of each line, after that, as ``<line>_power_mw``."""
SOURCE_POWER = Observed("MW", "power of the source in the last step", 0.0, 10000.0)
"""Shown of each source, after that, where there are several, as ``<source>_power_mw``."""

_Vector = npt.NDArray[np.float32]


class PlantEnv(_Env):
    """A plant whose lines take their set points from an agent, interval by interval.

    Action: for each line that the dispatch serves, in its order, the requested power by the line's largest, 0 to 1. The
    limits of line and dispatch hold: smallest powers, hold times, storage throttle, supply; own power is used first and
    the rest is bought. Observation: ``observed``, that is ``OBSERVATION``, then each line and each source. Reward: EUR
    earned in the interval: hydrogen sold and stored at its worth (by origin: own or bought power), exports and oxygen,
    less power, contract and water. An episode is truncated at its end, and terminated where the plant fails.

    Parameters
    ----------
    scenario
        Bundled scenario or plant by name, or a file.
    control_s
        Length of an interval of control, s: a whole number of steps.
    episode_h
        Length of an episode, h; the scenario's whole span if None.
    hours, start, step_s, set
        Replace what the scenario says, as in ``h2plant.run``.
    is_start_random
        Whether ``reset`` draws the first hour of an episode from the scenario's span.
    engine
        'optimized' or 'baseline'.

    Raises
    ------
    PlantError
        If gymnasium is missing, or the plant has no dispatch, or times do not fit together.
    """

    metadata: dict[str, Any] = {"render_modes": []}  # noqa: RUF012  as Gymnasium declares it

    def __init__(
        self,
        scenario: str | Path = "test_full_year",
        *,
        control_s: int = 900,
        episode_h: float | None = 24.0,
        hours: float | None = None,
        start: datetime | str | None = None,
        step_s: int | None = None,
        set: Mapping[str, float | str] | None = None,
        is_start_random: bool = False,
        engine: str = "optimized",
    ) -> None:
        spaces = _spaces()
        self.scenario = changed_scenario(load_scenario(scenario), hours, start, step_s, None, set)
        if control_s < 1 or control_s % self.scenario.step_s:
            _refuse("control_s", f"{control_s} s is no whole number of steps of {self.scenario.step_s} s")
        self.control_s = control_s
        span_s = self.scenario.hours * 3600.0
        length_s = span_s if episode_h is None else min(episode_h * 3600.0, span_s)
        self.n_intervals = math.floor(length_s / control_s + 1e-9)
        if self.n_intervals < 1:
            _refuse("episode_h", f"an episode of {length_s / 3600.0:g} h has no interval of {control_s} s")
        self._last_hour = math.floor((span_s - self.n_intervals * control_s) / 3600.0 + 1e-9)
        self.is_start_random = is_start_random

        loaded = load_run(replace(self.scenario, log_every_s=control_s))
        plant = loaded.plant
        self.layout = layout_of(plant)
        self.worth = hydrogen_values(plant)
        plant = with_dispatch(plant, PLANNED)
        series = load_series(plant, self.scenario.start, self.scenario.n_seconds, self.scenario.series)
        series |= loaded.series
        self.plant = plant
        self.session = Session(replace(loaded, plant=plant, series=series, is_planned=False), engine=engine)
        self.program, self.engine = self.session.program, self.session.engine
        roles = plant.of_role(LineControl)
        self.lines = {id_: roles[id_] for id_ in self.layout.lines}
        self.sources = [ref.component for ref in own_sources(plant, self.layout.dispatch) if ref.component != SERIES]
        self.observed = {
            **OBSERVATION,
            **{f"{id_}_power_mw": LINE_POWER for id_ in self.lines},
            **({f"{id_}_power_mw": SOURCE_POWER for id_ in self.sources} if len(self.sources) > 1 else {}),
        }
        self.inputs: Inputs = read_inputs(
            plant, self.layout, series, self.scenario.start, self.scenario.hours, float(control_s)
        )
        names = list(series)
        a = self.program.arrays
        self._series = {
            name: slice(int(a.series_first[k]), int(a.series_first[k] + a.series_count[k]))
            for k, name in enumerate(names)
        }
        self.engine.begin()
        self.powers_w = [self.program.value(f"{id_}.{role.maximum}") for id_, role in self.lines.items()]
        self._write([0.0] * len(self.powers_w))
        self._start = self.session.snapshot()
        self.engine.run(1)
        self._first_level = self._level()

        low, high = self._bounds()
        self.observation_space = spaces.Box(low, high, dtype=np.float32)
        self.action_space = spaces.Box(0.0, 1.0, shape=(len(self.powers_w),), dtype=np.float32)
        self.render_mode = None
        self._begin(0)

    def _write(self, shares: Sequence[float]) -> None:
        """Put requested powers, by largest, into the plan's series."""
        values = self.program.arrays.series_values
        powers = dict(zip(self.layout.lines, self.powers_w, strict=True))
        requested = dict(zip(self.layout.lines, shares, strict=True))
        for line, name in self.layout.plan.items():
            values[self._series[name]] = powers.get(line, 0.0) * requested.get(line, 0.0) if line else 1.0e12

    def _bounds(self) -> tuple[_Vector, _Vector]:
        low = np.array([o.low for o in self.observed.values()], dtype=np.float32)
        return low, np.array([o.high for o in self.observed.values()], dtype=np.float32)

    def _level(self) -> float:
        slot = self.program.slot_index[f"{self.layout.dispatch}.storage_level"]
        return float(self.program.arrays.bus[slot])

    def _begin(self, hour: int) -> None:
        """Put the plant to its initial state at an hour of the span."""
        self.session.restore(self._start)
        self.program.arrays.counters[STEP] = round(hour * 3600.0 / self.scenario.step_s)
        self.hour = hour
        self.interval = 0
        self._sums = self._take_sums()
        self._hydrogen_kg = 0.0

    def _take_sums(self) -> dict[str, float]:
        """Return sums since the start of the episode."""
        totals = self.session.totals()
        return {
            "hydrogen_kg": net_hydrogen_kg(totals),
            "power_eur": totals.electricity_cost_eur - totals.sum("source_cost_eur"),
            "contract_eur": totals.sum("source_cost_eur"),
            "other_eur": other_cost_eur(totals),
            "imported_j": totals.sum("imported_j"),
            "used_j": totals.sum("used_j"),
            "unsourced_j": sum(energy for _, energy, _ in totals.unsourced()) + totals.sum("emergency_j"),
        }

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[_Vector, dict[str, Any]]:
        """Begin an episode from the plant's initial state.

        Parameters
        ----------
        seed
            Of the generator that draws the first hour (where ``is_start_random``).
        options
            ``{"start_h": n}``: begin n whole hours after the scenario's start.

        Returns
        -------
        observation, info
            Shape (n,) as ``observed``, and ``time`` and ``start_h``.
        """
        super().reset(seed=seed)
        hour = int(self.np_random.integers(self._last_hour + 1)) if self.is_start_random else 0
        if options and "start_h" in options:
            hour = int(options["start_h"])
            if not 0 <= hour <= self._last_hour:
                _refuse("start_h", f"{hour} h: an episode can begin from 0 to {self._last_hour} h")
        self._begin(hour)
        return self._observation(), self._info()

    def step(self, action: Any) -> tuple[_Vector, float, bool, bool, dict[str, Any]]:
        """Hold requested powers for an interval.

        Parameters
        ----------
        action
            For each line, in the dispatch's order, the requested power by its largest, 0 to 1; shape (n_lines,).

        Returns
        -------
        observation, reward, terminated, truncated, info
            As Gymnasium has them; the reward in EUR; ``info`` has its parts.
        """
        shares = np.asarray(action, dtype=float).reshape(-1)
        if shares.size != len(self.powers_w) or not np.isfinite(shares).all():
            _refuse("action", f"{action!r} is not {len(self.powers_w)} finite numbers, one for each line")
        if self.interval >= self.n_intervals:
            _refuse("step", "the episode is over: call reset()")
        self._write([min(max(share, 0.0), 1.0) for share in shares.tolist()])
        terminated, failure = False, ""
        try:
            self.engine.run(round(self.control_s / self.scenario.step_s))
        except SimulationFailure as stop:
            terminated, failure = True, str(stop)
        sums = self._take_sums()
        part = {name: value - self._sums[name] for name, value in sums.items()}
        self._sums = sums
        self.interval += 1
        own, grid = self.worth
        bought = min(max(part["imported_j"] / part["used_j"], 0.0), 1.0) if part["used_j"] > 0.0 else 0.0
        paid = 1.0 - min(part["unsourced_j"] / part["used_j"], 1.0) if part["used_j"] > 0.0 else 1.0
        part["hydrogen_eur"] = part["hydrogen_kg"] * (own + (grid - own) * bought) * paid
        self._hydrogen_kg = part["hydrogen_kg"]
        reward = part["hydrogen_eur"] - part["power_eur"] - part["contract_eur"] - part["other_eur"]
        truncated = not terminated and self.interval >= self.n_intervals
        info = {**self._info(), **part, **({"failure": failure} if failure else {})}
        return self._observation(), float(reward), terminated, truncated, info

    def _info(self) -> dict[str, Any]:
        at = timedelta(hours=self.hour, seconds=self.interval * self.control_s)
        return {"time": (self.scenario.start + at).isoformat(), "start_h": self.hour}

    def _observation(self) -> _Vector:
        program, dispatch = self.program, self.layout.dispatch
        first = round(self.hour * 3600.0 / self.control_s)
        i = min(first + self.interval, self.inputs.n - 1)
        week = float(self.inputs.hour_of_week[i])
        at = program.component_ids.index(dispatch)
        row = program.tables[program.component_kinds[at]][program.component_rows[at]]
        loads = int(row["auxiliary_load"])
        auxiliary = program.arrays.bus[loads : loads + int(row["n_auxiliary_load"])].sum() if self.interval else 0.0
        shown = (
            self.inputs.price_eur_per_mwh[i],
            self.inputs.own_mw[i],
            self._level() if self.interval else self._first_level,
            auxiliary / 1e6,
            self._hydrogen_kg * 3600.0 / self.control_s,
            week % 24.0,
            math.floor(week / 24.0) % 7,
            *(program.value(f"{id_}.{role.setpoint}") / 1e6 for id_, role in self.lines.items()),
            *(self._source_w(id_) / 1e6 for id_ in (self.sources if len(self.sources) > 1 else ())),
        )
        numbers = np.nan_to_num(np.array(shown, dtype=np.float32), nan=0.0)
        return np.clip(numbers, *self._bounds())

    def _source_w(self, id_: str) -> float:
        role = self.plant.of_role(Source)[id_]
        return float(self.program.arrays.bus[self.program.slot_index[f"{id_}.{role.power}"]])


def _spaces() -> Any:
    """Return ``gymnasium.spaces``; a ``PlantError`` that says what to install if it is missing."""
    try:
        from gymnasium import spaces
    except ImportError:
        what = "the step interface needs gymnasium, which is not installed"
        raise PlantError(
            [Finding("no-gymnasium", "", what, "install it with: pip install 'h2plant[control]'")]
        ) from None
    return spaces


def _refuse(where: str, what: str) -> None:
    raise PlantError([Finding("bad-control", where, what, "see docs/control.md")])
