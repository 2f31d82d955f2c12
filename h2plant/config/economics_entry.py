"""The ``economics`` of a plant file as the economics take them: words become keys, tables of prices become values."""

from __future__ import annotations

import csv
import math
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from h2plant.config.economic_words import meaning
from h2plant.config.user_file import FileError, read_bytes
from h2plant.plant.finding import Finding, listing

_WHERE = "economics"
_PATHS = "price_paths"
_EARLIEST, _LATEST = 1900, 2200


class EconomicsReader:
    """Reads the economics of one plant file; what is wrong, and what is worth knowing, is appended to the findings.

    Parameters
    ----------
    file, folder
        The plant's file, and where relative paths lead.
    lines
        Line of every key by dotted path.
    overrides
        Changes of a scenario or a command, ``economics.<key>``: a word there stands for what the file gives.
    kept
        Texts of files that results keep of the plant, by name; None: they are read where they lie.
    findings
        What is found.

    Attributes
    ----------
    tables
        Texts of the tables that were read, by name, for results to keep.
    """

    def __init__(
        self,
        file: Path,
        folder: Path,
        lines: Mapping[str, int],
        overrides: Collection[str],
        kept: Mapping[str, str] | None,
        findings: list[Finding],
    ) -> None:
        self.file, self.folder, self.lines, self.kept, self.findings = file, folder, lines, kept, findings
        self.overrides = overrides
        self.tables: dict[str, str] = {}

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the economics with keys for words, and with the values of tables."""
        return self._with_tables(self._in_keys(given))

    def _find(self, id: str, key: str, what: str, remedy: str, severity: Literal["error", "note"] = "error") -> None:
        where = f"{_WHERE}.{key}"
        of_path = where if where in self.lines or where in self.overrides else where.rpartition(".")[0]
        line = self.lines.get(of_path, 0)
        file = self.file if line else None  # else it is a change that a scenario or a command makes
        self.findings.append(Finding(id, where if line else f"set {where}", what, remedy, file, line, severity))

    def _in_keys(self, given: Mapping[str, Any]) -> dict[str, Any]:
        found = dict(given)
        for word, value in given.items():
            key = meaning(word, value)
            if not key:
                continue
            del found[word]
            changed = {one for one in (word, key) if f"{_WHERE}.{one}" in self.overrides}
            if key in found and changed == {key}:  # the change stands for what the file gives by a word
                continue
            if key in found and changed != {word}:
                self._find("given-twice", word, f"means the same as '{key}', which is given too", "keep one of them")
                continue
            found[key] = value
            self._find("read-as", word, f"read as '{key}'", f"nothing to do, or write '{key}'", "note")
        return found

    def _with_tables(self, economics: dict[str, Any]) -> dict[str, Any]:
        """Return the economics with the values by year of each path of prices that names a file."""
        paths = economics.get(_PATHS)
        if not isinstance(paths, Mapping):
            return economics
        found = dict(paths)
        for name, path in paths.items():
            if not isinstance(path, Mapping) or not ({"file", "column"} & set(path)):
                continue
            values = self._table(f"{_PATHS}.{name}", path)
            del found[name]
            if values is not None:  # else its own finding is enough
                rest = {key: value for key, value in path.items() if key not in ("file", "column")}
                found[name] = {**rest, "by_year": values}
        return {**economics, _PATHS: found}

    def _table(self, key: str, path: Mapping[str, Any]) -> dict[int, float] | None:
        """Return year -> value of the table that a path names; None, with a finding, where it cannot be read."""
        name, column = path.get("file"), path.get("column")
        if not isinstance(name, str):
            self._find("wrong-type", f"{key}.file", "names no file", "write 'file: prices.csv'")
            return None
        if not isinstance(column, str | None):
            self._find("wrong-type", f"{key}.column", "names no column", "write 'column: price'")
            return None
        if "by_year" in path:
            self._find("given-twice", f"{key}.by_year", "values by year are given, and a file of them", "keep one")
            return None
        text = self._text(key, name)
        if text is None:
            return None
        found: dict[int, float] = {}
        for finding in self._rows(text, name, column, f"{_WHERE}.{key}", found):
            self.findings.append(finding)
            return None
        return found

    def _text(self, key: str, name: str) -> str | None:
        if self.kept is not None and name in self.kept:
            self.tables[name] = self.kept[name]
            return self.tables[name]
        try:
            text = read_bytes(self.folder / name).decode("utf-8-sig")
        except FileError as error:
            self._find(error.id, f"{key}.file", f"'{name}' {error.what}", error.remedy)
            return None
        except UnicodeDecodeError:
            self._find("unreadable-file", f"{key}.file", f"'{name}' is no text in UTF-8", "write it as CSV, in UTF-8")
            return None
        self.tables[name] = text
        return text

    def _rows(self, text: str, name: str, column: str | None, where: str, found: dict[int, float]) -> Iterator[Finding]:
        """Fill in year -> value; yields the first thing that is wrong with the table."""
        file = self.folder / name
        lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip() and not line.startswith("#")]
        sign = ";" if lines and ";" in lines[0][1] else "\t" if lines and "\t" in lines[0][1] else ","

        def finding(id: str, what: str, remedy: str, line: int) -> Finding:
            return Finding(id, where, what, remedy, file, line)

        if not lines:
            yield finding("no-rows", "the table has no rows", "give a header, 'year,price', and a row for each year", 0)
            return
        first, header = lines[0]
        longest = max(lines, key=lambda one: len(one[1]))
        if len(longest[1]) > csv.field_size_limit():
            yield finding("unreadable-file", "the line is too long for a table", "check its ends of lines", longest[0])
            return
        names = [cell.strip() for cell in next(csv.reader([header], delimiter=sign))]
        at_year = next((i for i, one in enumerate(names) if one.lower() in ("year", "jahr", "annee", "jaar")), None)
        if at_year is None:
            yield finding("no-such-column", "there is no column 'year'", "head the column of years with 'year'", first)
            return
        others = [i for i in range(len(names)) if i != at_year]
        if column is not None:
            others = [i for i in others if names[i] == column]
        if len(others) != 1:
            known = listing([names[i] for i in range(len(names)) if i != at_year], "or")
            what = f"there is no column '{column}'" if column is not None else f"{len(others)} columns could be meant"
            yield finding("which-column", what, f"say 'column:' one of {known}", first)
            return
        for n, line in lines[1:]:
            cells = next(csv.reader([line], delimiter=sign))
            value = _number(cells[others[0]], sign) if others[0] < len(cells) else None
            year = _number(cells[at_year], sign) if at_year < len(cells) else None
            if year is None or year != round(year) or not _EARLIEST <= year <= _LATEST:
                yield finding("bad-year", f"'{line.strip()}' has no year", f"give {_EARLIEST} to {_LATEST}", n)
            elif value is None:
                yield finding("bad-value", f"the year {year:.0f} has no number", "give a price, or a factor", n)
            elif int(year) in found:
                yield finding("given-twice", f"the year {year:.0f} stands there twice", "keep one of them", n)
            else:
                found[int(year)] = value
        if not found:
            yield finding("no-rows", "the table has no rows", "give a row for each year", first)


def _number(text: str, sign: str) -> float | None:
    """Return a number; a comma is its decimal sign where it does not part the cells. None: it is none."""
    try:
        value = float(text.strip().replace(",", ".") if sign != "," else text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None
