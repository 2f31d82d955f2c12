"""Laws of what purifies gas: deoxidisers, dryers, adsorbers, and of what watches its purity."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from h2plant.core import bus
from h2plant.core.law import (
    FloatArray,
    Flow,
    Law,
    Row,
    Seen,
    SumLaw,
    Term,
    at_least,
    at_most,
    equal,
    sum_law,
    within,
)
from h2plant.core.law_constants import (
    GAS_CONSTANT_J_PER_MOL_K,
    MOL_PER_KG_H2,
    MOL_PER_KG_H2O,
    MOL_PER_KG_N2,
    MOL_PER_KG_O2,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.laws import state_equations
from h2plant.laws.gas import hours_with_flow, pressure_loss, species_rows
from h2plant.laws.protection import led_past, unpowered
from h2plant.laws.water_properties import saturation_pressure

_DRY_SPECIES = ("h2", "o2", "n2")
_MOL_PER_KG = np.array([MOL_PER_KG_H2, MOL_PER_KG_O2, MOL_PER_KG_N2, MOL_PER_KG_H2O, MOL_PER_KG_H2O])


# Deoxidiser -----------------------------------------------------------------------------------------------------------
def recombination() -> SumLaw:
    """Return: a deoxidiser burns hydrogen and oxygen two to one, and counts the water formed."""
    per_o2 = 2.0 * MOLAR_MASS_H2_KG_PER_MOL / MOLAR_MASS_O2_KG_PER_MOL
    h2 = (Term("inlet.h2"), Term("outlet.h2", -1.0))
    return sum_law(
        "recombination",
        "hydrogen and oxygen burn two to one, and the water formed is counted",
        "dn_H2 = 2 dn_O2 = dn_H2O; 2 H2 + O2 -> 2 H2O",
        "stoichiometry",
        Row((*h2, Term("inlet.o2", -per_o2), Term("outlet.o2", per_o2))),
        Row((Term("inlet.mass"), Term("outlet.mass", -1.0))),
        Row((Term("inlet.n2"), Term("outlet.n2", -1.0))),
        Row((
            Term("reacted_h2o_mol", MOLAR_MASS_H2O_KG_PER_MOL),
            Term("outlet.water"),
            Term("inlet.water", -1.0),
        ), rel=1.0e-8),
    )  # fmt: skip


_TRACE_FRAC = 2.0e-9
"""Share of the nominal flow up to which a deoxidiser may let gas pass as it came; it does up to a quarter of it."""


def catalyst() -> Law:
    """Return: oxygen that gets through a catalyst is what its transfer units let, and never less than the film lets."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet, p = seen.stream("inlet"), seen.stream("outlet"), seen.parameter
        ratio = inlet.mass / p("nominal_flow_kg_per_s")
        stands = led_past(seen)
        where = (inlet.o2 > 0.0) & (inlet.h2 > 0.0) & (ratio > _TRACE_FRAC) & ~stands
        safe = np.where(ratio > 0.0, ratio, 1.0)
        film = p("n_film_units") * safe**-0.4
        per_k = 1.0 / 333.15 - 1.0 / seen.before("bed_temperature_k")
        exponent = p("activation_j_per_mol") / GAS_CONSTANT_J_PER_MOL_K * per_k
        surface = p("n_surface_units") / safe * np.exp(exponent)
        units = np.divide(film * surface, film + surface, out=np.zeros(seen.n), where=film + surface > 0.0)
        # no more burns than the hydrogen lasts for
        least = inlet.o2 - 0.5 * inlet.h2 * MOL_PER_KG_H2 * MOLAR_MASS_O2_KG_PER_MOL
        allowed = 1.0e-9 * inlet.o2
        yield at_least(outlet.o2, inlet.o2 * np.exp(-film), 1.0e-6, allowed, where=where)
        yield equal(outlet.o2, np.maximum(inlet.o2 * np.exp(-units), least), 1.0e-6, allowed, where=where)
        passes = (inlet.o2 <= 0.0) | (inlet.h2 <= 0.0) | (ratio < 0.25 * _TRACE_FRAC) | stands
        yield equal(outlet.o2, inlet.o2, where=passes)
        yield at_most(outlet.o2, inlet.o2, 1.0e-9)

    return Law(
        "catalyst",
        "the oxygen behind a catalyst is what its transfer units let through, and never less than its film lets",
        "m_out / m_in = exp(-N), 1/N = 1/N_film r^0.4 + r / (N_surface exp(-E/R (1/T - 1/T_ref)))",
        "film and surface in series; N. Wakao, T. Funazkri 1978, doi 10.1016/0009-2509(78)85120-3; Arrhenius",
        check,
        takes_arrays=True,
    )


