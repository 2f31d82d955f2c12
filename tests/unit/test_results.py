"""Results: what their columns mean, how they are read and handed on, and what is said of damaged ones."""

import importlib.util
import json
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant import Results, ResultsError
from h2plant.core.status import STATUS_TEXT
from h2plant.results.table import by_component, results_html
from h2plant.results.version import FORMAT
from tests.folders import open_copy


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Results of six hours: a start, a stop, trailers filled."""
    return h2plant.run("minimal_day", hours=6, out=tmp_path_factory.mktemp("results") / "r").folder


@pytest.fixture
def results(folder) -> Results:
    return Results(folder)


@pytest.fixture
def copy(folder, tmp_path) -> Path:
    """A copy that may be damaged."""
    return open_copy(folder, tmp_path / "copy")


def test_every_column_has_a_unit_and_a_description_that_tells_its_time(results):
    assert len(results.columns) > 200
    for name in results.columns:
        component, _, field = name.partition(".")
        assert component and field, name
        assert results.units[name], name
        assert results.descriptions[name].endswith(
            (
                "; mean over the interval that starts at 'time'",
                "; value at the end of the interval that starts at 'time'",
            )
        ), name
    assert results.units["stack.temperature_k"] == "K"
    assert results.descriptions["stack.temperature_k"].endswith(
        "value at the end of the interval that starts at 'time'"
    )
    assert results.units["compressor.outlet.h2_kg_per_s"] == "kg/s"
    assert "mean over the interval" in results.descriptions["compressor.outlet.h2_kg_per_s"]


def test_columns_agree_with_the_ledger(results):
    # the mean flow over each quarter of an hour times its length is what the ledger booked
    made = results["compressor.outlet.h2_kg_per_s"].sum() * 900.0
    ledger = {row["component"]: row for row in results.ledger.to_pylist()}
    assert made > 1.0
    assert made == pytest.approx(ledger["compressor"]["outflow_h2_kg"], rel=1e-12)


def test_time_is_the_start_of_each_interval(results):
    assert len(results) == len(results.time) == 24
    assert results.time[0] == np.datetime64("2023-07-03T00:00:00")
    assert set(np.diff(results.time).astype(int)) == {900}


def test_wrong_column_suggests_others(results):
    with pytest.raises(KeyError, match=r"did you mean .*stack\.temperature_k"):
        results["stack.temperatur_k"]
    with pytest.raises(KeyError, match="no column"):
        results.to_arrow(["stack.temperature_k", "nothing like it"])
    assert "stack.temperature_k" in results and "stack.temperatur_k" not in results


def test_to_arrow(results):
    table = results.to_arrow(["stack.temperature_k"])
    assert table.column_names == ["time", "stack.temperature_k"]
    assert table.schema.field("time").type == pa.timestamp("ms", "UTC")  # Parquet keeps no whole seconds
    assert table.schema.field("stack.temperature_k").metadata[b"unit"] == b"K"
    assert results.to_arrow().column_names == ["time", *results.columns]


def test_to_pandas_without_pandas_names_the_remedy(results, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ResultsError, match=r"pip install 'h2plant\[pandas\]', or use to_arrow"):
        results.to_pandas()


@pytest.mark.skipif(importlib.util.find_spec("pandas") is None, reason="pandas is optional")
def test_to_pandas(results):
    frame = results.to_pandas(["stack.temperature_k"])
    assert list(frame.columns) == ["stack.temperature_k"] and frame.index.name == "time"
    assert frame["stack.temperature_k"].to_numpy().tolist() == results["stack.temperature_k"].tolist()


def test_to_parquet_and_back(results, tmp_path):
    file = results.to_parquet(tmp_path / "log.parquet")
    back = pq.read_table(file)
    assert back.equals(results.to_arrow())
    assert (
        back.schema.field("stack.temperature_k").metadata[b"description"].decode()
        == (results.descriptions["stack.temperature_k"])
    )
    results.to_parquet(str(file))  # replaces
    assert [p.name for p in tmp_path.iterdir()] == ["log.parquet"]
    with pytest.raises(ResultsError, match="cannot be written"):
        results.to_parquet(file / "below.parquet")
    assert results.to_parquet(tmp_path / "new" / "log.parquet").exists()


def test_events_have_component_text_times_and_size(results):
    assert results.events.column_names == ["component", "code", "what", "start", "end", "amount", "peak"]
    rows = results.events.to_pylist()
    assert rows
    for row in rows:
        assert row["what"] == STATUS_TEXT[row["code"]]
        assert row["start"] < row["end"]
    counted = results.event_counts()
    assert sum(times for _, _, times, _ in counted) == len(rows)
    hours = [hours for *_, hours in counted]
    assert hours == sorted(hours, reverse=True)


def test_ledger_adds_up(results):
    columns = results.ledger.to_pydict()
    for item in ("h2_kg", "o2_kg", "n2_kg", "h2o_kg", "energy_j"):
        of = {name: np.array(columns[f"{name}_{item}"]) for name in ("inflow", "outflow", "reacted")}
        change = np.array(columns[f"stored_after_{item}"]) - np.array(columns[f"stored_before_{item}"])
        residual = np.abs(of["inflow"] - of["outflow"] + of["reacted"] - change)
        scale = np.maximum(np.abs(of["inflow"]), np.array(columns[f"stored_after_{item}"])).max()
        assert residual.max() <= 1e-9 * max(scale, 1e-30), item
    boundary = json.loads(results.ledger.schema.metadata[b"boundary"])
    assert len(boundary["in"]) == len(boundary["out"]) == 6


def test_summary_can_be_repeated(results):
    summary = results.summary
    assert (summary["scenario"], summary["plant"], summary["engine"]) == ("minimal_day", "minimal", "optimized")
    assert summary["provenance"]["command"].startswith("h2plant run minimal_day --start 2023-07-03T00:00:00Z --hours 6")
    assert len(summary["provenance"]["plant_digest"]) == 64
    assert summary["performance"]["compile_s"] >= 0.0
    assert (results.folder / "plant.yaml").read_text().startswith("h2plant: 1")
    assert json.loads((results.folder / "scenario.json").read_text())["hours"] == 6.0


def test_summary_is_json_also_where_a_figure_is_unknown(monkeypatch, tmp_path):
    monkeypatch.setattr("h2plant.session.session.peak_memory_mb", lambda: float("nan"))
    written = h2plant.run("minimal_day", hours=1, out=tmp_path / "r").folder / "summary.json"

    def refuse(word):
        raise AssertionError(word)

    assert json.loads(written.read_text(), parse_constant=refuse)["performance"]["peak_memory_mb"] is None


def test_same_run_gives_the_same_bits(results, tmp_path):
    again = h2plant.run("minimal_day", hours=6, out=tmp_path / "r")
    assert again.to_arrow().equals(results.to_arrow())
    assert again.ledger.equals(results.ledger) and again.events.equals(results.events)
    assert again.summary["key_figures"] == results.summary["key_figures"]


class _Cells(HTMLParser):
    """The text of every row of the tables of a notebook's output, and the tags that stand there."""

    def __init__(self, text):
        super().__init__()
        self.rows, self.tags, self.open = [], set(), []
        self.feed(text)
        assert self.open == []  # every tag is closed

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        if tag != "br":
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def test_in_a_notebook_figures_columns_and_next_steps_are_shown(results):
    text = results._repr_html_()
    rows = _Cells(text).rows
    figures = results.summary["key_figures"]
    shown = {row[3]: row for row in rows if len(row) == 4}
    rare = {"unserved_mwh", "imbalance_mwh", "emergency_mwh", "ride_through_change_mwh", "imbalance_cost_eur"}
    rare |= {"emergency_cost_eur", "blackouts", "blackout_h", "hydrogen_burnt_kg"}
    assert set(figures) - rare <= set(shown)
    assert {name for name in rare if abs(figures[name]) >= 0.5} <= rare & set(shown) <= {n for n in rare if figures[n]}
    made = figures["hydrogen_made_kg"]
    assert shown["hydrogen_made_kg"] == ["hydrogen made", f"{made:,.0f}", "kg", "hydrogen_made_kg"]
    assert [["hydrogen"], ["energy"]] == [row for row in rows if row in (["hydrogen"], ["energy"])]
    components = {column.partition(".")[0] for column in results.columns}
    assert components <= {row[0] for row in rows if len(row) == 2}
    assert f"{len(results.columns):,} columns × 24 rows" in text
    for code in [row[0] for row in rows if row[0].startswith("results")]:
        if "pandas" not in code:
            eval(code, {"results": results})
    assert repr(results) == f"Results({str(results.folder)!r}, {len(results.columns)} columns x 24 rows)"


