"""Where each property table lies in the flat array ``props``, its range and its axes.

All of the data is in the array, all of the layout is in these constants: the compiled look-ups know offsets
and axes at compile time, and no table is ever frozen into compiled code. ``LAYOUT_VERSION`` changes with the
meaning of the array; the fingerprint of the constants is stored with the data and checked when it is loaded.
"""

import hashlib
import math

LAYOUT_VERSION = 1

FLUID_H2 = 0
FLUID_O2 = 1
FLUID_N2 = 2
N_GASES = 3

# what the two-dimensional tables hold, in this order
DENSITY = 0  # gases and steam: p / (rho T); liquid water: rho
ENTHALPY = 1  # h
ENTROPY = 2  # gases and steam: s + R ln p; liquid water: s
CAPACITY = 3  # cp
N_PROPERTIES = 4

# header: layout version and specific gas constants, J/(kg K)
GAS_CONSTANTS = 1
STEAM_CONSTANT = GAS_CONSTANTS + N_GASES
HEADER_SIZE = 16

# gases: x = sqrt(p), y = T / (T + GAS_AXIS_K), both uniform
GAS_PRESSURE_MIN_PA = 0.5e5
GAS_PRESSURE_MAX_PA = 900.0e5
GAS_TEMPERATURE_MIN_K = 250.0
GAS_TEMPERATURE_MAX_K = 1150.0
GAS_AXIS_K = 200.0
GAS_PRESSURE_CELLS = 47
GAS_TEMPERATURE_CELLS = 47
GAS_STRIDE = GAS_TEMPERATURE_CELLS + 3
GAS_PLANE = (GAS_PRESSURE_CELLS + 3) * GAS_STRIDE
GAS_SIZE = N_PROPERTIES * GAS_PLANE
GAS_START = HEADER_SIZE

# boundary temperature over p^(1/8): the saturation line, continued smoothly beyond the critical point
BOUNDARY_CELLS = 255
BOUNDARY_START = GAS_START + N_GASES * GAS_SIZE
BOUNDARY_SIZE = BOUNDARY_CELLS + 3

# ln of the saturation pressure over 1 / T
VAPOUR_PRESSURE_CELLS = 255
VAPOUR_PRESSURE_START = BOUNDARY_START + BOUNDARY_SIZE
VAPOUR_PRESSURE_SIZE = VAPOUR_PRESSURE_CELLS + 3

# saturated states over (1 - T / Tc)^(1/4): h steam, h water, ln rho steam, ln rho water
SATURATED_CELLS = 191
SATURATED_STEAM_ENTHALPY = VAPOUR_PRESSURE_START + VAPOUR_PRESSURE_SIZE
SATURATED_SIZE = SATURATED_CELLS + 3
SATURATED_WATER_ENTHALPY = SATURATED_STEAM_ENTHALPY + SATURATED_SIZE
SATURATED_STEAM_LOG_DENSITY = SATURATED_WATER_ENTHALPY + SATURATED_SIZE
SATURATED_WATER_LOG_DENSITY = SATURATED_STEAM_LOG_DENSITY + SATURATED_SIZE

# water: two pressure ranges; y runs away from the boundary temperature, quadratically stretched
WATER_PRESSURE_MIN_PA = 611.657
WATER_PRESSURE_SPLIT_PA = 100.0e5
WATER_PRESSURE_MAX_PA = 350.0e5
WATER_TEMPERATURE_MIN_K = 273.16
WATER_TEMPERATURE_MAX_K = 1150.0
CRITICAL_TEMPERATURE_K = 647.096
CRITICAL_PRESSURE_PA = 22.064e6
SATURATION_TEMPERATURE_MAX_K = 647.0
SATURATION_TOLERANCE_K = 0.05
"""So far beyond the saturation line a state is taken as being on the line."""

STEAM_LOW_PRESSURE_CELLS = 63
STEAM_LOW_TEMPERATURE_CELLS = 47
STEAM_HIGH_PRESSURE_CELLS = 59
STEAM_HIGH_TEMPERATURE_CELLS = 119
WATER_LOW_PRESSURE_CELLS = 63
WATER_LOW_TEMPERATURE_CELLS = 47
WATER_HIGH_PRESSURE_CELLS = 67
WATER_HIGH_TEMPERATURE_CELLS = 87

