"""Verdicts that a noisy machine does not upset, thresholds that say what is wrong with them, and what monitor shows."""

import dataclasses
import json
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import numpy as np
import pytest

from h2plant.cli.monitor import sparkline
from h2plant.measure.measured import Measured
from h2plant.measure.trend.export import prometheus
from h2plant.measure.trend.thresholds import METRICS, load_thresholds
from h2plant.measure.trend.verdict import groups, judge
from h2plant.plant.finding import PlantError
from h2plant.session import history
from h2plant.session.record import bench_record
from tests.command import assert_refused, h2plant

NS = "ns_per_component_step"
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("H2PLANT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "home"


def record(k, ns, **changes):
    """Return the record of a run that ended k hours after the start."""
    run = dict(source="run", engine="optimized", hours=24.0, step_s=60.0, n_components=10, n_steps=1440, loop_s=0.1)
    when = (START + timedelta(hours=k)).isoformat()
    made = bench_record("plant", [], 1.0, "0.1.0")
    return dataclasses.replace(made, **{**run, "finished_at": when, NS: ns, "peak_memory_mb": 200.0, **changes})


def write(values, **changes):
    for k, ns in enumerate(values):
        history.append(record(k, ns, **changes))


STEADY = [60.0 + 0.3 * (k % 3) for k in range(14)]
SLOWER = [*STEADY, 80.0, 80.5, 79.5]


# --- the test


def trials(n_trials, n_runs, noise_frac=0.1):
    return 60.0 * np.exp(noise_frac * np.random.default_rng(20260301).standard_normal((n_trials, n_runs)))


def is_flagged(values, thresholds):
    return judge(list(values), NS, thresholds).is_flagged


@pytest.mark.parametrize("n_before", [10, 30])
def test_ten_percent_of_noise_raises_hardly_an_alarm(n_before):
    thresholds = load_thresholds()
    alarms = [is_flagged(values, thresholds) for values in trials(6000, n_before + 3)]
    assert np.mean(alarms) < 0.01


def test_a_slowdown_by_thirty_percent_is_found_through_ten_percent_of_noise():
    thresholds = load_thresholds()
    values = trials(3000, 35)
    values[:, 30:] *= 1.3
    after = [np.array([is_flagged(row[: 30 + k], thresholds) for row in values]) for k in (3, 4, 5)]
    assert after[0].mean() > 0.88  # three slow runs; no test of three against ten can have more than 0.95 here
    assert (after[0] | after[1] | after[2]).mean() > 0.95


def test_a_slowdown_by_thirty_percent_is_found_in_three_runs_of_a_quieter_machine():
    thresholds = load_thresholds()
    values = trials(1500, 33, 0.05)
    values[:, 30:] *= 1.3
    assert np.mean([is_flagged(row, thresholds) for row in values]) > 0.99


def test_one_bad_run_raises_no_alarm_and_two_of_three_do():
    thresholds = load_thresholds()
    assert judge([*STEADY, 600.0], NS, thresholds).state == "good"
    assert judge([*STEADY, 600.0, 60.0, 60.0], NS, thresholds).state == "good"
    assert judge([*STEADY, 90.0, 90.0], NS, thresholds).state == "regression"


def test_what_is_better_high_is_worse_low():
    thresholds = load_thresholds()
    rates = [0.9] * 12
    assert judge([*rates, 0.8, 0.8, 0.8], "lookup_hit_rate_frac", thresholds).state == "regression"
    assert judge([*rates, 0.99, 0.99, 0.99], "lookup_hit_rate_frac", thresholds).state == "good"
    assert judge([0.5], "lookup_hit_rate_frac", thresholds).state == "beyond limit"


def test_a_limit_needs_no_history_and_a_comparison_does():
    thresholds = load_thresholds()
    assert judge([2e-3], "accuracy_error_frac", thresholds).state == "beyond limit"
    assert judge([5e-4], "accuracy_error_frac", thresholds).state == "good"
    assert judge([1.0, None], "accuracy_error_frac", thresholds).state == "not measured"
    assert judge(STEADY[:12], NS, thresholds).state == "too few runs"


@pytest.mark.parametrize(
    "change",
    [
        {"cpu": "another"},
        {"n_cores": 999},
        {"engine": "baseline"},
        {"step_s": 1.0},
        {"hours": 8.0},
        {"scenario_digest": "changed"},
        {"is_compiled": False},
        {"is_complete": False},
    ],
)
def test_only_comparable_runs_are_compared(change):
    others = [record(k, 60.0, **change) for k in range(20)]
    ours = [record(20 + k, 90.0) for k in range(3)]
    found = groups([*others, *ours], load_thresholds())
    assert found[0].records == tuple(ours)
    assert not any(group.is_flagged for group in found)


# --- thresholds


def test_defaults_name_every_key_and_metrics_that_exist():
    thresholds = load_thresholds()
    assert set(thresholds.metrics) <= set(METRICS)
    assert (thresholds.baseline_runs, thresholds.recent_runs) == (10, 3)


def test_own_thresholds_replace_what_they_name(home, tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(
        f"[regression]\nrecent_runs = 1\n[metrics.{NS}]\nworse_by_frac = 0.5\n[metrics.total_s]\nlimit = 9\n"
    )
    own, default = load_thresholds(file), load_thresholds()
    assert own.recent_runs == 1 and own.baseline_runs == default.baseline_runs
    assert own.metrics[NS].worse_by_frac == 0.5
    assert own.metrics["total_s"].limit == 9
    assert own.metrics["peak_memory_mb"] == default.metrics["peak_memory_mb"]
    home.mkdir()
    (home / "monitor.toml").write_text(file.read_text())
    assert load_thresholds() == own


def test_a_metric_can_be_left_unjudged(tmp_path):
    file = tmp_path / "own.toml"
    file.write_text(f"[metrics]\n{NS} = {{judged = false}}\n")
    assert judge(SLOWER, NS, load_thresholds(file)).state == "not judged"


@pytest.mark.parametrize(
    ("text", "line", "parts"),
    [
        ("[regression]\n\nrecent_run = 3\n", 3, ("regression.recent_run", "'recent_runs'")),
        ("[regression]\nrecent_runs = 0\n", 2, ("regression.recent_runs", "whole number")),
        ("[regression]\nspread_factor = true\n", 2, ("spread_factor", "True")),
        ("# mine\n[metrics.ns_per_step]\nlimit = 1\n", 2, ("metrics.ns_per_step", "ns_per_component_step")),
        ("[metrics.peak_memory_mb]\nlimit = 'high'\n", 2, ("metrics.peak_memory_mb.limit", "a number")),
        ("metrics.peak_memory_mb.limit = nan\n", 1, ("metrics.peak_memory_mb.limit", "nan")),
        ("regression = 3\n", 1, ("regression", "no table")),
        ("metrics = 3\n", 1, ("metrics", "no table")),
        ("[limits]\n", 1, ("limits", "choose from")),
        ("[regression]\nrecent_runs == 3\n", 2, ("no TOML",)),
    ],
)
def test_bad_thresholds_are_refused_with_line_and_key(home, tmp_path, text, line, parts):
    file = tmp_path / "own.toml"
    file.write_text(text)
    assert_refused(h2plant("monitor", "--thresholds", file), f"own.toml:{line}: ", *parts)


def test_missing_thresholds_are_refused(home, tmp_path):
    assert_refused(h2plant("monitor", "--thresholds", tmp_path / "none.toml"), "none.toml", "no such file")
    with pytest.raises(PlantError, match="unreadable"):
        load_thresholds(tmp_path)


# --- the command


def test_an_empty_history_is_said_to_be_empty(home):
    answer = h2plant("monitor")
    assert answer.exit_code == 0
    assert "no runs of this machine" in answer.text and "h2plant run" in answer.text
    assert h2plant("monitor", "--export", "prometheus").stdout.splitlines()[-1] == "h2plant_history_records 0.0"
    assert json.loads(h2plant("monitor", "--export", "json").stdout)["groups"] == []


def test_a_steady_history_is_good_and_a_slower_one_is_flagged(home):
    write(STEADY)
    answer = h2plant("monitor", "--last", 4)
    assert answer.exit_code == 0, answer
    assert "nothing flagged" in answer.text and "last 4 of 14 runs" in answer.text
    assert len(re.findall(r"2026-03-01 \d\d:00", answer.text)) == 4
    for k, ns in enumerate(SLOWER[-3:]):
        history.append(record(20 + k, ns))
    answer = h2plant("monitor")
    assert answer.exit_code == 1
    assert "regression" in answer.text
    assert re.search(
        r"plant, 24 h in steps of 60 s, optimized: time per component-step 79.8 ns, before 60.3 .*\+32", answer.text
    )


def test_another_scenario_is_not_in_the_way(home):
    write(SLOWER)
    history.append(record(0, 50.0, scenario="other"))
    assert h2plant("monitor", "--scenario", "other").exit_code == 0
    assert h2plant("monitor").exit_code == 1
    assert_refused(h2plant("monitor", "--scenario", "othr"), "othr", "'other'")


def test_json_tells_verdicts_and_runs(home):
    write(SLOWER)
    answer = h2plant("monitor", "--export", "json", "--last", 5)
    (group,) = json.loads(answer.stdout)["groups"]
    assert answer.exit_code == 1 and group["is_flagged"]
    assert [run[NS] for run in group["runs"]] == SLOWER[-5:]
    flagged = [verdict["metric"] for verdict in group["verdicts"] if verdict["is_flagged"]]
    assert flagged == [NS]


SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.]+(?:e[+-]?\d+)?)')


