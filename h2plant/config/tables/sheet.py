"""Files as rows of cells, before it is known what they hold: text, Excel; Parquet and feather as columns."""

from __future__ import annotations

import csv
import gzip
import io
import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from h2plant.config.tables.stamps import looks_like_time
from h2plant.config.tables.table import Column, Flaws, Table
from h2plant.config.tables.units import units_behind

_SAMPLE_LINES = 120
_DELIMITERS = (";", "\t", "|", ",")
_NAMES = {";": "';'", "\t": "a tab", "|": "'|'", ",": "','"}

Cell = str | float
"""Text as it stands; a number where the file itself says that it is one (Excel)."""


@dataclass(frozen=True, eq=False)
class Sheet:
    """The rows of a file.

    Parameters
    ----------
    file
        The file.
    rows
        The cells of each row, blank rows too (no cells, or empty ones).
    lines
        The line that each row begins in.
    delimiter
        What parts the cells of a text file, '' in others.
    sheet
        Name of the sheet, in a workbook of several.
    notes
        What was passed over on reading, in words.
    """

    file: Path
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    delimiter: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()

    def texts(self, row: int) -> list[str]:
        """Return the cells of a row as text without spaces around; none where there is no such row."""
        return [text(cell) for cell in self.rows[row]] if row < len(self.rows) else []

    def is_blank(self, row: int) -> bool:
        """Whether no cell of a row holds anything."""
        return not any(text(cell) for cell in self.rows[row])


def text(cell: Cell) -> str:
    """Return a cell as text without spaces around it."""
    return cell.strip() if isinstance(cell, str) else "" if math.isnan(cell) else f"{cell:.15g}"


def is_number(cell: Cell) -> bool:
    """Whether a cell holds a number, however its decimals are parted."""
    if not isinstance(cell, str):
        return True
    written = cell.strip().replace("\u00a0", "").replace("\u2212", "-")
    if not written or not (written[-1].isdigit() or written[-1] in ".,"):
        return False
    try:
        float(written.replace(",", "."))
    except ValueError:
        bare = written.replace(",", "").replace(".", "").replace("'", "").replace(" ", "").lstrip("+-")
        return bare.isdigit()
    return True


def read_sheet(file: Path, flaws: Flaws, sheet: str | None = None) -> Sheet | Table | None:
    """Read a file.

    Parameters
    ----------
    file
        Text in any usual encoding (``.csv``, ``.txt``, ``.tsv``, ``.epw``, ``.srw`` ..., gzipped too), Excel
        (``.xlsx``), Parquet or feather, told by what is in it.
    flaws
        What is wrong is appended here.
    sheet
        The sheet of a workbook that has several.

    Returns
    -------
    Sheet, Table or None
        Columns at once where the file says itself what they are; None if it could not be read.
    """
    raw = _bytes(file, flaws)
    if raw is None:
        return None
    if raw[:4] == b"PAR1" or raw[:6] == b"ARROW1" or raw[:4] == b"FEA1":
        return _columns(file, raw, flaws)
    if file.suffix.lower() in (".parquet", ".pq", ".feather", ".arrow"):
        flaws.add("unreadable-file", f"not {_named(file)}: it does not begin as one", _WHOLE)
        return None
    if raw[:4] == b"PK\x03\x04":
        return _workbook(file, raw, sheet, flaws)
    if raw[:4] == b"\xd0\xcf\x11\xe0":
        flaws.add("unreadable-file", "an Excel file of before 2007 (.xls)", "save it as .xlsx or .csv")
        return None
    found = _decoded(raw, flaws)
    return None if found is None else _parted(file, *found, flaws)


_WHOLE = "check that the file is whole and of the type its name says"


def _named(file: Path) -> str:
    return "Parquet" if file.suffix.lower() in (".parquet", ".pq") else "feather"


def _bytes(file: Path, flaws: Flaws) -> bytes | None:
    try:
        raw = file.read_bytes()
        return gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" or file.suffix.lower() == ".gz" else raw
    except FileNotFoundError:
        flaws.add("no-such-file", "there is no such file", "check the path: within a file it counts from that file")
    except (OSError, EOFError, zlib.error) as error:
        flaws.add("unreadable-file", f"cannot be read: {error}", _WHOLE)
    return None


# Text ----------------------------------------------------------------------------------------------------------------
def _decoded(raw: bytes, flaws: Flaws) -> tuple[str, tuple[str, ...]] | None:
    """Return the text of a file and, where it is not UTF-8, a note of what it was taken for."""
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return raw.decode("utf-16"), ("encoding UTF-16",)
        except UnicodeDecodeError as error:
            flaws.add("wrong-encoding", f"not UTF-16 as its first bytes say: {error.reason}", "save it as UTF-8")
            return None
    if b"\x00" in raw[:4096]:
        flaws.add("wrong-encoding", "holds zero bytes: no text", "save the file as text with the encoding UTF-8", 1)
        return None
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        wrong = error.start
    # numbers and times are the same in all encodings that have one byte for a sign; only names can differ
    try:
        return raw.decode("cp1252"), ("encoding Windows-1252, as it is not UTF-8",)
    except UnicodeDecodeError:
        what = f"byte 0x{raw[wrong]:02x} is neither UTF-8 nor Windows-1252"
        line = raw.count(b"\n", 0, wrong) + 1
        flaws.add("wrong-encoding", what, "save the file with the encoding UTF-8", line)
        return None


