"""How well the cash of a project covers its debt, year by year: debt service cover and loan life cover."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NO_DEBT = "there is no debt (economics.debt_frac is 0)"

DSCR = "debt_service_cover_ratio"
LLCR = "loan_life_cover_ratio"
AVAILABLE = "available_for_debt_service"


def cover_columns(
    columns: Mapping[str, Sequence[float]], first_year: int, debt_years: int, rate_frac: float
) -> dict[str, list[float]]:
    """Return the columns of a cash flow that say how its debt is covered; NaN in years without debt.

    Cash available for debt service is what operation earns, less tax, renewals and the growth of working capital; what
    is left of the plant at its end, and its dismantling, are not in it, nor is the tax on them. DSCR is that by
    interest and principal of the year; LLCR the present value, at the interest of the debt, of all of it from the year
    on to the last of the debt, by what is owed at the start of the year.

    Parameters
    ----------
    columns
        The cash flow, in money of each year; ``tax`` is that on what operation earns, without residual value and
        decommissioning.
    first_year
        Year of its first row; operation starts in year 1.
    debt_years
        Years of operation in which the debt is repaid.
    rate_frac
        Interest per year, nominal.

    Notes
    -----
    Source: Yescombe 2014, Principles of Project Finance, 2nd edition, Academic Press, chapter 12 (cover ratios).
    """
    earned = zip(
        columns["earnings_before_interest_tax_depreciation"],
        (-x for x in columns["residual_value"]),
        columns["decommissioning"],
        *([-x for x in columns[name]] for name in ("tax", "replacements", "working_capital")),
        strict=True,
    )
    available = [math.fsum(row) if first_year + i >= 1 else 0.0 for i, row in enumerate(earned)]
    n = len(available)
    service, life = [math.nan] * n, [math.nan] * n
    worth = 0.0
    for i in range(min(n - 1, debt_years - first_year), -first_year, -1):
        worth = (worth + available[i]) / (1.0 + rate_frac)
        due = columns["interest"][i] + columns["principal"][i]
        owed = math.fsum((*columns["borrowed"][:i], *(-x for x in columns["principal"][:i])))
        service[i] = available[i] / due if due > 0.0 else math.nan
        life[i] = worth / owed if owed > 0.0 else math.nan
    return {AVAILABLE: available, DSCR: service, LLCR: life}


@dataclass(frozen=True)
class DebtCover:
    """The cover of a debt over its life.

    Attributes
    ----------
    least_dscr_ratio, least_dscr_year
        Least debt service cover, and the year of operation in which it is.
    mean_dscr_ratio
        Mean of the years with debt service.
    llcr_ratio, least_llcr_ratio
        Loan life cover at the start of operation, and the least at the start of any year.
    """

    least_dscr_ratio: float
    least_dscr_year: int
    mean_dscr_ratio: float
    llcr_ratio: float
    least_llcr_ratio: float

    @classmethod
    def of(cls, years: Sequence[int], columns: Mapping[str, Sequence[float]]) -> DebtCover | None:
        """Return the cover of a cash flow; None where there is no debt to serve."""
        service = [(x, year) for x, year in zip(columns.get(DSCR, ()), years, strict=False) if not math.isnan(x)]
        life = [x for x in columns.get(LLCR, ()) if not math.isnan(x)]
        if not service or not life:
            return None
        least, year = min(service)
        mean = math.fsum(x for x, _ in service) / len(service)
        return cls(least, year, mean, life[0], min(life))

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return dict(vars(self))
