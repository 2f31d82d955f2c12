"""Laws of what shares flows among stores: banks that are filled and drawn in cascade, transfers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from h2plant.core.bus import PRESSURE, SHED_ABOVE, TEMPERATURE
from h2plant.core.law import (
    FloatArray,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    at_most,
    equal,
    sum_law,
)
from h2plant.laws import state_equations
from h2plant.laws.storage import largest

_LEAST_PA = 0.6e5


# Banks ---------------------------------------------------------------------------------------------------------------
def _levels(seen: Seen) -> FloatArray:
    """Return the levels of banks, shape (n_banks, n)."""
    return np.array(seen.each("levels")).reshape(-1, seen.n)


def fill_balance() -> SumLaw:
    """Return: what fills banks is shared out whole."""
    items = ("h2", "mass", "enthalpy")
    return sum_law(
        "fill-balance",
        "banks get all that comes, no more",
        "sum m_i = m_in; sum H_i = H_in",
        "conservation of mass and energy",
        *(Row((Term(f"inlet.{item}"), Term(f"outlets.{item}", -1.0))) for item in items),
    )


def fill_order() -> Law:
    """Return: the first bank that has room takes the flow, a full bank none while another has room."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        levels, come = _levels(seen), seen.stream("inlet")
        full, band, held = seen.parameter("full_frac"), seen.parameter("band_frac"), seen.parameter("bank_capacity_kg")
        n, amount = len(levels), come.mass * seen.step_s
        left, shares = np.ones(seen.n), []
        for level in levels:
            share = left * np.clip((full - level) / band, 0.0, 1.0)
            if held > 0.0:
                with np.errstate(divide="ignore", invalid="ignore"):
                    most = np.where(amount > 0.0, np.maximum(full - level, 0.0) * held / amount, np.inf)
                share = np.minimum(share, most)
            shares.append(share)
            left = left - share
        yield equal(seen.after("unplaced_frac"), left, abs_=1e-9)
        yield equal(seen.at("level"), levels.mean(axis=0), abs_=1e-9)
        streams = seen.streams("outlets")
        given = np.array([stream.mass for stream in streams[:n]])
        parts = np.array(shares) + left / max(n, 1)
        yield equal(given, parts * come.mass, rel=1e-7, abs_=1e-9 * come.mass).max(axis=0)
        state = slice(TEMPERATURE, PRESSURE + 1)
        found = np.array([stream.values[:, state].T for stream in streams[:n]])
        yield largest(equal(found, come.values[:, state].T, where=given[:, None] > 0.0), seen.n)

    return Law(
        "fill-order",
        "the first bank with room takes what comes; what no bank has room for goes to all",
        "x_i = (1 - sum_{k<i} x_k) min(max((L_full - L_i)/band, 0), 1), no more than its room; + what is left / n",
        "cascade filling by order; band and room are the component's parameters",
        check,
    )


def draw_balance() -> Law:
    """Return: what is asked of banks is what is passed on and what falls short."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        asked, dt = np.maximum(seen.at("demand"), 0.0), seen.step_s
        passed = seen.total("demands")
        yield equal(passed, seen.after("drawn_kg_per_s"), abs_=1e-12 * asked)
        yield equal(asked, passed + seen.after("unserved_kg_per_s"))
        lost = asked - passed
        # below 1e-9 kg/s nothing is counted
        yield equal(seen.change("unserved_kg"), lost * dt, rel=1e-6, abs_=seen.rounding("unserved_kg") + 1e-9 * dt)

    return Law(
        "draw-balance",
        "what is asked of banks is what is passed on and what falls short, and the latter is counted",
        "m_asked = sum m_i + m_short",
        "conservation of mass",
        check,
    )


def _by_pressure(seen: Seen) -> NDArray[np.bool_]:
    """Return where the trailers' pressure chooses the bank."""
    full = seen.at("trailer_full_pressure") if seen.is_linked("trailer_full_pressure") else seen.nothing
    return np.asarray((full > 0.0) & seen.is_linked("pressures"), dtype=np.bool_)


def _weights(seen: Seen, usable: FloatArray, stands: FloatArray) -> FloatArray:
    """Return what each bank gives before it is scaled: what those that stand lower leave to it."""
    lead = (stands[:, None] - stands[None, :]) / seen.parameter("sharing_band_frac")  # how far k lies below i
    left = 1.0 - np.clip(0.5 + 0.5 * lead, 0.0, 1.0) * usable[None, :]
    left[np.arange(len(usable)), np.arange(len(usable))] = 1.0
    return np.asarray(usable * left.prod(axis=1))


def _usable(seen: Seen, levels: FloatArray) -> FloatArray:
    p = seen.parameter
    return np.asarray(np.clip((levels - p("empty_frac")) / p("empty_band_frac"), 0.0, 1.0))


def _scaled(weight: FloatArray, usable: FloatArray, asked: FloatArray) -> FloatArray:
    """Return the flow of each bank: weights scaled to what is asked, less where all run empty."""
    total = weight.sum(axis=0)
    drawn = asked * np.minimum(usable.sum(axis=0), 1.0)
    return np.asarray(weight * np.where(total > 0.0, drawn / np.where(total > 0.0, total, 1.0), 0.0))


