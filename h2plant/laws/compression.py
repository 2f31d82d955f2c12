"""Laws of compressor stages: at least isentropic work, losses of drive and gear, pressure ratio, hours and starts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import BoolArray, FloatArray, Flow, Law, Seen, at_least, at_most, equal, within
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
)
from h2plant.laws import state_equations
from h2plant.laws.streams import saturation_pressure

_MOL_PER_KG = np.array([MOL_PER_KG_H2, MOL_PER_KG_O2, MOL_PER_KG_N2, MOL_PER_KG_H2O])
_HEAT_CAPACITIES = np.array([29.1, 29.8, 29.2, 34.3])  # J/(mol K), ideal gas, 350 K
_SECOND_VIRIALS = np.array([15.4e-6, -9.0e-6, 3.0e-6, 0.0])  # m3/mol, 350 K
_NEWTON_STEPS = 6
_PLAIN_PER_PA = 5.0e-9
"""What the plain form is wrong by for oxygen and nitrogen besides 2 %, of the work and pressure, 1/Pa.

By CoolProp, 255 to 380 K, ratios of 1.02 to 4: oxygen 4 % at 50 bar, 8 % at 150 and 200, 11 % at 240; nitrogen less.
"""
_PLAIN_UP_TO_PA = 2.4e7
"""Discharge pressure of oxygen and nitrogen by their share beyond which the plain form says nothing of use."""
_NEAR = 1.0e-3  # of the heat capacity: what is left of the enthalpy is half its square


def _gas(flow: Flow) -> Flow:
    """Return a stream without its liquid."""
    values = flow.values.copy()
    values[:, 4] = 0.0
    return Flow(values)


def _is_compressing(seen: Seen) -> BoolArray:
    return np.asarray((seen.at("power") > 0.0) & (seen.stream("outlet").pressure_pa > seen.stream("inlet").pressure_pa))


def _gas_moles(flow: Flow) -> FloatArray:
    return np.asarray(flow.values[:, :4] @ _MOL_PER_KG)


def _is_supersaturated(flow: Flow) -> BoolArray:
    """Tell where there is more vapour than saturates the gas, of which equations of state know nothing.

    A drum whose gas nearly all dissolves in the drain leaves such traces.
    """
    moles = _gas_moles(flow)
    share = np.divide(flow.vapour_mol_per_s, moles, out=np.zeros(moles.size), where=moles > 0.0)
    return np.asarray(share * flow.pressure_pa > 1.1 * saturation_pressure(flow.temperature_k))


def _load(seen: Seen) -> FloatArray:
    """Return the suction volume by the rated one; where nothing flows 0."""
    inlet = seen.stream("inlet")
    volume = _gas_moles(inlet) * GAS_CONSTANT_J_PER_MOL_K * inlet.temperature_k
    rated = inlet.pressure_pa * seen.parameter("rated_volume_m3_per_s")
    return np.divide(volume, rated, out=seen.nothing, where=rated > 0.0)


def _running(seen: Seen, load: FloatArray) -> FloatArray:
    """Return the share of the time that the machine turns."""
    share = np.minimum(load / seen.parameter("cycling_frac"), 1.0)
    return np.where(load >= seen.parameter("min_speed_frac"), 1.0, share)


def _efficiency(seen: Seen, load: FloatArray) -> FloatArray:
    """Return the isentropic efficiency that the parameters declare at a load."""
    short = 1.0 - np.clip(load, seen.parameter("min_speed_frac"), 1.0)
    return seen.parameter("efficiency_frac") * (1.0 - seen.parameter("part_load_loss_frac") * short * short)


def _isentropic_work(inlet: Flow, outlet_pa: FloatArray, where: BoolArray) -> FloatArray:
    """Return the power, W, that compresses a gas at constant entropy: H(p2, T2) - H(p1, T1), S(p2, T2) = S(p1, T1)."""
    work = np.zeros(where.size)
    gas = Flow(_gas(inlet).values[where])
    if not gas.values.size:
        return work
    start_w, start_w_per_k, capacity = state_equations.stream_states(gas)
    moles = _gas_moles(gas)
    ratio = outlet_pa[where] / gas.pressure_pa
    temperature_k = gas.temperature_k * ratio ** (GAS_CONSTANT_J_PER_MOL_K * moles / capacity)
    end_w = start_w
    for _ in range(_NEWTON_STEPS):
        enthalpy_w, entropy, capacity = state_equations.stream_states(gas, temperature_k, outlet_pa[where])
        missing = start_w_per_k - entropy
        end_w = enthalpy_w + temperature_k * missing  # dH = T dS
        if not np.max(np.abs(missing) / capacity) > _NEAR:
            break
        temperature_k = temperature_k * np.exp(missing / capacity)
    work[where] = end_w - start_w
    return work


def _no_ratio_w(inlet: Flow) -> FloatArray:
    """Return the work, W, of a ratio so near 1 (by 3e-7) that it is the last digits of enthalpies.

    Kernels expand work about a solution up to 2 % away in ratio: series of third order, within 1e-7 of R T.
    """
    return np.asarray(3.0e-7 * _gas_moles(inlet) * GAS_CONSTANT_J_PER_MOL_K * inlet.temperature_k)


def isentropic_work() -> Law:
    """Return: a stage needs at least isentropic work, and no more than its efficiency says."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        where = _is_compressing(seen) & ~_is_supersaturated(inlet)
        ideal = _isentropic_work(inlet, outlet.pressure_pa, where)
        work = outlet.enthalpy_w - inlet.enthalpy_w
        # kernels take vapour for an ideal gas
        moles = _gas_moles(inlet)
        share = np.divide(inlet.vapour_mol_per_s, moles, out=np.zeros(seen.n), where=moles > 0.0)
        allowed_w = (1.0e-3 + 0.02 * share) * ideal + _no_ratio_w(inlet)
        yield at_least(work, ideal, 0.0, allowed_w, where=where)
        yield equal(work, ideal / _efficiency(seen, _load(seen)), 0.0, allowed_w, where=where)

    return Law(
        "isentropic-work",
        "a compressor needs at least isentropic work, and as much more as its efficiency says",
        "W = W_s / eta >= W_s = H(p2, T2) - H(p1, T1), S(p2, T2) = S(p1, T1), eta = eta_r (1 - k (1 - speed)^2)",
        "second law of thermodynamics; Leachman 2009 (H2), Schmidt and Wagner 1985, Span 2000, IAPWS-95, in CoolProp",
        check,
        needs_equation_of_state=True,
    )


