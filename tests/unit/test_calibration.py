"""Plants calibrated to minute data: what is recovered, what drives the plant, what is said, bad data.

A temperature step that you measured is fitted by ``test_measured_step_of_a_stack``: let the environment variable
H2PLANT_STACK_STEP name a calibration file (docs/fitting.md) and run ``pytest tests/unit/test_calibration.py -rs``.
"""

import json
import math
import os
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from h2plant.config.bundled import DATA
from h2plant.config.scenario import load_scenario
from h2plant.fitting.calibration import Calibration, Task, calibrate
from h2plant.fitting.task_file import read_task
from h2plant.session.session import load_run
from tests.command import assert_refused, h2plant, leftovers

pytestmark = pytest.mark.long

HEAT, LOSS, START = "stack.heat_capacity_j_per_k", "stack.loss_w_per_k", "stack.initial_temperature_k"
TRUE = {HEAT: 3.2e6, LOSS: 60.0, START: 295.15}  # as the comment of example_step.csv says
STEP = (DATA / "example_step.csv").read_text()
MEASURED = "H2PLANT_STACK_STEP"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(result: Calibration) -> dict[str, tuple[float, float]]:
    return {e.candidate.name: (e.low, e.high) for e in result.fit.estimates if e.state == "fitted"}


def write_rows(columns: dict[str, np.ndarray], minutes: int = 1) -> Path:
    n = len(next(iter(columns.values())))
    times = [datetime(2023, 7, 3) + timedelta(minutes=minutes * i) for i in range(n)]
    rows = [f"{t.isoformat()}Z," + ",".join(f"{c[i]:.6g}" for c in columns.values()) for i, t in enumerate(times)]
    Path("data.csv").write_text("\n".join([f"time_utc,{','.join(columns)}", *rows]) + "\n")
    return Path("data.csv")


def test_thermal_mass_and_loss_of_a_stack_come_back_from_its_temperature() -> None:
    comment = STEP[: STEP.index("time_utc")]
    assert comment.startswith("# Synthetic") and "3.2e6" in comment and "loss_w_per_k 60" in comment
    result = calibrate(Task("minimal", Path("example_step.csv"), (HEAT, LOSS)))
    intervals = found(result)
    for name, value in TRUE.items():
        low, high = intervals[name]
        assert low < value < high, name
        assert high - low < 0.03 * value
    assert result.n_asked == 2  # the start state was found besides
    assert result.rms(0, result.before) > 5.0
    assert result.rms(0, result.after) == pytest.approx(0.3, rel=0.1)  # the noise
    assert (~result.is_compared).sum() == 40  # minutes without a reading
    assert not any("follow one another" in note for note in result.notes)


def test_noise_of_sensors_weights_the_columns_and_resistance_comes_from_current_and_power() -> None:
    n = 300
    power = np.where(np.arange(n) < 40, 0.0, np.where(np.arange(n) < 150, 400.0, 900.0))
    other = {"stack.temperature_degc": np.full(n, 20.0), "stack.current_a": np.zeros(n)}
    path = write_rows({"stack.setpoint_kw": power, **other})
    true = {"stack.electrode_resistance_ohm_m2": 1.1e-5, HEAT: 4.5e6}
    set_true = {**true, START: 293.15}
    task = Task("minimal", path, (HEAT,), overrides=set_true, states_at="end")
    computed = calibrate(task).before  # what the plant gives with the true values
    rng = np.random.default_rng(11)
    temperature = computed[:, 0] - 273.15 + 0.2 * rng.standard_normal(n)
    current = computed[:, 1] + 3.0 * rng.standard_normal(n)
    path = write_rows({"stack.setpoint_kw": power, "T": temperature, "stack.current_ka": current * 1e-3})
    path.write_text(path.read_text().replace("time_utc", "Zeit"))
    noise = {"stack.temperature_k": 0.2, "stack.current_a": 3.0}
    columns = {"stack.temperature_degc": "T", "time": "Zeit"}
    task = Task(
        "minimal", path, tuple(true), columns, (), noise, {"stack.initial_temperature_degc": 20}, states_at="end"
    )
    result = calibrate(task)
    for name, (low, high) in found(result).items():
        assert low < true[name] < high, name
    assert 0.85 < result.fit.rms < 1.15  # deviations over the noise of the sensors
    guessed = calibrate(Task("minimal", path, tuple(true), columns, states_at="end"))  # noise from what deviates
    for name, (low, high) in found(guessed).items():
        assert low < {**true, START: 293.15}[name] < high, name


