"""Folders that release 0.1.0 wrote: every command that reads results reads them, and says what that release said."""

import json
import shutil
import sqlite3
import tarfile
from pathlib import Path
from typing import Any

import pytest

import h2plant
from h2plant.dashboard.listing import Catalogue
from h2plant.report.page.life import Life
from h2plant.results.version import FORMAT, in_todays_form, version_of
from h2plant.session import history
from tests.command import assert_refused
from tests.command import h2plant as command

PACKED = Path(__file__).parents[1] / "data" / "v0.1.0" / "folders.tar.xz"
RUNS = ("day", "life/year_01", "life/year_02")


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(PACKED) as archive:
        archive.extractall(folder, filter="data")
    return folder


@pytest.fixture(scope="module")
def told(old: Path) -> dict[str, Any]:
    """What 0.1.0 itself read of these folders (tests/data/v0.1.0/said.py)."""
    content: dict[str, Any] = json.loads((old / "said.json").read_bytes())
    return content


@pytest.mark.parametrize("name", RUNS)
def test_what_is_read_is_what_that_release_read(old: Path, told: dict[str, Any], name: str) -> None:
    results, said = h2plant.Results(old / name), told[name]
    assert version_of(results.summary) == "0.1.0" and results.summary["format"] == 1 < FORMAT
    assert results.summary["key_figures"] == said["key_figures"]
    assert len(results) == said["n_rows"] and set(results.columns) == set(said["columns"])
    for column, of in said["columns"].items():
        values = results[column]
        assert (float(values.sum()), float(values[-1]), results.units[column]) == (of["sum"], of["last"], of["unit"])
    assert [list(row) for row in results.event_counts()] == said["event_counts"]
    sums = {
        n: float(sum(results.ledger.column(n).to_pylist())) for n in results.ledger.column_names if n != "component"
    }
    assert sums == said["ledger"]
    assert not results.warnings


def test_the_figures_are_those_that_were_printed(old: Path, told: dict[str, Any]) -> None:
    """The table that 0.1.0 printed after the run, against what is read of the folder."""
    figures = h2plant.Results(old / "day").summary["key_figures"]
    assert f"{figures['carbon_kg_per_kg']:.3f}" in told["run"]
    assert f"{figures['hydrogen_cost_eur_per_kg']:.3f}" in told["run"]
    carbon = h2plant.Results(old / "day").summary["economics"]["carbon"]
    label = carbon["labels"]["eu_limit"]
    assert (label["is_met"], label["kg_per_kg"]) == (False, figures["carbon_kg_per_kg"])
    assert f"EU limit {label['limit_kg_per_kg']:.2f}" in told["run"] and "is_below_limit" not in carbon


def test_every_command_that_reads_results_reads_them(old: Path, told: dict[str, Any], tmp_path: Path) -> None:
    day = shutil.copytree(old / "day", tmp_path / "day")
    life = shutil.copytree(old / "life", tmp_path / "life")
    for words in (
        ("report", day, "--out", tmp_path / "day.html"),
        ("report", life, "--out", tmp_path / "life.html"),
        ("compare", day, life / "year_01", "--out", tmp_path / "both.html"),
        ("export", day, "--csv", "--out", tmp_path / "day.csv"),
        ("export", day, "--excel", "--out", tmp_path / "day.xlsx"),
        ("plot", day, "stack.power.power_w", "--out", tmp_path / "day.png"),
        ("verify", day, life, old / "sweep"),
    ):
        answer = command(*words)
        assert answer.exit_code == 0, (words, answer)
    assert command("verify", old / "sweep").text.count("no checksums: written by an earlier version") == 1
    for page in ("day", "both"):
        assert f"{told['day']['key_figures']['hydrogen_made_kg']:,.0f}" in (tmp_path / f"{page}.html").read_text(
            "utf-8"
        )
    runs = {run.id: run for run in Catalogue(old).runs()}
    assert set(runs) == set(RUNS) and not any(run.reason for run in runs.values())
    assert runs["day"].figures == told["day"]["key_figures"]
    assert len(Life(life).years) == 2 and not [one for one in Life(life).results.values() if isinstance(one, str)]


def test_what_cannot_be_done_with_them_is_said(old: Path, tmp_path: Path) -> None:
    """Laws are those of this version; scenarios of a study that another code computed are not mixed with new ones."""
    day = shutil.copytree(old / "day", tmp_path / "day")
    assert_refused(command("audit", day), "written by h2plant 0.1.0", h2plant.__version__)
    sweep = shutil.copytree(old / "sweep", tmp_path / "sweep")
    answer = command("sweep", old / "sizes.yaml", "--out", sweep, "--threads", 1, "-q")
    assert_refused(answer, "of another version of h2plant", "--restart")


def test_the_history_is_read(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite3.connect(old / "home" / "history.sqlite") as database:
        said = database.execute("SELECT scenario, h2plant, loop_s FROM records ORDER BY rowid").fetchall()
    database.close()
    found = history.read(old / "home" / "history.sqlite")
    assert [(one.scenario, one.h2plant, one.loop_s) for one in found] == said and said
    monkeypatch.setenv("H2PLANT_HOME", str(old / "home"))
    assert command("monitor").exit_code in (0, 1)


def test_a_life_of_a_newer_version_is_refused(old: Path, tmp_path: Path) -> None:
    life = shutil.copytree(old / "life", tmp_path / "life")
    summary = json.loads((life / "summary.json").read_bytes())
    summary |= {"format": FORMAT + 1}
    summary["provenance"]["h2plant"] = "9.0"
    (life / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert_refused(command("report", life), "written by h2plant 9.0", f"this is h2plant {h2plant.__version__}")


def test_results_of_today_are_read_as_they_are() -> None:
    summary = {"format": FORMAT, "economics": {"carbon": {"is_below_limit": True}}}
    assert in_todays_form(dict(summary)) == summary
