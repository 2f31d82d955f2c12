"""Deoxidiser: catalyst bed that burns oxygen in hydrogen, 2 H2 + O2 -> 2 H2O, with the bed's heat capacity."""

from h2plant.components.frost_heater import FROST_FIELDS, FROST_PORT, frost_heat
from h2plant.components.protection import TRIPPED_PORT, guarded, protection_fields
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.constants import (
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_TEMPERATURE_K,
)
from h2plant.core.cost import IRENA_2020, JU_2020, cost
from h2plant.core.declare import Kind, Order, Port, counter, memory, output, parameter, state
from h2plant.core.exponential import exponential_less_one
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Process
from h2plant.core.status import OK, OVER_TEMPERATURE, UNDER_TEMPERATURE
from h2plant.laws.protection import bed_temperature, bed_would_be, machine_protection, trips_counted
from h2plant.laws.purification import DEOXIDISER_LAWS
from h2plant.physics.flash import is_surely_gas
from h2plant.physics.frost import FREEZING_K
from h2plant.physics.held.same import same_mean_decay
from h2plant.physics.held.water import (
    HELD_WATER_STATES,
    VAPOUR_CP,
    held_vapour_enthalpy,
    holds_water,
    keep_water,
    load_water,
    renewed_water,
)
from h2plant.physics.pressure_drop import drop_coefficient, pressure_after_drop
from h2plant.physics.purification import catalyst_transfer_units
from h2plant.physics.relaxation import decayed_step, linear_step
from h2plant.physics.stream import (
    bypassed,
    hand_over,
    put_nothing,
    put_stream,
    read_stream,
    stream_enthalpy_capacity,
    vapour_partial_pressure,
    water_split,
)
from h2plant.physics.wet_gas import held_flash

FIELDS = (
    parameter("n_film_units", "1", "transfer units of the gas film at nominal flow", 12.0, 0.0, 100.0),
    parameter("n_surface_units", "1", "transfer units of the surface reaction at nominal flow, 60 C", 60.0, 0.0, 1.0e4),
    parameter("activation_j_per_mol", "J/mol", "activation energy of the surface reaction", 30.0e3, 0.0, 2.0e5),
    parameter("nominal_flow_kg_per_s", "kg/s", "total mass flow of these figures", 0.03, 1.0e-6, 1.0e3),
    parameter("pressure_drop_pa", "Pa", "pressure lost at nominal flow", 5.0e3, 0.0, 1.0e6),
    parameter(
        "bed_j_per_k",
        "J/K",
        "heat capacity of catalyst and vessel",
        8.0e4,
        1.0,
        1.0e9,
        size_from="nominal_flow_kg_per_s",
    ),
    parameter(
        "loss_w_per_k", "W/K", "heat loss to the surroundings", 3.0, 0.0, 1.0e5, size_from="nominal_flow_kg_per_s"
    ),
    parameter("temperature_limit_k", "K", "highest bed temperature", 573.15, 300.0, 1100.0),
    parameter("initial_temperature_k", "K", "bed temperature at the start", 298.15, 274.0, 800.0),
    *protection_fields(50.0, 1800.0),
    *FROST_FIELDS,
    state("bed_temperature_k", "K", "temperature of the bed", 298.15),
    state("reacted_h2o_mol", "mol", "water split, net; negative: formed"),
    counter("running_h", "h", "time with flow"),
    memory("loss_x", "1", "step over the time constant of the loss for which the next was found"),
    memory("loss_decay", "1", "mean over such a step of what the loss leaves of a deviation", default=1.0),
    memory("drop_pa_s2_per_kg2", "Pa s2/kg2", "coefficient of the pressure drop"),
    *HELD_WATER_STATES,
    output("outlet_oxygen_frac", "1", "mole fraction of oxygen at the outlet"),
    output("conversion_frac", "1", "share of the oxygen that reacts"),
)

PORTS = (
    Port("inlet", "stream", "in", "hydrogen with oxygen, free of liquid water", is_required=True),
    Port("outlet", "stream", "out", "hydrogen without oxygen, with the water formed", border="vented"),
    FROST_PORT,
    TRIPPED_PORT,
    Port("heat_loss", "heat", "out", "from the vessel to the surroundings", unit="W", border="surroundings"),
    Port("ambient_temperature", "signal", "in", "surroundings", default="series.temp_air_degc", unit="K"),
)

_TRACE_FRAC = 1.0e-9
"""Share of the nominal flow up to which gas passes as it came: its enthalpy is less than rounding of the bed's heat."""
_SURFACE_REFERENCE_K = 333.15
_SHUT_K = 1150.0
"""Temperature that no bed passes within a step, whatever its limits: the tables of gases end at 1,250 K."""


@kernel
def begin(c, props):
    """Set the bed's temperature and the pressure drop's coefficient."""
    c.bed_temperature_k = c.initial_temperature_k
    c.drop_pa_s2_per_kg2 = drop_coefficient(c.pressure_drop_pa, c.nominal_flow_kg_per_s)
    return OK


