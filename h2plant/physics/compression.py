"""Isentropic compression of real-gas mixtures, and the part-load figures of a displacement compressor."""

import math

from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2O_KG_PER_MOL,
)
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import (
    FLUID_H2,
    FLUID_N2,
    FLUID_O2,
    gas_enthalpy_entropy,
)
from h2plant.core.properties.layout import GAS_TEMPERATURE_MAX_K, GAS_TEMPERATURE_MIN_K
from h2plant.physics.stream import stream_enthalpy, stream_enthalpy_capacity

_R_H2O = GAS_CONSTANT_J_PER_MOL_K / MOLAR_MASS_H2O_KG_PER_MOL

TRACE_MOLE_FRAC = 1.0e-4
"""Species below this mole fraction count as moles of the bulk gas in the isentropic change of state."""

# cp of water vapour as an ideal gas, J/(kg K): least squares on IAPWS-95 (doi:10.1063/1.1461829) at zero
# density, 274 to 700 K, within 0.9 J/(kg K)
_VAPOUR_A = 1915.1940528193986
_VAPOUR_B = -0.710374261536302
_VAPOUR_C = 0.002148877831900371
_VAPOUR_D = -1.138267302244849e-06

_ENTROPY_STEPS = 30
_ENTROPY_CLOSE = 2.0e-5
_ENTHALPY_STEPS = 12
_HALVINGS = 50
_ENTHALPY_CLOSE_K = 2.0e-3
_SECANT_CLOSE_K = 1.0e-4


@leaf
def vapour_enthalpy_change(start_k, end_k):
    """Return the ideal-gas enthalpy change of water vapour between two temperatures, J/kg."""
    a = start_k * (_VAPOUR_A + start_k * (_VAPOUR_B / 2 + start_k * (_VAPOUR_C / 3 + start_k * _VAPOUR_D / 4)))
    b = end_k * (_VAPOUR_A + end_k * (_VAPOUR_B / 2 + end_k * (_VAPOUR_C / 3 + end_k * _VAPOUR_D / 4)))
    return b - a


@leaf
def vapour_entropy_change(start_k, end_k):
    """Return the ideal-gas entropy change of water vapour at constant pressure, J/(kg K)."""
    a = start_k * (_VAPOUR_B + start_k * (_VAPOUR_C / 2 + start_k * _VAPOUR_D / 3))
    b = end_k * (_VAPOUR_B + end_k * (_VAPOUR_C / 2 + end_k * _VAPOUR_D / 3))
    return _VAPOUR_A * math.log(end_k / start_k) + b - a


@kernel
def isentropic_compression(
    props,
    h2,
    o2,
    n2,
    vapour,
    inlet_pa,
    inlet_k,
    inlet_h2_j_per_kg,
    inlet_h2_j_per_kg_k,
    outlet_pa,
    guess_k,
    guess_j_per_kg_k,
):
    """Compress a gas mixture at constant total entropy.

    Parameters
    ----------
    h2, o2, n2, vapour : float
        Mass flows, kg/s.
    inlet_pa, inlet_k, outlet_pa : float
        Suction state and discharge pressure, Pa and K.
    inlet_h2_j_per_kg, inlet_h2_j_per_kg_k : float
        Enthalpy and entropy of hydrogen in the suction state (not used without hydrogen).
    guess_k, guess_j_per_kg_k : float
        Discharge temperature to start from, K, and about the heat capacity of the mixture there.

    Returns
    -------
    tuple[float, float]
        (discharge temperature in K, isentropic power in W); NaN outside the range of the tables or without
        convergence.

    Notes
    -----
    sum m_i s_i(p2, T2) = sum m_i s_i(p1, T1): permanent gases real at the total pressure (Amagat), water vapour
    as an ideal gas at its partial pressure, which rises in proportion; the entropy of mixing cancels because the
    composition stays. The power is the enthalpy rise. Iteration in ln T with the slope given; the last step of
    the enthalpy is integrated as dH = T dS at constant pressure, which leaves an error of third order. Partial
    pressures of water up to some 2 bar (there its real-gas entropy would change the result by less than 1 % of
    the vapour's share).
    """
    n_h2 = h2 * MOL_PER_KG_H2
    n_o2 = o2 * MOL_PER_KG_O2
    n_n2 = n2 * MOL_PER_KG_N2
    n_h2o = vapour * MOL_PER_KG_H2O
    total = n_h2 + n_o2 + n_n2 + n_h2o
    least = TRACE_MOLE_FRAC * total
    bulk = 0.0
    entropy = 0.0
    enthalpy = 0.0
    if n_h2 > least:
        enthalpy += h2 * inlet_h2_j_per_kg
        entropy += h2 * inlet_h2_j_per_kg_k
        bulk += n_h2
    if n_o2 > least:
        h, s = gas_enthalpy_entropy(props, FLUID_O2, inlet_pa, inlet_k)
        enthalpy += o2 * h
        entropy += o2 * s
        bulk += n_o2
    if n_n2 > least:
        h, s = gas_enthalpy_entropy(props, FLUID_N2, inlet_pa, inlet_k)
        enthalpy += n2 * h
        entropy += n2 * s
        bulk += n_n2
    if n_h2o > least:
        entropy += vapour * _R_H2O * math.log(outlet_pa / inlet_pa)
        bulk += n_h2o
    scale = total / bulk
    capacity = guess_j_per_kg_k * (h2 + o2 + n2 + vapour) / scale
    temperature_k = guess_k
    for _ in range(_ENTROPY_STEPS):
        missing = entropy
        rise = -enthalpy
        if n_h2 > least:
            h, s = gas_enthalpy_entropy(props, FLUID_H2, outlet_pa, temperature_k)
            missing -= h2 * s
            rise += h2 * h
        if n_o2 > least:
            h, s = gas_enthalpy_entropy(props, FLUID_O2, outlet_pa, temperature_k)
            missing -= o2 * s
            rise += o2 * h
        if n_n2 > least:
            h, s = gas_enthalpy_entropy(props, FLUID_N2, outlet_pa, temperature_k)
            missing -= n2 * s
            rise += n2 * h
        if n_h2o > least:
            missing -= vapour * vapour_entropy_change(inlet_k, temperature_k)
            rise += vapour * vapour_enthalpy_change(inlet_k, temperature_k)
        x = missing / capacity
        step_k = temperature_k * x * (1.0 + 0.5 * x)
        rise += (temperature_k + 0.5 * step_k) * missing
        temperature_k += step_k
        if abs(x) < _ENTROPY_CLOSE:
            return temperature_k, rise * scale
    return math.nan, math.nan


