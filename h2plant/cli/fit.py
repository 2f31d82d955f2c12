"""``h2plant fit``: a stack from a supplier's points."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from h2plant.cli.arguments import GreedyCommand, pairs_of
from h2plant.core.markup import visible
from h2plant.core.terminal import hanging

_MOST_SHOWN = 40

if TYPE_CHECKING:
    from h2plant.fitting.curve import CurveFit
    from h2plant.fitting.estimate import Estimate, Fit


class FitCommand(GreedyCommand):
    """Lets names follow ``--parameters`` and the like without repeating the option."""

    greedy = ("--parameters", "--columns", "--ignore", "--set")


def fit(
    curve: Annotated[Path, typer.Argument(help="CSV or Parquet with the points; units in the names of its columns")],
    kind: Annotated[
        str, typer.Option(help="what it becomes: a kind of electrolyser that has a curve (default: a PEM stack)")
    ] = "",
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="what is known: parameter=value, such as n_cells=120")
    ] = None,
    parameters: Annotated[
        list[str] | None, typer.Option(help="parameters to fit (default: the usual ones of the kind)")
    ] = None,
    columns: Annotated[
        list[str] | None, typer.Option(help="what a column is: NAME=COLUMN, such as cell_voltage_v=U_mean")
    ] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="columns that are not read")] = None,
    confidence: Annotated[float, typer.Option(min=0.5, max=0.999, help="of the intervals and the band")] = 0.95,
    name: Annotated[str, typer.Option(help="id of the component in the YAML block")] = "stack",
    out: Annotated[
        Path | None, typer.Option(help="picture: .png, .svg, .pdf; the YAML block beside it (default: CURVE-fit.png)")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON and nothing else")] = False,
) -> None:
    """Fit a stack to a supplier's points: voltage over current, or hydrogen or kWh/kg or kWh/Nm3 over power or load.

    For example:

        h2plant fit example_pem.csv

        h2plant fit example_pem_power.csv --set n_cells=280 cell_area_cm2=2350 temperature_setpoint_degc=65

        h2plant fit example_soec.csv --kind soec_module

        h2plant fit system.csv --set rated_power_mw=5

        h2plant fit curve.csv --columns cell_voltage_v=U_mean --ignore remark --parameters electrode_resistance_ohm_m2

    Power of a whole system (system_power_kw) is fitted with what its auxiliaries draw; heads such as U [V] and kWh/Nm3
    are read too. Prints the parameters with their intervals and the residuals, writes a picture and a YAML block for
    a plant file. The examples come with the package. Needs scipy and matplotlib: pip install 'h2plant[fit]'.
    """
    from h2plant.fitting.block import component_block
    from h2plant.fitting.curve import fit_curve
    from h2plant.fitting.picture import draw_curve
    from h2plant.report.plot import require_picture
    from h2plant.results.folder import write_out

    picture = out if out is not None else Path(f"{curve.name.split('.')[0]}-fit.png")
    require_picture(picture)
    given: Mapping[str, str] = pairs_of(set_ or [], "--set", "n_cells=120")
    renamed = pairs_of(columns or [], "--columns", "cell_voltage_v=U_mean")
    found = fit_curve(curve, kind, given, parameters or [], renamed, ignore or [], confidence)
    words = ["h2plant", "fit", str(curve), *(["--kind", kind] if kind else [])]
    words += [word for item in set_ or [] for word in ("--set", item)]
    words += ["--parameters", *parameters] if parameters else []
    block = component_block(found, name, shlex.join(words))
    draw_curve(found, picture)
    yaml = write_out(picture.with_suffix(".yaml"), lambda file: file.write_text(block, encoding="utf-8"))
    if as_json:
        typer.echo(json.dumps({**_content(found), "picture": str(picture), "yaml": str(yaml)}, indent=1))
        return
    _print(found)
    typer.echo(visible(f"\n{block}"))
    typer.echo(f"wrote {picture} and {yaml}")


def _content(found: CurveFit) -> dict[str, Any]:
    unit = "J/kg" if found.is_energy else "V"
    return {
        "kind": found.kind.name,
        "file": str(found.points.file),
        "parameters": [estimate_content(e) for e in found.fit.estimates],
        "confidence": found.fit.confidence,
        "n_points": found.points.n,
        "unit": unit,
        "is_system": found.is_system,
        "rms": float((found.residuals**2).mean() ** 0.5),
        "residuals": [float(r) for r in found.residuals],
        "said": list(found.notes),
    }


def estimate_content(estimate: Estimate) -> dict[str, Any]:
    """Return an estimate for JSON."""
    shown = {"name": estimate.candidate.name, "unit": estimate.candidate.unit, "before": estimate.candidate.start}
    interval = [None if math.isnan(end) else float(end) for end in (estimate.low, estimate.high)]
    return {
        **shown,
        "value": float(estimate.value),
        "interval": interval,
        "state": estimate.state,
        "note": estimate.note,
    }


def print_estimates(fit: Fit, before: str) -> None:
    """Print the table of parameters, and below it what is to be said of some."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from h2plant.core.terminal import Terminal

    console = Terminal()
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1), collapse_padding=True)
    table.add_column("parameter", overflow="fold")
    for heading in (before, "fitted", f"{fit.confidence * 100:g} % interval"):
        table.add_column(heading, justify="right", no_wrap=True)
    for e in fit.estimates:
        interval = e.state if math.isnan(e.low) else f"{e.low:.4g} to {e.high:.4g}"
        table.add_row(e.candidate.name, f"{e.candidate.start:.5g}", f"{e.value:.5g}", interval)
    console.print(table)
    for e in fit.estimates:
        if e.note:
            typer.echo(hanging(f"{e.candidate.name} ", e.note, "  "))


def _print(found: CurveFit) -> None:
    factor, unit, form = (1.0 / 3.6e6, "kWh/kg", ".2f") if found.is_energy else (1e3, "mV", ".1f")
    residuals = found.residuals * factor
    worst = int(abs(residuals).argmax())
    if found.points.comments:
        typer.echo(hanging(f"{found.points.file.name}: ", found.points.comments, "  "))
    print_estimates(found.fit, "default")
    rms = float((residuals**2).mean() ** 0.5)
    where = f"at line {found.points.lines[worst]}"
    largest = f"largest {residuals[worst]:+{form}} {unit} {where}"
    typer.echo(f"{found.points.n} points; residuals: rms {rms:{form}} {unit}, {largest}")
    if residuals.size <= _MOST_SHOWN:
        shown = " ".join(f"{r:+{form}}" for r in residuals)
        typer.echo(hanging(f"residuals, {unit}: ", shown, "  "))
    for text in found.notes:
        typer.echo(hanging("note: ", text))
