"""Arguments that several commands take."""

from __future__ import annotations

from collections.abc import Sequence

import typer


def overrides_of(items: Sequence[str]) -> dict[str, str]:
    """Return ``--set component.parameter=value`` as a mapping."""
    result = {}
    for item in items:
        name, sign, value = item.partition("=")
        if not sign or "." not in name or not value.strip():
            text = f"{item!r}: write component.parameter=value, such as wind.capacity_mw=40"
            raise typer.BadParameter(text, param_hint="--set")
        result[name.strip()] = value.strip()
    return result
