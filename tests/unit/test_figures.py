"""Key figures are records: what they read, how they are shown, and what a plant of other technologies has."""

import io
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

import h2plant
from h2plant import Results
from h2plant.components import KIND_BY_NAME
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import load_scenario
from h2plant.core.energy_figure import ENERGY_FIGURES
from h2plant.plant.graph import Plant
from h2plant.report.console import print_hydrogen_cost, print_summary
from h2plant.report.page.headline import headline
from h2plant.results.figures import FIGURES, Appraised, Expression, figure_of, figures_in, quantities_of
from h2plant.results.ledger import Bookkeeper
from h2plant.results.run_economics import appraise_run
from h2plant.results.schema import summary_schema
from h2plant.results.summary import summarise
from h2plant.results.totals import QUANTITIES
from h2plant.session.session import load_run, prepare
from h2plant.simulation.manager_optimized import SimulationEngineOptimized
from tests.command import h2plant as command


def _problems(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """Return what in a value is against a schema, as far as ours go."""
    if "anyOf" in schema:
        return [] if any(not _problems(value, one) for one in schema["anyOf"]) else [f"{where}: {value!r}"]
    types = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}
    of = schema.get("type", [])
    for name in [of] if isinstance(of, str) else of:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number if name in ("number", "integer") else isinstance(value, types[name]):
            break
    else:
        if of:
            return [f"{where}: {value!r} is no {of}"]
    found = [f"{where}: no {key}" for key in schema.get("required", ()) if key not in value]
    if isinstance(value, dict):
        for key, item in value.items():
            rules = [schema["properties"][key]] if key in schema.get("properties", {}) else []
            rules += [rule for pattern, rule in schema.get("patternProperties", {}).items() if re.search(pattern, key)]
            rest = schema.get("additionalProperties")
            if not rules and rest is False:
                found.append(f"{where}.{key}: not known")
            rules += [rest] if not rules and isinstance(rest, dict) else []
            found += [problem for rule in rules for problem in _problems(item, rule, f"{where}.{key}")]
    if isinstance(value, list) and "items" in schema:
        found += [p for k, item in enumerate(value) for p in _problems(item, schema["items"], f"{where}.{k}")]
    return found


WIND = "wind: {kind: wind_farm, "
DAY = {"hours": 3, "start": "2023-07-03", "step_s": 300}


@pytest.fixture(scope="module")
def labelled(tmp_path_factory) -> Path:
    """A run of the reference plant with a label to its source."""
    folder = tmp_path_factory.mktemp("labelled")
    text = load_plant("dual_path").text.replace(WIND, f"{WIND}label: 'PV, north', ")
    (folder / "plant.yaml").write_text(text, encoding="utf-8")
    return h2plant.run(folder / "plant.yaml", out=folder / "run", **DAY).folder


def test_label_of_a_source_takes_the_place_of_its_technology(labelled: Path, tmp_path: Path) -> None:
    own = h2plant.run("dual_path", out=tmp_path / "own", **DAY).summary
    summary = json.loads((labelled / "summary.json").read_text(encoding="utf-8"))
    figures, plain = summary["key_figures"], own["key_figures"]
    assert [name.replace("pv_north_mwh", "wind_mwh") for name in figures] == list(plain)
    assert list(figures.values()) == list(plain.values())
    assert figures_in(summary)["pv_north_mwh"].label == "PV, north energy"
    assert own["figures"] == {} and list(summary["figures"]) == ["pv_north_mwh"]
    console = Console(width=200, record=True, file=io.StringIO())
    print_summary(console, summary)
    assert "PV, north energy" in console.export_text()
    assert "PV, north energy" in headline(summary).html and "PV, north energy" in Results(labelled)._repr_html_()


