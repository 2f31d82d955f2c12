"""What was asked of the plant and its parts, and what was given."""

from __future__ import annotations

from typing import Any

from h2plant.core.markup import NONE
from h2plant.core.served import OWED
from h2plant.report.page.parts import Cell, Section, folded, shown, table, warning
from h2plant.results.served import SHORT_HEADINGS, all_served, short_rows
from h2plant.results.served_figures import SERVED_UNITS

_IS_TEXT = (True, False, False, True, False, False, True)


def served_section(summary: dict[str, Any]) -> Section:
    """Return which media were not all given, and each component with what it owes."""
    rows = short_rows(summary)
    html = NONE
    if rows:
        said = "; ".join(f"{row.medium} {row.share}" for row in rows)
        html += warning(f"Not all that was asked was given: {said}.")
        html += table("Not all given", SHORT_HEADINGS, rows, _IS_TEXT)
    components = _by_component(summary)
    if components:
        headings = ("component", "medium", "asked", "given", "unit", "share", "hours short")
        is_text = (True, True, False, False, True, False, False)
        html += folded("All components", table("What each was asked and gave", headings, components, is_text))
    intro = all_served(summary).capitalize()
    intro = (
        f"{intro}." if intro else "" if rows else "Nothing of this plant owes power, hydrogen, water, heat or cooling."
    )
    return Section("served", "Asked and given", intro, html)


def _by_component(summary: dict[str, Any]) -> list[tuple[Cell, ...]]:
    rows = []
    for id_, owed in ((summary.get("served") or {}).get("components") or {}).items():
        for medium in OWED:
            one = (owed or {}).get(medium)
            if not one:
                continue
            suffix, unit, _ = SERVED_UNITS[medium]
            asked, given, share, hours = (
                one.get(key) for key in (f"asked_{suffix}", f"given_{suffix}", "served_frac", "short_h")
            )
            numbers = [Cell(shown(v, ",.1f"), v) for v in (asked, given)]
            last = (
                Cell(unit),
                Cell("–" if share is None else f"{share:.2%}", share),
                Cell(shown(hours, ",.1f"), hours),
            )
            rows.append((Cell(id_), Cell(medium), *numbers, *last))
    return rows
