"""Rules of dispatch as pure functions: price bands, storage throttle, hold times, sharing of power.

Power in W (alternating current, signals only), prices in EUR/J. Flags are 0.0 or 1.0.
"""

from h2plant.core.jit import leaf


@leaf
def break_even_price(hydrogen_value_eur_per_kg, specific_energy_j_per_kg):
    """Return the electricity price, EUR/J, up to which hydrogen of that value is worth making.

    price = value / specific energy; the specific energy counts everything that running one kilogram more draws.
    """
    return hydrogen_value_eur_per_kg / specific_energy_j_per_kg


@leaf
def below_band(is_below, value, threshold, half_band):
    """Return 1.0 while a value is below a threshold, with hysteresis: changes only outside the band."""
    if value < threshold - half_band:
        return 1.0
    if value > threshold + half_band:
        return 0.0
    return is_below


@leaf
def storage_throttle(level_frac, start_frac, full_frac):
    """Return the share of rated power allowed at a storage level: 1 below start, linear to 0 at full."""
    if level_frac <= start_frac:
        return 1.0
    if level_frac >= full_frac:
        return 0.0
    return (full_frac - level_frac) / (full_frac - start_frac)


@leaf
def power_budget(available_w, auxiliary_w, import_limit_w):
    """Return (own power left after the auxiliaries, grid power that may still be bought), W."""
    own = available_w - auxiliary_w
    if own >= 0.0:
        return own, import_limit_w
    return 0.0, max(import_limit_w + own, 0.0)


@leaf
def unit_setpoint(is_on, held_s, target_w, minimum_w, cap_w, reach_w, idle_w, min_up_s, min_down_s, dt):
    """Return (is_on, held_s, set point in W) of a unit that is to run at a target.

    It starts when the target reaches the minimum load and it has rested for ``min_down_s``; it stops when the
    target is below the minimum and it has run for ``min_up_s``; held on, it runs at its minimum. It stops at
    once when the minimum is above the cap (storage full) or out of reach (own power and import limit).
    ``held_s`` is the time since the last change, at the end of the step; results do not depend on the step.
    """
    can_run = cap_w > 0.0 and min(reach_w, cap_w) >= minimum_w
    is_wished = target_w > 0.0 and target_w >= minimum_w
    if is_on > 0.5:
        turns_on = can_run and (is_wished or held_s < min_up_s)
    else:
        turns_on = can_run and is_wished and held_s >= min_down_s
    flag = 1.0 if turns_on else 0.0
    held = dt if flag != is_on else held_s + dt
    if turns_on:
        return flag, held, max(min(target_w, cap_w), minimum_w)
    return flag, held, min(idle_w, reach_w) if cap_w >= idle_w else 0.0


@leaf
def after_draw(own_w, grid_w, drawn_w):
    """Return (own power, grid power) left after a unit has drawn: own power first."""
    own = own_w - drawn_w
    if own >= 0.0:
        return own, grid_w
    return 0.0, max(grid_w + own, 0.0)
