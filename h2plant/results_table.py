"""Results as a notebook shows them: key figures with units, columns by component, how to go on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from h2plant.key_figures import FIGURES
from h2plant.run_warnings import warnings_of

_LEFT = ' style="text-align:left"'
_RIGHT = ' style="text-align:right;font-variant-numeric:tabular-nums"'
_GROUP = ' style="text-align:left;font-weight:600;padding-top:.6em"'
_SOFT = ' style="text-align:left;opacity:.75"'
_MOST_NAMES = 8


def results_html(
    folder: Path, summary: Mapping[str, Any], columns: Sequence[str], n_rows: int, events: Sequence[tuple[Any, ...]]
) -> str:
    """Return the overview of a run as HTML; whatever comes from files is escaped.

    Parameters
    ----------
    folder
        Where the run lies.
    summary
        Its summary.
    columns, n_rows
        Names of the log's columns, and its rows.
    events
        (component, what, times, hours), those with the most hours first.
    """
    return "".join(
        (
            '<div style="max-width:60em">',
            _title(summary),
            _figures(summary.get("key_figures") or {}),
            _happened(events),
            _columns(columns, n_rows),
            _how_to_go_on(folder, columns),
            "</div>",
        )
    )


def _title(summary: Mapping[str, Any]) -> str:
    said = f"<b>{escape(str(summary['scenario']))}</b>, plant {escape(str(summary.get('plant', '?')))}: "
    said += f"{summary['hours']:,.6g} h from {escape(str(summary['start']))}, steps of {summary.get('step_s', 0):g} s"
    for what, why in warnings_of(summary):
        said += f"<br><b>{escape(what)}:</b> {escape(why)}"
    if not summary["is_complete"]:
        said += f"<br><b>not complete:</b> {escape(str(summary['stopped_by']))}"
    return f"<p>{said}</p>"


def _figures(figures: Mapping[str, Any]) -> str:
    """Return the key figures in their groups; those of another version under their own name."""
    if not figures:
        return "<p>The run ended before anything could be counted.</p>"
    rows = []
    group = ""
    for name, value in sorted(figures.items(), key=lambda item: _place(item[0])):
        known = FIGURES.get(name)
        if known is not None and known.group != group:
            group = known.group
            rows.append(f'<tr><th colspan="4"{_GROUP}>{escape(group)}</th></tr>')
        label, unit, form = (known.label, known.unit, known.format) if known else (name, "", ",.6g")
        indent = "&emsp;" if label.startswith(" ") else ""
        text = "–" if not isinstance(value, int | float) else format(value, form)
        rows.append(
            f"<tr><td{_LEFT}>{indent}{escape(label.strip())}</td><td{_RIGHT}>{escape(text)}</td>"
            f"<td{_LEFT}>{escape('' if unit == '1' else unit)}</td><td{_SOFT}><code>{escape(name)}</code></td></tr>"
        )
    head = "".join(f"<th{_LEFT}>{text}</th>" for text in ("figure", "value", "unit", "summary['key_figures'][...]"))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _place(name: str) -> int:
    names = list(FIGURES)
    return names.index(name) if name in FIGURES else len(names)


def _happened(events: Sequence[tuple[Any, ...]]) -> str:
    if not events:
        return "<p>No events.</p>"
    most = "; ".join(
        f"{component}: {what}, {times:,} times, {hours:,.1f} h" for component, what, times, hours in events[:3]
    )
    return f"<p>Events, those with the most hours: {escape(most)}{' …' if len(events) > 3 else ''}</p>"


def by_component(columns: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Return (component, what its columns measure) in the order of the log.

    Numbered components with the same columns stand together, as ``soec_1 to soec_6``.
    """
    found: dict[str, list[str]] = {}
    for column in columns:
        component, _, what = column.partition(".")
        found.setdefault(component, []).append(what)
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for component, names in found.items():
        numbered = re.fullmatch(r"(.*?)\d+", component)
        together.setdefault((numbered[1] if numbered else component, tuple(sorted(names))), []).append(component)
    return [
        (who[0] if len(who) == 1 else f"{who[0]} to {who[-1]}" if len(who) > 2 else " and ".join(who), found[who[0]])
        for who in together.values()
    ]


def _columns(columns: Sequence[str], n_rows: int) -> str:
    rows = []
    for component, names in by_component(columns):
        # what a component says of itself first: streams have eight columns each and are found with describe()
        plain = [name for name in names if "." not in name] + [name for name in names if "." in name]
        shown = ", ".join(f"<code>{escape(name)}</code>" for name in plain[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        rows.append(f"<tr><td{_LEFT}>{escape(component)}</td><td{_LEFT}>{shown}{more}</td></tr>")
    said = f"{len(columns):,} columns × {n_rows:,} rows, by component"
    return f"<details><summary>{said}</summary><table><tbody>{''.join(rows)}</tbody></table></details>"


def _how_to_go_on(folder: Path, columns: Sequence[str]) -> str:
    example = next((name for name in columns if name.endswith("temperature_k")), columns[0] if columns else "")
    lines = [
        (f"results[{example!r}]", "a column: numpy, SI, one value per interval of results.time"),
        (f"results.describe({example.partition('.')[0] + '.'!r})", "units, meanings and ranges of columns"),
        ("results.event_counts()", "what happened, how often, how long"),
        (f"results.to_pandas([{example!r}])", "a table for pandas"),
        (f"!h2plant report {shlex.quote(str(folder))}", "the run as one page"),
    ]
    rows = "".join(
        f"<tr><td{_LEFT}><code>{escape(code)}</code></td><td{_LEFT}>{does}</td></tr>" for code, does in lines
    )
    return f"<details><summary>How to go on</summary><table><tbody>{rows}</tbody></table></details>"
