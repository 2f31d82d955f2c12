"""Wind farm: power from a series of specific output, with losses and the purchase contract."""

from h2plant.components.protection import OUTAGE_PORT
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, Port, memory, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Source
from h2plant.core.status import OK
from h2plant.laws.money import wind_contract
from h2plant.laws.power import wind_balance, wind_power
from h2plant.physics.electrical import two_price_cost


@kernel
def begin(c, props):
    """Fold the losses between the power curve and the cables into one power."""
    c.gross_power_w = c.capacity_w * (1.0 - c.wake_loss_frac) * c.availability_frac
    return OK


@kernel
def step(c, bus, props, dt):
    """Give what the wind gives; topped up to the firm power by the seller; priced by the contract."""
    gross = bus[c.availability] * c.gross_power_w * (1.0 - bus[c.outage])
    loss = gross * c.electrical_loss_frac
    net = gross - loss
    topup = max(c.firm_power_w - net, 0.0)
    power = net + topup
    bus[c.generation] = gross + topup
    bus[c.heat_loss] = loss
    bus[c.power] = power
    bus[c.available_power] = power
    bus[c.renewable_power] = net
    cost = two_price_cost(power, c.block_power_w, c.block_price_eur_per_j, c.excess_price_eur_per_j)
    bus[c.cost] = cost
    bus[c.price] = cost / power if power > 0.0 else c.block_price_eur_per_j
    c.power_w = power
    c.topup_w = topup
    c.generated_j += power * dt
    return OK


KIND = Kind(
    name="wind_farm",
    doc="Wind farm behind its meter: specific output of the wind, losses, purchase contract.",
    fields=(
        parameter("capacity_w", "W", "rated power of all turbines", 19.0e6, 0.0, 1.0e11),
        parameter("wake_loss_frac", "1", "yearly wake loss as a share of the energy", 0.02, 0.0, 0.5),
        parameter("availability_frac", "1", "share of the turbines in service", 0.97, 0.0, 1.0),
        parameter("electrical_loss_frac", "1", "loss of cables and park transformer", 0.02, 0.0, 0.5),
        parameter("firm_power_w", "W", "power that the seller always delivers, from elsewhere in a lull", 0.0, 0.0),
        parameter("block_power_w", "W", "power up to which the block price holds", 10.0e6, 0.0),
        parameter(
            "block_price_eur_per_j", "EUR/J", "contract price up to the block power", 80.0 * EUR_PER_MWH, -1e-6, 1e-5
        ),
        parameter(
            "excess_price_eur_per_j", "EUR/J", "contract price above the block power", 55.0 * EUR_PER_MWH, -1e-6, 1e-5
        ),
        memory("gross_power_w", "W", "gross power at full wind, losses but the cables taken off"),
        state("generated_j", "J", "energy delivered since the start"),
        output("power_w", "W", "power at the meter"),
        output("topup_w", "W", "part of it that the seller makes up to the firm power"),
    ),
    ports=(
        Port(
            "availability",
            "signal",
            "in",
            "power of the wind as a share of the rated power",
            default="series.wind_power_pu",
            unit="1",
        ),
        OUTAGE_PORT,
        Port(
            "generation",
            "power",
            "in",
            "power taken from the wind (and from the seller's other sources)",
            writes=True,
            border="source",
            border_label="Turbines",
        ),
        Port("power", "power", "out", "power at the meter"),
        Port("heat_loss", "heat", "out", "loss of cables and park transformer", border="surroundings"),
        Port("available_power", "signal", "out", "power at the meter, for the dispatch", unit="W"),
        Port("renewable_power", "signal", "out", "the wind's part of it, without what the seller makes up", unit="W"),
        Port("price", "signal", "out", "price of the power by the contract, mean of both prices", unit="EUR/J"),
        Port("cost", "money", "out", "price of the power, taken or not"),
    ),
    step=step,
    begin=begin,
    group="electrical",
    role=Source(technology="wind", renewable="renewable_power", price="price", cost="cost"),
    laws=(wind_power(), wind_balance(), wind_contract()),
    costs=(),
)
