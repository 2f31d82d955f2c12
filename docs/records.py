"""Writes anew what pages say of the records of runs: published figures in docs/gallery.md, cases in validation.md."""

from __future__ import annotations

from docs import gallery_ranges
from docs.cost_cases import page as cost_cases


def compare() -> None:
    """Write both tables from the records as they are."""
    for part in (gallery_ranges, cost_cases):
        part.PAGE.write_text(part.written(part.PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    compare()
