"""Names that would lead elsewhere, or do something in a terminal, are findings; so is a file that is no plant."""

from pathlib import Path

import pytest

from h2plant.config.load import read_plant
from h2plant.config.scenario import read_scenario
from h2plant.config.starter import TEMPLATES
from h2plant.core.name import name_problem, sign_problem
from h2plant.plant.finding import Finding, PlantError
from h2plant.studies.study import load_study
from tests.command import assert_refused, h2plant

BAD = {
    "../x": "separator",
    "a/b": "separator",
    "a\\b": "separator",
    "..": "leads out",
    ".": "the folder itself",
    "a\x1b[31mb": "U+001B",
    "a\x00b": "U+0000",
    "a\nb": "U+000A",
    "a\u202eb": "U+202E",
    "a\u2028b": "U+2028",
    "CON": "a device",
    "nul.txt": "a device",
    "Com1": "a device",
    " ": "blank",
    "x" * 101: "101 signs",
}
PLANT = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace('"@NAME@"', "@NAME@")


def quoted(name: str) -> str:
    """Return a text as YAML has it in double quotes."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in name) + '"'


@pytest.mark.parametrize("name", BAD)
def test_a_bad_name_is_known(name: str) -> None:
    assert BAD[name] in name_problem(name)


@pytest.mark.parametrize("name", ["iberia", "Base case 2.0", "Größe-1", "氢 plant", "concert", "a.b"])
def test_a_good_name_is_taken(name: str) -> None:
    assert name_problem(name) == "" and sign_problem(name) == ""


@pytest.mark.parametrize("name", BAD)
def test_plants_scenarios_studies_and_series_refuse_it(name: str, tmp_path: Path) -> None:
    def written(text: str) -> Path:
        file = tmp_path / "one.yaml"
        file.write_text(text.replace("@NAME@", quoted(name)), encoding="utf-8")
        return file

    def told(findings: list[Finding] | tuple[Finding, ...], where: str) -> None:
        found = next(f for f in findings if f.id == "bad-name" and f.where.startswith(where))
        assert BAD[name] in found.what and found.line > 0 and found.remedy
        assert not set(str(found)) & set("\x00\x1b\u202e")

    told(read_plant(written(PLANT))[1], "name")
    told(read_scenario(written("h2plant: 1\nname: @NAME@\nplant: minimal\n"))[1], "name")
    series = "h2plant: 1\nname: x\nplant: minimal\nseries:\n  @NAME@: {constant: 1}\n"
    told(read_scenario(written(series))[1], "series")
    study = "h2plant: 1\nstudy: @NAME@\nkind: sweep\nscenario: minimal\ndesign: {kind: grid}\n"
    study += "parameters: [{path: tank.n_vessels, values: [1, 2]}]\noutputs: [hydrogen_made_kg]\n"
    with pytest.raises(PlantError) as refused:
        load_study(written(study))
    told(refused.value.findings, "study")


def test_a_parameter_of_a_study_may_be_called_by_its_unit_and_not_by_a_command(tmp_path: Path) -> None:
    study = "h2plant: 1\nstudy: s\nkind: sweep\nscenario: minimal\ndesign: {kind: grid}\n"
    study += "parameters: [{name: @NAME@, path: tank.n_vessels, values: [1, 2]}]\noutputs: [hydrogen_made_kg]\n"
    file = tmp_path / "study.yaml"
    file.write_text(study.replace("@NAME@", '"vessels/bank"'), encoding="utf-8")
    assert load_study(file).parameters[0].name == "vessels/bank"
    file.write_text(study.replace("@NAME@", '"a\\e[2Jb"'), encoding="utf-8")
    with pytest.raises(PlantError, match="U\\+001B"):
        load_study(file)


SECRET = "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n"


def test_a_file_that_is_no_plant_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "passwords").write_text(SECRET, encoding="utf-8")
    (tmp_path / "keys.yaml").write_text("api_key: hunter2\nuser: root\n", encoding="utf-8")
    for named in ("passwords", "keys.yaml"):
        (tmp_path / "day.yaml").write_text(f"h2plant: 1\nname: day\nplant: ./{named}\n", encoding="utf-8")
        answer = h2plant("check", tmp_path / "day.yaml")
        assert_refused(answer, named)
        assert not any(word in answer.text for word in ("nologin", "daemon", "hunter2", "api_key"))


def test_economics_in_a_scenario_are_sent_to_where_they_go(tmp_path: Path) -> None:
    text = "h2plant: 1\nname: x\nplant: minimal\neconomics: {tax_frac: 0.3}\n"
    (tmp_path / "day.yaml").write_text(text, encoding="utf-8")
    (found,) = read_scenario(tmp_path / "day.yaml")[1]
    assert found.id == "unknown-key" and "'set: {economics.<name>: <value>}'" in found.remedy


def test_a_series_is_not_called_as_that_of_a_fault(tmp_path: Path) -> None:
    text = "h2plant: 1\nname: x\nplant: minimal\nseries: {outage_stack_frac: {constant: 0.3}}\n"
    text += "faults: {f: {component: stack, from_h: 1, to_h: 2}}\n"
    (tmp_path / "day.yaml").write_text(text, encoding="utf-8")
    answer = h2plant("check", tmp_path / "day.yaml")
    assert_refused(answer, "day.yaml:4: [name-taken] series.outage_stack_frac", "another name")
