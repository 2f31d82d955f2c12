"""Faults of a plant: when they strike, what they do to a run, what it costs, and what is refused."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow.parquet as pq
import pytest

from h2plant.config.bundled import PLANTS
from h2plant.config.fault_series import fault_series, rare_outages
from h2plant.config.load import load_plant
from h2plant.config.scenario import load_scenario
from h2plant.planning.availability import availability_of, known_series
from h2plant.planning.layout import layout_of
from h2plant.plant.fault import Fault, Faults, Random, Span, Yearly, ways
from h2plant.plant.finding import PlantError
from h2plant.plant.outage import Outage, left_frac, outages
from h2plant.results.run_economics import _outage_eur
from h2plant.session.session import Session, load_run

YEAR_S = 8760 * 3600
START_S = round(datetime(2023, 1, 1, tzinfo=UTC).timestamp())


def scenario(tmp_path: Path, faults: str, plant: str = "minimal", **changes: object) -> Path:
    """Return the file of a scenario with faults, a day of winter unless changed."""
    given = {"h2plant": 1, "name": "faulty", "plant": plant, "start": "2023-01-10", "hours": 24, "step_s": 3600}
    lines = [f"{key}: {value}" for key, value in (given | changes).items()]
    file = tmp_path / "faulty.yaml"
    file.write_text("\n".join([*lines, "faults:", *(f"  {line}" for line in faults.splitlines())]) + "\n")
    return file


def found_in(tmp_path: Path, faults: str, **changes: object) -> str:
    """Return what is said of faults that are not in order."""
    with pytest.raises(PlantError) as caught:
        load_run(load_scenario(scenario(tmp_path, faults, **changes)))
    return str(caught.value)


# When ----------------------------------------------------------------------------------------------------------------
def random_fault(**changes: object) -> Fault:
    return replace(Fault("any", "grid", "outage", Random(100 * 3600.0, 10 * 3600.0), seed=3), **changes)  # type: ignore[arg-type]


def test_mean_times_of_random_faults_are_those_asked_for() -> None:
    """Of 4,000 outages, means and deviations of exponential times are within four of their standard errors."""
    found = [one for seed in range(50) for one in outages(Faults((random_fault(seed=seed),)), START_S, YEAR_S, "UTC")]
    repairs = np.array([one.hours for one in found])
    n = repairs.size
    # 50 years of 8760 h, each 110 h an outage
    assert n == pytest.approx(50 * 8760 / 110, abs=4 * np.sqrt(50 * 8760 / 110))
    assert repairs.mean() == pytest.approx(10.0, abs=4 * 10.0 / np.sqrt(n))
    assert repairs.std() == pytest.approx(10.0, abs=4 * np.sqrt(2.0) * 10.0 / np.sqrt(n))
    out = repairs.sum() / (50 * 8760)
    assert 1.0 - out == pytest.approx(100.0 / 110.0, abs=0.003)  # mtbf / (mtbf + mttr)


RARE = [(20000.0, 2000.0), (8760.0, 720.0), (3000.0, 3000.0), (50000.0, 200.0)]
"""Mean hours of working and of repair that are not short beside a year."""


@pytest.mark.parametrize("mtbf_h, mttr_h", RARE)
@pytest.mark.parametrize("years, start", [(1, "2023-01-01"), (8, "2023-01-01"), (2, "2023-07-01")])
def test_years_have_the_mean_of_a_long_life(mtbf_h: float, mttr_h: float, years: int, start: str) -> None:
    """Hours out are mttr / (mtbf + mttr), begins one in mtbf + mttr, within four standard errors of many seeds.

    A year that begins in order, or loses the repair under way at its end, has too few: 7.3 for 9.1 % of the first.
    """
    zone, faults = ZoneInfo("Europe/Amsterdam"), Faults((random_fault(when=Random(mtbf_h * 3600.0, mttr_h * 3600.0)),))
    first = datetime.fromisoformat(start).replace(tzinfo=zone)
    hours, begun = np.zeros((2000 // years, years)), np.zeros((2000 // years, years))
    for seed, year in np.ndindex(hours.shape):
        life = Faults((replace(faults.of[0], seed=seed),), year)
        begin_s = round(first.replace(year=first.year + year).timestamp())
        found = outages(life, begin_s, YEAR_S, zone.key)
        hours[seed, year] = sum(one.hours for one in found)
        begun[seed, year] = sum(one.is_begun for one in found)
    for values, expected in ((hours, 8760.0 * mttr_h / (mtbf_h + mttr_h)), (begun, 8760.0 / (mtbf_h + mttr_h))):
        of_seeds = values.mean(axis=1)
        error = of_seeds.std(ddof=1) / np.sqrt(of_seeds.size)
        assert of_seeds.mean() == pytest.approx(expected, abs=4.0 * error)
        assert error < 0.15 * expected  # else it would say nothing


def test_what_is_under_way_is_paid_once() -> None:
    """An outage is paid for when it begins: by the run before, where it was there at the start."""
    fault = replace(random_fault(), cost_eur=1000.0, cost_eur_per_s=1.0, when=Span(START_S - 3600, START_S + 3600))
    before, after = (outages(Faults((fault,)), start, 86400, "UTC") for start in (START_S - 86400, START_S))
    assert [one.eur for one in before] == [1000.0 + 3600.0] and [one.eur for one in after] == [3600.0]
    faults = Faults((random_fault(when=Random(100 * 3600.0, 1000 * 3600.0)),))
    halves = [outages(faults, START_S + k * 43800 * 60, 43800 * 60, "UTC") for k in range(12)]
    whole = outages(faults, START_S, 12 * 43800 * 60, "UTC")
    assert sum(one.is_begun for half in halves for one in half) == sum(one.is_begun for one in whole) > 3
    assert sum(len(half) for half in halves) > len(whole)


def test_a_run_with_few_outages_says_so(tmp_path: Path) -> None:
    """8,760 h of one in 50,072 h: 0.17 begin; none with 0.99856 exp(-0.1752) = 84 %; 72 / 50,072 = 0.14 % out."""
    rare = "rare: {component: grid, mtbf_h: 50000, mttr_h: 72}\noften: {component: line, mtbf_h: 500, mttr_h: 5}"
    plant = load_run(load_scenario(scenario(tmp_path, rare))).plant
    (note,) = rare_outages(plant, YEAR_S)
    for text in ("faults.rare", "0.17 outages", "probability of 84%", "0.14% of 'grid'", "faults.seed", "--years"):
        assert text in note
    assert not rare_outages(plant, 18 * YEAR_S)  # 3.1 are expected
    loaded = load_run(load_scenario(scenario(tmp_path, rare)))
    assert [note for note in loaded.program().notes if "few-outages" in note] == rare_outages(plant, 86400)


def test_random_faults_leave_each_other_alone() -> None:
    one, other = random_fault(), random_fault(name="other")
    alone = outages(Faults((one,)), START_S, YEAR_S, "UTC")
    beside = [o for o in outages(Faults((other, one)), START_S, YEAR_S, "UTC") if o.fault is one]
    assert [(o.begin_s, o.end_s) for o in alone] == [(o.begin_s, o.end_s) for o in beside]
    of_other = [(o.begin_s, o.end_s) for o in outages(Faults((other,)), START_S, YEAR_S, "UTC")]
    assert of_other != [(o.begin_s, o.end_s) for o in alone]


def test_a_later_start_sees_the_same_outages_and_another_year_of_life_others() -> None:
    faults = Faults((random_fault(),))
    whole = {(o.begin_s, o.end_s) for o in outages(faults, START_S, YEAR_S, "UTC")}
    later = {(o.begin_s, o.end_s) for o in outages(faults, START_S + YEAR_S // 2, YEAR_S // 2, "UTC")}
    assert later <= whole | {(START_S + YEAR_S // 2, max(b for _, b in later))} and len(later) > 20
    aged = {(o.begin_s, o.end_s) for o in outages(replace(faults, life_year=1), START_S, YEAR_S, "UTC")}
    assert not aged & whole


def test_scheduled_faults_recur_by_the_local_clock() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    fault = replace(random_fault(), when=Yearly(7, 1, 6.0, 2 * 86400))
    found = outages(Faults((fault,)), START_S, 2 * YEAR_S, "Europe/Amsterdam")
    begins = [datetime.fromtimestamp(o.begin_s, UTC).astimezone(zone) for o in found]
    assert [(b.year, b.month, b.day, b.hour) for b in begins] == [(2023, 7, 1, 6), (2024, 7, 1, 6)]
    assert [o.hours for o in found] == [48.0, 48.0]


def test_shares_of_several_faults_multiply() -> None:
    first = replace(random_fault(), share_frac=0.5, when=Span(START_S, START_S + 7200))
    second = replace(first, name="second", share_frac=0.2, when=Span(START_S + 3600, START_S + 10800))
    found = outages(Faults((first, second)), START_S, 14400, "UTC")
    # 0.5, 0.5 * 0.8, 0.8, 1 for an hour each
    assert left_frac(found, START_S, 14400) == pytest.approx((0.5 + 0.4 + 0.8 + 1.0) / 4.0)


# What ----------------------------------------------------------------------------------------------------------------
GRID = "storm: {component: grid, from: 2023-01-10T06:00, to: 2023-01-10T14:00, cost_eur: 1000, cost_eur_per_h: 10}"


def test_a_share_of_very_many_outages_takes_no_time() -> None:
    """Of 40,000 outages of a minute each, every other minute of which is one, half of the time is left."""
    fault = replace(random_fault(), share_frac=1.0)
    found = [Outage(fault, START_S + 120 * i, START_S + 120 * i + 60) for i in range(40_000)]
    began = time.process_time()
    assert left_frac(found, START_S, 120 * 40_000) == pytest.approx(0.5, rel=1e-12)
    assert time.process_time() - began < 5.0  # each against each took minutes


@pytest.mark.parametrize("step_s", [900, 3600])
def test_a_day_without_grid_by_hand(tmp_path: Path, step_s: int) -> None:
    """No import from 6 to 14 h local time; the ride-through store of 5 kWh gives first, then the emergency supply."""
    file = scenario(tmp_path, GRID, start="2023-01-09T23:00Z", step_s=step_s, log_every_s=3600)
    session = Session(str(file))
    session.keep_steps(200)
    imported, emergency, given, drawn = [], [], [], []
    for _ in range(session.n_steps):
        session.step()
        imported.append(session.value("grid.import_w"))
        emergency.append(session.value("bus.emergency.power_w"))
        given.append(session.value("bus.ride_through_given_w"))
        drawn.append(session.value("bus.load_w"))
    per_h = 3600 // step_s
    out = slice(6 * per_h, 14 * per_h)
    assert max(imported[out]) == 0.0
    assert imported[6 * per_h - 1] > 0.0 and imported[14 * per_h] > 0.0
    without_grid_j = (sum(given) + sum(emergency)) * step_s
    assert without_grid_j == pytest.approx(sum(drawn[out]) * step_s, rel=1e-12)
    assert sum(given) * step_s <= 1.8e7 * (1 + 1e-12)  # no more than the store held
    assert sum(emergency) > 0.0
    ledger = session.ledger()
    assert np.abs(ledger.relative_residual).max() < 1e-9
    results = session.results(tmp_path / "out")
    summary = json.loads((results.folder / "summary.json").read_text())
    assert summary["audit"]["n_broken"] == 0
    faults = summary["faults"]
    assert [(one["begin"][:16], one["hours"]) for one in faults["spans"]] == [("2023-01-10T06:00", 8.0)]
    assert faults["components"]["grid"] == {"hours_out": 8.0, "availability_frac": pytest.approx(16.0 / 24.0)}
    assert faults["cost_eur"] == pytest.approx(1000.0 + 80.0)
    year = session.economics().year
    assert year.outage_eur == {"grid": pytest.approx(1080.0 * 365.0)}
    by_kind = summary["economics"]["by_kind_of_cost_eur_per_kg"]
    assert by_kind["outages"] * year.total_made_kg == pytest.approx(1080.0 * 365.0)
    events = pq.read_table(results.folder / "events.parquet").to_pylist()
    assert [e["component"] for e in events if e["what"] == "out of service (fault)"] == ["grid"]


OVERHAUL = "check: {component: line, month: 1, day: 10, hour: 2.5, length_h: 1.25, cost_eur: 1000, cost_eur_per_h: 80}"


def test_what_comes_once_a_year_costs_once_in_a_year_and_ends_to_the_minute(tmp_path: Path) -> None:
    """A day with the yearly check, 1,100 EUR: a year like the day has one, not 365; its event is no whole step."""
    session = Session(str(scenario(tmp_path, OVERHAUL, start="2023-01-09T23:00Z")))
    session.run()
    assert session.economics().year.outage_eur == {"line": pytest.approx(1100.0)}
    results = session.results(tmp_path / "out")
    assert results.summary["audit"]["n_broken"] == 0
    (span,) = results.summary["faults"]["spans"]
    assert span["is_yearly"] and span["hours"] == 1.25
    counts = {what: (component, n, hours) for component, what, n, hours in results.event_counts()}
    assert counts["out of service (fault)"] == ("line", 1, 1.25)


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        ("2023-08-01", 3),  # another month
        ("2023-01-10T02:00Z", 3),  # it began before
        ("2023-01-09T23:00Z", 3),  # it goes on after
    ],
    ids=["not in it", "from before", "beyond it"],
)
def test_what_comes_once_a_year_costs_that_whatever_the_run(tmp_path: Path, start: str, hours: int) -> None:
    """1,000 EUR and 1.25 h of 80 EUR/h are 1,100 EUR a year, of which each run bears its share in its ledger too."""
    session = Session(str(scenario(tmp_path, OVERHAUL, start=start, hours=hours)))
    session.run()
    assert session.economics().year.outage_eur == {"line": pytest.approx(1100.0)}
    results = session.results(tmp_path / "out")
    assert results.summary["audit"]["n_broken"] == 0, results.summary["not_valid"]
    assert results.summary["faults"]["declared"][0]["year_eur"] == pytest.approx(1100.0)


def test_two_years_have_it_twice_and_a_year_once() -> None:
    """A run of two years pays each of them, so the mean year pays once; a fault without a yearly date is scaled."""
    program = SimpleNamespace(
        outage_costs=(("a", 0.0, 7200.0, 50.0, 0.01, True), ("b", 0.0, 7200.0, 50.0, 0.01, False))
    )
    for hours in (24.0, 8760.0, 2 * 8760.0):
        eur = _outage_eur(program, hours, 8760.0 / hours)  # type: ignore[arg-type]
        assert eur == {"a": pytest.approx(122.0), "b": pytest.approx(122.0 * 8760.0 / hours)}


ALL = """\
seed: 4
line: {component: line, from_h: 1, to_h: 2}
stack: {component: stack, from_h: 3, to_h: 4}
trip: {component: compressor, fault: trip, from_h: 5, to_h: 6}
press: {component: compressor, fault: outage, from_h: 7, to_h: 8}
gauge: {component: tank, port: level, bias_frac: 0.2, gain_frac: -0.1, from_h: 1, to_h: 9}
rect: {component: rectifier, from_h: 8, to_h: 8.6}
dirt: {component: dry_cooler, share_frac: 0.5, fault: fouling, from_h: 0, to_h: 24}
scale: {component: exchanger, share_frac: 0.3, fault: fouling, from_h: 3, to_h: 24}
gas: {component: cooler, share_frac: 0.9, fault: fouling, from_h: 3, to_h: 24}
stop: {component: bus, from_h: 10, to_h: 11}"""


def test_all_faults_at_once_conserve_and_break_no_law_in_both_engines(tmp_path: Path) -> None:
    file = scenario(tmp_path, ALL, hours=12, set="{line.price_limit_eur_per_mwh: 500}")
    logs = []
    for engine in ("optimized", "baseline"):
        session = Session(str(file), engine=engine)
        session.keep_steps(200)
        session.run()
        assert np.abs(session.ledger().relative_residual).max() < 1e-9
        results = session.results(tmp_path / engine)
        summary = json.loads((results.folder / "summary.json").read_text())
        assert summary["audit"]["n_broken"] == 0, summary["not_valid"]
        logs.append(np.concatenate(session._rows))
        columns = {c.name: i for i, c in enumerate(session.program.columns)}
    log = logs[0]
    power = log[:, columns["stack.power.power_w"]]
    # a heater at most; what comes by the bus, a trip or a stop of the plant, a step later, as trips do
    assert power[[1, 3, 6, 9, 11]].max() < 3.0e4
    assert power[[2, 4, 5, 7, 10]].min() > 2.0e5
    made = [name for name in columns if name.startswith("series.") and ("_frac" in name or "bias" in name)]
    assert len(made) == 11
    for name in made:  # the same spans for both engines
        assert (logs[0][:, columns[name]] == logs[1][:, columns[name]]).all()
    level, shown = log[:, columns["tank.level"]], log[:, columns["tank_level_sensor.reading"]]
    assert shown[1:9] == pytest.approx(level[1:9] * 0.9 + 0.2)
    assert shown[0] == level[0] and shown[10] == level[10]


def test_spans_do_not_hang_on_the_step(tmp_path: Path) -> None:
    loaded = load_run(load_scenario(scenario(tmp_path, ALL)))
    found = fault_series(loaded.plant, START_S, 86400)
    for step_s in (60, 900, 3600):
        other = load_run(replace(loaded.scenario, step_s=step_s))
        again = fault_series(other.plant, START_S, 86400)
        assert all((again[name].values == one.values).all() for name, one in found.items())


def test_plans_know_what_is_scheduled_and_nothing_random(tmp_path: Path) -> None:
    faults = """\
