"""The history as one page of HTML that needs nothing else: tables, and lines drawn as SVG."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from h2plant.core.markup import NONE, Html
from h2plant.core.whole_file import whole_file
from h2plant.measure.trend.thresholds import METRICS
from h2plant.measure.trend.verdict import Group, Verdict
from h2plant.session.record import Record

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


def page(found: Sequence[Group], last: int) -> Html:
    """Return the page as text."""
    n_flagged = sum(group.is_flagged for group in found)
    if not found:
        verdict = Html("<p>There are no runs in the history yet.</p>")
    elif n_flagged:
        verdict = Html('<p><span class="flag">flagged: {} of {} groups of runs</span></p>', n_flagged, len(found))
    else:
        verdict = Html('<p><span class="good">nothing flagged</span> in {} groups of runs</p>', len(found))
    return Html(
        _PAGE,
        style=Html(_STYLE),
        verdict=verdict,
        about=Html('<p class="soft">{}; times are UTC</p>', found[0].latest.machine) if found else NONE,
        sections=Html("\n").join(_section(group, k, last) for k, group in enumerate(found)),
    )


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>h2plant: history of runs</title>
<style>{style}</style>
</head>
<body>
<header><h1>History of runs</h1>{verdict}{about}</header>
<main>
{sections}
</main>
</body>
</html>
"""


def _section(group: Group, number: int, last: int) -> Html:
    measured = [verdict for verdict in group.verdicts if verdict.state != "not measured"]
    return Html(
        """<section aria-labelledby="g{number}">
<h2 id="g{number}">{title}</h2>
<div class="charts">
{charts}
</div>
{table}
</section>""",
        number=number,
        title=group.title,
        charts=Html("\n").join(_chart(group, verdict, f"g{number}-{verdict.metric}") for verdict in measured),
        table=_table(group, last),
    )


def labelled(name: str) -> str:
    """Return the label of a quantity with its unit."""
    metric = METRICS[name]
    return metric.label if metric.unit == "1" else f"{metric.label}, {metric.unit}"


def _table(group: Group, last: int) -> Html:
    names = [n for n in METRICS if any(getattr(r, n) is not None for r in group.records[-last:])]
    rows = []
    for r in reversed(group.records[-last:]):
        cells = NONE.join(Html("<td>{}</td>", shown(getattr(r, n), n)) for n in names)
        rows.append(Html('<tr><th scope="row">{}</th>{}<td class="text">{}</td></tr>', utc_time(r), cells, r.h2plant))
    return Html(
        """<div class="scroll" tabindex="0" role="region" aria-label="runs of {title}">
<table><caption>last {last} of {n} runs</caption>
<thead><tr><th scope="col">end</th>{heads}<th scope="col">version</th></tr></thead>
<tbody>
{rows}
</tbody></table></div>""",
        title=group.title,
        last=min(last, len(group.records)),
        n=len(group.records),
        heads=NONE.join(Html('<th scope="col">{}</th>', labelled(n)) for n in names),
        rows=Html("\n").join(rows),
    )


_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 360.0, 130.0, 60.0, 8.0, 10.0, 10.0


def _chart(group: Group, verdict: Verdict, id_: str) -> Html:
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

    def level(value: float, kind: str) -> Html:
        return Html(
            '<line class="{0}" x1="{1:g}" x2="{2:g}" y1="{3:.1f}" y2="{3:.1f}"/>',
            *(kind, _LEFT, _WIDTH - _RIGHT, y(value)),
        )

    def tick(value: float) -> Html:
        return level(value, "axis") + Html(
            '<text x="{:g}" y="{:.1f}" text-anchor="end">{}</text>',
            *(_LEFT - 6, y(value) + 4, shown(value, verdict.metric)),
        )

    ticks = NONE.join(tick(value) for value in dict.fromkeys((max(values), min(values))))
    lines = level(verdict.median, "median") if verdict.median is not None else NONE
    if verdict.limit is not None and bottom <= verdict.limit <= top:
        lines += level(verdict.limit, "limit")
    points = " ".join(f"{x(k):.1f},{y(v):.1f}" for k, v in enumerate(values))
    dots = NONE.join(
        Html(
            '<circle class="run{}" cx="{:.1f}" cy="{:.1f}" r="3"><title>{}: {}</title></circle>',
            " flagged" if verdict.is_flagged and k == len(values) - 1 else "",
            *(x(k), y(v), utc_time(r), with_unit(v, verdict.metric)),
        )
        for k, (r, v) in enumerate(zip(runs, values, strict=True))
    )
    summary = (
        f"{metric.label}, last {len(values)} runs: lowest {shown(min(values), verdict.metric)}, "
        f"highest {shown(max(values), verdict.metric)}, last {with_unit(values[-1], verdict.metric)}"
    )
    return Html(
        """<figure>
<h3>{label}</h3>
<p>{latest} {state}</p>
<p class="soft">{comparison}</p>
<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-labelledby="{id}"><title id="{id}">{summary}</title>
{ticks}{lines}<polyline class="trend" points="{points}"/>{dots}</svg>
</figure>""",
        label=metric.label,
        latest=with_unit(verdict.latest, verdict.metric),
        state=_state(verdict),
        comparison=_comparison(verdict),
        width=_WIDTH,
        height=_HEIGHT,
        id=id_,
        summary=summary,
        ticks=ticks,
        lines=lines,
        points=points,
        dots=dots,
    )


def _state(verdict: Verdict) -> Html:
    kind = "flag" if verdict.is_flagged else "good" if verdict.state == "good" else "soft"
    return Html('<span class="{}">{}</span>', kind, verdict.state)


def _comparison(verdict: Verdict) -> str:
    parts = []
    if verdict.change_frac is not None:
        now, before = shown(verdict.recent, verdict.metric), shown(verdict.median, verdict.metric)
        parts.append(f"now {now}, median before {before} ({verdict.change_frac:+.1%})")
    if verdict.limit is not None:
        side = "at most" if METRICS[verdict.metric].is_better_low else "at least"
        parts.append(f"limit: {side} {verdict.limit:g}")
    return "; ".join(parts) or "\u00a0"
