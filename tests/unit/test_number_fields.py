"""Every number that a file may give: what is no sensible number is a finding with its place, in every model."""

import importlib
import math
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

import h2plant.config
import h2plant.economics
import h2plant.fitting
import h2plant.studies
from h2plant.components import KIND_BY_NAME
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import changed_scenario, load_scenario, read_scenario
from h2plant.config.schema import validate
from h2plant.config.starter import TEMPLATES
from h2plant.config.yaml_source import parse_yaml
from h2plant.core.number import is_finite, within_floats
from h2plant.economics.settings import read_settings
from h2plant.plant.finding import Finding, PlantError
from tests.command import assert_refused
from tests.command import h2plant as command

LONG = "9" * 350
SENSELESS = [".nan", ".inf", "-.inf", "1e400", LONG, f"-{LONG}", "1e5000"]
TEXT_OR_NUMBER = {("_SourceShape", "scale"), ("SeriesShape", "scale"), ("BlockParameterShape", "default")}
"""Fields that take a text as well: what stands there is looked at when it is used."""


def _modules() -> Iterator[str]:
    for package in (h2plant.config, h2plant.economics, h2plant.fitting, h2plant.studies):
        yield from (one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))


def _subclasses(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for one in model.__subclasses__():
        yield one
        yield from _subclasses(one)


def _parts(annotation: Any) -> set[Any]:
    """Return the plain types that an annotation takes, not those in lists and mappings."""
    arguments = get_args(annotation)
    if not arguments or getattr(annotation, "__origin__", None) in (list, dict):
        return {annotation}
    return set().union(*(_parts(one) for one in arguments))


def _fields() -> list[tuple[type[BaseModel], str]]:
    for name in _modules():
        importlib.import_module(name)
    models = dict.fromkeys(m for m in _subclasses(BaseModel) if m.__module__.startswith("h2plant."))
    models = {m: None for m in models if not m.__module__.startswith("h2plant.report.")}  # read what the program wrote
    return [
        (model, name)
        for model in models
        for name, field in model.model_fields.items()
        if {int, float} & _parts(field.annotation)
    ]


def _told(model: type[BaseModel], name: str, text: str) -> list[str]:
    """Return what is found wrong with a field of a model, by the reader of files or by the model itself."""
    findings: list[Finding] = []
    node = parse_yaml(f"{name}: {text}\n", Path("a.yaml"), findings)
    assert node is not None
    if model.__module__.startswith("h2plant.economics"):
        try:
            model.model_validate(node.data())
        except ValidationError as error:
            return [str(one["msg"]) for one in error.errors() if one["loc"][:1] == (name,)]
        return []
    validate(model, node, Path("a.yaml"), findings)
    assert all(f.line == 1 and f.remedy for f in findings)
    return [f.what for f in findings if f.where == name]


def test_every_number_of_every_model_refuses_what_is_none() -> None:
    fields = _fields()
    assert len(fields) > 100
    kept = [
        (model.__name__, name, text[:9])
        for model, name in fields
        for text in SENSELESS
        if not _told(model, name, text) and (model.__name__, name) not in TEXT_OR_NUMBER
    ]
    assert kept == []


def test_whole_numbers_beyond_all_floats_are_found_to_be_none_in_python_too() -> None:
    """No OverflowError, whatever of a run is such a number."""
    assert within_floats({"a": [10**400, -(10**400), 1, True, "x"]}) == {"a": [math.inf, -math.inf, 1, True, "x"]}
    assert not is_finite(10**400) and is_finite(10**300) and not is_finite(math.nan)
    day = load_scenario("minimal_day")
    for number in (10**400, -(10**400)):
        for key in ("stack.rated_power_mw", "*.rated_power_mw", "site.latitude", "economics.life_years", "faults.seed"):
            with pytest.raises(PlantError):
                read_settings(load_plant("minimal", {key: number}))
            assert changed_scenario(day, overrides={key: number}).overrides[key] in (math.inf, -math.inf)
        for given in ({"hours": number}, {"step_s": number}, {"log_every_s": number}):
            with pytest.raises(PlantError):
                changed_scenario(day, **given)


def test_true_is_no_number_and_a_number_is_not_true() -> None:
    fields = _fields()
    kept = [
        (model.__name__, name)
        for model, name in fields
        if bool not in _parts(model.model_fields[name].annotation) and not _told(model, name, "true")
    ]
    assert kept == []
    flags = [(m, n) for m in {m for m, _ in fields} for n, f in m.model_fields.items() if f.annotation is bool]
    assert len(flags) > 5
    assert [(m.__name__, n) for m, n in flags for text in ("1", "0", "yes") if not _told(m, n, text)] == []


def test_rates_that_leave_nothing_are_refused() -> None:
    rates = [(model, name) for model, name in _fields() if "rate" in name and name.endswith("_frac")]
    rates += [(model, name) for model, name in _fields() if name in ("inflation_frac", "wacc_frac")]
    assert len(rates) > 4
    assert [(model.__name__, name) for model, name in rates if not _told(model, name, "-0.99")] == []


PLANT = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")


@pytest.mark.parametrize("text", ["true", *SENSELESS, "[1]", "{a: 1}", "''"])
def test_every_parameter_of_a_kind_refuses_it(text: str, tmp_path: Path) -> None:
    kind = KIND_BY_NAME["gas_tank"]
    names = [f.name for f in kind.fields if f.role == "parameter" and not f.list_key]
    (tmp_path / "plant.yaml").write_text(
        "h2plant: 1\nname: x\ncomponents:\n"
        + "".join(f"  t{k}: {{kind: gas_tank, {name}: {text}}}\n" for k, name in enumerate(names)),
        encoding="utf-8",
    )
    told = {f.where: f for f in read_plant(tmp_path / "plant.yaml")[1] if f.severity == "error"}
    for k, name in enumerate(names):
        found = told[f"components.t{k}.{name}"]
        assert found.line == 4 + k and found.remedy, found


DAY = "h2plant: 1\nname: day\nplant: minimal\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hours: 1e9", "longer than 100 years"),
        ("hours: true", "number"),
        (f"hours: {LONG}", "finite"),
        ("hours: 1\nhours: 2", "stands twice"),
        ("start: 0001-01-01", "before 1900"),
        ("start: 9999-12-31", "leave the calendar"),
        ("step_s: 1e400", "finite"),
        ("step_min: 1\nstep_s: 60", "both given"),
        ("step_min: 1e308", "no series covers"),  # a number as written, and none in seconds
        ("log_every_min: 1e308", "no series covers"),
        ("series: {price_eur_per_mwh: {values: [1, 2], resolution_h: 1e308}}", "longer than 100 years"),
        ("series: {price_eur_per_mwh: {values: [1, 2], resolution_h: 1, scale: 1e300/1e-300}}", "'scale' is inf"),
        ("set: {tank.n_vessels: true}", ""),
        ("set: {tank.n_vessels: .nan}", ""),
        (f"set: {{tank.n_vessels: {LONG}}}", ""),
        ("set: {tank.max_pressure_bar: 90, tank.max_pressure_pa: 9e6}", "one parameter"),
        ("weather_years: [1]", "1900"),
        ("weather_years: [9999]", "2200"),
    ],
)
def test_times_and_changes_of_a_scenario_are_sensible(line: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "day.yaml"
    file.write_text(f"{DAY}{line}\n", encoding="utf-8")
    answer = command("check", file)
    assert_refused(answer, said)
    place = f"{file.name}:"
    assert place in answer.stderr.replace("\n", "") and "\n  " in answer.stderr
    assert len(answer.stderr) < 2000  # a number of 350 signs is not shown whole
    assert read_scenario(file)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--hours", "1e9"], "longer than 100 years"),
        (["--hours", "nan"], "above 0"),
        (["--hours", "1e400"], "above 0"),
        (["--start", "0001-01-01"], "before 1900"),
        (["--start", "9999-12-31", "--hours", "48"], "calendar"),
        (["--step-s", LONG], ""),
        (["--set", "tank.n_vessels=3", "--set", "tank.n_vessels=4"], "twice"),
        (["--set", "tank.n_vessels=true"], ""),
        (["--set", "tank.n_vessels=nan"], ""),
        (["--set", f"tank.n_vessels={LONG}"], ""),
        (["--set", "economics.real_rate_frac=-0.99"], ""),
        (["--set", "economics.real_rate_frac=true"], ""),
        (["--set", "economics.is_debt_bullet=1"], "true or false"),
        (["--set", "economics.project_life_years=1e400"], ""),
    ],
)
def test_words_of_a_command_are_sensible(words: list[str], said: str, tmp_path: Path) -> None:
    assert_refused(command("run", "minimal", "--out", tmp_path / "r", *words), said)
    assert not (tmp_path / "r").exists()