@kernel
def content(c, props):
    """Heat of the bed above 298.15 K; the gas in it is left out."""
    return 0.0, 0.0, 0.0, 0.0, c.bed_j_per_k * (c.bed_temperature_k - STANDARD_TEMPERATURE_K)


@leaf
def _put_heater(c, bus, heater_w):
    """Write the power of the heater against frost."""
    bus[c.frost_power] = heater_w
    c.frost_heat_w = heater_w


@leaf
def _too_hot(c, bus, end_k):
    """Return the status of a bed by its limit."""
    if end_k > c.temperature_limit_k:
        bus[EVENT_AMOUNT] = end_k - c.temperature_limit_k
        return OVER_TEMPERATURE
    return OK


@leaf
def _frozen(c, bus, end_k):
    """Return the status of a bed in which water freezes: where it holds drops, or its heater is too weak."""
    if end_k >= FREEZING_K:
        return OK
    bus[EVENT_AMOUNT] = FREEZING_K - end_k
    return UNDER_TEMPERATURE


@kernel
def _bypass(c, bus, reacted_mol):
    """Lead the gas past the bed, which stays as it is; returns the status."""
    c.reacted_h2o_mol = reacted_mol
    c.conversion_frac = 0.0
    bus[c.heat_loss] = 0.0
    _put_heater(c, bus, 0.0)
    return bypassed(bus, c.inlet, c.outlet)


@kernel
def _led_past(c, bus, flow, inlet_pa, ambient_k, dt):
    """Lead the gas past the bed, which cools to the surroundings; returns the status."""
    bed_k = c.bed_temperature_k
    per_bed = 1.0 / c.bed_j_per_k
    source = c.loss_w_per_k * ambient_k * per_bed
    rate = c.loss_w_per_k * per_bed
    c.loss_x, c.loss_decay = same_mean_decay(c.loss_x, c.loss_decay, rate * dt)
    end_k, _ = decayed_step(bed_k, source, rate, c.loss_decay, dt)
    heater_w = frost_heat(c, end_k, c.bed_j_per_k, c.loss_w_per_k, dt)
    if heater_w > 0.0:
        end_k, _ = decayed_step(bed_k, source + heater_w * per_bed, rate, c.loss_decay, dt)
    _put_heater(c, bus, heater_w)
    c.bed_temperature_k = end_k
    c.outlet_oxygen_frac = 0.0
    c.conversion_frac = 0.0
    hand_over(bus, c.inlet, c.outlet)
    if flow <= 0.0:
        put_nothing(bus, c.outlet, end_k, inlet_pa)
    bus[c.heat_loss] = heater_w + (bed_k - end_k) * c.bed_j_per_k / dt
    if end_k < FREEZING_K:
        return _frozen(c, bus, end_k) if c.frost_heater_w > 0.0 else OK
    return _too_hot(c, bus, end_k)


