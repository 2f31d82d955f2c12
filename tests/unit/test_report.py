"""The page of a run and pictures of columns: one file, true to the run, and clear about what is missing."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant import Results, ResultsError
from h2plant.cli.report import make_report
from h2plant.components import KIND_BY_NAME
from h2plant.core.stack_curve import new_stack
from h2plant.report.differences import chosen_figures, difference_text
from h2plant.report.export import cf_unit
from h2plant.report.page import charts, quantities, sankey
from h2plant.report.page.compare import compare_runs
from h2plant.report.page.grouping import chains, parallel_groups
from h2plant.report.page.layout import layered
from h2plant.report.page.run_data import RunData
from h2plant.report.plot import shown_unit
from h2plant.results.figures import FIGURES
from tests.command import assert_refused, leftovers
from tests.command import h2plant as command
from tests.folders import open_copy

pytestmark = pytest.mark.long

pytest.importorskip("plotly")

SECTIONS = (
    *("figures", "served", "flows", "diagram", "year", "durations", "minutes", "starts", "operation", "storage"),
    *("events", "money", "balances", "provenance"),
)


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Path:
    """Results of a day of the smallest plant, logged every quarter of an hour."""
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("day") / "run").folder


@pytest.fixture(scope="module")
def three_days(tmp_path_factory) -> Path:
    """Results of three days of the reference plant, hourly."""
    out = tmp_path_factory.mktemp("days") / "run"
    return h2plant.run("test_full_year", hours=72, out=out).folder


@pytest.fixture
def copy(day, tmp_path) -> Path:
    """A copy that may be damaged."""
    return open_copy(day, tmp_path / "copy")


class _Page(HTMLParser):
    """Gathers what a page would fetch, its ids, its text, and its data."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.nameless: list[str] = []
        self.text = ""
        self.data: dict = {}
        self._in: tuple[str, str] = ("", "")
        self.feed(file.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self._in = (tag, given.get("id", ""))
        if "id" in given:
            self.ids.append(given["id"])
        for key in ("src", "href", "data", "poster", "srcset", "action"):
            if given.get(key) and not given[key].startswith(("#", "data:")):
                self.fetched.append(given[key])
        if given.get("role") == "img" and not given.get("aria-label"):
            self.nameless.append(self.get_starttag_text())

    def handle_endtag(self, tag):
        self._in = ("", "")

    def handle_data(self, data):
        if self._in == ("script", "data"):
            self.data = json.loads(data)
        elif self._in[0] not in ("script", "style"):
            self.text += data


def _page(run: Path, tmp_path: Path, **more) -> _Page:
    file = make_report(Results(run), tmp_path / "page.html", **more)
    assert file.stat().st_size < 8_000_000
    return _Page(file)


def test_page_is_one_file_with_all_sections(three_days, tmp_path):
    answer = command("report", three_days, "--out", tmp_path / "page.html")
    assert answer.exit_code == 0 and "wrote" in answer.stdout
    assert leftovers(tmp_path) == []
    page = _Page(tmp_path / "page.html")
    assert set(SECTIONS) <= set(page.ids)
    assert len(page.ids) == len(set(page.ids))
    assert page.fetched == [] and page.nameless == []
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in text  # a browser would refuse any fetch
    not_shown = re.findall("Not shown[^.]*", page.text)
    assert not_shown == ["Not shown: a run of 3 days does not tell what a year earns: take at least 28 days"]
    assert "h2plant run test_full_year --start 2023-01-01T00:00:00Z --hours 72" in page.text


def test_figures_are_valid_plotly_figures(three_days, tmp_path):
    from plotly.graph_objects import Figure

    page = _page(three_days, tmp_path, minutes=False)
    assert len(page.data["charts"]) >= 12

    def filled(value):
        if isinstance(value, str) and value.startswith("@"):
            return "Viridis" if value.endswith("-scale") else "#123456"
        if isinstance(value, list):
            return [filled(v) for v in value]
        return {k: filled(v) for k, v in value.items()} if isinstance(value, dict) else value

    for id_, figure in page.data["charts"].items():
        assert Figure(filled(figure)).data, id_


def test_minutes_are_those_of_the_run(three_days, tmp_path):
    fine = h2plant.run("test_full_year", hours=72, log_every_s=60, out=tmp_path / "fine")
    from h2plant.session.replay import windows

    (window,) = windows(
        RunData(Results(three_days)), [(36 * 3600.0, 12.0)], ["pem_1.power.power_w", "lp_tanks.pressure_pa"]
    )
    assert window.time[0] == np.datetime64("2023-01-02T12:00:00") and window.time.size == 720
    for name, values in window.columns.items():
        assert values == pytest.approx(fine[name][2160:2880], rel=1e-12)


def test_flows_agree_with_the_ledger_and_the_books_close(three_days):
    data = RunData(Results(three_days))
    ledger = {row["component"]: row for row in data.results.ledger.to_pylist()}
    for id_, row in ledger.items():
        into = [data.carried(link) for link in data.links if link.target == id_]
        assert sum(c.h2_kg for c in into) == pytest.approx(row["inflow_h2_kg"], rel=1e-9, abs=1e-6)
        assert sum(c.water_kg for c in into) == pytest.approx(row["inflow_h2o_kg"], rel=1e-9, abs=1e-3)
    made = {id_: row["reacted_h2_kg"] for id_, row in ledger.items()}
    stocked = {id_: row["stored_after_h2_kg"] - row["stored_before_h2_kg"] for id_, row in ledger.items()}
    found = sankey.material(data, lambda c: c.h2_kg, made, stocked)
    assert sum(v for (a, _), v in found.flows.items() if a == "Made") == pytest.approx(
        data.summary["key_figures"]["hydrogen_made_kg"] / 1000.0, rel=0.01
    )
    for node in found.nodes:  # what enters leaves, but for what is too small to be drawn
        into = sum(v for (_, b), v in found.flows.items() if b == node)
        out = sum(v for (a, _), v in found.flows.items() if a == node)
        if into and out:
            assert into == pytest.approx(out, rel=0.03, abs=found.left_out)


def test_energy_of_electrolysis_shows_in_the_diagram(three_days):
    data = RunData(Results(three_days))
    flows = sankey.energy(data).flows
    used = sum(data.column(f"pem_{k}.power.power_w") @ data.weights_s for k in range(1, 6)) / 3.6e9
    assert flows["Power", "PEM stacks"] == pytest.approx(used, rel=1e-9)
    out = sum(v for (a, _), v in flows.items() if a == "PEM stacks")
    assert out == pytest.approx(used, rel=0.05)  # the rest is heat left in the stacks


def test_units_side_by_side_are_grouped_and_rows_are_found(three_days):
    data = RunData(Results(three_days))
    groups = parallel_groups(data.plant, data.links)
    assert groups["pem_1"].members == ("pem_1", "pem_2", "pem_3", "pem_4", "pem_5")
    assert groups["soec_rectifier_3"].name == "soec_rectifier (6)"
    assert groups["soec_stage_2"].members == ("soec_stage_2",)  # stages lead to each other
    rows = chains(data.plant, groups, data.links)
    assert sorted(g.name for row in rows for g in row) == sorted({g.name for g in groups.values()})
    assert max(len(row) for row in rows) > 8


def test_layout_keeps_boxes_apart_and_ranks_in_order():
    edges = [(a, b) for a in range(12) for b in range(a + 1, 12) if b == a + 1 or (a * 7 + b * 3) % 5 == 0] + [(9, 2)]
    heights = {n: 20.0 + 5.0 * (n % 3) for n in range(12)}
    found = layered(heights, edges, gap=10.0)
    for a, b in edges:
        assert (a, b) in found.backward or found.rank[a] < found.rank[b]
    assert found.backward == [(9, 2)]
    for a in heights:
        for b in heights:
            if a < b and found.rank[a] == found.rank[b]:
                first, second = sorted((a, b), key=lambda n: found.top[n])
                assert found.top[second] - found.top[first] >= heights[first] + 10.0 - 1e-9


def test_thinning_keeps_every_extreme():
    values = np.random.default_rng(1).normal(size=50_000)
    values[[3, 40_000]] = (90.0, -80.0)
    kept = charts.extremes(values, 1000)
    assert kept.size <= 1002 and {0, 3, 40_000, 49_999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert charts.extremes(values[:500], 1000).tolist() == list(range(500))


def test_design_curve_meets_the_rated_point():
    kind = KIND_BY_NAME["pem_stack"]
    curve = kind.role.curve().design(new_stack(kind, {}))
    at_rated = int(np.abs(curve.load_frac - 1.0).argmin())
    # tests/cases/pem_stack--design-point: 1.94 V and 52 kWh/kg near 2 A/cm2
    assert curve.cell_voltage_v[at_rated] == pytest.approx(1.93, abs=0.03)
    assert 48.0 < curve.specific_energy_j_per_kg[at_rated] / 3.6e6 < 54.0
    assert (np.diff(curve.cell_voltage_v) > 0.0).all()


def test_every_key_figure_has_a_meaning():
    assert all(figure.meaning.endswith(".") for figure in FIGURES.values())


def test_no_production(tmp_path):
    run = h2plant.run("minimal", hours=48, out=tmp_path / "run", set={"line.line_power_mw": 0.0}).folder
    assert Results(run).summary["key_figures"]["hydrogen_made_kg"] == 0.0
    page = _page(run, tmp_path)
    assert "No hydrogen was made in this run." in page.text
    assert "no hydrogen was made" in page.text and set(SECTIONS) <= set(page.ids)


def test_one_interval(tmp_path):
    page = _page(h2plant.run("minimal", hours=1, out=tmp_path / "run").folder, tmp_path)
    assert set(SECTIONS) <= set(page.ids) and "the run is too short" in page.text


PAIR = """
h2plant: 1
name: pair
series:
  temp_air_degc: {constant: 12}
components:
  water: {kind: water_source}
  purifier: {kind: water_purifier, energy_j_per_m3: 0, standby_power_w: 0}
links:
  - water.outlet -> purifier.inlet
  - purifier.feed_demand -> water.demand
"""


def test_two_components(tmp_path):
    file = tmp_path / "pair.yaml"
    file.write_text(PAIR, encoding="utf-8")
    page = _page(h2plant.run(file, hours=48, out=tmp_path / "run").folder, tmp_path)
    assert "The plant has no electrolyser" in page.text and set(SECTIONS) <= set(page.ids)


def test_three_hundred_components(tmp_path):
    names = [f"{a}{b}" for a in "abcdefghij" for b in "abcdefghijklmno"]  # no numbers: none are drawn as one
    text = PAIR.split("components:")[0] + "components:\n"
    purifier = "{kind: water_purifier, energy_j_per_m3: 0, standby_power_w: 0}"
    text += "".join(f"  w_{n}: {{kind: water_source}}\n  p_{n}: {purifier}\n" for n in names) + "links:\n"
    text += "".join(f"  - w_{n}.outlet -> p_{n}.inlet\n  - p_{n}.feed_demand -> w_{n}.demand\n" for n in names)
    file = tmp_path / "many.yaml"
    file.write_text(text, encoding="utf-8")
    page = _page(h2plant.run(file, hours=2, out=tmp_path / "run").folder, tmp_path)
    assert "w_aa" in page.text and "p_jo" in page.text


def test_week_is_chosen_and_a_wrong_one_is_refused(three_days, tmp_path):
    out = tmp_path / "page.html"
    assert command("report", three_days, "--week", "2023-01-03", "--no-minutes", "--out", out).exit_code == 0
    assert "--week 2023-01-03" in out.read_text(encoding="utf-8")
    assert_refused(command("report", three_days, "--week", "2023-W30", "--out", out), "not in the run", "2023-01-04")
    assert_refused(command("report", three_days, "--week", "soon", "--out", out), "is no week", "2023-W08")


def test_run_writes_the_page_as_well(tmp_path):
    answer = command("run", "minimal", "--hours", "2", "--out", tmp_path / "run", "--report", "--quiet")
    assert answer.exit_code == 0 and (tmp_path / "run-report.html").stat().st_size > 4_000_000


def test_older_damaged_and_foreign_folders_are_refused(copy, tmp_path):
    summary = json.loads((copy / "summary.json").read_text(encoding="utf-8"))
    (copy / "summary.json").write_text(json.dumps({**summary, "format": 0}), encoding="utf-8")
    out = tmp_path / "page.html"
    assert_refused(command("report", copy, "--out", out), "results of format 0", "run it again")
    (copy / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    log = copy / "log.parquet"
    log.write_bytes(log.read_bytes()[:-2000])
    assert_refused(command("report", copy, "--out", out), "damaged results")
    assert_refused(command("report", tmp_path / "nothing", "--out", out), "no such folder")
    assert_refused(command("report", tmp_path, "--out", out), "not a results folder")
    assert not out.exists() and leftovers(tmp_path) == []


def test_missing_columns_are_named_and_the_rest_is_shown(copy, tmp_path):
    log = pq.read_table(copy / "log.parquet")
    pq.write_table(log.drop_columns(["tank.pressure_pa", "stack.running_h"]), copy / "log.parquet")
    page = _page(copy, tmp_path, minutes=False)
    assert "the log has no column stack.running_h" in page.text and set(SECTIONS) <= set(page.ids)
    pq.write_table(log.select(["time", "tank.pressure_pa"]), copy / "log.parquet")
    page = _page(copy, tmp_path, minutes=False)
    assert "the log has no column" in page.text and set(SECTIONS) <= set(page.ids)


def test_a_folder_without_its_plant_is_shown_as_far_as_it_goes(copy, tmp_path):
    (copy / "plant.yaml").unlink()
    (copy / "scenario.json").unlink()
    page = _page(copy, tmp_path)
    assert "keeps no plant.yaml" in page.text and set(SECTIONS) <= set(page.ids)


def test_a_file_that_cannot_be_written_is_said(day, tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    assert_refused(command("report", day, "--out", tmp_path / "file" / "page.html"), "choose another file")
    assert_refused(command("report", day, "--out", tmp_path), "a folder stands where a file is needed")


@pytest.mark.parametrize(
    ("unit", "largest", "shown"),
    [
        ("W", 5e6, "kW"),
        ("W", 5e7, "MW"),
        ("Pa", 1.0, "bar"),
        ("K", 300.0, "°C"),
        ("EUR/J", 1.0, "EUR/MWh"),
        ("1", 1.0, "1"),
    ],
)
def test_units_of_pictures(unit, largest, shown):
    assert shown_unit(unit, largest)[0] == shown


def test_plot_writes_pictures_with_units(day, tmp_path):
    names = ["stack.power.power_w", "tank.pressure_pa", "stack.temperature_k"]
    for ending, begins in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF")):
        file = tmp_path / f"picture.{ending}"
        assert command("plot", day, *names, "--out", file, "--from", "2023-07-03T06:00").exit_code == 0
        assert file.read_bytes().startswith(begins)
    text = (tmp_path / "picture.svg").read_text(encoding="utf-8")
    for word in (*names, ">kW<", ">bar<", ">°C<", "time, UTC"):
        assert word in text, word
    assert leftovers(tmp_path) == []


def test_plot_explains_mistakes(day, tmp_path):
    out = tmp_path / "x.png"
    assert_refused(command("plot", day, "tank.presure_pa", "--out", out), "no column", "did you mean tank.pressure_pa")
    assert_refused(command("plot", day, "tank.pressure_pa", "--out", tmp_path / "x.bmp"), ".png, .svg, .pdf")
    assert_refused(
        command("plot", day, "tank.pressure_pa", "--from", "2030-01-01", "--out", out), "nothing lies between"
    )
    assert_refused(command("plot", day, "tank.pressure_pa", "--from", "noon", "--out", out), "is not a time")
    assert not out.exists()


def test_exports_hold_the_log_with_units(day, tmp_path):
    results = Results(day)
    columns = ["stack.power.power_w", "tank.pressure_pa"]
    answer = command("export", day, *columns, "--csv", "--out", tmp_path / "day.csv")
    assert answer.exit_code == 0
    lines = (tmp_path / "day.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == '"time_utc","stack.power.power_w [W]","tank.pressure_pa [Pa]"'
    assert len(lines) == len(results) + 1
    assert float(lines[-1].split(",")[2]) == pytest.approx(results["tank.pressure_pa"][-1])
    assert_refused(command("export", day), "--csv, --netcdf or --excel")
    assert_refused(command("export", day, "tank.level_x", "--csv", "--out", tmp_path / "x.csv"), "no column")


def test_netcdf_follows_the_conventions(day, tmp_path):
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("h5py")
    assert command("export", day, "--netcdf", "--out", tmp_path / "day.nc").exit_code == 0
    results = Results(day)
    with xarray.open_dataset(tmp_path / "day.nc", engine="h5netcdf") as data:
        assert len(data.data_vars) == len(results.columns)
        assert data["tank.pressure_pa"].attrs["units"] == "Pa"
        assert data["tank.pressure_pa"].attrs["cell_methods"] == "time: point"
        assert data["exchanger.conductance_w_per_k"].attrs["units"] == "W K-1"
        assert (data["tank.pressure_pa"].values == results["tank.pressure_pa"]).all()
        assert data.time.values[0] == np.datetime64("2023-07-03T00:00")


def test_workbook_holds_figures_and_balances(day, tmp_path):
    openpyxl = pytest.importorskip("openpyxl")
    assert command("export", day, "--excel", "--out", tmp_path / "day.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "day.xlsx", read_only=True)
    assert book.sheetnames == ["Key figures", "Balances", "Events", "Columns", "Provenance"]
    figures = {row[0]: row[1] for row in book["Key figures"].iter_rows(min_row=2, values_only=True)}
    assert figures["hydrogen made"] == pytest.approx(Results(day).summary["key_figures"]["hydrogen_made_kg"])
    book.close()


@pytest.mark.parametrize(
    ("unit", "cf"), [("W/(m2 K)", "W m-2 K-1"), ("1", "1"), ("kg/s", "kg s-1"), ("EUR/J", "euro J-1"), ("1/s", "s-1")]
)
def test_units_of_the_conventions(unit, cf):
    assert cf_unit(unit) == cf


def test_comparison_says_what_differs(day, tmp_path):
    changed = h2plant.run("minimal_day", out=tmp_path / "changed", set={"line.min_load_frac": 0.4}).folder
    page = _Page(compare_runs([day, changed], tmp_path / "page.html"))
    assert {"figures", "inputs", "curves", "durations", "money", "provenance"} <= set(page.ids)
    assert "line.min_load_frac" in page.text and "0.4" in page.text and page.fetched == []
    same = _Page(compare_runs([day, day], tmp_path / "same.html"))
    assert "the same" in same.text
    with pytest.raises(ResultsError, match="give 2 to 6 runs"):
        compare_runs([day], tmp_path / "one.html")


def test_comparison_of_different_plants(day, three_days, tmp_path):
    page = _Page(compare_runs([day, three_days], tmp_path / "page.html"))
    assert "hydrogen made" in page.text and "link grid.bus -> bus.grid" in page.text


def test_the_command_compares_folders_of_results(day, three_days, tmp_path, monkeypatch) -> None:
    page = tmp_path / "comparison.html"
    monkeypatch.setenv("COLUMNS", "80")
    answer = command("compare", day, three_days, "--out", page)
    assert answer.exit_code == 0 and page.stat().st_size > 100_000
    lines = answer.stdout.splitlines()
    made = next(line.split() for line in lines if line.strip().startswith("hydrogen made"))
    values = [Results(folder).summary["key_figures"]["hydrogen_made_kg"] for folder in (day, three_days)]
    assert made[2:] == ["kg", *(f"{value:,.0f}" for value in values), f"{values[1] - values[0]:+,.0f}", "kg"]
    assert any("what was put in differs in" in line for line in lines) and "scenario.hours: " in answer.stdout
    assert max(map(len, lines)) <= 80 or str(page) in answer.stdout
    answer = command("compare", day, tmp_path / "nowhere", "--out", page)
    assert answer.exit_code == 2 and "nowhere" in answer.stderr


@pytest.mark.parametrize(
    ("figure", "first", "value", "says"),
    [
        ("hydrogen_made_kg", 200.0, 150.0, "-25.0%"),
        ("hydrogen_made_kg", 547497.0, 547490.0, "0"),
        ("internal_rate_frac", -0.0356, -0.0205, "+1.51 points"),
        ("rfnbo_frac", 0.8, 0.5, "-30.00 points"),
        ("net_present_value_eur", -23467477.0, -15391483.0, "+8,075,994 EUR"),
        ("net_present_value_eur", 2000.0, -500.0, "-2,500 EUR"),
        ("curtailed_mwh", 0.0, 3.0, "+3.0 MWh"),
        ("curtailed_mwh", 0.3, 340.0, "+339.7 MWh"),
        ("curtailed_mwh", 30.0, 330.0, "+1,000.0%"),
        ("payback_years", None, 3.0, "-"),
    ],
)
def test_differences_are_told_in_what_makes_sense_of_them(figure, first, value, says):
    assert difference_text(FIGURES[figure], first, value) == says


def test_what_was_written_differently_comes_before_what_follows_from_it(day, tmp_path):
    changed = h2plant.run("minimal_day", out=tmp_path / "changed", set={"line.min_load_frac": 0.4}).folder
    lines = command("compare", day, changed, "--out", tmp_path / "page.html").stdout.splitlines()
    at = next(k for k, line in enumerate(lines) if line.startswith("what was put in differs in"))
    assert lines[at + 1].strip().startswith("scenario.set.line.min_load_frac: ")
    after = next(k for k, line in enumerate(lines) if line.startswith("what follows from it differs in"))
    assert after > at and any(line.strip().startswith("line.min_load_frac: ") for line in lines[after:])


def test_a_part_stands_below_what_it_is_part_of():
    """The sum is shown for its part, though it differs too little to be shown for itself."""
    first = {"import_mwh": 100.0, "import_frac": 0.1, **{f"starts_{k}": 1.0 for k in "ab"}}
    shown = chosen_figures([first, {**first, "import_frac": 0.3}])
    assert [figure.id for figure in shown] == ["import_mwh", "import_frac"] and shown[1].label.startswith("  ")


def test_a_kind_of_another_name_is_drawn_as_what_it_says_it_is(day, tmp_path, monkeypatch):
    """A stack, a tank and a customer of other kinds: their roles alone say where and how they stand on the page."""
    roles = {
        "stack": {"technology": "ALK", "unit": "alkaline stack", "units": "Alkaline stacks", "curve": None},
        "tank": {},
        "trailers": {"deliveries": "", "unserved": (), "largest_flow": None, "call_band": ""},
    }
    plant = RunData(Results(day)).plant
    components = dict(plant.components)
    for id_, changes in roles.items():
        kind = components[id_].kind
        other = replace(kind, name=f"other_{kind.name}", role=replace(kind.role, **changes))
        components[id_] = replace(components[id_], kind=other)
    monkeypatch.setattr(RunData, "plant", replace(plant, components=components))
    data = RunData(Results(day))
    panels = {panel.title: [(q.label, *q.names) for q in panel.quantities] for panel in quantities.panels(data)}
    assert panels["power, MW"][0] == ("ALK", "stack.power.power_w")
    assert panels["hydrogen, kg/h"] == [
        ("ALK hydrogen", "stack.hydrogen_made_kg_per_s"),
        ("to trailers", "trailers.flow_kg_per_s"),
    ]
    assert panels["ALK, °C"] == [("stack", "stack.temperature_k")]
    assert panels["tanks, bar"] == [("tank", "tank.pressure_pa")]
    assert {"Alkaline stacks", "Sold", "Power"} <= set(sankey.energy(data).nodes)
    page = _page(day, tmp_path)
    assert "Starts of ALK units" in page.text and "ALK: polarisation and specific energy" in page.text
    assert "The plant has no electrolyser" not in page.text
