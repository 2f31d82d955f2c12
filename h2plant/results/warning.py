"""What whoever reads the summary of a run must know first: why its answer is not valid, what of it is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LOST = "lost_checksums"
"""Key of a summary as it was read: that its folder had checksums, and has none now."""
MOST_RESIDUAL = 1e-9
"""Relative residual of a balance up to which it closes."""


def warnings_of(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return ('not valid' or 'missing', why) for each thing to be known; empty for a sound run.

    Parameters
    ----------
    summary
        Of a run, or of a life, as written or as read from its folder.
    """
    missing = [("missing", f"{part}: {why}") for part, why in (summary.get("missing") or {}).items()]
    if lost := summary.get(LOST):
        missing.append(("missing", str(lost)))
    return missing + [("not valid", str(fault["text"])) for fault in summary.get("not_valid") or ()]
