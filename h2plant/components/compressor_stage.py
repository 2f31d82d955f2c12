"""One stage of a gas compressor: real-gas isentropic work, losses, speed control and recycle."""

import math

from h2plant.components.protection import TRIPPED_PORT, UNPOWERED_PORT, guarded, is_unpowered, protection_fields
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
)
from h2plant.core.cost import HDSAM, cost
from h2plant.core.declare import Kind, Order, Port, counter, output, parameter, state
from h2plant.core.exponential import exponential
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import water_enthalpy
from h2plant.core.role import Process
from h2plant.core.status import LIMITED, NO_POWER, OK, OVER_TEMPERATURE, TRIP
from h2plant.laws.compression import COMPRESSOR_LAWS
from h2plant.laws.protection import discharge_temperature, machine_protection, no_power, trips_counted
from h2plant.physics.compression import bracketed_isentropic_work, part_load_efficiency
from h2plant.physics.flash import temperature_at_enthalpy
from h2plant.physics.held.compression import (
    HELD_COMPRESSION_STATES,
    SHORT_SERIES,
    held_compression,
    holds_compression,
    renew_compression,
    short_exponential,
    short_logarithm,
)
from h2plant.physics.held.gas import HELD_GAS_STATES
from h2plant.physics.held.water import HELD_WATER_STATES
from h2plant.physics.stream import bypassed, hand_over, put_stream, read_stream
from h2plant.physics.wet_gas import evaporated_temperature

_PIPELINE_TYPE = f"{HDSAM}, pipeline compressor: two on duty, one to spare; a fifth more for each stage beyond two"
_STORAGE_TYPE = f"{HDSAM}, storage compressor, above 100 bar: as a pipeline's"
_STORAGE_ABOVE_PA = 100.0e5
"""Outlet above which a machine costs as HDSAM's storage type: its pipelines are at 70 bar, its terminals above 170."""
_PIPELINE_EXPONENT = 0.8225
_OVERLOAD = 1.05
"""Above this share of the rated suction volume the machine is overloaded (an event)."""


@kernel
def begin(c, props):
    """Start without a held solution."""
    c.held_per_ratio = 0.0
    c.slopes_k = 0.0
    return OK


@kernel
def put_idle(c, bus, temperature_k, pressure_pa):
    """Write the outputs of a stage that does no work."""
    bus[c.power] = 0.0
    bus[c.heat] = 0.0
    bus[c.heat_loss] = 0.0
    c.is_running = 0.0
    c.gas_power_w = 0.0
    c.electric_w = 0.0
    c.specific_work_j_per_kg = 0.0
    c.speed_frac = 0.0
    c.recycle_kg_per_s = 0.0
    c.pressure_ratio = 1.0
    c.discharge_temperature_k = temperature_k
    c.discharge_pressure_pa = pressure_pa


@leaf
def _turndown(c, load):
    """Return (speed, mass through the machine per mass through the stage, share of the time that it runs) at a load.

    Speed follows the suction volume; below the least speed gas goes round, below the cycling flow it stops at times.
    """
    if load >= c.min_speed_frac:
        return load, 1.0, 1.0
    running = min(1.0, load / c.cycling_frac)
    return c.min_speed_frac, running * c.min_speed_frac / load, running


@leaf
def _put_running(c, bus, gas, gas_w, load, turns, running, inlet_pa, outlet_pa, outlet_k, dt):
    """Write the outputs of a stage at work; returns the status."""
    through_w = gas_w * turns
    electric_w = through_w / (c.mechanical_efficiency_frac * c.motor_efficiency_frac)
    bus[c.power] = electric_w
    bus[c.heat] = through_w - gas_w
    bus[c.heat_loss] = electric_w - through_w
    if c.is_running == 0.0:
        c.n_starts += 1.0
        c.is_running = 1.0
    c.running_h += running * dt / 3600.0
    c.gas_power_w = through_w
    c.electric_w = electric_w
    c.specific_work_j_per_kg = gas_w / gas
    c.recycle_kg_per_s = gas * (turns - 1.0)
    c.pressure_ratio = outlet_pa / inlet_pa
    c.discharge_temperature_k = outlet_k
    c.discharge_pressure_pa = outlet_pa
    status = OK
    if outlet_k > c.temperature_limit_k:
        bus[EVENT_AMOUNT] = outlet_k - c.temperature_limit_k
        status = OVER_TEMPERATURE
    elif load > _OVERLOAD:
        bus[EVENT_AMOUNT] = gas * (1.0 - 1.0 / load)
        status = LIMITED
    return guarded(c, bus, status, dt)


