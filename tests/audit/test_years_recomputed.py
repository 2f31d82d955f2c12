"""Prices along paths, CO2 at a price and the cover of a debt are found another way: no false alarm, faults named."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from h2plant.economics import appraisal, cash_flow
from h2plant.economics.debt_cover import cover_columns
from h2plant.session.session import Session
from tests.audit.test_figures_recomputed import Patch, checked, minimal_with

ECONOMICS: dict[str, Any] = {
    **{"debt_frac": 0.6, "debt_years": 12, "construction_frac": [0.4, 0.6], "hydrogen_price_eur_per_kg": 16},
    **{"carbon_price_eur_per_t": 80, "first_year": 2028, "ramp_up_frac": [0.6], "grid_intensity_g_per_kwh": 300},
    "price_paths": {
        "power": {"rate_frac": 0.015, "money": "real"},
        "power_contract": {"rate_frac": 0.0, "money": "nominal"},
        "hydrogen": {"factors": [1.0, 0.9, 1.1], "money": "nominal"},
        "carbon": {"by_year": {2025: 70, 2030: 110, 2050: 200}, "reference": 80, "money": "real"},
        "upkeep": {"rate_frac": 0.03, "money": "nominal"},
    },
}

FAULTS_OF_YEARS: dict[str, tuple[str, Callable[[Patch], object]]] = {
    "prices of the run in all years": (
        "hydrogen_cost_after_tax_eur_per_kg",
        lambda p: p.setattr(appraisal, "_along_paths", lambda s, rows: dict(rows)),
    ),
    "hydrogen without its path": (
        "net_present_value_eur",
        lambda p: p.setattr(appraisal, "_along_path", lambda project, s: project),
    ),
    "loan life without interest": (
        "loan_life_cover_ratio",
        lambda p: p.setattr(cash_flow, "cover_columns", lambda c, first, n, _: cover_columns(c, first, n, 0.0)),
    ),
    "debt service without interest": (
        "debt_service_cover_least_ratio",
        lambda p: p.setattr(
            cash_flow, "cover_columns", lambda c, *of: cover_columns({**c, "interest": [0.0] * len(c["tax"])}, *of)
        ),
    ),
    "CO2 by the gram": ("hydrogen_cost_eur_per_kg", lambda p: p.setattr(appraisal, "carbon_eur", lambda s, year: 1.0)),
}


def test_no_false_alarm_and_planted_faults_found_by_name(tmp_path: Path, monkeypatch: Patch) -> None:
    session = Session(minimal_with(ECONOMICS, tmp_path), hours=1680.0, step_s=3600)
    session.run()
    session.results(tmp_path / "sound")
    sound = checked(tmp_path / "sound", session)
    assert sound.broken == set()
    figures = sound.summary["key_figures"]
    assert figures["loan_life_cover_ratio"] is not None and figures["net_present_value_eur"] is not None
    assert sound.summary["economics"]["start_price_eur_per_kg"] is not None
    for name, (figure, plant) in FAULTS_OF_YEARS.items():
        with monkeypatch.context() as patch:
            plant(patch)
            session.results(tmp_path / name)
        assert figure in checked(tmp_path / name, session).broken, name
