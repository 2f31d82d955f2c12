"""Economic spot: own power to hydrogen always, and power bought for it while the market price is low."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.rule import below_band
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def step(c, bus, props, dt):
    """Give own power to the SOEC line, then the PEM line; fill both up from the grid while the price is low."""
    c.is_cheap = below_band(c.is_cheap, bus[c.price], c.spot_limit_eur_per_j, c.price_band_eur_per_j)
    return give_setpoints(c, bus, dt, 1.0, c.is_cheap, 0.0, 1.0, c.is_cheap * c.is_pem_bought_for)


KIND = Kind(
    name="economic_spot",
    doc="Own power to both lines, and power bought for them below a market price.",
    fields=(
        parameter(
            "spot_limit_eur_per_j", "EUR/J", "price below which power is bought", 35.0 * EUR_PER_MWH, -1e-5, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        parameter("is_pem_bought_for", "1", "1: power is bought for the PEM line too", 1.0, 0.0, 1.0),
        *UNIT_FIELDS,
        state("is_cheap", "1", "1: the price is below the limit"),
    ),
    ports=PORTS,
    step=step,
    begin=begin_units,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
