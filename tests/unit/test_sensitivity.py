"""Sensitivity: functions whose indices are known, what failures do, a plant, and what is wrong with a study."""

import csv
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from h2plant.studies import sensitivity
from h2plant.studies.sensitivity import load_sensitivity, sensitivity_points
from h2plant.studies.sensitivity.indices import Influence
from h2plant.studies.sensitivity.run import run_sensitivity
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.prepared import Job, PreparedStudy
from h2plant.studies.study.run import StudyRun
from h2plant.studies.view.sensitivity_page import sensitivity_page
from tests.command import assert_refused, h2plant

pytestmark = pytest.mark.long

STUDY = """h2plant: 1
study: trial
kind: sensitivity
scenario: minimal_day
hours: 1
parameters:
{parameters}
methods:
{methods}
outputs: [hydrogen_made_kg]
"""
PI = 3.141592653589793
ISHIGAMI = f"""\
  - {{name: a, path: series.temp_air_degc.shift, range: [-{PI}, {PI}]}}
  - {{name: b, path: series.price_eur_per_mwh.shift, range: [-{PI}, {PI}]}}
  - {{name: c, path: stack.min_load_frac, range: [0, 1]}}"""
SOBOL = "  - {kind: sobol, n: 256, seed: 1}"
FEW = SOBOL.replace("256", "32")
MORRIS = "  - {kind: morris, n: 12, seed: 2, low: 0, high: 1}"
TORNADO = "  - {kind: tornado, low: 0.1, high: 0.9}"

Function = Callable[[float, float, float], float | None]


class Known:
    """A back end that computes a function of the parameters instead of running the plant."""

    name = "known"
    n_workers = 1

    def __init__(self, file: Path, function: Function) -> None:
        self._values = {p.number: p.values for p in sensitivity_points(load_sensitivity(file))}
        self._function = function

    def outcomes(self, prepared: PreparedStudy, jobs: Sequence[Job]) -> Iterator[Outcome]:
        for job in jobs:
            for variant in job.variants:
                values = self._values[variant.number]
                found = self._function(*(float(values[name]) for name in ("a", "b", "c")))
                if found is None:
                    yield Outcome(variant.number, {}, "too hot")
                else:
                    yield Outcome(variant.number, {"hydrogen_made_kg": found})

    def close(self) -> None:
        pass


def written(folder: Path, methods: str = SOBOL, parameters: str = ISHIGAMI) -> Path:
    file = folder / "study.yaml"
    file.write_text(STUDY.format(parameters=parameters, methods=methods), encoding="utf-8")
    return file


def known(folder: Path, function: Function, methods: str = SOBOL) -> tuple[StudyRun, list[Influence]]:
    file = written(folder, methods)
    return run_sensitivity(file, folder / "out", backend=Known(file, function))


def of(found: Influence, name: str) -> dict[str, float]:
    return {i.parameter: i.value for i in found.named(name)}


def ishigami(a: float, b: float, c: float) -> float:
    z = PI * (2.0 * c - 1.0)
    return math.sin(a) + 7.0 * math.sin(b) ** 2 + 0.1 * z**4 * math.sin(a)


def test_sobol_indices_of_ishigami_s_function(tmp_path: Path) -> None:
    """Ishigami and Homma 1990, doi 10.1109/ISUMA.1990.151285: indices in closed form."""
    part_a, part_b = 0.5 * (1.0 + 0.1 * PI**4 / 5.0) ** 2, 7.0**2 / 8.0
    both = 0.1**2 * PI**8 * (1.0 / 18.0 - 1.0 / 50.0)
    whole = part_a + part_b + both
    _, (found,) = known(tmp_path, ishigami, "  - {kind: sobol, n: 256, seed: 1, second_order: true}")
    first, total = of(found, "S1"), of(found, "ST")
    exact = {"a": (part_a, part_a + both), "b": (part_b, part_b), "c": (0.0, both)}
    for name, (alone, with_others) in exact.items():
        assert first[name] == pytest.approx(alone / whole, abs=0.07)
        assert total[name] == pytest.approx(with_others / whole, abs=0.07)
    pairs = {(i.parameter, i.other): i.value for i in found.named("S2")}
    assert pairs["a", "c"] == pytest.approx(both / whole, abs=0.1)
    assert pairs["a", "b"] == pytest.approx(0.0, abs=0.1)
    inside = sum(abs(i.value - exact[i.parameter][i.name == "ST"] / whole) <= i.half_width for i in found.indices[:6])
    assert inside >= 5  # of six intervals of 95 %
    assert all(i.half_width > 0.0 for i in found.indices[:6])


