"""Cases of ProFAST and H2FAST (NREL): discounted cash flow after tax, with debt and cash on hand.

Inputs are those of the files that come with ProFAST 1.0.6; the answers are what that version and the cells of the
H2FAST workbook give. Its debt revolves, which is our debt that is due at the end; cash on hand also covers interest and
tax there, ours operating costs alone.
"""

from __future__ import annotations

from pathlib import Path

import yaml

from docs.cost_cases.case import Case
from h2plant.economics.cash_flow import Financing, Project, break_even_price

_PRICES = yaml.safe_load((Path(__file__).parent / "profast.yaml").read_text(encoding="utf-8"))
_YEARS = 40
_SHARE_BORROWED = 1.5 / (1.0 + 1.5)  # debt to equity 1.5


def _water(per_kg: float) -> list[float]:
    first, growth = _PRICES["water_usd_per_gal"], _PRICES["water_growth_frac"]
    return [per_kg * first * (1.0 + growth) ** year for year in range(_YEARS)]


def _central(
    kg_per_day: float,
    use_frac: float,
    capital: float,
    fixed: float,
    kwh_per_kg: float,
    power: str,
    water_gal_per_kg: float,
    other_per_kg: float,
    gas_mmbtu_per_kg: float = 0.0,
) -> float:
    """Return the cost of a central plant, three idle years after its capital is spent, in money without inflation."""
    kg = 365.0 * kg_per_day * use_frac
    project = Project(
        capital,
        (kg,) * _YEARS,
        {
            "power": tuple(kg * kwh_per_kg * price for price in _PRICES[power]),
            "gas": tuple(kg * gas_mmbtu_per_kg * price for price in _PRICES["gas_usd_per_mmbtu"]),
            "water": tuple(kg * price for price in _water(water_gal_per_kg)),
            "other": (kg * other_per_kg,) * _YEARS,
            "fixed": (fixed,) * _YEARS,
        },
        construction=(1.0, 0.0, 0.0, 0.0),
    )
    finance = Financing(
        0.08, 0.0, 0.2574, False, _SHARE_BORROWED, 0.037, _YEARS, True, "macrs_20", working_capital_frac=1.0 / 12.0
    )
    return break_even_price(project, finance)


_FINANCE = (
    "8 % after 25.74 % tax, 40 years, three idle years first, 60 % debt at 3.7 %, MACRS of 20 years, cash of one month"
)
_PEM = (86495734.2917989, 1545228.49759016 + 4305058.96539462)


def central_cases() -> list[Case]:
    """Return the central plants on grid and wind."""

    def case(file: str, name: str, inputs: str, published: float, ours: float) -> Case:
        source = f"resources/{file}.json"
        return Case("ProFAST 1.0.6", name, f"{inputs}; {_FINANCE}", published, ours, source, 1.0e-3)

    pem = "56.5 t/d, capital 86.5 M, fixed 5.85 M a year, 55.5 kWh/kg, 3.78 gal/kg"
    soec = "50 t/d at 82.44 %, capital 111.3 M, fixed 15.3 M a year, 36.8 kWh/kg, 0.056 mmBtu gas per kg"
    return [
        case(
            "central_grid_electrolysis_PEM", "PEM, grid", f"{pem}, at 97 %, 7.50 falling to 5.90 ct/kWh",
            4.4522983495500705,
            _central(56500.0, 0.97, *_PEM, 55.5, "grid_power_usd_per_kwh", 3.78, 0.0243774358475716),
        ),
        case(
            "central_wind_electrolysis", "PEM, wind", f"{pem}, at 47.1 %, 3.35 falling to 1.47 ct/kWh",
            2.6660632688826182,
            _central(56500.0, 0.471, *_PEM, 55.5, "wind_power_usd_per_kwh", 3.78, 0.0243774358475716),
        ),
        case(
            "central_grid_electrolysis_solid_oxide", "SOEC, grid", f"{soec}, 7.50 falling to 5.90 ct/kWh",
            4.423632554505068,
            _central(
                50000.0, 0.8244, 111328529.998711, 9733921.37699114 + 5588371.38656853, 36.8,
                "grid_power_usd_per_kwh", 2.378, 0.0900100127992611, 0.05613,
            ),
        ),
    ]  # fmt: skip


def h2fast_case() -> Case:
    """Return the station that the H2FAST workbook shows when opened: liquid hydrogen bought, evaporated and sold.

    Money of each year, 1.9 % inflation. What card fees (2.5 %), sales tax (2.25 %) and administration (0.5 %) take of
    the sales is taken off the price; insurance is 0.9 % of the book value.
    """
    n, inflation, capital = 20, 0.019, 10.0e6
    sold = [3.65e6 * use for use in (0.8 / 3.0, 1.6 / 3.0, *(0.8,) * (n - 2))]
    first = Financing(depreciation="macrs_20")
    book = _book_values(capital, n, first)
    level = [(1.0 + inflation) ** year for year in range(1, n + 1)]
    project = Project(
        capital * (1.0 + inflation),  # spent a year before year 0, whose money the project is in
        tuple(sold),
        {
            "hydrogen": tuple(kg * 1.01 * 5.0 for kg in sold),
            "power": tuple(kg * 0.5 * 0.12 for kg in sold),
            "fixed": (800e3 + 1400.0,) * n,
            "insurance": tuple(0.009 * value / up for value, up in zip(book, level, strict=True)),
        },
        construction=(1.0, 0.0),
    )
    finance = Financing(
        1.10 / (1.0 + inflation) - 1.0, inflation, 0.21, False, _SHARE_BORROWED, 0.04, n, True, "macrs_20",
        working_capital_frac=2.0 / 12.0,
    )  # fmt: skip
    inputs = (
        "10 t/d at 80 % (26.7 and 53.3 % in the first years), capital 10 M, liquid hydrogen 5/kg, 0.5 kWh/kg at 0.12, "
        "0.8 M a year, 5.25 % of sales; 10 % nominal after 21 % tax, 1.9 % inflation, 20 years, 60 % debt at 4 %, "
        "MACRS of 20 years, cash of two months"
    )
    ours = break_even_price(project, finance) / (1.0 - 0.025 - 0.0225 - 0.005)
    source = "h2-fast-2022-0915.xlsm, sheet Interface, cell D9"
    return Case("H2FAST 1.4", "filling station", inputs, 6.15334916088072, ours, source, 1.0e-3)


def _book_values(capital: float, n: int, finance: Financing) -> list[float]:
    from h2plant.economics.depreciation import depreciation_by_year, depreciation_shares

    shares = depreciation_shares(finance.depreciation, finance.depreciation_years)
    left, values = capital, []
    for written_off in depreciation_by_year([capital, *[0.0] * (n - 1)], shares):
        left -= written_off
        values.append(left)
    return values
