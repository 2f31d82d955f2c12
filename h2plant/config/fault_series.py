"""The series by which faults come to components: made before a run, from when they strike."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime

import numpy as np

from h2plant.config.series import Series
from h2plant.plant.fault import Fault, Faults, FaultSeries, Random, Yearly
from h2plant.plant.finding import Finding
from h2plant.plant.graph import Plant
from h2plant.plant.outage import Outage, outages

_COARSEST_S = 3600
FEW_OUTAGES = 3.0
"""Outages to be expected in a run below which one draw of them says little: the number scatters by 58 %."""


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


def rare_outages(plant: Plant, n_s: float) -> list[str]:
    """Return a note for each fault that so rarely strikes at random that one draw of it says little.

    Parameters
    ----------
    plant
        The plant.
    n_s
        Length of the run, or of all years of a life, s.
    """
    by_name: dict[str, list[tuple[Fault, Random]]] = {}
    for fault in plant.faults.of:
        if isinstance(fault.when, Random):
            by_name.setdefault(fault.name, []).append((fault, fault.when))
    notes = []
    for name, of in by_name.items():
        expected = math.fsum(when.n_expected(n_s) for _, when in of)
        if expected >= FEW_OUTAGES:
            continue
        none = math.prod((1.0 - when.out_frac) * math.exp(-n_s / when.mtbf_s) for _, when in of)
        share = math.fsum(fault.share_frac * when.out_frac for fault, when in of) / len(of)
        each = f" of each of {len(of)} components" if len(of) > 1 else f" of '{of[0][0].component}'"
        out = f"{share:.2%}{each} out of service" if of[0][0].is_rest else f"struck {of[0][1].out_frac:.2%} of the time"
        what = (
            f"random: {expected:.2g} outages are expected in this run, and none with a probability of {none:.0%}; "
            f"in the long run {out}"
        )
        remedy = "one draw says little of so few: run several seeds, a study over faults.seed, or more years (--years)"
        notes.append(Finding("few-outages", f"faults.{name}", what, remedy, severity="note").in_a_line)
    return notes


def outage_costs(plant: Plant, start: datetime, n_s: int) -> tuple[tuple[str, float, float, float, float, bool], ...]:
    """Return what outages of a run cost: (component, begin and end in s of the run, EUR each, EUR/s, if each year).

    What comes in each year is there once, wherever in the year the run lies.
    """
    paid = tuple(fault for fault in plant.faults.of if fault.cost_eur or fault.cost_eur_per_s)
    yearly = tuple(
        (fault.component, 0.0, float(fault.when.length_s), fault.cost_eur, fault.cost_eur_per_s, True)
        for fault in paid
        if isinstance(fault.when, Yearly)
    )
    paid = tuple(fault for fault in paid if not fault.is_yearly)
    if not paid:
        return yearly
    start_s = round(start.timestamp())
    found = outages(replace(plant.faults, of=paid), start_s, n_s, plant.timezone)
    return yearly + tuple(
        (
            one.fault.component,
            float(one.begin_s - start_s),
            float(one.end_s - start_s),
            one.each_eur,
            one.fault.cost_eur_per_s,
            False,
        )
        for one in found
    )


def with_planned_only(plant: Plant) -> Plant:
    """Return a plant without the faults that nobody knows ahead; their series are 0."""
    return replace(plant, faults=Faults(tuple(f for f in plant.faults.of if f.is_planned), plant.faults.life_year))
