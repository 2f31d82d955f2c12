"""What two engines' logs differ by, column by column, and what they sum up to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.results.ledger import Bookkeeper, Ledger
from h2plant.simulation.program import Column, FloatArray, IntArray, Program

TARGET_FRAC = 1.0e-3
"""Largest deviation of a column over its scale, and of a figure over its value."""

SCALE_FRAC = 1.0e-2
"""A column that hardly moves is compared with this share of its magnitude: its range says nothing."""

NOISE_FRAC = 1.0e-9
"""Nothing is compared with less than this share of the largest magnitude among the columns of its unit."""


def column_scale(columns: Sequence[Column], low: FloatArray, high: FloatArray) -> FloatArray:
    """Return what deviations of each column are divided by, in the column's unit; shape (n_columns,).

    The range over the run; at least 1 % of the largest magnitude, so that a column that stands still in both engines
    but at different values is found, and rounding on top of it is not; at least 1e-9 of the largest magnitude among
    all columns of the same unit, so that traces of nothing count as nothing.

    Parameters
    ----------
    columns
        The log's columns.
    low, high
        Least and largest value of each over the run, shape (n_columns,).
    """
    magnitude = np.maximum(np.abs(low), np.abs(high))
    largest: dict[str, float] = {}
    for column, value in zip(columns, magnitude.tolist(), strict=True):
        largest[column.unit] = max(largest.get(column.unit, 0.0), value)
    noise = NOISE_FRAC * np.array([largest[column.unit] for column in columns])
    scale = np.maximum(np.maximum(high - low, SCALE_FRAC * magnitude), noise)
    return np.asarray(np.where(scale > 0.0, scale, 1.0))


@dataclass(frozen=True)
class Deviation:
    """Differences of two logs, baseline minus optimised; arrays of shape (n_columns,).

    Attributes
    ----------
    worst
        Largest absolute difference, in the column's unit.
    worst_row
        Log row of it, counted from the start of the run.
    total
        Sum of the differences, in the column's unit.
    n_beyond
        Number of rows beyond the bar.
    n_rows
        Number of rows compared.
    """

    worst: FloatArray
    worst_row: IntArray
    total: FloatArray
    n_beyond: IntArray
    n_rows: int

    @classmethod
    def of(cls, optimised: FloatArray, baseline: FloatArray, scale: FloatArray, first_row: int) -> Deviation:
        """Compare two logs of shape (n_rows, n_columns); what is not finite in either counts as infinitely far."""
        with np.errstate(invalid="ignore"):
            difference = baseline - optimised
        size = np.where(np.isfinite(difference), np.abs(difference), np.inf)
        row = size.argmax(axis=0)
        worst = size[row, np.arange(size.shape[1])]
        n_beyond = (size > TARGET_FRAC * scale).sum(axis=0).astype(np.int64)
        total = np.where(np.isfinite(difference), difference, 0.0).sum(axis=0)
        return cls(worst, (row + first_row).astype(np.int64), total, n_beyond, len(size))

    @classmethod
    def merged(cls, parts: Sequence[Deviation]) -> Deviation:
        """Return the deviation over all parts."""
        worst = np.array([part.worst for part in parts])
        rows = np.array([part.worst_row for part in parts])
        chosen, columns = worst.argmax(axis=0), np.arange(worst.shape[1])
        return cls(
            worst[chosen, columns],
            rows[chosen, columns],
            np.sum([part.total for part in parts], axis=0),
            np.sum([part.n_beyond for part in parts], axis=0),
            sum(part.n_rows for part in parts),
        )


@dataclass(frozen=True)
class Sums:
    """What one engine added up over a stretch.

    Attributes
    ----------
    totals
        Bus over time, shape (n_slots,).
    content_change, content_after
        Content of the components: change over the stretch, and at its end; (n_components, 5).
    memory_change
        Change of all states; shape of ``memory``.
    n_steps
        Length.
    cpu_s
        Processor time of the loop, s.
    """

    totals: FloatArray
    content_change: FloatArray
    content_after: FloatArray
    memory_change: FloatArray
    n_steps: int
    cpu_s: float

    @classmethod
    def merged(cls, parts: Sequence[Sums]) -> Sums:
        """Return the sums over stretches in order of time; the content after is that of the last."""
        return cls(
            np.sum([part.totals for part in parts], axis=0),
            np.sum([part.content_change for part in parts], axis=0),
            parts[-1].content_after,
            np.sum([part.memory_change for part in parts], axis=0),
            sum(part.n_steps for part in parts),
            sum(part.cpu_s for part in parts),
        )


def booked(program: Program, initial: FloatArray, sums: Sums) -> Ledger:
    """Put a program into the state that the sums lead to and return the ledger.

    What counts up (energy imported, starts, water split) becomes what the stretches added to it, also where there is
    time between them that nobody compared.

    Parameters
    ----------
    program
        The lowered plant; its memory and totals are overwritten.
    initial
        Memory at the very start of the run, where all counts are zero.
    sums
        Of one engine.
    """
    a = program.arrays
    a.memory[:] = initial
    a.totals[:] = 0.0
    bookkeeper = Bookkeeper(program, sums.content_after - sums.content_change)
    a.memory[:] += sums.memory_change
    a.totals[:] = sums.totals
    return bookkeeper.close(sums.content_after)
