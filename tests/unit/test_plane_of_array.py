"""Sun position, split, transposition, tracking and glass against published values; the data keep their means."""

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.components.plane_of_array import (
    Sun,
    diffuse_fraction,
    fixed_plane,
    glass,
    make,
    plane_irradiance,
    sun_position,
    takes,
    tracked_plane,
)
from h2plant.core.derived import Lack, Samples, Where

SOUTH = {
    "tracking": 0.0,
    "tilt_rad": math.radians(35.0),
    "azimuth_rad": math.pi,
    "rotation_limit_rad": math.radians(60.0),
    "ground_coverage_frac": 0.35,
    "angular_ratio": 0.0,
    "albedo_frac": 0.2,
}
SITE = Where(52.7, 4.29)


def _sun(zenith_deg, azimuth_deg, extra=1321.1655834833093) -> Sun:
    z, a = np.radians(np.atleast_1d(zenith_deg)), np.radians(np.atleast_1d(azimuth_deg))
    return Sun(np.sin(z) * np.sin(a), np.sin(z) * np.cos(a), np.cos(z), np.full(len(z), extra), np.zeros(len(z)))


def _angles(sun: Sun) -> tuple[np.ndarray, np.ndarray]:
    return np.degrees(np.arccos(sun.up)), np.degrees(np.arctan2(sun.east, sun.north)) % 360.0


def test_sun_stands_where_the_algorithm_of_nrel_puts_it() -> None:
    """Reda and Andreas 2008, NREL/TP-560-34302, example of appendix A.5: 50.11162 and 194.34024 degrees, refracted."""
    time_s = np.array([datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC).timestamp()])
    zenith, azimuth = _angles(sun_position(time_s, 39.742476, -105.1786))
    assert zenith[0] == pytest.approx(50.11162, abs=0.03)
    assert azimuth[0] == pytest.approx(194.34024, abs=0.02)


def test_sun_of_a_day_in_arizona() -> None:
    """Positions in pvlib's tests (test_irradiance.py, ephem_data): 24 June 2014, every six hours, 32.2 N 111 W."""
    begin_s = datetime(2014, 6, 24, 7, tzinfo=UTC).timestamp()
    sun = sun_position(begin_s + np.arange(4) * 21600.0, 32.2, -111.0)
    zenith, azimuth = _angles(sun)
    assert zenith == pytest.approx([124.0390863, 82.97705621, 10.56726, 72.46903556], abs=0.02)
    assert azimuth == pytest.approx([352.69550699, 66.71410338, 144.76567754, 287.04104128], abs=0.06)
    # pvlib's 1321.1656 W/m2 goes by a solar constant of 1366.1
    assert sun.extraterrestrial_w_per_m2[0] == pytest.approx(1321.1656 / 1366.1 * 1361.1, rel=1e-3)


def test_diffuse_share_of_erbs() -> None:
    """pvlib's test_erbs: 41.5709323 of 50, 217.877755 and 170.439297 of 1000 W/m2; at 0.1 by the first line, 0.991."""
    found = diffuse_fraction(np.array([0.1, 0.405715990, 0.718119416, 0.768919470, 0.95]))
    assert found == pytest.approx([0.991, 0.831418646, 0.217877755, 0.170439297, 0.165], rel=1e-5)


def test_diffuse_of_the_sky_by_hay_and_davies() -> None:
    """pvlib's test_haydavies_components: 40 degrees to the south; the sky without and with what surrounds the sun."""
    zenith, azimuth = [82.85457044, 10.56413562, 72.41687122], [66.71410338, 144.76567754, 287.04104128]
    ghi = np.array([79.73860422, 1042.48031487, 257.20751138])
    dni = np.array([316.1949056, 939.95469881, 646.22886049])
    dhi = np.array([40.46149818, 118.45831879, 62.03376265])
    sun, plane = _sun(zenith, azimuth), fixed_plane(math.radians(40.0), math.pi)
    falls = plane_irradiance(sun, plane, ghi, dni, dhi, 0.0)
    beam = dni * np.maximum(sun.east * plane.east + sun.north * plane.north + sun.up * plane.up, 0.0)
    assert falls.sky == pytest.approx([27.1775, 30.1818, 27.9837], abs=1e-4)
    assert falls.sun - beam + falls.sky == pytest.approx([27.1775, 102.9949, 33.1909], abs=1e-4)


