"""What a key figure is, and what it is made of: a total, an expression over figures, or an appraised value."""

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


@dataclass(frozen=True)
class Figure:
    """A key figure.

    Attributes
    ----------
    id, label, unit, group
        What it is called in files and in tables, its unit, and the group that it stands in.
    meaning
        What it is, in a sentence.
    form
        What it is made of; None for one that was read from the summary of a run.
    format
        How tables show it.
    technology
        The technology or the source whose components alone count; '' for all.
    family
        The id with ``{}`` in the place of the technology.
    is_rare
        Whether tables leave it out where it is zero, as it should be.
    """

    id: str
    label: str
    unit: str
    group: str
    meaning: str
    form: Total | Expression | Appraised | None = None
    format: str = ",.1f"
    technology: str = ""
    family: str = ""
    is_rare: bool = False

    def is_shown(self, value: Any) -> bool:
        """Whether tables show it: what should be zero only where it shows as more."""
        return not (self.is_rare and value is not None and float(format(value, self.format).replace(",", "")) == 0.0)

    def texts(self, value: float) -> tuple[str, str]:
        """Return the value and its unit as tables show them: shares in per cent, other ratios as they are."""
        if self.unit != "1" or not self.id.endswith("_frac"):
            return format(value, f"z{self.format}"), self.unit
        head, _, tail = self.format.rpartition(".")
        return format(100.0 * value, f"z{head}.{max(int(tail[:-1]) - 2, 0)}{tail[-1]}"), "%"

    def described(self) -> dict[str, str]:
        """Return what a reader needs to show it, as text."""
        return {name: getattr(self, name) for name in DESCRIBED}


DESCRIBED = {"label": "", "unit": "", "group": "", "meaning": "", "format": ",.1f", "family": ""}
"""What describes a figure in a summary, each with what stands where a summary lacks it."""


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
