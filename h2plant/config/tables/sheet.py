"""Files as rows of cells, before it is known what they hold: text, Excel; Parquet and feather as columns."""

from __future__ import annotations

import csv
import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from h2plant.config.tables.stamps import looks_like_time
from h2plant.config.tables.table import Column, Flaws, Table
from h2plant.config.tables.units import units_behind
from h2plant.config.user_file import FileError, check_zip, open_feather, open_parquet, read_unpacked
from h2plant.core.collector import paused_collection
from h2plant.core.error import first_line
from h2plant.core.number import within_floats
from h2plant.core.regular_file import LARGEST_TABLE_BYTES, bound_bytes
from h2plant.plant.finding import listing

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
    ends_within_line
        Whether a text file has no line break at its end, as one that is cut off.
    """

    file: Path
    rows: Sequence[Sequence[Cell]]
    lines: Sequence[int]
    delimiter: str = ""
    sheet: str = ""
    notes: tuple[str, ...] = ()
    ends_within_line: bool = False
    _texts: dict[int, list[str]] = field(default_factory=dict, init=False, repr=False)

    def texts(self, row: int) -> list[str]:
        """Return the cells of a row as text without spaces around; none where there is no such row."""
        found = self._texts.get(row)
        if found is None:
            found = [text(cell) for cell in self.rows[row]] if row < len(self.rows) else []
            self._texts[row] = found
        return found

    def filled(self, first: int) -> list[int]:
        """Return the rows from one on that hold anything."""
        rows = self.rows
        return [i for i in range(first, len(rows)) if (cells := rows[i]) and (cells[0] or not self.is_blank(i))]

    def is_blank(self, row: int) -> bool:
        """Whether no cell of a row holds anything."""
        return not any(map(text, self.rows[row]))


def text(cell: Cell) -> str:
    """Return a cell as text without spaces around it."""
    return cell.strip() if isinstance(cell, str) else "" if math.isnan(cell) else f"{cell:.15g}"


@lru_cache(maxsize=4096)
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
        return read_unpacked(file)
    except FileError as error:
        flaws.add(error.id, error.what, error.remedy)
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
    zeros = [raw[k:4096:2].count(0) for k in (0, 1)]
    if min(zeros) == 0 and max(zeros) > min(len(raw), 4096) // 4:  # of each two bytes one is zero, always the same
        try:
            return raw.decode("utf-16-le" if zeros[1] else "utf-16-be"), ("encoding UTF-16, without its mark",)
        except UnicodeDecodeError:
            pass
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
    if (cause := _other_text(content)) is not None:
        flaws.add("unreadable-file", *cause, 1)
        return None
    delimiter = delimiter or find_delimiter(content)
    cells = _cells(content, delimiter, n_skipped, flaws)
    if cells is None:
        return None
    if all(len(row) <= 1 for row in cells[0]):
        # each line in quotes as a whole, as spreadsheets save tables that they hold in one column
        inner = "\n".join(row[0] if row else "" for row in cells[0])
        delimiter = find_delimiter(inner)
        again = _cells(inner, delimiter, 0, flaws) if delimiter in inner else None
        if again is not None and len(again[0]) == len(cells[0]):  # a line each
            cells = again[0], cells[1]
            notes = (*notes, "each line stood in quotes as a whole: parted once more")
    return Sheet(file, *cells, delimiter, "", notes, content[-1:] not in "\r\n")


def _other_text(content: str) -> tuple[str, str] | None:
    """Return what a text is that is no table, and what to do; None if it may be one."""
    begin = content[:200].lstrip().lower()
    if begin.startswith(("<!doctype", "<html", "<?xml")):
        kind = "XML" if begin.startswith("<?xml") else "a web page (HTML), perhaps that of a login or an error"
        return kind, "download the file anew, as CSV or Excel"
    if begin.startswith(("{", '[{"', "[[")):
        return "JSON, not a table", "download the file as CSV, or convert it (pandas: read_json, to_csv)"
    return None


def _cells(content: str, delimiter: str, n_skipped: int, flaws: Flaws) -> tuple[list[list[str]], Sequence[int]] | None:
    """Return the cells of each row of a text, and the line that it begins in."""
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    try:
        with paused_collection():
            rows = list(reader)
    except csv.Error as error:
        what = f"not CSV: {error}"
        flaws.add("unreadable-file", what, "check the quotes in this line", reader.line_num + n_skipped)
        return None
    if reader.line_num == len(rows):
        return rows, range(n_skipped + 1, n_skipped + 1 + len(rows))
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
    ends = [reader.line_num for _ in reader]  # a cell may hold several lines
    begins = [n_skipped + 1 + end for end in (0, *ends[:-1])]
    for row, line in zip(rows, begins, strict=True):
        if any("\n" in cell and _holds_rows(cell, delimiter) for cell in row):
            what = "a quote that opens in this line is not closed: the rows behind it are taken for its text"
            flaws.add("open-quote", what, "close the quote, or take it out", line)
            return None
    return rows, begins


def _holds_rows(cell: str, delimiter: str) -> bool:
    """Whether a cell of several lines holds rows of the table."""
    lines = cell.split("\n")[1:]
    return any(delimiter in line and any(ch.isdigit() for ch in line) for line in lines)


def find_delimiter(content: str) -> str:
    """Return the sign that parts most of a text's lines into equally many cells with times or numbers among them.

    Signs within quotes do not count. Of two that part about as many, the one comes first that is no decimal sign, if
    it makes more cells of them. Lines of a preamble that a tab parts in two do not outweigh a few rows of many cells.
    """
    lines = list(_first_lines(content, _SAMPLE_LINES))
    sample = [line for line in lines if not line.startswith(("#", '"#'))] or lines
    best, most, width = ",", 0, 1
    for delimiter in _DELIMITERS:
        if not any(delimiter in line for line in sample):
            continue
        counts: dict[int, int] = {}
        try:
            for row in csv.reader(sample, delimiter=delimiter):
                if len(row) > 1 and any(looks_like_time(cell) or is_number(cell) for cell in row):
                    counts[len(row)] = counts.get(len(row), 0) + 1
        except csv.Error:
            continue
        usual = max(counts.values(), default=0)
        n_cells, count = max(((n, c) for n, c in counts.items() if c >= 0.5 * usual), default=(0, 0))
        is_as_often = count > most and not (most >= 0.8 * count and most * width > count * n_cells)
        if is_as_often or (count >= 0.5 * most and n_cells >= 3 * width):
            best, most, width = delimiter, count, n_cells
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
_SHEET_XML = "xl/workbook.xml"
_MOST_ROWS = 1_048_576  # of a sheet
_CELL_BYTES = 8.0


def _workbook(file: Path, raw: bytes, wanted: str | None, flaws: Flaws) -> Sheet | None:
    if (cause := _other_archive(raw)) is not None:
        flaws.add("unreadable-file", *cause)
        return None
    try:
        import openpyxl
    except ImportError:
        flaws.add("missing-package", "Excel files need the package 'openpyxl'", "pip install 'h2plant[excel]'")
        return None
    try:
        check_zip(raw)
    except FileError as error:
        flaws.add(error.id, error.what, error.remedy)
        return None
    try:
        book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=True)
        pages = {page.title: page for page in book.worksheets}
        for page in pages.values():
            page.reset_dimensions()  # what programs write there is often wrong or missing
        filled = [name for name, page in pages.items() if _has_values(page)]
        name = _which_sheet(
            list(pages), filled, [n for n in filled if pages[n].sheet_state == "visible"], wanted, flaws
        )
        rows = None if name is None else list(_rows(pages[name]))
        book.close()
    except FileError as error:
        flaws.add(error.id, error.what, error.remedy)
        return None
    except Exception as error:  # whatever a broken archive makes the reader raise
        flaws.add("unreadable-file", f"not Excel: {error or type(error).__name__}", _WHOLE)
        return None
    if name is None or rows is None or not _has_all_values(raw, name, rows, flaws):
        return None
    cells = [[_cell(value) for value in row] for row in rows]
    while cells and not any(map(text, cells[-1])):
        cells.pop()
    width = max((i + 1 for row in cells for i, cell in enumerate(row) if text(cell)), default=0)
    cells = [row[:width] + [""] * (width - len(row)) for row in cells]
    return Sheet(file, cells, range(1, len(cells) + 1), "", name, (f"sheet '{name}'",))


def _rows(page: Any) -> Iterator[list[Any]]:
    """Yield the rows of a sheet; a row is filled up to its number, and to its last cell, which may be any.

    Raises
    ------
    FileError
        There are more than a workbook can have, or more than memory shall take.
    """
    bound = bound_bytes(LARGEST_TABLE_BYTES)
    n_bytes = 0.0
    for i, row in enumerate(page.iter_rows(values_only=True)):
        n_bytes += _CELL_BYTES * (len(row) + 1)
        if i >= _MOST_ROWS or n_bytes > bound:
            what = f"has cells beyond row {_MOST_ROWS}" if i >= _MOST_ROWS else "has more cells than fit in memory"
            raise FileError("too-large", what, "save the sheet anew with the table alone in it")
        yield list(row)


def _other_archive(raw: bytes) -> tuple[str, str] | None:
    """Return what an archive is that is no workbook of today, and what to do; None if it is one."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:60] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, RuntimeError):
        return "a zip archive or a workbook that is not whole", _WHOLE
    if _SHEET_XML in names:
        return None
    if "xl/workbook.bin" in names:
        return "a binary workbook (.xlsb)", "save it as .xlsx or .csv"
    if b"opendocument" in kind:
        return "an OpenDocument spreadsheet (.ods)", "save it as .xlsx or .csv"
    if any(name.startswith("xl/") for name in names):
        return "a workbook without its parts", _WHOLE
    return f"a zip archive ({listing(names[:3])})", "unpack it and name the file within"


