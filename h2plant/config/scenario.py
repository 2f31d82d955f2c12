"""Scenarios: which plant, from when, for how long, with which series and changes."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from h2plant.config.bundled import PLANTS, SCENARIOS, is_bare_name, scenario_file
from h2plant.config.faults import FaultSource
from h2plant.config.kept import kept_blocks, kept_code
from h2plant.config.load import read_plant
from h2plant.config.schema import ScenarioShape, validate
from h2plant.config.series_entry import (
    parse_all_series,
    parse_time,
    series_content,
    timezone_remedy,
)
from h2plant.config.tables.clock import is_zone
from h2plant.config.yaml_source import Node, read_yaml
from h2plant.core.number import within_floats
from h2plant.core.real_path import real_path
from h2plant.core.units import same_parameters
from h2plant.core.user_code import is_code_allowed
from h2plant.plant.door import finding_in_a_file
from h2plant.plant.finding import Finding, PlantError, in_order, raise_errors
from h2plant.plant.graph import BLOCKS, CODE, Plant
from h2plant.plant.series_spec import SeriesSpec

DEFAULT_START = datetime(2023, 1, 1, tzinfo=UTC)
"""Start of the bundled year."""

DEFAULT_HOURS = 24.0
DEFAULT_STEP_S = 60
DEFAULT_LOG_EVERY_S = 3600
_MOST_S = 1e11  # three thousand years
_HOUR_S = 3600
LONGEST_YEARS = 100
"""No run is longer; weather and prices of one year say nothing of a later century."""
_FIRST_YEAR = 1900
_LONGEST_HOURS = LONGEST_YEARS * 8766.0
_LAST_S = datetime(9999, 1, 1, tzinfo=UTC).timestamp()
_STEP_KEYS = ("step_s", "step_min")
_LOG_KEYS = ("log_every_s", "log_every_min", "log_every_h")


OF_FILE = ("start", "hours", "step_s", "log_every_s", "timezone")
"""What a scenario's file says of a run, and a command line may say instead."""


@dataclass(frozen=True)
class Scenario:
    """A run to be made.

    Parameters
    ----------
    name, description
        As written; the name of the plant's file if a plant itself is run.
    plant
        File of the plant, or name of a bundled one.
    start
        First instant, UTC.
    hours
        Length, h.
    step_s, log_every_s
        Length of a step and of a log interval, s.
    series
        Series that replace or add to the plant's.
    overrides
        ``component.parameter`` to value, as in ``load_plant``.
    timezone
        IANA zone of the calendar; that of the plant if None.
    file
        Where it was read from.
    may_run_code
        Whether Python code that the plant names may be run: yes where the user named the scenario, and that of a
        results folder if ``allow_code`` was called.
    lines
        Line of every key of the file by dotted path.
    folder
        Where relative paths in the plant's file lead, where that file is the copy in a results folder.
    faults
        Faults as written, which win over the plant's.
    weather_years
        Calendar years whose series a run over several years takes in turn; none: the scenario's own each time.
    called
        Name or path that the command line which repeats the run has; '': that of its file. A run that went on keeps
        the one by which it began.
    text
        The file as it was read.
    written
        Of ``OF_FILE`` and of the overrides (``set``) what the file says, but for what was changed since; by it a run
        that goes on tells an edit of the file from what was asked for besides.
    """

    name: str
    plant: Path | str
    start: datetime = DEFAULT_START
    hours: float = DEFAULT_HOURS
    step_s: int = DEFAULT_STEP_S
    log_every_s: int = DEFAULT_LOG_EVERY_S
    series: dict[str, SeriesSpec] = field(default_factory=dict)
    overrides: dict[str, str | float] = field(default_factory=dict)
    description: str = ""
    timezone: str | None = None
    file: Path | None = None
    may_run_code: bool = True
    lines: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)
    folder: Path | None = None
    faults: Any = None
    weather_years: tuple[int, ...] = ()
    called: str = field(default="", compare=False)
    text: str = field(default="", compare=False, repr=False)
    written: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name, value in {"hours": self.hours, "overrides": self.overrides}.items():
            object.__setattr__(self, name, within_floats(value))

    @property
    def source(self) -> str:
        """Name of a bundled scenario or plant, or path of the file."""
        if self.called:
            return self.called
        if self.file is None:
            return str(self.plant)
        return self.file.stem if self.file.parent in (PLANTS, SCENARIOS) else str(self.file)

    @property
    def n_seconds(self) -> int:
        """Length in seconds."""
        return round(self.hours * _HOUR_S)

    def content(self) -> dict[str, Any]:
        """Return everything that decides the run, for digests; a series file counts by what is in it."""
        return {
            "h2plant": 1,
            "name": self.name,
            "description": self.description,
            "plant": str(self.plant),
            "start": self.start.isoformat(),
            "hours": self.hours,
            "step_s": self.step_s,
            "log_every_s": self.log_every_s,
            "timezone": self.timezone,
            "series": {name: spec.content() for name, spec in self.series.items()},
            "set": self.overrides,
            **({} if self.faults is None else {"faults": self.faults}),
            **({"weather_years": list(self.weather_years)} if self.weather_years else {}),
        }

    def to_json(self, plant: Plant, copy: str = "plant.yaml") -> str:
        """Return the scenario as the file in a results folder, which ``load_scenario`` reads.

        Parameters
        ----------
        plant
            Its plant; with a digest, what has changed since is a finding when the file is read.
        copy
            Where the copy of the plant's file lies; a bundled plant is named.
        """
        read = plant.used_series()
        kept = {name: spec for name, spec in self.series.items() if not spec.is_of_weather or name in read}
        content = self.content() | {"series": {name: series_content(spec) for name, spec in kept.items()}}
        content["plant"] = plant.file.stem if plant.file.parent == PLANTS else copy
        if plant.file.parent != PLANTS:
            content["plant_folder"] = str(real_path(self.folder or plant.file.parent))
        if plant.digest:
            content["plant_digest"] = plant.digest
        return json.dumps(content, indent=2, ensure_ascii=False)

    def command(self) -> str:
        """Return the command line that repeats the run."""
        words = ["h2plant", "run", self.source, "--start", self.start.strftime("%Y-%m-%dT%H:%M:%SZ")]
        words += ["--hours", f"{self.hours:.12g}", "--step-s", str(self.step_s), "--log-every", f"{self.log_every_s}s"]
        for key, value in self.overrides.items():
            words += ["--set", f"{key}={value}"]
        return shlex.join(words)