storm: {component: grid, from_h: 6, to_h: 14}
any: {component: grid, mtbf_h: 5, mttr_h: 5}
line: {component: line, from_h: 1, to_h: 2}
stack: {component: stack, from_h: 3, to_h: 4}
stop: {component: bus, from_h: 10, to_h: 11.5}
rect: {component: rectifier, from_h: 15, to_h: 16}
level: {component: tank, port: level, bias_frac: 0.1, from_h: 5, to_h: 6}"""
    loaded = load_run(load_scenario(scenario(tmp_path, faults)))
    known = known_series(loaded.plant, loaded.series, loaded.scenario.start, 24.0)
    assert loaded.series["outage_grid_frac"].values.sum() > known["outage_grid_frac"].values.sum()
    layout = layout_of(loaded.plant)
    assert layout.storage == "tank"  # behind the sensor
    left = availability_of(loaded.plant, layout, known, 24, 3600.0)
    assert left.grid is not None and np.flatnonzero(left.grid < 0.5).tolist() == list(range(6, 14))
    assert np.flatnonzero(left.lines["line"] < 1.0).tolist() == [1, 3, 10, 11, 15]
    assert left.lines["line"][11] == pytest.approx(0.5)


def test_a_plant_without_faults_has_nothing_of_them(tmp_path: Path) -> None:
    """The same components, links and digest as before; a fault that is taken out leaves none either."""
    plain = load_run(load_scenario("minimal")).plant
    without = load_run(load_scenario(scenario(tmp_path, GRID + "\n", set="{faults.storm: 'off'}"))).plant
    assert not plain.fault_series and not without.fault_series
    assert plain.links == without.links and plain.components.keys() == without.components.keys()
    assert plain.digest == without.digest
    assert plain.digest != load_run(load_scenario(scenario(tmp_path, GRID))).plant.digest


def test_a_block_is_no_component_and_its_components_are_named(tmp_path: Path) -> None:
    text = (PLANTS / "pem_wind.yaml").read_text(encoding="utf-8")
    assert "block: compression" in text
    (tmp_path / "p.yaml").write_text(
        f"{text}\nfaults:\n  x: {{component: compression, from_h: 1, to_h: 2}}\n", encoding="utf-8"
    )
    with pytest.raises(PlantError) as caught:
        load_plant(tmp_path / "p.yaml")
    assert "'compression' is a block, not a component" in str(caught.value)
    assert "'compression_*': " in str(caught.value) and "compression_stage_1, compression_stage_2" in str(caught.value)


def test_every_kind_that_can_fail_says_how() -> None:
    from h2plant.components import KINDS

    by_way = {way: [k.name for k in KINDS if way in ways(k)] for way in ("outage", "trip", "fouling")}
    assert {"grid_connection", "pump", "battery", "pem_stack", "fuel_cell", "line_controller"} <= {*by_way["outage"]}
    assert {"compressor_stage", "cooling_loop"} <= {*by_way["trip"]}
    assert {"dry_cooler", "gas_cooler", "heat_exchanger"} == {*by_way["fouling"]}


# Bad input -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("faults", "id", "text"),
    [
        ("x: {component: grit, from_h: 1, to_h: 2}", "unknown-component", "did you mean 'grid'"),
        ("x: {component: tank, from_h: 1, to_h: 2}", "no-such-fault", "it can have 'bias'; 'outage' is for"),
        ("x: {component: grid, fault: flood, from_h: 1, to_h: 2}", "unknown-fault", "there is no fault 'flood'"),
        ("x: {component: grid}", "bad-time", "says nothing of when it strikes"),
        ("x: {component: grid, from_h: 3, to_h: 2}", "bad-time", "it ends before it has lasted a minute"),
        ("x: {component: grid, from_h: 3, to_h: 9, mtbf_h: 5, mttr_h: 1}", "bad-time", "of when it strikes"),
        ("x: {component: grid, from: noon, to: 2023-01-01}", "bad-time", "'noon' is no time"),
        ("x: {component: grid, month: 2, day: 30, length_h: 3}", "bad-time", "the month 2 has no day 30"),
        ("x: {component: grid, mtbf_h: -5, mttr_h: 1}", "out-of-bounds", "'mtbf_h' is -5"),
        ("x: {component: grid, mtbf_mw: 5, mttr_h: 1}", "unknown-unit", "does not measure"),
        ("x: {component: grid, share_frac: 2, from_h: 3, to_h: 9}", "out-of-bounds", "'share_frac' is 2"),
        ("x: {component: grid, mtbx_h: 5, mttr_h: 1}", "unknown-key", "did you mean 'mtbf_h'"),
        ("x: {component: cooler, fault: fouling, from_h: 3, to_h: 9}", "missing-key", "give 'share_frac'"),
        ("x: {component: tank, port: lever, bias_frac: 1, from_h: 3, to_h: 9}", "unknown-port", "'level'"),
        ("x: {component: tank, port: level, bias_bar: 1, from_h: 3, to_h: 9}", "unknown-unit", "does not measure what"),
        ("x: {component: tank, port: level, from_h: 3, to_h: 9}", "missing-key", "by how much it is read wrong"),
        (
            "x: {component: tank, port: inflow, bias_kg_per_h: 1, from_h: 3, to_h: 9}",
            "unreachable-fault",
            "nothing reads",
        ),
        ("seed: -1\nx: {component: grid, from_h: 3, to_h: 9}", "wrong-type", "the seed is -1"),
        ("seed: .inf\nx: {component: grid, from_h: 3, to_h: 9}", "wrong-type", "the seed is inf"),
        ("seed: .nan\nx: {component: grid, from_h: 3, to_h: 9}", "wrong-type", "the seed is nan"),
        ("x: {component: grid, from: 0001-01-01T00:00, to: 2023-01-11}", "bad-time", "'0001-01-01T00:00' is no time"),
        ("x: {component: grid, from_h: 3, mttr_min: 9}", "bad-time", "says 'from_h' and 'mttr_min' of when"),
        ("x: {component: grid, mtbf_h: 5, mtbf_min: 9, mttr_h: 1}", "given-twice", "in another unit too: 'mtbf_h'"),
        ("x: {component: tank, port: level, bias_frac: .nan, from_h: 3, to_h: 9}", "out-of-bounds", "finite number"),
        (
            "x: {component: tank, port: pressure, bias_bar: 1, bias_pa: 7, from_h: 3, to_h: 9}",
            "given-twice",
            "in another unit too: 'bias_bar'",
        ),
        (
            "x: {component: tank, port: level, bias_frac: 1, share_frac: 0.5, from_h: 3, to_h: 9}",
            "unknown-key",
            "'share_frac' says nothing of 'bias'",
        ),
        ("x: {component: stack, share_frac: 0.3, from_h: 3, to_h: 9}", "unknown-key", "rests as a whole"),
        ("x: 5", "wrong-type", "is no mapping"),
        ("x: off", "unknown-fault", "there is no fault 'x' to take out"),
    ],
)
def test_bad_faults_are_named_with_file_line_and_remedy(tmp_path: Path, faults: str, id: str, text: str) -> None:
    found = found_in(tmp_path, faults)
    assert f"faulty.yaml:8: [{id}]" in found and text in found


def test_a_wrong_number_is_said_once(tmp_path: Path) -> None:
    found = found_in(tmp_path, "x: {component: grid, mtbf_h: 1e-9, mttr_h: 1}")
    assert "[out-of-bounds]" in found and "[bad-time]" not in found


def test_a_port_that_is_linked_by_hand_is_named(tmp_path: Path) -> None:
    text = (Path(load_run(load_scenario("minimal")).plant.file)).read_text()
    text = text.replace("series:\n", "series:\n  out_frac: {constant: 0}\n", 1)
    text = text.replace("links:\n", "links:\n  - series.out_frac -> grid.outage\n", 1)
    (tmp_path / "own.yaml").write_text(text)
    assert "[unreachable-fault]" in found_in(tmp_path, GRID, plant="own.yaml")


@pytest.mark.parametrize(
    ("begin", "said"),
    [
        ("2023-03-26T02:30", ("nonexistent-time", "does not exist", "2023-03-26T02:30:00+01:00")),
        ("2023-10-29T02:30", ("ambiguous-time", "twice", "2023-10-29T02:30:00+02:00 the first time")),
    ],
)
def test_hours_that_the_clock_skips_or_shows_twice_are_refused(
    tmp_path: Path, begin: str, said: tuple[str, ...]
) -> None:
    text = found_in(tmp_path, f"down: {{component: grid, from: '{begin}', to: '2023-12-01T00:00'}}")
    assert all(part in text for part in said), text


def test_a_seed_beyond_the_largest_is_told_the_largest(tmp_path: Path) -> None:
    assert "from 0 to 4294967295" in found_in(tmp_path, f"seed: {10**26}")
