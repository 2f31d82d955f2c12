"""Wind and pressure at a height above ground, made before the run from what the plant's weather has."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping

import numpy as np

from h2plant.core.constants import ATMOSPHERE_PA, GRAVITY_M_PER_S2, STANDARD_AIR_K
from h2plant.core.derived import Lack, Samples, Where
from h2plant.core.units import split_name
from h2plant.physics.wind_power import AIR_J_PER_KG_K

LOGARITHMIC, POWER_LAW = 0, 1
_SPEED = re.compile(r"wind_speed(?:_(\d+(?:\.\d+)?)m)?")
_LAPSE_K_PER_M = 6.5e-3
_LOWEST_M = 2.0


def profile_ratio(height_m: float, from_m: float, roughness_m: float) -> float:
    """Return the speed at a height over that at another, by the logarithmic profile ln(h/z0) / ln(h_ref/z0).

    Source: Manwell, McGowan and Rogers 2009, Wind Energy Explained, 2nd ed., equation 2.34. Range: neutral air over
    even ground, some 10 z0 to 200 m.
    """
    return math.log(height_m / roughness_m) / math.log(from_m / roughness_m)


def power_law_ratio(height_m: float, from_m: float, exponent: float) -> float:
    """Return the speed at a height over that at another, by the power law (h/h_ref)^a.

    Source: as above, equation 2.36; a is 1/7 over even ground and 0.1 to 0.11 over the sea (IEC 61400-3-1).
    """
    return float((height_m / from_m) ** exponent)


def speeds(names: Collection[str]) -> dict[str, float | None]:
    """Return the series of wind speed among names, with the height that each name tells, m.

    One that tells none counts only where no other does: files of one height feed the same under both names.
    """
    found: dict[str, float | None] = {}
    for name in names:
        stem, unit = split_name(name)
        match = _SPEED.fullmatch(stem)
        if match is not None and unit is not None and unit.si == "m_per_s":
            found[name] = float(match[1]) if match[1] else None
    if all(height is None for height in found.values()):
        return found
    return {name: height for name, height in found.items() if height is not None}


def takes_speed(names: Collection[str], parameters: Mapping[str, float], where: Where) -> tuple[str, ...] | Lack:
    """Return the series of wind speed, of all heights."""
    found = speeds(names)
    low = next((name for name, height in found.items() if height is not None and height < _LOWEST_M), None)
    if low is not None:
        return Lack(f"is made from '{low}', measured too low to tell of the wind above", "give the wind at 2 m or more")
    if found:
        return tuple(found)
    what = "is made from the wind speed, and the plant has no series 'wind_speed_10m_m_per_s' (named by its height)"
    remedy = "declare it under 'series:', as 'weather: {file: pvgis.csv}' or 'wind_speed_100m_m_per_s: {file: nl_2023}'"
    return Lack(what, f"{remedy}, or with a constant", "wind_speed_10m_m_per_s")


def nearest(given: Mapping[str, Samples], height_m: float, height_if_unsaid_m: float) -> tuple[Samples, float]:
    """Return the series of wind speed whose height is the nearest to one (by its ratio), and that height, m."""
    heights = {name: height or height_if_unsaid_m for name, height in speeds(given).items()}
    name = min(heights, key=lambda one: (abs(math.log(heights[one] / height_m)), heights[one]))
    return given[name], heights[name]


def make_speed(height: str, given: Mapping[str, Samples], parameters: Mapping[str, float], where: Where) -> Samples:
    """Return the wind speed at the height that a parameter says, from the nearest that there is."""
    height_m = parameters[height]
    samples, from_m = nearest(given, height_m, parameters["speed_height_m"])
    if parameters.get("profile", LOGARITHMIC) == POWER_LAW:
        ratio = power_law_ratio(height_m, from_m, parameters["shear_exponent"])
    else:
        ratio = profile_ratio(height_m, from_m, parameters["roughness_m"])
    values = np.maximum(samples.values, 0.0) * ratio
    return Samples(values, samples.resolution_s, samples.first_s, samples.is_linear)


def standard_pressure(altitude_m: float) -> float:
    """Return the pressure of the standard atmosphere, Pa: p_0 (1 - L h / T_0)^(g / R L) (ISO 2533; -2 to 11 km)."""
    exponent = GRAVITY_M_PER_S2 / (AIR_J_PER_KG_K * _LAPSE_K_PER_M)
    return float(ATMOSPHERE_PA * (1.0 - _LAPSE_K_PER_M * altitude_m / STANDARD_AIR_K) ** exponent)


def pressures(names: Collection[str]) -> tuple[str, ...]:
    """Return the first series of air pressure among names, if there is one."""
    split = ((name, *split_name(name)) for name in names)
    return tuple(n for n, stem, unit in split if stem == "pressure_air" and unit is not None and unit.si == "pa")[:1]


def takes_pressure(names: Collection[str], parameters: Mapping[str, float], where: Where) -> tuple[str, ...] | Lack:
    """Return the series of air pressure; none where the standard atmosphere at the site's elevation stands for it."""
    return pressures(names)


def make_pressure(given: Mapping[str, Samples], parameters: Mapping[str, float], where: Where) -> Samples:
    """Return the pressure at the hub: that of the weather at the ground, or of the standard atmosphere."""
    hub_m = parameters["hub_height_m"]
    for samples in given.values():
        ratio = math.exp(-GRAVITY_M_PER_S2 * hub_m / (AIR_J_PER_KG_K * STANDARD_AIR_K))
        return Samples(samples.values * ratio, samples.resolution_s, samples.first_s, samples.is_linear)
    pressure_pa = standard_pressure((where.elevation_m or 0.0) + hub_m)
    return Samples.constant(pressure_pa)
