"""What is fitted to points: a stack, behind its system's auxiliaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from h2plant.core.declare import Field, Kind, parameter
from h2plant.core.stack_curve import StackCurve, State, new_stack
from h2plant.simulation.program import FloatArray

ACTIVATION = "_activation_k"

FIXED, LINEAR, QUADRATIC = "auxiliary_fixed_frac", "auxiliary_linear_frac", "auxiliary_quadratic_frac"
AUXILIARIES: tuple[Field, ...] = (
    parameter(FIXED, "1", "drawn beside the stack without load, over rated direct current", 0.00627, 0.0, 0.5),
    parameter(LINEAR, "1", "drawn in proportion to the load, at rating", 0.01417, 0.0, 0.5),
    parameter(QUADRATIC, "1", "drawn with the square of the load, at rating", 0.01721, 0.0, 0.5),
)
"""Between a system's power and its direct current: P = P_dc + P_rated (a + b x + c x2), x = P_dc / P_rated.

The defaults are the losses of a grid-side converter alone (NREL PVWatts, Dobos 2014, NREL/TP-6A20-62641).
"""


def activation_energies(kind: Kind, stack: StackCurve) -> tuple[str, ...]:
    """Return the activation energies that a kind has of its fitted parameters, by name."""
    own = {f.name for f in kind.parameters}
    return tuple(name + ACTIVATION for name in stack.candidates if name + ACTIVATION in own)


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
        Of all parameters, auxiliaries among them, SI.
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
        return self._curve(
            {**self.values, **dict(zip(self.names, (float(v) for v in changes), strict=True))}, x, states
        )

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
