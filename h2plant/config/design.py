"""A first plant of blocks from a few figures: its file, and a study that improves its sizes."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from h2plant.config.bundled import PLANTS, bundled_series, is_bundled_series, series_file
from h2plant.config.tables.look import look_at
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Place
from h2plant.config.weather import fed_columns
from h2plant.config.zone_table import distance_km, distance_to_country_km, zone_places
from h2plant.core.whole_file import whole_file
from h2plant.plant.country import countries, find_country
from h2plant.plant.finding import Finding, PlantError, nearest

BUNDLED = "nl_2023"
"""Weather and prices where none are given."""

_BUNDLED_PLACE = Place(52.70, 4.29)
_BUNDLED_START = datetime(2023, 1, 1, tzinfo=UTC)
_FARTHEST_KM = 2000.0
"""Beyond it the sun of the bundled weather stands at quite another hour and height: Madrid is 1,500 km away."""
_TEMPLATES = PLANTS / "templates"
_CONDITION = re.compile(r"\?([^|]*)\| (.*)")

_NIGHT_H = 12.0
"""Trailers leave by day: what is made in a night must be stored."""
_DAYS, _DAYS_WITHOUT_GRID = 2.0, 5.0
_TRAILERS_T = 0.56
"""Two loads of 280 kg: a trailer that has come shall not leave the customer without."""
_MOST_UNITS = 32
_DEMAND_KWH_PER_KG = 60.0
"""Electricity per hydrogen delivered, trains and compression."""
_TILT_SHARE = 0.76
_PENALTY_SHARE = 0.5
_YEAR_H = 8760


class Technology(NamedTuple):
    """What sizes go by: figures of a train's block."""

    kwh_per_kg: float
    """Direct current per hydrogen at full load, as in the default of the block's ``flow_kg_per_h``."""
    unit_mw: float
    """Power of a stack or module at most, as in the default of their number."""
    full_ratio: float
    """What the whole plant draws at full load, over the power of the train."""
    least_ratio: float
    """What the grid must give to start and to keep the train beside own power, over its power."""


TECHNOLOGIES: Mapping[str, Technology] = {
    "alkaline": Technology(51.0, 5.0, 1.3, 0.1),
    "pem": Technology(52.3, 5.0, 1.3, 0.1),
    "soec": Technology(38.0, 2.4, 1.6, 0.4),
}


@dataclass(frozen=True)
class Wish:
    """What a plant shall be.

    Parameters
    ----------
    technology
        A key of ``TECHNOLOGIES``.
    power_mw
        Direct current of the electrolysers at full load.
    pv_mw, wind_mw
        Own power; 0: none.
    battery_mw, battery_mwh
        Power and energy of a battery; energy None: two hours, without grid four.
    grid_mw
        Largest power from the grid; None: by rule; 0: there is no grid.
    demand_kg_per_day
        What a customer wants; 0: there is none, and trailers take all.
    price_eur_per_kg
        What customer and trailers pay.
    country
        Code or name.
    latitude, longitude
        Degrees; None: those of the weather.
    weather
        A file; None: bundled.
    price
        A file or a number of EUR/MWh; None: bundled.
    """

    technology: str
    power_mw: float
    pv_mw: float = 0.0
    wind_mw: float = 0.0
    battery_mw: float = 0.0
    battery_mwh: float | None = None
    grid_mw: float | None = None
    demand_kg_per_day: float = 0.0
    price_eur_per_kg: float = 6.0
    country: str = "NL"
    latitude: float | None = None
    longitude: float | None = None
    weather: Path | None = None
    price: str | None = None


@dataclass(frozen=True)
class Design:
    """Two files that are written, and what is to be said of them.

    Parameters
    ----------
    plant, study
        The files.
    start
        First instant for which there is weather.
    remarks
        Which rule gave which size, and what was taken where nothing was said.
    """

    plant: Path
    study: Path
    start: datetime
    remarks: tuple[str, ...]


class _Weather(NamedTuple):
    place: Place | None
    has_wind_speed: bool
    start: datetime
    hours: int


