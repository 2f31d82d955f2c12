"""What the faults of a plant did in a run: when they struck, how long components were out, what it cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from h2plant.core.status import FOULED, MISREAD, OUT_OF_SERVICE
from h2plant.plant.fault import WAYS, Fault, Random
from h2plant.plant.graph import Plant
from h2plant.plant.outage import Outage, left_frac, outages
from h2plant.simulation.engine import Event

_CODES = {"outage": OUT_OF_SERVICE, "trip": OUT_OF_SERVICE, "fouling": FOULED, "bias": MISREAD}


def run_outages(plant: Plant, start: datetime, hours: float) -> list[Outage]:
    """Return when the faults of a plant struck in a run, as far as it came."""
    if not plant.faults.of:
        return []
    return outages(plant.faults, round(start.timestamp()), round(hours * 3600.0), plant.timezone)


def fault_events(plant: Plant, start: datetime, hours: float, step_s: float) -> list[Event]:
    """Return the spans of faults as events, to the minute, in steps and parts of them; amount: share times time, s."""
    start_s = round(start.timestamp())
    events = []
    for one in run_outages(plant, start, hours):
        first, last = ((t - start_s) / step_s for t in (one.begin_s, one.end_s))
        size = _size(one.fault)
        code = _CODES[one.fault.way]
        events.append(Event(one.fault.component, code, first, last - 1.0, size * (one.end_s - one.begin_s), size))
    return events


def _size(fault: Fault) -> float:
    return fault.share_frac if fault.way != "bias" else fault.bias or fault.gain_frac


def fault_summary(plant: Plant, start: datetime, hours: float) -> dict[str, Any]:
    """Return what the summary of a run has under ``faults``; empty for a plant without.

    ``spans`` lists all of them, with local times, and whether they began in the run; ``components`` how long each was
    out, and its availability: the mean share of it that was in service.
    """
    if not plant.faults.of:
        return {}
    found, zone = run_outages(plant, start, hours), ZoneInfo(plant.timezone)
    start_s, n_s = round(start.timestamp()), round(hours * 3600.0)
    spans = [
        {
            "fault": one.fault.name,
            "component": one.fault.component,
            "way": one.fault.way,
            "begin": datetime.fromtimestamp(one.begin_s, zone).isoformat(),
            "end": datetime.fromtimestamp(one.end_s, zone).isoformat(),
            "hours": one.hours,
            "is_begun": one.is_begun,
            "is_yearly": one.fault.is_yearly,
            "cost_eur": one.eur,
        }
        for one in found
    ]
    rests = [one for one in found if one.fault.is_rest]
    components = {}
    for id_ in dict.fromkeys(f.component for f in plant.faults.of if f.is_rest):
        left = left_frac([one for one in rests if one.fault.component == id_], start_s, n_s)
        components[id_] = {"hours_out": (1.0 - left) * hours, "availability_frac": left}
    return {
        "declared": [_declared(fault) for fault in plant.faults.of],
        "spans": spans,
        "components": components,
        "hours_out": math.fsum(one["hours_out"] for one in components.values()),
        "cost_eur": math.fsum(one.eur for one in found),
    }


def _declared(fault: Fault) -> dict[str, Any]:
    """Return a fault in words and numbers: what is known of it before it strikes."""
    declared: dict[str, Any] = {"fault": fault.name, "component": fault.component, "way": fault.way}
    declared["is_planned"] = fault.is_planned
    declared["text"] = WAYS[fault.way]
    if fault.is_yearly:
        declared["year_eur"] = fault.year_eur
    if isinstance(fault.when, Random):
        declared |= {"mtbf_h": fault.when.mtbf_s / 3600.0, "mttr_h": fault.when.mttr_s / 3600.0, "seed": fault.seed}
    return declared


FAULT_HEADINGS = ("component", "fault", "times", "hours", "in service")
"""Headings of ``fault_rows``."""


def cost_text(summary: Mapping[str, Any]) -> str:
    """Return what was paid for outages, in words; empty for nothing."""
    cost = (summary.get("faults") or {}).get("cost_eur")
    return f"paid for outages: {cost:,.0f} EUR" if cost else ""


def fault_rows(summary: Mapping[str, Any]) -> list[tuple[str, str, int, float, float | None]]:
    """Return of each component and way of failing: how often, hours, availability; of a summary."""
    faults = summary.get("faults") or {}
    rows: dict[tuple[str, str], tuple[int, float]] = {}
    for one in faults.get("declared", ()):
        rows.setdefault((one["component"], one["way"]), (0, 0.0))
    for one in faults.get("spans", ()):
        n, hours = rows.get((one["component"], one["way"]), (0, 0.0))
        rows[one["component"], one["way"]] = n + 1, hours + one["hours"]
    components = faults.get("components", {})
    return [
        (id_, way, n, hours, components[id_]["availability_frac"] if way in ("outage", "trip") else None)
        for (id_, way), (n, hours) in rows.items()
    ]
