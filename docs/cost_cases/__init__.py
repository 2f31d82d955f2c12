"""Published costs of hydrogen beside ours: ``python -m docs.cost_cases`` writes the table into docs/validation.md."""

from __future__ import annotations

from docs.cost_cases import closed_form, h2a, headlines, profast
from docs.cost_cases.case import Case


def all_cases() -> list[Case]:
    """Return all cases, in the order of the page."""
    return [
        *closed_form.cases(),
        *profast.central_cases(),
        profast.h2fast_case(),
        *h2a.cases(),
        *headlines.iea_cases(),
        headlines.tno_case(),
    ]
