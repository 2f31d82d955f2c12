"""Revenue from hydrogen by its origin: what is certified as renewable earns its price, the other part another one.

The monitor of origin certifies electricity month by month or hour by hour, whichever its ``certified_by`` says, and
hydrogen has the share of its electricity (Delegated Regulation (EU) 2023/1185, annex, part A, 1). So of what was sold,
that share is paid as certified, and the other part at ``economics.other_hydrogen_price_eur_per_kg``, or at the price
of the offtake where that is lower. What stores held at the start counts as what the run made; where that is nothing,
there is no share, and nothing is taken off. Customers who pay a premium for the certified share are paid by origin
already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from h2plant.core.origin_role import OriginMonitor
from h2plant.economics.settings import Settings
from h2plant.results.rfnbo import origin
from h2plant.results.totals import Totals


@dataclass(frozen=True)
class ByOrigin:
    """What the hydrogen of a run earns by its origin.

    Attributes
    ----------
    period
        By which period electricity is certified: ``month`` or ``hour``; '' where no monitor certifies any.
    certified_frac
        Share of the hydrogen that is certified; None without a monitor, or where none was made.
    sold_kg
        Hydrogen that was sold, but that for which a premium by origin is paid.
    paid_eur
        What it would earn, were all of it certified.
    other_price_eur_per_kg
        What is paid at most for what is not certified.
    taken_off_eur
        By how much less it earns.
    unpaid_premium_eur
        What those who pay a premium by origin would pay more, were all that they bought certified.
    """

    period: str = ""
    certified_frac: float | None = None
    sold_kg: float = 0.0
    paid_eur: float = 0.0
    other_price_eur_per_kg: float = 0.0
    taken_off_eur: float = 0.0
    unpaid_premium_eur: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON; empty where nobody certifies."""
        if self.certified_frac is None:
            return {}
        certified_kg = self.certified_frac * self.sold_kg
        return {
            "certified_by": self.period,
            "certified_frac": self.certified_frac,
            "certified_kg": certified_kg,
            "other_kg": self.sold_kg - certified_kg,
            "paid_if_certified_eur": self.paid_eur,
            "other_price_eur_per_kg": self.other_price_eur_per_kg,
            "taken_off_eur": self.taken_off_eur,
        }


def by_origin(totals: Totals, settings: Settings) -> ByOrigin:
    """Return what the hydrogen of a run earns by its origin."""
    period, share = certified_share(totals)
    if share is None:
        return ByOrigin()
    other, fixed = settings.other_hydrogen_price_eur_per_kg, settings.hydrogen_price_eur_per_kg
    paid, premium = totals.quantity("paid_for_hydrogen_eur"), totals.quantity("certified_premium")
    sold: list[float] = []
    earned: list[float] = []
    less: list[float] = []
    unpaid: list[float] = []
    for i, kg in totals.quantity("sold_hydrogen_kg").items():
        eur = paid.get(i, 0.0) if fixed is None else fixed * kg
        if fixed is None and premium.get(i, 0.0) != 0.0:
            unpaid.append((1.0 - share) * premium[i] * kg)
            continue
        if eur <= 0.0:
            continue
        sold.append(kg)
        earned.append(eur)
        less.append((1.0 - share) * max(eur - other * kg, 0.0))
    kg, eur, taken_off, left = (math.fsum(of) for of in (sold, earned, less, unpaid))
    return ByOrigin(period, share, kg, eur, other, taken_off, left)


def certified_share(totals: Totals) -> tuple[str, float | None]:
    """Return by which period electricity is certified, and the share that is; by the hour if any monitor says so."""
    found = origin(totals)
    if found is None or not totals.of_role(OriginMonitor):
        return "", None
    if any(by > 0.5 for by in totals.quantity("certified_by").values()):
        return "hour", found.hourly_frac
    return "month", found.monthly_frac
