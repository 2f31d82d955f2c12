"""A run as the page reads it: columns, the plant's graph, and what every link carried."""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from h2plant.config.faults import FaultSource
from h2plant.config.kept import kept_blocks, kept_code
from h2plant.config.load import read_plant
from h2plant.core.bus import STREAM_COLUMNS
from h2plant.core.constants import HHV_H2_J_PER_KG, MOLAR_MASS_H2_KG_PER_MOL, MOLAR_MASS_H2O_KG_PER_MOL
from h2plant.core.real_path import real_path
from h2plant.core.regular_file import FileError, read_regular
from h2plant.core.role import Role
from h2plant.core.user_code import is_code_allowed
from h2plant.plant.graph import BLOCKS, CODE, Plant
from h2plant.results import Results
from h2plant.results.folder import YEARS_TABLE, ResultsError
from h2plant.results.shape import SCENARIO, problem_of
from h2plant.simulation.program import FloatArray

_RoleT = TypeVar("_RoleT", bound=Role)

OUTSIDE = ""
"""The component at the far end of a port that leads out of the plant."""

SCALAR_SUFFIX = {"power": "power_w", "heat": "heat_w"}
STREAM_SUFFIXES = tuple(suffix for suffix, _, _ in STREAM_COLUMNS)
SPECIES = ("h2", "o2", "n2", "vapour", "liquid")
_HHV_PER_KG_WATER = HHV_H2_J_PER_KG * MOLAR_MASS_H2_KG_PER_MOL / MOLAR_MASS_H2O_KG_PER_MOL
_COLUMNS_AT_ONCE = 160


class MissingData(Exception):
    """Something that a part of the page needs is not in the run; the text says what."""


@dataclass(frozen=True)
class FlowLink:
    """A link, or a port that leads out of the plant, that carries a stream, power or heat.

    ``name`` is that of its columns; ``source`` and ``target`` are components, ``OUTSIDE`` where there is none.
    """

    name: str
    medium: str
    source: str
    source_port: str
    target: str
    target_port: str


@dataclass(frozen=True)
class Carried:
    """What a link carried in the whole run: mass by species, kg, and energy, J.

    Energy is counted from liquid water at 25 degrees Celsius: hydrogen holds its higher heating value. The sum over a
    plant closes as that of the ledger does, because what is added to each enthalpy follows the atoms of hydrogen.
    """

    h2_kg: float = 0.0
    o2_kg: float = 0.0
    n2_kg: float = 0.0
    water_kg: float = 0.0
    energy_j: float = 0.0

    @property
    def mass_kg(self) -> float:
        """Mass of all species."""
        return self.h2_kg + self.o2_kg + self.n2_kg + self.water_kg


@dataclass(frozen=True)
class LinkState:
    """How a link was used: quantiles (0, 5, 25, 50, 75, 95, 100 %) and means.

    ``flow`` is in kg/s or W over all intervals; temperature, K, and pressure, Pa, are over the intervals with flow,
    their means weighted by it (None without flow, and for power and heat).
    """

    flow_mean: float
    flow: FloatArray
    temperature_mean: float | None = None
    temperature: FloatArray | None = None
    pressure_mean: float | None = None
    pressure: FloatArray | None = None


QUANTILES = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)


def energy_above_water_j(enthalpy_j: float, h2_kg: float, water_kg: float) -> float:
    """Return energy counted from liquid water at 25 degrees Celsius, from an enthalpy with heats of formation."""
    return enthalpy_j + HHV_H2_J_PER_KG * h2_kg + _HHV_PER_KG_WATER * water_kg


def _is_whole(plant: Plant) -> bool:
    """Tell whether a plant, read with findings, has both ends of each of its links."""
    ends = [(link.target, *(() if link.is_series else (link.source,))) for link in plant.links]
    return all(
        end.component in plant.components
        and any(port.name == end.port for port in plant.components[end.component].kind.ports)
        for pair in ends
        for end in pair
    )