def bed_heat() -> SumLaw:
    """Return: what enthalpy the gas leaves in a bed warms it or is lost."""
    return sum_law(
        "bed-heat",
        "what the gas leaves in the bed warms it or is lost",
        "C dT = (H_in + P - H_out - Q) dt",
        "first law of thermodynamics",
        Row((
            Term("inlet.enthalpy"),
            Term("frost_power"),
            Term("outlet.enthalpy", -1.0),
            Term("heat_loss", -1.0),
            Term("bed_temperature_k", -1.0, "bed_j_per_k"),
        )),
    )  # fmt: skip


def bed_temperature() -> Law:
    """Return: a bed loses heat by its temperature, and the gas leaves at it."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        outlet, ambient_k = seen.stream("outlet"), seen.at("ambient_temperature")
        before, after = seen.before("bed_temperature_k"), seen.after("bed_temperature_k")
        ua = seen.parameter("loss_w_per_k")
        yield within(seen.at("heat_loss"), ua * (before - ambient_k), ua * (after - ambient_k), 1.0e-6, 1.0e-3 * ua)
        # drops evaporate or form on the way
        flows = outlet.mass > _TRACE_FRAC * seen.parameter("nominal_flow_kg_per_s")
        flows &= ~led_past(seen)
        dry = flows & (outlet.liquid <= 0.0)
        partial_pa = state_equations.vapour_partial_pressure(outlet, outlet.pressure_pa)
        coldest = np.minimum(np.minimum(before, after), 647.0)
        dry &= partial_pa < 0.99 * saturation_pressure(coldest)
        yield within(outlet.temperature_k, before, after, 0.0, 0.01, where=dry)

    return Law(
        "bed-temperature",
        "a bed loses heat by its temperature, and the gas leaves at it",
        "Q = UA (T - T_ambient); T_out = T_bed",
        "Newton's law of cooling; a well mixed bed",
        check,
        takes_arrays=True,
    )


def reacted_share() -> Law:
    """Return: the figures of a deoxidiser are those of its streams."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet = seen.stream("inlet"), seen.stream("outlet")
        total = outlet.values[:, :5] @ _MOL_PER_KG
        fraction = np.divide(outlet.o2 * MOL_PER_KG_O2, total, out=np.zeros(seen.n), where=total > 0.0)
        flows = inlet.mass > _TRACE_FRAC * seen.parameter("nominal_flow_kg_per_s")
        flows &= ~led_past(seen)
        yield equal(seen.after("outlet_oxygen_frac"), fraction, rel=1.0e-6, where=flows)
        burnt = np.divide(inlet.o2 - outlet.o2, inlet.o2, out=np.zeros(seen.n), where=inlet.o2 > 0.0)
        yield equal(seen.after("conversion_frac"), burnt, rel=1.0e-6, abs_=1.0e-9)

    return Law(
        "reacted-share",
        "oxygen fraction and conversion are those of the streams",
        "x = n_O2 / n; conversion = 1 - m_O2,out / m_O2,in",
        "definition of the outputs",
        check,
        takes_arrays=True,
    )


