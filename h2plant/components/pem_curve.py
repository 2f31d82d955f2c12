"""Curves of a new PEM stack: the kernels of the simulation, run as plain Python."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from h2plant.components import pem_cell
from h2plant.core.constants import MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.jit import plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import saturation_pressure
from h2plant.core.stack_curve import Array, DesignCurve, StackCurve, State
from h2plant.physics.pem_electrochemistry import cell_voltage, current_density_at_power

_N_POINTS = 60


class PemCurve(StackCurve):
    """The stack ``pem_stack``, new."""

    candidates = ("electrode_resistance_ohm_m2", "exchange_current_ratio", "tafel_slope_ratio")
    log_candidates = frozenset(("exchange_current_ratio",))
    states = {  # noqa: RUF012  a mapping that nobody writes to
        "temperature_k": "temperature_setpoint_k",
        "cathode_pressure_pa": "cathode_pressure_setpoint_pa",
        "anode_pressure_pa": "anode_pressure_pa",
    }
    max_current_density = "max_current_density_a_per_m2"

    def __init__(self) -> None:
        memo: dict[Any, Any] = {}
        self._terms, self._products = (plain(f, {}, memo) for f in (pem_cell.polarisation, pem_cell.stack_products))
        self._voltage, self._current = (plain(f, {}, memo) for f in (cell_voltage, current_density_at_power))
        saturation, props = plain(saturation_pressure, {}), LUTManager().props
        self._saturation: dict[float, float] = {}

        def saturation_pa(temperature_k: float) -> float:
            if temperature_k not in self._saturation:
                self._saturation[temperature_k] = float(saturation(props, temperature_k))
            return self._saturation[temperature_k]

        self._saturation_pa = saturation_pa

    def _at(self, c: Any, state: State) -> tuple[float, tuple[float, ...], tuple[float, ...]]:
        """Return (temperature, K; pressures of saturation, cathode and anode, Pa; terms of the cell voltage)."""
        T, cathode, anode = (state.get(column, getattr(c, name)) for column, name in self.states.items())
        pressures = self._saturation_pa(T), cathode, anode
        return T, pressures, self._terms(c, T, *pressures)

    def _kept_kg_per_s(self, c: Any, j: float, T: float, pressures: tuple[float, ...]) -> float:
        """Return the hydrogen that the stack gives off at a current density, less what crosses over or is let off."""
        area = c.n_cells * c.cell_area_m2
        kept: float = self._products(c, area, j, T, *pressures, c.cathode_recombination_frac)[0]
        return kept * MOLAR_MASS_H2_KG_PER_MOL

    def voltage(self, c: Any, current_density_a_per_m2: Array, states: Sequence[State]) -> Array:
        found = []
        for j, state in zip(current_density_a_per_m2, states, strict=True):
            T, _, terms = self._at(c, state)
            found.append(self._voltage(float(j), T, *terms))
        return np.array(found)

    def energy(self, c: Any, power_w: Array, states: Sequence[State]) -> Array:
        found = []
        for power, state in zip(power_w, states, strict=True):
            T, pressures, terms = self._at(c, state)
            j, _ = self._current(float(power) / (c.n_cells * c.cell_area_m2), 0.0, T, *terms)
            kept = self._kept_kg_per_s(c, j, T, pressures) if j > 0.0 else 0.0
            found.append(power / kept if kept > 0.0 else math.nan)
        return np.array(found)

    def design(self, c: Any) -> DesignCurve:
        T, pressures, terms = self._at(c, {})
        points = []
        for j in np.geomspace(0.02, 1.0, _N_POINTS) * c.max_current_density_a_per_m2:
            voltage = self._voltage(j, T, *terms)
            power = j * c.n_cells * c.cell_area_m2 * voltage
            load = power / c.rated_power_w
            if load > 1.02:
                break
            if load < c.min_load_frac:
                continue
            made = self._kept_kg_per_s(c, j, T, pressures)
            points.append((j, voltage, load, power / made if made > 0.0 else math.nan))
        return DesignCurve(*np.array(points).reshape(-1, 4).T)
