"""A run for comparison: nothing is written, the figures are kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from h2plant.core.battery_role import Battery
from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Grid, Maker, Source
from h2plant.core.status import TRIP
from h2plant.economics.appraisal import capacity_fee
from h2plant.economics.settings import read_settings
from h2plant.economics.span import HOURS_PER_YEAR
from h2plant.planning.reduced import net_hydrogen_kg, other_cost_eur
from h2plant.planning.rolling import Planner
from h2plant.results.run_economics import RunEconomics
from h2plant.results.served import promise_text
from h2plant.results.summary import summarise
from h2plant.results.totals import Totals
from h2plant.results.validity import faults, in_words
from h2plant.session.session import Loaded, Session
from h2plant.simulation.engine import Engine, Event
from h2plant.simulation.program import FloatArray, Program

STARTS = "starts_{}"
"""Key figure of the starts of a technology."""


@dataclass(frozen=True)
class Outcome:
    """What a run came to.

    Attributes
    ----------
    figures
        Key figures as in a run's summary.
    run_economics
        Its appraisal, starts, footprint.
    totals
        Its sums.
    trips
        Number of events in which a protection shut a unit down.
    heat_lost_mwh
        Heat given off to the surroundings.
    grid_hydrogen_frac
        Share of the hydrogen made from bought power, hour by hour.
    planning
        Report of the planner; empty without one.
    not_valid
        Why its figures do not hold (power without a source, an open balance); empty where they do.
    not_served
        What was promised and not delivered, in words: hydrogen; empty where all was.
    capacity_eur
        The run's share of the fees by the highest import.
    """

    figures: Mapping[str, Any]
    run_economics: RunEconomics
    totals: Totals
    trips: int
    heat_lost_mwh: float
    grid_hydrogen_frac: float
    planning: Mapping[str, Any]
    not_valid: str = ""
    not_served: str = ""
    capacity_eur: float = 0.0

    def profit_eur(self, own_eur_per_kg: float, grid_eur_per_kg: float) -> float:
        """Return worth of the hydrogen and income less power, contract, penalties, other running costs and ageing.

        Hydrogen sold and added to the stores counts, by its origin: from own or from bought power.
        """
        worth = own_eur_per_kg + (grid_eur_per_kg - own_eur_per_kg) * self.grid_hydrogen_frac
        return net_hydrogen_kg(self.totals) * worth - self.totals.sum("penalty_eur") - self.running_eur

    def margin_eur(self, stock_eur_per_kg: float) -> float:
        """Return what was earned: hydrogen at what customers paid, what stores hold more at a worth; less the same."""
        sold = self.totals.sum("hydrogen_income_eur") - self.run_economics.by_origin.taken_off_eur
        more_kg = net_hydrogen_kg(self.totals) - self.totals.sum("sold_hydrogen_kg")
        return sold + more_kg * stock_eur_per_kg - self.running_eur

    @property
    def running_eur(self) -> float:
        """Power, its contract and peak, other running costs less other income, ageing by starts and of batteries."""
        running = self.totals.electricity_cost_eur + self.capacity_eur + other_cost_eur(self.totals)
        return running + self.start_ageing_eur + self.battery_ageing_eur

    @property
    def start_ageing_eur(self) -> float:
        """What starts have taken of the stacks' lives, at the price of a stack."""
        totals = self.totals
        makers = (totals.kinds[i].role for i in totals.of_role(Maker))
        keys = {role.usual_start: role.key for role in makers if isinstance(role, Maker)}
        return sum(
            cost.ageing_eur * float(self.figures.get(STARTS.format(keys[name])) or 0.0)
            for name, cost in self.run_economics.starts.items()
            if name in keys
        )

    @property
    def battery_ageing_eur(self) -> float:
        """What the run has taken of the lives of batteries' cells, by age and by use, at their price."""
        totals = self.totals
        price: dict[str, float] = {}
        for item in self.run_economics.appraisal.plant.items:
            if item.end_of_life_loss_frac > 0.0:
                price[item.component] = price.get(item.component, 0.0) + item.capex_eur
        worn, renewed = totals.quantity("worn_in_run_frac"), totals.quantity("battery_renewals")
        lives = {i: worn.get(i, 0.0) + renewed.get(i, 0.0) for i in totals.of_role(Battery)}
        return math.fsum(life * price.get(totals.program.component_ids[i], 0.0) for i, life in lives.items())


