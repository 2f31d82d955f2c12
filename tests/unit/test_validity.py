"""Blackouts, power without a source and balances that do not close: said first, void, never ranked."""

import csv
import json
import re
from dataclasses import replace

import numpy as np
import pytest

import h2plant
from h2plant import Results
from h2plant.config.bundled import PLANTS
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.plant.fault import Fault, Faults, Random
from h2plant.results.ledger import Bookkeeper
from h2plant.results.totals import Totals
from h2plant.results.validity import MOST_UNSOURCED_FRAC, faults, no_source_text, power_faults, unsourced_power
from h2plant.results.warning import MOST_RESIDUAL
from h2plant.session.execution import execute
from h2plant.session.session import make_engine, prepare
from h2plant.simulation.engine import Engine
from h2plant.simulation.program import Program
from h2plant.studies.compare.rules import Row, _rank
from h2plant.studies.search.optimize import run_optimize
from h2plant.studies.study.run import run_study
from tests.command import h2plant as command
from tests.unruled import write_day

pytestmark = pytest.mark.long

LIMITED = {"grid.import_limit_mw": 0.2}
VOID = (
    *("hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg", "net_present_value_eur"),
    *("internal_rate_frac", "payback_years", "carbon_kg_per_kg"),
)


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Results:
    return h2plant.run("minimal_day", out=tmp_path_factory.mktemp("served") / "r")


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """A day of a line that no rule holds back: it draws 1 MW whatever the grid gives."""
    return write_day(tmp_path_factory.mktemp("day"))


@pytest.fixture(scope="module")
def unlimited(day) -> Results:
    return h2plant.run(day, out=day.parent / "unlimited")


@pytest.fixture(scope="module")
def limited(day) -> Results:
    return h2plant.run(day, out=day.parent / "limited", set=LIMITED)


def test_cost_of_hydrogen_from_an_emergency_supply_is_not_valid(served, unlimited, limited):
    """On v0.1.0 what the grid could not give was free, and the hydrogen of it the cheapest."""
    had, lacks = unlimited.summary, limited.summary
    assert had["not_valid"] == [] and had["key_figures"]["hydrogen_cost_eur_per_kg"] > 0.0
    (fault,) = lacks["not_valid"]
    figures = lacks["key_figures"]
    assert (fault["id"], fault["component"]) == ("blackout", "bus")
    drawn, imported = figures["electricity_used_mwh"], figures["import_mwh"]
    emergency = drawn - imported - 0.02  # 20 kWh from the store
    assert fault["emergency_mwh"] == pytest.approx(emergency, rel=1e-9) and fault["unsourced_mwh"] is None
    assert fault["violation_frac"] == pytest.approx(emergency / drawn, rel=1e-9)
    assert figures["hydrogen_made_kg"] == pytest.approx(had["key_figures"]["hydrogen_made_kg"], rel=1e-9)
    assert [figures[name] for name in VOID] == [None] * len(VOID)
    why = f"not valid: {emergency:.3g} MWh came from the emergency supply"
    assert lacks["economics"]["not_valid"] == why
    assert set(lacks["economics"]["reasons"].values()) == {why}
    assert lacks["economics"]["by_kind_of_cost_eur_per_kg"] == {}
    assert lacks["economics"]["carbon"] is None
    assert figures["capex_eur"] > 0.0
    assert not served.warnings and fault["text"] in limited.warnings[0]
    assert "not valid" in repr(limited) and "not valid" not in repr(served)
    assert "<b>not valid:</b>" in limited._repr_html_()
    assert (limited.folder / "cash_flow.csv").read_text() == f"none: {why}\n"


def test_summary_says_so_first_and_the_exit_code_is_3(day, tmp_path):
    answer = command("run", day, "--set", "grid.import_limit_mw=0.2", "--out", tmp_path / "r")
    assert answer.exit_code == 3
    assert answer.stdout.splitlines()[0].startswith("not valid: blackout at 'bus': once, ")
    cost = next(line for line in answer.stdout.splitlines() if "cost of hydrogen (levelised" in line)
    assert "not valid" in cost and "EUR/kg" in cost
    assert "MWh came from the emergency supply: cost of hydrogen" in answer.text
    assert command("run", "minimal_day", "--hours", 1, "--out", tmp_path / "s").exit_code == 0
    quiet = command("run", day, "--set", "grid.import_limit_mw=0.2", "--quiet", "--out", tmp_path / "q")
    assert (quiet.exit_code, quiet.stdout.strip()) == (3, str(tmp_path / "q"))
    as_json = command("run", day, "--set", "grid.import_limit_mw=0.2", "--json", "--out", tmp_path / "j")
    assert as_json.exit_code == 3 and json.loads(as_json.stdout)["not_valid"][0]["id"] == "blackout"


