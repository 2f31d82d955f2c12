"""The command that writes a first plant of blocks from a few figures."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from h2plant.core.markup import visible
from h2plant.core.terminal import hanging


def design(
    technology: Annotated[str | None, typer.Option(help="electrolysers: alkaline, pem or soec")] = None,
    power_mw: Annotated[float | None, typer.Option(help="direct current of the electrolysers at full load, MW")] = None,
    pv_mw: Annotated[float, typer.Option(help="own solar power, MW of modules")] = 0.0,
    wind_mw: Annotated[float, typer.Option(help="own wind power, MW")] = 0.0,
    battery_mw: Annotated[float, typer.Option(help="battery, MW")] = 0.0,
    battery_mwh: Annotated[
        float | None, typer.Option(help="its energy, MWh [default: two hours; without grid four]")
    ] = None,
    grid_mw: Annotated[
        float | None,
        typer.Option(help="largest power from the grid, MW; 0: no grid [default: by a rule, which is said]"),
    ] = None,
    demand_kg_per_day: Annotated[float, typer.Option(help="hydrogen that a customer wants, kg a day")] = 0.0,
    price_eur_per_kg: Annotated[float, typer.Option(help="what customer and trailers pay, EUR/kg")] = 6.0,
    country: Annotated[
        str, typer.Option(help="where it stands: a code (ES) or a name; see `h2plant countries`")
    ] = "NL",
    latitude: Annotated[float | None, typer.Option(help="degrees north [default: of the weather]")] = None,
    longitude: Annotated[float | None, typer.Option(help="degrees east [default: of the weather]")] = None,
    weather: Annotated[Path | None, typer.Option(help="a file of weather [default: the bundled nl_2023]")] = None,
    price: Annotated[
        str | None, typer.Option(help="a file of prices of power, or EUR/MWh [default: the bundled nl_2023]")
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="file to write")] = Path("plant.yaml"),
    force: Annotated[bool, typer.Option("--force", help="overwrite what is there")] = False,
) -> None:
    """Write a first plant of blocks, with a size of its storage, and a study that improves the sizes.

    Without `--technology` and `--power-mw` it asks, in a terminal.

    For example:

        h2plant design

        h2plant design --technology alkaline --power-mw 20 --pv-mw 25 --wind-mw 20 --demand-kg-per-day 500

        h2plant design --technology pem --power-mw 10 --wind-mw 20 --country DE --weather dwd.csv --out north.yaml

    Exit codes: 0 done; 2 something to mend in what was given.
    """
    from h2plant.config.design import Wish, write_design

    said: dict[str, Any] = {
        "technology": technology, "power_mw": power_mw, "pv_mw": pv_mw, "wind_mw": wind_mw, "battery_mw": battery_mw,
        "battery_mwh": battery_mwh, "grid_mw": grid_mw, "demand_kg_per_day": demand_kg_per_day,
        "price_eur_per_kg": price_eur_per_kg, "country": country, "latitude": latitude, "longitude": longitude,
        "weather": weather, "price": price,
    }  # fmt: skip
    if technology is None and power_mw is None and is_terminal():
        said |= asked()
    for name in ("technology", "power_mw"):
        if said[name] is None:
            raise typer.BadParameter("is needed, as in --technology pem --power-mw 10", param_hint=_flag(name))
    written = write_design(Wish(**said), out, force)
    for remark in written.remarks:
        head, _, rest = remark.partition(": ")
        typer.echo(hanging(f"{head}: ", visible(rest)))
    typer.echo(hanging("wrote ", f"{written.plant} and {written.study}"))
    start = f"{written.start:%Y-%m-%d}"
    _check(written.plant, start)
    typer.echo("next:")
    plant, study = shlex.quote(str(written.plant)), shlex.quote(str(written.study))
    for command in (
        f"h2plant check {plant}",
        f"h2plant run {plant} --start {start} --hours 240",
        f"h2plant optimize {study}   # for the least cost",
    ):
        typer.echo(visible(f"  {command}"))


def is_terminal() -> bool:
    """Return whether somebody can answer questions."""
    return sys.stdin.isatty()


def asked() -> dict[str, Any]:
    """Return the answers to what a plant is made of."""

    def number(text: str, default: float | None = None) -> float:
        return float(typer.prompt(text, default=default, type=float))

    def path(text: str, type_: Callable[[str], Any]) -> Any:
        answer = str(typer.prompt(text, default="nl_2023")).strip()
        return None if answer == "nl_2023" else type_(answer)

    from h2plant.config.design import TECHNOLOGIES

    technology = ""
    while technology not in TECHNOLOGIES:
        technology = str(typer.prompt(f"electrolysers ({', '.join(TECHNOLOGIES)})", default="alkaline")).strip().lower()
    return {
        "technology": technology,
        "power_mw": number("their power, MW"),
        "pv_mw": number("own solar power, MW", 0.0),
        "wind_mw": number("own wind power, MW", 0.0),
        "battery_mw": number("battery, MW", 0.0),
        "grid_mw": None if typer.confirm("a connection to the grid", default=True) else 0.0,
        "demand_kg_per_day": number("hydrogen that a customer wants, kg a day", 0.0),
        "country": str(typer.prompt("country", default="NL")),
        "weather": path("file of weather", Path),
        "price": path("file of prices of power, or EUR/MWh", str),
    }


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _check(plant: Path, start: str) -> None:
    """Check the plant that was written, as ``h2plant check`` does; findings end the command."""
    from h2plant.config.scenario import changed_scenario, load_scenario
    from h2plant.session.session import load_run

    loaded = load_run(changed_scenario(load_scenario(str(plant)), start=start))
    n_components, n_links = len(loaded.plant.components), len(loaded.plant.links)
    typer.echo(hanging(f"{plant}: ", f"in order: {n_components} components, {n_links} links"))