def test_ground_reflects_onto_the_plane() -> None:
    """pvlib's test_get_ground_diffuse_simple_float: 900 W/m2 on 40 degrees at an albedo of 0.25 give 26.32 W/m2."""
    none = np.zeros(1)
    falls = plane_irradiance(
        _sun(30.0, 180.0), fixed_plane(math.radians(40.0), math.pi), none + 900.0, none, none, 0.25
    )
    assert falls.ground == pytest.approx([26.32000014911496], rel=1e-9)


@pytest.mark.parametrize(
    ("zenith", "azimuth", "axis", "limit", "coverage", "turn"),
    [
        (60.0, 90.0, 0.0, 90.0, 2.0 / 7.0, 60.0),  # test_azimuth_north_south
        (60.0, 90.0, 0.0, 45.0, 2.0 / 7.0, 45.0),  # test_max_angle
        (80.0, 90.0, 0.0, 90.0, 0.0, 80.0),  # test_backtrack, without
        (80.0, 90.0, 0.0, 90.0, 2.0 / 7.0, 27.42833),  # test_backtrack, with
        (30.0, 90.0, 90.0, 90.0, 2.0 / 7.0, 0.0),  # test_axis_azimuth: along the axis
        (30.0, 180.0, 90.0, 90.0, 2.0 / 7.0, 30.0),  # test_axis_azimuth: across it
    ],
)
def test_trackers_turn(zenith: float, azimuth: float, axis: float, limit: float, coverage: float, turn: float) -> None:
    """Expected turns of pvlib's tests/test_tracking.py, named beside each."""
    plane = tracked_plane(_sun(zenith, azimuth), math.radians(axis), math.radians(limit), coverage)
    assert math.degrees(math.acos(plane.up[0])) == pytest.approx(turn, abs=2e-5)
    if turn and axis == 0.0:
        assert plane.east[0] == pytest.approx(math.sin(math.radians(turn)), abs=1e-6)  # faces the sun in the east


def test_trackers_lie_flat_at_night() -> None:
    plane = tracked_plane(_sun([100.0, 91.0], [90.0, 270.0]), 0.0, 1.0, 0.35)
    assert plane.up == pytest.approx([1.0, 1.0])


def test_glass_reflects_at_a_slant() -> None:
    """pvlib's tests/test_iam.py: 0.98986965 at 45 degrees; at a tilt of 30 degrees 0.9549735 of the sky, 0.7944426 of
    the ground, all with 0.16."""
    flat = fixed_plane(0.0, math.pi)
    assert glass(_sun(45.0, 180.0), flat, 0.16).sun == pytest.approx([0.98986965], rel=1e-6)
    tilted = glass(_sun(45.0, 180.0), fixed_plane(math.radians(30.0), math.pi), 0.16)
    assert float(tilted.sky) == pytest.approx(0.9549735, rel=1e-6)
    assert float(tilted.ground) == pytest.approx(0.7944426, rel=1e-6)
    assert glass(_sun(90.0, 180.0), flat, 0.16).sun == pytest.approx([0.0], abs=1e-12)
    assert 0.0 < float(glass(_sun(45.0, 180.0), flat, 0.16).ground) < 0.1  # it sees none


BEGIN_S = int(datetime(2023, 3, 1, tzinfo=UTC).timestamp())


def _hours(values, first_s: int = BEGIN_S, resolution_s: int = 3600, is_linear: bool = False) -> Samples:
    values = np.asarray(values, dtype=np.float64)
    return Samples(np.append(values, values[-1]), resolution_s, first_s, is_linear)


@settings(max_examples=15, deadline=None)
@given(
    values=st.lists(st.floats(0.0, 1000.0), min_size=24, max_size=72),
    resolution_s=st.sampled_from([60, 300, 900, 1800, 3600]),
    latitude=st.floats(-65.0, 65.0),
)
def test_a_flat_plane_gets_what_the_data_say(values: list[float], resolution_s: int, latitude: float) -> None:
    """Whatever the sky, each interval keeps its mean: what moves is its course within."""
    parts, remark = make({"ghi_w_per_m2": _hours(values, resolution_s=resolution_s)}, SOUTH | {"tilt_rad": 0.0},
                         Where(latitude, 10.0))  # fmt: skip
    made = parts.means.reshape(len(values), -1).mean(axis=1)
    assert made == pytest.approx(np.array(values), rel=1e-9, abs=1e-9)
    assert remark == ""


