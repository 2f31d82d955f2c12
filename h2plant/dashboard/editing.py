"""A scenario and its changes: what can be run, which numbers it has, and what is wrong with a change.

What a number means, its unit and its bounds are those that the field declarations of the kinds carry; what is wrong is
found by the checks that the command line uses, and said in the same words.
"""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from h2plant.config.bundled import bundled_plants, bundled_scenarios
from h2plant.config.scenario import Scenario, changed_scenario, load_scenario, load_scenario_plant
from h2plant.config.user_file import FileError, read_bytes
from h2plant.core.declare import Field
from h2plant.core.sizing import size_of
from h2plant.core.units import is_temperature_difference, match_parameter, split_name, to_reporting_unit
from h2plant.core.user_code import is_code_allowed
from h2plant.dashboard.jobs import Order, safe_name
from h2plant.dashboard.listing import Catalogue
from h2plant.economics.settings import read_settings
from h2plant.plant.check import bound_finding
from h2plant.plant.finding import Finding, PlantError
from h2plant.plant.graph import Plant
from h2plant.report.page.run_data import MissingData, RunData
from h2plant.report.plot import shown_unit
from h2plant.results import Results
from h2plant.results.folder import ResultsError
from h2plant.session.replay import scenario_of

BUNDLED, FILE, AGAIN = "bundled:", "file:", "run:"

Changes = Mapping[str, str]
"""``component.parameter`` to the value as written."""


@dataclass(frozen=True)
class Source:
    """Something that can be run: its key, its name, and where it comes from."""

    key: str
    label: str
    group: str


@dataclass(frozen=True)
class Target:
    """A component, or several of a kind that are numbered, whose numbers can be changed together.

    ``key`` is its id, or a pattern such as ``pem_*``; ``members`` are the ids that it means.
    """

    key: str
    kind: str
    doc: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """A parameter as the page shows it, in a unit of reports.

    Parameters
    ----------
    key
        ``component.parameter``, its unit in its name, as a file or ``--set`` would have it.
    label, unit, doc
        Name without unit, unit, and what it means.
    value
        As the scenario has it; a word where it is one of some words, ``true`` or ``false`` for a flag.
    default
        The kind's own value; ``required`` where there is none.
    low, high
        Bounds; None where there is none.
    choices
        Words that it may be; empty for numbers.
    slider
        Least, greatest and step of its slider; None where none makes sense.
    differs
        Whether the members of a pattern have different values.
    """

    key: str
    label: str
    unit: str
    doc: str
    value: str
    default: str
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    slider: tuple[float, float, float] | None
    differs: bool = False

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        if self.choices:
            return ""
        if self.low is not None and self.high is not None:
            return f"{number(self.low)} to {number(self.high)}"
        if self.low is not None:
            return f"at least {number(self.low)}"
        return f"at most {number(self.high)}" if self.high is not None else "any number"


def number(value: float) -> str:
    """Return a number as fields show it, so that reading it gives the same to six digits."""
    text = f"{value:.6g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 1e12 else text


def sources(folder: Path) -> list[Source]:
    """Return what can be run: bundled scenarios and plants, and the plant and scenario files of a folder."""
    found = [Source(f"{BUNDLED}{name}", name, "bundled scenario") for name in bundled_scenarios()]
    found += [Source(f"{BUNDLED}{name}", name, "bundled plant, a day") for name in bundled_plants()]
    for file in sorted(folder.glob("*.y*ml")):
        try:
            text = read_bytes(file).decode("utf-8", errors="replace")
        except FileError:
            continue
        if re.search(r"^(components|plant)\s*:", text, re.M):
            kind = "plant, a day" if re.search(r"^components\s*:", text, re.M) else "scenario"
            found.append(Source(f"{FILE}{file.name}", file.name, f"{kind}, in this folder"))
    return found


def scenario_from(key: str, folder: Path, catalogue: Catalogue) -> Scenario:
    """Return the scenario behind a key: only what is listed can be named.

    Raises
    ------
    PlantError
        What is wrong with it.
    ResultsError
        A run that does not say how it was made.
    """
    if key.startswith(AGAIN):
        run = catalogue.run(key.removeprefix(AGAIN))
        try:
            return scenario_of(RunData(Results(run.folder)))
        except MissingData as why:
            raise ResultsError(f"{run.id}: {why}") from None
    name = key.partition(":")[2]
    is_bundled = key.startswith(BUNDLED) and name in {*bundled_scenarios(), *bundled_plants()}
    if not is_bundled and key not in {source.key for source in sources(folder)}:
        remedy = f"choose one of those listed; files are looked for in {folder}"
        raise PlantError([Finding("no-such-scenario", "", f"there is no scenario '{name}' any more", remedy)])
    named = folder / key.removeprefix(FILE) if key.startswith(FILE) else key.removeprefix(BUNDLED)
    return replace(load_scenario(named), may_run_code=is_code_allowed())


