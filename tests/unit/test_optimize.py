"""Optimisation: known optima, resuming, what equals what, and what is wrong with a study."""

import json
import math
import shutil
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any

import pytest

from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.economics.plant_cost import size
from h2plant.plant.finding import PlantError
from h2plant.results.folder import ResultsError
from h2plant.results.run_economics import equipment_of
from h2plant.session.execution import execute
from h2plant.studies.backends.backend import ThreadBackend
from h2plant.studies.backends.dask import DaskBackend
from h2plant.studies.search import sampler
from h2plant.studies.search.confirm import OWN, candidates
from h2plant.studies.search.front import Judged, front
from h2plant.studies.search.goal import Constraint, load_optimize
from h2plant.studies.search.optimize import OptimizeRun, cost_notes, run_optimize
from h2plant.studies.search.own import own_values
from h2plant.studies.study.design import tie
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.prepared import Job, PreparedStudy
from h2plant.studies.study.run import CONFIRMED, RUNS
from h2plant.studies.study.store import Store
from h2plant.studies.view.optimize_console import remarks
from h2plant.studies.view.optimize_page import optimize_page
from tests.command import assert_refused, h2plant, process

pytestmark = pytest.mark.long

# The tank costs COST_EUR a unit, and what it is short of costs PENALTY_EUR over the units. Without interest and all
# that comes on top of capital, a unit costs COST_EUR (1/25 + 2 % upkeep) a year, its vessels last 30 years, and what
# they are worth after 25 does not count. So 0.06 COST_EUR x + PENALTY_EUR / x is least at the root below.
COST_EUR, PENALTY_EUR = 1.0e5, 1.5e5
BEST = math.sqrt(PENALTY_EUR / COST_EUR / 0.06)

KNOWN = f"""
h2plant: 1
study: known
kind: optimize
scenario: minimal_day
hours: 3
set:
  economics.real_rate_frac: 0
  economics.insurance_frac: 0
  economics.indirect_cost_frac: 0
  economics.contingency_frac: 0
  economics.residual_value_frac: 0
parameters:
  - {{name: units, range: [1, 20]}}
  - {{path: economics.capex_eur.tank, tied_to: units, factor: {COST_EUR}}}
  - {{path: economics.other_cost_eur_per_year, expression: {PENALTY_EUR} / units}}
objectives: [{{minimize: hydrogen_cost_eur_per_kg}}]
outputs: [capex_eur]
search: {{sampler: tpe, trials: 60, batch: 10, seed: 1}}
"""

REAL = """
h2plant: 1
study: real
kind: optimize
scenario: minimal_day
hours: 6
parameters:
  - {name: size, path: stack.rated_power_mw, range: [0.5, 1.2]}
  - {path: tank.n_vessels, values: [2, 4, 8]}
objectives: [{minimize: hydrogen_cost_eur_per_kg}, {maximize: hydrogen_made_kg}]
constraints: [{output: capex_eur, max: 2.70e+6}]
search: {sampler: nsga_ii, trials: 8, batch: 4, seed: 1}
"""


def written(folder: Path, text: str = REAL, **changed: str) -> Path:
    """Write a study; each key changed stands for a text of it."""
    for old, new in changed.items():
        assert SPOTS[old] in text
        text = text.replace(SPOTS[old], new)
    file = folder / "study.yaml"
    file.write_text(text, encoding="utf-8")
    return file


SPOTS = {
    "size": "range: [0.5, 1.2]",
    "vessels": "values: [2, 4, 8]",
    "goal": "{minimize: hydrogen_cost_eur_per_kg}",
    "bound": "{output: capex_eur, max: 2.70e+6}",
    "search": "{sampler: nsga_ii, trials: 8, batch: 4, seed: 1}",
    "sampler": "sampler: tpe, trials: 60, batch: 10",
    "goals": "[{minimize: hydrogen_cost_eur_per_kg}]\noutputs: [capex_eur]",
}


