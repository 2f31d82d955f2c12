"""No answer is wrong without a word: power without a source, open balances, shortage, names, parts missing."""

import csv
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

import h2plant
from h2plant import Results
from h2plant.books import J_PER_MWH, Books
from h2plant.comparison.rules import Row, _rank
from h2plant.components import KINDS
from h2plant.config.load import load_plant, read_plant
from h2plant.config.scenario import load_scenario
from h2plant.core.declare import Kind, Port
from h2plant.core.jit import IS_JIT_DISABLED
from h2plant.core.status import SHORTAGE
from h2plant.economics import cost_figures
from h2plant.execution import changed_scenario, execute, make_engine, prepare
from h2plant.ledger import Bookkeeper
from h2plant.plant.check import check_plant
from h2plant.plant.graph import PortRef
from h2plant.run_warnings import MOST_RESIDUAL
from h2plant.simulation.engine import Engine
from h2plant.simulation.program import Program
from h2plant.studies.optimize import run_optimize
from h2plant.studies.run import run_study
from h2plant.validity import MOST_UNSOURCED_FRAC, faults, unsourced_power
from tests.cases.answers import CASES, run_case
from tests.command import h2plant as command

LIMITED = {"grid.import_limit_mw": 0.2}
VOID = (
    *("hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur"),
    *("internal_rate_frac", "payback_years", "carbon_kg_per_kg"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("served") / "r")


@pytest.fixture(scope="module")
def limited(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("limited") / "r", set=LIMITED)


# power without a source


def test_cost_of_hydrogen_from_power_without_a_source_is_not_valid(served, limited):
    """The same 226 kg as with a source cost 4.15 instead of 5.57 EUR/kg on v0.1.0: 12.3 of 14.7 MWh were free."""
    had, lacks = served.summary, limited.summary
    assert had["not_valid"] == [] and had["key_figures"]["hydrogen_cost_eur_per_kg"] == pytest.approx(5.57, abs=0.01)
    (fault,) = lacks["not_valid"]
    figures = lacks["key_figures"]
    assert (fault["id"], fault["component"]) == ("power-without-source", "grid")
    drawn, imported = figures["electricity_used_mwh"], figures["import_mwh"]
    assert fault["amount"] == pytest.approx(drawn - imported, rel=1e-9)  # what no source gave, by energy
    assert fault["violation"] == pytest.approx(1.0 - imported / drawn, rel=1e-9)
    assert figures["hydrogen_made_kg"] == pytest.approx(had["key_figures"]["hydrogen_made_kg"], rel=1e-9)
    assert [figures[name] for name in VOID] == [None] * len(VOID)
    assert lacks["economics"]["not_valid"] == "not valid: 12.3 MWh had no source"
    assert set(lacks["economics"]["reasons"].values()) == {"not valid: 12.3 MWh had no source"}
    assert lacks["economics"]["by_kind_of_cost_eur_per_kg"] == {}
    assert lacks["economics"]["carbon"]["kg_per_kg"] is None
    assert figures["capex_eur"] > 0.0
    assert not served.warnings and "12.3 of 14.7 MWh (83.8%) drawn at 'grid' had no source" in limited.warnings[0]
    assert "not valid" in repr(limited) and "not valid" not in repr(served)
    assert "<b>not valid:</b>" in limited._repr_html_()
    assert (limited.folder / "cash_flow.csv").read_text() == "none: not valid: 12.3 MWh had no source\n"


def test_summary_says_so_first_and_the_exit_code_is_3(tmp_path):
    answer = command("run", "minimal_day", "--set", "grid.import_limit_mw=0.2", "--out", tmp_path / "r")
    assert answer.exit_code == 3
    assert answer.stdout.splitlines()[0].startswith("not valid: 12.3 of 14.7 MWh (83.8%) drawn at 'grid'")
    cost = next(line for line in answer.stdout.splitlines() if "cost of hydrogen (levelised" in line)
    assert "not valid" in cost and "EUR/kg" in cost
    assert "not valid: 12.3 MWh had no source: cost of hydrogen" in answer.text
    assert command("run", "minimal_day", "--hours", 1, "--out", tmp_path / "s").exit_code == 0
    quiet = command("run", "minimal_day", "--set", "grid.import_limit_mw=0.2", "--quiet", "--out", tmp_path / "q")
    assert (quiet.exit_code, quiet.stdout.strip()) == (3, str(tmp_path / "q"))
    as_json = command("run", "minimal_day", "--set", "grid.import_limit_mw=0.2", "--json", "--out", tmp_path / "j")
    assert as_json.exit_code == 3 and json.loads(as_json.stdout)["not_valid"][0]["id"] == "power-without-source"


def test_report_says_so_first(limited):
    from h2plant.commands.report import make_report

    page = make_report(limited).read_text(encoding="utf-8")
    said = page.index("12.3 of 14.7 MWh (83.8%) drawn at ")
    assert said < page.index("hydrogen made")


def _with_unserved(share: float) -> Books:
    """Return the books of an hour whose grid left a share of what the bus drew without a source."""
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), hours=1))
    engine = make_engine("optimized", program)
    engine.begin()
    keeper = Bookkeeper(program, engine.content())
    engine.run(60)
    books = Books(program, keeper.close(engine.content()))
    drawn = sum(float(program.arrays.totals[f.slot]) for f in program.flows if f.name.startswith("bus.consumers"))
    drawn += sum(
        float(program.arrays.totals[f.slot])
        for f in program.flows
        if f.medium == "power" and f.source == program.component_ids.index("bus") and "bus.consumers" not in f.name
    )
    program.arrays.totals[program.slot_index["grid.unserved"]] = share * drawn
    return books


