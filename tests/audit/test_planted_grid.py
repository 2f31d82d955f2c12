"""Faults planted in tariff and meter of the grid, and in contracts over power: the audit names the law."""

import pytest

from tests.audit.planting import broken_in_case, planted

# fault -> case, law, (module, text, what takes its place)
FAULTS = {
    "fees counted 1 % low": (
        "grid_connection--tariff-and-peak",
        "grid-fees",
        ("components.grid_connection", "c.fee_eur += imported", "c.fee_eur += 0.99 * imported"),
    ),
    "high tariff on weekends": (
        "grid_connection--tariff-and-peak",
        "grid-fees",
        ("components.grid_connection", "if day < 4.5 or", "if day < 6.5 or"),
    ),
    "peak of a minute for that of a quarter": (
        "grid_connection--tariff-and-peak",
        "grid-metered-peak",
        ("components.grid_connection", "mean = c.quarter_j / max(_QUARTER_S, dt)", "mean = imported"),
    ),
    "months forgotten": (
        "grid_connection--tariff-and-peak",
        "grid-metered-peak",
        ("components.grid_connection", "c.past_months_peak_w += c.month_peak_w", "c.past_months_peak_w += 0.0"),
    ),
    "losses left out": (
        "grid_connection--tariff-and-peak",
        "grid-cost",
        ("components.grid_connection", "c.import_market_ratio * (1.0 + c.loss_frac)", "c.import_market_ratio"),
    ),
    "margin on negative prices paid out": (
        "grid_connection--margin-and-tax",
        "grid-fees",
        ("components.grid_connection", "c.margin_frac * abs(market_eur_per_j)", "c.margin_frac * market_eur_per_j"),
    ),
    "tax on the fee left out": (
        "grid_connection--margin-and-tax",
        "grid-cost",
        ("components.grid_connection", "market_eur_per_j + fee_eur_per_j + margin", "market_eur_per_j + margin"),
    ),
    "contract of all weekends": (
        "supply_contract--shaped-with-collar",
        "contract-volume",
        ("components.supply_contract", "if day > 4.5:", "if day > 9.5:"),
    ),
    "cap of a contract passed over": (
        "supply_contract--shaped-with-collar",
        "contract-price",
        (
            "components.supply_contract",
            "c.price_floor_eur_per_j), c.price_cap_eur_per_j)",
            "c.price_floor_eur_per_j), 1.0)",
        ),
    ),
    "contracted power sold at its own price": (
        "supply_contract--shaped-with-collar",
        "contract-settlement",
        ("components.supply_contract", "bus[c.revenue] = power * market", "bus[c.revenue] = power * agreed"),
    ),
    "paid by a contract counted 1 % low": (
        "supply_contract--shaped-with-collar",
        "contract-sums",
        ("components.supply_contract", "c.paid_eur += power", "c.paid_eur += 0.99 * power"),
    ),
}


@pytest.mark.parametrize(("case", "law", "edit"), FAULTS.values(), ids=FAULTS)
def test_fault_is_named(case, law, edit):
    assert law in broken_in_case(case, planted(edit))
