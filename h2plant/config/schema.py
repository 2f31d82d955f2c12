"""The shape of plant and scenario files, and what a wrong shape is called.

Components are not described here: their shape follows from the declarations of their kind.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, ValidationError
from pydantic_core import PydanticCustomError

from h2plant.config.yaml_source import Node
from h2plant.core.name import name_problem, sign_problem
from h2plant.plant.finding import Finding, nearest

FORMAT_VERSION = 1

_Model = TypeVar("_Model", bound=BaseModel)
_Positive = Annotated[FiniteFloat, Field(gt=0)]


def _refuse(problem: str) -> None:
    if problem:
        raise PydanticCustomError("bad_name", "{problem}", {"problem": problem})


def _name(text: str) -> str:
    _refuse(name_problem(text))
    return text


def _label(text: str) -> str:
    _refuse(sign_problem(text))
    return text


Name = Annotated[str, Field(min_length=1), AfterValidator(_name)]
"""What folders and files are called after."""
Label = Annotated[str, Field(min_length=1), AfterValidator(_label)]
"""What tables and columns are headed with."""


class Shape(BaseModel):
    """A mapping of a file: its keys are the fields, and there are no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class PlantShape(Shape):
    """The top level of a plant file."""

    h2plant: Literal[1]
    name: Name
    description: str = ""
    timezone: str = "UTC"
    site: Any = None  # read by config.site
    kinds: list[str] = []
    blocks: list[str] = []
    series: dict[str, Any] = {}
    components: Annotated[dict[str, Any], Field(min_length=1)]
    links: list[Any] = []
    economics: dict[str, Any] = {}
    faults: Any = None  # read by config.faults


class BlockShape(Shape):
    """The top level of the file of a block."""

    h2plant: Literal[1]
    block: Name
    description: str = ""
    parameters: dict[str, Any] = {}
    connectors: dict[str, Any] = {}
    components: dict[str, Any]
    links: list[Any] = []


class BlockParameterShape(Shape):
    """A parameter of a block."""

    default: FiniteFloat | bool | str | None = None
    min: FiniteFloat | None = None
    max: FiniteFloat | None = None
    integer: bool = False
    choices: list[str] = []
    description: str = ""


class _SourceShape(Shape):
    """Where the numbers of a series come from and what they are."""

    file: str | None = None
    constant: FiniteFloat | None = None
    values: Annotated[list[FiniteFloat], Field(min_length=1)] | None = None
    column: str | None = None
    mode: Literal["hold", "linear"] | None = None
    scale: FiniteFloat | str = 1.0
    unit: str = ""
    currency: str | None = None
    per_eur: Annotated[FiniteFloat, Field(ge=1e-6, le=1e6)] | None = None


class _FileShape(Shape):
    """How a file is written, and what to do where it has gaps or ends."""

    timezone: str | None = None
    time_column: str | None = None
    date_column: str | None = None
    hour_column: str | None = None
    time_format: str | None = None
    skip_rows: Annotated[int, Field(ge=0)] | None = None
    sheet: str | None = None
    filter: dict[str, str | int | float] | None = None
    year: Annotated[int, Field(ge=1900, le=2200)] | None = None
    decimal: Literal[".", ","] | None = None
    thousands: Literal[".", ",", " ", "'"] | None = None
    stamps: Literal["start", "end", "middle"] | None = None
    repeat: bool = False
    fill: Literal["interpolate"] | None = None
    max_gap_h: _Positive = 3.0


class SeriesShape(_FileShape, _SourceShape):
    """One entry under ``series``: exactly one of ``file``, ``constant`` and ``values``, and how to read it."""

    resolution_s: _Positive | None = None
    resolution_min: _Positive | None = None
    resolution_h: _Positive | None = None
    start: str | None = None
    variability: Any = None
    description: str = ""


class _WeatherFile(Shape):
    file: Annotated[str, Field(min_length=1)]
    columns: dict[str, str] = {}
    units: dict[str, str] = {}


class WeatherShape(_FileShape, _WeatherFile):
    """The entry ``weather`` under ``series``: a file that feeds all series that it has."""

    description: str = ""


class ScenarioShape(Shape):
    """The top level of a scenario file."""

    h2plant: Literal[1]
    name: Name
    plant: Label
    plant_folder: str | None = None
    plant_digest: str | None = None
    description: str = ""
    timezone: str | None = None
    start: str | None = None
    hours: _Positive | None = None
    weather_years: Annotated[list[Annotated[int, Field(ge=1900, le=2200)]], Field(max_length=100)] = []
    step_s: _Positive | None = None
    step_min: _Positive | None = None
    log_every_s: _Positive | None = None
    log_every_min: _Positive | None = None
    log_every_h: _Positive | None = None
    series: dict[str, Any] = {}
    set: dict[str, Any] = {}
    faults: Any = None  # read by config.faults, with the plant


