"""Minutes within the intervals of a series: turbulence of the wind, clouds before the sun; every mean is kept.

The spectrum of what is added begins at half an interval's frequency, where that of the series ends.
docs/variability.md says what is assumed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat

from h2plant.config.schema import Shape, validate
from h2plant.config.series import Series
from h2plant.config.series_clouds import DAYS_AT_LEAST, clear_sky_index, with_clouds
from h2plant.config.series_noise import SAMPLE_S, Floats
from h2plant.config.series_turbulence import with_turbulence
from h2plant.config.yaml_source import Node
from h2plant.core.units import split_name
from h2plant.plant.finding import Finding
from h2plant.plant.series_spec import SeriesSpec
from h2plant.plant.variability import Variability, VariabilityKind

_POWER_UNITS = ("pu", "ratio", "frac")
_OF_FARMS = {"n_turbines", "hub_height_m", "rotor_diameter_m", "reference_intensity_frac"}
_SUN = {"pv", "solar", "sun", "ghi", "gti", "poa", "dni", "dhi", "irradiance", "irradiation", "radiation"}
_WIND = {"wind", "gust"}
_PARTS_OF_SUN = {"dni", "dhi", "beam", "direct", "diffuse"}


class VariabilityShape(Shape):
    """The mapping under ``variability`` of a series entry."""

    kind: VariabilityKind
    seed: Annotated[int, Field(ge=0, lt=2**63)]
    n_turbines: Annotated[int, Field(ge=1, le=10_000)] | None = None
    hub_height_m: Annotated[FiniteFloat, Field(ge=10, le=300)] = 100.0
    rotor_diameter_m: Annotated[FiniteFloat, Field(ge=5, le=400)] = 150.0
    reference_intensity_frac: Annotated[FiniteFloat, Field(ge=0, le=0.3)] = 0.12
    extent_m: Annotated[FiniteFloat, Field(ge=0, le=100_000)] | None = None


def parse_variability(name: str, node: Node, file: Path, findings: list[Finding]) -> Variability | None:
    """Read the key ``variability`` of a series entry.

    Parameters
    ----------
    name
        Key of the series.
    node
        The series entry.
    file
        Where it stands.
    findings
        What is wrong is appended here.

    Returns
    -------
    Variability or None
        None if there is none, or if anything was wrong.
    """
    entry = (node.entries or {}).get("variability")
    if entry is None:
        return None
    where = f"series.{name}.variability"
    shape = validate(VariabilityShape, entry.node, file, findings, where)
    if shape is None:
        return None
    found: list[Finding] = []

    def find(id: str, what: str, remedy: str, key: str = "kind") -> None:
        found.append(Finding(id, where, what, remedy, file, entry.node.line_at((key,))))

    _check_quantity(name, shape.kind, find)
    if shape.kind == "clouds":
        for key in sorted(shape.model_fields_set & _OF_FARMS):
            find("unused-key", f"'{key}' means nothing beside 'kind: clouds'", f"remove '{key}'", key)
    elif shape.n_turbines is None:
        remedy = "say how many turbines feed: turbulence evens out over them"
        find("missing-key", "the key 'n_turbines' is missing", remedy)
    findings.extend(found)
    given = {key: getattr(shape, key) for key in shape.model_fields_set if getattr(shape, key) is not None}
    return None if found else Variability(**given)


def _check_quantity(name: str, kind: VariabilityKind, find: Callable[[str, str, str], None]) -> None:
    """Find series that are not of what the kind varies."""
    stem, unit = split_name(name)
    si = "" if unit is None else unit.si
    words = set(stem.split("_"))
    if kind == "turbulence":
        fits = si == "m_per_s" or (si in _POWER_UNITS and not words & _SUN)
        wanted = "wind speeds ('wind_speed_m_per_s') and power of wind farms by the rated power ('wind_power_pu')"
    else:
        fits = si in ("w_per_m2", *_POWER_UNITS) and not words & (_WIND | _PARTS_OF_SUN)
        wanted = "global irradiance ('ghi_w_per_m2') and power of solar fields by the rated power ('pv_power_pu')"
    if not fits:
        find("variability-quantity", f"'{name}' is nothing that '{kind}' varies", f"'kind: {kind}' is for {wanted}")


class Intervals(NamedTuple):
    """The intervals of a series that a run needs.

    Attributes
    ----------
    first_s
        Start of the first, seconds since 1970 UTC.
    whole
        The whole series, SI, of which the run needs a part, shape (m,).
    places
        Place in it of each interval, and one more as the far end of the last line, shape (n + 1,).
    """

    first_s: int
    whole: Floats
    places: NDArray[np.int64]


def vary(spec: SeriesSpec, series: Series, intervals: Intervals, findings: list[Finding]) -> Series | None:
    """Return a series of minutes with the variability that its entry asks for.

    Parameters
    ----------
    spec
        The entry; it has a ``variability``.
    series
        What was read, SI.
    intervals
        Where its values stand in time and in the whole series.
    findings
        A note of what was added, or what is wrong.

    Returns
    -------
    Series or None
        Minutes, each of which holds; the mean over each interval of what was read is the same, to rounding. None if
        the series takes none.
    """
    variability = spec.variability
    assert variability is not None, spec.name
    wrong = _unfit(series.resolution_s, variability.kind, len(intervals.whole))
    if wrong is not None:
        what, remedy = wrong
        where = f"series.{spec.name}.variability"
        findings.append(Finding("variability-resolution", where, what, remedy, spec.declared_in, spec.line))
        return None
    interval_s, first_s, base = series.resolution_s, intervals.first_s, _minutes(series)
    if variability.kind == "turbulence":
        varied = with_turbulence(variability, series.name.endswith("m_per_s"), interval_s, first_s, base)
    else:
        skies = clear_sky_index(intervals.whole, interval_s, series.is_linear)
        index, deviation = (of_all[intervals.places[:-1]] for of_all in skies)
        varied = with_clouds(variability, interval_s, first_s, base, index, deviation)
    note = _note(spec, interval_s, varied - base)
    findings.append(note)
    skipped, offset_s = divmod(series.offset_s, SAMPLE_S)
    values = varied.ravel()[skipped:]
    return replace(
        series,
        values=np.append(values, values[-1]),
        resolution_s=SAMPLE_S,
        offset_s=offset_s,
        is_linear=False,
        notes=(*series.notes, note),
    )


def _unfit(interval_s: int, kind: VariabilityKind, n: int) -> tuple[str, str] | None:
    """Return why a series takes no variability, and what to do."""
    if interval_s <= SAMPLE_S:
        what = f"the series has a value every {interval_s} s: there is nothing to add within a minute"
        return what, "remove 'variability': the series has its own"
    if 3600 % interval_s or interval_s % SAMPLE_S:
        what = f"the intervals of the series last {interval_s / 60:g} min"
        return what, "variability is added to intervals of an hour or a whole part of it, in whole minutes"
    if kind == "clouds" and n * interval_s < DAYS_AT_LEAST * 86400:
        what = f"the series lasts {n * interval_s / 3600:g} h, too short to tell a clear sky from a cloudy one"
        return what, f"give a series of {DAYS_AT_LEAST} days or more; the run may be shorter"
    return None


def _minutes(series: Series) -> Floats:
    """Return what the series gives in each minute of its intervals, shape (intervals, minutes)."""
    n = series.resolution_s // SAMPLE_S
    begin, end = series.values[:-1, None], series.values[1:, None]
    return begin + (end - begin) * ((np.arange(n) + 0.5) / n if series.is_linear else np.zeros(n))


def _note(spec: SeriesSpec, interval_s: int, added: Floats) -> Finding:
    assert spec.variability is not None
    deviation = float(np.sqrt((added**2).mean())) / spec.si.factor
    unit = spec.name[len(split_name(spec.name)[0]) + 1 :]
    what = (
        f"{spec.variability.kind} added (seed {spec.variability.seed}): minutes differ from the series by "
        f"{deviation:.3g} {unit} (standard deviation); means of its intervals of {interval_s // SAMPLE_S} min are kept"
    )
    remedy = "nothing to do; drop 'variability:' to run on the series as it is"
    return Finding("variability", f"series.{spec.name}", what, remedy, spec.declared_in, spec.line, "note")
