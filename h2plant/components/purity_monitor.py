"""Purity monitor: passes a stream and compares its impurities with the limits of a hydrogen grade."""

from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
)
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Kind, Port, output, parameter, state
from h2plant.core.jit import kernel
from h2plant.core.role import PurityMonitor
from h2plant.core.status import OFF_SPEC, OK
from h2plant.laws.purification import PURITY_MONITOR_LAWS
from h2plant.physics.purification import GRADE_D_N2_FRAC, GRADE_D_O2_FRAC, GRADE_D_WATER_FRAC
from h2plant.physics.stream import hand_over

FIELDS = (
    parameter("water_limit_frac", "1", "highest mole fraction of water, all phases", GRADE_D_WATER_FRAC, 0.0, 1.0),
    parameter("oxygen_limit_frac", "1", "highest mole fraction of oxygen", GRADE_D_O2_FRAC, 0.0, 1.0),
    parameter("nitrogen_limit_frac", "1", "highest mole fraction of nitrogen", GRADE_D_N2_FRAC, 0.0, 1.0),
    state("hydrogen_mol", "mol", "hydrogen passed"),
    state("water_mol", "mol", "water passed"),
    state("oxygen_mol", "mol", "oxygen passed"),
    state("nitrogen_mol", "mol", "nitrogen passed"),
    state("off_spec_kg", "kg", "mass passed while a limit was exceeded"),
    state("off_spec_h", "h", "time with flow while a limit was exceeded"),
    output("water_frac", "1", "mole fraction of water"),
    output("oxygen_frac", "1", "mole fraction of oxygen"),
    output("nitrogen_frac", "1", "mole fraction of nitrogen"),
    output("mean_water_frac", "1", "mole fraction of water in all that passed"),
    output("mean_oxygen_frac", "1", "mole fraction of oxygen in all that passed"),
    output("mean_nitrogen_frac", "1", "mole fraction of nitrogen in all that passed"),
)

PORTS = (
    Port("inlet", "stream", "in", "product", is_required=True),
    Port("outlet", "stream", "out", "the same stream", border="vented"),
)


@kernel
def step(c, bus, props, dt):
    """Copy the stream, take its mole fractions, add up; the worst impurity against its limit is the event."""
    h2, o2, n2, vapour, liquid = hand_over(bus, c.inlet, c.outlet)
    n_h2 = h2 * MOL_PER_KG_H2
    n_o2 = o2 * MOL_PER_KG_O2
    n_n2 = n2 * MOL_PER_KG_N2
    n_h2o = (vapour + liquid) * MOL_PER_KG_H2O
    total = n_h2 + n_o2 + n_n2 + n_h2o
    if total <= 0.0:
        c.water_frac = 0.0
        c.oxygen_frac = 0.0
        c.nitrogen_frac = 0.0
        return OK
    c.hydrogen_mol += n_h2 * dt
    c.water_mol += n_h2o * dt
    c.oxygen_mol += n_o2 * dt
    c.nitrogen_mol += n_n2 * dt
    per_total = 1.0 / total
    water_frac = n_h2o * per_total
    oxygen_frac = n_o2 * per_total
    nitrogen_frac = n_n2 * per_total
    c.water_frac = water_frac
    c.oxygen_frac = oxygen_frac
    c.nitrogen_frac = nitrogen_frac
    per_passed = 1.0 / (c.hydrogen_mol + c.water_mol + c.oxygen_mol + c.nitrogen_mol)
    c.mean_water_frac = c.water_mol * per_passed
    c.mean_oxygen_frac = c.oxygen_mol * per_passed
    c.mean_nitrogen_frac = c.nitrogen_mol * per_passed
    if (
        (water_frac <= c.water_limit_frac)
        & (oxygen_frac <= c.oxygen_limit_frac)
        & (nitrogen_frac <= c.nitrogen_limit_frac)
    ):
        return OK
    c.off_spec_kg += (h2 + o2 + n2 + vapour + liquid) * dt
    c.off_spec_h += dt / 3600.0
    # the worst: the largest excess over its limit, compared without dividing by limits that may be zero
    worst = water_frac
    limit = c.water_limit_frac
    if oxygen_frac * limit > worst * c.oxygen_limit_frac:
        worst = oxygen_frac
        limit = c.oxygen_limit_frac
    if nitrogen_frac * limit > worst * c.nitrogen_limit_frac:
        worst = nitrogen_frac
    bus[EVENT_AMOUNT] = worst
    return OFF_SPEC


KIND = Kind(
    "purity_monitor",
    "Purity against ISO 14687 grade D",
    FIELDS,
    PORTS,
    step,
    role=PurityMonitor(water="mean_water_frac", oxygen="mean_oxygen_frac"),
    laws=PURITY_MONITOR_LAWS,
    costs=(cost("analysers", (), 1.0, 120.0e3, 1.0, ESTIMATE, life_years=10.0, fixed_cost_frac=0.1),),
)