def test_notebook_escapes_what_comes_from_files(results):
    harmful = "<script>alert('x')</script>"
    before = _Cells(results._repr_html_()).tags
    figures = {harmful: 1.0, "hydrogen_made_kg": harmful, "wind_mwh": None}
    summary = {**results.summary, "scenario": harmful, "plant": harmful, "start": harmful, "key_figures": figures}
    summary |= {"is_complete": False, "stopped_by": harmful}
    text = results_html(Path(harmful), summary, [f"{harmful}.{harmful}"], 1, [(harmful, harmful, 1, 2.0)])
    assert _Cells(text).tags <= before | {"br"} and "script" not in before
    assert "<script" not in text and text.count("&lt;script") >= 8


def test_notebook_shows_a_run_without_figures_or_columns(results):
    summary = {**results.summary, "key_figures": {}}
    assert "before anything could be counted" in results_html(results.folder, summary, [], 0, [])


def test_numbered_components_with_the_same_columns_stand_together():
    columns = ["soec_1.a", "soec_1.b", "soec_2.a", "soec_2.b", "soec_3.a", "soec_3.b", "p1.a", "p2.a", "tank.a", "p3.c"]
    assert by_component(columns) == [
        ("soec_1 to soec_3", ["a", "b"]),
        ("p1 and p2", ["a"]),
        ("tank", ["a"]),
        ("p3", ["c"]),
    ]


