"""Study files: what is drawn, what is tied, and what is wrong with a file, where."""

from pathlib import Path

import numpy as np
import pytest

from h2plant.config.bundled import STUDIES, bundled_studies
from h2plant.plant.finding import PlantError
from h2plant.studies.search.goal import load_optimize
from h2plant.studies.sensitivity import load_sensitivity
from h2plant.studies.study import load_study
from h2plant.studies.study.design import Correlation, Design, make_points
from h2plant.studies.study.distribution import Distribution
from h2plant.studies.study.parameter import Parameter
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.run import points_of, run_study
from h2plant.studies.study.statistics import rank_correlation

HEAD = """h2plant: 1
study: trial
kind: sweep
scenario: minimal_day
hours: 1
"""
SIZE = "  - {name: size, path: stack.rated_power_mw, values: [0.8, 1]}\n"
TAIL = "design: {kind: grid}\noutputs: [hydrogen_made_kg]\n"


def written(folder: Path, parameters: str = SIZE, tail: str = TAIL, head: str = HEAD) -> Path:
    """Write a study file; what is not given is in order."""
    file = folder / "study.yaml"
    file.write_text(f"{head}parameters:\n{parameters}{tail}", encoding="utf-8")
    return file


def drawn(kind: str, n: int = 8) -> str:
    return f"design: {{kind: {kind}, n: {n}, seed: 3}}\noutputs: [hydrogen_made_kg]\n"


