"""What passes a limit trips, cuts what hangs on it, and comes back when it has cooled; the plant goes on."""

from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import load_scenario
from h2plant.core.role import Converter, Grid, Maker, PowerBus, Process, Source
from h2plant.core.status import FATAL, NO_POWER, OK, OVER_TEMPERATURE, TRIP, UPHILL
from h2plant.plant.graph import PowerTree
from h2plant.session.session import load_run
from h2plant.testing.rig import Rig
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import audited

MINUTE = 60.0


def converters(plant: str) -> dict[str, str]:
    """Return a component of each kind that trips by its rating, with the kind."""
    found: dict[str, str] = {}
    for c in load_run(load_scenario(plant)).plant.components.values():
        if isinstance(c.kind.role, Converter) and c.kind.role.tripped:
            found.setdefault(c.kind.name, c.id)
    return found


def test_whatever_tells_that_it_is_too_hot_trips_or_says_why_not() -> None:
    """Each kind that reports a temperature too high has a trip, of its own or in its modes."""
    own = {"water_tank", "pem_stack", "soec_module", "table_stack"}  # boils, trip by themselves, limits its cooling
    for kind in KIND_BY_NAME.values():
        reports = OVER_TEMPERATURE in _codes_named(kind)
        if reports and kind.name not in own:
            assert getattr(kind.role, "tripped", ""), kind.name


def _codes_named(kind) -> set[int]:
    source = Path(__import__(kind.step.__module__, fromlist=["x"]).__file__).read_text(encoding="utf-8")
    return {OVER_TEMPERATURE} if "OVER_TEMPERATURE" in source else set()


@pytest.mark.parametrize("step_s", [1.0, 60.0, 900.0, 3600.0])
@pytest.mark.parametrize("load_ratio", [1.1, 1.5, 3.0, 1.0e6])
def test_no_overload_ever_heats_a_transformer_beyond_its_limit(load_ratio: float, step_s: float) -> None:
    rig = Rig(KIND_BY_NAME["transformer"], {"rating_w": 1.0e6, "power_factor_ratio": 1.0})
    rig.set_signal("ambient_temperature", 313.15)
    rig.set_signal("loads", load_ratio * 1.0e6)
    limit = rig.field("oil_limit_k")
    for _ in range(int(12 * 3600 / max(step_s, 60.0))):
        rig.step(1, step_s)
        assert rig.field("oil_temperature_k") <= limit
    rig.assert_balanced()
    if step_s >= 60.0:
        assert rig.field("n_trips") >= 1.0
        assert rig.field("tripped_s") >= (rig.field("n_trips") - 1.0) * rig.field("restart_delay_s")


def test_a_transformer_comes_back_below_its_limit_only() -> None:
    rig = Rig(KIND_BY_NAME["transformer"], {"rating_w": 1.0e6, "power_factor_ratio": 1.0})
    rig.set_signal("ambient_temperature", 313.15)
    rig.set_signal("loads", 1.3e6)
    while rig.step(1, MINUTE) != TRIP:
        pass
    hot = rig.field("oil_temperature_k")
    assert hot == pytest.approx(rig.field("oil_limit_k"), abs=0.6)
    assert rig.signal("carried") == rig.signal("power") == pytest.approx(1.3e6)
    minutes = 1
    rig.set_signal("loads", 0.0)
    while rig.signal("tripped") > 0.5:
        assert rig.step(1, MINUTE) == TRIP
        minutes += 1
    # from 105 to 85 C at 40 C of air: 180 min x ln(65 / 45) = 66 min
    assert 60 <= minutes <= 70
    assert rig.field("oil_temperature_k") <= rig.field("restart_oil_k")
    rig.assert_balanced()


def test_what_is_fed_back_to_an_open_transformer_finds_no_way() -> None:
    rig = Rig(KIND_BY_NAME["transformer"], {"rating_w": 1.0e6, "power_factor_ratio": 1.0})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_signal("loads", -4.0e6)
    assert rig.step(1, MINUTE) == TRIP
    assert rig.signal("power") == 0.0 and rig.signal("carried") == 0.0
    assert rig.signal("fed_back") == pytest.approx(4.0e6)
    rig.assert_balanced()


