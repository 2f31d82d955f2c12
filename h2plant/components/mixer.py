"""Mixer: joins streams without heat exchange; water comes to equilibrium with the gas again."""

from h2plant.core.bus import (
    ENTHALPY,
    H2,
    LIQUID,
    N2,
    O2,
    PRESSURE,
    STREAM_WIDTH,
    TEMPERATURE,
    VAPOUR,
)
from h2plant.core.declare import Kind, Port, memory
from h2plant.core.jit import kernel
from h2plant.core.status import OK, OUT_OF_RANGE
from h2plant.physics.held_water import HELD_WATER_STATES, keep_water, load_water
from h2plant.physics.stream import put_nothing, put_stream
from h2plant.physics.wet_gas import held_flash

FIELDS = (
    memory("idle_temperature_k", "K", "temperature shown without flow: that of the last flow", 298.15),
    memory("idle_pressure_pa", "Pa", "pressure shown without flow: that of the last flow", 1.01325e5),
    memory("offset_k", "K", "outlet above the mean of the inlets by mass, in the last step: start of the search"),
    *HELD_WATER_STATES,
)

PORTS = (
    Port("inlets", "stream", "in", "streams to join", is_multi=True, is_required=True),
    Port("outlet", "stream", "out", "the joined stream, at the lowest pressure of the inlets with flow"),
)


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
        i = c.inlets + k * STREAM_WIDTH
        m = bus[i + H2] + bus[i + O2] + bus[i + N2] + bus[i + VAPOUR] + bus[i + LIQUID]
        if m > 0.0:
            n_flowing += 1
            h2 += bus[i + H2]
            o2 += bus[i + O2]
            n2 += bus[i + N2]
            vapour += bus[i + VAPOUR]
            liquid += bus[i + LIQUID]
            enthalpy_w += bus[i + ENTHALPY]
            pressure_pa = min(pressure_pa, bus[i + PRESSURE])
            flow += m
            heated += m * bus[i + TEMPERATURE]
    if n_flowing == 0:
        put_nothing(bus, c.outlet, c.idle_temperature_k, c.idle_pressure_pa)
        return OK
    mean_k = heated / flow
    temperature_k = mean_k
    if n_flowing > 1:
        held = load_water(c)
        temperature_k, vapour, liquid, held = held_flash(
            props, held, h2, o2, n2, vapour + liquid, enthalpy_w, pressure_pa, mean_k + c.offset_k
        )
        keep_water(c, held)
        if not temperature_k > 0.0:
            return OUT_OF_RANGE
        c.offset_k = temperature_k - mean_k
    c.idle_temperature_k = temperature_k
    c.idle_pressure_pa = pressure_pa
    put_stream(bus, c.outlet, h2, o2, n2, vapour, liquid, enthalpy_w, temperature_k, pressure_pa)
    return OK


KIND = Kind("mixer", "Joins streams adiabatically", FIELDS, PORTS, step)