def draw_order() -> Law:
    """Return: the lowest bank that still gives is drawn from, an empty one never."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        levels = _levels(seen)
        usable, asked = _usable(seen, levels), np.maximum(seen.at("demand"), 0.0)
        wanted = _scaled(_weights(seen, usable, levels), usable, asked)
        passed = np.array(seen.each("demands")).reshape(-1, seen.n)[: len(levels)]
        by_level = ~_by_pressure(seen)
        yield equal(passed, wanted, rel=1e-7, abs_=1e-9 * asked, where=by_level[None, :]).max(axis=0)

    return Law(
        "draw-order",
        "the lowest bank that still gives is drawn from, neighbours in level share, an empty one gives nothing",
        "w_i = u_i prod_{k != i} (1 - b_ik u_k), u = min(max((L - L_empty)/band, 0), 1), b = 1 where k is the lower",
        "cascade drawing by level; bands are the component's parameters",
        check,
    )


def draw_steps() -> Law:
    """Return: with trailers of known pressure, banks serve the mass that their pressure reaches, the lowest first."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        by_pressure = _by_pressure(seen)
        if not by_pressure.any():
            return
        levels, pressures = _levels(seen), np.array(seen.each("pressures")).reshape(-1, seen.n)
        usable, asked = _usable(seen, levels), np.maximum(seen.at("demand"), 0.0)
        full = np.where(by_pressure, seen.at("trailer_full_pressure"), 1.0)
        warm = seen.parameter("trailer_temperature_k")

        def held(pressure_pa: FloatArray) -> FloatArray:
            kg_per_m3 = state_equations.density("h2", np.maximum(pressure_pa, _LEAST_PA), warm)
            return np.where(pressure_pa < _LEAST_PA, 0.0, kg_per_m3)

        empty = held(seen.at("trailer_empty_pressure"))
        taken = held(full) - empty
        reach = np.clip((held(pressures - seen.parameter("pressure_margin_pa")) - empty) / taken, 0.0, 1.0)
        wanted, served = np.zeros_like(pressures), seen.nothing
        for rank in np.argsort(pressures, axis=0):
            turn = np.take_along_axis(pressures, rank[None, :], axis=0)[0]
            to = np.maximum(np.take_along_axis(reach, rank[None, :], axis=0)[0], served)
            able = np.where(pressures >= turn[None, :], usable, 0.0)
            wanted += _scaled(_weights(seen, able, pressures / full), able, asked * (to - served))
            served = to
        passed = np.array(seen.each("demands")).reshape(-1, seen.n)[: len(levels)]
        yield equal(passed, wanted, rel=1e-4, abs_=1e-5 * asked, where=by_pressure[None, :]).max(axis=0)
        # no bank fills trailers beyond its own pressure
        highest = np.argmax(pressures, axis=0)
        most = np.take_along_axis(reach, highest[None, :], axis=0)[0]
        yield at_most(passed.sum(axis=0), most * asked, rel=1e-4, abs_=1e-5 * asked, where=by_pressure)

    return Law(
        "draw-steps",
        "trailers evenly between empty and full are served by the bank of the lowest pressure that reaches them",
        "x_i = (rho(p_i - dp) - rho(p_0)) / (rho(p_1) - rho(p_0)); bank i serves x from that of the bank below it",
        "cascade filling, density of hydrogen at 15 degC: Leachman 2009, doi 10.1063/1.3160306; bands as parameters",
        check,
        needs_equation_of_state=True,
    )


# Transfer ------------------------------------------------------------------------------------------------------------


def transfer_stop() -> Law:
    """Return: a transfer stops where the destination is full, and starts again at a lower level."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        level = seen.at("destination_level")
        stops = level >= seen.parameter("destination_stop_frac")
        starts = ~stops & (level <= seen.parameter("destination_restart_frac"))
        before = seen.before("is_open")
        is_open = np.where(stops, 0.0, np.where(starts, 1.0, before))
        yield equal(seen.after("is_open"), is_open)
        stopped = np.where((before > 0.0) & stops, 1.0, 0.0)
        yield equal(seen.change("n_stops"), stopped, abs_=1e-9)

    return Law(
        "transfer-stop",
        "a transfer stops where the destination is full, keeps still until its lower level, and counts its stops",
        "stop at L >= L_stop, go at L <= L_restart, else as before",
        "two-point control with hysteresis; levels are the component's parameters",
        check,
        takes_arrays=True,
    )


def transfer_flow() -> Law:
    """Return: a transfer asks for what the levels of both stores allow."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt = seen.parameter, seen.step_s
        source, level = seen.at("source_level"), seen.at("destination_level")
        give = _ramp(source, p("source_empty_frac"), p("source_full_frac"))
        room = p("destination_full_frac") - level
        flow = (
            p("max_flow_kg_per_s") * give * _ramp(room, 0.0, p("destination_full_frac") - p("destination_taper_frac"))
        )
        surplus = seen.at("source_surplus")
        flow = np.where(surplus > 0.0, np.minimum(flow, 0.5 * surplus / dt + seen.at("source_inflow")), flow)
        if p("destination_capacity_kg") > 0.0:
            flow = np.minimum(flow, np.maximum(room, 0.0) * p("destination_capacity_kg") / dt)
        runs = (seen.after("is_open") > 0.0) & (seen.asked("shed") <= SHED_ABOVE)
        demand = seen.at("demand")
        yield equal(demand, np.where(runs, flow, 0.0), abs_=1e-12 * p("max_flow_kg_per_s"))
        yield equal(seen.after("flow_kg_per_s"), demand)

    return Law(
        "transfer-flow",
        "a transfer asks for flow by the source's level, less as the destination fills, and for none while stopped",
        "m = m_max ramp(L_source) ramp(L_full - L_dest); <= m_surplus/(2 dt) + m_inflow; <= room/dt",
        "proportional control; bands are the component's parameters",
        check,
    )


def _ramp(value: FloatArray, low: float, high: float) -> FloatArray:
    if high <= low:
        return np.where(value > low, 1.0, 0.0)
    return np.clip((value - low) / (high - low), 0.0, 1.0)
