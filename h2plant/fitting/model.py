"""What is fitted to points: a stack, with activation energies of its parameters, behind its system's auxiliaries."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.core.declare import Field, Kind, parameter
from h2plant.core.stack_curve import StackCurve, State, new_stack
from h2plant.simulation.program import FloatArray

ACTIVATION = "_activation_k"
_TEMPERATURE = "temperature_k"

FIXED, LINEAR, QUADRATIC = "auxiliary_fixed_frac", "auxiliary_linear_frac", "auxiliary_quadratic_frac"
AUXILIARIES: tuple[Field, ...] = (
    parameter(FIXED, "1", "drawn beside the stack without load, over rated direct current", 0.00627, 0.0, 0.5),
    parameter(LINEAR, "1", "drawn in proportion to the load, at rating", 0.01417, 0.0, 0.5),
    parameter(QUADRATIC, "1", "drawn with the square of the load, at rating", 0.01721, 0.0, 0.5),
)
"""Between a system's power and its direct current: P = P_dc + P_rated (a + b x + c x2), x = P_dc / P_rated.

The defaults are the losses of a grid-side converter alone (NREL PVWatts, Dobos 2014, NREL/TP-6A20-62641).
"""


def activation_field(name: str) -> Field:
    """Return the activation energy over R of a parameter, 0 unless fitted."""
    return parameter(
        f"{name}{ACTIVATION}", "K", f"how {name} follows the temperature, over R", 0.0, ge=-2.0e4, le=2.0e4
    )


def activation_fields(kind: Kind, stack: StackCurve) -> dict[str, Field]:
    """Return the activation energies that a kind's fitted parameters may have, by name; none where it has its own."""
    own = {f.name for f in kind.parameters}
    if _TEMPERATURE not in stack.states or any(name.endswith(ACTIVATION) and name in own for name in stack.candidates):
        return {}
    fields = (activation_field(name) for name in stack.candidates)
    return {field.name: field for field in fields if field.name not in own}


def direct_current(power_w: FloatArray, rated_w: float, fixed: float, linear: float, quadratic: float) -> FloatArray:
    """Return the direct current that a system's power leaves its stack, W; NaN where the auxiliaries take it all."""
    left = power_w / rated_w - fixed
    inside = (1.0 + linear) ** 2 + 4.0 * quadratic * np.maximum(left, 0.0)
    found: FloatArray = np.where(left > 0.0, rated_w * 2.0 * left / (1.0 + linear + np.sqrt(inside)), np.nan)
    return found


@dataclass(frozen=True)
class Model:
    """The curve that is fitted.

    Attributes
    ----------
    kind, stack
        The stack.
    rated
        Name of its rated power.
    values
        Of all parameters, auxiliaries and activation energies among them, SI.
    names
        Those of them that change.
    is_energy, is_system
        Whether J/kg over W, else V over A/m2; whether W and J/kg are those of the whole system.
    """

    kind: Kind
    stack: StackCurve
    rated: str
    values: Mapping[str, float]
    names: tuple[str, ...]
    is_energy: bool
    is_system: bool

    def __call__(self, changes: FloatArray, x: FloatArray, states: Sequence[State]) -> FloatArray:
        """Return the curve at x and states, shape (n,), NaN where it has no answer."""
        values = {**self.values, **dict(zip(self.names, (float(v) for v in changes), strict=True))}
        activated = [name.removesuffix(ACTIVATION) for name in self._energies() if values[name] != 0.0]
        if not activated:
            return self._curve(values, x, states)
        set_point = values[self.stack.states[_TEMPERATURE]]
        found = np.empty_like(x)
        temperatures = np.array([state.get(_TEMPERATURE, set_point) for state in states])
        for T in np.unique(temperatures):
            rows = np.flatnonzero(temperatures == T)
            warm = {n: values[n] * math.exp(values[n + ACTIVATION] * (1.0 / set_point - 1.0 / T)) for n in activated}
            found[rows] = self._curve({**values, **warm}, x[rows], [states[int(i)] for i in rows])
        return found

    def at_set_point(self, changes: FloatArray) -> FloatArray:
        """Return the changes without activation energies: what a plant makes of them."""
        energies = self._energies()
        return np.array([0.0 if n in energies else v for n, v in zip(self.names, changes, strict=True)])

    def _energies(self) -> list[str]:
        own = {f.name for f in self.kind.parameters}
        return [name for name in self.names if name.endswith(ACTIVATION) and name not in own]

    def _curve(self, values: Mapping[str, float], x: FloatArray, states: Sequence[State]) -> FloatArray:
        c = new_stack(self.kind, values)
        if not self.is_energy:
            return self.stack.voltage(c, x, states)
        if not self.is_system:
            return self.stack.energy(c, x, states)
        power = direct_current(x, values[self.rated], values[FIXED], values[LINEAR], values[QUADRATIC])
        found = np.full_like(x, np.nan)
        rows = np.flatnonzero(power > 0.0)
        if rows.size:
            energy = self.stack.energy(c, power[rows], [states[int(i)] for i in rows])
            found[rows] = energy * x[rows] / power[rows]
        return found
