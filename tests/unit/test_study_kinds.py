"""Studies that vary the kind of a component, such as the rule of dispatch, and lists of paths."""

from pathlib import Path

import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.plant.finding import PlantError
from h2plant.results import Results
from h2plant.session.execution import execute
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.backends.dask import DaskBackend
from h2plant.studies.search.optimize import run_optimize
from h2plant.studies.study import load_study
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import points_of, run_study

pytestmark = pytest.mark.long

RULES = """h2plant: 1
study: rules
kind: sweep
scenario: minimal_day
start: 2023-07-03
hours: 30
parameters:
  - {{name: rule, path: rule.kind, values: [{kinds}]}}
  - {more}
design: {{kind: grid}}
outputs: [hydrogen_made_kg, hydrogen_cost_eur_per_kg, {{name: least_bar, column: tank.pressure_bar, reduce: min}}]
"""
# at 55 kWh/kg and a fee of 10 EUR/MWh thresholds of 40 and 90 EUR/MWh
LIMIT = "{path: rule.hydrogen_value_eur_per_kg, values: [2.75, 5.5]}"
SCALE = "{path: series.price_eur_per_mwh.scale, values: [1, 0.5]}"


def written(folder: Path, kinds: str, more: str = LIMIT, tail: str = "") -> Path:
    file = folder / "rules.yaml"
    file.write_text(RULES.format(kinds=kinds, more=more) + tail, encoding="utf-8")
    return file


def test_each_kind_gives_what_the_plant_gives_with_it_alone(tmp_path: Path) -> None:
    file = written(tmp_path, "constant_load, price_threshold", tail="full_logs: [1]\n")
    run = run_study(file, tmp_path / "out", backend=ThreadBackend(2))
    assert not run.failed
    assert run.n_runs == 4  # a constant load knows no worth of hydrogen: it runs once, and once more for the full log
    found = [o.values["hydrogen_made_kg"] for o in run.outcomes]
    assert found[0] == found[1]
    assert len(set(found)) == 3
    for outcome, point in zip(run.outcomes, run.points, strict=True):
        changes: dict[str, str | float] = {"rule.kind": str(point.values["rule"])}
        if point.values["rule"] == "price_threshold":
            changes["rule.hydrogen_value_eur_per_kg"] = float(point.values["rule.hydrogen_value_eur_per_kg"])
        scenario = changed_scenario(load_scenario("minimal_day"), hours=30, start="2023-07-03", overrides=changes)
        figures = execute(scenario, out=tmp_path / f"alone_{outcome.number}").summary["key_figures"]
        assert outcome.values["hydrogen_made_kg"] == figures["hydrogen_made_kg"]
        assert outcome.values["hydrogen_cost_eur_per_kg"] == figures["hydrogen_cost_eur_per_kg"]
    kept = Results(run.folder / "runs" / "scenario_00001")
    assert kept.summary["key_figures"]["hydrogen_made_kg"] == found[0]


def _values(outcomes: list[Outcome]) -> dict[int, dict[str, float | None]]:
    assert not any(o.is_failed for o in outcomes), outcomes
    return {o.number: o.values for o in outcomes}


@pytest.mark.filterwarnings("ignore")
def test_plans_and_rules_run_on_threads_and_workers_alike(tmp_path: Path) -> None:
    study = load_study(written(tmp_path, "price_threshold, planned", SCALE))
    prepared = PreparedStudy(study)
    jobs = prepared.jobs(points_of(study))
    by_threads = _values(list(ThreadBackend(2).outcomes(prepared, jobs)))
    assert len({str(v) for v in by_threads.values()}) == 4
    backend = DaskBackend(1)
    try:
        assert _values(list(backend.outcomes(prepared, jobs))) == by_threads
    finally:
        backend.close()


WRONG = {
    "no kind": ("price_treshold", LIMIT, ":8: .*'rule.kind' is 'price_treshold'; .*'price_threshold'"),
    "no word": ("3", LIMIT, ":8: .*'rule.kind' is 3"),
    "kind that does not fit": ("gas_tank", SCALE, "with rule as 'gas_tank': .*"),
    "parameter of no kind": (
        "constant_load, price_threshold",
        LIMIT.replace("hydrogen_value", "hydrogen_valoo"),
        ":9: .*no parameter 'hydrogen_valoo",
    ),
    "list of what is free": (
        "constant_load",
        "{path: [tank.n_vessels, tank.vessel_volume_m3], values: [3, 4]}",
        ":9: .*stands with 'tied_to' or 'expression' alone",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_kinds_are_told_before_anything_runs(case: str, tmp_path: Path) -> None:
    kinds, more, message = WRONG[case]
    with pytest.raises(PlantError, match=f"(?s).*{message}"):
        run_study(written(tmp_path, kinds, more), tmp_path / "out")
    assert not any((tmp_path / "out").glob("*.parquet"))


def test_a_search_chooses_among_kinds_and_ties_a_list(tmp_path: Path) -> None:
    file = tmp_path / "best_rule.yaml"
    file.write_text(
        """h2plant: 1
study: best_rule
kind: optimize
scenario: minimal_day
start: 2023-07-03
hours: 30
parameters:
  - {path: rule.kind, values: [constant_load, price_threshold]}
  - {name: size, path: tank.n_vessels, values: [4, 6]}
  - {path: [tank.vessel_volume_m3.scale, tank.diameter_m.scale], expression: size / 4}
objectives: [{maximize: hydrogen_made_kg}]
search: {sampler: tpe, trials: 6, batch: 2, seed: 1}
""",
        encoding="utf-8",
    )
    found = run_optimize(file, tmp_path / "out", backend=ThreadBackend(2))
    points = {str(p.values["rule.kind"]) for p in found.run.points}
    assert points == {"constant_load", "price_threshold"}
    assert found.point(found.best[0].number).values["rule.kind"] == "constant_load"
    made = {str(p.values["rule.kind"]): o.values for p, o in zip(found.run.points, found.run.outcomes, strict=True)}
    assert found.run.points[0].values["rule.kind"] == "price_threshold"  # the plant as it is
    assert made["constant_load"]["hydrogen_made_kg"] > made["price_threshold"]["hydrogen_made_kg"]  # type: ignore[operator]
    sizes = [(p.values["size"], p.values["tank.diameter_m.scale"]) for p in found.run.points[1:]]
    assert all(scale == size / 4 for size, scale in sizes if isinstance(size, float | int))