def write_design(wish: Wish, out: Path, is_forced: bool = False) -> Design:
    """Write a plant of blocks and a study of its sizes.

    Parameters
    ----------
    wish
        What the plant shall be.
    out
        The plant's file; the study is written beside it, as ``NAME_sizes.yaml``.
    is_forced
        Whether files that stand there are overwritten.

    Raises
    ------
    PlantError
        Figures that make no plant, or a file that stands there. Then nothing was written.
    """
    study = out.with_name(f"{out.stem}_sizes.yaml")
    _check_files(out, study, is_forced)
    _check_figures(wish)
    weather = _weather(wish.weather)
    country = _country(wish)
    values, remarks = _sizes(wish)
    place = _place(wish, weather, country)
    zone = _zone(country, place)
    words = _words(wish, weather)
    folder = out.absolute().parent
    values |= {
        "NAME": re.sub(r"[^A-Za-z0-9_-]+", "_", out.stem).lstrip("0123456789_-") or "plant",
        "FILE": out.name,
        "SCENARIO": json.dumps(out.name, ensure_ascii=False),
        "STUDY": study.name,
        "ZONE": zone,
        "COUNTRY": country,
        "LATITUDE": f"{place.latitude_deg:g}",
        "LONGITUDE": f"{place.longitude_deg:g}",
        # by the yield of the year a fixed module stands a quarter flatter than its latitude, and faces the equator
        "TILT": f"{min(60.0, _TILT_SHARE * abs(place.latitude_deg)):.0f}",
        "AZIMUTH": "180" if place.latitude_deg >= 0.0 else "0",
        "WEATHER": f"{{file: {BUNDLED if wish.weather is None else _path(wish.weather, folder)}}}",
        "PRICE": _price(wish, folder),
        "START": weather.start.strftime("%Y-%m-%d"),
        "HOURS": str(weather.hours),
    }
    if wish.weather is None:
        remarks.append(f"weather: none given, so the bundled '{BUNDLED}', of the Dutch coast; --weather FILE for yours")
    if wish.latitude is None:
        where = f"{_in_words(place)}, where the weather is from"
        remarks.append(f"site: {where}; --latitude and --longitude for yours")
    if wish.price is None and wish.grid_mw == 0.0:
        remarks.append("prices: 0, for without grid nobody buys the power that is not made into hydrogen")
    elif wish.price is None:
        remarks.append(f"prices: none given, so the bundled '{BUNDLED}'; --price FILE or a number for yours")
    for target, template in ((out, "design.yaml.txt"), (study, "design_sizes.yaml.txt")):
        text = filled((_TEMPLATES / template).read_text(encoding="utf-8"), words, values)
        with whole_file(target) as partial:
            partial.write_text(text, encoding="utf-8")
    return Design(out, study, weather.start, tuple(remarks))


def _in_words(place: Place) -> str:
    latitude, longitude = place.latitude_deg, place.longitude_deg
    return f"{abs(latitude):g} {'N' if latitude >= 0.0 else 'S'}, {abs(longitude):g} {'E' if longitude >= 0.0 else 'W'}"


def filled(template: str, words: set[str], values: Mapping[str, str]) -> str:
    """Return a template with its values, and of the lines ``? word !word | text`` those whose words hold."""
    lines: list[str] = []
    for line in template.splitlines():
        match = _CONDITION.fullmatch(line)
        if match is None:
            lines.append(line)
        elif all((word.lstrip("!") in words) is not word.startswith("!") for word in match[1].split()):
            lines.append(match[2])
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], "\n".join(lines) + "\n")


# What is given -------------------------------------------------------------------------------------------------------
def _refuse(id_: str, what: str, remedy: str, file: Path | None = None) -> PlantError:
    return PlantError([Finding(id_, "design", what, remedy, file)])


def _check_files(out: Path, study: Path, is_forced: bool) -> None:
    if out.suffix not in (".yaml", ".yml"):
        raise _refuse("bad-name", f"'{out}' is no name of a plant file", "let it end in .yaml, as plant.yaml")
    for file in (out, study):
        if file.is_dir():
            raise _refuse("file-exists", "is a folder", "choose another name", file)
        if file.exists() and not is_forced:
            raise _refuse("file-exists", "is there already", "choose another name, or --force to overwrite it", file)


