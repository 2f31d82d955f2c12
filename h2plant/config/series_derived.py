"""Series that are made for components before a run: sun on a plane, wind at a height (``core.derived``)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from h2plant.config.series import Series
from h2plant.core.derived import Samples
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import DerivedSeries, Plant
from h2plant.plant.series_spec import series_unit


def derive(plant: Plant, series: Mapping[str, Series], start_s: int, names: Iterable[str]) -> dict[str, Series]:
    """Return derived series of a plant.

    Parameters
    ----------
    plant
        The plant, with the parameters that hold.
    series
        Those that they are made from, as the run takes them.
    start_s
        Start of the run, seconds since 1970 UTC.
    names
        Which to make; each can be made.
    """
    return {name: _made(plant, name, plant.derived_series[name], series, start_s) for name in names}


def stale(plant: Plant, fields: Iterable[tuple[str, str]], series: Iterable[str]) -> list[str]:
    """Return the derived series of a plant that hang on changed parameters (component, field) or changed series."""
    changed, moved = set(fields), set(series)
    return [
        name
        for name, one in plant.derived_series.items()
        if moved & set(one.sources) or changed & {(one.component.id, field) for field in one.derived.parameters}
    ]


def _made(plant: Plant, name: str, one: DerivedSeries, series: Mapping[str, Series], start_s: int) -> Series:
    given = {
        source: Samples(s.values, s.resolution_s, start_s - s.offset_s, s.is_linear)
        for source, s in ((source, series[source]) for source in one.sources)
    }
    kind = one.component.kind
    try:
        made = one.derived.make(given, one.component.values, plant.site.where)
    except Exception as error:
        if kind.source is None:
            raise
        what = f"the kind '{kind.name}' did not make '{name}': {type(error).__name__}: {error}"
        where, remedy = f"components.{one.component.id}", f"mend 'make' in {kind.source.label}"
        found = Finding("kind-raised", where, what, remedy, plant.file, one.component.line)
        raise PlantError([found]) from error
    samples, remark = made if isinstance(made, tuple) else (made, "")
    skipped, offset_s = divmod(start_s - samples.first_s, samples.resolution_s)
    assert 0 <= skipped < samples.n, name  # it covers the run, as what it is made from does
    unit = series_unit(name)
    notes: tuple[Finding, ...] = ()
    if remark:
        where, line = f"components.{one.component.id}", one.component.line
        notes = (Finding("derived-series", where, remark, "nothing to do if that is meant", plant.file, line, "note"),)
    values = samples.values[skipped:]
    series_made = Series(
        name, values, samples.resolution_s, offset_s, samples.is_linear, "" if unit is None else unit.si
    )
    return replace(series_made, notes=notes) if notes else series_made
