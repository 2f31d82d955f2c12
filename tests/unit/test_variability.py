"""Minutes within the intervals of a series: means, spectra, bounds, and that a minute is the same in every run."""

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from h2plant.config.series import Series, SeriesSpec
from h2plant.config.series_clouds import BRIGHTEST, cloud_spectrum, index_deviation
from h2plant.config.series_entry import parse_all_series, series_content
from h2plant.config.series_noise import FREQUENCIES_HZ, keep_mean, noise, within
from h2plant.config.series_reader import load_series, read_series
from h2plant.config.series_turbulence import power_at_speed, speed_at_power, wind_spectrum
from h2plant.config.yaml_source import parse_yaml
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.variability import Variability
from h2plant.studies.study import outcome

START = datetime(2023, 1, 1, tzinfo=UTC)
FARM = Variability("turbulence", seed=1, n_turbines=3)


def load(
    values: list[float],
    of: Variability | None,
    name: str = "wind_power_pu",
    hours: float | None = None,
    start: datetime = START,
    **spec: object,
) -> Series:
    given = {"resolution_s": 3600, "start": START, "variability": of, **spec}
    one = SeriesSpec(name, values=tuple(values), **given)  # type: ignore[arg-type]
    length_h = len(values) * one.resolution_s / 3600 if hours is None else hours
    return load_series({name: one}, start, length_h * 3600)[name]


def minutes(series: Series) -> np.ndarray:
    assert (series.resolution_s, series.is_linear) == (60, False)
    return series.values[:-1]


@settings(max_examples=60, deadline=None)
@given(
    values=st.lists(st.sampled_from([0.0, 1.0]) | st.floats(-0.03, 1.05), min_size=1, max_size=7),
    seed=st.integers(0, 2**63 - 1),
    n_turbines=st.sampled_from([1, 5, 200]),
    resolution_s=st.sampled_from([300, 900, 1800, 3600]),
    mode=st.sampled_from(["hold", "linear"]),
)
def test_every_mean_is_kept_within_the_bounds_of_a_farm(values, seed, n_turbines, resolution_s, mode):
    of = Variability("turbulence", seed, n_turbines)
    power = minutes(load(values, of, resolution_s=resolution_s, mode=mode)).reshape(len(values), -1)
    ends = np.array([*values[1:], values[-1]]) if mode == "linear" else np.array(values)
    np.testing.assert_allclose(power.mean(axis=1), (np.array(values) + ends) / 2, rtol=0, atol=1e-15)
    assert power.min() >= min(0.0, *values) and power.max() <= max(1.0, *values)


@settings(max_examples=30, deadline=None)
@given(values=st.lists(st.floats(0.0, 60.0), min_size=1, max_size=5), seed=st.integers(0, 1000))
def test_every_mean_of_a_wind_speed_is_kept_and_none_is_below_zero(values, seed):
    speed = minutes(load(values, Variability("turbulence", seed), "wind_speed_m_per_s")).reshape(len(values), -1)
    np.testing.assert_allclose(speed.mean(axis=1), values, rtol=1e-14, atol=1e-15)
    assert speed.min() >= 0.0


def test_a_calm_hour_stays_calm_and_a_full_one_full():
    power = minutes(load([0.0, 0.0, 1.0, 1.0], FARM))
    assert (power[:120] == 0.0).all() and (power[120:] == 1.0).all()


def test_lacking_means_take_the_same_share_of_the_room():
    # by hand: room 1.0, 0.6, 0.2 to the bound of 1, mean 0.6; 0.3 is lacking, half of each room
    got = keep_mean(np.array([[0.0, 0.4, 0.8]]), np.array([[0.7]]), np.zeros((1, 1)), np.ones((1, 1)))
    np.testing.assert_allclose(got, [[0.5, 0.7, 0.9]])
    # and what is too much is taken down to zero alike: mean 0.4 to 0.1
    got = keep_mean(np.array([[0.0, 0.4, 0.8]]), np.array([[0.1]]), np.zeros((1, 1)), np.ones((1, 1)))
    np.testing.assert_allclose(got, [[0.0, 0.1, 0.2]])


def test_a_minute_is_the_same_in_every_run():
    values = [0.3 + 0.05 * (i % 9) for i in range(80)]
    whole = minutes(load(values, FARM, mode="linear"))
    later = load(values, FARM, mode="linear", start=START + timedelta(hours=20, minutes=17), hours=30)
    assert (minutes(later)[: 30 * 60] == whole[20 * 60 + 17 : 50 * 60 + 17]).all()
    assert later.offset_s == 0
    within_a_minute = load(values, FARM, mode="linear", start=START + timedelta(hours=20, seconds=90), hours=1)
    assert within_a_minute.offset_s == 30 and within_a_minute.values[0] == whole[20 * 60 + 1]
    shorter = minutes(load(values, FARM, mode="linear", hours=50))
    assert (shorter == whole[: shorter.size]).all()
    assert not np.allclose(minutes(load(values, Variability("turbulence", 2, 3))), whole, atol=0.01)


