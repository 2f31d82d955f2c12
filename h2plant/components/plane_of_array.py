"""Irradiance in the plane of solar modules, made before the run from irradiance and the sun's position.

Series are means over an hour or a quarter of one, and the sun moves on within them. The sun's position is computed by
pvlib (Anderson et al. 2023, doi 10.21105/joss.05994), of which one file is loaded alone: the package brings 95 MB of
others, pandas and SciPy's among them. Its formulas for split of the sky, planes, trackers and glass are a few lines
each and stand here; tests hold them against pvlib's own.
"""

from __future__ import annotations

import functools
import importlib.util
import math
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from h2plant.core.constants import DAY_S
from h2plant.core.derived import FloatArray, Lack, Samples, Where
from h2plant.core.units import split_name

FIXED, SINGLE_AXIS = 0, 1

_IRRADIANCES = ("ghi", "dni", "dhi")
_LOWEST_MEAN = 0.065
"""Mean cosine of the zenith below which an interval is taken as diffuse: the split has no meaning at the horizon."""
_MOST_BEAM = 0.85
"""Largest share of the extraterrestrial irradiance that a clear sky lets through as beam."""
_HORIZON = 0.01745
"""Sine of a degree, below which all of the sky counts as even (as pvlib limits its ratio of projections)."""
_GLASS_C1, _GLASS_C2 = 0.4244, 0.154
"""Martin and Ruiz's fit of what comes from all sides: c1 = 4 / (3 pi), c2 = a / 2 - 0.154 (Martin and Ruiz 2013)."""
_DARK = 1.0e-9
"""Irradiance, W/m2, too small to be parted."""
_LEAST_TILT_DEG = 0.01
"""A plane that is nearer to level sees no ground at all, and has no share of it (0/0)."""
_SUB_S = 300
_HOUR_S = 3600
_NOON_OFF_H = 0.5
"""Hours by which weather alone does not move the middle of the days of a week (0.1 h standard deviation in 2023)."""
_WEEK_S = 7 * 86400
_NIGHT_DEG = 96.0
"""Zenith of the sun at the end of civil twilight: level ground has some hundredths of a W/m2 then."""
_MOST_BY_NIGHT = 0.02
"""Share of the light of a run that data of the site's own days, off by half an hour, do not have by night."""
_PRESSURE_MBAR, _AIR_DEGC, _REFRACTION_DEG = 1013.25, 12.0, 0.5667
"""Of the light's way through the air, where pvlib is not told otherwise."""


class Sun(NamedTuple):
    """Where the sun is seen to stand, arrays of shape (n,).

    Attributes
    ----------
    zenith_deg, azimuth_deg
        Angle from the zenith, with refraction, and direction clockwise from north.
    up
        Cosine of that from the zenith.
    extraterrestrial_w_per_m2
        Irradiance across the direction to it outside the atmosphere.
    hour_angle_rad
        Turn since noon, -pi to pi.
    """

    zenith_deg: FloatArray
    azimuth_deg: FloatArray
    up: FloatArray
    extraterrestrial_w_per_m2: FloatArray
    hour_angle_rad: FloatArray


