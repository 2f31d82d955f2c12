"""Workbooks and Parquet as people save them: typed cells, texts, titles, several sheets, formulas, other kinds."""

import datetime as dt
import io
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from h2plant.config.tables.axis import show_time, time_axis
from h2plant.config.tables.read import read_table
from h2plant.config.tables.values import column_values
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import Description

TIMES = [dt.datetime(2023, 1, 1) + k * dt.timedelta(hours=1) for k in range(3)]
HEADER = ["Time", "Price [EUR/MWh]"]


def saved(tmp_path: Path, rows: list[list[object]], name: str = "prices.xlsx", **more: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "Prices"
    for title, content in {"Prices": rows, **more}.items():
        page = book[title] if title in book.sheetnames else book.create_sheet(title)
        for row in content:
            page.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


def read(file: Path, column: str = HEADER[1], **how: object):
    """Return first instant, step, numbers and notes, and the findings."""
    findings: list[Finding] = []
    stated = Description(**how)
    table = read_table(file, findings, stated)
    if table is None:
        return None, findings
    axis = time_axis(table, stated, "UTC", findings)
    numbers = column_values(table, column, "series.price", findings)
    if axis is None or numbers is None:
        return None, findings
    return (show_time(axis.first_s), axis.resolution_s, numbers.tolist(), table.notes), findings


BODY = [[time, value] for time, value in zip(TIMES, [10.5, -3.25, 12.0], strict=True)]
RIGHT = ("2023-01-01T00:00Z", 3600, [10.5, -3.25, 12.0])


@pytest.mark.parametrize(
    ("rows", "notes"),
    [
        ([HEADER, *BODY], 0),
        ([["Prices of the market"], [], ["Source", "by hand"], [], HEADER, *BODY], 1),
        ([["Time", "Price"], ["", "EUR/MWh"], *BODY], 1),
        ([HEADER, *([f"{t:%d.%m.%Y %H:%M}", f"{v}".replace(".", ",")] for t, v in BODY)], 0),
        ([HEADER, *([t.isoformat(), str(v)] for t, v in BODY)], 0),
        ([HEADER, BODY[0], [TIMES[1], "-3.25"], BODY[2]], 0),
        ([HEADER, *BODY, [], ["Mean", 6.4166]], 1),
        ([["Date", "Time", HEADER[1]], *([t.date(), t.time(), v] for t, v in BODY)], 0),
        ([["Date", "Hour", HEADER[1]], *([t.date(), t.hour, v] for t, v in BODY)], 0),
        ([HEADER, *([t + dt.timedelta(microseconds=k * 3), v] for k, (t, v) in enumerate(BODY))], 0),
    ],
    ids=["typed", "title", "units", "german text", "text", "mixed", "mean", "date, time", "date, hour", "rounded"],
)
def test_workbook(tmp_path, rows, notes):
    column = "Price" if rows[0] == ["Time", "Price"] else HEADER[1]
    found, findings = read(saved(tmp_path, rows), column)
    assert not findings and found is not None and found[:3] == RIGHT
    assert found[3][0] == "sheet 'Prices'" and len(found[3]) == 1 + notes


def test_days_of_workbooks_from_old_macs_are_counted_from_1904(tmp_path):
    book = openpyxl.Workbook()
    book.epoch = CALENDAR_MAC_1904
    for row in [HEADER, *BODY]:
        book.active.append(row)
    book.save(tmp_path / "mac.xlsm")
    found, findings = read(tmp_path / "mac.xlsm")
    assert not findings and found[:3] == RIGHT


def test_of_several_sheets_one_is_asked_for(tmp_path):
    file = saved(tmp_path, [HEADER, *BODY], Notes=[["a", "b"]], Empty=[])
    (finding,) = read(file)[1]
    assert finding.id == "which-sheet" and "'sheet: Prices'" in finding.remedy and "Empty" not in finding.what
    assert read(file, sheet="Prices")[0][:3] == RIGHT
    (finding,) = read(file, sheet="Price")[1]
    assert finding.id == "no-such-sheet" and "'Prices'" in finding.remedy
    book = openpyxl.load_workbook(file)
    book["Notes"].sheet_state = "hidden"
    book.save(file)
    assert read(file)[0][:3] == RIGHT


def test_formula_without_a_value_is_named(tmp_path):
    file = saved(tmp_path, [HEADER, BODY[0], [TIMES[1], "=B2*2"], BODY[2]])
    (finding,) = read(file)[1]
    assert (finding.id, finding.line) == ("formula-without-value", 3) and "=B2*2" in finding.what
    assert "save it" in finding.remedy


def test_empty_cell_is_missing_and_no_formula(tmp_path):
    found, findings = read(saved(tmp_path, [HEADER, BODY[0], [TIMES[1], None], BODY[2]]))
    assert not findings and np.isnan(found[2][1])


def test_number_that_a_spreadsheet_took_for_a_date_is_named(tmp_path):
    _, findings = read(saved(tmp_path, [HEADER, BODY[0], [TIMES[1], dt.datetime(2023, 5, 1)], BODY[2]]))
    assert [f.id for f in findings] == ["not-a-number"] and "took" in findings[0].remedy


def archive(**parts: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return raw.getvalue()


@pytest.mark.parametrize(
    ("raw", "what", "remedy"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "before 2007 (.xls)", ".xlsx"),
        (archive(xl__workbook_dot_bin=b""), "binary workbook (.xlsb)", ".xlsx"),
        (archive(mimetype=b"application/vnd.oasis.opendocument.spreadsheet"), ".ods", ".xlsx"),
        (archive(prices_dot_csv=b"time,price\n"), "zip archive ('prices.csv')", "unpack"),
        (archive(xl__workbook_dot_xml=b"<"), "not Excel", "whole"),
        (b"PK\x03\x04" + bytes(100), "not whole", "whole"),
    ],
)
def test_other_kinds_of_workbooks_and_archives(tmp_path, raw, what, remedy):
    file = tmp_path / "prices.xlsx"
    file.write_bytes(raw)
    (finding,) = read(file)[1]
    assert finding.id == "unreadable-file" and what in finding.what and remedy in finding.remedy


INDEX = pd.DatetimeIndex(TIMES)


@pytest.mark.parametrize(
    ("index", "first"),
    [
        (INDEX, "2023-01-01T00:00Z"),
        (INDEX.tz_localize("Europe/Amsterdam"), "2022-12-31T23:00Z"),
        (INDEX.rename("delivery"), "2023-01-01T00:00Z"),
        (INDEX.tz_localize("UTC").rename("delivery").as_unit("ns"), "2023-01-01T00:00Z"),
    ],
)
@pytest.mark.parametrize("kind", ["parquet", "feather"])
def test_tables_of_pandas(tmp_path, index, first, kind):
    frame = pd.DataFrame({"price": [10.5, -3.25, np.nan]}, index=index)
    file = tmp_path / f"prices.{kind}"
    if kind == "parquet":
        frame.to_parquet(file)
    else:
        frame.reset_index().to_feather(file)
    found, findings = read(file, "price")
    assert not findings and found[:2] == (first, 3600) and found[2][:2] == [10.5, -3.25] and np.isnan(found[2][2])


def test_missing_time_of_a_parquet_file_is_found(tmp_path):
    for zone in (None, "UTC"):
        times = pd.to_datetime([TIMES[0], None, TIMES[2]]).tz_localize(zone)
        pd.DataFrame({"time": times, "price": [1.0, 2.0, 3.0]}).to_parquet(tmp_path / "a.parquet")
        (finding,) = read(tmp_path / "a.parquet", "price")[1]
        assert (finding.id, finding.line) == ("bad-time", 2)
