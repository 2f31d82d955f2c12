"""Laws of the rule that follows a plan, but for its lines: what batteries and reconverters are told."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core import bus
from h2plant.core.law import FloatArray, Law, Seen, equal, within
from h2plant.laws.battery_dispatch import battery_law, surplus_power
from h2plant.laws.dispatch import Supply, has_decided, lines_of, supplies

_ROUNDING = 1.0e-9


def plan_battery() -> Law:
    """Return what batteries do in the end: by plan, but for what the grid does not take and cannot give."""

    def wanted(seen: Seen, surplus: FloatArray, one: Supply) -> FloatArray:
        accepts = seen.total("grid_accepts")
        limit = seen.at("grid_limit") if seen.is_linked("grid_limit") else np.inf
        by_plan = np.maximum(np.minimum(seen.after("battery_plan_w"), surplus + limit), surplus - accepts)
        return np.where(seen.at("battery_plan") >= bus.UNPLANNED_W, surplus_power(seen, surplus), by_plan)

    return battery_law(
        "batteries take and give what is planned, but for what the grid does not take and cannot give",
        "P_own - P_accepts <= P <= P_own + P_grid; else P_plan",
        wanted,
    )


def plan_battery_first() -> Law:
    """Return what batteries take before the lines: their plan, as far as supply and smallest powers leave it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        lines = lines_of(seen)
        where = has_decided(seen, lines) if lines else seen.slots[:, bus.TIME] > 0.0
        plan, purchase = seen.at("battery_plan"), np.maximum(seen.at("purchase_plan"), 0.0)
        charge, discharge = seen.total("battery_charge"), seen.total("battery_discharge")
        held = seen.nothing
        for k, line in enumerate(lines):
            held = held + np.where(seen.at("plans", k) > 0.0, line.now(bus.MINIMUM), 0.0)
        both = supplies(seen, lines)
        ends = []
        for one in both:
            free = np.maximum(one.available - one.before + purchase - held, 0.0)
            taken = np.minimum(np.minimum(plan, charge), free)
            found = np.where(plan <= 0.0, np.maximum(plan, -discharge), taken)
            ends.append(np.where(plan >= bus.UNPLANNED_W, 0.0, found))
        off = _ROUNDING * (both[1].available + np.abs(both[1].before) + purchase + held)
        told = seen.after("battery_plan_w")
        yield within(told, np.minimum(*ends), np.maximum(*ends), abs_=off, where=where)

    return Law(
        "plan-battery",
        "batteries take their plan of own power and purchases, beside the smallest powers of the planned lines",
        "P = min(P_plan, P_can, P_own + P_purchase - sum P_min); P >= -P_can",
        "definition of the rule",
        check,
    )


def plan_load() -> Law:
    """Return: fuel cells and engines are asked for their plan, and rest where the store is empty."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        plan = np.clip(seen.at("load_plan"), 0.0, 1.0)
        is_empty = seen.is_linked("storage_level") & (seen.at("storage_level") <= 0.0)
        lines = lines_of(seen)
        where = has_decided(seen, lines) if lines else True
        yield equal(seen.at("load"), np.where(is_empty, 0.0, plan), where=where)
        yield equal(seen.after("load_frac"), seen.at("load"), where=where)

    return Law(
        "plan-load",
        "fuel cells and engines are asked for their plan, and rest where the store is empty",
        "x = x_plan for L > 0, else 0",
        "definition of the rule",
        check,
    )