# Dryer ----------------------------------------------------------------------------------------------------------------
_HEATING, _READY = 0.0, 2.0
_LEAST_PURGED_KG = 1.0e-9
_VAPOUR_FORMATION_J_PER_KG = -241826.0 / MOLAR_MASS_H2O_KG_PER_MOL  # CODATA key values, Cox et al. 1989, 298.15 K


def dryer_balance() -> SumLaw:
    """Return: water taken from the gas is on the beds, and heat that is in no stream is in them or lost."""
    loads = ("adsorbing_load_kg", "regenerating_load_kg")
    beds = ("adsorbing_temperature_k", "regenerating_temperature_k")
    purged_water = (Term("purged_vapour_kg", -1.0), Term("purged_liquid_kg", -1.0))
    water = (Term("inlet.water"), Term("outlet.water", -1.0), Term("purge.water", -1.0), *purged_water)
    energy = (
        Term("purged_energy_j", -1.0),
        *(Term("inlet.enthalpy"), Term("outlet.enthalpy", -1.0), Term("purge.enthalpy", -1.0)),
        *(Term("power"), Term("heat_loss", -1.0)),
        *(Term(name, -1.0, "bed_j_per_k") for name in beds),
        *(Term(name, -_VAPOUR_FORMATION_J_PER_KG) for name in loads),
        *(Term(name, 1.0, "heat_of_desorption_j_per_kg") for name in loads),
    )
    dry = (
        Row(
            (
                *(Term(f"inlet.{item}"), Term(f"outlet.{item}", -1.0), Term(f"purge.{item}", -1.0)),
                Term(f"purged_{item}_kg", -1.0),
            )
        )
        for item in _DRY_SPECIES
    )
    return sum_law(
        "dryer-balance",
        "water taken from the gas is on the beds, heat of adsorption, heating and losses add up, purge on its way too",
        "m_w,in - m_w,out - m_w,purge = dW + dm_w; H_in + P - H_out - H_purge - Q = d(C T) + (h_v - q) dW + dH",
        "conservation of mass; first law of thermodynamics",
        Row((*water, *(Term(name, -1.0) for name in loads))),
        Row(energy),
        *dry,
    )


def _purged(seen: Seen, read: Callable[[str], FloatArray]) -> FloatArray:
    """Return the purge gas on its way as the stream that it leaves as, in the order of ``core.bus.STREAM_COLUMNS``."""
    names = ("h2_kg", "o2_kg", "n2_kg", "vapour_kg", "liquid_kg", "energy_j")
    amounts = [read(f"purged_{name}") / seen.step_s for name in names]
    return np.stack([*amounts, read("purged_temperature_k"), read("purged_pressure_pa")], axis=1)