def test_prometheus_text_keeps_to_the_format():
    odd = 'a "quoted" \\ name\nin two lines'
    records = [record(k, 60.0, scenario=odd) for k in range(2)] + [
        bench_record("year", [Measured("warm `run`", 2.5, "s")], 3.0, "0.1.0")
    ]
    text = prometheus(groups(records, load_thresholds()), len(records))
    assert text.endswith("\n") and "\n\n" not in text
    declared = ""
    seen = set()
    for line in text.splitlines():
        if line.startswith("# HELP "):
            declared = line.split()[2]
            assert declared not in seen, "all lines of a family stand together"
            seen.add(declared)
        elif line.startswith("# TYPE "):
            assert line == f"# TYPE {declared} gauge"
        else:
            found = SAMPLE.fullmatch(line)
            assert found and found[1] == declared, line
    assert r'scenario="a \"quoted\" \\ name\nin two lines"' in text
    assert "h2plant_component_step_seconds{" in text and re.search(
        r"component_step_seconds.* 6(\.0+\d*)?e-08$", text, re.M
    )
    assert 'h2plant_bench_figure{bench="year",figure="warm `run`",unit="s"} 2.5' in text


class Page(HTMLParser):
    """Tells what a page holds, and that its elements are closed in order."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self.links += [value for name, value in attrs if name in ("src", "href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_stands_alone_and_reads_without_colours(home, tmp_path):
    write(SLOWER, scenario="<b>plant</b>")
    history.append(bench_record("year", [], 3.0, "0.1.0"))
    file = tmp_path / "page.html"
    assert h2plant("monitor", "--page", file).exit_code == 1
    text = file.read_text(encoding="utf-8")
    page = Page(text)
    assert page.links == [] and "<b>" not in text and "@import" not in text and "url(" not in text
    drawn = [attrs for tag, attrs in page.tags if tag == "svg"]
    titled = {attrs.get("id") for tag, attrs in page.tags if tag == "title"}
    assert len(drawn) == 4 - 2  # time and memory; nothing else was measured
    assert all(attrs["role"] == "img" and attrs["aria-labelledby"] in titled for attrs in drawn)
    assert len([tag for tag, _ in page.tags if tag == "circle"]) == 2 * len(SLOWER)
    assert "regression" in text and "prefers-color-scheme: dark" in text and "width=device-width" in text
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_page_that_cannot_be_written_is_refused(home, tmp_path):
    (tmp_path / "file").write_text("")
    assert_refused(h2plant("monitor", "--page", tmp_path / "file" / "page.html"), "File exists")


def test_sparkline_keeps_small_changes_small():
    assert sparkline([1.0, 2.0]) == "▁█"
    assert sparkline([100.0, 101.0, 100.0]) == "▁▂▁"
    assert sparkline([0.0, 0.0]) == "▁▁" and sparkline([]) == ""
    assert sparkline([1.0, 2.0], is_ascii=True) == "_#"