@pytest.mark.parametrize(("share", "n"), [(0.0, 0), (0.99 * MOST_UNSOURCED_FRAC, 0), (1.01 * MOST_UNSOURCED_FRAC, 1)])
def test_a_thousandth_of_the_energy_may_lack_a_source(share, n):
    found = unsourced_power(_with_unserved(share))
    assert len(found) == n
    for fault in found:
        assert fault.violation == pytest.approx(share, rel=1e-9)


def test_rule_that_takes_power_from_nowhere_is_ranked_below_all_that_are_served():
    rows = [Row("free", 100.0, note="not valid: ..."), Row("worst", -5.0), Row("failed", note="why"), Row("best", 7.0)]
    assert [row.rule for row in sorted(rows, key=_rank)] == ["best", "worst", "free", "failed"]


def test_compare_ranks_only_what_is_served(monkeypatch):
    from h2plant.comparison import rules

    monkeypatch.setattr(rules, "rule_kinds", lambda: ("constant_load", "planned", "follow_wind"))
    found = rules.compare_rules(changed_scenario(load_scenario("minimal_day"), hours=24, overrides=LIMITED))
    assert [row.rule for row in found.rows][-1] == "constant_load"  # most profit, 84 % of its power from nowhere
    last = found.rows[-1]
    assert last.profit_eur is not None and last.profit_eur > max(row.profit_eur or 0.0 for row in found.rows[:-1])
    assert last.note.startswith("not valid: ") and last.gap_frac is None
    assert all(not row.note for row in found.rows[:-1])


SWEEP = """
h2plant: 1
study: limits
kind: sweep
scenario: minimal_day
hours: 8
parameters:
  - {name: limit, path: grid.import_limit_mw, values: [0.2, 2.0]}
design: {kind: grid}
outputs: [hydrogen_cost_eur_per_kg, hydrogen_made_kg]
"""


def test_sweep_leaves_out_what_is_not_valid(tmp_path):
    (tmp_path / "limits.yaml").write_text(SWEEP, encoding="utf-8")
    answer = command("sweep", tmp_path / "limits.yaml", "--out", tmp_path / "out")
    assert answer.exit_code == 3, answer
    assert "1 of 2 scenarios are not valid and left out" in answer.text
    assert "least hydrogen_cost_eur_per_kg" in answer.text
    for what in ("least", "greatest"):
        assert f"{what} hydrogen_cost_eur_per_kg" in answer.text
        said = answer.text.split(f"{what} hydrogen_cost_eur_per_kg")[1]
        assert said.split("in scenario ")[1].startswith("2 "), said
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["hydrogen_cost_eur_per_kg"] == "" and "had no source" in first["not_valid"]
    assert float(second["hydrogen_cost_eur_per_kg"]) > 0.0 and second["not_valid"] == ""
    resumed = run_study(tmp_path / "limits.yaml", tmp_path / "out")  # as read from the store
    assert [bool(o.not_valid) for o in resumed.outcomes] == [True, False] and resumed.n_runs == 0
    assert resumed.outcomes[0].violation == pytest.approx(0.8, abs=0.1) and resumed.outcomes[1].violation == 0.0


