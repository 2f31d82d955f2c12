"""A study of sensitivity: its file, the tornado of the page, and what is wrong with a bad one."""

import json
from pathlib import Path

import pytest
from pydantic import ValidationError

import h2plant
from h2plant import ResultsError
from h2plant.report.page.tornado import MOST_BARS, tornado
from h2plant.report.sensitivity_file import Sensitivity, Swing, read_sensitivity, write_sensitivity
from h2plant.results.checksums import SUMS
from h2plant.results.folder import require_writable
from tests.command import assert_refused, leftovers
from tests.command import h2plant as command

pytestmark = pytest.mark.long

RATE = Swing(path="economics.real_rate_frac", low=0.04, high=0.1, base=0.07, output_at_low=6.9, output_at_high=9.8)
SIZE = Swing(path="wind.capacity_mw", unit="MW", low=20, high=40, output_at_low=8.9, output_at_high=7.9)
ONE_WAY = Swing(path="stack.rated_power_mw", unit="MW", low=0.8, high=1.2, output_at_low=8.6, output_at_high=8.4)
FAILED = Swing(path="tank.n_vessels", low=1, high=8, output_at_low=None, output_at_high=8.3)


def _study(*swings: Swing, base: float = 8.2) -> Sensitivity:
    return Sensitivity(output="hydrogen_cost_eur_per_kg", unit="EUR/kg", base=base, parameters=swings)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = h2plant.run("minimal_day", hours=6, out=tmp_path_factory.mktemp("study") / "run").folder
    (folder / SUMS).unlink()  # as of earlier versions: damage of the study is not found by its checksum
    return folder


def _write(folder: Path, *swings: Swing) -> Path:
    what = {"output": "hydrogen_cost_eur_per_kg", "unit": "EUR/kg", "base": 8.2, "label": "cost of hydrogen"}
    return write_sensitivity(folder, parameters=swings, note="by hand", **what)


def test_file_comes_back_as_written(run: Path) -> None:
    file = _write(run, RATE, SIZE, FAILED)
    study = read_sensitivity(file)
    assert study.parameters == (RATE, SIZE, FAILED)
    assert (study.base, study.unit, study.label, study.note) == (8.2, "EUR/kg", "cost of hydrogen", "by hand")
    require_writable(run)  # a folder with a study may be replaced by the same run made again
    assert leftovers(run.parent) == []


def test_bars_reach_from_the_base_to_the_outputs() -> None:
    figure = tornado(_study(SIZE, RATE, ONE_WAY, FAILED))
    low, high = figure["data"]
    assert low["y"] == ["economics\nreal_rate_frac", "wind\ncapacity_mw", "stack\nrated_power_mw"]
    assert [low["base"] + x for x in low["x"]] == pytest.approx([6.9, 8.9, 8.6])
    assert [high["base"] + x for x in high["x"]] == pytest.approx([9.8, 7.9, 8.4])
    assert low["text"] == ["0.04", "20", "0.8, 1.2"] and high["text"] == ["0.1", "40", ""]
    first, last = figure["layout"]["xaxis"]["range"]
    assert first < 6.9 and last > 9.8


def test_only_the_widest_are_drawn() -> None:
    swings = [
        Swing(path=f"a.p{k}", low=0, high=1, output_at_low=8.2 - k, output_at_high=8.2 + k)
        for k in range(MOST_BARS + 5)
    ]
    drawn = tornado(_study(*swings))["data"][0]["y"]
    assert drawn == [f"a\np{k}" for k in range(MOST_BARS + 4, 4, -1)]


def test_flat_study_has_a_chart_with_a_width() -> None:
    flat = Swing(path="a.b", low=0, high=1, output_at_low=8.2, output_at_high=8.2)
    first, last = tornado(_study(flat))["layout"]["xaxis"]["range"]
    assert first < 8.2 < last


def test_page_shows_the_study_of_its_folder_or_of_a_file(run: Path, tmp_path: Path) -> None:
    pytest.importorskip("plotly")
    file = _write(run, RATE, SIZE)
    page = tmp_path / "page.html"
    assert command("report", run, "--out", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert 'id="sensitivity"' in text and "wind.capacity_mw" in text and "Tornado chart of cost of hydrogen" in text
    elsewhere = tmp_path / "study.json"
    elsewhere.write_text(
        file.read_text(encoding="utf-8").replace("wind.capacity_mw", "wind.<i>x</i>"), encoding="utf-8"
    )
    assert command("report", run, "--sensitivity", elsewhere, "--out", page).exit_code == 0
    text = page.read_text(encoding="utf-8")
    assert "<i>x" not in text and "wind.&lt;i&gt;x" in text
    assert f"--sensitivity {elsewhere}" in text
    file.write_text("{", encoding="utf-8")  # damaged: the page says so in its place
    assert command("report", run, "--out", page).exit_code == 0
    assert "not a study of sensitivity" in page.read_text(encoding="utf-8")
    file.unlink()
    assert command("report", run, "--out", page).exit_code == 0
    assert 'id="sensitivity"' not in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"parameters": []}, "parameters"),
        ({"base": "ten"}, "base"),
        ({"format": 2}, "format"),
        ({"colour": 1}, "colour"),
    ],
)
def test_bad_file_is_refused_with_the_entry(run: Path, tmp_path: Path, change: dict, message: str) -> None:
    good = json.loads(_study(RATE).model_dump_json())
    file = tmp_path / "study.json"
    file.write_text(json.dumps({**good, **change}), encoding="utf-8")
    page = tmp_path / "page.html"
    assert_refused(
        command("report", run, "--sensitivity", file, "--out", page), "not a study", message, "docs/report.md"
    )
    assert not page.exists()


def test_missing_file_and_foreign_folder_are_refused(run: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    assert_refused(command("report", run, "--sensitivity", tmp_path / "no.json", "--out", page), "cannot be read")
    with pytest.raises(ResultsError, match="not a results folder"):
        _write(tmp_path, RATE)


def test_senseless_studies_are_refused() -> None:
    with pytest.raises(ValidationError, match="must be below"):
        Swing(path="a.b", low=1.0, high=1.0, output_at_low=1.0, output_at_high=2.0)
    with pytest.raises(ValidationError, match="stands there twice"):
        _study(RATE, RATE)
    with pytest.raises(ValidationError):
        _study(RATE, base=float("nan"))
