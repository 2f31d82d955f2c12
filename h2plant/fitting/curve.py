"""A stack from a supplier's points: which parameters, at which state, and how well the data tell them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from h2plant.components import KINDS
from h2plant.config.yaml_source import plain_scalar
from h2plant.core.declare import Field, Kind
from h2plant.core.role import Maker
from h2plant.core.sizing import with_sizes
from h2plant.core.stack_curve import StackCurve, State
from h2plant.core.units import UnitError, match_parameter
from h2plant.fitting.candidates import candidate
from h2plant.fitting.estimate import FITTED, HELD, Fit, estimate
from h2plant.fitting.model import ACTIVATION, AUXILIARIES, FIXED, LINEAR, QUADRATIC, Model, activation_energies
from h2plant.fitting.physical import refuse_forbidden
from h2plant.fitting.points import Points, energy_over_hydrogen, is_energy, is_system, read_points
from h2plant.physics.activation import REFERENCE_K
from h2plant.plant.check import bound_finding, range_text
from h2plant.plant.finding import Finding, PlantError, listing, nearest, raise_errors
from h2plant.simulation.program import FloatArray

_N_DRAWN = 80
_MODEL_SHARE = 1.5e-3
"""Share of the mean voltage or energy, 3 mV of 2 V, to which the cell models themselves follow published curves."""
_MUCH_LESS = 0.67


@dataclass(frozen=True)
class Line:
    """A fitted curve with its confidence band, for a picture: what it is at, x, y and half width, SI."""

    label: str
    x: FloatArray
    y: FloatArray
    band: FloatArray
    index: tuple[int, ...]
    """The points that belong to it."""


@dataclass(frozen=True)
class CurveFit:
    """A fitted stack.

    Attributes
    ----------
    values
        All parameters of the kind, SI, with those that were fitted.
    written
        Names of the parameters that the YAML block has: given, found from the data, fitted.
    is_energy
        Whether y is J/kg over W, else V over A/m2.
    x, y, predicted
        The points and the fitted curve at them, SI, shape (n,).
    notes
        What was taken for granted.
    is_system
        Whether W and J/kg are those of the whole system.
    """

    points: Points
    kind: Kind
    fit: Fit
    values: dict[str, float]
    written: tuple[str, ...]
    is_energy: bool
    x: FloatArray
    y: FloatArray
    predicted: FloatArray
    lines: tuple[Line, ...]
    notes: tuple[str, ...] = field(default_factory=tuple)
    is_system: bool = False

    @property
    def residuals(self) -> FloatArray:
        """Return measured less fitted, in the unit of y, shape (n,)."""
        return self.y - self.predicted


def fit_curve(
    path: Path,
    kind: str = "",
    given: Mapping[str, str | float] | None = None,
    parameters: Sequence[str] = (),
    renamed: Mapping[str, str] | None = None,
    ignored: Sequence[str] = (),
    confidence: float = 0.95,
) -> CurveFit:
    """Fit a stack to points.

    Parameters
    ----------
    path
        The points, or the name of a bundled file.
    kind
        A kind of electrolyser that has a curve, by name; the first of ``fitted_kinds`` if none is named.
    given
        Parameters of the kind that are known, with units in their names as in plant files.
    parameters
        Which parameters to fit; the kind's usual ones if none are named.
    renamed, ignored
        See ``read_points``.
    confidence
        Of the intervals.

    Raises
    ------
    PlantError
        Everything that is wrong with the input.
    ResultsError
        scipy is not installed.
    """
    offered = fitted_kinds()
    if kind and kind not in offered:
        remedy = nearest(kind, offered)
        raise PlantError([Finding("unknown-kind", "--kind", f"no curve of '{kind}' can be fitted", remedy)])
    declared = offered[kind or next(iter(offered))]
    role = declared.role
    assert isinstance(role, Maker) and role.curve is not None
    stack = role.curve()
    points = read_points(path, renamed, ignored)
    of_energy, of_system = is_energy(points), is_system(points)
    extra = {f.name: f for f in AUXILIARIES if of_system}
    known = _given(declared, given or {}, of_system)
    names = _parameters(declared, stack, parameters, known, extra)
    _refuse_states(points, declared, stack, offered)
    values = {f.name: 0.0 for f in declared.parameters} | with_sizes(declared, known)
    values |= {name: known.get(name, f.default or 0.0) for name, f in extra.items()}
    notes = list(points.notes)
    x, y = (_energy_points if of_energy else _polarisation_points)(points, declared, values, known, notes)
    states = _states(points, stack)
    for name, set_point in stack.states.items():
        if set_point and name not in points and set_point not in known:
            notes.append(f"{set_point} is not given: {values[set_point]:g} is taken; give it with --set or as a column")
    model = Model(declared, stack, role.rated_power, values, names, of_energy, of_system)
    refuse_forbidden(points, x, y, states, model)
    fields = {f.name: f for f in declared.parameters} | extra
    model, fit = _fit(model, fields, points, x, y, states, confidence)
    if not parameters:
        model, fit = _with_activation(model, fit, fields, points, x, y, states)
    notes += _said_of_energies(model, fit)
    values.update(zip(model.names, (float(v) for v in fit.values), strict=True))
    notes += _said_of_system(model, values, fit) if of_system else []
    lines = tuple(_line(label, index, x, states, model, fit) for label, index in _groups(points, stack))
    written = {*known, *(e.candidate.name for e in fit.estimates if e.state != HELD)}
    limit = stack.max_current_density
    if limit and not of_energy and x.max() > values[limit]:
        values[limit] = float(x.max())
        written.add(limit)
        notes.append(f"{limit} is raised to the largest of the points, {x.max():.4g} A/m2")
    order = tuple(f.name for f in declared.parameters if f.name in written)
    predicted = model(fit.values, x, states)
    return CurveFit(points, declared, fit, values, order, of_energy, x, y, predicted, lines, tuple(notes), of_system)


def _fit(
    model: Model,
    fields: Mapping[str, Field],
    points: Points,
    x: FloatArray,
    y: FloatArray,
    states: Sequence[State],
    confidence: float,
) -> tuple[Model, Fit]:
    """Return a model with its fit to points; each point counts by its distance over the mean."""
    weight = 1.0 / float(np.mean(np.abs(y)))
    candidates = [candidate(name, fields[name], model.kind, model.values[name]) for name in model.names]
    try:
        return model, estimate(lambda changes: (model(changes, x, states) - y) * weight, candidates, confidence)
    except PlantError as error:
        raise PlantError([replace(f, file=f.file or points.file) for f in error.findings]) from None


def _with_activation(
    model: Model,
    fit: Fit,
    fields: Mapping[str, Field],
    points: Points,
    x: FloatArray,
    y: FloatArray,
    states: Sequence[State],
) -> tuple[Model, Fit]:
    """Return the fit with activation energies, where points at several temperatures do not go together without."""
    energies = activation_energies(model.kind, model.stack)
    names = (*model.names, *(name for name in energies if name.removesuffix(ACTIVATION) in model.names))
    is_enough = len(_temperatures(states)) > 1 and names != model.names and points.n > len(names)
    if not is_enough or fit.rms < _MODEL_SHARE:
        return model, fit
    warm, found = _fit(replace(model, names=names), fields, points, x, y, states, fit.confidence)
    return (warm, found) if found.rms <= _MUCH_LESS * fit.rms else (model, fit)


def _temperatures(states: Sequence[State]) -> list[float]:
    return sorted({state["temperature_k"] for state in states if "temperature_k" in state})


def _said_of_energies(model: Model, fit: Fit) -> list[str]:
    """Say which activation energies were fitted."""
    own = activation_energies(model.kind, model.stack)
    shown = [f"{e.candidate.name} {e.value:.4g}" for e in fit.estimates if e.candidate.name in own and e.state != HELD]
    if not shown:
        return []
    return [
        f"the temperatures go together by {', '.join(shown)} over what the model has of its own; "
        f"the parameters they belong to hold at {REFERENCE_K - 273.15:.0f} °C"
    ]


def _said_of_system(model: Model, values: Mapping[str, float], fit: Fit) -> list[str]:
    """Say what is drawn beside the stack: it belongs to other components of a plant."""
    rated = values[model.rated]
    by_name = {e.candidate.name: e for e in fit.estimates}
    said = []
    for name, words in ((FIXED, "without load"), (LINEAR, "with the load"), (QUADRATIC, "with its square")):
        e = by_name.get(name)
        how = "taken" if e is None or e.state == HELD else "fitted"
        if e is not None and e.state == FITTED:
            how = f"fitted, {e.low * rated / 1e3:.4g} to {e.high * rated / 1e3:.4g}"
        said.append(f"{values[name] * rated / 1e3:.4g} kW {words} ({how})")
    return [
        f"beside the stack's {rated / 1e6:.4g} MW the system draws {', '.join(said)}: give them to the converters and "
        "consumers of the plant; the block below is the stack behind them"
    ]


def fitted_kinds() -> dict[str, Kind]:
    """Return the kinds whose stacks can be fitted to points, by name."""
    return {kind.name: kind for kind in KINDS if isinstance(kind.role, Maker) and kind.role.curve is not None}


def _given(kind: Kind, given: Mapping[str, str | float], of_system: bool) -> dict[str, float]:
    """Return parameters in SI, auxiliaries among them where the points are those of a whole system."""
    fields = (*kind.parameters, *AUXILIARIES)
    values: dict[str, float] = {}
    findings: list[Finding] = []
    for key, value in given.items():
        where = f"--set {key}"
        try:
            match = match_parameter(key, fields)
        except UnitError as error:
            findings.append(Finding("unknown-unit", where, str(error), f"write {listing(error.allowed, 'or')}"))
            continue
        if match is None:
            what = f"the kind '{kind.name}' has no parameter '{key}'"
            findings.append(Finding("unknown-parameter", where, what, nearest(key, [f.name for f in kind.parameters])))
            continue
        found, conversion = match
        if found in AUXILIARIES and not of_system:
            what = f"'{key}' means nothing to the direct current of a stack"
            remedy = (
                "are the points those of the whole system? Then name the column system_power_kw; else leave it away"
            )
            findings.append(Finding("unused-parameter", where, what, remedy))
            continue
        number = plain_scalar(value) if isinstance(value, str) else value
        if isinstance(number, bool) or not isinstance(number, int | float):
            findings.append(Finding("wrong-type", where, f"'{value}' is not a number", f"give a number: {found.doc}"))
            continue
        si = number * conversion.factor + conversion.offset
        if bound_finding(found, si) is not None:
            remedy = f"choose {range_text(found, conversion.factor, conversion.offset)}"
            findings.append(Finding("out-of-bounds", where, f"{number:g} is outside its bounds", remedy))
            continue
        values[found.name] = si
    raise_errors(findings)
    return values


def _parameters(
    kind: Kind, stack: StackCurve, wanted: Sequence[str], known: Mapping[str, float], extra: Mapping[str, Field]
) -> tuple[str, ...]:
    """Return the parameters to fit: those that are named, else the usual ones that are not known already."""
    names = [*(f.name for f in kind.parameters), *extra]
    findings = []
    for name in wanted:
        what = f"the kind '{kind.name}' has no parameter '{name}'"
        if name not in names:
            findings.append(Finding("unknown-parameter", "--parameters", what, nearest(name, names)))
    raise_errors(findings)
    usual = list(stack.candidates)
    usual[1:1] = [FIXED] if FIXED in extra else []
    return tuple(dict.fromkeys(wanted)) or tuple(name for name in usual if name not in known)


def _refuse_states(points: Points, kind: Kind, stack: StackCurve, offered: Mapping[str, Kind]) -> None:
    """Refuse columns that mean nothing to this kind."""
    roles = [other.role for other in offered.values()]
    all_states = {name for role in roles if isinstance(role, Maker) and role.curve for name in role.curve().states}
    findings = []
    for name, column in points.names.items():
        if name in all_states and name not in stack.states:
            what = f"the column '{column}' means nothing to a {kind.name}"
            findings.append(Finding("unused-column", "", what, "leave it out with --ignore", points.file, 1))
    raise_errors(findings)


def _polarisation_points(
    points: Points, kind: Kind, values: dict[str, float], known: dict[str, float], notes: list[str]
) -> tuple[FloatArray, FloatArray]:
    """Return current densities, A/m2, and cell voltages, V."""

    def wrong(what: str, remedy: str) -> PlantError:
        return PlantError([Finding("missing-parameter", "", what, remedy, points.file, 1)])

    if "current_density_a_per_m2" in points:
        density = points["current_density_a_per_m2"]
    else:
        if "cell_area_m2" not in known:
            what = f"'{points.names['current_a']}' says nothing without the active area of a cell"
            raise wrong(what, "give it with --set cell_area_cm2=..., or the points as current_density_a_per_cm2")
        density = points["current_a"] / values["cell_area_m2"]
    if "cell_voltage_v" in points:
        return density, points["cell_voltage_v"]
    name = "stack_voltage_v" if "stack_voltage_v" in points else "voltage_v"
    voltage = points[name]
    if "n_cells" in known:
        return density, _as_cell_voltage(points, name, voltage / values["n_cells"])
    if name == "stack_voltage_v" or voltage.max() > 3.5:
        what = f"'{points.names[name]}' is the voltage of a stack, of how many cells is not said"
        raise wrong(what, "give it with --set n_cells=..., or the points as cell_voltage_v")
    notes.append(f"'{points.names[name]}' is taken for the voltage of one cell")
    return density, voltage


def _as_cell_voltage(points: Points, name: str, voltage: FloatArray) -> FloatArray:
    if voltage.min() < 0.5 or voltage.max() > 3.5:
        what = f"'{points.names[name]}' over n_cells is {voltage.min():.3g} to {voltage.max():.3g} V"
        raise PlantError([Finding("out-of-bounds", "", what, "check n_cells: a cell has 1 to 3 V", points.file, 1)])
    return voltage


def _energy_points(
    points: Points, kind: Kind, values: dict[str, float], known: dict[str, float], notes: list[str]
) -> tuple[FloatArray, FloatArray]:
    """Return powers of the stack, W, and energies, J/kg; finds what the data say of its size."""
    assert isinstance(kind.role, Maker)
    rated = kind.role.rated_power
    if is_system(points):
        power = points["system_power_w"]
        if rated not in known:
            shares = [values[name] for name in (FIXED, LINEAR, QUADRATIC)]
            known[rated] = float(power.max()) / (1.0 + sum(shares))
            notes.append(f"{rated} is what the largest of the points leaves the stack, about {known[rated]:.4g} W")
    elif "power_w" in points:
        power = points["power_w"]
        if rated not in known:
            known[rated] = float(power.max())
            notes.append(f"{rated} is the largest of the points, {power.max():.4g} W")
    else:
        if rated not in known:
            what = f"'{points.names['load_frac']}' says nothing without the rated power"
            remedy = f"give it with --set {rated.removesuffix('_w')}_kw=..."
            raise PlantError([Finding("missing-parameter", "", what, remedy, points.file, 1)])
        power = points["load_frac"] * known[rated]
    density_w_per_m2 = values[rated] / (values["n_cells"] * values["cell_area_m2"])
    values[rated] = known[rated]
    if "cell_area_m2" not in known or "n_cells" not in known:
        missing = "n_cells" if "cell_area_m2" in known else "cell_area_m2"
        other = "cell_area_m2" if missing == "n_cells" else "n_cells"
        values[missing] = known[rated] / (density_w_per_m2 * values[other])
        if missing == "n_cells":
            values[missing] = max(1.0, float(round(values[missing])))
        known[missing], known[other] = values[missing], values[other]
        notes.append(
            f"the active area is not in the data: {values['n_cells']:g} cells of {values['cell_area_m2']:.4g} m2 are "
            f"taken, at rated power loaded like the defaults of {kind.name}; resistances and currents count per "
            "this area"
        )
    return power, energy_over_hydrogen(points, power)


def _states(points: Points, stack: StackCurve) -> list[State]:
    given = [name for name in stack.states if name in points]
    return [{name: float(points[name][i]) for name in given} for i in range(points.n)]


def _groups(points: Points, stack: StackCurve) -> list[tuple[str, tuple[int, ...]]]:
    """Return the points that were taken at one state, with its name."""
    given = [name for name in stack.states if name in points]
    groups: dict[tuple[float, ...], list[int]] = {}
    for i in range(points.n):
        groups.setdefault(tuple(float(points[name][i]) for name in given), []).append(i)
    varied = [k for k in range(len(given)) if len({state[k] for state in groups}) > 1]
    return [
        (", ".join(_shown_state(given[k], state[k]) for k in varied), tuple(index))
        for state, index in sorted(groups.items())
    ]


def _shown_state(name: str, value: float) -> str:
    if name == "temperature_k":
        return f"{value - 273.15:.4g} °C"
    if name.endswith("_pa"):
        return f"{value / 1e5:.4g} bar"
    return f"{name.removesuffix('_frac')} {value:.3g}"


def _line(label: str, index: tuple[int, ...], x: FloatArray, states: Sequence[State], model: Model, fit: Fit) -> Line:
    at = x[list(index)]
    grid = np.linspace(float(at.min()), float(at.max()), _N_DRAWN)
    when = [states[index[0]]] * grid.size
    return Line(label, grid, model(fit.values, grid, when), fit.band(lambda values: model(values, grid, when)), index)
