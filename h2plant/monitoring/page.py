"""The history as one page of HTML that needs nothing else: tables, and lines drawn as SVG."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from html import escape
from pathlib import Path

from h2plant.core.whole_file import whole_file
from h2plant.monitoring.record import Record
from h2plant.monitoring.thresholds import METRICS
from h2plant.monitoring.verdict import Group, Verdict

TREND_RUNS = 30
"""How many runs a trend shows."""

_STYLE = """
:root { color-scheme: light dark; --page: #ffffff; --text: #1b2430; --soft: #566273; --line: #1f5fae; --grid: #d5dbe3;
  --bad: #b3261e; --bad-page: #fbe9e7; --good: #1d6b3a; --card: #f6f8fa; }
@media (prefers-color-scheme: dark) { :root { --page: #12161c; --text: #e6eaf0; --soft: #a5b0bf; --line: #7fb2f5;
  --grid: #333d4a; --bad: #ff9c92; --bad-page: #3b1d1b; --good: #7fd39c; --card: #1a2029; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 70rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; font-weight: 600; }
p { margin: .25rem 0; } .soft { color: var(--soft); font-size: .9rem; }
.flag { color: var(--bad); background: var(--bad-page); font-weight: 600; } .good { color: var(--good); }
.flag, .good { padding: 0 .3rem; border-radius: .25rem; }
.charts { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 20rem), 1fr)); }
figure { margin: 0; padding: .75rem; background: var(--card); border: 1px solid var(--grid); border-radius: .5rem; }
svg { display: block; width: 100%; height: auto; margin-top: .5rem; } svg text { fill: var(--soft); font-size: 12px; }
.trend { fill: none; stroke: var(--line); stroke-width: 2; }
.run { fill: var(--line); } .run.flagged { fill: var(--bad); }
.median { stroke: var(--soft); stroke-dasharray: 6 4; } .limit { stroke: var(--bad); stroke-dasharray: 2 3; }
.axis { stroke: var(--grid); }
.scroll { overflow-x: auto; } .scroll:focus-visible { outline: 2px solid var(--line); }
table { border-collapse: collapse; margin-top: .75rem; font-size: .9rem; white-space: nowrap; }
caption { text-align: left; color: var(--soft); } th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--grid); }
td { text-align: right; font-variant-numeric: tabular-nums; } th { text-align: right; font-weight: 600; }
th[scope=col] { white-space: normal; min-width: 5.5rem; vertical-align: bottom; }
th:first-child { text-align: left; } td.text { text-align: left; }
"""


def shown(value: float | None, metric: str) -> str:
    """Return a value as tables show it."""
    return "-" if value is None else format(value, METRICS[metric].format)


def with_unit(value: float | None, metric: str) -> str:
    """Return a value with its unit, if it has one."""
    unit = METRICS[metric].unit
    return shown(value, metric) + (f" {unit}" if unit != "1" else "")


def utc_time(record: Record) -> str:
    """Return the end of a run, UTC, to the minute."""
    return datetime.datetime.fromisoformat(record.finished_at).strftime("%Y-%m-%d %H:%M")


def write_page(file: Path, found: Sequence[Group], last: int) -> None:
    """Write the page; a file that is there is replaced in one move.

    Parameters
    ----------
    file
        Where to.
    found
        Groups of comparable runs.
    last
        How many runs of each the tables show.
    """
    with whole_file(file) as partial:
        partial.write_text(page(found, last), encoding="utf-8")


def page(found: Sequence[Group], last: int) -> str:
    """Return the page as text."""
    n_flagged = sum(group.is_flagged for group in found)
    if not found:
        verdict = "<p>There are no runs in the history yet.</p>"
    elif n_flagged:
        verdict = f'<p><span class="flag">flagged: {n_flagged} of {len(found)} groups of runs</span></p>'
    else:
        verdict = f'<p><span class="good">nothing flagged</span> in {len(found)} groups of runs</p>'
    about = f'<p class="soft">{escape(found[0].latest.machine)}; times are UTC</p>' if found else ""
    sections = "\n".join(_section(group, k, last) for k, group in enumerate(found))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>h2plant: history of runs</title>
<style>{_STYLE}</style>
</head>
<body>
<header><h1>History of runs</h1>{verdict}{about}</header>
<main>
{sections}
</main>
</body>
</html>
"""


def _section(group: Group, number: int, last: int) -> str:
    measured = [verdict for verdict in group.verdicts if verdict.state != "not measured"]
    charts = "\n".join(_chart(group, verdict, f"g{number}-{verdict.metric}") for verdict in measured)
    title = escape(group.title)
    return f"""<section aria-labelledby="g{number}">
<h2 id="g{number}">{title}</h2>
<div class="charts">
{charts}
</div>
{_table(group, number, last)}
</section>"""