def seen(found: OptimizeRun) -> list[object]:
    return [
        (p.number, dict(p.values), o.values, o.reason)
        for p, o in zip(found.run.points, found.run.outcomes, strict=True)
    ]


@pytest.mark.parametrize(
    "how",
    [
        "sampler: tpe, trials: 60, batch: 10",
        pytest.param("sampler: nsga_ii, trials: 140, batch: 20", marks=pytest.mark.slow),
    ],
)
def test_finds_the_size_at_which_capital_and_penalty_balance(tmp_path: Path, how: str) -> None:
    found = run_optimize(written(tmp_path, KNOWN, sampler=how), tmp_path / "out", backend=ThreadBackend(1))
    best = found.best[0].number
    assert found.point(best).values["units"] == pytest.approx(BEST, rel=0.05)
    losses = {j.number: j.losses[0] for j in found.judged}
    made = 0.06 * COST_EUR * BEST + PENALTY_EUR / BEST
    for number in range(1, 11):  # the cost is what was derived by hand, but for what does not hang on the size
        x = found.point(number).values["units"]
        assert isinstance(x, float)
        yearly = 0.06 * COST_EUR * x + PENALTY_EUR / x - made
        ratio = (losses[number] - losses[best]) / yearly
        assert ratio == pytest.approx((losses[1] - losses[best]) / _yearly(found, 1, made), rel=0.05)


def _yearly(found: OptimizeRun, number: int, least: float) -> float:
    x = found.point(number).values["units"]
    assert isinstance(x, float)
    return 0.06 * COST_EUR * x + PENALTY_EUR / x - least


@pytest.mark.slow
def test_cma_es_finds_two_sizes(tmp_path: Path) -> None:
    second = """
    - {name: more, range: [1, 20]}
    - {path: economics.capex_eur.compressor, tied_to: more, factor: 1e+5}
    - {path: economics.staff_eur_per_year, expression: 2e+5 / more}
    objectives"""
    text = KNOWN.replace("\nobjectives", dedent(second).replace("\n-", "\n  -"))
    how = "sampler: cma_es, trials: 160, batch: 10"
    found = run_optimize(written(tmp_path, text, sampler=how), tmp_path / "out", backend=ThreadBackend(1))
    best = found.point(found.best[0].number).values
    assert best["units"] == pytest.approx(BEST, rel=0.02)
    # a stage lasts 15 years, so it is bought twice in 25: (2/25 + 4 % upkeep) a year
    assert best["more"] == pytest.approx(math.sqrt(2.0 / 0.12), rel=0.02)


def test_a_constraint_holds_the_size_at_its_bound(tmp_path: Path) -> None:
    free = run_optimize(written(tmp_path, KNOWN), tmp_path / "free", backend=ThreadBackend(1))
    capital = {
        p.values["units"]: o.values["capex_eur"] for p, o in zip(free.run.points, free.run.outcomes, strict=True)
    }
    units, eur = next((u, c) for u, c in capital.items() if isinstance(u, float) and u > 0.0)
    assert eur is not None
    rest = eur - COST_EUR * units
    goals = SPOTS["goals"] + f"\nconstraints: [{{output: capex_eur, max: {rest + 3.5 * COST_EUR}}}]"
    found = run_optimize(written(tmp_path, KNOWN, goals=goals), tmp_path / "held", backend=ThreadBackend(1))
    at = found.point(found.best[0].number).values["units"]
    assert isinstance(at, float)
    assert 3.2 < at <= 3.5  # free it is 5


class Killed(ThreadBackend):
    """Stops after so many outcomes, as Ctrl-C does."""

    def __init__(self, n: int) -> None:
        super().__init__(1)
        self._n = n

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        for outcome in super().outcomes(prepared, jobs):
            yield outcome
            self._n -= 1
            if not self._n:
                raise KeyboardInterrupt


@pytest.fixture(scope="module")
def straight(tmp_path_factory: pytest.TempPathFactory) -> OptimizeRun:
    folder = tmp_path_factory.mktemp("straight")
    return run_optimize(written(folder), folder / "out", backend=ThreadBackend(2))