class RunData:
    """A run's results with its plant; see the methods.

    Parameters
    ----------
    results
        The run.

    Raises
    ------
    ResultsError
        The log cannot be read, or the summary lacks what every page needs.
    """

    def __init__(self, results: Results) -> None:
        self.results = results
        self.summary = results.summary
        lacking = next((key for key in ("scenario", "plant", "start", "hours") if self.summary.get(key) is None), None)
        if lacking is not None:
            raise ResultsError(f"{results.folder}: summary.json does not say '{lacking}'; run it again")
        self.hours = float(self.summary.get("hours") or 0.0)
        self.time = results.time
        self.start = datetime.datetime.fromisoformat(str(self.summary["start"]))
        self._columns: dict[str, FloatArray] = {}

    @property
    def first(self) -> np.datetime64:
        """Begin of the first interval of the log; a run that stopped at once has none."""
        if not self.time.size:
            raise MissingData("the log has no rows")
        begin: np.datetime64 = self.time[0]
        return begin

    @property
    def interval_s(self) -> float:
        """Length of a log interval, s."""
        given = self.scenario.get("log_every_s")
        if given:
            return float(given)
        return float((self.time[1] - self.time[0]).astype(float)) if self.time.size > 1 else self.hours * 3600.0

    @functools.cached_property
    def weights_s(self) -> FloatArray:
        """Length of each interval, s: the last one may be cut short."""
        begins = np.arange(self.time.size) * self.interval_s
        return np.asarray(np.clip(self.hours * 3600.0 - begins, 0.0, self.interval_s))

    @functools.cached_property
    def scenario(self) -> dict[str, Any]:
        """What the scenario said; empty if that is not kept."""
        file = self.results.folder / "scenario.json"
        try:
            content = json.loads(read_regular(file))
        except (FileError, ValueError, RecursionError):
            return {}
        problem = problem_of(content, SCENARIO, "scenario.json")
        if problem:
            raise ResultsError(f"{self.results.folder}: damaged results ({problem}); run it again")
        return content if isinstance(content, dict) else {}

    @functools.cached_property
    def names_code(self) -> bool:
        """Whether the plant names Python code that this page needs leave to run."""
        return bool((self.summary.get("provenance") or {}).get("code"))

    @functools.cached_property
    def plant(self) -> Plant:
        """The plant as kept with the results.

        Raises
        ------
        MissingData
            It is not kept, or this version cannot read it.
        """
        folder = real_path(self.results.folder)
        file = folder / "plant.yaml"
        if not file.is_file() and (folder.parent / YEARS_TABLE).is_file():  # a year of a life, which keeps it for all
            file = folder.parent / "plant.yaml"
        if not file.is_file():
            raise MissingData("the run keeps no plant.yaml, so its graph is not known")
        changes = {str(k): v for k, v in (self.scenario.get("set") or {}).items()}
        faults = self.scenario.get("faults")
        plant, findings = read_plant(
            file,
            changes,
            may_run_code=is_code_allowed(),
            faults=None if faults is None else FaultSource(faults, {}, None),
            kept=kept_code(file.with_name(CODE)) or {},
            kept_blocks=kept_blocks(file.with_name(BLOCKS)),
        )
        barred = [f for f in findings if f.id == "code-not-allowed" and f.where.startswith("kinds.")]
        if barred:
            raise MissingData(f"the plant {barred[0].what}: {barred[0].remedy}")
        if plant is None or not plant.components or not _is_whole(plant):
            why = findings[0].what if findings else "it cannot be read"
            raise MissingData(f"this version cannot read the run's plant.yaml ({why})")
        return plant

    def of_role(self, role: type[_RoleT]) -> dict[str, _RoleT]:
        """Return the roles of the components of a class of role, by id, in the order of the file."""
        return self.plant.of_role(role)

    def __contains__(self, name: str) -> bool:
        return name in self.results

    def column(self, name: str) -> FloatArray:
        """Return a column.

        Raises
        ------
        MissingData
            The log has no such column, or no rows.
        """
        if name not in self._columns:
            _ = self.first
            if name not in self.results:
                raise MissingData(f"the log has no column {name}")
            self._columns[name] = self.results[name]
        return self._columns[name]

    def total(self, names: Iterable[str]) -> FloatArray:
        """Return the sum of columns; MissingData if one is missing."""
        return np.asarray(sum((self.column(name) for name in names), np.zeros(self.time.size)))

    def _read(self, names: Sequence[str]) -> dict[str, FloatArray]:
        table = self.results.to_arrow(list(names))
        return {name: np.asarray(table.column(name).to_numpy(), dtype=np.float64) for name in names}

    @functools.cached_property
    def links(self) -> tuple[FlowLink, ...]:
        """Links and open ports for streams, power and heat, each once."""
        plant = self.plant
        found: dict[str, FlowLink] = {}
        linked = set()
        for link in plant.links:
            if link.is_series:
                continue
            linked |= {link.source, link.target}
            medium = plant.port(link.source).medium
            if medium in ("stream", "power", "heat"):
                name = plant.link_name(link)
                ends = (link.source.component, link.source.port, link.target.component, link.target.port)
                found[name] = FlowLink(name, medium, *ends)
        taken = {(ref.component, ref.port) for ref in linked}
        for id_, component in plant.components.items():
            for port in component.kind.ports:
                is_open = (id_, port.name) not in taken and not port.is_multi and port.is_writer
                if not is_open or port.medium not in ("stream", "power", "heat"):
                    continue
                name = f"{id_}.{port.name}"
                ends = (
                    (id_, port.name, OUTSIDE, port.name)
                    if port.direction == "out"
                    else (OUTSIDE, port.name, id_, port.name)
                )
                found[name] = FlowLink(name, port.medium, *ends)
        missing = [name for link in found.values() for name in _names_of(link) if name not in self.results]
        if missing:
            more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
            raise MissingData(f"the log has no column {missing[0]}{more}")
        return tuple(found.values())

    @functools.cached_property
    def _flows(self) -> dict[str, tuple[Carried, LinkState]]:
        flows: dict[str, tuple[Carried, LinkState]] = {}
        batch: list[FlowLink] = []
        for k, link in enumerate(self.links):
            batch.append(link)
            names = [name for item in batch for name in _names_of(item)]
            if len(names) >= _COLUMNS_AT_ONCE or k == len(self.links) - 1:
                columns = self._read(names)
                flows |= {item.name: self._flow(item, columns) for item in batch}
                batch = []
        return flows

    def _flow(self, link: FlowLink, columns: dict[str, FloatArray]) -> tuple[Carried, LinkState]:
        weights = self.weights_s
        if link.medium != "stream":
            values = columns[f"{link.name}.{SCALAR_SUFFIX[link.medium]}"]
            energy = float(values @ weights)
            return Carried(energy_j=energy), LinkState(energy / max(weights.sum(), 1.0), _quantiles(values))
        parts = {suffix: columns[f"{link.name}.{suffix}"] for suffix in STREAM_SUFFIXES}
        sums = {suffix: float(values @ weights) for suffix, values in parts.items()}
        h2, o2, n2, vapour, liquid = (sums[f"{name}_kg_per_s"] for name in SPECIES)
        energy = energy_above_water_j(sums["enthalpy_w"], h2, vapour + liquid)
        flow = np.asarray(sum(parts[f"{name}_kg_per_s"] for name in SPECIES))
        carried = Carried(h2, o2, n2, vapour + liquid, energy)
        mean = carried.mass_kg / max(weights.sum(), 1.0)
        has_flow = flow > 1e-9
        if not has_flow.any():
            return carried, LinkState(mean, _quantiles(flow))
        by_flow = (flow * weights)[has_flow]
        temperature, pressure = parts["temperature_k"][has_flow], parts["pressure_pa"][has_flow]
        return carried, LinkState(
            mean,
            _quantiles(flow),
            float(np.average(temperature, weights=by_flow)),
            _quantiles(temperature),
            float(np.average(pressure, weights=by_flow)),
            _quantiles(pressure),
        )

    def carried(self, link: FlowLink) -> Carried:
        """Return what a link carried in the whole run."""
        return self._flows[link.name][0]

    def state(self, link: FlowLink) -> LinkState:
        """Return how a link was used."""
        return self._flows[link.name][1]


def _names_of(link: FlowLink) -> list[str]:
    if link.medium == "stream":
        return [f"{link.name}.{suffix}" for suffix in STREAM_SUFFIXES]
    return [f"{link.name}.{SCALAR_SUFFIX[link.medium]}"]


def _quantiles(values: FloatArray) -> FloatArray:
    finite = values[np.isfinite(values)]
    return np.quantile(finite, QUANTILES) if finite.size else np.zeros(len(QUANTILES))
