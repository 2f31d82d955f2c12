"""Wind turbines of a park: wind speed at the hub to power by a tabulated curve, with density, wakes and storm stop."""

import functools
from types import SimpleNamespace

import numpy as np

from h2plant.components.protection import OUTAGE_PORT
from h2plant.components.wind_at_height import make_pressure, make_speed, takes_pressure, takes_speed
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import cost
from h2plant.core.declare import Contradiction, Kind, Order, Port, ReadOnly, choice, counter, output, parameter, state
from h2plant.core.derived import Derived
from h2plant.core.jit import kernel, python_function
from h2plant.core.role import Source
from h2plant.core.status import LIMITED, OK, TRIP
from h2plant.laws.money import own_price
from h2plant.laws.wind import turbine_balance, turbine_betz, turbine_output, turbine_ramp, turbine_storm
from h2plant.physics.ramp import limited_ramp
from h2plant.physics.wind_power import BETZ_FRAC, STANDARD_DENSITY_KG_PER_M3, air_density, density_speed, wake_speed

_FIRST_M_PER_S = 3
_LAST_M_PER_S = 25
_V164 = (0.0, 0.027, 0.066, 0.131, 0.219, 0.336, 0.475, 0.630, 0.778, 0.911, 0.978)
"""Output of a V164/9.5 MW at 3 to 13 m/s by its rated power (Open Energy Database, as in windpowerlib 0.2.2)."""
_NOTHING = 1.0e-9


@kernel
def curve_output(c, speed_m_per_s):
    """Return the output by the rated power, 1, at a speed at standard density, m/s, by lines between the points."""
    if speed_m_per_s <= _FIRST_M_PER_S - 1:
        return 0.0
    curve = (
        0.0,
        c.curve_3_frac,
        c.curve_4_frac,
        c.curve_5_frac,
        c.curve_6_frac,
        c.curve_7_frac,
        c.curve_8_frac,
        c.curve_9_frac,
        c.curve_10_frac,
        c.curve_11_frac,
        c.curve_12_frac,
        c.curve_13_frac,
        c.curve_14_frac,
        c.curve_15_frac,
        c.curve_16_frac,
        c.curve_17_frac,
        c.curve_18_frac,
        c.curve_19_frac,
        c.curve_20_frac,
        c.curve_21_frac,
        c.curve_22_frac,
        c.curve_23_frac,
        c.curve_24_frac,
        c.curve_25_frac,
    )
    place = speed_m_per_s - (_FIRST_M_PER_S - 1)
    i = min(int(place), _LAST_M_PER_S - _FIRST_M_PER_S)
    return curve[i] + (curve[i + 1] - curve[i]) * min(place - i, 1.0)


@kernel
def begin(c, props):
    """Take up whatever the wind of the first step gives: no ramp from standstill."""
    c.output_frac = -1.0
    return OK


@kernel
def step(c, bus, props, dt):
    """Give what the wind at the hub gives, but no more than the turbines can rise to, and nothing in a storm."""
    hub_m_per_s = max(bus[c.wind_speed], 0.0)
    density = air_density(bus[c.air_pressure], bus[c.ambient_temperature])
    met = density_speed(hub_m_per_s, density)
    if c.wake_deficit_frac > 0.0:
        met = wake_speed(met, curve_output(c, met), c.specific_rating_w_per_m2, c.wake_deficit_frac)
    wanted = curve_output(c, met)
    if hub_m_per_s >= c.cut_out_m_per_s:
        c.is_stopped = 1.0
    elif hub_m_per_s < min(c.restart_m_per_s, c.cut_out_m_per_s):
        c.is_stopped = 0.0
    if c.is_stopped > 0.0:
        wanted = 0.0
    mean = wanted
    end = wanted
    if 0.0 <= c.output_frac < wanted:
        mean, end = limited_ramp(c.output_frac, wanted, c.ramp_per_s * dt)
    c.output_frac = end
    in_service_w = c.capacity_w * c.availability_frac * (1.0 - bus[c.outage])
    gross_w = mean * in_service_w
    loss_w = gross_w * c.electrical_loss_frac
    power_w = gross_w - loss_w
    bus[c.generation] = gross_w
    bus[c.heat_loss] = loss_w
    bus[c.power] = power_w
    bus[c.renewable_power] = power_w
    bus[c.price] = c.price_eur_per_j
    bus[c.cost] = c.price_eur_per_j * power_w
    c.power_w = power_w
    c.met_speed_m_per_s = met
    c.held_back_w = (wanted - mean) * in_service_w
    c.generated_j += power_w * dt
    if c.is_stopped > 0.0:
        c.stopped_s += dt
        bus[EVENT_AMOUNT] = hub_m_per_s
        return TRIP
    if end < wanted - _NOTHING:
        bus[EVENT_AMOUNT] = c.held_back_w
        return LIMITED
    return OK