def purge_hold_up() -> Law:
    """Return: the purge gas of a step leaves in the next, as it was."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        left = seen.stream("purge").values
        yield equal(left.T, _purged(seen, seen.before).T, 1.0e-8, 1.0e-15).max(axis=0)

    return Law(
        "purge-hold-up",
        "the purge gas that a step made leaves in the next, as it was",
        "m_purge(t + dt) = m_made(t)",
        "conservation of mass and energy; a store of one step",
        check,
    )


class _Dried:
    """What a dryer did in each step, before its beds changed over."""

    def __init__(self, seen: Seen) -> None:
        self.inlet, self.outlet = seen.stream("inlet"), seen.stream("outlet")
        self.purge = Flow(_purged(seen, seen.after))  # what this step made; the port has what the last one did
        self.flows = self.inlet.mass > 0.0
        changed = seen.change("n_switches") > 0.5

        def end(one: str, other: str) -> FloatArray:
            return np.where(changed, seen.after(other), seen.after(one))

        self.changed = changed
        self.load_kg = end("adsorbing_load_kg", "regenerating_load_kg")
        self.other_load_kg = end("regenerating_load_kg", "adsorbing_load_kg")
        self.bed_k = end("adsorbing_temperature_k", "regenerating_temperature_k")
        self.other_k = end("regenerating_temperature_k", "adsorbing_temperature_k")
        self.mode = seen.before("mode")
        dry, slipped = self.inlet.dry_mol_per_s, self.purge.dry_mol_per_s
        self.dry = dry
        self.slip = np.divide(slipped, dry, out=np.zeros(seen.n), where=dry > 0.0)
        self.kept = np.where(self.slip < 1.0, 1.0 - self.slip, 1.0)
        self.water = self.outlet.water / self.kept
        # a drowned bed passes wet gas, whose temperature is that of its enthalpy and not the bed's: what comes through
        # as vapour may condense behind it
        came = self.inlet.vapour / np.maximum(self.inlet.water, 1.0e-200)
        self.is_drowned = self.water * came * MOL_PER_KG_H2O > 0.01 * dry


def dryer_moisture() -> Law:
    """Return: dried gas carries the water of a fresh bed until that breaks through; the rest is on the bed."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p = _Dried(seen), seen.parameter
        where = d.flows & (d.dry > 0.0)
        before = seen.before("adsorbing_load_kg")
        fresh = p("outlet_water_frac") * d.dry * MOLAR_MASS_H2O_KG_PER_MOL
        arriving = np.maximum(d.inlet.water - fresh, 0.0)
        breakthrough, full = (
            p("breakthrough_load_ratio") * p("sorbent_kg"),
            p("saturation_load_ratio") * p("sorbent_kg"),
        )
        # to breakthrough all of it stays; from there dW/dt = F (W_full - W) / (W_full - W_b)
        room = np.maximum(breakthrough - before, 0.0)
        rest = np.maximum(arriving * seen.step_s - room, 0.0)
        start = np.maximum(before, breakthrough)
        late = np.maximum(full - start, 0.0) * -np.expm1(-rest / max(full - breakthrough, 1.0e-30))
        taken = np.minimum(arriving * seen.step_s, room) + np.where(rest > 0.0, late, 0.0)
        yield equal(d.load_kg - before, taken, 1.0e-6, 1.0e-9 * before + 1.0e-12, where=where)
        passing = d.inlet.water - taken / seen.step_s
        yield equal(d.water, passing, 1.0e-6, 1.0e-9 * d.inlet.water, where=where)
        total = d.dry + d.water * MOL_PER_KG_H2O
        fraction = np.divide(d.water * MOL_PER_KG_H2O, total, out=np.zeros(seen.n), where=d.flows & (total > 0.0))
        yield equal(seen.after("outlet_frac"), fraction, rel=1.0e-6, abs_=1.0e-15)

    return Law(
        "dryer-moisture",
        "dried gas carries the water of a fresh bed until that breaks through, and the bed takes the rest",
        "m_w,out = x_out n M_w; dW = (m_w,in - m_w,out) dt; beyond breakthrough dW/dt = F (W_s - W) / (W_s - W_b)",
        "conservation of mass; GPSA Engineering Data Book, 12th ed., section 20; parameters of the component",
        check,
    )


