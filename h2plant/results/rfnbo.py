"""Share of the hydrogen that counts as a renewable fuel of non-biological origin (RFNBO), from the origin monitors.

Commission Delegated Regulation (EU) 2023/1184, article 6: renewable electricity of the same calendar month counts
until the end of 2029, of the same hour from 2030 on; in hours with a day-ahead price of at most 20 EUR/MWh, or below
0.36 times the price of an allowance for a tonne of CO2, matching is taken as given. Article 5: what is claimed must
be covered by what the installations under contract generate. The share of the fuel is that of its electricity
(Delegated Regulation (EU) 2023/1185, annex, part A, 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from h2plant.results.totals import Totals


@dataclass(frozen=True)
class Origin:
    """Where the electricity of electrolysis came from, J.

    Attributes
    ----------
    used_j, renewable_j
        Energy into electrolysis; energy generated under contract.
    exempt_j
        Of the former what was used in hours that need no matching.
    matched_monthly_j, matched_hourly_j
        Of the rest what was generated in the same month, in the same hour.
    """

    used_j: float
    renewable_j: float
    exempt_j: float
    matched_monthly_j: float
    matched_hourly_j: float

    def _share(self, matched_j: float) -> float | None:
        if not self.used_j > 0.0:
            return None
        counted_j = matched_j + min(self.exempt_j, max(self.renewable_j - matched_j, 0.0))
        return min(counted_j / self.used_j, 1.0)  # above by rounding only

    @property
    def monthly_frac(self) -> float | None:
        """Share that counts as renewable by monthly matching; None without electrolysis."""
        return self._share(self.matched_monthly_j)

    @property
    def hourly_frac(self) -> float | None:
        """Share that counts as renewable by hourly matching; None without electrolysis."""
        return self._share(self.matched_hourly_j)


def origin(totals: Totals) -> Origin | None:
    """Return the origin of the electricity of a run, of all monitors together; None without one."""
    monitors = totals.of_kind("origin_monitor")
    if not monitors:
        return None

    def matched(value: Callable[[int, str], float], i: int, period: str) -> float:
        """Return what was matched in the periods that are over and in the one that is under way."""
        under_way = min(value(i, f"{period}_renewable_j"), value(i, f"{period}_used_j"))
        return value(i, f"matched_{'hourly' if period == 'hour' else 'monthly'}_j") + under_way

    def added(period: str) -> float:
        return sum(matched(totals.field, i, period) - matched(totals.before, i, period) for i in monitors)

    def change(name: str) -> float:
        return sum(totals.change(i, name) for i in monitors)

    return Origin(change("used_j"), change("renewable_j"), change("exempt_j"), added("month"), added("hour"))
