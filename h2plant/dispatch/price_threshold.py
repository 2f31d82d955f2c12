"""Price threshold: both lines at full power, bought if need be, while the price is below a threshold."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import KWH_PER_KG, PORTS, UNIT_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def begin(c, props):
    """Derive the limits from the value of hydrogen where that is given; let both lines start at once."""
    c.soec_limit_eur_per_j = c.soec_price_limit_eur_per_j
    c.pem_limit_eur_per_j = c.pem_price_limit_eur_per_j
    value, fee = c.hydrogen_value_eur_per_kg, c.purchase_fee_eur_per_j
    if value > 0.0:
        c.soec_limit_eur_per_j = break_even_price(value, c.soec_specific_energy_j_per_kg) - fee
        c.pem_limit_eur_per_j = break_even_price(value, c.pem_specific_energy_j_per_kg) - fee
    return begin_units(c, props)


@kernel
def step(c, bus, props, dt):
    """Run each line fully below its price, not at all above it; own power left over is sold."""
    price = bus[c.price]
    band = c.price_band_eur_per_j
    c.is_soec_cheap = below_band(c.is_soec_cheap, price, c.soec_limit_eur_per_j, band)
    c.is_pem_cheap = below_band(c.is_pem_cheap, price, c.pem_limit_eur_per_j, band)
    return give_setpoints(c, bus, dt, c.is_soec_cheap, c.is_soec_cheap, 0.0, c.is_pem_cheap, c.is_pem_cheap)


KIND = Kind(
    name="price_threshold",
    doc="Both lines at full power from wind and grid below a price, off above it.",
    fields=(
        parameter("hydrogen_value_eur_per_kg", "EUR/kg", "worth of hydrogen; 0: the two limits hold", 0.0, 0.0, 100.0),
        parameter("soec_specific_energy_j_per_kg", "J/kg", "SOEC line, all included", 44.0 * KWH_PER_KG, 1.0e8, 1.0e9),
        parameter("pem_specific_energy_j_per_kg", "J/kg", "PEM line, all included", 58.0 * KWH_PER_KG, 1.0e8, 1.0e9),
        parameter(
            "purchase_fee_eur_per_j", "EUR/J", "paid on bought power above its price", 10.0 * EUR_PER_MWH, 0.0, 1e-5
        ),
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
        state("soec_limit_eur_per_j", "EUR/J", "price up to which the SOEC line runs"),
        state("pem_limit_eur_per_j", "EUR/J", "price up to which the PEM line runs"),
    ),
    ports=PORTS,
    step=step,
    begin=begin,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
