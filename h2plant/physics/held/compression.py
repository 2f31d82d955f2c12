"""A compressor stage's isentropic solution held as an expansion about the last state that was solved.

Per mole of gas, with x the logarithm of the pressure ratio, t and q the relative changes of the suction
temperature and pressure, v, o and n the changes of the mole fractions of vapour, oxygen and nitrogen and e the
relative loss 1/efficiency - 1:

    work / (R T1)   = w0 + w_x x + w_xx x^2 / 2 + w_xxx x^3 / 6 + w_t t + w_q q + w_v v + w_o o + w_n n
    T2s / T1        = the same with its own coefficients
    mean cp / R     = c0 + c_x x + c_t t + c_q q + c_v v + c_o o + c_n n + c_e e   (from T2s to the discharge)

The coefficients are differences between solutions from the tables. What is left out is about the product of the
real-gas terms (t, q, v, o, n) and the changes; the expansion is renewed where that exceeds ``_CROSS`` of the work, so
that work and temperature stay within 1e-6 of the solution. Its centre is then solved anew (one solution); its slopes
(seven more, and one each for oxygen and nitrogen) only ``_SLOPES_FARTHEST`` from where they were taken, and until then
the series in x move with the centre.
"""

import math

from h2plant.core.constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.declare import memory
from h2plant.core.exponential import exponential
from h2plant.core.finite import is_number
from h2plant.core.jit import kernel, leaf
from h2plant.core.properties import FLUID_H2, gas_enthalpy_entropy
from h2plant.core.properties.layout import GAS_PRESSURE_MAX_PA, GAS_PRESSURE_MIN_PA
from h2plant.physics.compression import TRACE_MOLE_FRAC, isentropic_compression, temperature_from_enthalpy_flow
from h2plant.physics.stream import stream_enthalpy

_CROSS = 1.0e-6
_FARTHEST = 0.02
"""Largest change of x, t, q; the series of the fourth order leaves 1e-9 there."""
_SLOPES_FARTHEST = 0.01
"""Largest change of x, t, q and the mole fractions together from where the slopes were taken."""
_TRACES = 2.0e-6
"""Largest change of the mole fractions of oxygen and nitrogen without slopes of theirs: their molar work is within a
fifth of hydrogen's."""
_TRACES_FARTHEST = 1.0e-3
"""Largest change of them with slopes, which hydrogen has (``_MAIN_FRAC``): behind an electrolyser they change all the
time with its load."""
_MAIN_FRAC = 0.9
_TRACE_PROBE = 1.0e-3
SHORT_SERIES = 0.025
"""Largest change of the ratio that the series of logarithm and exponential serve."""
_LOSS = 0.02
"""Largest change of the relative loss."""
_PROBE = 0.01
_ROUNDING = 1.0 + 1.0e-9
_LEAST_LOSS = 0.05
_DIATOMIC = 3.55
"""Molar heat capacity of a diatomic gas by the gas constant, about: where the first solution starts."""

