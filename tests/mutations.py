"""Files of series as people have them, drawn at random from a truth that is known: what is read is it, or refused.

A ``Mutation`` is a truth (instants in UTC, how long each interval lasts, values in SI), a file that tells it in one of
many ways, and the entry that a user may have written for it. ``outcome`` reads it as a run does.

What no reader can tell is not drawn: numbers in another unit than the series' name where neither file nor entry says
the unit, and times of which nothing says the zone in a plant whose timezone is UTC, unless they are in UTC.
"""

from __future__ import annotations

import csv
import gzip
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.series_reader import read_series
from h2plant.plant.series_spec import Description, SeriesSpec

_DAY_S = 86400
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Mutation:
    """A truth, the file that tells it, and the entry of a user who reads it.

    ``begins_s`` and ``lasts_s`` are the intervals whose values the file still holds, of a span ``start_s`` to
    ``end_s``; ``values`` are in SI. ``tags`` name what was drawn.
    """

    name: str
    content: bytes
    spec: SeriesSpec
    plant_zone: str
    start_s: int
    end_s: int
    begins_s: list[int]
    lasts_s: list[int]
    values: list[float]
    tags: frozenset[str]


@dataclass(frozen=True)
class _Quantity:
    series: str
    words: tuple[str, ...]
    units: tuple[tuple[tuple[str, ...], float, float, str], ...]
    """How a file writes it, what leads to SI, and the suffix for ``unit:`` ('' where there is none)."""
    low: float
    high: float
    foreign: tuple[str, ...] = ()


_EUR = 1.0 / 3.6e9
_QUANTITIES = (
    _Quantity("price_eur_per_mwh", ("Price", "Day-ahead Price", "price", "Preis", "Precio", "Spotpreis"), (
        (("EUR/MWh", "€/MWh", "Eur/MWh", "EUR / MWh", "Euro/MWh", "EUR per MWh"), _EUR, 0.0, "eur_per_mwh"),
        (("ct/kWh", "Cent/kWh", "ct / kWh", "c€/kWh"), 10.0 * _EUR, 0.0, ""),
        (("EUR/kWh", "€/kWh"), 1e3 * _EUR, 0.0, "eur_per_kwh"),
        (("EUR/GJ",), 1e-9, 0.0, "eur_per_gj"),
    ), -80.0, 2600.0, ("USD/MWh", "$/MWh", "GBP/MWh", "£/MWh", "p/kWh", "SEK/kWh", "AUD/MWh", "c/kWh", "DKK/MWh")),
    _Quantity("temp_air_degc", ("Temperature", "temp_air", "T", "Lufttemperatur", "Air temperature", "Außentemperatur"),
        (
            (("°C", "degC", "C", "deg C", "º C", "℃", "Grad Celsius"), 1.0, 273.15, "degc"),
            (("K", "kelvin", "Kelvin", "°K"), 1.0, 0.0, "k"),
        ), -25.0, 38.0, ("°F", "F", "degF", "1/10 °C")),
    _Quantity("wind_speed_m_per_s", ("Wind speed", "wind_speed", "Windgeschwindigkeit", "v", "WS"), (
        (("m/s", "m s-1", "ms-1", "m·s⁻¹", "m s^-1", "m s**-1", "mps"), 1.0, 0.0, "m_per_s"),
        (("km/h", "kmh", "km h-1", "kph", "km/hr"), 1.0 / 3.6, 0.0, "km_per_h"),
    ), 0.0, 25.0, ("kn", "knots", "kt", "kts", "mph", "ft/s", "mi/h", "Bft")),
    _Quantity("ghi_w_per_m2", ("GHI", "ghi", "Globalstrahlung", "Global horizontal irradiance", "G(h)"), (
        (("W/m²", "W/m2", "W m-2", "W/m^2", "W·m⁻²", "W/m**2", "W/sqm"), 1.0, 0.0, "w_per_m2"),
        (("kW/m²", "kW/m2"), 1e3, 0.0, "kw_per_m2"),
        (("kJ/m²h", "kJ/(m² h)", "kJ/m2/h", "kJ/(h·m²)"), 1.0 / 3.6, 0.0, ""),
        (("W/cm²", "W/cm2"), 1e4, 0.0, "w_per_cm2"),
    ), 0.0, 1000.0, ("J/cm²", "kWh/m²", "kJ/m²", "Langley", "BTU/ft²h", "MJ/m2")),
    _Quantity("pressure_air_bar", ("Pressure", "pressure", "Luftdruck"), (
        (("bar",), 1e5, 0.0, "bar"), (("hPa", "mbar", "mb"), 100.0, 0.0, "hpa"), (("kPa",), 1e3, 0.0, "kpa"),
        (("Pa",), 1.0, 0.0, "pa"),
    ), 95000.0, 104000.0, ("inHg", "mmHg", "Torr", "atm", "psi")),
    _Quantity("wind_power_pu", ("wind_power", "Wind", "Capacity factor wind", "Windleistung"), (
        (("pu", "p.u.", "-", "1", "frac"), 1.0, 0.0, "pu"), (("%", "percent", "Prozent", "pct"), 0.01, 0.0, ""),
    ), 0.0, 1.0, ("MW", "kW")),
)  # fmt: skip

