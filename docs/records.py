"""Writes anew what pages say of the records of runs: docs/gallery.md, docs/validation.md and docs/defaults.md."""

from __future__ import annotations

from docs import defaults_page, gallery_ranges
from docs.cost_cases import page as cost_cases


def compare() -> None:
    """Write the tables and the page from the records as they are."""
    for part in (gallery_ranges, cost_cases):
        part.PAGE.write_text(part.written(part.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    defaults_page.PAGE.write_text(defaults_page.page(), encoding="utf-8")


if __name__ == "__main__":
    compare()
