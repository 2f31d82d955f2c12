"""Tables that people bring: series as text, Parquet, Feather and Excel, points of a curve, measurements."""

from __future__ import annotations

import io
import random
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq

from benchmarks.fuzz.change import changed_bytes, changed_table, changed_text
from benchmarks.fuzz.sort import Read, Sort, put
from h2plant.cli.application import check
from h2plant.cli.look import look
from h2plant.fitting.curve import fit_curve
from h2plant.fitting.measured import read_data
from h2plant.fitting.points import read_points

FORMATS = Path(__file__).parents[2] / "tests" / "data" / "formats"
DATA = Path(__file__).parents[2] / "h2plant" / "data"
PLANT = """
h2plant: 1
name: fed
plant: minimal
start: %s
hours: %d
series:
  price_eur_per_mwh: {file: %s, mode: %s%s}
"""
FIT_SHARE = 0.03
"""Of the curves, how many are fitted if they are read."""
NO_OPTIONS: tuple[Any, ...] = (None,) * 12 + (False, False)
ENTRIES = (
    *(
        "",
        "",
        "",
        ", column: price",
        ", stamps: end",
        ", timezone: Europe/Berlin",
        ", decimal: ','",
        ", thousands: '.'",
    ),
    *(
        ", skip_rows: 1",
        ", sheet: prices",
        ", unit: ct_per_kwh",
        ", scale: 1/100",
        ", fill: interpolate",
        ", repeat: true",
    ),
    *(
        ", time_column: time",
        ", time_format: '%d.%m.%Y %H:%M'",
        ", filter: {area: DE}",
        ", year: 2023",
        ", max_gap_h: 1000",
    ),
)


def _hours(n: int) -> pa.Table:
    begin = datetime(2023, 1, 1)
    times = pa.array([begin + timedelta(hours=k) for k in range(n)], pa.timestamp("ms", "UTC"))
    return pa.table({"time": times, "price": [40.0 + k % 24 for k in range(n)], "area": ["DE"] * n})


def _text(table: pa.Table) -> bytes:
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    lines = [f"{time:%Y-%m-%dT%H:%MZ},{price},{area}" for time, price, area in rows]
    return "\n".join(["time_utc,price_eur_per_mwh,area", *lines, ""]).encode()


def _workbook(table: pa.Table) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.title = "prices"
    sheet.append(table.column_names)
    for time, price, area in zip(*(column.to_pylist() for column in table.columns), strict=True):
        sheet.append([time.replace(tzinfo=None), price, area])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _repacked(content: bytes, draw: random.Random) -> bytes:
    """Return a workbook one of whose parts is changed, lost, or there twice."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as after:
        names = before.namelist()
        chosen = draw.choice(
            [name for name in names if "sheet" in name or "workbook" in name] if draw.random() < 0.7 else names
        )
        what = draw.randrange(6)
        for name in names:
            part = before.read(name)
            if name == chosen and what < 4:
                part = changed_text(part, draw)
            elif name == chosen and what == 4:
                continue
            after.writestr(name, part)
    return stream.getvalue()


def _spoilt(table: pa.Table, ending: str, seeds: dict[str, bytes], draw: random.Random) -> bytes:
    """Return a file of a table of some form with its columns, its text or its bytes changed."""
    what = draw.random()
    if ending in (".parquet", ".feather"):
        if what < 0.6:
            try:
                return packed(changed_table(table, draw), ending)
            except (pa.ArrowException, ValueError, OSError):
                return changed_bytes(seeds[ending], draw)
        return changed_bytes(seeds[ending], draw)
    if ending == ".xlsx":
        return _repacked(seeds[ending], draw) if what < 0.7 else changed_bytes(seeds[ending], draw)
    return changed_text(seeds[ending], draw) if what < 0.7 else changed_bytes(seeds[ending], draw)


def packed(table: pa.Table, ending: str) -> bytes:
    """Return a table as Parquet or Feather."""
    stream = io.BytesIO()
    if ending == ".parquet":
        pq.write_table(table, stream)
    else:
        pyarrow.feather.write_feather(table, stream)
    return stream.getvalue()


# series --------------------------------------------------------------------------------------------------------------
def _series(_: Path) -> tuple[pa.Table, dict[str, bytes], list[tuple[str, bytes]]]:
    table = _hours(72)
    seeds = {ending: packed(table, ending) for ending in (".parquet", ".feather")}
    seeds |= {".csv": _text(table), ".xlsx": _workbook(table)}
    return table, seeds, [(file.name, file.read_bytes()) for file in sorted(FORMATS.iterdir())]


def _one_series(seeds: Any, folder: Path, draw: random.Random) -> Read:
    table, own, others = seeds
    if draw.random() < 0.45:
        name, content = draw.choice(others)
        content = changed_text(content, draw) if draw.random() < 0.7 else changed_bytes(content, draw)
        name = draw.choice((name, name, name, "other.csv", "other.txt"))
    else:
        ending = draw.choice((".csv", ".csv", ".csv", ".parquet", ".parquet", ".feather", ".xlsx"))
        content = _spoilt(table, ending, own, draw)
        other = draw.choice((ending,) * 12 + (".csv", ".parquet", ".feather", ".xlsx", ".csv.gz", ".ods", ".xls"))
        name = f"own{other}"
    file = put(folder / name, content)
    if draw.random() < 0.5:
        return lambda: look(file, *NO_OPTIONS)
    start = draw.choice(("2023-01-01", "2023-01-01T00:00Z", "2023-01-02", "2022-12-31"))
    entry, mode = draw.choice(ENTRIES), draw.choice(("hold", "linear"))
    plant = put(folder / "fed.yaml", (PLANT % (start, draw.choice((1, 24, 48)), name, mode, entry)).encode())
    return lambda: check(str(plant))


# points and measurements ---------------------------------------------------------------------------------------------
def _points(_: Path) -> list[tuple[str, bytes]]:
    names = ("example_pem.csv", "example_pem_power.csv", "example_soec.csv", "tjarks_2017_pem.csv")
    return [(name, (DATA / name).read_bytes()) for name in names]


def _curve(seeds: list[tuple[str, bytes]], folder: Path, draw: random.Random) -> Read:
    name, content = draw.choice(seeds)
    content = changed_text(content, draw) if draw.random() < 0.8 else changed_bytes(content, draw)
    ending = draw.choice((".csv",) * 6 + (".parquet", ".txt"))
    file = put(folder / f"points{ending}", content)
    kind = "soec_module" if "soec" in name else ""
    given = {"n_cells": "280", "cell_area_cm2": "2350"} if "power" in name else {}
    if draw.random() < FIT_SHARE:
        return lambda: fit_curve(file, kind, given)
    return lambda: read_points(file)


def _measurements(_: Path) -> bytes:
    lines = (DATA / "example_step.csv").read_bytes().split(b"\n")
    return b"\n".join(lines[:60]) + b"\n"


def _measured(seed: bytes, folder: Path, draw: random.Random) -> Read:
    content = changed_text(seed, draw) if draw.random() < 0.8 else changed_bytes(seed, draw)
    file = put(folder / draw.choice(("data.csv", "data.csv", "data.csv", "data.parquet")), content)
    return lambda: read_data(file, {}, ())


TABLES = (
    Sort("series", 14.0, _series, _one_series),
    Sort("fit data", 4.0, _points, _curve),
    Sort("measurements", 8.0, _measurements, _measured),
)
