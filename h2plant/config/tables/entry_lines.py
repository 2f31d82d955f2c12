"""The lines that a plant needs under ``series:`` to read the columns of a file."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from h2plant.config.tables.choice import choose
from h2plant.config.tables.table import Flaws, Table
from h2plant.config.weather import WEATHER, fed_columns
from h2plant.core.terminal import hanging
from h2plant.plant.series_spec import Description, SeriesSpec

_WIDTH = 80
_LEAST_FED = 2
"""From how many series of weather on one entry feeds them all."""
_BARE = re.compile(r"[A-Za-z_./~][\w./°²³€$ ()*^-]*[\w./°²³€$)]|[A-Za-z_]")
_WORDS_OF_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n", "~"})


def entry_lines(table: Table, file: str, series: Mapping[str, str], how: Description) -> list[str]:
    """Return the entries of series.

    Parameters
    ----------
    table
        The file.
    file
        Its path as the entries shall name it.
    series
        Name of the series that each column feeds, by column.
    how
        What was said of the file, and goes into each entry.

    Returns
    -------
    list of str
        Lines of YAML below ``series:``, indented by two spaces, none longer than 80 signs where that can be. A file of
        weather has one entry for all series that it feeds.
    """
    weather = fed_columns(table) if table.taken_for else {}
    if len(weather) < _LEAST_FED:
        weather = {}
    lines: list[str] = []
    if weather:
        lines += [*_lines(WEATHER, {"file": file, **stated(how)}), hanging("  # feeds ", ", ".join(weather), "  #   ")]
    for column, name in series.items():
        if column in weather.values():
            continue
        entry: dict[str, Any] = {"file": file}
        if _found_alone(table, name) != column:
            entry["column"] = column
        lines += _lines(name, entry | stated(how))
    return [line for text in lines for line in text.splitlines()]


def _lines(name: str, entry: Mapping[str, Any]) -> list[str]:
    """Return an entry in one line where it fits, else a line for each key."""
    flow = "{" + ", ".join(f"{key}: {written(value)}" for key, value in entry.items()) + "}"
    line = f"  {name}: {flow}"
    if len(line) <= _WIDTH:
        return [line]
    return [f"  {name}:", *(f"    {key}: {written(value)}" for key, value in entry.items())]


def stated(how: Description) -> dict[str, Any]:
    """Return what is said of a file as keys of an entry."""
    values = {field.name: getattr(how, field.name) for field in fields(Description)}
    values["filter"] = dict(how.filter) or None
    return {key: value for key, value in values.items() if value is not None}


def written(value: Any) -> str:
    """Return a value as YAML has it, in quotes where it would be taken for something else."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{written(k)}: {written(v)}" for k, v in value.items()) + "}"
    if isinstance(value, int):
        return str(value)
    text = str(value)
    is_bare = _BARE.fullmatch(text) is not None and text.lower() not in _WORDS_OF_YAML
    return text if is_bare else json.dumps(text, ensure_ascii=False)


def _found_alone(table: Table, name: str) -> str | None:
    """Return the column that a series of that name reads where its entry names none."""
    choice = choose(table, SeriesSpec(name, table.file), Flaws(table.file, []))
    return None if choice is None else choice.column
