"""Which column of a table a series reads, and in which unit its numbers are."""

from __future__ import annotations

import re
from typing import NamedTuple

from h2plant.config.tables.table import Flaws, Quantity, Table
from h2plant.config.tables.units import Foreign, is_energy_of_an_hour, known, money_of, unit_of_text
from h2plant.config.tables.values import numeric_columns
from h2plant.core.units import Unit, split_name
from h2plant.plant.exchange import PER_EUR
from h2plant.plant.finding import listing, nearest
from h2plant.plant.series_spec import SeriesSpec

_HEIGHT = re.compile(r"^(\d+(?:\.\d+)?)m$")
DIMENSIONLESS = ("", "frac", "pu", "ratio")

_WORDS = {
    # quantity: words of which one stands in the name of a series of it, and the SI unit of such series
    "temp_air": ("k", {"temp", "temperature", "air", "ambient", "outdoor", "weather"}),
    "dew_point": ("k", {"dew", "dewpoint"}),
    "wind_speed": ("m_per_s", {"wind", "ws", "speed"}),
    "ghi": ("w_per_m2", {"ghi", "global", "horizontal"}),
    "dni": ("w_per_m2", {"dni", "beam", "direct", "normal"}),
    "dhi": ("w_per_m2", {"dhi", "diffuse"}),
    "poa": ("w_per_m2", {"poa", "gti", "tilted", "plane"}),
    "pressure_air": ("pa", {"pressure", "air", "atmospheric", "ambient"}),
    "relative_humidity": ("frac", {"humidity", "rh"}),
    "price": ("eur_per_j", {"price", "spot", "cost", "market", "import", "export", "day", "power", "electricity"}),
    "carbon_intensity": ("kg_per_j", {"carbon", "co2", "intensity", "emission", "emissions"}),
    "wind_power": ("pu", {"wind"}),
    "pv_power": ("pu", {"pv", "solar"}),
}
_STRANGERS = {"temp_air": {"ground", "soil", "sea", "river", "dew", "dewpoint", "coolant", "water"}, "price": {"co2"}}


class Choice(NamedTuple):
    """A column, what leads from its numbers to the SI unit of the series, and how it was found, in words.

    ``unit`` is None where neither the file nor the entry says it: then it is that of the series' name. ``is_of_hours``
    tells that the numbers are energies (``Wh/m²``), which are a mean power only where each row lasts an hour;
    ``is_named`` that the entry or the series' name names the column, whose unit the file says; ``currency`` in which
    money they are, '' for euros.
    """

    column: str
    unit: Unit | None
    factor: float
    note: str
    is_of_hours: bool = False
    is_named: bool = False
    currency: str = ""


def choose(table: Table, spec: SeriesSpec, flaws: Flaws) -> Choice | None:
    """Return the column of a table that a series reads.

    The one that the entry names; else one that is named like the series; else the one that holds the quantity that
    the series' name tells, in files of a known format; else the only column of numbers, if their names share a word.

    Parameters
    ----------
    table, spec
        The table and the series.
    flaws
        What is wrong is appended here: no column, several, a unit that is not that of the series.
    """
    where = f"series.{spec.name}"
    line = max(int(table.lines[0]) - 1, 1)
    note = ""
    column = spec.column or (spec.name if spec.name in table.columns else "")
    if not column:
        fitting = fitting_columns(table, spec.name)
        numbers = [name for name in numeric_columns(table) if name not in fitting]
        if len(fitting) > 1:
            what = f"several columns may be it: {listing(fitting)}"
            flaws.add(
                "which-column", what, f"say which: {listing([f'column: {one}' for one in fitting], 'or')}", line, where
            )
            return None
        if not fitting and len(numbers) == 1 and _share_a_word(numbers[0], spec.name) and not table.taken_for:
            fitting = numbers
        if not fitting:
            flaws.add("no-such-column", *_missing(table, spec), line, where)
            return None
        column = fitting[0]
        note = f"column '{column}'"
    elif column not in table.columns:
        what = f"there is no column '{column}'"
        flaws.add("no-such-column", what, nearest(column, numeric_columns(table) or table.columns), line, where)
        return None
    return _with_unit(table, spec, column, note, flaws, line, f"{where}, column '{column}'")


def _missing(table: Table, spec: SeriesSpec) -> tuple[str, str]:
    names = numeric_columns(table)
    what = f"there is no column '{spec.name}'"
    if table.taken_for:
        what = f"a file of {table.taken_for} has no '{spec.name}'"
    if not names:
        return what, "no column holds numbers"
    near = nearest(spec.name, names)
    return what, near if near.startswith("did") else f"say which with 'column:'; numbers stand in {listing(names[:12])}"


def fitting_columns(table: Table, series: str) -> list[str]:
    """Return the columns that hold the quantity that the name of a series tells; the nearest in height."""
    stem, unit = split_name(series)
    if unit is None:
        return []
    words = set(stem.lower().split("_"))
    heights = [float(m[1]) for word in words if (m := _HEIGHT.match(word))]
    found = [(column, q) for column, q in table.quantities.items() if _is_of(q, unit.si, words)]
    exact = [one for one in found if one[1].name in words]
    found = exact or found
    if heights:
        found = [one for one in found if one[1].height_m == heights[0]]
    return [column for column, _ in found]