HELD_COMPRESSION_STATES = (
    memory("held_per_ratio", "1", "one over the whole pressure ratio of the held solution; 0: none yet"),
    memory("held_ratio", "1", "pressure ratio of the stage in the held solution"),
    memory("held_per_k", "1/K", "one over its suction temperature"),
    memory("held_per_pa", "1/Pa", "one over its suction pressure"),
    memory("held_vapour_frac", "1", "its mole fraction of vapour"),
    memory("held_o2_frac", "1", "its mole fraction of oxygen, at least that of traces"),
    memory("held_n2_frac", "1", "its mole fraction of nitrogen, at least that of traces"),
    memory("held_loss_ratio", "1", "its relative loss, 1/efficiency - 1"),
    memory("held_work", "1", "its work by R T1"),
    memory("held_work_x", "1", "change of that with the logarithm of the ratio"),
    memory("held_work_xx", "1", "second derivative"),
    memory("held_work_xxx", "1", "third derivative"),
    memory("held_work_t", "1", "change of it with the relative suction temperature"),
    memory("held_work_q", "1", "change of it with the relative suction pressure"),
    memory("held_work_v", "1", "change of it with the mole fraction of vapour"),
    memory("held_work_o2", "1", "change of it with the mole fraction of oxygen, in place of hydrogen"),
    memory("held_work_n2", "1", "change of it with the mole fraction of nitrogen, in place of hydrogen"),
    memory("held_rise", "1", "isentropic temperature ratio"),
    memory("held_rise_x", "1", "change of that with the logarithm of the ratio"),
    memory("held_rise_xx", "1", "second derivative"),
    memory("held_rise_t", "1", "change of it with the relative suction temperature"),
    memory("held_rise_q", "1", "change of it with the relative suction pressure"),
    memory("held_rise_v", "1", "change of it with the mole fraction of vapour"),
    memory("held_rise_o2", "1", "change of it with the mole fraction of oxygen"),
    memory("held_rise_n2", "1", "change of it with the mole fraction of nitrogen"),
    memory("held_offset", "1", "discharge temperature by T1 without losses, less the isentropic one"),
    memory("held_cp", "1", "mean heat capacity of the discharged gas by R"),
    memory("held_cp_x", "1", "change of that with the logarithm of the ratio"),
    memory("held_cp_t", "1", "change of it with the relative suction temperature"),
    memory("held_cp_q", "1", "change of it with the relative suction pressure"),
    memory("held_cp_v", "1", "change of it with the mole fraction of vapour"),
    memory("held_cp_o2", "1", "change of it with the mole fraction of oxygen"),
    memory("held_cp_n2", "1", "change of it with the mole fraction of nitrogen"),
    memory("held_cp_e", "1", "change of it with the relative loss"),
    memory("slopes_ratio", "1", "pressure ratio of the stage where the slopes were taken"),
    memory("slopes_k", "K", "suction temperature there; 0: none yet"),
    memory("slopes_pa", "Pa", "suction pressure there"),
    memory("slopes_h2_frac", "1", "mole fraction of hydrogen there"),
    memory("slopes_vapour_frac", "1", "mole fraction of vapour there"),
    memory("slopes_o2_frac", "1", "mole fraction of oxygen there"),
    memory("slopes_n2_frac", "1", "mole fraction of nitrogen there"),
)


@leaf
def short_logarithm(u):
    """Return ln(1 + u) for abs(u) <= 0.025 to 1e-11."""
    return u * (1.0 - u * (0.5 - u * (1.0 / 3.0 - u * (0.25 - u * (0.2 - u * (1.0 / 6.0))))))


@leaf
def short_exponential(x):
    """Return exp(x) for abs(x) <= 0.025 to 1e-12."""
    return 1.0 + x * (1.0 + x * (0.5 + x * (1.0 / 6.0 + x * (1.0 / 24.0 + x * (1.0 / 120.0)))))


@kernel
def _solution(props, fractions, inlet_pa, inlet_k, ratio, loss, rise, cp):
    """Return (work by R T1, isentropic temperature ratio, mean cp by R, suction enthalpy by R T1) of one mole.

    The suction enthalpy is that at the isentropic end less the work: it differs from the stream's by what the ideal
    vapour and the traces leave out, and needs no look-up of vapour that may be over its saturation.

    ``fractions`` are those of hydrogen, oxygen, nitrogen and vapour; ``rise`` and ``cp`` (by R) guesses.
    """
    h2 = fractions[0] * MOLAR_MASS_H2_KG_PER_MOL
    o2 = fractions[1] * MOLAR_MASS_O2_KG_PER_MOL
    n2 = fractions[2] * MOLAR_MASS_N2_KG_PER_MOL
    vapour = fractions[3] * MOLAR_MASS_H2O_KG_PER_MOL
    capacity = cp * GAS_CONSTANT_J_PER_MOL_K
    outlet_pa = inlet_pa * ratio
    if outlet_pa < GAS_PRESSURE_MAX_PA * _ROUNDING:
        outlet_pa = min(outlet_pa, GAS_PRESSURE_MAX_PA)
    h = 0.0
    s = 0.0
    if h2 > 0.0:
        h, s = gas_enthalpy_entropy(props, FLUID_H2, inlet_pa, inlet_k)
    ideal_k, ideal_w = isentropic_compression(
        props,
        h2,
        o2,
        n2,
        vapour,
        inlet_pa,
        inlet_k,
        h,
        s,
        outlet_pa,
        inlet_k * rise,
        capacity / (h2 + o2 + n2 + vapour),
    )
    ideal_j = stream_enthalpy(props, h2, o2, n2, vapour, 0.0, ideal_k, outlet_pa)
    enthalpy = ideal_j + ideal_w * loss
    guess_k = ideal_k + ideal_w * loss / capacity
    outlet_k = temperature_from_enthalpy_flow(props, h2, o2, n2, vapour, enthalpy, outlet_pa, guess_k, capacity)
    per_rt = 1.0 / (GAS_CONSTANT_J_PER_MOL_K * inlet_k)
    cp = ideal_w * loss / (GAS_CONSTANT_J_PER_MOL_K * (outlet_k - ideal_k))
    return ideal_w * per_rt, ideal_k / inlet_k, cp, (ideal_j - ideal_w) * per_rt


