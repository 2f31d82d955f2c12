"""A supplier's points: a table whose column names carry their units, to arrays in SI."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from h2plant.config.bundled import DATA
from h2plant.config.tables.read import read_table
from h2plant.config.tables.table import Flaws, Table
from h2plant.config.tables.values import column_values
from h2plant.config.user_file import LARGEST_TABLE_BYTES, read_bytes
from h2plant.core.constants import HHV_H2_J_PER_KG, LHV_H2_J_PER_KG
from h2plant.core.declare import Field, parameter
from h2plant.core.units import Conversion, UnitError, match_parameter, spellings
from h2plant.fitting.headers import named
from h2plant.plant.check import bound_finding, range_text
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, PlantError, listing, nearest, raise_errors
from h2plant.simulation.program import FloatArray

COLUMNS: tuple[Field, ...] = (
    parameter("current_a", "A", "current of a cell, which is that of its stack", ge=0.0),
    parameter("current_density_a_per_m2", "A/m2", "current over the active area of a cell", ge=0.0),
    parameter("cell_voltage_v", "V", "voltage of a cell", ge=0.5, le=3.5),
    parameter("stack_voltage_v", "V", "voltage of all cells in series", ge=0.5),
    parameter("voltage_v", "V", "voltage of a cell, or with n_cells that of the stack", ge=0.5),
    parameter("power_w", "W", "direct-current power of the stack", ge=1e-3),
    parameter("load_frac", "1", "power over rated power", ge=1e-4, le=2.0),
    parameter("hydrogen_kg_per_s", "kg/s", "hydrogen made", ge=1e-12),
    parameter("hydrogen_normal_m3_per_s", "m3/s", "hydrogen made, at 0 °C and 101325 Pa", ge=1e-12),
    parameter("specific_energy_j_per_kg", "J/kg", "direct-current energy over hydrogen", ge=1e3, le=1e9),
    parameter("specific_energy_normal_j_per_m3", "J/m3", "the same, over m3 of 0 °C and 101325 Pa", ge=1e2, le=9e7),
    parameter("system_power_w", "W", "power of the whole system, auxiliaries included", ge=1e-3),
    parameter("system_energy_j_per_kg", "J/kg", "energy of the whole system over hydrogen", ge=1e3, le=1e10),
    parameter("system_energy_normal_j_per_m3", "J/m3", "the same, over m3 of 0 °C and 101325 Pa", ge=1e2, le=9e8),
    parameter("system_efficiency_hhv_frac", "1", "higher heating value over the system's energy", ge=1e-3, le=1.5),
    parameter("system_efficiency_lhv_frac", "1", "lower heating value over the system's energy", ge=1e-3, le=1.5),
    parameter("temperature_k", "K", "temperature of the stack", ge=273.15, le=1200.0),
    parameter("cathode_pressure_pa", "Pa", "pressure of the hydrogen side", ge=5e4, le=1e7),
    parameter("anode_pressure_pa", "Pa", "pressure of the oxygen side of a PEM stack", ge=5e4, le=6e6),
    parameter("pressure_pa", "Pa", "pressure of both sides of an alkaline stack", ge=5e4, le=1e7),
    parameter("utilisation_frac", "1", "share of the steam that is split (SOEC)", ge=0.0, le=0.98),
    parameter("oxygen_frac", "1", "oxygen in the gas of the oxygen side, mean (SOEC)", ge=0.01, le=1.0),
)
"""What a column may be; its unit may be any of the same quantity."""

KG_PER_NORMAL_M3 = 0.0898775
"""Hydrogen at 0 °C and 101325 Pa (NIST, equation of state of Leachman et al. 2009)."""

_USUAL = (
    "current_a", "current_density_a_per_cm2", "cell_voltage_v", "stack_voltage_v", "voltage_v", "power_kw", "load_frac",
    "hydrogen_kg_per_h", "hydrogen_normal_m3_per_h", "specific_energy_kwh_per_kg", "specific_energy_normal_kwh_per_m3",
    "system_power_kw", "system_energy_kwh_per_kg", "system_energy_normal_kwh_per_m3", "temperature_degc",
)  # fmt: skip
"""Names under which suppliers give what they give: a wrong unit is answered by these first."""

_WORDS = {
    "load_frac": {"load", "partial load", "part load", "loading", "l"},
    "current_density_a_per_cm2": {"current density", "j", "cd"},
    "current_a": {"current", "i", "stack current", "cell current"},
    "voltage_v": {"voltage", "u", "e", "potential"},
    "cell_voltage_v": {"cell voltage", "u cell", "ucell", "vcell", "v cell", "cell potential"},
    "stack_voltage_v": {"stack voltage", "u stack", "v stack"},
    "power_kw": {"power", "p", "stack power", "dc power", "p dc"},
    "hydrogen_kg_per_h": {"hydrogen", "h2", "production", "flow", "hydrogen flow", "h2 flow", "hydrogen production"},
    "specific_energy_kwh_per_kg": {"energy", "consumption", "sec", "specific energy", "specific consumption",
                                   "specific energy consumption", "energy consumption"},
    "system_power_kw": {"system power", "ac power", "p ac"},
    "system_energy_kwh_per_kg": {"system energy", "system consumption", "ac energy"},
    "temperature_degc": {"temperature", "temp", "t", "stack temperature"},
}  # fmt: skip
"""Heads of columns without a unit, or with one that is not known here, and what each most likely stands for."""

_WANTED = "give current_a or current_density_a_per_cm2 with voltage_v, or power_kw or load_frac with hydrogen_kg_per_h "
_WANTED += "or specific_energy_kwh_per_kg; of a whole system, system_power_kw with hydrogen_kg_per_h or "
_WANTED += "system_energy_kwh_per_kg"

_SYSTEM = ("system_power_w",)
_HYDROGEN = ("hydrogen_kg_per_s", "hydrogen_normal_m3_per_s")
_STACK_ENERGY = ("specific_energy_j_per_kg", "specific_energy_normal_j_per_m3")
_SYSTEM_ENERGY = (
    "system_energy_j_per_kg",
    "system_energy_normal_j_per_m3",
    "system_efficiency_hhv_frac",
    "system_efficiency_lhv_frac",
)


@dataclass(frozen=True)
class Points:
    """Points as given, SI.

    Attributes
    ----------
    columns
        Values by the names of ``COLUMNS``, each of shape (n,).
    names
        The same names to those of the file.
    notes
        For what heads of columns were taken that do not name it in the house's way.
    """

    file: Path
    columns: dict[str, FloatArray]
    names: dict[str, str]
    lines: tuple[int, ...]
    comments: str = ""
    notes: tuple[str, ...] = ()

    @property
    def n(self) -> int:
        """Number of points."""
        return len(self.lines)

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def __getitem__(self, name: str) -> FloatArray:
        return self.columns[name]


def data_file(path: Path) -> Path:
    """Return a file that the user named: as it is, or of that name among those that come with the package."""
    bundled = DATA / path.name
    return bundled if not path.exists() and path.parent == Path() and bundled.is_file() else path


@of_a_file
def read_points(path: Path, renamed: Mapping[str, str] | None = None, ignored: Sequence[str] = ()) -> Points:
    """Read a curve.

    Parameters
    ----------
    path
        A table as ``h2plant.config.tables.read.read_table`` takes it, or the name of a bundled one.
    renamed
        Name of a quantity with its unit, such as ``cell_voltage_mv``, to the name of its column in the file.
    ignored
        Columns that are not read.

    Raises
    ------
    PlantError
        Everything that is wrong with the file.
    """
    file = data_file(path)
    findings: list[Finding] = []
    table = read_table(file, findings)
    empty = "write a header such as 'current_density_a_per_cm2,cell_voltage_v' and one row for each point"
    raise_errors(replace(f, remedy=empty) if f.id == "empty-file" else f for f in findings)
    assert table is not None
    by_column = {column: name for name, column in (renamed or {}).items()}
    for column in [*by_column, *ignored]:
        if column not in table.columns:
            what = f"there is no column '{column}'"
            findings.append(Finding("no-such-column", "", what, nearest(column, table.columns), file, 1))
    notes: list[str] = []
    columns: dict[str, FloatArray] = {}
    names: dict[str, str] = {}
    for column in table.columns:
        if column in ignored:
            continue
        given = by_column.get(column, column)
        found = _meaning(named(given), column, file, findings)
        if found is None:
            continue
        field, conversion = found
        if field.name in columns:
            what = f"'{column}' and '{names[field.name]}' are the same quantity"
            findings.append(Finding("given-twice", "", what, "keep one, leave the other out with --ignore", file, 1))
            continue
        values = column_values(table, column, column, findings)
        if values is not None:
            with np.errstate(over="ignore"):  # infinite, which is out of all bounds
                values = values * conversion.factor + conversion.offset
            _check(values, field, conversion, table, column, findings)
            columns[field.name], names[field.name] = values, column
            if given == column and named(column) != column and not column.isidentifier():
                notes.append(f"'{column}' is taken for {named(column)}")
    raise_errors(findings)
    return Points(file, columns, names, tuple(int(line) for line in table.lines), _comments(file), tuple(notes))


def _meaning(name: str, column: str, file: Path, findings: list[Finding]) -> tuple[Field, Conversion] | None:
    try:
        match = match_parameter(name, COLUMNS)
    except UnitError as error:
        remedy = f"write {listing(_usual(error.allowed, column), 'or')}"
        remedy += _of_one(remedy)
        findings.append(Finding("unknown-unit", column, str(error), remedy, file, 1))
        return None
    if match is None:
        meant = _meant(column)
        known = [spelling for field in COLUMNS for spelling in spellings(field)]
        near = "" if meant else nearest(name, known)
        hint = (
            f"write '{meant}'{_of_one(meant)}, if it is that."
            if meant
            else near
            if near.startswith("did you")
            else f"{_WANTED}."
        )
        remedy = f"{hint} Say what it is with {_as_option(meant or 'NAME', column)}, or leave it out with --ignore"
        findings.append(Finding("unknown-column", "", f"the column '{column}' is not known", remedy, file, 1))
    return match


def _usual(allowed: Sequence[str], column: str) -> Sequence[str]:
    """Return of right spellings those that suppliers use, what the words of the head stand for before all."""
    meant = _meant(column)
    if meant in allowed:
        return (meant,)
    return [name for name in allowed if name in _USUAL] or allowed


def _meant(column: str) -> str:
    """Return the name that a head most likely stands for, by its words without what stands in brackets; or ''."""
    words = re.sub(r"[\[(].*|%", " ", column.lower())
    words = " ".join(re.sub(r"[_.,;/-]+", " ", words).split())
    return next((name for name, heads in _WORDS.items() if words in heads), "")


def _of_one(names: str) -> str:
    """Return what is to be known of shares, where names have one."""
    return " (0 to 1; divide percent by 100)" if "_frac" in names else ""


def _as_option(name: str, column: str) -> str:
    given = f"{name}={column}"
    return f"--columns {given}" if re.fullmatch(r"[\w=.-]+", given) else f"--columns '{given}'"


def _check(
    values: FloatArray, field: Field, conversion: Conversion, table: Table, column: str, findings: list[Finding]
) -> None:
    flaws = Flaws(table.file, findings)
    empty = [(int(table.lines[i]), "the cell is empty or not a number") for i in np.flatnonzero(np.isnan(values))]
    flaws.add_many("missing-value", empty, "complete the row or remove it", f"column '{column}'")
    wrong = []
    for i in np.flatnonzero(~np.isnan(values)):
        found = bound_finding(field, float(values[i]))
        if found is not None:
            shown = (values[i] - conversion.offset) / conversion.factor
            wrong.append((int(table.lines[i]), f"{shown:g} {found.partition(', ')[2]}"))
    remedy = f"'{column}' is {field.doc}: {range_text(field, conversion.factor, conversion.offset)}"
    flaws.add_many("out-of-bounds", wrong, remedy, f"column '{column}'")


def _comments(file: Path) -> str:
    """Return the lines that stand above the header."""
    kept = []
    if file.suffix.lower() in (".csv", ".txt", ".tsv"):
        for line in read_bytes(file, LARGEST_TABLE_BYTES).decode("utf-8-sig", "replace").splitlines():
            if line.strip() and not line.startswith("#"):
                break
            kept.append(line.lstrip("# ").rstrip())
    return " ".join(kept).strip()


def is_energy(points: Points) -> bool:
    """Whether the points are energy over power, else they are voltage over current.

    Raises
    ------
    PlantError
        They are neither, or both.
    """

    def one_of(*names: str) -> str:
        given = [name for name in names if name in points]
        if len(given) > 1:
            shown = listing([points.names[name] for name in given])
            raise wrong("given-twice", f"{shown} say the same", "keep one, leave the others out with --ignore")
        return given[0] if given else ""

    def wrong(id: str, what: str, remedy: str) -> PlantError:
        return PlantError([Finding(id, "", what, remedy, points.file, 1)])

    current = one_of("current_a", "current_density_a_per_m2")
    voltage = one_of("cell_voltage_v", "stack_voltage_v", "voltage_v")
    power = one_of("power_w", "load_frac", "system_power_w")
    energy = one_of(*_HYDROGEN, *_STACK_ENERGY, *_SYSTEM_ENERGY)
    polarisation, consumption = bool(current and voltage), bool(power and energy)
    shown = listing(list(points.names.values()))
    if polarisation and consumption:
        remedy = "leave out two of them with --ignore, to fit one curve at a time"
        raise wrong("two-curves", f"{shown} are two curves", remedy)
    if not polarisation and not consumption:
        raise wrong("no-curve", f"{shown} make no curve", _WANTED)
    if consumption and energy not in _HYDROGEN and (power in _SYSTEM) != (energy in _SYSTEM_ENERGY):
        what = f"{shown} belong to the stack's direct current and to the whole system"
        remedy = "is it all of the system? Then give system_power_kw with system_energy_kwh_per_kg, else power_kw with "
        raise wrong("two-curves", what, f"{remedy}specific_energy_kwh_per_kg")
    if polarisation and (power or energy):
        extra = points.names[power or energy]
        raise wrong("two-curves", f"'{extra}' is not needed beside current and voltage", "leave it out with --ignore")
    if consumption and (current or voltage):
        extra = points.names[current or voltage]
        raise wrong("two-curves", f"'{extra}' is not needed beside power and hydrogen", "leave it out with --ignore")
    return consumption


def is_system(points: Points) -> bool:
    """Whether power and energy are those of the whole system, in alternating current."""
    return any(name in points for name in _SYSTEM)


def energy_over_hydrogen(points: Points, power_w: FloatArray) -> FloatArray:
    """Return energies over hydrogen, J/kg, from whichever column says them."""
    for name, per_kg in (
        ("specific_energy_j_per_kg", 1.0),
        ("system_energy_j_per_kg", 1.0),
        ("specific_energy_normal_j_per_m3", 1.0 / KG_PER_NORMAL_M3),
        ("system_energy_normal_j_per_m3", 1.0 / KG_PER_NORMAL_M3),
    ):
        if name in points:
            return points[name] * per_kg
    for name, heating_value in (
        ("system_efficiency_hhv_frac", HHV_H2_J_PER_KG),
        ("system_efficiency_lhv_frac", LHV_H2_J_PER_KG),
    ):
        if name in points:
            return heating_value / points[name]
    if "hydrogen_kg_per_s" in points:
        return power_w / points["hydrogen_kg_per_s"]
    return power_w / (points["hydrogen_normal_m3_per_s"] * KG_PER_NORMAL_M3)
