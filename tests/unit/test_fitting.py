"""Stacks from curves: what is recovered with its interval, what is said where the data say nothing, bad curves."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.components.pem_curve import PemCurve
from h2plant.config.bundled import DATA, PLANTS
from h2plant.core.stack_curve import new_stack
from h2plant.fitting.curve import CurveFit, fit_curve
from h2plant.fitting.estimate import Candidate, estimate
from tests.command import assert_refused, h2plant, leftovers, process

pytestmark = pytest.mark.long

CURRENTS = np.array([0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.3, 1.6, 2.0, 2.4])


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(**values: float) -> object:
    return new_stack(KIND_BY_NAME["pem_stack"], values)


def write_curve(voltages: Sequence[float], header: str = "current_density_a_per_cm2,cell_voltage_v") -> Path:
    rows = [f"{j:g},{v:.5f}" for j, v in zip(CURRENTS, voltages, strict=True)]
    Path("curve.csv").write_text("\n".join([header, *rows]) + "\n")
    return Path("curve.csv")


def intervals(fit: CurveFit) -> dict[str, tuple[float, float]]:
    return {e.candidate.name: (e.low, e.high) for e in fit.fit.estimates if e.state == "fitted"}


def labelled(name: str) -> dict[str, float]:
    """Return the parameters from which the comment of a bundled file says that it was made."""
    comment = " ".join(line.lstrip("# ") for line in (DATA / name).read_text().splitlines() if line.startswith("#"))
    assert comment.startswith("Synthetic")
    return {key: float(value) for key, value in re.findall(r"(\w+_(?:m2|ratio|k)) ([\d.e+-]*\d)", comment)}


@pytest.mark.parametrize(
    ("name", "kind", "given"),
    [
        ("example_pem.csv", "pem_stack", {}),
        (
            "example_pem_power.csv",
            "pem_stack",
            {
                "n_cells": 280,
                "cell_area_cm2": 2350,
                "temperature_setpoint_degc": 65,
                "cathode_pressure_setpoint_bar": 30,
            },
        ),
        ("example_soec.csv", "soec_module", {}),
    ],
)
def test_intervals_hold_what_the_bundled_curves_were_made_from(name: str, kind: str, given: dict[str, float]) -> None:
    fit = fit_curve(Path(name), kind, given)
    true = labelled(name)
    assert true
    for parameter, value in true.items():
        low, high = intervals(fit)[parameter]
        assert low < value < high, parameter


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 40 curves with noise at least 36 (95 % are promised; binomial, fewer than once in 50)."""
    cell, rng = PemCurve(), np.random.default_rng(7)
    true = {"electrode_resistance_ohm_m2": 9e-6, "exchange_current_ratio": 2.0, "tafel_slope_ratio": 0.9}
    exact = cell.voltage(new(**true), CURRENTS * 1e4, [{}] * CURRENTS.size)
    hits = dict.fromkeys(true, 0)
    for _ in range(40):
        fit = fit_curve(write_curve(exact + 0.0005 * rng.standard_normal(exact.size)))
        for name, (low, high) in intervals(fit).items():
            hits[name] += low < true[name] < high
    assert min(hits.values()) >= 36, hits


def test_published_curve_gives_the_published_resistance() -> None:
    """Tjarks 2017 states 9.6e-6 ohm m2 for the electrodes, and the activation of the model is his: ratios of 1."""
    fit = fit_curve(Path("tjarks_2017_pem.csv"), given={"membrane_thickness_um": 200})
    found = intervals(fit)
    low, high = found["electrode_resistance_ohm_m2"]
    assert low < 9.6e-6 < high
    assert high - low < 0.03 * 9.6e-6
    for name in ("exchange_current_ratio", "tafel_slope_ratio"):
        assert found[name][0] < 1.0 < found[name][1]
    assert np.abs(fit.residuals).max() < 0.0030  # V, the bar of the model against his


