"""Plant files of 0.1.0, whose rules knew one SOEC and one PEM line by name, are read as today's plants are written."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.config.two_lines import new_name, path_today
from h2plant.plant.graph import Link, Plant
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.program import Program
from h2plant.studies.study import load_study
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.target import FieldTarget
from tests.command import h2plant

OLD = Path(__file__).parents[1] / "data" / "v0.1.0" / "plants"
TODAY: dict[str, str | Path] = {"dual_path": OLD / "today" / "dual_path.yaml", "minimal": "minimal"}
"""The same plants in today's words: the bundled reference plant has gone on since."""
GIVEN_BEFORE = {
    "rule.purchase_limit_w": 10.0e6,
    **{"line.line_minimum_w": 0.25e6, "line.line_min_up_s": 600.0, "line.line_min_down_s": 300.0},
    **{"line.specific_energy_j_per_kg": 58.0 * 3.6e6, "line.cold_start_eur": 140.0},
}
"""Defaults that rules of 0.1.0 had, where the smallest plant leaves today's as they are."""
SIZES_BEFORE = {
    "steam_generator.metal_heat_capacity_j_per_k": 1.5e6,
    "steam_generator.loss_conductance_w_per_k": 60.0,
    "steam_generator.feed_max_kg_per_s": 2.0,
}
"""Defaults of 0.1.0 that follow from other sizes now; today's reference plant gives them."""
UNHEATED = {f"{id_}.frost_heater_w": 0.0 for id_ in ("thermal_manager", "pem_deoxidiser", "soec_deoxidiser")}
"""Heaters that 0.1.0 did not know."""


def wired(plant: Plant) -> set[tuple[str, str]]:
    """Return the ends of all links, those of open ports among them; of a source by its component alone."""

    def end(link: Link) -> tuple[str, str]:
        is_power = link.target.port == "available_power"
        return link.source.component if is_power else str(link.source), str(link.target)

    return {end(link) for link in (*plant.links, *plant.default_links())}


def all_values(plant: Plant) -> dict[str, float]:
    return {f"{c.id}.{name}": value for c in plant.components.values() for name, value in c.values.items()}


def ran(scenario: Any, hours: float = 2.0, **changes: Any) -> Program:
    _, program = prepare(changed_scenario(load_scenario(scenario), hours, "2023-03-14", **changes))
    engine = make_engine("optimized", program)
    engine.begin()
    engine.run(round(hours * 60))
    return program


def renamed(plant: Plant) -> list[str]:
    return [str(note) for note in plant.notes if note.id == "renamed"]


@pytest.mark.parametrize("name", ["dual_path", "minimal"])
def test_a_plant_of_0_1_0_is_todays_plant(name: str) -> None:
    is_small = name == "minimal"
    old = load_plant(OLD / f"{name}.yaml", {} if is_small else dict(SIZES_BEFORE))
    new = load_plant(TODAY[name], {} if is_small else dict(UNHEATED))
    assert wired(old) == {ends for ends in wired(new) if not ends[1].endswith(".frost_power")}
    values = all_values(new)
    if name == "minimal":
        values |= GIVEN_BEFORE
    assert all_values(old) == pytest.approx(values, rel=1e-15)
    order = [[str(link) for link in plant.links if link.target.port == "lines"] for plant in (old, new)]
    assert order[0] == order[1]  # lines are served in this order
    assert len(renamed(old)) == 1 and renamed(new) == []


