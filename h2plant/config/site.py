"""The ``site`` of a plant file: where the plant stands, and the defaults that follow from its country."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from h2plant.config.yaml_source import Node, Scalar, plain_scalar
from h2plant.config.zone_table import distance_to_country_km, zone_places
from h2plant.core.declare import Field
from h2plant.core.role import Grid
from h2plant.core.units import Conversion, split_name, to_reporting_unit
from h2plant.plant.country import (
    ECONOMICS,
    GRID_INTENSITY,
    OF_THE_GRID,
    QUANTITIES,
    CountryFigure,
    countries,
    find_country,
)
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.graph import Component, Link, PortRef
from h2plant.plant.grid_tariff import FEES, MONTHLY_FEE, grid_tariffs
from h2plant.plant.site import Site, SiteDefault
from h2plant.plant.structure import structure_of

SITE = "site"
"""The key of a plant file, and the first word of changes to it (``--set site.country=DE``)."""

_BOUNDS = {
    "latitude": (-90.0, 90.0, "degrees, south negative"),
    "longitude": (-180.0, 180.0, "degrees, west negative"),
    "elevation_m": (-500.0, 6000.0, "m above the sea"),
}
_KEYS = ("country", *_BOUNDS, "grid_tariff")
_FAR_KM = 3000.0
"""Hardly any land is as far from the nearest place of its country's zones (Kashgar 1,076, Cape Comorin 1,981)."""
_NEAR_KM = 2000.0


@dataclass(frozen=True)
class _Given:
    """A key of the site as given: its value, and the place of it for findings."""

    node: Node
    where: str
    line: int
    file: Path | None

    def finding(self, id_: str, what: str, remedy: str) -> Finding:
        return Finding(id_, self.where, what, remedy, self.file, self.line)


