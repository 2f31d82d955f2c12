"""Which form results are of: the number that they carry, a reader for each older form, a refusal for newer ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

FORMAT = 2
"""Form in which results are written. It is counted up where a key, a column or a figure goes or changes its meaning."""


class FormatError(ValueError):
    """Results of a form that is not read here; the text says which, and what to do."""


def version_of(summary: Mapping[str, Any]) -> str:
    """Return the version of h2plant that wrote results; empty where they do not say."""
    provenance = summary.get("provenance")
    found = provenance.get("h2plant") if isinstance(provenance, dict) else None
    return found if isinstance(found, str) else ""


def require_readable(summary: Any) -> None:
    """Raise a FormatError for a summary that is of no form that is read here.

    Parameters
    ----------
    summary
        As it was read; it may be anything.
    """
    found = summary.get("format") if isinstance(summary, dict) else None
    if isinstance(found, int) and not isinstance(found, bool) and (found == FORMAT or found in _READERS):
        return
    if isinstance(found, int) and found > FORMAT:
        by = version_of(summary)
        writer = f"written by h2plant {by}" if by else "written by a newer version of h2plant"
        version = vars(sys.modules["h2plant"])["__version__"]  # the package itself imports all layers
        own = f"this is h2plant {version}, which reads up to format {FORMAT}"
        raise FormatError(
            f"{writer} in format {found}, and {own}; read it with the version that wrote it, or a newer one"
        )
    raise FormatError(f"results of format {found}, and this version reads {min(_READERS)} to {FORMAT}; run it again")


def in_todays_form(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary of any form that is read in that of today; ``format`` still says in which it was written.

    Parameters
    ----------
    summary
        One that ``require_readable`` lets pass, of the shape of a summary.
    """
    for form in range(summary["format"], FORMAT):
        summary = _READERS[form](summary)
    return summary


def _from_1(summary: dict[str, Any]) -> dict[str, Any]:
    """Return a summary of 0.1.0, which knew one limit of emissions, that of the EU for all electricity bought."""
    economics = summary.get("economics") or {}
    carbon = economics.get("carbon") or {}
    is_met = carbon.get("is_below_limit")
    if is_met is None or carbon.get("labels"):
        return summary
    label = {
        "id": "eu_limit",
        "name": "EU limit",
        "kg_per_kg": carbon.get("kg_per_kg"),
        "limit_kg_per_kg": carbon.get("limit_kg_per_kg"),
        "g_per_mj": carbon.get("g_per_mj"),
        "share_frac": 1.0,
        "boundary": "per kg made: electricity bought",
        "source": "Delegated Regulation (EU) 2023/1185, as version 0.1.0 took it",
        "usd_per_kg": None,
        "is_met": is_met,
    }
    kept = {key: value for key, value in carbon.items() if key != "is_below_limit"}
    return {**summary, "economics": {**economics, "carbon": {**kept, "labels": {"eu_limit": label}}}}


_READERS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_1}
"""What makes of a summary of a form one of the next."""
