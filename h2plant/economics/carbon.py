"""Greenhouse gas of hydrogen: of all electricity that is bought, by the rules of the European Union, and by labels.

The mix of the grid, per kilogram made, is what the place emits. By Delegated Regulation (EU) 2023/1185, per kilogram
delivered, electricity that counts as renewable (Delegated Regulation (EU) 2023/1184) emits nothing, the other part
what the grid does; compression and transport are in it, and oxygen that is sold bears its share by value. Labels of
other countries stop at the gate of the plant and match by the hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

LHV_MJ_PER_KG = 120.0
"""Lower heating value by which the limit is expressed per kilogram (Directive (EU) 2018/2001, annex III)."""

COMPARATOR_G_PER_MJ = 94.0
"""Emissions of the fossil fuel that hydrogen is compared with (Delegated Regulation (EU) 2023/1185, annex, A 2)."""

SAVING_FRAC = 0.70
"""Least saving against it (Directive (EU) 2018/2001, article 29a; Directive (EU) 2024/1788, article 2)."""

LIMIT_KG_PER_KG = (1.0 - SAVING_FRAC) * COMPARATOR_G_PER_MJ * LHV_MJ_PER_KG / 1000.0
"""Most that renewable and low-carbon hydrogen may emit: 28.2 g/MJ, 3.384 kg CO2e per kg."""

UK_LIMIT_KG_PER_KG = 20.0 * LHV_MJ_PER_KG / 1000.0
"""Most by the UK Low Carbon Hydrogen Standard: 20 g CO2e per MJ of lower heating value, 2.4 kg per kg."""

US_TIERS = ((0.45, 3.0), (1.5, 1.0), (2.5, 0.75), (4.0, 0.6))
"""US Code, title 26, section 45V: below such emissions, kg CO2e/kg, so much is paid, USD/kg of 2022, where the rules on
wages are kept; the last bound is included."""

_KWH_PER_MWH = 1000.0
_G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """Emissions of a run by the mix of the grid; own power counts as zero, imports with the intensity of the grid."""

    emitted_kg: float
    hydrogen_kg: float

    @property
    def kg_per_kg(self) -> float | None:
        """CO2 equivalent per hydrogen, kg/kg; None without hydrogen."""
        return self.emitted_kg / self.hydrogen_kg if self.hydrogen_kg > 0.0 else None

    @property
    def g_per_mj(self) -> float | None:
        """The same by lower heating value, g/MJ."""
        return None if self.kg_per_kg is None else self.kg_per_kg * _G_PER_KG / LHV_MJ_PER_KG


def import_footprint(import_mwh: float, intensity_g_per_kwh: float, hydrogen_kg: float) -> Footprint:
    """Return the footprint of imports from a grid of constant intensity.

    Parameters
    ----------
    import_mwh
        Energy taken from the grid.
    intensity_g_per_kwh
        Emissions of the grid, g CO2e per kWh.
    hydrogen_kg
        Hydrogen made with it.
    """
    return Footprint(import_mwh * _KWH_PER_MWH * intensity_g_per_kwh / _G_PER_KG, hydrogen_kg)


@dataclass(frozen=True, slots=True)
class Electricity:
    """The electricity of a run, J, and its emissions, kg.

    Attributes
    ----------
    used_j, electrolysis_j
        All that was used, and what of it went into electrolysis.
    imported_j, imports_kg
        Bought from the grid, and what that emitted by the mix of the grid.
    emergency_kg
        Emitted by emergency supplies.
    """

    used_j: float
    electrolysis_j: float
    imported_j: float
    imports_kg: float
    emergency_kg: float

    def emitted_kg(self, certified_frac: float | None) -> float:
        """Return what it emits, kg, where a share of that of electrolysis counts as renewable; None: nobody certifies.

        What is not certified emits as the grid's mix, as far as it was bought: own power emits nothing either way.
        Imports are shared out to electrolysis and the other consumers by what they use; of the others nothing is
        certified.
        """
        if certified_frac is None or not self.imported_j > 0.0 or not self.used_j > 0.0:
            return self.imports_kg + self.emergency_kg
        to_electrolysis = min(self.electrolysis_j / self.used_j, 1.0) * self.imported_j
        uncertified = min((1.0 - certified_frac) * self.electrolysis_j, to_electrolysis)
        others = self.imported_j - to_electrolysis
        return self.imports_kg * (uncertified + others) / self.imported_j + self.emergency_kg


class Delivered(NamedTuple):
    """Hydrogen and its by-product, by which emissions are divided.

    Attributes
    ----------
    made_kg, delivered_kg, sold_kg
        Hydrogen made; sold, used in own fuel cells and added to the store; sold.
    allocated_frac
        Share of the emissions that hydrogen bears; oxygen that is sold bears the other part by its value.
    transport_kg
        Emissions of the trailers that took what was sold.
    """

    made_kg: float
    delivered_kg: float
    sold_kg: float
    allocated_frac: float
    transport_kg: float


def allocated_frac(hydrogen_eur: float, oxygen_eur: float) -> float:
    """Return the share of emissions that hydrogen bears beside oxygen, which has no energy content, by their value."""
    return hydrogen_eur / (hydrogen_eur + oxygen_eur) if hydrogen_eur > 0.0 and oxygen_eur > 0.0 else 1.0


def transport_kg(trailers: float, distance_km: float, truck_kg_per_km: float) -> float:
    """Return what trailers emit, kg CO2e: to the customer, and empty on the way back."""
    return trailers * 2.0 * distance_km * truck_kg_per_km


class Label(NamedTuple):
    """What hydrogen emits by the rules of a label.

    Attributes
    ----------
    id, name
        Of the label.
    kg_per_kg
        Emissions within its boundary.
    limit_kg_per_kg
        Most that it allows.
    share_frac
        Share of the hydrogen that it is given to, if the emissions allow.
    boundary, source
        What is counted, and where that is written.
    usd_per_kg
        Paid for it; None where the label is no subsidy.
    """

    id: str
    name: str
    kg_per_kg: float
    limit_kg_per_kg: float
    share_frac: float
    boundary: str
    source: str
    usd_per_kg: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether the emissions are within its limit, and any hydrogen may have it."""
        return self.kg_per_kg <= self.limit_kg_per_kg and self.share_frac > 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        g_per_mj = self.kg_per_kg * _G_PER_KG / LHV_MJ_PER_KG
        return {**self._asdict(), "g_per_mj": g_per_mj, "is_met": self.is_met}


