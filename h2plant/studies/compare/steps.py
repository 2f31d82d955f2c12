"""What a coarser step hides: one plant, the same data, several lengths of the step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from h2plant.config.scenario import Scenario, changed_scenario
from h2plant.economics.settings import read_settings
from h2plant.plant.graph import Plant
from h2plant.results.figures import AFTER_SUBSIDIES, OF_SUBSIDIES, Technologies
from h2plant.results.grid_use import rare_use
from h2plant.session.session import load_run
from h2plant.studies.compare.outcome import STARTS, Outcome, outcome_of


class Compared(NamedTuple):
    """How a compared figure is shown."""

    label: str
    unit: str
    format: str


_FIGURES: dict[str, Compared] = {
    "hydrogen_cost_eur_per_kg": Compared("cost of hydrogen (per kg made)", "EUR/kg", ",.3f"),
    "hydrogen_cost_sold_eur_per_kg": Compared("cost of hydrogen (per kg sold)", "EUR/kg", ",.3f"),
    "hydrogen_made_kg": Compared("hydrogen made", "kg", ",.0f"),
    "specific_energy_kwh_per_kg": Compared("specific energy, whole plant (per kg made)", "kWh/kg", ",.2f"),
    STARTS: Compared("starts, {}", "", ",.0f"),
    "trips": Compared("trips", "", ",.0f"),
    "import_mwh": Compared("import from the grid", "MWh", ",.1f"),
    "export_mwh": Compared("export to the grid", "MWh", ",.1f"),
    "curtailed_mwh": Compared("curtailed", "MWh", ",.2f"),
    "heat_lost_mwh": Compared("heat lost to the surroundings", "MWh", ",.1f"),
}


def compared_figures(plant: Plant) -> dict[str, Compared]:
    """Return what is compared of a plant, in this order; starts for each technology of electrolysers that it has."""
    found = {}
    after = AFTER_SUBSIDIES if read_settings(plant).is_subsidised else ""
    for name, shown in _FIGURES.items():
        if name in OF_SUBSIDIES:
            found[name] = shown._replace(label=f"{shown.label}{after}")
        elif name == STARTS:
            for maker in Technologies.of_plant(plant).makers:
                found[STARTS.format(maker.key)] = shown._replace(label=shown.label.format(maker.units))
        else:
            found[name] = shown
    return found


@dataclass(frozen=True)
class StepComparison:
    """Figures by step.

    Attributes
    ----------
    steps_s
        Lengths of the step, the finest last.
    figures
        Name (see ``compared_figures``) -> a value for each step; None where there is none.
    shown
        Name -> how it is shown.
    not_valid
        Why the figures of a step do not hold, for each step; empty where they do.
    notes
        What was done to the input, such as gaps that were filled.
    """

    steps_s: tuple[int, ...]
    figures: dict[str, tuple[float | None, ...]]
    shown: dict[str, Compared]
    not_valid: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def difference_frac(self, name: str) -> tuple[float | None, ...]:
        """Return (value - finest) / finest of a figure for each step; None where the finest is 0 or missing."""
        values = self.figures[name]
        finest = values[-1]
        if not finest:
            return (None,) * len(values)
        return tuple(None if v is None else (v - finest) / abs(finest) for v in values)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "steps_s": self.steps_s,
            "figures": self.figures,
            "not_valid": self.not_valid,
            "difference_frac": {name: self.difference_frac(name) for name in self.figures},
            "notes": self.notes,
        }


def compare_steps(
    scenario: Scenario, steps_s: Sequence[int], on_step: Callable[[int], None] | None = None
) -> StepComparison:
    """Run a scenario at several steps.

    Parameters
    ----------
    scenario
        Plant and span.
    steps_s
        Lengths of the step, s; each divides the hour.
    on_step
        Takes each step before its run.

    Raises
    ------
    PlantError, SimulationFailure
        As a run does.
    """
    ordered = tuple(sorted(set(steps_s), reverse=True))
    changed = [changed_scenario(scenario, step_s=step) for step in ordered]  # a wrong step is found before any run
    outcomes: list[Outcome] = []
    notes: list[str] = []
    for one in changed:
        if on_step is not None:
            on_step(one.step_s)
        loaded = load_run(one)
        notes += loaded.notes
        outcomes.append(outcome_of(loaded))
    notes += rare_use(loaded.plant, outcomes[-1].totals, scenario.hours)  # by the finest step
    figures, shown = {}, compared_figures(loaded.plant)
    for name in shown:
        values = tuple(_figure(outcome, name) for outcome in outcomes)
        if any(value is not None for value in values):
            figures[name] = values
    void = tuple(outcome.not_valid for outcome in outcomes)
    return StepComparison(ordered, figures, shown, void, tuple(dict.fromkeys(notes)))


def _figure(outcome: Outcome, name: str) -> float | None:
    if name == "trips":
        return float(outcome.trips)
    if name == "heat_lost_mwh":
        return outcome.heat_lost_mwh
    value = outcome.figures.get(name)
    return None if value is None else float(value)