@kernel
def _slopes_towards(props, fractions, inlet_pa, inlet_k, ratio, probe, change, w0, r0, c0):
    """Return by how much work, temperature ratio and heat capacity change with a mole fraction: to other fractions."""
    w1, r1, c1, _ = _solution(props, fractions, inlet_pa, inlet_k, ratio, probe, r0, c0)
    return (w1 - w0) / change, (r1 - r0) / change, (c1 - c0) / change


@kernel
def expand_compression(c, props, fractions, inlet_pa, inlet_k, ratio, probe, w0, r0, c0):
    """Keep the slopes of the expansion: differences between a solution and its neighbours."""
    _, _, c1, _ = _solution(props, fractions, inlet_pa, inlet_k, ratio, probe + 2.0 * _PROBE, r0, c0)
    c.held_cp_e = (c1 - c0) / (2.0 * _PROBE)
    # ratio: central differences in x, about a little less where the tables end, a little more where no work is left
    up = exponential(_PROBE)
    warm = exponential(_PROBE / c0)
    middle = max(min(ratio, GAS_PRESSURE_MAX_PA / (inlet_pa * up)), up * up)
    wm, rm = w0, r0
    lead = 0.0
    if middle != ratio:
        wm, rm, _, _ = _solution(props, fractions, inlet_pa, inlet_k, middle, probe, r0, c0)
        lead = math.log(ratio / middle)
    w1, r1, c1, _ = _solution(props, fractions, inlet_pa, inlet_k, middle * up, probe, rm * warm, c0)
    w2, r2, c2, _ = _solution(props, fractions, inlet_pa, inlet_k, middle / up, probe, rm / warm, c0)
    c.held_work_xx = (w1 - 2.0 * wm + w2) / (_PROBE * _PROBE)
    c.held_work_xxx = c.held_work_xx / c0  # of an ideal gas
    c.held_work_x = 0.5 * (w1 - w2) / _PROBE - c.held_work_xxx * _PROBE * _PROBE / 6.0 + c.held_work_xx * lead
    c.held_rise_xx = (r1 - 2.0 * rm + r2) / (_PROBE * _PROBE)
    c.held_rise_x = 0.5 * (r1 - r2) / _PROBE + c.held_rise_xx * (lead - _PROBE * _PROBE / 6.0 / c0)
    c.held_cp_x = 0.5 * (c1 - c2) / _PROBE
    # suction temperature and pressure at the same ratio, and vapour; only towards drier states
    w1, r1, c1, _ = _solution(props, fractions, inlet_pa, inlet_k * (1.0 + _PROBE), ratio, probe, r0, c0)
    c.held_work_t = (w1 - w0) / _PROBE
    c.held_rise_t = (r1 - r0) / _PROBE
    c.held_cp_t = (c1 - c0) / _PROBE
    thinner = max(1.0 - _PROBE, GAS_PRESSURE_MIN_PA / inlet_pa)
    if thinner > 1.0 - 0.1 * _PROBE:
        thinner = 1.0 + _PROBE
    change = thinner - 1.0
    w1, r1, c1, _ = _solution(props, fractions, inlet_pa * thinner, inlet_k, ratio, probe, r0, c0)
    c.held_work_q = (w1 - w0) / change
    c.held_rise_q = (r1 - r0) / change
    c.held_cp_q = (c1 - c0) / change
    c.held_work_v = 0.0
    c.held_rise_v = 0.0
    c.held_cp_v = 0.0
    vapour = fractions[3]
    if vapour > TRACE_MOLE_FRAC:
        change = -_PROBE * vapour
        wetter = (fractions[0] - change, fractions[1], fractions[2], vapour + change)
        if fractions[0] <= _MAIN_FRAC:  # in place of all gases alike
            rest = 1.0 - change / (1.0 - vapour) if vapour < 1.0 else 1.0
            wetter = (fractions[0] * rest, fractions[1] * rest, fractions[2] * rest, vapour + change)
        c.held_work_v, c.held_rise_v, c.held_cp_v = _slopes_towards(
            props, wetter, inlet_pa, inlet_k, ratio, probe, change, w0, r0, c0
        )
    c.held_work_o2, c.held_rise_o2, c.held_cp_o2 = 0.0, 0.0, 0.0
    if has_trace(fractions[0], fractions[1]):
        richer = (fractions[0] - _TRACE_PROBE, fractions[1] + _TRACE_PROBE, fractions[2], vapour)
        c.held_work_o2, c.held_rise_o2, c.held_cp_o2 = _slopes_towards(
            props, richer, inlet_pa, inlet_k, ratio, probe, _TRACE_PROBE, w0, r0, c0
        )
    c.held_work_n2, c.held_rise_n2, c.held_cp_n2 = 0.0, 0.0, 0.0
    if has_trace(fractions[0], fractions[2]):
        richer = (fractions[0] - _TRACE_PROBE, fractions[1], fractions[2] + _TRACE_PROBE, vapour)
        c.held_work_n2, c.held_rise_n2, c.held_cp_n2 = _slopes_towards(
            props, richer, inlet_pa, inlet_k, ratio, probe, _TRACE_PROBE, w0, r0, c0
        )
    c.slopes_ratio = ratio
    c.slopes_k = inlet_k
    c.slopes_pa = inlet_pa
    c.slopes_h2_frac = fractions[0]
    c.slopes_vapour_frac = vapour
    c.slopes_o2_frac = fractions[1]
    c.slopes_n2_frac = fractions[2]


