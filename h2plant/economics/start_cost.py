"""What a start of an electrolyser costs: energy to warm up, hydrogen not made meanwhile, wear."""

from __future__ import annotations

from dataclasses import dataclass

from h2plant.core.constants import J_PER_KWH
from h2plant.core.role import Start


@dataclass(frozen=True, slots=True)
class StartCost:
    """A start in money and hydrogen."""

    energy_eur: float
    lost_production_eur: float
    ageing_eur: float
    hydrogen_kg: float
    """Hydrogen not made: what was lost meanwhile, and what the energy would have made."""
    time_s: float = 0.0
    """Time until the power requested."""
    n_measured: float = 0.0
    """Starts of the run that it is the mean of; 0: from parameters."""

    @property
    def total_eur(self) -> float:
        """All parts together."""
        return self.energy_eur + self.lost_production_eur + self.ageing_eur


def start_cost(
    start: Start,
    *,
    hydrogen_kg_per_s: float,
    specific_energy_j_per_kg: float,
    electricity_eur_per_mwh: float,
    hydrogen_eur_per_kg: float,
    stack_eur: float,
) -> StartCost:
    """Return what a start costs.

    Parameters
    ----------
    start
        Energy, time and wear of it.
    hydrogen_kg_per_s
        What the unit makes while it runs.
    specific_energy_j_per_kg
        Energy per hydrogen, > 0.
    electricity_eur_per_mwh, hydrogen_eur_per_kg
        Prices. Hydrogen not made is worth its price less the electricity that it did not take, and never below zero.
    stack_eur
        Price of a new stack.

    Raises
    ------
    ValueError
        If the specific energy is not above zero.
    """
    if not specific_energy_j_per_kg > 0.0:
        raise ValueError(f"the specific energy must be above 0, not {specific_energy_j_per_kg}")
    per_j = electricity_eur_per_mwh / (1000.0 * J_PER_KWH)
    lost_kg = start.lost_s * hydrogen_kg_per_s
    margin = max(hydrogen_eur_per_kg - specific_energy_j_per_kg * per_j, 0.0)
    return StartCost(
        energy_eur=start.energy_j * per_j,
        lost_production_eur=lost_kg * margin,
        ageing_eur=start.ageing_frac * stack_eur,
        hydrogen_kg=lost_kg + start.energy_j / specific_energy_j_per_kg,
        time_s=start.time_s,
        n_measured=start.n_measured,
    )


def measured_start(n_starts: float, energy_j: float, lost_s: float, time_s: float, ageing_frac: float) -> Start:
    """Return the mean of the starts that a run recorded.

    Parameters
    ----------
    n_starts
        How many, > 0.
    energy_j, lost_s, time_s
        Their energy to warm up, production lost (as time at the power requested) and duration, summed.
    ageing_frac
        Share of the stack's life that each of them uses up.

    Raises
    ------
    ValueError
        If there were none.
    """
    if not n_starts > 0.0:
        raise ValueError("no start was recorded")
    return Start(energy_j / n_starts, lost_s / n_starts, ageing_frac, time_s / n_starts, n_starts)
