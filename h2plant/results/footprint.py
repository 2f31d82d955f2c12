"""Greenhouse gas of a run's hydrogen, from its sums: by the mix of the grid, per kilogram delivered, and by labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from h2plant.core.constants import J_PER_MWH
from h2plant.core.role import Source
from h2plant.economics.carbon import (
    LIMIT_KG_PER_KG,
    Delivered,
    Electricity,
    Footprint,
    Label,
    allocated_frac,
    import_footprint,
    labels,
    per_kg_delivered,
    transport_kg,
)
from h2plant.economics.settings import Settings
from h2plant.results.by_origin import ByOrigin
from h2plant.results.rfnbo import origin
from h2plant.results.totals import Totals

FOOTPRINT_QUANTITIES = ("imported_j", "emitted_kg", "emergency_emitted_kg", "load_kg", "reconverted_kg")
"""What a footprint is made of beside what the economics read."""


@dataclass(frozen=True)
class Carbon:
    """Emissions of a run.

    Attributes
    ----------
    grid
        All imports by the mix of the grid, per kilogram made.
    electricity, hydrogen
        What the hydrogen was made with, and what became of it.
    certified_frac
        Share of its electricity that counts as renewable; None without a monitor of origin.
    delivered_kg_per_kg
        Emissions per kilogram delivered by Delegated Regulation (EU) 2023/1185; None where nothing was made for it.
    labels
        What labels say of it.
    renewable_ports
        Where the plant's sources tell how much of their power is renewable, as links name it.
    """

    grid: Footprint
    electricity: Electricity
    hydrogen: Delivered
    certified_frac: float | None
    delivered_kg_per_kg: float | None
    labels: tuple[Label, ...]
    renewable_ports: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        hydrogen = self.hydrogen
        return {
            "emitted_kg": self.grid.emitted_kg,
            "kg_per_kg": self.grid.kg_per_kg,
            "g_per_mj": self.grid.g_per_mj,
            "certified_frac": self.certified_frac,
            "allocated_frac": hydrogen.allocated_frac,
            "transport_kg": hydrogen.transport_kg,
            "delivered_kg": hydrogen.delivered_kg,
            "delivered_kg_per_kg": self.delivered_kg_per_kg,
            "limit_kg_per_kg": LIMIT_KG_PER_KG,
            "labels": {label.id: label.to_dict() for label in self.labels} or None,
            "renewable_ports": list(self.renewable_ports),
        }


def carbon(totals: Totals, settings: Settings, earned: ByOrigin) -> Carbon | None:
    """Return the emissions of a run; None where power was imported and nobody says how much the grid emits."""
    emitted = imports_kg(totals, settings)
    if emitted is None:
        return None
    made, emergency = totals.sum("made_kg"), totals.sum("emergency_emitted_kg")
    found = origin(totals)
    electricity = Electricity(
        used_j=totals.sum("used_j"),
        electrolysis_j=0.0 if found is None else found.used_j,
        imported_j=totals.sum("imported_j"),
        imports_kg=emitted,
        emergency_kg=emergency,
    )
    sold = totals.sum("sold_hydrogen_kg")
    change = totals.sum("stored_kg") - totals.sum("stored_before_kg")
    paid = earned.paid_eur - earned.taken_off_eur if earned.period else totals.sum("paid_for_hydrogen_eur")
    hydrogen = Delivered(
        made_kg=made,
        delivered_kg=sold + change + totals.sum("reconverted_kg"),
        sold_kg=sold,
        allocated_frac=allocated_frac(paid, totals.sum("oxygen_income_eur")),
        transport_kg=transport_kg(_trailers(totals), settings.delivery_distance_km, settings.truck_emission_kg_per_km),
    )
    frac, hourly = earned.certified_frac, None if found is None else found.hourly_frac
    return Carbon(
        grid=Footprint(emitted + emergency, made),
        electricity=electricity,
        hydrogen=hydrogen,
        certified_frac=frac,
        delivered_kg_per_kg=per_kg_delivered(electricity, hydrogen, frac),
        labels=labels(electricity, hydrogen, frac, hourly),
        renewable_ports=_renewable_ports(totals),
    )


def _renewable_ports(totals: Totals) -> tuple[str, ...]:
    ids, roles = totals.program.component_ids, totals.roles
    return tuple(f"{ids[i]}.{roles[i].renewable}" for i in totals.of_role(Source) if roles[i].renewable)


def imports_kg(totals: Totals, settings: Settings) -> float | None:
    """Return the emissions of imports, with the intensity linked to the grid, else with the constant one, kg.

    None where power was imported and nobody says how much the grid emits.
    """
    linked, emitted = totals.quantity("emitted_kg"), 0.0
    for i, imported_j in totals.quantity("imported_j").items():
        if i in linked or imported_j == 0.0:
            emitted += linked.get(i, 0.0)
        elif settings.grid_intensity_g_per_kwh is None:
            return None
        else:
            emitted += import_footprint(imported_j / J_PER_MWH, settings.grid_intensity_g_per_kwh, 0.0).emitted_kg
    return emitted


def _trailers(totals: Totals) -> float:
    """Return how many trailers took what offtakes that load them sold, the last of them in part."""
    loads, sold = totals.quantity("load_kg"), totals.quantity("sold_hydrogen_kg")
    return sum(sold.get(i, 0.0) / load for i, load in loads.items() if load > 0.0)
