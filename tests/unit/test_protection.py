"""What passes a limit trips, cuts what hangs on it, and comes back when it has cooled; the plant goes on."""

from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.bundled import bundled_plants
from h2plant.config.scenario import load_scenario
from h2plant.core.role import Converter, Maker, PowerBus, Process
from h2plant.core.status import FATAL, OVER_TEMPERATURE, TRIP
from h2plant.plant.graph import PowerTree
from h2plant.session.session import load_run
from h2plant.testing.rig import Rig
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