@kernel
def _advanced(c, bus, props, dt):
    """React, then advance the bed: C dT/dt = H_in - H_out(T) - UA (T - T_ambient), H_out linear about T."""
    h2, o2, n2, vapour, liquid, inlet_w, _, inlet_pa = read_stream(bus, c.inlet)
    water = vapour + liquid
    flow = h2 + o2 + n2 + water
    bed_k = c.bed_temperature_k
    ambient_k = bus[c.ambient_temperature]
    per_bed = 1.0 / c.bed_j_per_k
    reacted_mol = c.reacted_h2o_mol
    # nothing, or less than the bed's heat is known to; or it has tripped, and gas is led past the bed until it is cool
    if flow <= _TRACE_FRAC * c.nominal_flow_kg_per_s or c.standing_s > 0.0:
        return _led_past(c, bus, flow, inlet_pa, ambient_k, dt)
    pressure_pa = pressure_after_drop(inlet_pa, c.drop_pa_s2_per_kg2 * flow * flow)
    conversion = 0.0
    if (o2 > 0.0) & (h2 > 0.0):
        units = catalyst_transfer_units(
            flow / c.nominal_flow_kg_per_s,
            bed_k,
            c.n_film_units,
            c.n_surface_units,
            _SURFACE_REFERENCE_K,
            c.activation_j_per_mol,
        )
        formed = min(2.0 * o2 * MOL_PER_KG_O2 * -exponential_less_one(-units), h2 * MOL_PER_KG_H2)  # mol/s
        conversion = 0.5 * formed * MOLAR_MASS_O2_KG_PER_MOL / o2
        h2 = max(h2 - formed * MOLAR_MASS_H2_KG_PER_MOL, 0.0)
        o2 = max(o2 - 0.5 * formed * MOLAR_MASS_O2_KG_PER_MOL, 0.0)
        water += formed * MOLAR_MASS_H2O_KG_PER_MOL
        c.reacted_h2o_mol -= formed * dt
    vapour, liquid = water, 0.0
    partial_pa = vapour_partial_pressure(h2, o2, n2, water, pressure_pa)
    if not is_surely_gas(partial_pa, bed_k):  # saves 40 ns
        vapour, liquid = water_split(props, h2, o2, n2, water, bed_k, pressure_pa)
    if liquid > 0.0:
        at_bed_w, capacity = stream_enthalpy_capacity(props, h2, o2, n2, vapour, liquid, bed_k, pressure_pa)
    else:
        at_bed_w, capacity = stream_enthalpy_capacity(props, h2, o2, n2, 0.0, 0.0, bed_k, pressure_pa)
        if vapour > 0.0:  # held: saves 50 ns
            held = load_water(c)
            if not holds_water(held, partial_pa, pressure_pa, bed_k):
                held = renewed_water(props, partial_pa, pressure_pa, bed_k)
                keep_water(c, held)
            at_bed_w += vapour * held_vapour_enthalpy(held, partial_pa, bed_k)
            capacity += vapour * held[VAPOUR_CP]
    if liquid > 0.0:  # condensing or evaporating in the bed: the slope to where the gas would end up
        final_k, _, _, held = held_flash(props, load_water(c), h2, o2, n2, water, inlet_w, pressure_pa, bed_k)
        keep_water(c, held)
        if abs(final_k - bed_k) > 0.01:
            capacity = (inlet_w - at_bed_w) / (final_k - bed_k)
    if not is_number(at_bed_w + capacity):
        return _bypass(c, bus, reacted_mol)
    source = inlet_w - at_bed_w + capacity * bed_k + c.loss_w_per_k * ambient_k
    end_k, mean_k = linear_step(bed_k, source * per_bed, (capacity + c.loss_w_per_k) * per_bed, dt)
    if end_k > min(c.temperature_limit_k + 2.0 * c.trip_above_k, _SHUT_K):
        # within one step far beyond its trip: it is shut before
        c.reacted_h2o_mol = reacted_mol
        _led_past(c, bus, flow, inlet_pa, ambient_k, dt)
        bus[EVENT_AMOUNT] = max(end_k - c.temperature_limit_k, 1.001 * c.trip_above_k)
        return OVER_TEMPERATURE
    heater_w = frost_heat(c, end_k, c.bed_j_per_k, capacity + c.loss_w_per_k, dt)
    if heater_w > 0.0:
        end_k, mean_k = linear_step(bed_k, (source + heater_w) * per_bed, (capacity + c.loss_w_per_k) * per_bed, dt)
    loss_w = c.loss_w_per_k * (mean_k - ambient_k)
    outlet_w = inlet_w + heater_w - loss_w - c.bed_j_per_k * (end_k - bed_k) / dt
    outlet_k = mean_k
    if (liquid <= 0.0) & (mean_k < bed_k) & (not is_surely_gas(partial_pa, mean_k)):  # it may condense on the way
        vapour, liquid = water_split(props, h2, o2, n2, water, mean_k, pressure_pa)
    if liquid > 0.0:
        start_k = min(max(mean_k, 201.0), 1100.0)
        outlet_k, vapour, liquid, held = held_flash(
            props, load_water(c), h2, o2, n2, water, outlet_w, pressure_pa, start_k
        )
        keep_water(c, held)
    if not outlet_k > 0.0:
        return _bypass(c, bus, reacted_mol)
    c.bed_temperature_k = end_k
    c.running_h += dt / 3600.0
    c.conversion_frac = conversion
    c.outlet_oxygen_frac = (
        o2 * MOL_PER_KG_O2 / (h2 * MOL_PER_KG_H2 + o2 * MOL_PER_KG_O2 + n2 * MOL_PER_KG_N2 + water * MOL_PER_KG_H2O)
    )
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, outlet_w, outlet_k, pressure_pa)
    bus[c.heat_loss] = loss_w
    _put_heater(c, bus, heater_w)
    if (end_k < FREEZING_K) & ((liquid > 0.0) | (c.frost_heater_w > 0.0)):
        return _frozen(c, bus, end_k)
    return _too_hot(c, bus, end_k)


@kernel
def step(c, bus, props, dt):
    """React, then advance the bed: C dT/dt = H_in - H_out(T) - UA (T - T_ambient), H_out linear about T."""
    status = _advanced(c, bus, props, dt)
    return guarded(c, bus, status, dt)


KIND = Kind(
    "deoxidiser",
    "Catalytic removal of oxygen from hydrogen",
    FIELDS,
    PORTS,
    step,
    begin=begin,
    content=content,
    orders=(Order("initial_temperature_k", "temperature_limit_k", "its bed would start too hot"),),
    role=Process(reaction="recombination", tripped="tripped"),
    # hydrogen processing of a 5 MW PEM plant (0.03 kg/s): 11 % of 900 EUR/kW, two fifths deoxidiser, two fifths dryer
    laws=(
        *DEOXIDISER_LAWS,
        machine_protection(bed_temperature, "temperature_limit_k", would_be=bed_would_be, shut_k=1150.0),
        trips_counted(),
    ),
    costs=(
        cost(
            "reactor", ("nominal_flow_kg_per_s",), 0.03, 200.0e3, 0.6, f"{JU_2020}; {IRENA_2020}", fixed_cost_frac=0.03
        ),
    ),
)
