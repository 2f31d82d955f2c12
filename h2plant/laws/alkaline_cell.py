"""Voltage and Faraday efficiency of alkaline cells, for their laws: the published equations, written once more."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from h2plant.core.law import FloatArray, Numbers
from h2plant.core.law_constants import STANDARD_PRESSURE_PA
from h2plant.laws.reaction import nernst_slope_v, reversible_voltage_of_water
from h2plant.laws.water_properties import saturation_pressure

_KOH_MOL_PER_KG = 1.0 / 56.106e-3

# r1, ohm m2; r2, ohm m2/K; d, ohm m2/bar; s0, V; s1, V/K; s2, V/K2; t1, t2, t3, m2/A, times C and C2; f1 as a + b C,
# A2/m4; f2 as a + b C; reversible voltage, V, where it is fixed. Ulleberg 2003, 10.1016/S0360-3199(02)00033-2 (two
# stacks; t1 of the first as its curve has it); Sanchez et al. 2018, 10.1016/j.ijhydene.2018.09.029
_PUBLISHED = {
    1: (8.05e-5, -2.5e-7, 0.0, 0.185, 0.0, 0.0, -0.1002, 8.424, 247.3, 5e3, 250.0, 1.0, -2.5e-4, 0.0),
    2: (7.331e-5, -1.107e-7, 0.0, 0.1586, 1.378e-3, -1.606e-5, 0.01559, -1.302, 421.3, 5e3, 250.0, 1.0, -2.5e-4, 0.0),
    3: (
        *(4.138534e-5, 6.88874e-9, 4.47137e-7, 0.33824, 0.0, 0.0, -0.01539, 2.00181, 15.24178),
        *(478645.74, -2953.15, 1.0396, -0.00104, 1.229),
    ),
}


class Cell(NamedTuple):
    """What voltage and Faraday efficiency of a new cell follow from: parameters of the component."""

    cell: float
    ohmic_ohm_m2: float
    ohmic_slope_ohm_m2_per_k: float
    ohmic_pressure_ohm_m2_per_pa: float
    activation_v: float
    activation_first_m2_per_a: float
    activation_second_m2_k_per_a: float
    activation_third_m2_k2_per_a: float
    faraday_half_a2_per_m4: float
    faraday_half_slope_a2_per_m4_k: float
    faraday_limit_frac: float
    faraday_limit_slope_per_k: float
    ohmic_ratio: float
    activation_ratio: float
    koh_setpoint_frac: float
    temperature_setpoint_k: float
    pressure_setpoint_pa: float
    ohmic_ratio_activation_k: float = 0.0
    activation_ratio_activation_k: float = 0.0

    @property
    def coefficients(self) -> tuple[float, ...]:
        """Coefficients as in the table of published stacks."""
        if self.cell > 0.5:
            published: tuple[float, ...] = _PUBLISHED[round(self.cell)]
            return published
        resistance = self.ohmic_ohm_m2, self.ohmic_slope_ohm_m2_per_k, self.ohmic_pressure_ohm_m2_per_pa * 1e5
        return (*resistance, self.activation_v, 0.0, 0.0, *self[5:12], 0.0)

    def vapour_pa(self, temperature_k: Numbers) -> FloatArray:
        """Return the vapour pressure over lye at its set concentration, Pa (Balej 1985)."""
        m = self.koh_setpoint_frac / (1.0 - self.koh_setpoint_frac) * _KOH_MOL_PER_KG
        of_water = np.log10(saturation_pressure(np.asarray(temperature_k)) / 1e5)
        a = np.polynomial.Polynomial((0.0, -0.01508, -0.0016788, 2.25887e-5))(m)
        b = np.polynomial.Polynomial((1.0, -0.0012062, 5.6024e-4, -7.8228e-6))(m)
        return np.asarray(1e5 * 10.0 ** (a + b * of_water))

    def voltage(self, density: Numbers, temperature_k: Numbers, pressure_pa: Numbers) -> FloatArray:
        """Return the cell voltage, V."""
        r1, r2, d, s0, s1, s2, t1, t2, t3, *_, fixed_v = self.coefficients
        theta = np.maximum(np.asarray(temperature_k) - 273.15, 10.0)
        driving = (np.asarray(pressure_pa) - self.vapour_pa(temperature_k)) / STANDARD_PRESSURE_PA
        nernst = 1.5 * nernst_slope_v(np.asarray(temperature_k)) * np.log(driving)
        none = fixed_v or reversible_voltage_of_water(np.asarray(temperature_k)) + nernst
        warmth = 1.0 / 333.15 - 1.0 / np.asarray(temperature_k)
        ohmic_ratio = self.ohmic_ratio * np.exp(self.ohmic_ratio_activation_k * warmth)
        ratio = self.activation_ratio * np.exp(self.activation_ratio_activation_k * warmth)
        ohmic = (r1 + r2 * theta + d * np.asarray(pressure_pa) / 1e5) * density * ohmic_ratio
        decades = np.log10((t1 + t2 / theta + t3 / theta**2) * density + 1.0)
        return np.asarray(none + ohmic + ratio * (s0 + s1 * theta + s2 * theta**2) * decades)

    def share(self, density: Numbers, temperature_k: Numbers) -> FloatArray:
        """Return the share of the current that splits water."""
        *_, f1, df1, f2, df2, _ = self.coefficients
        theta = np.maximum(np.asarray(temperature_k) - 273.15, 10.0)
        square = np.asarray(density) ** 2
        share = (f2 + df2 * theta) * square / np.maximum(f1 + df1 * theta + square, 1e-30)
        return np.asarray(np.minimum(share, 1.0))


@functools.lru_cache(maxsize=256)
def rated_point(cell: Cell, power_w_per_m2: float) -> tuple[float, float]:
    """Return the current density, A/m2, and the voltage, V, of new cells at a power of their area."""
    voltage = 2.0
    for _ in range(30):
        at = cell.voltage(power_w_per_m2 / voltage, cell.temperature_setpoint_k, cell.pressure_setpoint_pa)
        voltage = 0.5 * (voltage + float(at))
    return power_w_per_m2 / voltage, voltage
