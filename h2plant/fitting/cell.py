"""Curves of a stack from the physics of its kind: the kernels of the simulation, run as plain Python."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from h2plant.components import pem_cell, pem_stack, soec_module
from h2plant.core.constants import FARADAY_C_PER_MOL, MOLAR_MASS_H2_KG_PER_MOL, STANDARD_PRESSURE_PA
from h2plant.core.declare import Kind
from h2plant.core.jit import plain
from h2plant.core.lut_manager import LUTManager
from h2plant.core.properties import saturation_pressure
from h2plant.physics.pem_electrochemistry import cell_voltage, current_density_at_power
from h2plant.physics.soec_electrochemistry import soec_current_at_power, soec_voltage
from h2plant.physics.soec_heat_balance import cell_state
from h2plant.simulation.program import FloatArray

_MOL_PER_A = 0.5 / FARADAY_C_PER_MOL
_KG_PER_A = _MOL_PER_A * MOLAR_MASS_H2_KG_PER_MOL
_LEAST_A = 1e-9


@dataclass(frozen=True)
class State:
    """What a point was measured at, SI, by the names of the columns of a curve; empty where the set points hold."""

    values: Mapping[str, float] = field(default_factory=dict)


class Cell(ABC):
    """A kind of stack as a curve."""

    kind: ClassVar[Kind]
    candidates: ClassVar[tuple[str, ...]]
    """The parameters that are fitted unless others are named, the most important first."""
    log_candidates: ClassVar[frozenset[str]]
    states: ClassVar[tuple[str, ...]]
    """The columns that say what a point was measured at."""
    rated_power: ClassVar[str]
    max_current_density: ClassVar[str]
    """Parameter that bounds the current density, '' if none does."""

    @abstractmethod
    def voltage(self, c: Any, current_density_a_per_m2: FloatArray, states: Sequence[State]) -> FloatArray:
        """Return cell voltages, V."""

    @abstractmethod
    def energy(self, c: Any, power_w: FloatArray, states: Sequence[State]) -> FloatArray:
        """Return the energy of the stack over the hydrogen it gives off, J/kg."""


class PemCell(Cell):
    """The stack ``pem_stack``, new."""

    kind = pem_stack.KIND
    candidates = ("electrode_resistance_ohm_m2", "exchange_current_ratio", "tafel_slope_ratio")
    log_candidates = frozenset(("exchange_current_ratio",))
    states = ("temperature_k", "cathode_pressure_pa", "anode_pressure_pa")
    rated_power = "rated_power_w"
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

    def _at(self, c: Any, state: State) -> tuple[float, float, float, tuple[float, ...]]:
        """Return (temperature K, pressure of cathode and anode Pa, terms of the cell voltage)."""
        given = state.values
        T = given.get("temperature_k", c.temperature_setpoint_k)
        cathode = given.get("cathode_pressure_pa", c.cathode_pressure_setpoint_pa)
        anode = given.get("anode_pressure_pa", c.anode_pressure_pa)
        return T, cathode, anode, self._terms(c, T, self._saturation_pa(T), cathode, anode)

    def voltage(self, c: Any, current_density_a_per_m2: FloatArray, states: Sequence[State]) -> FloatArray:
        found = []
        for j, state in zip(current_density_a_per_m2, states, strict=True):
            T, _, _, terms = self._at(c, state)
            found.append(self._voltage(float(j), T, *terms))
        return np.array(found)

    def energy(self, c: Any, power_w: FloatArray, states: Sequence[State]) -> FloatArray:
        area = c.n_cells * c.cell_area_m2
        found = []
        for power, state in zip(power_w, states, strict=True):
            T, cathode, anode, terms = self._at(c, state)
            j, _ = self._current(float(power) / area, 0.0, T, *terms)
            split = j * area * _MOL_PER_A
            shares = (*terms[1:3], cathode - anode, c.cathode_recombination_frac)
            kept = self._products(c, area, split, *shares)[0] if j > 0.0 else 0.0
            found.append(power / (kept * MOLAR_MASS_H2_KG_PER_MOL) if kept > 0.0 else math.nan)
        return np.array(found)


class SoecCell(Cell):
    """The stacks of ``soec_module``, new, at the temperature held and a share of the steam split, without sweep gas."""

    kind = soec_module.KIND
    candidates = ("asr_ohm_m2", "asr_activation_k")
    log_candidates = frozenset[str]()
    states = ("temperature_k", "cathode_pressure_pa", "utilisation_frac", "oxygen_frac")
    rated_power = "power_max_w"
    max_current_density = ""

    def __init__(self) -> None:
        memo: dict[Any, Any] = {}
        self._cell, self._state = (plain(f, {}, memo) for f in (soec_module.cell_of, cell_state))
        self._voltage, self._current = (plain(f, {}, memo) for f in (soec_voltage, soec_current_at_power))

    def _at(self, c: Any, state: State) -> tuple[float, float, float, float]:
        """Return (temperature K, base voltage V, resistance ohm, rise of the hydrogen share along the channel)."""
        given = state.values
        T = given.get("temperature_k", c.temperature_set_k)
        pressure = given.get("cathode_pressure_pa", c.outlet_pressure_pa)
        logarithm = math.log(pressure / STANDARD_PRESSURE_PA * given.get("oxygen_frac", 1.0))
        base, resistance = self._state(self._cell(c), logarithm, T)
        utilisation = given.get("utilisation_frac", c.target_utilisation_frac)
        return T, base, resistance, (1.0 - c.inlet_hydrogen_frac) * utilisation

    def voltage(self, c: Any, current_density_a_per_m2: FloatArray, states: Sequence[State]) -> FloatArray:
        found = []
        for j, state in zip(current_density_a_per_m2, states, strict=True):
            T, base, resistance, rise = self._at(c, state)
            current = max(float(j) * c.cell_area_m2, _LEAST_A)
            found.append(self._voltage(base, T, resistance, current, c.inlet_hydrogen_frac, rise / current)[0])
        return np.array(found)

    def energy(self, c: Any, power_w: FloatArray, states: Sequence[State]) -> FloatArray:
        found = []
        for power, state in zip(power_w, states, strict=True):
            T, base, resistance, rise = self._at(c, state)
            per_cell = float(power) / c.n_cells
            current = per_cell / 1.2
            for _ in range(40):  # the steam follows the current, so that the share split stays
                terms = (c.inlet_hydrogen_frac, rise / current, 2.0 * current, current)
                found_a, voltage, _, _ = self._current(per_cell, base, T, resistance, *terms)
                is_done, current = abs(found_a - current) <= 1e-10 * current, found_a
                if is_done or not current > 0.0:
                    break
            found.append(voltage / _KG_PER_A if current > 0.0 else math.nan)
        return np.array(found)


CELLS: dict[str, type[Cell]] = {pem_stack.KIND.name: PemCell, soec_module.KIND.name: SoecCell}
"""By the name of the kind that they become."""


def record(values: Mapping[str, float]) -> Any:
    """Return a new stack as the kernels see it, from its parameters, SI."""
    return SimpleNamespace(**values, asr_growth_frac=0.0)
