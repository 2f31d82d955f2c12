"""Curves of new SOEC stacks: the kernels of the simulation, run as plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from h2plant.components.soec_module import cell_of
from h2plant.core.constants import FARADAY_C_PER_MOL, MOLAR_MASS_H2_KG_PER_MOL, STANDARD_PRESSURE_PA
from h2plant.core.jit import plain
from h2plant.core.stack_curve import Array, DesignCurve, StackCurve, State
from h2plant.physics.soec_electrochemistry import channel_inlet, soec_current_at_power, soec_voltage
from h2plant.physics.soec_heat_balance import cell_state

_KG_PER_A_S = 0.5 / FARADAY_C_PER_MOL * MOLAR_MASS_H2_KG_PER_MOL
_LEAST_A = 1e-9
_HIGHEST_A_PER_M2 = 1.0e6
_DENSITIES_A_PER_M2 = np.linspace(200.0, 2.0e4, 240)


class SoecCurve(StackCurve):
    """The stacks of ``soec_module``, new, at the temperature held and a share of the steam split, without sweep gas."""

    candidates = ("asr_ohm_m2", "asr_activation_k")
    states = {  # noqa: RUF012  a mapping that nobody writes to
        "temperature_k": "temperature_set_k",
        "cathode_pressure_pa": "outlet_pressure_pa",
        "utilisation_frac": "target_utilisation_frac",
        "oxygen_frac": "",
    }

    def __init__(self) -> None:
        memo: dict[Any, Any] = {}
        self._cell, self._state, self._inlet = (plain(f, {}, memo) for f in (cell_of, cell_state, channel_inlet))
        self._voltage, self._current = (plain(f, {}, memo) for f in (soec_voltage, soec_current_at_power))

    def _at(self, c: Any, state: State) -> tuple[float, float, float, float]:
        """Return (temperature K, base voltage V, resistance ohm, rise of the hydrogen share along the channel)."""
        T = state.get("temperature_k", c.temperature_set_k)
        pressure = state.get("cathode_pressure_pa", c.outlet_pressure_pa)
        logarithm = math.log(pressure / STANDARD_PRESSURE_PA * state.get("oxygen_frac", 1.0))
        base, resistance = self._state(self._cell(c), logarithm, T)
        utilisation = state.get("utilisation_frac", c.target_utilisation_frac)
        return T, base, resistance, (1.0 - c.inlet_hydrogen_frac) * utilisation

    def voltage(self, c: Any, current_density_a_per_m2: Array, states: Sequence[State]) -> Array:
        found, inlet = [], self._inlet(c.inlet_hydrogen_frac)
        for j, state in zip(current_density_a_per_m2, states, strict=True):
            T, base, resistance, rise = self._at(c, state)
            current = max(float(j) * c.cell_area_m2, _LEAST_A)
            found.append(self._voltage(base, T, resistance, current, inlet, rise / current)[0])
        return np.array(found)

    def energy(self, c: Any, power_w: Array, states: Sequence[State]) -> Array:
        found, inlet = [], self._inlet(c.inlet_hydrogen_frac)
        for power, state in zip(power_w, states, strict=True):
            T, base, resistance, rise = self._at(c, state)
            per_cell = float(power) / c.n_cells
            current = per_cell / 1.2
            for _ in range(40):  # the steam follows the current, so that the share split stays
                terms = (inlet, rise / current, 2.0 * current, current)
                found_a, voltage, _, _ = self._current(per_cell, base, T, resistance, *terms)
                is_done, current = abs(found_a - current) <= 1e-10 * current, found_a
                if is_done or not current > 0.0:
                    break
            found.append(voltage / _KG_PER_A_S if current > 0.0 else math.nan)
        return np.array(found)

    def highest_power(self, c: Any) -> float:
        """Return the power of a cell at its highest voltage, W, at the set points."""
        low, high = 0.0, _HIGHEST_A_PER_M2
        for _ in range(60):
            j = 0.5 * (low + high)
            low, high = (j, high) if self.voltage(c, np.array([j]), [{}])[0] <= c.voltage_max_v else (low, j)
        return float(low * c.cell_area_m2 * c.voltage_max_v)

    def design(self, c: Any) -> DesignCurve:
        """Return the curve at the set points, up to the rated power; the heater left out."""
        points = []
        voltages = self.voltage(c, _DENSITIES_A_PER_M2, [{}] * _DENSITIES_A_PER_M2.size)
        for j, voltage in zip(_DENSITIES_A_PER_M2, voltages, strict=True):
            current = j * c.cell_area_m2
            power = (c.n_cells * voltage * current + c.parasitic_fixed_w) / (1.0 - c.parasitic_frac)
            if voltage > c.voltage_max_v or power > c.power_max_w:
                break
            points.append((j, voltage, power / c.power_max_w, power / (c.n_cells * current * _KG_PER_A_S)))
        return DesignCurve(*np.array(points).reshape(-1, 4).T)
