"""What an audit leads to: exit codes, folders, studies that never rank a point that breaks a law, the report."""

import csv
import inspect
import json
import random
import re
import shutil

import pytest

import h2plant
from h2plant import Results
from h2plant.components import truck_loading
from h2plant.config.bundled import PLANTS
from tests.command import h2plant as command
from tests.folders import open_copy

pytestmark = pytest.mark.long

SWEEP = """
h2plant: 1
study: faults
kind: sweep
scenario: my_plant.yaml
start: 2023-07-03
hours: 24
parameters:
  - {name: fault, path: trailers.fault_frac, values: [0.01, 0.0]}
design: {kind: grid}
outputs: [hydrogen_revenue_eur, hydrogen_made_kg]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A plant whose trailers pay more than their price by a parameter: at both ends, so that the ledger closes."""
    folder = tmp_path_factory.mktemp("audit")
    source = inspect.getsource(truck_loading)
    for old, new in (
        ("    bus[c.revenue] = earned\n", "    bus[c.revenue] = earned * (1.0 + c.fault_frac)\n"),
        ('    name="truck_loading",\n', '    name="my_trucks",\n'),
        ("    fields=(\n", '    fields=(\n        parameter("fault_frac", "1", "planted", 0.0, -1.0, 1.0),\n'),
    ):
        assert source.count(old) == 1, old
        source = source.replace(old, new)
    (folder / "my_trucks.py").write_text(source, encoding="utf-8")
    text = (PLANTS / "minimal.yaml").read_text(encoding="utf-8")
    text = text.replace("kind: truck_loading", "kind: my_trucks").replace(
        "components:\n", "kinds: [my_trucks.py]\ncomponents:\n", 1
    )
    (folder / "my_plant.yaml").write_text(text, encoding="utf-8")
    (folder / "faults.yaml").write_text(SWEEP, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("sound") / "r")


@pytest.fixture
def copy(sound, tmp_path):
    """A copy of the sound run, to be spoilt."""
    return open_copy(sound.folder, tmp_path / "r")


def test_a_run_is_audited_at_its_end(sound):
    audit = sound.summary["audit"]
    assert audit["n_broken"] == 0 and audit["n_steps"] > 100 and audit["n_laws"] > 60 and not audit["is_full"]
    assert sound.summary["not_valid"] == [] and audit["missed"] == []


def test_a_law_that_is_broken_makes_the_answer_void(folder):
    args = ("run", folder / "my_plant.yaml", "--hours", 24, "--start", "2023-07-03")
    assert command(*args, "--out", folder / "good").exit_code == 0
    answer = command(*args, "--out", folder / "bad", "--set", "trailers.fault_frac=0.01")
    assert answer.exit_code == 3
    assert "law 'truck-revenue' is broken at 'trailers'" in answer.text
    assert re.search(r"audit: \d+ laws, [\d,]+ checks on \d+ single steps: [1-9] broken", answer.text)
    summary = Results(folder / "bad").summary
    assert {fault["id"] for fault in summary["not_valid"]} == {"law-broken"}
    assert summary["residuals"]["worst_relative"] < 1e-9  # the ledger cannot see it
    audited = command("audit", folder / "bad", "--allow-code")
    assert audited.exit_code == 3 and "truck-revenue" in audited.text and "Broken at trailers" in audited.text


def test_a_point_of_a_study_that_breaks_a_law_is_not_ranked(folder, tmp_path):
    answer = command("sweep", folder / "faults.yaml", "--out", tmp_path / "out")
    assert answer.exit_code == 3, answer
    assert "1 of 2 scenarios are not valid and left out" in answer.text
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert "truck-revenue" in first["not_valid"] and second["not_valid"] == ""


def test_the_full_audit_asks_equations_of_state_and_figures(sound, copy):
    answer = command("audit", copy, "--json")
    assert answer.exit_code == 0, answer
    found = json.loads(answer.stdout)
    laws = {law["law"]: law for law in found["laws"]}
    assert found["is_full"] and {"isentropic-work", "stream-temperature-exact", "figure-hydrogen"} <= laws.keys()
    assert all(law["text"] and law["equation"] and law["source"] for law in laws.values())
    assert json.loads((copy / "audit.json").read_text(encoding="utf-8")) == found
    text = command("audit", copy, "--all").text
    assert "none broken" in text and laws["isentropic-work"]["equation"][:20] in text


def test_a_figure_that_was_changed_is_named(copy):
    file = copy / "summary.json"
    summary = json.loads(file.read_text(encoding="utf-8"))
    summary["key_figures"]["hydrogen_sold_kg"] *= 1.001
    file.write_text(json.dumps(summary), encoding="utf-8")
    answer = command("audit", copy)
    assert answer.exit_code == 3 and "hydrogen_sold_kg" in answer.text


@pytest.mark.parametrize("content", [b"", b"nothing of this"])
def test_steps_that_are_damaged_are_refused(copy, content):
    (copy / "steps.npz").write_bytes(content)
    answer = command("audit", copy)
    assert answer.exit_code == 2 and "run the scenario again" in answer.text


def test_without_steps_the_figures_are_audited(copy):
    (copy / "steps.npz").unlink()
    answer = command("audit", copy)
    assert answer.exit_code == 0 and "checks: none broken on sums and figures of" in answer.text