_ZONES = {
    # zone: texts that say it: local time of winter and summer
    "UTC": ("UTC", "GMT", "Z", "UTC+0", "UTC+00:00", "UTC±0", "GMT+0"),
    "Europe/Berlin": ("CET/CEST", "MEZ/MESZ", "MEZ", "CET", "CET / CEST", "CET|CEST", "UTC+1/UTC+2", "UTC+1/+2"),
    "Europe/Madrid": ("CET/CEST", "CET", "hora peninsular"),
    "Europe/London": ("GMT/BST", "UK time", "BST", "local"),
    "America/New_York": ("EST/EDT", "EPT", "ET", "Eastern Time", "EST"),
    "Australia/Lord_Howe": ("LHST/LHDT", "UTC+10:30/+11", "LHST"),
    "Etc/GMT-1": ("MEZ", "CET", "UTC+1", "UTC+01:00", "GMT+1", "UTC +1", "UTC+0100"),
    "Asia/Kolkata": ("UTC+5:30", "IST", "UTC+05:30", "GMT+0530"),
    "Etc/GMT+5": ("UTC-5", "UTC−5", "EST", "UTC-05:00", "GMT-5"),
}
_UNCLEAR = ("IST", "LHST/LHDT", "LHST", "local")
_CHANGES = {
    "Europe/Berlin": ("2023-03-26T01", "2023-10-29T01", "2024-03-31T01"),
    "Europe/Madrid": ("2023-03-26T01", "2023-10-29T01"),
    "Europe/London": ("2023-03-26T01", "2023-10-29T01"),
    "America/New_York": ("2023-03-12T07", "2023-11-05T06"),
    "Australia/Lord_Howe": ("2023-09-30T15", "2023-04-01T15"),
}
_TIME_NAMES = ("time", "Time", "timestamp", "Datum", "date", "Zeitstempel", "MTU", "datetime", "valid", "Fecha", "Zeit")

_ISO = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.000")
_OTHER = tuple(
    " ".join(words.split("_"))
    for words in [
        "%d/%m/%Y_%H:%M",
        "%m/%d/%Y_%H:%M",
        "%d.%m.%Y_%H:%M",
        "%Y/%m/%d_%H:%M",
        "%d.%m.%Y_%H:%M:%S",
        "%Y%m%d%H%M",
        "%d/%m/%Y_%H:%M:%S",
        "%m/%d/%Y_%I:%M_%p",
        "%Y%m%d:%H%M",
        "%Y-%m-%d_%I:%M:%S_%p",
        "%d-%m-%Y_%H:%M",
        "%d-%b-%Y_%H:%M",
        "%Y%m%dT%H%MZ",
        "%d.%m.%y_%H:%M",
        "%b_%d,_%Y_%H:%M",
        "%-d/%-m/%Y_%-H:%M",
        "%-m/%-d/%Y_%-H:%M",
        "%-d.%-m.%Y_%-H:%M",
        "%Y-%m-%d_%H",
        "%Y.%m.%d_%H:%M",
        "%d/%m/%y_%H:%M",
        "%A,_%d_%B_%Y_%H:%M",
        "%Y-%j_%H:%M",
        "%G-W%V-%u_%H:%M",
        "%Y%m%d%H",
        "%Y-%m-%dT%H%M",
        "%d_%b_%Y_%H:%M",
        "%H:%M_%d.%m.%Y",
        "%d/%m/%Y_%Hh%M",
        "%y%m%d_%H:%M",
        "%s",
        "excel",
    ]
)


def _instant(text: str) -> int:
    return round(datetime.fromisoformat(f"{text}:00+00:00").timestamp())


class _Draw:
    """One mutation in the making."""

    def __init__(self, seed: int, is_plain: bool) -> None:
        self.rng = random.Random(seed)
        self.is_plain = is_plain
        self.tags: set[str] = set()

    def odd(self, share: float) -> bool:
        """Draw whether something less usual is done."""
        return self.rng.random() < (share / 4.0 if self.is_plain else share)

    def one(self, of: Sequence[Any]) -> Any:
        return self.rng.choice(of)

    def tag(self, *names: str) -> None:
        self.tags.update(names)


