"""The commands of ``h2plant bench`` on small plants and few hours: what they print, write and answer."""

from pathlib import Path

import pytest

from h2plant.cli import app
from h2plant.measure.bench import checklist_report, comparison, machine, scaling_report
from h2plant.measure.bench.checklist import ITEMS, METRICS, chosen
from h2plant.measure.bench.checklist_report import Answer, markdown, measure_all
from h2plant.measure.bench.comparison import Comparison
from h2plant.measure.bench.figures import CommandRun
from h2plant.measure.bench.measures import Measures, NotMeasured
from h2plant.measure.bench.scaling import Point, Scaling
from h2plant.measure.measured import Measured
from tests.command import assert_refused, h2plant, leftovers, process

pytestmark = pytest.mark.long


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_scaling_writes_report_and_plot(here: Path) -> None:
    answer = h2plant("bench", "scaling", "minimal", "--hours", 1, "--rounds", 1, "--threads", 1, "--threads", 1024)
    assert answer.exit_code == 0, answer
    report = (here / "SCALING_REPORT.md").read_text(encoding="utf-8")
    assert "minimal: 16 components x 60 steps of 1 h" in report
    assert "| 1024 | not measured: this machine has" in report
    assert (here / "scaling.png").stat().st_size > 1000
    assert "![speed-up and efficiency](scaling.png)" in report
    assert leftovers(here) == []


def _scaling(efficiency: float) -> Scaling:
    points = [Point(1, 4.0, 4.0, 4.0, 1.0, 1.0, 1.0), Point(2, 5.0, 4.0 / efficiency, 4.1, 0.6, efficiency, 0.98)]
    return Scaling("year", 8760.0, 525_600, 131, 3, 2, 0.004, points, [4])


@pytest.mark.parametrize(("efficiency", "is_met"), [(0.76, True), (0.74, False)])
def test_efficiency_is_judged_without_what_other_programs_took(efficiency: float, is_met: bool) -> None:
    scaling = _scaling(efficiency)
    assert scaling.is_met is is_met
    text = scaling_report.report_text(scaling, None)
    assert f"{100 * efficiency:.0f} %, {'met' if is_met else 'MISSED'}" in text
    assert f"  2 threads |{'#' * round(40 * efficiency)}" in text
    assert "60 %" in text


def test_scaling_ends_with_1_where_the_bar_of_the_year_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("h2plant.measure.bench.scaling.measure_scaling", lambda *_: _scaling(0.5))
    assert h2plant("bench", "scaling").exit_code == 1
    assert h2plant("bench", "scaling", "--hours", 2).exit_code == 0


def test_year_is_judged_whole_only(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = h2plant("bench", "year", "minimal", "--hours", 1)
    assert answer.exit_code == 0 and "per component-step" in answer.text and "MISSED" not in answer.text
    monkeypatch.setattr("h2plant.measure.bench.figures.year", lambda _: iter([Measured("slow", 7.0, "s", 6.0)]))
    answer = h2plant("bench", "year")
    assert answer.exit_code == 1 and "MISSED" in answer.text


def test_speed_up_prints_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    def command(_cache: None, *arguments: str) -> CommandRun:
        assert arguments == ("minimal", "--hours", "0.5")
        return CommandRun(1.5, 1.25, 250.0, {"loop_s": 0.5, "loop_cpu_s": 0.25})

    monkeypatch.setattr(comparison, "run_command", command)
    answer = h2plant("bench", "speed-up", "minimal", "--hours", 0.5, "--days", 1)
    assert answer.exit_code == 0, answer
    for part in ("baseline, from 1 days", "24 h over it", "2.5 h over it", "1 h over it", "compiled loop"):
        assert part in answer.text, part
    assert f"{(1.0 + 0.5 * 8760.0 / 0.5) / 3600.0:.3g} h" in answer.text  # the loop's share is scaled to the year


def test_times_of_the_year_are_told_against_those_of_the_specification() -> None:
    found = Comparison(36_000.0, 100.0, 3.6, 7.2, 6.0, 250.0, 3, 1440, True, 1e-9, "hydrogen_made_kg")
    assert found.speed_up == pytest.approx(10_000.0)
    assert [row[1] for row in found.rows()] == ["10 h", "3.6 s", "6 s", "7.2 s"]
    assert found.rows()[1][2:] == ["2.4e+04 x", "4,000 x", "2,500 x", "1,000 x", "1e+04 x"]
    assert all(figure.is_met for figure in found.figures())
    assert [f.target for f in found.figures()] == [1000.0, 1e-3, 24.0, 4.0, 2.5, 1.0]


def test_wrong_input_is_refused(here: Path) -> None:
    assert_refused(h2plant("bench", "year", "no_such_plant", "--hours", 1), "no_such_plant")
    assert_refused(h2plant("bench", "year", "--hours", "-1"), "above 0")
    assert_refused(h2plant("bench", "checklist", "--only", 13), "no point '13'", "choose from 1, 2")
    (here / "file").write_text("")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("h2plant.measure.bench.scaling.measure_scaling", lambda *_: _scaling(1.0))
        assert_refused(h2plant("bench", "scaling", "--hours", 1, "--out", here / "file"), "cannot be written", "--out")


def test_timings_without_the_compiler_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "IS_JIT_DISABLED", True)
    assert_refused(h2plant("bench", "year", "minimal", "--hours", 1), "H2PLANT_DISABLE_JIT", "unset")


