"""Laws of ageing: hours, starts and thermal cycles against wear, and stacks renewed at the end of their life."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_least, at_most, equal, sum_law
from h2plant.core.role import Maker

_HOUR_S = 3600.0


def wear_bounds(role: Maker) -> Law:
    """Return: wear only grows, is renewed at the end of life, and nothing wears that neither runs, starts nor waits."""
    wear = role.wear
    assert wear is not None

    def check(seen: Seen) -> Iterator[FloatArray]:
        state, end, new = seen.change(wear.state), seen.value(wear.end), seen.change(wear.replacements)
        yield at_least(state, 0.0, where=new < 0.5)
        # what a start adds is looked at when current flows
        yield at_most(seen.after(wear.state), end, where=seen.change(role.running) > 0.0)
        yield equal(new, np.rint(new))
        yield equal(seen.after(wear.state), 0.0, where=new > 0.5)
        counters = (role.running, role.n_starts, role.n_cold_starts, wear.cycles, wear.idle)
        used = [seen.change(name) for name in counters if name and name in seen.after_]
        if used:
            yield equal(state, 0.0, where=np.all([came == 0.0 for came in used], axis=0))

    return Law(
        "wear-bounds",
        "a stack wears only where it runs, starts or waits hot, and is renewed at the end of its life",
        "0 <= d(wear); wear <= end of life; wear = 0 after a replacement",
        "definition of wear",
        check,
    )


def agrees(one: Any, other: Any, where: Any = True) -> FloatArray:
    """Return 0 where two conditions are both met or both not, else infinity; NaN where not ``where``."""
    return equal(np.asarray(one, dtype=float), np.asarray(other, dtype=float), where=where)


def running_hours(current: Callable[[Seen], FloatArray], role: Maker) -> Law:
    """Return: hours are counted in steps with current and in no others, and not more than the step has."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        hours = seen.change(role.running)
        yield at_most(hours, seen.step_s / _HOUR_S, rel=1e-6)
        yield agrees(hours > 0.0, current(seen) > 0.0)
        yield at_least(hours, 0.0)

    return Law(
        "hours-with-current",
        "hours count where current flows and nowhere else",
        "0 < d(hours) <= dt where I > 0, else d(hours) = 0",
        "definition of operating hours",
        check,
    )


def counted_starts(role: Maker) -> Law:
    """Return: starts are whole numbers, those from cold among them, and no start takes longer than the step."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        starts = seen.change(role.n_starts)
        yield equal(starts, np.rint(starts))
        yield at_least(starts, 0.0)
        if role.n_cold_starts and role.n_cold_starts in seen.after_:
            yield at_most(seen.change(role.n_cold_starts), starts)
        if role.starts:
            names = [start.fields for start in role.starts]
            time = sum((seen.change(one[2]) for one in names), seen.nothing)
            yield at_most(time, seen.step_s, rel=1e-6)
            for energy, lost, spent in names:
                yield at_least(seen.change(energy), 0.0)
                yield at_least(seen.change(lost), 0.0, abs_=1e-9 * seen.step_s)
                yield at_most(seen.change(lost), seen.change(spent), rel=1e-6, abs_=1e-9 * seen.step_s)

    return Law(
        "counted-starts",
        "starts are whole, and take no more time than there is",
        "n_cold <= n_starts; lost time <= time of the start <= dt",
        "definition of starts",
        check,
    )


def solid_oxide_wear() -> Law:
    """Return: the resistance grows with hours and thermal cycles, and is that of new stacks after a replacement."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, new = seen.parameter, seen.change("n_replacements") > 0.5
        per_h, per_idle_h = p("growth_per_h"), p("idle_growth_per_h")
        grown = per_h * seen.change("running_h") + per_idle_h * seen.change("idle_hot_h")
        grown = grown + p("growth_per_cycle_frac") * seen.change("n_thermal_cycles")
        # hours are counters that have grown large: their change in a step is exact to their own rounding
        large = per_h * seen.after("running_h") + per_idle_h * seen.after("idle_hot_h")
        rounding = 1e-15 * (large + seen.before("asr_growth_frac"))
        yield equal(seen.change("asr_growth_frac"), grown, rel=1e-6, abs_=rounding + 1e-24, where=~new)
        yield at_least(seen.before("asr_growth_frac") + grown, p("end_of_life_growth_frac"), rel=1e-6, where=new)

    return Law(
        "solid-oxide-wear",
        "the resistance of a stack grows with hours under current, hours hot without it, and thermal cycles",
        "d(growth) = g_h d(hours) + g_i d(idle hours) + g_c d(cycles)",
        "parameters of the component",
        check,
    )


def solid_oxide_life() -> SumLaw:
    """Return: a replacement takes at least the growth of a life away."""
    return sum_law(
        "solid-oxide-life",
        "stacks are replaced once their resistance has grown by that of a life",
        "growth of a life x replacements <= g_h d(hours) + g_i d(idle hours) + g_c d(cycles) - d(growth)",
        "parameters of the component",
        Row(
            (
                Term("asr_growth_frac"),
                Term("running_h", -1.0, "growth_per_h"),
                Term("idle_hot_h", -1.0, "idle_growth_per_h"),
                Term("n_thermal_cycles", -1.0, "growth_per_cycle_frac"),
                Term("n_replacements", 1.0, "end_of_life_growth_frac"),
            ),
            is_equal=False,
            rel=1.0e-6,
        ),
    )
