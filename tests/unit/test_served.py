"""What was asked, given and short, of each medium: days by hand, and the declaration itself."""

import dataclasses
import json

import pytest

import h2plant
from h2plant import Results
from h2plant.components import KINDS
from h2plant.core.constants import SHORT_FRAC
from h2plant.core.declare import Kind, Port, memory, parameter
from h2plant.core.role import Process
from h2plant.core.served import OWED, Served
from h2plant.core.status import OK
from h2plant.results.served import all_served, short_rows
from h2plant.testing import Rig
from tests.command import h2plant as command

DAY = "h2plant: 1\nname: day\nplant: plant.yaml\nstart: 2023-07-03\nhours: 24\nlog_every_min: 60\n"
PLANT = """
h2plant: 1
name: owed
series:
  temp_air_degc: {constant: 12}
  price_eur_per_mwh: {constant: 60}
  wanted_kg_per_s: {values: [0.5, 2.0], resolution_h: 12}
  cold_kg_per_s: {constant: 1}
components:
  grid: {kind: grid_connection, import_limit_mw: 0.03}
  bus: {kind: power_bus}
  mains: {kind: water_source, max_flow_kg_per_s: 1, mean_temperature_degc: 12, ambient_share_frac: 0}
  heater: {kind: electric_heater, temperature_target_degc: 22, power_max_kw: 40, efficiency_frac: 1}
  well: {kind: water_source, max_flow_kg_per_s: 2, mean_temperature_degc: 12, ambient_share_frac: 0}
  chiller: {kind: chiller, target_temperature_degc: 5, capacity_kw: 10, pressure_drop_bar: 0}
links:
  - grid.bus -> bus.grid
  - bus.consumers -> [heater.power, chiller.power]
  - series.wanted_kg_per_s -> mains.demand
  - mains.outlet -> heater.inlet
  - series.cold_kg_per_s -> well.demand
  - well.outlet -> chiller.inlet
"""


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> Results:
    folder = tmp_path_factory.mktemp("owed")
    (folder / "plant.yaml").write_text(PLANT, encoding="utf-8")
    (folder / "day.yaml").write_text(DAY, encoding="utf-8")
    return h2plant.run(folder / "day.yaml", out=folder / "r")


def test_day_of_water_by_hand(day):
    """Half a day 0.5 kg/s of 1, half a day 2 of 1; the well beside it always gives its 1 kg/s."""
    half_day_s = 43200.0
    mains = day.summary["served"]["components"]["mains"]["water"]
    assert mains["asked_t"] == pytest.approx((0.5 + 2.0) * half_day_s * 1e-3, rel=1e-12)
    assert mains["given_t"] == pytest.approx((0.5 + 1.0) * half_day_s * 1e-3, rel=1e-12)
    assert (mains["served_frac"], mains["short_h"]) == pytest.approx((0.6, 12.0), rel=1e-12)
    figures = day.summary["key_figures"]
    assert figures["water_asked_t"] == pytest.approx((2.5 + 2.0) * half_day_s * 1e-3, rel=1e-12)
    assert figures["water_served_frac"] == pytest.approx(3.5 / 4.5, rel=1e-12)
    assert figures["water_short_h"] == pytest.approx(12.0, rel=1e-12)


def test_day_of_heat_by_hand(day):
    """Water from 12 to 22 degC takes 41.9 kJ/kg (IAPWS: 92.3 - 50.4): 21 kW at 0.5 kg/s, 42 of 40 kW at 1 kg/s."""
    lift_kj_per_kg = 92.33 - 50.41
    figures = day.summary["key_figures"]
    assert figures["heat_asked_mwh"] == pytest.approx(12 * 1.5 * lift_kj_per_kg * 1e-3, rel=2e-3)
    assert figures["heat_given_mwh"] == pytest.approx(12 * (0.5 * lift_kj_per_kg + 40.0) * 1e-3, rel=1e-3)
    assert figures["heat_short_h"] == pytest.approx(12.0, rel=1e-12)


def test_day_of_cooling_by_hand(day):
    """Water from 12 to 5 degC takes 29.4 kJ/kg (IAPWS: 50.41 - 21.02): 29.4 of which the machine takes 10 kW."""
    figures = day.summary["key_figures"]
    assert figures["cooling_given_mwh"] == pytest.approx(0.24, rel=1e-9)
    assert figures["cooling_asked_mwh"] == pytest.approx(24 * 29.39e-3, rel=5e-3)
    assert figures["cooling_short_h"] == pytest.approx(24.0, rel=1e-12)