def test_describe(results):
    rows = {row["column"]: row for row in results.describe("stack.temp").to_pylist()}
    temperature = results["stack.temperature_k"]
    assert rows["stack.temperature_k"] == {
        "column": "stack.temperature_k",
        "unit": "K",
        "min": temperature.min(),
        "mean": temperature.mean(),
        "max": temperature.max(),
        "description": results.descriptions["stack.temperature_k"],
    }
    assert results.describe().num_rows == len(results.columns)
    assert results.describe("no such").num_rows == 0


# what is said of folders that are not results


def test_missing_folder(tmp_path):
    with pytest.raises(ResultsError, match="there is no such folder; give the folder that a run wrote"):
        Results(tmp_path / "gone")
    (tmp_path / "file").write_text("")
    with pytest.raises(ResultsError, match="is a file, not a results folder"):
        Results(tmp_path / "file")


@pytest.mark.parametrize("part", ["summary.json", "log.parquet", "events.parquet", "ledger.parquet"])
def test_missing_part(copy, part):
    (copy / part).unlink()
    with pytest.raises(ResultsError, match=rf"not a results folder \({part} is missing\)"):
        Results(copy)


@pytest.mark.parametrize("part", ["summary.json", "log.parquet", "events.parquet", "ledger.parquet"])
@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"PAR1 and nothing"])
def test_damaged_part(copy, part, raw):
    (copy / part).write_bytes(raw)
    with pytest.raises(ResultsError, match=r"damaged results .*; run it again"):
        Results(copy)


def test_damage_inside_the_log_is_found_on_reading(copy):
    raw = bytearray((copy / "log.parquet").read_bytes())
    raw[4:2000] = bytes(1996)
    (copy / "log.parquet").write_bytes(raw)
    damaged = Results(copy)
    with pytest.raises(ResultsError, match="damaged results"):
        damaged.to_arrow()
    with pytest.raises(ResultsError, match="damaged results"):
        _ = damaged.time


@pytest.mark.parametrize("text", ['{"format": 0}', '{"format": true}', '{"format": "1"}', "{}", "[]", "5"])
def test_other_format(copy, text):
    (copy / "summary.json").write_text(text)
    with pytest.raises(ResultsError, match=f"this version reads 1 to {FORMAT}; run it again"):
        Results(copy)


def test_newer_format(copy):
    (copy / "summary.json").write_text('{"format": 99, "provenance": {"h2plant": "7.1.0"}}')
    text = f"written by h2plant 7.1.0 in format 99, and this is h2plant {h2plant.__version__}, which reads up to format"
    with pytest.raises(ResultsError, match=text):
        Results(copy)


def test_results_replace_results(tmp_path):
    first = h2plant.run("minimal_day", hours=2, out=tmp_path / "r")
    second = h2plant.run("minimal_day", hours=1, out=str(tmp_path / "r"))
    assert (first.summary["hours"], second.summary["hours"], Results(tmp_path / "r").summary["hours"]) == (2, 1, 1)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".r.replaced", "r"]
    assert Results(tmp_path / ".r.replaced").summary["hours"] == 2


def test_results_through_a_link_land_where_it_points(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    results = h2plant.run("minimal_day", hours=1, out=tmp_path / "link")
    assert results.folder == tmp_path / "link" and (tmp_path / "link").is_symlink()
    assert (tmp_path / "real/summary.json").is_file()
