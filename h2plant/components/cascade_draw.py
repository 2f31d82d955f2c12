"""Draws from banks in cascade: the lowest that still has something gives first."""

import math

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.declare import Kind, Port, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.status import OK, SHORTAGE

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
    lowest = 1.0e30
    able = 0.0
    for i in range(n):
        share = usable(bus[c.levels + i], c.empty_frac, c.empty_band_frac)
        if share > 0.0:
            able += share
            lowest = min(lowest, bus[c.levels + i])
    # the last bank's weakening lowers what is asked of it: no jump when all run empty
    drawn = asked * min(able, 1.0)
    if drawn > 0.0:
        total = 0.0
        for i in range(n):
            level = bus[c.levels + i]
            share = usable(level, c.empty_frac, c.empty_band_frac)
            if share > 0.0:
                share *= math.exp((lowest - level) / c.sharing_band_frac)
            bus[c.demands + i] = share
            total += share
        for i in range(n):
            bus[c.demands + i] *= drawn / total
    c.drawn_kg_per_s = drawn
    c.unserved_kg_per_s = asked - drawn
    if asked - drawn > _NOTHING:
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
            "difference in level at which the higher bank's share falls to 1/e",
            0.02,
            1.0e-3,
            10.0,
        ),
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
            is_required=True,
            is_multi=True,
            unit="kg/s",
        ),
    ),
    step=step,
)
