"""Points that physics forbids, refused with the question that most likely clears them up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from h2plant.core.constants import FARADAY_C_PER_MOL, HHV_H2_J_PER_KG, LHV_H2_J_PER_KG, MOLAR_MASS_H2_KG_PER_MOL
from h2plant.core.stack_curve import State
from h2plant.fitting.model import Model
from h2plant.fitting.points import COLUMNS, KG_PER_NORMAL_M3, Points, is_system
from h2plant.plant.finding import Finding, raise_errors
from h2plant.simulation.program import FloatArray

_C_PER_KG = 2.0 * FARADAY_C_PER_MOL / MOLAR_MASS_H2_KG_PER_MOL
_HIGHEST_A_PER_M2 = 3.0e5
"""Ten times what products carry (2 to 3 A/cm2): a unit is wrong."""
_NOISE_V = 0.02
_LIQUID_FED_V = 1.1  # with steam at 700 degC and more a cell has less than 1 V at rest
_FALL_V = 0.05
_NOISE_SHARE = 0.01
_FALL_SHARE = 0.03
_MOST_J_PER_KG = 1e9
_MORE_AT_PART_LOAD = 10.0
_CHECK_UNITS = (
    "check the units of power and hydrogen: 45 to 60 kWh/kg is usual; is one that of a single stack of several?"
)
_ID = "forbidden-by-physics"


@dataclass(frozen=True)
class _Case:
    """A curve as it is examined: its points, and what a cell at rest has at each of their states, V."""

    points: Points
    x: FloatArray
    y: FloatArray
    states: Sequence[State]
    rest_v: FloatArray
    taken: str

    def finding(self, i: int, what: str, remedy: str) -> Finding:
        return Finding(_ID, "", what, remedy, self.points.file, self.points.lines[i])


def refuse_forbidden(points: Points, x: FloatArray, y: FloatArray, states: Sequence[State], model: Model) -> None:
    """Refuse points that no cell can have.

    Parameters
    ----------
    points
        As read, for lines and names.
    x, y, states
        What is fitted: A/m2 and V, or W and J/kg.
    model
        With the values that are taken as known.

    Raises
    ------
    PlantError
        A state without a voltage at rest, a voltage or an energy below the reversible one, a current no cell carries,
        a curve that falls.
    """
    least = {c.name: c.ge for c in COLUMNS if c.ge is not None and c.name in model.stack.states}
    open_shares = {n: ge for n, ge in least.items() if n.endswith("_frac") and n not in points}
    rest = np.array([_at_rest(model, {**open_shares, **state}) for state in states])
    case = _Case(points, x, y, states, rest, _taken(points, model))
    findings = _without_gas(case, model)
    raise_errors(findings[:1])
    raise_errors((_energies if model.is_energy else _voltages)(case))


def _at_rest(model: Model, state: State) -> float:
    """Return the voltage without current, V, NaN where there is none; the least that open shares of gases leave."""
    start = np.array([model.values[name] for name in model.names])
    try:
        voltages = Model(model.kind, model.stack, model.rated, model.values, model.names, False, False)
        return float(voltages(start, np.zeros(1), [state])[0])
    except (ValueError, ZeroDivisionError, OverflowError):
        return math.nan


def _taken(points: Points, model: Model) -> str:
    """Say at which pressures and temperature the points are taken to be, where they do not say it themselves."""
    said = []
    for name, set_point in model.stack.states.items():
        if set_point and name not in points:
            value = model.values[set_point]
            if name == "temperature_k":
                said.append(f"{value - 273.15:.4g} °C")
            elif name.endswith("_pa"):
                said.append(f"{value / 1e5:.4g} bar ({set_point})")
    return f" (taken: {', '.join(said)})" if said else ""


def _without_gas(case: _Case, model: Model) -> list[Finding]:
    found = []
    for i in np.flatnonzero(~np.isfinite(case.rest_v)):
        state = {**{n: model.values[p] for n, p in model.stack.states.items() if p}, **case.states[int(i)]}
        shown = [f"{v / 1e5:.4g} bar" for n, v in state.items() if n.endswith("_pa")]
        shown.append(f"{state['temperature_k'] - 273.15:.4g} °C")
        what = f"no {model.kind.name} has a voltage at {', '.join(shown)}: the water's vapour leaves no room for gas"
        remedy = "is the pressure absolute (gauge and 1.013 bar), and the temperature in the unit that the column says?"
        found.append(case.finding(int(i), what, remedy))
    return found


def _voltages(case: _Case) -> list[Finding]:
    found = []
    points, x, y = case.points, case.x, case.y
    for i in np.flatnonzero(x > _HIGHEST_A_PER_M2)[:1]:
        what = f"{x[i] / 1e4:.4g} A/cm2 is ten times what cells carry"
        found.append(case.finding(int(i), what, "is it mA/cm2, or the current of a larger area?"))
    for i in np.flatnonzero(y < case.rest_v - _NOISE_V)[:1]:
        what = f"{y[i]:.4g} V a cell is less than the reversible {case.rest_v[i]:.4g} V{case.taken}"
        remedy = "were current and voltage exchanged, is the number of cells right, or was it another pressure or "
        remedy += "temperature?"
        found.append(case.finding(int(i), what, remedy))
    for before, i in _neighbours(case):
        if y[i] < y[before] - _FALL_V:
            what = f"{y[i]:.4g} V at {x[i] / 1e4:.4g} A/cm2 is less than {y[before]:.4g} V at {x[before] / 1e4:.4g} "
            what += f"A/cm2 (line {points.lines[before]}): a cell's voltage rises with its current"
            remedy = "was the cell warmer? Then give the temperature as a column. Or were columns or lines exchanged?"
            found.append(case.finding(i, what, remedy))
            break
    return found


def _energies(case: _Case) -> list[Finding]:
    found = []
    points, x, y = case.points, case.x, case.y
    reversible = case.rest_v * _C_PER_KG
    for i in np.flatnonzero(y < reversible * (1.0 - _NOISE_SHARE))[:1]:
        what = f"{y[i] / 3.6e6:.4g} kWh/kg is less than the reversible {reversible[i] / 3.6e6:.4g} kWh/kg{case.taken}, "
        what += "which no cell falls below in electricity; " + _HEATING_VALUES
        found.append(case.finding(int(i), what, _energy_question(float(y[i]), float(reversible[i]))))
    highest = int(np.argmax(y))
    if not found and y[highest] < HHV_H2_J_PER_KG * (1.0 - _NOISE_SHARE) and case.rest_v[highest] > _LIQUID_FED_V:
        what = f"{y[highest] / 3.6e6:.4g} kWh/kg, the highest of all, is below the higher heating value of "
        what += f"{HHV_H2_J_PER_KG / 3.6e6:.4g} kWh/kg: fed with liquid water the stack would cool itself at every load"
        remedy = "is a part of the energy heat, is it by the lower heating value, or over another mass? "
        found.append(case.finding(highest, what, remedy + "Give electricity over hydrogen"))
    for i in np.flatnonzero(y > _MOST_J_PER_KG * (_MORE_AT_PART_LOAD if is_system(points) else 1.0))[:1]:
        what = f"{y[i] / 3.6e6:.4g} kWh/kg is many times what any electrolyser takes"
        found.append(case.finding(int(i), what, _CHECK_UNITS))
    hydrogen = x / y
    for before, i in _neighbours(case):
        if hydrogen[i] < hydrogen[before] * (1.0 - _FALL_SHARE):
            what = f"{x[i] / 1e3:.4g} kW make {hydrogen[i] * 3600.0:.4g} kg/h, less than the "
            what += f"{hydrogen[before] * 3600.0:.4g} kg/h of {x[before] / 1e3:.4g} kW (line {points.lines[before]}): "
            what += "more power makes more hydrogen"
            remedy = "were columns or lines exchanged, or points of another temperature or pressure mixed in?"
            found.append(case.finding(i, what, remedy))
            break
    return found


_HEATING_VALUES = (
    f"hydrogen's higher heating value is {HHV_H2_J_PER_KG / 3.6e6:.4g} kWh/kg, the lower {LHV_H2_J_PER_KG / 3.6e6:.4g}"
)


def _energy_question(energy: float, reversible: float) -> str:
    """Ask after the unit that would make sense of an energy."""
    if reversible <= energy / KG_PER_NORMAL_M3 <= 3.0 * reversible:
        shown = f"{energy / KG_PER_NORMAL_M3 / 3.6e6:.4g} kWh/kg"
        return f"is it kWh/Nm3 ({shown})? Then name the column specific_energy_kwh_per_nm3, or the flow in Nm3"
    if energy > 0.5 * reversible:
        return "is a part of the energy heat, or is it another basis than electricity over hydrogen?"
    return _CHECK_UNITS


def _neighbours(case: _Case) -> list[tuple[int, int]]:
    """Return which points follow one another at one state, by rising x."""
    order = sorted(range(case.x.size), key=lambda i: (sorted(case.states[i].items()), case.x[i]))
    return [(a, b) for a, b in pairwise(order) if case.states[a] == case.states[b] and case.x[b] > case.x[a]]
