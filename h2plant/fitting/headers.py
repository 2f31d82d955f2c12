"""Heads of columns as suppliers write them, such as ``U [V]`` or ``kWh/Nm³``, to names that end in their units."""

from __future__ import annotations

import re

from h2plant.core.units import parse_unit, parse_unit_text

_NORMAL = re.compile(r"\b(?:nm3|normal_m3|normal m3)\b")
_NORMAL_NAME = re.compile(r"^(?P<stem>.+?)(?:_normal)?_(?P<above>[a-z]+)_per_(?:nm3|normal_m3)$")
_BRACKETS = re.compile(r"^(?P<words>.*?)\s*[\[(](?P<unit>[^\[\]()]+)[\])]\s*$")
_SYSTEM = re.compile(r"(?:^|[^a-z])(?:ac|system)(?:[^a-z]|$)")

# SI of the unit: the quantity that it leaves no doubt about, of the direct current and of the whole system
_QUANTITY: dict[str, tuple[str, str]] = {
    "v": ("voltage", ""),
    "a": ("current", ""),
    "a_per_m2": ("current_density", ""),
    "w": ("power", "system_power"),
    "kg_per_s": ("hydrogen", "hydrogen"),
    "m3_per_s": ("hydrogen_normal", "hydrogen_normal"),
    "j_per_kg": ("specific_energy", "system_energy"),
    "j_per_m3": ("specific_energy_normal", "system_energy_normal"),
    "k": ("temperature", ""),
}
_NEEDS_NORMAL = frozenset(("m3_per_s", "j_per_m3"))


def named(column: str) -> str:
    """Return the name of a column in the house's way, with its unit at the end; as it is where it is no such head."""
    name = column.replace("³", "3").replace("²", "2")
    normal = _NORMAL_NAME.match(name)
    if normal:
        return f"{normal['stem']}_normal_{normal['above']}_per_m3"
    if re.fullmatch(r".+_nm3_per_[a-z]+", name):
        return name.replace("_nm3_per_", "_normal_m3_per_")
    return _of_head(name) or column


def _of_head(head: str) -> str:
    """Return the name of what a unit in brackets, or one that stands alone, measures; '' if that is open."""
    found = _BRACKETS.match(head)
    words, text = (found["words"].lower(), found["unit"].strip()) if found else ("", head.strip())
    if not found and text.islower() and len(text) == 1:
        return ""  # 'a' and 'v' are names; 'A' and 'V' are units
    text = text.lower()
    is_normal = bool(_NORMAL.search(text))
    text = _NORMAL.sub("m3", text).replace("°c", "degc").replace("c°", "degc")
    unit = parse_unit(text) or parse_unit_text(text)
    if unit is None or unit.si not in _QUANTITY or is_normal != (unit.si in _NEEDS_NORMAL):
        return ""
    stem = _QUANTITY[unit.si][bool(_SYSTEM.search(words))]
    suffix = _suffix(text)
    return f"{stem}_{suffix}" if stem and parse_unit(suffix) is not None else ""


def _suffix(text: str) -> str:
    """Return a unit as it stands in names: ``kWh/m3`` as ``kwh_per_m3``."""
    words = re.sub(r"[^a-z0-9/]+", " ", text.replace("ω", "ohm")).replace("/", " per ").split()
    return "_".join(words)
