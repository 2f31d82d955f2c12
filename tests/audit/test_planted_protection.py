"""Faults planted in protections that stop the plant: the audit names the law."""

from collections.abc import Callable

import pytest

from h2plant.components.registry import Kinds
from h2plant.core.declare import Kind
from h2plant.testing.rig import Rig
from h2plant.testing.watched_rig import WatchedRig
from tests.audit.planting import Edit, broken_in_case, planted

FAULTS: dict[str, tuple[str, str, list[Edit]]] = {
    "cooling loop: does not trip": (
        "cooling_loop--trip-and-return",
        "machine-protection",
        [
            ("components.protection", "bus[EVENT_AMOUNT] > c.trip_above_k", "bus[EVENT_AMOUNT] > 1000.0"),
            ("components.cooling_loop", "", ""),
        ],
    ),
    "cooling loop: trips at its alarm": (
        "cooling_loop--trip-and-return",
        "machine-protection",
        [
            ("components.protection", "bus[EVENT_AMOUNT] > c.trip_above_k", "bus[EVENT_AMOUNT] > 0.0"),
            ("components.cooling_loop", "", ""),
        ],
    ),
    "cooling loop: its trip is over before its delay": (
        "cooling_loop--trip-and-return",
        "trips-counted",
        [
            ("components.protection", "c.standing_s >= restart_delay_s", "c.standing_s >= 0.5 * restart_delay_s"),
            ("components.cooling_loop", "", ""),
        ],
    ),
    "cooling loop: its trip is not told": (
        "cooling_loop--trip-and-return",
        "trips-counted",
        [
            ("components.protection", "bus[c.tripped] = 1.0 if", "bus[c.tripped] = 0.0 if"),
            ("components.cooling_loop", "", ""),
        ],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_found(fault: str) -> None:
    case, law, edits = FAULTS[fault]
    assert law in broken_in_case(case, planted(*edits))
    assert not broken_in_case(case)


PROTECTION = "components.protection"


def _burn(rig: Rig) -> None:
    rig.set_stream("inlet", h2=0.03, o2=0.015, temperature_k=340.0, pressure_pa=40.0e5)


TRIPS: dict[str, tuple[dict[str, float], dict[str, float], Callable[[Rig], None], Callable[[Rig], None]]] = {
    # parameters, signals, what makes it trip, what lets it cool
    "gas_cooler": (
        {"target_temperature_k": 298.15, "alarm_above_k": 10.0, "trip_above_k": 20.0, "restart_delay_s": 600.0},
        {"coolant_temperature": 330.0},
        lambda rig: rig.set_stream("inlet", n2=0.05, temperature_k=403.15, pressure_pa=5.0e5),
        lambda rig: rig.set_stream("inlet", n2=0.05, temperature_k=300.0, pressure_pa=5.0e5),
    ),
    "compressor_stage": (
        {"outlet_pressure_pa": 200.0e5, "rated_volume_m3_per_s": 0.0415, "restart_delay_s": 600.0},
        {},
        lambda rig: rig.set_stream("inlet", h2=0.1, temperature_k=298.15, pressure_pa=30.0e5),
        lambda rig: rig.set_stream("inlet", temperature_k=298.15, pressure_pa=30.0e5),
    ),
    "thermal_manager": (
        {"initial_temperature_k": 360.0, "setpoint_k": 330.0, "restart_delay_s": 600.0},
        {"ambient_temperature": 283.15, "coolant_temperature": 400.0},
        lambda rig: rig.set_signal("heat", 1.0e7),
        lambda rig: (rig.set_signal("heat", 0.0), rig.set_signal("coolant_temperature", 283.15)),
    ),
    "deoxidiser": (
        {"initial_temperature_k": 560.0, "restart_delay_s": 600.0, "bed_j_per_k": 1.0e5, "loss_w_per_k": 100.0},
        {},
        lambda rig: (_burn(rig), rig.set_signal("ambient_temperature", 700.0)),
        lambda rig: (_burn(rig), rig.set_signal("ambient_temperature", 283.15)),
    ),
}
NOT_KEPT = {
    "does not trip": ("machine-protection", "bus[EVENT_AMOUNT] > c.trip_above_k", "bus[EVENT_AMOUNT] > 1.0e9"),
    "comes back while it is hot": ("machine-protection", "stand(c, not is_beyond,", "stand(c, True,"),
    "is back before its delay": (
        "trips-counted",
        "standing_s >= restart_delay_s",
        "standing_s >= 0.5 * restart_delay_s",
    ),
    "does not tell": ("trips-counted", "bus[c.tripped] = 1.0 if", "bus[c.tripped] = 0.0 if"),
}


def tripped(kind: Kind) -> WatchedRig:
    """Return a rig whose kind is driven above its alarm until it trips and cools, then for longer than it stands."""
    parameters, signals, heat, cool = TRIPS[kind.name]
    rig = WatchedRig(kind, parameters, is_plain=True)
    for name, value in signals.items():
        rig.set_signal(name, value)
    heat(rig)
    for _ in range(15):
        rig.step(1, 60.0)
        if rig.field("standing_s") > 0.0:
            break
    cool(rig)
    rig.step(20, 60.0)
    heat(rig)
    rig.step(40, 60.0)
    cool(rig)
    rig.step(20, 60.0)
    return rig


@pytest.mark.parametrize("name", TRIPS)
def test_what_is_too_hot_trips_and_keeps_its_laws(name: str) -> None:
    rig = tripped(Kinds()[name])
    assert rig.field("n_trips") >= 1.0
    assert rig.broken_laws() == {}
    rig.assert_balanced()


@pytest.mark.parametrize("name", TRIPS)
@pytest.mark.parametrize("fault", NOT_KEPT)
def test_a_trip_that_is_not_kept_is_found(name: str, fault: str) -> None:
    law, old, new = NOT_KEPT[fault]
    kind = planted((PROTECTION, old, new), (f"components.{name}", "", ""))
    assert law in tripped(kind).broken_laws()


def test_gas_that_is_not_led_past_a_hot_bed_is_found() -> None:
    kind = planted(("components.deoxidiser", " or c.standing_s > 0.0:", ":"))
    assert "catalyst" in tripped(kind).broken_laws()
