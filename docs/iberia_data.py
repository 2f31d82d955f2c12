"""The Spanish year that is bundled: prices as published, and a weather that is made.

``python -m docs.iberia_data solarX_Spain.csv`` writes ``es_2023_price.csv.gz`` and ``iberia_synthetic.csv.gz`` into
``h2plant/data`` from a file of hydesign 1.7.0 (``hydesign/examples/Europe``; DTU, MIT licence): hours of 2023,
day-ahead price of Spain, direct normal irradiance near Seville.

Prices stand by Central European Time all year (without summer time: only so do the means of April to September meet
those that the exchange published, to 0.004 EUR/MWh; by the clock of Madrid they miss by up to 0.042), irradiance
by the clock of Madrid (only so is it symmetrical about noon).

The weather is that of no day and no place. Sun: the clearness of the sky over Seville, hour by hour, under the sun
of the site, so that clear days and prices of 2023 go together. From direct irradiance b (by that outside the
atmosphere) the clearness index k follows from b = k (1 - d(k)), d the diffuse fraction of Erbs; where there is none the
sky is overcast. Temperature and wind are drawn, with the monthly means below.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from h2plant.components.plane_of_array import sun_position
from h2plant.config.bundled import DATA

FloatArray = npt.NDArray[np.float64]

LATITUDE_DEG, LONGITUDE_DEG = 39.5, -2.5
_SEVILLE = (37.38, -6.03)
_FIRST = datetime(2023, 1, 1, tzinfo=UTC)
_HOURS = 8760
_SUB = 12
"""Instants within an hour at which the sun's height is taken."""

# La Mancha: rounded; September to November come to 14.2 degC, between the 13.5 of Cuenca and the 14.7 of Albacete
# that AEMET publishes (1981-2010)
_TEMPERATURE_DEGC = (4.8, 6.2, 9.2, 11.2, 15.5, 21.0, 24.5, 24.1, 19.6, 14.2, 8.8, 5.6)
_DAILY_RANGE_K = (10.5, 11.5, 13.0, 13.0, 14.0, 15.5, 16.5, 15.5, 14.0, 12.0, 10.5, 9.5)
_ANOMALY_K = 3.3
_ANOMALY_PER_DAY = 0.75
"""Correlation of a day's deviation with that of the day before."""
_WIND_M_PER_S = 6.7
"""Mean at 100 m: turbines of 450 W/m2 then give a little more than the Spanish fleet."""
_WIND_OF_MONTH = (1.08, 1.12, 1.10, 1.05, 0.98, 0.93, 0.93, 0.92, 0.92, 0.98, 1.06, 1.05)
_WIND_OF_EVENING = 0.08
"""Rise at 18 h by the sun, and fall at 6 h, from April to September."""
_WEIBULL_SHAPE = 2.0
_OVERCAST_CLEARNESS = 0.15
"""Of hours without direct irradiance."""
_GHI_KWH_PER_M2 = 1780.0
"""Of the year: what satellites see there in a mean year. Scaled to it: 2023 was sunny, Seville is, and Erbs knows no
clear air of the mountains; unscaled it is 1,904."""


def price(rows: Sequence[tuple[datetime, float, float]]) -> list[str]:
    """Return the lines of prices: those of the file, by UTC; the last hour, 2024 in Spain, is as the one before."""
    found = {stamp.replace(tzinfo=UTC) - timedelta(hours=1): euro for stamp, _, euro in rows}
    last = _FIRST + timedelta(hours=_HOURS - 1)
    found[last] = found[last - timedelta(hours=1)]
    stamps = [_FIRST + timedelta(hours=row) for row in range(_HOURS)]
    return ["time_utc,price_eur_per_mwh", *(f"{_text(stamp)},{found[stamp]:.2f}" for stamp in stamps)]


def clearness(rows: Sequence[tuple[datetime, float, float]]) -> FloatArray:
    """Return the clearness index of each hour from the direct irradiance of the file; NaN at night."""
    zone = ZoneInfo("Europe/Madrid")
    direct = np.zeros(_HOURS)
    for stamp, dni, _ in rows:
        row = int((stamp.replace(tzinfo=zone).astimezone(UTC) - _FIRST).total_seconds() // 3600)
        if 0 <= row < _HOURS:
            direct[row] = dni
    up, normal = _sun(*_SEVILLE)
    sunlit_w_per_m2 = (normal * (up > 0.0)).mean(axis=1)
    k = np.linspace(_OVERCAST_CLEARNESS, 0.82, 400)
    beam = k * (1.0 - diffuse_fraction(k))
    ratio = direct / np.maximum(sunlit_w_per_m2, 1.0)
    found = np.interp(ratio, beam, k)
    return np.where(sunlit_w_per_m2 > 0.3 * normal.mean(axis=1), found, np.nan)


def diffuse_fraction(k: FloatArray) -> FloatArray:
    """Return the share of the horizontal irradiance that is diffuse, by the clearness index (Erbs et al. 1982)."""
    middle = 0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
    return np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.80, middle, 0.165))


def ghi(index: FloatArray) -> FloatArray:
    """Return the global irradiance at the site, W/m2: clearness under its own sun, the nearest hour's at the edges."""
    up, normal = _sun(LATITUDE_DEG, LONGITUDE_DEG)
    known = np.flatnonzero(~np.isnan(index))
    filled = np.interp(np.arange(_HOURS), known, index[known])
    irradiance = filled * (normal * np.maximum(up, 0.0)).mean(axis=1)
    return np.asarray(irradiance * (1000.0 * _GHI_KWH_PER_M2 / irradiance.sum()))


