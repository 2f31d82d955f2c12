"""The command line as a user meets it: right and wrong input, exit codes, help, completion."""

import json
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

import h2plant as package
from h2plant.config.bundled import bundled_plants, bundled_scenarios
from h2plant.core.lut_manager import LUTManager
from h2plant.simulation.engine import Engine, SimulationFailure
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from main import arguments_for
from tests.command import ROOT, assert_refused, h2plant, leftovers, process

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a folder of its own."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run_json(*arguments: object) -> dict:
    answer = h2plant("run", *arguments, "--json")
    assert answer.exit_code == 0, answer
    assert answer.stderr == ""
    return json.loads(answer.stdout)


# run


def test_run_prints_table_and_folder_and_writes_results(here):
    answer = h2plant("run", "minimal_day", "--hours", 2)
    assert answer.exit_code == 0
    assert "minimal_day: 2 h from 2023-07-03" in answer.text
    assert "hydrogen made" in answer.text and "largest balance residual of the plant" in answer.text
    assert "results: results/minimal_day-1" in answer.text
    assert sorted(p.name for p in (here / "results/minimal_day-1").iterdir()) == [
        "SHA256SUMS",
        "cash_flow.csv",
        "events.parquet",
        "ledger.parquet",
        "log.parquet",
        "plant.yaml",
        "scenario.json",
        "steps.npz",
        "summary.json",
    ]
    assert leftovers(here) == []


def test_short_run_without_terminal_shows_no_progress():
    h2plant("run", "minimal_day", "--hours", 1, "--quiet")  # the first run on a machine says that it compiles
    assert h2plant("run", "minimal_day", "--hours", 1).stderr == ""


def test_quiet_prints_the_folder_only():
    assert h2plant("run", "minimal_day", "--hours", 1, "--quiet").stdout == "results/minimal_day-1\n"
    assert h2plant("run", "minimal_day", "--hours", 1, "-q").stdout == "results/minimal_day-2\n"


def test_json_is_the_summary_and_nothing_else():
    summary = run_json("minimal_day", "--hours", 3)
    assert (summary["scenario"], summary["hours"], summary["is_complete"]) == ("minimal_day", 3.0, True)
    assert summary["key_figures"]["hydrogen_made_kg"] > 1.0  # 1 MW at about 52 kWh/kg, 3 h with a cold start
    assert summary["residuals"]["worst_relative"] < 1e-9
    assert json.loads(Path(summary["folder"], "summary.json").read_text())["hours"] == 3.0


@pytest.mark.parametrize("name", ["minimal", "minimal_day"])
def test_plants_and_scenarios_run_by_name(name):
    assert run_json(name, "--hours", 1)["plant"] == "minimal"


def test_scenario_by_path_in_another_folder(here):
    (here / "sub").mkdir()
    (here / "sub/mine.yaml").write_text("h2plant: 1\nname: mine\nplant: minimal\nstart: 2023-07-03\nhours: 1\n")
    assert run_json("sub/mine.yaml")["scenario"] == "mine"


