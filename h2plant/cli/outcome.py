"""What a run came to, on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from h2plant.core.terminal import Terminal

if TYPE_CHECKING:
    from h2plant.results import Results


def print_results(results: Results) -> None:
    """Print key figures, events, notes and the folder of a run."""
    from h2plant.report.console import print_events, print_notes, print_summary
    from h2plant.results.leftover import has_replaced

    console = Terminal()
    print_summary(console, results.summary)
    print_events(console, results.event_counts())
    print_notes(console, results.summary)
    console.print(f"results: {results.folder}")
    if has_replaced(results.folder):
        console.print(f"what lay there before comes back by 'h2plant undo {results.folder}'", markup=False)
