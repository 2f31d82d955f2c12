"""Customers under a contract, as a plan must serve them: what they want, by when, and what missing it costs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.core.role import Offtake
from h2plant.planning.layout import Layout, usual_price
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.simulation.program import FloatArray, IntArray

_DAY_H = 24.0


@dataclass(frozen=True)
class Customer:
    """A customer that wants hydrogen by the interval and settles by the period; arrays of shape (n,).

    Attributes
    ----------
    name
        Id of its component.
    wanted_kg_per_h, most_kg_per_h
        What it wants, and the most that it takes to catch up with what is late.
    period
        Number of the period of settlement: what is late at its end is missing.
    penalty_eur_per_kg
        Paid for what is missing.
    contract_kg_per_h
        Flow on the mean of a period beyond which nothing is penalised.
    premium_eur_per_kg
        What it pays above the price at which hydrogen goes otherwise.
    """

    name: str
    wanted_kg_per_h: FloatArray
    most_kg_per_h: FloatArray
    period: IntArray
    penalty_eur_per_kg: float = 0.0
    contract_kg_per_h: float = math.inf
    premium_eur_per_kg: float = 0.0

    def over(self, index: IntArray) -> Customer:
        """Return the customer over some intervals."""
        return replace(
            self,
            wanted_kg_per_h=self.wanted_kg_per_h[index],
            most_kg_per_h=self.most_kg_per_h[index],
            period=self.period[index],
        )


def customers_of(
    plant: Plant,
    layout: Layout,
    start: datetime,
    interval_s: float,
    hours_of_week: FloatArray,
    log: Mapping[str, FloatArray],
) -> tuple[Customer, ...]:
    """Return the customers under a contract.

    Parameters
    ----------
    plant, layout
        The plant.
    start, interval_s, hours_of_week
        Begin of the first interval, their length, and the local hour of the week at the start of each.
    log
        Means over the intervals of the plant's series, each (n,), SI.

    Raises
    ------
    PlantError
        If what one wants comes from another component and not from a series.
    """
    roles = plant.of_role(Offtake)
    price = usual_price(plant)
    return tuple(
        _customer(plant, id_, roles[id_], price, start, interval_s, hours_of_week, log) for id_ in layout.contracts
    )


def _customer(
    plant: Plant,
    id_: str,
    role: Offtake,
    price: float,
    start: datetime,
    interval_s: float,
    hours_of_week: FloatArray,
    log: Mapping[str, FloatArray],
) -> Customer:
    values = plant.components[id_].values
    assert role.contract is not None and role.largest_flow is not None
    terms = role.contract(values)
    profile = plant.links_at(id_, role.profile) if role.profile else ()
    if profile:
        wanted = np.zeros(hours_of_week.size)
        for link in profile:
            if not link.is_series:
                _refuse(plant, id_, f"'{link.source}' says what it wants and is no series: nobody can plan by it")
            wanted = wanted + 3600.0 * np.maximum(log[f"series.{link.source.port}"], 0.0)
    else:
        length_h = interval_s / 3600.0
        wanted = np.array([3600.0 * role.largest_flow(values, at, length_h) for at in hours_of_week.tolist()])
    peak = np.maximum.accumulate(wanted) if profile else np.full(wanted.size, wanted.max(initial=0.0))
    own_price = values[role.price] if role.price else price
    return Customer(
        name=id_,
        wanted_kg_per_h=wanted,
        most_kg_per_h=np.maximum(terms.catch_up_ratio * peak, wanted),
        period=_periods(plant, start, interval_s, wanted.size, terms.period_h),
        penalty_eur_per_kg=terms.penalty_eur_per_kg,
        contract_kg_per_h=terms.flow_kg_per_s * 3600.0,
        premium_eur_per_kg=max(own_price - price, 0.0),
    )


def _periods(plant: Plant, start: datetime, interval_s: float, n: int, period_h: float) -> IntArray:
    """Return the number of the local day, of its part, or of the week from Monday, in which each interval begins."""
    zone = ZoneInfo(plant.timezone)
    at = [(start + timedelta(seconds=i * interval_s)).astimezone(zone) for i in range(n)]
    hours = [24.0 * (t.toordinal() - 1) + t.hour + t.minute / 60.0 for t in at]  # day 1 was a Monday
    if period_h < _DAY_H:
        # an hour that comes twice in autumn is two
        return np.array([int(t.timestamp() // (3600.0 * period_h)) for t in at], dtype=np.int64)
    return np.floor(np.array(hours) / period_h + 1e-9).astype(np.int64)


def series_of_customers(plant: Plant, layout: Layout) -> set[str]:
    """Return the names of the series by which customers want hydrogen."""
    roles = plant.of_role(Offtake)
    links = [link for id_ in layout.contracts if roles[id_].profile for link in plant.links_at(id_, roles[id_].profile)]
    return {link.source.port for link in links if link.is_series}


def _refuse(plant: Plant, id_: str, what: str) -> None:
    line = plant.components[id_].line
    remedy = "link a series in its place, or choose another rule of dispatch"
    raise PlantError([Finding("no-demand", f"components.{id_}", what, remedy, plant.file, line)])
