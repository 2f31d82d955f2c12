"""Units as the headers of people's files write them."""

from __future__ import annotations

import re
from functools import lru_cache

from h2plant.core.units import Unit, parse_unit, parse_unit_text

_WORDS = {
    "°c": "degc", "degc": "degc", "deg c": "degc", "c": "degc", "celsius": "degc", "degree celsius": "degc",
    "degrees celsius": "degc", "degree_celsius": "degc", "grad celsius": "degc",
    "kelvin": "k",
    "%": "percent", "percent": "percent", "prozent": "percent",
    "m/s": "m_per_s", "ms-1": "m_per_s", "m s-1": "m_per_s", "m s**-1": "m_per_s", "metres per second": "m_per_s",
    "km/h": "km_per_h", "kmh": "km_per_h", "kph": "km_per_h", "km/hr": "km_per_h",
    "w/m2": "w_per_m2", "w/m²": "w_per_m2", "w/m^2": "w_per_m2", "w m-2": "w_per_m2", "w m**-2": "w_per_m2",
    "w/m**2": "w_per_m2", "wh/m2": "w_per_m2", "wh/m²": "w_per_m2",
    "mbar": "mbar", "millibar": "mbar", "hpa": "hpa", "atm": "atm",
    "eur/mwh": "eur_per_mwh", "€/mwh": "eur_per_mwh", "eur/kwh": "eur_per_kwh", "€/kwh": "eur_per_kwh",
    "ct/kwh": "ct_per_kwh", "cent/kwh": "ct_per_kwh", "c€/kwh": "ct_per_kwh", "eurct/kwh": "ct_per_kwh",
    "eur/t": "eur_per_t", "€/t": "eur_per_t", "eur/tco2": "eur_per_t", "€/tco2": "eur_per_t",
    "eur/t co2": "eur_per_t", "eur/kg": "eur_per_kg", "€/kg": "eur_per_kg",
    "g/kwh": "g_per_kwh", "gco2/kwh": "g_per_kwh", "gco2eq/kwh": "g_per_kwh", "g co2/kwh": "g_per_kwh",
    "gco₂eq/kwh": "g_per_kwh", "kg/mwh": "kg_per_mwh", "kgco2/mwh": "kg_per_mwh", "tco2/mwh": "t_per_mwh",
    "pu": "pu", "p.u.": "pu",
}  # fmt: skip
_MONEY = re.compile(r"(?i)(usd|us\$|\$|gbp|£|aud|a\$|cad|chf|nok|sek|dkk|pln|czk|huf|ron|bgn|jpy|¥|inr|brl|zar|p)\s*/")


class Foreign(str):
    """A unit that is understood, but cannot be converted here: money of another currency, a temperature in °F."""


_MULTIPLES = {"percent": ("frac", 0.01), "ct_per_kwh": ("eur_per_kwh", 0.01), "atm": ("pa", 101325.0)}
"""Units that are no suffix of names here: a suffix, and how many of it they are."""


@lru_cache(maxsize=512)
def unit_of_text(written: str) -> str | None:
    """Return the unit suffix that a text such as ``°C`` or ``EUR/MWh`` stands for; None if it is no unit.

    ``percent``, ``ct_per_kwh`` and the like are returned as such although they are no suffix of names here; money of
    other currencies and ``°F`` as ``Foreign``.
    """
    bare = re.sub(r"\s+", " ", written.strip().strip("[]()").replace("\u00b0", "°").lower()).strip()
    if not bare:
        return None
    if bare in _WORDS:
        return _WORDS[bare]
    if bare in ("°f", "degf", "deg f", "fahrenheit", "f"):
        return Foreign("degf")
    if _MONEY.match(bare):
        return Foreign(bare)
    if not re.fullmatch(r"[a-z0-9/² ³()*^.€%-]+", bare) or len(bare) > 16:
        return None
    if "/" in bare or parse_unit(bare) is not None:
        unit = parse_unit_text(bare)
        if unit is not None:
            top, _, bottom = bare.partition("/")
            suffix = f"{top.strip()}_per_{bottom.strip()}" if bottom else bare
            return suffix if parse_unit(suffix) is not None else unit.si
    return None


def known(suffix: str) -> tuple[Unit, float] | None:
    """Return the unit of a suffix of ``unit_of_text`` and the factor to numbers in it; None for ``Foreign``.

    ``percent`` is hundredths of ``frac``, ``ct_per_kwh`` hundredths of ``eur_per_kwh``, ``atm`` 101325 ``pa``.
    """
    base, factor = _MULTIPLES.get(suffix, (suffix, 1.0))
    unit = None if isinstance(suffix, Foreign) else parse_unit(base)
    return None if unit is None else (unit, factor)