def _parted(file: Path, content: str, notes: tuple[str, ...], flaws: Flaws) -> Sheet | None:
    """Part a text into cells."""
    if "\r" in content:
        content = content.replace("\r\n", "\n").replace("\r", "\n")
    n_skipped, delimiter = 0, ""
    first, _, rest = content.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, content, n_skipped = first.strip()[4], rest, 1
        notes = (*notes, f"cells parted by '{delimiter}', as 'sep=' in the first line says")
    if not content.strip():
        flaws.add("empty-file", "there is no header line", "write a header with a time column and rows below it", 1)
        return None
    delimiter = delimiter or find_delimiter(content)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    lines: list[int] = []
    line = n_skipped + 1
    try:
        for row in reader:
            rows.append(row)
            lines.append(line)
            line = reader.line_num + n_skipped + 1  # where the next row begins, also after a cell of several lines
    except csv.Error as error:
        what = f"not CSV: {error}"
        flaws.add("unreadable-file", what, "check the quotes in this line", reader.line_num + n_skipped)
        return None
    return Sheet(file, rows, lines, delimiter, "", notes)


def find_delimiter(content: str) -> str:
    """Return the sign that parts most of a text's lines into equally many cells with times or numbers among them.

    Signs within quotes do not count. Of two that part as many, the one comes first that is no decimal sign.
    """
    sample = list(_first_lines(content, _SAMPLE_LINES))
    best, most = ",", 0
    for delimiter in _DELIMITERS:
        counts: dict[int, int] = {}
        try:
            for row in csv.reader(sample, delimiter=delimiter):
                if len(row) > 1 and any(looks_like_time(cell) or is_number(cell) for cell in row):
                    counts[len(row)] = counts.get(len(row), 0) + 1
        except csv.Error:
            continue
        if counts and max(counts.values()) > most:
            best, most = delimiter, max(counts.values())
    return best


def _first_lines(content: str, n: int) -> Iterator[str]:
    begin = 0
    for _ in range(n):
        end = content.find("\n", begin)
        if end < 0:
            if begin < len(content):
                yield content[begin:]
            return
        yield content[begin : end + 1]
        begin = end + 1


def delimiter_name(delimiter: str) -> str:
    """Return a delimiter as findings name it."""
    return _NAMES.get(delimiter, f"'{delimiter}'")


# Excel ---------------------------------------------------------------------------------------------------------------
def _workbook(file: Path, raw: bytes, wanted: str | None, flaws: Flaws) -> Sheet | None:
    try:
        import openpyxl
    except ImportError:
        flaws.add("missing-package", "Excel files need the package 'openpyxl'", "pip install 'h2plant[excel]'")
        return None
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
    except Exception as error:  # whatever a broken archive makes the reader raise
        flaws.add("unreadable-file", f"not Excel: {error or type(error).__name__}", _WHOLE)
        return None
    names = [s.title for s in book.worksheets if s.max_row]
    if wanted is None and len(names) > 1:
        what = f"the workbook has several sheets: {', '.join(names)}"
        flaws.add("which-sheet", what, f"say which: 'sheet: {names[0]}'")
        return None
    if wanted is not None and wanted not in names:
        flaws.add("no-such-sheet", f"there is no sheet '{wanted}'", f"the sheets are {', '.join(names)}")
        return None
    if not names:
        flaws.add("empty-file", "the workbook is empty", "write a header with a time column and rows below it", 1)
        return None
    page = book[wanted or names[0]]
    rows = [[_cell(value) for value in row] for row in page.iter_rows(values_only=True)]
    book.close()
    while rows and not any(map(text, rows[-1])):
        rows.pop()
    width = max((i + 1 for row in rows for i, cell in enumerate(row) if cell != ""), default=0)
    rows = [row[:width] + [""] * (width - len(row)) for row in rows]
    return Sheet(file, rows, range(1, len(rows) + 1), "", page.title, (f"sheet '{page.title}'",))


def _cell(value: Any) -> Cell:
    """Return a cell of a workbook: its times to the second, as programs round the fractions of a day."""
    import datetime

    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return float(value)
    if isinstance(value, datetime.datetime):
        return (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(" ")
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value)


# Parquet and feather -------------------------------------------------------------------------------------------------
def _columns(file: Path, raw: bytes, flaws: Flaws) -> Table | None:
    import pyarrow as pa

    try:
        if raw[:4] == b"PAR1":
            import pyarrow.parquet as pq

            table: Any = pq.read_table(pa.BufferReader(raw))
        else:
            import pyarrow.feather

            table = pyarrow.feather.read_table(pa.BufferReader(raw))
    except (pa.ArrowException, OSError) as error:
        flaws.add("unreadable-file", f"not {_named(file)}: {str(error).splitlines()[0]}", _WHOLE)
        return None
    if table.num_rows == 0:
        flaws.add("empty-file", "there are no rows", "write at least two rows")
        return None
    columns: dict[str, Column] = {}
    for name in table.column_names:
        column = table.column(name)
        kind = column.type
        if pa.types.is_timestamp(kind):
            # with a zone, Arrow keeps UTC; without, the stamps may be local and are read like text
            instants = np.asarray(column.to_numpy()).astype("datetime64[us]")
            columns[str(name)] = instants if kind.tz else np.datetime_as_string(instants).tolist()
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns[str(name)] = np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)
        else:
            columns[str(name)] = ["" if value is None else str(value) for value in column.to_pylist()]
    return Table(file, columns, np.arange(1, table.num_rows + 1, dtype=np.int64), units=units_behind(columns))