def test_day_of_power_by_hand(day):
    """The grid gives 30 kW, the store on the bus its 5 kWh, and the emergency supply the rest, which is short.

    Heater at 21 and 40 kW, chiller at 10 kW by its COP.
    """
    figures = day.summary["key_figures"]
    chiller_w = float(day["chiller.power.power_w"].mean())
    heater_w = day["heater.power.power_w"]
    short_w = sum(max(w + chiller_w - 30e3, 0.0) for w in heater_w) / len(heater_w)
    assert short_w > 5e3
    assert figures["power_asked_mwh"] == pytest.approx(24e-6 * (float(heater_w.mean()) + chiller_w), rel=1e-9)
    short_mwh = figures["power_asked_mwh"] - figures["power_given_mwh"]
    assert short_mwh == pytest.approx(24e-6 * short_w - 5e-3, rel=1e-9)
    assert short_mwh == pytest.approx(figures["emergency_mwh"], rel=1e-12)
    lack_kw = (float(heater_w.max()) + chiller_w - 30e3) * 1e-3  # of half a day, of which the store carries 5 kWh
    assert figures["power_short_h"] == pytest.approx(12.0 - 5.0 / lack_kw, abs=1.0 / 60.0)
    assert figures["power_short_h"] == figures["blackout_h"]
    assert day.summary["served"]["plant"]["power"] == {"most_short": "bus"}
    assert day.summary["served"]["components"]["bus"]["power"]["short_h"] == figures["power_short_h"]


def test_day_of_hydrogen_by_hand(tmp_path):
    """100 kg/h asked of 4 x 10 m3 that fall from 100 to 42 bar: 2,400 kg asked, given what the customer took."""
    from tests.unit.test_offtake import STORE, STORE_DAY

    (tmp_path / "store.yaml").write_text(STORE, encoding="utf-8")
    (tmp_path / "day.yaml").write_text(STORE_DAY, encoding="utf-8")
    results = h2plant.run(tmp_path / "day.yaml", out=tmp_path / "r")
    figures = results.summary["key_figures"]
    assert figures["hydrogen_asked_kg"] == pytest.approx(2400.0, rel=1e-9)
    assert figures["hydrogen_given_kg"] == pytest.approx(figures["hydrogen_sold_kg"], rel=1e-9)
    # the store holds 180 kg above its lowest pressure (CoolProp: 7.945 less 3.457 kg/m3), so it gives for 1.4 to 1.8 h
    assert 22.2 < figures["hydrogen_short_h"] < 22.7
    assert figures["hydrogen_served_frac"] == pytest.approx(figures["hydrogen_given_kg"] / 2400.0, rel=1e-9)


def test_asked_is_given_and_short(day):
    """Of every component and of the plant, to 1e-12, given being what flowed over the ports."""
    totals = {"mains": 1.5 * 43.2, "well": 86.4}
    for id_, given in totals.items():
        of = day.summary["served"]["components"][id_]["water"]
        assert of["given_t"] == pytest.approx(given, rel=1e-12)
        assert of["asked_t"] * of["served_frac"] == pytest.approx(of["given_t"], rel=1e-12)
    figures = day.summary["key_figures"]
    for medium, unit in {"power": "mwh", "water": "t", "heat": "mwh", "cooling": "mwh"}.items():
        asked, given = figures[f"{medium}_asked_{unit}"], figures[f"{medium}_given_{unit}"]
        assert 0.0 <= given <= asked
        assert asked * figures[f"{medium}_served_frac"] == pytest.approx(given, rel=1e-12)


def test_terminal_shows_what_was_short_and_page_says_so(day, tmp_path):
    rows = short_rows(day.summary)
    shares = [float(row.share.rstrip("%")) for row in rows]
    assert shares == sorted(shares) and {row.medium for row in rows} == {"power", "water", "heat", "cooling"}
    assert {row.medium: row.at for row in rows}["water"] == "mains"
    answer = command("run", day.folder.parent / "day.yaml", "--out", tmp_path / "again")
    lines = answer.stdout.splitlines()
    at = next(k for k, line in enumerate(lines) if line.strip().startswith("not all given"))
    assert max(len(line.rstrip()) for line in lines[at : at + 7]) <= 80
    assert any(line.split()[:1] == ["water"] and "77.8%" in line for line in lines[at:])
    from h2plant.cli.report import make_report

    page = make_report(day).read_text(encoding="utf-8")
    assert "Not all that was asked was given" in page and "water 77.8%" in page


