"""Electrolyser from a supplier's table: energy per hydrogen against load, limits and times; heat is what is left."""

from h2plant.components.hold_up import (
    HELD_GAS_FIELDS,
    hand_out,
    held_gas,
    hold_fuel,
    hold_oxygen,
    is_held,
)
from h2plant.components.pem_mode import (
    OFF,
    RESTART_LEVEL,
    RUNNING,
    STANDBY,
    STARTING,
    accepted,
    advanced_mode,
    put_scalars,
    ramped_power,
    trip,
)
from h2plant.components.start_record import START_FIELDS, record_start
from h2plant.components.table_size import KWH_PER_KG, N_POINTS, table_contradictions
from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.cost import IRENA_2020, JU_2020, cost
from h2plant.core.declare import Kind, Port, ReadOnly, counter, memory, output, parameter, parameter_list, state
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import gases_enthalpy, saturated_steam_enthalpy, saturation_pressure, water_enthalpy
from h2plant.core.role import Maker, Start, StartType, Wear
from h2plant.core.status import LIMITED, OK, OUT_OF_RANGE, OVER_TEMPERATURE, OVERFLOW, SHORTAGE, WORN_OUT
from h2plant.laws.electrolysis import electrolysis_balance, hold_up
from h2plant.laws.supplier_table import table_laws
from h2plant.physics.stream import read_stream

_SMALL = 1.0e-9
_RATED = "rated_power_w"  # what sizes follow from
_O2_PER_H2 = 0.5 * MOLAR_MASS_O2_KG_PER_MOL / MOLAR_MASS_H2_KG_PER_MOL
_H2O_PER_H2 = MOLAR_MASS_H2O_KG_PER_MOL / MOLAR_MASS_H2_KG_PER_MOL

# Energiepark Mainz, 6 MW, measured (Kopp et al. 2017, 10.1016/j.ijhydene.2016.12.145): alternating current over the
# rated 6 MW, and energy, kWh/kg, by the higher heating value (39.41 kWh/kg) over the efficiency
_MAINZ_LOAD = (0.0625, 0.1, 1.0 / 6.0, 0.25, 0.375, 0.5, 2.0 / 3.0, 0.875, 1.0)
_MAINZ_EFFICIENCY = (0.5010, 0.6142, 0.6738, 0.6861, 0.6732, 0.6513, 0.6221, 0.5931, 0.5813)
_MAINZ_J_PER_KG = tuple(39.41 * KWH_PER_KG / efficiency for efficiency in _MAINZ_EFFICIENCY)


@leaf
def _between(load, low, high, at_low, at_high, found):
    """Return the line between two points of a table where a load is above the first, else what was found before."""
    if high <= low or load <= low:
        return found
    return at_low + (min(load, high) - low) / (high - low) * (at_high - at_low)


@kernel
def table_energy(c, load):
    """Return the energy per hydrogen of the table at a load, J/kg: straight between points, constant beyond them."""
    e = c.point_1_j_per_kg
    e = _between(load, c.table_load_1_frac, c.table_load_2_frac, c.point_1_j_per_kg, c.point_2_j_per_kg, e)
    e = _between(load, c.table_load_2_frac, c.table_load_3_frac, c.point_2_j_per_kg, c.point_3_j_per_kg, e)
    e = _between(load, c.table_load_3_frac, c.table_load_4_frac, c.point_3_j_per_kg, c.point_4_j_per_kg, e)
    e = _between(load, c.table_load_4_frac, c.table_load_5_frac, c.point_4_j_per_kg, c.point_5_j_per_kg, e)
    e = _between(load, c.table_load_5_frac, c.table_load_6_frac, c.point_5_j_per_kg, c.point_6_j_per_kg, e)
    e = _between(load, c.table_load_6_frac, c.table_load_7_frac, c.point_6_j_per_kg, c.point_7_j_per_kg, e)
    e = _between(load, c.table_load_7_frac, c.table_load_8_frac, c.point_7_j_per_kg, c.point_8_j_per_kg, e)
    e = _between(load, c.table_load_8_frac, c.table_load_9_frac, c.point_8_j_per_kg, c.point_9_j_per_kg, e)
    e = _between(load, c.table_load_9_frac, c.table_load_10_frac, c.point_9_j_per_kg, c.point_10_j_per_kg, e)
    e = _between(load, c.table_load_10_frac, c.table_load_11_frac, c.point_10_j_per_kg, c.point_11_j_per_kg, e)
    return _between(load, c.table_load_11_frac, c.table_load_12_frac, c.point_11_j_per_kg, c.point_12_j_per_kg, e)


