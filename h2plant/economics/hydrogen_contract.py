"""A contract over hydrogen by the year: what the buyer pays for at least, and what the plant pays for what is missing.

The buyer takes or pays a share of the contracted hydrogen, whatever he asks for; the plant owes a share of it, as far
as the buyer asks for it. Neither pays for what the other one caused. Contracts by day or week are parameters of the
offtake.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated

from pydantic import Field, FiniteFloat

from h2plant.economics.shape import EconomicsShape
from h2plant.economics.subsidy import Sold

TAKE_OR_PAY = "take or pay"
SHORTFALL = "delivery shortfall"
"""Kinds of income, the second below nothing, and columns of the cash flow."""


class HydrogenContract(EconomicsShape):
    """The ``hydrogen_contract`` of a plant's economics."""

    kg_per_year: Annotated[FiniteFloat, Field(ge=1e-9, le=1e15)]
    take_or_pay_frac: Annotated[FiniteFloat, Field(ge=0.0, le=1.0)] = 0.0
    delivery_frac: Annotated[FiniteFloat, Field(ge=0.0, le=1.0)] = 1.0
    penalty_eur_per_kg: Annotated[FiniteFloat, Field(ge=0.0, le=1e6)] = 0.0
    price_eur_per_kg: Annotated[FiniteFloat, Field(ge=0.0, le=1e6)] | None = None
    years: Annotated[int, Field(ge=1, le=100)] | None = None

    def problems(self, project_years: int) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
        """Yield what does not fit together: (id, path, what, remedy)."""
        if self.years is not None and self.years > project_years:
            what = f"it runs {self.years} years, the project {project_years}"
            yield "out-of-bounds", ("years",), what, f"give at most {project_years} years"
        if self.take_or_pay_frac == 0.0 and self.penalty_eur_per_kg == 0.0:
            what = "nobody pays anything by it: 'take_or_pay_frac' and 'penalty_eur_per_kg' are 0"
            yield "contradiction", (), what, "give one of them, or remove the contract"
        if self.price_eur_per_kg is not None and self.take_or_pay_frac == 0.0:
            what = "'price_eur_per_kg' means nothing: nothing is paid for that is not taken"
            yield "contradiction", ("price_eur_per_kg",), what, "give 'take_or_pay_frac', or remove this key"


def contract_by_year(
    contract: HydrogenContract | None, sold: Sequence[Sold], asked_kg: Sequence[float | None]
) -> dict[str, tuple[float, ...]]:
    """Return what the contract brings in each year of operation by kind, EUR in prices of year 0.

    Parameters
    ----------
    contract
        The contract; None: there is none.
    sold
        Hydrogen of each year.
    asked_kg
        What buyers ask for in each year; None where nobody asks and they take what there is.
    """
    if contract is None:
        return {}
    paid, missed = [], []
    for year, (one, asked) in enumerate(zip(sold, asked_kg, strict=True), 1):
        is_over = contract.years is not None and year > contract.years
        wanted = max(one.kg, contract.kg_per_year) if asked is None else asked
        untaken = max(contract.take_or_pay_frac * contract.kg_per_year - max(wanted, one.kg), 0.0)
        missing = max(min(contract.delivery_frac * contract.kg_per_year, wanted) - one.kg, 0.0)
        price = one.eur_per_kg if contract.price_eur_per_kg is None else contract.price_eur_per_kg
        paid.append(0.0 if is_over else untaken * price)
        missed.append(0.0 if is_over else -missing * contract.penalty_eur_per_kg)
    return {TAKE_OR_PAY: tuple(paid), SHORTFALL: tuple(missed)}
