"""Turbulence of the wind, as minutes of a wind speed or of the power of a farm."""

from __future__ import annotations

import numpy as np

from h2plant.config.series_noise import FREQUENCIES_HZ, SAMPLE_S, Floats, keep_mean, noise, shares
from h2plant.plant.variability import Variability

SPEEDS_M_PER_S: Floats = np.array([2.0, 4.0, 7.0, 10.0, 14.0, 25.0])
"""Wind speeds whose spectra are made; those between are interpolated."""

_STREAM = 1
_MESOSCALE = 3e-4  # m2 s-8/3, Larsén et al. 2013
_FOLDS = 4  # frequencies up to 4/120 Hz are folded into those below 1/120 Hz
_MOST_SPEED = 25  # m/s, up to which a farm's power tells its wind
_PER_M_PER_S = 100  # entries of the table of power


def with_turbulence(of: Variability, is_speed: bool, interval_s: int, first_s: int, base: Floats) -> Floats:
    """Return minutes of a wind speed, or of the power of a farm, with turbulence.

    Parameters
    ----------
    of
        Seed, farm and site.
    is_speed
        Whether the series is a wind speed, m/s; else power by the rated power.
    interval_s, first_s
        Length of an interval, s, and start of the first, seconds since 1970 UTC.
    base
        What the series gives in each minute, shape (intervals, minutes).

    Returns
    -------
    ndarray
        Shape (intervals, minutes), with the means of the base.
    """
    speed = base if is_speed else speed_at_power(base)
    spectra = np.array([wind_spectrum(v, of, interval_s) for v in SPEEDS_M_PER_S])
    weights = shares(speed.ravel(), SPEEDS_M_PER_S)
    added = noise(spectra, weights, of.seed, _STREAM, first_s // SAMPLE_S).reshape(base.shape)
    added -= added.mean(axis=1, keepdims=True)
    mean = base.mean(axis=1, keepdims=True)
    if is_speed:
        return keep_mean(np.maximum(base + added, 0.0), mean, np.zeros((1, 1)), np.full((1, 1), np.inf))
    # a farm may draw power in a lull, or give more than its rated power: then those bound it
    low = np.minimum(base.min(axis=1, keepdims=True), 0.0)
    high = np.maximum(base.max(axis=1, keepdims=True), 1.0)
    power = np.clip(base + power_at_speed(speed + added) - power_at_speed(speed), low, high)
    return keep_mean(power, mean, low, high)


def wind_spectrum(speed_m_per_s: float, of: Variability, interval_s: float) -> Floats:
    """Return the spectrum of minute means of the wind that drives a farm, within intervals.

    S(f) = [A f^(-5/3) sinc(f D/V)^2 + s^2 (4 L/V) / (1 + 6 f L/V)^(5/3) R(f) / n] sinc(f 60 s)^2

    The first part is of the mesoscale (Larsén et al. 2013, 10.1002/qj.2003; A = 3e-4 m2 s^(-8/3)), carried unchanged
    through a farm of the length D. The second is the longitudinal turbulence of IEC 61400-1 (Kaimal; L = 8.1 * 0.7 z,
    z at most 60 m; mean deviation s = Iref (0.75 V + 3.8 m/s)), taken over a rotor (R) and independent from turbine
    to turbine. What lies beyond 1/120 Hz is folded back, as it shows in samples.

    Parameters
    ----------
    speed_m_per_s
        Mean wind speed V.
    of
        Farm and site.
    interval_s
        Intervals T of the series; below 1/(2 T) the spectrum is zero.

    Returns
    -------
    ndarray
        One-sided, m2/s2 per Hz, at ``FREQUENCIES_HZ``.
    """
    spectrum = np.zeros_like(FREQUENCIES_HZ)
    for k in range(_FOLDS):
        f = np.abs((k + 1) // 2 / SAMPLE_S + (-1) ** k * FREQUENCIES_HZ)
        f[f == 0.0] = FREQUENCIES_HZ[1]
        spectrum += _spectrum_of_instants(f, speed_m_per_s, of) * np.sinc(f * SAMPLE_S) ** 2
    spectrum[FREQUENCIES_HZ < 0.5 / interval_s] = 0.0
    return spectrum


def _spectrum_of_instants(f: Floats, speed: float, of: Variability) -> Floats:
    mesoscale = _MESOSCALE * f ** (-5.0 / 3.0) * np.sinc(f * of.length_m / speed) ** 2
    length_m = 8.1 * 0.7 * min(of.hub_height_m, 60.0)
    deviation = of.reference_intensity_frac * (0.75 * speed + 3.8)
    kaimal = deviation**2 * 4.0 * length_m / speed / (1.0 + 6.0 * f * length_m / speed) ** (5.0 / 3.0)
    # mean over a line as long as the rotor is wide, of coherence exp(-x) from end to end (IEC 61400-1)
    d = of.rotor_diameter_m
    x = 12.0 * np.hypot(f * d / speed, 0.12 * d / length_m)
    rotor = 2.0 * (x - 1.0 + np.exp(-x)) / x**2
    found: Floats = mesoscale + kaimal * rotor / of.n_turbines
    return found


def _power_table() -> Floats:
    """Return power by rated power at speeds from 0 to 25 m/s.

    (v^3 - 3^3) / (12^3 - 3^3) between 3 and 12 m/s, evened out over speeds with a standard deviation of 8 %.
    """
    speed = np.arange(_MOST_SPEED * _PER_M_PER_S + 1) / _PER_M_PER_S
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    spread = speed[:, None] * (1.0 + 0.08 * nodes)
    power = np.clip((spread**3 - 3.0**3) / (12.0**3 - 3.0**3), 0.0, 1.0) @ (weights / weights.sum())
    found: Floats = np.minimum(np.maximum.accumulate(power), 1.0)
    found[-1] = 1.0
    return found


_POWER = _power_table()


def power_at_speed(speed_m_per_s: Floats) -> Floats:
    """Return the power of a farm by its rated power at a wind speed below the storm's."""
    place = np.clip(speed_m_per_s * _PER_M_PER_S, 0.0, _POWER.size - 1.000001)
    i = place.astype(np.int64)
    found: Floats = _POWER[i] + (place - i) * (_POWER[i + 1] - _POWER[i])
    return found


def speed_at_power(power_pu: Floats) -> Floats:
    """Return the least wind speed that gives a power; 0 for none or less, some 25 m/s for the rated power or more."""
    rising = np.flatnonzero(np.diff(_POWER, prepend=-1.0) > 0.0)
    found: Floats = np.interp(power_pu, _POWER[rising], rising / _PER_M_PER_S)
    return found
