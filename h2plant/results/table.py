"""Results as a notebook shows them: key figures with units, columns by component, how to go on."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from h2plant.core.markup import NONE, Html
from h2plant.results.figures import figures_in
from h2plant.results.warning import warnings_of

_LEFT = Html(' style="text-align:left"')
_RIGHT = Html(' style="text-align:right;font-variant-numeric:tabular-nums"')
_GROUP = Html(' style="text-align:left;font-weight:600;padding-top:.6em"')
_SOFT = Html(' style="text-align:left;opacity:.75"')
_MOST_NAMES = 8


def results_html(
    folder: Path, summary: Mapping[str, Any], columns: Sequence[str], n_rows: int, events: Sequence[tuple[Any, ...]]
) -> Html:
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
    parts = (
        _title(summary),
        _figures(summary),
        _happened(events),
        _columns(columns, n_rows),
        _how_to_go_on(folder, columns),
    )
    return Html('<div style="max-width:60em">{}</div>', NONE.join(parts))


def _title(summary: Mapping[str, Any]) -> Html:
    text = Html(
        "<b>{}</b>, plant {}: {:,.6g} h from {}, steps of {:g} s",
        *(summary["scenario"], summary.get("plant", "?"), summary["hours"], summary["start"], summary.get("step_s", 0)),
    )
    for what, why in warnings_of(summary):
        text += Html("<br><b>{}:</b> {}", what, why)
    if not summary["is_complete"]:
        text += Html("<br><b>not complete:</b> {}", summary["stopped_by"])
    return Html("<p>{}</p>", text)


def _figures(summary: Mapping[str, Any]) -> Html:
    """Return the key figures in their groups; those of another version under their own name."""
    figures = summary.get("key_figures") or {}
    declared = figures_in(summary)
    if not figures:
        return Html("<p>The run ended before anything could be counted.</p>")
    rows = []
    group = ""
    for name, value in sorted(figures.items(), key=lambda item: item[0] not in declared):
        known = declared.get(name)
        if known is not None and not known.is_shown(value):
            continue
        if known is not None and known.group != group:
            group = known.group
            rows.append(Html('<tr><th colspan="4"{}>{}</th></tr>', _GROUP, group))
        label, unit, form = (known.label, known.unit, known.format) if known else (name, "", ",.6g")
        indent = Html("&emsp;") if label.startswith(" ") else NONE
        text = "–" if not isinstance(value, int | float) else format(value, f"z{form}")
        rows.append(
            Html("<tr><td{}>{}{}</td><td{}>{}</td>", _LEFT, indent, label.strip(), _RIGHT, text)
            + Html("<td{}>{}</td><td{}><code>{}</code></td></tr>", _LEFT, "" if unit == "1" else unit, _SOFT, name)
        )
    head = [Html("<th{}>{}</th>", _LEFT, text) for text in ("figure", "value", "unit", "summary['key_figures'][...]")]
    return Html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", NONE.join(head), NONE.join(rows))


def _happened(events: Sequence[tuple[Any, ...]]) -> Html:
    if not events:
        return Html("<p>No events.</p>")
    most = "; ".join(
        f"{component}: {what}, {times:,} times, {hours:,.1f} h" for component, what, times, hours in events[:3]
    )
    return Html("<p>Events, those with the most hours: {}{}</p>", most, " …" if len(events) > 3 else "")


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


def _columns(columns: Sequence[str], n_rows: int) -> Html:
    rows = []
    for component, names in by_component(columns):
        # what a component says of itself first: streams have eight columns each and are found with describe()
        plain = [name for name in names if "." not in name] + [name for name in names if "." in name]
        shown = Html(", ").join(Html("<code>{}</code>", name) for name in plain[:_MOST_NAMES])
        more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
        rows.append(Html("<tr><td{0}>{1}</td><td{0}>{2}{3}</td></tr>", _LEFT, component, shown, more))
    text = f"{len(columns):,} columns × {n_rows:,} rows, by component"
    return Html(_FOLDED, text, NONE.join(rows))


_FOLDED = "<details><summary>{}</summary><table><tbody>{}</tbody></table></details>"


def _how_to_go_on(folder: Path, columns: Sequence[str]) -> Html:
    example = next((name for name in columns if name.endswith("temperature_k")), columns[0] if columns else "")
    lines = [
        (f"results[{example!r}]", "a column: numpy, SI, one value per interval of results.time"),
        (f"results.describe({example.partition('.')[0] + '.'!r})", "units, meanings and ranges of columns"),
        ("results.event_counts()", "what happened, how often, how long"),
        (f"results.to_pandas([{example!r}])", "a table for pandas"),
        (f"!h2plant report {shlex.quote(str(folder))}", "the run as one page"),
    ]
    rows = [Html("<tr><td{0}><code>{1}</code></td><td{0}>{2}</td></tr>", _LEFT, code, does) for code, does in lines]
    return Html(_FOLDED, "How to go on", NONE.join(rows))
