"""A note says of a battery that hardly cycles what its rule uses it for."""

from pathlib import Path

import pytest

import h2plant
from h2plant.results.idle_battery import FEWEST_CYCLES_A_YEAR, LEAST_HOURS
from tests.block_plant import block_plant

pytestmark = pytest.mark.long

GONE = dict.fromkeys(("wind", "electrolysis", "compression", "storage", "customer", "trailers"))


def notes_of(folder: Path, hours: float, **parts: str | None) -> tuple[list[str], float]:
    path = block_plant(folder, **parts)
    results = h2plant.run(path, start="2023-06-01", hours=hours, step_s=3600, out=folder / f"{hours:g}-{len(parts)}")
    notes = [note for note in results.summary["provenance"]["notes"] if "[hardly-used]" in note]
    return notes, results.summary["key_figures"]["battery_cycles"] * 8760.0 / hours


def test_a_battery_that_hardly_cycles_is_told_with_its_rule(tmp_path: Path) -> None:
    rests, of_year = notes_of(tmp_path, LEAST_HOURS, **GONE)
    assert of_year < FEWEST_CYCLES_A_YEAR
    assert len(rests) == 1
    assert (
        "battery_battery: made 0.0 full cycles in 28 days: 'rule', of the kind 'demand_first', has it take only"
        in rests[0]
    )
    too_short, _ = notes_of(tmp_path, LEAST_HOURS - 24.0, **GONE)
    assert too_short == []


def test_a_battery_that_works_is_not(tmp_path: Path) -> None:
    """Charged below 80 and given above 100 EUR/MWh: most days."""
    rule = "{kind: battery_arbitrage, charge_price_eur_per_mwh: 80, discharge_price_eur_per_mwh: 100}"
    notes, of_year = notes_of(tmp_path, LEAST_HOURS, **{**GONE, "rule": rule})
    assert of_year > FEWEST_CYCLES_A_YEAR
    assert notes == []
