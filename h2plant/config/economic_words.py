"""Words that people use for keys of the economics: those that mean one key are read as it, others are explained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SAME: Mapping[str, tuple[str, ...]] = {
    "project_life_years": (
        *("lifetime", "lifetime_years", "life_years", "plant_life", "plant_lifetime", "project_life"),
        *("project_lifetime", "project_lifetime_years", "economic_life", "economic_life_years"),
    ),
    "wacc_frac": ("wacc", "wacc_nominal", "nominal_wacc", "wacc_nominal_frac"),
    "real_rate_frac": ("wacc_real", "real_wacc", "wacc_real_frac", "real_rate", "real_discount_rate"),
    "inflation_frac": ("inflation", "inflation_rate"),
    "tax_frac": ("tax", "tax_rate", "corporate_tax", "corporate_tax_rate", "income_tax"),
    "debt_frac": ("debt_share", "debt_ratio", "gearing", "leverage", "loan_share"),
    "debt_rate_frac": (
        *("debt_rate", "loan_rate", "debt_interest", "debt_interest_rate", "loan_interest", "cost_of_debt"),
    ),
    "debt_years": ("debt_term", "debt_term_years", "debt_tenor", "loan_term", "loan_years", "tenor", "tenor_years"),
    "depreciation_years": ("depreciation_period", "amortisation_years", "amortization_years"),
    "price_year": ("cost_year", "currency_year", "money_year"),
    "first_year": ("start_year", "first_operating_year", "commissioning_year"),
    "contingency_frac": ("contingency",),
    "insurance_frac": ("insurance",),
    "working_capital_frac": ("working_capital",),
    "ramp_up_frac": ("ramp_up",),
    "electricity_escalation_frac": ("electricity_escalation", "power_escalation"),
}
SAME = {word: key for key, words in _SAME.items() for word in words}
"""Word -> the key that it means."""

_CAPITAL = (
    "capital is the sum of the components' cost: give offers by component, 'capex_eur: {stack: 3.0e6}', or other "
    "figures under 'costs'; beside it stand indirect_cost_frac and contingency_frac"
)
_RUNNING = (
    "upkeep is a share of each part's cost, 'costs: {pem_stack: {stack: {fixed_cost_frac: 0.03}}}'; beside it stand "
    "insurance_frac, staff_eur_per_year, other_cost_eur_per_year and consumables_eur_per_kg"
)
_RATE = (
    "say which: 'real_rate_frac' is above inflation and what the owner's money earns; 'wacc_frac' is in money of the "
    "day and on all capital, debt included"
)
_INTEREST = (
    "say which: 'debt_rate_frac' is what a loan costs, with 'debt_frac'; to discount with there are 'real_rate_frac', "
    "above inflation, and 'wacc_frac', in money of the day"
)
_EQUITY = "give it above inflation as 'real_rate_frac', and the loan as 'debt_frac' and 'debt_rate_frac'"
_POWER = "prices of electricity are series and contracts of the plant; 'price_paths.power' says how they change by year"
_FOUND = "a run finds it and needs nothing for it: see the summary, and 'h2plant figures'"
_LEFT = "parts count at the end with what is left of their life; 'residual_value_frac' is the share of it that counts"
_STACK = "give 'costs: {pem_stack: {stack: {life_h: 60000}}}' with 'is_stack_life_from_run: false'"
EXPLAINED: Mapping[str, str] = {
    **dict.fromkeys(("capex", "capital", "capital_cost", "investment"), _CAPITAL),
    **dict.fromkeys(("opex", "opex_frac", "fixed_opex", "variable_opex", "o_and_m", "maintenance"), _RUNNING),
    **dict.fromkeys(("discount_rate", "discount_rate_frac", "nominal_discount_rate"), _RATE),
    **dict.fromkeys(("rate", "hurdle_rate", "cost_of_capital", "nominal_rate_frac"), _RATE),
    **dict.fromkeys(("interest", "interest_rate", "interest_frac", "interest_rate_frac"), _INTEREST),
    **dict.fromkeys(("cost_of_equity", "equity_rate", "return_on_equity", "equity_frac"), _EQUITY),
    **dict.fromkeys(("electricity_price", "power_price", "electricity_price_eur_per_mwh"), _POWER),
    **dict.fromkeys(("hydrogen_price", "h2_price"), "give 'hydrogen_price_eur_per_kg'"),
    **dict.fromkeys(("carbon_price", "co2_price", "co2_price_eur_per_t"), "give 'carbon_price_eur_per_t'"),
    **dict.fromkeys(("residual_value", "salvage_value", "salvage_frac"), _LEFT),
    **dict.fromkeys(("stack_life", "stack_lifetime", "stack_life_h", "stack_lifetime_h"), _STACK),
    **dict.fromkeys(("lcoh", "npv", "irr", "dscr", "llcr", "payback"), _FOUND),
    "currency": "money is in EUR; a series says its own currency by 'currency' or in its unit, as 'GBP/MWh'",
}
"""Word that means no single key -> what to give in its place."""


def remedy_of(word: str) -> str:
    """Return what to give in the place of a word that people use; '' for one that is not among them."""
    return f"it is called '{SAME[word]}' here" if word in SAME else EXPLAINED.get(word, "")


def meaning(word: str, value: Any) -> str:
    """Return the key that a word means with its value; '' where it means none, or not one alone."""
    if word == "capex" and isinstance(value, Mapping):
        return "capex_eur"
    return SAME.get(word, "")


def in_keys(path: str) -> str:
    """Return a dotted path through a plant's file, such as ``economics.wacc``, with the key that a word means."""
    head, dot, rest = path.partition(".")
    word, *below = rest.split(".")
    return ".".join((head, SAME[word], *below)) if dot and head == "economics" and word in SAME else path
