"""Series as the simulation takes them: numbers in SI on a uniform grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import CALENDAR_SERIES, SeriesSpec, series_unit

__all__ = ["CALENDAR_SERIES", "Series", "SeriesSpec", "series_unit"]


@dataclass(frozen=True, eq=False)
class Series:
    """A series over the span of a run.

    Parameters
    ----------
    name
        SI name, such as ``price_eur_per_j`` for a series declared as ``price_eur_per_mwh``.
    values
        Float64, shape ``(n,)``, SI, at the series' own resolution. Sample ``i`` begins
        ``i * resolution_s - offset_s`` after the start of the run. The samples cover the span, and one more
        follows as the far end of the last line (a copy of the last where the data end there).
    resolution_s
        Length of an interval, s.
    offset_s
        Start of the run after the first sample, s, from 0 to below the resolution.
    is_linear
        Whether values are joined by lines; else each holds until the next.
    unit
        SI unit suffix, such as ``eur_per_j``.
    notes
        What was mended on reading.
    is_of_fault
        Whether it brings faults, and nobody gave it.
    """

    name: str
    values: NDArray[np.float64]
    resolution_s: int
    offset_s: int
    is_linear: bool
    unit: str
    notes: tuple[Finding, ...] = ()
    is_of_fault: bool = False

    def at(self, time_s: float) -> float:
        """Return the value at a time after the start of the run, s."""
        place = (self.offset_s + time_s) / self.resolution_s
        i = min(int(place), len(self.values) - 1)
        value = float(self.values[i])
        if self.is_linear and i + 1 < len(self.values):
            value += (place - i) * (float(self.values[i + 1]) - value)
        return value
