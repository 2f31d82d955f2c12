"""Where a plant stands, and what it takes from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from h2plant.core.derived import Where
from h2plant.plant.country import Country, CountryFigure, countries
from h2plant.plant.grid_tariff import grid_tariffs


@dataclass(frozen=True, slots=True)
class SiteDefault:
    """A default that hangs on the country.

    Parameters
    ----------
    path
        ``component.parameter`` or ``economics.key``, as a file gives it.
    value
        What it is, in the unit of the path's name; None: not told.
    figures
        The country's figures that it is the sum of; none: assumed, for neither plant nor country says it.
    note
        What is to be known of an assumption.
    """

    path: str
    value: float | None
    figures: tuple[CountryFigure, ...] = ()
    note: str = ""

    def __str__(self) -> str:
        about = str(max(f.year for f in self.figures)) if self.figures else self.note
        value = "not known" if self.value is None else f"{self.value:g}"
        return f"{self.path} {value}" + (f" ({about})" if about else "")


@dataclass(frozen=True, slots=True)
class Site:
    """Where a plant stands; what its file does not say is empty or None.

    Parameters
    ----------
    country_id
        ISO 3166 code of two letters.
    latitude, longitude
        Degrees, north and east positive.
    elevation_m
        Above the sea.
    defaults
        What follows from the country, or is assumed, because the plant does not give it.
    grid_tariff
        Tariff of a grid operator, by its id in the table.
    """

    country_id: str = ""
    latitude: float | None = None
    longitude: float | None = None
    elevation_m: float | None = None
    defaults: tuple[SiteDefault, ...] = ()
    grid_tariff: str = ""

    @property
    def country(self) -> Country | None:
        """The country of the table; None where none is given."""
        return countries()[self.country_id] if self.country_id else None

    @property
    def figures(self) -> Mapping[str, CountryFigure]:
        """Figures of the country, and those of the tariff in their place."""
        country, tariff = self.country, self.grid_tariff
        of_country = {} if country is None else country.figures
        return {**of_country, **(grid_tariffs()[tariff].figures if tariff else {})}

    @property
    def place(self) -> tuple[float, float] | None:
        """Latitude and longitude, degrees; None where one of them is missing."""
        return None if self.latitude is None or self.longitude is None else (self.latitude, self.longitude)

    @property
    def where(self) -> Where:
        """Where it is, as series that follow from it are made."""
        return Where(self.latitude, self.longitude, self.elevation_m)

    def content(self) -> dict[str, Any]:
        """Return what the file says, for digests: empty where it says nothing."""
        given = {
            "country": self.country_id or None,
            "latitude": self.latitude,
            "longitude": self.longitude,
            "elevation_m": self.elevation_m,
            "grid_tariff": self.grid_tariff or None,
        }
        return {key: value for key, value in given.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """Return the site, what was taken from its country and what was assumed, as plain values for JSON."""
        country = self.country
        taken = {
            one.path: {
                "value": one.value,
                "figures": [
                    {"quantity": f.quantity, "value": f.value, "year": f.year, "source": f.source} for f in one.figures
                ],
            }
            for one in self.defaults
            if one.figures
        }
        return {
            **self.content(),
            **({} if country is None else {"name": country.name, "currency": country.currency}),
            "taken": taken,
            "assumed": {one.path: one.value for one in self.defaults if not one.figures},
        }


NOWHERE = Site()
"""The site of a plant that does not say where it stands."""
