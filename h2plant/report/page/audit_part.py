"""By which laws a run was checked, and how near each came to being broken."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from h2plant.audit.examine import NEGLIGIBLE, worst_text
from h2plant.core.markup import NONE
from h2plant.report.page.parts import Cell, Section, folded, table, warning
from h2plant.results.folder import AUDIT

_HEADINGS = ("law", "says", "checks", "worst, share of what is allowed", "component", "step")
_IS_TEXT = (True, True, False, False, True, False)


def audit_of(summary: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the full audit that lies in a folder, else the short one of the summary; empty if there is none."""
    try:
        found = json.loads((folder / AUDIT).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        found = None
    short: Any = summary.get("audit")
    return found if _is_audit(found) else short if _is_audit(short) else {}


def _is_audit(found: Any) -> bool:
    """Whether something read from a file has the form of an audit."""
    if not isinstance(found, dict) or not isinstance(found.get("laws"), list):
        return False
    return all(
        isinstance(law, dict)
        and isinstance(law.get("n_checks"), int)
        and isinstance(law.get("step"), int)
        and isinstance(law.get("worst_share"), float | int | None)
        and isinstance(law.get("broken_at"), list)
        for law in found["laws"]
    )


def audit_section(summary: dict[str, Any], folder: Path) -> Section:
    """Return the laws that were checked, the broken ones on top."""
    found = audit_of(summary, folder)
    title = "Checked by"
    if not found:
        return Section("audit", title, "This run was not checked by laws of nature.", NONE)
    checked = [law for law in found["laws"] if law["n_checks"]]
    broken = [law for law in checked if law.get("broken_at")]
    html = NONE
    for law in broken:
        where = ", ".join(f"'{one}'" for one in law["broken_at"][:5])
        html += warning(f"Broken at {where}: {law.get('text')} ({law.get('law')}).")
    html += folded("All laws", table("Laws, the nearest to being broken first", _HEADINGS, _rows(checked), _IS_TEXT))
    n_checks = sum(law["n_checks"] for law in checked)
    how = "by CoolProp's equations of state and plain arithmetic" if found.get("is_full") else "by plain arithmetic"
    intro = (
        f"{len(checked)} laws that share no code with the simulator were checked {how} on "
        f"{found.get('n_steps', 0)} single steps and on the sums of the run, {n_checks:,} numbers in all; "
        f"{f'{len(broken)} of them broken' if broken else 'none is broken'}."
    )
    return Section("audit", title, intro, html)


def _rows(laws: list[dict[str, Any]]) -> list[tuple[Cell, ...]]:
    return [tuple(_cells(law)) for law in laws]


def _cells(law: dict[str, Any]) -> Iterator[Cell]:
    worst, step = law.get("worst_share"), law.get("step", -1)
    yield Cell(str(law.get("law")))
    yield Cell(str(law.get("text")))
    yield Cell(f"{law['n_checks']:,}", law["n_checks"])
    yield Cell("∞", float("inf")) if worst is None else Cell(worst_text(worst), worst)
    is_rounding = worst is not None and worst < NEGLIGIBLE
    yield Cell("–" if is_rounding else str(law.get("component")))
    yield Cell("–" if is_rounding else "run" if step < 0 else f"{step:,}", step)
