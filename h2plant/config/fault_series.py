"""The series by which faults come to components: made before a run, from when they strike."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import numpy as np

from h2plant.config.series import Series
from h2plant.plant.fault import Fault, Faults, FaultSeries
from h2plant.plant.graph import Plant
from h2plant.plant.outage import Outage, outages

_COARSEST_S = 3600


def fault_series(plant: Plant, start_s: int, n_s: int, timezone: str | None = None) -> dict[str, Series]:
    """Return the series of a plant's faults over a run.

    Parameters
    ----------
    plant
        The plant.
    start_s, n_s
        Start of the run, seconds since 1970 UTC, and its length, s.
    timezone
        IANA zone of the plant's clock; the plant's own if None.

    Returns
    -------
    dict
        By name; 1 is all of a component, or of its heat transfer; bias and gain in SI.
    """
    names = plant.fault_series
    if not names:
        return {}
    found = outages(plant.faults, start_s, n_s, timezone or plant.timezone)
    spans: dict[str, list[Outage]] = {}
    for one in found:
        spans.setdefault(one.fault.name + " " + one.fault.component, []).append(one)
    return {
        name: _series(name, unit, [(s, one) for fault, one in of for s in spans.get(_key(fault), ())], start_s, n_s)
        for name, (unit, of) in names.items()
    }


def _key(fault: Fault) -> str:
    return fault.name + " " + fault.component


def _series(name: str, unit: str, found: list[tuple[Outage, FaultSeries]], start_s: int, n_s: int) -> Series:
    """Return a series: what faults add up to, or what they take together, each of what the others leave."""
    first_s = start_s // _COARSEST_S * _COARSEST_S
    edges = (t - first_s for span, _ in found for t in (span.begin_s, span.end_s) if start_s < t < start_s + n_s)
    resolution_s = math.gcd(_COARSEST_S, *edges)
    values = np.zeros((start_s + n_s - first_s) // resolution_s + 2)
    left = np.ones(values.size)
    for span, one in found:
        begin = 0 if span.begin_s <= start_s else (span.begin_s - first_s) // resolution_s
        end = values.size if span.end_s >= start_s + n_s else (span.end_s - first_s) // resolution_s
        if one.adds_up:
            values[begin:end] += one.value
        else:
            left[begin:end] *= 1.0 - one.value
    return Series(name, values + (1.0 - left), resolution_s, start_s - first_s, False, unit, is_of_fault=True)


def outage_costs(plant: Plant, start: datetime, n_s: int) -> tuple[tuple[str, float, float, float, float], ...]:
    """Return what the outages of a run cost: (component, begin and end in s of the run, EUR each, EUR/s)."""
    paid = tuple(fault for fault in plant.faults.of if fault.cost_eur or fault.cost_eur_per_s)
    if not paid:
        return ()
    start_s = round(start.timestamp())
    found = outages(replace(plant.faults, of=paid), start_s, n_s, plant.timezone)
    return tuple(
        (f.component, float(begin - start_s), float(end - start_s), f.cost_eur, f.cost_eur_per_s)
        for f, begin, end in found
    )


def with_planned_only(plant: Plant) -> Plant:
    """Return a plant without the faults that nobody knows ahead; their series are 0."""
    return replace(plant, faults=Faults(tuple(f for f in plant.faults.of if f.is_planned), plant.faults.life_year))