@settings(max_examples=15, deadline=None)
@given(
    values=st.lists(st.floats(0.0, 1000.0), min_size=24, max_size=48),
    tilt=st.floats(0.0, 0.5 * math.pi),
    azimuth=st.floats(0.0, 2.0 * math.pi),
    tracking=st.sampled_from([0.0, 1.0]),
    given_=st.sampled_from(["", "dhi", "dni"]),
)
def test_no_plane_gets_more_than_the_sun_gives(
    values: list[float], tilt: float, azimuth: float, tracking: float, given_: str
) -> None:
    series = {"ghi_w_per_m2": _hours(values)}
    if given_:
        series[f"{given_}_w_per_m2"] = _hours(0.4 * np.array(values))
    parameters = SOUTH | {"tilt_rad": tilt, "azimuth_rad": azimuth, "tracking": tracking}
    whole, _ = make(series, parameters, SITE)
    assert np.isfinite(whole.values).all()
    assert (whole.values >= 0.0).all()
    assert (whole.values <= 1361.1 * 1.034 + 1.2 * max(values)).all()
    seen, _ = make(series, parameters | {"angular_ratio": 0.16}, SITE)
    assert (seen.values <= whole.values + 1e-9).all()


def test_three_series_of_one_sky_give_the_same_plane() -> None:
    """Beam and diffuse of a clear day, and what is horizontal of both: any two tell the third."""
    begin_s = BEGIN_S + np.arange(24 * 12) * 300
    sun = sun_position(begin_s + 150.0, *SITE[:2])
    is_day = sun.up > 0.1
    dni, dhi = np.where(is_day, 700.0, 0.0), np.where(is_day, 100.0, 0.0)
    ghi = dni * sun.up + dhi
    all_of = {f"{k}_w_per_m2": _hours(v, resolution_s=300) for k, v in (("ghi", ghi), ("dni", dni), ("dhi", dhi))}
    whole, _ = make(all_of, SOUTH, SITE)
    for left_out in all_of:
        part, _ = make({k: v for k, v in all_of.items() if k != left_out}, SOUTH, SITE)
        assert part.values == pytest.approx(whole.values, rel=1e-9, abs=1e-9), left_out


def test_a_constant_irradiance_is_taken_by_the_hour() -> None:
    one = Samples(np.full(2, 300.0), 86400 * 30, BEGIN_S, False)
    made, remark = make({"ghi_w_per_m2": one}, SOUTH | {"tilt_rad": 0.0}, SITE)
    assert (made.resolution_s, made.n, remark) == (300, 30 * 288, "")
    assert made.means.mean() == pytest.approx(300.0, rel=1e-9)


@pytest.mark.parametrize(("shift_h", "said"), [(0, ""), (1, "1.0 h after"), (-6, "6.0 h before")])
def test_a_noon_that_is_not_the_suns_is_told(shift_h: int, said: str) -> None:
    time_s = BEGIN_S + np.arange(24 * 20) * 3600
    up = np.maximum(sun_position(time_s + 1800.0, *SITE[:2]).up, 0.0)
    _, remark = make({"ghi_w_per_m2": _hours(700.0 * np.roll(up, shift_h))}, SOUTH, SITE)
    assert (said in remark) if said else remark == ""


def test_what_is_missing_is_told_with_its_remedy() -> None:
    nowhere = takes(["ghi_w_per_m2"], SOUTH, Where())
    assert isinstance(nowhere, Lack) and "where it stands" in nowhere.what and "latitude" in nowhere.remedy
    dark = takes(["dni_w_per_m2", "wind_power_pu"], SOUTH, SITE)
    assert isinstance(dark, Lack) and dark.series == "ghi_w_per_m2"
    assert takes(["dni_kw_per_m2", "dhi_w_per_m2", "ghi_mwh"], SOUTH, SITE) == ("dni_kw_per_m2", "dhi_w_per_m2")


# Samples -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("is_linear", [False, True])
def test_means_over_any_span_add_up(is_linear: bool) -> None:
    one = _hours([1.0, 5.0, 2.0, 0.0], is_linear=is_linear)
    quarter = one.mean_at(BEGIN_S + np.arange(16) * 900.0, 900.0)
    assert quarter.reshape(4, 4).mean(axis=1) == pytest.approx(one.means, rel=1e-12)
    if is_linear:
        assert quarter[0] == pytest.approx(1.5)  # a line from 1 to 5: 1.5 in the first quarter
    assert one.mean_at(np.array([BEGIN_S - 7200.0, BEGIN_S + 20 * 3600.0]), 3600.0) == pytest.approx([1.0, 0.0])