OPTIMUM = """
h2plant: 1
study: most
kind: optimize
scenario: minimal_day
hours: 4
parameters:
  - {name: load, path: rule.pem_power_mw, values: [0.3, 1.0]}
objectives: [{maximize: hydrogen_made_kg}]
search: {sampler: SAMPLER, trials: 8, batch: 4}
set: {grid.import_limit_mw: 0.5}
"""


@pytest.mark.parametrize("sampler", ["tpe", "nsga_ii"])
def test_optimum_is_served(tmp_path, sampler):
    """A megawatt makes more hydrogen than 0.3 MW, but the grid gives half a megawatt."""
    (tmp_path / "most.yaml").write_text(OPTIMUM.replace("SAMPLER", sampler), encoding="utf-8")
    found = run_optimize(tmp_path / "most.yaml", tmp_path / "out")
    (best,) = found.best
    assert found.point(best.number).values["load"] == 0.3
    void = [o for o in found.run.outcomes if o.not_valid]
    assert void and all(o.values["hydrogen_made_kg"] > -best.losses[0] for o in void)
    assert all(not j.is_feasible for j in found.judged if found.outcome(j.number).not_valid)


# draws that are linked to nothing


@pytest.mark.parametrize("name", ["minimal", "dual_path"])
def test_every_power_port_that_loses_its_link_is_found(name):
    """A rectifier without a link to the bus made 220 kg of hydrogen of 2.3 MWh on v0.1.0 (efficiency 3.7)."""
    from dataclasses import replace

    plant = load_plant(name)
    power = [link for link in plant.links if not link.is_series and plant.port(link.source).medium == "power"]
    assert len(power) >= 6
    for link in power:
        writer = link.source if plant.port(link.source).is_writer else link.target
        changed = replace(plant, links=tuple(one for one in plant.links if one != link))
        found = [f for f in check_plant(changed) if f.id in ("power-unlinked", "port-unlinked")]
        assert any(f.where == str(writer) for f in found), link
        values = plant.components[writer.component].values
        assert not any(values.get(n) == 0.0 for n in plant.port(writer).idle_without)


def test_unlinked_draw_names_the_link_to_write(tmp_path):
    file = tmp_path / "plant.yaml"
    text = load_plant("minimal").text
    file.write_text(text.replace("[rectifier.power, ", "["), encoding="utf-8")
    (found,) = read_plant(file)[1]
    assert (found.id, found.where) == ("power-unlinked", "rectifier.power") and found.line > 0
    assert (
        "draws power from nowhere" in found.what
        and "'X -> rectifier.power' with X such as 'bus.consumers'" in found.remedy
    )
    lines = text.replace("  - grid.bus -> bus.grid\n", "").splitlines(keepends=True)
    file.write_text("".join(one for one in lines if "grid_connection" not in one), encoding="utf-8")
    (found,) = read_plant(file)[1]  # no grid and no source
    assert (found.id, found.where) == ("power-unlinked", "bus.grid")
    assert "grid_connection" in found.what and "rectifier" not in found.remedy


def test_draw_that_a_parameter_makes_zero_need_not_be_linked():
    assert [f for f in check_plant(load_plant("minimal"))] == []
    (found,) = read_plant("minimal", {"cooler.fan_power_ratio": 0.02})[1]
    assert (found.id, found.where) == ("power-unlinked", "cooler.power")
    assert found.remedy.endswith(", or set fan_power_ratio: 0")


IDLE = [(kind, port) for kind in KINDS for port in kind.ports if port.idle_without]


@pytest.mark.parametrize(("kind", "port"), IDLE, ids=[f"{k.name}.{p.name}" for k, p in IDLE])
def test_idle_draws_are_zero(kind: Kind, port: Port, tmp_path: Path):
    """Every case of the kind, run with the parameters of ``idle_without`` at 0: nothing is drawn."""
    import yaml

    cases = [path for path in CASES if path.parent.name.startswith(f"{kind.name}--")]
    for path in cases:
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        drew = run_case(path, is_plain=False).rig.signal(port.name)
        case["parameters"] = {**(case.get("parameters") or {}), **dict.fromkeys(port.idle_without, 0.0)}
        for run in case["runs"]:
            run.pop("status", None)
        file = tmp_path / path.parent.name / "case.yaml"
        file.parent.mkdir()
        file.write_text(yaml.safe_dump(case), encoding="utf-8")
        rig = run_case(file, is_plain=False).rig
        assert rig.signal(port.name) == 0.0, (path, drew)
        assert all(kind.field(name).ge == 0.0 for name in port.idle_without)


