"""Curves of a new alkaline stack: the kernels of the simulation, run as plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from h2plant.components import alkaline_cell
from h2plant.core.constants import FARADAY_C_PER_MOL, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.jit import plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import saturation_pressure
from h2plant.core.stack_curve import Array, DesignCurve, StackCurve, State
from h2plant.physics import alkaline_electrochemistry as cell

_KG_PER_C = 0.5 / FARADAY_C_PER_MOL * MOLAR_MASS_H2_KG_PER_MOL
_KOH_KG_PER_MOL = 56.1056e-3
_N_POINTS = 60


class AlkalineCurve(StackCurve):
    """The stack ``alkaline_stack``, new."""

    candidates = ("ohmic_ratio", "activation_ratio")
    states = {  # noqa: RUF012  a mapping that nobody writes to
        "temperature_k": "temperature_setpoint_k",
        "pressure_pa": "pressure_setpoint_pa",
    }
    max_current_density = "max_current_density_a_per_m2"

    def __init__(self) -> None:
        memo: dict[Any, Any] = {}
        self._polarisation, self._crossing, self._faraday, self._count, self._pump = (
            plain(f, {}, memo)
            for f in (
                alkaline_cell.alkaline_polarisation,
                alkaline_cell.crossing,
                alkaline_cell.faraday_terms,
                alkaline_cell.cell_count,
                alkaline_cell.pump_frac,
            )
        )
        self._voltage, self._current, self._share, self._vapour = (
            plain(f, {}, memo)
            for f in (
                cell.alkaline_voltage,
                cell.alkaline_current_at_power,
                cell.splitting_share,
                cell.vapour_pressure_balej_1985,
            )
        )
        saturation, props = plain(saturation_pressure, {}), LUTManager().props
        self._saturation: dict[float, float] = {}

        def saturation_pa(temperature_k: float) -> float:
            if temperature_k not in self._saturation:
                self._saturation[temperature_k] = float(saturation(props, temperature_k))
            return self._saturation[temperature_k]

        self._saturation_pa = saturation_pa

    def _at(self, c: Any, state: State) -> tuple[float, float, tuple[float, ...]]:
        """Return (temperature, K; pressure less vapour, Pa; terms of the cell voltage)."""
        T, pressure = (state.get(column, getattr(c, name)) for column, name in self.states.items())
        molality = c.koh_setpoint_frac / (_KOH_KG_PER_MOL * (1.0 - c.koh_setpoint_frac))
        vapour = self._vapour(self._saturation_pa(T), molality)
        return T, pressure - vapour, self._polarisation(c, T, pressure, vapour)

    def _area_m2(self, c: Any) -> float:
        """Return the active area of all cells."""
        _, _, terms = self._at(c, {})
        j = c.rated_current_density_a_per_m2
        count: float = self._count(c, j * self._voltage(j, *terms)[0])
        return count * float(c.cell_area_m2)

    def _kept_kg_per_s(self, c: Any, j: float, area_m2: float, T: float, gas_pa: float) -> float:
        """Return the hydrogen that the stack gives off at a current density, less what crosses over."""
        split_a = j * self._share(j, *self._faraday(c, T))
        over, _ = self._crossing(c, split_a, area_m2, gas_pa)
        kept = split_a * area_m2 * _KG_PER_C - over * MOLAR_MASS_H2_KG_PER_MOL
        return max(float(kept), 0.0)

    def voltage(self, c: Any, current_density_a_per_m2: Array, states: Sequence[State]) -> Array:
        found = []
        for j, state in zip(current_density_a_per_m2, states, strict=True):
            found.append(self._voltage(float(j), *self._at(c, state)[2])[0])
        return np.array(found)

    def energy(self, c: Any, power_w: Array, states: Sequence[State]) -> Array:
        area, found = self._area_m2(c), []
        for power, state in zip(power_w, states, strict=True):
            T, gas_pa, terms = self._at(c, state)
            density = max(float(power) - self._pump(c) * c.rated_power_w, 0.0) / area
            j, _ = self._current(density, 0.0, *terms)
            kept = self._kept_kg_per_s(c, j, area, T, gas_pa) if j > 0.0 else 0.0
            found.append(power / kept if kept > 0.0 else math.nan)
        return np.array(found)

    def design(self, c: Any) -> DesignCurve:
        T, gas_pa, terms = self._at(c, {})
        area, points = self._area_m2(c), []
        for j in np.geomspace(0.02, 1.0, _N_POINTS) * c.max_current_density_a_per_m2:
            voltage = self._voltage(j, *terms)[0]
            power = j * area * voltage + self._pump(c) * c.rated_power_w
            load = power / c.rated_power_w
            if load > 1.02:
                break
            if load < c.min_load_frac:
                continue
            made = self._kept_kg_per_s(c, j, area, T, gas_pa)
            points.append((j, voltage, load, power / made if made > 0.0 else math.nan))
        return DesignCurve(*np.array(points).reshape(-1, 4).T)
