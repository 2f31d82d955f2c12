"""Draws from banks in cascade: the lowest that still has something gives first."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.declare import Kind, Port, counter, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Control
from h2plant.core.status import OK, SHORTAGE
from h2plant.laws.banks import draw_balance, draw_order

_NOTHING = 1.0e-9


@leaf
def usable(level, empty, band):
    """Return how far a bank gives gas: 0 at empty, 1 above the band, a straight line between."""
    return min(max((level - empty) / band, 0.0), 1.0)


@kernel
def step(c, bus, props, dt):
    """Share the demand among the banks."""
    n = min(c.n_demands, c.n_levels)
    asked = max(bus[c.demand], 0.0)
    for i in range(c.n_demands):
        bus[c.demands + i] = 0.0
    able = 0.0
    total = 0.0
    for i in range(n):
        level = bus[c.levels + i]
        weight = usable(level, c.empty_frac, c.empty_band_frac)
        if weight > 0.0:
            able += weight
            # what the banks before this one leave to it; those within the band share
            for k in range(n):
                if k != i:
                    other = bus[c.levels + k]
                    is_before = min(max(0.5 + 0.5 * (level - other) / c.sharing_band_frac, 0.0), 1.0)
                    weight *= 1.0 - is_before * usable(other, c.empty_frac, c.empty_band_frac)
            total += weight
        bus[c.demands + i] = weight
    # the last bank's weakening lowers what is asked of it: no jump when all run empty
    drawn = asked * min(able, 1.0)
    scale = drawn / total if total > 0.0 else 0.0
    for i in range(n):
        bus[c.demands + i] *= scale
    c.drawn_kg_per_s = drawn
    c.unserved_kg_per_s = asked - drawn
    if asked - drawn > _NOTHING:
        c.unserved_kg += (asked - drawn) * dt
        if drawn < asked * (1.0 - SHORT_FRAC):
            c.unserved_s += dt
        bus[EVENT_AMOUNT] = asked - drawn
        return SHORTAGE
    return OK


KIND = Kind(
    name="cascade_draw",
    doc="Shares a demand among banks: the lowest usable gives first, neighbours in level share.",
    group="control",
    fields=(
        parameter("empty_frac", "1", "level at which a bank gives nothing", 0.0, -1.0, 1.0),
        parameter("empty_band_frac", "1", "band above in which it gives less and less", 0.05, 1.0e-3, 1.0),
        parameter(
            "sharing_band_frac",
            "1",
            "difference in level from which the lower bank gives all",
            0.02,
            1.0e-3,
            10.0,
        ),
        counter("unserved_kg", "kg", "demand that no bank could meet, since the start"),
        memory("unserved_s", "s", "time in which banks met less than 99.9 % of the demand", is_counter=True),
        output("drawn_kg_per_s", "kg/s", "demand passed on"),
        output("unserved_kg_per_s", "kg/s", "demand that no bank can meet"),
    ),
    ports=(
        Port("demand", "signal", "in", "flow wanted", is_required=True, unit="kg/s"),
        Port("levels", "signal", "in", "levels of the banks", is_required=True, is_multi=True, unit="1"),
        Port(
            "demands",
            "signal",
            "out",
            "flow wanted from the bank of the same number",
            paired_with="levels",
            is_required=True,
            is_multi=True,
            unit="kg/s",
        ),
    ),
    step=step,
    laws=(draw_balance(), draw_order()),
    role=Control(demand="demand", unserved="unserved_kg", unserved_time="unserved_s"),
    costs=(),
)