def test_report_says_so_first(limited):
    from h2plant.cli.report import make_report

    page = make_report(limited).read_text(encoding="utf-8")
    text = page.index("MWh from the emergency supply")
    assert text < page.index("hydrogen made")


def _with(slot: str, share: float, **fields: float) -> Totals:
    """Return the totals of an hour of which a share of what the bus drew came through a port, and fields are so."""
    _, program = prepare(changed_scenario(load_scenario("minimal_day"), hours=1))
    engine = make_engine("optimized", program)
    engine.begin()
    keeper = Bookkeeper(program, engine.content())
    engine.run(60)
    totals = Totals(program, keeper.close(engine.content()))
    bus = program.component_ids.index("bus")
    of_bus = [f for f in program.flows if f.medium == "power" and f.source == bus]
    drawn = sum(float(program.arrays.totals[f.slot]) for f in of_bus)
    program.arrays.totals[program.slot_index[slot]] = share * drawn
    for name, value in fields.items():
        program.arrays.memory[program.field_index[f"bus.{name}"]] = value
    return totals


@pytest.mark.parametrize(("share", "n"), [(0.0, 0), (0.99 * MOST_UNSOURCED_FRAC, 0), (1.01 * MOST_UNSOURCED_FRAC, 1)])
def test_a_thousandth_of_the_energy_may_lack_a_source(share, n):
    """Power of a kind of one's own whose border is 'nothing', or of a grid without a bus that settles it."""
    found = unsourced_power(_with("grid.unserved", share))
    assert len(found) == n
    for fault in found:
        assert fault.violation_frac == pytest.approx(share, rel=1e-9)


@pytest.mark.parametrize(
    ("share", "is_void"), [(0.99 * MOST_UNSOURCED_FRAC, False), (1.01 * MOST_UNSOURCED_FRAC, True)]
)
def test_a_thousandth_of_the_energy_may_come_from_the_emergency_supply(share, is_void):
    totals = _with("bus.emergency", share, n_blackouts=3.0, blackout_s=1440.0)
    (fault,) = power_faults(totals)
    assert fault.id == "blackout" and fault.violation_frac == pytest.approx(share, rel=1e-2)
    assert fault.text.startswith("blackout at 'bus': 3 times, 0.4 h, ")
    assert fault.text.endswith(" kWh from the emergency supply")
    assert bool(no_source_text([fault])) is is_void
    assert [one.id for one in power_faults(_with("bus.emergency", 0.0))] == []


@pytest.mark.parametrize(
    ("component", "share", "n"),
    [
        ("", 0.99 * MOST_UNSOURCED_FRAC, 1),
        ("grid", 0.99 * MOST_UNSOURCED_FRAC, 0),
        ("grid", 1.01 * MOST_UNSOURCED_FRAC, 1),
        ("line", 0.99 * MOST_UNSOURCED_FRAC, 1),
    ],
)
def test_where_a_supply_is_declared_out_a_blackout_voids_above_a_thousandth(component, share, n):
    totals = _with("bus.emergency", share, n_blackouts=1.0, blackout_s=600.0)
    fault = Fault("down", component, "outage", Random(4.0e6, 3600.0))
    plant = load_plant("minimal")
    totals.plant = replace(plant, faults=Faults((fault,) if component else ()))
    assert [one.id for one in power_faults(totals)] == ["blackout"] * n


