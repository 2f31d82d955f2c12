"""Laws of fuel cells and engines: what burns, what becomes power, what is asked for, starts and wear."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from h2plant.core.law import FloatArray, Law, Row, Seen, SumLaw, Term, at_least, at_most, equal, sum_law
from h2plant.core.law_constants import (
    FARADAY_C_PER_MOL,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)

_LHV_J_PER_KG = 33.322e3 * 3600.0
_FREE_ENERGY_J_PER_MOL = 237.14e3  # of liquid water at 25 degC; above, less is to be had
_NORMAL_PA = 1.01325e5
_LEAST_A_PER_M2 = 10.0  # below, the voltage is held
_CONTROL = "control of the component, by its parameters"


def _used_mol_per_s(seen: Seen) -> FloatArray:
    return (seen.stream("hydrogen").h2 - seen.stream("exhaust").h2) / MOLAR_MASS_H2_KG_PER_MOL


def _burnt() -> SumLaw:
    """Return: hydrogen and oxygen become water."""
    return sum_law(
        "reconversion-burns",
        "hydrogen that does not leave has become water with the oxygen of the air, and is counted",
        "H2 + 1/2 O2 = H2O",
        "conservation of mass; stoichiometry",
        *(
            Row(
                (
                    *(Term(f"{port}.{item}") for port in ("hydrogen", "air")),
                    *(Term(f"{port}.{item}", -1.0) for port in ("exhaust", "water")),
                    Term("reacted_h2o_mol", molar),
                ),
                rel=1.0e-8,
            )
            for item, molar in (
                ("h2", MOLAR_MASS_H2_KG_PER_MOL),
                ("o2", 0.5 * MOLAR_MASS_O2_KG_PER_MOL),
                ("n2", 0.0),
                ("water", -MOLAR_MASS_H2O_KG_PER_MOL),
            )
        ),
        Row((Term("burnt_kg"), Term("reacted_h2o_mol", MOLAR_MASS_H2_KG_PER_MOL)), rel=1.0e-8),
    )


def _energy() -> SumLaw:
    """Return: what the gases lose is power and heat."""
    streams = (
        Term("hydrogen.enthalpy"),
        Term("air.enthalpy"),
        Term("exhaust.enthalpy", -1.0),
        Term("water.enthalpy", -1.0),
    )
    return sum_law(
        "reconversion-energy",
        "what hydrogen and air lose on their way to exhaust and water is power and heat; the power is counted",
        "H_H2 + H_air = H_exhaust + H_water + P + Q; dE = P dt",
        "first law of thermodynamics",
        Row((*streams, Term("power", -1.0), Term("heat", -1.0))),
        Row((Term("generated_j"), Term("power", -1.0))),
    )


def _limits() -> Law:
    """Return: no more power than the free energy of the hydrogen, and as much air as was said."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        used, power, air = _used_mol_per_s(seen), seen.at("power"), seen.stream("air")
        flow = seen.stream("hydrogen").h2
        yield at_least(power, 0.0)
        yield at_most(power, used * _FREE_ENERGY_J_PER_MOL, abs_=1.0e-6)
        yield at_least(seen.at("heat"), 0.0, abs_=1.0e-3, where=flow > 0.0)
        yield equal(seen.after("power_w"), power)
        fuel = used * MOLAR_MASS_H2_KG_PER_MOL * _LHV_J_PER_KG
        yield equal(seen.after("efficiency_frac") * fuel, power, rel=1.0e-7)
        oxygen = 0.5 * seen.parameter("air_ratio") * used * MOLAR_MASS_O2_KG_PER_MOL
        yield equal(air.o2, oxygen, rel=1.0e-8, abs_=1.0e-12)
        nitrogen = air.o2 * (79.05 / 20.95) * MOLAR_MASS_N2_KG_PER_MOL / MOLAR_MASS_O2_KG_PER_MOL
        yield equal(air.n2, nitrogen, rel=1.0e-8)
        for port in ("exhaust", "water"):
            yield equal(seen.stream(port).temperature_k, seen.parameter("exhaust_temperature_k"))

    return Law(
        "reconversion-limits",
        "power is no more than the free energy of the hydrogen that burns, in as much air as its ratio says",
        "0 <= P <= n dG; Q >= 0; n_O2 = lambda n / 2",
        "second law of thermodynamics; free energy of formation of liquid water, NIST-JANAF",
        check,
    )


