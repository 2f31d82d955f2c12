"""The command that lists the bundled plants."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from h2plant.core.markup import visible
from h2plant.core.terminal import hanging

_FIRST = re.compile(r"[.;](?: |$)")
"""Where the first statement of a description ends."""


def described(plant: str) -> str:
    """Return what a bundled plant says of itself, in one line."""
    from h2plant.config.bundled import PLANTS
    from h2plant.config.yaml_source import read_yaml

    node = read_yaml(PLANTS / f"{plant}.yaml", [])
    assert node is not None
    return " ".join(str(node.data()["description"]).split())


def plants(
    name: Annotated[str | None, typer.Argument(help="a bundled plant: what it is", metavar="[name]")] = None,
    copy: Annotated[
        Path | None, typer.Option("--copy", help="file of your own to write, to be changed", metavar="<file>")
    ] = None,
) -> None:
    """List the bundled plants, each of which runs by its name.

    For example:

        h2plant plants

        h2plant plants pem_wind

        h2plant plants pem_wind --copy my_plant.yaml

    Exit codes: 0 done; 2 there is no such plant.
    """
    from h2plant.config.bundled import bundled_plants, plant_file
    from h2plant.plant.finding import Finding, PlantError

    if name is None:
        for each in bundled_plants():
            typer.echo(hanging(f"{each:12}", _FIRST.split(described(each))[0]))
        return
    findings: list[Finding] = []
    file = plant_file(name, Path(), findings)
    if file is None or name not in bundled_plants():
        raise PlantError(findings or [Finding("no-such-plant", "", f"'{name}' is no bundled plant", "leave it out")])
    if copy is None:
        typer.echo(hanging(f"{name}: ", described(name), "  "))
        typer.echo(f"\nh2plant run {name} --hours 8760 --log-every 1h")
        return
    if copy.exists():
        raise PlantError([Finding("file-exists", "", "is there already", "choose another name", copy)])
    text = file.read_text(encoding="utf-8").replace(f"name: {name}\n", f"name: {copy.stem}\n", 1)
    copy.write_text(text, encoding="utf-8")
    typer.echo(f"{visible(str(copy))}: h2plant check {visible(str(copy))}")