def labelled(name: str) -> str:
    """Return the label of a quantity with its unit."""
    metric = METRICS[name]
    return metric.label if metric.unit == "1" else f"{metric.label}, {metric.unit}"


def _table(group: Group, number: int, last: int) -> str:
    names = [n for n in METRICS if any(getattr(r, n) is not None for r in group.records[-last:])]
    heads = "".join(f'<th scope="col">{escape(labelled(n))}</th>' for n in names)
    rows = "\n".join(
        f'<tr><th scope="row">{utc_time(r)}</th>'
        + "".join(f"<td>{shown(getattr(r, n), n)}</td>" for n in names)
        + f'<td class="text">{escape(r.h2plant)}</td></tr>'
        for r in reversed(group.records[-last:])
    )
    return f"""<div class="scroll" tabindex="0" role="region" aria-label="runs of {escape(group.title)}">
<table><caption>last {min(last, len(group.records))} of {len(group.records)} runs</caption>
<thead><tr><th scope="col">end</th>{heads}<th scope="col">version</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>"""


_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 360.0, 130.0, 60.0, 8.0, 10.0, 10.0


def _chart(group: Group, verdict: Verdict, id_: str) -> str:
    metric = METRICS[verdict.metric]
    runs = [r for r in group.records if getattr(r, verdict.metric) is not None][-TREND_RUNS:]
    values = [float(getattr(r, verdict.metric)) for r in runs]
    levels = [*values] + ([] if verdict.median is None else [verdict.median])
    bottom, top = min(levels), max(levels)
    if verdict.limit is not None and verdict.state == "beyond limit":  # else it may be orders of magnitude away
        bottom, top = min(bottom, verdict.limit), max(top, verdict.limit)
    margin = max(0.1 * (top - bottom), 0.05 * abs(top)) or 1.0  # a small change looks small
    bottom, top = bottom - margin, top + margin

    def x(k: int) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * (k + 0.5) / len(values)

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (top - value) / (top - bottom)

    def level(value: float, kind: str) -> str:
        ends = f'x1="{_LEFT:g}" x2="{_WIDTH - _RIGHT:g}" y1="{y(value):.1f}" y2="{y(value):.1f}"'
        return f'<line class="{kind}" {ends}/>'

    def tick(value: float) -> str:
        text = shown(value, verdict.metric)
        return f'{level(value, "axis")}<text x="{_LEFT - 6:g}" y="{y(value) + 4:.1f}" text-anchor="end">{text}</text>'

    ticks = "".join(tick(value) for value in dict.fromkeys((max(values), min(values))))
    lines = level(verdict.median, "median") if verdict.median is not None else ""
    if verdict.limit is not None and bottom <= verdict.limit <= top:
        lines += level(verdict.limit, "limit")
    points = " ".join(f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate(values))
    dots = "".join(
        f'<circle class="run{" flagged" if verdict.is_flagged and k == len(values) - 1 else ""}" '
        f'cx="{x(k):.1f}" cy="{y(v):.1f}" r="3">'
        f"<title>{utc_time(r)}: {with_unit(v, verdict.metric)}</title></circle>"
        for k, (r, v) in enumerate(zip(runs, values, strict=True))
    )
    said = (
        f"{metric.label}, last {len(values)} runs: lowest {shown(min(values), verdict.metric)}, "
        f"highest {shown(max(values), verdict.metric)}, last {with_unit(values[-1], verdict.metric)}"
    )
    return f"""<figure>
<h3>{escape(metric.label)}</h3>
<p>{with_unit(verdict.latest, verdict.metric)} {_state(verdict)}</p>
<p class="soft">{_comparison(verdict)}</p>
<svg viewBox="0 0 {_WIDTH:g} {_HEIGHT:g}" role="img" aria-labelledby="{id_}"><title id="{id_}">{escape(said)}</title>
{ticks}{lines}<polyline class="trend" points="{points}"/>{dots}</svg>
</figure>"""


def _state(verdict: Verdict) -> str:
    kind = "flag" if verdict.is_flagged else "good" if verdict.state == "good" else "soft"
    return f'<span class="{kind}">{verdict.state}</span>'


def _comparison(verdict: Verdict) -> str:
    parts = []
    if verdict.change_frac is not None:
        now, before = shown(verdict.recent, verdict.metric), shown(verdict.median, verdict.metric)
        parts.append(f"now {now}, median before {before} ({verdict.change_frac:+.1%})")
    if verdict.limit is not None:
        side = "at most" if METRICS[verdict.metric].is_better_low else "at least"
        parts.append(f"limit: {side} {verdict.limit:g}")
    return "; ".join(parts) or "&nbsp;"