def isentropic_work_plain() -> Law:
    """Return: the same within a few percent, by an ideal gas with its second virial coefficient."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        where = _is_compressing(seen) & (inlet.dry_mol_per_s > 0.0)  # steam alone is no gas of constant heat capacity
        moles = inlet.values[:, :4] * _MOL_PER_KG
        total = moles.sum(axis=1)
        ratio = np.divide(outlet.pressure_pa, inlet.pressure_pa, out=np.ones(seen.n), where=where)
        with np.errstate(divide="ignore", invalid="ignore"):
            exponent = GAS_CONSTANT_J_PER_MOL_K * total / (moles @ _HEAT_CAPACITIES)
            ideal = total * GAS_CONSTANT_J_PER_MOL_K * inlet.temperature_k * (ratio**exponent - 1.0) / exponent
        ideal += moles @ _SECOND_VIRIALS * (outlet.pressure_pa - inlet.pressure_pa)
        work = outlet.enthalpy_w - inlet.enthalpy_w
        air = np.divide(moles[:, 1] + moles[:, 2], total, out=np.zeros(seen.n), where=where)
        dense_pa = air * outlet.pressure_pa
        real = ideal / _efficiency(seen, _load(seen))
        allowed_w = _PLAIN_PER_PA * dense_pa * real + _no_ratio_w(inlet)
        yield equal(work, real, rel=0.02, abs_=allowed_w, where=where & (dense_pa <= _PLAIN_UP_TO_PA))

    return Law(
        "isentropic-work-plain",
        "a compressor's work is isentropic work by its efficiency, within 2 %; dense oxygen and nitrogen take more",
        "W = n (R T1 (r^(R/cp) - 1) cp/R + B (p2 - p1)) / eta",
        "ideal gas with the second virial coefficient: w_s = integral of v dp, v = R T / p + B",
        check,
        takes_arrays=True,
    )


def compressor_losses() -> Law:
    """Return: drive and gear lose what their efficiencies say, and recycled gas costs its share of the work."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        power = seen.at("power")
        efficiency = seen.parameter("mechanical_efficiency_frac") * seen.parameter("motor_efficiency_frac")
        yield equal(seen.at("heat_loss"), power * (1.0 - efficiency), abs_=1.0e-6)
        load, least = _load(seen), seen.parameter("min_speed_frac")
        turns = np.divide(_running(seen, load) * least, load, out=np.ones(seen.n), where=(load > 0.0) & (load < least))
        work = seen.stream("outlet").enthalpy_w - seen.stream("inlet").enthalpy_w
        yield equal(power * efficiency, work * turns, rel=1.0e-6, abs_=1.0e-6, where=_is_compressing(seen))

    return Law(
        "compressor-losses",
        "drive and gear lose what their efficiencies say, and below the least speed gas goes round at its cost",
        "Q = P (1 - eta_m eta_e); P eta_m eta_e = W max(1, speed_min share of time / load)",
        "first law of thermodynamics; parameters of the component",
        check,
        takes_arrays=True,
    )


