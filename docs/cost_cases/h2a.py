"""Cases of H2A, the discounted cash flow model of the US Department of Energy: plants of about 50 t/d, USD of 2016."""

from __future__ import annotations

from typing import NamedTuple

from docs.cost_cases.case import Case
from h2plant.economics.cash_flow import Financing, Project, break_even_price


class Plant(NamedTuple):
    """Inputs of a case of H2A."""

    kg_per_day: float
    use_frac: float
    direct: float
    indirect: float
    staff: int
    upkeep: float
    kwh_per_kg: float
    water_gal_per_kg: float
    renewals: tuple[tuple[int, float], ...]  # every so many years, at a cost
    unplanned_frac: float  # of the depreciable capital per year
    construction: tuple[float, ...]
    first_fixed_frac: float  # of the fixed costs in the first year


_SOEC_NOW, _SOEC_LATER = 50000 * (440.06666 + 817.2666666) * 1.12, 50000 * (144.64125 + 484.23375) * 1.10
_SOEC_BESIDE = 0.02 + 0.10 + 2 * 0.071741 + 0.15
# Inputs of November 2020, as collected in the folder Input of pyH2A (github.com/jschneidewind/pyH2A)
PLANTS = {
    "PEM, today": Plant(
        *(56500, 0.97, 60676256.0, 1213525.0 + 6067626.0 + 2 * 9101438.0, 10, 1820288.0, 55.5, 3.78),
        *(((7, 9101438.0),), 0.005, (1.0,), 0.75),
    ),
    "PEM, future": Plant(
        *(59150, 0.97, 29996476.0, 599930.0 + 2999648.0 + 2 * 4499471.0, 10, 899894.0, 51.3, 3.78),
        *(((10, 4499471.0),), 0.005, (0.08, 0.60, 0.32), 0.75),
    ),
    "SOEC, today": Plant(
        *(50000, 0.824, _SOEC_NOW, _SOEC_BESIDE * _SOEC_NOW, 15, 0.03 * _SOEC_NOW, 36.8, 2.378),
        *(((1, 0.09555 * _SOEC_NOW), (20, 0.65 * _SOEC_NOW)), 0.01, (1.0,), 1.0),
    ),
    "SOEC, future": Plant(
        *(50000, 0.875, _SOEC_LATER, _SOEC_BESIDE * _SOEC_LATER, 15, 0.03 * _SOEC_LATER, 35.1, 2.378),
        *(((1, 0.029486 * _SOEC_LATER), (20, 0.77 * _SOEC_LATER)), 0.005, (1.0,), 1.0),
    ),
}


def cost(plant: Plant, usd_per_kwh: float) -> float:
    """Return the levelised cost with the financing of H2A: 40 years, 8 % real after 25.74 % tax, 60 % debt at 3.7 %.

    Half of the sales and three quarters of the variable costs in the first year; 50 USD per hour of staff and a fifth
    on top; tax and insurance 2 % of the capital a year; land 250,000; salvage and decommissioning 10 %; working capital
    15 %; water 0.002375 USD/gal; inflation 1.9 %; debt due at the end. Heat is left out.
    """
    n, kg = 40, plant.kg_per_day * 365 * plant.use_frac
    capital = plant.direct + plant.indirect
    fixed = plant.staff * 50.0 * 2080.0 * 1.2 + 0.02 * (capital + 250e3) + plant.upkeep

    def years(value: float, first: float) -> tuple[float, ...]:
        return (first * value, *(value,) * (n - 1))

    renewed = [plant.unplanned_frac * capital] * n
    for every, price in plant.renewals:
        for year in range(every, n, every):
            renewed[year] += price
    project = Project(
        capital,
        years(kg, 0.5),
        {
            "fixed": years(fixed, plant.first_fixed_frac),
            "power": years(kg * plant.kwh_per_kg * usd_per_kwh, 0.75),
            "water": years(kg * plant.water_gal_per_kg * 0.0023749510945008, 0.75),
        },
        {},
        tuple(renewed),
        plant.construction,
        *(250e3, 0.1 * (capital + 250e3), 0.1 * capital),
    )
    tax = 0.21 + 0.06 * (1.0 - 0.21)
    return break_even_price(
        project, Financing(0.08, 0.019, tax, False, 0.6, 0.037, n, True, "macrs_20", 20, working_capital_frac=0.15)
    )


# What pyH2A 0.0a8, another code of the same method, gives for the same inputs with a flat price of 0.05 USD/kWh
_PYH2A = {"PEM, today": 3.46667, "PEM, future": 2.98075, "SOEC, today": 3.35781, "SOEC, future": 2.38533}


def cases() -> list[Case]:
    """Return the published case, and those of another code of the same method.

    The record's price of electricity rises; 0.07365 USD/kWh is the mean of its 40 years (AEO 2017, reference case,
    industry, 2015 to 2054) discounted at 8 %, the first at three quarters.
    """

    def case(tool: str, name: str, price: float, published: float, source: str) -> Case:
        plant = PLANTS[name]
        inputs = (
            f"{plant.kg_per_day / 1e3:g} t/d at {plant.use_frac:.1%}, direct capital {plant.direct / 1e6:.1f} M, "
            f"indirect {plant.indirect / 1e6:.1f} M, {plant.kwh_per_kg:g} kWh/kg at {price:g}; {_FINANCE}"
        )
        return Case(tool, name, inputs, published, cost(plant, price), source, 5.0e-3)

    record = "DOE Hydrogen Program Record 19009; its rising price of power as its discounted mean"
    return [
        case("H2A", "PEM, today", 0.07365, 4.83, record),
        *(case("pyH2A 0.0a8", name, 0.05, value, "folder Input") for name, value in _PYH2A.items()),
    ]


_FINANCE = "8 % real after 25.74 % tax, 1.9 % inflation, 40 years, 60 % debt at 3.7 %, MACRS of 20 years"