_EU_BOUNDARY = "per kg delivered: electricity that is not certified, compression, transport; share of oxygen by value"
_GATE = "per kg made, at the gate: all electricity of the plant with its compression, matched by the hour; no transport"


def per_kg_delivered(electricity: Electricity, hydrogen: Delivered, certified_frac: float | None) -> float | None:
    """Return kg CO2e per kg delivered by Delegated Regulation (EU) 2023/1185; None where nothing was made for it."""
    if not (hydrogen.made_kg > 0.0 and hydrogen.delivered_kg > 0.0):
        return None
    made = electricity.emitted_kg(certified_frac) * hydrogen.allocated_frac / hydrogen.delivered_kg
    return made + (hydrogen.transport_kg / hydrogen.sold_kg if hydrogen.sold_kg > 0.0 else 0.0)


def labels(
    electricity: Electricity, hydrogen: Delivered, certified_frac: float | None, hourly_frac: float | None
) -> tuple[Label, ...]:
    """Return what labels say of the hydrogen of a run.

    Parameters
    ----------
    electricity, hydrogen
        What it was made with, and what became of it.
    certified_frac, hourly_frac
        Share of its electricity that counts as renewable by the period of the monitor, and by the hour; None without
        one: then no hydrogen is renewable, and all bought power emits as the grid does.
    """
    delivered = per_kg_delivered(electricity, hydrogen, certified_frac)
    if delivered is None:
        return ()
    renewable = certified_frac or 0.0
    gate = electricity.emitted_kg(hourly_frac) / hydrogen.made_kg
    paid = next((usd for bound, usd in US_TIERS[:-1] if gate < bound), US_TIERS[-1][1] if gate <= 4.0 else 0.0)
    return (
        Label(
            *("eu_rfnbo", "EU renewable (RFNBO)", delivered, LIMIT_KG_PER_KG, renewable, _EU_BOUNDARY),
            "Delegated Regulations (EU) 2023/1184 and 2023/1185",
        ),
        Label(
            *("eu_low_carbon", "EU low-carbon", delivered, LIMIT_KG_PER_KG, 1.0 - renewable, _EU_BOUNDARY),
            "Delegated Regulation (EU) 2025/2359; Directive (EU) 2024/1788, article 2",
        ),
        Label(
            *("uk_lchs", "UK low-carbon (LCHS)", gate, UK_LIMIT_KG_PER_KG, 1.0, _GATE),
            "UK Low Carbon Hydrogen Standard, version 3 (2023): 20 g CO2e/MJ of lower heating value",
        ),
        Label(
            *("us_45v", "US 45V", gate, US_TIERS[-1][0], 1.0, _GATE),
            "US Code, title 26, section 45V; Federal Register 2024-31513",
            paid,
        ),
    )
