"""What a file of series is drawn from: truth, clock, times and numbers (see ``tests.mutations``)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from h2plant.plant.series_spec import SeriesSpec

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
    ), -80.0, 2600.0, ("$/MWh", "p/kWh", "AUD/MWh", "c/kWh", "HUF/MWh", "JPY/kWh", "¢/kWh")),
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
    ), 95000.0, 104000.0, ("inHg", "mmHg", "Torr", "psi")),
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
    elif where == "nowhere" and zone != "UTC":
        stated = zone  # what nobody says is UTC, with a note
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
    if "%M" not in form and form not in ("%s", "excel") and any(s.minute for s in stamps):
        form = _ISO[0]  # one that shows the minutes
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
    if " " in name:  # the zone
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