def _check_figures(wish: Wish) -> None:
    """Refuse what makes no plant."""
    technology = TECHNOLOGIES.get(wish.technology)
    if technology is None:
        remedy = nearest(wish.technology, TECHNOLOGIES)
        raise _refuse("unknown-technology", f"there is no technology '{wish.technology}'", remedy)
    for name, low, high in (
        ("power_mw", 0.05, 2000.0),
        ("pv_mw", 0.0, 5000.0),
        ("wind_mw", 0.0, 5000.0),
        ("battery_mw", 0.0, 5000.0),
        ("battery_mwh", 0.001, 50000.0),
        ("grid_mw", 0.0, 5000.0),
        ("demand_kg_per_day", 0.0, 1.0e7),
        ("price_eur_per_kg", 0.0, 1000.0),
        ("latitude", -90.0, 90.0),
        ("longitude", -180.0, 180.0),
    ):
        value = getattr(wish, name)
        if value is not None and not low <= value <= high:
            flag = "--" + name.replace("_", "-")
            raise _refuse("out-of-bounds", f"{flag} {value:g}", f"give a number from {low:g} to {high:g}")
    if (wish.latitude is None) is not (wish.longitude is None):
        raise _refuse("missing", "one of --latitude and --longitude is given", "give both, or none")
    if wish.battery_mwh is not None and wish.battery_mw == 0.0:
        raise _refuse("missing", "--battery-mwh means nothing without --battery-mw", "give both")
    most = 24.0 * 1000.0 * wish.power_mw / technology.kwh_per_kg
    if wish.demand_kg_per_day > 0.9 * most:
        what = f"electrolysers of {wish.power_mw:g} MW make {most:,.0f} kg a day at most"
        needed = wish.demand_kg_per_day / (0.9 * most) * wish.power_mw
        raise _refuse(
            "too-small", what, f"give --power-mw {math.ceil(needed * 10) / 10:g} or more, or a smaller demand"
        )
    if wish.grid_mw == 0.0:
        if wish.pv_mw + wish.wind_mw == 0.0:
            raise _refuse("no-power", "nothing gives power", "give --pv-mw, --wind-mw, or --grid-mw above 0")
        if wish.technology == "soec":
            what = "solid-oxide modules are kept hot, and nothing does so in a night or a lull without a grid"
            raise _refuse("no-power", what, f"give --grid-mw {technology.least_ratio * wish.power_mw:g}, or pem")


def _country(wish: Wish) -> str:
    found = find_country(wish.country)
    if found is None:
        names = [name for one in countries().values() for name in (one.id, one.alpha_3, one.name)]
        remedy = f"{nearest(wish.country, names)}; 'h2plant countries' lists them"
        raise _refuse("unknown-country", f"there is no country '{wish.country}' in the table", remedy)
    return found.id