def load_scenario(path_or_name: str | Path) -> Scenario:
    """Load a scenario.

    Parameters
    ----------
    path_or_name
        Path of a scenario file, also the ``scenario.json`` of a results folder, or of a plant file, or name of a
        bundled scenario or plant. A plant is run for 24 h from the start of 2023.

    Returns
    -------
    Scenario
        Checked as far as it goes without its plant.

    Raises
    ------
    PlantError
        With everything that is wrong with it.
    """
    scenario, findings = read_scenario(path_or_name)
    raise_errors(findings)
    assert scenario is not None
    return scenario


@finding_in_a_file
def read_scenario(path_or_name: str | Path) -> tuple[Scenario | None, list[Finding]]:
    """Load a scenario like ``load_scenario``, but return the findings."""
    findings: list[Finding] = []
    file = scenario_file(path_or_name, findings)
    node = read_yaml(file, findings) if file is not None else None
    if file is None or node is None:
        return None, findings
    if node.entries is not None and "components" in node.entries and "plant" not in node.entries:
        return Scenario(file.stem, file, file=file), findings
    if node.entries is not None and "study" in node.entries:
        kind = node.entries["kind"].node.value if "kind" in node.entries else "sweep"
        remedy = f"'h2plant {kind} {file.name}' runs it; check the plant or scenario that it names"
        findings.append(Finding("not-a-scenario", "study", "is a study", remedy, file, node.entries["study"].node.line))
        return None, findings
    shape = validate(ScenarioShape, node, file, findings)
    series_entry = (node.entries or {}).get("series")
    series = parse_all_series(series_entry.node if series_entry else None, file, findings)
    if shape is None:
        return None, in_order(findings)

    def find(id: str, key: str, what: str, remedy: str) -> None:
        findings.append(Finding(id, key, what, remedy, file, node.line_at(tuple(key.split(".", 1)))))

    start = DEFAULT_START if shape.start is None else parse_time(shape.start)
    if start is None:
        find(
            "bad-time", "start", f"'{shape.start}' is not a time", "write ISO 8601: '2023-01-01' or '2023-06-01T06:00Z'"
        )
    if shape.timezone is not None and not is_zone(shape.timezone):
        remedy = timezone_remedy(shape.timezone)
        find("unknown-timezone", "timezone", f"there is no time zone '{shape.timezone}'", remedy)
    overrides: dict[str, str | float] = {}
    for key, value in shape.set.items():
        if isinstance(value, str | int | float):
            overrides[key] = value
        else:
            find("wrong-type", f"set.{key}", "is no single value", "write 'component.parameter: value'")
    for before, key in same_parameters(overrides):
        find("given-twice", f"set.{key}", f"is one parameter with '{before}', in another unit", "keep one of them")
    scenario = Scenario(
        name=shape.name,
        plant=_plant(shape.plant, file),
        start=start or DEFAULT_START,
        hours=DEFAULT_HOURS if shape.hours is None else shape.hours,
        step_s=_seconds({k: getattr(shape, k) for k in _STEP_KEYS}, DEFAULT_STEP_S, node, file, findings),
        log_every_s=_seconds({k: getattr(shape, k) for k in _LOG_KEYS}, DEFAULT_LOG_EVERY_S, node, file, findings),
        series=series,
        overrides=overrides,
        description=shape.description.strip(),
        timezone=shape.timezone,
        file=file,
        lines=node.lines,
        folder=None if shape.plant_folder is None else Path(shape.plant_folder),
        faults=shape.faults,
        weather_years=tuple(shape.weather_years),
        text=node.text,
        may_run_code=(shape.plant_folder is None and shape.plant_digest is None) or is_code_allowed(),
    )
    scenario = replace(scenario, written=_written(scenario))
    findings += check_scenario(scenario)
    if shape.plant_digest is not None and not findings:
        findings += _changed_plant(scenario, shape.plant_digest)
    return scenario, in_order(findings)


