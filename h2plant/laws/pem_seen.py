"""What the laws of proton exchange membrane stacks see of one: curve of its cells, rates, gas that crosses."""

from __future__ import annotations

import functools
from functools import cached_property
from typing import NamedTuple

import numpy as np

from h2plant.core.law import FloatArray, Numbers, Seen
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2_KG_PER_MOL,
    STANDARD_PRESSURE_PA,
)
from h2plant.laws.electrolysis import CHARGE_C_PER_MOL
from h2plant.laws.reaction import (
    nernst_slope_v,
    reversible_voltage_of_water,
)
from h2plant.laws.water_properties import henry_constant, saturation_pressure

OFF, STANDBY, STARTING, RUNNING, TRIPPED = range(5)

R_H2 = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2_KG_PER_MOL
CP_LOOP = 4186.0  # J/(kg K), water, mean of 20 to 90 C (IAPWS-95)
LEAD_K = 3.0
"""A step's gases and voltage are those of its middle, at most this far from where it starts."""
SATURATION_PER_K = 0.05  # relative change of the saturation pressure
_FILLED = 0.999  # a cathode below this share of its pressure reduces all oxygen that crosses

# Overpotential of activation b ln(1 + j/j0) that the published curves at 1, 15 and 30 bar leave (Tjarks 2017, as coded
# in SimSES, 10.1016/j.est.2021.103743), read at 40, 60 and 80 C each, 0.05 to 3 A/cm2, within 0.2 mV
_ACTIVATION_K = np.array([313.15, 333.15, 353.15])
_SLOPE_V = np.array([24.851e-3, 22.337e-3, 20.373e-3])
_LN_EXCHANGE = np.array([-7.4727, -8.0229, -8.4497])
_SLOPE_FIT = np.polyfit(_ACTIVATION_K - 333.15, _SLOPE_V, 2)
_EXCHANGE_FIT = np.polyfit(_ACTIVATION_K - 333.15, _LN_EXCHANGE, 2)
_FIT_V = 4.5e-3  # a straight line for the slope, as models of it have, lies this near the curves
_FIT_V_PER_K = 0.4e-3  # below 40 and above 80 C, where nothing was published
# A parabola through the three slopes and the straight line that goes with an Arrhenius exchange current part by 0.8 mV
# at 40 C, from there on by 0.1 mV/K more (4.4 mV at 0 C). At another exchange current that counts once a factor of e
_SLOPE_DOUBT_V = 1.0e-3
_SLOPE_DOUBT_V_PER_K = 0.1e-3
_REVERSIBLE_V = 1.0e-5  # by which two fits of the reversible voltage and of the vapour pressure may differ


