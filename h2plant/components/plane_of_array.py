"""Irradiance in the plane of solar modules, made before the run from horizontal irradiance and the sun's position.

Written out here because a plant must give the same numbers wherever it runs; the formulas are those of pvlib's functions of
the same name, and the tests hold them against its published values.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from typing import NamedTuple

import numpy as np

from h2plant.core.derived import FloatArray, Lack, Samples, Where
from h2plant.core.units import split_name

SOLAR_CONSTANT_W_PER_M2 = 1361.1
"""Gueymard 2018, Solar Energy 168:373-379, doi 10.1016/j.solener.2018.04.001."""
J2000_S = 946728000
"""1 January 2000, 12:00 UTC, seconds since 1970."""
FIXED, SINGLE_AXIS = 0, 1

_IRRADIANCES = ("ghi", "dni", "dhi")
_LOWEST_MEAN = 0.065
"""Mean cosine of the zenith below which an interval is taken as diffuse: the split has no meaning at the horizon."""
_MOST_BEAM = 0.85
"""Largest share of the extraterrestrial irradiance that a clear sky lets through as beam."""
_SUB_S = 300
_HOUR_S = 3600
_NIGHT_SHARE = 0.01


class Sun(NamedTuple):
    """Direction to the sun (east, north, up) and the irradiance across it outside the atmosphere, W/m2; shape (n,)."""

    east: FloatArray
    north: FloatArray
    up: FloatArray
    extraterrestrial_w_per_m2: FloatArray


def sun_position(time_s: FloatArray, latitude_deg: float, longitude_deg: float) -> Sun:
    """Return where the sun stands.

    Source: Michalsky 1988, Solar Energy 40:227-235, doi 10.1016/0038-092X(88)90045-X (the Astronomical Almanac's
    approximation). Range: 0.01 degrees from 1950 to 2050, without refraction.

    Parameters
    ----------
    time_s
        Times, seconds since 1970 UTC.
    latitude_deg, longitude_deg
        North and east positive.
    """
    days = (np.asarray(time_s, dtype=np.float64) - J2000_S) / 86400.0
    anomaly = np.radians((357.528 + 0.9856003 * days) % 360.0)
    longitude = np.radians((280.460 + 0.9856474 * days + 1.915 * np.sin(anomaly) + 0.020 * np.sin(2.0 * anomaly)) % 360)
    obliquity = np.radians(23.439 - 4.0e-7 * days)
    ascension = np.arctan2(np.cos(obliquity) * np.sin(longitude), np.cos(longitude))
    sin_declination = np.sin(obliquity) * np.sin(longitude)
    cos_declination = np.sqrt(1.0 - sin_declination**2)
    # Greenwich mean sidereal time: a turn and 3 min 56 s a day
    sidereal = np.radians((280.46062 + 360.98564737 * days + longitude_deg) % 360.0)
    hour_angle = sidereal - ascension
    sin_latitude, cos_latitude = math.sin(math.radians(latitude_deg)), math.cos(math.radians(latitude_deg))
    cos_hour = np.cos(hour_angle)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    return Sun(
        east=-cos_declination * np.sin(hour_angle),
        north=cos_latitude * sin_declination - sin_latitude * cos_declination * cos_hour,
        up=sin_latitude * sin_declination + cos_latitude * cos_declination * cos_hour,
        extraterrestrial_w_per_m2=SOLAR_CONSTANT_W_PER_M2 / distance**2,
    )


def diffuse_fraction(clearness: FloatArray) -> FloatArray:
    """Return the share of the horizontal irradiance that is diffuse, 1, from the clearness index.

    Source: Erbs, Klein and Duffie 1982, Solar Energy 28:293-302, doi 10.1016/0038-092X(82)90302-4. Range: hours; four
    stations in the United States.
    """
    k = np.asarray(clearness, dtype=np.float64)
    middle = 0.9511 + k * (-0.1604 + k * (4.388 + k * (-16.638 + k * 12.336)))
    return np.where(k <= 0.22, 1.0 - 0.09 * k, np.where(k <= 0.80, middle, 0.165))


class Plane(NamedTuple):
    """Normal of a plane (east, north, up); numbers, or arrays of shape (n,)."""

    east: FloatArray | float
    north: FloatArray | float
    up: FloatArray | float


def fixed_plane(tilt_rad: float, azimuth_rad: float) -> Plane:
    """Return a plane by its tilt and the direction that it faces, clockwise from north."""
    return Plane(
        math.sin(tilt_rad) * math.sin(azimuth_rad), math.sin(tilt_rad) * math.cos(azimuth_rad), math.cos(tilt_rad)
    )


def tracked_plane(sun: Sun, axis_azimuth_rad: float, limit_rad: float, coverage_frac: float) -> Plane:
    """Return planes that turn round a horizontal axis after the sun, and back where rows would shade each other.

    R = atan2(s_c, s_up), s_c the sun's part across the axis; where cos R < GCR, R - sgn(R) acos(cos R / GCR). Source:
    Anderson and Mikofski 2020, NREL/TP-5K00-76626, equations 7 and 14 (level ground).

    Parameters
    ----------
    sun
        Where the sun stands.
    axis_azimuth_rad
        Direction of the axis, clockwise from north.
    limit_rad
        Largest turn either way.
    coverage_frac
        Width of a row over the distance from row to row (GCR); 0: rows shade nothing.
    """
    across_east, across_north = math.cos(axis_azimuth_rad), -math.sin(axis_azimuth_rad)
    turn = np.arctan2(sun.east * across_east + sun.north * across_north, sun.up)
    if coverage_frac > 0.0:
        shade = np.minimum(np.abs(np.cos(turn)) / coverage_frac, 1.0)
        turn = turn - np.sign(turn) * np.arccos(shade)
    turn = np.where(sun.up > 0.0, np.clip(turn, -limit_rad, limit_rad), 0.0)
    return Plane(np.sin(turn) * across_east, np.sin(turn) * across_north, np.cos(turn))


def plane_irradiance(
    sun: Sun, plane: Plane, ghi: FloatArray, dni: FloatArray, dhi: FloatArray, albedo_frac: float
) -> FloatArray:
    """Return the irradiance on a plane, W/m2: beam, diffuse of the sky, and what the ground reflects.

    G = B cos(theta) + D ((1 - A) (1 + cos(beta)) / 2 + A R_b) + H rho (1 - cos(beta)) / 2, A = B / I_0. Source: Hay and
    Davies 1980, Calculation of the solar radiation incident on an inclined surface, Proc. First Canadian Solar Radiation
    Data Workshop, 59-72; Duffie and Beckman 2013, Solar Engineering of Thermal Processes, equation 2.16.4.

    Parameters
    ----------
    sun, plane
        Where the sun stands, and the plane.
    ghi, dni, dhi
        Global horizontal, direct normal and diffuse horizontal irradiance, W/m2, shape (n,).
    albedo_frac
        Share of the irradiance that the ground reflects.
    """
    incidence = np.maximum(sun.east * plane.east + sun.north * plane.north + sun.up * plane.up, 0.0)
    anisotropy = dni / sun.extraterrestrial_w_per_m2
    ratio = incidence / np.maximum(sun.up, 0.01745)
    sky = dhi * ((1.0 - anisotropy) * 0.5 * (1.0 + plane.up) + anisotropy * ratio)
    return np.asarray(dni * incidence + sky + ghi * albedo_frac * 0.5 * (1.0 - plane.up))


# A series of it ------------------------------------------------------------------------------------------------------
def irradiances(names: Collection[str]) -> dict[str, str]:
    """Return the series of irradiance among names: 'ghi', 'dni', 'dhi' -> name."""
    found: dict[str, str] = {}
    for name in names:
        stem, unit = split_name(name)
        if stem in _IRRADIANCES and unit is not None and unit.si == "w_per_m2":
            found.setdefault(stem, name)
    return found


def takes(names: Collection[str], parameters: Mapping[str, float], where: Where) -> tuple[str, ...] | Lack:
    """Return the series that the irradiance in the plane is made from."""
    found = irradiances(names)
    by_hand = "or link the irradiance in the plane itself: 'series.poa_w_per_m2 -> <component>.irradiance'"
    if where.latitude_deg is None or where.longitude_deg is None:
        what = "follows from the sun's position, and the plant does not say where it stands"
        return Lack(what, f"write 'site: {{latitude: 39.5, longitude: -2.5}}', {by_hand}")
    if "ghi" not in found and not {"dni", "dhi"} <= set(found):
        what = "is made from the irradiance, and the plant has no series 'ghi_w_per_m2' (nor 'dni_...' with 'dhi_...')"
        remedy = "declare it under 'series:', as 'weather: {file: pvgis.csv}' or 'ghi_w_per_m2: {file: nl_2023, stamps: end}'"
        return Lack(what, f"{remedy}, {by_hand}", "ghi_w_per_m2")
    return tuple(found.values())


def make(given: Mapping[str, Samples], parameters: Mapping[str, float], where: Where) -> tuple[Samples, str]:
    """Return the irradiance in the plane every five minutes, and a remark where much falls while the sun is down.

    Within an interval of the data the sky keeps its clearness and the sun moves on; the mean of the horizontal irradiance
    over each interval is that of the data.
    """
    assert where.latitude_deg is not None and where.longitude_deg is not None
    by_name = {stem: given[name] for stem, name in irradiances(given).items()}
    lead = by_name.get("ghi") or by_name["dni"]
    base_s = min(lead.resolution_s, _HOUR_S)
    n_base = -(-lead.n * lead.resolution_s // base_s)
    begin_s = lead.first_s + np.arange(n_base) * base_s
    sub_s = base_s if base_s <= _SUB_S else math.gcd(base_s, _SUB_S)
    n_sub = base_s // sub_s
    time_s = (begin_s[:, None] + (np.arange(n_sub) + 0.5) * sub_s).ravel()
    sun = sun_position(time_s, where.latitude_deg, where.longitude_deg)
    mean = {stem: np.maximum(one.mean_at(begin_s, base_s), 0.0) for stem, one in by_name.items()}
    sky = _sky(sun, mean, n_sub)
    if parameters["tracking"] == SINGLE_AXIS:
        plane = tracked_plane(
            sun, parameters["azimuth_rad"], parameters["rotation_limit_rad"], parameters["ground_coverage_frac"]
        )
    else:
        plane = fixed_plane(parameters["tilt_rad"], parameters["azimuth_rad"])
    values = plane_irradiance(sun, plane, *sky, parameters["albedo_frac"])
    samples = Samples(np.append(values, values[-1]), sub_s, lead.first_s, False)
    return samples, _remark(sun, mean.get("ghi"), n_sub)


def _sky(sun: Sun, mean: Mapping[str, FloatArray], n_sub: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return global, direct normal and diffuse irradiance in each part of the intervals, from their means."""
    is_up = sun.up > 0.0
    height = np.where(is_up, sun.up, 0.0)
    mean_height = height.reshape(-1, n_sub).mean(axis=1)
    is_low = np.repeat(mean_height < _LOWEST_MEAN, n_sub)
    of_mean = height / np.repeat(np.maximum(mean_height, _LOWEST_MEAN), n_sub)  # 1 as a mean, where not low

    def flat(values: FloatArray) -> FloatArray:
        return np.repeat(values, n_sub)

    if "dni" in mean and "dhi" in mean:
        dni, dhi = np.where(is_up, flat(mean["dni"]), 0.0), flat(mean["dhi"])
        return dni * height + dhi, dni, dhi
    ghi = np.where(is_low, flat(mean["ghi"]), flat(mean["ghi"]) * of_mean)
    extra = sun.extraterrestrial_w_per_m2
    if "dhi" in mean:
        dhi = np.minimum(flat(mean["dhi"]), flat(mean["ghi"]))
        dhi = np.where(is_low, ghi, dhi * of_mean)
    elif "dni" in mean:
        dhi = np.where(is_low, ghi, np.maximum(ghi - np.where(is_up, flat(mean["dni"]), 0.0) * height, 0.0))
    else:
        clearness = flat(mean["ghi"] / (extra.reshape(-1, n_sub).mean(axis=1) * np.maximum(mean_height, _LOWEST_MEAN)))
        dhi = np.where(is_low, ghi, ghi * diffuse_fraction(clearness))
    beam = np.minimum(ghi - dhi, _MOST_BEAM * extra * height)
    dni = np.where(is_up & ~is_low, beam / np.where(is_up, sun.up, 1.0), 0.0)
    return ghi, dni, ghi - dni * height


def _remark(sun: Sun, ghi: FloatArray | None, n_sub: int) -> str:
    """Return what is to be said where irradiance comes while the sun is below the horizon all the time."""
    if ghi is None or not ghi.sum() > 0.0:
        return ""
    is_night = (sun.up.reshape(-1, n_sub) < -0.015).all(axis=1)  # a degree for refraction and the disc
    share = float(ghi[is_night].sum() / ghi.sum())
    if share < _NIGHT_SHARE:
        return ""
    return (
        f"{share:.1%} of the irradiation comes while the sun is below the horizon: are time zone and site right, and is a "
        "stamp the begin of its interval? Of means that end with their stamp say 'stamps: end'"
    )
