"""pvlib is asked for what is meant, by published values and by formulas of our own; the data keep their means."""

import math
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from h2plant.components import plane_of_array
from h2plant.components.plane_of_array import (
    Plane,
    Sun,
    glass,
    make,
    plane_irradiance,
    sun_position,
    takes,
    tracked_plane,
)
from h2plant.config.bundled import DATA
from h2plant.config.series_reader import load_series
from h2plant.core.derived import Lack, Samples, Where
from h2plant.plant.series_spec import Description, SeriesSpec
from tests.plane_formulas import hours_in_plane

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
    zenith, azimuth = np.atleast_1d(zenith_deg).astype(float), np.atleast_1d(azimuth_deg).astype(float)
    return Sun(zenith, azimuth, np.cos(np.radians(zenith)), np.full(len(zenith), extra), np.zeros(len(zenith)))


def test_sun_stands_where_the_algorithm_of_nrel_puts_it() -> None:
    """Reda and Andreas 2008, NREL/TP-560-34302, example of appendix A.5: 50.11162 and 194.34024 degrees, refracted."""
    time_s = np.array([datetime(2003, 10, 17, 19, 30, 30, tzinfo=UTC).timestamp()])
    sun = sun_position(time_s, 39.742476, -105.1786)
    assert sun.zenith_deg[0] == pytest.approx(50.11162, abs=0.004)  # its example has 820 mbar and 11 degrees
    assert sun.azimuth_deg[0] == pytest.approx(194.34024, abs=1e-4)
    # 11.105902 degrees by the same example, seen from the Earth's middle
    assert math.degrees(sun.hour_angle_rad[0]) == pytest.approx(11.105902, abs=0.01)


def test_sun_of_a_day_in_arizona() -> None:
    """Positions in pvlib's tests (test_irradiance.py, ephem_data): 24 June 2014, every six hours, 32.2 N 111 W."""
    begin_s = datetime(2014, 6, 24, 7, tzinfo=UTC).timestamp()
    sun = sun_position(begin_s + np.arange(4) * 21600.0, 32.2, -111.0)
    assert sun.zenith_deg == pytest.approx([124.0390863, 82.85457044, 10.56413562, 72.41687122], abs=0.02)
    assert sun.azimuth_deg == pytest.approx([352.69550699, 66.71410338, 144.76567754, 287.04104128], abs=0.06)
    assert sun.extraterrestrial_w_per_m2 == pytest.approx(np.full(4, 1321.1656), rel=2e-4)


def test_diffuse_of_the_sky_by_hay_and_davies() -> None:
    """pvlib's test_haydavies_components: 40 degrees to the south; the sky without and with what surrounds the sun."""
    zenith, azimuth = [82.85457044, 10.56413562, 72.41687122], [66.71410338, 144.76567754, 287.04104128]
    ghi = np.array([79.73860422, 1042.48031487, 257.20751138])
    dni = np.array([316.1949056, 939.95469881, 646.22886049])
    dhi = np.array([40.46149818, 118.45831879, 62.03376265])
    falls = plane_irradiance(_sun(zenith, azimuth), Plane(40.0, 180.0), ghi, dni, dhi, 0.0)
    z, a = np.radians(zenith), np.radians(azimuth)
    cosine = np.cos(z) * math.cos(math.radians(40.0)) - np.sin(z) * np.cos(a) * math.sin(math.radians(40.0))
    beam = dni * np.maximum(cosine, 0.0)
    assert falls.sky == pytest.approx([27.1775, 30.1818, 27.9837], abs=1e-4)
    assert falls.sun - beam + falls.sky == pytest.approx([27.1775, 102.9949, 33.1909], abs=1e-4)


def test_ground_reflects_onto_the_plane() -> None:
    """pvlib's test_get_ground_diffuse_simple_float: 900 W/m2 on 40 degrees at an albedo of 0.25 give 26.32 W/m2."""
    none = np.zeros(1)
    falls = plane_irradiance(_sun(30.0, 180.0), Plane(40.0, 180.0), none + 900.0, none, none, 0.25)
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
    plane = tracked_plane(_sun(zenith, azimuth), axis, limit, coverage)
    assert plane.tilt_deg[0] == pytest.approx(turn, abs=2e-5)
    if turn and axis == 0.0:
        assert plane.azimuth_deg[0] == pytest.approx(90.0, abs=1e-6)  # faces the sun in the east


def test_trackers_lie_flat_at_night() -> None:
    plane = tracked_plane(_sun([100.0, 91.0], [90.0, 270.0]), 0.0, 60.0, 0.35)
    assert plane.tilt_deg == pytest.approx([0.0, 0.0])


def test_glass_reflects_at_a_slant() -> None:
    """pvlib's tests/test_iam.py: 0.98986965 at 45 degrees; at a tilt of 30 degrees 0.9549735 of the sky, 0.7944426 of
    the ground, all with 0.16."""
    flat = Plane(0.0, 180.0)
    assert glass(_sun(45.0, 180.0), flat, 0.16).sun == pytest.approx([0.98986965], rel=1e-6)
    tilted = glass(_sun(45.0, 180.0), Plane(30.0, 180.0), 0.16)
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
    assert remark == "" or "while it is night" in remark  # values are drawn for any hour


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
    assert (whole.values <= 1366.1 * 1.0351 + 1.2 * max(values)).all()
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