class Curve(NamedTuple):
    """What the voltage of a new cell follows from: parameters of the component."""

    anode_pressure_pa: float
    cathode_pressure_setpoint_pa: float
    temperature_setpoint_k: float
    tafel_slope_ratio: float
    exchange_current_ratio: float
    membrane_water_ratio: float
    membrane_thickness_m: float
    electrode_resistance_ohm_m2: float
    tafel_slope_ratio_activation_k: float = 0.0
    exchange_current_ratio_activation_k: float = 0.0
    electrode_resistance_ohm_m2_activation_k: float = 0.0

    def voltage(self, density: Numbers, temperature_k: Numbers, cathode_pa: Numbers) -> Numbers:
        """Return the voltage, V."""
        warmth, p_sat = temperature_k - 333.15, saturation_pressure(temperature_k)
        h2, o2 = cathode_pa - p_sat + 24.0 * density, self.anode_pressure_pa - p_sat + 28.0 * density
        nernst = 0.5 * nernst_slope_v(temperature_k) * np.log(h2 * h2 * o2 / STANDARD_PRESSURE_PA**3)
        slope_ratio, exchange_ratio, electrodes = self.at(temperature_k)
        slope = slope_ratio * _polynomial(_SLOPE_FIT, warmth)
        exchange = exchange_ratio * np.exp(_polynomial(_EXCHANGE_FIT, warmth))
        conductivity = (0.5139 * self.membrane_water_ratio - 0.326) * np.exp(
            1268.0 * (1.0 / 303.0 - 1.0 / temperature_k)
        )
        ohmic = (electrodes + self.membrane_thickness_m / conductivity) * density
        activation = slope * np.log1p(density / exchange)
        return np.asarray(reversible_voltage_of_water(temperature_k) + nernst + activation + ohmic)

    def at(self, temperature_k: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """Return slope and exchange current over the published, and the electrodes' resistance, ohm m2 (Arrhenius)."""
        values = self.tafel_slope_ratio, self.exchange_current_ratio, self.electrode_resistance_ohm_m2
        slope, exchange, electrodes = (
            value * np.exp(more_k * (1.0 / 333.15 - 1.0 / temperature_k))
            for value, more_k in zip(values, self[-3:], strict=True)
        )
        return slope, exchange, electrodes

    def doubt_v(self, temperature_k: FloatArray) -> FloatArray:
        """Return how far the voltage by a fit of the same curves may be from it, V."""
        beyond_k = np.maximum(np.abs(temperature_k - 333.15) - 20.0, 0.0)
        fit = _FIT_V + _FIT_V_PER_K * beyond_k
        of_slope = _SLOPE_DOUBT_V + _SLOPE_DOUBT_V_PER_K * beyond_k
        slope, exchange, _ = self.at(temperature_k)
        return np.asarray(_REVERSIBLE_V + slope * (fit + of_slope * np.abs(np.log(exchange))))


def _polynomial(fit: FloatArray, x: Numbers) -> Numbers:
    return np.asarray((fit[0] * x + fit[1]) * x + fit[2])


@functools.lru_cache(maxsize=256)
def rated_point(curve: Curve, power_w_per_m2: float) -> tuple[float, float]:
    """Return the current density, A/m2, and the voltage, V, of new cells at a power of their area."""
    T, pressure = np.asarray(curve.temperature_setpoint_k), curve.cathode_pressure_setpoint_pa
    low, high = 0.0, power_w_per_m2  # at 1 V and less no cell splits water
    for _ in range(60):
        density = 0.5 * (low + high)
        if density * float(curve.voltage(density, T, pressure)) < power_w_per_m2:
            low = density
        else:
            high = density
    density = 0.5 * (low + high)
    return density, power_w_per_m2 / density


class Stack:
    """A PEM stack as it was seen: rates while current flows, and what follows from its state, shape (n,)."""

    def __init__(self, seen: Seen) -> None:
        self.seen = seen
        self.p = seen.parameter
        self.area_m2 = self.p("n_cells") * self.p("cell_area_m2")
        self.mean_current_a = seen.after("current_a")
        self.is_on = self.mean_current_a > 0.0
        self.density = np.where(self.is_on, seen.after("current_density_a_per_m2"), 0.0)

    @cached_property
    def on(self) -> FloatArray:
        """Share of the step in which current flows."""
        return np.where(self.is_on, self.mean_current_a / (self.p("cell_area_m2") * np.maximum(self.density, 1e-30)), 0)

    @cached_property
    def split(self) -> FloatArray:
        """Water split while current flows, mol/s."""
        return np.asarray(self.density * (self.area_m2 / CHARGE_C_PER_MOL))

    @cached_property
    def lead_k(self) -> FloatArray:
        """How far the temperature of a step's middle may be from ``middle_k``, K."""
        seen = self.seen
        if seen.step_s >= self.p("gas_residence_time_s"):
            return seen.nothing  # the gas held is that of this step alone
        capacity = self.p("heat_capacity_j_per_k") + CP_LOOP * seen.before("water_kg")
        return np.minimum(0.5 * seen.step_s * self.p("rated_power_w") / capacity, LEAD_K)

    @cached_property
    def middle_k(self) -> FloatArray:
        """Temperature of the gases made in the step, K."""
        seen = self.seen
        start = seen.before("temperature_k")
        if seen.step_s >= self.p("gas_residence_time_s"):
            # the fuel's, for water that spills may cool the oxygen
            is_shown = seen.after("fuel_h2_kg") > 0.0
            made_k = np.where(is_shown, seen.after("fuel_temperature_k"), seen.after("oxygen_temperature_k"))
            return np.where(self.is_on, made_k, start)
        return start

    @cached_property
    def saturation_pa(self) -> FloatArray:
        """Saturation pressure of water in the middle of the step, Pa."""
        return saturation_pressure(self.middle_k)

    def permeability(self, temperature_k: FloatArray) -> FloatArray:
        """Return the permeability over that at 80 C."""
        return np.asarray(np.exp(self.p("permeation_activation_k") * (1.0 / 353.15 - 1.0 / temperature_k)))

    def crossing(self) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return hydrogen and oxygen that cross, hydrogen burnt at the anode and used at the cathode, mol/s; doubt."""
        p, per_m = self.p, self.area_m2 / self.p("membrane_thickness_m") * self.permeability(self.middle_k)
        cathode, anode, p_sat = self.seen.after("cathode_pressure_pa"), p("anode_pressure_pa"), self.saturation_pa
        diffusion, convection = p("h2_diffusion_mol_per_m_s_pa"), p("h2_convection_mol_per_m_s_pa")
        made_h2, made_o2 = cathode - p_sat + 24.0 * self.density, anode - p_sat + 28.0 * self.density
        h2 = per_m * (diffusion * made_h2 + convection * np.maximum(cathode - anode, 0.0))
        o2 = self.dragged(per_m * p("o2_diffusion_mol_per_m_s_pa") * made_o2, made_o2)
        doubt = (h2 + o2) * p("permeation_activation_k") / self.middle_k**2 * self.lead_k
        h2, o2 = np.minimum(h2, self.split), np.minimum(o2, 0.5 * self.split)
        share = np.where(cathode >= _FILLED * p("cathode_pressure_setpoint_pa"), p("cathode_recombination_frac"), 1.0)
        burnt = p("recombination_frac") * np.minimum(h2, self.split - 2.0 * o2)
        reduced = np.minimum(2.0 * o2 * share, self.split - h2)
        spread = SATURATION_PER_K * p_sat * (self.lead_k + 0.01)
        doubt = doubt + per_m * spread * (diffusion + 2.0 * p("o2_diffusion_mol_per_m_s_pa"))
        return h2, o2, burnt, reduced, doubt

    def dragged(self, diffused: FloatArray, o2_pa: FloatArray) -> FloatArray:
        """Return the oxygen that crosses, mol/s: what diffuses, over the mean of exp(-x) from 0 to Peclet's number."""
        carried = 2.0 * self.p("drag_ratio") * self.split * o2_pa / henry_constant("o2", self.middle_k)
        where = (carried > 0.0) & (diffused > 0.0)
        peclet = np.divide(carried, diffused, out=np.full_like(carried, 1.0), where=where)
        return np.asarray(np.where(where, carried / -np.expm1(-peclet), np.maximum(carried, diffused)))

    def returned(self, h2: FloatArray, reduced: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return water back from the cathode, hydrogen that it brings into the loop and lets off, mol/s; doubt.

        ``h2`` crosses the membrane, ``reduced`` is water made at the cathode, as from ``crossing``.
        """
        p, T, p_sat = self.p, self.middle_k, self.saturation_pa
        made = self.split - h2 - reduced
        driving = self.seen.after("cathode_pressure_pa") - p_sat
        wet = 2.0 * p("drag_ratio") * self.split + reduced
        water = p("separator_frac") * np.maximum(wet - made * p_sat / driving, 0.0)
        per_pa = 1.0 / henry_constant("h2", T)
        dissolved = np.minimum(water * per_pa * driving, made)
        kept = np.minimum(water * per_pa * np.maximum(p("anode_pressure_pa") - p_sat, 0.0), dissolved)
        vapour = made * p_sat / driving
        doubt = dissolved * (0.03 * self.lead_k + 1e-3) + vapour * SATURATION_PER_K * (self.lead_k + 0.01)
        return water, kept, dissolved - kept, doubt

    @cached_property
    def curve(self) -> Curve:
        """Polarisation curve of its cells."""
        return Curve(*(self.p(name) for name in Curve._fields))


def stack_of(seen: Seen) -> Stack:
    """Return the stack that was seen; several laws in turn ask for the same."""
    return seen.once(Stack)
