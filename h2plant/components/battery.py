"""Battery: lithium iron phosphate cells in containers behind a converter, with thermal state, limits and ageing."""

from h2plant.components.protection import OUTAGE_PORT
from h2plant.core.battery_role import Battery
from h2plant.core.bus import EVENT_AMOUNT, ZERO
from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.cost import cost
from h2plant.core.declare import Contradiction, Kind, Order, Port, counter, memory, output, parameter, state
from h2plant.core.exponential import exponential, exponential_less_one
from h2plant.core.jit import kernel, leaf
from h2plant.core.role import Wear
from h2plant.core.status import LIMITED, OK, WORN_OUT
from h2plant.laws.battery import (
    battery_auxiliaries,
    battery_calendar,
    battery_converter,
    battery_cycles,
    battery_energy,
    battery_heat,
    battery_level,
    battery_limits,
    battery_offer,
    battery_wear,
)
from h2plant.physics.battery import (
    calendar_rate,
    converter_input,
    converter_output,
    cycle_rate,
    rising,
    root_growth,
)
from h2plant.physics.relaxation import linear_step

_ROUNDING = 1.0e-9
_HOUR_S = 3600.0
NREL_2025 = "Cole, Ramasamy and Turan 2025, NREL/TP-6A40-93281, lithium-ion; BNEF 2024: half of it worldwide"


@kernel
def begin(c, props):
    """Start new, at its first state of charge and as warm as its heaters hold it."""
    c.heat_capacity_j_per_k = c.specific_heat_per_k * c.energy_j
    c.conductance_w_per_k = c.heat_capacity_j_per_k / c.thermal_time_constant_s
    c.stored_j = c.initial_level_frac * c.energy_j
    c.temperature_k = c.heated_to_k
    c.turn_level_frac = c.initial_level_frac
    c.extreme_level_frac = c.initial_level_frac
    return OK


@leaf
def capacity(c):
    """Return the energy, J, that the cells hold when full, as far as they are worn."""
    return c.energy_j * (1.0 - c.lost_frac)


@leaf
def charge_limit(c, dt):
    """Return the power, W, that the battery can take from the bus in this step."""
    full = capacity(c)
    level = c.stored_j / full
    share = min(1.0 - rising(level, c.taper_level_frac, c.max_level_frac), rising(c.temperature_k, c.frost_k, c.cold_k))
    share = min(share, 1.0 - rising(c.temperature_k, c.warm_k, c.hot_k))
    cells_w = min(c.power_w * share, c.max_charge_rate_per_h * full / _HOUR_S)
    room_w = max(c.max_level_frac * full - c.stored_j, 0.0) / dt
    cells_w = min(cells_w, room_w / c.charge_efficiency_frac)
    return min(converter_input(cells_w, c.power_w, c.linear_loss_frac, c.quadratic_loss_frac), c.power_w)


@leaf
def discharge_limit(c, dt):
    """Return the power, W, that the battery can give to the bus in this step; its self-discharge goes before."""
    full = capacity(c)
    share = rising(c.temperature_k, c.deep_frost_k, c.frost_k)
    share = min(share, 1.0 - rising(c.temperature_k, c.warm_k, c.hot_k))
    kept_j = c.stored_j * exponential(-c.self_discharge_per_s * dt)
    inside_w = min(max(kept_j - c.min_level_frac * full, 0.0) / dt, c.max_discharge_rate_per_h * full / _HOUR_S)
    given_w = converter_output(
        inside_w * c.discharge_efficiency_frac, c.power_w, c.linear_loss_frac, c.quadratic_loss_frac
    )
    return min(given_w, c.power_w * share)


