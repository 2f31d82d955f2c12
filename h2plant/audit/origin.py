"""Certified share of the hydrogen, and what of its revenue that takes off, by the states of monitors and offtakes."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from h2plant.audit.check import NOT_THERE, Checks
from h2plant.audit.quantities import Quantities
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import Offtake


def matched_j(q: Quantities, period: str) -> float:
    """Return what was matched in periods that are over and in the one under way, J, less that at the run's start."""
    run, matched = q.run, []
    for monitor, role in run.of(OriginMonitor).items():
        pair, over = dict(role.under_way)[period], dict(role.matched)[period]
        matched.append(run.end(monitor, over) + min(run.end(monitor, name) for name in pair))
        matched.append(-run.start(monitor, over) - min(run.start(monitor, name) for name in pair))
    return math.fsum(matched)


def share(q: Quantities, of_matched_j: float) -> float | None:
    """Return the share that counts as renewable where so much was matched; None without electrolysis."""
    run, monitors = q.run, q.run.of(OriginMonitor)

    def grown(name: str) -> float:
        fields = [(monitor, getattr(role, name)) for monitor, role in monitors.items()]
        return math.fsum(run.end(monitor, field) - run.start(monitor, field) for monitor, field in fields)

    used = grown("used")
    if not (used > 0.0 and q.total_made_kg > 0.0):
        return None
    exempt = min(grown("exempt"), max(grown("renewable") - of_matched_j, 0.0))
    return min((of_matched_j + exempt) / used, 1.0)


def certified(q: Quantities) -> tuple[str, float | None]:
    """Return by which period hydrogen is certified, and the share that is."""
    monitors = q.run.of(OriginMonitor)
    if not monitors:
        return "", None
    by_hour = any(q.run.end(monitor, role.certified_by) > 0.5 for monitor, role in monitors.items())
    period = "hour" if by_hour else "month"
    return period, share(q, matched_j(q, period))


def paid(q: Quantities) -> dict[str, tuple[float, float]]:
    """Return (mass, what it would earn if certified) of each offtake that is not paid by origin already."""
    run, found, fixed = q.run, {}, q.settings["hydrogen_price_eur_per_kg"]
    for id_, eur in earned(q).items():
        role, kg = run.role(id_), q.sold_kg["hydrogen"].get(id_, 0.0)
        if fixed is not None:
            eur = fixed * kg
        elif role.premium and run.end(id_, role.premium) != 0.0:
            continue
        if eur > 0.0:
            found[id_] = (kg, eur)
    return found


def earned(q: Quantities) -> dict[str, float]:
    """Return what each offtake paid for the hydrogen that it took, penalties and what was not taken apart."""
    of_all = q.income_eur["hydrogen"]
    roles = q.run.of(Offtake).items()
    return {id_: q.run.grown(id_, role.paid) if role.paid else of_all.get(id_, 0.0) for id_, role in roles}


def uncertified_eur(q: Quantities) -> float:
    """Return by how much less hydrogen earns that is not certified, EUR of the run."""
    _, frac = certified(q)
    if frac is None:
        return 0.0
    other = q.settings["other_hydrogen_price_eur_per_kg"]
    return (1.0 - frac) * math.fsum(max(eur - other * kg, 0.0) for kg, eur in paid(q).values())


def premium_left_eur(q: Quantities) -> float:
    """Return what customers who pay for the certified share of theirs would pay more, were all certified, EUR."""
    _, frac = certified(q)
    if frac is None or q.settings["hydrogen_price_eur_per_kg"] is not None:
        return 0.0
    kg = q.sold_kg["hydrogen"]
    roles = q.run.of(Offtake).items()
    return math.fsum(
        (1.0 - frac) * q.run.end(id_, role.premium) * kg.get(id_, 0.0) for id_, role in roles if role.premium
    )


def certified_kg(q: Quantities) -> float:
    """Return the hydrogen of the run that was sold and is certified; none where nobody certifies any."""
    _, frac = certified(q)
    return (frac or 0.0) * q.total_sold_kg


def check_revenue(checks: Checks, q: Quantities, figures: Mapping[str, Any], stated: Mapping[str, Any]) -> None:
    """Check what hydrogen earns by its origin."""
    law, found = "figure-revenue-by-origin", stated.get("revenue_by_origin") or {}
    period, frac = certified(q)
    less = uncertified_eur(q)
    has_monitor = bool(q.run.of(OriginMonitor))
    id_ = "hydrogen_uncertified_eur"
    of = paid(q) if frac is not None else {}
    sold, eur = (math.fsum(one[k] for one in of.values()) for k in (0, 1))
    checks.add(law, id_, figures.get(id_, NOT_THERE), less if has_monitor else NOT_THERE, eur)
    expected: dict[str, Any] = {}
    if frac is not None:
        other = q.settings["other_hydrogen_price_eur_per_kg"]
        expected = {
            "certified_by": period,
            "certified_frac": frac,
            "certified_kg": frac * sold,
            "other_kg": (1.0 - frac) * sold,
            "paid_if_certified_eur": eur,
            "other_price_eur_per_kg": other,
            "taken_off_eur": less,
        }
    checks.add(law, "economics.revenue_by_origin", sorted(found), sorted(expected))
    for name, value in expected.items():
        scale = sold if name.endswith("_kg") else eur if name.endswith("_eur") else 0.0
        checks.add(law, f"economics.revenue_by_origin.{name}", found.get(name), value, scale)
