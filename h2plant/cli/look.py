"""``h2plant look``: what a file of series holds, and the lines that a plant needs to read it."""

from __future__ import annotations

import json
import math
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from h2plant.cli.arguments import GreedyCommand, pairs_of
from h2plant.core.markup import visible
from h2plant.core.terminal import Terminal, hanging

if TYPE_CHECKING:
    from h2plant.config.tables.look import ColumnLook, Look
    from h2plant.config.tables.question import Question

_BLOCKS = "▁▂▃▄▅▆▇█"
_NAME_WIDTH, _NUMBER_WIDTH = 30, 8
_SIGNS = {"degc": "°C", "percent": "%", "frac": "0 to 1", "pu": "per unit"}
_MOST_COLUMNS = 12
_MOST_LISTED = 4


class LookCommand(GreedyCommand):
    """Lets several pairs follow ``--filter`` without repeating the option."""

    greedy = ("--filter",)


def look(
    file: Annotated[Path, typer.Argument(help="CSV or other text, Excel, Parquet, feather; or a bundled name")],
    sheet: Annotated[str | None, typer.Option(help="sheet of a workbook")] = None,
    timezone: Annotated[str | None, typer.Option(help="IANA zone of times without offset")] = None,
    time_format: Annotated[str | None, typer.Option(help="how times are written: '%d/%m/%Y %H:%M'")] = None,
    time_column: Annotated[str | None, typer.Option(help="column of the times")] = None,
    date_column: Annotated[str | None, typer.Option(help="column of the dates, with --hour-column")] = None,
    hour_column: Annotated[str | None, typer.Option(help="column of the hours")] = None,
    stamps: Annotated[str | None, typer.Option(help="where in its interval a time lies: start, end, middle")] = None,
    year: Annotated[int | None, typer.Option(min=1900, max=2200, help="year that a typical year is taken for")] = None,
    skip_rows: Annotated[int | None, typer.Option(min=0, help="lines before the header")] = None,
    decimal: Annotated[str | None, typer.Option(help="sign before the decimals: . or ,")] = None,
    thousands: Annotated[str | None, typer.Option(help="sign between thousands")] = None,
    filter_: Annotated[
        list[str] | None, typer.Option("--filter", help='rows to read: COLUMN=TEXT, such as "Sequence=Sequence 1"')
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="show all columns, however many")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON and nothing else")] = False,
) -> None:
    """Show what a file holds: span, step, gaps, clock, columns; and the lines that a plant needs to read it.

    What the file does not say is asked, with the answers there are; the options try one at once and are the keys of
    the entry in the plant.

    For example:

        h2plant look prices.csv

        h2plant look prices.csv --timezone Europe/Berlin

        h2plant look entsoe.csv --filter "Sequence=Sequence 1"

    Exit codes: 0 all is clear; 2 a question is open, or something is to mend.
    """
    from h2plant.config.bundled import is_bundled_series, series_file
    from h2plant.config.tables.look import look_at
    from h2plant.plant.finding import PlantError
    from h2plant.plant.series_spec import Description

    chosen = tuple(pairs_of(filter_ or [], "--filter", '"Sequence=Sequence 1"').items())
    _check_words(stamps, decimal, thousands, timezone, time_format)
    said: dict[str, Any] = {
        "skip_rows": skip_rows, "sheet": sheet, "time_column": time_column, "date_column": date_column,
        "hour_column": hour_column, "time_format": time_format, "timezone": timezone, "stamps": stamps, "year": year,
        "decimal": decimal, "thousands": thousands, "filter": chosen,
    }  # fmt: skip
    how = Description(**said)
    is_bundled = is_bundled_series(str(file))
    found = look_at(series_file(str(file), Path()), how, named=str(file)) if is_bundled else look_at(file, how)
    if as_json:
        typer.echo(json.dumps(_content(found), indent=1, ensure_ascii=False))
    elif found.n_rows or found.questions:
        _print(found, all_)
    if found.findings:
        raise PlantError(found.findings)
    if found.questions:
        raise typer.Exit(2)


def _check_words(
    stamps: str | None, decimal: str | None, thousands: str | None, timezone: str | None, time_format: str | None
) -> None:
    """Refuse what an entry of a series would be refused for.

    Raises
    ------
    BadParameter
        With the option.
    """
    from h2plant.config.tables.stamps import pattern_of

    for option, word, known in (
        ("--stamps", stamps, ("start", "end", "middle")),
        ("--decimal", decimal, (".", ",")),
        ("--thousands", thousands, (".", ",", " ", "'")),
    ):
        if word is not None and word not in known:
            raise typer.BadParameter(f"{word!r}: choose from {', '.join(map(repr, known))}", param_hint=option)
    if timezone is not None:
        _check_timezone(timezone)
    pattern = None if time_format is None else pattern_of(time_format)
    if isinstance(pattern, str):
        raise typer.BadParameter(f"{time_format!r}: {pattern}", param_hint="--time-format")


