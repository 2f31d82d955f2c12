"""What a key figure is made of: a total over components, an expression over figures, or an appraised value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from h2plant.core.role import Role
from h2plant.results.run_economics import RunEconomics
from h2plant.results.totals import total

ABSENT: Any = object()
"""Value of a figure that a plant has nothing to do with: it is left out of the summary."""


@dataclass(frozen=True)
class Total:
    """A quantity summed over components, times a factor; without such a component it is left out, or 0."""

    quantity: str
    factor: float = 1.0
    is_always: bool = False


@dataclass(frozen=True)
class Expression:
    """A function of figures, by their id, and of quantities, which come by component; of the hours as well."""

    of: tuple[str, ...]
    value: Callable[..., Any]


@dataclass(frozen=True)
class Appraised:
    """A function of the economics of a run, which follow from totals and settings alone.

    ``without`` is its value where there are no economics; plants that have no ``role`` leave it out.
    """

    value: Callable[[RunEconomics], Any]
    without: Any = None
    role: type[Role] = Role


def mean_of_all(values: dict[int, float]) -> Any:
    """Return the mean of components; left out without any."""
    return total(values) / len(values) if values else ABSENT


def per_hydrogen(of: float, made: float) -> Any:
    """Return a figure by the hydrogen made; left out without any."""
    return of / made if made > 0.0 else ABSENT


def worst_ppm(watched: dict[int, float], frac: dict[int, float]) -> Any:
    """Return the highest share of the monitors that saw any hydrogen."""
    seen = [frac[i] for i, kg in watched.items() if kg > 0.0]
    return 1e6 * max(seen) if seen else ABSENT
