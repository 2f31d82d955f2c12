"""Digests of a plant: of all that decides its result, and of its structure alone."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from h2plant.plant.fault import NO_FAULTS, Faults
from h2plant.plant.series_spec import SeriesSpec
from h2plant.plant.site import NOWHERE, Site

if TYPE_CHECKING:
    from h2plant.plant.graph import Component, Link, Plant


@dataclass(frozen=True)
class Digested:
    """What the digest of a plant goes by (``plant_digest``); files count as they are when it is first asked for."""

    components: Mapping[str, Component]
    links: tuple[Link, ...]
    series: Mapping[str, SeriesSpec]
    economics: Mapping[str, Any]
    timezone: str
    site: Site = NOWHERE
    faults: Faults = NO_FAULTS

    @cached_property
    def series_files(self) -> dict[str, dict[Path, str]]:
        """SHA-256 of the files of each series, by its name."""
        return {name: spec.file_digests() for name, spec in self.series.items()}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        given = self.components, self.links, self.series, self.economics, self.timezone, self.site, self.faults
        return plant_digest(*given, self.series_files)


def is_same_structure(plant: Plant, other: Plant) -> bool:
    """Whether two plants have the same components, of the same kinds, and the same links: they differ in numbers."""
    if plant.components.keys() != other.components.keys() or plant.links != other.links:
        return False
    return all(c.kind.name == other.components[c.id].kind.name for c in plant.components.values())


def structure_digest(plant: Plant) -> str:
    """Return the SHA-256 of a plant's components, their kinds and links, without their numbers, and of its faults."""
    content: list[Any] = [[(c.id, c.kind.name) for c in plant.components.values()], [str(link) for link in plant.links]]
    content += [plant.faults.content()] if plant.faults.of else []
    return hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()


def plant_digest(
    components: Mapping[str, Component],
    links: tuple[Link, ...],
    series: Mapping[str, SeriesSpec],
    economics: Mapping[str, Any],
    timezone: str,
    site: Site = NOWHERE,
    faults: Faults = NO_FAULTS,
    read: Mapping[str, Mapping[Path, str]] | None = None,
) -> str:
    """Return the SHA-256 of everything that decides a plant's result, whatever its file looks like.

    ``read`` has the SHA-256 of the files of each series (default: as they are now).
    """
    known = {} if read is None else read
    content = {
        "components": [
            [
                *(c.id, c.kind.name, sorted(c.values.items())),
                *(one.digest for one in (c.kind.source, c.function) if one is not None),
                *([f"label {c.label}"] if c.label else []),
            ]
            for c in components.values()
        ],
        "links": [str(link) for link in links],
        "series": [series[name].content(known.get(name)) for name in sorted(series)],
        "economics": economics,
        "timezone": timezone,
        **({"site": site.content()} if site.content() else {}),
        **({"faults": faults.content()} if faults.of else {}),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
