"""Share of the hydrogen that counts as a renewable fuel of non-biological origin (RFNBO), from the origin monitors.

Commission Delegated Regulation (EU) 2023/1184, article 6: renewable electricity of the same calendar month counts
until the end of 2029, of the same hour from 2030 on; in hours with a day-ahead price of at most 20 EUR/MWh, or below
0.36 times the price of an allowance for a tonne of CO2, matching is taken as given. Article 5: what is claimed must
be covered by what the installations under contract generate. The share of the fuel is that of its electricity
(Delegated Regulation (EU) 2023/1185, annex, part A, 1).
"""

from __future__ import annotations

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
    made_kg
        Hydrogen made with it. Where none was, what was sold came from stock of before, whose origin is not known here.
    """

    used_j: float
    renewable_j: float
    exempt_j: float
    matched_monthly_j: float
    matched_hourly_j: float
    made_kg: float

    def _share(self, matched_j: float) -> float | None:
        if not (self.used_j > 0.0 and self.made_kg > 0.0):
            return None
        counted_j = matched_j + min(self.exempt_j, max(self.renewable_j - matched_j, 0.0))
        return min(counted_j / self.used_j, 1.0)  # above by rounding only

    @property
    def monthly_frac(self) -> float | None:
        """Share that counts as renewable by monthly matching; None where no hydrogen was made."""
        return self._share(self.matched_monthly_j)

    @property
    def hourly_frac(self) -> float | None:
        """Share that counts as renewable by hourly matching; None where no hydrogen was made."""
        return self._share(self.matched_hourly_j)


ORIGIN_QUANTITIES = (
    *("origin_used_j", "origin_renewable_j", "origin_exempt_j", "matched_month_j", "matched_hour_j"),
    "made_kg",
)
"""What the origin of electricity is made of, in the order of ``Origin`` (``totals.QUANTITIES``)."""


def origin(totals: Totals) -> Origin | None:
    """Return the origin of the electricity of a run, of all monitors together; None without one."""
    return Origin(*map(totals.sum, ORIGIN_QUANTITIES)) if totals.quantity(ORIGIN_QUANTITIES[0]) else None