def test_an_interrupted_search_finds_what_it_would_have_found(straight: OptimizeRun, tmp_path: Path) -> None:
    file = written(tmp_path)
    for n in (1, 4):
        with pytest.raises(KeyboardInterrupt) as stop:
            run_optimize(file, tmp_path / "out", backend=Killed(n))
        assert stop.value.folder == tmp_path / "out"  # type: ignore[attr-defined]
    found = run_optimize(file, tmp_path / "out", backend=ThreadBackend(1))
    assert seen(found) == seen(straight)
    assert found.run.n_resumed == 6  # 5 runs, and the first trial, which is the plant as it is
    assert found.run.n_runs == 3
    assert [j.number for j in found.best] == [j.number for j in straight.best]


def test_a_killed_search_goes_on(straight: OptimizeRun, tmp_path: Path) -> None:
    code = """
        import os, signal, sys
        from h2plant.studies.search.optimize import run_optimize
        def tell(now):
            if now.n_done == 6:
                os.kill(os.getpid(), signal.SIGKILL)
        run_optimize(sys.argv[1], sys.argv[2], on_progress=tell)
    """
    file = written(tmp_path)
    assert process(file, tmp_path / "out", code=dedent(code)).exit_code == -signal.SIGKILL
    found = run_optimize(file, tmp_path / "out")
    assert seen(found) == seen(straight)
    assert found.run.n_resumed == 6


@pytest.mark.slow
def test_workers_find_the_same(straight: OptimizeRun, tmp_path: Path) -> None:
    backend = DaskBackend(2)
    try:
        found = run_optimize(written(tmp_path), tmp_path / "out", backend=backend)
    finally:
        backend.close()
    assert seen(found) == seen(straight)


def test_more_trials_go_on_from_those_that_are_there(straight: OptimizeRun) -> None:
    folder = straight.run.folder
    more = written(folder.parent, search="{sampler: nsga_ii, trials: 12, batch: 4, seed: 1}")
    found = run_optimize(more, folder)
    assert seen(found)[:9] == seen(straight)
    assert found.run.n_resumed == 9
    assert found.n_trials == 12


def test_what_changed_since_is_said(straight: OptimizeRun, tmp_path: Path) -> None:
    folder = straight.run.folder
    with pytest.raises(ResultsError, match="what changed since: the parameters; choose"):
        run_optimize(written(tmp_path, size="range: [0.5, 1.1]"), folder)
    with pytest.raises(ResultsError, match=r"since: the constraints, the search \(sampler, batch or seed\);"):
        other = "{sampler: tpe, trials: 8, batch: 4, seed: 1}"
        run_optimize(written(tmp_path, search=other, bound="{output: capex_eur, max: 3.0e+6}"), folder)


def test_restart_leaves_a_running_search_alone(straight: OptimizeRun, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(straight.run.folder, tmp_path / "out"))
    with Store(folder, straight.run.digests) as running:
        n_before = running.n_done
        with pytest.raises(ResultsError, match=r"another \w+ is running in this folder; wait for it"):
            run_optimize(straight.study, folder, restart=True)
        assert running.n_done == n_before > 0
    assert (folder / RUNS).is_dir()


def test_the_first_trials_are_the_plant_as_it_is(straight: OptimizeRun) -> None:
    assert straight.point(OWN).values == {"size": 1.0, "tank.n_vessels": 4.0}
    assert straight.outcome(1).values == straight.outcome(OWN).values
    assert straight.outcome(1).loop_s == 0.0  # it is not run twice


def test_the_front_and_both_ends_are_kept_whole(straight: OptimizeRun) -> None:
    made = [straight.outcome(j.number).values["hydrogen_made_kg"] for j in straight.best]
    costs = [straight.outcome(j.number).values["hydrogen_cost_eur_per_kg"] for j in straight.best]
    assert made == sorted(made)  # type: ignore[type-var]
    assert costs == sorted(costs)  # type: ignore[type-var]
    capital = [straight.outcome(j.number).values["capex_eur"] for j in straight.best]
    assert capital
    assert all(c is not None and c <= 2.70e6 for c in capital)
    folders = {f"scenario_{n:05}" for n in (OWN, *straight.ends)}
    assert folders <= {path.name for path in (straight.run.folder / RUNS).iterdir()}
    page = optimize_page(straight, "h2plant optimize study.yaml")
    assert "Pareto front" in page
    assert "power contract" not in page  # it has no wind
    assert "grid import" in page