@leaf
def _point(c, load, energy_j_per_kg, hydrogen_kg_per_s):
    """Return the energy at a point of the table, J/kg, at the port: by the hydrogen, where that is given."""
    if hydrogen_kg_per_s > 0.0:
        return load * c.rated_power_w / hydrogen_kg_per_s
    return energy_j_per_kg * c.conversion_frac


@leaf
def _vapour_ratio(saturation_pa, pressure_pa, saturation_frac, kg_per_mol):
    """Return the vapour, kg, with a kilogram of a gas of some share of saturation (Dalton)."""
    vapour_pa = saturation_frac * saturation_pa
    return vapour_pa / (pressure_pa - vapour_pa) * MOLAR_MASS_H2O_KG_PER_MOL / kg_per_mol


@kernel
def emit(c, bus, props, dt):
    """Hand out gas, and the heat of the cooling, from what is held."""
    hand_out(c, bus, c.outlet_temperature_k, c.hydrogen_outlet_pressure_pa, c.oxygen_outlet_pressure_pa, dt)
    return OK


@leaf
def _draw(c, bus, wanted_w, on, status, dt):
    """Return (power while hydrogen is made, W; hydrogen, kg/s; status)."""
    c.energy_j_per_kg = 0.0
    if on <= 0.0:
        return 0.0, 0.0, status
    if wanted_w > c.rated_power_w * (1.0 + _SMALL):
        status = LIMITED
        bus[EVENT_AMOUNT] = wanted_w - c.rated_power_w
    power_w = ramped_power(c, min(wanted_w, c.rated_power_w), on * dt)
    c.energy_j_per_kg = table_energy(c, power_w / c.rated_power_w) * (1.0 + c.energy_growth_frac)
    return power_w, power_w / c.energy_j_per_kg, status


@leaf
def _hold(c, props, feed, made, spilled, dt):
    """Hold the gases of the step, ``made`` hydrogen, kg/s, and water spilled with the oxygen; returns enthalpies, W."""
    T = c.outlet_temperature_k
    hydrogen_w = made * c.hydrogen_j_per_kg
    moist = made * c.hydrogen_vapour_ratio
    hold_fuel(c, props, made * dt, 0.0, 0.0, moist * dt, 0.0, hydrogen_w * dt, T, c.hydrogen_outlet_pressure_pa)
    o2 = made * _O2_PER_H2
    oxygen_w = o2 * c.oxygen_j_per_kg + spilled * c.water_j_per_kg
    if feed.h2 + feed.o2 + feed.n2 > 0.0:  # gas that came with the water
        oxygen_w += gases_enthalpy(props, feed.h2, feed.o2, feed.n2, c.oxygen_outlet_pressure_pa, T)
    moist = o2 * c.oxygen_vapour_ratio
    masses = (feed.h2 * dt, (o2 + feed.o2) * dt, feed.n2 * dt, moist * dt, spilled * dt)
    hold_oxygen(c, props, *masses, oxygen_w * dt, T, c.oxygen_outlet_pressure_pa)
    return hydrogen_w, oxygen_w


@leaf
def _cooled(c, bus, rest_w, on, status):
    """Return (heat to the cooling, W; status): a share of the heat, as far as the cooler takes it."""
    if on <= 0.0 or rest_w <= 0.0:
        return 0.0, status
    cooling = rest_w * (1.0 - c.surroundings_frac)
    if c.cooling_conductance != ZERO:
        warmer_k = max(c.outlet_temperature_k - bus[c.coolant_temperature], 0.0)
        most = bus[c.cooling_conductance] * c.cooling_share_frac * warmer_k
        if cooling > most * (1.0 + _SMALL):
            status = OVER_TEMPERATURE
            bus[EVENT_AMOUNT] = cooling - most
            cooling = most
    return cooling, status


