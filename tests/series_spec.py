"""Specifications of series as tests write them: what describes the file beside the rest."""

from dataclasses import fields
from typing import Any

from h2plant.plant.series_spec import Description, SeriesSpec

_OF_THE_FILE = {field.name for field in fields(Description)}


def series_spec(name: str, **given: Any) -> SeriesSpec:
    """Return a specification; keys of ``Description`` go into its ``how``."""
    how = {key: given.pop(key) for key in list(given) if key in _OF_THE_FILE}
    return SeriesSpec(name, how=Description(**how), **given)
