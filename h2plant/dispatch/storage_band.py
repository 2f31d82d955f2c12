"""Storage band: production follows the level of the storage, in zones with hysteresis."""

from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import Dispatch
from h2plant.dispatch.declaration import PORTS, UNIT_FIELDS
from h2plant.dispatch.rule import next_zone
from h2plant.dispatch.setpoints import begin_units, give_setpoints

LOW = 0.0
NORMAL = 1.0
HIGH = 2.0
FULL = 3.0


@kernel
def begin(c, props):
    """Let both lines start at once, in the zone of a full storage until the first level is read."""
    c.zone = FULL
    return begin_units(c, props)


@kernel
def step(c, bus, props, dt):
    """Find the zone of the level; run both lines as it says."""
    c.zone = next_zone(
        c.zone, bus[c.storage_level], c.low_level_frac, c.high_level_frac, c.stop_level_frac, c.level_band_frac
    )
    own, buys = 1.0, 0.0
    if c.zone == LOW:
        buys = 1.0 if bus[c.price] <= c.purchase_limit_eur_per_j else 0.0
    elif c.zone == HIGH:
        own = c.high_load_frac
    elif c.zone == FULL:
        own = 0.0
    return give_setpoints(c, bus, dt, own, buys, 0.0, own, buys)


KIND = Kind(
    name="storage_band",
    doc="Production by zones of the storage level with hysteresis: bought for, by wind, reduced, off.",
    fields=(
        parameter("low_level_frac", "1", "level below which power is bought", 0.3, 0.0, 1.0),
        parameter("high_level_frac", "1", "level above which load is reduced", 0.7, 0.0, 1.0),
        parameter("stop_level_frac", "1", "level above which own power is sold", 0.95, 0.0, 1.0),
        parameter("level_band_frac", "1", "how far below its limit a zone is left", 0.05, 0.0, 1.0),
        parameter("high_load_frac", "1", "largest load of the lines in the high zone", 0.4, 0.0, 1.0),
        parameter(
            "purchase_limit_eur_per_j", "EUR/J", "price up to which power is bought", 150.0 * EUR_PER_MWH, -1e-5, 1e-5
        ),
        *UNIT_FIELDS,
        state("zone", "1", "zone of the level: 0 low, 1 normal, 2 high, 3 full"),
    ),
    ports=PORTS,
    step=step,
    begin=begin,
    group="dispatch",
    role=Dispatch(),
    costs=(),
)
