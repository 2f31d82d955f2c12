"""``h2plant calibrate``: parameters of a plant from its own minute data."""

from __future__ import annotations

import json
import os
import shlex
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from h2plant.cli.arguments import GreedyCommand, overrides_of, pairs_of
from h2plant.cli.fit import estimate_content, print_estimates
from h2plant.core.markup import visible
from h2plant.core.real_path import real_path
from h2plant.core.terminal import hanging

if TYPE_CHECKING:
    from h2plant.fitting.calibration import Calibration


_CONFIDENCE = 0.95


class CalibrateCommand(GreedyCommand):
    """Lets names follow ``--parameters`` and the like without repeating the option."""

    greedy = ("--parameters", "--columns", "--ignore", "--set", "--noise")


class StatesAt(StrEnum):
    """When a state was read."""

    stamp = "stamp"
    end = "end"


def calibrate(
    data: Annotated[Path, typer.Argument(help="measurements, CSV or Parquet; or a YAML file that says all of it")],
    plant: Annotated[str | None, typer.Option(help="a bundled plant or scenario by name, or a YAML file")] = None,
    parameters: Annotated[
        list[str] | None, typer.Option(help="what to fit: component.parameter, * in the component for several")
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option(help="what a column is: NAME=COLUMN, such as tank.pressure_bar=P_17")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="columns that are not read")] = None,
    noise: Annotated[
        list[str] | None, typer.Option(help="noise of a sensor, one sigma: stack.temperature_k=0.3")
    ] = None,
    set_: Annotated[list[str] | None, typer.Option("--set", help="what is known, as tank.n_vessels=6")] = None,
    start: Annotated[
        str | None, typer.Option(help="where the data begin in the plant's series, if not at their own time")
    ] = None,
    step_s: Annotated[int | None, typer.Option(min=1, help="step of the runs, s (default: the scenario's)")] = None,
    skip_min: Annotated[float, typer.Option(min=0.0, help="first minutes that are not compared")] = 0.0,
    states_at: Annotated[
        StatesAt, typer.Option(help="temperatures, pressures, levels read at the stamp or the end of the interval")
    ] = StatesAt.stamp,
    timezone: Annotated[str | None, typer.Option(help="of times without offset (default: UTC)")] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="of the intervals")] = _CONFIDENCE,
    out: Annotated[
        Path | None, typer.Option(help="picture: .png, .svg, .pdf; the YAML beside it (default: DATA-calibrated.png)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON and nothing else")] = False,
) -> None:
    """Fit parameters of a plant to measured minute data, by least squares over runs of the plant.

    For example:

        h2plant calibrate example_step.csv --plant minimal --parameters stack.heat_capacity_j_per_k stack.loss_w_per_k

        h2plant calibrate march.csv --plant my.yaml --parameters tank.vessel_volume_m3 --columns tank.pressure_bar=P_17

        h2plant calibrate my_calibration.yaml

    Columns named like those of the log are compared, in any unit; columns named like inputs, such as
    stack.setpoint_kw, or series drive the plant. Cells may be empty. Prints the parameters before and after with their
    intervals, writes a picture and a scenario that sets them. The example comes with the package. Needs scipy and
    matplotlib: pip install 'h2plant[fit]'.

    Exit codes: 0 done; 1 the plant fails on these data; 2 something to mend in what was given.
    """
    from h2plant.fitting.calibration import Task
    from h2plant.fitting.calibration import calibrate as run
    from h2plant.fitting.picture import draw_calibration
    from h2plant.fitting.task_file import read_task
    from h2plant.report.plot import require_picture
    from h2plant.results.folder import write_out

    stem = data.name.split(".")[0]
    picture = out if out is not None else Path(f"{stem}-calibrated.png")
    require_picture(picture)
    if data.suffix.lower() in (".yaml", ".yml"):
        others = (skip_min != 0.0, states_at != StatesAt.stamp, confidence != _CONFIDENCE)
        if plant or parameters or columns or ignore or noise or set_ or start or step_s or timezone or any(others):
            raise typer.BadParameter("the file says all of it: write the changes there", param_hint="DATA")
        task = read_task(data)
    else:
        if plant is None:
            raise typer.BadParameter("say which plant, such as --plant minimal", param_hint="--plant")
        task = Task(
            plant,
            data,
            tuple(parameters or ()),
            pairs_of(columns or [], "--columns", "stack.temperature_degc=T_out"),
            tuple(ignore or ()),
            _noise(pairs_of(noise or [], "--noise", "stack.temperature_k=0.3")),
            overrides_of(set_ or []),
            start,
            step_s,
            skip_min,
            states_at.value,
            timezone,
            confidence,
        )
    found = run(task, None if as_json else _tell)
    if not as_json and sys.stderr.isatty():
        typer.echo("\r\033[K", err=True, nl=False)
    words = ["h2plant", "calibrate", str(data), *([] if plant is None else ["--plant", plant])]
    words += ["--parameters", *parameters] if parameters else []
    text = _block(found, f"{stem}-calibrated", _plant_of(found, picture), shlex.join(words))
    draw_calibration(found, picture)
    yaml = write_out(picture.with_suffix(".yaml"), lambda file: file.write_text(text, encoding="utf-8"))
    if as_json:
        typer.echo(json.dumps({**_content(found), "picture": str(picture), "yaml": str(yaml)}, indent=1))
    else:
        _print(found, text)
        typer.echo(f"wrote {picture} and {yaml}")


