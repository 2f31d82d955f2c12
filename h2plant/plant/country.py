"""The table of countries: what a plant takes by default from where it stands, each figure with its year and source.

The figures stand in ``data/countries.toml``; one that nobody confirmed is left out there, and then nothing is taken.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

_FILE = Path(__file__).resolve().parent.parent / "data" / "countries.toml"

GRID_INTENSITY = "grid_intensity_g_per_kwh"

QUANTITIES: Mapping[str, str] = {
    GRID_INTENSITY: "CO2 equivalent of power from the grid, life cycle, by what is generated",
    "tax_frac": "statutory tax on profit, local taxes included",
    "grid_capacity_fee_eur_per_kw_year": "fee of the grid by the highest import",
    "grid_fee_eur_per_mwh": "fee of the grid by the energy",
    "power_tax_eur_per_mwh": "tax on the power that electrolysis takes",
    "imbalance_surcharge_eur_per_mwh": "what unplanned import costs beyond the import price",
}
"""What the table has figures of, by name."""


TAX_FRAC = 0.258
"""Tax on profit where neither the plant nor its country says it: that of the Netherlands in 2023, and notes say so."""


CAPACITY_FEE_EUR_PER_KW_YEAR = 53.06
"""Fee by the highest import where neither the plant nor its country says it: that of Germany's transmission grid in
2026 (220 and 380 kV, from 2,500 h a year on; its source stands with the country), and notes say so."""


class Assumed(NamedTuple):
    """What a key of the economics is where neither the plant nor its country says it."""

    value: float | None
    note: str = ""


ECONOMICS: Mapping[str, Assumed] = {
    "tax_frac": Assumed(TAX_FRAC, "as in the Netherlands in 2023"),
    GRID_INTENSITY: Assumed(None, "so there is no CO2 of imports"),
    "grid_capacity_fee_eur_per_kw_year": Assumed(CAPACITY_FEE_EUR_PER_KW_YEAR, "as in Germany in 2026"),
}
"""Keys under ``economics`` that follow from the country, named as in the table; None: the figure is not told."""

OF_THE_GRID = (GRID_INTENSITY, "grid_capacity_fee_eur_per_kw_year")
"""Those of them that mean something only to a plant with a connection to the grid."""


@dataclass(frozen=True, slots=True)
class CountryFigure:
    """A figure of a country: which quantity, its value in the unit of the quantity's name, its year and source."""

    quantity: str
    value: float
    year: int
    source: str


@dataclass(frozen=True, slots=True)
class Country:
    """A country of the table.

    Parameters
    ----------
    id, alpha_3
        ISO 3166 codes of two letters, which is the canonical name, and of three.
    name
        In English; ``also`` has further names.
    currency
        ISO 4217 code of its own currency.
    figures
        By quantity; what is not known is not there.
    """

    id: str
    alpha_3: str
    name: str
    currency: str
    figures: Mapping[str, CountryFigure]
    also: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Name and code, as notes and tables show it."""
        return f"{self.name} ({self.id})"


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Country]:
    """Return the countries of the table, by their codes of two letters."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = {}
    for id_, row in table["countries"].items():
        figures = {
            name: CountryFigure(name, row[name][0], row[name][1], table["sources"][row[name][2]])
            for name in QUANTITIES
            if name in row
        }
        found[id_] = Country(id_, row["alpha_3"], row["name"], row["currency"], figures, tuple(row.get("also", ())))
    return found


def find_country(text: str) -> Country | None:
    """Return the country of a code (ISO 3166, two or three letters) or an English name; None if there is none."""
    return _by_name().get(text.strip().casefold())


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, Country]:
    return {name.casefold(): one for one in countries().values() for name in (one.id, one.alpha_3, one.name, *one.also)}