def test_front_keeps_what_nothing_beats() -> None:
    nan = math.nan
    losses = [
        (1, (2.0, 2.0), 0.0),
        (2, (1.0, 3.0), 0.0),
        (3, (2.0, 1.0), 0.0),
        (4, (0.0, 0.0), 0.1),
        (5, (nan, 0.0), 0.0),
    ]
    same = [(6, (1.0, 3.0), 0.0)]
    assert [j.number for j in front([Judged(*each) for each in losses + same])] == [2, 3]


def test_violation_is_a_share_of_the_bound() -> None:
    assert Constraint("x", low=2.0, high=4.0).violation({"x": 5.0}) == pytest.approx(0.25)
    assert Constraint("x", low=2.0).violation({"x": 1.0}) == pytest.approx(0.5)
    assert Constraint("x", high=0.0).violation({"x": 3.0}) == pytest.approx(3.0)
    assert Constraint("x", low=2.0).violation({"x": 2.5}) < 0.0
    assert Constraint("x", low=2.0).violation({"x": None}) == 1.0


def test_no_trial_satisfies_the_constraint_and_the_nearest_is_told(tmp_path: Path) -> None:
    file = written(tmp_path, bound="{output: hydrogen_made_kg, min: 1000}")
    answer = h2plant("optimize", file, "--out", tmp_path / "out")
    assert_refused(
        answer, "no trial satisfies all constraints", "misses them by least: hydrogen_made_kg >= 1000", code=1
    )
    assert (tmp_path / "out" / "results.csv").is_file()


WRONG = {
    "objective": (
        {"goal": "{minimize: hydrogen_price_eur_per_kg}"},
        ("no output or key figure", "'hydrogen_cost_eur_per_kg'"),
    ),
    "no direction": ({"goal": "{}"}, ("no direction is given",)),
    "no width": ({"size": "range: [0.8, 0.8]"}, ("study.yaml:8", "'low' is 0.8 and 'high' is 0.8")),
    "one value": ({"vessels": "values: [4]"}, ("has one value only",)),
    "beyond": ({"vessels": "values: [0, 4]"}, ("study.yaml:9", "'tank.n_vessels' is 0")),
    "drawn": ({"size": "distribution: {kind: normal, mean: 1, sd: 0.1}"}, ("has a distribution", "range: [low, high]")),
    "bounds": ({"bound": "{output: capex_eur, min: 2, max: 1}"}, ("nothing satisfies both",)),
    "no bound": ({"bound": "{output: capex_eur}"}, ("no bound is given",)),
    "batch": ({"search": "{trials: 9, batch: 4}"}, ("no whole number of batches", "trials: 12")),
    "population": ({"search": "{sampler: nsga_ii, trials: 9, batch: 1}"}, ("needs a population",)),
    "cma_es": ({"search": "{sampler: cma_es, trials: 8}"}, ("knows one objective only", "knows no constraints")),
    "sampler": ({"search": "{sampler: cma, trials: 8}"}, ("search.sampler", "cma_es")),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_study_is_refused(tmp_path: Path, case: str) -> None:
    changed, message = WRONG[case]
    assert_refused(h2plant("optimize", written(tmp_path, **changed), "--out", tmp_path / "out"), *message)
    assert not (tmp_path / "out").exists()


def test_what_no_trial_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlantError, match="none of 5 trials has a value of 'rfnbo_frac'"):
        run_optimize(written(tmp_path, bound="{output: rfnbo_frac, min: 0.9}"), tmp_path / "out")