def stage_pressure() -> Law:
    """Return: a stage raises the pressure by its share of the ratio, and never above its limit."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        limit, margin = seen.parameter("outlet_pressure_pa"), seen.parameter("pressure_margin_pa")
        works = (_gas_moles(inlet) > 0.0) & (seen.at("power") > 0.0)
        ends = []
        # a store gives its pressure at the start of the step, others at the end of the step before
        for asked in (seen.at("discharge_pressure"), seen.asked("discharge_pressure")):
            wanted = np.where(asked > 0.0, np.minimum(asked + margin, limit), limit)
            ratio = np.divide(wanted, inlet.pressure_pa, out=np.ones(seen.n), where=works)
            ends.append(inlet.pressure_pa * ratio ** (1.0 / seen.parameter("n_stages_left")))
        yield within(outlet.pressure_pa, ends[0], ends[1], rel=1.0e-6, where=works)
        yield at_most(outlet.pressure_pa, np.maximum(inlet.pressure_pa, limit))

    return Law(
        "stage-pressure",
        "a stage raises the pressure by its share of the ratio that is left, and never above its limit",
        "p2 = p1 (p_wanted / p1)^(1 / stages left)",
        "equal ratios of the stages of a compressor; parameters of the component",
        check,
        takes_arrays=True,
    )


def compressor_record() -> Law:
    """Return: hours and starts of a compressor are those of its power."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        runs = seen.at("power") > 0.0
        starts = runs & ~(seen.before("is_running") > 0.0)
        hours = _running(seen, _load(seen)) * seen.step_s / 3600.0
        yield equal(seen.change("running_h"), np.where(runs, hours, 0.0), rel=1.0e-6, abs_=1.0e-8)
        yield equal(seen.change("n_starts"), starts.astype(float), abs_=1.0e-6)
        yield equal(seen.after("is_running"), runs.astype(float))

    return Law(
        "compressor-record",
        "a compressor's hours and starts are those of its power",
        "dh = share of time dt where P > 0; one start where P > 0 after none",
        "definition of the counters",
        check,
        takes_arrays=True,
    )


COMPRESSOR_LAWS = (
    isentropic_work(),
    isentropic_work_plain(),
    compressor_losses(),
    stage_pressure(),
    compressor_record(),
)
