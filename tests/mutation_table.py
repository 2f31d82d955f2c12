"""Times and numbers that were drawn, written as a file of one of many sorts (see ``tests.mutations``)."""

from __future__ import annotations

import csv
import gzip
import io
from typing import Any

from tests.mutation_draw import _Draw, _number_text, _Quantity, _Times


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
            if n - len(gone) < 3:
                gone = set()  # of two rows nobody can tell a gap from a step
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
