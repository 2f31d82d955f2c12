"""What the public pays towards a plant and its hydrogen: a grant on capital, a premium, a contract for difference.

A grant is paid with the capital and lowers what is depreciated (IAS 20.24 and 20.27: deducted from the carrying
amount). A premium and a contract for difference are income of the year in which hydrogen is sold, taxed like revenue
(IAS 20.29). What a contract for difference pays is worked out at the price that hydrogen earns or at the one given,
never at a price that is searched for: so it is a number a year, like other income, in each way to the cost of hydrogen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import Field, FiniteFloat

from h2plant.economics.path import Path, PathShape
from h2plant.economics.path import problems as path_problems
from h2plant.economics.shape import EconomicsShape

GRANT = "investment grant"
PREMIUM = "hydrogen premium"
DIFFERENCE = "contract for difference"
"""Kinds of cost (below nothing: income) and columns of the cash flow."""

PAID_BY_OTHERS = (GRANT, PREMIUM, DIFFERENCE)

_Frac = Annotated[FiniteFloat, Field(ge=0.0, le=1.0)]
_NotNegative = Annotated[FiniteFloat, Field(ge=0.0, le=1e15)]
_Positive = Annotated[FiniteFloat, Field(ge=1e-9, le=1e15)]


class Span(NamedTuple):
    """The years of operation: how many, inflation per year, and the calendar year of the first where it is known."""

    n_years: int
    inflation_frac: float
    first_year: int | None = None

    def path(self, shape: PathShape | None) -> Path:
        """Return a path of prices over these years."""
        return Path.of(shape, self.n_years, self.inflation_frac, self.first_year)


class Sold(NamedTuple):
    """Hydrogen sold in a year, kg, how much of it is certified, and what a kilogram earned, in prices of year 0.

    ``certified_eur_per_kg`` is what a certified kilogram earned; None: as any other.
    """

    kg: float
    certified_kg: float
    eur_per_kg: float
    certified_eur_per_kg: float | None = None

    def earned_eur_per_kg(self, is_certified_only: bool) -> float:
        """Return what a kilogram earned, of all hydrogen or of the certified."""
        own = self.certified_eur_per_kg if is_certified_only else None
        return self.eur_per_kg if own is None else own


class InvestmentGrant(EconomicsShape):
    """A share of the eligible capital, or an amount, which is at most the eligible capital."""

    capital_frac: _Frac | None = None
    amount_eur: _NotNegative | None = None
    eligible_frac: _Frac = 1.0

    def granted_eur(self, capex_eur: float) -> float:
        """Return what is granted for a capital, in prices of year 0."""
        eligible = self.eligible_frac * capex_eur
        if self.amount_eur is not None:
            return min(self.amount_eur, eligible)
        return (self.capital_frac or 0.0) * eligible

    def term(self) -> str:
        """Return what was agreed, in words."""
        of = (
            "the capital"
            if self.eligible_frac == 1.0
            else f"the eligible {100.0 * self.eligible_frac:.4g} % of the capital"
        )
        if self.amount_eur is not None:
            return f"{GRANT}: {self.amount_eur:,.0f} EUR, at most {of}"
        return f"{GRANT}: {100.0 * (self.capital_frac or 0.0):.4g} % of {of}"


class _PerKilogram(EconomicsShape):
    years: Annotated[int, Field(ge=1, le=100)]
    is_indexed: bool = False
    indexation: PathShape | None = None
    max_kg_per_year: _Positive | None = None
    is_certified_only: bool = False

    def paid_kg(self, sold_kg: float, certified_kg: float) -> float:
        """Return the hydrogen of a year that is paid for."""
        kg = certified_kg if self.is_certified_only else sold_kg
        return kg if self.max_kg_per_year is None else min(kg, self.max_kg_per_year)

    def paid(self, eur_per_kg: Sequence[float], sold: Sequence[Sold]) -> tuple[float, ...]:
        """Return what each year brings at so much a kilogram; nothing after the last year of the contract."""
        return tuple(
            amount * self.paid_kg(one.kg, one.certified_kg) if year <= self.years else 0.0
            for year, (amount, one) in enumerate(zip(eur_per_kg, sold, strict=True), 1)
        )

    def conditions(self) -> str:
        """Return for how long, how the amount rises, and which hydrogen it is for, in words."""
        said = [f"for {self.years} year{'s' if self.years > 1 else ''}"]
        by_path = "rising by a path of its own" if self.indexation is not None else "not rising with prices"
        said.append("rising with inflation" if self.is_indexed else by_path)
        if self.max_kg_per_year is not None:
            said.append(f"at most {self.max_kg_per_year:,.0f} kg a year")
        if self.is_certified_only:
            said.append("for certified hydrogen alone")
        return ", ".join(said)

    def amounts(self, eur_per_kg: float, over: Span) -> tuple[float, ...]:
        """Return an amount of the contract in each year, in prices of year 0: what is not indexed loses worth."""
        if self.indexation is not None:
            return over.path(self.indexation).times((eur_per_kg,) * over.n_years)
        return tuple(
            eur_per_kg if self.is_indexed else eur_per_kg * (1.0 + over.inflation_frac) ** -year
            for year in range(1, over.n_years + 1)
        )


class HydrogenPremium(_PerKilogram):
    """So much for each kilogram sold, in the first years."""

    eur_per_kg: _NotNegative

    def term(self) -> str:
        """Return what was agreed, in words."""
        return f"{PREMIUM}: {self.eur_per_kg:.3g} EUR per kg sold, {self.conditions()}"


class HydrogenDifference(_PerKilogram):
    """Strike less reference for each kilogram sold, in the first years."""

    strike_eur_per_kg: _NotNegative
    is_two_way: bool = True
    reference_eur_per_kg: _NotNegative | None = None
    reference_path: PathShape | None = None
    reference_floor_eur_per_kg: _NotNegative = 0.0

    def term(self) -> str:
        """Return what was agreed, in words."""
        reference = "what the hydrogen earns"
        if self.reference_eur_per_kg is not None:
            path = ", by a path of its own" if self.reference_path is not None else ""
            reference = f"{self.reference_eur_per_kg:.4g} EUR/kg{path}"
        elif self.reference_floor_eur_per_kg > 0.0:
            reference += f", at least {self.reference_floor_eur_per_kg:.4g} EUR/kg"
        way = "paid back where it earns more" if self.is_two_way else "nothing paid back"
        strike = f"{self.strike_eur_per_kg:.4g} EUR/kg"
        return f"{DIFFERENCE}: strike {strike} less {reference}, {way}, {self.conditions()}"

    def references(self, sold: Sequence[Sold], over: Span) -> tuple[float, ...]:
        """Return the reference price of each year, in prices of year 0: what the hydrogen that it pays for earns."""
        if self.reference_eur_per_kg is None:
            earned = (one.earned_eur_per_kg(self.is_certified_only) for one in sold)
            return tuple(max(eur, self.reference_floor_eur_per_kg) for eur in earned)
        return over.path(self.reference_path).times((self.reference_eur_per_kg,) * over.n_years)

    def reference_problems(self, over: Span) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
        """Yield what does not fit together in the reference price: (id, path, what, remedy)."""
        if self.reference_eur_per_kg is not None and self.reference_floor_eur_per_kg > 0.0:
            what = "'reference_floor_eur_per_kg' means nothing: the reference price is given"
            yield "contradiction", ("hydrogen_cfd", "reference_floor_eur_per_kg"), what, "remove one of them"
        if self.reference_eur_per_kg is None and self.reference_path is not None:
            what = "'reference_path' means nothing: the reference is what the hydrogen earns"
            yield "contradiction", ("hydrogen_cfd", "reference_path"), what, "give 'reference_eur_per_kg' as well"
        yield from _of_path(("hydrogen_cfd", "reference_path"), self.reference_path, over)


class Subsidies(EconomicsShape):
    """The ``subsidies`` of a plant's economics."""

    investment_grant: InvestmentGrant | None = None
    hydrogen_premium: HydrogenPremium | None = None
    hydrogen_cfd: HydrogenDifference | None = None

    def granted_eur(self, capex_eur: float) -> float:
        """Return what is granted for a capital, in prices of year 0."""
        return 0.0 if self.investment_grant is None else self.investment_grant.granted_eur(capex_eur)

    def terms(self) -> list[str]:
        """Return what was agreed, in words."""
        parts = (self.investment_grant, self.hydrogen_premium, self.hydrogen_cfd)
        return [part.term() for part in parts if part is not None]

    def problems(self, over: Span, has_monitor: bool) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
        """Yield what does not fit together: (id, path, what, remedy)."""
        grant = self.investment_grant
        if grant is not None and (grant.capital_frac is None) == (grant.amount_eur is None):
            given = "neither" if grant.capital_frac is None else "both"
            what = f"a grant is 'capital_frac' of the eligible capital, or 'amount_eur'; {given} is given"
            yield "contradiction", ("investment_grant",), what, "give one of them"
        for name in ("hydrogen_premium", "hydrogen_cfd"):
            one = getattr(self, name)
            if one is None:
                continue
            if one.years > over.n_years:
                what = f"it is paid for {one.years} years, the project has {over.n_years}"
                yield "out-of-bounds", (name, "years"), what, f"give at most {over.n_years} years"
            if one.is_certified_only and not has_monitor:
                what = "it is paid for certified hydrogen, and nothing in the plant certifies any"
                yield "contradiction", (name, "is_certified_only"), what, "add a monitor of origin, or remove this key"
            if one.is_indexed and one.indexation is not None:
                what = "'is_indexed' means nothing: 'indexation' says how the amount rises"
                yield "contradiction", (name, "is_indexed"), what, "remove one of them"
            yield from _of_path((name, "indexation"), one.indexation, over)
        if self.hydrogen_cfd is not None:
            yield from self.hydrogen_cfd.reference_problems(over)


