"""PEM fuel cells: power of stored hydrogen by the polarisation curve, with start, smallest load and wear."""

from h2plant.components.reconverter import PORTS, burn, fields, next_load, usable_mol
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import FARADAY_C_PER_MOL, LHV_H2_J_PER_KG, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.cost import cost
from h2plant.core.declare import Contradiction, Kind, counter, memory, output, parameter, state
from h2plant.core.jit import kernel, python_function
from h2plant.core.role import Reconverter
from h2plant.core.status import FLARED, OK, OUT_OF_RANGE, WORN_OUT
from h2plant.laws.reconversion import fuel_cell_laws
from h2plant.physics.fuel_cell import cell_voltage

FCH_2018 = "FCH 2 JU 2018, addendum to the multi-annual work plan, fuel cells of 5 to 400 kW, 2020"
_UV_PER_H = 1.0e-6 / 3600.0
_STEPS = 30
_TOLERANCE = 1.0e-12
_OVER = 1.0 + 1.0e-9
_TOP = 0.98  # of the limiting current density


@kernel
def voltage(c, density_a_per_m2):
    """Return the voltage of a cell as it is worn, V."""
    new = cell_voltage(density_a_per_m2, c.temperature_k, c.hydrogen_pressure_pa, c.oxygen_pressure_pa)
    return new - c.degradation_v


@kernel
def density_of(c, power_w):
    """Return the current density, A/m2, at which the cells give a power, W, at most the rated one (regula falsi)."""
    wanted = power_w / (c.area_m2 * (1.0 - c.auxiliary_frac))
    low, high = 1.0e-3, c.rated_current_density_a_per_m2
    below, above = voltage(c, low) * low - wanted, voltage(c, high) * high - wanted
    if above <= 0.0:
        return high
    if below >= 0.0:
        return low
    side = 0
    for _ in range(_STEPS):
        j = (low * above - high * below) / (above - below)
        off = voltage(c, j) * j - wanted
        if abs(off) <= _TOLERANCE * wanted:
            return j
        if off > 0.0:
            high, above = j, off
            below = 0.5 * below if side == 1 else below
            side = 1
        else:
            low, below = j, off
            above = 0.5 * above if side == -1 else above
            side = -1
    return 0.5 * (low + high)


@kernel
def begin(c, props):
    """Find the area that gives the rated power of new cells at the rated current density, and the end of life."""
    j = c.rated_current_density_a_per_m2
    new_v = voltage(c, j)
    if not new_v > 0.0:
        return OUT_OF_RANGE
    c.area_m2 = c.rated_power_w / ((1.0 - c.auxiliary_frac) * new_v * j)
    c.end_of_life_v = c.end_of_life_loss_frac * new_v
    return OK


@kernel
def step(c, bus, props, dt):
    """Turn the hydrogen that arrives into power, wear, and ask for what the load of the next step takes."""
    offered = usable_mol(bus, c.hydrogen)
    most = _TOP * 1.5e4 * c.area_m2 / (2.0 * FARADAY_C_PER_MOL)
    used = min(offered * c.utilisation_frac, most) if offered > 0.0 else 0.0
    j, cell_v, power = 0.0, 0.0, 0.0
    if used > 0.0:
        j = 2.0 * FARADAY_C_PER_MOL * used / c.area_m2
        cell_v = voltage(c, j)
        power = max(cell_v, 0.0) * j * c.area_m2 * (1.0 - c.auxiliary_frac)
        c.running_h += dt / 3600.0
        c.degradation_v += c.degradation_v_per_s * dt
    bus[c.heat] = burn(c, bus, props, dt, used) - power
    bus[c.power] = power
    burnt = used * MOLAR_MASS_H2_KG_PER_MOL
    c.burnt_kg += burnt * dt
    c.generated_j += power * dt
    c.power_w = power
    c.efficiency_frac = power / (burnt * LHV_H2_J_PER_KG) if burnt > 0.0 else 0.0
    c.current_density_a_per_m2 = j
    c.cell_voltage_v = cell_v

    before = c.n_starts
    load = next_load(c, bus[c.load], dt)
    c.degradation_v += (c.n_starts - before) * c.start_degradation_v
    is_worn = c.degradation_v >= c.end_of_life_v
    if is_worn:
        c.degradation_v = 0.0
        c.n_replacements += 1.0
    demand = 0.0
    if load > 0.0:
        current = density_of(c, load * c.rated_power_w) * c.area_m2
        demand = current / (2.0 * FARADAY_C_PER_MOL * c.utilisation_frac) * MOLAR_MASS_H2_KG_PER_MOL
    bus[c.demand] = demand
    c.demand_kg_per_s = demand
    if offered * c.utilisation_frac > most * _OVER:
        bus[EVENT_AMOUNT] = (offered * c.utilisation_frac - most) * MOLAR_MASS_H2_KG_PER_MOL
        return FLARED
    if is_worn:
        bus[EVENT_AMOUNT] = c.running_h
        return WORN_OUT
    return OK


