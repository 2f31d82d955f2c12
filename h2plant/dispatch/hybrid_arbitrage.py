"""Hybrid arbitrage: wind to the SOEC, then the PEM line, or to the market, whichever pays more."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import KWH_PER_KG, PORTS, UNIT_FIELDS
from h2plant.dispatch.rule import below_band, break_even_price
from h2plant.dispatch.setpoints import begin_units, give_setpoints


@kernel
def begin(c, props):
    """Derive the threshold prices; start with making where the band does not say otherwise."""
    value, contract = c.hydrogen_value_eur_per_kg, c.contract_price_eur_per_j
    c.soec_sell_price_eur_per_j = contract + break_even_price(value, c.soec_specific_energy_j_per_kg)
    c.pem_sell_price_eur_per_j = contract + break_even_price(value, c.pem_specific_energy_j_per_kg)
    grid_value = c.grid_hydrogen_value_eur_per_kg
    c.soec_buy_price_eur_per_j = (
        break_even_price(grid_value, c.soec_specific_energy_j_per_kg) - c.purchase_fee_eur_per_j
    )
    c.pem_buy_price_eur_per_j = break_even_price(grid_value, c.pem_specific_energy_j_per_kg) - c.purchase_fee_eur_per_j
    c.is_soec_making = 1.0
    c.is_pem_making = 1.0
    return begin_units(c, props)


@kernel
def step(c, bus, props, dt):
    """Compare the price with what hydrogen is worth in each line; serve SOEC, then PEM, sell the rest."""
    price = bus[c.price]
    band = c.price_band_eur_per_j
    c.is_soec_making = below_band(c.is_soec_making, price, c.soec_sell_price_eur_per_j, band)
    c.is_pem_making = below_band(c.is_pem_making, price, c.pem_sell_price_eur_per_j, band)
    c.is_soec_buying = below_band(c.is_soec_buying, price, c.soec_buy_price_eur_per_j, band)
    c.is_pem_buying = below_band(c.is_pem_buying, price, c.pem_buy_price_eur_per_j, band)
    return give_setpoints(
        c,
        bus,
        dt,
        c.is_soec_making,
        c.is_soec_buying,
        c.is_soec_load_kept * (1.0 - c.is_soec_making),
        c.is_pem_making,
        c.is_pem_buying,
    )


KIND = Kind(
    name="hybrid_arbitrage",
    doc="Wind first to the SOEC, then to the PEM line; sold above, bought below threshold prices.",
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
        parameter("soec_specific_energy_j_per_kg", "J/kg", "SOEC line, all included", 44.0 * KWH_PER_KG, 1.0e8, 1.0e9),
        parameter("pem_specific_energy_j_per_kg", "J/kg", "PEM line, all included", 58.0 * KWH_PER_KG, 1.0e8, 1.0e9),
        parameter("price_band_eur_per_j", "EUR/J", "half of the hysteresis band", 5.0 * EUR_PER_MWH, 0.0, 1.0e-6),
        parameter(
            "is_soec_load_kept",
            "1",
            "1: above its threshold the SOEC keeps its load and only more is sold",
            0.0,
            0.0,
            1.0,
        ),
        *UNIT_FIELDS,
        state("is_soec_making", "1", "1: own power is worth more in the SOEC line than sold"),
        state("is_pem_making", "1", "1: own power is worth more in the PEM line than sold"),
        state("is_soec_buying", "1", "1: bought power pays in the SOEC line"),
        state("is_pem_buying", "1", "1: bought power pays in the PEM line"),
        state("soec_sell_price_eur_per_j", "EUR/J", "price above which the SOEC's own power is sold"),
        state("pem_sell_price_eur_per_j", "EUR/J", "price above which the PEM line's own power is sold"),
        state("soec_buy_price_eur_per_j", "EUR/J", "price below which power is bought for the SOEC line"),
        state("pem_buy_price_eur_per_j", "EUR/J", "price below which power is bought for the PEM line"),
    ),
    ports=PORTS,
    step=step,
    begin=begin,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