@pytest.mark.parametrize(("step_s", "rows"), [(1, 4), (60, 4), (900, 4), (3600, 1)])
def test_same_plant_at_every_step(here, step_s, rows):
    summary = run_json("minimal_day", "--hours", 1, "--step-s", step_s, "--out", "r")
    assert (summary["step_s"], summary["performance"]["n_steps"]) == (step_s, 3600 // step_s)
    assert len(package.Results("r")) == rows  # the log interval of 15 min gives way to a longer step


def test_start_with_and_without_offset():
    for start in ("2023-08-07T02:00", "2023-08-07T02:00Z", "2023-08-07T04:00+02:00"):
        assert run_json("minimal_day", "--hours", 1, "--start", start)["start"] == "2023-08-07T02:00:00+00:00"
    assert run_json("minimal_day", "--hours", 1, "--start", "2023-08-07")["start"] == "2023-08-07T00:00:00+00:00"


@pytest.mark.parametrize(("interval", "seconds"), [("1min", 60), ("15min", 900), ("1h", 3600), ("300s", 300)])
def test_log_every(interval, seconds):
    run_json("minimal_day", "--hours", 1, "--log-every", interval, "--out", "r")
    time_ = package.Results("r").time
    assert len(time_) == 3600 // seconds
    assert (time_[-1] - time_[0]).astype(int) == 3600 - seconds


def test_set_changes_parameters_in_their_units():
    summary = run_json("minimal_day", "--hours", 1, "--set", "tank.initial_pressure_bar=80", "--set", "*.n_bays=2")
    assert summary["provenance"]["overrides"] == {"tank.initial_pressure_bar": "80", "*.n_bays": "2"}
    plain = run_json("minimal_day", "--hours", 1)
    stored = [s["key_figures"]["hydrogen_stored_kg"] - s["key_figures"]["hydrogen_stored_change_kg"]
              for s in (summary, plain)]  # fmt: skip
    assert 1.28 < stored[0] / stored[1] < 80 / 60  # hydrogen is a little less dense than an ideal gas


def test_baseline_engine_gives_the_same(here):
    made = {}
    for engine in ("optimized", "baseline"):
        summary = run_json("minimal_day", "--hours", 0.5, "--engine", engine)
        assert summary["engine"] == engine
        made[engine] = summary["key_figures"]["hydrogen_made_kg"]
    assert made["optimized"] == pytest.approx(made["baseline"], rel=1e-4)


def test_out_is_replaced_whole(here):
    run_json("minimal_day", "--hours", 2, "--out", "deep/er/r")
    answer = h2plant("run", "minimal_day", "--hours", 1, "--out", "deep/er/r")
    assert "what lay there before comes back by 'h2plant undo deep/er/r'" in answer.text
    assert package.Results("deep/er/r").summary["hours"] == 1.0
    assert leftovers(here) == [".r.replaced"]


def test_first_run_says_that_it_compiles(monkeypatch):
    monkeypatch.setattr("h2plant.report.progress.missing_kernels", lambda program: [("mixer", "step")])
    answer = h2plant("run", "minimal_day", "--hours", 1)
    assert "compiling 1 kernel, up to minutes, once per version" in answer.stderr and "compiling" not in answer.stdout


def test_long_run_without_terminal_shows_lines_now_and_then(monkeypatch):
    monkeypatch.setattr("h2plant.report.progress._QUIET_S", 0.0)
    lines = h2plant("run", "minimal_day", "--hours", 2).stderr.splitlines()
    assert lines[-1].startswith("100 %  2023-07-03 02:00") and lines[-1].endswith("min/s")


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["test_8hours"], ["[no-such-scenario]", "'test_8hours'", "did you mean 'test_8hour'"]),
        (["mini"], ["[no-such-scenario]", "'minimal'"]),
        (["nowhere/x.yaml"], ["nowhere/x.yaml: [no-such-file]", "there is no folder 'nowhere'"]),
        (["x.yaml"], ["x.yaml: [no-such-file]", "no YAML file"]),
        (["."], ["[no-such-file]", "is a folder, wanted a file"]),
        (["minimal_day", "--hours", "0"], ["--hours", "above 0"]),
        (["minimal_day", "--hours", "-1"], ["--hours", "above 0"]),
        (["minimal_day", "--hours", "inf"], ["--hours", "above 0"]),
        (["minimal_day", "--hours", "nan"], ["--hours", "above 0"]),
        (["minimal_day", "--hours", "two"], ["--hours", "valid number"]),
        (["minimal_day", "--hours", "0.013"], ["[bad-step] hours: 0.013 h", "no whole number of steps"]),
        (["minimal_day", "--start", "noon"], ["[bad-time] start: 'noon'", "2023-06-01T12:00:00Z"]),
        (["minimal_day", "--start", "2023-02-30"], ["[bad-time]", "'2023-02-30'"]),
        (["minimal_day", "--step-s", "7"], ["[bad-step] step: a step of 7 s", "divisor of 3600"]),
        (["minimal_day", "--step-s", "0"], ["--step-s"]),
        (["minimal_day", "--step-s", "1.5"], ["--step-s"]),
        (["minimal_day", "--log-every", "fortnight"], ["--log-every", "1min, 15min or 1h"]),
        (["minimal_day", "--log-every", "0s"], ["--log-every", "1min, 15min or 1h"]),
        (["minimal_day", "--log-every", "90s"], ["[bad-step] log_every: a log interval of 90 s", "multiple"]),
        (["minimal_day", "--engine", "turbo"], ["--engine", "'turbo'", "'baseline'"]),
        (["minimal_day", "--set", "tank"], ["--set", "component.parameter=value"]),
        (["minimal_day", "--set", "tank.n_vessels="], ["--set", "component.parameter=value"]),
        (["minimal_day", "--set", "tnk.n_vessels=2"], ["[unknown-component] set tnk.n_vessels", "'tank'"]),
        (["minimal_day", "--set", "tank.vessels=2"], ["[unknown-parameter]", "'n_vessels'"]),
        (["minimal_day", "--set", "tank.n_vessels=many"], ["[wrong-type]", "a number"]),
        (["minimal_day", "--set", "stack.rated_power_mw=-1"], ["[out-of-bounds]", "at least"]),
        (["minimal_day", "--frobnicate"], ["--frobnicate", "h2plant run -h"]),
        (["minimal_day", "minimal"], ["unexpected extra argument"]),
    ],
)
def test_run_refuses(here, arguments, parts):
    assert_refused(h2plant("run", *arguments), *parts)
    assert list(here.iterdir()) == []


