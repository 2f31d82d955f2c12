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
    if level_frac >= full_frac:
        return 0.0
    if level_frac <= start_frac:
        return 1.0
    return (full_frac - level_frac) / (full_frac - start_frac)


@leaf
def power_budget(available_w, auxiliary_w, import_limit_w):
    """Return (own power left after the auxiliaries, grid power that may still be bought), W."""
    own = available_w - auxiliary_w
    if own >= 0.0:
        return own, import_limit_w
    return 0.0, max(import_limit_w + own, 0.0)


@leaf
def is_below_reserve(is_below, level_frac, reserve_frac, band_frac):
    """Return 1.0 while the storage is to be filled whatever the price: from below the reserve until a band above it.

    A level may be below zero (a tank under its lowest pressure); a reserve of zero is none all the same.
    """
    if 0.0 < reserve_frac and level_frac < reserve_frac:
        return 1.0
    if reserve_frac <= 0.0 or level_frac >= reserve_frac + band_frac:
        return 0.0
    return is_below


@leaf
def ramped(before_w, target_w, ramp_up_w_per_s, ramp_down_w_per_s, dt):
    """Return the set point, W, on its way from that of the step before to a target; a ramp of 0 is none."""
    if ramp_up_w_per_s > 0.0 and target_w > before_w + ramp_up_w_per_s * dt:
        return before_w + ramp_up_w_per_s * dt
    if ramp_down_w_per_s > 0.0 and target_w < before_w - ramp_down_w_per_s * dt:
        return before_w - ramp_down_w_per_s * dt
    return target_w


@leaf
def line_setpoint(is_on, held_s, before_w, target_w, expected_w, limits, ramps, holds, dt):
    """Return (is_on, held_s, set point in W) of a line that is to run at a target.

    It starts when what it can expect reaches its start and it has rested for ``min_down_s``; it stops when the target
    is below its minimum and it has run for ``min_up_s``; held on, it runs at its minimum. It starts at its minimum
    where it has a ramp, and changes at most by its ramps; to stop, it comes down to its minimum first. It stops at once
    when the minimum is above the cap (storage full) or out of reach (own power and what may be bought to go on), and
    the cap and the reach hold whatever the ramp. ``held_s`` is the time since the last change, at the end of the step.

    Parameters
    ----------
    is_on, held_s, before_w
        As this function returned them for the step before.
    target_w, expected_w
        Power requested, and what of it can be expected over the shortest run.
    limits
        (minimum, cap, reach, reach to go on, idle set point, start), W.
    ramps
        (up, down), W/s; 0: none.
    holds
        (min_up, min_down), s.
    """
    minimum_w, cap_w, reach_w, kept_w, idle_w, start_w = limits
    ramp_up, ramp_down = ramps
    min_up_s, min_down_s = holds
    if is_on > 0.5:
        comes_down = ramp_down > 0.0 and before_w - ramp_down * dt > minimum_w
        wants = 0.0 < target_w >= minimum_w or held_s < min_up_s or comes_down
        turns_on = wants and cap_w > 0.0 and min(cap_w, kept_w) >= minimum_w
    else:
        can_run = cap_w > 0.0 and min(cap_w, reach_w) >= minimum_w
        turns_on = can_run and 0.0 < target_w >= minimum_w and expected_w >= start_w and held_s >= min_down_s
    flag = 1.0 if turns_on else 0.0
    held = dt if flag != is_on else held_s + dt
    if not turns_on:
        return flag, held, min(idle_w, reach_w) if cap_w >= idle_w else 0.0
    power = max(min(target_w, cap_w), minimum_w)
    if ramp_up > 0.0 or ramp_down > 0.0:
        from_w = before_w if is_on > 0.5 else minimum_w
        power = max(min(ramped(from_w, power, ramp_up, ramp_down, dt), cap_w, reach_w), minimum_w)
    return flag, held, power


@leaf
def break_even_idle_time(cold_start_eur, standby_w, price_eur_per_j):
    """Return the idle time, s, at which hot standby has cost as much as a cold start: t = start / (power x price)."""
    return cold_start_eur / (standby_w * price_eur_per_j)


@leaf
def idle_cost(is_on, cost_eur, standby_w, price_eur_per_j, dt):
    """Return what hot standby has cost since the line last ran, EUR; power at a negative price costs nothing."""
    if is_on > 0.5:
        return 0.0
    return cost_eur + standby_w * max(price_eur_per_j, 0.0) * dt


@leaf
def cools_down(cost_eur, expected_idle_s, standby_w, price_eur_per_j, cold_start_eur):
    """Return 1.0 if an idle line is better shut down than kept hot.

    Where the idle time to come is known (> 0): if it is longer than the break-even time at the present price. Where it
    is not: once standby has cost as much as the start that it saves. No rule that does not know it does better in
    its worst case than this one, twice the cost of knowing (ski rental: Karlin, Manasse, Rudolph and Sleator 1988,
    doi 10.1007/BF01762111).
    """
    if not standby_w > 0.0:
        return 0.0
    if expected_idle_s > 0.0:
        price = max(price_eur_per_j, 0.0)
        return 1.0 if price > 0.0 and expected_idle_s > break_even_idle_time(cold_start_eur, standby_w, price) else 0.0
    return 1.0 if cost_eur >= cold_start_eur else 0.0


@leaf
def next_zone(zone, level_frac, low_frac, high_frac, full_frac, band_frac):
    """Return the zone of a storage level: 0 low, 1 normal, 2 high, 3 full; down again only a band below its limit."""
    up = 0.0
    if level_frac >= full_frac:
        up = 3.0
    elif level_frac >= high_frac:
        up = 2.0
    elif level_frac >= low_frac:
        up = 1.0
    if up >= zone:
        return up
    down = 0.0
    if level_frac >= full_frac - band_frac:
        down = 3.0
    elif level_frac >= high_frac - band_frac:
        down = 2.0
    elif level_frac >= low_frac - band_frac:
        down = 1.0
    return min(down, zone)


@leaf
def after_draw(own_w, grid_w, drawn_w):
    """Return (own power, grid power) left after a unit has drawn: own power first."""
    own = own_w - drawn_w
    if own >= 0.0:
        return own, grid_w
    return 0.0, max(grid_w + own, 0.0)


@leaf
def filled_up(requested_w, minimum_w, reach_w):
    """Return the power, W, up to which a line may buy: its request as far as reach, its minimum at least."""
    if requested_w < minimum_w or requested_w <= 0.0:
        return 0.0
    return min(requested_w, max(minimum_w, reach_w))
