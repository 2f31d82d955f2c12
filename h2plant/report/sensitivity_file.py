"""The file ``sensitivity.json``: how far an output moves when parameters go from a low to a high value, one at a time.

A study of a plant writes it into the folder of the run that it starts from; the page of that run draws it.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from h2plant.core.regular_file import LARGEST_TABLE_BYTES, FileError, read_regular
from h2plant.results.folder import SENSITIVITY, ResultsError, write_beside


class Swing(BaseModel):
    """A parameter at a low and at a high value, with what the output was then.

    Attributes
    ----------
    path
        What was changed, as ``--set`` names it: ``stack.rated_power_mw``, ``economics.real_rate_frac``.
    unit
        Unit of its values; ``1`` for none.
    low, high, base
        Its values, in that unit; ``base`` is that of the run, where it is known.
    output_at_low, output_at_high
        The output, in its unit; None where that run gave none.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    path: str = Field(min_length=1, max_length=200)
    unit: str = Field(default="1", max_length=40)
    low: float
    high: float
    base: float | None = None
    output_at_low: float | None
    output_at_high: float | None

    @model_validator(mode="after")
    def _in_order(self) -> Swing:
        if not self.low < self.high:
            raise ValueError(f"'low' ({self.low:g}) must be below 'high' ({self.high:g})")
        return self


class Sensitivity(BaseModel):
    """A study of one output.

    Attributes
    ----------
    output, label, unit
        Name of the output (a key figure such as ``hydrogen_cost_eur_per_kg``), in words, and its unit.
    base
        Its value with all parameters as in the run.
    parameters
        What was changed, one at a time; each path once.
    note
        How it was made: a command, or a sentence.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True)

    format: Literal[1] = 1
    output: str = Field(min_length=1, max_length=200)
    label: str = Field(default="", max_length=200)
    unit: str = Field(min_length=1, max_length=40)
    base: float
    parameters: tuple[Swing, ...] = Field(min_length=1, max_length=1000)
    note: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _each_once(self) -> Sensitivity:
        paths = [swing.path for swing in self.parameters]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"the parameter '{twice[0]}' stands there twice")
        return self


def write_sensitivity(
    folder: Path | str,
    *,
    output: str,
    unit: str,
    base: float,
    parameters: Sequence[Swing],
    label: str = "",
    note: str = "",
) -> Path:
    """Write a study into the folder of the run that it starts from, whole or not at all; returns the file.

    Parameters
    ----------
    folder
        Results folder of the run.
    output, unit, base, parameters, label, note
        See ``Sensitivity``.

    Raises
    ------
    ResultsError
        The folder is none of results or cannot be written.
    ValueError
        A study that makes no sense (pydantic's ``ValidationError``): low not below high, a parameter twice, no number.
    """
    study = Sensitivity(output=output, unit=unit, base=base, parameters=tuple(parameters), label=label, note=note)
    target = Path(folder)
    if not (target / "summary.json").is_file():
        raise ResultsError(f"{target}: not a results folder; give the folder of the run that the study starts from")
    return write_beside(target, SENSITIVITY, study.model_dump_json(indent=1) + "\n")


def read_sensitivity(file: Path | str) -> Sensitivity:
    """Read a study.

    Raises
    ------
    ResultsError
        There is no such file, or it is none of this format; the text names the entry.
    """
    path = Path(file)
    try:
        return Sensitivity.model_validate_json(read_regular(path, LARGEST_TABLE_BYTES))
    except FileError as error:
        raise ResultsError(f"{path}: cannot be read ({error.what}); give the file of a study") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "as a whole"
        message = str(first["msg"]).removeprefix("Value error, ")
        more = f", and {error.error_count() - 1} more" if error.error_count() > 1 else ""
        raise ResultsError(
            f"{path}: not a study of sensitivity ({where}: {message}{more}); its form is in docs/report.md"
        ) from None


def tried(file: Path) -> Sensitivity | str | None:
    """Return the study that lies beside a run, why it cannot be read, or None where there is none."""
    if not file.is_file():
        return None
    try:
        return read_sensitivity(file)
    except ResultsError as error:
        return str(error)