def test_without_optuna_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "find_spec", lambda name: None)
    assert_refused(h2plant("optimize", written(tmp_path)), "needs optuna", "pip install 'h2plant[optimize]'")


@pytest.mark.parametrize("name", ["least_cost", "cost_and_volume"])
def test_bundled_optimisations_are_in_order(name: str) -> None:
    study = load_optimize(name)
    prepared = PreparedStudy(study.study)
    own = own_values(prepared)
    assert own["soec_size"] == own["pem_size"] == 1.0
    proposer = sampler.Proposer(study, own)
    begin = proposer.ask()[0]  # the plant as it is lies within what is searched
    assert begin == {name: own[name] for name in begin}


@pytest.mark.parametrize(
    ("size_name", "own", "others"),
    [
        (
            "soec_size",
            ("soec_", "steam_", "o2_", "feed_preheater"),
            ("pem_1", "wind", "grid", "lp_tanks", "hp_stage_1"),
        ),
        ("pem_size", ("pem_",), ("soec_1", "wind", "grid", "lp_tanks", "dry_cooler", "steam_generator")),
    ],
)
def test_a_line_grows_with_all_that_serves_it_and_with_nothing_else(
    size_name: str, own: tuple[str, ...], others: tuple[str, ...]
) -> None:
    study = load_optimize("cost_and_volume")
    prepared = PreparedStudy(study.study)
    names = [p.name for p in study.study.parameters if not p.is_tied]
    values = own_values(prepared)
    changes = []
    for times in (1.0, 0.5):
        free = {name: times if name == size_name else values[name] for name in names}
        changes.append(prepared.jobs([tie(1, free, study.study.parameters)])[0].changes)
    assert not changes[0].fields  # at 1 it is the plant
    half, whole = prepared.plant_of(changes[1]).components, prepared.own.plant.components
    priced = [equipment_of(plant) for plant in (prepared.own.plant, prepared.plant_of(changes[1]))]
    n_sized = 0
    for component, one in whole.items():
        for figure in one.kind.costs if component.startswith(own) else ():
            if figure.size_parameters:  # all that costs by its size is half as large
                before, after = (size(figure, equipment[component].values) for equipment in priced)
                assert after == pytest.approx(0.5 * before, rel=1e-9), component
                n_sized += 1
    assert n_sized > 25
    line = f"{own[0]}line"
    for name in ("line_power_w", "line_minimum_w", "standby_w", "cold_start_eur", "unit_power_w"):
        assert half[line].values[name] == pytest.approx(0.5 * whole[line].values[name]), name
    assert half["dispatch"].values == whole["dispatch"].values
    assert all(half[name].values == whole[name].values for name in others)


COARSE = """
h2plant: 1
study: coarse
kind: optimize
scenario: minimal_day
hours: 24
step_s: 900
set: {tank.n_vessels: 1}
parameters:
  - {name: size, path: stack.rated_power_mw, range: [0.4, 0.9]}
objectives: [{maximize: hydrogen_sold_kg}]
search: {sampler: tpe, trials: 8, batch: 4, seed: 1, confirm: 2}
"""


