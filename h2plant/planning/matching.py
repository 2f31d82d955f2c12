"""Matching of the lines' power with renewable power, as a plan must keep it: by the hour or by the month.

The same balance as ``components/origin_monitor.py`` books: renewable energy generated less energy into electrolysis,
from the start of the hour or month, hours that need no matching apart. It may not fall below zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from h2plant.core.constants import J_PER_MWH
from h2plant.core.origin_role import OriginMonitor
from h2plant.dispatch.declaration import RFNBO_CHOICES
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Link, Plant
from h2plant.simulation.program import FloatArray, IntArray, Program

BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Matching:
    """Which intervals must be matched, and over which periods; arrays of shape (n,).

    Attributes
    ----------
    monitor
        Id of the ``origin_monitor``.
    balance
        States of what the month under way has generated and used, J.
    by
        ``monthly`` or ``hourly``.
    is_exempt
        The price is so low that the hour needs no matching.
    period
        Number of the hour or of the month of the calendar; a balance starts anew with each.
    renewable_mw
        Renewable power under contract.
    is_storage_counted
        What batteries keep of it counts when they give it.
    """

    monitor: str
    balance: tuple[str, str]
    by: str
    is_exempt: BoolArray
    period: IntArray
    renewable_mw: FloatArray
    is_storage_counted: bool = False

    def over(
        self, index: IntArray, priced: IntArray, forecast_frac: FloatArray, program: Program | None = None
    ) -> Balance:
        """Return the balance over some intervals.

        Parameters
        ----------
        index
            The intervals.
        priced
            Those whose prices are expected in them.
        forecast_frac
            Forecast of own power by the true one.
        program
            The plant as it stands before the first, with what its month has left; None: nothing.
        """
        period = self.period[index]
        left_mwh = 0.0 if program is None else self._left_mwh(program, int(period[0]))
        is_new = np.concatenate([[True], period[1:] != period[:-1]])
        renewable_mw = self.renewable_mw[index] * forecast_frac
        return Balance(self.is_exempt[priced], is_new, renewable_mw, left_mwh, self.is_storage_counted)

    def _left_mwh(self, program: Program, period: int) -> float:
        """Return what the month of an interval has generated and not used so far, MWh; plans begin on the hour."""
        if self.by == "hourly" or program.value(f"{self.monitor}.month") != period % 12 + 1:
            return 0.0
        renewable, used = (program.value(f"{self.monitor}.{name}") for name in self.balance)
        return max(renewable - used, 0.0) / J_PER_MWH


@dataclass(frozen=True)
class Balance:
    """Matching over the intervals of one plan; arrays of shape (n,).

    Attributes
    ----------
    is_exempt
        What the lines use is not counted.
    is_new
        The balance starts with this interval.
    renewable_mw
        What is generated.
    left_mwh
        Balance before the first interval, MWh.
    is_storage_counted
        What batteries take of it is taken off, and counts when they give it.
    """

    is_exempt: BoolArray
    is_new: BoolArray
    renewable_mw: FloatArray
    left_mwh: float
    is_storage_counted: bool = False


def matching_of(
    plant: Plant,
    dispatch: str,
    start: datetime,
    interval_s: float,
    log: Mapping[str, FloatArray],
    price: FloatArray,
) -> Matching | None:
    """Return what a plant's dispatch asks of the origin of bought power; None where it asks nothing.

    Parameters
    ----------
    plant, dispatch
        The plant and the id of its dispatch.
    start, interval_s
        Begin of the first interval, and their length.
    log
        Means over the intervals of the columns of the plant's own power and its series, each (n,), in SI units.
    price
        Market price, EUR/J, (n,).

    Raises
    ------
    PlantError
        If no monitor stands behind the allowance, or what it reads is neither own power nor a series.
    """
    by = RFNBO_CHOICES[round(plant.components[dispatch].values["rfnbo"])]
    if by == "off":
        return None
    given = plant.links_at(dispatch, f"{by}_allowance")
    monitor = given[0].source.component if given and not given[0].is_series else ""
    role = plant.components[monitor].kind.role if monitor in plant.components else None
    if not isinstance(role, OriginMonitor):
        what = f"with 'rfnbo: {by}' a plan needs the balance of an 'origin_monitor', and none is linked"
        remedy = f"link 'origin.{by}_allowance -> {dispatch}.{by}_allowance', or choose 'rfnbo: off'"
        line = plant.components[dispatch].line
        raise PlantError([Finding("no-matching", f"components.{dispatch}", what, remedy, plant.file, line)])
    values = plant.components[monitor].values
    allowance: FloatArray | float = values["co2_price_eur_per_kg"]
    linked = [_read(plant, link, monitor, log) for link in plant.links_at(monitor, "co2_price")]
    if linked:
        allowance = np.where(linked[0] == 0.0, allowance, linked[0])
    renewable = sum((_read(plant, link, monitor, log) for link in plant.links_at(monitor, "renewable")), np.zeros(1))
    is_exempt = (price <= values["exempt_price_eur_per_j"]) | (price < values["exempt_co2_kg_per_j"] * allowance)
    zone = ZoneInfo(plant.timezone)
    at = [(start + timedelta(seconds=i * interval_s)).astimezone(zone) for i in range(price.size)]
    if by == "monthly":
        period = np.array([12 * t.year + t.month - 1 for t in at], dtype=np.int64)
    else:
        period = np.array([int(t.timestamp()) // 3600 for t in at], dtype=np.int64)
    renewable_mw = np.broadcast_to(renewable / 1e6, price.shape)
    exempt, month = np.asarray(is_exempt, dtype=np.bool_), dict(role.under_way)["month"]
    is_counted = bool(role.stored) and values.get("is_storage_counted", 0.0) > 0.5
    return Matching(monitor, month, by, exempt, period, renewable_mw, is_counted)


def series_read(plant: Plant, dispatch: str) -> set[str]:
    """Return the names of the series that the balance behind a dispatch reads."""
    behind = {link.source.component for by in RFNBO_CHOICES[1:] for link in plant.links_at(dispatch, f"{by}_allowance")}
    return {
        link.source.port
        for monitor in behind & set(plant.components)
        for port in ("co2_price", "renewable")
        for link in plant.links_at(monitor, port)
        if link.is_series
    }


def _read(plant: Plant, link: Link, monitor: str, log: Mapping[str, FloatArray]) -> FloatArray:
    """Return what a link brings to a monitor, interval by interval."""
    name = f"series.{link.source.port}" if link.is_series else f"{link.source}_w"
    if name not in log:
        what = f"'{link.source}' is neither a series nor own power: nobody can plan by it"
        remedy = f"link a series to '{link.target}', or choose 'rfnbo: off'"
        line = plant.components[monitor].line
        raise PlantError([Finding("no-matching", f"components.{monitor}", what, remedy, plant.file, line)])
    return log[name]
