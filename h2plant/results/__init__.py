"""What a run gave: ledger and totals, figures and economics of the run, validity, the results folder and its reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from h2plant.results.results import Results

__all__ = ["Results"]


def __getattr__(name: str) -> Any:
    if name in __all__:  # late: the ledger is read without Arrow
        from h2plant.results.results import Results

        return Results
    raise AttributeError(f"module 'h2plant.results' has no attribute {name!r}")