def _written(scenario: Scenario) -> dict[str, Any]:
    return {key: getattr(scenario, key) for key in OF_FILE} | {"set": dict(scenario.overrides)}


def _changed_plant(scenario: Scenario, digest: str) -> list[Finding]:
    """Return what is wrong with the plant of a scenario that a run kept, or that it is not what it was then."""
    plant, findings = _read_plant(scenario, scenario.overrides)
    if plant is not None and not findings and plant.digest != digest:
        what = "the plant has changed since the run: its file, its series, or Python files that it names"
        remedy = "put back what they were, or remove 'plant_digest' from this file to run what is there now"
        line = scenario.lines.get("plant_digest", 0)
        findings.append(Finding("plant-changed", "plant_digest", what, remedy, scenario.file, line))
    return findings


def _plant(text: str, file: Path) -> Path | str:
    return text if is_bare_name(text) and not (file.parent / text).is_file() else file.parent / text


def _seconds(given: Mapping[str, float | None], default: int, node: Node, file: Path, findings: list[Finding]) -> int:
    """Return a time that may be given in one of several units."""
    factors = {"s": 1.0, "min": 60.0, "h": 3600.0}
    seconds = {key: value * factors[key.rpartition("_")[2]] for key, value in given.items() if value is not None}
    if not seconds:
        return default
    first, last = next(iter(seconds)), [*seconds][-1]
    line = node.line_at((last,))
    if first != last:
        what = f"'{first}' and '{last}' are both given"
        findings.append(Finding("given-twice", last, what, "keep one of them", file, line))
    if not seconds[last] < _MOST_S:
        what, remedy = f"is {seconds[last]:g} s, which no series covers", "choose whole seconds, such as 60"
        findings.append(Finding("bad-step", last, what, remedy, file, line))
        return default
    if seconds[last] != round(seconds[last]):
        what = f"is {seconds[last]:g} s, not a whole number of seconds"
        findings.append(Finding("bad-step", last, what, "choose whole seconds, such as 60", file, line))
    return max(1, round(seconds[last]))


def check_scenario(scenario: Scenario) -> list[Finding]:
    """Check the times of a scenario, also one that was changed after loading.

    Returns
    -------
    list of Finding
        Steps that do not divide the hour, lengths that are no whole number of steps, log intervals that are no
        whole number of steps.
    """
    findings: list[Finding] = []

    def find(key: str, what: str, remedy: str) -> None:
        line = max((scenario.lines.get(f"{key}{unit}", 0) for unit in ("", "_s", "_min", "_h")), default=0)
        file = scenario.file if line else None  # a value that was given besides has no place in the file
        findings.append(Finding("bad-step", key, what, remedy, file, line))

    step = scenario.step_s
    if step < 1 or _HOUR_S % step:
        remedy = "choose a divisor of 3600 s, such as 1, 10, 60, 300, 900 or 3600"
        find("step", f"a step of {step} s does not divide the hour", remedy)
        return findings
    if not math.isfinite(scenario.hours):
        find("hours", f"{scenario.hours:g} h is no length", "choose a number of hours, such as 24")
    elif scenario.hours > _LONGEST_HOURS:
        what = f"{scenario.hours:g} h is longer than {LONGEST_YEARS} years"
        find("hours", what, "choose a number of hours, 8760 for a year")
    elif scenario.start.year < _FIRST_YEAR:
        find("start", f"{scenario.start:%Y-%m-%d} is before {_FIRST_YEAR}", "choose a later start, such as 2023-01-01")
    elif scenario.start.timestamp() + scenario.hours * _HOUR_S > _LAST_S:
        what = f"{scenario.hours:g} h from {scenario.start:%Y-%m-%d} on leave the calendar, which ends with 9998"
        find("start", what, "choose an earlier start, such as 2023-01-01")
    elif (
        scenario.hours <= 0.0 or abs(scenario.hours * _HOUR_S - scenario.n_seconds) > 1e-6 or scenario.n_seconds % step
    ):
        what = f"{scenario.hours:g} h is no whole number of steps of {step} s"
        find("hours", what, "choose a length that the step divides")
    if scenario.log_every_s < step or scenario.log_every_s % step:
        what = f"a log interval of {scenario.log_every_s} s is no whole number of steps of {step} s"
        find("log_every", what, "choose a multiple of the step")
    return findings


