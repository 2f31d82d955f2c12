"""Sensor: passes a signal on, right but for an offset and a gain that faults give it."""

from h2plant.components.protection import OUTAGE_PORT
from h2plant.core.declare import Kind, Port
from h2plant.core.jit import kernel
from h2plant.core.sensor_role import Sensor
from h2plant.core.status import OK
from h2plant.laws.sensor import sensor_reading


@kernel
def step(c, bus, props, dt):
    """Show what comes through of the signal, with its gain and its bias."""
    bus[c.reading] = bus[c.signal] * ((1.0 + bus[c.gain]) * (1.0 - bus[c.outage])) + bus[c.bias]
    return OK


KIND = Kind(
    name="sensor",
    doc="Sensor or actuator: passes a signal on, with the bias and the gain that a fault gives it.",
    fields=(),
    ports=(
        Port("signal", "signal", "in", "what is measured, or asked for", is_required=True, unit="any"),
        Port("bias", "signal", "in", "what is added to it; unlinked: nothing", unit="any"),
        Port("gain", "signal", "in", "share of it that is added; unlinked: nothing", unit="1"),
        OUTAGE_PORT,
        Port("reading", "signal", "out", "what it shows", unit="any"),
    ),
    step=step,
    group="control",
    role=Sensor(),
    costs=(),
    laws=(sensor_reading(),),
)
