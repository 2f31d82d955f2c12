"""Laws of a line: its set point within limits and ramps, what it offers to its rule, what it asks of its units."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from h2plant.core import bus
from h2plant.core.law import BoolArray, FloatArray, Law, Seen, at_least, at_most, equal, within
from h2plant.core.role import LineControl
from h2plant.laws.dispatch import Line, rise_beyond


def _is_served(seen: Seen, port: str) -> bool:
    return seen.is_linked(port) and seen.places[port].slots[0] != bus.ZERO


def line_role(role: LineControl) -> tuple[Law, ...]:
    """Return what holds of the set point of any line."""

    def limits(seen: Seen) -> Iterator[FloatArray]:
        if _is_served(seen, role.line):
            is_on, power = seen.after(role.is_on) > 0.5, seen.after(role.setpoint)
            least, most = seen.after(role.minimum), seen.after(role.maximum)
            yield within(power, np.where(is_on, least, 0.0), np.where(is_on, most, np.inf))

    def rise(seen: Seen) -> Iterator[FloatArray]:
        ramp = seen.parameter(role.ramp_up)
        if ramp > 0.0 and _is_served(seen, role.line):
            least, was_on = seen.after(role.minimum), seen.before(role.is_on) > 0.5
            start = np.where(was_on, seen.before(role.setpoint), least)
            yield rise_beyond(seen, seen.after(role.setpoint), start, least, ramp, seen.after(role.is_on) > 0.5)

    return (
        Law(
            "line-limits",
            "a line's set point is within its limits while it runs",
            "P_min <= P <= P_max",
            "parameters of the line",
            limits,
        ),
        Law(
            "line-ramp",
            "a line's set point rises no faster than its ramp",
            "dP <= r_up dt",
            "parameters of the line",
            rise,
        ),
    )


def line_offer() -> Law:
    """Return: the rule is offered what the line's parameters say, its power where they do not from its units."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p = seen.parameter
        unit = p("unit_power_w") / p("conversion_efficiency_frac")
        n_units = len(seen.places["unit_setpoints"].slots)
        most = p("line_power_w") if p("line_power_w") >= 0.0 else n_units * unit
        least = p("line_minimum_w") if p("line_minimum_w") >= 0.0 else p("min_load_frac") * unit
        yield equal(seen.after("maximum_w"), most)
        yield equal(seen.after("minimum_w"), least)
        if not _is_served(seen, "line"):
            return
        line = Line(seen, "line", 0)
        offered = ((bus.MAXIMUM, most), (bus.MINIMUM, least), *((item, p(name)) for item, name in _OFFERED))
        found = np.stack([line.now(item) for item, _ in offered], axis=1)
        yield equal(found, np.array([value for _, value in offered])).max(axis=1)
        yield equal(line.now(bus.IS_ON), seen.after("is_on"))
        yield equal(line.power, seen.after("setpoint_w"))

    return Law(
        "line-offer",
        "a rule is offered what the line's parameters say, and the line keeps what the rule decides",
        "P_max = n P_unit / eta where it is not given",
        "parameters of the line",
        check,
        takes_arrays=True,
    )


_OFFERED = (
    (bus.IDLE, "line_idle_w"),
    (bus.RAMP_UP, "line_ramp_up_w_per_s"),
    (bus.RAMP_DOWN, "line_ramp_down_w_per_s"),
    (bus.MIN_UP, "line_min_up_s"),
    (bus.MIN_DOWN, "line_min_down_s"),
    (bus.START_MARGIN, "start_margin_ratio"),
    (bus.STANDBY, "standby_w"),
    (bus.COLD_START, "cold_start_eur"),
    (bus.SPECIFIC_ENERGY, "specific_energy_j_per_kg"),
    (bus.PRICE_LIMIT, "price_limit_eur_per_j"),
    (bus.LOAD, "constant_load_frac"),
    (bus.RESERVE_LOAD, "reserve_load_frac"),
    (bus.IS_BOUGHT_FOR, "is_bought_for"),
    (bus.IS_LOAD_KEPT, "is_load_kept"),
)
"""What a line offers, and the parameter that it is."""


def line_hold() -> Law:
    """Return: a line starts after its shortest rest, and the time since it last turned is kept."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if not _is_served(seen, "line"):
            return
        held, turned = seen.before("held_s"), seen.after("is_on") != seen.before("is_on")
        # without a rule that decides, what was held stays as it is
        wanted = np.where(turned, 0.0, held) + seen.step_s
        yield equal(seen.after("held_s"), wanted, abs_=seen.rounding("held_s"), where=seen.after("held_s") != held)
        is_start = turned & (seen.after("is_on") > 0.5)
        yield at_least(held, seen.parameter("line_min_down_s"), where=is_start)

    return Law(
        "line-hold",
        "a line starts after its shortest rest",
        "t_held >= t_down at a start; dt_held = dt",
        "parameters of the line",
        check,
        takes_arrays=True,
    )


def _wanted_of_units(seen: Seen) -> FloatArray:
    """Return the power that a line's units are to take together, direct current, W."""
    power = seen.after("setpoint_w") if _is_served(seen, "line") else seen.at("setpoint")
    return power * seen.parameter("conversion_efficiency_frac")


