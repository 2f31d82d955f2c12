"""Photovoltaic array: irradiance in the plane of its modules to alternating current, with losses and inverters."""

import functools
import math

from h2plant.components.plane_of_array import FIXED, SINGLE_AXIS
from h2plant.components.plane_of_array import make as make_plane
from h2plant.components.plane_of_array import takes as takes_irradiance
from h2plant.components.protection import OUTAGE_PORT
from h2plant.components.wind_at_height import make_speed, takes_speed
from h2plant.core.bus import EVENT_AMOUNT
from h2plant.core.cost import cost
from h2plant.core.declare import Kind, Port, ReadOnly, choice, counter, memory, output, parameter, state
from h2plant.core.derived import Derived
from h2plant.core.jit import kernel
from h2plant.core.role import Source
from h2plant.core.status import LIMITED, OK
from h2plant.laws.money import own_price
from h2plant.laws.sun import array_balance, array_bound, array_cells, array_power
from h2plant.physics.solar_power import faiman_cell_temperature, inverter_output, module_power

_YEAR_S = 8760.0 * 3600.0
_ROUNDING = 1.0 + 1.0e-9


@kernel
def begin(c, props):
    """Set the rating of the inverters and the age."""
    c.inverter_w = c.capacity_w / c.dc_ac_ratio
    c.inverter_input_w = c.inverter_w / c.inverter_efficiency_frac
    c.age_s = c.initial_age_s
    return OK


@kernel
def step(c, bus, props, dt):
    """Warm the cells, give what modules and inverters make of the sun; what the inverters cannot take is not made."""
    sun = max(bus[c.irradiance], 0.0)
    cell_k = faiman_cell_temperature(
        sun,
        bus[c.ambient_temperature],
        max(bus[c.wind_speed], 0.0),
        c.heat_loss_w_per_m2_k,
        c.wind_heat_loss_j_per_m3_k,
    )
    worn = max(1.0 - c.degradation_per_s * (c.age_s + 0.5 * dt), 0.0)
    kept = 1.0 - c.loss_frac
    offered_w = module_power(c.capacity_w, sun, cell_k, c.temperature_coefficient_per_k) * worn * kept
    input_w = min(offered_w, c.inverter_input_w)
    power_w = 0.0
    if input_w > 0.0:
        power_w = max(inverter_output(input_w, c.inverter_input_w, c.inverter_efficiency_frac), 0.0)
    if power_w == 0.0:
        input_w = 0.0
    left_frac = 1.0 - bus[c.outage]
    input_w *= left_frac
    power_w *= left_frac
    generation_w = input_w / kept
    bus[c.generation] = generation_w
    bus[c.power] = power_w
    bus[c.renewable_power] = power_w
    bus[c.heat_loss] = generation_w - power_w
    bus[c.price] = c.price_eur_per_j
    bus[c.cost] = c.price_eur_per_j * power_w
    c.power_w = power_w
    c.cell_temperature_k = cell_k
    c.clipped_w = offered_w * left_frac - input_w if input_w > 0.0 else 0.0
    c.generated_j += power_w * dt
    c.age_s += dt
    if offered_w > c.inverter_input_w * _ROUNDING:
        bus[EVENT_AMOUNT] = (offered_w - c.inverter_input_w) * left_frac
        return LIMITED
    return OK


def _sizes(values):
    """Return the power that the plant pays for itself: none where the array belongs to a seller, who asks a price."""
    return {"own_capacity_w": values["capacity_w"] if values["price_eur_per_j"] == 0.0 else 0.0}