@leaf
def _evaporated(c, props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k):
    """Return (temperature in K, vapour, liquid in kg/s) of discharged gas that brought drops; NaN without solution."""
    T = evaporated_temperature(c, props, h2, o2, n2, water, enthalpy_w, pressure_pa, c.discharge_temperature_k)
    if T > 0.0:
        return T, water, 0.0
    return temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, pressure_pa, guess_k)


@kernel
def _compress_anew(c, bus, props, load, loss, ratio, speed, turns, running, dt):
    """Compress what the held expansion has no solution for: from phases at equilibrium, by a bracketed search.

    Gas that is over its saturation (dissolved gas has left it, or two streams met) is first brought to equilibrium at
    its enthalpy. Where the discharge lies beyond the tables (1,250 K), it is hotter than any machine bears: it trips,
    what comes passes its valves, and it starts again in the first step in which it can. Steam alone is led past.
    """
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = read_stream(bus, c.inlet)
    water = vapour + liquid
    outlet_pa = inlet_pa * ratio
    T, moist, _ = temperature_at_enthalpy(props, h2, o2, n2, water, inlet_w, inlet_pa, inlet_k)
    if not T > 0.0:
        T, moist = inlet_k, vapour
    ideal_w = bracketed_isentropic_work(props, h2, o2, n2, moist, inlet_pa, T, outlet_pa)
    gas_w = ideal_w * (1.0 + loss)
    enthalpy_w = inlet_w + gas_w
    outlet_k, out_vapour, out_liquid = temperature_at_enthalpy(props, h2, o2, n2, water, enthalpy_w, outlet_pa, T)
    if not outlet_k > 0.0:
        put_idle(c, bus, inlet_k, inlet_pa)
        passed = bypassed(bus, c.inlet, c.outlet)
        return guarded(c, bus, TRIP if h2 + o2 + n2 > 0.0 else passed, dt)
    c.speed_frac = speed
    put_stream(bus, c.outlet, h2, o2, n2, out_vapour, out_liquid, enthalpy_w, outlet_k, outlet_pa)
    gas = h2 + o2 + n2 + vapour
    return _put_running(c, bus, gas, gas_w, load, turns, running, inlet_pa, outlet_pa, outlet_k, dt)


@kernel
def step(c, bus, props, dt):
    """Compress what arrives to the discharge pressure."""
    h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa = read_stream(bus, c.inlet)
    gas = h2 + o2 + n2 + vapour
    outlet_pa = bus[c.discharge_pressure]
    if outlet_pa > 0.0:
        outlet_pa = min(outlet_pa + c.pressure_margin_pa, c.outlet_pressure_pa)
    else:
        outlet_pa = c.outlet_pressure_pa
    if gas <= 0.0 or (gas <= vapour and liquid > 0.0):
        # nothing, or drops with a trace of their vapour, which no gas carries any more
        put_idle(c, bus, inlet_k, outlet_pa)
        put_stream(bus, c.outlet, 0.0, 0.0, 0.0, vapour, liquid, inlet_w, inlet_k, outlet_pa)
        return guarded(c, bus, OK, dt)
    if outlet_pa <= inlet_pa:
        # the check valves let the gas pass
        put_idle(c, bus, inlet_k, inlet_pa)
        put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, inlet_w, inlet_k, inlet_pa)
        return guarded(c, bus, OK, dt)
    if is_unpowered(c, bus):
        put_idle(c, bus, inlet_k, inlet_pa)
        hand_over(bus, c.inlet, c.outlet)
        bus[EVENT_AMOUNT] = gas
        return guarded(c, bus, NO_POWER, dt)

    n_h2 = h2 * MOL_PER_KG_H2
    n_o2 = o2 * MOL_PER_KG_O2
    n_n2 = n2 * MOL_PER_KG_N2
    n_h2o = vapour * MOL_PER_KG_H2O
    moles = n_h2 + n_o2 + n_n2 + n_h2o
    load = moles * GAS_CONSTANT_J_PER_MOL_K * inlet_k / (inlet_pa * c.rated_volume_m3_per_s)
    speed, turns, running = _turndown(c, load)
    c.speed_frac = speed
    efficiency = part_load_efficiency(c.efficiency_frac, c.part_load_loss_frac, min(speed, 1.0))
    loss = 1.0 / efficiency - 1.0

    # the remaining stages share the remaining ratio equally
    part = 1.0 / moles
    fractions = (n_h2 * part, n_o2 * part, n_n2 * part, n_h2o * part)
    whole_ratio = outlet_pa / inlet_pa
    per_stage = 1.0 / c.n_stages_left
    change = whole_ratio * c.held_per_ratio - 1.0
    x = per_stage * short_logarithm(change)
    if abs(change) > SHORT_SERIES or not holds_compression(c, fractions, inlet_pa, inlet_k, x, loss):
        ratio = exponential(per_stage * math.log(whole_ratio))
        suction_w = inlet_w
        if liquid > 0.0:  # the gas's share as booked: behind a drum the vapour may stand a little over saturation
            suction_w -= liquid * water_enthalpy(props, inlet_pa, inlet_k)
        if not renew_compression(c, props, fractions, inlet_pa, inlet_k, whole_ratio, ratio, loss, suction_w * part):
            return _compress_anew(c, bus, props, load, loss, ratio, speed, turns, running, dt)
        x = 0.0
    if per_stage < 1.0:
        outlet_pa = inlet_pa * c.held_ratio * short_exponential(x)
    ideal_j_per_mol, _, outlet_k = held_compression(c, fractions, inlet_pa, inlet_k, x, loss)
    gas_w = moles * ideal_j_per_mol * (1.0 + loss)
    enthalpy = inlet_w + gas_w
    if liquid > 0.0:
        outlet_k, vapour, liquid = _evaporated(c, props, h2, o2, n2, vapour + liquid, enthalpy, outlet_pa, outlet_k)
        if not outlet_k > 0.0:
            put_idle(c, bus, inlet_k, inlet_pa)
            return guarded(c, bus, bypassed(bus, c.inlet, c.outlet), dt)
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy, outlet_k, outlet_pa)
    return _put_running(c, bus, gas, gas_w, load, turns, running, inlet_pa, outlet_pa, outlet_k, dt)