def test_exchange_current_is_found_by_its_logarithm() -> None:
    """As in ``h2plant fit``: from 1 to a fiftieth, with an interval that is a factor either way and stays above 0."""
    name, true = "stack.exchange_current_ratio", 0.02
    n = 120
    power = np.where(np.arange(n) < 60, 400.0, 900.0)
    columns = {"stack.setpoint_kw": power, "stack.cell_voltage_v": np.full(n, 2.0)}
    warm = {START: 343.15}
    exact = calibrate(Task("minimal", write_rows(columns), (LOSS,), overrides={**warm, name: true})).before[:, 0]
    measured = np.where(exact > 1.0, exact + 0.005 * np.random.default_rng(4).standard_normal(n), np.nan)
    path = write_rows({**columns, "stack.cell_voltage_v": measured})
    path.write_text(path.read_text().replace("nan", ""))
    (estimate,) = calibrate(Task("minimal", path, (name,), overrides=warm)).fit.estimates
    assert estimate.candidate.is_log
    assert estimate.low < true < estimate.high
    assert estimate.high / estimate.value == pytest.approx(estimate.value / estimate.low, rel=1e-6)
    assert estimate.high / estimate.low < 1.2


def test_a_run_of_a_quarter_of_an_hour_is_compared_with_means() -> None:
    n = 64
    power = np.where(np.arange(n) < 4, 0.0, 700.0)
    path = write_rows({"stack.setpoint_kw": power, "stack.power.power_kw": power}, minutes=15)
    result = calibrate(Task("minimal", path, ("stack.start_time_s",)))
    drawn = result.before[:, 0] * 1e-3
    assert drawn[:4] == pytest.approx(0.0, abs=0.1)
    assert drawn[8:] == pytest.approx(700.0, rel=1e-6)  # set points reach the stack, a mean a quarter of an hour
    assert 0.0 < drawn[4] < 700.0  # starting and ramping


def test_series_and_inputs_drive_the_plant_and_short_gaps_hold(here: Path) -> None:
    n = 120
    air = 10.0 + np.arange(n) / 12.0
    setpoint = np.full(n, 600.0)
    setpoint[50:55] = np.nan
    columns = {"temp_air_k": air + 273.15, "stack.setpoint_kw": setpoint, "stack.temperature_degc": np.full(n, 15.0)}
    path = write_rows(columns)
    path.write_text(path.read_text().replace("nan", ""))
    result = calibrate(Task("minimal", path, (LOSS,), overrides={START: 288.15}))
    values = result.plant.series["temp_air_degc"].values
    assert values == pytest.approx(air, abs=1e-3)
    assert any("5 missing values" in note and "5 min" in note for note in result.notes)
    assert "line.unit_setpoints" not in {str(link.source) for link in result.plant.links}
    plain = load_run(load_scenario("minimal")).plant
    assert len(result.plant.links) == len(plain.links)


def test_without_influence_and_on_a_bound_are_said() -> None:
    task = Task("minimal", Path("example_step.csv"), ("tank.n_vessels", LOSS, "stack.heater_power_w"))
    vessels, _, heater, _ = calibrate(task).fit.estimates
    assert vessels.state == heater.state == "held"
    assert "no influence" in vessels.note
    overrides = {HEAT: 1.0, "stack.water_setpoint_kg": 110}  # so light that it would have to gain heat
    result = calibrate(Task("minimal", Path("example_step.csv"), (LOSS,), overrides=overrides, states_at="end"))
    assert any("follow one another" in note for note in result.notes)
    n = 600  # a stack that does not cool at all
    warm = {"stack.setpoint_kw": np.where(np.arange(n) < 200, 700.0, 0.0), "stack.temperature_degc": np.full(n, 70.0)}
    result = calibrate(Task("minimal", write_rows(warm), (LOSS,), skip_min=220, overrides={START: 343.15}))
    (loss,) = result.fit.estimates
    assert (loss.state, loss.value) == ("on a bound", 0.0)
    assert "ends on its lower bound" in loss.note


def test_scenario_that_is_written_checks_and_sets_the_values(here: Path) -> None:
    words = ("--parameters", HEAT, LOSS, "--set", "tank.n_vessels=5", "--plant", "minimal")
    answer = h2plant("calibrate", "example_step.csv", *words)
    assert answer.exit_code == 0, answer
    assert leftovers(here) == []
    assert (here / "example_step-calibrated.png").read_bytes().startswith(b"\x89PNG")
    checked = h2plant("check", "example_step-calibrated.yaml")
    assert checked.exit_code == 0, checked
    scenario = load_scenario(here / "example_step-calibrated.yaml")
    assert set(scenario.overrides) == {HEAT, LOSS, "tank.n_vessels"}
    assert float(scenario.overrides[LOSS]) == pytest.approx(60.0, rel=0.01)
    assert "before, 0.304 K after, 920 samples" in answer.text


def test_calibration_file(here: Path) -> None:
    (here / "task.yaml").write_text(
        f"h2plant: 1\nplant: minimal\ndata: example_step.csv\nparameters: [{HEAT}, {LOSS}]\n"
        "noise: {stack.temperature_k: 0.3}\nskip_min: 10\nconfidence: 0.9\n"
    )
    answer = h2plant("calibrate", "task.yaml", "--json")
    content = json.loads(answer.stdout)
    assert [p["name"] for p in content["parameters"]] == [HEAT, LOSS]
    assert content["confidence"] == 0.9
    assert content["columns"][0]["n_samples"] == 910
    text = (here / "task.yaml").read_text()
    for old, new, what in (
        ("noise:", "nois:", "[unknown-key]"),
        ("confidence: 0.9", "confidence: 9", "wrong.yaml:7"),
        ("h2plant: 1\n", "", "'h2plant' is missing"),
    ):
        (here / "wrong.yaml").write_text(text.replace(old, new))
        assert_refused(h2plant("calibrate", "wrong.yaml"), what)
    assert_refused(h2plant("calibrate", "task.yaml", "--plant", "minimal"), "the file says all of it")