KIND = Kind(
    name="pv_array",
    doc="Photovoltaic array with inverters, fixed or tracking: sun in the plane, cell temperature, losses, clipping.",
    fields=(
        parameter("capacity_w", "W", "rated direct-current power of the modules", 10.0e6, 0.0, 1e11),
        choice("tracking", "how the modules are mounted", ("fixed", "single_axis")),
        parameter("tilt_rad", "rad", "slope of fixed modules", math.radians(35.0), 0.0, 0.5 * math.pi),
        parameter(
            "azimuth_rad",
            "rad",
            "direction that modules face, clockwise from north (180 degrees: south); of trackers that of the axis",
            math.pi,
            0.0,
            2.0 * math.pi,
        ),
        parameter(
            "rotation_limit_rad", "rad", "largest turn of trackers either way", math.radians(60.0), 0.0, 0.5 * math.pi
        ),
        parameter(
            "ground_coverage_frac",
            "1",
            "width of tracker rows over their distance, by which they turn back; 0: never",
            0.35,
            0.0,
            0.95,
        ),
        parameter(
            "angular_ratio",
            "1",
            "how fast glass reflects more at a slant (clean 0.16, dusty 0.2); 0: never",
            0.16,
            0.0,
            0.5,
        ),
        parameter(
            "albedo_frac", "1", "share of the sun that the ground reflects (grass 0.2, snow 0.7)", 0.2, 0.0, 0.95
        ),
        parameter("speed_height_m", "m", "height of the wind series where its name tells none", 10.0, 2.0, 300.0),
        parameter("wind_height_m", "m", "height of the wind that the coefficients of cooling go by", 10.0, 2.0, 50.0),
        parameter("roughness_m", "m", "roughness of the ground (sea 0.0002, grass 0.03, bushes 0.25)", 0.03, 1e-5, 1.0),
        parameter("heat_loss_w_per_m2_k", "W/(m2 K)", "heat of the cells to still air", 25.0, 5.0, 100.0),
        parameter("wind_heat_loss_j_per_m3_k", "J/(m3 K)", "more of it by the wind speed", 6.84, 0.0, 50.0),
        parameter("temperature_coefficient_per_k", "1/K", "change of power with cell temperature", -0.0037, -0.01, 0.0),
        parameter(
            "loss_frac",
            "1",
            "losses before the inverter: dirt, shade, mismatch, cables, outages",
            0.14,
            0.0,
            0.9,
        ),
        parameter("dc_ac_ratio", "1", "rated power of modules over that of inverters", 1.2, 0.2, 3.0),
        # the curve is up to 0.27 % better than at the rating, and no inverter gives more than it takes
        parameter("inverter_efficiency_frac", "1", "efficiency of the inverters at their rating", 0.96, 0.5, 0.995),
        parameter(
            "degradation_per_s", "1/s", "share of the rated power that is lost with age", 0.005 / _YEAR_S, 0.0, 1e-8
        ),
        parameter("initial_age_s", "s", "age of the modules at the start", 0.0, 0.0, 60.0 * _YEAR_S),
        parameter(
            "price_eur_per_j",
            "EUR/J",
            "price of all its power, used or not, of a seller's array; 0: it is the plant's own, at its cost",
            0.0,
            0.0,
            1e-5,
        ),
        memory("inverter_w", "W", "rating of the inverters"),
        memory("inverter_input_w", "W", "direct-current power at that rating"),
        state("age_s", "s", "age of the modules"),
        counter("generated_j", "J", "energy delivered since the start"),
        output("power_w", "W", "alternating-current power"),
        output("cell_temperature_k", "K", "temperature of the cells"),
        output("clipped_w", "W", "direct-current power that the inverters could not take"),
    ),
    ports=(
        OUTAGE_PORT,
        Port(
            "irradiance",
            "signal",
            "in",
            "irradiance in the plane of the modules that reaches the cells",
            default="derived.plane_irradiance_w_per_m2",
            unit="W/m2",
        ),
        Port(
            "wind_speed",
            "signal",
            "in",
            "wind speed at the modules",
            default="derived.module_wind_speed_m_per_s",
            unit="m/s",
        ),
        Port("ambient_temperature", "signal", "in", "air temperature", default="series.temp_air_degc", unit="K"),
        Port(
            "generation",
            "power",
            "in",
            "power that the modules take from the sun",
            writes=True,
            border="source",
            border_label="Sun",
        ),
        Port("power", "power", "out", "alternating-current power"),
        Port("heat_loss", "heat", "out", "losses of the system and of the inverters", border="surroundings"),
        Port("renewable_power", "signal", "out", "its power, all of it renewable", unit="W"),
        Port("price", "signal", "out", "price of its power by contract, 0 without one", unit="EUR/J"),
        Port("cost", "money", "out", "price of the power, taken or not"),
    ),
    step=step,
    begin=begin,
    group="electrical",
    read_only=(
        ReadOnly(("tilt_rad",), "tracking", FIXED),
        ReadOnly(("rotation_limit_rad", "ground_coverage_frac"), "tracking", SINGLE_AXIS),
    ),
    role=Source(technology="PV", renewable="renewable_power", price="price", cost="cost"),
    laws=(array_cells(), array_power(), array_bound(), array_balance(), own_price()),
    derived=(
        Derived(
            "plane_irradiance_w_per_m2",
            takes_irradiance,
            make_plane,
            (
                *("tracking", "tilt_rad", "azimuth_rad", "rotation_limit_rad"),
                *("ground_coverage_frac", "angular_ratio", "albedo_frac"),
            ),
        ),
        Derived(
            "module_wind_speed_m_per_s",
            takes_speed,
            functools.partial(make_speed, "wind_height_m"),
            ("speed_height_m", "wind_height_m", "roughness_m"),
        ),
    ),
    costs=(
        cost(
            "modules, mounting, inverters",
            ("own_capacity_w",),
            1.0e6,
            857.0e3,
            1.0,
            "IRENA 2022, Renewable Power Generation Costs in 2021, ISBN 978-92-9260-452-3, table H.1 (world mean); "
            "upkeep: engineering estimate",
            2021,
            30.0,
            0.015,
            currency="USD",
            low_ratio=0.65,
            high_ratio=1.7,
        ),
    ),
    sizes=_sizes,
)
