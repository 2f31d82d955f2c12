"""What the parameters of a study are in the plant as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from h2plant.economics.settings import Settings
from h2plant.studies.study.parameter import Value
from h2plant.studies.study.prepared import PreparedStudy
from h2plant.studies.study.target import (
    BlockTarget,
    EconomicsTarget,
    FieldTarget,
    KindTarget,
    SeriesTarget,
    Target,
    YearTarget,
)

_DIGITS = 12
"""Digits that are kept of a value turned back from SI: 1100000.0 W * 1e-6 is to be 1.1 MW."""


def own_values(prepared: PreparedStudy) -> dict[str, Value]:
    """Return the plant's own value of each parameter that has one.

    A parameter of several components has one where they agree; a multiple is 1, a free number without a path has none.
    """
    found = {}
    for name, target in prepared.targets.items():
        value = _own(target, prepared)
        if value is not None:
            found[name] = value
    return found


def _own(target: Target, prepared: PreparedStudy) -> Value | None:
    if isinstance(target, FieldTarget):
        return 1.0 if target.is_scale else _of_components(target)
    if isinstance(target, BlockTarget):
        if isinstance(target.own, str):
            return target.own
        value = (target.own - target.conversion.offset) / target.conversion.factor
        return 1.0 if target.is_scale else float(f"{value:.{_DIGITS}g}")
    if isinstance(target, KindTarget):
        kinds = {target.plant.components[id_].kind.name for id_ in target.components}
        return kinds.pop() if len(kinds) == 1 else None
    if isinstance(target, EconomicsTarget):
        return _of_economics(target.key, prepared.own.plant.economics)
    if isinstance(target, SeriesTarget):
        return 1.0 if target.what == "scale" else 0.0
    return float(target.own_year) if isinstance(target, YearTarget) else None


def _of_components(target: FieldTarget) -> Value | None:
    values: set[Value] = set()
    for component, declared, conversion in target.places:
        value = target.plant.components[component].values[declared.name]
        if declared.choices:
            values.add(declared.choices[int(value)])
        else:
            values.add(float(f"{(value - conversion.offset) / conversion.factor:.{_DIGITS}g}"))
    return values.pop() if len(values) == 1 else None


def _of_economics(key: str, economics: Mapping[str, Any]) -> Value | None:
    value: Any = economics
    for part in key.split("."):
        if not isinstance(value, Mapping) or part not in value:
            first = key in Settings.model_fields
            value = Settings.model_fields[key].default if first else None
            break
        value = value[part]
    if isinstance(value, bool | str):
        return value
    return float(value) if isinstance(value, int | float) else None