@pytest.mark.parametrize(("begin", "end", "expected"), [("06:00", "06:03", []), ("01:00", "23:00", ["blackout"])])
def test_the_audit_holds_the_same_of_blackouts_in_declared_outages(tmp_path, begin, end, expected):
    """An outage of minutes, less than a thousandth of the day's energy; and one of most of the day, more."""
    outage = f"faults:\n  down: {{component: grid, from: 2023-01-01T{begin}, to: 2023-01-01T{end}}}\n"
    file = tmp_path / "plant.yaml"
    file.write_text((PLANTS / "minimal.yaml").read_text(encoding="utf-8") + outage, encoding="utf-8")
    scenario = replace(load_scenario(file), overrides={"bus.ride_through_kwh": 0.0})
    results = execute(changed_scenario(scenario, hours=24), out=tmp_path / "r")
    assert "blackout: emergency supply, lines off" in results.events.column("what").to_pylist()
    assert [one["id"] for one in results.summary["not_valid"]] == expected
    answer = command("audit", results.folder)
    assert answer.exit_code == 0 and "none broken" in answer.text, answer


def test_rule_that_takes_power_from_nowhere_is_ranked_below_all_that_are_served():
    rows = [Row("free", 100.0, note="not valid: ..."), Row("worst", -5.0), Row("failed", note="why"), Row("best", 7.0)]
    rows += [Row("short", 50.0, not_served="10 of 20 kg hydrogen missing")]
    rows += [Row("free and short", 99.0, note="not valid: ...", not_served="some")]
    found = [row.rule for row in sorted(rows, key=_rank)]
    assert found == ["best", "worst", "short", "free", "free and short", "failed"]


def test_rules_that_are_compared_are_all_served(monkeypatch):
    """On v0.1.0 'constant_load' had the most profit: 84 % of its power came from nowhere."""
    from h2plant.studies.compare import rules

    monkeypatch.setattr(rules, "rule_kinds", lambda plant: ("constant_load", "planned", "follow_wind"))
    found = rules.compare_rules(changed_scenario(load_scenario("minimal_day"), hours=24, overrides=LIMITED))
    assert all(not row.note for row in found.rows)
    profit = {row.rule: row.profit_eur or 0.0 for row in found.rows}
    assert profit["constant_load"] <= profit["planned"] + 1e-6


ISLAND_RULES = ("follow_wind", "constant_load", "planned")


@pytest.mark.parametrize("changes", [{}, {"grid.import_limit_mw": 0.0}])
def test_compare_of_the_readme_ranks_only_what_serves(tmp_path, monkeypatch, changes):
    """Without import its constant load made 2.1 times as much, of power from nowhere, and was ranked best."""
    found = _turbine(tmp_path, monkeypatch, changes)
    served = [row for row in found.rows if not row.note and not row.not_served]
    assert served and [row.rule for row in served] == [row.rule for row in found.rows][: len(served)]
    assert all(row.served_frac is not None and row.served_frac >= 0.999 for row in served)
    assert all(row.note or row.not_served for row in found.rows[len(served) :])
    made = {row.rule: row.hydrogen_kg or 0.0 for row in found.rows}
    assert made["constant_load"] < 1.5 * made["follow_wind"]
    assert found.to_dict()["foresight"]["rule"] == "plan with foresight"


def test_rules_that_promise_more_hydrogen_than_there_is_are_not_ranked(tmp_path, monkeypatch):
    """Two trailers a day, whatever the tank holds, take 560 kg; the turbine makes less than half of it."""
    found = _turbine(tmp_path, monkeypatch, {"trailers.call_band_frac": 0.0})
    for row in found.rows:
        assert "kg hydrogen missing" in row.not_served and row.gap_frac is None
        assert row.served_frac is not None and row.served_frac < 0.6
        assert row.to_dict(found.technologies)["not_served"] == row.not_served


def _turbine(tmp_path, monkeypatch, changes):
    from h2plant.studies.compare import rules
    from tests.house.test_docs import ROOT, blocks

    (plant,) = (block for block in blocks(ROOT / "README.md", "yaml") if "name: turbine" in block)
    (tmp_path / "turbine.yaml").write_text(plant, encoding="utf-8")
    monkeypatch.setattr(rules, "rule_kinds", lambda plant: ISLAND_RULES)
    scenario = load_scenario(tmp_path / "turbine.yaml")
    return rules.compare_rules(changed_scenario(scenario, hours=240, start="2023-03-01", overrides=changes))


SWEEP = """
h2plant: 1
study: limits
kind: sweep
scenario: SCENARIO
hours: 8
parameters:
  - {name: limit, path: grid.import_limit_mw, values: [0.2, 2.0]}
design: {kind: grid}
outputs: [hydrogen_cost_eur_per_kg, hydrogen_made_kg]
"""