@pytest.mark.parametrize(
    ("label", "wrong"),
    [("import", "key figure 'import_mwh' already"), ('""', "a line"), ("3 suns", "a line"), ("[a]", "a line"),
     ('"a\\nb"', "a line"), ("x" * 41, "a line"), ('"a\\0b"', "a line"), ('"a\\u202eb"', "a line")],
)  # fmt: skip
def test_label_that_cannot_be_is_a_finding(tmp_path: Path, label: str, wrong: str) -> None:
    text = load_plant("dual_path").text.replace(WIND, f"{WIND}label: {label}, ", 1)
    (tmp_path / "plant.yaml").write_text(text, encoding="utf-8")
    _, findings = read_plant(tmp_path / "plant.yaml")
    (finding,) = (f for f in findings if f.id == "bad-label")
    assert wrong in finding.what and finding.line == text[: text.index("label:")].count("\n") + 1


def test_tables_show_shares_in_per_cent() -> None:
    assert FIGURES["capacity_factor_pem_frac"].texts(0.5626) == ("56.3", "%")
    assert FIGURES["import_frac"].texts(0.0001525) == ("0.015", "%")
    assert FIGURES["water_kg_per_kg"].texts(12.188) == ("12.19", "kg/kg")
    cover = replace(FIGURES["capacity_factor_pem_frac"], id="debt_service_cover_ratio", format=".2f")
    assert cover.texts(1.334) == ("1.33", "1")


def test_no_source_may_take_the_name_of_another_figure() -> None:
    energy = {f.id.removesuffix("_mwh") for f in FIGURES.values() if f.id.endswith("_mwh") and not f.family}
    assert energy == ENERGY_FIGURES


def _run_as(plant: Plant, program: Any, n_steps: int) -> dict[str, float | None]:
    engine = SimulationEngineOptimized(program)
    engine.begin()
    keeper = Bookkeeper(program, engine.content())
    engine.run(n_steps)
    ledger, hours = keeper.close(engine.content()), n_steps * program.step_s / 3600.0
    return summarise(plant, program, ledger, hours, appraise_run(plant, program, ledger, hours))


def test_electrolysers_of_other_technologies_have_the_same_figures() -> None:
    """The PEM stack of the plant under another name, and figures of both where a plant has two technologies."""
    scenario = load_scenario("minimal_day")
    plant, program = prepare(scenario)
    own = _run_as(plant, program, 600)
    kind = KIND_BY_NAME["pem_stack"]
    role = replace(kind.role, technology="Alkaline", unit="cell", units="cells")
    toy = replace(kind, name="lye_stack", role=role)
    components = {id_: replace(c, kind=toy) if c.kind.name == kind.name else c for id_, c in plant.components.items()}
    other = replace(load_run(scenario), plant=replace(plant, components=components))
    found = _run_as(other.plant, other.program(), 600)
    assert [name.replace("alkaline", "pem") for name in found] == list(own)
    for one, other_one in zip(found.values(), own.values(), strict=True):  # summed in another order
        assert one == (pytest.approx(other_one, rel=1e-12) if isinstance(other_one, float) else other_one)
    assert sum("alkaline" in name for name in found) >= 5

    plant, program = prepare(replace(load_scenario("dual_path"), hours=1.0))
    own = _run_as(plant, program, 60)
    ids = [id_ for id_, c in plant.components.items() if c.kind.name == kind.name]
    two = dict(plant.components) | {ids[-1]: replace(plant.components[ids[-1]], kind=toy)}
    other = replace(load_run(replace(load_scenario("dual_path"), hours=1.0)), plant=replace(plant, components=two))
    found = _run_as(other.plant, other.program(), 60)
    assert found["starts_pem"] + found["starts_alkaline"] == own["starts_pem"]
    made = [found[f"hydrogen_{key}_kg"] for key in ("pem", "soec", "alkaline")]
    assert sum(made) == pytest.approx(own["hydrogen_made_kg"], rel=1e-12) == found["hydrogen_made_kg"]


