"""Storage band: production follows the level of the storage, in zones with hysteresis."""

from dataclasses import replace

from h2plant.core.bus import LINE_WIDTH, MAXIMUM
from h2plant.core.constants import EUR_PER_MWH
from h2plant.core.declare import Kind, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.status import OK
from h2plant.dispatch.declaration import PORTS, ROLE, RULE_FIELDS
from h2plant.dispatch.rule import next_zone
from h2plant.dispatch.serve import begin_serving, end_serving, serve_line
from h2plant.laws.battery_dispatch import surplus_battery
from h2plant.laws.dispatch import rule_laws
from h2plant.laws.storage_band import storage_band, storage_zone

LOW = 0.0
NORMAL = 1.0
HIGH = 2.0
FULL = 3.0


@kernel
def begin(c, props):
    """Start in the zone of a full storage, until the first level is read."""
    c.zone = FULL
    return OK


@kernel
def step(c, bus, props, dt):
    """Find the zone of the level; run all lines as it says."""
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
    left = begin_serving(c, bus, dt)
    for i in range(c.n_lines):
        line = c.lines + i * LINE_WIDTH
        most = bus[line + MAXIMUM]
        left = serve_line(c, bus, dt, line, left, most * own, most * buys, 0.0)
    return end_serving(c, bus, left)


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
        *RULE_FIELDS,
        state("zone", "1", "zone of the level: 0 low, 1 normal, 2 high, 3 full"),
    ),
    ports=tuple(replace(port, is_required=True) if port.name == "storage_level" else port for port in PORTS),
    step=step,
    begin=begin,
    group="dispatch",
    role=ROLE,
    laws=(*rule_laws(), surplus_battery(), storage_band(), storage_zone()),
    costs=(),
)
