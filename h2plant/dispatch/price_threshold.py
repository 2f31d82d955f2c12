"""Price threshold: each line at full power, bought if need be, while the price is below its threshold."""

from h2plant.core.bus import IS_MAKING, LINE_WIDTH, MAXIMUM, PRICE_LIMIT, SPECIFIC_ENERGY
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import price_threshold, rule_laws, threshold_price


@kernel
def step(c, bus, props, dt):
    """Run each line fully below its price, not at all above it; own power left over is sold."""
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        limit = bus[line + PRICE_LIMIT]
        if c.hydrogen_value_eur_per_kg > 0.0:
            energy = bus[line + SPECIFIC_ENERGY]
            limit = break_even_price(c.hydrogen_value_eur_per_kg, energy) - c.purchase_fee_eur_per_j
        is_cheap = below_band(bus[line + IS_MAKING], bus[c.price], limit, c.price_band_eur_per_j)
        bus[line + IS_MAKING] = is_cheap
        power = bus[line + MAXIMUM] * is_cheap
        left = serve_line(c, bus, dt, line, left, power, power, 0.0)
    return end_serving(c, bus, left)


KIND = Kind(
    name="price_threshold",
    doc="Each line at full power from own power and grid below a price, off above it.",
    fields=(
        parameter(
            "hydrogen_value_eur_per_kg",
            "EUR/kg",
            "worth of hydrogen; 0: each line's own 'price_limit' holds",
            0.0,
            0.0,
            100.0,
        ),
        parameter(
            "purchase_fee_eur_per_j", "EUR/J", "paid on bought power above its price", 10.0 * EUR_PER_MWH, 0.0, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *RULE_FIELDS,
    ),
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), price_threshold(), threshold_price()),
    costs=(),
)
