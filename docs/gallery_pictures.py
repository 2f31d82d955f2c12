"""The gallery of bundled plants: each is run over its year; figures go into docs/gallery.md, a picture beside it.

A plant of the gallery is a file ``docs/gallery/NAME.py`` with a ``PLANT``; nothing else names it, and ``python -m
docs.build NAME`` runs it anew.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import h2plant
from docs import gallery_record
from h2plant.measure.measured import markdown_rows
from h2plant.results.figures import FIGURES, figure_of

FOLDER = Path(__file__).parent / "gallery"
PAGE = Path(__file__).parent / "gallery.md"
DARK, MIDDLE, LIGHT, PALE, RED = "#12355b", "#2f7fb8", "#f2a541", "#d5dbe1", "#b3322c"


@dataclass(frozen=True)
class GalleryPlant:
    """What the gallery shows of a bundled plant.

    Attributes
    ----------
    figures
        Ids of the key figures that its table has, in order.
    draw
        Returns its picture from the results of its year, logged by the hour.
    start, hours
        The span that is run, in steps of a minute.
    """

    figures: tuple[str, ...]
    draw: Callable[[h2plant.Results], Any]
    start: str = "2023-01-01"
    hours: float = 8760.0

    def command(self, name: str) -> str:
        """Return the command that runs it as the gallery does."""
        start = "" if self.start == "2023-01-01" else f"--start {self.start} "
        return f"h2plant run {name} {start}--hours {self.hours:g} --log-every 1h --out results/{name}"

    def run(self, name: str, out: Path) -> h2plant.Results:
        """Run it over its span."""
        return h2plant.run(name, start=self.start, hours=self.hours, step_s=60, log_every_s=3600, out=out)


PLANTS = tuple(sorted(file.stem for file in FOLDER.glob("*.py")))
"""Names of the plants of the gallery."""


def gallery_plant(name: str) -> GalleryPlant:
    """Return what the gallery shows of a plant."""
    found = importlib.import_module(f"docs.gallery.{name}").PLANT
    assert isinstance(found, GalleryPlant)
    return found


def made(name: str, scratch: Path) -> Any:
    """Run a plant over its span, keep its record and write its table into the page; returns its picture."""
    plant = gallery_plant(name)
    results = plant.run(name, scratch / f"gallery-{name}")
    gallery_record.write(name, results.summary)
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_table(page, name, table(plant, results.summary)), encoding="utf-8")
    return plant.draw(results)


def table(plant: GalleryPlant, summary: dict[str, Any]) -> str:
    """Return the key figures of a run as a Markdown table: those of the plant, and how well its balances close."""
    rows = []
    for id_ in plant.figures:
        figure, value = figure_of(id_), summary["key_figures"][id_]
        assert figure is not None, f"there is no key figure {id_}"
        rows.append([full_label(id_), format(value, figure.format), "" if figure.unit == "1" else figure.unit])
    residual, audit = summary["residuals"]["worst_relative"], summary["audit"]
    rows.append(["largest balance residual of a component", f"{residual:.1e}", "relative"])
    rows.append(["checks of the audit, laws broken", f"{audit['n_checks']:,}, {audit['n_broken']}", ""])
    return markdown_rows(["figure", "value", "unit"], rows)


def full_label(id_: str) -> str:
    """Return the label of a key figure; that of a part of another one after that one's."""
    whole = ""
    for figure in FIGURES.values():
        is_part = figure.label.startswith(" ")
        if figure.id == id_:
            return f"{whole}, {figure.label.strip()}" if is_part else figure.label
        whole = whole if is_part else figure.label
    raise KeyError(id_)


def with_table(page: str, name: str, text: str) -> str:
    """Return the page with the table of a plant between its marks, where the one before stood."""
    begin, end = f"<!-- figures of {name} -->\n", f"<!-- end of {name} -->\n"
    found = re.subn(rf"(?<={begin}).*?(?={end})", lambda _: f"\n{text}\n", page, flags=re.S)
    assert found[1] == 1, f"docs/gallery.md has no place for the figures of {name}: {begin.strip()} ... {end.strip()}"
    return str(found[0])


def table_in(page: str, name: str) -> str:
    """Return the table of a plant that stands in the page."""
    found = re.search(rf"<!-- figures of {name} -->\n\n(.*?)\n<!-- end of {name} -->", page, re.S)
    assert found is not None, f"docs/gallery.md has no figures of {name}"
    return found[1]


def span_of(results: h2plant.Results, first: str, days: float) -> slice:
    """Return the rows of a log from a day on, for some days."""
    begin = datetime.fromisoformat(first)
    ends = [np.datetime64(begin), np.datetime64(begin + timedelta(days=days))]
    return slice(*np.searchsorted(results.time, ends).tolist())


def finish(axes: Iterable[Any], with_legend: Iterable[Any], days: Any, date_format: str) -> None:
    """Put titles to the left and legends beside them, and write days below the last of the axes."""
    import matplotlib.dates as mdates

    for axis in with_legend:
        axis.legend(ncols=4, loc="lower right", bbox_to_anchor=(1.0, 0.99), frameon=False)
    for axis in axes:
        axis.title.set_ha("left")
        axis.title.set_x(0.0)
    days.xaxis.set_major_locator(mdates.DayLocator())
    days.xaxis.set_major_formatter(mdates.DateFormatter(date_format))
