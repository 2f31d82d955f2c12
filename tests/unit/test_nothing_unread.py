"""Wherever a user can write something, what nothing reads is said, with its place and what is near.

One table: where it stands, what is wrong there, the command that reads it, and what is said. What cannot be meant is
refused (exit code 2); what may be meant is a note.
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from h2plant.config.starter import TEMPLATES
from h2plant.studies.study.design import Design, Point, make_points
from h2plant.studies.study.effect import without_effect
from h2plant.studies.study.outcome import Outcome
from h2plant.studies.study.parameter import Parameter
from tests.command import Answer, h2plant

pytestmark = pytest.mark.long

PLANT = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
DAY = "h2plant: 1\nname: day\nplant: mine.yaml\nstart: 2023-07-03\nhours: 1\nstep_s: 3600\n"
SWEEP = """h2plant: 1
study: s
kind: sweep
scenario: day.yaml
parameters:
  - {name: p, path: tank.initial_pressure_bar, values: [60, 70]}
outputs: [hydrogen_made_kg]
design: {kind: grid}
"""
OPTIMIZE = (
    SWEEP.replace("kind: sweep", "kind: optimize")
    .replace("values", "range")
    .replace("design: {kind: grid}", "objectives: [{maximize: hydrogen_made_kg}]\nsearch: {trials: 4}")
)
SENSITIVITY = (
    SWEEP.replace("kind: sweep", "kind: sensitivity")
    .replace("values", "range")
    .replace("outputs", "  - {path: tank.n_vessels, values: [4, 5]}\noutputs")
    .replace("design: {kind: grid}", "methods: [{kind: tornado}]")
)
RULE = "def decide(price_eur_per_mwh, line_power_w, request_w):\n    request_w[0] = line_power_w[0]\n"
OWN = PLANT.replace("{kind: price_threshold}", "{kind: user_rule, file: 'my.py:decide'}")
METER = """from h2plant.core.declare import Kind, Port, parameter
from h2plant.core.jit import kernel
from h2plant.core.role import Process
from h2plant.core.status import OK


@kernel
def step(c, bus, props, dt):
    bus[c.tells] = bus[c.reads] * c.factor_ratio
    return OK


