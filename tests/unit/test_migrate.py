"""Old names are read with a note and rewritten where they stand; all else of the file stays as it is."""

from pathlib import Path

import pytest

from h2plant.config import renamed
from h2plant.config.load import read_plant
from h2plant.config.renamed import Renamed
from h2plant.config.scenario import load_scenario
from tests.command import assert_refused, h2plant

MAP = (
    Renamed("key", "zone", "timezone", "0.2.0", "plant"),
    Renamed("kind", "windmill", "wind_farm", "0.2.0"),
    Renamed("parameter", "size", "capacity", "0.2.0", "wind_farm"),
    Renamed("port", "electricity", "power", "0.2.0", "wind_farm"),
    Renamed("key", "span_h", "hours", "0.2.0", "scenario"),
    Renamed("figure", "h2_made", "hydrogen_made_kg", "0.2.0"),
)
PLANT = """\
# size, windmill and electricity in a comment stay
h2plant: 1
name: size
zone: Europe/Amsterdam
x-base: &farm {size_mw: 2}   # an anchor in a flow map
components:
  wind: {<<: *farm, kind: windmill}
  grid:
    kind: grid_connection
    import_limit_mw:   3
  bus: {kind: "power_bus"}
links:
  - wind.electricity -> bus.sources   # wind.electricity
  - [grid.power] -> bus.sources
"""
NEW = (
    PLANT.replace("size_mw", "capacity_mw")
    .replace("kind: windmill", "kind: wind_farm")
    .replace("zone:", "timezone:")
    .replace("- wind.electricity", "- wind.power")
)
SCENARIO = """\
h2plant: 1
name: day
plant: plant.yaml
'span_h': 24
set: {wind.size_mw: 3, "w*.size_kw": 4, grid.import_limit_mw: 1}
"""
STUDY = """\
h2plant: 1
study: s
scenario: day.yaml
parameters:
  - {path: wind.size_w.scale, range: [1, 2]}
outputs: [h2_made, {figure: h2_made, name: h2_made_again}, {column: wind.electricity, reduce: mean}]
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(renamed, "RENAMED", MAP)
    monkeypatch.chdir(tmp_path)
    for name, text in (("plant", PLANT), ("day", SCENARIO), ("study", STUDY)):
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_check_shows_and_writes_nothing(here: Path) -> None:
    answer = h2plant("migrate", "--check", "plant.yaml")
    assert answer.exit_code == 1 and Path("plant.yaml").read_text() == PLANT
    assert "-  wind: {<<: *farm, kind: windmill}" in answer.stdout
    assert "+  wind: {<<: *farm, kind: wind_farm}" in answer.stdout and "1 of 1 files to change" in answer.stdout


def test_a_plant_is_rewritten_where_the_names_stand(here: Path) -> None:
    assert h2plant("migrate", "plant.yaml").exit_code == 0
    assert Path("plant.yaml").read_text() == NEW
    again = h2plant("migrate", "--check", "plant.yaml")
    assert again.exit_code == 0 and "0 of 1" in again.stdout


def test_scenario_and_study_follow_the_kinds_of_their_plant(here: Path) -> None:
    assert h2plant("migrate", "study.yaml", "day.yaml", "plant.yaml").exit_code == 0
    assert Path("day.yaml").read_text() == SCENARIO.replace("size_", "capacity_").replace("span_h", "hours")
    assert Path("study.yaml").read_text() == (
        STUDY.replace("[h2_made", "[hydrogen_made_kg")
        .replace("figure: h2_made", "figure: hydrogen_made_kg")
        .replace("size_w", "capacity_w")
        .replace("wind.electricity", "wind.power")
    )


def test_line_ends_byte_order_mark_and_tabs_stay(here: Path) -> None:
    old = PLANT.replace("   # an anchor", "\t# an anchor").replace("\n", "\r\n")
    Path("plant.yaml").write_bytes(b"\xef\xbb\xbf" + old.encode())
    assert h2plant("migrate", "plant.yaml").exit_code == 0
    wanted = NEW.replace("   # an anchor", "\t# an anchor").replace("\n", "\r\n")
    assert Path("plant.yaml").read_bytes() == b"\xef\xbb\xbf" + wanted.encode()


def test_old_names_are_read_with_a_note_and_mean_the_new_ones(here: Path) -> None:
    old, found = read_plant("plant.yaml")
    notes = [f for f in found if f.id == "renamed"]
    assert {f.severity for f in notes} == {"note"} and [f.line for f in notes] == [4, 5, 7, 13]
    assert "h2plant migrate plant.yaml" in notes[0].remedy and notes[0].what.endswith("since 0.2.0")
    assert old is not None and set(notes) <= set(old.notes) and old.text == PLANT
    Path("plant.yaml").write_text(NEW, encoding="utf-8")
    new, found = read_plant("plant.yaml")
    assert not [f for f in found if f.id == "renamed"] and new is not None
    assert (old.digest, old.components["wind"].values) == (new.digest, new.components["wind"].values)
    scenario = load_scenario("day.yaml")
    assert scenario.hours == 24.0 and set(scenario.overrides) == {
        "wind.capacity_mw",
        "w*.capacity_kw",
        "grid.import_limit_mw",
    }


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a: [1\n", ("yaml-syntax",)),
        ("h2plant: 1\ncomponents:\n\twind: {kind: windmill}\n", ("yaml-tab", ":3:")),
        (
            PLANT.replace("kind: windmill", r'kind: "wind\x6dill"'),
            ("renamed", ":7:", "spelled with escapes", "wind_farm"),
        ),
        (PLANT.replace("bus: {", "bus: {<<: *farm, "), ("renamed", "components of other kinds", "capacity_mw")),
        ("\x00windmill", ("yaml-syntax",)),
    ],
)
def test_what_cannot_be_rewritten_is_a_finding_and_nothing_is_written(
    here: Path, text: str, parts: tuple[str, ...]
) -> None:
    Path("wrong.yaml").write_text(text, encoding="utf-8")
    answer = h2plant("migrate", "plant.yaml", "wrong.yaml")
    assert_refused(answer, "wrong.yaml", *parts)
    assert Path("wrong.yaml").read_text(encoding="utf-8") == text and Path("plant.yaml").read_text() == PLANT


def test_no_such_file_and_aliases_in_a_circle(here: Path) -> None:
    assert_refused(h2plant("migrate", "nowhere.yaml"), "no-such-file")
    Path("circle.yaml").write_text(
        "h2plant: 1\ncomponents: &a {wind: *a, w: {kind: windmill, <<: *a}}\n", encoding="utf-8"
    )
    assert_refused(h2plant("migrate", "circle.yaml"), "circle.yaml")