def _starts() -> Law:
    """Return: it starts when a load is wanted, takes its time, and stops after its shortest run."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, dt, load = seen.parameter, seen.step_s, seen.at("load")
        mode, since = seen.before("mode"), seen.before("since_s") + dt
        wants = (load > 0.0) & (load >= p("min_load_frac"))
        at_rest, running = mode < 0.5, mode > 1.5
        off = 1.0e-9 * (since + 1.0)
        ready = np.where(at_rest, p("start_time_s") <= 0.0, since >= p("start_time_s") - off)
        stays = wants | (since < p("min_up_s") - off)
        wanted = np.where(running, np.where(stays, 2.0, 0.0), np.where(wants, np.where(ready, 2.0, 1.0), 0.0))
        is_clear = np.abs(since - np.where(running, p("min_up_s"), p("start_time_s"))) > off
        yield equal(seen.after("mode"), wanted, abs_=1.0e-9, where=is_clear)
        yield equal(seen.change("n_starts"), np.where(at_rest & wants, 1.0, 0.0), abs_=seen.rounding("n_starts"))
        hours = np.where(_used_mol_per_s(seen) > 0.0, dt / 3600.0, 0.0)
        yield equal(seen.change("running_h"), hours, abs_=seen.rounding("running_h"))
        yield equal(seen.at("demand"), seen.after("demand_kg_per_s"))
        yield equal(seen.at("demand"), 0.0, where=seen.after("mode") < 1.5)

    return Law(
        "reconversion-starts",
        "it starts where a load is wanted, asks for hydrogen when its start is over, and stops after its shortest run",
        "t >= t_start before m_asked > 0; stops where x < x_min and t >= t_up",
        _CONTROL,
        check,
    )


def _load(seen: Seen) -> FloatArray:
    """Return the load that hydrogen is asked for in the next step."""
    load = np.clip(seen.at("load"), seen.parameter("min_load_frac"), 1.0)
    return np.asarray(np.where(seen.after("mode") > 1.5, load, 0.0))


def amphlett_voltage(
    density_a_per_m2: FloatArray | float, temperature_k: float, hydrogen_pa: float, oxygen_pa: float
) -> FloatArray:
    """Return the voltage of a new cell, V (Amphlett et al. 1995)."""
    j, T = np.asarray(density_a_per_m2, dtype=float) / 1.0e4, temperature_k
    h2, o2 = hydrogen_pa / _NORMAL_PA, oxygen_pa / _NORMAL_PA
    nernst = 1.229 - 0.85e-3 * (T - 298.15) + 4.3080e-5 * T * np.log(h2 * np.sqrt(o2))
    c_o2, c_h2 = o2 * np.exp(498.0 / T) / 5.08e6, h2 * np.exp(-77.0 / T) / 1.09e6
    xi = (-0.948, 0.00286 + 2.0e-4 * np.log(50.6) + 4.3e-5 * np.log(c_h2), 7.6e-5, -1.93e-4)
    activation = xi[0] + xi[1] * T + xi[2] * T * np.log(c_o2) + xi[3] * T * np.log(50.6 * j)
    resistivity = 181.6 * (1.0 + 0.03 * j + 0.062 * np.square(T / 303.0) * np.power(j, 2.5))
    resistivity = resistivity / ((23.0 - 0.634 - 3.0 * j) * np.exp(4.18 * (1.0 - 303.0 / T)))
    return np.asarray(nernst + activation - resistivity * 0.0178 * j + 0.016 * np.log1p(-j / 1.5))


class _Cells:
    """Fuel cells as their parameters make them."""

    def __init__(self, seen: Seen) -> None:
        p = seen.parameter
        self._place = (p("temperature_k"), p("hydrogen_pressure_pa"), p("oxygen_pressure_pa"))
        self.rated = p("rated_current_density_a_per_m2")
        self.left = 1.0 - p("auxiliary_frac")
        self.rated_v = float(amphlett_voltage(self.rated, *self._place))
        self.area_m2 = p("rated_power_w") / (self.left * self.rated_v * self.rated)

    def density(self, mol_per_s: FloatArray) -> FloatArray:
        """Return the current density at which so much hydrogen reacts, A/m2."""
        return 2.0 * FARADAY_C_PER_MOL * mol_per_s / self.area_m2

    def voltage(self, density: FloatArray, lost_v: FloatArray) -> FloatArray:
        """Return the voltage of a worn cell, V; of no current, zero."""
        new = amphlett_voltage(np.maximum(density, _LEAST_A_PER_M2), *self._place)
        return np.asarray(np.where(density > 0.0, new - lost_v, 0.0))

    def power(self, density: FloatArray, lost_v: FloatArray) -> FloatArray:
        """Return the power given, W."""
        return np.maximum(self.voltage(density, lost_v), 0.0) * density * self.area_m2 * self.left


def _fuel_cell_power() -> Law:
    """Return: a fuel cell gives what its polarisation curve says, and asks for what its load takes."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, cells = seen.parameter, seen.once(_Cells)
        used, offered = _used_mol_per_s(seen), seen.stream("hydrogen").h2 / MOLAR_MASS_H2_KG_PER_MOL
        j = cells.density(used)
        yield at_most(used, p("utilisation_frac") * offered, rel=1.0e-8)
        yield at_least(used, p("utilisation_frac") * offered, rel=1.0e-8, where=j < 0.97 * 1.5e4)
        yield equal(seen.at("power"), cells.power(j, seen.before("degradation_v")), rel=1.0e-6)
        yield equal(seen.after("current_density_a_per_m2"), j, rel=1.0e-7)
        yield equal(seen.after("cell_voltage_v"), cells.voltage(j, seen.before("degradation_v")), rel=1.0e-6)
        asked = cells.density(seen.at("demand") * p("utilisation_frac") / MOLAR_MASS_H2_KG_PER_MOL)
        gives, wanted = cells.power(asked, seen.after("degradation_v")), _load(seen) * p("rated_power_w")
        yield equal(gives, wanted, rel=1.0e-6, where=asked < cells.rated * (1.0 - 1.0e-7))
        yield at_most(asked, cells.rated, rel=1.0e-7)
        yield at_most(gives, wanted, rel=1.0e-6)

    return Law(
        "fuel-cell-curve",
        "fuel cells give what their polarisation curve says, and ask for the hydrogen that their load takes",
        "P = (1 - a) A j V(j), j = 2F n / A; V = E - eta_act - j rho l + B ln(1 - j/J) - V_wear",
        "J. C. Amphlett et al. 1995, J. Electrochem. Soc. 142:1 and 9; Faraday's law",
        check,
    )


