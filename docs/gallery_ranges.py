"""The figures of the gallery beside published ones: ``python -m docs.gallery_ranges`` writes the table.

Ours come from the records ``docs/gallery/NAME.yaml``, published ones with their sources from
``docs/gallery/ranges.yaml``; the table stands in docs/gallery.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from docs.gallery_pictures import PAGE, full_label
from docs.gallery_record import FOLDER, recorded
from h2plant.measure.measured import markdown_rows
from h2plant.results.figures import figure_of

FILE = FOLDER / "ranges.yaml"
BEGIN, END = "<!-- beside published figures -->\n", "<!-- end of published figures -->\n"
_PLAIN = {
    "hydrogen_cost_after_tax_sold_eur_per_kg": "cost of a kilogram sold, after tax",
    "specific_energy_kwh_per_kg": "electricity, everything counted",
    "hydrogen_served_frac": "hydrogen served",
    "carbon_delivered_kg_per_kg": "CO2 per kg delivered, EU rules",
}
"""What figures are called here, where their label leans on another one."""


@dataclass(frozen=True)
class Beside:
    """A figure of a plant beside what is published: its value, the span, where that stands, and why it lies outside."""

    plant: str
    figure: str
    value: float
    low: float
    high: float
    source: str
    why: str

    @property
    def is_within(self) -> bool:
        """Whether it lies within what is published."""
        return self.low <= self.value <= self.high


def all_beside() -> list[Beside]:
    """Return every figure that something is published of, plant by plant."""
    ranges: dict[str, list[dict[str, Any]]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return [
        Beside(
            name, row["figure"], recorded(name)["key_figures"][row["figure"]], *map(float, row["range"]),
            row["source"], row.get("why", ""),
        )
        for name, rows in ranges.items()
        for row in rows
    ]  # fmt: skip


def table() -> str:
    """Return the table."""
    rows = []
    for one in all_beside():
        figure = figure_of(one.figure)
        assert figure is not None, f"docs/gallery/ranges.yaml: there is no key figure {one.figure}"
        label = _PLAIN.get(one.figure) or full_label(one.figure)
        (ours, unit), (low, _), (high, _) = (figure.texts(value) for value in (one.value, one.low, one.high))
        where = "within" if one.is_within else f"{'above' if one.value > one.high else 'below'}: {one.why}"
        rows.append([one.plant, label, ours, f"{low} to {high}", unit, where, one.source])
    return markdown_rows(["plant", "figure", "here", "published", "unit", "", "source"], rows)


def written(page: str) -> str:
    """Return the page with the table as the records have it now."""
    found = re.subn(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", lambda _: f"\n{table()}\n", page, flags=re.S)
    assert found[1] == 1, f"docs/gallery.md has no place for published figures: {BEGIN.strip()} ... {END.strip()}"
    return str(found[0])


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
