"""The gallery: each plant has its section, picture, table and command, and is found by name."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from docs.gallery_pictures import PAGE, PLANTS, full_label, gallery_plant, table_in, with_table
from h2plant.cli import app
from h2plant.config.bundled import bundled_plants, bundled_scenarios
from h2plant.config.load import load_plant

TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PLANTS)
def test_a_plant_of_the_gallery_has_all_that_belongs_to_it(name: str) -> None:
    assert name in bundled_plants() and name not in bundled_scenarios()
    plant = gallery_plant(name)
    section = TEXT.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    assert plant.command(name) in section
    assert f"](pictures/{name}.png)" in section
    assert f"h2plant/plants/{name}.yaml)" in section
    rows = table_in(section, name).splitlines()[2:]
    labels = [row.split(" | ")[0].removeprefix("| ") for row in rows]
    assert labels[:-2] == [full_label(id_) for id_ in plant.figures]
    assert (Path(__file__).parent / f"test_{name}.py").is_file()


def test_a_part_of_a_figure_is_named_after_the_whole() -> None:
    assert full_label("hydrogen_made_kg") == "hydrogen made"
    assert full_label("balance_of_plant_mwh") == "electricity used, of which balance of plant"
    assert full_label("rfnbo_hourly_frac").endswith("(RFNBO, by month), by the hour, as from 2030")


def test_every_bundled_plant_stands_on_the_page() -> None:
    for name in bundled_plants():
        assert f"h2plant/plants/{name}.yaml)" in TEXT, name


def test_a_table_takes_the_place_of_the_one_before() -> None:
    page = "# a\n<!-- figures of x -->\n\n| old |\n\n<!-- end of x -->\nb\n"
    once = with_table(page, "x", "| new |\n")
    assert table_in(once, "x") == "| new |\n" and "old" not in once and once.endswith("b\n")
    assert with_table(once, "x", "| new |\n") == once
    with pytest.raises(AssertionError, match="no place for the figures of y"):
        with_table(page, "y", "| new |\n")


def test_the_command_lists_and_copies_plants(tmp_path: Path) -> None:
    command = CliRunner()
    listed = command.invoke(app, ["plants"])
    assert listed.exit_code == 0
    lines = listed.output.splitlines()
    assert [line.split()[0] for line in lines if not line.startswith(" ")] == bundled_plants()
    assert all(len(line) <= 80 and not line.endswith(".") for line in lines), listed.output
    one = command.invoke(app, ["plants", "minimal"])
    assert "One 1 MW PEM stack" in one.output and "h2plant run minimal --hours 8760" in one.output
    file = tmp_path / "mine.yaml"
    assert command.invoke(app, ["plants", "dual_path", "--copy", str(file)]).exit_code == 0
    copied, bundled = load_plant(file), load_plant("dual_path")
    assert copied.name == "mine" and copied.components.keys() == bundled.components.keys()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["plants", "minimall"], "did you mean 'minimal'?"),
        (["plants", "minimal", "--copy", "there.yaml"], "is there already"),
        (["plants", "there.yaml"], "is no bundled plant"),
    ],
)
def test_wrong_names_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], says: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("there.yaml").write_text("mine", encoding="utf-8")
    answer = CliRunner().invoke(app, words)
    assert answer.exit_code == 2 and says in answer.output, answer.output
    assert Path("there.yaml").read_text(encoding="utf-8") == "mine"