# shortage


STORE = """
h2plant: 1
name: store
series:
  temp_air_degc: {constant: 15}
  wanted_kg_per_h: {constant: 100}
components:
  tank: {kind: gas_tank, n_vessels: 4, vessel_volume_m3: 10, diameter_m: 1.5, wall_thickness_mm: 60,
         min_pressure_bar: 42, max_pressure_bar: 100, relief_pressure_bar: 110, initial_pressure_bar: 100}
  customer: {kind: product_sink, h2_price_eur_per_kg: 5}
links:
  - series.wanted_kg_per_h -> tank.demands
  - tank.outlets -> customer.inlet
"""
STORE_DAY = "h2plant: 1\nname: day\nplant: store.yaml\nstart: 2023-07-03\nhours: 24\n"


@pytest.fixture
def store(tmp_path) -> Path:
    (tmp_path / "store.yaml").write_text(STORE, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    return tmp_path / "day.yaml"


@pytest.mark.parametrize("engine", ["optimized", "baseline"])
def test_tank_that_cannot_give_what_is_asked_says_so(store, tmp_path, engine):
    """On v0.1.0 a tank that gave 276 of 2,400 kg said nothing: what ``emit`` returned was dropped."""
    hours = 24.0 if engine == "optimized" else 4.0
    results = h2plant.run(store, engine=engine, hours=hours, out=tmp_path / "r", set={"tank.n_vessels": 1})
    figures = results.summary["key_figures"]
    (event,) = results.events.to_pylist()
    assert (event["component"], event["code"], event["what"]) == ("tank", SHORTAGE, "supply short")
    asked = 100.0 * hours
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(asked, rel=1e-9)
    assert event["amount"] == pytest.approx(figures["hydrogen_unserved_kg"], rel=1e-9)
    assert event["peak"] == pytest.approx(100.0 / 3600.0, rel=1e-3)  # empty at the end
    # 10 m3 from 100 to 42 bar at 15 degC hold 45 kg (CoolProp: 7.945 and 3.457 kg/m3), what cools while it empties less
    assert 35.0 < figures["hydrogen_sold_kg"] < 45.0


def test_both_engines_report_the_same_events(store, tmp_path):
    found = [
        h2plant.run(store, engine=engine, hours=3, out=tmp_path / engine, set={"tank.n_vessels": 1}).events.to_pylist()
        for engine in ("optimized", "baseline")
    ]
    assert [(e["component"], e["code"], e["start"], e["end"]) for e in found[0]] == [
        (e["component"], e["code"], e["start"], e["end"]) for e in found[1]
    ]
    assert found[0][0]["amount"] == pytest.approx(found[1][0]["amount"], rel=1e-4)


def test_emit_and_step_of_a_component_have_events_of_their_own(limited, served):
    """The tank is short in the evening while its gas is off specification: neither event cuts the other in pieces."""
    events = [e for e in served.events.to_pylist() if e["component"] == "tank"]
    short = [e for e in events if e["code"] == SHORTAGE]
    assert len(short) == 1
    overlapping = [
        e for e in events if e["code"] != SHORTAGE and e["start"] < short[0]["end"] and short[0]["start"] < e["end"]
    ]
    assert overlapping
    assert sum((e["end"] - e["start"]).total_seconds() for e in overlapping) > 3600.0


def test_every_status_of_emit_becomes_an_event(store, monkeypatch):
    """Whatever code, whichever kind: also one that changes from step to step, also at the very end."""
    if IS_JIT_DISABLED:
        pytest.skip("counts events of the compiled loop")
    _, program = prepare(changed_scenario(load_scenario(store), hours=1, overrides={"tank.n_vessels": 1}))
    a = program.arrays
    assert a.status.size == program.n_components + a.emit_kind.size
    engine = make_engine("optimized", program)
    engine.begin()
    taken: list[Any] = []
    engine.run(60, lambda rows, events: taken.extend(events))
    (event,) = taken
    assert event.component == "tank" and event.last_step == 59 and event.first_step > 0


def test_trailers_that_leave_or_wait_empty_count_as_unserved(served):
    """A day asks for two trailers of 280 kg, and one of them stands empty at the bay when it begins."""
    figures = served.summary["key_figures"]
    asked = 280.0 + 2 * 280.0
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(
        asked,
        abs=3.0,  # trailers take the water and oxygen in the gas as well
    )


def test_series_that_asks_through_a_cascade_counts(tmp_path):
    text = STORE.replace("  customer:", "  draw: {kind: cascade_draw}\n  customer:")
    text = text.replace("series.wanted_kg_per_h -> tank.demands", "series.wanted_kg_per_h -> draw.demand")
    text += "  - draw.demands -> tank.demands\n  - tank.level -> draw.levels\n"
    (tmp_path / "store.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    figures = h2plant.run(tmp_path / "day.yaml", out=tmp_path / "r").summary["key_figures"]
    # the demand of a step reaches the tank in the next: up to one step's 1.67 kg is under way at the end
    assert figures["hydrogen_sold_kg"] + figures["hydrogen_unserved_kg"] == pytest.approx(2400.0, abs=1.7)
    assert figures["hydrogen_unserved_kg"] > 2000.0


# products by name


def test_hydrogen_sold_through_a_sink_is_called_hydrogen(store, tmp_path):
    answer = command("run", store, "--out", tmp_path / "r")
    assert "oxygen" not in answer.text
    figures = Results(tmp_path / "r").summary["key_figures"]
    assert figures["hydrogen_revenue_eur"] == pytest.approx(5.0 * figures["hydrogen_sold_kg"], rel=1e-12)
    assert not [name for name in figures if name.startswith(("oxygen", "nitrogen", "water_revenue"))]


PRODUCTS = """
  extra: {kind: product_sink, h2_price_eur_per_kg: 3, o2_price_eur_per_kg: 0.5, water_price_eur_per_kg: -2}
"""


def test_each_product_earns_under_its_own_name(tmp_path):
    """Hydrogen in the drum's gas, water from its drain: sold and disposed of, each under its name, summed by hand."""
    text = load_plant("minimal").text.replace("\nlinks:\n", f"{PRODUCTS}\nlinks:\n  - drum.drain -> extra.inlet\n")
    file = tmp_path / "plant.yaml"
    file.write_text(text, encoding="utf-8")
    results = h2plant.run(file, hours=24, start="2023-07-03", out=tmp_path / "r")
    taken = next(row for row in results.ledger.to_pylist() if row["component"] == "extra")
    figures = results.summary["key_figures"]
    assert taken["inflow_h2o_kg"] > 1.0
    assert figures["water_revenue_eur"] == pytest.approx(-2.0 * taken["inflow_h2o_kg"], rel=1e-12)
    assert figures.get("oxygen_revenue_eur", 0.0) == pytest.approx(0.5 * taken["inflow_o2_kg"], abs=1e-9)
    by_cost = results.summary["economics"]["by_kind_of_cost_eur_per_kg"]
    made = figures["hydrogen_made_kg"]
    assert by_cost["water sold"] == pytest.approx(2.0 * taken["inflow_h2o_kg"] / made, rel=1e-9)
    assert "oxygen sold" not in by_cost or by_cost["oxygen sold"] == pytest.approx(-0.5 * taken["inflow_o2_kg"] / made)


# balances


class _Leaking:
    """Makes an engine whose tank tells less than it holds: a planted loss."""

    def __init__(self, share: float) -> None:
        self.share = share

    def __call__(self, name: str, program: Program) -> Engine:
        engine = make_engine(name, program)
        content, share = engine.content, self.share
        tank = program.component_ids.index("tank")
        calls = []

        def held() -> np.ndarray:
            found = content()
            calls.append(1)
            if len(calls) > 1:  # at the end of the run
                found[tank] *= 1.0 - share
            return found

        engine.content = held  # type: ignore[method-assign]
        return engine


@pytest.mark.parametrize("share", [0.28, 1e-8])
def test_planted_loss_is_printed_in_red_kept_and_ends_with_3(tmp_path, monkeypatch, share):
    """A loss of 28 % ended with exit code 0 on v0.1.0."""
    monkeypatch.setattr("h2plant.execution.make_engine", _Leaking(share))
    answer = command("run", "minimal_day", "--hours", 2, "--out", tmp_path / "r")
    assert answer.exit_code == 3
    summary = Results(tmp_path / "r").summary
    faults_of = {fault["component"]: fault for fault in summary["not_valid"]}
    assert faults_of["tank"]["id"] == "open-balance"
    assert faults_of["tank"]["amount"] == pytest.approx(share, rel=0.25)  # over the content before
    assert answer.stdout.splitlines()[0].startswith("not valid: the balance of")
    assert "'tank' does not close" in answer.text
    # the whole plant's balance is open as well: by the same mass, over what crossed its border or is stored
    assert "" in faults_of


def test_open_balances_are_red_on_a_terminal(tmp_path, monkeypatch):
    from io import StringIO

    from rich.console import Console

    from h2plant.report.console import print_summary

    leaking = execute(changed_scenario(load_scenario("minimal_day"), hours=1), out=tmp_path / "r", make=_Leaking(0.28))
    screen = Console(file=StringIO(), force_terminal=True, color_system="standard", width=100, highlight=False)
    print_summary(screen, leaking.summary)
    said = screen.file.getvalue()  # type: ignore[attr-defined]
    red = "\x1b[1;31m"
    assert said.startswith(f"{red}not valid:")
    worst = f"{leaking.summary['residuals']['worst_relative']:.1e}"
    assert re.search(rf"{re.escape(red)} *{re.escape(worst)}", said)


def test_balances_of_a_sound_run_close(served):
    assert served.summary["residuals"]["worst_relative"] < MOST_RESIDUAL and served.summary["not_valid"] == []


def test_residual_that_is_no_number_is_open():
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), hours=1))
    engine = make_engine("optimized", program)
    engine.begin()
    keeper = Bookkeeper(program, engine.content())
    engine.run(60)
    content = engine.content()
    content[program.component_ids.index("tank"), 4] = np.nan
    found = faults(Books(program, keeper.close(content)))
    assert {fault.component for fault in found} == {"tank", ""} and all(fault.id == "open-balance" for fault in found)


