"""Origin of the electricity: the monitor against sums by period; the share that counts; the calendar's months."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.config.calendar import hour_of_week, month_of_year
from h2plant.config.load import load_plant
from h2plant.config.scenario import changed_scenario, load_scenario
from h2plant.core.constants import J_PER_MWH
from h2plant.results.ledger import Bookkeeper
from h2plant.results.rfnbo import Origin, origin
from h2plant.results.totals import Totals
from h2plant.session.session import make_engine, prepare
from h2plant.testing import Rig
from tests.unit.test_demand_first import plant_with_customer

EUR_PER_MWH = 1.0 / J_PER_MWH


def test_months_are_those_of_the_clock_on_the_wall() -> None:
    """1 February 2023 begins at 23:00 UTC of 31 January in Amsterdam; half a year on, two hours before midnight."""
    for text, first in (("2023-01-31T22:45:00+00:00", 1.0), ("2023-07-31T21:45:00+00:00", 7.0)):
        start = int(datetime.datetime.fromisoformat(text).timestamp())
        assert month_of_year(start, 3, "Europe/Amsterdam").tolist() == [first, first + 1.0, first + 1.0]
    start = int(datetime.datetime(2023, 12, 31, 23, 45, tzinfo=datetime.UTC).timestamp())
    assert month_of_year(start, 2, "UTC").tolist() == [12.0, 1.0]


def test_monitor_agrees_with_sums_by_hour_and_month() -> None:
    """Random power and prices over two months by quarter hours, against the definition."""
    rng = np.random.default_rng(7)
    start = int(datetime.datetime(2024, 1, 20, tzinfo=datetime.UTC).timestamp())
    n = 4 * 24 * 30
    hours, months = hour_of_week(start, n, "UTC"), month_of_year(start, n, "UTC")
    wind = rng.uniform(0.0, 10e6, n)
    used = rng.uniform(0.0, 10e6, n)
    price = np.repeat(rng.uniform(-20.0, 120.0, n // 4), 4)
    rig = Rig(KIND_BY_NAME["origin_monitor"], {"co2_price_eur_per_kg": 0.070}, is_plain=True)
    for k in range(n):
        for port, value in (
            ("renewable", wind[k]),
            ("electrolysis", used[k]),
            ("price", price[k] * EUR_PER_MWH),
            ("hour_of_week", hours[k]),
            ("month_of_year", months[k]),
        ):
            rig.set_signal(port, value)
        rig.step(1, 900.0)
    is_exempt = (price <= 20.0) | (price < 0.36 * 70.0)
    needing = np.where(is_exempt, 0.0, used) * 900.0
    by_hour = np.minimum(needing.reshape(-1, 4).sum(axis=1), (wind * 900.0).reshape(-1, 4).sum(axis=1)).sum()
    by_month = sum(min(needing[months == m].sum(), (wind * 900.0)[months == m].sum()) for m in (1.0, 2.0))
    for period, of, expected in (("hourly", "hour", by_hour), ("monthly", "month", by_month)):
        under_way = min(rig.field(f"{of}_used_j"), rig.field(f"{of}_renewable_j"))
        assert rig.field(f"matched_{period}_j") + under_way == pytest.approx(expected, rel=1e-12)
    assert rig.field("exempt_j") == pytest.approx((used * is_exempt).sum() * 900.0, rel=1e-12)
    assert 0.2 < is_exempt.mean() < 0.5


def test_several_renewable_plants_count_together() -> None:
    """2 MW of sun and 1 MW of wind cover 3 of 4 MW in an hour."""
    rig = Rig(KIND_BY_NAME["origin_monitor"], {}, {"renewable": 2}, is_plain=True)
    rig.set_signal("electrolysis", 4.0e6)
    rig.set_signal("price", 60.0 * EUR_PER_MWH)
    rig.set_signal("month_of_year", 1.0)
    for link, power in enumerate((2.0e6, 1.0e6)):
        rig.set_signal("renewable", power, link)
    for hour in (1.0, 2.0):
        rig.set_signal("hour_of_week", hour)
        rig.step(4, 900.0)
    assert rig.field("matched_hourly_j") == pytest.approx(3.0e6 * 3600.0, rel=1e-12)
    assert rig.field("renewable_j") == pytest.approx(2.0 * 3.0e6 * 3600.0, rel=1e-12)


@pytest.mark.parametrize(("period", "share"), [(0.0, 1.0), (1.0, 0.5)])
def test_share_that_is_certified(period: float, share: float) -> None:
    """8 MW of wind in one hour, 4 MW used in that and in the next: all of it by the month, half by the hour."""
    rig = Rig(KIND_BY_NAME["origin_monitor"], {"certified_by": period}, is_plain=True)
    for name, value in (("price", 60.0 * EUR_PER_MWH), ("month_of_year", 1.0), ("electrolysis", 4.0e6)):
        rig.set_signal(name, value)
    for hour, wind in ((1.0, 8.0e6), (2.0, 0.0), (3.0, 0.0)):
        rig.set_signal("hour_of_week", hour)
        rig.set_signal("renewable", wind)
        if hour > 2.0:
            rig.set_signal("electrolysis", 0.0)
        rig.step(4, 900.0)
    assert rig.signal("certified_share") == pytest.approx(share, rel=1e-12)


def test_a_customer_reads_what_is_certified(tmp_path: Path) -> None:
    """Without a link; a plant without a monitor certifies nothing."""
    path = plant_with_customer(tmp_path, "demand_first")
    text = path.read_text(encoding="utf-8")
    monitor = "links:\n  - wind.renewable_power -> origin.renewable\n"
    path.write_text(
        text.replace("components:\n", "components:\n  origin: {kind: origin_monitor}\n").replace("links:\n", monitor),
        encoding="utf-8",
    )
    found = [str(link) for link in load_plant(path).default_links() if link.target.port == "certified_share"]
    assert found == ["origin.certified_share -> customer.certified_share"]
    path.write_text(text, encoding="utf-8")
    assert not [link for link in load_plant(path).default_links() if link.target.port == "certified_share"]


@pytest.mark.parametrize(
    # used, renewable, exempt, matched -> share
    ("used", "renewable", "exempt", "matched", "share"),
    [
        (10.0, 20.0, 0.0, 10.0, 1.0),
        (10.0, 20.0, 4.0, 3.0, 0.7),
        (10.0, 5.0, 4.0, 3.0, 0.5),  # no more is claimed than was generated (article 5)
        (10.0, 0.0, 10.0, 0.0, 0.0),
        (0.0, 5.0, 0.0, 0.0, None),
    ],
)
def test_share_that_counts(used: float, renewable: float, exempt: float, matched: float, share: float | None) -> None:
    assert Origin(used, renewable, exempt, matched, matched, 1.0).monthly_frac == pytest.approx(share)
    assert Origin(used, renewable, exempt, 0.0, matched, 1.0).hourly_frac == pytest.approx(share)
    # standby draws power too: where no hydrogen was made there is no share of it
    assert Origin(used, renewable, exempt, matched, matched, 0.0).monthly_frac is None


def test_years_have_shares_of_their_own() -> None:
    """A ledger opened in the midst of a month counts what came after, whatever period is under way."""
    _, program = prepare(changed_scenario(load_scenario("dual_path"), 72, "2023-02-05", 900, 3600))
    engine = make_engine("optimized", program)
    engine.begin()
    whole = Bookkeeper(program, engine.content())
    engine.run(96)
    later = Bookkeeper(program, engine.content())
    first = origin(Totals(program, whole.close(engine.content())))
    engine.run(192)
    both, second = (origin(Totals(program, b.close(engine.content()))) for b in (whole, later))
    assert first is not None
    assert both is not None
    assert second is not None
    for name in ("used_j", "renewable_j", "exempt_j", "matched_monthly_j", "matched_hourly_j"):
        assert getattr(first, name) + getattr(second, name) == pytest.approx(getattr(both, name), rel=1e-9), name
    assert both.hourly_frac is not None
    assert both.hourly_frac <= (both.monthly_frac or 0.0)