def dryer_purge() -> Law:
    """Return: purge is what the stage of the other bed asks for, and no stage gives it water."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p = _Dried(seen), seen.parameter
        asked = np.divide(p("purge_kg_per_s"), d.inlet.mass, out=np.zeros(seen.n), where=d.flows)
        wanted = np.where(d.mode == _READY, 0.0, np.minimum(asked, p("purge_max_frac")))
        amount_kg = wanted * (d.inlet.mass - d.inlet.water + d.water) * seen.step_s  # of dried gas
        wanted = np.where(amount_kg < _LEAST_PURGED_KG, 0.0, wanted)
        is_clear = np.abs(amount_kg - _LEAST_PURGED_KG) > 1.0e-6 * _LEAST_PURGED_KG
        yield equal(d.slip, wanted, 1.0e-9, 1.0e-15, where=d.flows & (d.dry > 0.0) & is_clear)
        off = seen.before("regenerating_load_kg") - d.other_load_kg
        yield at_least(off, 0.0, 0.0, 1.0e-9 * seen.before("regenerating_load_kg"))
        carried = (d.purge.water - d.slip * d.water) * seen.step_s
        yield equal(off, carried, 1.0e-6, 1.0e-9 * seen.before("regenerating_load_kg") + 1.0e-12)
        # a hot bed holds no more than its isobar allows in purge gas
        span = p("isobar_end_k") - p("isobar_start_k")
        most = p("saturation_load_ratio") * p("sorbent_kg") * np.maximum(p("isobar_end_k") - d.other_k, 0.0) / span
        purged = d.slip > 0.0
        yield at_most(d.other_load_kg, most, 1.0e-6, 1.0e-9 * p("sorbent_kg"), where=purged)

    return Law(
        "dryer-purge",
        "purge gas carries off what the other bed loses, which holds no more than its temperature allows",
        "m_purge = slip m; dW = -m_w dt; W <= W_s (T_end - T) / (T_end - T_start)",
        "conservation of mass; linear isobar, D. W. Breck, Zeolite Molecular Sieves, 1974; parameters of the component",
        check,
        takes_arrays=True,
    )


def regeneration_heat() -> Law:
    """Return: each bed for itself: heat of adsorption, of desorption, of heating, and what the vessels lose."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p, dt = _Dried(seen), seen.parameter, seen.step_s
        where = d.flows & (d.slip < 1.0) & ~d.is_drowned
        ambient_k, ua, capacity = seen.at("ambient_temperature"), p("loss_w_per_k"), p("bed_j_per_k")
        on_sieve = _VAPOUR_FORMATION_J_PER_KG - p("heat_of_desorption_j_per_kg")
        dried_w = d.outlet.enthalpy_w / d.kept
        loss_w = ua * (d.outlet.temperature_k - ambient_k)
        gained = capacity * (d.bed_k - seen.before("adsorbing_temperature_k"))
        gained = gained + on_sieve * (d.load_kg - seen.before("adsorbing_load_kg"))
        left_w = d.inlet.enthalpy_w - dried_w - loss_w
        allowed_w = 1.0e-9 * np.abs(d.inlet.enthalpy_w) + (1.0e-9 * capacity * d.bed_k + 1.0e-3) / dt
        yield equal(left_w, gained / dt, 1.0e-6, allowed_w, where=where)
        other = capacity * (d.other_k - seen.before("regenerating_temperature_k"))
        other = other + on_sieve * (d.other_load_kg - seen.before("regenerating_load_kg"))
        other_loss_w = seen.at("heat_loss") - loss_w
        left_w = d.slip * dried_w + seen.at("power") - d.purge.enthalpy_w - other_loss_w
        yield equal(left_w, other / dt, 1.0e-6, allowed_w, where=where)
        yield within(d.outlet.temperature_k, seen.before("adsorbing_temperature_k"), d.bed_k, 0.0, 0.01, where=where)
        # a bed that gives off water by its own heat is colder in between
        slack = 1.0e-6 + ua * np.where(d.slip > 0.0, 30.0, 0.1)
        one, two = (ua * (bed - ambient_k) for bed in (seen.before("regenerating_temperature_k"), d.other_k))
        yield within(other_loss_w, one, two, 1.0e-6, slack, where=where)

    return Law(
        "regeneration-heat",
        "heat of adsorption warms the drying bed; heater and purge pay for desorption, heating and losses of the other",
        "H_in - H_dried - Q = C dT/dt + (h_v - q) dW/dt, of each bed",
        "first law of thermodynamics; Newton's law of cooling",
        check,
        takes_arrays=True,
    )


def _gas_w_per_k(gas: Flow) -> FloatArray:
    """Return the heat capacity rate of hot gas, W/K: 400 to 600 K within 1 % (NIST-JANAF)."""
    return np.asarray(14.5e3 * gas.h2 + 0.97e3 * gas.o2 + 1.06e3 * gas.n2 + 1.94e3 * gas.vapour)


