"""Price threshold: both lines at full power, bought if need be, while the price is below a threshold."""

from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.dispatch.declaration import EUR_PER_MWH, PORTS, UNIT_FIELDS
from h2plant.dispatch.plan import begin_units, give_setpoints
from h2plant.dispatch.rule import below_band


@kernel
def begin(c, props):
    """Let both lines start at once."""
    return begin_units(c)


@kernel
def step(c, bus, props, dt):
    """Run each line fully below its price, not at all above it; own power left over is sold."""
    price = bus[c.price]
    band = c.price_band_eur_per_j
    c.is_soec_cheap = below_band(c.is_soec_cheap, price, c.soec_price_limit_eur_per_j, band)
    c.is_pem_cheap = below_band(c.is_pem_cheap, price, c.pem_price_limit_eur_per_j, band)
    return give_setpoints(c, bus, dt, c.is_soec_cheap, c.is_soec_cheap, 0.0, c.is_pem_cheap, c.is_pem_cheap)


KIND = Kind(
    name="price_threshold",
    doc="Both lines at full power from wind and grid below a price, off above it.",
    fields=(
        parameter(
            "soec_price_limit_eur_per_j",
            "EUR/J",
            "price up to which the SOEC line runs",
            80.0 * EUR_PER_MWH,
            -1e-5,
            1e-5,
        ),
        parameter(
            "pem_price_limit_eur_per_j", "EUR/J", "price up to which the PEM line runs", 60.0 * EUR_PER_MWH, -1e-5, 1e-5
        ),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        *UNIT_FIELDS,
        state("is_soec_cheap", "1", "1: the price is below the SOEC line's limit"),
        state("is_pem_cheap", "1", "1: the price is below the PEM line's limit"),
    ),
    ports=PORTS,
    step=step,
    begin=begin,
    group="dispatch",
)
