"""Of which run a checkpoint is: version, scenario, plant, series and rules, each by what decides the results."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import h2plant
from h2plant.config.series import Series
from h2plant.core.lut_manager import SHIPPED_TABLES
from h2plant.plant.finding import listing
from h2plant.plant.graph import Plant
from h2plant.session.session import Loaded
from h2plant.simulation.program import WRITTEN, Program

_COMPUTING = (
    *("core", "physics", "components", "dispatch", "plant", "config", "simulation", "economics", "audit", "laws"),
    *("results", "planning", "session"),
)
"""Packages whose code decides the results of a run."""
_LIBRARIES = ("numpy", "numba", "CoolProp", "highspy")
_NOT_OF_THE_RUN = ("name", "description", "plant", "h2plant", "set", "series")
"""Of a scenario: what does not decide the run, or is compared in the plant."""
_DIGITS = 16
_PROGRAM, _ORDER = "code of h2plant", "order of calculation"


def identity_of(
    loaded: Loaded, program: Program, engine: str, inputs: Mapping[str, Mapping[str, Series]]
) -> dict[str, Any]:
    """Return what must be the same for a run to go on, by the name under which a difference is reported.

    Parameters
    ----------
    loaded, program, engine
        What runs, and by which engine.
    inputs
        The series, by the year of which they are; a run by itself has those of '' alone.
    """
    scenario = loaded.scenario
    return {
        "h2plant": h2plant.__version__,
        **{name: _version(name) for name in _LIBRARIES},
        _PROGRAM: _code_digest(),
        "property tables": _digest(SHIPPED_TABLES.read_bytes()),
        "engine": engine,
        **{f"scenario.{key}": _plain(value) for key, value in scenario.content().items() if key not in _NOT_OF_THE_RUN},
        **dict(_of_plant(loaded.plant)),
        **{
            f"series {name}{f' of {year}' if year else ''}{_file(loaded.plant, name)}": _of_series(one)
            for year, series in inputs.items()
            for name, one in series.items()
        },
        _ORDER: _of_program(program),
    }


def differences(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return what differs, each in a line: what it was and what it is."""
    found = []
    for name in {**was, **now}:
        if name not in now:
            found.append(f"{name} was {was[name]}, is not there")
        elif name not in was:
            found.append(f"{name} was not there, is {now[name]}")
        elif was[name] != now[name]:
            found.append(f"{name} was {was[name]}, is {now[name]}")
    return found


def where_to_mend(was: Mapping[str, Any], now: Mapping[str, Any], plant: Path, scenario: str) -> str:
    """Return what to put back for a run to go on, from what differs.

    Parameters
    ----------
    was, now
        As in ``differences``.
    plant, scenario
        Where the plant lies as it was read, and the file that was run.
    """
    names = {name for name in {**was, **now} if name not in was or name not in now or was[name] != now[name]}
    code = sorted(name.removeprefix("code ") for name in names if name.startswith("code ") and name != _PROGRAM)
    series = sorted(name for name in names if name.startswith("series "))
    of_program = names & {"h2plant", *_LIBRARIES, _PROGRAM, "property tables"}
    of_scenario = any(name.startswith("scenario.") for name in names)
    others = names - of_program - set(series) - {f"code {file}" for file in code} - {_ORDER}
    of_plant = [name for name in others if not name.startswith("scenario.") and name != "engine"]
    remedies = [
        *(["take the version of h2plant and of the libraries that it began with"] if of_program else []),
        *([f"put back what {listing(code)} was"] if code else []),
        *([f"put back the {listing(series)}"] if series else []),
        *([f"put back what it was in the scenario ({scenario})"] if of_scenario else []),
        *([f"put back what it was (the plant as it was read is {plant}; changes by 'set' are the scenario's)"]
          if of_plant else []),
    ]  # fmt: skip
    return "; ".join(remedies) or "put back what it was"


def _of_plant(plant: Plant) -> Iterator[tuple[str, Any]]:
    """Yield what decides the results of a plant, by component and parameter, link, setting and file of code."""
    for id_, component in plant.components.items():
        yield f"{id_}.kind", component.kind.name
        if component.label:
            yield f"{id_}.label", component.label
        for name, value in component.values.items():
            yield f"{id_}.{name}", _plain(value)
    for link in plant.links:
        yield f"link {link}", "there"
    for name, value in plant.economics.items():
        yield f"economics.{name}", _plain(value)
    for name, value in plant.site.content().items():
        yield f"site.{name}", _plain(value)
    for fault in plant.faults.of:
        yield f"fault {fault.name}", _plain(fault.content())
    for path, code in plant.codes.items():
        for source in code.sources:
            place = path if source is code.sources[0] else (Path(path).parent / Path(source.file).name).as_posix()
            yield f"code {place}", _digest(source.text.encode())
    yield "timezone", plant.timezone


def _file(plant: Plant, name: str) -> str:
    """Return the file of a declared series, in brackets."""
    stem = name.rpartition("_per_")[0] or name
    for spec in plant.series.values():
        if spec.file is not None and (spec.name == name or spec.name.startswith(stem)):
            return f" ({spec.file.name})"
    return ""


def _of_series(series: Series) -> str:
    text = f"{series.resolution_s} {series.offset_s} {series.is_linear} {series.unit}".encode()
    return _digest(text + np.ascontiguousarray(series.values).tobytes())


def _of_program(program: Program) -> str:
    """Return a digest of what the loop only reads, but for series, to which a plan is written."""
    digest = hashlib.sha256(repr((program.columns, program.flows)).encode())
    for name, values in program.arrays._asdict().items():
        if name not in WRITTEN and name != "series_values":
            digest.update(name.encode() + np.ascontiguousarray(values).tobytes())
    return digest.hexdigest()[:_DIGITS]


def _plain(value: Any) -> Any:
    """Return a value as it is compared and shown: numbers and texts as they are, all else as text."""
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return json.dumps(value, default=str)


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "missing"


def _code_digest() -> str:
    root = Path(h2plant.__file__).parent
    digest = hashlib.sha256()
    for package in _COMPUTING:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_DIGITS]