def test_the_best_of_coarse_steps_run_again_in_steps_of_a_minute(tmp_path: Path) -> None:
    file = written(tmp_path, COARSE)
    found = run_optimize(file, tmp_path / "out", backend=ThreadBackend(1))
    ranked = sorted((j for j in found.judged if j.number != OWN), key=lambda j: (j.losses, j.number))
    assert list(found.confirmed) == [OWN, ranked[0].number, ranked[1].number] and found.holds
    for number, outcome in found.confirmed.items():  # the run itself, in steps of a minute
        scenario = load_scenario("minimal_day")
        size = {} if number == OWN else {"stack.rated_power_mw": found.point(number).values["size"]}
        changed = changed_scenario(scenario, hours=24, step_s=60, overrides={"tank.n_vessels": 1, **size})  # type: ignore[dict-item]
        assert outcome.values == {"hydrogen_sold_kg": execute(changed).summary["key_figures"]["hydrogen_sold_kg"]}
        assert json.loads((found.folder_of(number) / "scenario.json").read_text())["step_s"] == 60
        assert outcome.values != found.outcome(number).values
    best = max(ranked[:2], key=lambda j: found.confirmed[j.number].values["hydrogen_sold_kg"] or 0.0)
    assert [j.number for j in found.best] == [best.number]
    told = "\n".join(remarks(found))
    assert "searched in steps of 900 s; the figures above are of steps of 60 s, as these are" in told
    assert f"trial {best.number}: hydrogen_sold_kg" in told and "%)" in told
    # again: what is there is not run again; with a plain study of a minute nothing is
    before = (found.run.folder / CONFIRMED).stat().st_mtime_ns
    assert run_optimize(file, tmp_path / "out").confirmed == found.confirmed
    assert (found.run.folder / CONFIRMED).stat().st_mtime_ns == before
    for text in (COARSE.replace("confirm: 2", "confirm: 0"), COARSE.replace("step_s: 900", "step_s: 60")):
        other = run_optimize(written(tmp_path, text), tmp_path / "out", restart=True)
        assert not other.confirmed and other.holds and not (other.run.folder / CONFIRMED).exists()


@pytest.mark.parametrize(("n_confirmed", "expected"), [(1, [1, 9, 5]), (3, [1, 9, 3, 5, 7]), (100, list(range(1, 10)))])
def test_a_front_is_confirmed_at_its_ends_and_along_it(n_confirmed: int, expected: list[int]) -> None:
    study: Any = SimpleNamespace(search=SimpleNamespace(n_confirmed=n_confirmed), objectives=(None, None))
    on_front = [Judged(k, (float(k), -float(k)), 0.0) for k in range(1, 10)]
    others = [Judged(OWN, (-1.0, -99.0), 0.0), Judged(20, (0.0, -20.0), 0.5), Judged(21, (5.0, 0.0), 0.0)]
    found = candidates(study, [*on_front, *others])
    assert found[: len(expected)] == expected if n_confirmed < 100 else sorted(found) == expected


def test_what_is_best_at_an_end_of_its_range_is_told(tmp_path: Path) -> None:
    goals = "[{minimize: capex_eur}]"
    found = run_optimize(written(tmp_path, KNOWN, goals=goals), tmp_path / "out", backend=ThreadBackend(1))
    at = found.point(found.best[0].number).values["units"]
    assert isinstance(at, float) and at < 1.19
    (told,) = remarks(found)
    assert f"lies at an end of what was searched, the best may lie beyond: units {at:.4g} (searched: 1 to 20)" in told


@pytest.mark.parametrize(
    ("sought", "cfd", "is_said"),
    [
        ("minimize: hydrogen_cost_eur_per_kg", {"strike_eur_per_kg": 8, "years": 15}, True),
        ("minimize: hydrogen_cost_eur_per_kg", {"strike_eur_per_kg": 8, "years": 15, "reference_eur_per_kg": 4}, False),
        ("maximize: hydrogen_made_kg", {"strike_eur_per_kg": 8, "years": 15}, False),
        ("minimize: hydrogen_cost_eur_per_kg", {}, False),
    ],
)
def test_a_least_cost_after_a_contract_for_difference_is_said(
    tmp_path: Path, sought: str, cfd: dict[str, float], is_said: bool
) -> None:
    """Such a contract pays more the less hydrogen earns, so that the least cost leads astray."""
    given = "".join(f"  economics.subsidies.hydrogen_cfd.{key}: {value}\n" for key, value in cfd.items())
    text = KNOWN.replace("objectives: [{minimize: hydrogen_cost_eur_per_kg}]", f"objectives: [{{{sought}}}]")
    file = tmp_path / "study.yaml"
    file.write_text(text.replace("parameters:\n", f"{given}parameters:\n", 1), encoding="utf-8")
    study = load_optimize(file)
    notes = cost_notes(study, PreparedStudy(study.study))
    assert len(notes) == is_said and all("hydrogen_cfd.reference_eur_per_kg" in note for note in notes)