def test_help_of_every_command_has_an_example() -> None:
    assert "bench" in h2plant("--help").text and app is not None
    for name in ("scaling", "year", "speed-up", "lookups", "checklist"):
        assert f"h2plant bench {name}" in h2plant("bench", name, "--help").text, name


def test_help_loads_no_measuring_code() -> None:
    code = "import sys, h2plant.cli.application; print([m for m in sys.modules if m.startswith('h2plant.measure')])"
    assert process(code=code).stdout.strip() == "[]"


# the checklist


def test_the_checklist_has_every_point_and_every_metric_has_a_source() -> None:
    assert {item.point for item in ITEMS} == set(range(1, 13))
    sources = Measures(1.0, False, lambda _: None)._sources
    for line in (*ITEMS, *METRICS):
        assert not line.source or line.source in sources, line
        assert bool(line.source) == bool(line.figure), line
    for item in ITEMS:
        assert item.item and item.where and item.command and (item.source or item.statement), item
    assert {item.point for item in chosen(["9", "12"])} == {9, 12}


def _answer(target: float, cause: str = "") -> Answer:
    item = next(i for i in ITEMS if i.point == 9)
    item = type(item)(**{**vars(item), "cause": cause})
    return Answer(((item, Measured("x", 0.7, "1", target, ">=")),), ((METRICS[-1], "no GPU on this machine"),), None)


def test_a_miss_needs_a_cause() -> None:
    assert _answer(0.6).unexplained == [] and _answer(0.6).rows()[0][-1] == "met"
    assert len(_answer(0.75).unexplained) == 1
    assert _answer(0.75, "a slow bus").unexplained == []
    assert _answer(0.75, "a slow bus").rows()[0][-1] == "missed: a slow bus"


def test_checklist_measures_prints_and_writes(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[str] = []

    def take(self: Measures, source: str) -> list[Measured] | NotMeasured:
        taken.append(source)
        if source == "gpu":
            return NotMeasured("no GPU on this machine")
        names = [line.figure for line in (*ITEMS, *METRICS) if line.source == source]
        return [Measured(name, 5.0, "ns", None) for name in names]

    monkeypatch.setattr(Measures, "_take", take)
    answer = h2plant("bench", "checklist", "--write", here / "checklist.md")
    assert answer.exit_code == 0, answer
    assert len(taken) == len(set(taken))
    assert "success metrics" in answer.text and "not measured: no GPU on this machine" in answer.text
    page = (here / "checklist.md").read_text(encoding="utf-8")
    assert page.count("\n| ") >= len(ITEMS) + len(METRICS)
    assert "| `h2plant bench scaling` |" in page
    assert leftovers(here) == []


def test_what_is_not_there_is_said_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    def figure(self: Measures, source: str, name: str) -> Measured:
        raise NotMeasured("broken")

    monkeypatch.setattr(Measures, "figure", figure)
    answer = h2plant("bench", "checklist", "--only", 9)
    assert answer.exit_code == 1 and "not measured: broken" in answer.text
    assert h2plant("bench", "checklist", "--only", 9, "--hours", 1).exit_code == 0


def test_figures_are_found_by_how_their_names_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = Measures(1.0, False, lambda _: None)
    monkeypatch.setitem(taken._sources, "year", lambda: [Measured("time of a step", 3.0, "us", 4.0)])
    assert taken.figure("year", "time") == Measured("time of a step", 3.0, "us", 4.0, "<=")
    with pytest.raises(NotMeasured, match="gives no figure 'speed'"):
        taken.figure("year", "speed")
    with pytest.raises(NotMeasured, match="--with-tests"):
        taken.figure("tests", "tests failed")
    assert markdown(measure_all(chosen(["11"]), 1.0, False, False)).count("troubleshooting") >= 1
    assert checklist_report.HEADING[1] == "item"