def regeneration_front() -> Law:
    """Return: a bed that is heated takes from its purge gas what a front does that arrives at its end late."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p, dt = _Dried(seen), seen.parameter, seen.step_s
        before, start, zone = seen.before("regenerating_temperature_k"), seen.before("front_start_k"), 1.0e-3
        zone = np.maximum(p("front_zone_frac"), zone)
        hot_k, ua = p("regeneration_temperature_k"), p("loss_w_per_k")
        # where the heater is not at its limit, and has power, that tells the heat capacity rate of the purge gas;
        # dried gas that is warmer than that comes as it is, and its heat capacities tell
        rise_k = hot_k - d.outlet.temperature_k
        heated = rise_k > 1.0
        rate = np.where(heated, seen.at("power") / np.maximum(rise_k, 1.0), d.slip / d.kept * _gas_w_per_k(d.outlet))
        doubt = np.where(heated, 1.0e-3, 0.02)
        free = d.flows & (d.mode == _HEATING) & (d.slip > 0.0) & (seen.at("power") < p("heater_max_w") * (1.0 - 1e-9))
        free &= ~unpowered(seen)
        span = np.maximum(np.maximum(hot_k, d.outlet.temperature_k) - start, 1.0)
        gives = [rate * span * np.clip((1.0 - (one - start) / span) / zone, 0.0, 1.0) for one in (before, d.other_k)]
        vapour = _VAPOUR_FORMATION_J_PER_KG + 1868.0 * (start - 298.15)  # ideal gas at 300 K, NIST-JANAF
        on_sieve = _VAPOUR_FORMATION_J_PER_KG - p("heat_of_desorption_j_per_kg")
        off = seen.before("regenerating_load_kg") - d.other_load_kg
        takes = (p("bed_j_per_k") * (d.other_k - before) + off * (vapour - on_sieve)) / dt
        takes = takes + ua * (0.5 * (before + d.other_k) - seen.at("ambient_temperature"))
        follows = free & (start > 200.0) & ~d.is_drowned & ~unpowered(seen)
        onset = p("isobar_end_k") - seen.before("regenerating_load_kg") / (
            p("saturation_load_ratio") * p("sorbent_kg") / (p("isobar_end_k") - p("isobar_start_k"))
        )
        cold = onset >= before  # a bed too hot for its load gives water off by itself
        yield within(takes, gives[1], gives[0], 1.0e-3, ua * 60.0 + doubt * gives[0], where=follows & cold)

    return Law(
        "regeneration-front",
        "purge gas leaves a bed as cold as it began until its front arrives, and gives it the rest of its heat",
        "C dT/dt + q dW/dt + Q = K (T_in - T_0) min(1, (1 - u) / z), u = (T - T_0) / (T_in - T_0)",
        "conservation of energy; zone of mass transfer, GPSA Engineering Data Book, 12th ed., section 20",
        check,
        takes_arrays=True,
    )


def purge_heater() -> Law:
    """Return: the purge heater warms the purge gas to its set temperature as far as its power goes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p = _Dried(seen), seen.parameter
        heats = d.flows & (d.mode == _HEATING) & (d.slip > 0.0)
        yield equal(seen.at("power"), 0.0, 0.0, 1.0e-9, where=~heats)
        rows = np.flatnonzero(heats)
        if not rows.size:
            return
        purge = Flow(d.inlet.values[rows] * d.slip[rows, None])
        purge.values[:, bus.VAPOUR : bus.LIQUID + 1] = 0.0
        start_k, dried_k = seen.before("adsorbing_temperature_k")[rows], d.outlet.temperature_k[rows]
        rate = state_equations.stream_states(purge, start_k, d.outlet.pressure_pa[rows])[2]
        rate = rate + d.slip[rows] * d.water[rows] * 1870.0  # vapour; liquid only in a drowned bed
        rise_k = np.maximum(p("regeneration_temperature_k") - dried_k, 0.0)
        wanted = np.full(seen.n, np.nan)
        wanted[rows] = np.minimum(rate * rise_k, np.where(unpowered(seen)[rows], 0.0, p("heater_max_w")))
        is_dry = heats & (d.outlet.liquid <= 0.0) & ~d.is_drowned
        yield equal(np.where(is_dry, seen.at("power"), 0.0), np.where(is_dry, wanted, 0.0), 2.0e-3, where=is_dry)

    return Law(
        "purge-heater",
        "the purge heater warms the purge gas to its set temperature as far as its power goes",
        "P = min(m cp (T_set - T_dried), P_max), while a bed is heated",
        "first law of thermodynamics; equations of state in CoolProp; parameters of the component",
        check,
        needs_equation_of_state=True,
    )


