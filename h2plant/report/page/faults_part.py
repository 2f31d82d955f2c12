"""What the faults of a plant did: how often they struck, for how long, what that left of each component."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from h2plant.core.markup import NONE
from h2plant.report.page.parts import Cell, Section, folded, shown, table
from h2plant.results.fault import FAULT_HEADINGS, cost_text, fault_rows

_MOST_SPANS = 2000


def faults_section(summary: Mapping[str, Any]) -> list[Section]:
    """Return the faults of the plant's file and what they left, as a section; none for a plant without."""
    rows = [
        (
            Cell(id_),
            Cell(way),
            Cell(f"{n:,}", n),
            Cell(shown(hours, ",.1f"), hours),
            Cell("" if left is None else f"{left:.2%}", left),
        )
        for id_, way, n, hours, left in fault_rows(summary)
    ]
    if not rows:
        return []
    html = table("Faults of the plant's file", FAULT_HEADINGS, rows, (True, True, False, False, False))
    html += _spans(summary)
    intro = cost_text(summary)
    return [Section("faults", "Faults and availability", f"{intro[:1].upper()}{intro[1:]}." if intro else "", html)]


def _spans(summary: Mapping[str, Any]) -> Any:
    """Return when each fault struck, folded."""
    spans = (summary.get("faults") or {}).get("spans") or ()
    rows = [
        (
            Cell(str(one.get("begin", ""))[:16].replace("T", " ")),
            Cell(str(one.get("component", ""))),
            Cell(str(one.get("fault", ""))),
            Cell(shown(one.get("hours"), ",.1f"), one.get("hours")),
            Cell(shown(one.get("cost_eur"), ",.0f"), one.get("cost_eur")),
        )
        for one in spans[:_MOST_SPANS]
    ]
    if not rows:
        return NONE
    more = f", the first {_MOST_SPANS:,} of {len(spans):,}" if len(spans) > _MOST_SPANS else ""
    headings = ("from, local time", "component", "fault", "hours", "EUR")
    return folded(f"Each of them{more}", table("When they struck", headings, rows, (True, True, True, False, False)))
