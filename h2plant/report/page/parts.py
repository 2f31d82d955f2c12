"""What the page is put together from: charts with title and alternative text, tables, notes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from html import escape
from typing import Any, NamedTuple

from h2plant.report.page.charts import Figure
from h2plant.report.page.run_data import Absent


class Cell(NamedTuple):
    """A cell of a table: what is shown, by what it is sorted if not by that, and which part of the page it leads to."""

    text: str
    key: float | None = None
    to: str = ""


class Section(NamedTuple):
    """A part of the page."""

    id: str
    title: str
    intro: str
    html: str


class Charts:
    """Gathers the figures of a page; each is drawn when it comes into view."""

    def __init__(self) -> None:
        self.figures: dict[str, Figure] = {}

    def add(self, figure: Figure | None, title: str, alt: str, note: str = "") -> str:
        """Return the place of a chart in the page; nothing for None.

        Parameters
        ----------
        figure
            Data and layout.
        title, note
            Shown above it.
        alt
            What it shows, in words and numbers, for who cannot see it.
        """
        if figure is None:
            return ""
        id_ = f"chart-{len(self.figures) + 1}"
        self.figures[id_] = figure
        height = int(figure.get("layout", {}).get("height", 320))
        said = f'<p class="soft">{escape(note)}</p>' if note else ""
        return (
            f"<figure><figcaption><h3>{escape(title)}</h3>{said}</figcaption>"
            f'<div class="chart" id="{id_}" role="img" aria-label="{escape(alt)}" style="min-height:{height}px"></div>'
            "</figure>\n"
        )

    def json(self) -> str:
        """Return all figures, for a script element."""
        return safe_json(self.figures)


def safe_json(value: Any) -> str:
    """Return JSON that may stand in a script element."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def missing(why: str) -> str:
    """Return a note in the place of something that cannot be shown."""
    return f'<p class="missing">Not shown: {escape(why)}.</p>\n'


def attempt(part: Callable[[], str]) -> str:
    """Return a part of the page, or the note why it is not there."""
    try:
        return part()
    except Absent as why:
        return missing(str(why))


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[str | Cell]], is_text: Sequence[bool], id_: str = ""
) -> str:
    """Return a sortable table.

    Parameters
    ----------
    caption, headings
        What it is, and what its columns are.
    rows
        Cells; plain text where they are sorted by what they show.
    is_text
        For each column, whether it holds text (else numbers, set to the right).
    id_
        Name for scripts.
    """
    heads = "".join(
        f'<th scope="col"{"" if t else " class=num"}><button type="button">{escape(h)}</button></th>'
        for h, t in zip(headings, is_text, strict=True)
    )
    lines = []
    for row in rows:
        cells = []
        for k, cell in enumerate(row):
            text, key, to = cell if isinstance(cell, Cell) else (cell, None, "")
            html = f'<a href="#{escape(to)}">{escape(text)}</a>' if to else escape(text)
            sort = "" if key is None else f' data-key="{key:.12g}"'
            kind = "" if is_text[k] else ' class="num"'
            cells.append(f"<th scope=row{sort}>{html}</th>" if k == 0 else f"<td{kind}{sort}>{html}</td>")
        lines.append(f"<tr>{''.join(cells)}</tr>")
    name = f' id="{id_}"' if id_ else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table class="sortable"{name}>'
        f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>\n<tbody>\n"
        + "\n".join(lines)
        + "\n</tbody></table></div>\n"
    )


def folded(title: str, html: str, id_: str = "") -> str:
    """Return something that opens at a click, and on paper is left out."""
    name = f' id="{id_}"' if id_ else ""
    return f"<details{name}><summary>{escape(title)}</summary>{html}</details>\n"


def shown(value: float | None, form: str = ",.4g") -> str:
    """Return a number as the page shows it; a dash for none."""
    return "–" if value is None or math.isnan(value) else format(value, form).replace("-", "−")