# a finished run is kept


def _kept(folder: Path, missing: str, why: str) -> dict[str, Any]:
    """Assert that a folder holds a whole run whose summary says what is missing; returns the summary."""
    results = Results(folder)
    assert len(results) > 0 and results.ledger.num_rows > 0 and pq.read_table(folder / "events.parquet") is not None
    assert why in results.summary["missing"][missing], results.summary["missing"]
    assert any(text.startswith(f"missing: {missing}: ") for text in results.warnings)
    return results.summary


def test_kind_without_a_cost_does_not_cost_the_run(tmp_path, monkeypatch):
    monkeypatch.delitem(cost_figures.COSTS, "gas_tank")
    answer = command("run", "minimal_day", "--hours", 6, "--out", tmp_path / "r")
    assert answer.exit_code == 3 and answer.stdout.startswith("missing: economics: ")
    summary = _kept(tmp_path / "r", "economics", "component 'tank'")
    assert summary["key_figures"]["hydrogen_made_kg"] > 0.0
    assert summary["key_figures"]["hydrogen_cost_eur_per_kg"] is None
    assert "component 'tank'" in summary["economics"]["reasons"]["hydrogen_cost_eur_per_kg"]


@pytest.mark.parametrize(
    ("part", "target"),
    [
        ("economics", "h2plant.execution.appraise_run"),
        ("key figures", "h2plant.execution.summarise"),
        ("validity", "h2plant.execution.faults"),
        ("provenance", "h2plant.execution._provenance"),
        ("cash flow", "h2plant.economics.appraisal.Appraisal.cash_flow_csv"),
    ],
)
def test_whatever_fails_after_the_loop_costs_its_own_part_alone(tmp_path, monkeypatch, part, target):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr(target, fail)
    answer = command("run", "minimal_day", "--hours", 1, "--out", tmp_path / "r")
    assert answer.exit_code == 3, answer
    summary = _kept(tmp_path / "r", part, "ZeroDivisionError: planted")
    assert set(summary["missing"]) == {part} and summary["is_complete"]


