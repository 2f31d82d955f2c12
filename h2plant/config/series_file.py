"""Reads series files (CSV, gzipped CSV, Parquet) into columns, saying of every flaw where it stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h2plant.config.number_text import Signs, ambiguous, thousands_sign
from h2plant.config.user_file import LARGEST_TABLE_BYTES, FileError, open_parquet, read_bytes, read_unpacked
from h2plant.plant.finding import Finding, listing, nearest

_MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "-", "#n/a"})
_MAX_ALIKE = 5

Floats = NDArray[np.float64]
Stamps = NDArray[np.datetime64]


@dataclass(frozen=True, eq=False)
class Table:
    """The columns of a file: text as it stands, numbers, or UTC stamps; and the line (Parquet: row) of each row.

    ``delimiter`` is what parts the cells of a text file, '' in others.
    """

    file: Path
    columns: dict[str, list[str] | Floats | Stamps]
    lines: NDArray[np.int64]
    delimiter: str = ""

    @property
    def has_decimal_comma(self) -> bool:
        """Whether the decimal sign may be a comma."""
        return self.delimiter == ";"

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.lines)


class Flaws:
    """Collects findings of one file, the first few of each kind with their lines and then how many more."""

    def __init__(self, file: Path, findings: list[Finding]) -> None:
        self._file = file
        self._findings = findings

    def add(self, id: str, what: str, remedy: str, line: int = 0, where: str = "") -> None:
        """Add one finding."""
        self._findings.append(Finding(id, where, what, remedy, self._file, line))

    def add_many(self, id: str, flaws: Sequence[tuple[int, str]], remedy: str, where: str = "") -> None:
        """Add a finding for each of the first ``(line, what)``, and one for the number of the others."""
        for line, what in flaws[:_MAX_ALIKE]:
            self.add(id, what, remedy, line, where)
        if len(flaws) > _MAX_ALIKE:
            line, _ = flaws[_MAX_ALIKE]
            self.add(id, f"and {len(flaws) - _MAX_ALIKE} more of this kind, from here on", remedy, line, where)


def read_table(file: Path, findings: list[Finding]) -> Table | None:
    """Read a series file.

    Parameters
    ----------
    file
        ``.csv``, ``.txt`` or ``.tsv`` (delimiter comma, semicolon or tab, found from the header; with semicolons
        the decimal sign may be a comma), ``.csv.gz``, or ``.parquet``. Text is UTF-8; lines before the header that
        start with ``#`` are comments.
    findings
        What is wrong is appended here.

    Returns
    -------
    Table or None
        None if the file could not be read.
    """
    flaws = Flaws(file, findings)
    try:
        if file.suffix.lower() in (".parquet", ".pq"):
            return _read_parquet(file, flaws)
        raw = read_unpacked(file)
    except FileError as error:
        flaws.add(error.id, error.what, error.remedy)
        return None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        flaws.add("wrong-encoding", what, "save the file with the encoding UTF-8", line)
        return None
    return _read_csv(file, text, flaws)


def _read_csv(file: Path, text: str, flaws: Flaws) -> Table | None:
    n_comments = 0
    for text_line in io.StringIO(text):
        if text_line.strip() and not text_line.startswith("#"):
            break
        n_comments += 1
    body = text.split("\n", n_comments)[-1] if n_comments else text
    header_line = body.partition("\n")[0]
    if not header_line.strip():
        flaws.add("empty-file", "there is no header line", "write a header with a time column and rows below it", 1)
        return None
    delimiter = next((sign for sign in (";", "\t", ",") if sign in header_line), ",")
    reader = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    ragged: list[tuple[int, str]] = []
    try:
        header = [name.strip() for name in next(reader)]
        line = reader.line_num + 1 + n_comments
        for row in reader:
            if len(row) == len(header):
                rows.append(row)
                lines.append(line)
            elif row and any(cell.strip() for cell in row):
                ragged.append((line, f"{len(row)} cells where the header has {len(header)}"))
            line = reader.line_num + 1 + n_comments  # where the next row begins, also after a cell of several lines
    except csv.Error as error:
        flaws.add("unreadable-file", f"not CSV: {error}", "check the quotes in this line", reader.line_num + n_comments)
        return None
    doubled = sorted({name for name in header if header.count(name) > 1})
    if doubled:
        flaws.add("duplicate-column", f"the header has {listing(doubled)} more than once", "rename one", n_comments + 1)
        return None
    if ragged:
        remedy = f"give each row the {len(header)} cells of the header, parted by '{delimiter}'"
        if delimiter == ",":
            remedy += "; where the comma is the decimal sign, part the cells by ';'"
        flaws.add_many("ragged-row", ragged, remedy)
        return None
    if not rows:
        flaws.add("empty-file", "there are no rows below the header", "write at least two rows", n_comments + 1)
        return None
    columns: dict[str, list[str] | Floats | Stamps] = {name: [row[i] for row in rows] for i, name in enumerate(header)}
    return Table(file, columns, np.array(lines, dtype=np.int64), delimiter)


def _read_parquet(file: Path, flaws: Flaws) -> Table | None:
    import pyarrow as pa

    try:
        table: Any = open_parquet(read_bytes(file, LARGEST_TABLE_BYTES)).read()
    except pa.ArrowException as error:
        what = f"not Parquet: {str(error).splitlines()[0]}"
        flaws.add("unreadable-file", what, "check that the file is whole and of the type its name says")
        return None
    if table.num_rows == 0:
        flaws.add("empty-file", "there are no rows", "write at least two rows")
        return None
    columns: dict[str, list[str] | Floats | Stamps] = {}
    for name in table.column_names:
        column = table.column(name)
        kind = column.type
        if pa.types.is_timestamp(kind):
            # with a zone, Arrow keeps UTC; without, the stamps may be local and are read like text
            stamps = np.asarray(column.to_numpy()).astype("datetime64[us]")
            columns[str(name)] = stamps if kind.tz else np.datetime_as_string(stamps).tolist()
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns[str(name)] = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
        else:
            columns[str(name)] = ["" if value is None else str(value) for value in column.to_pylist()]
    return Table(file, columns, np.arange(1, table.num_rows + 1, dtype=np.int64))


def column_values(
    table: Table, column: str, where: str, findings: list[Finding], signs: Signs | None = None
) -> Floats | None:
    """Return a column as numbers.

    Parameters
    ----------
    table
        The table.
    column
        Name of the column.
    where
        The series that wants it, for findings.
    findings
        A missing column, cells that are no numbers, and numbers of which a sign may part decimals or thousands
        (``number_text.ambiguous``) are appended here.
    signs
        Decimal and thousands sign as an entry of a series states them; None where there is no such entry.

    Returns
    -------
    ndarray or None
        One number a row, shape ``(n_rows,)``, in the unit of the file, NaN where the cell is empty; None if there
        is no such column or a cell is no number.
    """
    flaws = Flaws(table.file, findings)
    if column not in table.columns:
        flaws.add("no-such-column", f"there is no column '{column}'", nearest(column, table.columns), 1, where)
        return None
    cells = table.columns[column]
    if isinstance(cells, list):
        return _numbers(table, cells, f"{where}, column '{column}'", flaws, signs)
    if cells.dtype.kind == "M":
        remedy = _number_remedy(table, (), signs)
        flaws.add("not-a-number", "the column holds times", remedy, 1, f"{where}, column '{column}'")
        return None
    numbers: Floats = np.asarray(cells, dtype=np.float64)
    bad = [(int(table.lines[i]), f"{numbers[i]} is not a finite number") for i in np.flatnonzero(np.isinf(numbers))]
    flaws.add_many("not-a-number", bad, _number_remedy(table, (), signs), f"{where}, column '{column}'")
    return None if bad else numbers


def _numbers(table: Table, cells: list[str], where: str, flaws: Flaws, signs: Signs | None) -> Floats | None:
    stated = signs if signs is not None and any(signs) else None
    if stated is None:
        place = ambiguous(cells, table.delimiter == ",")
        if place is not None:
            first = cells[place].strip()
            sign = "." if "." in first else ","
            what = f"'{first}' may be {first.replace(',', '.')} or {first.replace(sign, '')}: "
            what += f"'{sign}' may part decimals or thousands"
            remedy = f"say which in the entry of the series: decimal: '{sign}' or thousands: '{sign}'"
            if signs is None:
                remedy = f"write numbers without thousands sign, the first with another count of decimals: '{first}0'"
            flaws.add("ambiguous-number", what, remedy, int(table.lines[place]), where)
            return None
        try:
            numbers: Floats = np.array([float(cell) for cell in cells])
        except ValueError:
            pass
        else:
            if np.isfinite(numbers).all():
                return numbers
    values = np.empty(len(cells))
    bad: list[tuple[int, str]] = []
    for i, cell in enumerate(cells):
        text = cell.strip()
        is_missing = text.lower() in _MISSING
        if stated is not None:
            text = stated.plain(text) or "no number"
        elif table.has_decimal_comma and "." not in text:
            text = text.replace(",", ".")
        try:
            values[i] = np.nan if is_missing else float(text)
        except ValueError:
            values[i] = np.inf
        if np.isinf(values[i]):
            bad.append((int(table.lines[i]), f"'{_shortened(cell)}' is not a finite number"))
    wrong = (cells[i] for i in np.flatnonzero(np.isinf(values)).tolist())
    flaws.add_many("not-a-number", bad, _number_remedy(table, wrong, signs), where)
    return None if bad else values


def _shortened(cell: str) -> str:
    first = cell.partition("\n")[0]
    return first if first == cell and len(cell) <= 40 else first[:40] + " ..."


def _number_remedy(table: Table, wrong: Iterable[str], signs: Signs | None) -> str:
    parting = next(filter(None, map(thousands_sign, wrong)), None)
    if parting is not None and signs is not None:
        return f'if that is a thousands sign, say so in the entry of the series: thousands: "{parting}"'
    sign = "'12.5' or '12,5'" if table.has_decimal_comma else "'12.5'"
    return f"write plain numbers such as {sign}, without unit or thousands sign; leave the cell empty where unknown"