def test_area_that_is_not_in_the_data_leaves_the_fitted_stack_as_it_is() -> None:
    """Power and hydrogen do not say the area; another one gives other resistances but the same consumption."""
    state = {"temperature_setpoint_degc": 65, "cathode_pressure_setpoint_bar": 30}
    known = fit_curve(Path("example_pem_power.csv"), given={**state, "n_cells": 280, "cell_area_cm2": 2350})
    guessed = fit_curve(Path("example_pem_power.csv"), given=state)
    assert any("area is not in the data" in text for text in guessed.notes)
    assert guessed.predicted == pytest.approx(known.predicted, rel=2e-3)


def test_what_cannot_be_told_is_held_and_said() -> None:
    cell = PemCurve()
    voltages = cell.voltage(new(), CURRENTS * 1e4, [{}] * CURRENTS.size)
    path = write_curve(voltages + 0.01 * np.random.default_rng(1).standard_normal(CURRENTS.size))
    held = {e.candidate.name: e for e in fit_curve(path).fit.estimates if e.state == "held"}
    assert held["tafel_slope_ratio"].value == 1.0
    assert "cannot be told" in held["tafel_slope_ratio"].note
    both = ["electrode_resistance_ohm_m2", "membrane_thickness_m", "water_trip_kg"]
    _, thickness, water = fit_curve(path, parameters=both).fit.estimates
    assert thickness.state == water.state == "held"
    assert "other parameters do the same" in thickness.note
    assert "no influence" in water.note


def test_end_on_a_bound_is_said() -> None:
    cell = PemCurve()
    voltages = cell.voltage(new(electrode_resistance_ohm_m2=0.0), CURRENTS * 1e4, [{}] * CURRENTS.size)
    fit = fit_curve(write_curve(voltages - 0.05 * CURRENTS), parameters=["electrode_resistance_ohm_m2"])
    (resistance,) = fit.fit.estimates
    assert (resistance.state, resistance.value) == ("on a bound", 0.0)
    answer = h2plant("fit", "curve.csv", "--parameters", "electrode_resistance_ohm_m2")
    assert "electrode_resistance_ohm_m2 ends on its lower bound" in answer.text


def test_interval_of_a_straight_line_is_the_textbook_one() -> None:
    """Anscombe 1973, first set: slope 0.50009, standard error 0.11791, 9 degrees of freedom, t = 2.26216."""
    x = np.array([10.0, 8.0, 13.0, 9.0, 11.0, 14.0, 6.0, 4.0, 12.0, 7.0, 5.0])
    y = np.array([8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68])
    line = [Candidate("offset", "1", 1.0), Candidate("slope", "1", 1.0)]
    offset, slope = estimate(lambda v: v[0] + v[1] * x - y, line).estimates
    assert offset.value == pytest.approx(3.00009, abs=1e-4)
    assert slope.value == pytest.approx(0.50009, abs=1e-5)
    assert slope.high - slope.value == pytest.approx(2.26216 * 0.11791, abs=1e-4)


def test_block_is_accepted_in_a_plant_and_files_are_whole(here: Path) -> None:
    answer = h2plant("fit", "example_pem.csv", "--set", "n_cells=120", "cathode_pressure_setpoint_bar=30")
    assert answer.exit_code == 0, answer
    assert leftovers(here) == []
    assert (here / "example_pem-fit.png").read_bytes().startswith(b"\x89PNG")
    block = (here / "example_pem-fit.yaml").read_text()
    assert block in answer.stdout
    component = block[block.index("  stack:") :]
    minimal = (PLANTS / "minimal.yaml").read_text()
    old = "  stack: {kind: pem_stack, rated_power_mw: 1}\n"
    assert minimal.count(old) == 1
    (here / "fitted.yaml").write_text(minimal.replace(old, component))
    checked = h2plant("check", "fitted.yaml")
    assert checked.exit_code == 0, checked
    (here / "wrong.yaml").write_text(minimal.replace(old, component.replace("tafel_slope_ratio", "tafel_slope")))
    assert_refused(h2plant("check", "wrong.yaml"), "unknown-unit")