def bed_change() -> Law:
    """Return: beds change over when one is full and the other ready, and stages follow one another."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        d, p = _Dried(seen), seen.parameter
        full = p("switch_load_ratio") * p("sorbent_kg")
        ready = d.flows & (d.mode == _READY)
        is_clear = np.abs(d.load_kg - full) > 1.0e-9 * full
        yield equal(seen.change("n_switches"), ready & (d.load_kg >= full), abs_=1.0e-6, where=is_clear)
        stages = np.where(d.changed, _HEATING, np.minimum(d.mode + 1.0, _READY))
        yield within(seen.after("mode"), np.where(d.changed, _HEATING, d.mode), stages)

    return Law(
        "bed-change",
        "beds change over when one is full and the other ready; a bed is heated, cooled, ready",
        "n + 1 where W >= W_switch and the other is ready",
        "temperature swing with two beds; parameters of the component",
        check,
        takes_arrays=True,
    )


# Pressure-swing adsorber ----------------------------------------------------------------------------------------------
def psa_recovery() -> SumLaw:
    """Return: product is the recovered hydrogen with what slips through; the tail gas has the rest."""
    shares = (("h2", "recovery_frac"), ("o2", "oxygen_slip_frac"), ("n2", "nitrogen_slip_frac"))
    rows = [Row((Term(f"outlet.{item}"), Term(f"inlet.{item}", -1.0, name))) for item, name in shares]
    return sum_law(
        "psa-recovery",
        "product is the recovered hydrogen with what slips through, and the tail gas has the rest",
        "m_i,product = r_i m_i,in; m_i,tail = m_i,in - m_i,product; H likewise",
        "definition of recovery, S. Sircar, T. C. Golden 2000, doi 10.1081/SS-100100183; conservation of mass",
        *rows,
        Row((Term("outlet.water"), Term("inlet.water", -1.0, "water_slip_frac"))),
        *species_rows("inlet", "outlet", "tail_gas"),
        Row((Term("inlet.enthalpy"), Term("outlet.enthalpy", -1.0), Term("tail_gas.enthalpy", -1.0))),
    )


def psa_state() -> Law:
    """Return: product leaves at the inlet's temperature, tail gas at its pressure, and cycles go by the flow."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet, outlet, tail = seen.stream("inlet"), seen.stream("outlet"), seen.stream("tail_gas")
        yield equal(outlet.temperature_k, inlet.temperature_k, 0.0, 0.01, where=outlet.mass > 0.0)
        wanted_pa = np.minimum(inlet.pressure_pa, seen.parameter("tail_pressure_pa"))
        yield equal(tail.pressure_pa, wanted_pa, where=tail.mass > 0.0)
        per_s = inlet.mass / (seen.parameter("nominal_flow_kg_per_s") * seen.parameter("cycle_s"))
        yield equal(seen.change("n_cycles"), per_s * seen.step_s, 1.0e-6, 1.0e-9)
        total = outlet.values[:, :5] @ _MOL_PER_KG
        fraction = np.divide(outlet.water * MOL_PER_KG_H2O, total, out=np.zeros(seen.n), where=total > 0.0)
        yield equal(seen.after("outlet_water_frac"), fraction, rel=1.0e-6)

    return Law(
        "psa-state",
        "product has the inlet's temperature, tail gas its pressure, and cycles go by the flow",
        "T_product = T_in; p_tail = min(p_in, p_set); dn = m / m_nominal dt / t_cycle",
        "parameters of the component; a bed switches when it has taken up its share",
        check,
    )