def validate(shape: type[_Model], node: Node, file: Path, findings: list[Finding], where: str = "") -> _Model | None:
    """Check the shape of a node.

    Parameters
    ----------
    shape
        The model to check against.
    node
        What was read.
    file, where
        Its place, for findings; keys that start with ``x-`` may hold anything (anchors).
    findings
        What is wrong is appended here, all of it.

    Returns
    -------
    model or None
        None if anything was wrong.
    """
    if node.entries is None:
        given = node.kind if where else node.bare_kind  # of a whole file nothing is shown: it may be no plant
        what = f"is {given}, wanted a mapping of keys to values"
        findings.append(Finding("wrong-type", where, what, _keys_remedy(shape), file, node.line))
        return None
    try:
        return shape.model_validate({key: value for key, value in node.data().items() if not key.startswith("x-")})
    except ValidationError as error:
        found = [_finding(shape, detail, node, file, where) for detail in error.errors()]
        first = {(f.id, f.where, f.line): f for f in reversed(found)}  # one of several types that a key may have
        findings += [f for f in found if first[f.id, f.where, f.line] is f]
    return None


def _finding(shape: type[BaseModel], detail: Any, node: Node, file: Path, where: str) -> Finding:
    path: tuple[str | int, ...] = tuple(detail["loc"])
    known = [part for i, part in enumerate(path) if _exists(node, path[: i + 1])]
    place = ".".join(str(part) for part in ([where] if where else []) + known)
    line = node.line_at(path)
    kind = detail["type"]
    if kind == "extra_forbidden":
        key = str(path[-1])
        remedy = nearest(key, shape.model_fields)
        if shape is ScenarioShape and key in PlantShape.model_fields:
            remedy = f"a scenario changes its plant under 'set:', as 'set: {{{key}.<name>: <value>}}'"
        return Finding("unknown-key", place, f"there is no key '{key}'", remedy, file, line)
    if kind == "missing":
        what = f"the key '{path[-1]}' is missing"
        return Finding("missing-key", place, what, f"add '{path[-1]}: ...'; {_keys_remedy(shape)}", file, line)
    if kind == "bad_name":
        what = f"{detail['input']!r} {detail['msg']}"
        return Finding("bad-name", place, what, "write letters, digits, spaces, '-', '_' and '.'", file, line)
    if path and path[0] == "h2plant":
        what = f"the format version is {detail['input']!r}"
        return Finding("format-version", place, what, f"write 'h2plant: {FORMAT_VERSION}'", file, line)
    bounds = (
        "greater_than",
        "less_than",
        "greater_than_equal",
        "less_than_equal",
        "finite_number",
        "too_short",
        "string_too_short",
        "literal_error",
    )
    id = "out-of-bounds" if kind in bounds else "wrong-type"
    wanted = _MESSAGES.get(kind) or str(detail["msg"]).replace("Input should be", "should be").replace(
        "Dictionary", "the mapping"
    )
    shown = f" (it is {detail['input']!r})" if isinstance(detail["input"], str | int | float | bool | None) else ""
    return Finding(id, place, f"{wanted}{shown}", f"give what '{path[0]}' wants: {_type_of(shape, path)}", file, line)


_MESSAGES = {"too_short": "is empty", "string_too_short": "is empty"}


def _exists(node: Node, path: tuple[str | int, ...]) -> bool:
    for step in path:
        if node.entries is not None and isinstance(step, str) and step in node.entries:
            node = node.entries[step].node
        elif node.items is not None and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return False
    return True


def _type_of(shape: type[BaseModel], path: tuple[str | int, ...]) -> str:
    text = str(shape.model_fields[str(path[0])].annotation) if path and str(path[0]) in shape.model_fields else ""
    if "float" in text and "bool" in text:
        return "a number, true or false, or a word"
    plain = {"dict": "a mapping", "list": "a list", "bool": "true or false"}
    for word, wording in plain.items():
        if word in text:
            return wording
    if "Literal" in text:
        words = re.findall(r"'([^']*)'|\"([^\"]*)\"", text[text.index("Literal[") : text.rindex("]")])
        return " or ".join(f"'{single or double}'" for single, double in words) or "1"
    return "text" if "str" in text else "a number"


def _keys_remedy(shape: type[BaseModel]) -> str:
    return f"its keys are {', '.join(shape.model_fields)}"
