"""CoolProp's reference equations of state (HEOS) with this project's enthalpy and entropy zero points.

What tables are built from, checked against, and what the baseline engine asks. CoolProp takes about 3 s to
import and is imported on first use only.

Equations: hydrogen Leachman et al. 2009 (doi:10.1063/1.3160306; valid to 1000 K, continued above), oxygen
Schmidt and Wagner 1985 (doi:10.1016/0378-3812(85)87016-3; continued above 818 bar), nitrogen Span et al. 2000
(doi:10.1063/1.1349047), water Wagner and Pruss 2002, IAPWS-95 (doi:10.1063/1.1461829).
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

from h2plant.core.constants import (
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
    STANDARD_TEMPERATURE_K,
)
from h2plant.core.properties.layout import SUPERCOOLED_STRAIGHT_K, WATER_TEMPERATURE_MIN_K

OXYGEN_FLASH_MAX_PA = 800.0e5
"""CoolProp refuses oxygen by (p, T) above its melting-line limit (806 bar); beyond, density is iterated."""


class State(NamedTuple):
    """Properties of one state: kg/m3, J/kg, J/(kg K), J/(kg K)."""

    density_kg_per_m3: float
    enthalpy_j_per_kg: float
    entropy_j_per_kg_k: float
    heat_capacity_j_per_kg_k: float


class Substance(NamedTuple):
    """A substance with its standard enthalpy of formation and absolute entropy at 298.15 K, 1 bar.

    Sources: CODATA key values (Cox, Wagman, Medvedev 1989), as in the NIST-JANAF tables.
    """

    coolprop_name: str
    molar_mass_kg_per_mol: float
    formation_enthalpy_j_per_mol: float
    entropy_j_per_mol_k: float


SUBSTANCES = {
    "H2": Substance("Hydrogen", MOLAR_MASS_H2_KG_PER_MOL, 0.0, 130.680),
    "O2": Substance("Oxygen", MOLAR_MASS_O2_KG_PER_MOL, 0.0, 205.152),
    "N2": Substance("Nitrogen", MOLAR_MASS_N2_KG_PER_MOL, 0.0, 191.609),
    "H2O": Substance("Water", MOLAR_MASS_H2O_KG_PER_MOL, -285830.0, 69.95),
}


@functools.cache
def coolprop() -> Any:
    """Return the CoolProp module, imported on first use."""
    import CoolProp

    return CoolProp


class EquationOfState:
    """One substance's equation of state; single-phase states only, the phase imposed by the caller.

    Parameters
    ----------
    name : str
        ``H2``, ``O2``, ``N2`` or ``H2O``.
    """

    def __init__(self, name: str) -> None:
        cp = coolprop()
        substance = SUBSTANCES[name]
        self.name = name
        self.backend = cp.AbstractState("HEOS", substance.coolprop_name)
        self.gas_constant_j_per_kg_k = self.backend.gas_constant() / self.backend.molar_mass()
        self.critical_temperature_k = self.backend.T_critical()
        self.critical_pressure_pa = self.backend.p_critical()
        self.enthalpy_offset_j_per_kg = 0.0
        self.entropy_offset_j_per_kg_k = 0.0
        standard = self.liquid if name == "H2O" else self.gas
        _, h, s, _ = standard(STANDARD_PRESSURE_PA, STANDARD_TEMPERATURE_K)
        mass = substance.molar_mass_kg_per_mol
        self.enthalpy_offset_j_per_kg = substance.formation_enthalpy_j_per_mol / mass - h
        self.entropy_offset_j_per_kg_k = substance.entropy_j_per_mol_k / mass - s

    def current(self) -> State:
        """Return the properties of the state that the backend holds, on this project's zero points."""
        backend = self.backend
        return State(
            backend.rhomass(),
            backend.hmass() + self.enthalpy_offset_j_per_kg,
            backend.smass() + self.entropy_offset_j_per_kg_k,
            backend.cpmass(),
        )

    def _update(self, pair: int, first: float, second: float, phase: int) -> None:
        self.backend.specify_phase(phase)
        try:
            self.backend.update(pair, first, second)
        finally:
            self.backend.unspecify_phase()

    def _update_dense(self, pressure_pa: float, temperature_k: float) -> None:
        """Bring the backend to (p, T) through density and temperature, by Newton's method."""
        cp = coolprop()
        self._update(cp.PT_INPUTS, OXYGEN_FLASH_MAX_PA, temperature_k, cp.iphase_supercritical_gas)
        for _ in range(50):
            slope = self.backend.first_partial_deriv(cp.iP, cp.iDmass, cp.iT)
            step = (pressure_pa - self.backend.p()) / slope
            density = self.backend.rhomass() + step
            self.update_density(density, temperature_k)
            if abs(step) < 1.0e-12 * density:
                return
        raise ValueError(f"{self.name}: no density found at {pressure_pa} Pa, {temperature_k} K")

    def update_gas(self, pressure_pa: float, temperature_k: float) -> None:
        """Bring the backend to a gas state."""
        cp = coolprop()
        if self.name == "O2" and pressure_pa > OXYGEN_FLASH_MAX_PA:
            self._update_dense(pressure_pa, temperature_k)
        elif temperature_k > self.critical_temperature_k:
            self._update(cp.PT_INPUTS, pressure_pa, temperature_k, cp.iphase_supercritical_gas)
        elif pressure_pa < self.critical_pressure_pa:
            self._update(cp.PT_INPUTS, pressure_pa, temperature_k, cp.iphase_gas)
        else:
            self.backend.update(cp.PT_INPUTS, pressure_pa, temperature_k)

    def update_liquid(self, pressure_pa: float, temperature_k: float) -> None:
        """Bring the backend to a liquid state (metastable just above the saturation temperature)."""
        cp = coolprop()
        if pressure_pa < self.critical_pressure_pa:
            self._update(cp.PT_INPUTS, pressure_pa, temperature_k, cp.iphase_liquid)
        else:
            self.backend.update(cp.PT_INPUTS, pressure_pa, temperature_k)

    def update_density(self, density_kg_per_m3: float, temperature_k: float) -> None:
        """Bring the backend to a gas state given by density and temperature (above the critical temperature)."""
        cp = coolprop()
        self._update(cp.DmassT_INPUTS, density_kg_per_m3, temperature_k, cp.iphase_supercritical_gas)

    def gas(self, pressure_pa: float, temperature_k: float) -> State:
        """Return the state of the gas, Pa and K (supercritical above the critical pressure)."""
        self.update_gas(pressure_pa, temperature_k)
        return self.current()

    def liquid(self, pressure_pa: float, temperature_k: float) -> State:
        """Return the state of the liquid, Pa and K (supercritical above the critical pressure).

        Supercooled water is extrapolated to 240 K: at 1 atm its heat capacity is then within 3 %, its density within
        0.02 % of the equation made for it (IAPWS G12-15, V. Holten et al. 2014, doi:10.1063/1.4895593). Colder, where
        water freezes by itself, it keeps the heat capacity and the density of 240 K.
        """
        if self.name == "H2O" and temperature_k < WATER_TEMPERATURE_MIN_K:
            return self._supercooled(pressure_pa, temperature_k)
        self.update_liquid(pressure_pa, temperature_k)
        return self.current()

    def _supercooled(self, pressure_pa: float, temperature_k: float) -> State:
        package, key = coolprop().CoolProp, "DONT_CHECK_PROPERTY_LIMITS"
        held_k = max(temperature_k, SUPERCOOLED_STRAIGHT_K)
        package.set_config_bool(getattr(coolprop(), key), True)
        try:
            self._update(coolprop().PT_INPUTS, pressure_pa, held_k, coolprop().iphase_liquid)
        finally:
            package.set_config_bool(getattr(coolprop(), key), False)
        density, enthalpy, entropy, capacity = self.current()
        enthalpy += capacity * (temperature_k - held_k)
        return State(density, enthalpy, entropy + capacity * math.log(temperature_k / held_k), capacity)

    def saturation_temperature(self, pressure_pa: float) -> float:
        """Return the saturation temperature, K."""
        self.backend.update(coolprop().PQ_INPUTS, min(pressure_pa, self.critical_pressure_pa * (1.0 - 1.0e-12)), 0.0)
        return float(self.backend.T())

    def saturation_pressure(self, temperature_k: float) -> float:
        """Return the saturation pressure, Pa."""
        self.backend.update(coolprop().QT_INPUTS, 0.0, min(temperature_k, self.critical_temperature_k))
        return float(self.backend.p())

    def saturated(self, temperature_k: float, quality: float) -> tuple[float, float]:
        """Return (density in kg/m3, enthalpy in J/kg) on the saturation line; quality 0 liquid, 1 steam."""
        self.backend.update(coolprop().QT_INPUTS, quality, temperature_k)
        return self.backend.rhomass(), self.backend.hmass() + self.enthalpy_offset_j_per_kg


class WaterBoundary:
    """Temperature that divides liquid from steam: the saturation line, continued above the critical point.

    The continuation is quadratic in ln p with the line's slope and curvature at the critical point.
    """

    _STEP = 0.01

    def __init__(self, water: EquationOfState) -> None:
        self.water = water
        step = self._STEP
        below = [
            water.saturation_temperature(water.critical_pressure_pa * (1.0 - 1.0e-9) * math.exp(-step * k))
            for k in range(4)
        ]
        self._slope = (11.0 / 6.0 * below[0] - 3.0 * below[1] + 1.5 * below[2] - below[3] / 3.0) / step
        self._curvature = (2.0 * below[0] - 5.0 * below[1] + 4.0 * below[2] - below[3]) / step**2

    def __call__(self, pressure_pa: float) -> float:
        """Return the dividing temperature, K."""
        if pressure_pa < self.water.critical_pressure_pa * (1.0 - 1.0e-9):
            return self.water.saturation_temperature(pressure_pa)
        z = math.log(pressure_pa / self.water.critical_pressure_pa)
        return self.water.critical_temperature_k + self._slope * z + 0.5 * self._curvature * z * z
