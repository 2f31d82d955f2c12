"""Two prices of hydrogen by the certified share of its electricity."""

from dataclasses import replace

import pytest

from h2plant.components import KIND_BY_NAME
from h2plant.core.origin_role import OriginMonitor
from h2plant.economics.appraisal import appraise
from h2plant.economics.settings import Settings
from h2plant.results.by_origin import by_origin
from tests.unit.test_appraisal import PLANT, YEAR, settings


class _Totals:
    """Sums of a run with two trailers' bays (0, 1) and a customer who pays by origin (2), and a monitor (3)."""

    def __init__(self, certified_by: float, monitors: int = 1) -> None:
        self._of = {
            "origin_used_j": {3: 100.0},
            "origin_renewable_j": {3: 90.0},
            "origin_exempt_j": {3: 4.0},
            "matched_month_j": {3: 81.0},
            "matched_hour_j": {3: 66.0},
            "made_kg": {4: 1600.0},
            "certified_by": {3: certified_by},
            "sold_hydrogen_kg": {0: 1000.0, 1: 500.0, 2: 100.0},
            "paid_for_hydrogen_eur": {0: 9600.0, 1: 1000.0, 2: 800.0},
            "certified_premium": {2: 4.0},
        }
        if not monitors:
            self._of |= {name: {} for name in self._of if name.startswith(("origin", "matched", "certified_by"))}
        self._monitors = [3] * monitors

    def quantity(self, name: str) -> dict[int, float]:
        return self._of[name]

    def sum(self, name: str) -> float:
        return sum(self._of[name].values())

    def of_role(self, role: type) -> list[int]:
        return self._monitors if role is OriginMonitor else []


@pytest.mark.parametrize(
    ("certified_by", "period", "share", "taken_off"),
    [
        # (81 + 4) / 100 of the electricity by the month: 15 % of 1000 kg earns 3 in place of 9.60; 2 EUR/kg stays 2
        (0.0, "month", 0.85, 0.15 * 1000.0 * 6.6),
        (1.0, "hour", 0.70, 0.30 * 1000.0 * 6.6),
    ],
)
def test_what_is_not_certified_earns_the_other_price(certified_by, period, share, taken_off):
    found = by_origin(_Totals(certified_by), Settings(other_hydrogen_price_eur_per_kg=3.0))
    assert found.period == period and found.certified_frac == pytest.approx(share)
    assert found.taken_off_eur == pytest.approx(taken_off, rel=1e-12)
    assert found.sold_kg == 1500.0 and found.paid_eur == 10600.0  # who pays a premium is paid by origin already
    assert found.unpaid_premium_eur == pytest.approx((1.0 - share) * 4.0 * 100.0, rel=1e-12)
    written = found.to_dict()
    assert written["certified_kg"] + written["other_kg"] == pytest.approx(1500.0)


def test_a_given_price_is_that_of_certified_hydrogen_of_all_offtakes():
    given = Settings(hydrogen_price_eur_per_kg=8.0, other_hydrogen_price_eur_per_kg=2.0)
    assert by_origin(_Totals(0.0), given).taken_off_eur == pytest.approx(0.15 * 1600.0 * 6.0)


def test_where_nobody_certifies_there_is_one_price():
    found = by_origin(_Totals(0.0, monitors=0), Settings())
    assert found.taken_off_eur == 0.0 and found.certified_frac is None and found.to_dict() == {}


def test_what_is_taken_off_lowers_price_value_and_return():
    """3.9e6 EUR by 3.9e5 kg sold, of which 6e5 EUR are taken off: 3.3e6 by 4e5 kg made is 8.25 EUR/kg."""
    year = replace(YEAR, uncertified_eur=6.0e5)
    free, less = appraise(PLANT, settings(), YEAR), appraise(PLANT, settings(), year)
    assert less.price_eur_per_kg == pytest.approx(8.25) and free.price_eur_per_kg == pytest.approx(9.75)
    assert less.net_present_value_eur < free.net_present_value_eur
    assert less.closed_form_eur_per_kg == free.closed_form_eur_per_kg
    fixed = appraise(PLANT, settings(hydrogen_price_eur_per_kg=10.0), year)
    assert fixed.price_eur_per_kg == pytest.approx(8.25)


def test_the_roles_name_what_is_read():
    demand, monitor = KIND_BY_NAME["hydrogen_demand"].role, KIND_BY_NAME["origin_monitor"].role
    assert (demand.paid, demand.premium) == ("sold_eur", "certified_premium_eur_per_kg")
    assert monitor.certified_by == "certified_by"
