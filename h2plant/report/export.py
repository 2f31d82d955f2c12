"""A run for other programs: CSV, NetCDF with CF-style units, a workbook of Excel."""

from __future__ import annotations

import datetime
import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from h2plant.core.markup import cell, visible
from h2plant.results import Results
from h2plant.results.figures import figures_in
from h2plant.results.folder import ResultsError, write_out

_CF_UNITS = {"EUR": "euro", "EUR/s": "euro s-1", "EUR/J": "euro J-1", "EUR/kg": "euro kg-1", "EUR/h": "euro h-1"}
_MOST_EVENTS = 100_000


def cf_unit(unit: str) -> str:
    """Return a unit in the form of the CF conventions: ``W/(m2 K)`` as ``W m-2 K-1``."""
    if unit in _CF_UNITS:
        return _CF_UNITS[unit]
    top, _, below = unit.partition("/")
    parts = [part for part in top.split() if part != "1" or not below]
    for part in below.strip("() ").split():
        name = part.rstrip("0123456789")
        parts.append(f"{name}-{part[len(name) :] or '1'}")
    return " ".join(parts) or "1"


def require(*modules: str) -> None:
    """Raise a ResultsError if a package is not installed."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        raise ResultsError(f"this export needs {' and '.join(missing)}: pip install 'h2plant[export]'")


def selected(
    results: Results,
    columns: Sequence[str] | None = None,
    begin: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
) -> pa.Table:
    """Return the log, or some of its columns, of the intervals that start from ``begin`` on and before ``end`` (UTC).

    Raises
    ------
    KeyError
        No such column.
    """
    log = results.to_arrow(columns)
    if begin is None and end is None:
        return log
    time = np.asarray(log.column("time").to_numpy()).astype("datetime64[s]")
    first, last = (
        None
        if at is None
        else np.searchsorted(time, np.datetime64(at.astimezone(datetime.UTC).replace(tzinfo=None), "s"))
        for at in (begin, end)
    )
    start = int(first or 0)
    return log.slice(start, max(0, (time.size if last is None else int(last)) - start))


def to_csv(
    results: Results,
    out: Path,
    columns: Sequence[str] | None = None,
    begin: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
) -> Path:
    """Write the log as CSV: a line of names with units in brackets, then one line for each interval (times are UTC)."""
    from pyarrow import csv

    log = selected(results, columns, begin, end)
    units = results.units
    names = ["time_utc" if name == "time" else str(cell(f"{name} [{units[name]}]")) for name in log.column_names]
    return write_out(out, lambda file: csv.write_csv(log.rename_columns(names), file))


def to_parquet(
    results: Results,
    out: Path,
    columns: Sequence[str] | None = None,
    begin: datetime.datetime | None = None,
    end: datetime.datetime | None = None,
) -> Path:
    """Write the log, or a part of it, as one Parquet file; units and meanings travel in its schema."""
    from pyarrow import parquet

    log = selected(results, columns, begin, end)
    return write_out(out, lambda file: parquet.write_table(log, file))


def to_netcdf(results: Results, out: Path, columns: Sequence[str] | None = None) -> Path:
    """Write the log as NetCDF 4 through xarray: units, long names and cell methods after the CF conventions."""
    require("xarray", "h5netcdf", "h5py")
    import xarray

    log = results.to_arrow(columns)
    variables: dict[str, Any] = {}
    for name in log.column_names[1:]:
        attributes = {
            "units": cf_unit(results.units[name]),
            "long_name": results.descriptions[name],
            "cell_methods": "time: point" if results.timing[name] == "end" else "time: mean",
        }
        variables[name] = ("time", log.column(name).to_numpy(), attributes)
    given = results.summary.get("provenance") or {}
    data = xarray.Dataset(
        variables,
        coords={"time": ("time", results.time.astype("datetime64[ns]"), {"long_name": "start of the interval, UTC"})},
        attrs={
            "Conventions": "CF-1.11",
            "title": f"{results.summary['scenario']}, plant {results.summary['plant']}",
            "source": f"h2plant {given.get('h2plant', '')}",
            "history": str(given.get("command", "")),
        },
    )
    encoding = {name: {"zlib": True, "complevel": 1} for name in variables}
    return write_out(out, lambda file: data.to_netcdf(file, engine="h5netcdf", encoding=encoding))


def to_excel(results: Results, out: Path) -> Path:
    """Write a workbook: key figures, balances by component, events, columns with their ranges, where it comes from."""
    require("openpyxl")
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    book = Workbook()

    def sheet(title: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        page = book.create_sheet(title)
        for row in (headings, *rows):
            page.append([_as_text(page, value) for value in row])
        for entry in page[1]:
            entry.font = Font(bold=True)
        page.freeze_panes = "B2"
        page.auto_filter.ref = page.dimensions
        for k, heading in enumerate(headings):
            longest = max((len(str(row[k])) for row in rows[:200]), default=0)
            page.column_dimensions[page.cell(1, k + 1).column_letter].width = min(60, max(len(heading), longest) + 2)

    def _as_text(page: Any, value: Any) -> Any:
        """Return text as text, also where Excel would take it for a formula; numbers as they are."""
        if not isinstance(value, str):
            return value
        entry = WriteOnlyCell(page, visible(value))
        entry.data_type = "s"
        return entry

    book.remove(book.worksheets[0])
    figures = results.summary.get("key_figures") or {}
    known = [(f.label.strip(), figures[n], f.unit, f.group) for n, f in figures_in(results.summary).items()]
    sheet("Key figures", ("figure", "value", "unit", "group"), known)
    for title, table in (("Balances", results.ledger), ("Events", results.events), ("Columns", results.describe())):
        rows = [[_plain(value) for value in row.values()] for row in table.slice(0, _MOST_EVENTS).to_pylist()]
        sheet(title, table.column_names, rows)
    given = results.summary.get("provenance") or {}
    sheet("Provenance", ("what", "value"), [(key, str(value)) for key, value in given.items()])
    return write_out(out, book.save)


def _plain(value: Any) -> Any:
    """Return a value that Excel takes: no time zone, no NaN."""
    if hasattr(value, "tzinfo"):
        return value.replace(tzinfo=None)
    return None if isinstance(value, float) and math.isnan(value) else value
