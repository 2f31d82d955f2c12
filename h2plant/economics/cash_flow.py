"""Discounted cash flow of a project: year by year, with inflation, debt, depreciation, tax, and what follows from it.

Year 0 is the last year of construction; operation is the years 1 to N. All costs of a project are in prices of year 0;
the table is in money of each year. The yearly flows fall on the end of each year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from h2plant.economics.debt_cover import cover_columns
from h2plant.economics.depreciation import depreciation_by_year, depreciation_shares
from h2plant.economics.root import root
from h2plant.economics.subsidy import GRANT

_HIGHEST_RATE = 100.0
_LOWEST_RATE = -0.99


@dataclass(frozen=True, slots=True)
class Financing:
    """How a project is paid for and taxed.

    Parameters
    ----------
    real_rate_frac
        Discount rate per year that the owner's money earns, above inflation, > -1.
    inflation_frac
        Inflation per year, > -1.
    tax_frac
        Tax on profit.
    is_loss_carried_forward
        True: a loss lowers the tax of later years. False: it lowers the owner's other taxes in the same year.
    debt_frac
        Share of the capital that is borrowed.
    debt_rate_frac
        Interest on it per year, nominal.
    debt_years
        Years of operation in which it is repaid.
    is_debt_bullet
        True: interest only, all repaid in the last of these years. False: equal payments of interest and principal.
    depreciation
        One of ``depreciation.METHODS``.
    depreciation_years
        Length of a straight line.
    working_capital_frac
        Cash held, as a share of the year's operating costs; set free in the last year.
    """

    real_rate_frac: float = 0.06
    inflation_frac: float = 0.0
    tax_frac: float = 0.0
    is_loss_carried_forward: bool = False
    debt_frac: float = 0.0
    debt_rate_frac: float = 0.0
    debt_years: int = 1
    is_debt_bullet: bool = False
    depreciation: str = "linear"
    depreciation_years: int = 20
    working_capital_frac: float = 0.0

    @property
    def nominal_rate_frac(self) -> float:
        """Discount rate of money of the day (Fisher): (1 + real)(1 + inflation) - 1."""
        return (1.0 + self.real_rate_frac) * (1.0 + self.inflation_frac) - 1.0


@dataclass(frozen=True, slots=True)
class Project:
    """What a project costs and makes, in prices of year 0.

    Parameters
    ----------
    capex_eur
        Depreciable capital.
    hydrogen_kg
        Hydrogen of each year of operation, shape (N,).
    costs_eur
        Operating costs by name, each of shape (N,).
    incomes_eur
        Incomes but that from hydrogen by name, each of shape (N,).
    replacements_eur
        Capital for renewals in each year, shape (N,); none: zeros.
    construction
        Shares of the capital spent in the years of construction, the last of them year 0.
    land_eur
        Capital that is not depreciated, paid at the start of construction.
    residual_eur, decommissioning_eur
        What is left of the plant's value, and what it costs to take it down, at the end of year N.
    grant_eur
        Grant on the capital, paid with it and in its proportions; it lowers what is borrowed and depreciated.
    hydrogen_path
        Price of hydrogen in each year by that in prices of year 0, shape (N,); none: it rises with inflation alone.
    """

    capex_eur: float
    hydrogen_kg: tuple[float, ...]
    costs_eur: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    incomes_eur: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    replacements_eur: tuple[float, ...] = ()
    construction: tuple[float, ...] = (1.0,)
    land_eur: float = 0.0
    residual_eur: float = 0.0
    decommissioning_eur: float = 0.0
    grant_eur: float = 0.0
    hydrogen_path: tuple[float, ...] = ()

    @property
    def priced_kg(self) -> tuple[float, ...]:
        """Hydrogen of each year times its price by that of year 0."""
        path = self.hydrogen_path
        return tuple(kg * up for kg, up in zip(self.hydrogen_kg, path, strict=True)) if path else self.hydrogen_kg

    @property
    def life_years(self) -> int:
        """Years of operation."""
        return len(self.hydrogen_kg)


@dataclass(frozen=True)
class CashFlow:
    """The table of a project at a price of hydrogen; money of each year.

    Attributes
    ----------
    years
        Year of each row; operation starts in year 1.
    columns
        By name, EUR but ``hydrogen_kg``, ``discount_factor`` and ratios; each of the length of ``years``. Ratios, which
        stand there where there is debt, are NaN in years without it.
    price_eur_per_kg
        Price of hydrogen, in prices of year 0.
    per_kg
        Present value of each kind of cost by present mass, EUR/kg; income is negative. At the break-even price they
        add up to it, where hydrogen has no path of its own.
    """

    years: tuple[int, ...]
    columns: dict[str, tuple[float, ...]]
    price_eur_per_kg: float
    per_kg: dict[str, float]

    @property
    def net_present_value_eur(self) -> float:
        """Sum of the discounted cash flow, EUR of year 0."""
        return math.fsum(self.columns["discounted"])

    @property
    def flows(self) -> tuple[float, ...]:
        """Cash flow to the owner, money of each year."""
        return self.columns["cash_flow"]


def _checked(project: Project, finance: Financing) -> None:
    n = project.life_years
    if n < 1:
        raise ValueError("a project needs at least one year of operation")
    if not sum(project.hydrogen_kg) > 0.0:
        raise ValueError("a cost per kilogram needs hydrogen, and the project makes none")
    if not (finance.real_rate_frac > -1.0 and finance.inflation_frac > -1.0):
        raise ValueError("the real rate and the inflation must be above -1")
    if not finance.tax_frac < 1.0:
        raise ValueError(f"the tax must be below 1, not {finance.tax_frac}")
    if finance.debt_frac > 0.0 and not 1 <= finance.debt_years <= n:
        raise ValueError(f"the debt must be repaid within the life of {n} years, not in {finance.debt_years}")
    for name, values in (*project.costs_eur.items(), *project.incomes_eur.items()):
        if len(values) != n:
            raise ValueError(f"'{name}' has {len(values)} years, the project {n}")
    if project.replacements_eur and len(project.replacements_eur) != n:
        raise ValueError(f"replacements of {len(project.replacements_eur)} years, the project has {n}")
    if not 0.0 <= project.grant_eur <= project.capex_eur:
        raise ValueError(f"the grant must be 0 to the capital of {project.capex_eur:g}, not {project.grant_eur:g}")
    if project.hydrogen_path and len(project.hydrogen_path) != n:
        raise ValueError(f"the price of hydrogen has {len(project.hydrogen_path)} years, the project {n}")
    if abs(math.fsum(project.construction) - 1.0) > 1e-9:
        raise ValueError("the shares of the years of construction must add up to 1")


def _debt(spent: Sequence[float], finance: Financing, n_construction: int) -> tuple[list[float], ...]:
    """Return borrowed, interest and principal of each year; interest is due from the year after a draw."""
    borrowed = [finance.debt_frac * cost for cost in spent]
    interest, principal = [0.0] * len(spent), [0.0] * len(spent)
    rate, owed = finance.debt_rate_frac, 0.0
    start = math.fsum(borrowed)
    if rate == 0.0:
        payment = start / finance.debt_years
    else:
        payment = start * rate / -math.expm1(-finance.debt_years * math.log1p(rate))
    for i, drawn in enumerate(borrowed):
        year = i - n_construction + 1
        interest[i] = owed * rate
        if 1 <= year <= finance.debt_years:
            is_last = year == finance.debt_years
            principal[i] = owed if is_last else 0.0 if finance.is_debt_bullet else payment - interest[i]
        owed += drawn - principal[i]
    return borrowed, interest, principal


def _taxes(profit: Sequence[float], finance: Financing) -> list[float]:
    if not finance.is_loss_carried_forward:
        return [finance.tax_frac * p for p in profit]
    taxes, loss = [], 0.0
    for p in profit:
        used = min(loss, max(p, 0.0))
        loss += max(-p, 0.0) - used
        taxes.append(finance.tax_frac * (max(p, 0.0) - used))
    return taxes


def cash_flow(project: Project, finance: Financing, price_eur_per_kg: float) -> CashFlow:
    """Return the cash flow of a project year by year.

    Parameters
    ----------
    project, finance
        What it costs and makes, and how it is paid for.
    price_eur_per_kg
        Price of hydrogen in prices of year 0; it rises with inflation, and by the project's ``hydrogen_path``.

    Returns
    -------
    CashFlow

    Raises
    ------
    ValueError
        If the project makes no hydrogen, or a rate, a life or a length does not fit.

    Notes
    -----
    Source: Short, Packey and Holt 1995, NREL/TP-462-5173 (doi 10.2172/35391); the conventions of the tables follow
    H2A (Steward, Ramsden and Zuboy 2008, NREL/TP-560-43525).
    """
    _checked(project, finance)
    n_construction = len(project.construction)
    years = range(1 - n_construction, project.life_years + 1)
    level = [(1.0 + finance.inflation_frac) ** year for year in years]
    columns = _operation(project, price_eur_per_kg, level)
    spent, land, replaced = _outlay(project, level)
    granted = _granted(project, level)
    own = [cost - grant for cost, grant in zip(spent, granted, strict=True)] if granted else spent
    borrowed, interest, principal = _debt(own, finance, n_construction)
    depreciation = _depreciation(own, replaced, finance, n_construction)
    earnings = columns["earnings_before_interest_tax_depreciation"]
    profit = [e - d - i for e, d, i in zip(earnings, depreciation, interest, strict=True)]
    columns |= {
        "depreciation": depreciation,
        "interest": interest,
        "taxable_profit": profit,
        "tax": _taxes(profit, finance),
        "capital": spent,
        **({"grant": granted} if granted else {}),
        "land": land,
        "replacements": replaced,
        "borrowed": borrowed,
        "principal": principal,
        "working_capital": _working_capital(_sum_of(columns, "cost_"), finance),
    }
    flow = _owners_flow(columns)
    factor = [(1.0 + finance.nominal_rate_frac) ** -year for year in years]
    discounted = [x * f for x, f in zip(flow, factor, strict=True)]
    columns |= {
        "cash_flow": flow,
        "discount_factor": factor,
        "discounted": discounted,
        "cumulative": _running(flow),
        "cumulative_discounted": _running(discounted),
    }
    if finance.debt_frac > 0.0:
        ends = zip(profit, columns["residual_value"], columns["decommissioning"], strict=True)
        tax = _taxes([p - left + taken_down for p, left, taken_down in ends], finance)
        columns |= cover_columns({**columns, "tax": tax}, years[0], finance.debt_years, finance.debt_rate_frac)
    frozen = {name: tuple(values) for name, values in columns.items()}
    return CashFlow(tuple(years), frozen, price_eur_per_kg, _per_kg(columns, _present(project.hydrogen_kg, finance)))


def _operation(project: Project, price_eur_per_kg: float, level: Sequence[float]) -> dict[str, list[float]]:
    """Return the columns from the hydrogen to what operation earns; ``level`` is the level of prices of each year."""
    n = project.life_years
    before = [0.0] * len(project.construction)
    priced = [*before, *project.priced_kg]
    columns = {
        "hydrogen_kg": [*before, *project.hydrogen_kg],
        "hydrogen_revenue": [price_eur_per_kg * kg * up for kg, up in zip(priced, level, strict=True)],
        **{f"income_{name}": _nominal(values, level) for name, values in project.incomes_eur.items()},
        **{f"cost_{name}": _nominal(values, level) for name, values in project.costs_eur.items()},
        "residual_value": _nominal([*[0.0] * (n - 1), project.residual_eur], level),
        "decommissioning": _nominal([*[0.0] * (n - 1), project.decommissioning_eur], level),
    }
    columns["earnings_before_interest_tax_depreciation"] = [
        math.fsum(row)
        for row in zip(
            columns["hydrogen_revenue"],
            _sum_of(columns, "income_"),
            columns["residual_value"],
            (-x for x in _sum_of(columns, "cost_")),
            (-x for x in columns["decommissioning"]),
            strict=True,
        )
    ]
    return columns


def _nominal(values: Sequence[float], level: Sequence[float]) -> list[float]:
    """Return the values of the years of operation, given in prices of year 0, in money of each year of the table."""
    before = [0.0] * (len(level) - len(values))
    return [value * up for value, up in zip([*before, *values], level, strict=True)]


def _sum_of(columns: Mapping[str, list[float]], prefix: str) -> list[float]:
    """Return the sum, year by year, of the columns whose name begins with a prefix."""
    rows = [values for name, values in columns.items() if name.startswith(prefix)]
    return [math.fsum(row) for row in zip(*rows, strict=True)] if rows else [0.0] * len(columns["hydrogen_kg"])


def _outlay(project: Project, level: Sequence[float]) -> tuple[list[float], list[float], list[float]]:
    """Return what is spent on the plant, on land and on replacements in each year."""
    n = project.life_years
    spent = [project.capex_eur * share * level[i] for i, share in enumerate(project.construction)] + [0.0] * n
    land = [project.land_eur * level[0] if i == 0 else 0.0 for i in range(len(level))]
    return spent, land, _nominal(project.replacements_eur or [0.0] * n, level)


def _granted(project: Project, level: Sequence[float]) -> list[float]:
    """Return the grant of each year, paid as the capital is spent; empty without one."""
    if project.grant_eur == 0.0:
        return []
    return [project.grant_eur * share * level[i] for i, share in enumerate(project.construction)] + [
        0.0
    ] * project.life_years


def _depreciation(
    spent: Sequence[float], replaced: Sequence[float], finance: Financing, n_construction: int
) -> list[float]:
    """Return what is written off in each year; the construction counts as bought in the first of operation."""
    bought = [math.fsum([math.fsum(spent), replaced[n_construction]]), *replaced[n_construction + 1 :]]
    shares = depreciation_shares(finance.depreciation, finance.depreciation_years)
    return [*[0.0] * n_construction, *depreciation_by_year(bought, shares)]


def _working_capital(operating: Sequence[float], finance: Financing) -> list[float]:
    """Return by how much the cash held for operating costs changes in each year; the last sets it free."""
    reserve = [finance.working_capital_frac * cost for cost in operating]
    reserve[-1] = 0.0
    return [now - last for now, last in zip(reserve, [0.0, *reserve[:-1]], strict=True)]


def _owners_flow(columns: Mapping[str, list[float]]) -> list[float]:
    """Return what each year brings the owner: earnings and loans less outlay, debt service, cash held and tax."""
    outlay = zip(columns["capital"], columns["replacements"], columns["land"], strict=True)
    return [
        math.fsum(row)
        for row in zip(
            columns["earnings_before_interest_tax_depreciation"],
            [-s - r - a for s, r, a in outlay],
            columns.get("grant", [0.0] * len(columns["capital"])),
            columns["borrowed"],
            *([-x for x in columns[name]] for name in ("interest", "principal", "working_capital", "tax")),
            strict=True,
        )
    ]


def _per_kg(columns: Mapping[str, list[float]], mass_kg: float) -> dict[str, float]:
    """Return the present value of each kind of cost by present mass, EUR/kg; income is negative."""

    def per_kg(values: Sequence[float]) -> float:
        return math.fsum(x * f for x, f in zip(values, columns["discount_factor"], strict=True)) / mass_kg

    equity = zip(columns["capital"], columns["land"], columns["borrowed"], strict=True)
    debt = zip(columns["interest"], columns["principal"], strict=True)
    ends = zip(columns["decommissioning"], columns["residual_value"], strict=True)
    return {
        "capital": per_kg([s + a - b for s, a, b in equity]),
        **({GRANT: -per_kg(columns["grant"])} if "grant" in columns else {}),
        "replacement": per_kg(columns["replacements"]),
        **{name.removeprefix("cost_"): per_kg(x) for name, x in columns.items() if name.startswith("cost_")},
        **{name.removeprefix("income_"): -per_kg(x) for name, x in columns.items() if name.startswith("income_")},
        "debt": per_kg([i + p for i, p in debt]),
        "tax": per_kg(columns["tax"]),
        "end of life": per_kg([t - r for t, r in ends]),
        "working capital": per_kg(columns["working_capital"]),
    }


def _running(values: Sequence[float]) -> list[float]:
    return [math.fsum(values[: i + 1]) for i in range(len(values))]


def _present(kg_by_year: Sequence[float], finance: Financing) -> float:
    """Return the hydrogen of all years, each discounted at the real rate, kg."""
    rate = finance.real_rate_frac
    return math.fsum(kg * (1.0 + rate) ** -year for year, kg in enumerate(kg_by_year, 1))


def levelised_price(project: Project, finance: Financing) -> float:
    """Return the levelised cost of hydrogen in one step: present value of all costs by that of the hydrogen.

    Where its price has a path, it is the price of year 0 from which it follows the path.

    Revenue bears tax like every cost, so LCOH = -NPV(no revenue) / ((1 - tax) sum of m_t / (1 + r)^t). It takes a loss
    as a relief in its own year; ``break_even_price`` also follows losses that are carried forward.

    Returns
    -------
    float
        EUR/kg in prices of year 0.
    """
    at_once = _with_relief_at_once(finance)
    unpaid = cash_flow(project, at_once, 0.0).net_present_value_eur
    return -unpaid / ((1.0 - finance.tax_frac) * _present(project.priced_kg, finance))


def _with_relief_at_once(finance: Financing) -> Financing:
    from dataclasses import replace

    return replace(finance, is_loss_carried_forward=False)


def break_even_price(project: Project, finance: Financing) -> float:
    """Return the price of hydrogen at which the project just earns the discount rate, by root finding.

    Where its price has a path, it is the price of year 0 from which it follows the path.

    Returns
    -------
    float
        EUR/kg in prices of year 0.

    Raises
    ------
    ValueError
        As ``cash_flow``.
    """

    def value(price: float) -> float:
        return cash_flow(project, finance, price).net_present_value_eur

    guess = levelised_price(project, finance)
    span = max(abs(guess), 1.0)
    low, high = guess - 0.5 * span, guess + 0.5 * span
    while value(low) > 0.0:
        low -= span
        span *= 2.0
    while value(high) < 0.0:
        high += span
        span *= 2.0
    return root(value, low, high)


def present_value(rate_frac: float, flows: Sequence[float], first_year: int = 0) -> float:
    """Return the present value in year 0 of flows at the end of years ``first_year``, ``first_year + 1``, ..."""
    return math.fsum(x * (1.0 + rate_frac) ** -(first_year + i) for i, x in enumerate(flows))


def internal_rate(flows: Sequence[float]) -> tuple[float | None, str]:
    """Return the rate at which the flows are worth nothing, or None and the reason.

    Parameters
    ----------
    flows
        EUR at the end of each year.

    Returns
    -------
    rate, reason
        The rate, and an empty reason; or None, and why there is none: no outlay, never repaid, or more than one.
    """
    if not any(x < 0.0 for x in flows):
        return None, "nothing is paid in"
    if not any(x > 0.0 for x in flows):
        return None, "no year brings money in"
    grid = [_LOWEST_RATE + 0.01 * i for i in range(200)] + [1.01 * 1.05**i for i in range(95)]
    values = [present_value(rate, flows) for rate in grid if rate <= _HIGHEST_RATE]
    crossings = [i for i in range(len(values) - 1) if (values[i] > 0.0) != (values[i + 1] > 0.0)]
    if not crossings and values[-1] > 0.0:
        return None, "the rate is above 10,000 % a year"
    if not crossings:
        return None, "the cash flow never pays back what is paid in, at any rate"
    if len(crossings) > 1:
        return None, f"the cash flow changes sign several times, so that {len(crossings)} rates fit"
    i = crossings[0]
    return root(lambda rate: present_value(rate, flows), grid[i], grid[i + 1]), ""


def payback_years(flows: Sequence[float], first_year: int = 0) -> tuple[float | None, str]:
    """Return the year from which on the sum of the flows stays at or above zero, or None and the reason.

    Within a year the flow is taken as even. Give discounted flows for the discounted payback.
    """
    total, since = 0.0, None
    for i, x in enumerate(flows):
        before, total = total, total + x
        if total < 0.0:
            since = None
        elif since is None:
            since = first_year + i - 1 + (-before / x if x > 0.0 else 0.0)
    if since is None:
        return None, "not within the project's life"
    return max(since, 0.0), ""