def test_one_line_where_all_was_served():
    figures = {"water_served_frac": 0.9995, "heat_served_frac": 1.0}
    assert all_served({"key_figures": figures}) == "all served, 99.9% of what was asked or more: water, heat"
    late = all_served({"key_figures": {**figures, "water_short_h": 5.41, "heat_short_h": 0.01}})
    assert late.endswith(
        "of what was asked or more: water, heat; hours short, in all but little, or made up for later: water 5.4 h"
    )
    assert all_served({"key_figures": {}}) == ""
    assert all_served({"key_figures": {"water_served_frac": 0.99}}) == ""


def test_series_of_components_counts_water_once():
    """Mains, purifier, tank and pump pass the same water on: for the plant only what the process asks counts."""
    results = h2plant.run("test_8hour", hours=1)
    figures, of = results.summary["key_figures"], results.summary["served"]["components"]
    pumps = sum(one["water"]["asked_t"] for id_, one in of.items() if id_.endswith("pump"))
    assert figures["water_asked_t"] == pytest.approx(pumps, rel=1e-9)
    assert of["ultrapure_tank"]["water"]["asked_t"] > 0.0
    assert all(figures[f"{medium}_served_frac"] > 0.999 for medium in OWED)
    assert json.loads((results.folder / "summary.json").read_text())["served"]["components"] == of


@pytest.mark.parametrize("is_plain", [False, True])
@pytest.mark.parametrize(
    ("kind", "parameters", "inputs", "short"),
    [
        # a purifier asked for 2 of its 1 kg/s, with feed for 1; one without feed
        ("water_purifier", {"capacity_kg_per_s": 1.0}, {"demand": 2.0, "inlet": {"liquid": 1.0 / 0.75}}, 60.0),
        ("water_purifier", {"capacity_kg_per_s": 1.0}, {"demand": 0.5}, 30.0),
        # mains that are shut
        ("water_source", {"max_flow_kg_per_s": 0.0}, {"demand": 0.5}, 30.0),
        # 100 kg above the heel of 2 %: of 5 kg/s over 60 s 300 kg are asked, 100 given
        ("water_tank", {"capacity_kg": 1000.0, "initial_fill_frac": 0.12}, {"demands": 5.0}, 200.0),
    ],
)
def test_water_that_is_not_there_is_counted(kind, parameters, inputs, short, is_plain):
    rig = _rig(kind, parameters, inputs, is_plain)
    rig.step(1, dt=60.0)
    assert rig.field("short_kg") == pytest.approx(short, rel=1e-9)
    assert rig.field("short_s") == 60.0


@pytest.mark.parametrize("is_plain", [False, True])
def test_pump_counts_what_the_tank_did_not_give(is_plain):
    """Asked for 1 kg/s for ten minutes while the tank gives nothing: each step what was ordered in the one before."""
    rig = _rig("pump", {"rated_flow_kg_per_s": 1.2}, {"demand": 1.0}, is_plain)
    ordered = 0.0
    for _ in range(10):
        ordered += rig.field("ordered_kg_per_s") * 60.0
        rig.step(1, dt=60.0)
    assert rig.field("short_kg") == pytest.approx(ordered, rel=1e-12)
    assert rig.field("short_s") == 9 * 60.0  # nothing was on order at the start


@pytest.mark.parametrize("is_plain", [False, True])
def test_cooling_that_is_not_there_is_counted(is_plain):
    # heat of 50 kW at no temperature difference: the air takes nothing
    rig = _rig("dry_cooler", {}, {"heat": 5e4, "loop_temperature": 293.15, "ambient_temperature": 293.15}, is_plain)
    rig.step(1, dt=60.0)
    assert (rig.field("short_j"), rig.field("short_s")) == (pytest.approx(3e6), 60.0)
    # dry hydrogen of 60 degC, coolant of 60 degC, set point 20: 40 K x 14.4 kJ/(kg K) (NIST) of 0.01 kg/s over a minute
    parameters = {"target_temperature_k": 293.15, "pressure_drop_pa": 0.0}
    inputs = {"inlet": {"h2": 0.01, "temperature_k": 333.15}, "coolant_temperature": 333.15}
    rig = _rig("gas_cooler", parameters, inputs, is_plain)
    rig.step(1, dt=60.0)
    assert rig.field("short_j") == pytest.approx(0.01 * 14.38e3 * 40.0 * 60.0, rel=5e-3)
    # a loop without cooler, 1 kW over its limit: C (T - limit) of the part beyond it
    parameters = {"glycol_kg": 1000.0, "initial_temperature_k": 323.15, "loss_conductance_w_per_k": 0.0}
    rig = _rig("cooling_loop", parameters | {"pressure_rise_pa": 0.0}, {"heat": 1e3}, is_plain)
    rig.step(2, dt=60.0)
    assert rig.field("short_j") == pytest.approx(2 * 60.0e3, rel=1e-9)
    assert rig.field("short_s") == 120.0


