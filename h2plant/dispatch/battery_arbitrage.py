"""Battery arbitrage: batteries are charged while power is cheap, and give it to lines and grid while it is dear."""

from dataclasses import replace

from h2plant.core.bus import IS_BUYING, IS_MAKING, LINE_WIDTH, MAXIMUM, SPECIFIC_ENERGY, ZERO
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import OK
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.serve import (
    accepted_power,
    battery_limits,
    begin_serving_with,
    end_serving_with,
    own_surplus,
    serve_line,
)
from h2plant.laws.battery_dispatch import battery_arbitrage, battery_prices, lines_by_worth, worth_prices
from h2plant.laws.dispatch import rule_laws


@kernel
def begin(c, props):
    """Start with the prices that are given."""
    c.low_price_eur_per_j = c.charge_price_eur_per_j
    c.high_price_eur_per_j = max(c.discharge_price_eur_per_j, c.charge_price_eur_per_j)
    return OK


@leaf
def tracked(price, limit, share, gain):
    """Return a quantile of prices, moved on by a step: up by its share of the gain, down by the rest.

    q' = q + g (share - 1[p < q]): where it comes to rest, so large a share of the prices lies below it (Robbins and
    Monro 1951, doi 10.1214/aoms/1177729586).
    """
    return limit + gain * (share - 1.0) if price < limit else limit + gain * share


@leaf
def follow_prices(c, price, dt):
    """Find what is cheap and what is dear, with a band; by shares of the prices of late, where that is asked for."""
    if c.price_memory_s > 0.0:
        gain = max(c.discharge_price_eur_per_j - c.charge_price_eur_per_j, 0.0) * min(dt / c.price_memory_s, 1.0)
        c.low_price_eur_per_j = tracked(price, c.low_price_eur_per_j, c.cheap_share_frac, gain)
        c.high_price_eur_per_j = tracked(price, c.high_price_eur_per_j, 1.0 - c.dear_share_frac, gain)
        c.high_price_eur_per_j = max(c.high_price_eur_per_j, c.low_price_eur_per_j)
    band = c.price_band_eur_per_j
    c.is_cheap = below_band(c.is_cheap, price, c.low_price_eur_per_j, band)
    c.is_dear = 1.0 - below_band(1.0 - c.is_dear, price, c.high_price_eur_per_j, band)
    if c.is_cheap > 0.5:
        c.is_dear = 0.0


@leaf
def wanted_power(c, bus, left, charge):
    """Return the power, W, that batteries are to take; below 0: to give.

    While power is cheap they take what they can of own power and of what may be bought beside the lines; while it is
    dear they give what is lacking and what the grid takes. At any price they take what the grid would not, and give
    what it cannot.
    """
    surplus = own_surplus(c, bus)
    accepts = accepted_power(c, bus)
    spilled = max(surplus - accepts, 0.0)
    if c.is_cheap > 0.5:
        return max(min(charge, max(left[0] + max(left[1] - left[3], 0.0), 0.0)), spilled)
    if spilled > 0.0:
        return spilled
    if c.is_dear > 0.5:
        return surplus - accepts
    if surplus < 0.0 and c.grid_limit != ZERO:
        return min(surplus + bus[c.grid_limit], 0.0)
    return 0.0


@kernel
def step(c, bus, props, dt):
    """Serve the lines by what hydrogen is worth, with what batteries give while power is dear."""
    price, band = bus[c.price], c.price_band_eur_per_j
    follow_prices(c, price, dt)
    charge, discharge = battery_limits(c, bus)
    left = begin_serving_with(c, bus, dt, -discharge if c.is_dear > 0.5 else 0.0)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        energy = bus[line + SPECIFIC_ENERGY]
        sell = break_even_price(c.hydrogen_value_eur_per_kg, energy)
        buy = break_even_price(c.grid_hydrogen_value_eur_per_kg, energy) - c.purchase_fee_eur_per_j
        making = below_band(bus[line + IS_MAKING], price, sell, band)
        buying = below_band(bus[line + IS_BUYING], price, buy, band)
        bus[line + IS_MAKING] = making
        bus[line + IS_BUYING] = buying
        most = bus[line + MAXIMUM]
        left = serve_line(c, bus, dt, line, left, most * making, most * buying, 0.0)
    return end_serving_with(c, bus, wanted_power(c, bus, left, charge))


KIND = Kind(
    name="battery_arbitrage",
    doc="Batteries charged below a price and discharged above another; lines by what hydrogen is worth.",
    fields=(
        parameter(
            "charge_price_eur_per_j", "EUR/J", "price below which batteries charge", 50.0 * EUR_PER_MWH, -1e-6, 1e-5
        ),
        parameter(
            "discharge_price_eur_per_j", "EUR/J", "price above which they give", 110.0 * EUR_PER_MWH, -1e-6, 1e-5
        ),
        parameter(
            "price_memory_s",
            "s",
            "time over which both prices follow those of the market; 0: they stay as given",
            0.0,
            0.0,
            3.2e7,
        ),
        parameter("cheap_share_frac", "1", "share of the time that is cheap, where they follow", 0.25, 0.0, 1.0),
        parameter("dear_share_frac", "1", "share of the time that is dear, where they follow", 0.25, 0.0, 1.0),
        parameter("hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from own power", 9.6, 0.0, 100.0),
        parameter(
            "grid_hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from bought power", 2.0, -100.0, 100.0
        ),
        parameter(
            "purchase_fee_eur_per_j", "EUR/J", "paid on bought power above its price", 10.0 * EUR_PER_MWH, 0.0, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 2.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *RULE_FIELDS,
        state("low_price_eur_per_j", "EUR/J", "price below which batteries charge now"),
        state("high_price_eur_per_j", "EUR/J", "price above which they give now"),
        state("is_cheap", "1", "1: batteries charge"),
        state("is_dear", "1", "1: batteries give"),
    ),
    ports=PORTS,
    step=step,
    begin=begin,
    group="dispatch",
    role=replace(ROLE, battery_use="charges it below one price and has it give above another"),
    laws=(*rule_laws(), battery_arbitrage(), lines_by_worth(), worth_prices(), battery_prices()),
    costs=(),
)
