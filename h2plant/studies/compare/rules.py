"""The rules of dispatch that fit a plant, against its plan and against the plan with foresight."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from h2plant.config.scenario import Scenario
from h2plant.config.series_reader import load_series
from h2plant.core.error import reason_of
from h2plant.economics.settings import read_settings
from h2plant.planning.layout import PLANNED, dispatch_of, hydrogen_values, layout_of, rule_kinds, with_dispatch
from h2plant.planning.rolling import Planner
from h2plant.plant.check import check_plant
from h2plant.results.figures import Technologies
from h2plant.results.grid_use import rare_use
from h2plant.session.session import load_run
from h2plant.simulation.engine import Engine
from h2plant.studies.compare.outcome import STARTS, Outcome, outcome_of


@dataclass(frozen=True)
class Row:
    """A rule in the comparison.

    Attributes
    ----------
    rule
        Kind of dispatch; or what else the row stands for.
    profit_eur, hydrogen_kg, cost_eur_per_kg, cost_sold_eur_per_kg, import_mwh, export_mwh
        What came of it, the cost by kilogram made and by kilogram sold; None where it has no meaning.
    starts
        Starts by technology of electrolysers; empty where nothing ran.
    gap_frac
        What it earned less than the plan with foresight, by that; below nothing where it earned more; None where that
        plan earns nothing, or the rule is not ranked.
    note
        Why there are no figures, or why they do not hold: such a rule is never ranked above one whose figures do.
    not_served
        What it promised and did not deliver: such a rule stands below all that serve, and above those with a note.
    served_frac
        Share of the hydrogen asked for that was given; None where nobody asks.
    """

    rule: str
    profit_eur: float | None = None
    hydrogen_kg: float | None = None
    starts: Mapping[str, float] = field(default_factory=dict)
    cost_eur_per_kg: float | None = None
    cost_sold_eur_per_kg: float | None = None
    import_mwh: float | None = None
    export_mwh: float | None = None
    gap_frac: float | None = None
    note: str = ""
    not_served: str = ""
    served_frac: float | None = None

    def to_dict(self, technologies: Iterable[str]) -> dict[str, Any]:
        """Return it as plain values, for JSON: starts of each technology under the name of the key figure."""
        values = asdict(self)
        starts = values.pop("starts")
        return values | {STARTS.format(key): starts.get(key) for key in technologies}


@dataclass(frozen=True)
class RuleComparison:
    """Rules of a plant side by side.

    Attributes
    ----------
    rows
        The rules that serve, the best first; then those that do not, those whose figures do not hold, and those that
        failed.
    expected, foresight
        What the plans expected on the reduced model, and the best of it with the whole span known: no plan can expect
        more, but a rule on the plant itself may earn more.
    own_eur_per_kg, grid_eur_per_kg
        What hydrogen is worth, from own and from bought power.
    planning
        Report of the planner.
    technologies
        Electrolysers of the plant: the technology as it stands in ``Row.starts`` -> its name.
    notes
        What was done to the input, such as gaps that were filled.
    is_subsidised
        Whether costs of a kilogram are after subsidies.
    """

    rows: tuple[Row, ...]
    expected: Row
    foresight: Row
    own_eur_per_kg: float
    grid_eur_per_kg: float
    planning: dict[str, Any]
    technologies: Mapping[str, str]
    notes: tuple[str, ...] = ()
    is_subsidised: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return {
            "rules": [row.to_dict(self.technologies) for row in self.rows],
            "expected": self.expected.to_dict(self.technologies),
            "foresight": self.foresight.to_dict(self.technologies),
            "hydrogen_value_eur_per_kg": self.own_eur_per_kg,
            "grid_hydrogen_value_eur_per_kg": self.grid_eur_per_kg,
            "planning": self.planning,
            "notes": self.notes,
            "is_subsidised": self.is_subsidised,
        }


def compare_rules(scenario: Scenario, on_rule: Callable[[str], None] | None = None) -> RuleComparison:
    """Run every rule that fits a scenario's plant, its plan, and the plan with foresight.

    Parameters
    ----------
    scenario
        Plant and span.
    on_rule
        Takes the name of each rule before its run.

    Raises
    ------
    PlantError
        If the plant has no dispatch, cannot be planned, or the solver is missing.
    """
    loaded = load_run(scenario)
    plant = loaded.plant
    layout_of(plant)
    own, grid = hydrogen_values(plant)
    worth = {"hydrogen_value_eur_per_kg": own, "grid_hydrogen_value_eur_per_kg": grid}
    planned = with_dispatch(plant, PLANNED, worth)
    series = load_series(planned, scenario.start, scenario.n_seconds, scenario.series, scenario.timezone)
    loaded = replace(loaded, series={**series, **loaded.series})
    best_eur: list[float] = []
    contract: list[float] = []
    kilograms: list[float] = []

    def foreseen(engine: Engine, planner: Planner | None) -> None:
        assert planner is not None
        best = planner.foresight(engine)
        paid = planner.inputs.contract_eur + planner.rest_eur
        best_eur.append(best.bound_eur - paid)
        contract.append(paid)
        kilograms.append(float(best.hydrogen_kg_per_h.sum()) * planner.interval_s / 3600.0)

    if on_rule is not None:
        on_rule("plan with foresight, and plan")
    outcome = outcome_of(replace(loaded, plant=planned), on_engine=foreseen)
    agreed_eur = outcome.totals.sum("contract_net_eur")  # paid whatever is planned, and no plan knows of it
    most = best_eur[0] - agreed_eur
    technologies = {maker.key: maker.technology for maker in Technologies.of_plant(plant).makers}
    rows = [_row(PLANNED, outcome, own, grid, most, technologies)]
    rare = {PLANNED: rare_use(plant, outcome.totals, scenario.hours)}
    mine = plant.components[dispatch_of(plant)].kind
    for name in rule_kinds(plant):
        if name == PLANNED or (plant.kinds[name].function_key and mine.name != name):
            continue
        if on_rule is not None:
            on_rule(name)
        changed = with_dispatch(plant, name)
        findings = [f for f in check_plant(changed) if f.severity == "error"]
        if findings:
            rows.append(Row(name, note=f"does not fit: {findings[0].what}"))
            continue
        try:
            ran = outcome_of(replace(loaded, plant=changed))
            rows.append(_row(name, ran, own, grid, most, technologies))
            rare[name] = rare_use(plant, ran.totals, scenario.hours)
        except Exception as error:  # one rule that fails costs no other its row
            rows.append(Row(name, note=reason_of(error)))
    rows.sort(key=_rank)
    uses = [f"{note} (under '{row.rule}')" for row in rows for note in rare.get(row.rule, ())]
    expected = float(outcome.planning["expected_value_eur"]) - contract[0] - agreed_eur
    return RuleComparison(
        rows=tuple(rows),
        expected=Row("plan, as expected", expected, gap_frac=_gap(expected, most)),
        foresight=Row("plan with foresight", most, hydrogen_kg=kilograms[0], gap_frac=_gap(most, most)),
        own_eur_per_kg=own,
        grid_eur_per_kg=grid,
        planning=dict(outcome.planning),
        technologies=technologies,
        notes=(*loaded.notes, *uses[:1]),
        is_subsidised=read_settings(plant).is_subsidised,
    )


def _rank(row: Row) -> tuple[int, float]:
    """Return what rows are sorted by: those that serve, those that do not, those that do not hold; then by profit."""
    profit = row.profit_eur if row.profit_eur is not None else float("-inf")
    return 2 if row.note else 1 if row.not_served else 0, -profit


def _row(name: str, outcome: Outcome, own: float, grid: float, foresight: float, technologies: Iterable[str]) -> Row:
    figures = outcome.figures
    profit = outcome.profit_eur(own, grid)
    return Row(
        rule=name,
        profit_eur=profit,
        hydrogen_kg=figures["hydrogen_made_kg"],
        starts={key: n for key in technologies if (n := figures.get(STARTS.format(key))) is not None},
        cost_eur_per_kg=figures.get("hydrogen_cost_eur_per_kg"),
        cost_sold_eur_per_kg=figures.get("hydrogen_cost_sold_eur_per_kg"),
        import_mwh=figures.get("import_mwh"),
        export_mwh=figures.get("export_mwh"),
        gap_frac=None if outcome.not_valid or outcome.not_served else _gap(profit, foresight),
        note=f"not valid: {outcome.not_valid}" if outcome.not_valid else "",
        not_served=outcome.not_served,
        served_frac=figures.get("hydrogen_served_frac"),
    )


def _gap(profit: float, foresight: float) -> float | None:
    return (foresight - profit) / foresight if foresight > 0.0 else None