STEAM_LOW_STRETCH = 0.15
STEAM_HIGH_STRETCH = 0.045
WATER_LOW_STRETCH = 0.7
WATER_HIGH_STRETCH = 0.1
"""Slope of the axis at the boundary: distance = stretch e + (1 - stretch) e^2, e in 0..1."""

WATER_LOW_MARGIN_K = 1.0
"""The liquid table below the split reaches so far beyond the saturation line (keeps its axis open at 273 K)."""

STEAM_LOW_PLANE = (STEAM_LOW_PRESSURE_CELLS + 3) * (STEAM_LOW_TEMPERATURE_CELLS + 3)
STEAM_HIGH_PLANE = (STEAM_HIGH_PRESSURE_CELLS + 3) * (STEAM_HIGH_TEMPERATURE_CELLS + 3)
WATER_LOW_PLANE = (WATER_LOW_PRESSURE_CELLS + 3) * (WATER_LOW_TEMPERATURE_CELLS + 3)
WATER_HIGH_PLANE = (WATER_HIGH_PRESSURE_CELLS + 3) * (WATER_HIGH_TEMPERATURE_CELLS + 3)
STEAM_LOW_START = SATURATED_WATER_LOG_DENSITY + SATURATED_SIZE
STEAM_HIGH_START = STEAM_LOW_START + N_PROPERTIES * STEAM_LOW_PLANE
WATER_LOW_START = STEAM_HIGH_START + N_PROPERTIES * STEAM_HIGH_PLANE
WATER_HIGH_START = WATER_LOW_START + N_PROPERTIES * WATER_LOW_PLANE
PROPS_SIZE = WATER_HIGH_START + N_PROPERTIES * WATER_HIGH_PLANE

# axes: coordinate in cells = (axis value - first) * cells per unit
GAS_X_FIRST = math.sqrt(GAS_PRESSURE_MIN_PA)
GAS_X_SCALE = GAS_PRESSURE_CELLS / (math.sqrt(GAS_PRESSURE_MAX_PA) - GAS_X_FIRST)
GAS_Y_FIRST = GAS_TEMPERATURE_MIN_K / (GAS_TEMPERATURE_MIN_K + GAS_AXIS_K)
GAS_Y_SCALE = GAS_TEMPERATURE_CELLS / (GAS_TEMPERATURE_MAX_K / (GAS_TEMPERATURE_MAX_K + GAS_AXIS_K) - GAS_Y_FIRST)
ROOT_FIRST = math.sqrt(math.sqrt(math.sqrt(WATER_PRESSURE_MIN_PA)))
BOUNDARY_SCALE = BOUNDARY_CELLS / (math.sqrt(math.sqrt(math.sqrt(WATER_PRESSURE_MAX_PA))) - ROOT_FIRST)
_ROOT_SPAN_LOW = math.sqrt(math.sqrt(math.sqrt(WATER_PRESSURE_SPLIT_PA))) - ROOT_FIRST
STEAM_LOW_SCALE = STEAM_LOW_PRESSURE_CELLS / _ROOT_SPAN_LOW
WATER_LOW_SCALE = WATER_LOW_PRESSURE_CELLS / _ROOT_SPAN_LOW
STEAM_HIGH_SCALE = STEAM_HIGH_PRESSURE_CELLS / (WATER_PRESSURE_MAX_PA - WATER_PRESSURE_SPLIT_PA)
WATER_HIGH_SCALE = WATER_HIGH_PRESSURE_CELLS / (WATER_PRESSURE_MAX_PA - WATER_PRESSURE_SPLIT_PA)
INVERSE_T_FIRST = 1.0 / CRITICAL_TEMPERATURE_K
INVERSE_T_SCALE = VAPOUR_PRESSURE_CELLS / (1.0 / WATER_TEMPERATURE_MIN_K - INVERSE_T_FIRST)
SATURATED_FIRST = math.sqrt(math.sqrt(1.0 - SATURATION_TEMPERATURE_MAX_K / CRITICAL_TEMPERATURE_K))
SATURATED_SCALE = SATURATED_CELLS / (
    math.sqrt(math.sqrt(1.0 - WATER_TEMPERATURE_MIN_K / CRITICAL_TEMPERATURE_K)) - SATURATED_FIRST
)


def layout_fingerprint() -> str:
    """Return 16 digits that change with any constant of the layout."""
    constants = {name: value for name, value in globals().items() if name.isupper() and not name.startswith("_")}
    return hashlib.sha256(repr(sorted(constants.items())).encode()).hexdigest()[:16]