def _check_timezone(timezone: str) -> None:
    from h2plant.config.series_entry import timezone_remedy
    from h2plant.config.tables.clock import is_zone

    if not is_zone(timezone):
        text = f"there is no time zone {timezone!r}; {timezone_remedy(timezone)}"
        raise typer.BadParameter(text, param_hint="--timezone")


# JSON ----------------------------------------------------------------------------------------------------------------
def _content(value: Any) -> Any:
    """Return facts as JSON has them: NaN is null."""
    if is_dataclass(value):
        return {field.name: _content(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: _content(one) for key, one in value._asdict().items()}
    if isinstance(value, tuple):
        return [_content(one) for one in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, Path) else value


# Text ----------------------------------------------------------------------------------------------------------------
def _print(found: Look, is_whole: bool) -> None:
    console = Terminal()
    for label, text in _facts(found):
        console.print(hanging(f"{label:10}", text), markup=False, soft_wrap=True)
    shown = _shown_columns(found, is_whole)
    if shown:
        console.print("\n" + "\n".join([_heading(), *(line for one in shown for line in _column(one))]), markup=False)
    left_out = [one.name for one in found.columns if one not in shown]
    for text, names in (("more columns of numbers (--all shows them)", left_out), ("other columns", found.others)):
        if names:
            console.print(hanging("", f"{text}: {', '.join(names)}"), markup=False, soft_wrap=True)
    for one in found.questions:
        console.print("\n" + "\n".join(_question(one)), markup=False, soft_wrap=True)
    _print_lines(console, found)


def _print_lines(console: Any, found: Look) -> None:
    from h2plant.config.tables.look import without_unit

    unnamed = without_unit(found)
    if not found.lines and not unnamed:
        return
    head = "to paste into a plant or scenario" + (", with the answer added" if found.questions else "")
    console.print(f"\n{head} (a path counts from its folder):\nseries:", markup=False)
    for line in found.lines:
        console.print(line, markup=False, soft_wrap=True)
    if found.lines and not found.questions and not found.is_typical and found.first_s is not None:
        console.print(f"# a run within it: {_run_within(found)}", markup=False, soft_wrap=True)
    for name in unnamed:
        text = f"the file does not say the unit of '{name}'; if it is EUR/MWh (else 'unit: ct_per_kwh' or like it): "
        text += f"price_eur_per_mwh: {{file: {found.file}, column: {name}, unit: eur_per_mwh}}"
        text = hanging("  # ", text, "  # ")
        console.print(text, markup=False, soft_wrap=True)


def _run_within(found: Look) -> str:
    """Return start and length of a run over all of a file, in whole hours."""
    from h2plant.config.tables.axis import show_time

    assert found.first_s is not None and found.end_s is not None
    first_s = -(-found.first_s // 3600) * 3600
    return f"start: {show_time(first_s)}, hours: {(found.end_s - first_s) // 3600}"


def _facts(found: Look) -> list[tuple[str, str]]:
    """Return label and text of what is known besides the columns."""
    facts = [("file", str(found.file))]
    if found.n_rows:
        facts.append(("taken for", found.taken_for or "a table of no known format"))
    if found.place is not None:
        facts.append(("place", _place(found)))
    if found.first_s is not None and found.end_s is not None:
        facts += [
            ("span", _span(found.first_s, found.end_s)),
            ("clock", _clock(found)),
            ("rows", _rows(found)),
            ("step", _steps(found)),
            ("gaps", _gaps(found)),
        ]
    elif found.first_written:
        facts.append(("rows", _rows(found)))
    elif found.n_rows:
        facts.append(("rows", f"{found.n_rows:,}"))
    if found.is_typical:
        facts.append(("year", "a typical year, taken for that of the run unless 'year:' says another"))
    facts += [("note", note) for note in found.notes]
    return facts


def _rows(found: Look) -> str:
    return f"{found.n_rows:,}, the first '{found.first_written}', the last '{found.last_written}'"


def _place(found: Look) -> str:
    assert found.place is not None
    latitude, longitude, elevation = found.place
    text = f"{abs(latitude):g} {'N' if latitude >= 0.0 else 'S'}, {abs(longitude):g} {'E' if longitude >= 0.0 else 'W'}"
    return text if elevation is None else f"{text}, {elevation:g} m above sea level"


def _span(first_s: int, end_s: int) -> str:
    from h2plant.config.tables.axis import show_time

    hours = (end_s - first_s) / 3600.0
    length = f"{hours:g} h" if hours < 72.0 else f"{round(hours / 24.0, 2):g} days"
    return f"{show_time(first_s)} to {show_time(end_s)}, {length}"


def _clock(found: Look) -> str:
    if found.zone == "UTC" and found.zone_is_said:
        return "UTC"
    if found.zone == "offset":
        return "each time has its offset from UTC"
    if any(one.id == "ambiguous-zone" for one in found.questions):
        return "not said: see the question; shown here as if it were UTC"
    return f"{_zone(found.zone)}: {found.first_shown} to {found.end_shown}"


def _zone(name: str) -> str:
    """Return a zone; one that is as far from UTC all year with that, as its IANA name has the sign the other way."""
    if not name.startswith("Etc/GMT") or name == "Etc/GMT":
        return name
    return f"UTC{-int(name.removeprefix('Etc/GMT')):+d} ({name})"


def _steps(found: Look) -> str:
    from h2plant.config.tables.axis import show_time

    text = _duration(found.steps[0].step_s)
    if _is_calendar(found):
        return "calendar days or months"
    later = found.steps[1:]
    text += "".join(f", from {show_time(one.since_s)} on {_duration(one.step_s)}" for one in later[:_MOST_LISTED])
    text += f" and {len(later) - _MOST_LISTED} changes more" if len(later) > _MOST_LISTED else ""
    return f"{text}; stamps at the {found.at} of their interval"


def _is_calendar(found: Look) -> bool:
    """Whether rows are days or months of a clock, which are not all as long."""
    steps = {one.step_s for one in found.steps}
    return len(steps) > 1 and min(steps) >= 23 * 3600


def _duration(seconds: int) -> str:
    return f"{seconds / 60:g} min" if seconds < 3600 else f"{seconds / 3600:g} h"


def _gaps(found: Look) -> str:
    from h2plant.config.tables.axis import show_time

    n = len(found.gaps)
    if not n:
        return "none"
    longest = max(found.gaps, key=lambda gap: gap.end_s - gap.begin_s)
    hours = (longest.end_s - longest.begin_s) / 3600.0
    text = f"{found.n_missing_rows} row{'s' * (found.n_missing_rows > 1)} missing in {n} gap{'s' * (n > 1)}, "
    text += f"the longest {hours:g} h from {show_time(longest.begin_s)} on (line {longest.line}); "
    return text + "a run over them needs 'fill: interpolate'" + (f", 'max_gap_h: {hours:g}'" if hours > 3.0 else "")


def _shown_columns(found: Look, is_whole: bool) -> list[ColumnLook]:
    if is_whole or len(found.columns) <= _MOST_COLUMNS:
        return list(found.columns)
    return [one for one in found.columns if one.is_known] or list(found.columns[:_MOST_COLUMNS])


def _heading() -> str:
    numbers = "".join(f"{head:>{_NUMBER_WIDTH}}" for head in ("first", "last", "min", "mean", "max", "missing"))
    return f"{'column':{_NAME_WIDTH}}{numbers}"


def _column(one: ColumnLook) -> list[str]:
    """Return the two lines of a column: name and numbers; the series that it feeds, and its course."""
    values = (one.first, one.last, one.least, one.mean, one.largest)
    numbers = "".join(f"{_number(value):>{_NUMBER_WIDTH}}" for value in values)
    name = one.name if not one.unit or one.unit in one.name or one.name.endswith((")", "]")) else _with_unit(one)
    feeds = f"  {one.series}" if one.series else f"  not read in {one.unit}" if one.unit else "  unit not known"
    return [
        f"{_cut(name):{_NAME_WIDTH}}{numbers}{one.n_missing or '-':>{_NUMBER_WIDTH}}",
        f"{_cut(feeds):{_NAME_WIDTH}}  {_drawn(one)}".rstrip(),
    ]


def _with_unit(one: ColumnLook) -> str:
    from h2plant.core.units import unit_text

    return f"{one.name} [{_SIGNS.get(one.unit) or unit_text(one.unit)}]"


def _number(value: float) -> str:
    """Return a number in at most seven signs."""
    if math.isnan(value):
        return "-"
    if 9999.5 <= abs(value) < 999999.5:
        return f"{value:.0f}"
    texts = (f"{value + 0.0:.{digits}g}" for digits in (4, 3, 2, 1))
    return next((text for text in texts if len(text) < _NUMBER_WIDTH), f"{value:.0e}")


def _cut(text: str) -> str:
    return visible(text if len(text) < _NAME_WIDTH else text[: _NAME_WIDTH - 2] + "…")


def _drawn(one: ColumnLook) -> str:
    """Return the course of a column as blocks, the least of its means the lowest."""
    true = [value for value in one.course if not math.isnan(value)]
    if not true:
        return ""
    low, high = min(true), max(true)
    per_block = (high - low) / len(_BLOCKS)

    def block(value: float) -> str:
        if math.isnan(value):
            return " "
        return _BLOCKS[min(int((value - low) / per_block), len(_BLOCKS) - 1) if per_block > 0.0 else 0]

    return "".join(map(block, one.course))


def _question(one: Question) -> list[str]:
    lines = [hanging("question: ", one.text)]
    width = max((len(answer.option) for answer in one.answers), default=0)
    for answer in one.answers:
        beside = f"  {answer.option:{width}}  "
        if len(beside) > 44:
            lines += [f"  {answer.option}", hanging(" " * 6, answer.consequence)]
        else:
            lines.append(hanging(beside, answer.consequence))
    keys = " or ".join(answer.key for answer in one.answers)
    lines.append(hanging("  ", f"in the plant: {keys}"))
    return lines
