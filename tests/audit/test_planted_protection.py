"""Faults planted in protections that stop the plant: the audit names the law."""

import pytest

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