@kernel
def bracketed_isentropic_work(props, h2, o2, n2, vapour, inlet_pa, inlet_k, outlet_pa):
    """Return the power, W, of an isentropic compression, by halving the range of discharge temperatures.

    The model is that of ``isentropic_compression``, with the enthalpy of vapour as an ideal gas; the entropy rises with
    the temperature, so there is one answer. Not a number where it lies outside the tables, or for gas of vapour alone.

    Parameters: mass flows, kg/s; suction state, Pa and K; discharge pressure, Pa.
    """
    low_k, high_k = GAS_TEMPERATURE_MIN_K, GAS_TEMPERATURE_MAX_K
    vapour_w_per_k = vapour * _R_H2O * math.log(outlet_pa / inlet_pa)
    enthalpy, entropy = _gases_enthalpy_entropy(props, h2, o2, n2, inlet_pa, inlet_k)
    T, rise = math.nan, math.nan
    for _ in range(_HALVINGS):
        T = 0.5 * (low_k + high_k)
        h, s = _gases_enthalpy_entropy(props, h2, o2, n2, outlet_pa, T)
        change = s - entropy
        rise = h - enthalpy
        if vapour > 0.0:
            change += vapour * vapour_entropy_change(inlet_k, T) - vapour_w_per_k
            rise += vapour * vapour_enthalpy_change(inlet_k, T)
        if change < 0.0:
            low_k = T
        else:
            high_k = T
    if low_k > GAS_TEMPERATURE_MIN_K and high_k < GAS_TEMPERATURE_MAX_K:
        return rise
    return math.nan


@kernel
def _gases_enthalpy_entropy(props, h2, o2, n2, pressure_pa, temperature_k):
    """Return (enthalpy in W, entropy in W/K) of permanent gases."""
    enthalpy, entropy = 0.0, 0.0
    if h2 > 0.0:
        h, s = gas_enthalpy_entropy(props, FLUID_H2, pressure_pa, temperature_k)
        enthalpy += h2 * h
        entropy += h2 * s
    if o2 > 0.0:
        h, s = gas_enthalpy_entropy(props, FLUID_O2, pressure_pa, temperature_k)
        enthalpy += o2 * h
        entropy += o2 * s
    if n2 > 0.0:
        h, s = gas_enthalpy_entropy(props, FLUID_N2, pressure_pa, temperature_k)
        enthalpy += n2 * h
        entropy += n2 * s
    return enthalpy, entropy


@kernel
def temperature_from_enthalpy_flow(props, h2, o2, n2, vapour, enthalpy_w, pressure_pa, guess_k, guess_w_per_k):
    """Return the temperature, K, at which a gas has an enthalpy flow, W; NaN without convergence.

    The start needs about the heat capacity rate, W/K; where it does not do, Newton's method takes over.
    """
    temperature_k = guess_k
    enthalpy = stream_enthalpy(props, h2, o2, n2, vapour, 0.0, temperature_k, pressure_pa)
    step_k = (enthalpy_w - enthalpy) / guess_w_per_k
    temperature_k += step_k
    if abs(step_k) < _SECANT_CLOSE_K:
        return temperature_k
    for _ in range(_ENTHALPY_STEPS):
        enthalpy, capacity = stream_enthalpy_capacity(props, h2, o2, n2, vapour, 0.0, temperature_k, pressure_pa)
        step_k = (enthalpy_w - enthalpy) / capacity
        temperature_k += step_k
        if abs(step_k) < _ENTHALPY_CLOSE_K:
            return temperature_k
    return math.nan


@kernel
def isothermal_work(props, fluid, inlet_pa, outlet_pa, temperature_k):
    """Return the least work, J/kg, that compresses a gas at constant temperature: dh - T ds (the flow exergy)."""
    h1, s1 = gas_enthalpy_entropy(props, fluid, inlet_pa, temperature_k)
    h2, s2 = gas_enthalpy_entropy(props, fluid, outlet_pa, temperature_k)
    return h2 - h1 - temperature_k * (s2 - s1)


@leaf
def part_load_efficiency(rated_frac, loss_frac, speed_frac):
    """Return the isentropic efficiency at a speed (share of the rated one).

    eta = eta_rated * (1 - loss * (1 - speed)^2): a parabola with its top at rated speed, the usual fit to
    measured maps of speed-controlled positive-displacement machines; 0.2 to 1.1 of rated speed.
    """
    return rated_frac * (1.0 - loss_frac * (1.0 - speed_frac) * (1.0 - speed_frac))