def test_more_or_fewer_steps(tmp_path):
    few = command("run", "minimal_day", "--hours", 2, "--audit-steps", 0, "--out", tmp_path / "none", "--json")
    assert json.loads(few.stdout)["audit"]["n_steps"] == 0 and not (tmp_path / "none" / "steps.npz").exists()
    many = command("run", "minimal_day", "--hours", 2, "--audit-steps", 1000, "--out", tmp_path / "all", "--json")
    assert json.loads(many.stdout)["audit"]["n_steps"] == 120
    assert command("run", "minimal_day", "--audit-steps", -1).exit_code == 2
    assert command("run", "minimal_day", "--profile", "--audit-steps", 3).exit_code == 2


def test_the_report_says_what_checked_it(sound, tmp_path):
    pytest.importorskip("plotly")
    answer = command("report", sound.folder, "--out", tmp_path / "page.html", "--no-minutes")
    assert answer.exit_code == 0, answer
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Checked by" in page and "laws that share no code with the simulator" in page and "faraday" in page


def test_a_run_that_is_stopped_is_audited_up_to_there(tmp_path):
    session = h2plant.Session("minimal_day")
    session.begin()
    session.keep_steps()
    session.step(90)
    results = session.results(tmp_path / "part")
    assert results.summary["audit"]["n_broken"] == 0 and results.summary["audit"]["n_steps"] > 0
    assert command("audit", results.folder).exit_code == 0


def test_a_life_is_audited_year_by_year(tmp_path):
    run = command("run", "minimal", "--hours", 8760, "--step-s", 3600, "--years", 2, "--out", tmp_path / "life", "-q")
    assert run.exit_code == 0, run
    answer = command("audit", tmp_path / "life", "--json")
    assert answer.exit_code == 0, answer
    found = json.loads(answer.stdout)
    assert [one["n_broken"] for one in found.values()] == [0, 0, 0] and len(found) == 3
    assert command("audit", tmp_path / "life" / "year_02").exit_code == 0


def test_the_full_audit_keeps_what_was_found_on_sums(folder):
    run = command(
        *("run", folder / "my_plant.yaml", "--hours", 24, "--start", "2023-07-03", "--audit-steps", 0),
        *("--set", "trailers.fault_frac=0.01", "--out", folder / "sums"),
    )
    assert run.exit_code == 3
    answer = command("audit", folder / "sums", "--allow-code", "--json")
    assert answer.exit_code == 3
    laws = {law["law"]: law for law in json.loads(answer.stdout)["laws"]}
    assert laws["truck-revenue"]["broken_at"] == ["trailers"] and "figure-money" in laws


RAISING = """
def _raises(seen):
    raise RuntimeError("no such thing")


KIND = dataclasses.replace(KIND, laws=(*KIND.laws, Law("of-mine", "a law", "x = y", "mine", _raises)))
"""


def test_a_law_of_ones_own_that_raises_leaves_the_others(folder, tmp_path):
    shutil.copytree(folder, tmp_path / "own", ignore=shutil.ignore_patterns("good", "bad", "sums", "out"))
    file = tmp_path / "own" / "my_trucks.py"
    text = file.read_text(encoding="utf-8").replace(
        "from types import SimpleNamespace\n",
        "import dataclasses\nfrom types import SimpleNamespace\n\nfrom h2plant.core.law import Law\n",
    )
    file.write_text(text + RAISING, encoding="utf-8")
    run = command("run", tmp_path / "own" / "my_plant.yaml", "--hours", 4, "--out", tmp_path / "r")
    assert run.exit_code == 3 and "'of-mine'" in run.text and "no such thing" in run.text
    audit = Results(tmp_path / "r").summary["audit"]
    assert audit["n_laws"] > 60 and audit["n_broken"] == 1
    assert command("audit", tmp_path / "r", "--allow-code").exit_code == 3


@pytest.mark.parametrize("seed", range(6))
def test_bits_that_flip_in_the_steps_are_found(copy, seed):
    file = copy / "steps.npz"
    content = bytearray(file.read_bytes())
    for place in random.Random(seed).sample(range(len(content)), 3):
        content[place] ^= 0x40
    file.write_bytes(bytes(content))
    answer = command("audit", copy)
    assert answer.exit_code in (0, 2) and "Traceback" not in answer.text
    assert answer.exit_code == 0 or "run the scenario again" in answer.text


@pytest.mark.parametrize("content", ['{"laws": [{"n_checks": "x"}]}', '{"laws": [{"n_checks": 5}]}', "[]", "x", "{}"])
def test_a_damaged_audit_does_not_stop_the_report(copy, tmp_path, content):
    pytest.importorskip("plotly")
    (copy / "audit.json").write_text(content, encoding="utf-8")
    answer = command("report", copy, "--out", tmp_path / "page.html", "--no-minutes")
    assert answer.exit_code == 0, answer
    assert "laws that share no code" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_going_back_drops_the_steps_that_are_undone():
    session = h2plant.Session("minimal_day")
    session.begin()
    session.keep_steps(200)
    session.step(60)
    kept = session.snapshot()
    session.step(60)
    session.restore(kept)
    assert session.kept_steps().numbers.max() < 60
    session.step(60)
    again = session.kept_steps().numbers.tolist()
    whole = h2plant.Session("minimal_day")
    whole.begin()
    whole.keep_steps(200)
    whole.step(120)
    assert set(again) >= {number for number in whole.engine.keeper._drawn.tolist() if number < 120}
