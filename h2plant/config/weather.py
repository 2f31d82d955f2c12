"""The entry ``weather`` under ``series``: one file that feeds all series that it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from h2plant.components.registry import at_hand
from h2plant.config.blocks.block_file import built_in_blocks, read_block
from h2plant.config.tables.choice import DIMENSIONLESS, measures
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Place, Quantity, Table
from h2plant.config.tables.times import time_columns
from h2plant.config.tables.units import known, unit_of_text
from h2plant.config.tables.values import numeric_columns
from h2plant.config.zone_table import distance_km
from h2plant.core.declare import Kind
from h2plant.core.derived import Lack
from h2plant.core.role import Source
from h2plant.core.units import split_name
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.graph import SERIES, Plant, PortRef
from h2plant.plant.series_spec import SeriesSpec, files_of, series_unit
from h2plant.plant.site import Site

WEATHER = "weather"
"""Key of the entry."""

UNITS = {
    "temp_air": "degc",
    "wind_speed": "m_per_s",
    "ghi": "w_per_m2",
    "dni": "w_per_m2",
    "dhi": "w_per_m2",
    "poa": "w_per_m2",
    "pressure_air": "pa",
    "relative_humidity": "frac",
    "dew_point": "degc",
    "wind_power": "pu",
    "pv_power": "pu",
}
"""Quantities of weather, with the unit that the names of their series end in."""

_FARTHEST_KM = 50.0


class Find(Protocol):
    """Takes what is wrong with an entry, and the key that it stands under."""

    def __call__(self, id: str, what: str, remedy: str, key: str = "", /) -> None: ...


def fed_series(
    entry: SeriesSpec, columns: Mapping[str, str], units: Mapping[str, str], findings: list[Finding], find: Find
) -> list[SeriesSpec]:
    """Return the series that a weather file feeds.

    Parameters
    ----------
    entry
        The entry, with its file.
    columns
        Column by the name of the series that it feeds, as the entry states them; others are found.
    units
        Unit by column, as the entry states them.
    findings, find
        What is wrong is appended here: a file that cannot be read, columns that it does not have, units that are
        none, or a file of which nothing says what its columns are.
    """
    assert entry.file is not None
    table = read_table(files_of(entry.file)[0], findings, entry.how)
    if table is None:
        return []
    for key, stated in (("columns", columns.values()), ("units", units)):
        for column in stated:
            if column not in table.columns:
                find("no-such-column", f"there is no column '{column}'", nearest(column, table.columns), key)
                return []
    fed = {**fed_columns(table, time_columns(table, entry.how)), **columns}
    if not fed:
        numbers = listing(numeric_columns(table)[:12]) or "no column"
        what = f"nothing says which columns of '{entry.file.name}' hold weather: numbers stand in {numbers}"
        find("which-column", what, "say which, as 'columns: {temp_air_degc: T2, wind_speed_10m_m_per_s: WS}'", "file")
        return []
    specs = [_one(entry, name, column, units.get(column, ""), find) for name, column in fed.items()]
    return [spec for spec in specs if spec is not None]


def _one(entry: SeriesSpec, name: str, column: str, unit: str, find: Find) -> SeriesSpec | None:
    spec = replace(entry, name=name, column=column)
    if not unit:
        return spec
    suffix = unit_of_text(unit)
    found = known(suffix) if suffix is not None else None
    wanted = series_unit(name)
    if suffix is None or found is None or wanted is None:
        find("unknown-unit", f"'{unit}' is not a unit that is known here", "write it as 'degc' or 'm/s'", "units")
        return None
    if not measures(found[0], wanted):
        find("unknown-unit", f"'{unit}' is not what '{name}' measures", "correct 'units' or 'columns'", "units")
        return None
    if found[1] != 1.0:  # percent, atm
        base = "" if found[0].si in DIMENSIONLESS else found[0].si
        return replace(spec, scale=spec.scale * found[1], unit=base)
    return replace(spec, unit=suffix)


def fed_columns(table: Table, times: Iterable[str] = ()) -> dict[str, str]:
    """Return the column that feeds each series that a table can, by the series' name.

    The name is made of quantity, height and unit (``wind_speed_10m_m_per_s``); without height where there is one
    height only, and for the lowest of temperature, humidity and pressure. In a table of no known format, columns feed
    whose names are such.
    """
    groups: dict[str, list[tuple[str, Quantity]]] = {}
    for column, quantity in table.quantities.items():
        if quantity.name in UNITS:
            groups.setdefault(quantity.name, []).append((column, quantity))
    fed: dict[str, str] = {}
    for name, found in groups.items():
        unit = UNITS[name]
        found.sort(key=lambda one: one[1].height_m or 0.0)
        if len(found) == 1 or (name not in ("wind_speed", "wind_power") and len({q.height_m for _, q in found}) > 1):
            fed[f"{name}_{unit}"] = found[0][0]
        for column, quantity in found:
            if quantity.height_m is not None and (name == "wind_speed" or len(found) > 1):
                fed.setdefault(f"{name}_{quantity.height_m:g}m_{unit}", column)
    if not table.taken_for:
        stems = tuple(UNITS)
        named = [
            c for c in table.columns if c not in set(times) and series_unit(c) and split_name(c)[0].startswith(stems)
        ]
        fed |= {column: column for column in named}
    return fed


# What a plant says of it ---------------------------------------------------------------------------------------------
def weather_notes(specs: Mapping[str, SeriesSpec], read: Iterable[str], site: Site) -> list[Finding]:
    """Return notes: what the weather file of a plant feeds, what of it is read, and whether it is from afar."""
    fed = [spec for spec in specs.values() if spec.is_of_weather]
    if not fed:
        return []
    used = set(read)
    parts = [f"{spec.name} (from '{spec.column}')" if spec.name in used else spec.name for spec in fed]
    n = sum(spec.name in used for spec in fed)
    what = f"'{_file_name(fed)}' feeds {', '.join(parts)}; the plant reads {n} of them"
    passed_over = [f"'{spec.name}' in line {spec.line}" for spec in _entries_that_win(fed[0], specs)]
    if passed_over:
        what += f"; not taken from it, for the plant gives them itself: {', '.join(passed_over)}"
    remedy = "nothing to do; link others as 'series.<name> -> component.port'"
    notes = [Finding("weather", f"series.{WEATHER}", what, remedy, fed[0].declared_in, fed[0].line, "note")]
    apart_km = _distance_km(fed[0], site)
    if used and apart_km is not None:
        what = f"'{_file_name(fed)}' is from a place {apart_km:.0f} km away from the plant's 'site:'"
        remedy = "nothing to do if that is meant; else take a file of the site, or correct its latitude and longitude"
        notes.append(Finding("far-weather", f"series.{WEATHER}", what, remedy, fed[0].declared_in, fed[0].line, "note"))
    return notes


def _entries_that_win(fed: SeriesSpec, specs: Mapping[str, SeriesSpec]) -> list[SeriesSpec]:
    """Return the entries of their own that stand for what a weather file has as well."""
    table = None if fed.file is None else read_table(files_of(fed.file)[0], [], fed.how)
    names = () if table is None else fed_columns(table, time_columns(table, fed.how))
    return [specs[name] for name in names if name in specs and not specs[name].is_of_weather]


def _distance_km(spec: SeriesSpec, site: Site) -> float | None:
    table = None if spec.file is None else read_table(files_of(spec.file)[0], [], spec.how)
    if table is None or site.latitude is None or site.longitude is None:
        return None
    return far_away(table.place, site.latitude, site.longitude)


def with_weather(finding: Finding, plant: Plant) -> Finding:
    """Return a finding about a missing series with what the weather file has, and which kinds could do with that."""
    fed = [spec for spec in plant.series.values() if spec.is_of_weather]
    if finding.id != "unknown-series" or not fed:
        return finding
    has = f"the weather file '{_file_name(fed)}' has {', '.join(spec.name for spec in fed)}"
    instead = _kinds_instead(plant, finding.where.partition(".")[2])
    if instead:
        has += f", which is enough for {listing(instead, 'or')} in its place"
    return replace(finding, remedy=f"{has}; {finding.remedy[:1].lower()}{finding.remedy[1:]}")


def _kinds_instead(plant: Plant, series: str) -> list[str]:
    """Return blocks and kinds of sources that have all they read, for those that miss a series."""
    missing = [ref.target.component for ref in plant.default_links() if ref.source == PortRef(SERIES, series)]
    roles = [plant.components[id_].kind.role for id_ in missing]
    technologies = {role.technology for role in roles if isinstance(role, Source)}
    kinds = [
        kind.name
        for kind in at_hand(plant.kinds)
        if isinstance(kind.role, Source) and kind.role.technology in technologies and _has_all(kind, plant)
    ]
    blocks = [
        name
        for name, file in built_in_blocks().items()
        for one in read_block(file).templates.values()
        if one.kind is not None and one.kind.node.value in kinds
    ]
    return [*(f"block: {name}" for name in dict.fromkeys(blocks)), *(f"kind: {name}" for name in kinds)]


def _has_all(kind: Kind, plant: Plant) -> bool:
    """Whether a plant has the series that a kind reads where its ports are not linked, or what these are made from."""
    values = {field.name: field.default for field in kind.parameters if field.default is not None}
    defaults = [port.default or "" for port in kind.ports]
    read = [default.partition(".")[2] for default in defaults if default.startswith("series.")]
    made = [one.takes(plant.series, values, plant.site.where) for one in kind.derived]
    return all(name in plant.series for name in read) and not any(isinstance(taken, Lack) for taken in made)


def _file_name(fed: list[SeriesSpec]) -> str:
    return (fed[0].file or Path()).name


def far_away(place: Place | None, latitude_deg: float, longitude_deg: float) -> float | None:
    """Return how far a weather file is from a site in km, where that is too far for its weather; else None."""
    if place is None:
        return None
    apart_km = distance_km((place.latitude_deg, place.longitude_deg), (latitude_deg, longitude_deg))
    return apart_km if apart_km > _FARTHEST_KM else None
