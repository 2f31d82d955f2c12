"""The cost of a kilogram made and of one sold side by side, as summaries of runs have it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from h2plant.economics.subsidy import PAID_BY_OTHERS

MASSES = {"made": "per kg made", "sold": "per kg sold"}
"""The masses by which a cost is divided, and how tables name them."""


SOLD, PROJECT = "power sold", "project"
"""Kind of cost that is an income, and the kind of component that it stands with."""

PROJECT_SAYS = "project: what belongs to no single component, such as staff, land and contingency"


def component_names(splits: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Return how tables name the kinds of component whose cost is not their own alone: kind -> name."""
    costs = [split.get("by_kind_of_cost_eur_per_kg") or {} for split in splits.values()]
    taken_off = [SOLD] if any(of.get(SOLD) for of in costs) else []
    taken_off += ["subsidies"] if any(of.get(kind) for of in costs for kind in PAID_BY_OTHERS) else []
    return {PROJECT: " − ".join([PROJECT, *taken_off])} if taken_off else {}


def splits_of(economics: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return heading -> the cost of a kilogram and its splits, of each mass that has one.

    A summary of an older version has the one that its ``hydrogen_basis`` named: its heading is ``EUR/kg``.
    """
    by_mass = economics.get("per_kg") or {}
    found = {mass: by_mass[mass] for mass in MASSES if (by_mass.get(mass) or {}).get("by_kind_of_cost_eur_per_kg")}
    if found or by_mass or not economics.get("by_kind_of_cost_eur_per_kg"):
        return found
    ways = economics.get("hydrogen_cost_eur_per_kg") or {}
    return {"EUR/kg": {**economics, "closed_form_eur_per_kg": ways.get("closed_form")}}