@pytest.fixture(scope="module")
def ghi_2023() -> Samples:
    start = datetime(2023, 1, 1, tzinfo=UTC)
    how = Description(stamps="end")
    spec = SeriesSpec("ghi_w_per_m2", file=DATA / "nl_2023.csv.gz", column="ghi_w_per_m2", how=how, is_repeated=True)
    one = load_series({spec.name: spec}, start, 8760 * 3600.0)[spec.name]
    return Samples(one.values, one.resolution_s, round(start.timestamp()) - one.offset_s, one.is_linear)


@pytest.mark.parametrize(
    ("changed", "kwh_per_m2"),
    [
        ({}, 1286.7),  # 1,289.6 by the formulas, 0.23 % more
        ({"tracking": 1.0}, 1389.6),  # 1,394.0
        ({"tilt_rad": 0.5 * math.pi, "azimuth_rad": 0.5 * math.pi}, 641.7),  # 644.2: to the east, the most by low sun
    ],
)
def test_a_year_as_by_formulas_of_our_own(ghi_2023: Samples, changed: dict[str, float], kwh_per_m2: float) -> None:
    """The bundled year by pvlib and by other formulas: within 0.5 %, and each hour but those with the sun at the
    horizon, where refraction tells whether the hour has beam, within 5 % and 10 W/m2."""
    parameters = SOUTH | {"angular_ratio": 0.16} | changed
    made, remark = make({"ghi_w_per_m2": ghi_2023}, parameters, SITE)
    hours = made.means[: 8760 * 12].reshape(8760, 12).mean(axis=1)
    own = hours_in_plane(ghi_2023.means[:8760], ghi_2023.first_s, parameters, SITE[:2])
    assert remark == ""
    assert hours.sum() / 1e3 == pytest.approx(kwh_per_m2, rel=2e-3)
    assert hours.sum() == pytest.approx(own.sum(), rel=5e-3)
    middle_s = ghi_2023.first_s + (np.arange(8760) + 0.5) * 3600.0
    is_high = sun_position(middle_s, *SITE[:2]).up > 0.15
    assert is_high.sum() > 3000
    assert hours[is_high] == pytest.approx(own[is_high], rel=0.05, abs=10.0)
    assert np.abs(hours - own).max() > 1.0  # they are two ways
    assert math.sqrt(((hours - own) ** 2).mean()) < 3.0


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


def test_a_machine_without_pvlib_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = takes(["ghi_w_per_m2"], SOUTH, SITE)
    assert isinstance(found, Lack) and "not installed" in found.what and "pip install pvlib" in found.remedy


def test_a_plant_with_an_array_loads_one_file_of_pvlib() -> None:
    """The package and what it imports would take 95 MB of the run's memory."""
    code = "import h2plant, sys; h2plant.Session('iberia', hours=1); print({'pandas', 'pvlib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "set()"


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


def test_formulas_are_those_of_pvlib() -> None:
    """A year of minutes' worth of suns, planes and skies drawn at random: the same to rounding."""
    from pvlib import iam, irradiance, tracking

    draw = np.random.default_rng(2)
    time_s = 1.672e9 + np.sort(draw.uniform(0.0, 3.15e7, 2000))
    sun = sun_position(time_s, 39.5, -2.5)
    day = plane_of_array._day_of_year(time_s)
    assert_allclose(sun.extraterrestrial_w_per_m2, irradiance.get_extra_radiation(day), rtol=1e-12)
    tilt, azimuth, dni, dhi = (draw.uniform(0.0, most, 2000) for most in (90.0, 360.0, 600.0, 300.0))
    plane, ghi = Plane(tilt, azimuth), dni * np.maximum(sun.up, 0.0) + dhi
    angles = sun.zenith_deg, sun.azimuth_deg
    got = plane_irradiance(sun, plane, ghi, dni, dhi, 0.2)
    is_high = sun.up > 0.3  # elsewhere the ratio about the sun has a bound of its own
    sky = irradiance.haydavies(*plane, dhi, dni, sun.extraterrestrial_w_per_m2, *angles, return_components=True)
    direct = irradiance.beam_component(*plane, *angles, dni) + sky["poa_circumsolar"]
    assert_allclose(got.sun[is_high], direct[is_high], rtol=1e-10, atol=1e-9)
    assert_allclose(got.sky[is_high], sky["poa_isotropic"][is_high], rtol=1e-10)
    assert_allclose(got.ground, irradiance.get_ground_diffuse(tilt, ghi, 0.2), rtol=1e-10, atol=1e-12)
    passed = glass(sun, plane, 0.16)
    diffuse = iam.martin_ruiz_diffuse(np.clip(tilt, 0.01, 179.99), 0.16)
    assert_allclose(passed.sun, iam.martin_ruiz(irradiance.aoi(*plane, *angles), 0.16), rtol=1e-7, atol=1e-9)
    assert_allclose(passed.sky, diffuse["sky"], rtol=1e-10)
    assert_allclose(passed.ground, diffuse["ground"], rtol=1e-6)
    for coverage in (0.0, 0.4):
        turned = tracked_plane(sun, 170.0, 55.0, coverage)
        found = tracking.singleaxis(*angles, 0.0, 170.0, 55.0, coverage > 0.0, coverage or 1.0)
        assert_allclose(turned.tilt_deg, np.nan_to_num(found["surface_tilt"]), atol=1e-9)
        is_tilted = turned.tilt_deg > 1e-6
        assert_allclose(turned.azimuth_deg[is_tilted], found["surface_azimuth"][is_tilted], atol=1e-9)
    split = irradiance.erbs(ghi, np.degrees(np.arccos(np.clip(sun.up, 0.0, 1.0))), day, max_zenith=90.0)
    assert_allclose(plane_of_array._diffuse_share(ghi, sun.up, day), split["dhi"] / ghi, rtol=1e-9)
