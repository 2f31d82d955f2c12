"""Installed cost of a component's parts, as a kind declares it (``Kind.costs``).

A cost figure gives the cost of a reference size in its currency and year; other sizes follow the power law
C = C_0 (S / S_0)^n (Towler and Sinnott 2013, Chemical Engineering Design, 2nd ed., chapter 7), other years and
currencies ``economics.price_level``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class CostFigure:
    """Installed cost of a part of a component.

    Parameters
    ----------
    part
        What it is.
    size_parameters
        Parameters of the kind, SI, whose product is the size; none: a cost that does not depend on size.
    reference_size, reference_cost, price_year
        Size (SI), its cost in ``currency``, and the year of that price.
    exponent
        Power of the size in the cost.
    life_years, life_h
        Life by age, and where running wears it out (stacks) its life in hours of running. The degradation of a run,
        where there is one, counts before both.
    fixed_cost_frac
        Operation and maintenance per year as a share of the installed cost.
    source
        Where the figure comes from.
    currency
        Currency of the reference cost.
    installation_ratio
        Installed cost over the reference cost; 1 where that is installed already.
    end_of_life_loss_frac
        Share of its hydrogen, or of its capacity, that it has lost when it is worn out; above 0: it wears.
    low_ratio, high_ratio
        Range of the cost in the literature, over the cost itself.
    """

    part: str
    size_parameters: tuple[str, ...]
    reference_size: float
    reference_cost: float
    price_year: int
    exponent: float
    life_years: float
    fixed_cost_frac: float
    source: str
    life_h: float = math.inf
    currency: str = "EUR"
    installation_ratio: float = 1.0
    end_of_life_loss_frac: float = 0.0
    low_ratio: float = 0.7
    high_ratio: float = 1.5


JU_2020 = "Clean Hydrogen JU, SRIA 2021-2027, KPI 2020"
IRENA_2020 = "IRENA 2020, Green Hydrogen Cost Reduction, ISBN 978-92-9260-295-6, shares of a PEM system"
BOEHM_2019 = "Boehm et al. 2019, doi 10.1016/j.ijhydene.2019.09.230, shares of a system"
HDSAM = "HDSAM 3.1 (Argonne), DOE H2A Delivery"
STOLZENBURG_2014 = "Stolzenburg et al. 2014, Integration von Wind-Wasserstoff-Systemen in das Energiesystem (NOW)"
TOWLER_2013 = "Towler and Sinnott 2013, table 7.2, with an installation factor of 3"
ESTIMATE = "engineering estimate, -30 to +50 %"


def cost(
    part: str,
    size: tuple[str, ...],
    reference_size: float,
    reference_cost: float,
    exponent: float,
    source: str,
    price_year: int = 2020,
    life_years: float = 20.0,
    fixed_cost_frac: float = 0.02,
    **more: Any,
) -> CostFigure:
    """Declare a cost figure; see ``CostFigure`` for the arguments and for what ``more`` may hold."""
    numbers = (reference_size, reference_cost, price_year, exponent, life_years, fixed_cost_frac)
    return CostFigure(part, size, *numbers, source, **more)
