"""The step that all kinds of dispatch share: from a request to set points that can be held."""

from h2plant.core.bus import ZERO
from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.dispatch.rule import (
    after_draw,
    cools_down,
    idle_cost,
    is_below_reserve,
    power_budget,
    storage_throttle,
    unit_setpoint,
)


@kernel
def begin_units(c, props):
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
def allowed_purchase(c, bus, grid_w):
    """Return the power, W, that may be bought, as far as the hydrogen is to count as renewable."""
    if c.rfnbo < 0.5:
        return grid_w
    return min(grid_w, bus[c.monthly_allowance] if c.rfnbo < 1.5 else bus[c.hourly_allowance])


@kernel
def give_setpoints(c, bus, dt, soec_own_share, soec_buys, soec_keeps, pem_own_share, pem_buys):
    """Serve the SOEC line, then the PEM line, write their set points, and say whether lines at rest stay hot.

    ``soec_own_share`` and ``pem_own_share``: share of its rating that a line takes from own power (0: sold);
    ``soec_buys`` and ``pem_buys``: the share that it fills up to by buying; ``soec_keeps`` > 0.5: a SOEC line
    that takes nothing keeps its power of the step before, as far as own power carries it. Below the reserve of the
    storage both buy, whatever the rule says.
    """
    level = bus[c.storage_level]
    price = bus[c.price]
    throttle = storage_throttle(level, c.throttle_level_frac, c.full_level_frac)
    auxiliary = auxiliary_power(c, bus)
    own, grid = power_budget(bus[c.available_power], auxiliary, c.import_limit_w)
    grid = allowed_purchase(c, bus, grid)
    grid_before = grid
    c.is_below_reserve = is_below_reserve(c.is_below_reserve, level, c.reserve_level_frac, c.reserve_band_frac)
    if c.is_below_reserve > 0.5:
        soec_buys = max(soec_buys, c.soec_reserve_frac)
        pem_buys = max(pem_buys, c.pem_reserve_frac)

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
        c.soec_setpoint_w,
        target,
        (c.soec_minimum_w, cap, own + grid, c.soec_idle_w),
        (c.soec_ramp_up_w_per_s, c.soec_ramp_down_w_per_s),
        (c.soec_min_up_s, c.soec_min_down_s),
        dt,
    )
    c.soec_setpoint_w = power
    bus[c.soec_setpoint] = power
    own, grid = after_draw(own, grid, power)
    c.soec_rest_cost_eur = idle_cost(c.is_soec_on, c.soec_rest_cost_eur, c.soec_standby_w, price, dt)
    bus[c.soec_shut_down] = (1.0 - c.is_soec_on) * cools_down(
        c.soec_rest_cost_eur, bus[c.soec_expected_rest], c.soec_standby_w, price, c.soec_cold_start_eur
    )

    cap = c.pem_power_w * throttle
    target = min(c.pem_power_w * pem_own_share, cap, own)
    if pem_buys > 0.0:
        target = max(target, min(c.pem_power_w * pem_buys, cap, own + grid))
    c.is_pem_on, c.pem_held_s, power = unit_setpoint(
        c.is_pem_on,
        c.pem_held_s,
        c.pem_setpoint_w,
        target,
        (c.pem_minimum_w, cap, own + grid, c.pem_idle_w),
        (c.pem_ramp_up_w_per_s, c.pem_ramp_down_w_per_s),
        (c.pem_min_up_s, c.pem_min_down_s),
        dt,
    )
    c.pem_setpoint_w = power
    bus[c.pem_setpoint] = power
    own, grid = after_draw(own, grid, power)
    c.pem_rest_cost_eur = idle_cost(c.is_pem_on, c.pem_rest_cost_eur, c.pem_standby_w, price, dt)
    bus[c.pem_shut_down] = (1.0 - c.is_pem_on) * cools_down(
        c.pem_rest_cost_eur, bus[c.pem_expected_rest], c.pem_standby_w, price, c.pem_cold_start_eur
    )
    c.throttle_frac = throttle
    c.planned_export_w = own
    c.planned_import_w = grid_before - grid
    return OK