@pytest.mark.long
@pytest.mark.parametrize(("plant", "kind"), [(p, k) for p in bundled_plants() for k in converters(p)])
def test_an_overloaded_converter_trips_and_the_plant_goes_on(plant: str, kind: str) -> None:
    """A third of its rating: it trips, its units stop, other lines run; no law is broken, and it comes back."""
    id_ = converters(plant)[kind]
    base = load_run(load_scenario(plant)).plant.components[id_].values["rating_w"]
    found = audited(plant, engine="optimized", hours=30.0, **{f"{id_}.rating_w": base / 3.0})
    assert found.broken == {}
    session = found.session
    assert session.step_number == session.n_steps
    with session.closed() as (_, still):
        events = [*session._events, *still]
    assert all(one.code < FATAL for one in events)
    trips = [one for one in events if one.component == id_ and one.code == TRIP]
    assert trips and session.value(f"{id_}.n_trips") >= len(trips)
    assert np.isfinite(session.program.arrays.bus).all()
    assert session.ledger().worst_relative_residual < 1e-9
    makers = [i for i in session.plant.of_role(Maker)]
    tree = PowerTree(session.plant.components, session.plant.links)
    behind = tree._fed_by(id_) & set(makers)
    for maker in set(makers) - behind:  # of another branch of electrolysers: not hindered
        if tree._feeds_makers_alone(id_):
            assert session.value(f"{maker}.running_h") > 0.0


@pytest.mark.long
@pytest.mark.parametrize("plant", bundled_plants())
def test_a_plant_without_heat_rejection_stops_its_lines_and_goes_on(plant: str) -> None:
    loaded = load_run(load_scenario(plant)).plant
    loops = [i for i, c in loaded.components.items() if c.kind.name == "cooling_loop"]
    coolers = [i for i, c in loaded.components.items() if c.kind.name == "dry_cooler"]
    if not loops:
        pytest.skip("it has no cooling loop")
    set_ = {f"{i}.area_m2": 1.0 for i in coolers} | {f"{i}.loss_conductance_w_per_k": 0.0 for i in loops}
    set_ |= {f"{i}.air_flow_m3_per_s": 0.1 for i in coolers}
    found = audited(plant, engine="optimized", hours=96.0, **set_)
    assert found.broken == {}
    trips = [i for i in loops if found.session.value(f"{i}.n_trips") > 0.0]
    assert trips
    for id_ in trips:  # the trip stops what heats: it stays near its limit
        limit = found.session.plant.components[id_].values["max_temperature_k"]
        assert found.session.value(f"{id_}.temperature_k") < limit + 25.0
    assert any(found.session.value(f"{bus}.is_halted") in (0.0, 1.0) for bus in found.session.plant.of_role(PowerBus))


def test_trips_reach_the_line_and_the_bus_by_themselves() -> None:
    plant = load_run(load_scenario("dual_path")).plant
    tree = PowerTree(plant.components, plant.links)
    above = [str(ref) for ref in tree.unit_trips("pem_line")]
    assert above == [f"pem_rectifier_{k}.tripped" for k in range(1, 6)]
    assert [str(ref) for ref in tree.line_trips("pem_line")] == ["pem_transformer.tripped"]
    stops_all = {str(ref) for ref in tree.trips("main_bus")}
    assert {"auxiliary_transformer.tripped", "compressor_transformer.tripped", "cooling_loop.tripped"} <= stops_all
    assert not {"pem_transformer.tripped", "soec_rectifier_1.tripped"} & stops_all
    named = {f"{i}.{r.tripped}" for i, r in plant.of_role(Process).items() if r.tripped}
    assert named <= stops_all
    assert {str(ref) for ref in tree.carried("main_bus")} == {
        f"{i}.carried"
        for i in ("pem_transformer", "soec_transformer", "auxiliary_transformer", "compressor_transformer")
    }


CARRIED = {
    "battery": "its controls and its heater",
    "cooling_loop": "cooling goes on",
    "dry_cooler": "cooling goes on",
    "gas_cooler": "cooling goes on",
    "deoxidiser": "frost heater",
    "thermal_manager": "frost heater",
    "water_tank": "frost heater",
    "trace_heating": "frost heater",
}
"""Kinds that draw from the emergency supply behind an open converter, and what for."""


def test_what_draws_power_is_cut_behind_an_open_converter_or_says_why_not() -> None:
    for kind in KIND_BY_NAME.values():
        draws = any(p.medium == "power" and p.direction == "in" and p.writes for p in kind.ports)
        if not draws or isinstance(
            kind.role, Maker | Converter | Source | Grid
        ):  # the line gives electrolysers no power
            continue
        assert ("unpowered" in kind.port_by_name) != (kind.name in CARRIED), kind.name