def _has_values(page: Any) -> bool:
    return any(value is not None for row in page.iter_rows(max_row=200, values_only=True) for value in row)


def _which_sheet(
    names: list[str], filled: list[str], visible: list[str], wanted: str | None, flaws: Flaws
) -> str | None:
    """Return the sheet to read: the one that is wanted, else the only one that is not hidden and holds anything."""
    if wanted is not None:
        if wanted in names:
            return wanted
        flaws.add("no-such-sheet", f"there is no sheet '{wanted}'", f"the sheets are {listing(names)}")
        return None
    if not filled:
        flaws.add("empty-file", "the workbook is empty", "write a header with a time column and rows below it", 1)
        return None
    if len(filled) > 1 and len(visible) != 1:
        what = f"the workbook has several sheets: {listing(filled)}"
        flaws.add("which-sheet", what, f"say which: 'sheet: {filled[0]}'")
        return None
    return (visible or filled)[0]


def _has_all_values(raw: bytes, name: str, rows: list[list[Any]], flaws: Flaws) -> bool:
    """Whether no cell of a sheet is a formula whose value the file does not hold."""
    if not any(value is None for row in rows for value in row):
        return True
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(raw), read_only=True, data_only=False)
    page = book[name]
    page.reset_dimensions()
    found = [
        (i + 1, f"{formula} has no value: the file was written by a program that does not compute formulas")
        for i, (row, values) in enumerate(zip(page.iter_rows(values_only=True), rows, strict=False))
        for formula, value in zip(row, values, strict=False)
        if value is None and isinstance(formula, str) and formula.startswith("=")
    ]
    book.close()
    flaws.add_many(
        "formula-without-value", found, "open the file in a spreadsheet program and save it, or paste values"
    )
    return not found


