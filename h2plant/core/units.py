"""Units of names: the one place that converts, by suffix.

A quantity carries its unit at the end of its name (``power_w``, ``flow_kg_per_s``). Inside, all is SI; files
and reports use handier units of the same dimension (``power_mw``, ``flow_kg_per_h``, ``temperature_degc``).

A suffix is one or more units, ``_per_``, one or more units: ``w_per_m2_k``, ``ohm_cm2``, ``per_h``. A unit may
carry an exponent (``m2``). Prefixes are the house's: ``mw`` is megawatt and ``mpa`` megapascal, ``mm`` is
millimetre and ``mv`` millivolt; the table below is the law. A year has 8760 hours here.

``degc`` stands alone, never inside a compound unit. It converts with its offset, so a temperature *difference*
is always given in kelvin: see ``is_temperature_difference``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from h2plant.core.constants import TEMPERATURE_OFFSET_K
from h2plant.core.declare import Field

_Dimension = tuple[int, ...]  # kg, m, s, K, mol, A, EUR; an angle, which stands alone, has an eighth

_NONE: _Dimension = (0, 0, 0, 0, 0, 0, 0)
_DIMENSION_OF_SI: dict[str, _Dimension] = {
    "kg": (1, 0, 0, 0, 0, 0, 0),
    "m": (0, 1, 0, 0, 0, 0, 0),
    "m3": (0, 3, 0, 0, 0, 0, 0),
    "s": (0, 0, 1, 0, 0, 0, 0),
    "k": (0, 0, 0, 1, 0, 0, 0),
    "mol": (0, 0, 0, 0, 1, 0, 0),
    "a": (0, 0, 0, 0, 0, 1, 0),
    "eur": (0, 0, 0, 0, 0, 0, 1),
    "hz": (0, 0, -1, 0, 0, 0, 0),
    "pa": (1, -1, -2, 0, 0, 0, 0),
    "j": (1, 2, -2, 0, 0, 0, 0),
    "w": (1, 2, -3, 0, 0, 0, 0),
    "v": (1, 2, -3, 0, 0, -1, 0),
    "ohm": (1, 2, -3, 0, 0, -2, 0),
    "frac": _NONE,
    "pu": _NONE,
    "ratio": _NONE,
    "rad": (0, 0, 0, 0, 0, 0, 0, 1),
}

# SI unit: its spellings with the factor to it
_FAMILIES: dict[str, dict[str, float]] = {
    "w": {"w": 1.0, "kw": 1e3, "mw": 1e6, "gw": 1e9},
    "pa": {"pa": 1.0, "mbar": 100.0, "hpa": 100.0, "kpa": 1e3, "bar": 1e5, "mpa": 1e6},
    "k": {"k": 1.0, "degc": 1.0},
    "kg": {"kg": 1.0, "mg": 1e-6, "g": 1e-3, "t": 1e3},
    "s": {"s": 1.0, "min": 60.0, "h": 3600.0, "day": 86400.0, "week": 604800.0, "year": 8760.0 * 3600.0},
    "j": {"j": 1.0, "kj": 1e3, "mj": 1e6, "gj": 1e9, "wh": 3.6e3, "kwh": 3.6e6, "mwh": 3.6e9, "gwh": 3.6e12},
    "eur": {"eur": 1.0, "ct": 1e-2, "keur": 1e3, "meur": 1e6},
    "m": {"m": 1.0, "um": 1e-6, "mm": 1e-3, "cm": 1e-2, "km": 1e3},
    "m3": {"l": 1e-3},
    "mol": {"mol": 1.0, "mmol": 1e-3, "kmol": 1e3},
    "a": {"a": 1.0, "ma": 1e-3, "ka": 1e3},
    "v": {"v": 1.0, "uv": 1e-6, "mv": 1e-3, "kv": 1e3},
    "ohm": {"ohm": 1.0, "uohm": 1e-6, "mohm": 1e-3},
    "hz": {"hz": 1.0},
    "frac": {"frac": 1.0, "ppm": 1e-6, "ppb": 1e-9},
    "pu": {"pu": 1.0},
    "ratio": {"ratio": 1.0},
    "rad": {"rad": 1.0, "deg": math.pi / 180.0},
}
_FACTORS: dict[str, tuple[str, float]] = {
    unit: (si, factor) for si, family in _FAMILIES.items() for unit, factor in family.items()
}
_STAND_ALONE = frozenset({"degc", "frac", "ppm", "ppb", "pu", "ratio", "rad", "deg"})
_WITHOUT_EXPONENT = _STAND_ALONE | {"h", "l"}  # h2 is a gas
_TOKEN = re.compile(r"([a-z]+)([2-9]?)")

# what findings suggest, the common ones only
_SUGGESTED: dict[str, tuple[str, ...]] = {
    "w": ("kw", "mw"),
    "pa": ("kpa", "bar", "mpa"),
    "k": ("degc",),
    "kg": ("g", "t"),
    "s": ("min", "h"),
    "j": ("kwh", "mwh"),
    "m": ("cm", "mm"),
    "mol": ("mmol", "kmol"),
    "a": ("ma", "ka"),
    "v": ("mv", "uv"),
    "ohm": ("mohm",),
    "frac": ("ppm",),
    "rad": ("deg",),
}

_DIFFERENCE_WORDS = frozenset(
    (
        *("delta", "approach", "difference", "superheat", "subcooling", "pinch"),
        *("band", "deadband", "hysteresis", "rise", "drop", "margin", "spread"),
    )
)
_COLDEST_PLANT_K = 150.0

# SI suffix: what reports show
_REPORTING: dict[str, str] = {
    "w": "kw",
    "pa": "bar",
    "k": "degc",
    "kg_per_s": "kg_per_h",
    "m3_per_s": "m3_per_h",
    "s": "h",
    "j": "kwh",
    "j_per_kg": "kwh_per_kg",
    "eur_per_j": "eur_per_mwh",
    "eur_per_s": "eur_per_h",
    "w_per_k": "kw_per_k",
    "v_per_s": "uv_per_h",
    "w_per_s": "mw_per_min",
    "k_per_s": "k_per_min",
    "per_s": "per_h",
    "ohm_m2": "ohm_cm2",
    "a_per_m2": "a_per_cm2",
    "rad": "deg",
}


class Conversion(NamedTuple):
    """A name in another unit, with ``value * factor + offset`` for the value under that name."""

    name: str
    factor: float
    offset: float


class UnitError(ValueError):
    """A unit that is missing, unknown or of another dimension.

    Parameters
    ----------
    what
        What is wrong.
    allowed
        Spellings of the name that would be right.
    """

    def __init__(self, what: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(what)
        self.allowed = tuple(allowed)


class Unit(NamedTuple):
    """A parsed unit: its SI suffix, the factor and offset to SI, and its dimension."""

    si: str
    factor: float
    offset: float
    dimension: _Dimension

    def is_convertible_to(self, other: Unit) -> bool:
        """Whether both measure the same dimension."""
        return self.dimension == other.dimension


@lru_cache(maxsize=4096)
def parse_unit(suffix: str) -> Unit | None:
    """Parse a unit suffix.

    Parameters
    ----------
    suffix
        Units joined by underscores, such as ``kg_per_h``, ``w_per_m2_k``, ``degc``.

    Returns
    -------
    Unit or None
        None where any part is not a unit.
    """
    if suffix in _STAND_ALONE:
        si, factor = _FACTORS[suffix]
        offset = TEMPERATURE_OFFSET_K if suffix == "degc" else 0.0
        return Unit(si, factor, offset, _DIMENSION_OF_SI[si])
    top, slash, bottom = suffix.removeprefix("per_").partition("_per_")
    if suffix.startswith("per_"):
        if slash:
            return None
        top, slash, bottom = "", "_per_", top
    above = _parse_product(top) if top else ("", 1.0, _NONE)
    below = _parse_product(bottom) if slash else ("", 1.0, _NONE)
    if above is None or below is None or not (top or bottom):
        return None
    si = above[0]
    if slash:
        si = f"{si}_per_{below[0]}" if si else f"per_{below[0]}"
    d = [a - b for a, b in zip(above[2], below[2], strict=True)]
    return Unit(si, above[1] / below[1], 0.0, (d[0], d[1], d[2], d[3], d[4], d[5], d[6]))


def _parse_product(text: str) -> tuple[str, float, _Dimension] | None:
    factor = 1.0
    names: list[str] = []
    dimension = [0] * 7
    for token in text.split("_"):
        match = _TOKEN.fullmatch(token)
        if match is None or match[1] not in _FACTORS or match[1] in _STAND_ALONE:
            return None
        if match[2] and match[1] in _WITHOUT_EXPONENT:
            return None
        si, unit_factor = _FACTORS[match[1]]
        exponent = int(match[2] or 1)
        factor *= unit_factor**exponent
        names.append(si + match[2])
        for i, power in enumerate(_DIMENSION_OF_SI[si]):
            dimension[i] += power * exponent
    return "_".join(names), factor, (*dimension,)


@lru_cache(maxsize=4096)
def parse_unit_text(text: str) -> Unit | None:
    """Parse a unit as it is written in declarations: ``kg/s``, ``W/(m2 K)``, ``1/s``, ``ohm m2``, ``1``."""
    words = text.lower().replace("difference", "").strip()
    if words in ("1", "-"):
        return Unit("", 1.0, 0.0, _NONE)
    for old, new in (("²", "2"), ("³", "3"), ("^", ""), ("·", " "), ("*", " "), ("(", " "), (")", " "), ("ω", "ohm")):
        words = words.replace(old, new)
    top, *bottoms = (part.split() for part in words.split("/"))
    above = "_".join(word for word in top if word != "1")
    below = "_".join(word for part in bottoms for word in part)
    if not above and not below:
        return None
    return parse_unit(f"{above}_per_{below}".removeprefix("_") if below else above)


_MOST_TOKENS = 20
"""Of a unit in a name: ``w_per_m2`` has three."""


@lru_cache(maxsize=4096)
def split_name(name: str, unit_text: str = "") -> tuple[str, Unit | None]:
    """Split a name into its stem and the unit it ends in.

    Parameters
    ----------
    name
        A name with or without a unit suffix.
    unit_text
        The declared unit, where there is one; it decides between readings (``delta_t_k`` is not tonne kelvin).

    Returns
    -------
    stem, unit
        The unit is None, and the stem the whole name, where the name carries no unit.
    """
    tokens = name.split("_")
    declared = parse_unit_text(unit_text) if unit_text else None
    for i in range(max(1, len(tokens) - _MOST_TOKENS), len(tokens)):
        unit = parse_unit("_".join(tokens[i:]))
        if unit is None:
            continue
        if declared is None or (unit.dimension == declared.dimension and unit.factor == declared.factor):
            return "_".join(tokens[:i]), unit
    return name, None


def to_si(name: str, unit_text: str = "") -> Conversion:
    """Return the SI name of a quantity, with the factor and offset that lead there.

    Parameters
    ----------
    name
        A name with a unit suffix, such as ``price_eur_per_mwh``.
    unit_text
        The declared unit of that very name, if it helps to read it.

    Returns
    -------
    Conversion
        SI name, factor, offset: ``value_si = value * factor + offset``.

    Raises
    ------
    UnitError
        If the name does not end in a unit.

    Examples
    --------
    >>> to_si("temp_air_degc")
    Conversion(name='temp_air_k', factor=1.0, offset=273.15)
    """
    stem, unit = split_name(name, unit_text)
    if unit is None:
        raise UnitError(f"'{name}' does not end in a unit")
    return Conversion(f"{stem}_{unit.si}", unit.factor, unit.offset)


def to_reporting_unit(si_name: str, unit_text: str = "", is_difference: bool = False) -> Conversion:
    """Return the name, factor and offset under which reports show an SI quantity.

    Parameters
    ----------
    si_name
        A name in SI, such as ``power_w``.
    unit_text
        Its declared unit.
    is_difference
        Whether a temperature is a difference, which stays in kelvin; names that say so need not.

    Returns
    -------
    Conversion
        Reporting name, factor, offset: ``value_shown = value_si * factor + offset``. Quantities without a handier
        unit come back as they are.
    """
    stem, unit = split_name(si_name, unit_text)
    if unit is None or unit.si not in _REPORTING or unit.factor != 1.0 or unit.offset != 0.0:
        return Conversion(si_name, 1.0, 0.0)
    shown = _REPORTING[unit.si]
    if shown == "degc" and (is_difference or says_difference(stem, unit_text)):
        return Conversion(si_name, 1.0, 0.0)
    target = parse_unit(shown)
    assert target is not None
    return Conversion(f"{stem}_{shown}", 1.0 / target.factor, -target.offset)


def says_difference(stem: str, unit_text: str = "") -> bool:
    """Whether the name or the declared unit of a quantity says that it is a difference."""
    return "difference" in unit_text.lower() or not _DIFFERENCE_WORDS.isdisjoint(stem.split("_"))


def is_temperature_difference(field: Field) -> bool:
    """Whether a field in kelvin is a difference of temperatures.

    It is if its unit is declared as ``K difference`` or if its name says so (a word such as ``delta``, ``approach``,
    ``difference``, ``superheat``, ``band``). A name that does not speak of a temperature is one as well if its
    default or upper bound lies below 150 K, where no part of a plant is.
    """
    stem, unit = split_name(field.name, field.unit)
    if unit is None or unit.si != "k":
        return False
    if says_difference(stem, field.unit):
        return True
    if "temperature" in stem.split("_"):
        return False
    figures = [value for value in (field.default, field.le) if value is not None]
    return any(value < _COLDEST_PLANT_K for value in figures)


def spellings(field: Field) -> tuple[str, ...]:
    """Return the names under which a parameter may be given, its own first."""
    stem, unit = split_name(field.name, field.unit)
    if unit is None:
        return (field.name,)
    names = [field.name]
    tokens = unit.si.split("_")
    for i, token in enumerate(tokens):
        match = _TOKEN.fullmatch(token)
        if match is None or token == "per":
            continue
        for other in _SUGGESTED.get(match[1], ()):
            if other == "degc" and (len(tokens) > 1 or is_temperature_difference(field)):
                continue
            names.append("_".join((stem, *tokens[:i], other + match[2], *tokens[i + 1 :])))
    customary = {
        "kg_per_s": "t_per_h",
        "w_per_s": "mw_per_min",
        "v_per_s": "uv_per_h",
        "m3": "l",
        "eur_per_j": "eur_per_mwh",
        "j_per_kg": "kwh_per_kg",
    }
    if unit.si in customary:
        names.append(f"{stem}_{customary[unit.si]}")
    return tuple(dict.fromkeys(names))


def match_parameter(key: str, fields: Iterable[Field]) -> tuple[Field, Conversion] | None:
    """Find the field that a key of a file means, and how to convert its value to SI.

    Parameters
    ----------
    key
        The key as written, such as ``rated_power_mw``.
    fields
        The fields it may mean.

    Returns
    -------
    field, conversion
        The field and ``value_si = value * factor + offset``; None if the key means none of them.

    Raises
    ------
    UnitError
        If the key means a field, but its unit is missing, unknown or of another dimension; carries the
        allowed spellings.
    """
    best: tuple[tuple[int, bool], Field, Unit, str] | None = None
    for field in fields:
        if field.name == key:
            return field, Conversion(field.name, 1.0, 0.0)
        stem, unit = split_name(field.name, field.unit)
        if unit is None or not (key == stem or key.startswith(stem + "_")):
            continue
        suffix = key[len(stem) + 1 :]
        given = parse_unit(suffix) if suffix else None
        # of two of one name, such as a limit in W and one in EUR/J, the unit tells which is meant
        rank = len(stem), given is not None and given.dimension == unit.dimension
        if best is None or rank > best[0]:
            best = rank, field, unit, suffix
    if best is None:
        return None
    _, field, wanted, suffix = best
    if not suffix:
        raise UnitError(f"'{key}' has no unit", spellings(field))
    given = parse_unit(suffix)
    if given is None:
        if "_" in suffix and "per" not in suffix.split("_"):
            return None  # another word than a unit: a name of its own
        raise UnitError(f"'{suffix}' is not a unit that is known here", spellings(field))
    if given.dimension != wanted.dimension:
        raise UnitError(f"'{suffix}' does not measure what '{field.name}' is", spellings(field))
    if given.offset and is_temperature_difference(field):
        raise UnitError(f"'{field.name}' is a temperature difference, which has no zero point", spellings(field))
    return field, Conversion(field.name, given.factor / wanted.factor, given.offset)


_TEXT = {"k": "K", "pa": "Pa", "w": "W", "j": "J", "v": "V", "a": "A", "hz": "Hz", "eur": "EUR"}


def unit_text(si_suffix: str) -> str:
    """Return a unit suffix as declarations write units: ``w_per_m2_k`` as ``W/(m2 K)``, ``pu`` as ``1``."""
    if si_suffix in ("", "frac", "pu", "ratio"):
        return "1"
    top, _, bottom = f"_{si_suffix}_".replace("_per_", "_/_").partition("/")
    above, below = ([_text_of(token) for token in part.split("_") if token] for part in (top, bottom))
    text = " ".join(above) or "1"
    if not below:
        return text
    return f"{text}/{below[0]}" if len(below) == 1 else f"{text}/({' '.join(below)})"


def _text_of(token: str) -> str:
    name = token.rstrip("23456789")
    return _TEXT.get(name, name) + token[len(name) :]


def same_parameters(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of ``component.parameter`` that are one parameter in two units."""
    first: dict[tuple[str, str, object], str] = {}
    found = []
    for name in names:
        component, _, parameter = name.partition(".")
        stem, unit = split_name(parameter)
        before = first.setdefault((component, stem, unit and unit.dimension), name)
        if before != name:
            found.append((before, name))
    return found


def in_unit_of(name: str, fields: Iterable[Field]) -> list[str]:
    """Return the names of parameters, each with the unit that a name ends in where the parameter can take it.

    So that who misspells ``capacty_mw`` is not led to ``capacity_w``, and to a millionth of what was meant.
    """
    stem, unit = split_name(name)
    suffix = name[len(stem) :]
    names = []
    for field in fields:
        own_name = split_name(field.name, field.unit)[0] + suffix
        try:
            names.append(field.name if unit is None or match_parameter(own_name, [field]) is None else own_name)
        except UnitError:
            names.append(field.name)
    return names
