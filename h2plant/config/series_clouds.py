"""Clouds before the sun, as minutes of global irradiance or of the power of a solar field."""

from __future__ import annotations

import numpy as np

from h2plant.config.series_noise import FREQUENCIES_HZ, SAMPLE_S, Floats, keep_mean, noise, within
from h2plant.plant.variability import Variability

DAYS_AT_LEAST = 28
"""Length of a series that tells the clear sky, days."""

BRIGHTEST = 1.5
"""Clear-sky index beside clouds, at most."""

_STREAM = 2
_HOUR_S = 3600
_DAYS_AROUND = 15  # the clearest of as many days before and after, at the same time of day, is the clear sky
_LOW_SUN = 0.05  # of the highest clear sky: below, nothing is added
_CLOUD_SPEED = 10.0  # m/s


def with_clouds(
    of: Variability, interval_s: int, first_s: int, base: Floats, index: Floats, deviation: Floats
) -> Floats:
    """Return minutes of global irradiance, or of the power of a solar field, with clouds.

    Parameters
    ----------
    of
        Seed and field.
    interval_s, first_s
        Length of an interval, s, and start of the first, seconds since 1970 UTC.
    base
        What the series gives in each minute, shape (intervals, minutes).
    index, deviation
        Clear-sky index of each interval, and its standard deviation within an hour, shape (intervals,).

    Returns
    -------
    ndarray
        Shape (intervals, minutes), with the means of the base.
    """
    spectrum = cloud_spectrum(interval_s, of.length_m)[None]
    added = noise(spectrum, np.ones((1, base.size)), of.seed, _STREAM, first_s // SAMPLE_S).reshape(base.shape)
    added -= added.mean(axis=1, keepdims=True)
    is_varied = ((deviation > 0.0) & (index > 0.0) & (base.min(axis=1) >= 0.0))[:, None]
    k = np.where(is_varied, index[:, None], 1.0)
    brightest = np.maximum(BRIGHTEST, k) / k
    factor = np.clip(1.0 + deviation[:, None] * added / k, 0.0, brightest)
    mean = base.mean(axis=1, keepdims=True)
    varied = keep_mean(base * factor, mean, np.zeros((1, 1)), base * brightest)
    found: Floats = np.where(is_varied, varied, base)
    return found


def cloud_spectrum(interval_s: float, length_m: float) -> Floats:
    """Return the spectrum of a clear-sky index whose variance within an hour is 1 at a point.

    f^-1.3 (Curtright and Apt 2008, 10.1002/pip.786), carried unchanged through a field of the length D at 10 m/s.

    Parameters
    ----------
    interval_s
        Intervals T of the series; below 1/(2 T) the spectrum is zero.
    length_m
        D.

    Returns
    -------
    ndarray
        One-sided, 1/Hz, at ``FREQUENCIES_HZ``.
    """
    f = FREQUENCIES_HZ
    point = np.zeros_like(f)
    point[1:] = f[1:] ** -1.3
    hourly = np.where(f < 0.5 / _HOUR_S, 0.0, point)
    shown = np.where(f < 0.5 / interval_s, 0.0, point)
    found: Floats = shown / within(hourly, _HOUR_S) * np.sinc(f * length_m / _CLOUD_SPEED) ** 2
    return found


def index_deviation(index: Floats, change: Floats) -> Floats:
    """Return the standard deviation of the clear-sky index within an hour.

    0.87 k^2 (1 - k) + 0.39 k^(1/2) c (Skartveit and Olseth 1992, Solar Energy 49 (6), 477-487).

    Parameters
    ----------
    index
        Mean clear-sky index k of the hour; 1 and more is clear.
    change
        Root mean square c of its differences to the hours before and after.
    """
    k = np.clip(index, 0.0, 1.0)
    found: Floats = 0.87 * k**2 * (1.0 - k) + 0.39 * np.sqrt(k) * change
    return found


def clear_sky(values: Floats, interval_s: int) -> Floats:
    """Return the clear sky of a series: at each time of day, the most of the 15 days before and after.

    Parameters
    ----------
    values
        Irradiance or power, shape (n,).
    interval_s
        Length of an interval, s.
    """
    per_day = 86400 // interval_s
    n_days = -(-values.size // per_day)
    padded = np.full((n_days + 2 * _DAYS_AROUND) * per_day, -np.inf)
    begin = _DAYS_AROUND * per_day
    padded[begin : begin + values.size] = values
    days = padded.reshape(-1, per_day)
    around = np.lib.stride_tricks.sliding_window_view(days, 2 * _DAYS_AROUND + 1, axis=0)
    found: Floats = around.max(axis=-1).ravel()[: values.size]
    return found


def clear_sky_index(values: Floats, interval_s: int, is_linear: bool) -> tuple[Floats, Floats]:
    """Return the clear-sky index of each interval, and its standard deviation within an hour.

    Parameters
    ----------
    values
        The whole series, irradiance or power, shape (n,).
    interval_s
        Length of an interval, s.
    is_linear
        Whether values are joined by lines.

    Returns
    -------
    tuple
        Both of shape (n,), 0 where the sun is low.
    """
    clear = clear_sky(values, interval_s)

    def means(at: Floats) -> Floats:
        return 0.5 * (at + np.append(at[1:], at[-1])) if is_linear else at

    is_high = means(clear) > _LOW_SUN * clear.max()
    index = np.divide(means(values), means(clear), out=np.zeros_like(clear), where=is_high)
    hour = _HOUR_S // interval_s
    squares, n = np.zeros_like(index), np.zeros_like(index)
    for shift in (hour, -hour):
        is_other_high = np.roll(is_high, shift)
        squares += np.where(is_other_high, (index - np.roll(index, shift)) ** 2, 0.0)
        n += is_other_high
    change = np.sqrt(squares / np.maximum(n, 1.0))
    return index, np.where(is_high, index_deviation(index, change), 0.0)
