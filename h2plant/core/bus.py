"""Layout of the bus: one flat float64 array that holds the value of every link for the current step.

A process stream takes ``STREAM_WIDTH`` consecutive slots (one cache line); power, heat, money and signals
take one slot each. The first slots belong to the engine.
"""

from typing import NamedTuple

# offsets within a stream
H2 = 0  # hydrogen, kg/s
O2 = 1  # oxygen, kg/s
N2 = 2  # nitrogen, kg/s
VAPOUR = 3  # water vapour, kg/s
LIQUID = 4  # liquid water, kg/s
ENTHALPY = 5  # enthalpy flow with formation enthalpies, W
TEMPERATURE = 6  # K
PRESSURE = 7  # Pa
STREAM_WIDTH = 8


class Stream(NamedTuple):
    """What a stream's slots hold, in their order, units as in ``STREAM_COLUMNS``."""

    h2: float
    o2: float
    n2: float
    vapour: float
    liquid: float
    enthalpy_w: float
    temperature_k: float
    pressure_pa: float


STREAM_COLUMNS = (
    ("h2_kg_per_s", "kg/s", "mass flow of hydrogen"),
    ("o2_kg_per_s", "kg/s", "mass flow of oxygen"),
    ("n2_kg_per_s", "kg/s", "mass flow of nitrogen"),
    ("vapour_kg_per_s", "kg/s", "mass flow of water vapour"),
    ("liquid_kg_per_s", "kg/s", "mass flow of liquid water"),
    ("enthalpy_w", "W", "enthalpy flow, formation enthalpies included"),
    ("temperature_k", "K", "temperature"),
    ("pressure_pa", "Pa", "pressure"),
)

# slots of the engine
ZERO = 0  # what an unlinked optional scalar input reads
EVENT_AMOUNT = 1  # a component that returns a status other than OK leaves the amount (its unit) here
TIME = 2  # seconds since the start of the run, at the start of the step
N_SLOTS = 4  # how many slots the bus has (3: marks of the device, `cuda.lanes.MARK`)
ZERO_STREAM = 8  # what an unlinked optional stream input reads: no flow, 298.15 K, 1.01325 bar
FIRST_FREE = 16

SHED_ABOVE = 0.5  # a signal 'shed' above this says that what can wait is to rest