def _cell(value: Any) -> Cell:
    """Return a cell of a workbook: its times to the second, as programs round the fractions of a day."""
    import datetime

    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, int | float):
        return float(within_floats(value))
    if isinstance(value, datetime.datetime):
        return (value + datetime.timedelta(microseconds=500_000)).replace(microsecond=0).isoformat(" ")
    if isinstance(value, datetime.timedelta):  # a clock that counts beyond 24 h, as the format [h]:mm does
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    if isinstance(value, datetime.time):
        begin = datetime.datetime(2000, 1, 1, value.hour, value.minute, value.second, value.microsecond)
        shown = begin + datetime.timedelta(microseconds=500_000)
        return "24:00:00" if shown.day == 2 else f"{shown:%H:%M:%S}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


# Parquet and feather -------------------------------------------------------------------------------------------------
def _columns(file: Path, raw: bytes, flaws: Flaws) -> Table | None:
    import pyarrow as pa

    try:
        table: Any = open_parquet(raw).read() if raw[:4] == b"PAR1" else open_feather(raw)
        table.validate(full=True)  # before what Arrow does not check: texts that are none, places beyond the end
        table = _with_instants(table)
    except FileError as error:
        flaws.add(error.id, error.what, error.remedy)
        return None
    except (pa.ArrowException, OSError, UnicodeError) as error:
        flaws.add("unreadable-file", f"not {_named(file)}: {first_line(error)}", _WHOLE)
        return None
    if table.num_rows == 0:
        flaws.add("empty-file", "there are no rows", "write at least two rows")
        return None
    doubled = sorted({str(name) for name in table.column_names if table.column_names.count(name) > 1})
    if doubled:
        flaws.add("duplicate-column", f"the file has {listing(doubled)} more than once", "rename one")
        return None
    columns: dict[str, Column] = {}
    for name in table.column_names:
        column = table.column(name)
        kind = column.type
        if pa.types.is_timestamp(kind):
            # with a zone, Arrow keeps UTC; without, the stamps may be local and are read like text
            instants = np.asarray(column.to_numpy()).astype("datetime64[us]")
            columns[str(name)] = instants if kind.tz and not np.isnat(instants).any() else _stamps(instants, kind.tz)
        elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            columns[str(name)] = np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
        else:
            try:
                columns[str(name)] = ["" if value is None else str(value) for value in column.to_pylist()]
            except (KeyError, ValueError, OverflowError, pa.ArrowException):  # spans of months, dates beyond calendars
                what = f"the column '{name}' holds what is no number, time or text: {kind}"
                flaws.add("unreadable-file", what, "write the table without it")
                return None
    return Table(file, columns, np.arange(1, table.num_rows + 1, dtype=np.int64), units=units_behind(columns))


def _with_instants(table: Any) -> Any:
    """Return a table whose times are in steps of a microsecond or less; an error for those beyond all calendars."""
    import pyarrow as pa

    for k, (name, kind) in enumerate(zip(table.schema.names, table.schema.types, strict=True)):
        if pa.types.is_timestamp(kind) and kind.unit in ("s", "ms"):
            table = table.set_column(k, name, table.column(k).cast(pa.timestamp("us", kind.tz)))
    return table


def _stamps(instants: NDArray[np.datetime64], zone: str | None) -> list[str]:
    """Return instants as text to the second where they have no fraction; missing ones are empty."""
    whole = instants.astype("datetime64[s]")
    has_fraction = bool((whole != instants)[~np.isnat(instants)].any())
    texts = np.datetime_as_string(instants if has_fraction else whole).tolist()
    return ["" if text == "NaT" else f"{text}Z" if zone else text for text in texts]