GOOD = ("--plant", "minimal", "--parameters", HEAT, LOSS)
HEAD = STEP[: STEP.index("2023-07-03T00:00")]
ROWS = STEP[len(HEAD) :].splitlines(keepends=True)
BAD = [
    ("", GOOD, "[empty-file]", "header"),
    (HEAD + "".join(ROWS[:2]), GOOD, "2 points for 3 parameters", "at least 4 points"),
    (HEAD + ROWS[0], GOOD, "only one row", "at least two"),
    (HEAD + "".join(ROWS[:9]), (*GOOD, "--step-s", "900"), "less than a step of 900 s", "--step-s 60"),
    (STEP, (*GOOD, "--step-s", "120"), "every 60 s is no whole number of steps of 120 s", "--step-s 60"),
    (HEAD + "".join(ROWS[::7]), GOOD, "one row every 7 minutes", "divides the hour"),
    (STEP.replace("T00:09:00Z", "T00:09:20Z"), GOOD, "data.csv:14: [uneven-time]", "one row every"),
    (STEP.replace(",22.47", ",warm"), GOOD, "data.csv:5: [not-a-number]", "'warm'"),
    (STEP.replace("Z,0,22.47", "Z,,22.47"), GOOD, "first value is missing", "begin the data later"),
    (STEP.replace("temperature_degc", "temperature_bar"), GOOD, "does not measure what 'stack.temperature_k'", "unit"),
    (STEP.replace("temperature_degc", "temperture_degc"), GOOD, "[unknown-column]", "'stack.temperature_k'"),
    (STEP, (*GOOD, "--ignore", "stack.temperature_degc"), "[no-measurement]", "measured column"),
    (STEP, (*GOOD, "--noise", "stack.temp_k=0.2"), "no measured column is 'stack.temp_k'", "'stack.temperature_k'"),
    (STEP, (*GOOD, "--noise", "stack.temperature_k=x"), "give a number", ""),
    (STEP, (*GOOD, "--start", "2031-01-01"), "[series-too-short]", "--start"),
    (STEP, (*GOOD, "--timezone", "Europe/Amsterdm"), "no time zone 'Europe/Amsterdm'", "'Europe/Amsterdam'"),
    (STEP.replace("time_utc", "Zeit").replace("2023-07-03T", "day 3 at "), GOOD, "[no-time-column]", "time=COLUMN"),
    (STEP, (*GOOD, "--skip-min", "100000"), "nothing is left to compare", "--skip-min"),
    (STEP, ("--plant", "minimal"), "no parameter is named", "stack.loss_w_per_k"),
    (STEP, ("--parameters", LOSS), "say which plant", ""),
    (STEP, ("--plant", "minimal", "--parameters", "stac.loss_w_per_k"), "no component 'stac'", "'stack'"),
    (STEP, ("--plant", "minimal", "--parameters", "stack.los_w_per_k"), "no parameter 'los_w_per_k'", f"'{LOSS}'"),
    (STEP, ("--plant", "minimal", "--parameters", "stack.loss_kg"), "[unknown-unit]", f"'{LOSS}'"),
    (STEP, ("--plant", "minimal", "--parameters", "rule.rfnbo"), "choice of words", ""),
    (STEP, ("--plant", "minimum", "--parameters", LOSS), "no bundled scenario or plant 'minimum'", "'minimal'"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "options", "what", "remedy"), BAD, ids=[f"{b[2]}-{k}" for k, b in enumerate(BAD)])
def test_bad_calibration(here: Path, text: str, options: tuple[str, ...], what: str, remedy: str) -> None:
    (here / "data.csv").write_text(text)
    assert_refused(h2plant("calibrate", "data.csv", *options), what, remedy)
    assert sorted(p.name for p in here.iterdir()) == ["data.csv"]


def test_measured_step_of_a_stack() -> None:
    """A step that the user measured: the calibrated plant is closer to it, and the parameters have intervals."""
    file = os.environ.get(MEASURED, "")
    if not file:
        pytest.skip(f"no measured step at hand: let {MEASURED} name a calibration file, see docs/fitting.md")
    result = calibrate(read_task(Path(file)))
    asked = result.fit.estimates[: result.n_asked]
    print(*(f"{e.candidate.name}: {e.value:.5g} ({e.low:.5g} to {e.high:.5g}), {e.state}" for e in asked), sep="\n")
    assert any(e.state == "fitted" and math.isfinite(e.high - e.low) for e in asked)
    closer = [result.rms(k, result.after) < result.rms(k, result.before) for k in range(len(result.measured))]
    assert any(closer)