def changed_scenario(
    scenario: Scenario,
    hours: float | None = None,
    start: datetime | str | None = None,
    step_s: int | None = None,
    log_every_s: int | None = None,
    overrides: Mapping[str, float | str] | None = None,
) -> Scenario:
    """Return the scenario with what is given replaced.

    Where the step is given and the log interval is not, the latter becomes the next whole number of steps.

    Raises
    ------
    PlantError
        Times that do not fit together.
    """
    changes: dict[str, Any] = {}
    if hours is not None:
        changes["hours"] = float(within_floats(hours))
    if start is not None:
        changes["start"] = _instant(start)
    if step_s is not None:
        changes["step_s"] = int(step_s)
    if log_every_s is not None:
        changes["log_every_s"] = int(log_every_s)
    elif step_s is not None and 0 < step_s and scenario.log_every_s % step_s:
        changes["log_every_s"] = int(step_s) * math.ceil(scenario.log_every_s / step_s)
    if overrides:
        changes["overrides"] = {**scenario.overrides, **overrides}
    if changes:
        given = tuple({"log_every_s": "log_every"}.get(key, key) for key in changes)
        lines = {key: line for key, line in scenario.lines.items() if not key.startswith(given)}
        written = {key: value for key, value in scenario.written.items() if key not in changes}
        if "set" in written:
            written["set"] = {key: value for key, value in written["set"].items() if key not in (overrides or {})}
        changed = replace(scenario, **changes, lines=lines, written=written)
    else:
        changed = scenario
    raise_errors(check_scenario(changed))
    return changed


def _instant(start: datetime | str) -> datetime:
    if isinstance(start, str):
        instant = parse_time(start)
        if instant is None:
            remedy = "write ISO 8601, as 2023-06-01 or 2023-06-01T12:00:00Z"
            raise PlantError([Finding("bad-time", "start", f"'{start}' is not a time", remedy)])
        return instant
    return start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)


def load_scenario_plant(scenario: Scenario, overrides: Mapping[str, str | float] | None = None) -> Plant:
    """Load the plant of a scenario with the scenario's series, time zone and changes, and further overrides.

    Raises
    ------
    PlantError
        With everything that is wrong; of a change that the scenario makes, with the scenario's line.
    """
    plant, findings = _read_plant(scenario, {**scenario.overrides, **(overrides or {})})
    raise_errors(findings)
    assert plant is not None
    return plant if scenario.timezone is None else replace(plant, timezone=scenario.timezone)


def _read_plant(scenario: Scenario, changes: Mapping[str, str | float]) -> tuple[Plant | None, list[Finding]]:
    """Read a scenario's plant; a finding about what the scenario changes gets the scenario's line."""
    plant, found = read_plant(
        scenario.plant,
        changes,
        series=scenario.series,
        folder=scenario.folder,
        may_run_code=scenario.may_run_code,
        faults=None if scenario.faults is None else FaultSource(scenario.faults, scenario.lines, scenario.file),
        kept=None if scenario.folder is None else kept_code(Path(scenario.plant).with_name(CODE)),
        kept_blocks=None if scenario.folder is None else kept_blocks(Path(scenario.plant).with_name(BLOCKS)),
    )
    findings = []
    for finding in found:
        line = scenario.lines.get(finding.where.replace("set ", "set.", 1), 0)
        is_ours = finding.file is None and finding.where.startswith("set ") and line
        findings.append(replace(finding, file=scenario.file, line=line) if is_ours else finding)
    return plant, findings
