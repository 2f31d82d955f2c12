"""What happened: events, with a filter."""

from __future__ import annotations

from typing import Any

import numpy as np

from h2plant.core.markup import NONE, Html
from h2plant.report.page.parts import Cell, Section, folded, shown, table
from h2plant.report.page.run_data import RunData

MOST_EVENTS = 12_000
"""Most events in the list of the page; the longest stay."""


def events(data: RunData) -> tuple[Section, dict[str, Any]]:
    """Return the section, and the list for the page's script."""
    found = data.results.events
    n = found.num_rows
    if n == 0:
        html = Html("<p>Nothing was reported: no limit was reached, nothing ran short.</p>")
        return Section("events", "Events", "", html), {}
    component = np.array(found.column("component").to_pylist())
    what = np.array(found.column("what").to_pylist())
    start = found.column("start").to_numpy().astype("datetime64[s]").astype(np.int64)
    end = found.column("end").to_numpy().astype("datetime64[s]").astype(np.int64)
    peak = np.nan_to_num(np.asarray(found.column("peak").to_numpy(), dtype=float))
    kept = np.arange(n)
    if n > MOST_EVENTS:
        kept = np.sort(np.argsort(-(end - start), kind="stable")[:MOST_EVENTS])
    components, component_code = np.unique(component[kept], return_inverse=True)
    texts, text_code = np.unique(what[kept], return_inverse=True)
    listed = {
        "components": components.tolist(),
        "texts": texts.tolist(),
        "rows": [
            [int(c), int(t), int(b // 60), int((e - b) // 60), float(f"{p:.4g}")]
            for c, t, b, e, p in zip(component_code, text_code, start[kept], end[kept], peak[kept], strict=True)
        ],
    }
    counts = data.results.event_counts()
    rows = [(Cell(c), Cell(w), Cell(f"{k:,}", k), Cell(shown(h, ",.1f"), h)) for c, w, k, h in counts]
    summed = table(
        "How often and how long", ("component", "what", "times", "hours"), rows[:400], (True, True, False, False)
    )
    left_out = f" The list holds the {MOST_EVENTS:,} longest of them." if n > MOST_EVENTS else ""
    html = Html(
        _LIST,
        n=n,
        n_components=np.unique(component).size,
        left_out=left_out,
        choices=NONE.join(Html("<option>{}</option>", text) for text in texts),
    )
    return Section("events", "Events", "", html + folded("Times and hours by component", summed)), listed


_LIST = """<p>{n:,} events at {n_components} components.{left_out}</p>
<form class="filter" aria-label="Filter of events">
<label>Search <input type="search" id="event-text" placeholder="component or kind"></label>
<label>Kind <select id="event-kind"><option value="">all</option>{choices}</select></label>
<label>From <input type="date" id="event-from"></label> <label>to <input type="date" id="event-to"></label>
<output id="event-count" aria-live="polite"></output></form>
<div class="scroll tall" tabindex="0" role="region" aria-label="Events"><table id="event-list" class="live">
<caption>Events (UTC); peak in SI units: what was held back, missing or exceeded</caption>
<thead><tr><th scope="col"><button type="button" data-sort="2">start</button></th>
<th scope="col"><button type="button" data-sort="0">component</button></th>
<th scope="col"><button type="button" data-sort="1">what</button></th>
<th scope="col" class="num"><button type="button" data-sort="3">minutes</button></th>
<th scope="col" class="num"><button type="button" data-sort="4">peak</button></th></tr></thead>
<tbody></tbody></table></div>
<p><button type="button" id="event-more">Show more</button></p>
"""