@leaf
def condition(c, ambient_k, dt):
    """Decide heating and cooling of the step, W, so that the cells end it between both temperatures.

    Their own heat is taken as that of the step before; what it turns out to be more is seen to in the next step.
    """
    decay = -exponential_less_one(-dt / c.thermal_time_constant_s)
    kept = c.temperature_k * (1.0 - decay)
    to_heat = ((c.heated_to_k - kept) / decay - ambient_k) * c.conductance_w_per_k - c.cell_heat_w
    to_cool = c.cell_heat_w - ((c.cooled_to_k - kept) / decay - ambient_k) * c.conductance_w_per_k
    c.heating_w = min(max(to_heat, 0.0), c.heater_frac * c.power_w)
    c.cooling_w = min(max(to_cool, 0.0), c.cooling_frac * c.power_w)


@kernel
def emit(c, bus, props, dt):
    """Say what can be taken and given in this step, and draw what the battery needs for itself."""
    condition(c, bus[c.ambient_temperature], dt)
    idle = c.standby_loss_frac if c.is_running > 0.5 else c.blocked_loss_frac
    c.controls_w = c.power_w * (c.controls_frac + idle)
    bus[c.auxiliaries] = c.controls_w + c.heating_w + c.cooling_w / c.cooling_ratio
    left_frac = 1.0 - bus[c.outage]
    c.charge_limit_w = charge_limit(c, dt) * left_frac
    c.discharge_limit_w = discharge_limit(c, dt) * left_frac
    is_ruled = c.setpoint == ZERO
    bus[c.can_charge] = c.charge_limit_w if is_ruled else 0.0
    bus[c.can_discharge] = c.discharge_limit_w if is_ruled else 0.0
    return OK


@leaf
def end_half_cycle(c, level, direction):
    """Age by the half-cycle that ended where the level turned, and begin one in the other direction."""
    if c.moving_s > 0.0:
        rate = cycle_rate(c.moved_frac / (c.moving_s / _HOUR_S), abs(c.extreme_level_frac - c.turn_level_frac))
        c.cycle_loss_frac = root_growth(c.cycle_loss_frac, rate, 0.5 * c.moved_frac)
    c.turn_level_frac = c.extreme_level_frac
    c.extreme_level_frac = level
    c.direction = direction
    c.moved_frac = 0.0
    c.moving_s = 0.0


@leaf
def follow_cycle(c, level, moved_frac, dt):
    """Follow the level to where it turns back by more than a band: there a half-cycle ends."""
    if moved_frac > 0.0:
        c.moved_frac += moved_frac
        c.moving_s += dt
        c.full_cycles += 0.5 * moved_frac
        c.running_h += dt / _HOUR_S
    if c.direction > 0.5:
        if level < c.extreme_level_frac - c.cycle_band_frac:
            end_half_cycle(c, level, -1.0)
        else:
            c.extreme_level_frac = max(c.extreme_level_frac, level)
    elif c.direction < -0.5:
        if level > c.extreme_level_frac + c.cycle_band_frac:
            end_half_cycle(c, level, 1.0)
        else:
            c.extreme_level_frac = min(c.extreme_level_frac, level)
    elif abs(level - c.turn_level_frac) > c.cycle_band_frac:
        c.direction = 1.0 if level > c.turn_level_frac else -1.0
        c.extreme_level_frac = level


@leaf
def age(c, level, moved_frac, dt):
    """Age by time and by cycles, each by its virtual time; returns 1.0 where the cells are worn out and renewed."""
    rate = calendar_rate(c.temperature_k, level)
    c.calendar_loss_frac = root_growth(c.calendar_loss_frac, rate, dt)
    follow_cycle(c, level, moved_frac, dt)
    before = c.lost_frac
    c.lost_frac = c.calendar_loss_frac + c.cycle_loss_frac
    if c.lost_frac < c.end_of_life_loss_frac:
        c.stored_j *= (1.0 - c.lost_frac) / (1.0 - before)  # lithium that is lost takes its charge along
        return 0.0
    c.n_replacements += 1.0
    c.lost_frac = 0.0
    c.calendar_loss_frac = 0.0
    c.cycle_loss_frac = 0.0
    c.turn_level_frac = c.stored_j / c.energy_j
    c.extreme_level_frac = c.turn_level_frac
    c.direction = 0.0
    c.moved_frac = 0.0
    c.moving_s = 0.0
    return 1.0