def test_sweep_leaves_out_what_is_not_valid(day, tmp_path):
    (tmp_path / "limits.yaml").write_text(SWEEP.replace("SCENARIO", str(day)), encoding="utf-8")
    answer = command("sweep", tmp_path / "limits.yaml", "--out", tmp_path / "out")
    assert answer.exit_code == 3, answer
    assert "1 of 2 scenarios are not valid and left out" in answer.text
    assert "least hydrogen_cost_eur_per_kg" in answer.text
    for what in ("least", "greatest"):
        assert f"{what} hydrogen_cost_eur_per_kg" in answer.text
        text = answer.text.split(f"{what} hydrogen_cost_eur_per_kg")[1]
        assert text.split("in scenario ")[1].startswith("2 "), text
    with (tmp_path / "out" / "results.csv").open(encoding="utf-8") as file:
        first, second = csv.DictReader(file)
    assert first["hydrogen_cost_eur_per_kg"] == "" and "blackout at 'bus'" in first["not_valid"]
    assert float(second["hydrogen_cost_eur_per_kg"]) > 0.0 and second["not_valid"] == ""
    resumed = run_study(tmp_path / "limits.yaml", tmp_path / "out")  # as read from the store
    assert [bool(o.not_valid) for o in resumed.outcomes] == [True, False] and resumed.n_runs == 0
    assert resumed.outcomes[0].violation == pytest.approx(0.8, abs=0.1) and resumed.outcomes[1].violation == 0.0


OPTIMUM = """
h2plant: 1
study: most
kind: optimize
scenario: SCENARIO
hours: 4
parameters:
  - {name: load, path: line.unit_power_mw, values: [0.3, 1.0]}
objectives: [{maximize: hydrogen_made_kg}]
search: {sampler: SAMPLER, trials: 8, batch: 4}
set: {grid.import_limit_mw: 0.5}
"""


@pytest.mark.parametrize("sampler", ["tpe", "nsga_ii"])
def test_optimum_is_served(day, tmp_path, sampler):
    """A megawatt makes more hydrogen than 0.3 MW, but the grid gives half a megawatt."""
    study = OPTIMUM.replace("SAMPLER", sampler).replace("SCENARIO", str(day))
    (tmp_path / "most.yaml").write_text(study, encoding="utf-8")
    found = run_optimize(tmp_path / "most.yaml", tmp_path / "out")
    (best,) = found.best
    assert found.point(best.number).values["load"] == 0.3
    void = [o for o in found.run.outcomes if o.not_valid]
    assert void and all(o.values["hydrogen_made_kg"] > -best.losses[0] for o in void)
    assert all(not j.is_feasible for j in found.judged if found.outcome(j.number).not_valid)


def test_life_with_a_year_whose_power_was_emergency_has_no_cost(day, tmp_path, monkeypatch):
    from h2plant.session import years as lifetime

    monkeypatch.setattr(lifetime, "HOURS_OF_A_YEAR", (24.0, 24.0))
    scenario = changed_scenario(load_scenario(day), log_every_s=3600, overrides=LIMITED)
    folder = lifetime.execute_years(scenario, 2, out=tmp_path / "life")
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert [fault["text"][:7] for fault in summary["not_valid"]] == ["year 1:", "year 2:"]
    assert summary["key_figures"]["hydrogen_cost_eur_per_kg"] is None


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
    monkeypatch.setattr("h2plant.session.execution.make_engine", _Leaking(share))
    answer = command("run", "minimal_day", "--hours", 2, "--out", tmp_path / "r")
    assert answer.exit_code == 3
    summary = Results(tmp_path / "r").summary
    faults_of = {fault["component"]: fault for fault in summary["not_valid"]}
    assert faults_of["tank"]["id"] == "open-balance"
    assert faults_of["tank"]["residual_ratio"] == pytest.approx(share, rel=0.25)  # over the content before
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
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    red = "\x1b[1;31m"
    assert text.startswith(f"{red}not valid:")
    worst = f"{leaking.summary['residuals']['worst_relative']:.1e}"
    assert re.search(rf"{re.escape(red)} *{re.escape(worst)}", text)


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
    found = faults(Totals(program, keeper.close(content)))
    assert {fault.component for fault in found} == {"tank", ""} and all(fault.id == "open-balance" for fault in found)