def test_json_and_columns_of_other_names(here: Path) -> None:
    write_curve([1.55, 1.6, 1.66, 1.74, 1.83, 1.9, 1.97, 2.04, 2.12, 2.21], "j,U")
    names = ("--columns", "current_density_a_per_cm2=j", "cell_voltage_v=U", "--out", "out.svg", "--json")
    answer = h2plant("fit", "curve.csv", *names)
    found = json.loads(answer.stdout)
    assert found["n_points"] == len(found["residuals"]) == 10
    assert [p["name"] for p in found["parameters"]] == list(PemCurve.candidates)
    assert (here / "out.svg").is_file() and (here / "out.yaml").is_file()


BAD = [
    ("", (), "curve.csv:1: [empty-file]", "one row for each point"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n2,2.0\n", (), "2 points for 3 parameters", "at least 4 points"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n1.5,nan\n", (), "curve.csv:3: [missing-value]", "remove it"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n-2,2\n", (), "curve.csv:3: [out-of-bounds]", "at least 0"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n2,high\n", (), "curve.csv:3: [not-a-number]", "'high'"),
    ("current,cell_voltage_v\n1,1.8\n", (), "'current' has no unit", "'current_a'"),
    ("current_a,cell_voltage_bar\n1,1.8\n", (), "'bar' does not measure", "'cell_voltage_v'"),
    ("current_a,cel_voltage_v\n1,1.8\n", (), "[unknown-column]", "'cell_voltage_v'"),
    ("current_a,current_ka,voltage_v\n1,1,1\n", (), "same quantity", "--ignore"),
    ("power_kw,voltage_v\n1,1.8\n", (), "[no-curve]", "hydrogen_kg_per_h"),
    ("power_kw,hydrogen_kg_per_h,voltage_v\n50,1,1.8\n", (), "[two-curves]", "--ignore"),
    ("power_kw,hydrogen_kg_per_h\n50,10\n", (), "5 kWh/kg", "is it kWh/Nm3 (55.63 kWh/kg)"),
    ("load_frac,specific_energy_kwh_per_kg\n0.5,50\n", (), "nothing without the rated power", "rated_power_kw"),
    ("current_a,cell_voltage_v\n1,1.8\n", (), "nothing without the active area", "cell_area_cm2"),
    ("current_density_a_per_cm2,voltage_v\n1,180\n", (), "voltage of a stack", "n_cells"),
    ("current_density_a_per_cm2,voltage_v\n1,180\n", ("--set", "n_cells=10"), "18 to 18 V", "check n_cells"),
    ("current_density_a_per_cm2,cell_voltage_v,utilisation_frac\n1,1.8,0.5\n", (), "[unused-column]", "--ignore"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n", ("--set", "n_cels=10"), "[unknown-parameter]", "'n_cells'"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n", ("--parameters", "tafel"), "[unknown-parameter]", "choose"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n", ("--kind", "pem"), "[unknown-kind]", "'pem_stack'"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n", ("--out", "fit.txt"), "fit.txt", ".svg"),
    ("current_density_a_per_cm2,cell_voltage_v\n1,1.8\n", ("--ignore", "U"), "no column 'U'", "choose"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "what", "remedy"), BAD, ids=[f"{b[2]}-{k}" for k, b in enumerate(BAD)])
def test_bad_curve(here: Path, text: str, options: tuple[str, ...], what: str, remedy: str) -> None:
    (here / "curve.csv").write_text(text)
    assert_refused(h2plant("fit", "curve.csv", *options), what, remedy)
    assert sorted(p.name for p in here.iterdir()) == ["curve.csv"]


def test_no_such_file_and_no_scipy(here: Path) -> None:
    assert_refused(h2plant("fit", "none.csv"), "none.csv", "no such file")
    blocked = "import sys; sys.modules['scipy'] = None; from h2plant.cli import main; main(sys.argv[1:])"
    assert_refused(process("fit", "example_pem.csv", code=blocked, folder=here), "pip install 'h2plant[fit]'")


def test_help_needs_no_scipy(here: Path) -> None:
    code = "import sys; from h2plant.cli import main\ntry: main(['fit', '--help'])\n"
    code += "finally: print('scipy.optimize' in sys.modules)"
    answer = process(code=code, folder=here)
    assert "example_pem.csv" in answer.text
    assert answer.stdout.splitlines()[-1] == "False"