def subsidies_by_year(subsidies: Subsidies, over: Span, sold: Sequence[Sold]) -> dict[str, tuple[float, ...]]:
    """Return what is paid in each year of operation by kind, EUR in prices of year 0; what is paid back is negative.

    Parameters
    ----------
    subsidies
        What was agreed.
    over
        The years of operation.
    sold
        Hydrogen of each of them.
    """
    found: dict[str, tuple[float, ...]] = {}
    premium, cfd = subsidies.hydrogen_premium, subsidies.hydrogen_cfd
    if premium is not None:
        found[PREMIUM] = premium.paid(premium.amounts(premium.eur_per_kg, over), sold)
    if cfd is not None:
        pairs = zip(cfd.amounts(cfd.strike_eur_per_kg, over), cfd.references(sold, over), strict=True)
        differences = [strike - reference for strike, reference in pairs]
        found[DIFFERENCE] = cfd.paid([d if cfd.is_two_way else max(d, 0.0) for d in differences], sold)
    return found


def summary_of(
    subsidies: Subsidies,
    capex_eur: float,
    by_year: Mapping[str, Sequence[float]],
    real_rate_frac: float,
    costs_eur_per_kg: Mapping[str, tuple[float | None, float | None]],
) -> dict[str, Any]:
    """Return what is paid, and what a kilogram costs before it, for a summary; empty where nothing was agreed.

    Parameters
    ----------
    subsidies, capex_eur
        What was agreed, and the capital it is for.
    by_year
        What the hydrogen is paid in each year of operation, by kind, in prices of year 0.
    real_rate_frac
        Discount rate above inflation.
    costs_eur_per_kg
        Mass -> levelised cost after and before subsidies; None where there is none.
    """
    found: dict[str, Any] = {}
    if subsidies == Subsidies():
        return found
    found["terms"] = subsidies.terms()
    found["cost_before_eur_per_kg"] = {mass: before for mass, (_, before) in costs_eur_per_kg.items()}
    said = [_before_and_after(costs_eur_per_kg)]
    grant = subsidies.investment_grant
    if grant is not None:
        granted = grant.granted_eur(capex_eur)
        found["grant_eur"] = granted
        is_limited = grant.amount_eur is not None and grant.amount_eur > granted
        if is_limited:
            text = (
                f"the grant of {grant.amount_eur:,.0f} EUR is more than the eligible capital: {granted:,.0f} EUR count"
            )
            said.append(text)
    if by_year:
        found["by_year_eur"] = {kind: list(values) for kind, values in by_year.items()}
        found["present_value_eur"] = spread(by_year, real_rate_frac, 1.0)
    return found | {"text": "; ".join(said)}


def _before_and_after(costs_eur_per_kg: Mapping[str, tuple[float | None, float | None]]) -> str:
    """Return the cost of hydrogen after and before subsidies in words."""
    known = {mass: of for mass, of in costs_eur_per_kg.items() if of[0] is not None}
    after, before = (", ".join(f"{of[k]:.3f} EUR per kg {mass}" for mass, of in known.items()) for k in (0, 1))
    return f"levelised cost after subsidies {after}; before them {before}"


def _of_path(
    path: tuple[str, ...], shape: PathShape | None, over: Span
) -> Iterator[tuple[str, tuple[str, ...], str, str]]:
    if shape is not None:
        for one in path_problems(shape, over.n_years, over.first_year):
            yield "bad-path", (*path, *(one.key.split(".") if one.key else ())), one.what, one.remedy


def spread(by_year: Mapping[str, Sequence[float]], real_rate_frac: float, recovery: float) -> dict[str, float]:
    """Return each kind by the year, as the closed form counts it: its present value in equal parts over the life."""
    return {
        kind: recovery * math.fsum(eur * (1.0 + real_rate_frac) ** -year for year, eur in enumerate(values, 1))
        for kind, values in by_year.items()
    }
