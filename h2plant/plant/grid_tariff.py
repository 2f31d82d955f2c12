"""Tariffs of grid operators that a plant may name: fees by contract, by the highest import of a month, by energy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from h2plant.plant.country import CountryFigure

_FILE = Path(__file__).resolve().parent.parent / "data" / "grid_tariffs.toml"

MONTHLY_FEE = "grid_monthly_peak_fee_eur_per_kw_month"
"""The one fee of a tariff that no country has a figure of by itself."""
FEES = ("grid_capacity_fee_eur_per_kw_year", MONTHLY_FEE, "grid_fee_eur_per_mwh")
"""What a tariff says, by the names that countries and economics have for it, in the order of the file."""


@dataclass(frozen=True, slots=True)
class GridTariff:
    """A tariff of the table.

    Parameters
    ----------
    id
        By which a plant names it.
    country_id
        Where it holds, ISO 3166 code of two letters.
    title
        Operator and level of the grid.
    figures
        Its fees by name, each with year and source.
    least_use_h
        Use a year, kWh by the kW of the highest import, below which the operator has another tariff that is not in
        the table; 0: it has none.
    """

    id: str
    country_id: str
    title: str
    figures: Mapping[str, CountryFigure]
    least_use_h: float = 0.0


@lru_cache(maxsize=1)
def grid_tariffs() -> Mapping[str, GridTariff]:
    """Return the tariffs of the table by id."""
    table = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    found = {}
    for id_, (country, year, title, source, *fees) in table["tariffs"].items():
        figures = {
            name: CountryFigure(name, fee, year, table["sources"][source]) for name, fee in zip(FEES, fees, strict=True)
        }
        found[id_] = GridTariff(id_, country, title, figures, table["least_use_h"].get(country, 0.0))
    return found
