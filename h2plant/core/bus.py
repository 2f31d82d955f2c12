"""Layout of the bus: one flat float64 array that holds the value of every link for the current step.

A process stream takes ``STREAM_WIDTH`` consecutive slots (one cache line); power, heat, money and signals
take one slot each, and what a line of electrolysers and the rule of dispatch tell each other ``LINE_WIDTH``. The first
slots belong to the engine.
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

# offsets within the link of a line with its rule: what the line offers, at the start of the step
MAXIMUM = 0  # largest power, W, alternating current as all powers here
MINIMUM = 1  # smallest power while it runs, W
IDLE = 2  # set point when it is not to run, W
RAMP_UP = 3  # fastest rise of the set point, W/s (0: at once)
RAMP_DOWN = 4  # fastest fall of the set point, W/s (0: at once)
MIN_UP = 5  # shortest run, s
MIN_DOWN = 6  # shortest rest, s
START_MARGIN = 7  # power at which it starts by its smallest power, 1
STANDBY = 8  # power that keeps it hot at rest, W (0: free, never shut down)
COLD_START = 9  # cost of a cold start instead of a hot one, EUR
SPECIFIC_ENERGY = 10  # electricity per hydrogen, all included, J/kg
PRICE_LIMIT = 11  # price up to which it runs, where no worth of hydrogen says it, EUR/J
LOAD = 12  # load under a constant load, 1
RESERVE_LOAD = 13  # load for the storage's reserve, 1
IS_BOUGHT_FOR = 14  # 1: power is bought for it
IS_LOAD_KEPT = 15  # 1: above its threshold price it keeps its load
EXPECTED_REST = 16  # rest to come where a plan knows it, s
REACH = 17  # own power at the end of its ramp, W (below 0: not looked at)
EXCESS = 18  # power that it is foreseen to draw above its set point, W
# what the rule decides, in the place of what it decided in the last step
IS_ON = 19  # 1: it is to run
HELD = 20  # time since this was last decided otherwise, s
SETPOINT = 21  # set point, W
REST_COST = 22  # cost of standby since it last ran, EUR
IS_MAKING = 23  # memory of the rule: own power is worth more in the line than sold
IS_BUYING = 24  # memory of the rule: bought power pays in the line
BEFORE = 25  # power that came before the lines when it last was at rest, W
OVERHEAD = 26  # by how much that rises while it runs near its smallest power, W
SHUT_DOWN = 27  # 1: to cool down rather than stay hot
LINE_WIDTH = 28
LINE_COLUMNS = (
    ("maximum", "W"),
    ("minimum", "W"),
    ("idle", "W"),
    ("ramp_up", "W/s"),
    ("ramp_down", "W/s"),
    ("min_up", "s"),
    ("min_down", "s"),
    ("start_margin", "1"),
    ("standby", "W"),
    ("cold_start", "EUR"),
    ("specific_energy", "J/kg"),
    ("price_limit", "EUR/J"),
    ("load", "1"),
    ("reserve_load", "1"),
    ("is_bought_for", "1"),
    ("is_load_kept", "1"),
    ("expected_rest", "s"),
    ("reach", "W"),
    ("excess", "W"),
    ("is_on", "1"),
    ("held", "s"),
    ("setpoint", "W"),
    ("rest_cost", "EUR"),
    ("is_making", "1"),
    ("is_buying", "1"),
    ("before", "W"),
    ("overhead", "W"),
    ("shut_down", "1"),
)
"""Name and unit of each slot of a line, in their order."""

# slots of the engine
ZERO = 0  # what an unlinked optional scalar input reads
EVENT_AMOUNT = 1  # a component that returns a status other than OK leaves the amount (its unit) here
TIME = 2  # seconds since the start of the run, at the start of the step
N_SLOTS = 4  # how many slots the bus has (3: marks of the device, `cuda.lanes.MARK`)
ZERO_STREAM = 8  # what an unlinked optional stream input reads: no flow, 298.15 K, 1.01325 bar
FIRST_FREE = 16

SHED_ABOVE = 0.5  # a signal 'shed' above this says that what can wait is to rest
UNPLANNED_W = 1.0e15  # a planned power of batteries as large as this, W, is none: they do as under any rule
LINES_OFF_W = 1.0e12  # a signal 'reserve' as large as this, W, leaves the lines nothing: the bus has a blackout

MOST_LINES = 16
"""Sources, and lines, that a rule of dispatch of one's own is told of at most."""