def test_a_linear_function_has_the_effects_of_its_slopes(tmp_path: Path) -> None:
    _, (morris, tornado) = known(tmp_path, lambda a, b, c: 1.0 + 2.0 * a - 3.0 * c, f"{MORRIS}\n{TORNADO}")
    assert of(morris, "mu_star") == pytest.approx({"a": 4.0 * PI, "b": 0.0, "c": 3.0}, abs=1e-9)
    assert of(morris, "mu") == pytest.approx({"a": 4.0 * PI, "b": 0.0, "c": -3.0}, abs=1e-9)
    assert of(morris, "sigma") == pytest.approx({"a": 0.0, "b": 0.0, "c": 0.0}, abs=1e-9)
    assert [bar.parameter for bar in tornado.bars] == ["a", "c", "b"]
    assert tornado.base == pytest.approx(-0.5)
    assert tornado.bars[0].low == pytest.approx(-0.5 - 1.6 * PI)
    assert tornado.bars[0].high == pytest.approx(-0.5 + 1.6 * PI)
    assert tornado.bars[1].low == pytest.approx(-0.5 + 1.2)


def test_distributions_count_with_their_probability(tmp_path: Path) -> None:
    """A sum of a normal variable and a uniform one: variances 4 and 1/12 of the square of the width."""
    parameters = ISHIGAMI.replace(f"range: [-{PI}, {PI}]}}", "distribution: {kind: normal, mean: 0, sd: 2}}", 1)
    file = written(tmp_path, SOBOL, parameters)
    _, (found,) = run_sensitivity(file, tmp_path / "out", backend=Known(file, lambda a, b, c: a + b))
    variance = 4.0 + (2.0 * PI) ** 2 / 12.0
    assert of(found, "S1")["a"] == pytest.approx(4.0 / variance, abs=0.05)


def test_few_failures_leave_out_whole_blocks_and_say_so(tmp_path: Path) -> None:
    run, (found,) = known(tmp_path, lambda a, b, c: None if a > 3.1 and b > 2.0 else ishigami(a, b, c))
    assert run.failed
    assert 0 < found.n_left_out <= 0.05 * 256
    assert found.note == f"{found.n_left_out} of 256 blocks left out: scenarios in them failed or are not valid"
    assert of(found, "S1")["b"] == pytest.approx(0.44, abs=0.08)
    assert found.note in sensitivity_page(run, [found], "h2plant sensitivity study.yaml")


@pytest.mark.parametrize("method", [FEW, MORRIS])
def test_many_failures_give_no_indices(tmp_path: Path, method: str) -> None:
    run, (found,) = known(tmp_path, lambda a, b, c: None if a > 2.0 else ishigami(a, b, c), method)
    assert not found.indices
    assert f"{len(run.failed)} of {len(run.outcomes)} scenarios failed, are not valid" in found.reason
    assert "the indices would be biased" in found.reason
    assert "the indices would be biased" in sensitivity_page(run, [found], "h2plant sensitivity study.yaml")


