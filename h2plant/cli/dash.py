"""``h2plant dash``: a local web application to browse, run and compare runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from h2plant.cli.arguments import AllowCode


def dash(
    runs_dir: Annotated[Path, typer.Argument(help="folder of runs, or of one run; it need not exist yet")] = Path(
        "results"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="port; 0 takes a free one")] = 8050,
    host: Annotated[
        str, typer.Option(help="address to listen on; elsewhere than on this machine a token is asked for")
    ] = "127.0.0.1",
    token: Annotated[bool, typer.Option("--token", help="ask for a token on this machine as well")] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="open the page in a browser")] = False,
    allow_code: AllowCode = False,
) -> None:
    """Open the dashboard: browse runs, zoom from year to minute, change a scenario and run it, compare, export.

    For example:

        h2plant dash

        h2plant dash results --port 8051 --open

        h2plant dash --host 0.0.0.0          # reached from other machines, with the token that it prints

    It runs until Ctrl-C. Needs Dash: pip install 'h2plant[dash]'. Plant and scenario files of yours are found in the
    folder in which the command is given.
    """
    from h2plant.core.user_code import allow_code as allow
    from h2plant.dashboard.server import Server, require_dash

    require_dash()
    if allow_code:
        allow()
    server = Server(runs_dir, Path.cwd(), host, port, token)
    typer.echo(f"dashboard: {server.address}")
    if server.guard.token:
        typer.echo("Whoever opens this address can run plants and read their results: keep it to yourself.")
    typer.echo("stop it with Ctrl-C")
    if open_:
        import webbrowser

        webbrowser.open(server.address)
    server.serve_until_interrupted(lambda: typer.echo("stopping", err=True))
