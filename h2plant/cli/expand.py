"""The command that prints the plain plant of a plant file with blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h2plant.core.markup import visible


def expand(
    plant: Annotated[str, typer.Argument(help="a plant file, or the name of a bundled plant", metavar="<plant>")],
    out: Annotated[
        Path | None, typer.Option("--out", help="file to write instead; keep it in the plant's folder")
    ] = None,
) -> None:
    """Print a plant without its blocks: all components and links, each size with its reason.

    What is printed is a plant file: put beside the plant's file, it reads as the same plant.

    For example:

        h2plant expand my_plant.yaml

        h2plant expand my_plant.yaml --out my_plant_plain.yaml

    Exit codes: 0 done; 2 something to mend in the plant.
    """
    from h2plant.config.blocks.plain_text import plain_text
    from h2plant.config.load import read_expansion
    from h2plant.core.whole_file import whole_file

    loaded, expansion = read_expansion(plant)
    text = plain_text(loaded, expansion)
    if out is None:
        typer.echo("\n".join(visible(line) for line in text.split("\n")), nl=False)
        return
    with whole_file(out) as partial:
        partial.write_text(text, encoding="utf-8")
    typer.echo(f"{visible(str(out))}: {len(loaded.components)} components, {len(loaded.links)} links")