def _is_of(quantity: Quantity, si: str, words: set[str]) -> bool:
    wanted = _WORDS.get(quantity.name)
    if wanted is None or words & _STRANGERS.get(quantity.name, set()):
        return False
    same_unit = si == wanted[0] or (si in DIMENSIONLESS and wanted[0] in DIMENSIONLESS)
    return same_unit and bool(words & wanted[1])


def _share_a_word(column: str, series: str) -> bool:
    stem = split_name(series)[0]
    return bool(set(re.findall(r"[a-z]+", column.lower())) & set(stem.lower().split("_")))


def _with_unit(
    table: Table, spec: SeriesSpec, column: str, note: str, flaws: Flaws, line: int, where: str
) -> Choice | None:
    wanted = spec.si_unit
    quantity = table.quantities.get(column)
    written = table.units.get(column, "")
    suffix = quantity.unit if quantity is not None else unit_of_text(written) if written else None
    if suffix == "":
        if spec.unit:
            return Choice(column, None, 1.0, note)
        what = f"{table.taken_for} does not say in which unit it is"
        remedy = "say it with 'unit:' ('eur_per_mwh'; for ct/kWh 'unit: eur_per_kwh' and 'scale: 0.01')"
        flaws.add("unknown-unit", what, remedy, line, where)
        return None
    if suffix is None:
        if written and not spec.unit:
            what = f"the file says that its unit is '{written}', which is not understood"
            flaws.add("unknown-unit", what, f"say which that is with 'unit:' ('{wanted.si}' or like it)", line, where)
            return None
        return Choice(column, None, 1.0, note)
    said = written or suffix
    if isinstance(suffix, Foreign):
        return _of_foreign(spec, Choice(column, None, 1.0, note), suffix, said, _Place(flaws, line, where))
    if suffix == "eur" and wanted.si.startswith("eur_per"):
        # money, but not per what: that the entry says, or the series' name
        return Choice(column, None, 1.0, note or f"column '{column}'")
    found = known(suffix)
    if found is None or not measures(found[0], wanted):
        what = f"its unit is '{said}', not what '{spec.name}' measures"
        flaws.add("unknown-unit", what, "choose another column, or end the series' name in its unit", line, where)
        return None
    unit, factor = found
    if spec.unit:
        stated = spec.conversion
        if abs(stated.factor / (unit.factor * factor) - 1.0) > 1e-9 or stated.offset != unit.offset:
            what = f"the entry says unit '{spec.unit}', but the file says '{said}'"
            flaws.add("unit-conflict", what, "drop 'unit:', or correct it", line, where)
            return None
        return Choice(column, None, 1.0, note)
    is_of_hours = quantity is None and is_energy_of_an_hour(written)
    return Choice(column, unit, factor, f"column '{column}' in {said}", is_of_hours, not note)


class _Place(NamedTuple):
    """Where what is wrong with a column goes."""

    flaws: Flaws
    line: int
    where: str


def _of_foreign(spec: SeriesSpec, choice: Choice, suffix: Foreign, said: str, at: _Place) -> Choice | None:
    """Return the choice of a column in another currency or a unit that is not converted."""
    if spec.unit and spec.scale != 1.0:
        return choice
    currency, unit = money_of(suffix)
    if currency and spec.currency and spec.currency != currency:
        what = f"the entry says currency '{spec.currency}', but the file says '{said}'"
        at.flaws.add("unit-conflict", what, "drop 'currency:', or correct it", at.line, at.where)
        return None
    stated = f"eur/{suffix.partition('/')[2]}" if spec.currency and "/" in suffix else ""
    unit = unit or (unit_of_text(stated) or "" if stated else "")
    currency = currency or (spec.currency if unit else "")
    is_euros = spec.unit != "" and not spec.currency  # so the entry says, and the file does not
    if (
        not is_euros
        and currency
        and (currency in PER_EUR or spec.per_eur is not None)
        and spec.si_unit.si.startswith("eur_per")
    ):
        found = known(unit) if unit else None
        if found is None:  # money, but not per what: that the entry says, or the series' name
            note = choice.note or f"column '{choice.column}'"
            return choice._replace(note=note, currency=currency)
        if measures(found[0], spec.si_unit):
            note = f"column '{choice.column}' in {said}"
            return Choice(choice.column, found[0], found[1], note, False, not choice.note, currency)
    what = f"its unit is '{said}', which is not converted here"
    remedy = "convert the numbers, or give 'unit:' and the factor to it as 'scale:'"
    if currency and currency not in PER_EUR:
        remedy = f"give 'per_eur:', how many {currency} a euro was, or convert the numbers"
    elif suffix[:1] in "$cp¢¥öø":
        remedy = f"say which money that is with 'currency:' ({listing(list(PER_EUR), 'or')}), or convert the numbers"
    at.flaws.add("unknown-unit", what, remedy, at.line, at.where)
    return None


def measures(unit: Unit, wanted: Unit) -> bool:
    """Whether numbers in a unit are those of a series in another: of one dimension, or both of none."""
    return unit.is_convertible_to(wanted) or (unit.si in DIMENSIONLESS and wanted.si in DIMENSIONLESS)