@leaf
def _last_status(c, bus, on, spilled, status):
    """Return the status with what is found out last: an overflow, and a stack at the end of its life, replaced."""
    if status == OK and spilled > 0.0:
        status = OVERFLOW
        bus[EVENT_AMOUNT] = spilled
    if on > 0.0 and c.energy_growth_frac >= c.end_of_life_growth_frac:
        c.energy_growth_frac = 0.0
        c.n_replacements += 1.0
        status = WORN_OUT
        bus[EVENT_AMOUNT] = c.running_h
    return status


@kernel
def step(c, bus, props, dt):
    """Advance the electrolyser by dt: mode, power, hydrogen by the table, water, heat that is left, wear."""
    wanted = bus[c.setpoint]
    wants, status = accepted(c, bus, wanted)
    was = c.mode
    on = advanced_mode(c, wants, bus[c.shut_down] > 0.5, dt)
    if was != RUNNING and c.mode == RUNNING:
        c.energy_growth_frac += c.growth_per_start_frac
    missing_kg = RESTART_LEVEL * c.water_trip_kg - c.water_kg
    if c.mode == STARTING and c.timer_s <= 0.0 and missing_kg > 0.0:  # ready but for water
        status = SHORTAGE
        bus[EVENT_AMOUNT] = missing_kg / dt
    power_on, rate, status = _draw(c, bus, wanted, on, status, dt)

    feed = read_stream(bus, c.water)
    water_in = feed.vapour + feed.liquid
    per_h2 = _H2O_PER_H2 + c.hydrogen_vapour_ratio + _O2_PER_H2 * c.oxygen_vapour_ratio
    start_kg, used = c.water_kg, rate * per_h2 * on
    if on > 0.0 and start_kg + (water_in - used) * dt < c.water_trip_kg:
        status = trip(c, bus, start_kg)
        left = max(start_kg + water_in * dt - c.water_trip_kg, 0.0) / (used * dt)
        on, used = on * left, used * left
    made = rate * on
    water_kg = start_kg + (water_in - used) * dt
    spilled = max(water_kg - c.water_capacity_kg, 0.0) / dt
    water_kg -= spilled * dt

    idle_w = (c.standby_power_w if STANDBY <= c.mode <= RUNNING else c.off_power_w) * (1.0 - on)
    power = power_on * on + idle_w
    hydrogen_w, oxygen_w = _hold(c, props, feed, made, spilled, dt)
    rest = power + feed.enthalpy_w - (hydrogen_w + oxygen_w) - (water_kg - start_kg) / dt * c.water_j_per_kg
    cooling, status = _cooled(c, bus, rest, on, status)
    c.heat_in_transit_j += cooling * dt
    c.is_filled = is_held(c)

    c.water_kg = water_kg
    c.hydrogen_made_kg_per_s = made
    c.load_frac = power_on * on / c.rated_power_w
    c.reacted_h2o_mol += made / MOLAR_MASS_H2_KG_PER_MOL * dt
    c.running_h += on * dt / 3600.0
    c.energy_growth_frac += c.growth_per_h * on * dt / 3600.0
    if c.start_sort > 0.0:
        end_w = 0.0 if on <= 0.0 else wanted if status == LIMITED else c.power_end_w
        record_start(c, min(wanted, c.rated_power_w), power_on * on, end_w, idle_w * dt, dt)
    demand = 0.0
    if c.mode != OFF:
        demand = max(used + (c.water_setpoint_kg - water_kg) / max(c.level_time_s, 3.0 * dt), 0.0)
    put_scalars(c, bus, power, rest - cooling, demand)
    return _last_status(c, bus, on, spilled, status)


