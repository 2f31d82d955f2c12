"""Totals of a year, as the appraisal takes them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Year:
    """Totals of a run, scaled to 8760 hours; mappings are by component.

    Attributes
    ----------
    made_kg
        Hydrogen made by each electrolyser.
    sold_kg, hydrogen_revenue_eur
        Hydrogen sold, and what it earned, were all of it certified.
    certified_kg, asked_kg
        Hydrogen sold that is certified as renewable; what buyers asked for, None where they take what there is.
    uncertified_eur
        By how much less it earned because a part of it is not.
    certified_more_eur
        By how much more all of it would have earned by premiums for the certified share, were all of it certified.
    power_contract_eur, grid_import_eur, grid_fee_eur, power_sold_eur
        Paid for contracted power; for imports at the market, and in fees per energy; earned by exports.
    imbalance_eur, emergency_eur
        Paid for imports that were not planned, without those fees; for the emergency supply.
    contracted_eur, contracted_worth_eur
        Paid by contracts over power that are settled against the market, and what that power was worth there.
    exported_j, own_used_j
        Energy sold; energy of own sources, paid for whether taken or not, that the plant used itself.
    peak_import_kw, month_peak_kw
        Largest import of a quarter of an hour, and the mean of those of the months, for the fees by them.
    water_eur, oxygen_eur, nitrogen_eur, water_sold_eur, heat_eur
        Paid for water; earned by other products (negative: paid for their disposal) and by heat.
    outage_eur
        Paid for outages of components, beside their upkeep.
    drawn_j
        Energy that each component drew, by which the cost of electricity is shared out.
    worn_lives_years
        Life of stacks by their degradation in the run.
    stock_eur
        Worth of the hydrogen added to the stock; below nothing, what making again costs that was taken out of it.
    emitted_kg
        Greenhouse gas of imports, by the mix of the grid, and of emergency supplies; 0 where nobody says what it is.
    """

    made_kg: Mapping[str, float]
    sold_kg: float = 0.0
    hydrogen_revenue_eur: float = 0.0
    certified_kg: float = 0.0
    asked_kg: float | None = None
    uncertified_eur: float = 0.0
    certified_more_eur: float = 0.0
    power_contract_eur: float = 0.0
    grid_import_eur: float = 0.0
    grid_fee_eur: float = 0.0
    power_sold_eur: float = 0.0
    contracted_eur: float = 0.0
    contracted_worth_eur: float = 0.0
    exported_j: float = 0.0
    own_used_j: float = 0.0
    peak_import_kw: float = 0.0
    month_peak_kw: float = 0.0
    imbalance_eur: float = 0.0
    emergency_eur: float = 0.0
    water_eur: Mapping[str, float] = field(default_factory=dict)
    oxygen_eur: Mapping[str, float] = field(default_factory=dict)
    nitrogen_eur: Mapping[str, float] = field(default_factory=dict)
    water_sold_eur: Mapping[str, float] = field(default_factory=dict)
    heat_eur: Mapping[str, float] = field(default_factory=dict)
    outage_eur: Mapping[str, float] = field(default_factory=dict)
    drawn_j: Mapping[str, float] = field(default_factory=dict)
    worn_lives_years: Mapping[str, float] = field(default_factory=dict)
    stock_eur: float = 0.0
    emitted_kg: float = 0.0

    @property
    def market_eur_per_j(self) -> float:
        """What power sold earned on the mean, EUR/J; 0 where none was sold: then nobody takes what is left either."""
        return self.power_sold_eur / self.exported_j if self.exported_j > 0.0 else 0.0

    @property
    def total_made_kg(self) -> float:
        """Hydrogen made by all electrolysers."""
        return math.fsum(self.made_kg.values())
