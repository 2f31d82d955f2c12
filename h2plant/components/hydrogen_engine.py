"""Gas engine or turbine on hydrogen: power by its efficiency at four loads, with start, smallest load and wear."""

from itertools import pairwise

from h2plant.components.reconverter import PORTS, burn, fields, next_load, usable_mol
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import LHV_H2_J_PER_KG, MOL_PER_KG_H2, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.cost import ESTIMATE, cost
from h2plant.core.declare import Contradiction, Kind, parameter, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Reconverter
from h2plant.core.status import FLARED, OK
from h2plant.laws.reconversion import engine_laws

_OVER = 1.0 + 1.0e-9


@leaf
def efficiency(c, load_frac):
    """Return the efficiency (LHV) at a load: lines between 25, 50, 75 and 100 %, the first one goes on below."""
    if load_frac <= 0.5:
        low, high, first = c.efficiency_25_frac, c.efficiency_50_frac, 0.25
    elif load_frac <= 0.75:
        low, high, first = c.efficiency_50_frac, c.efficiency_75_frac, 0.5
    else:
        low, high, first = c.efficiency_75_frac, c.efficiency_100_frac, 0.75
    return (low + (high - low) * (load_frac - first) / 0.25) * (1.0 - c.wear_frac)


@leaf
def load_of_fuel(c, fuel_w):
    """Return the load at which an engine burns so much, W (LHV): x P = (a + b x) F, solved where it holds."""
    for k in range(3):
        first = 0.25 * (k + 1)
        low = efficiency(c, first)
        slope = (efficiency(c, first + 0.25) - low) / 0.25
        rest_w = c.rated_power_w - slope * fuel_w
        if rest_w <= 0.0:
            continue  # no load on this line burns as much
        x = (low - slope * first) * fuel_w / rest_w
        if x <= first + 0.25:
            return max(x, 0.0)
    return 1.0


@kernel
def step(c, bus, props, dt):
    """Burn the hydrogen that arrives, wear, and ask for what the load of the next step takes."""
    offered = usable_mol(bus, c.hydrogen)
    most_w = c.rated_power_w / efficiency(c, 1.0)
    most = most_w / LHV_H2_J_PER_KG * MOL_PER_KG_H2
    used = min(offered, most)
    fuel_w = used * MOLAR_MASS_H2_KG_PER_MOL * LHV_H2_J_PER_KG
    power = 0.0
    if used > 0.0:
        power = min(load_of_fuel(c, fuel_w), 1.0) * c.rated_power_w
        c.running_h += dt / 3600.0
    bus[c.heat] = burn(c, bus, props, dt, used) - power
    bus[c.power] = power
    c.burnt_kg += used * MOLAR_MASS_H2_KG_PER_MOL * dt
    c.generated_j += power * dt
    c.power_w = power
    c.efficiency_frac = power / fuel_w if fuel_w > 0.0 else 0.0
    if used > 0.0:
        c.since_overhaul_s += dt
        if c.since_overhaul_s >= c.overhaul_s:
            c.since_overhaul_s -= c.overhaul_s
    c.wear_frac = c.overhaul_loss_frac * c.since_overhaul_s / c.overhaul_s

    load = next_load(c, bus[c.load], dt)
    demand = 0.0
    if load > 0.0:
        demand = load * c.rated_power_w / (efficiency(c, load) * LHV_H2_J_PER_KG)
    bus[c.demand] = demand
    c.demand_kg_per_s = demand
    if offered > most * _OVER:
        bus[EVENT_AMOUNT] = (offered - most) * MOLAR_MASS_H2_KG_PER_MOL
        return FLARED
    return OK


def _contradictions(values):
    """Yield where fuel would not rise with load: along a line a + b x of the table it does as long as a is above 0."""
    percents = (25, 50, 75, 100)
    for first, last in pairwise(percents):
        low, high = (values[f"efficiency_{percent}_frac"] for percent in (first, last))
        limit = low * last / first
        if high >= limit:
            what = (
                f"from {first} to {last} % load its efficiency rises from {low:g} to {high:g}, so fast that it would "
            )
            what += "burn more at less load"
            remedy = f"choose less than {limit:.4g}, or raise 'efficiency_{first}_frac'"
            yield Contradiction(f"efficiency_{last}_frac", what, remedy)


KIND = Kind(
    name="hydrogen_engine",
    doc="Gas engine or turbine on hydrogen: power by a table of efficiency against load, with start, least load, wear.",
    fields=(
        *fields(start_time_s=180.0, min_load_frac=0.4, air_ratio=2.5, exhaust_k=393.15),
        parameter(
            "efficiency_25_frac", "1", "efficiency (LHV) at 25 % load; below 50 % the line goes on", 0.31, 0.01, 0.7
        ),
        parameter("efficiency_50_frac", "1", "efficiency (LHV) at 50 % load", 0.36, 0.01, 0.7),
        parameter("efficiency_75_frac", "1", "efficiency (LHV) at 75 % load", 0.385, 0.01, 0.7),
        parameter("efficiency_100_frac", "1", "efficiency (LHV) at full load, auxiliaries taken off", 0.4, 0.01, 0.7),
        parameter(
            "overhaul_s", "s", "running time between overhauls, which make it as new", 30000.0 * 3600.0, 3600.0, 1e10
        ),
        parameter("overhaul_loss_frac", "1", "share of its efficiency lost just before one", 0.02, 0.0, 0.5),
        state("since_overhaul_s", "s", "running time since the last overhaul"),
        state("wear_frac", "1", "share of its efficiency that it has lost"),
    ),
    ports=PORTS,
    step=step,
    role=Reconverter(technology="engine"),
    laws=engine_laws(),
    contradictions=_contradictions,
    costs=(cost("engine set", ("rated_power_w",), 1.0e6, 1.2e6, 0.9, ESTIMATE, 2020, 20.0, 0.04),),
)
