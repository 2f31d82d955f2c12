"""Irradiance in a plane by formulas written out, for a test: sun, split of hours, sky, trackers and glass on their own.

Sun: Michalsky 1988, doi 10.1016/0038-092X(88)90045-X. Split: Erbs, Klein and Duffie 1982, doi
10.1016/0038-092X(82)90302-4. Sky: Hay and Davies 1980. Trackers: Anderson and Mikofski 2020, NREL/TP-5K00-76626.
Glass: Martin and Ruiz 2001, doi 10.1016/S0927-0248(00)00408-6. No refraction, and all hours as if the sun stood
through them where it stands in each twelfth.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

_PARTS = 12
_LOWEST = 0.065
"""Mean cosine of the zenith of an hour below which it is diffuse."""


def _sun(time_s: Any, latitude_deg: float, longitude_deg: float) -> tuple[Any, Any]:
    """Return the direction to the sun (east, north, up), shape (3, n), and the irradiance across it outside the air."""
    days = (time_s - 946728000) / 86400.0
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    longitude = np.radians(280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly))
    obliquity = np.radians(23.439 - 4.0e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    sin_d = np.sin(obliquity) * np.sin(longitude)
    cos_d = np.sqrt(1.0 - sin_d**2)
    hour = np.radians(280.46062 + 360.98564737 * days + longitude_deg) - ascension
    sin_l, cos_l = math.sin(math.radians(latitude_deg)), math.cos(math.radians(latitude_deg))
    direction = np.array(
        [
            -cos_d * np.sin(hour),
            cos_l * sin_d - sin_l * cos_d * np.cos(hour),
            sin_l * sin_d + cos_l * cos_d * np.cos(hour),
        ]
    )
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    return direction, 1361.1 / distance**2


def _normal(direction: Any, parameters: dict[str, float]) -> Any:
    """Return the normal of the plane, shape (3, n)."""
    azimuth = parameters["azimuth_rad"]
    if parameters["tracking"] == 0.0:
        tilt = parameters["tilt_rad"]
        fixed = [math.sin(tilt) * math.sin(azimuth), math.sin(tilt) * math.cos(azimuth), math.cos(tilt)]
        return np.repeat(np.array(fixed)[:, None], direction.shape[1], axis=1)
    across = np.array([math.cos(azimuth), -math.sin(azimuth)])
    turn = np.arctan2(across @ direction[:2], direction[2])
    if parameters["ground_coverage_frac"] > 0.0:
        shade = np.minimum(np.abs(np.cos(turn)) / parameters["ground_coverage_frac"], 1.0)
        turn = turn - np.sign(turn) * np.arccos(shade)
    limit = parameters["rotation_limit_rad"]
    turn = np.where(direction[2] > 0.0, np.clip(turn, -limit, limit), 0.0)
    return np.array([np.sin(turn) * across[0], np.sin(turn) * across[1], np.cos(turn)])


def hours_in_plane(ghi: Any, first_s: int, parameters: dict[str, float], place: tuple[float, float]) -> Any:
    """Return what reaches the cells, W/m2, each hour, from the means of the horizontal irradiance of hours."""
    n = len(ghi)
    direction, extra = _sun(first_s + (np.arange(n * _PARTS) + 0.5) * 3600.0 / _PARTS, *place)
    height = np.maximum(direction[2], 0.0)
    mean_height = np.maximum(height.reshape(n, -1).mean(axis=1), _LOWEST)
    is_low = np.repeat(height.reshape(n, -1).mean(axis=1) < _LOWEST, _PARTS)
    part = np.where(is_low, np.repeat(ghi, _PARTS), np.repeat(ghi / mean_height, _PARTS) * height)
    k = np.repeat(ghi / mean_height, _PARTS) / np.repeat(extra.reshape(n, -1).mean(axis=1), _PARTS)
    middle = 0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
    share = np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.80, middle, 0.165))
    beam = np.minimum(np.where(is_low, 0.0, part * (1.0 - share)), 0.85 * extra * height)
    dni = np.divide(beam, height, out=np.zeros_like(beam), where=height > 0.0)
    dhi = part - beam

    normal = _normal(direction, parameters)
    cosine = np.maximum((direction * normal).sum(axis=0), 0.0)
    is_high = height > 0.01745
    round_sun = np.where(is_high, dhi * dni / extra / np.where(is_high, height, 1.0), 0.0)
    round_sun = np.minimum(round_sun, np.maximum(extra - dni, 0.0))
    tilt = np.arccos(np.clip(normal[2], -1.0 + 1e-9, 1.0 - 1e-9))
    sine, a = np.sin(tilt), parameters["angular_ratio"]

    def diffuse(x: Any) -> Any:
        return 1.0 - np.exp(-(0.4244 * x + (0.5 * a - 0.154) * x**2) / a)

    sky = (dhi - round_sun * height) * 0.5 * (1.0 + normal[2])
    ground = part * parameters["albedo_frac"] * 0.5 * (1.0 - normal[2])
    found = (dni + round_sun) * cosine * (1.0 - np.exp(-cosine / a)) / (1.0 - math.exp(-1.0 / a))
    found += sky * diffuse(sine + (math.pi - tilt - sine) / (1.0 + np.cos(tilt)))
    found += ground * diffuse(sine + (tilt - sine) / (1.0 - np.cos(tilt)))
    return found.reshape(n, -1).mean(axis=1)