def test_the_numbers_are_those_of_every_platform():
    # from Philox's raw numbers, key (1, 1), blocks 27221 and 27222 since 1970: another numpy must give the same
    got = minutes(load([0.5, 0.5], FARM))[[0, 1, 2, 60, 119]]
    np.testing.assert_allclose(
        got, [0.372596723423, 0.430358849662, 0.369314671439, 0.613276877396, 0.731575295220], rtol=0, atol=1e-11
    )


def _spectrum(values: np.ndarray, n: int = 1024) -> tuple[np.ndarray, np.ndarray]:
    """Return frequencies, Hz, and the one-sided spectrum by Welch's method."""
    taper = np.hanning(n)
    parts = np.lib.stride_tricks.sliding_window_view(values, n)[:: n // 2] * taper
    found = 2.0 * np.abs(np.fft.rfft(parts, axis=1)) ** 2 * 60.0 / (taper**2).sum()
    return np.fft.rfftfreq(n, 60.0), found.mean(axis=0)


@pytest.mark.parametrize("speed", [5.0, 10.0, 20.0])
def test_wind_has_the_published_spectrum(speed):
    """Kaimal of IEC 61400-1 and the mesoscale's f^-5/3, as minute means of a rotor show them."""
    of = Variability("turbulence", 7, hub_height_m=100.0, rotor_diameter_m=120.0)
    got = minutes(load([speed] * 3000, of, "wind_speed_m_per_s"))
    f, spectrum = _spectrum(got - speed)

    def law(f: float) -> float:
        length_m = 8.1 * 42.0
        kaimal = 4.0 * length_m / speed / (1.0 + 6.0 * f * length_m / speed) ** (5 / 3)
        x = 12.0 * math.sqrt((f * 120.0 / speed) ** 2 + (0.12 * 120.0 / length_m) ** 2)
        rotor = 2.0 * (x - 1.0 + math.exp(-x)) / x**2
        instants = 3e-4 * f ** (-5 / 3) + (0.12 * (0.75 * speed + 3.8)) ** 2 * kaimal * rotor
        return instants * (math.sin(math.pi * f * 60) / (math.pi * f * 60)) ** 2

    for low, high in ((1 / 2400, 1 / 1200), (1 / 1200, 1 / 600), (1 / 600, 1 / 300), (1 / 300, 1 / 150)):
        band = (f >= low) & (f < high)
        expected = np.mean([law(x) + law(1 / 60 - x) + law(1 / 60 + x) for x in f[band]])
        # between the speeds whose spectra are made, amplitudes are interpolated
        assert spectrum[band].mean() == pytest.approx(expected, rel=0.06)


def test_a_large_farm_keeps_the_slope_of_the_mesoscale():
    """The power of farms falls by f^-5/3 from days to 30 s (Apt 2007, 10.1016/j.jpowsour.2007.02.077)."""
    of = Variability("turbulence", 3, n_turbines=10_000, extent_m=0.0)
    f, spectrum = _spectrum(minutes(load([0.5] * 3000, of)))
    band = (f > 1 / 3000) & (f < 1 / 400)
    slope = np.polyfit(np.log(f[band]), np.log(spectrum[band]), 1)[0]
    assert slope == pytest.approx(-5 / 3, abs=0.06)


def test_variance_within_intervals_is_the_integral():
    of = Variability("turbulence", 5)
    hours = minutes(load([10.0] * 3000, of, "wind_speed_m_per_s")).reshape(-1, 60)
    assert hours.var(axis=1).mean() == pytest.approx(within(wind_spectrum(10.0, of, 3600), 3600.0), rel=0.02)
    quarters = minutes(load([10.0] * 6000, of, "wind_speed_m_per_s", resolution_s=900)).reshape(-1, 15)
    expected = within(wind_spectrum(10.0, of, 900), 900.0)
    assert quarters.var(axis=1).mean() == pytest.approx(expected, rel=0.03) and expected < hours.var(axis=1).mean()


def test_turbulence_evens_out_over_turbines():
    def variance(n_turbines: int, intensity: float) -> float:
        of = Variability("turbulence", 1, n_turbines, extent_m=0.0, reference_intensity_frac=intensity)
        return within(wind_spectrum(10.0, of, 3600), 3600)

    one, many, none = variance(1, 0.12), variance(25, 0.12), variance(1, 0.0)
    assert (many - none) / (one - none) == pytest.approx(1 / 25)


def test_power_and_speed_of_a_farm_are_inverse():
    power = np.array([0.0, 0.001, 0.1, 0.5, 0.9, 0.999, 1.0])
    np.testing.assert_allclose(power_at_speed(speed_at_power(power)), power, atol=1e-6)
    assert power_at_speed(np.array([2.0, 9.0]))[0] < 1e-3
    # bundled turbine (windpowerlib's V164/9.5 MW): 0.477 at 9 m/s, 0.911 at 12 m/s
    np.testing.assert_allclose(power_at_speed(np.array([9.0, 12.0])), [0.477, 0.911], atol=0.07)


def _days(indices: list[float]) -> list[float]:
    """Return hours of days with a sky of each clear-sky index, sun from 6 to 18 h, 800 W/m2 at noon."""
    clear = [max(800.0 * math.sin(math.pi * (h + 0.5 - 6) / 12), 0.0) for h in range(24)]
    return [k * value for k in indices for value in clear]


def test_clouds_vary_broken_skies_only():
    of = Variability("clouds", 4)
    skies = [1.0, 0.5] * 60
    ghi = minutes(load(_days(skies), of, "ghi_w_per_m2")).reshape(-1, 24, 60)
    expected = np.array(_days(skies)).reshape(-1, 24)
    np.testing.assert_allclose(ghi.mean(axis=2), expected, rtol=1e-13, atol=1e-12)
    clear, broken = ghi[0::2], ghi[1::2]
    assert (clear == expected[0::2, :, None]).all()
    assert (broken[:, [0, 3, 5, 18, 23]] == 0.0).all()
    assert broken.min() >= 0.0 and (broken <= BRIGHTEST * expected[0, :, None] * (1 + 1e-12)).all()
    index = broken[:, 8:16] / expected[0, 8:16, None]
    # Skartveit and Olseth: 0.87 * 0.25 * 0.5, and nothing changes from hour to hour
    assert math.sqrt(index.var(axis=2).mean()) == pytest.approx(0.87 * 0.25 * 0.5, rel=0.05)


def test_clouds_have_the_published_slope_and_deviation():
    values = noise(cloud_spectrum(3600, 0.0)[None], np.ones((1, 400_000)), 1, 2, 0)
    f, spectrum = _spectrum(values)
    band = (f > 1 / 3000) & (f < 1 / 150)
    assert np.polyfit(np.log(f[band]), np.log(spectrum[band]), 1)[0] == pytest.approx(-1.3, abs=0.04)
    hours = values[: 6600 * 60].reshape(-1, 60)
    assert hours.var(axis=1).mean() == pytest.approx(1.0, rel=0.02)
    # by hand: 0.87 * 0.36 * 0.4 + 0.39 * 0.7746 * 0.2; clear and dark skies are steady
    np.testing.assert_allclose(
        index_deviation(np.array([0.6, 1.1, 0.0]), np.array([0.2, 0.0, 0.0])), [0.1857, 0, 0], atol=1e-4
    )


def test_steadier_fields_are_larger():
    point, field = (within(cloud_spectrum(3600, d), 3600) for d in (0.0, 2000.0))
    assert point == pytest.approx(1.0) and 0.5 < field < 0.95


def test_a_repeated_series_has_other_minutes_each_time():
    series = load([0.2, 0.6], FARM, hours=4, is_repeated=True)
    first, second = minutes(series).reshape(2, -1)
    np.testing.assert_allclose(minutes(series).reshape(4, -1).mean(axis=1), [0.2, 0.6, 0.2, 0.6], atol=1e-15)
    assert not np.allclose(first, second, atol=0.01)


def test_what_was_added_is_noted():
    series = load([0.5] * 24, FARM)
    (note,) = series.notes
    deviation = minutes(series).std()
    assert (note.id, note.severity) == ("variability", "note")
    assert f"turbulence added (seed 1): minutes differ from the series by {deviation:.3g} pu" in note.what


def entry(text: str) -> tuple[dict[str, SeriesSpec], list[Finding]]:
    findings: list[Finding] = []
    node = parse_yaml(text, Path("plant.yaml"), findings)
    return parse_all_series(node, Path("plant.yaml"), findings), findings


VALUES = "values: [0.5, 0.6], resolution_h: 1"
TURBULENCE = "variability: {kind: turbulence, seed: 1, n_turbines: 3}"
LINES = "values: [1]\n  resolution_h: 1\n  variability:\n    seed: 1\n    kind: clouds"


@pytest.mark.parametrize(
    ("text", "id", "what", "line"),
    [
        ("wind_power_pu: {VALUES, variability: {kind: turbulence, n_turbines: 3}}", "missing-key", "'seed'", 1),
        ("wind_power_pu: {VALUES, variability: {kind: turbulence, seed: 1}}", "missing-key", "'n_turbines'", 1),
        ("wind_power_pu: {VALUES, variability: {kind: gusts, seed: 1}}", "out-of-bounds", "'gusts'", 1),
        ("wind_power_pu: {VALUES, variability: {kind: turbulence, seed: -1, n_turbines: 3}}", "out-of-bounds", "-1", 1),
        ("wind_power_pu: {VALUES, variability: true}", "wrong-type", "mapping", 1),
        ("wind_power_pu:\n  LINES", "variability-quantity", "clouds", 6),
        ("pv_power_pu: {VALUES, TURBULENCE}", "variability-quantity", "", 1),
        ("price_eur_per_mwh: {VALUES, variability: {kind: clouds, seed: 1}}", "variability-quantity", "", 1),
        ("dni_w_per_m2: {VALUES, variability: {kind: clouds, seed: 1}}", "variability-quantity", "", 1),
        ("pv_power_pu: {VALUES, variability: {kind: clouds, seed: 1, n_turbines: 3}}", "unused-key", "n_turbines", 1),
        ("wind_power_pu: {constant: 0.5, TURBULENCE}", "unused-key", "constant", 1),
        ("wind_power_pu: {VALUES, variability: {kind: turbulence, seed: 1, n: 3}}", "unknown-key", "'n'", 1),
    ],
)  # fmt: skip
def test_wrong_entries_are_found(text, id, what, line):
    specs, findings = entry(text.replace("VALUES", VALUES).replace("TURBULENCE", TURBULENCE).replace("LINES", LINES))
    assert not specs
    (finding,) = [f for f in findings if f.id == id]
    assert what in finding.what and finding.line == line


@pytest.mark.parametrize(
    ("name", "of", "resolution_s", "what"),
    [
        ("wind_power_pu", FARM, 60, "nothing to add"),
        ("wind_power_pu", FARM, 10, "nothing to add"),
        ("wind_power_pu", FARM, 10800, "last 180 min"),
        ("wind_power_pu", FARM, 420, "last 7 min"),
        ("ghi_w_per_m2", Variability("clouds", 1), 3600, "lasts 3 h, too short"),
    ],
)
def test_series_that_take_none_are_refused(name, of, resolution_s, what):
    with pytest.raises(PlantError, match=what):
        load([0.1, 0.2, 0.3], of, name, resolution_s=resolution_s)


def test_an_entry_is_read_as_it_was_written():
    text = f"wind_power_pu: {{{VALUES}, variability: {{kind: turbulence, seed: 3, n_turbines: 4, extent_m: 900}}}}"
    specs, findings = entry(text)
    assert not findings
    spec = specs["wind_power_pu"]
    assert spec.variability == Variability("turbulence", 3, 4, extent_m=900.0)
    content = series_content(spec)["variability"]
    assert Variability(**content) == spec.variability
    bare = SeriesSpec("wind_power_pu", values=(0.5, 0.6), resolution_s=3600)
    assert len(spec.content()) == len(bare.content()) + 1 and content in spec.content()


def test_findings_come_back_without_a_series():
    one = SeriesSpec("wind_power_pu", values=(0.5,) * 60, resolution_s=60, variability=FARM)
    series, findings = read_series({"wind_power_pu": one}, START, 3600.0)
    assert not series and [f.id for f in findings] == ["variability-resolution"]


def test_frequencies_are_those_of_the_blocks():
    assert FREQUENCIES_HZ[-1] == pytest.approx(1 / 120) and FREQUENCIES_HZ.size == 1025


def test_a_study_that_scales_a_varied_series_keeps_its_minutes():
    spec = SeriesSpec("wind_power_pu", values=(0.5, 0.6), resolution_s=3600, mode="linear", variability=FARM)
    series = load_series({spec.name: spec}, START, 7200.0)[spec.name]
    variant = SimpleNamespace(plant=SimpleNamespace(series={spec.name: spec}))
    again = load_series({spec.name: outcome._as_values(variant, spec.name, series, START)}, START, 7200.0)[spec.name]
    assert not again.is_linear and (again.values[:-1] == series.values[:-1]).all()