def sun_position(time_s: FloatArray, latitude_deg: float, longitude_deg: float) -> Sun:
    """Return where the sun stands, by the algorithm of NREL (Reda and Andreas 2004, doi 10.1016/j.solener.2003.12.003).

    Parameters
    ----------
    time_s
        Times, seconds since 1970 UTC.
    latitude_deg, longitude_deg
        North and east positive.
    """
    spa = _spa()
    time_s = np.asarray(time_s, dtype=np.float64)
    middle = time_s[len(time_s) // 2].astype("datetime64[s]").astype("datetime64[M]").astype(int)
    delta_t = float(spa.calculate_deltat(1970 + middle // 12, 1 + middle % 12))
    air = 0.0, _PRESSURE_MBAR, _AIR_DEGC, delta_t, _REFRACTION_DEG
    zenith, _, _, _, azimuth, equation_min = spa.solar_position(time_s, latitude_deg, longitude_deg, *air)
    turn = time_s / DAY_S + longitude_deg / 360.0 + equation_min / 1440.0
    return Sun(
        zenith_deg=zenith,
        azimuth_deg=azimuth,
        up=np.cos(np.radians(zenith)),
        extraterrestrial_w_per_m2=_extraterrestrial(_day_of_year(time_s)),
        hour_angle_rad=(turn % 1.0 - 0.5) * 2.0 * math.pi,
    )


@functools.cache
def _spa() -> Any:
    """Return pvlib's module of the sun's position, without the package about it."""
    package = importlib.util.find_spec("pvlib")
    assert package is not None and package.submodule_search_locations is not None
    file = Path(next(iter(package.submodule_search_locations))) / "spa.py"
    spec = importlib.util.spec_from_file_location("h2plant_sun_position", file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _extraterrestrial(day_of_year: FloatArray) -> FloatArray:
    """Return the irradiance outside the atmosphere, W/m2: Spencer 1971, with 1366.1 W/m2 at the mean distance."""
    b = 2.0 * math.pi / 365.0 * (day_of_year - 1.0)
    once, twice = 0.034221 * np.cos(b) + 0.00128 * np.sin(b), 0.000719 * np.cos(2.0 * b) + 7.7e-05 * np.sin(2.0 * b)
    return np.asarray(1366.1 * (1.00011 + once + twice))


def _day_of_year(time_s: FloatArray) -> FloatArray:
    """Return the day of the year, UTC, 1 to 366, with its fraction."""
    year_s = time_s.astype("datetime64[s]").astype("datetime64[Y]").astype("datetime64[s]").astype(np.int64)
    return np.asarray(1.0 + (time_s - year_s) / DAY_S)


class Plane(NamedTuple):
    """Tilt of a plane and direction that it faces, degrees, clockwise from north; numbers, or arrays of shape (n,)."""

    tilt_deg: FloatArray | float
    azimuth_deg: FloatArray | float


def tracked_plane(sun: Sun, axis_azimuth_deg: float, limit_deg: float, coverage_frac: float) -> Plane:
    """Return planes that turn round a horizontal axis after the sun, and back where rows would shade each other.

    At night they lie flat.

    Parameters
    ----------
    sun
        Where the sun stands.
    axis_azimuth_deg
        Direction of the axis, clockwise from north.
    limit_deg
        Largest turn either way.
    coverage_frac
        Width of a row over the distance from row to row (GCR); 0: rows shade nothing.
    """
    zenith, across = np.radians(sun.zenith_deg), np.radians(sun.azimuth_deg - axis_azimuth_deg)
    # the sun's turn round the axis from the zenith, clockwise as seen along it (Anderson and Mikofski 2020, eq. 5)
    turn = np.degrees(np.arctan2(np.sin(zenith) * np.sin(across), np.cos(zenith)))
    if coverage_frac > 0.0:  # turned back until the shade of a row ends where the next one begins (eq. 14)
        shaded = np.minimum(np.abs(np.cos(np.radians(turn))) / coverage_frac, 1.0)
        turn -= np.sign(turn) * np.degrees(np.arccos(shaded))
    turn = np.where(sun.zenith_deg > 90.0, 0.0, np.clip(turn, -limit_deg, limit_deg))
    return Plane(np.abs(turn), np.where(turn == 0.0, 0.0, (axis_azimuth_deg + 90.0 * np.sign(turn)) % 360.0))


class OnPlane(NamedTuple):
    """Irradiance on a plane, W/m2, from the direction of the sun, from the rest of the sky and from the ground."""

    sun: FloatArray
    sky: FloatArray
    ground: FloatArray


def plane_irradiance(
    sun: Sun, plane: Plane, ghi: FloatArray, dni: FloatArray, dhi: FloatArray, albedo_frac: float
) -> OnPlane:
    """Return the irradiance on a plane, the sky after Hay and Davies 1980.

    Parameters
    ----------
    sun, plane
        Where the sun stands, and the plane.
    ghi, dni, dhi
        Global horizontal, direct normal and diffuse horizontal irradiance, W/m2, shape (n,).
    albedo_frac
        Share of the irradiance that the ground reflects.
    """
    incidence = np.maximum(_incidence(sun, plane), 0.0)
    extra, up = sun.extraterrestrial_w_per_m2, np.maximum(sun.up, _HORIZON)
    # what lies about the sun is no more than the sun has left to give: bright data with a low sun are of another hour
    most = np.maximum(extra - dni, 0.0) * up * extra / np.maximum(dhi, _DARK)
    beam = np.where(sun.up > _HORIZON, np.minimum(dni, most), 0.0)
    about_sun, tilt = beam / extra, np.cos(np.radians(plane.tilt_deg))
    return OnPlane(
        dni * incidence + dhi * about_sun * incidence / up,
        np.maximum(dhi * (1.0 - about_sun) * 0.5 * (1.0 + tilt), 0.0),
        np.asarray(ghi * albedo_frac * (1.0 - tilt) * 0.5),
    )


def _incidence(sun: Sun, plane: Plane) -> FloatArray:
    """Return the cosine of the angle between the sun's rays and the normal of a plane."""
    tilt, zenith = np.radians(plane.tilt_deg), np.radians(sun.zenith_deg)
    across = np.radians(sun.azimuth_deg - plane.azimuth_deg)
    cosine = np.cos(tilt) * np.cos(zenith) + np.sin(tilt) * np.sin(zenith) * np.cos(across)
    return np.asarray(np.clip(cosine, -1.0, 1.0))


def glass(sun: Sun, plane: Plane, angular_ratio: float) -> OnPlane:
    """Return the shares of the irradiance on a plane that pass the glass of modules, by where they come from.

    After Martin and Ruiz 2001, doi 10.1016/S0927-0248(00)00408-6.

    Parameters
    ----------
    sun, plane
        Where the sun stands, and the plane.
    angular_ratio
        The coefficient a: 0.14 with a coating against reflection, 0.16 to 0.17 clean glass, 0.2 dusty; 0: all passes.
    """
    if angular_ratio == 0.0:
        whole = np.ones_like(sun.up)
        return OnPlane(whole, whole, whole)
    incidence = _incidence(sun, plane)
    direct = (1.0 - np.exp(-incidence / angular_ratio)) / (1.0 - math.exp(-1.0 / angular_ratio))
    tilt = np.radians(np.clip(plane.tilt_deg, _LEAST_TILT_DEG, 180.0 - _LEAST_TILT_DEG))
    to_sky = np.sin(tilt) + (math.pi - tilt - np.sin(tilt)) / (1.0 + np.cos(tilt))
    to_ground = np.sin(tilt) + (tilt - np.sin(tilt)) / (1.0 - np.cos(tilt))
    sky, ground = (
        1.0 - np.exp(-(_GLASS_C1 + (0.5 * angular_ratio - _GLASS_C2) * term) * term / angular_ratio)
        for term in (to_sky, to_ground)
    )
    return OnPlane(np.where(incidence > 0.0, direct, 0.0), np.asarray(sky), np.asarray(ground))


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
    if importlib.util.find_spec("pvlib") is None:
        return Lack("is made by pvlib, which is not installed", f"'pip install pvlib', {by_hand}")
    if where.latitude_deg is None or where.longitude_deg is None:
        what = "follows from the sun's position, and the plant does not say where it stands"
        return Lack(what, f"write 'site: {{latitude: 39.5, longitude: -2.5}}', {by_hand}")
    if "ghi" not in found and not {"dni", "dhi"} <= set(found):
        what = "is made from the irradiance, and the plant has no series 'ghi_w_per_m2' (nor 'dni_...' with 'dhi_...')"
        bundled = "'ghi_w_per_m2: {file: nl_2023, mode: hold, stamps: end}'"
        remedy = f"declare it under 'series:', as 'weather: {{file: pvgis.csv}}' or {bundled}"
        return Lack(what, f"{remedy}, {by_hand}", "ghi_w_per_m2")
    return tuple(found.values())


def make(given: Mapping[str, Samples], parameters: Mapping[str, float], where: Where) -> tuple[Samples, str]:
    """Return what reaches the cells of the sun every five minutes, W/m2, and a remark if the data's days are another's.

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
    sky = _sky(sun, mean, n_sub, _day_of_year(begin_s + 0.5 * base_s))
    if parameters["tracking"] == SINGLE_AXIS:
        limit_deg = math.degrees(parameters["rotation_limit_rad"])
        plane = tracked_plane(
            sun, math.degrees(parameters["azimuth_rad"]), limit_deg, parameters["ground_coverage_frac"]
        )
    else:
        plane = Plane(math.degrees(parameters["tilt_rad"]), math.degrees(parameters["azimuth_rad"]))
    falls = plane_irradiance(sun, plane, *sky, parameters["albedo_frac"])
    passes = glass(sun, plane, parameters["angular_ratio"])
    values = falls.sun * passes.sun + falls.sky * passes.sky + falls.ground * passes.ground
    samples = Samples(np.append(values, values[-1]), sub_s, lead.first_s, False)
    light = np.repeat(mean["ghi"] if "ghi" in mean else mean["dhi"], n_sub)
    return samples, _remark(sun, light, sub_s)


@functools.lru_cache(maxsize=2)
def _sun_of_grid(first_s: int, n: int, sub_s: int, latitude_deg: float, longitude_deg: float) -> Sun:
    """Return where the sun stands in the middle of each part, kept for the next array: half the time of making one."""
    sun = sun_position(first_s + (np.arange(n, dtype=np.float64) + 0.5) * sub_s, latitude_deg, longitude_deg)
    for values in sun:
        values.flags.writeable = False
    return sun


def _sky(
    sun: Sun, mean: Mapping[str, FloatArray], n_sub: int, day_of_year: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
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
        dhi = np.where(is_low, ghi, ghi * flat(_diffuse_share(mean["ghi"], mean_height, day_of_year)))
    beam = np.minimum(ghi - dhi, _MOST_BEAM * extra * height)
    dni = np.where(is_up & ~is_low, beam / np.where(is_up, sun.up, 1.0), 0.0)
    return ghi, dni, ghi - dni * height


def _diffuse_share(ghi: FloatArray, mean_height: FloatArray, day_of_year: FloatArray) -> FloatArray:
    """Return the diffuse share of each interval: by its mean, for that is what Erbs, Klein and Duffie 1982 fitted."""
    height = np.maximum(np.clip(mean_height, 0.0, 1.0), _LOWEST_MEAN)
    clear = np.clip(ghi / (_extraterrestrial(day_of_year) * height), 0.0, 1.0)
    between = 0.9511 + clear * (-0.1604 + clear * (4.388 + clear * (-16.638 + clear * 12.336)))
    share = np.where(clear <= 0.22, 1.0 - 0.09 * clear, np.where(clear <= 0.8, between, 0.165))
    return np.where(ghi > _DARK, share, 1.0)


def _remark(sun: Sun, light: FloatArray, sub_s: int) -> str:
    """Return what is to be said where the days of the data are not those of the site."""
    if not light.sum() > 0.0 or light.min() == light.max():
        return ""
    return _noon_remark(sun, light, sub_s) or _night_remark(sun, light)


def _night_remark(sun: Sun, ghi: FloatArray) -> str:
    """Return what is to be said where irradiance stands in the data when there is no sun at the site."""
    by_night = float(ghi[sun.zenith_deg > _NIGHT_DEG].sum() / ghi.sum())
    if by_night < _MOST_BY_NIGHT:
        return ""
    return (
        f"{100.0 * by_night:.3g} % of the irradiance falls while it is night at the site, and counts as diffuse light: "
        "are latitude, longitude and time zone those of the data?"
    )


def _noon_remark(sun: Sun, ghi: FloatArray, sub_s: int) -> str:
    """Return what is to be said where the middle of the days of the data is not the sun's noon."""
    if len(ghi) * sub_s < _WEEK_S:
        return ""
    off_h = float((ghi * sun.hour_angle_rad).sum() / ghi.sum()) * 12.0 / math.pi
    if abs(off_h) < _NOON_OFF_H:
        return ""
    side = "after" if off_h > 0.0 else "before"
    return (
        f"the days of the irradiance have their middle {abs(off_h):.1f} h {side} the sun's noon at the site: are time "
        "zone and longitude right, and is a stamp the begin of its interval ('stamps: end' where it is the end)?"
    )