def sizes(parameters):
    """Return the electric power, W, that a stage is built for, and what its cost follows.

    Suction at rated volume V and the pressure p that leaves a ratio of 2 to each stage from this one to the outlet:
    P = p V k/(k - 1) (2^((k - 1)/k) - 1) / efficiencies, k = 1.4 (ideal gas).

    A machine of n stages costs a (n P)^e f + b f, f = 1 + 0.2 (n - 2) from the third stage on (HDSAM 3.1, sheet H2
    Compressor). The j-th stage from the outlet has what it adds to that, so all stages together cost what the machine
    does; machines that share the flow and those to spare are each as large as their share of it.
    """
    suction_pa = parameters["outlet_pressure_pa"] * math.pow(2.0, -parameters["n_stages_left"])
    efficiency = parameters["efficiency_frac"]
    efficiency *= parameters["mechanical_efficiency_frac"] * parameters["motor_efficiency_frac"]
    power_w = suction_pa * parameters["rated_volume_m3_per_s"] * 3.5 * (math.pow(2.0, 1.0 / 3.5) - 1.0) / efficiency
    installed = parameters["n_machines"] + parameters["n_spares"]
    each_w = power_w / parameters["n_machines"]
    is_storage = parameters["outlet_pressure_pa"] > _STORAGE_ABOVE_PA
    by_pipeline, by_storage = (0.0, installed) if is_storage else (installed, 0.0)
    stages = parameters["n_stages_left"]
    share = by_pipeline * _added(stages, _PIPELINE_EXPONENT)
    return {
        "rated_power_w": power_w,
        "pipeline_cost_power_w": each_w * math.pow(share, 1.0 / _PIPELINE_EXPONENT),
        "storage_cost_power_w": each_w * by_storage * _added(stages, 1.0),
        "storage_cost_machines": by_storage * _added(stages, 0.0),
    }


def _added(stages, exponent):
    """Return what the first of so many stages adds to n^e f, the cost of a machine of stages of a unit's power each."""
    before = _dearer(stages - 1.0) * math.pow(stages - 1.0, exponent) if stages > 1.0 else 0.0
    return _dearer(stages) * math.pow(stages, exponent) - before


def _dearer(stages):
    """Return by how much machines of so many stages are dearer."""
    return max(1.0, 1.0 + 0.2 * (stages - 2.0))


