"""Paths of prices: factors by year of operation, real or nominal."""

import pytest

from h2plant.economics.path import Path, PathShape, problems


def _path(n=4, inflation=0.02, first=None, **setting):
    return Path.of(PathShape(**setting), n, inflation, first)


def test_no_path_and_a_rate_of_inflation_leave_a_price_exactly_as_it_is():
    assert Path.of(None, 3, 0.02).factors == (1.0, 1.0, 1.0)
    assert _path(money="nominal", rate_frac=0.02).is_flat
    assert _path(money="real", rate_frac=0.0).is_flat


def test_rate_real_and_nominal_by_hand():
    assert _path(money="real", rate_frac=0.1).factors == pytest.approx((1.1, 1.21, 1.331, 1.4641), rel=1e-15)
    # 50 in money of the day for ever is 50 / 1.02^y in prices of year 0
    assert _path(money="nominal", rate_frac=0.0).factors == pytest.approx([1.02**-y for y in (1, 2, 3, 4)], rel=1e-15)


def test_the_last_factor_holds_in_its_own_money():
    assert _path(money="real", factors=[80.0, 60.0], reference=80.0).factors == (1.0, 0.75, 0.75, 0.75)
    nominal = _path(money="nominal", factors=[1.0, 0.75]).factors
    assert nominal == pytest.approx([1.0 / 1.02, 0.75 / 1.02**2, 0.75 / 1.02**3, 0.75 / 1.02**4], rel=1e-15)


def test_values_by_calendar_year_are_joined_by_lines_and_hold_outside():
    by_year = {2030: 90.0, 2032: 60.0}
    assert _path(money="real", by_year=by_year, reference=60.0, first=2029).factors == (1.5, 1.5, 1.25, 1.0)
    assert _path(money="real", by_year=by_year, reference=60.0, first=2031).factors == (1.25, 1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("setting", "first", "key", "says"),
    [
        ({}, None, "", "one of"),
        ({"rate_frac": 0.01, "factors": [1.0]}, None, "", "'rate_frac' and 'factors'"),
        ({"rate_frac": 0.01, "reference": 60.0}, None, "reference", "means nothing"),
        ({"factors": [1.0] * 5}, None, "factors", "5 years, the project 4"),
        ({"by_year": {2030: 1.0}}, None, "by_year", "begins to operate"),
        ({"by_year": {2050: 1.0}}, 2030, "by_year", "none of the years"),
        ({"by_year": {2030: 80.0}}, 2030, "by_year.2030", "a factor of 80"),
        ({"factors": [-1.0]}, None, "factors.0", "a factor of -1"),
    ],
)
def test_what_does_not_fit_is_found(setting, first, key, says):
    (problem,) = problems(PathShape(money="real", **setting), 4, first)
    assert problem.key == key and says in problem.what and problem.remedy


def test_a_path_made_of_nothing_is_refused():
    with pytest.raises(ValueError, match="needs a rate"):
        _path(money="real")
    with pytest.raises(ValueError, match="first year"):
        _path(money="real", by_year={2030: 1.0})
