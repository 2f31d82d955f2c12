"""Files of markets, drawn at random from a truth that is known and spoilt in the ways that people spoil them.

``mutation(seed)`` writes two or three days of prices, about a clock change or the change to quarter hours, as one of
the markets does; ``wrong_values`` reads the file as a run does. What is read is the truth, or there is a finding.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from h2plant.config.series_reader import read_series
from h2plant.config.tables.axis import time_axis
from h2plant.config.tables.read import read_table
from h2plant.plant.finding import Finding
from tests.series_spec import series_spec

NAME = "price_eur_per_mwh"
_PLANT_ZONE = "Europe/Berlin"
_DAYS = (
    datetime(2025, 3, 29),
    datetime(2025, 10, 25),
    datetime(2025, 9, 30),
    datetime(2024, 7, 3),
    datetime(2025, 12, 31),
)
_SPOILT = (
    *("delimiter", "decimal", "encoding", "newest first", "shuffled", "doubled", "crlf", "preamble", "footer"),
    *("emptied", "zone", "trailing", "swapped", "no header", "cut"),
)  # fmt: skip


@dataclass
class Layout:
    """The cells of a file, how they are written, and the entry that reads it."""

    head: list[str]
    rows: list[list[str]]
    delimiter: str = ","
    is_quoted: bool = False
    entry: dict[str, Any] | None = None
    factor: float = 1.0


@dataclass
class Mutation:
    """A file, its entry, and the truth: (instant s, length s, EUR/MWh) of each interval; what was drawn."""

    content: bytes
    entry: dict[str, Any]
    truth: list[tuple[int, int, float]]
    drawn: list[str]


Intervals = list[tuple[int, int, float]]


def _entsoe(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    is_utc, marks = r.random() < 0.2, r.choice(["none", "where the hour comes twice", "all"])
    clock = ZoneInfo("UTC") if is_utc else zone

    def shown(instant: int) -> str:
        local = datetime.fromtimestamp(instant, clock)
        comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        is_marked = not is_utc and (marks == "all" or (marks != "none" and comes_twice))
        return f"{local:%d/%m/%Y %H:%M:%S}" + (f" ({local.tzname()})" if is_marked else "")

    named = "UTC" if is_utc else "CET/CEST"
    head = [f"MTU ({named})", "Area", "Sequence", "Day-ahead Price (EUR/MWh)", f"Intraday Period ({named})"]
    sequences = r.choice([1, 2])
    rows = [
        [f"{shown(s)} - {shown(s + n)}", "BZN|DE-LU", f"Sequence {k + 1}", f"{v + 7 * k:.2f}", "", ""]
        for s, n, v in intervals
        for k in range(sequences)
    ]
    entry = {"filter": (("Sequence", "Sequence 1"),)} if sequences == 2 else {}
    return Layout([*head, "Intraday Price (EUR/MWh)"], rows, ",", True, entry)


def _entsoe_before(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    def shown(instant: int) -> str:
        return f"{datetime.fromtimestamp(instant, zone):%d.%m.%Y %H:%M}"

    head = ["MTU (CET/CEST)", "Day-ahead Price [EUR/MWh]", "Currency", "BZN|NL"]
    return Layout(head, [[f"{shown(s)} - {shown(s + n)}", f"{v:.2f}", "EUR", ""] for s, n, v in intervals], ",", True)


def _smard(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    language = r.choice(["german", "english", "before"])

    def shown(instant: int) -> str:
        local = datetime.fromtimestamp(instant, zone)
        if language != "english":
            return f"{local:%d.%m.%Y %H:%M}"
        return f"{local:%b} {local.day}, {local.year} {(local.hour - 1) % 12 + 1}:{local:%M %p}"

    def number(value: float) -> str:
        text = f"{value:,.2f}"
        return text if language == "english" else text.translate(str.maketrans(",.", ".,"))

    rows = [[shown(s), shown(s + n), number(v)] for s, n, v in intervals]
    if language == "before":
        rows = [[*begin.split(), end.split()[1], value] for begin, end, value in rows]
    head = {
        "german": ["Datum von", "Datum bis", "Deutschland/Luxemburg [€/MWh] Originalauflösungen"],
        "english": ["Start date", "End date", "Germany/Luxembourg [€/MWh] Original resolutions"],
        "before": ["Datum", "Anfang", "Ende", "Deutschland/Luxemburg [€/MWh] Originalauflösungen"],
    }[language]
    if r.random() < 0.3:
        head.append("Netzlast [MWh] Originalauflösungen")
        rows = [[*row, number(r.uniform(900.0, 60000.0))] for row in rows]
    return Layout(head, rows, ";")


def _energy_charts(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    rows = [[datetime.fromtimestamp(s, zone).isoformat(timespec="minutes"), f"{v:.2f}"] for s, _, v in intervals]
    units = ["", "Preis (EUR/MWh, EUR/tCO2)"]
    head = ["Datum (MEZ)", "Day Ahead Auktion (DE-LU)"]
    return Layout(head, [units, *rows], r.choice([",", ";"]), r.random() < 0.5)


def _omie(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    rows = []
    for begin, length, value in intervals:
        local = datetime.fromtimestamp(begin, zone)
        midnight = local.replace(hour=0, minute=0, fold=0).timestamp()
        period = int(begin - midnight) // length + 1
        rows.append([*f"{local:%Y %m %d}".split(), str(period), f"{value + 3:.2f}", f"{value:.2f}", ""])
    return Layout(["MARGINALPDBC", ""], [*rows, ["*"]], ";", False, {"column": "price_spain_eur_per_mwh"})


def _aemo(r: random.Random, intervals: Intervals, zone: ZoneInfo) -> Layout:
    form = r.choice(["%Y/%m/%d %H:%M:%S", "%d/%m/%Y %H:%M"])
    rows = [
        ["NSW1", datetime.fromtimestamp(s + n, zone).strftime(form), "7000.5", f"{v:.2f}", "TRADE"]
        for s, n, v in intervals
    ]
    head = ["REGION", "SETTLEMENTDATE", "TOTALDEMAND", "RRP", "PERIODTYPE"]
    return Layout(head, rows, ",", False, {"unit": "eur_per_mwh", "scale": 0.5}, 0.5)


_MARKETS: dict[str, tuple[Callable[[random.Random, Intervals, ZoneInfo], Layout], str, int]] = {
    "entsoe": (_entsoe, "Europe/Berlin", 3600),
    "entsoe before": (_entsoe_before, "Europe/Berlin", 3600),
    "smard": (_smard, "Europe/Berlin", 3600),
    "energy charts": (_energy_charts, "Europe/Berlin", 3600),
    "omie": (_omie, "Europe/Madrid", 3600),
    "aemo": (_aemo, "Etc/GMT-10", 300),
}
"""What writes a file of each market, its clock, and the length of an interval before the quarter hours."""


def mutation(seed: int) -> Mutation:
    """Return one, the same for the same seed."""
    r = random.Random(seed)
    market = r.choice(list(_MARKETS))
    write, name, hour_s = _MARKETS[market]
    zone = ZoneInfo(name)
    day = r.choice(_DAYS)
    begin, end = (int((day + timedelta(days=k)).replace(tzinfo=zone).timestamp()) for k in (0, r.choice([2, 3])))
    quarters_from = datetime(2025, 10, 1, tzinfo=zone).timestamp()
    truth: Intervals = []
    while begin < end:
        length = hour_s if begin < quarters_from or hour_s < 900 else 900
        truth.append((begin, length, round(r.uniform(-50.0, 1500.0 if r.random() < 0.2 else 200.0), 2)))
        begin += length
    drawn, kept = [market], truth
    if r.random() < 0.3:
        first, n = r.randrange(len(truth)), r.choice([1, 2, 4, 5])
        kept = truth[:first] + truth[first + n :]
        drawn.append("gap")
    layout = write(r, kept, zone)
    entry = dict(layout.entry or {})
    truth = [(s, n, v * layout.factor) for s, n, v in truth]
    for _ in range(r.choice([0, 1, 1, 2])):
        drawn.append(r.choice(_SPOILT))
        _spoil(r, layout, entry, drawn[-1])
    return Mutation(_written(r, layout, drawn), entry, truth, drawn)


def _spoil(r: random.Random, layout: Layout, entry: dict[str, Any], how: str) -> None:
    rows = layout.rows
    if how == "delimiter":
        layout.delimiter = r.choice([";", "\t", ","])
    elif how == "decimal":
        old, new = r.choice([(".", ","), (",", ".")])
        layout.rows = [[c if ":" in c else c.replace(old, new) for c in row] for row in rows]
    elif how == "newest first":
        rows.reverse()
    elif how == "shuffled":
        r.shuffle(rows)
    elif how == "doubled":
        place = r.randrange(len(rows))
        rows[place:place] = rows[place : place + 3]
    elif how == "emptied":
        row = rows[r.randrange(len(rows))]
        row[r.randrange(len(row))] = r.choice(["", "-", "n/e"])
    elif how == "zone":
        entry["timezone"] = r.choice(["UTC", "Europe/Berlin", "America/New_York"])
    elif how == "trailing":
        layout.head, layout.rows = [*layout.head, "", ""], [[*row, "", ""] for row in rows]
    elif how == "swapped" and len(layout.head) > 2:
        a, b = r.sample(range(len(layout.head)), 2)
        for row in [layout.head, *rows]:
            row[a], row[b] = row[b], row[a]
    elif how == "no header":
        layout.head = []
    elif how == "cut":
        layout.rows = rows[: r.randrange(2, len(rows))]


def _written(r: random.Random, layout: Layout, drawn: list[str]) -> bytes:
    def line(row: list[str]) -> str:
        sign = layout.delimiter
        return sign.join(f'"{cell}"' if layout.is_quoted or sign in cell else cell for cell in row)

    before = ["Market data", ""] if "preamble" in drawn else []
    behind = ["", "Source: the market"] if "footer" in drawn else []
    lines = [*before, *([line(layout.head)] if layout.head else []), *map(line, layout.rows), *behind]
    text = ("\r\n" if "crlf" in drawn else "\n").join([*lines, ""])
    return text.encode(r.choice(["utf-8-sig", "cp1252", "utf-16"]) if "encoding" in drawn else "utf-8")


def wrong_values(m: Mutation, file: Path) -> tuple[bool, list[str]]:
    """Read a mutation as a run does: whether it was read, and what is wrong with that, if anything."""
    file.write_bytes(m.content)
    spec = series_spec(NAME, file=file, **m.entry)
    findings: list[Finding] = []
    table = read_table(file, findings, spec.how)
    axis = None if table is None else time_axis(table, spec.how, _PLANT_ZONE, findings)
    if axis is None:
        return False, [] if findings else ["refused without a finding"]
    begin, length = axis.first_s, axis.n * axis.resolution_s
    found, findings = read_series({NAME: spec}, datetime.fromtimestamp(begin, UTC), length, timezone=_PLANT_ZONE)
    if any(f.severity == "error" for f in findings):
        return False, []
    series = found[NAME]
    if begin < m.truth[0][0] or begin + length > sum(m.truth[-1][:2]):
        return True, ["covers more than there was"]
    instants, lasts, values = (np.array(part) for part in zip(*m.truth, strict=True))
    wrong = []
    for at in (instants - begin, instants + lasts - 60 - begin):
        is_in = (at >= 0) & (at < length)
        got = series.values[((at + series.offset_s) // series.resolution_s)[is_in]] * 3.6e9
        is_wrong = np.abs(got - values[is_in]) > 1e-6
        wrong += [f"{g:g} for {v:g}" for g, v in zip(got[is_wrong], values[is_in][is_wrong], strict=True)]
    return True, wrong
