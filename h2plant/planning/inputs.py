"""What a plan is made from, interval by interval: own power, market price, demand of the customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from h2plant.config.series import Series
from h2plant.config.series_reader import load_series
from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Grid, Offtake
from h2plant.planning.availability import ALL_THERE, Availability, availability_of, known_series
from h2plant.planning.customer import Customer, customers_of, series_of_customers
from h2plant.planning.layout import Layout, own_power_part, own_sources
from h2plant.planning.matching import Matching, matching_of, series_read
from h2plant.planning.tariff import Tariff, tariff_of
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import SERIES, Link, Plant, PortRef
from h2plant.simulation.engine import Event
from h2plant.simulation.lower import lower, unit_suffix
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from h2plant.simulation.program import FloatArray

_CLOCK = "calendar_hour_of_week"


@dataclass(frozen=True)
class Inputs:
    """Means over intervals since the start of a run; arrays of shape (n,).

    Attributes
    ----------
    interval_s
        Length of an interval, s.
    own_mw
        Own power, MW.
    price_eur_per_mwh
        Market price.
    demand_kg_per_h
        What customers with a timetable take at most, kg/h (inf where hydrogen has another way out).
    hour_of_week
        Local hour of the week at the start of each interval.
    contract_eur
        Paid for own power over the whole span.
    matching
        What must be matched with renewable power; None where nothing must.
    customers
        Customers under a contract, beside those of ``demand_kg_per_h``.
    tariff
        What imports cost by the hour, and by their highest; None: the terms of the reduced plant.
    availability
        What of grid and lines is in service, as far as it is known ahead.
    """

    interval_s: float
    own_mw: FloatArray
    price_eur_per_mwh: FloatArray
    demand_kg_per_h: FloatArray
    hour_of_week: FloatArray
    contract_eur: float
    matching: Matching | None = None
    customers: tuple[Customer, ...] = ()
    tariff: Tariff | None = None
    availability: Availability = ALL_THERE

    @property
    def n(self) -> int:
        return self.own_mw.size


def read_inputs(
    plant: Plant, layout: Layout, series: Mapping[str, Series], start: datetime, hours: float, interval_s: float
) -> Inputs:
    """Return what a plan is made from, from the plant's own components and series.

    Own power comes from the components that make it, run by themselves; a rest of the run that is no whole
    interval counts as one.

    Raises
    ------
    PlantError
        If the price of the grid is no series, or what must be matched cannot be known ahead.
    """
    series = known_series(plant, series, start, hours)
    n = int(np.ceil(hours * 3600.0 / interval_s - 1e-9))
    price = _price_name(plant, layout)
    part = own_power_part(plant, layout)
    read = {*part.used_series(), *series_read(plant, layout.dispatch)}
    read |= series_of_customers(plant, layout) | ({price} if price else set())
    wanted = {name: s for name, s in series.items() if name in read}
    step_s = 60.0 if part.components else interval_s
    program = lower(part, wanted, step_s, interval_s)
    rows: list[FloatArray] = []

    def keep(chunk: FloatArray, _events: list[Event]) -> None:
        rows.append(chunk.copy())

    engine = SimulationEngineOptimized(program)
    engine.begin()
    engine.run(round(n * interval_s / step_s), keep)
    log = np.concatenate(rows) if rows else np.zeros((0, len(program.columns)))
    column = {c.name: i for i, c in enumerate(program.columns)}
    price_eur_per_j = log[:, column[f"series.{price}"]] if price else np.zeros(n)
    means = {name: log[:, i] for name, i in column.items()}
    own = np.zeros(n)
    for source in own_sources(plant, layout.dispatch):
        own = own + log[:, column[_column_of(plant, source)]]
    paid = [f for f in program.flows if f.medium == "money"]
    contract = sum(float(program.arrays.totals[f.slot]) * (1.0 if f.target < 0 else -1.0) for f in paid)
    clock = series.get(_CLOCK)
    if clock is None:
        clock = load_series({}, start, n * interval_s, timezone=plant.timezone, names=[_CLOCK])[_CLOCK]
    hours_of_week = np.array([clock.at(i * interval_s) for i in range(n)])
    return Inputs(
        interval_s=interval_s,
        own_mw=own / 1e6,
        price_eur_per_mwh=price_eur_per_j * J_PER_MWH,
        demand_kg_per_h=_demand(plant, layout, hours_of_week, interval_s),
        hour_of_week=hours_of_week,
        contract_eur=contract,
        matching=matching_of(plant, layout.dispatch, start, interval_s, means, price_eur_per_j),
        customers=customers_of(plant, layout, start, interval_s, hours_of_week, means),
        tariff=_tariff(plant, layout, start, interval_s, hours_of_week),
        availability=availability_of(plant, layout, series, n, interval_s),
    )


def _tariff(plant: Plant, layout: Layout, start: datetime, interval_s: float, hours_of_week: FloatArray) -> Tariff:
    role, values = plant.of_role(Grid)[layout.grid], plant.components[layout.grid].values
    terms = {"import_market_ratio": values["import_market_ratio"], "fee": values[role.fee]}
    return tariff_of(plant, layout.grid, start, interval_s, hours_of_week, terms)


def _column_of(plant: Plant, source: PortRef) -> str:
    """Return the column of the log that has a port's power, or a series."""
    if source.component == SERIES:
        return str(source)
    port = plant.port(source)
    return f"{source}.power_w" if port.medium == "power" else f"{source}{unit_suffix(port.unit)}"


def _price_name(plant: Plant, layout: Layout) -> str:
    """Return the name of the series of the market's price; '' for an island, which neither buys nor sells."""
    links = [*plant.links, *plant.default_links()]
    for link in links:
        if (link.target.component, link.target.port) == (layout.grid, "price") and link.is_series:
            return link.source.port
    role, values = plant.of_role(Grid)[layout.grid], plant.components[layout.grid].values
    if values[role.import_limit] <= 0.0 and values[role.export_limit] <= 0.0:
        return ""
    where = f"components.{layout.grid}"
    what = "the price of the grid is no series: nobody can plan by it"
    remedy = f"link a series: 'series.price_eur_per_mwh -> {layout.grid}.price'"
    raise PlantError([Finding("no-price", where, what, remedy, plant.file, plant.components[layout.grid].line)])


def _has_other_outlet(plant: Plant, layout: Layout) -> bool:
    """Tell whether a customer that takes whatever comes is behind the storage."""
    takers = {id_ for id_, role in plant.of_role(Offtake).items() if role.largest_flow is None}
    reached, ahead = set(), [layout.storage]
    while ahead:
        id_ = ahead.pop()
        if id_ in reached or id_ not in plant.components:
            continue
        reached.add(id_)
        ahead += [link.target.component for link in plant.links if _is_stream(plant, link, id_)]
    return bool(takers & reached)


def _is_stream(plant: Plant, link: Link, id_: str) -> bool:
    return link.source.component == id_ and plant.port(link.source).medium == "stream"


def _demand(plant: Plant, layout: Layout, hours_of_week: FloatArray, interval_s: float) -> FloatArray:
    """Return what customers take at most in each interval, kg/h, by the timetables of their components."""
    if not layout.customers and (not layout.contracts or _has_other_outlet(plant, layout)):
        return np.full(hours_of_week.size, np.inf)
    total = np.zeros(hours_of_week.size)
    offtakes = plant.of_role(Offtake)
    for id_ in layout.customers:
        largest, values = offtakes[id_].largest_flow, plant.components[id_].values
        assert largest is not None
        total += [3600.0 * largest(values, at, interval_s / 3600.0) for at in hours_of_week.tolist()]
    return total