@kernel
def begin(c, props):
    """Fill the loop; work out the table at the port, and what a kilogram of either gas carries at the outlet."""
    c.mode = OFF
    c.water_kg = c.water_setpoint_kg
    c.point_1_j_per_kg = _point(c, c.table_load_1_frac, c.table_energy_1_j_per_kg, c.table_hydrogen_1_kg_per_s)
    c.point_2_j_per_kg = _point(c, c.table_load_2_frac, c.table_energy_2_j_per_kg, c.table_hydrogen_2_kg_per_s)
    c.point_3_j_per_kg = _point(c, c.table_load_3_frac, c.table_energy_3_j_per_kg, c.table_hydrogen_3_kg_per_s)
    c.point_4_j_per_kg = _point(c, c.table_load_4_frac, c.table_energy_4_j_per_kg, c.table_hydrogen_4_kg_per_s)
    c.point_5_j_per_kg = _point(c, c.table_load_5_frac, c.table_energy_5_j_per_kg, c.table_hydrogen_5_kg_per_s)
    c.point_6_j_per_kg = _point(c, c.table_load_6_frac, c.table_energy_6_j_per_kg, c.table_hydrogen_6_kg_per_s)
    c.point_7_j_per_kg = _point(c, c.table_load_7_frac, c.table_energy_7_j_per_kg, c.table_hydrogen_7_kg_per_s)
    c.point_8_j_per_kg = _point(c, c.table_load_8_frac, c.table_energy_8_j_per_kg, c.table_hydrogen_8_kg_per_s)
    c.point_9_j_per_kg = _point(c, c.table_load_9_frac, c.table_energy_9_j_per_kg, c.table_hydrogen_9_kg_per_s)
    c.point_10_j_per_kg = _point(c, c.table_load_10_frac, c.table_energy_10_j_per_kg, c.table_hydrogen_10_kg_per_s)
    c.point_11_j_per_kg = _point(c, c.table_load_11_frac, c.table_energy_11_j_per_kg, c.table_hydrogen_11_kg_per_s)
    c.point_12_j_per_kg = _point(c, c.table_load_12_frac, c.table_energy_12_j_per_kg, c.table_hydrogen_12_kg_per_s)
    T = c.outlet_temperature_k
    p_sat, vapour_j_per_kg = saturation_pressure(props, T), saturated_steam_enthalpy(props, T)
    p_h2, p_o2 = c.hydrogen_outlet_pressure_pa, c.oxygen_outlet_pressure_pa
    c.hydrogen_vapour_ratio = _vapour_ratio(p_sat, p_h2, c.hydrogen_saturation_frac, MOLAR_MASS_H2_KG_PER_MOL)
    c.oxygen_vapour_ratio = _vapour_ratio(p_sat, p_o2, c.oxygen_saturation_frac, MOLAR_MASS_O2_KG_PER_MOL)
    c.hydrogen_j_per_kg = gases_enthalpy(props, 1.0, 0.0, 0.0, p_h2, T) + c.hydrogen_vapour_ratio * vapour_j_per_kg
    c.oxygen_j_per_kg = gases_enthalpy(props, 0.0, 1.0, 0.0, p_o2, T) + c.oxygen_vapour_ratio * vapour_j_per_kg
    c.water_j_per_kg = water_enthalpy(props, p_o2, T)
    is_sound = c.hydrogen_vapour_ratio >= 0.0 and c.oxygen_vapour_ratio >= 0.0
    return OK if is_sound and abs(c.hydrogen_j_per_kg + c.oxygen_j_per_kg) < 1.0e12 else OUT_OF_RANGE


@kernel
def content(c, props):
    """Return what the loop holds, and gas and heat that are yet to be handed out: kg and J."""
    h2, o2, n2, water, energy_j = held_gas(c)
    return h2, o2, n2, c.water_kg + water, c.water_kg * c.water_j_per_kg + (energy_j + c.heat_in_transit_j)


def _ageing_by_start(values):
    """Return the share of the life that each start uses up."""
    return values["growth_per_start_frac"] / values["end_of_life_growth_frac"]


def _cold_start(values):
    """Return a start from cold, from the parameters: its time at standby power, then half of the ramp to full power."""
    ramp_s = (1.0 - values["min_load_frac"]) * values["rated_power_w"] / values["ramp_w_per_s"]
    return Start(
        energy_j=values["standby_power_w"] * values["start_time_s"],
        lost_s=values["start_time_s"] + 0.5 * ramp_s,
        ageing_frac=_ageing_by_start(values),
        time_s=values["start_time_s"] + ramp_s,
    )


