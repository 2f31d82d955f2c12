"""The shape of a study file: its keys, their types and bounds."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from h2plant.config.schema import Label, Name

MOST_SCENARIOS = 2**19
"""Most scenarios of a study: more of them take more than ten seconds and 1 GB before the first one runs."""
Count = Annotated[int, Field(ge=1, le=MOST_SCENARIOS)]
Seed = Annotated[int, Field(ge=0, lt=2**63)]
_Text = Annotated[str, Field(min_length=1)]
_Value = FiniteFloat | bool | str


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StudyShape(_Shape):
    """The top level that studies of all sorts have in common."""

    h2plant: Literal[1]
    study: Name
    kind: _Text
    description: str = ""
    scenario: _Text
    start: str | None = None
    hours: Annotated[FiniteFloat, Field(gt=0)] | None = None
    step_s: Annotated[int, Field(ge=1)] | None = None
    set: dict[str, Any] = {}
    parameters: list[Any]
    correlations: list[Any] = []
    outputs: Annotated[list[Any], Field(min_length=1)]
    backend: Literal["threads", "dask", "cuda"] = "threads"
    threads: Annotated[int, Field(ge=1, le=4096)] | None = None


class SweepShape(StudyShape):
    """The top level of a sweep."""

    kind: Literal["sweep"]
    design: dict[str, Any]
    full_logs: list[Count] = []


class DesignShape(_Shape):
    """How scenarios are chosen: ``n`` and ``seed`` are for what is drawn."""

    kind: Literal["grid", "list", "latin_hypercube", "sobol", "monte_carlo"]
    n: Count | None = None
    seed: Seed = 0


class ParameterShape(_Shape):
    """One parameter: exactly one of ``values``, ``range``, ``distribution``, ``tied_to``, ``expression``.

    Several paths may stand where the value follows from others.
    """

    name: Label | None = None
    path: _Text | Annotated[list[_Text], Field(min_length=1)] | None = None
    values: Annotated[list[_Value], Field(min_length=1)] | None = None
    weights: list[FiniteFloat] | None = None
    range: Annotated[list[FiniteFloat], Field(min_length=2, max_length=2)] | None = None
    n: Count | None = None
    spacing: Literal["linear", "log"] = "linear"
    distribution: dict[str, Any] | None = None
    tied_to: _Text | None = None
    factor: FiniteFloat = 1.0
    expression: _Text | None = None


class DistributionShape(_Shape):
    """A distribution; which keys it takes beside ``kind`` is told in ``distribution.KEYS``."""

    kind: Literal["uniform", "loguniform", "normal", "lognormal", "triangular"]
    low: FiniteFloat | None = None
    high: FiniteFloat | None = None
    mode: FiniteFloat | None = None
    mean: FiniteFloat | None = None
    sd: FiniteFloat | None = None
    median: FiniteFloat | None = None
    sigma_log: FiniteFloat | None = None


class OutputShape(_Shape):
    """One output: exactly one of ``figure``, ``column``, ``economics``."""

    name: Label | None = None
    figure: _Text | None = None
    column: _Text | None = None
    reduce: Literal["mean", "total", "min", "max", "sd", "last", "quantile", "share_above", "share_below"] | None = None
    q: Annotated[FiniteFloat, Field(ge=0.0, le=1.0)] | None = None
    limit: FiniteFloat | None = None
    economics: _Text | None = None


SOURCES = ("values", "range", "distribution", "tied_to", "expression")
"""Where the values of a parameter may come from."""