def test_content_that_fails_costs_the_balances_alone(tmp_path):
    def broken(name: str, program: Program) -> Engine:
        engine = make_engine(name, program)
        content, calls = engine.content, []

        def held() -> np.ndarray:
            calls.append(1)
            if len(calls) > 1:
                raise FloatingPointError("planted")
            return content()

        engine.content = held  # type: ignore[method-assign]
        return engine

    results = execute(changed_scenario(load_scenario("minimal_day"), hours=1), out=tmp_path / "r", make=broken)
    summary = _kept(results.folder, "balances", "FloatingPointError: planted")
    assert any(fault["id"] == "open-balance" for fault in summary["not_valid"])


def test_plant_file_that_is_moved_meanwhile_is_kept_as_it_was_read(tmp_path):
    file = tmp_path / "plant.yaml"
    text = load_plant("minimal").text
    file.write_text(text, encoding="utf-8")

    def move(done: int) -> None:
        file.unlink(missing_ok=True)

    results = h2plant.run(file, hours=2, start="2023-07-03", out=tmp_path / "r", on_progress=move)
    assert not file.exists()
    assert (results.folder / "plant.yaml").read_text(encoding="utf-8") == text and not results.warnings


def test_appraisal_without_production_is_no_reason_to_lose_the_run(tmp_path):
    """v0.1.0: ``ValueError: the specific energy must be above 0``, and nothing was kept."""
    changes = ("--set", "tank.n_vessels=1", "--set", "tank.vessel_volume_m3=0.1")
    answer = command("run", "minimal", "--hours", 6, "--step-s", 900, *changes, "--out", tmp_path / "r")
    assert answer.exit_code == 1 and "tank: state outside the property tables" in answer.stderr
    summary = Results(tmp_path / "r").summary
    assert not summary["is_complete"] and summary["missing"] == {}