@pytest.mark.long
@pytest.mark.parametrize(("name", "lines"), [("dual_path", ["soec_line", "pem_line"]), ("minimal", ["line"])])
def test_a_plant_of_0_1_0_runs_as_todays(name: str, lines: list[str]) -> None:
    is_small = name == "minimal"
    old = ran(OLD / f"{name}.yaml", overrides={} if is_small else dict(SIZES_BEFORE))
    new = ran(TODAY[name], overrides=dict(GIVEN_BEFORE if is_small else UNHEATED))
    for line in lines:
        assert old.value(f"{line}.setpoint_w") == pytest.approx(new.value(f"{line}.setpoint_w"), rel=1e-12)
    assert sum(new.value(f"{line}.setpoint_w") for line in lines) > 0.0
    totals = [{name: float(p.arrays.totals[slot]) for name, slot in p.slot_index.items()} for p in (old, new)]
    assert len(totals[0]) > 100 and totals[0] == pytest.approx({n: totals[1][n] for n in totals[0]}, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("plant", ["dual_path", OLD / "dual_path.yaml"], ids=["today", "old"])
def test_changes_under_old_names_reach_the_lines(plant: str | Path) -> None:
    changed = load_plant(
        plant,
        {
            "dispatch.pem_power_mw": 3,
            "dispatch.soec_min_up_min": 45,
            "dispatch.import_limit_mw": 7,
            "dispatch.is_soec_load_kept": 1,
        },
    )
    assert changed.components["pem_line"].values["line_power_w"] == pytest.approx(3e6)
    assert changed.components["soec_line"].values["line_min_up_s"] == pytest.approx(2700.0)
    assert changed.components["soec_line"].values["is_load_kept"] == 1.0
    assert changed.components["dispatch"].values["purchase_limit_w"] == pytest.approx(7e6)
    notes = [note for note in renamed(changed) if "set dispatch." in note]
    assert len(notes) == 4
    assert any("'dispatch.pem_power_mw' is 'pem_line.line_power_mw' now" in note for note in notes)


def test_of_two_changes_of_one_parameter_the_later_holds() -> None:
    """A study writes its value behind what the scenario set, under the name of today."""
    for first, last in (("dispatch.pem_power_mw", "pem_line.line_power_kw"), ("pem_line.line_power_kw",) * 2):
        changes: dict[str, str | float] = {first: 3.0, last: 4000.0}
        assert load_plant("dual_path", changes).components["pem_line"].values["line_power_w"] == pytest.approx(4e6)
    changes = {"pem_line.line_power_kw": 4000.0, "dispatch.pem_power_mw": 3.0}
    assert load_plant("dual_path", changes).components["pem_line"].values["line_power_w"] == pytest.approx(3e6)


def test_a_line_that_the_plant_does_not_have_is_told() -> None:
    plant = load_plant("minimal", {"rule.soec_power_mw": 3, "rule.pem_power_mw": 0.5})
    assert plant.components["line"].values["line_power_w"] == pytest.approx(0.5e6)
    assert any("'rule.soec_power_mw' says nothing" in note for note in renamed(plant))


@pytest.mark.parametrize(
    ("old", "today"),
    [
        ("soec_power_w", ("soec", "line_power_w")),
        ("pem_ramp_up_kw_per_s", ("pem", "line_ramp_up_kw_per_s")),
        ("pem_min_down_min", ("pem", "line_min_down_min")),
        ("soec_standby_kw", ("soec", "standby_kw")),
        ("pem_load_frac", ("pem", "constant_load_frac")),
        ("soec_reserve_frac", ("soec", "reserve_load_frac")),
        ("pem_price_limit_eur_per_mwh", ("pem", "price_limit_eur_per_mwh")),
        ("is_pem_bought_for", ("pem", "is_bought_for")),
        ("import_limit_mw", ("", "purchase_limit_mw")),
        ("soec_banana", None),
        ("throttle_level_frac", None),
    ],
)
def test_names_of_old(old: str, today: tuple[str, str] | None) -> None:
    assert new_name(old) == today


def test_paths_of_studies_are_followed(tmp_path: Path) -> None:
    study = tmp_path / "sizes.yaml"
    study.write_text(
        "h2plant: 1\nstudy: sizes\nkind: sweep\nscenario: dual_path\nhours: 24\nparameters:\n"
        "  - {name: size, path: dispatch.pem_power_mw, values: [3, 5]}\n"
        "  - {path: [dispatch.soec_power_w.scale, dispatch.soec_minimum_w.scale], tied_to: size, factor: 0.2}\n"
        "  - {name: most, path: dispatch.import_limit_mw, values: [4]}\n"
        "design: {kind: grid}\noutputs: [hydrogen_made_kg]\n",
        encoding="utf-8",
    )
    prepared = PreparedStudy(load_study(study))
    places = [(c, f.name) for t in prepared.targets.values() if isinstance(t, FieldTarget) for c, f, _ in t.places]
    assert places == [
        ("pem_line", "line_power_w"),
        ("soec_line", "line_power_w"),
        ("soec_line", "line_minimum_w"),
        ("dispatch", "purchase_limit_w"),
    ]
    told = [note for note in prepared.notes if "'line_controller'" in note or "now" in note]
    assert len(told) == 4 and any("'dispatch.pem_power_mw' is 'pem_line.line_power_mw' now" in note for note in told)
    plant = load_plant("minimal")
    for path in ("line.line_power_mw", "tank.n_vessels", "rule.soec_power_mw", "rule", "economics.real_rate_frac"):
        assert path_today(path, plant) == path


def test_a_study_of_old_runs(tmp_path: Path) -> None:
    study = tmp_path / "load.yaml"
    study.write_text(
        "h2plant: 1\nstudy: load\nkind: sweep\nscenario: minimal_day\nhours: 3\nparameters:\n"
        "  - {path: rule.pem_power_mw, values: [0.5, 1.0]}\n"
        "design: {kind: grid}\noutputs: [hydrogen_made_kg]\n",
        encoding="utf-8",
    )
    answer = h2plant("sweep", study, "--out", tmp_path / "out", "--quiet")
    assert answer.exit_code == 0, answer


def test_a_set_point_for_electrolysers_themselves_gets_a_controller_between(tmp_path: Path) -> None:
    """The rule gave its set point to the stack; now a controller stands between that passes it on as it is."""
    text = (OLD / "minimal.yaml").read_text(encoding="utf-8")
    for old, new in (
        ("  line: {kind: line_controller, unit_power_mw: 1, min_load_frac: 0.2}\n", ""),
        ("  - line.unit_setpoints -> stack.setpoint\n", ""),
        ("rule.pem_setpoint -> line.setpoint", "rule.pem_setpoint -> stack.setpoint"),
        ("  - stack.hours -> line.unit_hours\n  - stack.ready -> line.unit_ready\n", ""),
    ):  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    file = tmp_path / "direct.yaml"
    file.write_text(text, encoding="utf-8")
    plant, findings = read_plant(file)
    assert plant is not None and [f.severity for f in findings] == ["note"], findings
    assert [str(link) for link in plant.links if "rule_pem_line" in str(link)] == [
        "rule_pem_line.unit_setpoints -> stack.setpoint",
        "rule_pem_line.line -> rule.lines",
    ]
    program = ran(file, 1.0)
    assert program.value("rule_pem_line.setpoint_w") == program.value("rule_pem_line.unit_setpoint_w") == 1.1e6


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("unit_power_mw: 1,", "unit_power_mw: 1, line_power_mw: 0.5,"),
        ("rule.pem_setpoint -> line.setpoint", "rule.pem_setpoint -> [line.setpoint, stack.setpoint]"),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused(tmp_path: Path, old: str, new: str) -> None:
    """A power given in both forms; a set point that several components took whole."""
    text = (OLD / "minimal.yaml").read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "both.yaml"
    file.write_text(text.replace(old, new), encoding="utf-8")
    _, findings = read_plant(file)
    assert "two-forms" in {f.id for f in findings if f.severity == "error"}


def test_links_for_a_line_that_is_not_there_go(tmp_path: Path) -> None:
    text = (OLD / "minimal.yaml").read_text(encoding="utf-8").replace("kind: price_threshold", "kind: planned")
    text = text.replace("  price_eur", "  plan_mw: {constant: 0.4}\n  none_mw: {constant: 0}\n  price_eur", 1)
    links = "links:\n  - series.plan_mw -> rule.pem_plan\n  - series.none_mw -> rule.soec_plan\n"
    file = tmp_path / "planned.yaml"
    file.write_text(text.replace("links:\n", links + "  - series.plan_mw -> rule.purchase_plan\n"), encoding="utf-8")
    plant = load_plant(file)
    assert [str(link) for link in plant.links if link.target.port == "plans"] == ["series.plan_mw -> rule.plans"]


OLD_RULE = (
    "def decide(price_eur_per_mwh, wind_w, soec_power_w, pem_power_w, import_limit_w, memory):\n"
    "    memory[0] = soec_power_w\n    memory[1] = pem_power_w\n    memory[2] = import_limit_w\n"
    "    return 0.5 * soec_power_w, 0.8 * pem_power_w\n"
)


@pytest.mark.long
@pytest.mark.parametrize("name", ["dual_path", "minimal"])
@pytest.mark.parametrize("of_old", [False, True])
def test_a_rule_of_old_finds_its_lines(tmp_path: Path, name: str, of_old: bool) -> None:
    """A rule that returns (soec_w, pem_w) runs in a plant of old and in one of today, whatever lines it has."""
    file = tmp_path / f"{name}.yaml"
    shutil.copy(OLD / file.name if of_old else load_plant(name).file, file)
    text = file.read_text(encoding="utf-8")
    kind = "hybrid_arbitrage, hydrogen_value_eur_per_kg: 9.6, grid_hydrogen_value_eur_per_kg: 2.0"
    kind = kind if name == "dual_path" else "price_threshold"
    assert f"kind: {kind}" in text
    file.write_text(text.replace(f"kind: {kind}", "kind: user_rule, file: 'rule.py:decide'"), encoding="utf-8")
    (tmp_path / "rule.py").write_text(OLD_RULE, encoding="utf-8")
    program = ran(file, 1.0)
    soec, pem = (12e6 if of_old else 15e6, 5.2e6) if name == "dual_path" else (0.0, 1.1e6)
    assert [program.value(f"rule.memory_{k}" if name == "minimal" else f"dispatch.memory_{k}") for k in (0, 1)] == [
        pytest.approx(soec),
        pytest.approx(pem),
    ]
    line = "pem_line" if name == "dual_path" else "line"
    assert program.value(f"{line}.setpoint_w") == pytest.approx(0.8 * pem)
    if name == "dual_path":
        assert program.value("soec_line.setpoint_w") == pytest.approx(0.5 * soec)


def test_calibration_follows_paths_of_old() -> None:
    from h2plant.fitting.calibration import _targets

    targets, findings = _targets(load_plant("dual_path"), ["dispatch.pem_power_w"])
    assert not findings and targets[0].fields == ("pem_line.line_power_w",)