WRONG = {  # parameters, rest of the file -> what the message says, with the line
    "path": ("  - {path: stak.rated_power_mw, values: [1]}\n", TAIL, ":7: .*no component 'stak'.*\n.*'stack'"),
    "field": ("  - {path: stack.rated_powr_mw, values: [1]}\n", TAIL, ":7: .*no parameter.*\n.*'rated_power_w'"),
    "unit": ("  - {path: stack.rated_power_bar, values: [1]}\n", TAIL, ":7: .*does not measure.*\n.*rated_power_mw"),
    "economics": ("  - {path: economics.real_rat, values: [1]}\n", TAIL, ":7: .*\n.*'real_rate_frac'"),
    "economics value": (
        "  - {path: economics.tax_frac, values: [0.2, 1.5]}\n",
        TAIL.replace("hydrogen_made_kg", "net_present_value_eur"),
        ":7: .*in scenario 2: 'tax_frac' .*less than 1",
    ),
    "series": ("  - {path: series.price_eur_per_mw.scale, values: [1]}\n", TAIL, ":7: .*\n.*'price_eur_per_mwh'"),
    "temperature": ("  - {path: series.temp_air_degc.scale, values: [2]}\n", TAIL, ":7: .*\n.*temp_air_degc.shift"),
    "year": ("  - {path: input_year, values: [2023, 1999]}\n", TAIL, ":7: .*in 1999: covers 2023"),
    "bound": (
        "  - {path: stack.temperature_setpoint_degc, values: [60, 20, 900]}\n",
        TAIL,
        ":7: .*in scenario 3: 'stack.temperature_setpoint_degc' is 900, above.*\n.*keep it within",
    ),
    "sd": (
        "  - {path: stack.rated_power_mw, distribution: {kind: normal, mean: 1, sd: -1}}\n",
        drawn("sobol"),
        ":7: .*'sd' is -1",
    ),
    "low": ("  - {path: stack.rated_power_mw, range: [2, 1]}\n", drawn("sobol"), ":7: .*'low' is 2 and 'high' is 1"),
    "cut": (
        "  - {path: stack.rated_power_mw, distribution: {kind: normal, mean: 1, sd: 0.01, low: 3, high: 4}}\n",
        drawn("sobol"),
        ":7: .*nothing of the distribution lies between 3 and 4",
    ),
    "mode": (
        "  - {path: stack.rated_power_mw, distribution: {kind: triangular, low: 1, mode: 3, high: 2}}\n",
        drawn("sobol"),
        ":7: .*'mode' is 3, outside 1 .. 2",
    ),
    "figures beyond sense": (
        "  - {path: stack.rated_power_mw, distribution: {kind: triangular, low: 1, mode: 3, high: 1e308}}\n",
        drawn("sobol"),
        ":7: .*'high' is 1e\\+308.*\n.*up to 1e\\+100",
    ),
    "spread beyond sense": (
        "  - {path: stack.rated_power_mw, distribution: {kind: lognormal, median: 1, sigma_log: 1e6}}\n",
        drawn("sobol"),
        ":7: .*'sigma_log' is 1e\\+06",
    ),
    "matrix": (
        "".join(f"  - {{name: {n}, path: stack.rated_power_mw, range: [0.8, 1]}}\n" for n in "abc"),
        "correlations: [[a, b, 0.9], [b, c, 0.9], [a, c, -0.9]]\n" + drawn("monte_carlo"),
        ":10: .*not positive definite",
    ),
    "correlated with nothing": (SIZE, "correlations: [[size, sise, 0.5]]\n" + drawn("sobol"), ":8: .*\n.*'size'"),
    "correlated grid": (SIZE, "correlations: [[size, size, 0.5]]\n" + TAIL, ":8: .*a grid has no correlations"),
    "none": (SIZE, "design: {kind: sobol}\noutputs: [hydrogen_made_kg]\n", "no-scenarios.*not said how many"),
    "n of zero": (SIZE, "design: {kind: sobol, n: 0}\noutputs: [hydrogen_made_kg]\n", ":8: .*design.n: .*greater than"),
    "empty values": ("  - {path: stack.rated_power_mw, values: []}\n", TAIL, ":7: .*is empty"),
    "empty": ("  []\n", TAIL, "no-scenarios.*nothing is varied"),
    "grid of a range": ("  - {path: stack.rated_power_mw, range: [1, 2]}\n", TAIL, ":7: .*no number of points"),
    "unequal": (
        SIZE + "  - {path: economics.tax_frac, values: [0.2]}\n",
        "design: {kind: list}\noutputs: [hydrogen_made_kg]\n",
        "unequal-lists.*2 values \\('size'\\), 1 values",
    ),
    "tie": (SIZE + "  - {path: rectifier.rating_mw, tied_to: sise}\n", TAIL, ":8: .*no parameter 'sise'\n.*'size'"),
    "expression": (
        SIZE + "  - {path: rectifier.rating_mw, expression: '__import__(\"os\")'}\n",
        TAIL,
        ":8: .*no function '__import__'",
    ),
    "no value": (
        SIZE + "  - {path: rectifier.rating_mw, expression: 1 / (size - 1)}\n",
        TAIL,
        "'1 / \\(size - 1\\)' has no value: it divides by zero",
    ),
    "figure": (SIZE, "design: {kind: grid}\noutputs: [hydrogen_mad_kg]\n", ":9: .*\n.*'hydrogen_made_kg'"),
    "column": (
        SIZE,
        "design: {kind: grid}\noutputs:\n  - {column: tank.presure_bar, reduce: min}\n",
        ":10: .*no column 'tank.presure_bar'\n.*tank.pressure_pa",
    ),
    "total": (
        SIZE,
        "design: {kind: grid}\noutputs:\n  - {column: tank.pressure_bar, reduce: total}\n",
        ":10: .*means nothing\n.*mean",
    ),
    "full log": (SIZE, TAIL + "full_logs: [7]\n", "no scenario 7: the study has 2"),
    "key": (SIZE, TAIL + "sed: 1\n", ":10: .*no key 'sed'"),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_study_says_where_and_what_to_do(case: str, tmp_path: Path) -> None:
    parameters, tail, message = WRONG[case]
    file = written(tmp_path, parameters, tail)
    with pytest.raises(PlantError, match=f"(?s).*{message}") as caught:
        run_study(file, tmp_path / "out")
    assert all(finding.remedy for finding in caught.value.findings)
    assert not any((tmp_path / "out").glob("*.parquet"))


def test_bundled_studies_are_in_order() -> None:
    assert bundled_studies()
    loaders = {"sweep": load_study, "optimize": load_optimize, "sensitivity": load_sensitivity}
    for name in bundled_studies():
        text = (STUDIES / f"{name}.yaml").read_text(encoding="utf-8")
        kind = text.partition("\nkind: ")[2].split()[0]
        loaders[kind](name)
        if kind != "sweep":
            with pytest.raises(PlantError, match=f"run it with 'h2plant {kind} {name}'"):
                load_study(name)
            continue
        assert PreparedStudy(load_study(name)).jobs(points_of(load_study(name)))


def test_distributions_have_their_quantiles() -> None:
    u = np.array([0.025, 0.5, 0.975])
    normal = Distribution("normal", {"mean": 10.0, "sd": 2.0})
    np.testing.assert_allclose(normal.quantiles(u), [6.0801, 10.0, 13.9199], atol=1e-4)  # 10 -+ 1.95996 x 2
    lognormal = Distribution("lognormal", {"median": 3.0, "sigma_log": 0.5})
    np.testing.assert_allclose(lognormal.quantiles(u), 3.0 * np.exp([-0.97998, 0.0, 0.97998]), rtol=1e-5)
    # triangular on 0, 1, 4: F = x^2 / 4 up to the mode, 1 - (4 - x)^2 / 12 beyond
    x = Distribution("triangular", {"low": 0.0, "mode": 1.0, "high": 4.0}).quantiles(np.array([0.09, 0.25, 0.97]))
    np.testing.assert_allclose(x, [0.6, 1.0, 3.4])
    cut = Distribution("normal", {"mean": 0.0, "sd": 1.0, "low": 0.0}).quantiles(np.array([0.0, 0.5, 1.0 - 1e-9]))
    np.testing.assert_allclose(cut[:2], [0.0, 0.67449], atol=1e-5)  # the half above 0: its median is the 75 % quantile
    assert cut[2] < 7.0


@pytest.mark.parametrize("kind", ["monte_carlo", "latin_hypercube", "sobol"])
def test_draws_repeat_and_follow_their_correlation(kind: str) -> None:
    uniform, skewed = Distribution("uniform", {"low": 0.0, "high": 1.0}), {"median": 1.0, "sigma_log": 1.0}
    parameters = (
        Parameter("a", "", distribution=uniform),
        Parameter("b", "", distribution=Distribution("lognormal", skewed)),
        Parameter("c", "", values=("low", "high")),
    )
    design, correlations = Design(kind, 1000, 5), [Correlation("a", "b", 0.7)]
    points = make_points(design, parameters, correlations)
    assert points == make_points(design, parameters, correlations)
    assert points != make_points(Design(kind, 1000, 6), parameters, correlations)
    a, b = (np.array([float(p.values[name]) for p in points]) for name in "ab")
    assert rank_correlation(a, b) == pytest.approx(0.7, abs=0.05)  # of 1000 pairs: 2.5 standard deviations
    assert sum(p.values["c"] == "low" for p in points) == pytest.approx(500, abs=50)
    if kind == "latin_hypercube":  # one draw in each stratum, correlated or not
        assert sorted((a * 1000).astype(int)) == list(range(1000))


def test_tied_parameters_follow(tmp_path: Path) -> None:
    tied = (
        "  - {name: n, values: [1, 3]}\n  - {path: stack.rated_power_mw, expression: 0.5 * n ** 2}\n"
        "  - {path: rectifier.rating_mw, tied_to: stack.rated_power_mw, factor: 1.1}\n"
    )
    points = points_of(load_study(written(tmp_path, tied)))
    assert [p.values["stack.rated_power_mw"] for p in points] == [0.5, 4.5]
    assert [p.values["rectifier.rating_mw"] for p in points] == pytest.approx([0.55, 4.95])


def test_grid_and_list_take_the_values_as_they_stand(tmp_path: Path) -> None:
    parameters = SIZE + "  - {path: economics.tax_frac, range: [0.1, 0.3], n: 3}\n"
    points = points_of(load_study(written(tmp_path, parameters)))
    assert [tuple(p.values.values()) for p in points[:4]] == [(0.8, 0.1), (0.8, 0.2), (0.8, 0.3), (1, 0.1)]
    assert [p.number for p in points] == [1, 2, 3, 4, 5, 6]
    parameters = SIZE + "  - {path: economics.tax_frac, values: [0.1, 0.3]}\n"
    points = points_of(load_study(written(tmp_path, parameters, TAIL.replace("grid", "list"))))
    assert [tuple(p.values.values()) for p in points] == [(0.8, 0.1), (1, 0.3)]


def test_the_study_of_the_documentation_is_in_order(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text(encoding="utf-8")
    (tmp_path / "sizes.yaml").write_text(text.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    study = load_study(tmp_path / "sizes.yaml")
    assert [len(job.variants) for job in PreparedStudy(study).jobs(points_of(study), study.full_logs)] == [
        1,
        2,
        3,
        3,
        3,
    ]