def _contradictions(values):
    """Yield where cells give no voltage at their rated current density."""
    pressures = values["hydrogen_pressure_pa"], values["oxygen_pressure_pa"]
    density = values["rated_current_density_a_per_m2"]
    rated_v = python_function(cell_voltage)(density, values["temperature_k"], *pressures)
    if not rated_v > 0.0:
        what = f"cells give no power at {density:g} A/m2: beyond their limiting current"
        yield Contradiction("rated_current_density_a_per_m2", what, "lower it, or raise the pressures")


KIND = Kind(
    name="fuel_cell",
    doc="PEM fuel cells: power of stored hydrogen and air by a polarisation curve, with start, least load, wear.",
    fields=(
        *fields(start_time_s=60.0, min_load_frac=0.1, air_ratio=2.0, exhaust_k=343.15),
        parameter("temperature_k", "K", "temperature of the cells", 343.15, 300.0, 373.0),
        parameter("hydrogen_pressure_pa", "Pa", "partial pressure of hydrogen at the anode", 1.5e5, 1.0e4, 1.0e6),
        parameter("oxygen_pressure_pa", "Pa", "partial pressure of oxygen at the cathode", 0.25e5, 1.0e3, 1.0e6),
        parameter(
            "rated_current_density_a_per_m2",
            "A/m2",
            "current density at the rated power of new cells",
            6.0e3,
            10.0,
            1.2e4,
        ),
        parameter("utilisation_frac", "1", "share of the hydrogen that reacts; the rest is purged", 0.98, 0.1, 1.0),
        parameter("auxiliary_frac", "1", "share of the cells' power that blower, pumps, converter take", 0.1, 0.0, 0.9),
        parameter(
            "degradation_v_per_s",
            "V/s",
            "voltage that a cell loses while it runs (10 uV/h)",
            10.0 * _UV_PER_H,
            0.0,
            1e-6,
        ),
        parameter("start_degradation_v", "V", "voltage that a cell loses by a start", 13.8e-6, 0.0, 0.1),
        parameter(
            "end_of_life_loss_frac", "1", "share of the rated voltage at whose loss cells are renewed", 0.1, 1e-3, 0.9
        ),
        state("degradation_v", "V", "voltage that a cell has lost"),
        counter("n_replacements", "1", "times that the cells were renewed"),
        memory("area_m2", "m2", "active area of all cells"),
        memory("end_of_life_v", "V", "loss at which they are renewed"),
        output("current_density_a_per_m2", "A/m2", "current density"),
        output("cell_voltage_v", "V", "voltage of a cell"),
    ),
    ports=PORTS,
    step=step,
    contradictions=_contradictions,
    begin=begin,
    role=Reconverter(technology="fuel cell"),
    laws=fuel_cell_laws(),
    costs=(
        # 4,500 to 7,500 EUR/kW in 2020, 1,500 to 4,000 aimed at for 2030; 8 to 20 years
        cost(
            *("fuel cell system", ("rated_power_w",), 1.0e6, 4.5e6, 1.0, FCH_2018, 2018, 15.0, 0.03),
            low_ratio=0.33,
            high_ratio=1.67,
        ),
    ),
)
