"""Economic spot: own power to hydrogen always, and power bought for it while the market price is low."""

from h2plant.core.bus import IS_BOUGHT_FOR, LINE_WIDTH, MAXIMUM
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import below_band
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import economic_spot, rule_laws, spot_price


@kernel
def step(c, bus, props, dt):
    """Give own power to the lines in their order; fill those up from the grid for which it is bought, while cheap."""
    c.is_cheap = below_band(c.is_cheap, bus[c.price], c.spot_limit_eur_per_j, c.price_band_eur_per_j)
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        most = bus[line + MAXIMUM]
        left = serve_line(c, bus, dt, line, left, most, most * c.is_cheap * bus[line + IS_BOUGHT_FOR], 0.0)
    return end_serving(c, bus, left)


KIND = Kind(
    name="economic_spot",
    doc="Own power to the lines in their order, and power bought for them below a market price.",
    fields=(
        parameter(
            "spot_limit_eur_per_j", "EUR/J", "price below which power is bought", 35.0 * EUR_PER_MWH, -1e-5, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *RULE_FIELDS,
        state("is_cheap", "1", "1: the price is below the limit"),
    ),
    ports=PORTS,
    step=step,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), economic_spot(), spot_price()),
    costs=(),
)
