"""Bounds of series by what they measure: a value beyond is in another unit, or stands for a missing one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from h2plant.core.units import parse_unit, says_difference, split_name

MARKERS = (-999.0, -9999.0, -99999.0)
"""What files write where nothing was measured, if no true value lies near."""

_MORE_MARKERS = (*MARKERS, 999.0, 9999.0, 99999.0, -99.0, -99.9, -999.9, 999.9, 9999.9, 32767.0, -32768.0, 65535.0)
_NO_VALUE = 1e15  # fill values of netCDF and others


class Bounds(NamedTuple):
    """What a quantity can be: lowest and highest value in a unit, and the quantity in words."""

    low: float
    high: float
    unit: str
    quantity: str

    @property
    def low_si(self) -> float:
        """Lowest value, SI."""
        return self._si(self.low)

    @property
    def high_si(self) -> float:
        """Highest value, SI."""
        return self._si(self.high)

    def _si(self, value: float) -> float:
        unit = parse_unit(self.unit)
        assert unit is not None, self.unit
        return value * unit.factor + unit.offset

    def is_beyond(self, values_si: Any) -> Any:
        """Tell of values, SI, whether they are beyond, by more than rounding."""
        slack = 1e-9 * (self.high_si - self.low_si)
        return (values_si < self.low_si - slack) | (values_si > self.high_si + slack)

    def shown(self, value_si: float) -> float:
        """Return an SI value in the unit of the bounds."""
        unit = parse_unit(self.unit)
        assert unit is not None, self.unit
        return (value_si - unit.offset) / unit.factor

    @property
    def text(self) -> str:
        """The bounds in words."""
        return f"{self.low:g} to {self.high:g} {self.unit} ({self.quantity})"


class _Row(NamedTuple):
    """Bounds of series whose name ends in a unit, if one of the words stands in its name or in that of a reader."""

    si_unit: str
    words: frozenset[str]
    bounds: Bounds


def _row(si_unit: str, words: str, low: float, high: float, unit: str, quantity: str) -> _Row:
    return _Row(si_unit, frozenset(words.split()), Bounds(low, high, unit, quantity))


# The first that fits holds. Records: air -68 degC where people live (Oymyakon) to 57 degC, gusts 113 m/s (WMO);
# irradiance beside clouds 1.8 kW/m2; prices of power in Europe at most 15,000 EUR/MWh either way (balancing). Wind
# farms draw power in a lull and exceed their rating by 5 %; 1.2 leaves room for studies that scale the wind.
_ROWS = (
    _row("pu", "wind availability", -0.05, 1.2, "pu", "power by the rated power"),
    _row("ratio", "wind availability", -0.05, 1.2, "ratio", "power by the rated power"),
    _row("pu", "pv solar sun", -0.05, 1.5, "pu", "power by the rated power"),
    _row("pu", "", -2.0, 5.0, "pu", "per unit of a rated value"),
    _row("frac", "", -0.02, 1.02, "frac", "a share from 0 to 1, 0.02 more for sensors"),
    _row("k", "air ambient outdoor outside weather", -70.0, 60.0, "degc", "temperature of the air"),
    _row("k", "ground soil sea river lake", -70.0, 60.0, "degc", "temperature of surroundings"),
    _row("k", "coolant glycol", -70.0, 200.0, "degc", "temperature of a coolant"),
    _row("k", "", -273.15, 2000.0, "degc", "a temperature"),
    _row("eur_per_j", "", -1e4, 1e5, "eur_per_mwh", "a price of energy"),
    _row("eur_per_kg", "co2 carbon allowance", -1000.0, 10000.0, "eur_per_t", "a price of carbon dioxide"),
    _row("eur_per_kg", "", -1000.0, 10000.0, "eur_per_kg", "a price by mass"),
    _row("kg_per_j", "", 0.0, 3000.0, "g_per_kwh", "carbon intensity of power"),
    _row("w_per_m2", "ghi dni dhi gti poa irradiance irradiation radiation solar sun", -50.0, 2000.0, "w_per_m2",
         "irradiance"),
    _row("w_per_m2", "", -1000.0, 2000.0, "w_per_m2", "a flux of heat or light"),
    _row("m_per_s", "wind gust", 0.0, 120.0, "m_per_s", "wind speed"),
    _row("m_per_s", "", -200.0, 200.0, "m_per_s", "a speed"),
    _row("pa", "", 0.0, 2000.0, "bar", "a pressure"),
    _row("w", "", -1e5, 1e5, "mw", "a power"),
    _row("kg_per_s", "", -1e4, 1e4, "kg_per_s", "a mass flow"),
)  # fmt: skip


def bounds_of(name: str, ports: Collection[str] = ()) -> Bounds | None:
    """Return the bounds of a series; None if nothing is known of what it measures.

    Parameters
    ----------
    name
        Its name, which ends in a unit.
    ports
        Names of the ports that read it: a series that a port ``ambient_temperature`` reads is one of the air.
    """
    stem, unit = split_name(name)
    if unit is None or says_difference(stem):
        return None
    words = {word for text in (stem, *ports) for word in text.split("_")}
    return next((row.bounds for row in _ROWS if row.si_unit == unit.si and (not row.words or row.words & words)), None)


def is_marker(written: float) -> bool:
    """Whether files use a number, as written, for values that are missing."""
    return written in _MORE_MARKERS or abs(written) >= _NO_VALUE


def question(bounds: Bounds, low_si: float, high_si: float, from_zero_si: float, factor: float, scale: float) -> str:
    """Return what values beyond their bounds may be and how to say so.

    Parameters
    ----------
    bounds
        The bounds.
    low_si, high_si
        Least and largest value as it was read, SI.
    from_zero_si, factor
        Zero of the unit in which it was read (273.15 for degC), and its size, SI.
    scale
        The factor that the entry states.
    """
    low, high = ((value - from_zero_si) / factor for value in (low_si, high_si))

    def scaled(n: int) -> str:
        return f"'scale: 1/{n}'" if scale == 1.0 else f"'scale: {scale / n:.6g}'"

    si = getattr(parse_unit(bounds.unit), "si", "")
    guesses: list[tuple[str, float, float]] = []  # what it may be, as factor on what was read and summand, SI
    if si == "k" and from_zero_si:
        guesses.append(("kelvin? then say 'unit: k'", 1.0, 0.0))
        guesses.append(("degrees Fahrenheit? then convert them", 1.0 / 1.8, 273.15 - 32.0 / 1.8))
        guesses.append((f"tenths of a degree? then say {scaled(10)}", 0.1, from_zero_si))
    elif si == "k":
        guesses.append(("degrees Celsius? then say 'unit: degc'", 1.0, 273.15))
    elif si in ("pu", "ratio", "frac"):
        guesses.append((f"percent? then say {scaled(100)}", 0.01 * factor, 0.0))
    elif si == "m_per_s" and factor == 1.0:
        guesses.append(("km/h? then say 'unit: km_per_h'", 1.0 / 3.6, 0.0))
    elif si == "w_per_m2":
        guesses.append((f"joules of an hour? then say {scaled(3600)}", factor / 3600.0, 0.0))
    for what, times, plus in guesses:
        if bounds.low_si <= low * times + plus and high * times + plus <= bounds.high_si:
            return what
    return "another unit? say which with 'unit:', or give a factor with 'scale:'"