KIND = Kind(
    name="meter",
    doc="Passes on a signal.",
    fields=(parameter("factor_ratio", "1", "factor", 1.0, 0.0, 10.0),),
    ports=(
        Port("reads", "signal", "in", "what is read", unit="h"),
        Port("tells", "signal", "out", "what is passed on", unit="h"),
    ),
    step=step,
    role=Process(),
    costs=(),
)
"""
CURVE = "current_density_a_per_cm2,cell_voltage_v\n0.5,1.7\n1,1.8\n1.5,1.9\n2,2.0\n"
MARCH = "time,stack.setpoint_kw,stack.temperature_degc\n2023-07-03 00:00,500,50\n2023-07-03 00:01,500,51\n"
TASK = "h2plant: 1\nplant: mine.yaml\ndata: march.csv\nparameters: [stack.heat_capacity_j_per_k]\n"
SAID, RATE = "grid_capacity_fee_eur_per_kw_year: 53.06", ", real_rate_frac: 0.06}"
ECONOMY = "economics: {debt_rate_frac: 0.1}\n"
MONEY = ("path: tank.initial_pressure_bar, values: [60, 70]", "path: economics.real_rate_frac, values: [0.05, 0.06]")


class Case(NamedTuple):
    """A text of a file in which one thing is replaced, the command that reads it, and what the answer holds."""

    file: str
    old: str
    new: str
    command: tuple[object, ...]
    said: tuple[str, ...]
    note: bool = False


TEXTS = {
    "mine.yaml": PLANT,
    "day.yaml": DAY + "set: {tank.n_vessels: 4}\nseries: {temp_air_degc: {constant: 5}}\n",
    "other.yaml": DAY + "set: {rule.kind: follow_wind}\n",
    "own.yaml": OWN,
    "money.yaml": PLANT.replace(SAID + "}", SAID + RATE),
    "sweep.yaml": SWEEP,
    "optimize.yaml": OPTIMIZE,
    "sensitivity.yaml": SENSITIVITY,
    "my.py": RULE,
    "curve.csv": CURVE,
    "march.csv": MARCH,
    "task.yaml": TASK,
    "meter.py": METER,
    "kinds.yaml": PLANT.replace("components:\n", "components:\n  meter: {kind: meter, description: one}\n")
    + "  - stack.hours -> meter.reads\nkinds: [meter.py]\n",
    "limits.toml": "[regression]\nrecent_runs = 3\n",
}


def _plant(old: str, new: str, *said: str, note: bool = False) -> Case:
    return Case("mine.yaml", old, new, ("check", "mine.yaml"), said, note)


def _day(old: str, new: str, *said: str, note: bool = False) -> Case:
    return Case("day.yaml", old, new, ("check", "day.yaml"), said, note)


def _money(new: str, *said: str, note: bool = False) -> Case:
    return Case("money.yaml", RATE, f", {new[1:]}", ("check", "money.yaml"), said, note)


def _study(kind: str, old: str, new: str, *said: str, note: bool = False) -> Case:
    return Case(f"{kind}.yaml", old, new, (kind, f"{kind}.yaml", "--out", "out"), said, note)


def _measured(command: str, *options: object) -> tuple[object, ...]:
    if command == "fit":
        return ("fit", "curve.csv", *options)
    return ("calibrate", "march.csv", "--plant", "mine.yaml", *options)


FITTED = ("--parameters", "stack.heat_capacity_j_per_k")
COMPONENTS = "components:\n"
CASES = {
    # a plant
    "key of a plant": _plant("timezone:", "timezon:", "[unknown-key] timezon", "'timezone'"),
    "parameter": _plant("import_limit_mw", "import_limt_mw", "[unknown-parameter]", "'import_limit_mw'"),
    "label of a component": _plant("{kind: power_bus}", "{kind: power_bus, lable: A}", "lable", "'label'"),
    "label that nothing shows": _plant(
        "{kind: power_bus}", "{kind: power_bus, label: A}", "[unread-label] components.bus.label", note=True
    ),
    "component without links": _plant(
        COMPONENTS, f"{COMPONENTS}  spare: {{kind: water_source}}\n", "[unread-component] components.spare", note=True
    ),
    "key of a series": _plant("nl_2023, mode: hold", "nl_2023, mod: hold", "[unknown-key]", "mod", "'mode'"),
    "key beside a constant": _plant("file: nl_2023, mode: hold", "constant: 5, mode: hold", "[unused-key]", "'mode'"),
    "series of a plant": _plant(
        "series:\n", "series:\n  temp_ar_degc: {constant: 1}\n", "[unread-series]", "'temp_air_degc'", note=True
    ),
    "key of the economics": _money("{real_rat_frac: 1}", "[unknown-key]", "'real_rate_frac'"),
    "part of a cost": _money("{costs: {pem_stack: {stck: {}}}}", "[unknown-key]", "'stack'"),
    "figure of a cost": _money("{costs: {pem_stack: {stack: {life_year: 5}}}}", "[unknown-key]", "'life_years'"),
    "offer for a component": _money("{capex_eur: {stak: 1}}", "[unknown-component]", "'stack'"),
    "heat sold": _money("{heat_sales_eur_per_mwh: {cooling.heatt: 1}}", "[unknown-port]", "'cooling.heat'"),
    "rate without debt": _money("{debt_rate_frac: 0.1}", "[unread-key] economics.debt_rate_frac", "no debt", note=True),
    "parts of a whole": _money(
        "{indirect_cost_frac: 0.3, permitting_frac: 0.1}", "[unread-key]", "'indirect_cost_frac' stands", note=True
    ),
    # kinds of one's own
    "kind of no component": _plant(
        "\nlinks:", "\nkinds: [meter.py]\nlinks:", "[unread-kind]", "'meter' of 'meter.py'", note=True
    ),
    "parameter that no kernel reads": Case(
        "meter.py", "* c.factor_ratio", "", ("check", "kinds.yaml"), ("[unread-field] meter.factor_ratio",), True
    ),
    "input that no kernel reads": Case(
        "meter.py", "bus[c.reads]", "1.0", ("check", "kinds.yaml"), ("[unread-field] meter.reads",), True
    ),
    # a rule
    "argument of a rule": Case(
        "my.py", "(price_", "(prise_", ("check", "own.yaml"), ("[wrong-signature]", "'price_eur_per_mwh'")
    ),
    "request that is not written": Case(
        "my.py", "request_w[0] = line", "x = request_w[0] + line", ("check", "own.yaml"), ("[no-request]",)
    ),
    # a scenario and --set
    "key of a scenario": _day("hours:", "hour:", "[unknown-key] hour", "'hours'"),
    "component that is set": _day("tank.n_ves", "tnk.n_ves", "[unknown-component] set tnk.n_vessels", "'tank'"),
    "parameter that is set": _day("n_vessels", "n_vesels", "[unknown-parameter]", "'n_vessels'"),
    "pattern that is set": _day("tank.n_ves", '"tnk*".n_ves'.replace('"', ""), "[unknown-component]", "'tank'"),
    "economics that are set": _day(
        "{tank.n_vessels: 4}", "{economics.real_rat_frac: 1}", "[unknown-key] set economics", "'real_rate_frac'"
    ),
    "change undone by another": _day(
        "{tank.n_vessels: 4}", "{tank.n_vessels: 4, 't*.n_vessels': 5}", "[unread-change]", "'t*.n_vessels'", note=True
    ),
    "series of a scenario": _day("temp_air", "temp_ar", "[unread-series]", "'temp_air_degc'"),
    "--set of run": Case("day.yaml", "", "", ("run", "day.yaml", "--set", "stack.n_cell=3"), ("'n_cells'",)),
    "--set of compare": Case("day.yaml", "", "", ("compare", "day.yaml", "--set", "stack.n_cell=3"), ("'n_cells'",)),
    "kind that is set leaves a parameter": Case(
        "mine.yaml",
        "{kind: price_threshold}",
        "{kind: price_threshold, price_band_eur_per_mwh: 2}",
        ("check", "other.yaml"),
        ("[unread-parameter] components.rule.price_band_eur_per_mwh", "'follow_wind'"),
        note=True,
    ),
    # studies
    "key of a study": _study("sweep", "design:", "desing:", "[unknown-key] desing", "'design'"),
    "key of a design": _study("sweep", "kind: grid", "kind: grid, sed: 1", "[unknown-key] design.sed", "'seed'"),
    "seed of a grid": _study("sweep", "kind: grid", "kind: grid, seed: 1", "[unused-key] design.seed"),
    "key of a parameter": _study("sweep", "values", "vales", "[unknown-key]", "'values'"),
    "spacing of values": _study("sweep", "[60, 70]", "[60, 70], spacing: log", "[unused-key]", "'spacing'"),
    "weights in a grid": _study("sweep", "[60, 70]", "[60, 70], weights: [1, 2]", "[unused-key]", "'weights'"),
    "points of what is drawn": _study(
        "sweep",
        "values: [60, 70]}\noutputs: [hydrogen_made_kg]\ndesign: {kind: grid}",
        "range: [60, 70], n: 3}\noutputs: [hydrogen_made_kg]\ndesign: {kind: monte_carlo, n: 2}",
        "[unused-key]",
        "'n' means nothing",
    ),
    "path": _study("sweep", "initial_pressure", "initial_presure", "[unknown-parameter]", "'initial_pressure_pa'"),
    "path of a series": _study(
        "sweep", MONEY[0], "path: series.temp_ar_degc.shift, values: [0, 1]", "[unknown-series]", "'temp_air_degc'"
    ),
    "path in two units": _study(
        "sweep",
        "outputs",
        "  - {name: q, path: tank.initial_pressure_pa, values: [6e6]}\noutputs",
        *("[given-twice] parameters.0.path", "'q'"),
    ),
    "path undone by a pattern": _study(
        "sweep",
        "outputs",
        "  - {name: q, path: 't*.initial_pressure_bar', values: [60]}\noutputs",
        "[given-twice] parameters.0.path",
    ),
    "economics that no output reads": _study("sweep", *MONEY, "[unread-parameter]", "hydrogen_cost_eur_per_kg"),
    "economics that no objective reads": _study(
        "optimize", MONEY[0].replace("values", "range"), MONEY[1].replace("values", "range"), "[unread-parameter]"
    ),
    "rate of no debt": _study(
        "sweep",
        f"{MONEY[0]}}}\noutputs: [hydrogen_made_kg]",
        "path: economics.debt_rate_frac, values: [0.05, 0.06]}\noutputs: [net_present_value_eur]",
        *("[unread-parameter]", "no debt"),
    ),
    "output": _study("sweep", "made_kg", "mad_kg", "[unknown-figure] outputs.0", "'hydrogen_made_kg'"),
    "column of the log": _study(
        "sweep", "[hydrogen_made_kg]", "[{column: tank.presure_bar, reduce: max}]", "[unknown-column]", "tank.pressure"
    ),
    "limit of a figure": _study(
        "sweep", "[hydrogen_made_kg]", "[{figure: hydrogen_made_kg, limit: 1}]", "[unused-key]", "'limit'"
    ),
    "scenario to be logged": _study("sweep", "design", "full_logs: [7]\ndesign", "[no-such-scenario]"),
    "change of a study": _study("sweep", "design", "set: {tank.n_vesels: 4}\ndesign", "sweep.yaml", "'n_vessels'"),
    "key of a search": _study("optimize", "{trials: 4}", "{trials: 4, bach: 2}", "[unknown-key]", "'batch'"),
    "objective": _study("optimize", "maximize: hydrogen_made", "maximize: hydrogen_mad", "'hydrogen_made_kg'"),
    "key of a method": _study("sensitivity", "tornado", "tornado, n: 4", "[unused-key]", "'n' means nothing"),
    "points of a sensitivity": _study("sensitivity", "range: [60, 70]", "range: [60, 70], n: 3", "[unused-key]"),
    # measurements
    "column of a curve": Case(
        "curve.csv", "cell_voltage_v", "cell_voltge_v", _measured("fit"), ("[unknown-column]", "'cell_voltage_v'")
    ),
    "--ignore of fit": Case("curve.csv", "", "", _measured("fit", "--ignore", "cell_voltage"), ("'cell_voltage_v'",)),
    "--set of fit": Case("curve.csv", "", "", _measured("fit", "--set", "n_cell=3"), ("'n_cells'",)),
    "measured column": Case(
        "march.csv",
        "stack.temperature",
        "stack.temperatur",
        _measured("calibrate", *FITTED),
        ("[unknown-column]", "'stack.temperature_k'"),
    ),
    "--noise": Case(
        "march.csv", "", "", _measured("calibrate", *FITTED, "--noise", "stack.temp_k=1"), ("'stack.temperature_k'",)
    ),
    "--parameters": Case(
        "march.csv", "", "", _measured("calibrate", "--parameters", "stack.heat_capcity_j_per_k"), ("heat_capacity",)
    ),
    "key of a calibration": Case(
        "task.yaml", "data:", "noize: {}\ndata:", ("calibrate", "task.yaml"), ("[unknown-key] noize", "'noise'")
    ),
    "option beside a calibration": Case(
        "task.yaml", "", "", ("calibrate", "task.yaml", "--skip-min", 5), ("the file says all of it",)
    ),
    # other commands
    "table of limits": Case(
        "limits.toml", "regression", "regresion", ("monitor", "--thresholds", "limits.toml"), ("'regression'",)
    ),
    "limit": Case("limits.toml", "recent_runs", "recent_run", ("monitor", "--thresholds", "limits.toml"), ("_runs'",)),
    "kind of costs": Case("day.yaml", "", "", ("costs", "pem_stak"), ("[unknown-kind]", "'pem_stack'")),
    "kind": Case("day.yaml", "", "", ("kinds", "pem_stak"), ("[unknown-kind]", "pem_stack")),
    "figure": Case("day.yaml", "", "", ("figures", "hydrogen_madee"), ("[unknown-figure]", "'hydrogen_made_kg'")),
    "--out of compare": Case("day.yaml", "", "", ("compare", "day.yaml", "--out", "x.html"), ("means nothing",)),
    "--jobs of run": Case("day.yaml", "", "", ("run", "day.yaml", "--jobs", 2), ("means nothing",)),
    "file of something else": Case(
        "task.yaml", "h2plant: 1\n", "", ("migrate", "task.yaml"), ("there is no key 'h2plant'",), True
    ),
    "--input-years of run": Case("day.yaml", "", "", ("run", "day.yaml", "--input-years", "2023"), ("means nothing",)),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def assert_said(answer: Answer, case: Case) -> None:
    assert answer.exit_code in ((0, 3) if case.note else (2,)), answer
    assert "Traceback" not in answer.text, answer.text
    for part in (*case.said, *(("note: ",) if case.note else ())):
        assert part in answer.text, (part, answer.text)


@pytest.mark.parametrize("name", CASES)
def test_what_nothing_reads_is_said(name: str, here: Path) -> None:
    case = CASES[name]
    text = TEXTS[case.file]
    assert case.old in text
    (here / case.file).write_text(text.replace(case.old, case.new, 1) if case.old else text, encoding="utf-8")
    assert_said(h2plant(*case.command), case)


def test_what_is_in_order_has_no_notes(here: Path) -> None:
    for file in ("mine.yaml", "day.yaml", "own.yaml", "money.yaml", "kinds.yaml"):
        answer = h2plant("check", file)
        assert answer.exit_code == 0 and "note" not in answer.text, answer


def _outcomes(value: Callable[[float, float], float]) -> tuple[list[Parameter], list[Point], list[Outcome]]:
    """A grid of two parameters, of which ``value`` makes the output."""
    parameters = [Parameter("a", "a.x", (1.0, 2.0)), Parameter("b", "b.x", (1.0, 2.0), where="parameters.1", line=7)]
    points = make_points(Design("grid"), parameters)
    outcomes = [Outcome(p.number, {"y": value(float(p.values["a"]), float(p.values["b"]))}) for p in points]
    return parameters, points, outcomes


def test_a_parameter_without_effect_is_noted() -> None:
    (note,) = without_effect(*_outcomes(lambda a, _: a), Path("study.yaml"))
    assert note.startswith("study.yaml:7: [no-effect] parameters.1: no output changes with 'b', over 4 scenarios")
    assert without_effect(*_outcomes(lambda a, b: a * b), None) == []
    parameters, points, outcomes = _outcomes(lambda a, _: a)
    assert without_effect(parameters, points[::3], outcomes, None) == []  # no two differ in one parameter alone


def test_a_variable_that_nothing_reads_is_said(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("H2PLANT_CACHDIR", "x")
    answer = h2plant("check", "mine.yaml")
    assert answer.exit_code == 0
    assert "'H2PLANT_CACHDIR'; did you mean H2PLANT_CACHE_DIR?" in answer.stderr


def test_all_variables_that_are_read_are_known() -> None:
    import re

    import h2plant as package
    from h2plant.core.environment import VARIABLES

    sources = Path(package.__file__).parent.rglob("*.py")
    named = {name for file in sources for name in re.findall(r"\bH2PLANT_[A-Z_]+\b", file.read_text(encoding="utf-8"))}
    assert named - {"H2PLANT_"} == set(VARIABLES)