@leaf
def has_trace(h2_frac, trace_frac):
    """Tell whether hydrogen holds more than a trace of another gas: below it the solution takes it for hydrogen."""
    return (h2_frac > _MAIN_FRAC) & (trace_frac > TRACE_MOLE_FRAC)


@leaf
def has_slopes(c):
    """Tell whether the slopes that ``expand_compression`` keeps are numbers."""
    of_work = abs(c.held_work_x) + abs(c.held_work_xx) + abs(c.held_work_t) + abs(c.held_work_q) + abs(c.held_work_v)
    of_rise = abs(c.held_rise_x) + abs(c.held_rise_xx) + abs(c.held_rise_t) + abs(c.held_rise_q) + abs(c.held_rise_v)
    of_traces = abs(c.held_work_o2) + abs(c.held_rise_o2) + abs(c.held_cp_o2)
    of_traces += abs(c.held_work_n2) + abs(c.held_rise_n2) + abs(c.held_cp_n2)
    of_cp = abs(c.held_cp_x) + abs(c.held_cp_t) + abs(c.held_cp_q) + abs(c.held_cp_v) + abs(c.held_cp_e)
    return is_number(of_work + of_rise + of_cp + of_traces)


@leaf
def serves_slopes(c, fractions, inlet_pa, inlet_k, ratio):
    """Tell whether the held slopes serve an expansion about another state."""
    moved = abs(ratio - c.slopes_ratio) / ratio + abs(inlet_k - c.slopes_k) / inlet_k
    moved += abs(inlet_pa - c.slopes_pa) / inlet_pa + abs(fractions[3] - c.slopes_vapour_frac)
    moved += abs(fractions[0] - c.slopes_h2_frac)
    is_as_wet = (fractions[3] > TRACE_MOLE_FRAC) == (c.slopes_vapour_frac > TRACE_MOLE_FRAC)
    is_as_pure = has_trace(fractions[0], fractions[1]) == has_trace(c.slopes_h2_frac, c.slopes_o2_frac)
    is_as_pure &= has_trace(fractions[0], fractions[2]) == has_trace(c.slopes_h2_frac, c.slopes_n2_frac)
    return (moved <= _SLOPES_FARTHEST) & is_as_wet & is_as_pure


@leaf
def centre_slopes(c, dx):
    """Move the series in x by a change of x."""
    c.held_work_x += dx * (c.held_work_xx + 0.5 * dx * c.held_work_xxx)
    c.held_work_xx += dx * c.held_work_xxx
    c.held_rise_x += dx * c.held_rise_xx


