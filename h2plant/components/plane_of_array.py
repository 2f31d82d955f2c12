"""Irradiance in the plane of solar modules, made before the run from horizontal irradiance and the sun's position.

Written out here because a plant must give the same numbers wherever it runs; the tests hold the formulas against values
that pvlib and NREL publish of the same ones.
"""

from __future__ import annotations

import functools
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
_HORIZON = 0.01745
"""Sine of a degree, below which all of the sky counts as even."""
_SUB_S = 300
_HOUR_S = 3600
_NOON_OFF_H = 0.5
"""Hours by which weather alone does not move the middle of the days of a week (0.1 h standard deviation in 2023)."""
_WEEK_S = 7 * 86400


class Sun(NamedTuple):
    """Where the sun stands, arrays of shape (n,).

    Attributes
    ----------
    east, north, up
        Direction to it.
    extraterrestrial_w_per_m2
        Irradiance across that direction outside the atmosphere.
    hour_angle_rad
        Turn since noon, -pi to pi.
    """

    east: FloatArray
    north: FloatArray
    up: FloatArray
    extraterrestrial_w_per_m2: FloatArray
    hour_angle_rad: FloatArray


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
    hour_angle = (sidereal - ascension + np.pi) % (2.0 * np.pi) - np.pi
    sin_latitude, cos_latitude = math.sin(math.radians(latitude_deg)), math.cos(math.radians(latitude_deg))
    cos_hour = np.cos(hour_angle)
    distance = 1.00014 - 0.01671 * np.cos(anomaly) - 0.00014 * np.cos(2.0 * anomaly)
    return Sun(
        east=-cos_declination * np.sin(hour_angle),
        north=cos_latitude * sin_declination - sin_latitude * cos_declination * cos_hour,
        up=sin_latitude * sin_declination + cos_latitude * cos_declination * cos_hour,
        extraterrestrial_w_per_m2=SOLAR_CONSTANT_W_PER_M2 / distance**2,
        hour_angle_rad=hour_angle,
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


class OnPlane(NamedTuple):
    """Irradiance on a plane, W/m2, from the direction of the sun, from the rest of the sky and from the ground."""

    sun: FloatArray
    sky: FloatArray
    ground: FloatArray


def plane_irradiance(
    sun: Sun, plane: Plane, ghi: FloatArray, dni: FloatArray, dhi: FloatArray, albedo_frac: float
) -> OnPlane:
    """Return the irradiance on a plane.

    G = (B + D A / cos(zenith)) cos(theta) + D (1 - A) (1 + cos(beta)) / 2 + H rho (1 - cos(beta)) / 2, A = B / I_0.
    Source: Hay and Davies 1980, Calculation of the solar radiation incident on an inclined surface, Proc. First
    Canadian Solar Radiation Data Workshop, 59-72; Duffie and Beckman 2013, Solar Engineering, equation 2.16.4.

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
    is_clear_of_horizon = sun.up > _HORIZON
    anisotropy = np.where(is_clear_of_horizon, dni / sun.extraterrestrial_w_per_m2, 0.0)
    up = np.where(is_clear_of_horizon, sun.up, 1.0)
    # what lies about the sun is no more than the sun has left to give: bright data with a low sun are of another hour
    circumsolar = np.minimum(dhi * anisotropy / up, np.maximum(sun.extraterrestrial_w_per_m2 - dni, 0.0))
    return OnPlane(
        np.asarray((dni + circumsolar) * incidence),
        np.asarray((dhi - circumsolar * up) * 0.5 * (1.0 + plane.up)),
        np.asarray(ghi * albedo_frac * 0.5 * (1.0 - plane.up)),
    )


def glass(sun: Sun, plane: Plane, angular_ratio: float) -> OnPlane:
    """Return the shares of the irradiance on a plane that pass the glass of modules, by where they come from.

    Of the sun (1 - exp(-cos(theta)/a)) / (1 - exp(-1/a)), of sky and ground its mean over what the plane sees of them.
    Source: Martin and Ruiz 2001, Solar Energy Materials and Solar Cells 70:25-38, doi 10.1016/S0927-0248(00)00408-6;
    for the diffuse part 2005, Progress in Photovoltaics 13:75-84 (c_1 = 0.4244, c_2 = 0.5 a - 0.154).

    Parameters
    ----------
    sun, plane
        Where the sun stands, and the plane.
    angular_ratio
        The coefficient a: 0.14 with a coating against reflection, 0.16 to 0.17 clean glass, 0.2 dusty; 0: all passes.
    """
    incidence = np.maximum(sun.east * plane.east + sun.north * plane.north + sun.up * plane.up, 0.0)
    if angular_ratio == 0.0:
        whole = np.ones_like(incidence)
        return OnPlane(whole, whole, whole)
    # at a tilt of 0 the plane sees no ground, at 180 degrees no sky: the share is that of the limit
    cosine = np.clip(np.asarray(plane.up), -1.0 + 1.0e-9, 1.0 - 1.0e-9)
    tilt, sine = np.arccos(cosine), np.sqrt(1.0 - cosine**2)
    c_1, c_2 = 0.4244, 0.5 * angular_ratio - 0.154

    def diffuse(x: FloatArray) -> FloatArray:
        return np.asarray(1.0 - np.exp(-(c_1 * x + c_2 * x**2) / angular_ratio))

    return OnPlane(
        np.asarray((1.0 - np.exp(-incidence / angular_ratio)) / (1.0 - math.exp(-1.0 / angular_ratio))),
        diffuse(sine + (math.pi - tilt - sine) / (1.0 + cosine)),
        diffuse(sine + (tilt - sine) / (1.0 - cosine)),
    )


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
        bundled = "'ghi_w_per_m2: {file: nl_2023, mode: hold, stamps: end, repeat: true}'"
        remedy = f"declare it under 'series:', as 'weather: {{file: pvgis.csv}}' or {bundled}"
        return Lack(what, f"{remedy}, {by_hand}", "ghi_w_per_m2")
    return tuple(found.values())


def make(given: Mapping[str, Samples], parameters: Mapping[str, float], where: Where) -> tuple[Samples, str]:
    """Return what reaches the cells of the sun every five minutes, W/m2, and a remark if the data's noon is another's.

    Within an interval of the data the sky keeps its clearness and the sun moves on; the mean of the horizontal
    irradiance over each interval is that of the data.
    """
    assert where.latitude_deg is not None and where.longitude_deg is not None
    by_name = {stem: given[name] for stem, name in irradiances(given).items()}
    lead = by_name.get("ghi") or by_name["dni"]
    base_s = min(lead.resolution_s, _HOUR_S)
    n_base = -(-lead.n * lead.resolution_s // base_s)
    begin_s = lead.first_s + np.arange(n_base, dtype=np.float64) * base_s
    sub_s = base_s if base_s <= _SUB_S else math.gcd(base_s, _SUB_S)
    n_sub = base_s // sub_s
    sun = _sun_of_grid(lead.first_s, n_base * n_sub, sub_s, where.latitude_deg, where.longitude_deg)
    mean = {stem: np.maximum(one.mean_at(begin_s, base_s), 0.0) for stem, one in by_name.items()}
    sky = _sky(sun, mean, n_sub)
    if parameters["tracking"] == SINGLE_AXIS:
        plane = tracked_plane(
            sun, parameters["azimuth_rad"], parameters["rotation_limit_rad"], parameters["ground_coverage_frac"]
        )
    else:
        plane = fixed_plane(parameters["tilt_rad"], parameters["azimuth_rad"])
    falls = plane_irradiance(sun, plane, *sky, parameters["albedo_frac"])
    passes = glass(sun, plane, parameters["angular_ratio"])
    values = falls.sun * passes.sun + falls.sky * passes.sky + falls.ground * passes.ground
    samples = Samples(np.append(values, values[-1]), sub_s, lead.first_s, False)
    return samples, _remark(sun, np.repeat(mean["ghi"], n_sub), sub_s) if "ghi" in mean else ""


@functools.lru_cache(maxsize=2)
def _sun_of_grid(first_s: int, n: int, sub_s: int, latitude_deg: float, longitude_deg: float) -> Sun:
    """Return where the sun stands in the middle of each part, kept for the next array: half the time of making one."""
    sun = sun_position(first_s + (np.arange(n, dtype=np.float64) + 0.5) * sub_s, latitude_deg, longitude_deg)
    for values in sun:
        values.flags.writeable = False
    return sun


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


def _remark(sun: Sun, ghi: FloatArray, sub_s: int) -> str:
    """Return what is to be said where the middle of the days of the data is not the sun's noon."""
    if len(ghi) * sub_s < _WEEK_S or not ghi.sum() > 0.0 or ghi.min() == ghi.max():
        return ""
    off_h = float((ghi * sun.hour_angle_rad).sum() / ghi.sum()) * 12.0 / math.pi
    if abs(off_h) < _NOON_OFF_H:
        return ""
    side = "after" if off_h > 0.0 else "before"
    return (
        f"the days of the irradiance have their middle {abs(off_h):.1f} h {side} the sun's noon at the site: are time "
        "zone and longitude right, and is a stamp the begin of its interval ('stamps: end' where it is the end)?"
    )