class SiteReader:
    """Reads the site of a plant file with the changes to it, and hands out the defaults that follow from it.

    Parameters
    ----------
    part
        What stands under ``site``; None: nothing.
    overrides
        Changes of a run; those of the site begin with ``site.``.
    file
        The plant's.
    findings
        What is wrong is appended here.
    """

    def __init__(
        self, part: Node | None, overrides: Mapping[str, str | float], file: Path, findings: list[Finding]
    ) -> None:
        self._file, self._findings = file, findings
        self._line = 0 if part is None else part.line
        self._given = self._read(part, overrides)
        latitude, longitude, elevation_m = (self._number(key) for key in _BOUNDS)
        country = self._country()
        tariff = self._tariff(country)
        if tariff and "country" not in self._given:
            country = grid_tariffs()[tariff].country_id
        self.site = Site(country, latitude, longitude, elevation_m, grid_tariff=tariff)
        is_changed = bool(tariff) and f"{SITE}.grid_tariff" in overrides
        self._beaten = {fee for fee in FEES if is_changed and f"economics.{fee}" not in overrides}
        self._check_place()
        self._parameters: list[tuple[str, Field, SiteDefault]] = []

    def _read(self, part: Node | None, overrides: Mapping[str, str | float]) -> dict[str, _Given]:
        given = {}
        if part is not None and part.entries is None:
            what = f"is {part.kind}, wanted a mapping"
            remedy = "write 'site: {country: NL, latitude: 52.4, longitude: 4.9}'"
            self._findings.append(Finding("wrong-type", SITE, what, remedy, self._file, part.line))
        for entry in ((part.entries or {}) if part is not None else {}).values():
            if entry.key.startswith("x-"):
                continue
            given[entry.key] = _Given(entry.node, f"{SITE}.{entry.key}", entry.line, self._file)
        for path, value in overrides.items():
            head, _, key = path.partition(".")
            if head == SITE and key:
                scalar = plain_scalar(value) if isinstance(value, str) else value
                given[key] = _Given(Node(0, scalar), f"set {path}", 0, None)
        for key in [key for key in given if key not in _KEYS]:
            wrong = given.pop(key)
            self._findings.append(wrong.finding("unknown-key", f"there is no key '{key}'", nearest(key, _KEYS)))
        return given

    def _country(self) -> str:
        """Return the code of the country of two letters; '' where none is given or none is found."""
        one = self._given.get("country")
        if one is None:
            return ""
        value: Scalar = one.node.value
        found = find_country(value) if isinstance(value, str) else None
        if found is not None:
            return found.id
        what = f"there is no country '{value}' in the table" if isinstance(value, str) else f"is {one.node.kind}"
        names = [name for c in countries().values() for name in (c.id, c.alpha_3, c.name)]
        remedy = "give a code such as DE or an English name (h2plant countries lists them)"
        if isinstance(value, str):
            remedy = f"{nearest(value, names)}; {remedy}. Of another, leave 'country' out and give its figures yourself"
        self._findings.append(one.finding("unknown-country", what, remedy))
        return ""

    def _tariff(self, country: str) -> str:
        """Return the tariff of the grid by its id; '' where none is given, or none of the country is found."""
        one = self._given.get("grid_tariff")
        if one is None:
            return ""
        value = one.node.value
        found = grid_tariffs().get(value) if isinstance(value, str) else None
        if found is not None and country in ("", found.country_id):
            return found.id
        ids = [tariff.id for tariff in grid_tariffs().values() if country in ("", tariff.country_id)]
        if found is not None:
            what = f"'{value}' is a tariff of {countries()[found.country_id].title}, where the plant does not stand"
            remedy = f"of its country there are {listing(ids)}" if ids else "give the fees under 'economics' yourself"
        else:
            what = f"there is no tariff '{value}' in the table" if isinstance(value, str) else f"is {one.node.kind}"
            remedy = f"{nearest(str(value), ids)}; 'h2plant countries NL' lists those of a country"
        self._findings.append(one.finding("unknown-tariff", what, remedy))
        return ""

    def _number(self, key: str) -> float | None:
        one = self._given.get(key)
        if one is None:
            return None
        low, high, unit = _BOUNDS[key]
        value = one.node.value
        if isinstance(value, bool) or not isinstance(value, int | float):
            what = f"is {one.node.kind}, wanted a number"
            remedy = f"give {unit}, as a decimal number: 52.37, not 52°22' and not 52.37N"
            self._findings.append(one.finding("wrong-type", what, remedy))
            return None
        if low <= value <= high:
            return float(value)
        what = f"'{key}' is {value:g}, not between {low:g} and {high:g} ({unit})"
        is_swapped = key == "latitude" and abs(value) <= 180.0
        question = "are latitude and longitude swapped?" if is_swapped else f"is it in another unit? Give {unit}"
        self._findings.append(one.finding("out-of-bounds", what, question))
        return None

    def _check_place(self) -> None:
        """Ask, where latitude and longitude lie far from the country, whether they are swapped or lack their sign."""
        place, country = self.site.place, self.site.country
        far = None if place is None or country is None else distance_to_country_km(place, country.id)
        if place is None or country is None or far is None or far < _FAR_KM:
            return
        latitude, longitude = place
        others = {
            "are latitude and longitude swapped?": (longitude, latitude),
            "is the sign of the longitude wrong (west is negative)?": (latitude, -longitude),
            "is the sign of the latitude wrong (south is negative)?": (-latitude, longitude),
        }
        asked = [
            question
            for question, other in others.items()
            if abs(other[0]) <= 90.0 and (distance_to_country_km(other, country.id) or 0.0) < _NEAR_KM
        ]
        one = self._given["latitude"]
        what = f"latitude {latitude:g} and longitude {longitude:g} are {far:,.0f} km from {country.title}"
        finding = one.finding("place-not-in-country", what, " ".join(asked) or "which of the two is wrong?")
        self._findings.append(finding if asked else replace(finding, severity="note"))

    def parameter(self, component: str, field: Field) -> float | None:
        """Return the default of a parameter, SI, where the country has the figures that it is the sum of.

        What is taken or assumed is kept for ``settled``.
        """
        for name in field.site:
            if name not in QUANTITIES:
                what = f"the default of '{field.name}' is the figure '{name}' of a country, which is in no table"
                where = f"components.{component}"
                self._findings.append(Finding("bad-kind", where, what, nearest(name, QUANTITIES), self._file))
                return None
        known = self.site.figures
        figures = tuple(known[name] for name in field.site if name in known)
        reported = to_reporting_unit(field.name, field.unit)
        path = f"{component}.{reported.name}"
        if len(figures) < len(field.site):
            shown = None if field.default is None else _shown(field.default, reported)
            about = ", ".join(part for part in (field.default_note, _known_part(figures)) if part)
            self._parameters.append((component, field, SiteDefault(path, shown, (), about)))
            return None
        value = sum(_si(figure) for figure in figures)
        self._parameters.append((component, field, SiteDefault(path, _shown(value, reported), figures)))
        return value

    def economics(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the economics with what they take from country and tariff; what is given stays as it is."""
        figures = self.site.figures
        taken = {key: figures[key].value for key in (*ECONOMICS, MONTHLY_FEE) if key in figures}
        return {**taken, **self._kept(given)}

    def _kept(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a plant gives without the fees that a tariff named by a change of the run replaces."""
        return {key: value for key, value in given.items() if key not in self._beaten}

    def settled(self, given: Mapping[str, Any], components: Mapping[str, Component], links: tuple[Link, ...]) -> Site:
        """Return the site with all that was taken from its country or assumed, as far as the plant makes use of it.

        ``given`` is what the plant says itself under ``economics``.
        """
        figures, given = self.site.figures, self._kept(given)
        has_grid = any(isinstance(c.kind.role, Grid) for c in components.values())
        found = []
        for key, assumed in ECONOMICS.items():
            if key in given or (key in OF_THE_GRID and not has_grid):
                continue
            path = f"economics.{key}"
            if key in figures:
                found.append(SiteDefault(path, figures[key].value, (figures[key],)))
            elif not (key == GRID_INTENSITY and _is_intensity_linked(components, links)):
                found.append(SiteDefault(path, assumed.value, (), assumed.note))
        if MONTHLY_FEE in figures and MONTHLY_FEE not in given and has_grid:
            fee = figures[MONTHLY_FEE]
            found.append(SiteDefault(f"economics.{MONTHLY_FEE}", fee.value, (fee,)))
        linked: set[PortRef] = set()
        if any(field.site_with for _, field, _ in self._parameters):
            structure = structure_of(components, links)
            linked = {target for _, target in (*structure.ends, *structure.default_ends)}
        found += [
            default
            for component, field, default in self._parameters
            if not field.site_with or PortRef(component, field.site_with) in linked
        ]
        return replace(self.site, defaults=tuple(found))

    def notes(self, site: Site, timezone: str) -> Iterator[Finding]:
        """Yield what is to be known: what was taken, what is assumed, the currency, a clock of another country."""
        one = self._given.get("country")
        line = one.line if one is not None else self._line
        country = site.country
        taken = [str(d) for d in site.defaults if d.figures]
        assumed = [str(d) for d in site.defaults if not d.figures]

        def note(id_: str, where: str, what: str, remedy: str) -> Finding:
            return Finding(id_, where, what, remedy, self._file, line, severity="note")

        if country is not None and taken:
            remedy = f"'h2plant countries {country.id}' says from where; give a key in the plant to say otherwise"
            what = f"the plant does not give these, so the figures of {country.title} are used: {', '.join(taken)}"
            yield note("site-default", f"{SITE}.country", what, remedy)
        if assumed and country is None:
            remedy = "set site.country (see 'h2plant countries'), or give them"
            yield note("assumed", "", f"assumed, for no site.country says it: {', '.join(assumed)}", remedy)
        elif assumed and country is not None:
            what = f"not in the table of {country.title}, so assumed: {', '.join(assumed)}"
            has_tariffs = any(tariff.country_id == country.id for tariff in grid_tariffs().values())
            named = f", or name a tariff of the grid ('h2plant countries {country.id}')" if has_tariffs else ""
            yield note("assumed", f"{SITE}.country", what, f"give them{named}")
        if country is not None and country.currency != "EUR":
            what = f"money is in EUR throughout, not in {country.currency}"
            yield note("currency", f"{SITE}.country", what, "give all prices in EUR")
        zone = zone_places().get(timezone)
        if country is not None and zone is not None and zone.country_id != country.id:
            own = sorted(name for name, place in zone_places().items() if place.country_id == country.id)
            what = f"the zone '{timezone}' lies in another country than the plant, {country.title}"
            yield note("other-timezone", "timezone", what, f"its own: {_some(own)}")


def _si(figure: CountryFigure) -> float:
    unit = split_name(figure.quantity)[1]
    assert unit is not None, figure.quantity
    return figure.value * unit.factor + unit.offset


def _shown(si_value: float, reported: Conversion) -> float:
    """Return a value as reports have it, without the rounding errors of its way there."""
    return float(f"{si_value * reported.factor + reported.offset:.12g}")


def _known_part(figures: Iterable[CountryFigure]) -> str:
    parts = [f"{f.quantity} {f.value:g}" for f in figures]
    return f"known of it: {', '.join(parts)}" if parts else ""


def _is_intensity_linked(components: Mapping[str, Component], links: tuple[Link, ...]) -> bool:
    """Whether every grid has an intensity of its own, minute by minute."""
    ports = [
        PortRef(c.id, c.kind.role.carbon_intensity)
        for c in components.values()
        if isinstance(c.kind.role, Grid) and c.kind.role.carbon_intensity
    ]
    linked = {link.target for link in links}
    return all(port in linked for port in ports)


def _some(names: list[str]) -> str:
    return ", ".join(names[:4]) + (" ..." if len(names) > 4 else "")
