"""What a plan pays for bought power: by the tariff of the local hour and month, and for the highest import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Grid
from h2plant.economics.settings import read_settings
from h2plant.plant.graph import Plant
from h2plant.simulation.program import FloatArray, IntArray, Program

_HOURS_PER_YEAR = 8760.0
_KW_PER_MW = 1000.0


@dataclass(frozen=True)
class Peak:
    """A fee by the highest import: of each MW above what is paid for already.

    Attributes
    ----------
    eur_per_mw
        What the intervals bear of it: the fee of a year by their share of the year.
    paid_mw
        The highest import so far.
    """

    eur_per_mw: float
    paid_mw: float


@dataclass(frozen=True)
class Tariff:
    """What imports cost, interval by interval; arrays of shape (n,).

    Attributes
    ----------
    market_ratio, fee_eur_per_mwh
        Price of imports = ratio * market + fee.
    month
        Local month, 1 to 12.
    year_eur_per_mw, month_eur_per_mw
        Fee by the highest import of the year; twelve times that by the highest of a month.
    grid, states
        Id of the grid, and its states (metered peak, month under way, its peak), '' where it has none.
    margin_frac, tax_frac
        Supplier's margin by the amount of ratio * market; tax on that price, the fee and the margin where above 0;
        None: neither.
    """

    market_ratio: FloatArray
    fee_eur_per_mwh: FloatArray
    month: IntArray
    year_eur_per_mw: float
    month_eur_per_mw: float
    grid: str
    states: tuple[str, str]
    margin_frac: FloatArray | None = None
    tax_frac: FloatArray | None = None

    def price(self, index: IntArray, market_eur_per_mwh: FloatArray) -> FloatArray:
        """Return the price of imports in some intervals, EUR/MWh, at their market price."""
        market, fee = market_eur_per_mwh * self.market_ratio[index], self.fee_eur_per_mwh[index]
        if self.margin_frac is None or self.tax_frac is None:
            return np.asarray(market + fee)
        untaxed = market + fee + self.margin_frac[index] * np.abs(market)
        return np.asarray(untaxed + self.tax_frac[index] * np.maximum(untaxed, 0.0))

    def peaks(self, index: IntArray, interval_h: float, program: Program | None) -> tuple[Peak, ...]:
        """Return the fees by the highest import in some intervals; ``program``: the plant as it stands before them."""
        share = index.size * interval_h / _HOURS_PER_YEAR
        of_year, of_month = (0.0, 0.0)
        if program is not None and self.states[0]:
            of_year = program.value(f"{self.grid}.{self.states[0]}") / 1e6
        is_under_way = index[0] > 0 and self.month[index[0]] == self.month[index[0] - 1]
        if program is not None and self.states[1] and is_under_way:
            of_month = program.value(f"{self.grid}.{self.states[1]}") / 1e6
        found = (Peak(self.year_eur_per_mw * share, of_year), Peak(self.month_eur_per_mw * share, of_month))
        return tuple(peak for peak in found if peak.eur_per_mw > 0.0)

    def peak_eur(self, import_mw: FloatArray, interval_h: float) -> float:
        """Return what the highest imports of intervals from the first on cost, EUR: their share of a year's fees."""
        if not import_mw.size:
            return 0.0
        month = self.month[: import_mw.size]
        of_months = [float(import_mw[month == one].max()) for one in np.unique(month)]
        a_year = self.year_eur_per_mw * float(import_mw.max()) + self.month_eur_per_mw * float(np.mean(of_months))
        return a_year * import_mw.size * interval_h / _HOURS_PER_YEAR


def tariff_of(
    plant: Plant, grid: str, start: datetime, interval_s: float, hours_of_week: FloatArray, terms: Mapping[str, float]
) -> Tariff:
    """Return the tariff of a plant's grid.

    Parameters
    ----------
    plant, grid
        The plant, and the id of its grid.
    start, interval_s, hours_of_week
        Begin of the first interval, their length, and the local hour of the week at the start of each.
    terms
        ``import_market_ratio`` and ``fee`` (EUR/J) of a grid whose role does not tell its terms by the hour.
    """
    role, values = plant.of_role(Grid)[grid], plant.components[grid].values
    zone = ZoneInfo(plant.timezone)
    at = (start + timedelta(seconds=i * interval_s) for i in range(hours_of_week.size))
    month = np.array([t.astimezone(zone).month for t in at], dtype=np.int64)
    pairs = {(int(h), int(m)) for h, m in zip(hours_of_week.tolist(), month.tolist(), strict=True)}
    of: dict[tuple[int, int], tuple[float, ...]]
    if role.terms is None:
        of = dict.fromkeys(pairs, (terms["import_market_ratio"], terms["fee"]))
    else:
        of = {(h, m): role.terms(values, float(h), float(m)) for h, m in pairs}
    each = [of[int(h), int(m)] for h, m in zip(hours_of_week.tolist(), month.tolist(), strict=True)]
    rows = np.array([(*one, 0.0, 0.0)[:4] for one in each], dtype=np.float64).reshape(-1, 4)
    is_proportional = bool(rows[:, 2:].any())
    settings = read_settings(plant)
    return Tariff(
        market_ratio=rows[:, 0],
        fee_eur_per_mwh=rows[:, 1] * J_PER_MWH,
        month=month,
        year_eur_per_mw=_KW_PER_MW * settings.grid_capacity_fee_eur_per_kw_year,
        month_eur_per_mw=12.0 * _KW_PER_MW * settings.grid_monthly_peak_fee_eur_per_kw_month,
        grid=grid,
        states=(role.metered_peak, role.month_peak),
        margin_frac=rows[:, 2] if is_proportional else None,
        tax_frac=rows[:, 3] if is_proportional else None,
    )
