"""The closed form by the capital recovery factor, capital at the start of the first year or a year before."""

from __future__ import annotations

from docs.cost_cases.case import Case
from h2plant.economics.cash_flow import Financing, Project, break_even_price

_KG = 50000 * 365 * 0.9
_INPUTS = "50 t/d at 90 %, capital 100 M, fixed 3 M a year, 55.5 kWh/kg at 0.05; 8 % real, 20 years, no tax"
_PUBLISHED = {
    "capital at the start": ((1.0,), 3.5777531739613435),
    "capital a year before": ((1.0, 0.0), 3.627361555732132),
}


def cases() -> list[Case]:
    """Return both conventions."""
    costs = {"fixed": (3.0e6,) * 20, "power": (55.5 * 0.05 * _KG,) * 20}
    return [
        Case(
            "capital recovery factor", name, _INPUTS, published,
            break_even_price(Project(100.0e6, (_KG,) * 20, costs, construction=construction), Financing(0.08)),
            "closed form, checked there by a discounted cash flow to 1e-12", 1.0e-9,
        )
        for name, (construction, published) in _PUBLISHED.items()
    ]  # fmt: skip