def test_figures_say_what_they_read() -> None:
    assert quantities_of(FIGURES.values()) == set(QUANTITIES) - {"worn_frac"}  # years of a life alone
    for figure in FIGURES.values():
        assert figure.meaning.endswith(".") and figure.label and figure.group
        if isinstance(figure.form, Expression):
            assert all(name in FIGURES or name in QUANTITIES or name == "hours" for name in figure.form.of), figure.id
        elif not isinstance(figure.form, Appraised):
            assert figure.form is not None and figure.form.quantity in QUANTITIES
    assert figure_of("starts_alkaline").label == "starts, ALKALINE units"
    assert (
        figure_of("pv_mwh").unit == "MWh"
        and figure_of("hydrogen_cost") is figure_of("hydrogen_price_eur_per_kg") is None
    )


def test_summary_is_as_its_schema_says(labelled: Path) -> None:
    schema = json.loads(command("figures", "--schema").stdout)
    assert schema == json.loads(json.dumps(summary_schema()))
    summary = json.loads((labelled / "summary.json").read_text(encoding="utf-8"))
    assert _problems(summary, schema) == []
    for changed in ({"key_figures": {"nonsense": 1.0}}, {"hours": "many"}, {"missing": {"a": 1}}):
        assert _problems({**summary, **changed}, schema)
    assert _problems({k: v for k, v in summary.items() if k != "plant"}, schema)


def test_command_lists_figures_with_unit_and_meaning() -> None:
    text = command("figures", "water_kg").text
    assert "water_kg_per_kg" in text and "kg/kg" in text and "Chemistry alone needs 8.9" in text
    answer = command("figures", "watr_kg")
    assert answer.exit_code == 2 and "there is no figure 'watr_kg'" in answer.text


def test_several_sources_each_have_their_energy(tmp_path: Path) -> None:
    """A second farm with a label: the two figures add up to what both gave, by the log; one label counts together."""
    text = load_plant("dual_path").text.replace(
        "- wind.power -> main_bus.supplies", "- [wind.power, sun.power] -> main_bus.supplies"
    )
    for label, names in (("PV", ("wind_mwh", "pv_mwh")), ("wind", ("wind_mwh",))):
        sun = f"sun: {{kind: wind_farm, capacity_mw: 5, label: {label}}}\n  {WIND}"
        (tmp_path / "plant.yaml").write_text(text.replace(WIND, sun, 1), encoding="utf-8")
        results = h2plant.run(tmp_path / "plant.yaml", out=tmp_path / label, log_every_s=300, **DAY)
        figures = results.summary["key_figures"]
        assert {name for name in figures if name in ("wind_mwh", "pv_mwh")} == set(names)
        given_mwh = sum(results[f"{id_}.power_w"].sum() for id_ in ("wind", "sun")) * 300.0 / 3.6e9
        assert sum(figures[name] for name in names) == pytest.approx(given_mwh, rel=1e-9)
        assert figures["electricity_net_cost_eur"] > 0.0


def test_the_cost_of_hydrogen_is_shown_for_a_plant_of_few_kinds() -> None:
    """One kind of component with a cost, several kinds of cost: the run had ended in an error after its work."""
    cost = {"capital": 2.0, "electricity": 1.0, "upkeep": 0.5}
    for parts in ({}, {"stack": 3.5}, {"a": 2.0, "b": 1.0, "c": 0.5}, {"a": 2.0, "b": 1.0, "c": 0.25, "d": 0.25}):
        console = Console(width=80, record=True, file=io.StringIO())
        print_hydrogen_cost(
            console,
            {
                "by_kind_of_cost_eur_per_kg": cost,
                "by_kind_of_component_eur_per_kg": parts,
                "hydrogen_cost_eur_per_kg": {"closed_form": 3.5},
            },
        )
        text = console.export_text()
        assert all(name in text for name in (*cost, "3.500", *list(parts)[:2])), text
        assert ("and 2 more" in text) is (len(parts) > len(cost)), text
