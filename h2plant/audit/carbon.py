"""Checks of what a summary says of greenhouse gas, by the sums of the run and the rules of each label.

Written from docs/economics.md and the regulations that it names; nothing of ``h2plant.economics`` is read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from h2plant.audit import origin
from h2plant.audit.check import NOT_THERE, Checks
from h2plant.audit.quantities import Quantities
from h2plant.core.law_constants import J_PER_MWH
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import Grid, Offtake, PowerBus

_MJ_PER_KG = 120.0
_LIMIT = 28.2 * _MJ_PER_KG / 1000.0
_LAW = "figure-carbon"
_FIGURES = ("carbon_kg_per_kg", "carbon_delivered_kg_per_kg")


def check_carbon(
    checks: Checks,
    q: Quantities,
    figures: Mapping[str, Any],
    stated: Mapping[str, Any],
    is_void: bool,
    change_kg: float,
) -> None:
    """Check emissions by the mix of the grid, per kilogram delivered, and by labels; ``change_kg``: more in store."""
    found = stated.get("carbon") or {}
    imports = imports_kg(q)
    has_grid = bool(q.run.of(Grid))
    if imports is None or is_void:
        for id_ in _FIGURES:
            checks.add(_LAW, id_, figures.get(id_, NOT_THERE), None if has_grid else NOT_THERE)
        checks.add(_LAW, "economics.carbon", sorted(found), [])
        return
    made = q.total_made_kg
    emergency = emergency_kg(q)
    emitted = imports + emergency
    of_grid = emitted / made if made > 0.0 else None
    sold = q.total_sold_kg
    delivered_kg = sold + change_kg + q.reconverted_kg
    transport, share = _transport_kg(q), _hydrogens_share(q)
    period, certified = origin.certified(q)
    delivered: float | None = None
    if made > 0.0 and delivered_kg > 0.0:
        delivered = share * _emitted_kg(q, imports, emergency, certified) / delivered_kg
        delivered += transport / sold if sold > 0.0 else 0.0
    scale = q.through_kg
    for id_, value in zip(_FIGURES, (of_grid, delivered), strict=True):
        checks.add(_LAW, id_, figures.get(id_, NOT_THERE), value if has_grid else NOT_THERE)
    expected = {
        "emitted_kg": emitted,
        "kg_per_kg": of_grid,
        "g_per_mj": None if of_grid is None else 1000.0 * of_grid / _MJ_PER_KG,
        "certified_frac": certified,
        "allocated_frac": share,
        "transport_kg": transport,
        "delivered_kg": delivered_kg,
        "delivered_kg_per_kg": delivered,
        "limit_kg_per_kg": _LIMIT,
    }
    for name, number in expected.items():
        own = scale if name == "delivered_kg" else 0.0
        checks.add(_LAW, f"economics.carbon.{name}", found.get(name), number, own)
    if delivered is None or of_grid is None:
        checks.add(_LAW, "economics.carbon.labels", sorted(found.get("labels") or {}), [])
        return
    hourly = origin.share(q, origin.matched_j(q, "hour")) if period else None
    at_gate = _emitted_kg(q, imports, emergency, hourly) / made
    _check_labels(checks, found.get("labels") or {}, delivered, at_gate, certified or 0.0)


def _check_labels(checks: Checks, found: Mapping[str, Any], delivered: float, at_gate: float, renewable: float) -> None:
    tiers = ((0.45, 3.0), (1.5, 1.0), (2.5, 0.75))  # USD/kg of 2022 below each
    paid = next((usd for below, usd in tiers if at_gate < below), 0.6 if at_gate <= 4.0 else 0.0)
    rules = {
        "eu_rfnbo": (delivered, _LIMIT, renewable, None),
        "eu_low_carbon": (delivered, _LIMIT, 1.0 - renewable, None),
        "uk_lchs": (at_gate, 20.0 * _MJ_PER_KG / 1000.0, 1.0, None),
        "us_45v": (at_gate, 4.0, 1.0, paid),
    }
    checks.add(_LAW, "economics.carbon.labels", sorted(found), sorted(rules))
    for id_, (emits, limit, share, usd) in rules.items():
        one, where = found.get(id_) or {}, f"economics.carbon.labels.{id_}"
        for name, value in (
            ("kg_per_kg", emits),
            ("g_per_mj", 1000.0 * emits / _MJ_PER_KG),
            ("limit_kg_per_kg", limit),
            ("share_frac", share),
            ("usd_per_kg", usd),
        ):
            checks.add(_LAW, f"{where}.{name}", one.get(name), value, abs_=1.0e-12 if name == "share_frac" else 0.0)
        checks.add(_LAW, f"{where}.is_met", one.get("is_met"), emits <= limit and share > 0.0)


def imports_kg(q: Quantities) -> float | None:
    """Return what imports emit by the mix of the grid, kg; None where nobody says how much it emits."""
    run, emitted = q.run, 0.0
    intensity = q.settings["grid_intensity_g_per_kwh"]
    for id_, role in run.of(Grid).items():
        imported = q.imported_j.get(id_, 0.0)
        links = run.links_at(id_, role.carbon_intensity) if role.carbon_intensity else ()
        if links and role.emitted:
            emitted += run.grown(id_, role.emitted)
        elif imported and intensity is None:
            return None
        elif imported:
            emitted += imported / J_PER_MWH * intensity  # g/kWh is kg/MWh
    return emitted


def emergency_kg(q: Quantities) -> float:
    """Return what emergency supplies emit, kg."""
    buses = q.run.of(PowerBus).items()
    return math.fsum(q.run.grown(id_, role.emergency_emitted) for id_, role in buses if role.emergency_emitted)


def _emitted_kg(q: Quantities, imports_kg: float, emergency_kg: float, certified: float | None) -> float:
    """Return what all electricity emits, where a share of that of electrolysis counts as renewable."""
    bought, used = math.fsum(q.imported_j.values()), q.used_j
    monitors = q.run.of(OriginMonitor).items()
    electrolysis = math.fsum(q.run.end(id_, role.used) - q.run.start(id_, role.used) for id_, role in monitors)
    if certified is None or bought <= 0.0 or used <= 0.0:
        return imports_kg + emergency_kg
    part = min(electrolysis / used, 1.0)
    counted = min((1.0 - certified) * electrolysis, part * bought) + (1.0 - part) * bought
    return imports_kg * counted / bought + emergency_kg


def _transport_kg(q: Quantities) -> float:
    """Return what vehicles emit that carry hydrogen away, there and back, kg."""
    loads = {id_: q.run.end(id_, role.load) for id_, role in q.run.of(Offtake).items() if role.load}
    trips = math.fsum(q.sold_kg["hydrogen"].get(id_, 0.0) / kg for id_, kg in loads.items() if kg > 0.0)
    return trips * 2.0 * float(q.settings["delivery_distance_km"] * q.settings["truck_emission_kg_per_km"])


def _hydrogens_share(q: Quantities) -> float:
    """Return the share of emissions that hydrogen bears beside oxygen that is sold, by their value."""
    if origin.certified(q)[1] is not None:
        hydrogen = math.fsum(eur for _, eur in origin.paid(q).values()) - origin.uncertified_eur(q)
    else:
        hydrogen = math.fsum(origin.earned(q).values())
    oxygen = math.fsum(q.income_eur["oxygen"].values())
    return hydrogen / (hydrogen + oxygen) if hydrogen > 0.0 and oxygen > 0.0 else 1.0
