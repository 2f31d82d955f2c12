"""The page of a run over several years: the years side by side, wear, replacements, links that lead to each year."""

import csv
import json
import re
import shutil
from pathlib import Path

import pytest

from h2plant.report.page.life import Life, is_life
from h2plant.results import Results
from h2plant.results.checksums import SUMS
from h2plant.results.folder import require_writable
from tests.command import assert_refused, leftovers
from tests.command import h2plant as command
from tests.folders import open_copy

pytestmark = pytest.mark.long

pytest.importorskip("plotly")
# wears out in some 2300 hours at full current: in the second year
RUN = ("run", "minimal", "--hours", 8760, "--step-s", 3600, "--log-every", "24h", "--years", 3, "--report", "--quiet")
WORN = ("--set", "stack.degradation_v_per_s=2.6e-8")


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("life") / "run"
    answer = command(*RUN, *WORN, "--out", folder)
    assert answer.exit_code == 0, answer.text
    return folder


@pytest.fixture
def copy(life: Path, tmp_path: Path) -> Path:
    return open_copy(life, tmp_path / "copy")


def _text(file: Path) -> str:
    text = file.read_text(encoding="utf-8")
    assert file.stat().st_size < 8_000_000
    return text


def _rows(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "years.csv").read_text(encoding="utf-8").splitlines()))


def test_run_writes_the_page_of_all_years(life: Path) -> None:
    text = _text(life.with_name("run-report.html"))
    assert leftovers(life.parent) == []
    ids = re.findall(r' id="([^"]+)"', text)
    assert {"figures", "years", "wear", "money", "each", "provenance", "year-1", "year-2", "year-3"} <= set(ids)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'<a href="#([^"]+)"', text))
    assert {"year-1", "year-2", "year-3"} <= targets <= set(ids)
    assert "Not shown" not in text
    assert "h2plant run minimal" in text and "--years 3" in text and "h2plant report" in text
    for row in _rows(life):
        assert f"{float(row['hydrogen_made_kg']) / 1e3:,.1f}" in text


def test_a_life_that_lost_its_checksums_says_so(life: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(life, tmp_path / "copy"))
    (copy / SUMS).unlink()
    assert "SHA256SUMS is missing" in command("verify", copy).text
    assert command("report", copy).exit_code == 0
    assert "SHA256SUMS is missing" in _text(tmp_path / "copy-report.html")


def test_wear_of_a_stack_is_that_of_the_log(life: Path) -> None:
    rows = _rows(life)
    run = Life(life)
    (stack,) = run.stacks("pem")
    assert stack == "stack" and run.stacks("soec") == {}
    time, share = run.wear(stack, run.stacks("pem")[stack])
    n = len(Results(life / "year_01"))
    assert time.size == share.size == 3 * n
    assert time[-1] == pytest.approx(3.0) and 0.0 <= share.min() and share.max() <= 1.0
    at_ends = share[n - 1 :: n]
    assert at_ends == pytest.approx([float(row["wear_pem_frac"]) for row in rows], rel=1e-9)
    falls = (share[1:] < share[:-1] - 0.5).sum()
    assert falls == sum(int(row["replacements_pem"]) for row in rows) == 1


def test_page_of_one_year_and_of_the_years_by_command(copy: Path) -> None:
    assert is_life(copy) and not is_life(copy / "year_01")
    answer = command("report", copy)
    assert answer.exit_code == 0 and "copy-report.html" in answer.stdout
    assert command("report", copy / "year_01", "--no-minutes").exit_code == 0
    assert "no plant.yaml" not in _text(copy / "year_01-report.html")  # it is that of all years
    require_writable(copy)  # the page of a year beside it does not keep the years from being run again
    assert_refused(command("report", copy, "--week", "2023-W08"), "have no week", "year_01")


def test_damaged_years_are_said_in_their_place(copy: Path) -> None:
    (copy / "year_02" / "log.parquet").write_bytes(b"no parquet")
    (copy / "year_03" / "summary.json").unlink()
    assert command("report", copy).exit_code == 0
    text = _text(copy.with_name("copy-report.html"))
    assert len(re.findall("Not shown: [^<]*damaged results", text)) == 1
    assert len(re.findall("Not shown: [^<]*summary.json is missing", text)) == 1
    assert "Years 2, 3 cannot be read and are left out." in text
    summary = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    for year in summary["years"]:
        del year["wear"]
    (copy / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert command("report", copy).exit_code == 0
    assert "of an older version" in _text(copy.with_name("copy-report.html"))
    (copy / "summary.json").write_text("{", encoding="utf-8")
    assert_refused(command("report", copy), "no years that can be read", "run them again")


def test_text_from_files_is_escaped(copy: Path) -> None:
    summary = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    harmful = "<script>alert(1)</script>"
    summary |= {"scenario": harmful, "plant": harmful, "is_complete": False, "stopped_by": harmful}
    summary["years"][0]["replaced"] = {harmful: 2}
    (copy / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    assert command("report", copy).exit_code == 0
    text = _text(copy.with_name("copy-report.html"))
    assert harmful not in text and text.count("&lt;script&gt;alert(1)") >= 4
