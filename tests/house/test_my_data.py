"""The page 'My data': its files are read as it says, and its commands print what it shows."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from h2plant.config.series_entry import parse_all_series
from h2plant.config.series_reader import load_series
from h2plant.config.yaml_source import read_yaml
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import series_unit
from tests.command import h2plant

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "my_data.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.M | re.S)

# by hand from the files on the page: first instant, s between values, values in the unit of the name
READ = {
    "wind_power_pu: log.csv": (datetime(2023, 4, 3, 13), 3600, [0.25, 0.75]),
    "price_eur_per_mwh: market.csv": (datetime(2023, 3, 6, 21), 3600, [1012, 1234, 987]),
    "price_eur_per_mwh: auctions.csv": (datetime(2023, 3, 6), 3600, [104, 96]),
    "wind_power_pu: farm.csv": (datetime(2023, 3, 6), 900, [0.25, 0.5, 0.55]),
    "co2_price_eur_per_t: allowances.csv": (datetime(2023, 3, 6), 86400, [92.5, 94.25]),
    "temp_air_degc: typical.csv": (datetime(2023, 1, 1), 3600, [2, 3, 4, 5]),
}


@pytest.fixture
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, str]]:
    """The page's blocks, those with the name of a file written into the folder of the test."""
    monkeypatch.chdir(tmp_path)
    found = [(kind, title, text) for kind, title, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]
    for kind, title, text in found:
        if kind in ("csv", "yaml") and title:
            (tmp_path / title).write_text(text, encoding="utf-8")
    plants = re.findall(r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text(encoding="utf-8"), re.M | re.S)
    (turbine,) = (plant for plant in plants if "name: turbine" in plant)
    (tmp_path / "turbine.yaml").write_text(turbine, encoding="utf-8")
    return found


def test_commands_print_what_the_page_shows(blocks: list[tuple[str, str, str]]) -> None:
    commands = [(title, text) for kind, title, text in blocks if kind == "text"]
    assert [title.split()[1] for title, _ in commands] == ["look", "look", "check"]
    for title, text in commands:
        assert h2plant(*title.split()[1:]).stdout.strip() == text.strip(), title


def test_files_are_read_as_the_page_says(blocks: list[tuple[str, str, str]], tmp_path: Path) -> None:
    read = {}
    for kind, title, text in blocks:
        if kind != "yaml" or title:
            continue
        file = tmp_path / "entry.yaml"
        file.write_text(text, encoding="utf-8")
        findings: list[Finding] = []
        node = read_yaml(file, findings)
        assert node is not None and node.entries is not None
        specs = parse_all_series(node.entries["series"].node, file, findings)
        assert not findings, findings
        for name, spec in specs.items():
            assert spec.file is not None
            start, step_s, values = READ[f"{name}: {spec.file.name}"]
            held = spec if spec.how.stamps is None else replace(spec, mode="hold")  # each value from its begin on
            series = load_series({name: held}, start.replace(tzinfo=UTC), step_s * len(values))[name]
            unit = series_unit(name)
            assert unit is not None and (series.resolution_s, series.offset_s) == (step_s, 0)
            shown = (series.values[: len(values)] - unit.offset) / unit.factor
            assert shown.tolist() == pytest.approx(values)
            read[f"{name}: {spec.file.name}"] = values
    assert read.keys() == READ.keys()
