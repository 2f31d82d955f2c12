"""Entries under ``series`` of a plant or scenario file become ``SeriesSpec``."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from datetime import timezone as fixed
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from h2plant.config.bundled import DATA, bundled_series, bundled_series_name, is_bare_name, series_file
from h2plant.config.schema import SeriesShape, WeatherShape, validate
from h2plant.config.series_variability import parse_variability
from h2plant.config.tables.clock import is_zone
from h2plant.config.tables.stamps import pattern_of
from h2plant.config.weather import WEATHER, Find, fed_series
from h2plant.config.yaml_source import Node
from h2plant.core.name import name_problem
from h2plant.core.real_path import real_path
from h2plant.core.regular_file import FileError, open_regular
from h2plant.core.units import UnitError
from h2plant.plant.exchange import CURRENCIES, PER_EUR
from h2plant.plant.finding import Finding, listing, nearest
from h2plant.plant.series_spec import BUILT_IN_SERIES, YEAR, Description, Mode, SeriesSpec, files_of, series_unit

_SOURCES = ("file", "constant", "values")
_LONGEST_S = 100 * 366 * 86400
"""Longest time from one value of a series to the next, s."""
_LARGEST_SCALE = 1e12
_SHARED = {"scale", "unit", "description", "currency", "per_eur"}
_KEYS_OF = {
    "file": {
        *("column", "mode", "repeat", "fill", "max_gap_h", "variability"),
        *(field.name for field in fields(Description)),
    },
    "constant": set[str](),
    "values": {"mode", "resolution_s", "resolution_min", "resolution_h", "start", "timezone", "repeat", "variability"},
}


def parse_all_series(
    node: Node | None, file: Path, findings: list[Finding], folder: Path | None = None
) -> dict[str, SeriesSpec]:
    """Read the mapping under ``series``; what is wrong is appended to the findings.

    An entry ``weather`` becomes one entry for each series that its file has, but for those that the
    plant gives itself.
    """
    entries = dict(node.entries or {}) if node else {}
    weather = entries.pop(WEATHER, None)
    specs = [parse_series(e.key, e.node, e.line, file, findings, folder) for e in entries.values()]
    fed = () if weather is None else _parse_weather(weather.node, weather.line, file, findings, folder or file.parent)
    return {spec.name: spec for spec in (*fed, *specs) if spec is not None}


def _parse_weather(node: Node, line: int, file: Path, findings: list[Finding], folder: Path) -> list[SeriesSpec]:
    """Read the entry ``weather``; none where anything was wrong."""
    where = f"series.{WEATHER}"
    found: list[Finding] = []

    def find(id: str, what: str, remedy: str, key: str = "") -> None:
        found.append(Finding(id, where, what, remedy, file, node.line_at((key,)) if key else line))

    shape = validate(WeatherShape, node, file, found, where)
    specs: list[SeriesSpec] = []
    if shape is not None:
        entry = SeriesShape.model_validate(shape.model_dump(exclude={"columns", "units"}, exclude_unset=True))
        _check_keys(entry, "file", find)
        for name in shape.columns:
            _check_name(name, find)
        one = replace(_spec(WEATHER, entry, folder, find), declared_in=file, line=line, is_of_weather=True)
        if not found and one.file is not None:
            specs = fed_series(one, shape.columns, shape.units, found, find)
    findings.extend(found)
    return [] if any(f.severity == "error" for f in found) else specs


def series_content(spec: SeriesSpec) -> dict[str, Any]:
    """Return an entry that ``parse_series`` reads as the same series, whatever folder it stands in."""
    entry: dict[str, Any] = {"constant": spec.constant, "values": spec.values, "unit": spec.unit}
    entry["scale"] = spec.scale if spec.scale != 1.0 else None
    entry |= {"currency": spec.currency, "per_eur": spec.per_eur}
    if spec.constant is None:
        entry |= {"mode": spec.mode, "repeat": spec.is_repeated}
    if spec.values is not None:
        entry |= {"resolution_s": spec.resolution_s, "start": None if spec.start is None else spec.start.isoformat()}
    if spec.file is not None:
        is_bundled = spec.file.parent == DATA
        entry["file"] = bundled_series_name(spec.file) if is_bundled else str(real_path(spec.file))
        entry["column"] = spec.column
        entry |= {field.name: getattr(spec.how, field.name) for field in fields(Description)}
        entry["filter"] = dict(spec.how.filter) or None
        if spec.is_filled:
            entry |= {"fill": "interpolate", "max_gap_h": spec.max_gap_h}
    if spec.variability is not None:
        entry["variability"] = spec.variability.content()
    return {key: value for key, value in entry.items() if value is not None and value is not False and value != ""}


def parse_series(
    name: str, node: Node, line: int, file: Path, findings: list[Finding], folder: Path | None = None
) -> SeriesSpec | None:
    """Read one entry under ``series``.

    Parameters
    ----------
    name
        Its key.
    node, line, file
        The entry and where it stands.
    findings
        What is wrong is appended here.
    folder
        Where relative paths lead, where that is not the folder of the file.

    Returns
    -------
    SeriesSpec or None
        None if anything was wrong.
    """
    where = f"series.{name}"
    found: list[Finding] = []

    def find(id: str, what: str, remedy: str, key: str = "") -> None:
        found.append(Finding(id, where, what, remedy, file, node.line_at((key,)) if key else line))

    _check_name(name, find)
    shape = validate(SeriesShape, node, file, found, where)
    source = None if shape is None else _source(shape, find)
    if shape is None or source is None:
        findings.extend(found)
        return None
    _check_keys(shape, source, find)
    spec = replace(_spec(name, shape, folder or file.parent, find), declared_in=file, line=line)
    spec = replace(spec, variability=parse_variability(name, node, file, found))
    unit = series_unit(name)
    if unit is not None:
        try:
            _ = spec.conversion
        except UnitError as error:
            find("unknown-unit", str(error), f"give a unit of the same quantity as '{unit.si}'", "unit")
    findings.extend(found)
    return None if found else spec


def _check_name(name: str, find: Find) -> None:
    if name in BUILT_IN_SERIES:
        remedy = "leave it out: the clock follows 'timezone:', and the planner fills the plan's series"
        find("reserved-name", "this series is built in", remedy)
    elif problem := name_problem(name):
        find("bad-name", f"the name {problem}", "write letters, digits and '_'")
    elif series_unit(name) is None:
        find("no-unit", "the name does not end in a unit", "end it in one, as 'price_eur_per_mwh' or 'wind_power_pu'")


def _source(shape: SeriesShape, find: Find) -> str | None:
    """Return the key that the numbers stand under; None if it is not one."""
    given = [source for source in _SOURCES if getattr(shape, source) is not None]
    if len(given) == 1:
        return given[0]
    what = f"{listing(given)} are given, wanted one of them" if given else "no numbers are given"
    find("series-source", what, "give exactly one of 'file', 'constant' and 'values'")
    return None


def _check_keys(shape: SeriesShape, source: str, find: Find) -> None:
    """Find keys that mean nothing beside others, or the same."""
    for key in sorted(shape.model_fields_set - _SHARED - {source} - _KEYS_OF[source]):
        find("unused-key", f"'{key}' means nothing beside '{source}'", f"remove '{key}'", key)
    if "max_gap_h" in shape.model_fields_set and shape.fill is None:
        remedy = "add 'fill: interpolate' or remove it"
        find("unused-key", "'max_gap_h' means nothing without 'fill'", remedy, "max_gap_h")
    if shape.decimal is not None and shape.decimal == shape.thousands:
        what = f"'{shape.decimal}' cannot part both decimals and thousands"
        find("out-of-bounds", what, "give two different signs, or one of the two keys", "thousands")


def _spec(name: str, shape: SeriesShape, folder: Path, find: Find) -> SeriesSpec:
    """Return the series as far as the entry says it; values that are not what they should be are found."""
    path = _file(shape.file, folder, find) if shape.file is not None else None
    start = None if shape.start is None else parse_time(shape.start, shape.timezone)
    if shape.start is not None and start is None:
        find("bad-time", f"'{shape.start}' is not a time", "write ISO 8601: '2023-01-01T00:00Z'", "start")
    elif shape.start is not None and (problem := clock_problem(shape.start, shape.timezone)):
        find(*problem, "start")
    if shape.timezone is not None and not is_zone(shape.timezone):
        what = f"there is no time zone '{shape.timezone}'"
        find("unknown-timezone", what, timezone_remedy(shape.timezone), "timezone")
    scale = _scale(shape.scale)
    if scale is not None and (scale == 0.0 or abs(scale) > _LARGEST_SCALE):
        what = f"'scale' is {scale:g}"
        find("out-of-bounds", what, f"give a factor that is not 0, up to {_LARGEST_SCALE:g}", "scale")
    elif scale is None:
        find("wrong-type", f"'{shape.scale}' is not a number", "write a number or a fraction such as '1/28.5'", "scale")
    unit = series_unit(name)
    shape = _in_euros(shape)
    currency = _currency(shape, unit.si if unit else "", find)
    return SeriesSpec(
        name=name,
        file=path,
        constant=shape.constant,
        values=None if shape.values is None else tuple(shape.values),
        column=shape.column or "",
        mode=shape.mode or _usual_mode(shape, unit.si if unit else ""),
        scale=1.0 if scale is None else scale,
        unit=shape.unit,
        how=_description(shape, find) if path is not None else Description(),
        resolution_s=_resolution_s(shape, find) if shape.values is not None else None,
        start=start,
        is_repeated=shape.repeat,
        is_filled=shape.fill is not None,
        max_gap_h=shape.max_gap_h,
        currency=currency,
        per_eur=shape.per_eur,
    )


def _in_euros(shape: SeriesShape) -> SeriesShape:
    """Return an entry whose unit is in another currency, ``gbp_per_mwh``, as one of that currency."""
    code, per, rest = shape.unit.partition("_per_")
    if shape.currency is not None or not per or code.upper() not in PER_EUR:
        return shape
    return shape.model_copy(update={"currency": code, "unit": f"eur_per_{rest}"})


def _currency(shape: SeriesShape, si: str, find: Find) -> str:
    """Return the money of the numbers as ``GBP``, '' for euros."""
    if shape.currency is None:
        return ""
    currency = shape.currency.strip().upper()
    if not si.startswith("eur"):
        find("unused-key", "'currency' means nothing for what is no price", "remove 'currency'", "currency")
    elif currency not in CURRENCIES and shape.per_eur is None:
        remedy = f"use {listing(CURRENCIES, 'or')}, or give 'per_eur:', how many of it a euro is"
        find("unknown-currency", f"there is no exchange rate for '{shape.currency}'", remedy, "currency")
    elif currency == "EUR" and shape.per_eur is not None:
        find("unused-key", "'per_eur' means nothing for euros", "remove 'per_eur'", "per_eur")
    return "" if currency == "EUR" else currency


def _description(shape: SeriesShape, find: Find) -> Description:
    """Return what an entry says of how its file is written."""
    if shape.time_format is not None:
        pattern = pattern_of(shape.time_format)
        if isinstance(pattern, str):
            remedy = "write it as in Python's strptime: '%d/%m/%Y %H:%M'"
            find("bad-time-format", f"'{shape.time_format}': {pattern}", remedy, "time_format")
    if (shape.date_column is None) != (shape.hour_column is None):
        key = "date_column" if shape.hour_column is None else "hour_column"
        what = f"'{key}' stands alone"
        find("unused-key", what, "give 'date_column' and 'hour_column', or 'time_column' for both", key)
    if shape.time_column is not None and shape.date_column is not None:
        what = "the times stand in 'time_column' and in 'date_column' and 'hour_column'"
        find("unused-key", what, "give one or the other", "time_column")
    stated = {f.name: getattr(shape, f.name) for f in fields(Description) if f.name != "filter"}
    chosen = tuple((column, _as_text(value)) for column, value in (shape.filter or {}).items())
    return Description(**stated, filter=chosen)


def _as_text(value: str | float) -> str:
    return value.strip() if isinstance(value, str) else f"{value:.15g}"


def _file(text: str, folder: Path, find: Find) -> Path:
    path = series_file(text, folder)
    if YEAR in path.name:
        if not files_of(path):
            what = f"there is no file '{path}' with a year in the place of '{YEAR}'"
            find("no-such-file", what, nearest(path.name, _beside(path)), "file")
        return path
    if path.exists() and not path.is_dir():
        try:
            open_regular(path).close()
        except FileError as error:
            find(error.id, f"'{path}' {error.what}", error.remedy, "file")
    elif not path.is_file():
        if is_bare_name(text):
            what, known = f"there is no bundled series file '{text}'", bundled_series()
        else:
            what, known = f"there is no file '{path}'", _beside(path)
        find("no-such-file", what, nearest(path.name if not is_bare_name(text) else text, known), "file")
    return path


def _beside(path: Path) -> list[str]:
    return [f.name for f in path.parent.glob("*") if f.is_file()] if path.parent.is_dir() else []


def _usual_mode(shape: SeriesShape, si: str) -> Mode:
    """Money holds for its interval, and so do values written by hand; measured series are joined by lines."""
    return "hold" if shape.values is not None or shape.constant is not None or "eur" in si else "linear"


def _scale(written: float | str) -> float | None:
    if isinstance(written, float):
        return written
    top, slash, bottom = written.partition("/")
    try:
        return float(top) / float(bottom) if slash else None
    except (ValueError, ZeroDivisionError):
        return None


def _resolution_s(shape: SeriesShape, find: Find) -> int | None:
    given = [
        (key, value * factor)
        for key, value, factor in (
            ("resolution_s", shape.resolution_s, 1.0),
            ("resolution_min", shape.resolution_min, 60.0),
            ("resolution_h", shape.resolution_h, 3600.0),
        )
        if value is not None
    ]
    if len(given) != 1:
        what = "the resolution is given more than once" if given else "'values' have no resolution"
        find("series-source", what, "give one of 'resolution_s', 'resolution_min' and 'resolution_h'", "values")
        return None
    key, seconds = given[0]
    if not seconds <= _LONGEST_S:  # beyond all floats, it may be
        find("resolution", f"the resolution is {seconds:g} s, longer than 100 years", "give whole seconds", key)
        return None
    if seconds != round(seconds):
        find("resolution", f"the resolution is {seconds:g} s", "give a whole number of seconds", key)
    return round(seconds)


def parse_time(text: str, timezone: str | None = None) -> datetime | None:
    """Return an ISO 8601 time in UTC (in that zone, else UTC, where it has no offset); None if it is none."""
    try:
        stamp = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if stamp.tzinfo is None:
        zone = ZoneInfo(timezone) if timezone is not None and is_zone(timezone) else UTC
        stamp = stamp.replace(tzinfo=zone)
    try:
        return stamp.astimezone(UTC)
    except OverflowError:  # beyond the years 1 to 9999
        return None


def clock_problem(text: str, timezone: str | None) -> tuple[str, str, str] | None:
    """Return id, what is wrong and remedy of a time that the clock of a zone skips, or shows twice; else None."""
    stamp = datetime.fromisoformat(text.strip())
    if stamp.tzinfo is not None or timezone is None or not is_zone(timezone):
        return None
    zone = ZoneInfo(timezone)
    first, second = (stamp.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return None
    ways = [stamp.replace(tzinfo=fixed(one.utcoffset() or timedelta())).isoformat() for one in (first, second)]
    if first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != stamp:
        what = f"'{text}' does not exist in {timezone}: the clock skips it"
        return "nonexistent-time", what, f"take a time before or after, or write it with its offset, as {ways[0]}"
    what = f"the clock of {timezone} shows '{text}' twice"
    return "ambiguous-time", what, f"write it with its offset: {ways[0]} the first time, {ways[1]} the second"


def timezone_remedy(name: str) -> str:
    """Return a remedy for a wrong time zone."""
    zones = available_timezones()
    if not zones:
        return "this system has no time zone data: install the package 'tzdata'"
    near = nearest(name, zones) if len(name) > 2 else ""
    return near if near.startswith("did") else "give an IANA name such as 'UTC' or 'Europe/Amsterdam'"