@pytest.mark.parametrize("is_plain", [False, True])
def test_trailers_are_short_of_hydrogen_not_of_bays(is_plain):
    """A bay fills 280 kg in 11,200 s at 0.025 kg/s. Later than that is short; what bays cannot take is not."""
    rig = _rig("truck_loading", {"n_bays": 1.0, "n_trailers_per_day": 0.0}, {"hour_of_week": 8.0}, is_plain)
    rig.step(1, dt=60.0)
    for _ in range(100):  # as asked
        rig.set_stream("inlet", h2=rig.signal("demand"))
        rig.step(1, dt=60.0)
    assert rig.field("short_kg") == pytest.approx(0.0, abs=1e-9) and rig.field("short_s") == 0.0
    assert rig.field("room_kg") > 100.0  # still waits, and nobody is short of hydrogen
    due = rig.field("due_kg_per_s")
    rig.set_stream("inlet", h2=0.0)
    rig.step(1, dt=60.0)
    assert rig.field("short_kg") == pytest.approx(60.0 * due, rel=1e-9) and rig.field("short_s") == 60.0
    for _ in range(2000):  # what was missed is made up for
        rig.set_stream("inlet", h2=rig.signal("demand"))
        rig.step(1, dt=60.0)
    assert rig.field("short_kg") == pytest.approx(0.0, abs=1.0)


def _rig(kind: str, parameters: dict, inputs: dict, is_plain: bool) -> Rig:
    rig = Rig(next(one for one in KINDS if one.name == kind), parameters, is_plain=is_plain)
    for name, value in inputs.items():
        if isinstance(value, dict):
            rig.set_stream(name, **value)
        else:
            rig.set_signal(name, value)
    return rig


def _nothing(c, bus, props, dt):
    return OK


def _kind(served: tuple[Served, ...]) -> Kind:
    fields = (parameter("most_w", "W", "most", 1.0), memory("short_j", "J", "short", is_counter=True))
    ports = (Port("heat", "heat", "out", "heat"),)
    return Kind("own", "a kind", fields, ports, _nothing, role=Process(served=served))


def test_a_kind_cannot_owe_by_what_it_does_not_have():
    good = Served("heat", short=("short_j",), given=("heat",))
    assert list(_kind((good,)).role_faults()) == []
    with pytest.raises(ValueError, match="its role names what it does not have: \\['shrt_j'\\]"):
        _kind((dataclasses.replace(good, short=("shrt_j",)),))
    with pytest.raises(ValueError, match="owes one medium twice"):
        _kind((good, good))
    with pytest.raises(ValueError, match="either what was given or what was asked"):
        Served("heat", short=("short_j",))
    with pytest.raises(ValueError, match="'steam' is nothing that is owed: one of power, hydrogen"):
        Served("steam", short=("short_j",), given=("heat",))
    assert "counts by 'most_w', which is no counter" in " ".join(
        _kind((dataclasses.replace(good, time="most_w"),)).role_faults()
    )


def test_a_thousandth_is_what_counts_as_served():
    assert SHORT_FRAC == 1e-3


def test_study_takes_shares_as_outputs():
    from h2plant.results.figures import figure_of

    for name in ("hydrogen_served_frac", "water_short_h", "heat_asked_mwh", "cooling_given_mwh", "power_served_frac"):
        assert figure_of(name) is not None, name


def test_a_share_just_below_the_bar_is_not_rounded_up_to_it():
    figures = {"hydrogen_served_frac": 0.99869, "hydrogen_asked_kg": 1_352_662.4, "hydrogen_given_kg": 1_350_890.4}
    (row,) = short_rows({"key_figures": figures})
    assert (row.share, row.asked, row.given) == ("99.87%", "1,352,662", "1,350,890")
