"""What electrolysers record of their starts, for the cost of a start: time, production lost, energy to warm up.

A start begins with the request for power in a unit that makes none and ends when its ramp reaches the power requested.
"""

from h2plant.core.declare import Field, counter, memory
from h2plant.core.jit import leaf

NO_START = 0.0
COLD = 1.0
HOT = 2.0

_REACHED = 0.999  # share of the power requested at which a start is over

START_FIELDS: tuple[Field, ...] = (
    counter("n_cold_starts", "1", "of the starts those from cold"),
    memory("start_sort", "1", "start under way: 0 none, 1 from cold, 2 hot"),
    memory("cold_start_s", "s", "time of the starts from cold, until the power requested", is_counter=True),
    memory("cold_lost_s", "s", "production that they cost, as time at the power requested", is_counter=True),
    memory("cold_start_j", "J", "energy that they took to warm up", is_counter=True),
    memory("hot_start_s", "s", "time of the hot starts, until the power requested", is_counter=True),
    memory("hot_lost_s", "s", "production that they cost, as time at the power requested", is_counter=True),
    memory("hot_start_j", "J", "energy that they took to warm up", is_counter=True),
)


@leaf
def record_start(c, wanted_w, power_w, end_w, warming_j, dt):
    """Book a step of the start under way: mean and end of the power, W, and the energy, J, that warms the unit up."""
    lost_s = dt * (1.0 - min(power_w / wanted_w, 1.0))
    if c.start_sort == COLD:
        c.cold_start_s += dt
        c.cold_lost_s += lost_s
        c.cold_start_j += warming_j
    else:
        c.hot_start_s += dt
        c.hot_lost_s += lost_s
        c.hot_start_j += warming_j
    if end_w >= _REACHED * wanted_w:
        c.start_sort = NO_START
