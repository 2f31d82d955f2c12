"""Study files: read and checked, with file and line of everything that is wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from h2plant.config.bundled import is_bare_name, study_file
from h2plant.config.scenario import Scenario, changed_scenario, read_scenario
from h2plant.config.schema import validate
from h2plant.config.yaml_source import Node, read_yaml
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, PlantError, raise_errors
from h2plant.studies.study.design import Correlation, Design, check_design
from h2plant.studies.study.output import Output, read_outputs
from h2plant.studies.study.parameter import Parameter, read_parameters
from h2plant.studies.study.shape import DesignShape, StudyShape, SweepShape

COMMANDS = ("sweep", "optimize", "sensitivity")
"""Kinds of studies, each with a command of its name."""

_Shape = TypeVar("_Shape", bound=StudyShape)


@dataclass(frozen=True)
class Study:
    """A study: which scenario is varied, how, and what is taken from each run.

    Attributes
    ----------
    name, description
        As written.
    scenario
        What every run starts from, with the study's own start, length and changes.
    parameters, correlations, design
        What is varied.
    outputs
        What is taken from each scenario.
    full_logs
        Numbers of the scenarios whose whole results are kept.
    backend, threads
        Where it runs, if the caller does not say.
    file
        Where it was read from; None for one that was put together in Python.
    """

    name: str
    scenario: Scenario
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    design: Design
    correlations: tuple[Correlation, ...] = ()
    full_logs: tuple[int, ...] = ()
    description: str = ""
    backend: str = "threads"
    threads: int | None = None
    file: Path | None = None
    text: str = field(default="", repr=False, compare=False)

    def digests(self) -> dict[str, str]:
        """Return the digest of each part that decides the results; what it runs on decides nothing."""
        scenario = self.scenario.content() | {"plant": ""}  # told by its content
        parts: dict[str, Any] = {
            "scenario": {k: v for k, v in scenario.items() if k not in ("name", "description")},
            "parameters": [p.content() for p in self.parameters],
            "correlations": [[c.first, c.second, c.rank] for c in self.correlations],
            "design": [self.design.kind, self.design.n, self.design.seed if self.design.is_drawn else 0],
            "outputs": [o.content() for o in self.outputs],
            "full_logs": sorted(self.full_logs),
        }
        return {k: hashlib.sha256(json.dumps(v, default=str).encode()).hexdigest() for k, v in parts.items()}


@of_a_file
def load_study(path_or_name: str | Path) -> Study:
    """Load a sweep from a file, or a bundled one by name.

    Raises
    ------
    PlantError
        With everything that is wrong with it.
    """
    file, node = open_study(path_or_name, "sweep")
    findings: list[Finding] = []
    base = read_common(SweepShape, node, file, findings)
    entries = node.entries or {}
    design = entries["design"].node if "design" in entries else Node(0)
    shape = None if design.entries is None else validate(DesignShape, design, file, findings, "design")
    raise_errors(findings)
    assert base is not None and shape is not None
    study = replace(
        base[0], design=Design(shape.kind, shape.n, shape.seed), full_logs=tuple(dict.fromkeys(base[1].full_logs))
    )
    if "seed" in shape.model_fields_set and not study.design.is_drawn:
        what, line = f"'seed' means nothing to a {shape.kind}, which draws nothing", node.line_at(("design", "seed"))
        findings.append(Finding("unused-key", "design.seed", what, "remove it", file, line))
    for id_, where, what, remedy, line in check_design(study.design, study.parameters, study.correlations):
        at = line or node.line_at(tuple(where.split(".")))
        findings.append(Finding(id_, where, what, remedy, file, at))
    raise_errors(findings)
    return study


def open_study(path_or_name: str | Path, kind: str) -> tuple[Path, Node]:
    """Return the file of a study, given by path or bundled name, and what stands in it.

    Raises
    ------
    PlantError
        There is none, it is no YAML, or it is a study of another kind, for which there is another command.
    """
    findings: list[Finding] = []
    file = study_file(path_or_name, findings)
    node = read_yaml(file, findings) if file is not None else None
    raise_errors(findings)
    assert file is not None and node is not None
    entry = (node.entries or {}).get("kind")
    if entry is not None and entry.node.value in COMMANDS and entry.node.value != kind:
        other = entry.node.value
        what, remedy = f"it is a study of kind '{other}'", f"run it with 'h2plant {other} {path_or_name}'"
        raise PlantError([Finding("other-kind", "kind", what, remedy, file, entry.line)])
    return file, node


def read_common(shape: type[_Shape], node: Node, file: Path, findings: list[Finding]) -> tuple[Study, _Shape] | None:
    """Read what studies of all kinds have in common.

    Parameters
    ----------
    shape
        The top level of this kind of study.
    node, file
        The document and where it stands.
    findings
        What is wrong is appended here.

    Returns
    -------
    study, model
        The study, its design still empty, and the top level as read; None if anything was wrong.
    """
    model = validate(shape, node, file, findings)
    entries = node.entries or {}
    part = {key: entry.node for key, entry in entries.items()}
    parameters = read_parameters(part.get("parameters"), file, findings)
    outputs = read_outputs(part.get("outputs"), file, findings)
    correlations = _read_correlations(part.get("correlations"), file, findings)
    if model is None:
        return None
    scenario = _scenario(model, node, file, findings)
    if scenario is None or any(f.severity == "error" for f in findings):
        return None
    study = Study(
        name=model.study,
        scenario=scenario,
        parameters=parameters,
        outputs=outputs,
        design=Design("list"),
        correlations=correlations,
        description=model.description.strip(),
        backend=model.backend,
        threads=model.threads,
        file=file,
        text=node.text,
    )
    return study, model


def _scenario(model: StudyShape, node: Node, file: Path, findings: list[Finding]) -> Scenario | None:
    """Return the scenario with the study's changes; what is wrong is told with the study's line."""

    def find(found: Sequence[Finding]) -> None:
        for f in found:
            key = f.where.removeprefix("set ").split(".")[0] if f.where else ""
            path = {"hours": "hours", "start": "start", "step_s": "step_s"}.get(key, "scenario")
            line = node.line_at((path,))
            findings.append(f if f.file is not None else replace(f, file=file, line=line))

    text = model.scenario
    named = text if is_bare_name(text) and not (file.parent / text).is_file() else file.parent / text
    scenario, found = read_scenario(named)
    find(found)
    if scenario is None or any(f.severity == "error" for f in found):
        return None
    changes: dict[str, str | float] = {}
    for key, value in model.set.items():
        if isinstance(value, str | int | float):
            changes[key] = value
        else:
            line = node.line_at(("set", key))
            findings.append(
                Finding(
                    "wrong-type", f"set.{key}", "is no single value", "write 'component.parameter: value'", file, line
                )
            )
    try:
        return changed_scenario(scenario, hours=model.hours, start=model.start, step_s=model.step_s, overrides=changes)
    except PlantError as error:
        find(error.findings)
    return None


def _read_correlations(node: Node | None, file: Path, findings: list[Finding]) -> tuple[Correlation, ...]:
    found = []
    for k, item in enumerate((node.items or ()) if node else ()):
        data = item.data()
        is_triple = isinstance(data, list) and len(data) == 3 and all(isinstance(n, str) for n in data[:2])
        if not is_triple or isinstance(data[2], bool) or not isinstance(data[2], int | float):
            remedy = "write '[first, second, 0.6]': two names of parameters and their rank correlation"
            findings.append(Finding("wrong-type", f"correlations.{k}", f"is {item.kind}", remedy, file, item.line))
            continue
        found.append(Correlation(data[0], data[1], float(data[2]), item.line))
    return tuple(found)


__all__ = ["Study", "load_study", "open_study", "read_common"]