def temperature(irradiance: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Return the air temperature, degC: monthly mean, deviation of the day, daily course that is wide on clear days."""
    up, normal = _sun(LATITUDE_DEG, LONGITUDE_DEG)
    above = (normal * np.maximum(up, 0.0)).mean(axis=1)
    days = irradiance.reshape(-1, 24).sum(axis=1) / above.reshape(-1, 24).sum(axis=1)
    month = _months()
    width = np.array(_DAILY_RANGE_K)[month]
    by_sky = 0.35 + days / 0.74 * 0.65
    for m in range(12):
        by_sky[month[::24] == m] /= by_sky[month[::24] == m].mean()
    deviation = _persistent(len(days) + 1, _ANOMALY_PER_DAY, rng) * _ANOMALY_K
    hour = np.arange(_HOURS)
    sun_h = (hour + 0.5 + LONGITUDE_DEG / 15.0) % 24.0
    turn = 2.0 * np.pi / 24.0
    course = 0.46 * np.cos(turn * (sun_h - 15.0)) + 0.08 * np.cos(2.0 * turn * (sun_h - 14.0))
    middle = np.interp(hour / 24.0, np.arange(len(days) + 1), deviation)
    return np.asarray(_smooth(_TEMPERATURE_DEGC) + middle + width * np.repeat(by_sky, 24) * course)


def wind(rng: np.random.Generator) -> FloatArray:
    """Return the wind speed at 100 m, m/s: Weibull, with the persistence of weathers and of hours."""
    normal = np.sqrt(0.8) * _persistent(_HOURS, 0.97, rng) + np.sqrt(0.2) * _persistent(_HOURS, 0.8, rng)
    share = ndtr((normal - normal.mean()) / normal.std())
    speed = (-np.log1p(-share)) ** (1.0 / _WEIBULL_SHAPE)
    sun_h = (np.arange(_HOURS) + 0.5 + LONGITUDE_DEG / 15.0) % 24.0
    month = _months()
    summer = np.isin(month, range(3, 9))
    speed *= 1.0 + summer * _WIND_OF_EVENING * np.cos(2.0 * np.pi * (sun_h - 18.0) / 24.0)
    for m, ratio in enumerate(_WIND_OF_MONTH):
        speed[month == m] *= _WIND_M_PER_S * ratio / speed[month == m].mean()
    return np.asarray(speed)


def weather(rows: Sequence[tuple[datetime, float, float]], seed: int = 2023) -> list[str]:
    """Return the lines of the weather."""
    rng = np.random.default_rng(seed)
    irradiance = ghi(clearness(rows))
    columns = zip(irradiance, temperature(irradiance, rng), wind(rng), strict=True)
    lines = ["time_utc,ghi_w_per_m2,temp_air_degc,wind_speed_100m_m_per_s"]
    for row, (sun, air, speed) in enumerate(columns):
        lines.append(f"{_text(_FIRST + timedelta(hours=row))},{sun:.1f},{air:.2f},{speed:.2f}")
    return lines


def read(file: Path) -> list[tuple[datetime, float, float]]:
    """Return time, direct normal irradiance and price of each hour of the file."""
    with file.open(encoding="utf-8", newline="") as stream:
        found = [
            (datetime.fromisoformat(row[""]), float(row["dni"]), float(row["Price"]))
            for row in csv.DictReader(stream)
            if row["Price"]
        ]
    assert len(found) == _HOURS, f"{file} has {len(found)} hours, wanted {_HOURS}"
    return found


def write(file: Path, lines: Sequence[str]) -> None:
    """Write lines, compressed, the same bytes each time."""
    packed = io.BytesIO()
    with gzip.GzipFile(fileobj=packed, mode="wb", filename="", mtime=0) as stream:
        stream.write(("\n".join(lines) + "\n").encode())
    file.write_bytes(packed.getvalue())


def _sun(latitude_deg: float, longitude_deg: float) -> tuple[FloatArray, FloatArray]:
    """Return the sine of the sun's height and the irradiance outside the atmosphere, W/m2; shape (hours, instants)."""
    first_s = _FIRST.timestamp()
    time_s = first_s + (np.arange(_HOURS * _SUB) + 0.5) * 3600.0 / _SUB
    sun = sun_position(time_s, latitude_deg, longitude_deg)
    return sun.up.reshape(_HOURS, _SUB), sun.extraterrestrial_w_per_m2.reshape(_HOURS, _SUB)


def _months() -> npt.NDArray[np.int64]:
    """Return the month of each hour, 0 to 11."""
    return np.array([(_FIRST + timedelta(hours=row)).month - 1 for row in range(_HOURS)])


def _smooth(monthly: Sequence[float]) -> FloatArray:
    """Return a value for each hour: lines through the middles of the months."""
    middles = (np.arange(-1, 13) + 0.5) * _HOURS / 12.0
    return np.asarray(np.interp(np.arange(_HOURS) + 0.5, middles, [monthly[-1], *monthly, monthly[0]]))


def _persistent(n: int, correlation: float, rng: np.random.Generator) -> FloatArray:
    """Return normal numbers of which each is correlated with the one before."""
    fresh = rng.standard_normal(n)
    found = np.empty(n)
    found[0] = fresh[0]
    for i in range(1, n):
        found[i] = correlation * found[i - 1] + np.sqrt(1.0 - correlation**2) * fresh[i]
    return found


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%MZ")


if __name__ == "__main__":
    hours = read(Path(sys.argv[1]))
    write(DATA / "es_2023_price.csv.gz", price(hours))
    write(DATA / "iberia_synthetic.csv.gz", weather(hours))