def mutation(seed: int) -> Mutation:
    """Draw a truth and a file that tells it; the same for the same seed."""
    d = _Draw(seed, is_plain=seed % 2 == 0)
    quantity = d.one(_QUANTITIES)
    zone, plant_zone, said, stated = _clock(d)
    begins, lasts = _intervals(d, zone)
    n = len(begins)
    written, values, name_unit, entry_unit, unit_place = _numbers(d, quantity, n)
    at = "start" if not d.odd(0.25) else d.one(("end", "middle", "end"))
    times = _times(d, zone, said, at, begins, lasts)
    table = _Table(d, times, written, quantity, name_unit, unit_place, said)
    kept = table.damage(n)
    content, suffix = table.content()
    how = {"timezone": stated, **times.how, **table.how}
    if at != "start" and (not times.shows_end or d.odd(0.3)):
        how["stamps"] = at
    d.tag(f"at:{at}")
    is_filled = d.odd(0.1) and not any(tag.startswith("torn") for tag in d.tags)
    spec = SeriesSpec(
        quantity.series,
        column=table.entry_column,
        unit=entry_unit,
        mode=d.one(("hold", "linear")),
        how=Description(**how),
        is_filled=is_filled,
        max_gap_h=1e5,
    )
    first, last = 0, n
    if d.odd(0.2) and n > 8:
        first, last = d.rng.randrange(0, n // 2), d.rng.randrange(n // 2 + 1, n)
    places = [i for i in range(first, last) if i in kept]
    return Mutation(
        f"m{seed}{suffix}", content, spec, plant_zone, begins[first], begins[last - 1] + lasts[last - 1],
        [begins[i] for i in places], [lasts[i] for i in places], [values[i] for i in places], frozenset(d.tags),
    )  # fmt: skip


# Clock ---------------------------------------------------------------------------------------------------------------
def _clock(d: _Draw) -> tuple[str, str, tuple[str, str], str | None]:
    """Return the file's zone, the plant's, where and how the file says its zone, and what the entry states."""
    zone = "UTC" if d.odd(0.5) or (d.is_plain and d.rng.random() < 0.4) else d.one(tuple(_ZONES))
    where = d.one(("header", "cells", "nowhere", "nowhere", "preamble") if not d.is_plain else ("header", "cells"))
    said = d.one(_ZONES[zone]) if where in ("header", "preamble") else ""
    plant_zone = d.one(("UTC", "UTC", "Europe/Berlin", zone if "/" in zone else "UTC", "America/New_York"))
    stated: str | None = None
    if d.odd(0.5):
        stated = zone
        d.tag("stated")
    elif where != "nowhere" and d.odd(0.15):
        stated = d.one(("UTC", "Europe/Berlin", "Asia/Tokyo", "Etc/GMT-1"))
        if said in _UNCLEAR:
            stated = zone  # whether an entry is right cannot be seen where several places say so
        d.tag("stated-other")
    elif where == "nowhere" and zone not in ("UTC", plant_zone):
        if plant_zone == "UTC":  # nothing could tell: unless the file is in UTC
            plant_zone = zone if "Etc" not in zone else "Europe/Berlin"
    elif said in ("local", "UK time") and plant_zone not in ("UTC", zone):
        plant_zone = zone  # local time is that of the plant, or it has to be said
    d.tag(f"zone:{zone}", f"said:{where}")
    if where == "nowhere" and stated is None:
        d.tag("unsaid")
    return zone, plant_zone, (where, said), stated


def _intervals(d: _Draw, zone: str) -> tuple[list[int], list[int]]:
    """Return beginnings and lengths of intervals, s: from a local midnight, mostly."""
    info = ZoneInfo(zone)
    step = d.one((3600, 3600, 900, 1800, 3600) if not d.odd(0.3) else (60, 10800, 86400, "month", 300, 21600, "change"))
    d.tag(f"step:{step}")
    changes = _CHANGES.get(zone, _CHANGES["Europe/Berlin"])
    near = _instant(d.one(changes)) if d.odd(0.7) or d.rng.random() < 0.3 else _instant(
        d.one(("2023-06-15T00", "2024-02-28T12", "2023-12-31T05", "2023-05-06T00", "2023-01-31T00", "2020-02-29T00"))
    )  # fmt: skip
    if d.odd(0.02):
        near -= 60 * 365 * _DAY_S
    day = datetime.fromtimestamp(near, UTC).astimezone(info).replace(hour=0, minute=0, second=0, microsecond=0)

    def midnight(k: int) -> int:
        return round((day.replace(tzinfo=None) + timedelta(days=k)).replace(tzinfo=info).timestamp())

    if step == "month":
        months = [
            (day.year + (day.month - 1 + k) // 12, (day.month - 1 + k) % 12 + 1) for k in range(d.one((4, 13, 25)))
        ]
        edges = [round(datetime(y, m, 1, tzinfo=info).timestamp()) for y, m in months]
    elif step == 86400:
        first = -d.rng.randrange(0, 4)
        edges = [midnight(first + k) for k in range(d.one((4, 10, 20)))]
    else:
        begin = midnight(-d.rng.randrange(0, 2))
        if d.odd(0.25):
            begin += d.rng.randrange(0, 24) * 3600
            d.tag("not-midnight")
        if step == "change":
            n_coarse, n_fine = d.one((6, 24, 30)), d.one((8, 96, 40))
            edges = [begin + 3600 * k for k in range(n_coarse)]
            edges += [edges[-1] + 3600 + 900 * k for k in range(n_fine)]
        else:
            hours = d.one((24, 48, 30)) if step >= 1800 else d.one((6, 25, 8)) if step == 900 else 5
            if step > 3600:
                hours = 100
            edges = [begin + step * k for k in range(hours * 3600 // step + 1)]
    return edges[:-1], [b - a for a, b in pairwise(edges)]


# Times ---------------------------------------------------------------------------------------------------------------
@dataclass
class _Times:
    names: list[str]
    cells: list[list[str]]  # a list for each row
    how: dict[str, Any]
    shows_end: bool


def _local(instant_s: int, info: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant_s, UTC).astimezone(info)


def _times(d: _Draw, zone: str, said: tuple[str, str], at: str, begins: list[int], lasts: list[int]) -> _Times:
    info = ZoneInfo(zone)
    whole = said[0] == "cells"
    shift = {"start": 0.0, "end": 1.0, "middle": 0.5}[at]
    stamps = [_local(b + round(shift * s), info) for b, s in zip(begins, lasts, strict=True)]
    if at == "end" and not whole and d.odd(0.3):
        # the beginning's hour and one more, whatever the clock does in between
        stamps = [
            _local(b, info).replace(tzinfo=None) + timedelta(seconds=s) for b, s in zip(begins, lasts, strict=True)
        ]
        d.tag("end-by-count")
    ends = [_local(b + s, info) for b, s in zip(begins, lasts, strict=True)]
    form = d.one(_ISO) if not d.odd(0.55) else d.one(_OTHER)
    name = d.one(_TIME_NAMES)
    if said[0] == "header":
        name = f"{name} {d.one(('(%s)', '[%s]', '%s', 'in %s', '- %s'))}" % said[1]
    is_sub_daily = max(lasts) < _DAY_S
    kind = "one"
    if not whole and d.odd(0.3):
        kind = d.one(
            ("interval", "date-hour", "parts", "two-columns", "date-clock", "count-hour", "start-end", "local-utc")
        )
    d.tag(f"times:{kind}")
    if kind in ("one", "local-utc", "start-end"):
        d.tag(f"form:{form}")
    how: dict[str, Any] = {}

    def shown(stamp: datetime, form: str = form) -> str:
        if form == "excel":
            return f"{(stamp.replace(tzinfo=None) - datetime(1899, 12, 30)) / timedelta(days=1):.10g}"
        if form == "%s":
            return str(round(stamp.timestamp())) if stamp.tzinfo else "0"
        if stamp.year < 1000:
            return "?"
        return stamp.strftime(form)

    is_24 = at == "end" and kind == "one" and form in _ISO and d.odd(0.3)
    if kind == "interval":
        form = d.one((form, "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M"))
        between = d.one((" - ", " – ", " to ", " bis "))
        starts = [_local(b, info) for b in begins]
        cells = [[shown(a, form) + between + shown(b, form)] for a, b in zip(starts, ends, strict=True)]
        return _Times([name], cells, {"stamps": None}, True)
    if kind in ("date-hour", "count-hour", "date-clock", "parts", "two-columns") and is_sub_daily and at != "middle":
        return _parted_times(d, kind, at, stamps, [_local(b, info) for b in begins], name, how)
    if kind == "start-end" and at == "start":
        names = d.one((("Datum von", "Datum bis"), ("start", "end"), ("PeriodStart", "PeriodEnd"), ("from", "to"),
                       ("Interval begin", "Interval end")))  # fmt: skip
        names = [f"{n} ({said[1]})" if said[0] == "header" else n for n in names]
        cells = [[shown(a), shown(b)] for a, b in zip(stamps, ends, strict=True)]
        if d.odd(0.3):
            names, cells = names[::-1], [row[::-1] for row in cells]
        return _Times(list(names), cells, how, True)
    if kind == "local-utc" and said[0] != "header":
        starts = [_local(s, info).replace(tzinfo=info) for s in begins]
        names = list(
            d.one((("HourUTC", "HourDK"), ("Time UTC", "Local time"), ("utc_timestamp", "cet_cest_timestamp")))
        )
        if "cet" in names[1] and zone not in ("Europe/Berlin", "Europe/Madrid"):
            names[1] = "local_timestamp"
        cells = [[shown(datetime.fromtimestamp(b + round(shift * s), UTC)), shown(t)]
                 for b, s, t in zip(begins, lasts, stamps, strict=True)]  # fmt: skip
        if d.odd(0.5) or d.rng.random() < 0.3:
            names, cells = names[::-1], [row[::-1] for row in cells]
        del starts
        return _Times(names, cells, how, False)
    if d.odd(0.1) and form not in ("%s", "excel", "%G-W%V-%u %H:%M") and "%-" not in form:
        how["time_format"] = form + ("%z" if whole else "")
        d.tag("time-format")
    if d.odd(0.1):
        how["time_column"] = name
    if whole:
        colon = d.odd(0.3)
        zulu = zone == "UTC" and not d.odd(0.3)

        def offset(stamp: datetime) -> str:
            text = stamp.strftime("%z")
            return "Z" if zulu else text if colon else f"{text[:3]}:{text[3:]}"

        space = " " if d.odd(0.2) and "time_format" not in how else ""
        texts = [shown(s) + ("" if form in ("%s", "%Y%m%dT%H%MZ") else space + offset(s)) for s in stamps]
        if form == "%Y%m%dT%H%MZ":
            texts = [s.astimezone(UTC).strftime(form) for s in stamps]
            how.pop("time_format", None)
    else:
        texts = [shown(s) for s in stamps]
        if form == "%Y%m%dT%H%MZ":
            texts = [t[:-1] for t in texts]
            how.pop("time_format", None)
    if is_24:
        d.tag("24:00")
        texts = [
            shown(s - timedelta(days=1)).replace("00:00", "24:00", 1) if (s.hour, s.minute) == (0, 0) else t
            for s, t in zip(stamps, texts, strict=True)
        ]  # fmt: skip
        if whole:
            texts = [shown(s) + offset(s) for s in stamps]
    return _Times([name], [[t] for t in texts], how, is_24 and any(t[11:16] == "24:00" for t in texts))


def _parted_times(
    d: _Draw, kind: str, at: str, stamps: list[datetime], starts: list[datetime], name: str, how: dict[str, Any]
) -> _Times:
    """Return date and hour in several columns."""
    date_form = d.one(("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d"))
    hour_name = d.one(("Hour", "hour", "Stunde", "Hora", "HE" if at == "end" else "Hour"))
    if kind in ("date-hour", "count-hour"):
        counts_from = 1 if at == "end" else 0
        cells = [[s.strftime(date_form), str(s.hour + counts_from)] for s in starts]
        if any(s.minute for s in starts):
            cells = [[s.strftime(date_form), s.strftime("%H:%M")] for s in stamps]
            kind = "date-clock"
        elif kind == "count-hour" and at == "end":
            # as exchanges count: 1 to 23, 24 or 25 through the clock changes
            seen: dict[str, int] = {}
            cells = []
            for s in starts:
                day = s.strftime(date_form)
                seen[day] = seen.get(day, 0) + 1
                cells.append([day, str(seen[day])])
        if d.odd(0.3):
            how["date_column"], how["hour_column"] = name, hour_name
        return _Times([name, hour_name], cells, how, kind != "date-clock")
    if kind in ("date-clock", "two-columns"):
        clock = "Time" if name.lower() in ("date", "datum", "fecha") else hour_name
        cells = [[s.strftime(date_form), s.strftime("%H:%M")] for s in stamps]
        if d.odd(0.3):
            how["date_column"], how["hour_column"] = name, clock
        return _Times([name, clock], cells, how, False)
    names = list(d.one((("Year", "Month", "Day", "Hour", "Minute"), ("Jahr", "Monat", "Tag", "Stunde", "Minute"),
                        ("YYYY", "MM", "DD", "HH", "Minute"))))  # fmt: skip
    cells = [[str(s.year), str(s.month), str(s.day), str(s.hour), str(s.minute)] for s in stamps]
    if not any(s.minute for s in stamps):
        names, cells = names[:4], [row[:4] for row in cells]
    if "(" in name or "[" in name:
        names[3] += " " + name[name.index(" ") + 1 :]
    return _Times(names, cells, how, False)


# Numbers -------------------------------------------------------------------------------------------------------------
def _numbers(d: _Draw, quantity: _Quantity, n: int) -> tuple[list[float], list[float], str, str, str]:
    """Return numbers in the file's unit as they are rounded, in SI, and where the unit is said."""
    texts, factor, offset, suffix = d.one(quantity.units) if d.odd(0.5) else quantity.units[0]
    place = d.one(("brackets", "brackets", "units-row", "behind")) if not d.odd(0.35) else "nowhere"
    text = d.one(texts)
    entry_unit = ""
    if place == "nowhere":
        if suffix and d.odd(0.5):
            entry_unit = suffix
        else:
            texts, factor, offset, suffix = quantity.units[0]
        text = ""
    elif quantity.foreign and d.odd(0.1):
        text = d.one(quantity.foreign)
        factor = float("nan")  # no reader here knows it: it has to be refused
        d.tag("foreign")
    elif suffix and d.odd(0.1):
        entry_unit = suffix
    d.tag(f"unit:{place}", f"as:{text}")
    scale = (quantity.high - quantity.low) * d.one((1.0, 1.0, 0.1) if quantity.low <= 0 else (1.0,))
    si = [quantity.low + scale * d.rng.random() for _ in range(n)]
    # ``low`` and ``high`` are in the unit of the series' name, pressure in Pa
    first = quantity.units[0]
    to_si, zero = (1.0, 0.0) if quantity.series.startswith("pressure") else (first[1], first[2])
    used, lift = (first[1], first[2]) if factor != factor else (factor, offset)
    numbers = [(value * to_si + zero - lift) / used for value in si]
    digits = d.one((2, 1, 4, 6, 3) if d.odd(0.8) else (2, 5))
    if quantity.series in ("wind_power_pu", "pressure_air_bar") or "E" in suffix or used > 1e4 * first[1]:
        digits = max(digits, 4)
    if d.odd(0.1):
        digits = 0
    numbers = [round(v, digits) for v in numbers]
    d.tag(f"digits:{digits}")
    d.digits = digits  # type: ignore[attr-defined]
    return numbers, [v * factor + offset for v in numbers], text, entry_unit, place


def _number_text(d: _Draw, value: float, style: str, decimal: str, thousands: str) -> str:
    digits: int = d.digits  # type: ignore[attr-defined]
    if style == "exponent":
        text = f"{value:.15e}" if d.rng.random() < 0.5 else f"{value!r}"
        if "e" not in text:
            mantissa, _, power = f"{value:.12e}".partition("e")
            text = f"{mantissa}E{power}"
        return text.replace(".", decimal)
    text = f"{value:.{digits}f}" if style == "fixed" else f"{value:.15g}"
    if "e" in text:
        text = f"{value:.{digits}f}"
    whole, point, rest = text.partition(".")
    if thousands:
        sign = "-" if whole.startswith("-") else ""
        whole = sign + f"{int(whole.lstrip('-')):,}".replace(",", thousands)
    return whole + (decimal if point else "") + rest


# Table ---------------------------------------------------------------------------------------------------------------
class _Table:
    """Header, rows and what lies around them."""

    def __init__(
        self, d: _Draw, times: _Times, numbers: list[float], quantity: _Quantity, unit: str, place: str,
        said: tuple[str, str],
    ) -> None:  # fmt: skip
        self.d = d
        self.times = times
        self.said = said
        self.how: dict[str, Any] = {}
        self.rows: list[list[str]] = []
        self.delimiter = d.one((",", ";", "\t", "|", ";", ","))
        self.decimal = "," if d.odd(0.35) else "."
        self.thousands = d.one((",", ".", " ", "'", "\u00a0", "\u202f")) if d.odd(0.12) else ""
        if self.thousands == self.decimal:
            self.thousands = "." if self.decimal == "," else ","
        self.style = d.one(("fixed", "fixed", "shortest")) if not d.odd(0.1) else "exponent"
        d.tag(f"delimiter:{self.delimiter!r}", f"decimal:{self.decimal}", f"numbers:{self.style}")
        if self.thousands:
            d.tag("thousands")
        if d.odd(0.2):
            self.how["decimal"] = self.decimal
            if self.thousands:
                self.how["thousands"] = {"\u00a0": " ", "\u202f": " "}.get(self.thousands, self.thousands)
        word = d.one(quantity.words) if not d.odd(0.3) else quantity.series
        if place in ("brackets",):
            word = f"{word} {d.one(('(%s)', '[%s]', '(%s)'))}" % unit
        elif place == "behind":
            word = f"{word}{d.one((' %s', ' in %s', ', %s', '_%s', ' / %s'))}" % unit
        self.name = word
        self.entry_column = word if word != quantity.series or d.odd(0.5) else ""
        if word == quantity.series and place == "brackets":
            self.entry_column = word
        self.units_row = [""] * len(times.names) + [unit] if place == "units-row" else None
        self.header = [*times.names, self.name]
        texts = [_number_text(d, v, self.style, self.decimal, self.thousands) for v in numbers]
        self.rows = [[*cells, text] for cells, text in zip(times.cells, texts, strict=True)]
        self._more_columns(quantity)
        self._order()

    def _more_columns(self, quantity: _Quantity) -> None:
        d = self.d
        if not d.odd(0.5):
            return
        for _ in range(d.rng.randrange(1, 4)):
            kind = d.one(("id", "flag", "text", "number", "quoted", "updated", "empty", "end"))
            d.tag(f"column:{kind}")
            n = len(self.rows)
            cells = {
                "id": [str(i + 1) for i in range(n)],
                "flag": [d.one(("A", "B", "ok")) for _ in range(n)],
                "text": [d.one(("DE-LU", "NL")) for _ in range(1)] * n,
                "number": [f"{d.rng.random() * 90:.2f}".replace(".", self.decimal) for _ in range(n)],
                "quoted": ['see "A", or; B|C'] * n,
                "updated": ["2024-01-05 12:00:00"] * n,
                "empty": [""] * n,
                "end": ["x"] * n,
            }[kind]
            name = {
                "id": "id", "flag": "quality", "text": "Area", "number": f"{d.one(quantity.words)} forecast",
                "quoted": 'remark, "free"', "updated": "last update", "empty": "reserved", "end": "x",
            }[kind]  # fmt: skip
            if name in self.header:
                continue
            place = d.rng.randrange(0, len(self.header) + 1)
            self.header.insert(place, name)
            if self.units_row is not None:
                self.units_row.insert(place, "")
            for row, cell in zip(self.rows, cells, strict=True):
                row.insert(place, cell)
        if kind == "empty" and d.odd(0.2):
            self.header[self.header.index("reserved")] = ""

    def _order(self) -> None:
        d = self.d
        if d.odd(0.3):
            order = list(range(len(self.header)))
            d.rng.shuffle(order)
            self.header = [self.header[i] for i in order]
            self.rows = [[row[i] for i in order] for row in self.rows]
            if self.units_row is not None:
                self.units_row = [self.units_row[i] for i in order]
            d.tag("columns-shuffled")

    def damage(self, n: int) -> set[int]:
        """Take rows and cells away, or double and move rows; return which intervals the file still tells."""
        d = self.d
        kept = set(range(n))
        value = self.header.index(self.name)
        order = list(range(n))
        if d.odd(0.1):
            d.tag("gaps")
            begin = d.rng.randrange(0, n)
            gone = set(range(begin, min(begin + d.rng.randrange(1, 4), n))) | {d.rng.randrange(0, n)}
            order = [i for i in order if i not in gone]
            kept -= gone
        if d.odd(0.1):
            d.tag("markers")
            marker = d.one(("", "-999", "n/a", "-", "NaN", "-9999", "null", "-999.0", "NA", "#N/A", "---", "x"))
            for _ in range(d.rng.randrange(1, 4)):
                i = d.rng.randrange(0, n)
                self.rows[i][value] = marker
                kept.discard(i)
        rows = [self.rows[i] for i in order]
        way = d.one(("newest-first", "shuffled", "doubled", "swapped", "moved-away")) if d.odd(0.1) else ""
        if way and rows:
            d.tag(way)
        if way == "newest-first":
            rows.reverse()
        elif way == "shuffled":
            d.rng.shuffle(rows)
        elif way == "doubled" and rows:
            i = d.rng.randrange(0, len(rows))
            rows.insert(i, rows[i])
        elif way == "swapped" and len(rows) > 1:
            i = d.rng.randrange(0, len(rows) - 1)
            rows[i], rows[i + 1] = rows[i + 1], rows[i]
        elif way == "moved-away" and rows:
            rows.append(rows.pop(d.rng.randrange(0, len(rows))))
        self.rows = [list(row) for row in rows]
        if not self.rows:
            kept = set()
        return kept

    def content(self) -> tuple[bytes, str]:
        d = self.d
        if d.odd(0.06):
            return self._binary()
        lines: list[list[str]] = []
        if self.said[0] == "preamble" or d.odd(0.15):
            d.tag("preamble")
            lines += [["Some agency"], ["Station", "12"], ["Created 2024-01-05 12:00"]][: d.rng.randrange(1, 4)]
            if self.said[0] == "preamble":
                lines.insert(
                    d.rng.randrange(0, len(lines)),
                    [d.one(("Time zone: %s", "Zeitzone: %s", "All times in %s")) % self.said[1]],
                )
            if d.odd(0.5) or d.rng.random() < 0.4:
                lines.append([])
            if d.odd(0.1):
                self.how["skip_rows"] = len(lines)
        lines.append(self.header)
        if self.units_row is not None:
            lines.append(self.units_row)
        lines += self.rows
        if d.odd(0.1):
            d.tag("footer")
            lines += [[], [d.one(("Source: agency", "Sum", "end of file"))]][d.rng.randrange(0, 2) :]
        quoting = csv.QUOTE_ALL if d.odd(0.2) else csv.QUOTE_MINIMAL
        end = d.one(("\n", "\n", "\r\n", "\r")) if d.odd(0.4) else "\n"
        out = io.StringIO()
        if self.decimal == "," and self.delimiter == "," and d.odd(0.3):
            out.write("".join(",".join(line) + end for line in lines))  # nobody quoted
            d.tag("unquoted-comma")
        else:
            csv.writer(out, delimiter=self.delimiter, quoting=quoting, lineterminator=end).writerows(lines)
        text = out.getvalue()
        if d.odd(0.05):
            text = f"sep={self.delimiter}{end}{text}"
            d.tag("sep=")
        if d.odd(0.1):
            text = text.rstrip("\r\n")
        if d.odd(0.06):
            text = _torn(d, text, end)
        encoding = d.one(("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1", "utf-8")) if d.odd(0.5) else "utf-8"
        d.tag(f"encoding:{encoding}")
        raw = text.encode(encoding, errors="replace" if encoding in ("cp1252", "latin-1") else "strict")
        if encoding in ("cp1252", "latin-1") and raw.decode("cp1252", errors="replace") != text:
            raw, encoding = text.encode(), "utf-8"
        suffix = d.one((".csv", ".csv", ".txt", ".tsv"))
        if d.odd(0.06):
            d.tag("gzip")
            return gzip.compress(raw, 1), suffix + ".gz"
        return raw, suffix

    def _binary(self) -> tuple[bytes, str]:
        """Write numbers as numbers, and times as text or as times."""
        d = self.d
        kind = d.one(("xlsx", "parquet", "feather"))
        d.tag(kind)
        value = self.header.index(self.name)
        out = io.BytesIO()
        if kind == "xlsx":
            import openpyxl

            book = openpyxl.Workbook(write_only=True)
            page = book.create_sheet("Data")
            page.append(self.header)
            if self.units_row is not None:
                page.append(self.units_row)
            for row in self.rows:
                page.append([_as_number(cell, self) if i == value else cell for i, cell in enumerate(row)])
            book.save(out)
            return out.getvalue(), ".xlsx"
        import pyarrow as pa
        import pyarrow.feather
        import pyarrow.parquet as pq

        names = [name or f"unnamed {i}" for i, name in enumerate(self.header)]
        columns: list[Any] = list(zip(*self.rows, strict=True)) or [[] for _ in names]
        numbers = [_as_number(cell, self) for cell in columns[value]]
        if all(isinstance(v, float) for v in numbers):
            columns[value] = numbers
        if self.units_row is not None:  # such files have none: it is in the name, or the entry says it
            unit = self.units_row[value]
            names[value] = f"{names[value]} [{unit}]"
            self.entry_column = names[value]
        table = pa.table({name: list(cells) for name, cells in zip(names, columns, strict=True)})
        if kind == "parquet":
            pq.write_table(table, out)
        else:
            pyarrow.feather.write_feather(table, out)
        return out.getvalue(), f".{kind}"


def _as_number(cell: str, table: _Table) -> float | str:
    text = cell.replace(table.thousands, "") if table.thousands else cell
    try:
        return float(text.replace(table.decimal, "."))
    except ValueError:
        return cell


def _torn(d: _Draw, text: str, end: str) -> str:
    """Damage a text so that no true value is changed: where a value would be, a whole line goes."""
    lines = text.split(end)
    way = d.one(("line", "half-line", "time-digit", "two-lines-joined", "blank", "header-twice"))
    d.tag(f"torn:{way}")
    i = d.rng.randrange(0, len(lines))
    if way == "line":
        d.tag("gaps")
        lines.insert(i, "garbage")
    elif way == "half-line":
        lines[i] = ""
        return end.join(lines)
    elif way == "two-lines-joined" and i + 1 < len(lines):
        lines[i : i + 2] = [lines[i] + lines[i + 1]]
    elif way == "blank":
        lines[i:i] = [""] * d.rng.randrange(1, 4)
    elif way == "header-twice":
        lines.insert(i, lines[0])
    elif way == "time-digit":
        return end.join(lines[:i])
    return end.join(lines)


# Outcome -------------------------------------------------------------------------------------------------------------
def outcome(m: Mutation, folder: Path) -> tuple[str, list[str]]:
    """Read a mutation as a run does: ``read``, ``refused`` or what is wrong; and the findings, ids first."""
    file = folder / m.name
    file.write_bytes(m.content)
    try:
        spec = SeriesSpec(**{**{f: getattr(m.spec, f) for f in m.spec.__dataclass_fields__}, "file": file})
        start = datetime.fromtimestamp(m.start_s, UTC)
        loaded, findings = read_series({spec.name: spec}, start, m.end_s - m.start_s, timezone=m.plant_zone)
    finally:
        file.unlink()
    shown = [f"{f.id}: {f.what} | {f.remedy}" for f in findings]
    if spec.name not in loaded:
        is_error = any(f.severity == "error" for f in findings)
        return ("refused" if is_error else "refused without a finding"), shown
    series = loaded[spec.name]
    if any(f.severity == "error" for f in findings):
        return "refused", shown
    begins = np.array(m.begins_s, dtype=np.int64)
    wanted = np.array(m.values)
    if not spec.is_filled and begins.size and (
        begins[0] > m.start_s or (begins[1:] != begins[:-1] + np.array(m.lasts_s[:-1])).any()
    ):  # fmt: skip
        return "a gap passed over", shown
    for since, until in ((0, 0), (1, -60)) if not series.is_linear else ((0, 0),):
        at = begins - m.start_s + since * np.array(m.lasts_s, dtype=np.int64) + until
        got = series.values[(at + series.offset_s) // series.resolution_s]
        wrong = ~(np.abs(got - wanted) <= 1e-9 * np.maximum(np.abs(wanted), 1e-12))
        if wrong.any():
            i = int(wrong.argmax())
            when = datetime.fromtimestamp(int(begins[i]), UTC)
            return f"{int(wrong.sum())} of {len(wanted)} wrong: {got[i]!r} for {wanted[i]!r} at {when}", shown
    return "read", shown