def _readiness(seen: Seen, combine: Callable[[BoolArray, BoolArray], BoolArray]) -> BoolArray:
    """Return what units say of themselves, shape (n, n_units): at the end of the step before, or in its beginning."""
    n_units, slots = len(seen.places["unit_setpoints"].slots), list(seen.places["unit_ready"].slots)
    found = np.ones((seen.n, n_units), dtype=bool)
    found[:, : len(slots)] = combine(seen.slots_before[:, slots] > 0.5, seen.slots[:, slots] > 0.5)
    above = list(seen.places["unit_trips"].slots)
    n_above = len(above) // max(n_units, 1)
    for k in range(n_above * n_units):
        closed = combine(seen.slots_before[:, above[k]] < 0.5, seen.slots[:, above[k]] < 0.5)
        found[:, k // n_above] &= closed
    for slot in seen.places["line_trips"].slots:
        found &= combine(seen.slots_before[:, slot] < 0.5, seen.slots[:, slot] < 0.5)[:, None]
    return found


def _is_ready(seen: Seen) -> BoolArray:
    return _readiness(seen, np.logical_and)


def _may_be_ready(seen: Seen) -> BoolArray:
    return _readiness(seen, np.logical_or)


def line_units() -> Law:
    """Return: a line's power is shared equally among those of its units that run, within their limits."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        if not seen.places["unit_setpoints"].slots:
            return
        p, wanted = seen.parameter, _wanted_of_units(seen)
        units = np.stack(seen.each("unit_setpoints"), axis=1)
        runs = units > 0.0
        n = runs.sum(axis=1)
        share = seen.after("unit_setpoint_w")
        most, least = p("unit_power_w"), p("unit_power_w") * p("min_load_frac")
        yield equal(seen.after("n_running"), n)
        yield equal(units, share[:, None] * runs).max(axis=1)
        yield equal(units.sum(axis=1), np.clip(wanted, n * least, n * most))
        yield equal(seen.at("is_running"), n > 0)
        yield equal((runs & ~_may_be_ready(seen)).sum(axis=1), 0.0, where=seen.slots[:, bus.TIME] > 0.0)
        # as many as the power asks for, but for rests, for units that tripped, and for the least power of one more
        can_start = seen.before("since_stop_s") >= p("min_down_s")
        more = (n + 1) * least * (1.0 + p("hysteresis_frac"))
        is_short = can_start & (n < _is_ready(seen).sum(axis=1)) & (more < wanted * (1.0 - 1.0e-9))
        yield at_most(wanted, n * most, where=is_short & (seen.slots[:, bus.TIME] > 0.0))

    return Law(
        "line-units",
        "a line's power is shared equally among as many units as it takes; one that tripped gets none",
        "sum P_unit = eta P, P_unit,min <= P_unit <= P_unit,max",
        "conservation of energy; limits of the units",
        check,
        takes_arrays=True,
    )


def line_starts() -> Law:
    """Return: starts of units are counted; they keep shortest runs and rests."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, slots = seen.parameter, list(seen.places["unit_setpoints"].slots)
        ran, runs = seen.slots_before[:, slots] > 0.0, seen.slots[:, slots] > 0.0
        started, stopped = runs & ~ran, ran & ~runs
        # set points of the step before are not on the bus in the first step
        where = seen.slots[:, bus.TIME] > 0.0
        n_started = started.sum(axis=1)
        yield equal(seen.change("n_starts"), n_started, where=where)
        yield at_least(seen.before("since_stop_s"), p("min_down_s"), where=where & (n_started > 0))
        yield equal(
            seen.after("since_start_s"),
            np.where(n_started > 0, 0.0, seen.before("since_start_s")) + seen.step_s,
            where=where,
        )
        stopped &= _is_ready(seen)
        is_stop = stopped.any(axis=1) & (_wanted_of_units(seen) > 0.0)
        yield at_least(seen.before("since_start_s"), p("min_up_s"), where=where & is_stop)

    return Law(
        "line-starts",
        "starts of units are counted; units keep their shortest run and rest",
        "t_run >= t_up unless P = 0, t_rest >= t_down",
        "parameters of the line",
        check,
        takes_arrays=True,
    )
