"""Use of the grid below that of the tariff which a plant names: its operator may charge another one."""

from __future__ import annotations

from h2plant.core.constants import J_PER_KWH
from h2plant.economics.span import HOURS_PER_YEAR
from h2plant.plant.graph import Plant
from h2plant.plant.grid_tariff import grid_tariffs
from h2plant.results.totals import Totals


def rare_use(plant: Plant, totals: Totals, hours: float) -> list[str]:
    """Return a note where a plant uses the grid for fewer hours a year than its tariff is for."""
    tariff = grid_tariffs().get(plant.site.grid_tariff)
    peak_kw = totals.sum("peak_import_w") / 1000.0
    if tariff is None or peak_kw <= 0.0 or hours <= 0.0:
        return []
    use_h = totals.sum("imported_j") / J_PER_KWH * HOURS_PER_YEAR / hours / peak_kw
    if use_h > tariff.least_use_h:
        return []
    what = (
        f"the grid is used for {use_h:,.0f} h a year (kWh of this run, scaled to a year, by its highest kW), and up to "
        f"{tariff.least_use_h:.0f} h the operator may charge another tariff than '{tariff.id}'"
    )
    remedy = "ask for its fees, and give them under 'economics'"
    return [f"[other-tariff] site.grid_tariff: {what}; {remedy}"]