KIND = Kind(
    name="compressor_stage",
    doc="One compressor stage: real-gas isentropic work, stage, mechanical and motor efficiency, speed, recycle.",
    fields=(
        parameter(
            "outlet_pressure_pa",
            "Pa",
            "discharge pressure (of the last stage; highest one if a signal sets it)",
            41.0e5,
            0.6e5,
            900e5,
        ),
        parameter(
            "pressure_margin_pa", "Pa", "added to the discharge pressure signal (losses of the line)", 0.0, 0.0, 50e5
        ),
        parameter(
            "n_stages_left",
            "1",
            "stages that share the ratio to the outlet pressure: this one and those after it",
            1.0,
            1.0,
            20.0,
            is_whole=True,
        ),
        parameter("efficiency_frac", "1", "isentropic efficiency at rated speed", 0.75, 0.2, 1.0),
        parameter(
            "part_load_loss_frac", "1", "share of the efficiency lost towards standstill (parabola)", 0.10, 0.0, 0.8
        ),
        parameter("mechanical_efficiency_frac", "1", "mechanical efficiency", 0.96, 0.3, 1.0),
        parameter("motor_efficiency_frac", "1", "efficiency of motor and drive", 0.93, 0.3, 1.0),
        parameter(
            "rated_volume_m3_per_s", "m3/s", "suction volume at rated speed (ideal-gas volume)", 0.05, 1.0e-6, 100.0
        ),
        parameter("min_speed_frac", "1", "least speed; below it gas is recycled", 0.4, 0.01, 1.0),
        parameter(
            "cycling_frac",
            "1",
            "suction volume (share of rated) below which the machine runs only part of the time",
            0.05,
            1.0e-4,
            1.0,
        ),
        parameter(
            "n_machines",
            "1",
            "machines that share the flow, for the cost alone: they run as one",
            2.0,
            1.0,
            20.0,
            is_whole=True,
        ),
        parameter("n_spares", "1", "more of them, to spare, for the cost", 1.0, 0.0, 20.0, is_whole=True),
        parameter("temperature_limit_k", "K", "highest discharge temperature", 408.15, 300.0, 600.0),
        *protection_fields(40.0, 900.0),
        *HELD_COMPRESSION_STATES,
        *HELD_WATER_STATES,
        *HELD_GAS_STATES,
        state("is_running", "1", "1 while it runs"),
        counter("running_h", "h", "time run"),
        counter("n_starts", "1", "starts"),
        output("gas_power_w", "W", "power into the gas, recycled gas included"),
        output("electric_w", "W", "electric power"),
        output("specific_work_j_per_kg", "J/kg", "work into the gas per mass delivered, without recycle"),
        output("speed_frac", "1", "speed, share of rated"),
        output("recycle_kg_per_s", "kg/s", "gas that goes round"),
        output("pressure_ratio", "1", "pressure ratio"),
        output("discharge_temperature_k", "K", "temperature at the discharge"),
        output("discharge_pressure_pa", "Pa", "pressure at the discharge"),
    ),
    ports=(
        Port("inlet", "stream", "in", "suction gas", is_required=True),
        Port("outlet", "stream", "out", "discharged gas", is_required=True, pressure="outlet_pressure_pa"),
        Port(
            "discharge_pressure", "signal", "in", "final pressure wanted; 0: the parameter", is_lagged=True, unit="Pa"
        ),
        Port("power", "power", "in", "electricity", writes=True),
        TRIPPED_PORT,
        UNPOWERED_PORT,
        Port("heat", "heat", "out", "heat of the recycle cooler", border="surroundings"),
        Port("heat_loss", "heat", "out", "mechanical and motor losses", border="surroundings"),
    ),
    step=step,
    begin=begin,
    orders=(Order("cycling_frac", "min_speed_frac", "it would stop at times where it can turn"),),
    role=Process(tripped="tripped"),
    laws=(
        *COMPRESSOR_LAWS,
        machine_protection(discharge_temperature, "temperature_limit_k"),
        trips_counted(),
        no_power(),
    ),
    sizes=sizes,
    # HDSAM takes 0.55 of both types for production in high volume
    costs=(
        cost(
            *("stage", ("pipeline_cost_power_w",), 1.0e3, 1962.2, _PIPELINE_EXPONENT, _PIPELINE_TYPE, 2007, 15.0, 0.04),
            currency="USD",
            installation_ratio=2.0,
            low_ratio=0.55,
        ),
        cost(
            *("storage stage", ("storage_cost_power_w",), 1.0e3, 3758.2, 1.0, _STORAGE_TYPE, 2013, 15.0, 0.04),
            currency="USD",
            installation_ratio=1.3,
            low_ratio=0.55,
        ),
        cost(
            *("storage machine", ("storage_cost_machines",), 1.0, 107562.0, 1.0, _STORAGE_TYPE, 2013, 15.0, 0.04),
            currency="USD",
            installation_ratio=1.3,
            low_ratio=0.55,
        ),
    ),
)
