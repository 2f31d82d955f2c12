"""The import peak that a rule of dispatch should keep: what a megawatt of it earns, against the fees for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from h2plant.config.scenario import Scenario
from h2plant.core.role import Dispatch
from h2plant.economics.appraisal import capacity_fee
from h2plant.economics.settings import read_settings
from h2plant.planning.layout import dispatch_of, hydrogen_values, is_planned_here
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.session.session import Loaded, load_run
from h2plant.simulation.program import FloatArray
from h2plant.studies.compare.outcome import Outcome, outcome_of

PEAK = "import_peak_w"
"""Parameter that all rules of dispatch have: the import up to which they buy."""
N_RUNS = 9
_FINE_FRAC = 0.01
"""Peaks as near as this, of the highest import without one, are not told apart."""


@dataclass(frozen=True)
class PeakRun:
    """A run of the rule with a peak.

    Attributes
    ----------
    peak_mw
        What it keeps; None: none.
    highest_mw
        The highest quarter of an hour that it imported.
    import_mwh, hydrogen_kg
        Power bought, hydrogen made.
    fee_eur
        The span's share of the fees by the highest import.
    profit_eur
        Worth of the hydrogen and other income less running costs, that fee among them.
    cost_eur_per_kg
        Cost of hydrogen by the kilogram made; None where none was made.
    """

    peak_mw: float | None
    highest_mw: float
    import_mwh: float
    hydrogen_kg: float
    fee_eur: float
    profit_eur: float
    cost_eur_per_kg: float | None


@dataclass(frozen=True)
class PeakSearch:
    """Runs of a rule by the peak that it keeps.

    Attributes
    ----------
    rule
        Kind of the dispatch.
    parameter
        What a plant file or ``--set`` says for the peak, ``dispatch.import_peak_mw``.
    runs
        By peak; the one without is the last.
    best
        The one with the highest profit; of equals the lowest peak.
    fee_eur_per_mw
        What the span bears of the fee for a megawatt in all its months.
    own_eur_per_kg, grid_eur_per_kg
        What hydrogen is worth, from own and from bought power.
    is_subsidised
        Whether costs of a kilogram are after subsidies.
    """

    rule: str
    parameter: str
    runs: tuple[PeakRun, ...]
    best: PeakRun
    fee_eur_per_mw: float
    own_eur_per_kg: float
    grid_eur_per_kg: float
    is_subsidised: bool = False

    @property
    def buys_nothing(self) -> bool:
        """Whether the rule buys nothing whatever the peak: all runs are the same then."""
        return all(run.import_mwh <= 0.0 for run in self.runs)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {**asdict(self), "buys_nothing": self.buys_nothing}


def find_peak(scenario: Scenario, n_runs: int = N_RUNS, on_run: Callable[[str], None] | None = None) -> PeakSearch:
    """Find the import peak that is worth its fee, for the rule of dispatch of a scenario's plant.

    The rule runs without a peak, and buying nothing. The highest import of the second, which auxiliaries alone need,
    is paid for in any case. Above it, in the order of the hours in which a megawatt would be used, one pays where its
    hours times the mean gain of bought power exceed the fee: there the search begins. Every further run halves the
    wider gap beside the best so far.

    Parameters
    ----------
    scenario
        Plant and span.
    n_runs
        Runs at most, 4 or more.
    on_run
        Takes what is run, before each run.

    Raises
    ------
    PlantError
        If the plant has no single dispatch, or one that keeps no peak or plans its own.
    """
    loaded = load_run(scenario)
    search = _Search(loaded, on_run)
    unlimited, never = search.run(None), search.run(0.0)
    low, high = never.highest_mw, max(unlimited.highest_mw, never.highest_mw)
    fine_mw = _FINE_FRAC * high
    if high - low > fine_mw:
        search.run(low)
        for peak_mw in (search.first_guess(unlimited, never), 0.5 * (low + high)):
            if min(abs(peak_mw - one) for one in (low, high, *search.peaks)) > fine_mw and len(search.runs) < n_runs:
                search.run(peak_mw)
    while len(search.runs) < n_runs:
        middle_mw = search.between(low, high, fine_mw)
        if middle_mw is None:
            break
        search.run(middle_mw)
    return search.result()


class _Search:
    """Runs of a plant's rule that are done, by the peak."""

    def __init__(self, loaded: Loaded, on_run: Callable[[str], None] | None) -> None:
        self.id = _rule_of(loaded.plant)
        self.loaded, self.on_run = loaded, on_run
        self.own, self.grid = hydrogen_values(loaded.plant)
        self.settings = read_settings(loaded.plant)
        self.runs: list[PeakRun] = []
        self.imports_mw: FloatArray = np.zeros(0)
        self.fee_eur_per_mw = 0.0

    @property
    def peaks(self) -> list[float]:
        """Peaks of the runs so far, MW."""
        return [run.peak_mw for run in self.runs if run.peak_mw is not None]

    def run(self, peak_mw: float | None) -> PeakRun:
        """Run the plant with a peak, or without."""
        if self.on_run is not None:
            self.on_run("no peak" if peak_mw is None else f"a peak of {peak_mw:.4g} MW")
        values: dict[str, float] = {} if peak_mw is None else {PEAK: peak_mw * 1.0e6}
        imports: list[FloatArray] = []
        outcome = outcome_of(
            replace(self.loaded, plant=_with_peak(self.loaded.plant, self.id, values)),
            on_import=imports.append if peak_mw is None else None,
        )
        if peak_mw is None:
            self.imports_mw = np.concatenate(imports) / 1.0e6
        found = self._read(peak_mw, outcome)
        self.runs.append(found)
        return found

    def _read(self, peak_mw: float | None, outcome: Outcome) -> PeakRun:
        figures, year = outcome.figures, outcome.run_economics.year
        if not self.fee_eur_per_mw:
            one = replace(year, peak_import_kw=1000.0, month_peak_kw=1000.0)
            self.fee_eur_per_mw = capacity_fee(self.settings, one) * self.loaded.scenario.hours / 8760.0
        return PeakRun(
            peak_mw,
            year.peak_import_kw / 1000.0,
            float(figures.get("import_mwh") or 0.0),
            float(figures["hydrogen_made_kg"]),
            outcome.capacity_eur,
            outcome.profit_eur(self.own, self.grid),
            figures.get("hydrogen_cost_eur_per_kg"),
        )

    def first_guess(self, unlimited: PeakRun, never: PeakRun) -> float:
        """Return the import, MW, above which hours of use times the mean gain of bought power pay no fee."""
        more_mwh = unlimited.import_mwh - never.import_mwh
        gained = (unlimited.profit_eur + unlimited.fee_eur) - (never.profit_eur + never.fee_eur)
        if more_mwh <= 0.0 or gained <= 0.0:
            return never.highest_mw
        hours_needed = self.fee_eur_per_mw / (gained / more_mwh)
        interval_h = self.loaded.scenario.hours / max(self.imports_mw.size, 1)
        rank = int(hours_needed / interval_h)
        highest_first = np.sort(self.imports_mw)[::-1]
        at = float(highest_first[rank]) if rank < highest_first.size else 0.0
        return min(max(at, never.highest_mw), unlimited.highest_mw)

    def between(self, low_mw: float, high_mw: float, fine_mw: float) -> float | None:
        """Return the middle of the wider gap beside the best peak so far; None where both are narrow."""
        places = sorted({low_mw, high_mw, *(peak for peak in self.peaks if low_mw <= peak <= high_mw)})
        best = self._best()
        at = high_mw if best.peak_mw is None else min(max(best.peak_mw, low_mw), high_mw)
        below = max((p for p in places if p < at), default=at)
        above = min((p for p in places if p > at), default=at)
        gap = max((at - below, below), (above - at, at))
        return gap[1] + 0.5 * gap[0] if gap[0] > fine_mw else None

    def _best(self) -> PeakRun:
        return max(self.runs, key=lambda run: (run.profit_eur, -_place(run)))

    def result(self) -> PeakSearch:
        """Return what was found."""
        return PeakSearch(
            self.loaded.plant.components[self.id].kind.name,
            f"{self.id}.import_peak_mw",
            tuple(sorted(self.runs, key=_place)),
            self._best(),
            self.fee_eur_per_mw,
            self.own,
            self.grid,
            self.settings.is_subsidised,
        )


def _place(run: PeakRun) -> float:
    return float("inf") if run.peak_mw is None else run.peak_mw


def _rule_of(plant: Plant) -> str:
    """Return the id of the plant's rule, if it keeps a peak that is given."""
    id_ = dispatch_of(plant)
    rule = plant.components[id_]
    assert isinstance(rule.kind.role, Dispatch)
    where, line = f"components.{id_}", rule.line
    if is_planned_here(plant):
        what, remedy = "a plan finds the highest import that pays by itself", "run it as it is, or choose another rule"
        raise PlantError([Finding("planned-peak", where, what, remedy, plant.file, line)])
    if PEAK not in rule.values:
        what, remedy = f"{rule.kind.name} keeps no peak of the import", "take a rule that has 'import_peak_mw'"
        raise PlantError([Finding("no-peak", where, what, remedy, plant.file, line)])
    return id_


def _with_peak(plant: Plant, id_: str, values: Mapping[str, float]) -> Plant:
    """Return the plant with the peak of its rule as given, or with none."""
    rule = plant.components[id_]
    none = {PEAK: rule.kind.parameter_by_name[PEAK].default or 0.0}
    changed = replace(rule, values={**rule.values, **none, **values})
    return replace(plant, components={**plant.components, id_: changed})
