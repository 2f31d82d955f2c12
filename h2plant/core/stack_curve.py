"""What a new stack does, as fits and pictures ask for it: the model that a kind of electrolyser may bring along."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from h2plant.core.declare import Kind

Array = npt.NDArray[np.float64]
State = Mapping[str, float]
"""What a point was measured at, SI, by ``StackCurve.states``; the set points hold for what it does not say."""


class DesignCurve(NamedTuple):
    """Current density, A/m2; cell voltage, V; electric power over the highest, 1; energy per hydrogen, J/kg."""

    current_density_a_per_m2: Array
    cell_voltage_v: Array
    load_frac: Array
    specific_energy_j_per_kg: Array


class StackCurve(ABC):
    """Curves of a new stack, from its parameters as the kernels see them (``new_stack``).

    Attributes
    ----------
    candidates
        The parameters that are fitted unless others are named, the most important first.
    log_candidates
        Those of them that are positive and may lie decades away.
    states
        Columns that say what a point was measured at, with the parameter that holds where there is no such column; ''
        if none does.
    max_current_density
        Parameter that bounds the current density, '' if none does.
    """

    candidates: ClassVar[tuple[str, ...]]
    log_candidates: ClassVar[frozenset[str]] = frozenset()
    states: ClassVar[Mapping[str, str]]
    max_current_density: ClassVar[str] = ""

    @abstractmethod
    def voltage(self, c: Any, current_density_a_per_m2: Array, states: Sequence[State]) -> Array:
        """Return cell voltages, V, at current densities, A/m2, and states, each of shape (n,)."""

    @abstractmethod
    def energy(self, c: Any, power_w: Array, states: Sequence[State]) -> Array:
        """Return the energy of the stack over the hydrogen it gives off, J/kg, at powers, W, and states, (n,)."""

    @abstractmethod
    def design(self, c: Any) -> DesignCurve:
        """Return the curve at the set points, up to the rated power."""


def new_stack(kind: Kind, values: Mapping[str, float]) -> Any:
    """Return a new stack of a kind as the kernels see it, from its parameters, SI."""
    return SimpleNamespace(**{f.name: f.default or 0.0 for f in kind.fields} | dict(values))