GAS = {"h2": 0.05, "temperature_k": 300.0, "pressure_pa": 30.0e5}
WATER = {"liquid": 0.5, "temperature_k": 290.0, "pressure_pa": 2.0e5}
CUT: dict[str, tuple[dict[str, float], dict[str, float], dict[str, float]]] = {
    # parameters, stream at the inlet, signals
    "compressor_stage": ({"outlet_pressure_pa": 60.0e5, "rated_volume_m3_per_s": 0.05}, GAS, {}),
    "chiller": ({"capacity_w": 1.0e5}, GAS, {"coolant_temperature": 290.0}),
    "electric_heater": ({"temperature_target_k": 350.0}, GAS, {}),
    "dryer": ({}, {**GAS, "vapour": 1.0e-5}, {"ambient_temperature": 290.0}),
    "pump": ({}, WATER, {"demand": 0.5}),
    "water_purifier": ({}, WATER, {"demand": 0.4}),
    "steam_generator": ({}, {}, {"ambient_temperature": 290.0}),
    "circulation_pump": ({}, {}, {"setpoint": 1.0, "run_signal": 1.0}),
}


@pytest.mark.parametrize("is_plain", [True, False])
@pytest.mark.parametrize("name", CUT)
def test_what_has_no_power_draws_none_says_so_and_goes_on_when_it_is_back(name: str, is_plain: bool) -> None:
    parameters, inlet, signals = CUT[name]
    rig = WatchedRig(KIND_BY_NAME[name], parameters, {"unpowered": 2}, is_plain=is_plain)
    for signal, value in signals.items():
        rig.set_signal(signal, value)
    if inlet:
        rig.set_stream("inlet", **inlet)
    rig.step(3, MINUTE)
    before = rig.signal("power")
    assert before > 0.0 or name == "dryer"  # which heats only while a bed is regenerated
    rig.set_signal("unpowered", 1.0, 1)
    rig.step(2, MINUTE)
    assert rig.signal("power") == 0.0
    assert rig.step(1, MINUTE) == NO_POWER or name == "dryer"
    if inlet:
        outlet = "brine" if name == "water_purifier" else "outlet"
        assert rig.stream(outlet)[:5].sum() == pytest.approx(
            sum(v for k, v in inlet.items() if k in ("h2", "liquid")), rel=1e-3
        )
    rig.set_signal("unpowered", 0.0, 1)
    rig.step(3, MINUTE)
    assert rig.signal("power") == pytest.approx(before, rel=0.05)
    assert rig.broken_laws() == {}
    rig.assert_balanced()


@pytest.mark.long
def test_compressors_behind_an_open_transformer_stand_still() -> None:
    """Only in the step of the trip does anything still draw; what comes from gas that was made before finds no way."""
    rating = load_run(load_scenario("dual_path")).plant.components["compressor_transformer"].values["rating_w"]
    found = audited("dual_path", engine="optimized", hours=48.0, **{"compressor_transformer.rating_w": 0.5 * rating})
    assert found.broken == {}
    session = found.session
    with session.closed() as (_, still):
        events = [*session._events, *still]
    n_trips = session.value("compressor_transformer.n_trips")
    cut = {one.component for one in events if one.code == NO_POWER}
    assert n_trips >= 1.0 and {"soec_stage_1", "o2_stage_1"} <= cut
    # at most two megawatts for a minute each
    assert session.value("main_bus.emergency_j") <= n_trips * 2.5e6 * MINUTE


def test_gas_that_comes_at_too_low_a_pressure_is_turned_away() -> None:
    """A tank at 60 bar takes nothing from 50 bar, all of what comes at 61 bar, and says which."""
    rig = WatchedRig(KIND_BY_NAME["gas_tank"], {"initial_pressure_pa": 60.0e5}, {"inlets": 3})
    rig.set_signal("ambient_temperature", 288.15)
    rig.set_stream("inlets", 300.0, 50.0e5, h2=0.02, link=0)
    rig.set_stream("inlets", 320.0, 40.0e5, h2=0.01, link=1)
    rig.set_stream("inlets", 300.0, 61.0e5, h2=0.05, link=2)
    assert rig.step(5, MINUTE) == UPHILL
    away = rig.stream("turned_away")
    assert away[0] == pytest.approx(0.03, rel=1e-12) and rig.field("inflow_kg_per_s") == pytest.approx(0.05, rel=1e-12)
    assert away[6] == pytest.approx(306.7, abs=0.5)  # two streams mix
    assert rig.field("turned_away_kg") == pytest.approx(0.03 * 5 * MINUTE, rel=1e-9)
    for link in (0, 1):
        rig.set_stream("inlets", 300.0, 61.0e5, link=link)
    assert rig.step(1, MINUTE) == OK and rig.stream("turned_away")[0] == 0.0
    assert rig.broken_laws() == {}
    rig.assert_balanced()