def test_all_findings_of_a_command_line_come_at_once():
    answer = h2plant("run", "minimal_day", "--set", "tnk.n_vessels=2", "--set", "tank.n_vessels=-2")
    assert_refused(answer, "[unknown-component]", "[out-of-bounds]")


def test_failed_simulation_ends_with_1_and_keeps_what_was_done(here, monkeypatch):
    whole = Engine.run

    def fails(self, n_steps, on_log=None, on_progress=None, is_end=True):
        whole(self, n_steps // 2, on_log, on_progress)
        raise SimulationFailure("stack", self.step_number, self.step_number * 60.0, 100)

    monkeypatch.setattr(SimulationEngineOptimized, "run", fails)
    answer = h2plant("run", "minimal_day", "--hours", 2, "--out", "r")
    assert_refused(answer, "stack: no convergence in step 60", "--engine baseline", "so far is in r", code=1)
    summary = package.Results("r").summary
    assert (summary["hours"], summary["is_complete"]) == (1.0, False)
    assert "no convergence" in summary["stopped_by"]
    assert "no convergence" in package.Results("r")._repr_html_()


def test_failure_in_the_first_step_is_still_told(here, monkeypatch):
    def fails(self, n_steps, on_log=None, on_progress=None, is_end=True):
        raise SimulationFailure("stack", 0, 0.0, 100)

    monkeypatch.setattr(SimulationEngineOptimized, "run", fails)
    assert_refused(h2plant("run", "minimal_day", "--out", "r"), "stack: no convergence in step 0", code=1)
    assert package.Results("r").summary["hours"] == 0.0


# other commands


def test_no_command_shows_help_and_is_an_error():
    answer = h2plant()
    assert answer.exit_code == 2 and "Commands" in answer.text


def test_unknown_command():
    assert_refused(h2plant("rum"), "'rum'")


def test_version():
    assert h2plant("--version").stdout == f"h2plant {package.__version__}\n"


@pytest.mark.parametrize(
    ("command", "parts"),
    [
        ([], ["h2plant init my_plant", "run", "check", "init", "kinds", "tables", "validate"]),
        (["run"], ["h2plant run test_8hour --log-every 1min", "--step-s", "Exit codes: 0 done; 1 the plant failed"]),
        (["check"], ["h2plant check my_plant.yaml"]),
        (["init"], ["h2plant init my_plant"]),
        (["kinds"], ["h2plant kinds pem_stack"]),
        (["tables"], ["info", "build"]),
        (["tables", "build"], ["--out"]),
        (["validate"], ["h2plant validate engines --days 3", "--days"]),
    ],
)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_has_examples(command, parts, option):
    answer = h2plant(*command, option)
    assert answer.exit_code == 0
    for part in [*parts, "Usage: h2plant"]:
        assert part in answer.text


_LOADED = """
import sys
from h2plant.cli import main
try:
    main(sys.argv[1:])
finally:
    print("loaded:", *sorted({name.partition(".")[0] for name in sys.modules}))
    print("ours:", *sorted(name for name in sys.modules if name.startswith("h2plant.")))
"""


@pytest.mark.parametrize("words", [("--help",), ("run", "--help"), ("sweep", "--help"), ()])
def test_help_loads_nothing_heavy(words):
    """Compiler and tables take as long as all else. Pydantic is not ours to leave out: Typer reads options with it."""
    stdout = process(*words, code=_LOADED).stdout
    assert "Usage: h2plant" in stdout
    loaded, ours = (stdout.partition(f"{name}:")[2].partition("\n")[0].split() for name in ("loaded", "ours"))
    heavy = {"numpy", "numba", "llvmlite", "scipy", "pyarrow", "pandas", "CoolProp", "matplotlib", "plotly", "yaml"}
    assert heavy.isdisjoint(loaded) and "typer" in loaded
    light = {
        f"h2plant.core.{name}"
        for name in (
            *["compiler_pages", "environment", "error", "hang", "markup", "moved", "output", "real_path", "terminal"],
        )
    }
    assert {name for name in ours if name.startswith("h2plant.core.")} <= light
    assert {name.split(".")[1] for name in ours} == {"cli", "core"}


def test_check_counts_what_is_in_order():
    answer = h2plant("check", "dual_path")
    assert answer.exit_code == 0 and answer.stdout.startswith("dual_path: in order: ")
    assert h2plant("check", "test_8hour").exit_code == 0
    assert_refused(h2plant("check", "dual_pth"), "[no-such-scenario]", "'dual_path'")
    assert_refused(h2plant("check"), "Missing argument")


def test_kinds():
    listed = h2plant("kinds")
    assert listed.exit_code == 0 and "pem_stack" in listed.text
    shown = h2plant("kinds", "gas_tank")
    assert shown.exit_code == 0 and "n_vessels" in shown.text and "parameter" in shown.text
    assert_refused(h2plant("kinds", "gas_tonk"), "[unknown-kind]", "gas_tank")


def test_tables_info():
    answer = h2plant("tables", "info")
    assert answer.exit_code == 0 and LUTManager().checksum[:8] in answer.text


def test_tables_build_writes_a_file_or_says_why_not(here, monkeypatch):
    shipped = LUTManager()
    monkeypatch.setattr("h2plant.core.properties.build.build_tables", lambda: shipped.props)
    assert h2plant("tables", "build", "--out", "t/mine.npz").stdout == "wrote t/mine.npz\n"
    assert LUTManager("t/mine.npz").checksum == shipped.checksum
    (here / "file").write_text("x")
    assert_refused(h2plant("tables", "build", "--out", "file/mine.npz"), "file: ", "check the path")


@pytest.mark.parametrize(("is_met", "code"), [(True, 0), (False, 1)])
def test_validate_ends_with_1_on_a_miss(monkeypatch, is_met, code):
    asked = []
    monkeypatch.setattr(
        "h2plant.measure.validate.validate", lambda _c, what, days: asked.append((what, days)) or is_met
    )
    assert h2plant("validate", "engines", "--days", 3).exit_code == code
    assert asked == [("engines", 3)]


def test_validate_refuses_unknown_checks():
    assert_refused(h2plant("validate", "everything"), "'everything'", "'tables'")
    assert_refused(h2plant("validate", "engines", "--days", 0), "--days")


# init


def test_init_writes_files_that_check_and_run(here):
    answer = h2plant("init", "my_plant")
    assert answer.stdout == (
        "wrote my_plant.yaml\nwrote my_plant-day.yaml\n"
        "next: h2plant check my_plant.yaml, then h2plant run my_plant-day.yaml\n"
    )
    for name in ("my_plant.yaml", "my_plant-day.yaml"):
        text = (here / name).read_text()
        assert text.count("#") > 10 and "@" not in text
        assert h2plant("check", name).exit_code == 0
    summary = run_json("my_plant-day.yaml", "--hours", 4)
    assert (summary["plant"], summary["scenario"]) == ("my_plant", "my_plant-day")
    assert summary["key_figures"]["hydrogen_made_kg"] > 10.0


def test_init_leaves_what_is_there_alone(here):
    (here / "mine-day.yaml").write_text("my own\n")
    assert_refused(h2plant("init", "mine"), "mine-day.yaml: [file-exists]", "another name")
    assert [p.name for p in here.iterdir()] == ["mine-day.yaml"]
    assert (here / "mine-day.yaml").read_text() == "my own\n"


@pytest.mark.parametrize("name", ["", "1st", "a b", "../x", "a/b", "x.yaml", "-", "ä", "a" * 65, "a\nb"])
def test_init_refuses_bad_names(here, name):
    assert_refused(h2plant("init", "--", name), "[bad-name]", "letters, digits")
    assert list(here.iterdir()) == []


def test_init_on_a_full_disk_leaves_nothing(here, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("h2plant.config.starter.os.fsync", full)
    assert_refused(h2plant("init", "mine"), "[cannot-write]", "No space left", "space left")
    assert list(here.iterdir()) == []


# main.py, completion, signals, pipes


def test_main_py_passes_all_commands():
    assert arguments_for([]) == ["run"]
    assert arguments_for(["test_8hour", "--hours", "1"]) == ["run", "test_8hour", "--hours", "1"]
    assert arguments_for(["--hours", "1"]) == ["run", "--hours", "1"]
    for command in ("run", "check", "init", "kinds", "tables", "validate", "--help", "-h", "--version"):
        assert arguments_for([command, "x"]) == [command, "x"]


def test_main_py_as_a_process(here):
    code = f"import runpy, sys; sys.argv[0] = 'main.py'; runpy.run_path({str(ROOT / 'main.py')!r}, run_name='__main__')"
    answer = process("test_8hour", "--hours", 1, "--quiet", code=code, folder=here)
    assert (answer.exit_code, answer.stdout, answer.stderr) == (0, "results/test_8hour-1\n", "")
    assert_refused(process("test_8hours", code=code, folder=here), "did you mean 'test_8hour'")


_COMPLETES = """
import os, sys
from h2plant.cli import main
for words in sys.argv[1:]:
    os.environ.update(COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
    try:
        main()
    except SystemExit:
        print("--", flush=True)
"""


def test_shell_completion(here):
    (here / "minimum.yaml").write_text("")
    wanted = {
        "h2plant v": ["validate", "verify"],
        "h2plant run mini": ["minimal_day", "minimal", "minimum.yaml"],
        "h2plant kinds pem": ["pem_stack"],
    }
    answer = process(*wanted, "h2plant run ", code=_COMPLETES, folder=here, _H2PLANT_COMPLETE="complete_bash")
    *few, many = [part.split() for part in answer.stdout.split("--\n")[:-1]]
    assert few == list(wanted.values())
    assert set(many) == {*bundled_plants(), *bundled_scenarios(), "minimum.yaml"}
    shown = process("--show-completion", "bash", folder=here, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert shown.exit_code == 0 and "complete -o default -F _h2plant_completion h2plant" in shown.stdout


# sends itself a real SIGINT (or another signal) in the middle of the run
_STOPS_ITSELF = """
import os, signal, sys
from h2plant.simulation.engine import Engine
whole, numbers = Engine.run, [getattr(signal, sys.argv.pop(1))]
def run(self, n_steps, on_log=None, on_progress=None, is_end=True):
    def progress(done):
        if done >= 30 and numbers:
            os.kill(os.getpid(), numbers.pop())
    whole(self, n_steps, on_log, progress)
Engine.run = run
from h2plant.cli import main
main(sys.argv[1:])
"""


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_ctrl_c_keeps_what_was_done(here, name):
    arguments = ("run", "minimal_day", "--log-every", "1min", "--out", "r")
    answer = process(name, *arguments, code=_STOPS_ITSELF, folder=here)
    assert_refused(answer, "interrupted; what was done so far is in r", code=130)
    results = package.Results("r")
    done = round(results.summary["hours"] * 60)
    assert 30 <= done < 1440 and len(results) == done  # not a minute of the log is lost
    assert (results.summary["is_complete"], results.summary["stopped_by"]) == (False, "interrupted")
    assert results.summary["residuals"]["worst_relative"] < 1e-9
    assert leftovers(here) == []


def test_ctrl_c_at_any_time_leaves_nothing_half_written(here):
    command = [sys.executable, "-m", "h2plant.cli", "run", "minimal_day", "--engine", "baseline", "--out", "r"]
    running = subprocess.Popen(
        command, cwd=here, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.PIPE, text=True
    )
    while not leftovers(here) and running.poll() is None:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, message = running.communicate(timeout=60)
    assert running.returncode == 130 and message.startswith("interrupted; ") and "Traceback" not in message
    assert leftovers(here) == []
    assert not (here / "r").exists() or package.Results(here / "r").summary["stopped_by"] == "interrupted"


def test_broken_pipe_is_no_traceback(here):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "h2plant.cli", "kinds"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=here, env=environment, stdout=writer, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(writer)
    assert done.returncode == 141 and done.stderr == ""


def test_an_error_of_the_program_is_not_hidden(monkeypatch):
    def broken(_scenario):
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("h2plant.session.session.load_run", broken)
    with pytest.raises(ZeroDivisionError):
        h2plant("run", "minimal_day")


def test_run_takes_a_datetime():
    results = package.run("minimal_day", hours=1, start=datetime(2023, 8, 7), out="r")
    assert results.summary["start"] == "2023-08-07T00:00:00+00:00"
    with pytest.raises(package.PlantError, match="bad-time"):
        package.run("minimal_day", start="noon")
    with pytest.raises(package.PlantError, match="no length"):
        package.run("minimal_day", hours=float("nan"))
