"""The command that gives files today's names."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from h2plant.core.markup import visible


def migrate(
    files: Annotated[list[Path], typer.Argument(help="plant, scenario and study files")],
    check: Annotated[bool, typer.Option("--check", help="write nothing; exit code 1 if anything is to change")] = False,
) -> None:
    """Give files the names of today, where keys, kinds, parameters, ports or figures were renamed.

    Prints what changes and writes the files in their place; comments and layout stay. Scenarios and studies are
    rewritten by the kinds of the plant that they name: keep the plant where they look for it.

    For example:

        h2plant migrate my_plant.yaml my_plant-day.yaml

        h2plant migrate --check *.yaml

    Exit codes: 0 done; 1 with --check, something is to change; 2 something to mend by hand.
    """
    from h2plant.config.renamed import edited, notes
    from h2plant.config.yaml_source import name_changes, read_yaml
    from h2plant.core.whole_file import whole_file
    from h2plant.plant.finding import Finding, raise_errors

    findings: list[Finding] = []
    texts: dict[Path, tuple[str, str]] = {}
    foreign: list[Path] = []
    for file in files:
        node = read_yaml(file, findings)  # what is wrong with it stops all: nothing is half done
        if node is not None:
            changes = name_changes(node.text, file)
            texts[file] = node.text, edited(node.text, changes)
            findings.extend(notes(changes, file))
            if "h2plant" not in (node.entries or {}):
                foreign.append(file)
    raise_errors(findings)
    for file in foreign:
        typer.echo(
            f"note: {visible(str(file))}: there is no key 'h2plant': this is no plant, scenario or study", err=True
        )
    changed = {file: (old, new) for file, (old, new) in texts.items() if old != new}
    for file, (old, new) in changed.items():
        lines = difflib.unified_diff(old.splitlines(), new.splitlines(), str(file), str(file), lineterm="", n=1)
        typer.echo("\n".join(visible(line) for line in lines))
        if not check:
            mark = "\ufeff" if file.read_bytes().startswith(b"\xef\xbb\xbf") else ""
            with whole_file(file) as partial:
                partial.write_bytes((mark + new).encode())
    n, all_ = len(changed), len(texts)
    typer.echo(f"{n} of {all_} files {'to change' if check else 'changed'}")
    if check and changed:
        raise typer.Exit(1)
