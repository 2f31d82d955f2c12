"""Mixer: joins streams without heat exchange; water comes to equilibrium with the gas again."""

from h2plant.core.bus import EVENT_AMOUNT, STREAM_WIDTH
from h2plant.core.declare import Kind, Port, memory
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK, SOLVER_TRIP
from h2plant.laws.gas import MIXER_LAWS
from h2plant.physics.held.known_stream import (
    KNOWN_J_PER_KG,
    KNOWN_J_PER_KG_K,
    KNOWN_K,
    allowed_step,
    is_known,
    known_states,
    known_stream,
)
from h2plant.physics.held.water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.stream import put_nothing, put_stream, read_stream
from h2plant.physics.wet_gas import held_flash

_SURELY_DRY_K = 460.0
_MOST_DRY_PA = 1.0e6  # boils at 453 K
_MOST_STEPS = 4

FIELDS = (
    memory("idle_temperature_k", "K", "temperature shown without flow: that of the last flow", 298.15),
    memory("idle_pressure_pa", "Pa", "pressure shown without flow: that of the last flow", 1.01325e5),
    memory("offset_k", "K", "outlet above the mean of the inlets by mass, in the last step: start of the search"),
    *HELD_WATER_STATES,
    *known_states(),
)

PORTS = (
    Port("inlets", "stream", "in", "streams to join", is_multi=True, is_required=True),
    Port(
        "outlet", "stream", "out", "the joined stream, at the lowest pressure of the inlets with flow", border="vented"
    ),
)


@kernel
def _dry_temperature(c, props, h2, o2, flow, water, enthalpy_w, pressure_pa, start_k):
    """Return the temperature, K, of a gas far above its dew point; 0: not found (it replaces 100 ns of flash)."""
    per_kg = 1.0 / flow
    known = (
        c.known_k,
        c.known_pa,
        c.known_h2_frac,
        c.known_o2_frac,
        c.known_water_frac,
        c.known_j_per_kg,
        c.known_j_per_kg_k,
        c.known_vapour_frac,
        c.known_vapour_per_k,
    )
    T = start_k
    for _ in range(_MOST_STEPS):
        if not is_known(known, h2 * per_kg, o2 * per_kg, water * per_kg, T, pressure_pa):
            known = known_stream(props, h2 * per_kg, o2 * per_kg, water * per_kg, T, pressure_pa)
        T = known[KNOWN_K] + (enthalpy_w * per_kg - known[KNOWN_J_PER_KG]) / known[KNOWN_J_PER_KG_K]
        if not T > 0.0 or (water > 0.0 and T < _SURELY_DRY_K):
            return 0.0
        if abs(T - known[KNOWN_K]) <= allowed_step(known):
            (
                c.known_k,
                c.known_pa,
                c.known_h2_frac,
                c.known_o2_frac,
                c.known_water_frac,
                c.known_j_per_kg,
                c.known_j_per_kg_k,
                c.known_vapour_frac,
                c.known_vapour_per_k,
            ) = known
            return T
    return 0.0


@kernel
def step(c, bus, props, dt):
    """Sum the inlets; the temperature follows from the enthalpy (flash at the lowest pressure)."""
    h2 = 0.0
    o2 = 0.0
    n2 = 0.0
    vapour = 0.0
    liquid = 0.0
    enthalpy_w = 0.0
    pressure_pa = 1.0e12
    heated = 0.0
    flow = 0.0
    n_flowing = 0
    for k in range(int(c.n_inlets)):
        feed = read_stream(bus, c.inlets + k * STREAM_WIDTH)
        m = feed.h2 + feed.o2 + feed.n2 + feed.vapour + feed.liquid
        if m > 0.0:
            n_flowing += 1
            h2 += feed.h2
            o2 += feed.o2
            n2 += feed.n2
            vapour += feed.vapour
            liquid += feed.liquid
            enthalpy_w += feed.enthalpy_w
            pressure_pa = min(pressure_pa, feed.pressure_pa)
            flow += m
            heated += m * feed.temperature_k
    if n_flowing == 0:
        put_nothing(bus, c.outlet, c.idle_temperature_k, c.idle_pressure_pa)
        return OK
    mean_k = heated / flow
    temperature_k = mean_k
    if n_flowing > 1:
        temperature_k = 0.0
        water = vapour + liquid
        phases = (vapour, liquid)
        if water <= 0.0 or (mean_k > _SURELY_DRY_K and pressure_pa < _MOST_DRY_PA):
            temperature_k = _dry_temperature(
                c, props, h2, o2, flow, water, enthalpy_w, pressure_pa, mean_k + c.offset_k
            )
        if temperature_k > 0.0:
            vapour, liquid = water, 0.0
        else:
            held = load_water(c)
            temperature_k, vapour, liquid, held = held_flash(
                props, held, h2, o2, n2, water, enthalpy_w, pressure_pa, mean_k + c.offset_k
            )
            keep_water(c, held)
        if not temperature_k > 0.0:  # beyond the tables: phases as they came, and only the temperature is a mean
            put_stream(bus, c.outlet, h2, o2, n2, phases[0], phases[1], enthalpy_w, mean_k, pressure_pa)
            bus[EVENT_AMOUNT] = flow
            return SOLVER_TRIP
        c.offset_k = temperature_k - mean_k
    c.idle_temperature_k = temperature_k
    c.idle_pressure_pa = pressure_pa
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa)
    return OK


KIND = Kind(
    "mixer",
    "Joins streams adiabatically",
    FIELDS,
    PORTS,
    step,
    role=Process(),
    laws=MIXER_LAWS,
    costs=(),
)
