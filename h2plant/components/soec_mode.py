"""Modes of a solid oxide electrolyser module and the way from one to the next."""

from h2plant.components.start_record import COLD, HOT, NO_START
from h2plant.core.jit import kernel
from h2plant.core.status import OK, TRIP, UNDER_TEMPERATURE

OFF = 0.0
HEATING = 1.0
HOT_STANDBY = 2.0
RUNNING = 3.0
COOLING = 4.0
TRIPPED = 5.0


@kernel
def next_mode(c, wanted_w, has_steam, goes_cold, dt):
    """Advance the mode by its conditions at the start of the step; returns a status."""
    mode = c.mode
    T = c.temperature_k
    if wanted_w <= 0.0:
        c.start_sort = NO_START
    if mode == RUNNING:
        if T >= c.temperature_trip_k:
            c.mode = TRIPPED
            c.trip_s = 0.0
            return TRIP
        if T < c.temperature_run_min_k:
            c.mode = HEATING
            return UNDER_TEMPERATURE
        if wanted_w <= 0.0 and c.load_w <= c.power_min_w:
            c.mode = HOT_STANDBY
            c.standby_s = 0.0
    elif mode == HOT_STANDBY:
        if wanted_w > 0.0:
            c.standby_s = 0.0
            if c.start_sort == NO_START:
                c.start_sort = HOT
            if T < c.temperature_run_min_k:
                c.mode = HEATING
                c.start_sort = COLD
            elif has_steam:
                c.mode = RUNNING
                c.load_w = c.power_min_w
                c.n_starts += 1.0
                if c.start_sort == COLD:
                    c.n_cold_starts += 1.0
        else:
            c.standby_s += dt
            if c.standby_s > c.standby_limit_s or goes_cold:
                c.mode = COOLING
    elif mode == HEATING:
        if T >= c.temperature_ready_k:
            c.mode = HOT_STANDBY
            c.standby_s = 0.0
        elif wanted_w <= 0.0 and goes_cold:
            c.mode = COOLING
    elif mode == TRIPPED:
        c.trip_s += dt
        if c.trip_s >= c.trip_hold_s and T < c.temperature_limit_k:
            c.mode = HOT_STANDBY if T >= c.temperature_run_min_k else HEATING
            c.standby_s = 0.0
    elif wanted_w > 0.0:  # OFF or COOLING
        if mode == OFF:
            c.n_thermal_cycles += 1.0
            c.asr_growth_frac += c.growth_per_cycle_frac
        c.mode = HEATING
        c.start_sort = COLD
    return OK
