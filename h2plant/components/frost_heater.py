"""What keeps an apparatus out of doors from freezing: a heater of its own that holds a temperature, and its fields."""

from h2plant.core.declare import Field, Port, output, parameter
from h2plant.core.jit import leaf
from h2plant.physics.relaxation import mean_decay

FROST_FIELDS: tuple[Field, ...] = (
    parameter("frost_heater_w", "W", "power of its heater against frost; 0: it has none", 0.0, 0.0, 1.0e6),
    parameter("frost_temperature_k", "K", "temperature that this heater holds", 274.15, 273.65, 300.0),
    output("frost_heat_w", "W", "power of the heater against frost"),
)
FROST_PORT = Port(
    "frost_power", "power", "in", "heater against frost", writes=True, unit="W", idle_without=("frost_heater_w",)
)


@leaf
def frost_heat(c, end_k, capacity_j_per_k, loss_w_per_k, dt):
    """Return the power, W, with which a body is at its frost temperature at the end of the step, as far as it reaches.

    The body would end the step at ``end_k``; C dT/dt = P - K T + ..., so the power P raises its end by
    P dt (1 - exp(-x)) / (x C), x = K dt / C.
    """
    if end_k >= c.frost_temperature_k or c.frost_heater_w <= 0.0:
        return 0.0
    mean = mean_decay(loss_w_per_k * dt / capacity_j_per_k)
    return min((c.frost_temperature_k - end_k) * capacity_j_per_k / (dt * mean), c.frost_heater_w)
