"""Modes of a proton exchange membrane stack, the way from one to the next, and the power that it takes up."""

from h2plant.components.start_record import COLD, HOT, NO_START
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import LIMITED, OK, TRIP

OFF = 0.0
STANDBY = 1.0
STARTING = 2.0
RUNNING = 3.0
TRIPPED = 4.0

RESTART_LEVEL = 1.05
"""Water needed for a start, over the level that trips."""
_SMALL = 1.0e-9


@leaf
def accepted(c, bus, wanted_w):
    """Return (whether the power wanted, W, is enough to run; status)."""
    wants = wanted_w > 0.0 and wanted_w >= c.min_load_frac * c.rated_power_w * (1.0 - _SMALL)
    if wanted_w > 0.0 and not wants:
        bus[EVENT_AMOUNT] = wanted_w
        return wants, LIMITED
    return wants, OK


@kernel
def advanced_mode(c, wants, goes_cold, dt):
    """Advance the sequence of modes; returns the fraction of the step, at its end, in which current flows."""
    if c.mode == TRIPPED:
        c.timer_s -= dt
        if c.timer_s <= _SMALL:
            c.mode = OFF
        return 0.0
    if not wants:
        c.start_sort = NO_START
        if STARTING <= c.mode <= RUNNING:
            c.mode = STANDBY
            c.timer_s = c.standby_time_s
        if c.mode == STANDBY:
            c.timer_s -= dt
            if c.timer_s <= _SMALL or goes_cold:
                c.mode = OFF
        return 0.0
    if c.mode == RUNNING:
        return 1.0
    if c.mode != STARTING:
        c.start_sort = COLD if c.mode == OFF else HOT
        c.timer_s = c.start_time_s if c.mode == OFF else c.hot_start_time_s
        c.mode = STARTING
    if c.timer_s >= dt - _SMALL or c.water_kg < RESTART_LEVEL * c.water_trip_kg:
        c.timer_s = max(c.timer_s - dt, 0.0)
        return 0.0
    c.mode = RUNNING
    c.n_starts += 1.0
    if c.start_sort == COLD:
        c.n_cold_starts += 1.0
    c.power_end_w = min(c.min_load_frac * c.rated_power_w, c.rated_power_w)
    return 1.0 - c.timer_s / dt


@kernel
def next_mode(c, wants, goes_cold, dt):
    """Advance the sequence of modes and wear of a start; returns the fraction of the step in which current flows."""
    was = c.mode
    on = advanced_mode(c, wants, goes_cold, dt)
    if was != RUNNING and c.mode == RUNNING:
        c.degradation_v += c.degradation_per_start_v
    return on


@leaf
def ramped_power(c, wanted_w, on_s):
    """Let the power rise at its limited rate (it falls at once) for on_s seconds; returns its mean, W.

    The ramp begins at the smallest load: a stack that its highest voltage held below it while it was cold comes back
    to it at once, as one that starts.
    """
    first_w = max(c.power_end_w, min(c.min_load_frac * c.rated_power_w, wanted_w))
    rise = max(wanted_w - first_w, 0.0)
    ramp_s = rise / c.ramp_w_per_s
    if ramp_s <= on_s:
        c.power_end_w = wanted_w
        return wanted_w - 0.5 * rise * ramp_s / on_s
    c.power_end_w = first_w + c.ramp_w_per_s * on_s
    return c.power_end_w - 0.5 * c.ramp_w_per_s * on_s


@kernel
def trip(c, bus, amount):
    """Shut the stack down until the restart delay is over; returns the status."""
    c.mode = TRIPPED
    c.start_sort = NO_START
    c.timer_s = c.restart_delay_s
    bus[EVENT_AMOUNT] = amount
    return TRIP


@leaf
def freeze(c, dt):
    """Shut a stack down whose water has frozen; it stays locked until the restart delay after it has thawed."""
    c.mode = TRIPPED
    c.start_sort = NO_START
    c.timer_s = max(c.restart_delay_s, dt) + dt


@leaf
def put_scalars(c, bus, power_w, loss_w, water_kg_per_s):
    """Write the scalar ports of a stack."""
    bus[c.power] = power_w
    bus[c.heat_loss] = loss_w
    bus[c.water_demand] = water_kg_per_s
    bus[c.hours] = c.running_h
    bus[c.starts] = c.n_starts
    bus[c.ready] = 0.0 if c.mode == TRIPPED else 1.0