def _weather(file: Path | None) -> _Weather:
    """Return where the weather is from, whether it has the speed of the wind, and its first year."""
    if file is None:
        return _Weather(_BUNDLED_PLACE, True, _BUNDLED_START, _YEAR_H)
    findings: list[Finding] = []
    file = series_file(str(file), Path()) if is_bundled_series(str(file)) else file
    table = read_table(file, findings)
    if table is None:
        raise PlantError(findings)
    fed = fed_columns(table)
    has_speed = any(name.startswith("wind_speed") for name in fed)
    is_power_only = not has_speed and any(name.startswith("wind_power") for name in fed)
    look = look_at(file)
    start, hours = _BUNDLED_START, _YEAR_H
    if look.first_s is not None and look.end_s is not None and not look.is_typical:
        if not look.first_s <= start.timestamp() < look.end_s:
            start = datetime.fromtimestamp(math.ceil(look.first_s / 86400) * 86400, UTC)
        days = int((look.end_s - start.timestamp()) // 86400)
        hours = max(24, min(hours, 24 * days))
    return _Weather(look.place, not is_power_only, start, hours)


def _place(wish: Wish, weather: _Weather, country: str) -> Place:
    """Return where the plant stands: as given, else where its weather is from."""
    given = None if wish.latitude is None or wish.longitude is None else Place(wish.latitude, wish.longitude)
    if wish.weather is None:
        apart = (
            distance_to_country_km(_BUNDLED_PLACE[:2], country)
            if given is None
            else distance_km(_BUNDLED_PLACE[:2], given[:2])
        )
        if apart is not None and apart > _FARTHEST_KM:
            what = f"the bundled weather is that of the Dutch coast, {apart:,.0f} km away"
            raise _refuse("far-away", what, "give --weather FILE ('h2plant look FILE' shows what it holds)")
    place = given or weather.place
    if place is None:
        what = f"'{wish.weather}' does not say where it is from"
        raise _refuse("missing", what, "give --latitude and --longitude")
    return place


def _zone(country: str, place: Place) -> str:
    """Return the time zone of a country whose town is nearest."""
    here = (place.latitude_deg, place.longitude_deg)
    zones = {
        name: distance_km(here, (one.latitude, one.longitude))
        for name, one in zone_places().items()
        if one.country_id == country
    }
    return min(zones, key=zones.__getitem__) if zones else "UTC"


def _path(file: Path, folder: Path) -> str:
    """Return a path as the plant file says it, relative where that is below or beside its folder; a bundled name."""
    if is_bundled_series(str(file)):
        return str(file)
    relative = os.path.relpath(file.absolute(), folder)
    return json.dumps(relative if relative.count("..") <= 1 else str(file.absolute()), ensure_ascii=False)


def _price(wish: Wish, folder: Path) -> str:
    """Return the entry of the prices: where nobody buys power, a rule by price would turn it down when it is dear."""
    price = wish.price
    if price is None:
        return "{constant: 0}" if wish.grid_mw == 0.0 else f"{{file: {BUNDLED}}}"
    try:
        number = float(price)
    except ValueError:
        if not Path(price).is_file() and not is_bundled_series(price):
            bundled = ", ".join(bundled_series())
            what = f"--price '{price}' is neither a number nor a file"
            remedy = f"give EUR/MWh, as 60, a file, or one that is bundled: {bundled}"
            raise _refuse("no-such-file", what, remedy) from None
        return f"{{file: {_path(Path(price), folder)}}}"
    if not -500.0 <= number <= 10000.0:
        raise _refuse("out-of-bounds", f"--price {price}", "give EUR/MWh from -500 to 10000, or a file")
    return f"{{constant: {number:g}}}"


# Sizes ---------------------------------------------------------------------------------------------------------------
def _words(wish: Wish, weather: _Weather) -> set[str]:
    is_on = {
        "pv": wish.pv_mw > 0.0,
        "wind": wish.wind_mw > 0.0,
        "own": wish.pv_mw + wish.wind_mw > 0.0,
        "speed": weather.has_wind_speed,
        "bundled": wish.weather is None,
        "grid": wish.grid_mw != 0.0,
        "batteries": wish.battery_mw > 0.0 or wish.grid_mw == 0.0,
        "demand": wish.demand_kg_per_day > 0.0,
        # they would take what a customer without grid needs in the next lull
        "trailers": wish.grid_mw != 0.0 or wish.demand_kg_per_day == 0.0,
        wish.technology: True,
    }
    return {word for word, holds in is_on.items() if holds}


def _sizes(wish: Wish) -> tuple[dict[str, str], list[str]]:
    """Return the values of the templates that are sizes, and the rules they come from."""
    technology = TECHNOLOGIES[wish.technology]
    flow = 1000.0 * wish.power_mw / technology.kwh_per_kg
    is_island = wish.grid_mw == 0.0
    own_mw = wish.pv_mw + wish.wind_mw
    units = min(_MOST_UNITS, max(1, math.ceil(wish.power_mw / technology.unit_mw)))
    demand = wish.demand_kg_per_day

    days = _DAYS_WITHOUT_GRID if is_island else _DAYS
    has_trailers = not is_island or demand == 0.0
    storage_t = _rounded((_NIGHT_H * flow + days * demand) / 1000.0 + (_TRAILERS_T if has_trailers else 0.0))
    storage_rule = f"what the electrolysers make in {_NIGHT_H:g} h of full load"
    if demand > 0.0:
        storage_rule = f"{days:g} days of the demand and {storage_rule}"
    if has_trailers:
        storage_rule += ", and two trailers"

    demand_mw = demand * _DEMAND_KWH_PER_KG / 24.0 / 1000.0
    full_mw = technology.full_ratio * wish.power_mw
    if own_mw == 0.0:
        import_mw, grid_rule = full_mw, f"{technology.full_ratio:g} times the electrolysers, for full load"
    else:
        import_mw = min(full_mw, technology.least_ratio * wish.power_mw + 2.0 * demand_mw)
        grid_rule = f"{technology.least_ratio:g} times the electrolysers for what goes on without own power"
        if demand > 0.0:
            # a start wants 1.5 times the smallest power of a line, a quarter of a unit, and what comes along
            import_mw = min(full_mw, max(import_mw, 0.5 * wish.power_mw / units + demand_mw))
            grid_rule += ", and twice the mean power of the demand; it can start a stack"
    if wish.grid_mw is not None:
        import_mw, grid_rule = wish.grid_mw, "as given"
    battery_mw = wish.battery_mw
    hours = 4.0 if is_island else 2.0
    if is_island and battery_mw == 0.0:
        battery_mw = _rounded(0.1 * wish.power_mw)
    battery_mwh = wish.battery_mwh or hours * battery_mw

    remarks = [f"storage: {storage_t:g} t, {storage_rule}"]
    if is_island:
        remarks.append("no grid: how much is served hangs on the weather; 'h2plant run' says it")
        if wish.battery_mw == 0.0:
            remarks.append(
                f"battery: {battery_mw:g} MW, {battery_mwh:g} MWh, a tenth of the electrolysers for four hours"
            )
        if demand > 0.0:
            remarks.append("trailers: none, they would take what the customer needs in the next lull")
    else:
        remarks.append(f"grid: {_rounded(import_mw):g} MW, {grid_rule}")
    # what the hydrogen is worth decides up to which price power becomes hydrogen
    limit = min(4000.0, 1000.0 * wish.price_eur_per_kg / _DEMAND_KWH_PER_KG)
    values = {
        "PV": wish.pv_mw,
        "WIND": wish.wind_mw,
        "IMPORT": _rounded(import_mw) if wish.grid_mw is None else import_mw,
        "EXPORT": 0.0 if is_island else own_mw,
        "RIDE_KWH": max(5.0, 0.25 * wish.power_mw),  # of the bus, by default for 100 kW of auxiliaries
        "RIDE_KW": max(100.0, 5.0 * wish.power_mw),
        "BATTERY": battery_mw,
        "BATTERY_MWH": battery_mwh,
        "BATTERY_HOURS": battery_mwh / battery_mw if battery_mw else 0.0,
        "BATTERY_LOW": 0.5 * battery_mw,
        "BATTERY_HIGH": 2.0 * battery_mw,
        "POWER": wish.power_mw,
        "POWER_LOW": 0.6 * wish.power_mw,
        "POWER_HIGH": 1.4 * wish.power_mw,
        "UNITS": units,
        "STORAGE": storage_t,
        "STORAGE_LOW": 0.25 * storage_t,
        "STORAGE_HIGH": 4.0 * storage_t,
        "DEMAND": demand,
        "WORTH": wish.price_eur_per_kg,
        "PENALTY": _PENALTY_SHARE * wish.price_eur_per_kg,
        "LIMIT": round(limit),
        "MISSED": max(1.0, round(0.01 * 365.0 * demand)),
    }
    texts = {name: f"{value:.6g}" for name, value in values.items()}
    return texts | {"STORAGE_RULE": storage_rule, "GRID_RULE": grid_rule}, remarks


def _rounded(value: float) -> float:
    """Return a size rounded up to two digits."""
    digits = math.floor(math.log10(value)) - 1 if value > 0.0 else 0
    return float(f"{math.ceil(round(value / 10.0**digits, 6)) * 10.0**digits:.6g}")