def test_a_tornado_says_which_ends_are_missing(tmp_path: Path) -> None:
    _, (found,) = known(tmp_path, lambda a, b, c: None if a > 2.0 else a + c, TORNADO)
    bars = {bar.parameter: bar for bar in found.bars}
    assert math.isnan(bars["a"].high)
    assert bars["c"].high == pytest.approx(0.9)
    assert found.note == "1 of 3 bars lack an end: scenarios failed or are not valid"
    (tmp_path / "lost").mkdir()
    _, (lost,) = known(tmp_path / "lost", lambda a, b, c: None, TORNADO)
    assert "all parameters in their middle failed" in lost.reason


def test_what_does_not_vary_has_no_indices(tmp_path: Path) -> None:
    _, found = known(tmp_path, lambda a, b, c: 3.0, f"{FEW}\n{MORRIS}")
    assert [one.reason for one in found] == ["it does not vary", "it does not vary"]


PLANT = """\
  - {name: size, path: stack.rated_power_mw, range: [0.6, 1.2]}
  - {name: rate, path: tank.initial_pressure_bar, distribution: {kind: triangular, low: 60, mode: 61, high: 62}}
  - {path: tank.n_vessels, values: [2, 4, 8]}"""


def test_a_plant_from_the_command_line(tmp_path: Path) -> None:
    methods = "  - {kind: tornado}\n  - {kind: morris, n: 4}\n  - {kind: sobol, n: 4}"
    file = written(tmp_path, methods, PLANT)
    answer = h2plant("sensitivity", file, "--out", tmp_path / "out")
    assert answer.exit_code == 0, answer.text
    assert "43 scenarios" in answer.text  # 7 + 4 x 4 + 4 x 5
    rows = list(csv.DictReader((tmp_path / "out" / "indices.csv").read_text(encoding="utf-8").splitlines()))
    effect = {row["parameter"]: float(row["value"]) for row in rows if row["index"] == "mu_star"}
    assert effect["size"] > 0.0
    assert effect["rate"] == effect["tank.n_vessels"] == 0.0  # neither changes what is made
    assert {row["method"] for row in rows} == {"tornado", "morris", "sobol"}
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Tornado around" in page
    again = h2plant("sensitivity", file, "--out", tmp_path / "out")
    assert "43 scenarios, 43 of them done before" in again.text


WRONG = {
    "no number": ("  - {kind: sobol}", ISHIGAMI, ("methods.0", "add 'n: 256'")),
    "no power of two": ("  - {kind: sobol, n: 100}", ISHIGAMI, ("powers of two", "write 64 or 128")),
    "levels": ("  - {kind: morris, n: 4, levels: 5}", ISHIGAMI, ("'levels' is 5",)),
    "unused": ("  - {kind: tornado, n: 4}", ISHIGAMI, ("'n' means nothing to 'tornado'",)),
    "shares": ("  - {kind: tornado, low: 0.9, high: 0.1}", ISHIGAMI, ("let 'low' be below 'high'",)),
    "twice": (f"{TORNADO}\n{TORNADO}", ISHIGAMI, ("'tornado' is asked for twice",)),
    "one": (TORNADO, ISHIGAMI.splitlines()[0], ("nothing to compare",)),
    "no width": (TORNADO, ISHIGAMI.replace("[0, 1]", "[1, 1]"), ("study.yaml:9", "'low' is 1 and 'high' is 1")),
    "kind": ("  - {kind: fast, n: 4}", ISHIGAMI, ("'tornado', 'morris' or 'sobol'",)),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_study_is_refused(tmp_path: Path, case: str) -> None:
    methods, parameters, message = WRONG[case]
    assert_refused(h2plant("sensitivity", written(tmp_path, methods, parameters), "--out", tmp_path / "out"), *message)
    assert not (tmp_path / "out").exists()


def test_without_salib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sensitivity, "find_spec", lambda name: None)
    answer = h2plant("sensitivity", written(tmp_path))
    assert_refused(answer, "need SALib", "pip install 'h2plant[sensitivity]'")