def test_error_of_the_program_in_the_loop_keeps_what_was_done(tmp_path):
    def fail(done: int) -> None:
        if done >= 60:
            raise RuntimeError("planted")

    with pytest.raises(RuntimeError, match="planted") as error:
        h2plant.run("minimal_day", hours=4, out=tmp_path / "r", on_progress=fail)
    assert error.value.folder == tmp_path / "r"
    results = Results(tmp_path / "r")
    assert results.summary["stopped_by"] == "RuntimeError: planted" and not results.summary["is_complete"]
    assert results.summary["hours"] >= 1.0 and len(results) >= 4


def test_years_before_one_that_fails_are_kept(tmp_path, monkeypatch):
    from h2plant import lifetime

    real: Callable[..., Any] = lifetime._start_anew
    monkeypatch.setattr(lifetime, "HOURS_OF_A_YEAR", (24.0, 24.0))
    years = []

    def second(*given: Any) -> None:
        years.append(1)
        if len(years) == 2:
            raise h2plant.PlantError([])
        real(*given)

    monkeypatch.setattr(lifetime, "_start_anew", second)
    scenario = changed_scenario(load_scenario("minimal_day"), log_every_s=3600)
    with pytest.raises(h2plant.PlantError):
        lifetime.execute_years(scenario, 5, out=tmp_path / "life")
    summary = json.loads((tmp_path / "life" / "summary.json").read_text(encoding="utf-8"))
    assert len(summary["years"]) == 2 and not summary["is_complete"]
    assert Results(tmp_path / "life" / "year_02").summary["key_figures"]["hydrogen_made_kg"] > 0.0


def test_life_with_a_year_whose_power_had_no_source_has_no_cost(tmp_path, monkeypatch):
    from h2plant import lifetime

    monkeypatch.setattr(lifetime, "HOURS_OF_A_YEAR", (24.0, 24.0))
    scenario = changed_scenario(load_scenario("minimal_day"), log_every_s=3600, overrides=LIMITED)
    folder = lifetime.execute_years(scenario, 2, out=tmp_path / "life")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert [fault["text"][:7] for fault in summary["not_valid"]] == ["year 1:", "year 2:"]
    assert summary["key_figures"]["hydrogen_cost_eur_per_kg"] is None


def test_ports_beyond_the_plant_are_power_ports_that_need_no_link():
    for kind in KINDS:
        for port in kind.ports:
            if port.beyond or port.idle_without:
                assert port.medium == "power" and port.is_writer and not port.is_required, f"{kind.name}.{port.name}"
    assert PortRef("grid", "unserved")
    assert J_PER_MWH == 3.6e9
