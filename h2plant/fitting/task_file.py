"""Calibrations as small YAML files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from h2plant.config.bundled import is_bare_name
from h2plant.config.schema import validate
from h2plant.config.yaml_source import read_yaml
from h2plant.fitting.calibration import Task
from h2plant.plant.door import of_a_file
from h2plant.plant.finding import Finding, raise_errors


class TaskShape(BaseModel):
    """The keys of a calibration file."""

    model_config = ConfigDict(extra="forbid", strict=True)

    h2plant: Literal[1]
    plant: Annotated[str, Field(min_length=1)]
    data: Annotated[str, Field(min_length=1)]
    parameters: Annotated[list[str], Field(min_length=1)]
    columns: dict[str, str] = {}
    ignore: list[str] = []
    noise: dict[str, Annotated[FiniteFloat, Field(gt=0)]] = {}
    set: dict[str, str | float | bool] = {}
    start: str | None = None
    step_s: Annotated[int, Field(gt=0)] | None = None
    skip_min: Annotated[FiniteFloat, Field(ge=0)] = 0.0
    states_at: Literal["stamp", "end"] = "stamp"
    timezone: str | None = None
    confidence: Annotated[FiniteFloat, Field(ge=0.5, le=0.999)] = 0.95


@of_a_file
def read_task(file: Path) -> Task:
    """Read a calibration file; plant and data are found beside it, or by the name of what comes with the package.

    Raises
    ------
    PlantError
        Everything that is wrong with it.
    """
    findings: list[Finding] = []
    node = read_yaml(file, findings)
    raise_errors(findings)
    assert node is not None
    shape = validate(TaskShape, node, file, findings)
    raise_errors(findings)
    assert shape is not None
    folder = file.parent
    is_bundled = is_bare_name(shape.plant) and not (folder / shape.plant).is_file()
    beside = folder / shape.data
    return Task(
        plant=shape.plant if is_bundled else folder / shape.plant,
        data=beside if beside.exists() or Path(shape.data).name != shape.data else Path(shape.data),
        parameters=tuple(shape.parameters),
        columns=shape.columns,
        ignored=tuple(shape.ignore),
        noise=shape.noise,
        overrides={
            key: float(v) if isinstance(v, int) and not isinstance(v, bool) else v for key, v in shape.set.items()
        },
        start=shape.start,
        step_s=shape.step_s,
        skip_min=shape.skip_min,
        states_at=shape.states_at,
        timezone=shape.timezone,
        confidence=shape.confidence,
    )
