"""The command line: ``application`` puts it together, the other files hold a command each.

``app`` (Typer's) and ``main`` are imported when they are first used: a command that is not called costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from h2plant.cli.application import app, main

__all__ = ["app", "main"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from h2plant.cli import application

        return getattr(application, name)
    raise AttributeError(f"module 'h2plant.cli' has no attribute {name!r}")