def _sizes(values):
    """Return the power that the plant pays for itself, on land and at sea: none where a seller asks a price."""
    own_w = values["capacity_w"] if values["price_eur_per_j"] == 0.0 else 0.0
    at_sea = values["location"] == 1.0
    return {"own_land_w": 0.0 if at_sea else own_w, "own_sea_w": own_w if at_sea else 0.0}


def _contradictions(values):
    """Yield where the curve would take more of the wind than a rotor can."""
    output = python_function(curve_output)
    parts = np.arange(1, 10 * (_LAST_M_PER_S - _FIRST_M_PER_S + 1) + 1) / 10.0 + (_FIRST_M_PER_S - 1)
    taken = [output(SimpleNamespace(**values), v) / (0.5 * STANDARD_DENSITY_KG_PER_M3 * v**3) for v in parts.tolist()]
    worst = int(np.argmax(taken))
    share = taken[worst] * values["specific_rating_w_per_m2"]
    if share > BETZ_FRAC:
        what = f"at {parts[worst]:g} m/s its curve takes {share:.3g} of the power of the wind, and no rotor more than "
        what += f"{BETZ_FRAC:.3g} (Betz)"
        most = values["specific_rating_w_per_m2"] * BETZ_FRAC / share
        yield Contradiction("specific_rating_w_per_m2", what, f"choose {most:.4g} at most, or give the turbine's curve")


def _curve_field(k):
    default = _V164[k - _FIRST_M_PER_S] if k - _FIRST_M_PER_S < len(_V164) else 1.0
    return parameter(f"curve_{k}_frac", "1", f"output at {k} m/s by the rated power", default, 0.0, 1.1)


_IRENA = "IRENA 2022, Renewable Power Generation Costs in 2021, table H.1 (world mean); upkeep: estimate"