def outcome_of(
    loaded: Loaded,
    on_progress: Callable[[int], None] | None = None,
    on_engine: Callable[[Engine, Planner | None], None] | None = None,
    on_import: Callable[[FloatArray], None] | None = None,
) -> Outcome:
    """Run a plant over its scenario's span and return what came of it.

    Parameters
    ----------
    loaded
        What to run; the plant may differ from the scenario's in its dispatch.
    on_progress, on_engine, on_import
        Take the number of steps done; the engine before its first step, with its planner; means of the import by the
        hour, or by the step where that is longer, W, as they come.

    Raises
    ------
    PlantError, SimulationFailure
        As a run does.
    """
    step_s = loaded.scenario.step_s
    session = Session(replace(loaded, scenario=replace(loaded.scenario, log_every_s=max(3600, step_s))))
    session.begin()
    program = session.program
    if on_engine is not None:
        on_engine(session.engine, program.planning if isinstance(program.planning, Planner) else None)
    watch = _Watch(program, on_import)
    session.stream(session.n_steps, watch.take, on_progress)
    ledger = session.ledger()
    totals = Totals(program, ledger, session.plant)
    run_economics = session.economics(ledger)
    lost = sum(float(program.arrays.totals[f.slot]) for f in program.flows if f.medium == "heat" and f.target < 0)
    figures = summarise(session.plant, program, ledger, session.hours_done, run_economics)
    return Outcome(
        figures=figures,
        run_economics=run_economics,
        totals=totals,
        trips=watch.trips,
        heat_lost_mwh=lost / J_PER_MWH,
        grid_hydrogen_frac=watch.grid_hydrogen_frac(),
        planning=program.planning.report() if program.planning is not None else {},
        not_valid=in_words(faults(totals)),
        not_served=promise_text(figures),
        capacity_eur=capacity_fee(read_settings(session.plant), run_economics.year)
        * session.hours_done
        / HOURS_PER_YEAR,
    )


class _Watch:
    """Keeps what is needed of the log: hydrogen made, power bought and used, trips."""

    def __init__(self, program: Program, on_import: Callable[[FloatArray], None] | None = None) -> None:
        self._on_import = on_import
        column = {c.name: i for i, c in enumerate(program.columns)}
        roles = [
            (id_, program.kinds[k].role) for id_, k in zip(program.component_ids, program.component_kinds, strict=True)
        ]
        self._made = [column[f"{id_}.{role.made}"] for id_, role in roles if isinstance(role, Maker)]
        grids = [(id_, role) for id_, role in roles if isinstance(role, Grid)]
        self._bought = [column[f"{id_}.{grid.import_column}"] for id_, grid in grids if grid.import_column]
        self._sold = [column[f"{id_}.{grid.export_column}"] for id_, grid in grids if grid.export_column]
        self._lost = [column[f"{id_}.{grid.curtailed}.power_w"] for id_, grid in grids if grid.curtailed]
        sources = [(id_, role) for id_, role in roles if isinstance(role, Source)]
        self._own = [column[f"{id_}.{role.power_column}"] for id_, role in sources if role.power_column]
        self._made_kg = self._grid_kg = 0.0
        self.trips = 0

    def take(self, rows: FloatArray, events: list[Event]) -> None:
        """Take rows of the log and events."""
        made = rows[:, self._made].sum(axis=1)
        bought = rows[:, self._bought].sum(axis=1)
        if self._on_import is not None:
            self._on_import(bought)
        own = (rows[:, self._own].sum(axis=1) - rows[:, self._sold].sum(axis=1)) - rows[:, self._lost].sum(axis=1)
        used = np.maximum(own + bought, 1.0)
        self._made_kg += float(made.sum())
        self._grid_kg += float((made * np.clip(bought / used, 0.0, 1.0)).sum())
        self.trips += sum(event.code == TRIP for event in events)

    def grid_hydrogen_frac(self) -> float:
        """Return the share of hydrogen from bought power."""
        return self._grid_kg / self._made_kg if self._made_kg > 0.0 else 0.0
