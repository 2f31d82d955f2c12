"""The step that all kinds of dispatch share: from a wish to set points that can be held."""

from h2plant.core.bus import ZERO
from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.dispatch.rule import after_draw, power_budget, storage_throttle, unit_setpoint


@kernel
def begin_units(c):
    """Let both lines start at once."""
    c.soec_held_s = c.soec_min_down_s
    c.pem_held_s = c.pem_min_down_s
    return OK


@kernel
def auxiliary_power(c, bus):
    """Return the power, W, of all auxiliaries."""
    power = 0.0
    for i in range(c.n_auxiliary_load):
        power += bus[c.auxiliary_load + i]
    return power


@kernel
def soec_ceiling(c, bus, own_w, auxiliary_w):
    """Return the own power, W, that the SOEC line may use: what is there, and will be after its ramp."""
    if c.forecast_power == ZERO:
        return own_w
    return min(own_w, max(bus[c.forecast_power] - auxiliary_w, 0.0))


@kernel
def give_setpoints(c, bus, dt, soec_own_share, soec_buys, soec_keeps, pem_own_share, pem_buys):
    """Serve the SOEC line, then the PEM line, and write their set points.

    ``soec_own_share`` and ``pem_own_share``: share of its rating that a line takes from own power (0: sold);
    ``soec_buys`` and ``pem_buys``: the share that it fills up to by buying; ``soec_keeps`` > 0.5: a SOEC line
    that takes nothing keeps its power of the step before, as far as own power carries it.
    """
    throttle = storage_throttle(bus[c.storage_level], c.throttle_level_frac, c.full_level_frac)
    auxiliary = auxiliary_power(c, bus)
    own, grid = power_budget(bus[c.available_power], auxiliary, c.import_limit_w)
    grid_before = grid

    cap = c.soec_power_w * throttle
    ceiling = soec_ceiling(c, bus, own, auxiliary)
    target = min(c.soec_power_w * soec_own_share, cap, ceiling)
    if soec_keeps > 0.5:
        target = max(target, min(c.soec_setpoint_w, cap, ceiling))
    if soec_buys > 0.0:
        target = max(target, min(c.soec_power_w * soec_buys, cap, own + grid))
    c.is_soec_on, c.soec_held_s, power = unit_setpoint(
        c.is_soec_on,
        c.soec_held_s,
        target,
        c.soec_minimum_w,
        cap,
        own + grid,
        c.soec_idle_w,
        c.soec_min_up_s,
        c.soec_min_down_s,
        dt,
    )
    c.soec_setpoint_w = power
    bus[c.soec_setpoint] = power
    own, grid = after_draw(own, grid, power)

    cap = c.pem_power_w * throttle
    target = min(c.pem_power_w * pem_own_share, cap, own)
    if pem_buys > 0.0:
        target = max(target, min(c.pem_power_w * pem_buys, cap, own + grid))
    c.is_pem_on, c.pem_held_s, power = unit_setpoint(
        c.is_pem_on,
        c.pem_held_s,
        target,
        c.pem_minimum_w,
        cap,
        own + grid,
        c.pem_idle_w,
        c.pem_min_up_s,
        c.pem_min_down_s,
        dt,
    )
    c.pem_setpoint_w = power
    bus[c.pem_setpoint] = power
    own, grid = after_draw(own, grid, power)
    c.throttle_frac = throttle
    c.planned_export_w = own
    c.planned_import_w = grid_before - grid
    return OK
