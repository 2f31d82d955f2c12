"""Greenhouse gas of the electricity that hydrogen is made with, beside the limit of the European Union."""

from __future__ import annotations

from dataclasses import dataclass

LHV_MJ_PER_KG = 120.0
"""Lower heating value by which the limit is expressed per kilogram (Directive (EU) 2018/2001, annex III)."""

COMPARATOR_G_PER_MJ = 94.0
"""Emissions of the fossil fuel that hydrogen is compared with (Delegated Regulation (EU) 2023/1185, annex, A 2)."""

SAVING_FRAC = 0.70
"""Least saving against it (Directive (EU) 2018/2001, article 29a)."""

LIMIT_KG_PER_KG = (1.0 - SAVING_FRAC) * COMPARATOR_G_PER_MJ * LHV_MJ_PER_KG / 1000.0
"""Most that renewable hydrogen may emit: 28.2 g/MJ, 3.384 kg CO2e per kg."""

_KWH_PER_MWH = 1000.0
_G_PER_KG = 1000.0


@dataclass(frozen=True, slots=True)
class Footprint:
    """Emissions of a run; wind counts as zero, imports with the intensity of the grid."""

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

    @property
    def is_below_limit(self) -> bool | None:
        """Whether the hydrogen saves enough to count as renewable or low-carbon fuel by its emissions."""
        return None if self.kg_per_kg is None else self.kg_per_kg <= LIMIT_KG_PER_KG


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
