"""The command that lists the built-in blocks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h2plant.core.markup import visible
from h2plant.core.terminal import hanging


def blocks(
    name: Annotated[str | None, typer.Argument(help="a block: its parameters and connectors", metavar="[name]")] = None,
    copy: Annotated[
        Path | None, typer.Option("--copy", help="file of your own to write, named like your block", metavar="<file>")
    ] = None,
) -> None:
    """List the built-in blocks, or a block's parameters and connectors.

    For example:

        h2plant blocks

        h2plant blocks pem_train

        h2plant blocks pem_train --copy my_train.yaml

    Exit codes: 0 done; 2 there is no such block.
    """
    from h2plant.config.blocks.block_file import built_in_blocks, read_block
    from h2plant.plant.finding import Finding, PlantError, nearest

    files = built_in_blocks()
    if name is None:
        for each in files:
            typer.echo(hanging(f"{each:20}", " ".join(read_block(files[each]).description.split())))
        return
    if name not in files:
        raise PlantError([Finding("unknown-block", "", f"there is no block '{name}'", nearest(name, files))])
    block = read_block(files[name])
    if copy is not None:
        if copy.exists():
            raise PlantError([Finding("file-exists", "", "is there already", "choose another name", copy)])
        copy.write_text(block.text.replace(f"block: {name}\n", f"block: {copy.stem}\n", 1), encoding="utf-8")
        typer.echo(f"{visible(str(copy))}: name it in the plant under 'blocks:'")
        return
    typer.echo(hanging(f"{name}: ", " ".join(block.description.split()), "  "))
    typer.echo("\nparameters")
    for parameter in block.parameters.values():
        about = f"{parameter.description} ({parameter.default_text}; {parameter.range_text})"
        typer.echo(hanging(f"  {parameter.name:32}", about))
    typer.echo("\nconnectors")
    for connector in block.connectors.values():
        side = "gives" if connector.gives else "takes"
        typer.echo(
            f"  {connector.name:32}{side} {connector.type}{' (may stay alone)' if connector.is_optional else ''}"
        )
