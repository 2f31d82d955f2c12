"""What a new electrolyser does at its design temperature and pressure, from the model's own equations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from h2plant.components import pem_cell, soec_module
from h2plant.core.constants import FARADAY_C_PER_MOL, MOLAR_MASS_H2_KG_PER_MOL, STANDARD_PRESSURE_PA
from h2plant.core.jit import plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import saturation_pressure
from h2plant.physics import soec_electrochemistry as soec
from h2plant.physics.pem_electrochemistry import cell_voltage
from h2plant.physics.soec_heat_balance import cell_state
from h2plant.simulation.program import FloatArray

_N_POINTS = 60
_J_PER_KWH = 3.6e6


class DesignCurve(NamedTuple):
    """Current density, A/m2; cell voltage, V; electric power over the highest, 1; energy per hydrogen, kWh/kg."""

    current_density_a_per_m2: FloatArray
    cell_voltage_v: FloatArray
    load_frac: FloatArray
    specific_energy_kwh_per_kg: FloatArray


def pem_curve(values: Mapping[str, float]) -> DesignCurve:
    """Return the curve of a new PEM stack at its set points, up to its rated power.

    ``values`` are the parameters of the kind ``pem_stack``, SI.
    """
    stack = SimpleNamespace(**values)
    T, cathode, anode = stack.temperature_setpoint_k, stack.cathode_pressure_setpoint_pa, stack.anode_pressure_pa
    p_sat = plain(saturation_pressure, {})(LUTManager().props, T)
    area = stack.n_cells * stack.cell_area_m2
    terms = plain(pem_cell.polarisation, {})(stack, T, p_sat, cathode, anode)
    voltage_of, products = plain(cell_voltage, {}), plain(pem_cell.stack_products, {})
    points = []
    for j in np.geomspace(0.02, 1.0, _N_POINTS) * values["max_current_density_a_per_m2"]:
        voltage = voltage_of(j, T, *terms)
        power = j * area * voltage
        split = j * area * 0.5 / FARADAY_C_PER_MOL
        kept = products(stack, area, split, *terms[1:3], cathode - anode, stack.cathode_recombination_frac)[0]
        made = kept * MOLAR_MASS_H2_KG_PER_MOL
        if power > values["rated_power_w"] * 1.02:
            break
        if power < values["rated_power_w"] * values["min_load_frac"]:
            continue
        points.append(
            (j, voltage, power / values["rated_power_w"], power / made / _J_PER_KWH if made > 0.0 else math.nan)
        )
    return DesignCurve(*(np.array(column) for column in zip(*points, strict=True)))


def soec_curve(values: Mapping[str, float]) -> DesignCurve:
    """Return the curve of a new SOEC module at its set temperature and steam utilisation, its heater left out.

    ``values`` are the parameters of the kind ``soec_module``, SI.
    """
    T, area = values["temperature_set_k"], values["cell_area_m2"]
    cell = plain(soec_module.cell_of, {})(SimpleNamespace(**values, asr_growth_frac=0.0))
    oxygen_log = math.log(values["outlet_pressure_pa"] / STANDARD_PRESSURE_PA)
    base, resistance = plain(cell_state, {})(cell, oxygen_log, T)
    x_in = values["inlet_hydrogen_frac"]
    rise = (1.0 - x_in) * values["target_utilisation_frac"]
    voltage_of = plain(soec.soec_voltage, {})
    points = []
    for j in np.linspace(200.0, 2.0e4, 4 * _N_POINTS):
        current = j * area
        voltage, _ = voltage_of(base, T, resistance, current, x_in, rise / current)
        stacks = values["n_cells"] * voltage * current
        power = (stacks + values["parasitic_fixed_w"]) / (1.0 - values["parasitic_frac"])
        if voltage > values["voltage_max_v"] or power > values["power_max_w"]:
            break
        made = values["n_cells"] * current * 0.5 / FARADAY_C_PER_MOL * MOLAR_MASS_H2_KG_PER_MOL
        points.append((j, voltage, power / values["power_max_w"], power / made / _J_PER_KWH))
    return DesignCurve(*(np.array(column) for column in zip(*points, strict=True)))
