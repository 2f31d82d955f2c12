"""Windows of the day that run over midnight, in a plant; windows without an hour."""

from pathlib import Path

import numpy as np
import pytest

import h2plant
from h2plant.config.load import load_plant
from h2plant.laws.delivery import open_since_midnight
from h2plant.physics.day_window import hours_within, window_length
from h2plant.plant.finding import PlantError
from tests.block_plant import block_plant


@pytest.mark.parametrize(("start", "end"), [(6.0, 18.0), (22.0, 6.0), (0.0, 24.0), (23.5, 0.25)])
def test_hours_by_counting_minutes(start: float, end: float) -> None:
    """Each minute of a day lies in the window or does not; the law's own sum says the same."""
    minutes = (np.arange(1440) + 0.5) / 60.0
    inside = (minutes >= start) & (minutes < end) if end >= start else (minutes >= start) | (minutes < end)
    assert window_length(start, end) == pytest.approx(inside.sum() / 60.0)
    for first in range(0, 1440, 45):
        for last in range(first, 1441, 75):
            hours = (first / 60.0, last / 60.0)
            counted = inside[first:last].sum() / 60.0
            assert hours_within(start, end, *hours) == pytest.approx(counted, abs=1e-9)
            since = open_since_midnight(np.array(hours), start, end)
            assert since[1] - since[0] == pytest.approx(counted, abs=1e-9)


@pytest.mark.parametrize("hours", [(12, 12), (24, 0), (0, 0)])
def test_a_day_without_an_hour_is_refused(tmp_path: Path, hours: tuple[int, int]) -> None:
    start, end = hours
    window = f"day_start_h: {start}, day_end_h: {end}"
    with pytest.raises(PlantError, match=r"contradiction. customer.day_end_h: the day starts"):
        load_plant(block_plant(tmp_path, customer=f"{{kind: hydrogen_demand, night_frac: 0.5, {window}}}"))
    links = "  - storage_tanks.outlets -> bays.inlet\n  - bays.demand -> storage_tanks.demands\n"
    with pytest.raises(PlantError, match=r"contradiction. bays.day_end_h: the day starts"):
        load_plant(block_plant(tmp_path, links, bays=f"{{kind: truck_loading, {window}}}"))


@pytest.mark.long
def test_a_customer_of_the_night_is_served(tmp_path: Path) -> None:
    """100 kg from 20 to 4 h: 12.5 kg/h, nothing at noon; 4 of the 8 hours of the night lie in the first day."""
    customer = "{kind: hydrogen_demand, kg_per_day: 100, day_start_h: 20, day_end_h: 4}"
    path = block_plant(tmp_path, customer=customer, trailers=None)
    results = h2plant.run(path, start="2023-01-01", hours=26, out=tmp_path / "night")  # until four in local time
    assert results.summary["audit"]["n_broken"] == 0 and not results.summary["not_valid"]
    due = results["customer.due_kg_per_s"] * 3600.0
    assert due.max() == pytest.approx(12.5)
    # local time is an hour ahead: 1 to 4 h on the first day, 20 to 24 h, and 0 to 3 h on the second
    assert results.summary["key_figures"]["hydrogen_asked_kg"] == pytest.approx(12.5 * (3 + 4 + 3), rel=1e-9)
    figures = results.summary["key_figures"]
    gone = ("sold", "stored_change", "burnt", "lost")
    assert figures["hydrogen_burnt_kg"] > 0.0 and "hydrogen_reconverted_kg" not in figures
    assert figures["hydrogen_made_kg"] == pytest.approx(sum(figures[f"hydrogen_{one}_kg"] for one in gone), rel=1e-12)