def _fuel_cell_wear() -> Law:
    """Return: cells lose voltage by time and starts, and are renewed at the end of their life."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, end = seen.parameter, seen.parameter("end_of_life_loss_frac") * seen.once(_Cells).rated_v
        lost = seen.before("degradation_v") + seen.change("n_starts") * p("start_degradation_v")
        lost = lost + np.where(_used_mol_per_s(seen) > 0.0, p("degradation_v_per_s") * seen.step_s, 0.0)
        is_clear = np.abs(lost - end) > 1.0e-9 * end
        is_over = lost >= end
        yield equal(seen.after("degradation_v"), np.where(is_over, 0.0, lost), abs_=1.0e-15, where=is_clear)
        renewed = seen.change("n_replacements")
        yield equal(renewed, is_over, abs_=seen.rounding("n_replacements"), where=is_clear)

    return Law(
        "fuel-cell-wear",
        "a cell loses voltage while it runs and by starts, and is renewed when it has lost its share",
        "dV = k dt + k_start d(starts); renewed at V = x V_rated",
        "parameters of the component",
        check,
    )


def _engine_efficiency(seen: Seen, load: FloatArray, lost: FloatArray) -> FloatArray:
    p = seen.parameter
    table = [p(f"efficiency_{percent}_frac") for percent in (25, 50, 75, 100)]
    below = table[0] + (table[1] - table[0]) * (load - 0.25) / 0.25
    new = np.where(load < 0.25, below, np.interp(load, (0.25, 0.5, 0.75, 1.0), table))
    return np.asarray(new * (1.0 - lost))


def _engine_power() -> Law:
    """Return: an engine gives what its table says."""

    def check(seen: Seen) -> Iterator[FloatArray]:
        p, rated = seen.parameter, seen.parameter("rated_power_w")
        fuel = _used_mol_per_s(seen) * MOLAR_MASS_H2_KG_PER_MOL * _LHV_J_PER_KG
        power = seen.at("power")
        wanted = fuel * _engine_efficiency(seen, power / rated, seen.before("wear_frac"))
        yield equal(power, wanted, rel=1.0e-7, abs_=1.0e-9 * rated)
        yield at_most(power, rated)
        load = _load(seen)
        takes = seen.at("demand") * _LHV_J_PER_KG * _engine_efficiency(seen, load, seen.after("wear_frac"))
        yield equal(takes, load * rated, rel=1.0e-7)
        lost = p("overhaul_loss_frac") * seen.after("since_overhaul_s") / p("overhaul_s")
        yield equal(seen.after("wear_frac"), lost, abs_=1.0e-15)
        time = np.mod(seen.before("since_overhaul_s") + np.where(fuel > 0.0, seen.step_s, 0.0), p("overhaul_s"))
        yield equal(seen.after("since_overhaul_s"), time, abs_=1.0e-9 * p("overhaul_s"))

    return Law(
        "engine-efficiency",
        "an engine gives what its efficiency at the load says, less what it has lost since its overhaul",
        "P = eta(P/P_rated) (1 - w) m LHV; w = x t / t_overhaul",
        "parameters of the component",
        check,
    )


def fuel_cell_laws() -> tuple[Law, ...]:
    """Return the laws of a fuel cell."""
    return (_burnt(), _energy(), _limits(), _starts(), _fuel_cell_power(), _fuel_cell_wear())


def engine_laws() -> tuple[Law, ...]:
    """Return the laws of an engine or turbine."""
    return (_burnt(), _energy(), _limits(), _starts(), _engine_power())