# Purity ---------------------------------------------------------------------------------------------------------------
def passed_moles() -> SumLaw:
    """Return: what a monitor counts is what passed, and it passes all."""
    counted = (
        ("hydrogen_mol", "h2", MOL_PER_KG_H2),
        ("oxygen_mol", "o2", MOL_PER_KG_O2),
        ("nitrogen_mol", "n2", MOL_PER_KG_N2),
        ("water_mol", "water", MOL_PER_KG_H2O),
    )
    rows = [Row((Term(name, -1.0), Term(f"inlet.{item}", per_kg)), rel=1.0e-8) for name, item, per_kg in counted]
    return sum_law(
        "passed-moles",
        "what a monitor counts is what passed, and it passes all",
        "dn_i = m_i / M_i dt; m_out = m_in; H_out = H_in",
        "conservation of mass; definition of the counters",
        *rows,
        *species_rows("inlet", "outlet"),
        Row((Term("inlet.enthalpy"), Term("outlet.enthalpy", -1.0))),
    )


def purity_limits() -> Law:
    """Return: fractions are those of the stream and of all that passed; what exceeds a limit is counted."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        inlet = seen.stream("inlet")
        columns = (
            ("water", inlet.water * MOL_PER_KG_H2O),
            ("oxygen", inlet.o2 * MOL_PER_KG_O2),
            ("nitrogen", inlet.n2 * MOL_PER_KG_N2),
        )
        total = inlet.values[:, :5] @ _MOL_PER_KG
        flows = total > 0.0
        names = ("hydrogen", *(name for name, _ in columns))
        passed = sum((seen.after(f"{name}_mol") for name in names), seen.nothing)
        is_off, is_clear, worst = np.zeros(seen.n, dtype=bool), np.ones(seen.n, dtype=bool), seen.nothing
        for name, moles in columns:
            fraction = np.divide(moles, total, out=np.zeros(seen.n), where=flows)
            limit = seen.parameter(f"{name}_limit_frac")
            is_off |= flows & (fraction > limit)
            is_clear &= (np.abs(fraction - limit) > 1.0e-9 * limit) | (fraction == 0.0)
            mean = np.divide(seen.after(f"{name}_mol"), passed, out=np.zeros(seen.n), where=passed > 0.0)
            worst = np.fmax(worst, equal(seen.after(f"{name}_frac"), fraction, 1.0e-9))
            worst = np.fmax(worst, np.where(flows, equal(seen.after(f"mean_{name}_frac"), mean, 1.0e-9), 0.0))
        yield worst
        dt = np.where(is_off, seen.step_s, 0.0)
        yield equal(seen.change("off_spec_h"), dt / 3600.0, 1.0e-6, 1.0e-9, where=is_clear)
        yield equal(
            seen.change("off_spec_kg"), dt * inlet.mass, 1.0e-6, 1.0e-9 * seen.after("off_spec_kg"), where=is_clear
        )

    return Law(
        "purity-limits",
        "fractions are those of the stream and of all that passed, and what exceeds a limit is counted",
        "x_i = n_i / n; dt and m dt where x_i > limit",
        "ISO 14687:2019; definition of mole fraction",
        check,
    )


DEOXIDISER_LAWS = (
    recombination(),
    catalyst(),
    bed_heat(),
    bed_temperature(),
    reacted_share(),
    pressure_loss(is_led_past=True),
    hours_with_flow(is_led_past=True),
)
DRYER_LAWS = (
    dryer_balance(),
    dryer_moisture(),
    dryer_purge(),
    purge_hold_up(),
    regeneration_heat(),
    regeneration_front(),
    purge_heater(),
    bed_change(),
    pressure_loss(),
    hours_with_flow(),
)
PSA_LAWS = (psa_recovery(), psa_state(), pressure_loss(), hours_with_flow())
PURITY_MONITOR_LAWS = (passed_moles(), purity_limits())
