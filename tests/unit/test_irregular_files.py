"""Wherever a user names a file, a FIFO and a device behind a link are refused at once, with the place."""

import os
from pathlib import Path

import pytest

from h2plant.config.starter import TEMPLATES
from tests.command import assert_refused, h2plant

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(os, "mkfifo") or not Path("/dev/zero").exists(), reason="no FIFOs or devices here"),
]

PLANT = (TEMPLATES / "starter.yaml").read_text(encoding="utf-8").replace("@NAME@", "mine")
DAY = "h2plant: 1\nname: day\nplant: mine.yaml\nstart: 2023-07-03\nhours: 3\n"
STUDY = "h2plant: 1\nstudy: s\nkind: sweep\nscenario: {}\ndesign: {{kind: grid}}\n"
STUDY += "parameters: [{{path: tank.n_vessels, values: [1]}}]\noutputs: [hydrogen_made_kg]\n"


@pytest.fixture(params=["fifo", "device"])
def bad(request, tmp_path, monkeypatch):
    """Make a name of a file that nobody may wait for."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text(PLANT)

    def make(name: str) -> None:
        if request.param == "fifo":
            os.mkfifo(name)
        else:
            os.symlink("/dev/zero", name)

    return make


@pytest.mark.parametrize(
    ("name", "file", "command"),
    [
        ("bad.yaml", "", ("check", "bad.yaml")),
        ("bad.yaml", DAY.replace("mine", "bad"), ("check", "day.yaml")),
        ("bad.yaml", "", ("sweep", "bad.yaml")),
        ("bad.yaml", STUDY.format("bad.yaml"), ("sweep", "day.yaml")),
        ("bad.yaml", "", ("calibrate", "bad.yaml")),
        ("bad.yaml", "", ("migrate", "bad.yaml")),
        ("bad.csv", DAY + "series: {price_eur_per_mwh: {file: bad.csv}}\n", ("run", "day.yaml")),
        ("bad.csv", "", ("fit", "bad.csv")),
        ("bad.csv", "", ("calibrate", "bad.csv", "--plant", "minimal", "--parameters", "stack.n_cells")),
        ("bad.py", PLANT + "kinds: [bad.py]\n", ("check", "day.yaml")),
        ("bad.toml", "", ("monitor", "--thresholds", "bad.toml")),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_file_that_is_none_is_refused(bad, name, file, command):
    bad(name)
    Path("day.yaml").write_text(file)
    assert_refused(h2plant(*command), name, "wanted a file", "name a regular file")


def test_results_that_are_none_are_refused(bad):
    os.mkdir("run")
    for part in ("log.parquet", "events.parquet", "ledger.parquet", "years.csv"):
        Path("run", part).write_text("")
    bad("run/summary.json")
    assert_refused(h2plant("report", "run"), "run:", "wanted a file")


def test_more_values_than_a_yaml_file_may_hold_are_refused_before_they_take_room(tmp_path, monkeypatch):
    monkeypatch.setattr("h2plant.config.yaml_source._MAX_SIZE", 1000)
    (tmp_path / "mine.yaml").write_text(f"h2plant: 1\nx-a: [{'1,' * 1000}]\n")
    assert_refused(h2plant("check", tmp_path / "mine.yaml"), "[too-large]", "more than 1,000 values", "file: prices")
