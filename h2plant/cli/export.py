"""``h2plant export``: a run for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h2plant.core.real_path import real_path


def export(
    run: Annotated[Path, typer.Argument(help="folder of a run's results")],
    columns: Annotated[list[str] | None, typer.Argument(help="only these columns of the log")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="the log as text, units in the names")] = False,
    netcdf: Annotated[bool, typer.Option("--netcdf", help="the log as NetCDF, CF-style units")] = False,
    excel: Annotated[bool, typer.Option("--excel", help="a workbook: figures, balances, events, columns")] = False,
    out: Annotated[Path | None, typer.Option(help="file to write; default: beside the folder")] = None,
) -> None:
    """Write a run for other programs. The log is Parquet already: RUN/log.parquet.

    For example:

        h2plant export results/minimal_day-1 --excel

        h2plant export results/minimal_day-1 stack.power.power_w tank.pressure_pa --csv --out day.csv

    NetCDF and Excel need xarray, h5netcdf, h5py and openpyxl: pip install 'h2plant[export]'.
    """
    from h2plant.report import export as exports
    from h2plant.results import Results
    from h2plant.results.folder import ResultsError

    chosen = [name for name, wanted in (("csv", csv), ("nc", netcdf), ("xlsx", excel)) if wanted]
    if not chosen:
        raise typer.BadParameter("say which form: --csv, --netcdf or --excel")
    if out is not None and len(chosen) > 1:
        raise typer.BadParameter(
            "one file cannot hold several forms; give one form, or leave it out", param_hint="--out"
        )
    results = Results(run)
    names = columns or None
    for ending in chosen:
        target = out if out is not None else run.with_name(f"{real_path(run).name}.{ending}")
        try:
            if ending == "csv":
                file = exports.to_csv(results, target, names)
            elif ending == "nc":
                file = exports.to_netcdf(results, target, names)
            else:
                file = exports.to_excel(results, target)
        except KeyError as error:
            raise ResultsError(f"{run}: {error.args[0]}") from None
        typer.echo(f"wrote {file}")
