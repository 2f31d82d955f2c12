"""Air blower: ambient air at a pressure, in proportion to what others ask for; sweeps the oxygen side of hot cells."""

from h2plant.components.protection import UNPOWERED_PORT, is_unpowered
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import MOLAR_MASS_N2_KG_PER_MOL, MOLAR_MASS_O2_KG_PER_MOL
from h2plant.core.cost import TOWLER_2013, cost
from h2plant.core.declare import Kind, Order, Port, Published, memory, output, parameter
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Process
from h2plant.core.status import LIMITED, NO_POWER, OK, OUT_OF_RANGE
from h2plant.laws.air import air_composition, air_flow, air_work
from h2plant.laws.protection import no_power
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.stream import put_nothing, put_state, put_stream

OXYGEN_MOLE_FRAC = 0.2095  # dry air; the rest, argon among it, is taken for nitrogen
_OXYGEN_KG_PER_KG = (
    OXYGEN_MOLE_FRAC
    * MOLAR_MASS_O2_KG_PER_MOL
    / (OXYGEN_MOLE_FRAC * MOLAR_MASS_O2_KG_PER_MOL + (1.0 - OXYGEN_MOLE_FRAC) * MOLAR_MASS_N2_KG_PER_MOL)
)
_CP_J_PER_KG_K = 1005.0  # dry air, 250 to 350 K
_POISSON = 0.2857  # R / cp of air
_SLACK = 1.0 + 1.0e-9

_RATIO = Published(
    *(0.0, 3.0),
    "0: pure oxygen, as Topsoe offers; sweep air of 1 to 2 mol per mol of steam fed, the cells of IDAES and Herring et "
    "al. 2007, 10.1016/j.ijhydene.2006.06.061: 1.6 to 3 kg/kg",
)


@kernel
def begin(c, props):
    """Find the work of compression over the suction temperature, J/(kg K)."""
    ratio = c.discharge_pressure_pa / c.suction_pressure_pa
    c.work_j_per_kg_k = _CP_J_PER_KG_K * (ratio**_POISSON - 1.0) / c.efficiency_frac
    return OK


@leaf
def _put_rest(c, bus, ambient_k):
    """Write the ports of a blower that stands still."""
    put_nothing(bus, c.air, ambient_k, c.suction_pressure_pa)
    put_nothing(bus, c.outlet, ambient_k, c.discharge_pressure_pa)
    bus[c.power] = 0.0
    bus[c.heat_loss] = 0.0
    c.flow_kg_per_s = 0.0


@kernel
def step(c, bus, props, dt):
    """Blow the air that is asked for: its work warms it, what the motor loses goes to the surroundings."""
    ambient_k = bus[c.ambient_temperature]
    wanted = 0.0
    for i in range(c.n_demand):
        wanted += max(bus[c.demand + i], 0.0)
    wanted *= c.demand_ratio
    if wanted <= 0.0:
        _put_rest(c, bus, ambient_k)
        return OK
    if is_unpowered(c, bus):
        _put_rest(c, bus, ambient_k)
        bus[EVENT_AMOUNT] = wanted
        return NO_POWER
    flow, status = min(wanted, c.rated_flow_kg_per_s), OK
    if wanted > c.rated_flow_kg_per_s * _SLACK:
        status = LIMITED
        bus[EVENT_AMOUNT] = wanted - c.rated_flow_kg_per_s
    o2 = flow * _OXYGEN_KG_PER_KG
    n2 = flow - o2
    shaft_w = flow * c.work_j_per_kg_k * ambient_k
    enthalpy_w = put_state(bus, c.air, props, 0.0, o2, n2, 0.0, 0.0, ambient_k, c.suction_pressure_pa) + shaft_w
    guess_k = ambient_k + shaft_w / (flow * _CP_J_PER_KG_K)
    outlet_k, _, _ = temperature_at_enthalpy(props, 0.0, o2, n2, 0.0, enthalpy_w, c.discharge_pressure_pa, guess_k)
    if not outlet_k > 0.0:
        return OUT_OF_RANGE
    put_stream(bus, c.outlet, 0.0, o2, n2, 0.0, 0.0, enthalpy_w, outlet_k, c.discharge_pressure_pa)
    bus[c.power] = shaft_w / c.motor_efficiency_frac
    bus[c.heat_loss] = bus[c.power] - shaft_w
    c.flow_kg_per_s = flow
    return status


KIND = Kind(
    name="air_blower",
    doc="Air blower: ambient air at a pressure, in proportion to a demand; sweeps the oxygen side of hot cells.",
    fields=(
        parameter("rated_flow_kg_per_s", "kg/s", "largest flow", 1.0, 1.0e-6, 1.0e4),
        parameter(
            *("demand_ratio", "1", "air over what is asked for, by mass; asked for may be steam", 1.0),
            ge=0.0,
            le=100.0,
            published=_RATIO,
        ),
        parameter("suction_pressure_pa", "Pa", "pressure of the surroundings", 1.01325e5, 5.0e4, 1.2e5),
        parameter("discharge_pressure_pa", "Pa", "pressure behind the blower", 1.25e5, 5.0e4, 3.0e5),
        parameter("efficiency_frac", "1", "isentropic efficiency", 0.7, 0.1, 0.95),
        parameter("motor_efficiency_frac", "1", "efficiency of motor and drive", 0.93, 0.3, 1.0),
        memory("work_j_per_kg_k", "J/(kg K)", "work of compression over the suction temperature"),
        output("flow_kg_per_s", "kg/s", "air blown"),
    ),
    ports=(
        Port("demand", "signal", "in", "asked for; several are summed", is_multi=True, is_lagged=True, unit="kg/s"),
        Port(
            "air",
            "stream",
            "in",
            "dry air from the surroundings",
            writes=True,
            border="bought",
            border_label="Air",
        ),
        Port("outlet", "stream", "out", "air at the pressure", border="vented", pressure="discharge_pressure_pa"),
        Port("power", "power", "in", "motor", writes=True, unit="W"),
        UNPOWERED_PORT,
        Port("heat_loss", "heat", "out", "of motor and drive", unit="W", border="surroundings"),
        Port("ambient_temperature", "signal", "in", "air", default="series.temp_air_degc", unit="K"),
    ),
    step=step,
    begin=begin,
    orders=(Order("suction_pressure_pa", "discharge_pressure_pa", "a blower raises the pressure"),),
    role=Process("Gas processing"),
    laws=(air_flow(), air_composition(), air_work(), no_power()),
    costs=(
        cost(
            "blower",
            ("rated_flow_kg_per_s",),
            1.0,
            38.9e3,
            0.75,
            TOWLER_2013,
            2010,
            15.0,
            0.04,
            currency="USD",
            installation_ratio=3.0,
        ),
    ),
)