def targets(plant: Plant) -> list[Target]:
    """Return the components whose numbers can be changed, those that are numbered also together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for id_, component in plant.components.items():
        stem = re.sub(r"\d+$", "", id_)
        if stem != id_:
            groups.setdefault((stem, component.kind.name), []).append(id_)
    together: dict[str, Target] = {}
    for (stem, kind), members in groups.items():
        for pattern in (f"{stem}*", f"{stem}[0-9]"):  # the second where others begin alike, as pem_1 and pem_dryer
            matched = fnmatch.filter(plant.components, pattern)
            if len(members) > 1 and sorted(matched) == sorted(members):
                doc = plant.components[members[0]].kind.doc
                together[members[0]] = Target(pattern, kind, doc, tuple(members))
                break
    found = []
    for id_, component in plant.components.items():
        if id_ in together:
            found.append(together[id_])
        if component.kind.parameters:
            found.append(Target(id_, component.kind.name, component.kind.doc, (id_,)))
    return found


def entries(plant: Plant, target: Target) -> list[Entry]:
    """Return the parameters of a component, or of several alike, in the order of their declaration."""
    first = plant.components[target.members[0]]
    found = []
    for field in first.kind.parameters:
        value = first.values[field.name]
        differs = any(plant.components[id_].values[field.name] != value for id_ in target.members)
        usual = size_of(first.kind, field, first.values) if field.size_from else None
        found.append(_entry(target.key, field, value, differs, usual))
    return found


def _shown(field: Field, value: float) -> tuple[str, str, float, float]:
    """Return (name, unit, factor, offset) in which a parameter is shown: ``shown = value * factor + offset``."""
    largest = max(abs(value), abs(field.default or 0.0))
    stem, unit = split_name(field.name, field.unit)
    if unit is not None and unit.si == "s" and largest < 7200.0:
        return (field.name, "s", 1.0, 0.0) if largest < 600.0 else (f"{stem}_min", "min", 1.0 / 60.0, 0.0)
    conversion = to_reporting_unit(field.name, field.unit, is_temperature_difference(field))
    if conversion.name == field.name:
        return field.name, field.unit, 1.0, 0.0
    text, factor, offset = shown_unit(field.unit, largest)
    if offset and 0.0 in (value, field.default):  # a temperature of nothing means that there is none
        return field.name, field.unit, 1.0, 0.0
    name = conversion.name
    if factor != conversion.factor:  # a larger unit of the same kind, as MW for kW
        name = re.sub(r"_kw(h?)$", r"_mw\1", name)
    return name, text, factor, offset


def _entry(target: str, field: Field, value: float, differs: bool, usual: float | None = None) -> Entry:
    name, unit, factor, offset = _shown(field, value)
    label = split_name(field.name, field.unit)[0].replace("_", " ")
    key = f"{target}.{name}"
    doc = field.doc[:1].upper() + field.doc[1:]
    if field.choices or field.name.startswith(("is_", "has_")):
        words = field.choices or ("false", "true")
        default = "required" if field.default is None else words[int(field.default)]
        return Entry(key, label, "", doc, words[int(value)], default, None, None, words, None, differs)

    def shown(si: float | None) -> float | None:
        return None if si is None else si * factor + offset

    now, low, high = value * factor + offset, shown(field.ge), shown(field.le)
    own = shown(field.default if usual is None else usual)  # of a size that follows: what would follow
    is_count = field.name.startswith("n_")
    return Entry(
        key=key,
        label=label,
        unit="" if unit == "1" else unit,
        doc=doc,
        value=number(now),
        default="required" if own is None else number(own),
        low=low,
        high=high,
        choices=(),
        slider=_within(slider(now, low, high, is_count), field, name),
        differs=differs,
    )


def _within(bar: tuple[float, float, float] | None, field: Field, name: str) -> tuple[float, float, float] | None:
    """Return a slider whose ends are still within the bounds when they are read back: units round."""
    match = match_parameter(name, [field])
    if bar is None or match is None:
        return bar
    low, high, step = bar
    _, conversion = match
    if bound_finding(field, low * conversion.factor + conversion.offset) is not None:
        low = float(f"{low + step:.6g}")
    if bound_finding(field, high * conversion.factor + conversion.offset) is not None:
        high = float(f"{high - step:.6g}")
    return (low, high, step) if low < high else None


def slider(
    value: float, low: float | None, high: float | None, is_count: bool = False
) -> tuple[float, float, float] | None:
    """Return least, greatest and step of a slider around a value: its bounds, where they lie near.

    Bounds that are far off or missing give way to nothing and twice the value; a value of nothing without a near
    bound has no slider.
    """
    reach = 2.0 * abs(value)
    top = high if high is not None and (high <= 5.0 * abs(value) or 0.01 * high <= abs(value) <= high <= 1.0) else reach
    bottom = low if low is not None and low >= -5.0 * abs(value) else -reach if value < 0.0 else 0.0
    if high is not None:
        top = min(top, high)
    if low is not None:
        bottom = max(bottom, low)
    if not (math.isfinite(top) and math.isfinite(bottom)) or top <= bottom or not bottom <= value <= top:
        return None
    raw = (top - bottom) / 100.0
    power = 10.0 ** math.floor(math.log10(raw))
    step = power * min((1.0, 2.0, 5.0, 10.0), key=lambda m: abs(m - raw / power))
    if is_count:
        step = max(1.0, round(step))
    return float(f"{bottom:.6g}"), float(f"{top:.6g}"), float(f"{step:.6g}")


@dataclass(frozen=True)
class Asked:
    """What a page asks to run: a source, its times as written, and the changes.

    Empty texts mean what the scenario says.
    """

    source: str
    start: str = ""
    hours: str = ""
    step_s: str = ""
    log_every_s: str = ""
    name: str = ""


def wanted(asked: Asked, changes: Changes, folder: Path, catalogue: Catalogue) -> tuple[Scenario, list[Finding]]:
    """Return the scenario that a page asks for, and everything that is wrong with it.

    Raises
    ------
    PlantError, ResultsError
        The scenario itself cannot be read, so that nothing more can be said.
    """
    base = scenario_from(asked.source, folder, catalogue)
    findings: list[Finding] = []
    hours = _number(asked.hours, "hours", "a number of hours, such as 24", findings)
    step_s = _number(asked.step_s, "step", "whole seconds, such as 60", findings)
    log_every_s = _number(asked.log_every_s, "log interval", "whole seconds, such as 900", findings)
    scenario = base
    if not findings:
        try:
            scenario = changed_scenario(
                base,
                hours,
                asked.start.strip() or None,
                None if step_s is None else round(step_s),
                None if log_every_s is None else round(log_every_s),
                dict(changes),
            )
        except PlantError as error:
            findings += error.findings
            scenario = changed_scenario(base, overrides=dict(changes))
    try:
        plant = load_scenario_plant(scenario)
        read_settings(plant, scenario.overrides, scenario.file, scenario.lines)
    except PlantError as error:
        findings += error.findings
    return scenario, findings


def _number(text: str, where: str, remedy: str, findings: list[Finding]) -> float | None:
    """Return a number as written; None for an empty text, and with a finding for what is no number."""
    if not text.strip():
        return None
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        findings.append(Finding("wrong-type", where, f"'{text.strip()}' is no number", f"give {remedy}"))
        return None
    return value


def order_for(scenario: Scenario, name: str) -> Order:
    """Return the order for a scenario whose checks found nothing."""
    source = str(scenario.file) if scenario.file is not None else scenario.name
    return Order(
        source=source,
        name=safe_name(name, scenario.name),
        start=scenario.start,
        hours=scenario.hours,
        step_s=scenario.step_s,
        log_every_s=scenario.log_every_s,
        overrides=dict(scenario.overrides),
    )


def by_field(findings: Sequence[Finding]) -> tuple[dict[str, str], list[str]]:
    """Return what is wrong with each changed parameter, and everything else that is wrong."""
    of_field: dict[str, str] = {}
    others = []
    for finding in findings:
        text = f"{finding.what}; {finding.remedy}"
        if finding.where.startswith("set ") and finding.file is None:
            of_field.setdefault(finding.where.removeprefix("set "), text)
        else:
            others.append(str(finding))
    return of_field, others


def parsed_change(text: str) -> tuple[str, str]:
    """Return key and value of ``component.parameter=value``.

    Raises
    ------
    PlantError
        It is not written so.
    """
    key, sign, value = text.partition("=")
    if not sign or "." not in key or not value.strip():
        remedy = "write component.parameter=value, such as economics.real_rate_frac=0.05"
        raise PlantError([Finding("bad-override", "", f"'{text.strip()}' is no change", remedy)])
    return key.strip(), value.strip()