KIND = Kind(
    name="wind_turbine",
    doc="Wind turbines of a park, from the wind speed: profile, density, curve, wakes, storm stop, ramp, losses.",
    fields=(
        parameter("capacity_w", "W", "rated power of all turbines", 9.5e6, 0.0, 1.0e11),
        parameter("hub_height_m", "m", "height of the hubs", 105.0, 10.0, 300.0),
        choice("profile", "how the wind grows with height", ("logarithmic", "power_law")),
        parameter("roughness_m", "m", "roughness of the ground (sea 0.0002, grass 0.03, bushes 0.25)", 0.03, 1e-5, 1.0),
        parameter("shear_exponent", "1", "exponent of the power law (land 0.14, sea 0.11)", 0.14, 0.0, 0.6),
        parameter("speed_height_m", "m", "height of the wind series where its name tells none", 10.0, 2.0, 300.0),
        parameter("specific_rating_w_per_m2", "W/m2", "rated power over the area of the rotor", 450.0, 100.0, 1000.0),
        *(_curve_field(k) for k in range(_FIRST_M_PER_S, _LAST_M_PER_S + 1)),
        parameter("cut_out_m_per_s", "m/s", "wind speed at the hub from which turbines stop", 25.0, 10.0, 60.0),
        parameter(
            "restart_m_per_s",
            "m/s",
            "wind speed below which they start again",
            22.0,
            5.0,
            60.0,
            size_from="cut_out_m_per_s - 3",
        ),
        parameter(
            "ramp_per_s", "1/s", "fastest rise of the output, as a share of the rated power", 1.0 / 60.0, 1e-5, 10.0
        ),
        parameter(
            "wake_deficit_frac",
            "1",
            "mean loss of wind speed behind other turbines while rotors take the most; 0: a turbine alone",
            0.0,
            0.0,
            0.3,
        ),
        parameter("availability_frac", "1", "share of the turbines in service", 0.97, 0.0, 1.0),
        parameter("electrical_loss_frac", "1", "loss of cables and park transformer", 0.02, 0.0, 0.5),
        choice("location", "where they stand, which their cost goes by", ("land", "sea")),
        parameter(
            "price_eur_per_j",
            "EUR/J",
            "price of all its power, used or not, of a seller's park; 0: it is the plant's own, at its cost",
            0.0,
            0.0,
            1e-5,
        ),
        state("output_frac", "1", "output at the end of the step by the rated power, below 0 before the first"),
        state("is_stopped", "1", "1 from the cut-out speed until the wind is below the speed of restart"),
        counter("generated_j", "J", "energy delivered since the start"),
        counter("stopped_s", "s", "time stopped by storm"),
        output("power_w", "W", "power at the meter"),
        output("met_speed_m_per_s", "m/s", "wind speed that the curve is read at: at standard density, behind wakes"),
        output("held_back_w", "W", "power that the wind gave and the turbines had not risen to"),
    ),
    ports=(
        Port(
            "wind_speed",
            "signal",
            "in",
            "wind speed at the hub",
            default="derived.hub_wind_speed_m_per_s",
            unit="m/s",
        ),
        Port("air_pressure", "signal", "in", "air pressure at the hub", default="derived.hub_pressure_pa", unit="Pa"),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
        OUTAGE_PORT,
        Port(
            "generation",
            "power",
            "in",
            "power taken from the wind",
            writes=True,
            border="source",
            border_label="Turbines",
        ),
        Port("power", "power", "out", "power at the meter"),
        Port("heat_loss", "heat", "out", "loss of cables and park transformer", border="surroundings"),
        Port("renewable_power", "signal", "out", "its power, all of it renewable", unit="W"),
        Port("price", "signal", "out", "price of its power by contract, 0 without one", unit="EUR/J"),
        Port("cost", "money", "out", "price of the power, taken or not"),
    ),
    step=step,
    begin=begin,
    group="electrical",
    orders=(Order("restart_m_per_s", "cut_out_m_per_s", "it would start again in the wind that stops it"),),
    read_only=(ReadOnly(("roughness_m",), "profile", 0.0), ReadOnly(("shear_exponent",), "profile", 1.0)),
    contradictions=_contradictions,
    role=Source(technology="wind", renewable="renewable_power", price="price", cost="cost"),
    laws=(turbine_output(), turbine_betz(), turbine_storm(), turbine_ramp(), turbine_balance(), own_price()),
    derived=(
        Derived(
            "hub_wind_speed_m_per_s",
            takes_speed,
            functools.partial(make_speed, "hub_height_m"),
            ("hub_height_m", "profile", "roughness_m", "shear_exponent", "speed_height_m"),
        ),
        Derived("hub_pressure_pa", takes_pressure, make_pressure, ("hub_height_m",)),
    ),
    costs=(
        cost(
            "turbines on land, built",
            ("own_land_w",),
            1.0e6,
            1325.0e3,
            1.0,
            _IRENA,
            2021,
            25.0,
            0.03,
            currency="USD",
            low_ratio=0.7,
            high_ratio=1.7,
        ),
        cost(
            "turbines at sea, built, with the cable to land",
            ("own_sea_w",),
            1.0e6,
            2858.0e3,
            1.0,
            _IRENA,
            2021,
            25.0,
            0.03,
            currency="USD",
            low_ratio=0.8,
            high_ratio=1.7,
        ),
    ),
    sizes=_sizes,
)