@kernel
def renew_compression(c, props, fractions, inlet_pa, inlet_k, whole_ratio, ratio, loss, enthalpy_j_per_mol):
    """Solve a state and its neighbours, keep the expansion; False outside the tables or without convergence.

    ``whole_ratio`` is the ratio of the final pressure to the suction's, ``ratio`` the stage's own;
    ``enthalpy_j_per_mol`` that of the gas at suction.
    """
    cp = _DIATOMIC
    x = math.log(ratio)
    rise = exponential(x / cp)
    probe = max(loss, _LEAST_LOSS)
    w0, r0, c0, h0 = _solution(props, fractions, inlet_pa, inlet_k, ratio, probe, rise, cp)
    if not ((w0 > 0.0) & (c0 > 0.0)):
        c.held_per_ratio = 0.0
        return False
    if serves_slopes(c, fractions, inlet_pa, inlet_k, ratio):
        centre_slopes(c, math.log(ratio / c.held_ratio))
    else:
        expand_compression(c, props, fractions, inlet_pa, inlet_k, ratio, probe, w0, r0, c0)
        if not has_slopes(c):  # a neighbour lies outside the tables
            c.held_per_ratio = 0.0
            c.slopes_k = 0.0
            return False
    c.held_cp = c0 + c.held_cp_e * (loss - probe)
    c.held_per_ratio = 1.0 / whole_ratio
    c.held_ratio = ratio
    c.held_per_k = 1.0 / inlet_k
    c.held_per_pa = 1.0 / inlet_pa
    c.held_vapour_frac = fractions[3]
    c.held_o2_frac = max(fractions[1], TRACE_MOLE_FRAC)
    c.held_n2_frac = max(fractions[2], TRACE_MOLE_FRAC)
    c.held_loss_ratio = loss
    c.held_work = w0
    c.held_rise = r0
    # cp of the discharged gas at its isentropic temperature is near enough for so small an offset
    c.held_offset = (enthalpy_j_per_mol / (GAS_CONSTANT_J_PER_MOL_K * inlet_k) - h0) / c0
    return True


@leaf
def holds_compression(c, fractions, inlet_pa, inlet_k, x, loss):
    """Tell whether the held expansion serves; ``x`` is the change of the logarithm of the ratio."""
    t = inlet_k * c.held_per_k - 1.0
    q = inlet_pa * c.held_per_pa - 1.0
    v = fractions[3] - c.held_vapour_frac
    moved = abs(x) + abs(t) + abs(q) + abs(v)
    o2 = abs(max(fractions[1], TRACE_MOLE_FRAC) - c.held_o2_frac)
    n2 = abs(max(fractions[2], TRACE_MOLE_FRAC) - c.held_n2_frac)
    real = abs(c.held_work_t * t) + abs(c.held_work_q * q) + abs(c.held_work_v * v)
    real += abs(c.held_work_o2 * o2) + abs(c.held_work_n2 * n2)
    farthest = _TRACES
    if c.slopes_h2_frac > _MAIN_FRAC:
        is_as_pure = (fractions[1] > TRACE_MOLE_FRAC) == (c.slopes_o2_frac > TRACE_MOLE_FRAC)
        is_as_pure &= (fractions[2] > TRACE_MOLE_FRAC) == (c.slopes_n2_frac > TRACE_MOLE_FRAC)
        farthest = _TRACES_FARTHEST if is_as_pure else 0.0
    return (
        (moved <= _FARTHEST)
        & (real * moved <= _CROSS * c.held_work)
        & (o2 + n2 <= farthest)
        & (abs(loss - c.held_loss_ratio) <= _LOSS)
    )


@leaf
def held_compression(c, fractions, inlet_pa, inlet_k, x, loss):
    """Return (isentropic work in J/mol, isentropic and real discharge temperature in K)."""
    t = inlet_k * c.held_per_k - 1.0
    q = inlet_pa * c.held_per_pa - 1.0
    v = fractions[3] - c.held_vapour_frac
    o2 = max(fractions[1], TRACE_MOLE_FRAC) - c.held_o2_frac
    n2 = max(fractions[2], TRACE_MOLE_FRAC) - c.held_n2_frac
    work = c.held_work + x * (c.held_work_x + x * (0.5 * c.held_work_xx + x * (1.0 / 6.0) * c.held_work_xxx))
    work += c.held_work_t * t + c.held_work_q * q + c.held_work_v * v + c.held_work_o2 * o2 + c.held_work_n2 * n2
    rise = c.held_rise + x * (c.held_rise_x + x * (0.5 * c.held_rise_xx))
    rise += c.held_rise_t * t + c.held_rise_q * q + c.held_rise_v * v + c.held_rise_o2 * o2 + c.held_rise_n2 * n2
    cp = c.held_cp + c.held_cp_x * x + c.held_cp_t * t + c.held_cp_q * q + c.held_cp_v * v
    cp += c.held_cp_o2 * o2 + c.held_cp_n2 * n2 + c.held_cp_e * (loss - c.held_loss_ratio)
    discharge = rise + c.held_offset + work * loss / cp
    return work * GAS_CONSTANT_J_PER_MOL_K * inlet_k, inlet_k * rise, inlet_k * discharge