def _block(found: Calibration, name: str, plant: str, command: str) -> str:
    """Return the scenario that sets what was found, with the command and the deviations as comments."""
    from h2plant.fitting.block import scenario_block

    comments = [command, *(f"{column}: {text}" for column, text in _deviations(found)), *found.notes]
    overrides, estimates = dict(found.scenario.overrides), found.fit.estimates[: found.n_asked]
    return scenario_block(name, plant, overrides, estimates, found.fit.confidence, comments)


def _print(found: Calibration, block: str) -> None:
    print_estimates(found.fit, "before")
    for name, deviations in _deviations(found):
        typer.echo(visible(f"{name}: {deviations}"))
    for note in found.notes:
        typer.echo(hanging("note: ", note))
    typer.echo(visible(f"\n{block}"))


def _tell(n_runs: int) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\rruns: {n_runs}", err=True, nl=False)


def _noise(items: dict[str, str]) -> dict[str, float]:
    noise = {}
    for name, text in items.items():
        try:
            noise[name] = float(text)
        except ValueError:
            raise typer.BadParameter(f"{name}={text}: give a number", param_hint="--noise") from None
    return noise


def _plant_of(found: Calibration, picture: Path) -> str:
    """Return the plant as the scenario beside the picture names it."""
    plant = found.scenario.plant
    from h2plant.config.bundled import PLANTS

    if isinstance(plant, str):
        return plant
    if real_path(plant).parent == PLANTS:
        return plant.stem
    return Path(os.path.relpath(plant, picture.parent)).as_posix()


def _deviations(found: Calibration) -> list[tuple[str, str]]:
    from h2plant.report.plot import shown_unit

    deviations = []
    for k, one in enumerate(found.measured):
        unit, factor, _ = shown_unit(one.column.unit)
        before, after = (found.rms(k, values) * factor for values in (found.before, found.after))
        unit = "K" if unit == "°C" else unit
        n = int(found.is_compared[:, k].sum())
        deviations.append(
            (one.column.name, f"rms deviation {before:.3g} {unit} before, {after:.3g} {unit} after, {n} samples")
        )
    return deviations


def _content(found: Calibration) -> dict[str, Any]:
    columns = [
        {
            "column": one.column.name,
            "source": one.source,
            "unit": one.column.unit,
            "n_samples": int(found.is_compared[:, k].sum()),
            "rms_before": found.rms(k, found.before),
            "rms_after": found.rms(k, found.after),
        }
        for k, one in enumerate(found.measured)
    ]
    estimates = [estimate_content(e) for e in found.fit.estimates]
    return {
        "plant": found.plant.name,
        "confidence": found.fit.confidence,
        "parameters": estimates[: found.n_asked],
        "start_states": estimates[found.n_asked :],
        "columns": columns,
        "said": list(found.notes),
    }
