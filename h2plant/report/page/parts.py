"""What the page is put together from: charts with title and alternative text, tables, notes."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from h2plant.core.markup import NONE, Html
from h2plant.report.page.charts import Figure, as_text
from h2plant.report.page.run_data import MissingData


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
    html: Html


class Charts:
    """Gathers the figures of a page; each is drawn when it comes into view."""

    def __init__(self) -> None:
        self.figures: dict[str, Figure] = {}

    def add(self, figure: Figure | None, title: str, alt: str, note: str = "") -> Html:
        """Return the place of a chart in the page; nothing for None.

        Parameters
        ----------
        figure
            Data and layout; all words in it are shown as they are.
        title, note
            Shown above it.
        alt
            What it shows, in words and numbers, for who cannot see it.
        """
        if figure is None:
            return NONE
        id_ = f"chart-{len(self.figures) + 1}"
        self.figures[id_] = as_text(figure)
        return Html(
            "<figure><figcaption><h3>{title}</h3>{note}</figcaption>"
            '<div class="chart" id="{id}" role="img" aria-label="{alt}" style="min-height:{height}px"></div>'
            "</figure>\n",
            title=title,
            note=Html('<p class="soft">{}</p>', note) if note else NONE,
            id=id_,
            alt=alt,
            height=int(figure.get("layout", {}).get("height", 320)),
        )

    def json(self) -> str:
        """Return all figures, for a script element."""
        return safe_json(self.figures)


def safe_json(value: Any) -> str:
    """Return JSON that may stand in a script element."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def missing(why: str) -> Html:
    """Return a note in the place of something that cannot be shown."""
    return Html('<p class="missing">Not shown: {}.</p>\n', why)


def warning(text: str) -> Html:
    """Return a warning."""
    return Html('<p class="warning">{}</p>', text)


def attempt(part: Callable[[], Html]) -> Html:
    """Return a part of the page, or the note why it is not there."""
    try:
        return part()
    except MissingData as why:
        return missing(str(why))


def table(
    caption: str, headings: Sequence[str], rows: Sequence[Sequence[str | Cell]], is_text: Sequence[bool], id_: str = ""
) -> Html:
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
    heads = NONE.join(
        Html('<th scope="col"{}><button type="button">{}</button></th>', NONE if t else _NUMBER, h)
        for h, t in zip(headings, is_text, strict=True)
    )
    lines = []
    for row in rows:
        cells = []
        for k, cell in enumerate(row):
            text, key, to = cell if isinstance(cell, Cell) else (cell, None, "")
            content = Html('<a href="#{}">{}</a>', to, text) if to else Html("{}", text)
            sort = NONE if key is None else Html(' data-key="{:.12g}"', key)
            kind = NONE if is_text[k] else _NUMBER
            cells.append(
                Html("<th scope=row{}>{}</th>", sort, content)
                if k == 0
                else Html("<td{}{}>{}</td>", kind, sort, content)
            )
        lines.append(Html("<tr>{}</tr>", NONE.join(cells)))
    return Html(
        '<div class="scroll" tabindex="0" role="region" aria-label="{caption}"><table class="sortable"{id}>'
        "<caption>{caption}</caption><thead><tr>{heads}</tr></thead>\n<tbody>\n{lines}\n</tbody></table></div>\n",
        caption=caption,
        id=_id(id_),
        heads=heads,
        lines=Html("\n").join(lines),
    )


_NUMBER = Html(' class="num"')


def _id(id_: str) -> Html:
    return Html(' id="{}"', id_) if id_ else NONE


def folded(title: str, html: Html, id_: str = "") -> Html:
    """Return something that opens at a click, and on paper is left out."""
    return Html("<details{}><summary>{}</summary>{}</details>\n", _id(id_), title, html)


def shown(value: float | None, form: str = ",.4g") -> str:
    """Return a number as the page shows it; a dash for none."""
    return (
        "–"
        if value is None or math.isnan(value)
        else format(value, form if form.startswith("+") else f"z{form}").replace("-", "−")
    )