@kernel
def step(c, bus, props, dt):
    """Take or give what the rule, or the set point, asks for; energy, heat and ageing of the cells."""
    wanted = bus[c.setpoint]
    if c.setpoint == ZERO:
        share = min(max(bus[c.share], -1.0), 1.0)
        wanted = share * (c.charge_limit_w if share > 0.0 else c.discharge_limit_w)
    charge = min(max(wanted, 0.0), c.charge_limit_w)
    discharge = min(max(0.0, -wanted), c.discharge_limit_w)
    into = converter_output(charge, c.power_w, c.linear_loss_frac, c.quadratic_loss_frac)
    out = converter_input(discharge, c.power_w, c.linear_loss_frac, c.quadratic_loss_frac)
    taken = into * c.charge_efficiency_frac
    given = out / c.discharge_efficiency_frac
    full = capacity(c)
    c.stored_j, mean_j = linear_step(c.stored_j, taken - given, c.self_discharge_per_s, dt)
    c.cell_heat_w = (into - taken) + (given - out) + c.self_discharge_per_s * mean_j
    ambient = bus[c.ambient_temperature]
    rate = 1.0 / c.thermal_time_constant_s
    heat = c.cell_heat_w + c.heating_w - c.cooling_w
    c.temperature_k, mean_k = linear_step(c.temperature_k, heat / c.heat_capacity_j_per_k + rate * ambient, rate, dt)
    level = c.stored_j / full
    held_j = c.stored_j
    is_renewed = age(c, level, (taken + given) * dt / full, dt)
    c.is_running = 1.0 if charge + discharge > 0.0 else 0.0
    c.cell_power_w = taken - given
    c.level_frac = c.stored_j / capacity(c)

    bus[c.charge] = charge
    bus[c.discharge] = discharge
    bus[c.heat_loss] = (
        (charge - into)
        + (out - discharge)
        + c.controls_w
        + c.cooling_w / c.cooling_ratio
        + c.cooling_w
        + c.conductance_w_per_k * (mean_k - ambient)
        + (held_j - c.stored_j) / dt
    )
    bus[c.level] = c.level_frac
    bus[c.stored] = c.stored_j
    if is_renewed > 0.5:
        bus[EVENT_AMOUNT] = c.running_h
        return WORN_OUT
    short = abs(wanted) - (charge + discharge)
    if short > _ROUNDING * abs(wanted):
        bus[EVENT_AMOUNT] = short
        return LIMITED
    return OK


@kernel
def content(c, props):
    """Return the energy in the cells, and their heat above 0 C."""
    heat_j = c.heat_capacity_j_per_k * (c.temperature_k - TEMPERATURE_OFFSET_K)
    return 0.0, 0.0, 0.0, 0.0, c.stored_j + heat_j


def _contradictions(values):
    """Yield where it would start fuller than it may ever be."""
    level, most = values["initial_level_frac"], values["max_level_frac"]
    if level > most:
        what = f"it starts at {level:g}, and is never filled above {most:g}"
        yield Contradiction("initial_level_frac", what, f"choose {most:g} at most, or raise 'max_level_frac'")


