"""Hybrid arbitrage: own power to the lines in their order, or to the market, whichever pays more."""

from h2plant.core.bus import IS_BUYING, IS_LOAD_KEPT, IS_MAKING, LINE_WIDTH, MAXIMUM, SPECIFIC_ENERGY
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import arbitrage_price, hybrid_arbitrage, rule_laws


@kernel
def step(c, bus, props, dt):
    """Compare the price with what hydrogen is worth in each line; serve the lines in their order, sell the rest."""
    price, band = bus[c.price], c.price_band_eur_per_j
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        energy = bus[line + SPECIFIC_ENERGY]
        sell = c.contract_price_eur_per_j + break_even_price(c.hydrogen_value_eur_per_kg, energy)
        buy = break_even_price(c.grid_hydrogen_value_eur_per_kg, energy) - c.purchase_fee_eur_per_j
        making = below_band(bus[line + IS_MAKING], price, sell, band)
        buying = below_band(bus[line + IS_BUYING], price, buy, band)
        bus[line + IS_MAKING] = making
        bus[line + IS_BUYING] = buying
        most = bus[line + MAXIMUM]
        kept = bus[line + IS_LOAD_KEPT] * (1.0 - making)
        left = serve_line(c, bus, dt, line, left, most * making, most * buying, kept)
    return end_serving(c, bus, left)


KIND = Kind(
    name="hybrid_arbitrage",
    doc="Own power to the lines in their order; sold above, bought below threshold prices.",
    fields=(
        parameter("hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from own power", 9.6, 0.0, 100.0),
        parameter(
            "grid_hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen from bought power", 2.0, -100.0, 100.0
        ),
        parameter(
            "purchase_fee_eur_per_j", "EUR/J", "paid on bought power above its price", 10.0 * EUR_PER_MWH, 0.0, 1e-5
        ),
        parameter(
            "contract_price_eur_per_j",
            "EUR/J",
            "price of own power, where the worth of hydrogen is given net of it",
            0.0,
            -1e-6,
            1e-5,
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *RULE_FIELDS,
    ),
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), hybrid_arbitrage(), arbitrage_price()),
    costs=(),
)