KIND = Kind(
    name="table_stack",
    doc="Electrolyser from a supplier's table: energy per hydrogen against load, limits, times; heat is what is left.",
    fields=(
        parameter("rated_power_w", "W", "power at load 1", 6.0e6, ge=1.0),
        *parameter_list("table_load_#_frac", "1", "load of the table, rising up to 1", _MAINZ_LOAD, N_POINTS, 0.0, 1.0),
        *parameter_list(
            "table_energy_#_j_per_kg", "J/kg", "energy per hydrogen there", _MAINZ_J_PER_KG, N_POINTS, 1.0e8, 2.0e9
        ),
        *parameter_list(
            "table_hydrogen_#_kg_per_s",
            "kg/s",
            "or the hydrogen made there; 0: by the energy",
            (0.0,),
            N_POINTS,
            0.0,
            1.0e3,
        ),
        parameter(
            "conversion_frac",
            "1",
            "power at the port over that of the energy: a rectifier's share where the table is in alternating current",
            1.0,
            ge=0.5,
            le=1.0,
        ),
        parameter("min_load_frac", "1", "smallest load; below it the stack stands by", 0.0625, ge=0.0, le=1.0),
        parameter(
            "ramp_w_per_s", "W/s", "fastest rise; a start is at the smallest load", 0.6e6, ge=1e-3, size_from=_RATED
        ),
        parameter("start_time_s", "s", "from off to the smallest load", 300.0, ge=0.0),
        parameter("hot_start_time_s", "s", "from standby to the smallest load", 10.0, ge=0.0),
        parameter("standby_time_s", "s", "how long it stays ready before it goes off", 14400.0, ge=0.0),
        parameter("restart_delay_s", "s", "how long a trip locks it", 3600.0, ge=0.0),
        parameter("standby_power_w", "W", "drawn in standby and during a start", 6.0e4, ge=0.0, size_from=_RATED),
        parameter("off_power_w", "W", "drawn while off or tripped", 0.0, ge=0.0),
        parameter("hydrogen_outlet_pressure_pa", "Pa", "pressure of the hydrogen given off", 35e5, ge=1.0e5, le=200e5),
        parameter("oxygen_outlet_pressure_pa", "Pa", "pressure of the oxygen given off", 1.2e5, ge=1.0e5, le=100e5),
        parameter("outlet_temperature_k", "K", "temperature of both gases", 323.15, ge=275.15, le=363.15),
        parameter("hydrogen_saturation_frac", "1", "its vapour over saturation; 0: dried", 1.0, ge=0.0, le=1.0),
        parameter("oxygen_saturation_frac", "1", "its vapour over saturation", 1.0, ge=0.0, le=1.0),
        parameter("surroundings_frac", "1", "share of the heat that the cooling does not take", 0.1, ge=0.0, le=1.0),
        parameter("cooling_share_frac", "1", "its share of the exchanger's conductance", 1.0, ge=0.0, le=1.0),
        parameter("gas_residence_time_s", "s", "gas and heat on the way out", 60.0, ge=0.0),
        parameter("water_setpoint_kg", "kg", "water held", 2400.0, ge=1e-3, size_from=_RATED),
        parameter("water_trip_kg", "kg", "water below which it trips", 600.0, ge=0.0, size_from="water_setpoint_kg"),
        parameter(
            "water_capacity_kg", "kg", "water above which it spills", 4800.0, ge=1e-3, size_from="water_setpoint_kg"
        ),
        parameter("level_time_s", "s", "time constant of the level control", 600.0, ge=1.0),
        parameter("growth_per_h", "1/h", "growth of the energy in use; 1e-6: 0.1 %/1000 h", 1.9e-6, ge=0.0, le=1e-3),
        parameter("growth_per_start_frac", "1", "growth of the energy by each start", 0.0, ge=0.0, le=0.1),
        parameter("end_of_life_growth_frac", "1", "growth at which the stacks are replaced", 0.1, ge=0.01, le=2.0),
        state("mode", "1", "0 off, 1 standby, 2 starting, 3 running, 4 tripped"),
        state("timer_s", "s", "what is left of starting, standby or locking"),
        state("water_kg", "kg", "water held"),
        state("power_end_w", "W", "power at the end of the step, where the ramp goes on"),
        state("energy_growth_frac", "1", "growth of the energy per hydrogen by wear"),
        counter("running_h", "h", "hours in which it made hydrogen"),
        counter("n_starts", "1", "starts"),
        *START_FIELDS,
        counter("n_replacements", "1", "stack replacements"),
        state("reacted_h2o_mol", "mol", "water split"),
        *HELD_GAS_FIELDS,
        state("heat_in_transit_j", "J", "heat for the cooling that is yet to be handed out"),
        memory("is_filled", "1", "1 if there is gas or heat to hand out"),
        *(memory(f"point_{i + 1}_j_per_kg", "J/kg", f"energy at the port, point {i + 1}") for i in range(N_POINTS)),
        memory("hydrogen_vapour_ratio", "kg/kg", "vapour with the hydrogen"),
        memory("oxygen_vapour_ratio", "kg/kg", "vapour with the oxygen"),
        memory("hydrogen_j_per_kg", "J/kg", "enthalpy of hydrogen with its vapour"),
        memory("oxygen_j_per_kg", "J/kg", "enthalpy of oxygen with its vapour"),
        memory("water_j_per_kg", "J/kg", "enthalpy of the water held"),
        output("load_frac", "1", "power that makes hydrogen over rated power"),
        output("energy_j_per_kg", "J/kg", "energy per hydrogen while it is made"),
        output("hydrogen_made_kg_per_s", "kg/s", "hydrogen made, before the hold-up"),
    ),
    ports=(
        Port("water", "stream", "in", "make-up water"),
        Port(
            "hydrogen",
            "stream",
            "out",
            "hydrogen, from what is held",
            is_emitted=True,
            border="vented",
            pressure="hydrogen_outlet_pressure_pa",
        ),
        Port(
            "oxygen",
            "stream",
            "out",
            "oxygen, from what is held",
            is_emitted=True,
            border="vented",
            border_label="To the air",
            pressure="oxygen_outlet_pressure_pa",
        ),
        Port("power", "power", "in", "power of the table, direct or alternating current", writes=True),
        Port("heat", "heat", "out", "heat to the cooling, after its hold-up", is_emitted=True, border="surroundings"),
        Port("heat_loss", "heat", "out", "the other heat", border="surroundings"),
        Port("setpoint", "signal", "in", "power wanted", unit="W"),
        Port("coolant_temperature", "signal", "in", "temperature of the coolant", unit="K"),
        Port("cooling_conductance", "signal", "in", "of the cooler; without a link it takes all", unit="W/K"),
        Port("water_demand", "signal", "out", "make-up water wanted", unit="kg/s"),
        Port("shut_down", "signal", "in", "1: to go off when it is not to run", unit="1"),
        Port("hours", "signal", "out", "hours run", unit="h"),
        Port("starts", "signal", "out", "starts", unit="1"),
        Port("ready", "signal", "out", "1 can run, 0 tripped", unit="1"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    role=Maker(
        technology="Table",
        unit="electrolyser by table",
        units="electrolysers by table",
        power=("power",),
        rated_power="rated_power_w",
        made="hydrogen_made_kg_per_s",
        minimum_power="min_load_frac",
        ramp="ramp_w_per_s",
        load="load_frac",
        mode="mode",
        wear=Wear("energy_growth_frac", "end_of_life_growth_frac"),
        starts=(
            StartType("standby", "a start of an electrolyser by table from standby", False, "hot", _ageing_by_start),
            StartType("", "a start of an electrolyser by table from off", True, "cold", _ageing_by_start, _cold_start),
        ),
    ),
    contradictions=table_contradictions,
    read_only=(
        ReadOnly(
            (*(f"table_energy_{i + 1}_j_per_kg" for i in range(N_POINTS)), "conversion_frac"),
            "table_hydrogen_1_kg_per_s",
            0.0,
        ),
    ),
    laws=(*table_laws(), electrolysis_balance(("water",), (), ("water_kg",)), hold_up("heat")),
    # as a PEM system: what a supplier's offer costs goes under 'capex_eur'
    costs=(
        cost(
            "stack",
            ("rated_power_w",),
            1.0e6,
            405.0e3,
            1.0,
            f"{JU_2020}, 900 EUR/kW; {IRENA_2020}, alkaline from 500 EUR/kW",
            life_years=10.0,
            life_h=80.0e3,
            end_of_life_loss_frac=0.10,
            low_ratio=0.55,
            high_ratio=1.6,
        ),
        cost("water loop", ("rated_power_w",), 1.0e6, 109.0e3, 0.9, f"{JU_2020}; {IRENA_2020}"),
    ),
)