KIND = Kind(
    name="battery",
    doc="Battery of lithium iron phosphate cells behind a converter: limits, losses, heat, ageing.",
    fields=(
        parameter("power_w", "W", "rated power on the bus, to charge and to discharge", 5.0e6, 1.0e3, 1.0e10),
        parameter("energy_j", "J", "energy that new cells hold when full", 3.6e10, 1.0e6, 1.0e14),
        parameter("initial_level_frac", "1", "state of charge at the start", 0.05, 0.0, 1.0),
        parameter("min_level_frac", "1", "state of charge down to which it gives", 0.05, 0.0, 0.5),
        parameter("max_level_frac", "1", "state of charge up to which it takes", 0.95, 0.5, 1.0),
        parameter("taper_level_frac", "1", "state of charge from which it takes less and less", 0.9, 0.0, 1.0),
        parameter("charge_efficiency_frac", "1", "share that the cells keep of what reaches them", 0.97, 0.5, 1.0),
        parameter("discharge_efficiency_frac", "1", "share that leaves them of what they give up", 0.97, 0.5, 1.0),
        parameter(
            "self_discharge_per_s", "1/s", "share of their energy that they lose (2 % a month)", 7.7e-9, 0.0, 1.0e-5
        ),
        parameter("max_charge_rate_per_h", "1/h", "highest charge of the cells by their capacity", 1.0, 0.01, 20.0),
        parameter("max_discharge_rate_per_h", "1/h", "highest discharge by it", 2.0, 0.01, 20.0),
        parameter("linear_loss_frac", "1", "loss of the converter proportional to load, at rating", 0.01417, 0.0, 0.2),
        parameter("quadratic_loss_frac", "1", "loss growing with its square, at rating", 0.01721, 0.0, 0.2),
        parameter("standby_loss_frac", "1", "loss of the running converter whatever the load", 0.00627, 0.0, 0.1),
        parameter("blocked_loss_frac", "1", "loss of the converter at rest, by rating", 0.0005, 0.0, 0.05),
        parameter("controls_frac", "1", "draw of controls, fans and safety, by rating", 0.002, 0.0, 0.1),
        parameter(
            "specific_heat_per_k",
            "1/K",
            "heat that warms the cells by a kelvin, by the energy that they hold (70 J/K for 9.6 Wh)",
            2.03e-3,
            1.0e-4,
            0.1,
        ),
        parameter(
            "thermal_time_constant_s",
            "s",
            "time in which they take the temperature of the air",
            1.728e5,
            600.0,
            1e7,
        ),
        parameter("heated_to_k", "K", "temperature that heaters hold", 288.15, 233.15, 323.15),
        parameter("cooled_to_k", "K", "temperature that cooling holds", 303.15, 273.15, 333.15),
        parameter("heater_frac", "1", "largest heating power, by rated power", 0.02, 0.0, 1.0),
        parameter("cooling_frac", "1", "largest heat that cooling takes away, by rated power", 0.06, 0.0, 1.0),
        parameter("cooling_ratio", "1", "heat taken away by power drawn for it", 3.0, 0.5, 20.0),
        parameter("deep_frost_k", "K", "temperature of the cells below which it gives nothing", 253.15, 223.15, 273.15),
        parameter("frost_k", "K", "below which it takes nothing, and gives less", 273.15, 233.15, 293.15),
        parameter("cold_k", "K", "below which it takes less", 283.15, 253.15, 303.15),
        parameter("warm_k", "K", "above which it takes and gives less", 318.15, 293.15, 343.15, size_from="hot_k - 10"),
        parameter("hot_k", "K", "above which it takes and gives nothing", 328.15, 303.15, 353.15),
        parameter("cycle_band_frac", "1", "turn of the level that ends a half-cycle", 0.02, 0.0, 0.5),
        parameter(
            "end_of_life_loss_frac", "1", "share of the capacity at whose loss the cells are renewed", 0.2, 0.01, 0.9
        ),
        state("stored_j", "J", "energy in the cells"),
        state("temperature_k", "K", "temperature of the cells"),
        state("calendar_loss_frac", "1", "share of the capacity lost by time"),
        state("cycle_loss_frac", "1", "share lost by cycles"),
        state("lost_frac", "1", "share lost by both"),
        counter("full_cycles", "1", "equivalent full cycles"),
        counter("running_h", "h", "hours in which it took or gave"),
        counter("n_replacements", "1", "renewals of the cells"),
        memory("heat_capacity_j_per_k", "J/K", "heat capacity of the cells"),
        memory("conductance_w_per_k", "W/K", "heat conductance to the air"),
        output("heating_w", "W", "heating of this step"),
        output("cooling_w", "W", "heat that cooling takes away in this step"),
        memory("controls_w", "W", "draw of controls and of the converter without load in this step"),
        state("cell_heat_w", "W", "heat of the cells in the last step"),
        state("is_running", "1", "1: it took or gave in the last step"),
        state("turn_level_frac", "1", "state of charge at which the half-cycle under way began"),
        state("extreme_level_frac", "1", "how far that has come"),
        state("direction", "1", "1: it charges, -1: it discharges, 0: not known"),
        state("moved_frac", "1", "charge moved in it, by the capacity"),
        state("moving_s", "s", "time in which charge moved"),
        output("charge_limit_w", "W", "power that it could take"),
        output("discharge_limit_w", "W", "power that it could give"),
        output("cell_power_w", "W", "power that the cells keep; below 0: that they give up"),
        output("level_frac", "1", "state of charge, by the capacity that is left"),
    ),
    ports=(
        Port("charge", "power", "in", "power that it takes to store it", writes=True),
        Port("discharge", "power", "out", "power that it gives"),
        Port(
            "auxiliaries", "power", "in", "draw of controls, heating, cooling, converter", writes=True, is_emitted=True
        ),
        Port("heat_loss", "heat", "out", "losses, and heat to the air", unit="W", border="surroundings"),
        Port(
            "share",
            "signal",
            "in",
            "share of what it can take that it takes; below 0: of what it can give",
            default="role.Dispatch.battery_share",
            unit="1",
        ),
        Port("setpoint", "signal", "in", "power that it takes, below 0: gives, where no rule commands it", unit="W"),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
        OUTAGE_PORT,
        Port("can_charge", "signal", "out", "power that a rule may have it take", is_emitted=True, unit="W"),
        Port("can_discharge", "signal", "out", "power that a rule may have it give", is_emitted=True, unit="W"),
        Port("level", "signal", "out", "state of charge", unit="1"),
        Port("stored", "signal", "out", "energy in the cells", unit="J"),
    ),
    step=step,
    emit=emit,
    begin=begin,
    content=content,
    group="electrical",
    orders=(
        Order("min_level_frac", "max_level_frac", "it would neither take nor give", is_strict=True),
        Order("heated_to_k", "cooled_to_k", "heating and cooling would work against each other", is_strict=True),
        Order("cooled_to_k", "hot_k", "it would stop before it is cooled", is_strict=True),
        Order("deep_frost_k", "frost_k", "it would take where it gives nothing"),
        Order("frost_k", "cold_k", "it would take nothing where it takes all"),
        Order("cold_k", "warm_k", "it would never take all that it is built for"),
        Order("warm_k", "hot_k", "it would stop before it takes less"),
    ),
    contradictions=_contradictions,
    role=Battery(
        auxiliaries="auxiliaries",
        direct_setpoint="setpoint",
        initial="initial_level_frac",
        wear=Wear("lost_frac", "end_of_life_loss_frac", cycles="full_cycles", exponent=2.0),
    ),
    laws=(
        battery_energy(),
        battery_converter(),
        battery_offer(),
        battery_limits(),
        battery_level(),
        battery_auxiliaries(),
        battery_heat(),
        battery_calendar(),
        battery_cycles(),
        battery_wear(),
    ),
    costs=(
        cost(
            *("battery cells", ("energy_j",), 3.6e9, 120.5e3, 1.0, f"{NREL_2025}; half of the energy part"),
            *(2023, 15.0, 0.025),
            life_h=15.0 * 8760.0,
            end_of_life_loss_frac=0.2,
            currency="USD",
            low_ratio=0.5,
            high_ratio=1.3,
        ),
        cost(
            *("battery containers and installation", ("energy_j",), 3.6e9, 120.5e3, 1.0, NREL_2025, 2023, 20.0, 0.025),
            currency="USD",
            low_ratio=0.5,
            high_ratio=1.3,
        ),
        cost(
            *("battery converter", ("power_w",), 1.0e6, 339.0e3, 1.0, NREL_2025, 2023, 15.0, 0.025),
            currency="USD",
            low_ratio=0.5,
            high_ratio=1.3,
        ),
    ),
)
