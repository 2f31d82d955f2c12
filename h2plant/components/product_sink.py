"""Where a product leaves the plant and is paid for."""

from h2plant.core.declare import Kind, Port, counter, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Offtake
from h2plant.core.status import OK
from h2plant.laws.delivery import SINK_LAWS
from h2plant.physics.stream import hand_over


@kernel
def step(c, bus, props, dt):
    """Hand the stream over and book what it earns."""
    h2, o2, n2, vapour, liquid = hand_over(bus, c.inlet, c.delivered)
    earned = (
        h2 * c.h2_price_eur_per_kg
        + o2 * c.o2_price_eur_per_kg
        + n2 * c.n2_price_eur_per_kg
        + (vapour + liquid) * c.water_price_eur_per_kg
    )
    bus[c.revenue] = earned
    c.flow_kg_per_s = h2 + o2 + n2 + vapour + liquid
    c.delivered_h2_kg += h2 * dt
    c.delivered_o2_kg += o2 * dt
    c.delivered_water_kg += (vapour + liquid) * dt
    c.earned_eur += earned * dt
    return OK


KIND = Kind(
    name="product_sink",
    doc="Hands a product stream over (pipeline, vent, drain) and books what it earns.",
    fields=(
        parameter("h2_price_eur_per_kg", "EUR/kg", "price of hydrogen", 0.0, -100.0, 1000.0),
        parameter("o2_price_eur_per_kg", "EUR/kg", "price of oxygen", 0.0, -100.0, 1000.0),
        parameter("n2_price_eur_per_kg", "EUR/kg", "price of nitrogen", 0.0, -100.0, 1000.0),
        parameter("water_price_eur_per_kg", "EUR/kg", "price of water (negative: disposal)", 0.0, -100.0, 1000.0),
        counter("delivered_h2_kg", "kg", "hydrogen delivered"),
        state("delivered_o2_kg", "kg", "oxygen delivered"),
        state("delivered_water_kg", "kg", "water delivered"),
        state("earned_eur", "EUR", "earned"),
        output("flow_kg_per_s", "kg/s", "flow"),
    ),
    ports=(
        Port("inlet", "stream", "in", "product", is_required=True),
        Port("delivered", "stream", "out", "what the customer takes over", border="sold"),
        Port("revenue", "money", "in", "earned, EUR/s", writes=True),
    ),
    step=step,
    laws=SINK_LAWS,
    role=Offtake(
        prices=(
            ("hydrogen", "h2_price_eur_per_kg"),
            ("oxygen", "o2_price_eur_per_kg"),
            ("nitrogen", "n2_price_eur_per_kg"),
            ("water", "water_price_eur_per_kg"),
        ),
        price="h2_price_eur_per_kg",
        flow="flow_kg_per_s",
    ),
    costs=(),
)
