"""Installed costs by kind of component, with their sources.

A cost figure gives the cost of a reference size in its currency and year; other sizes follow the power law
C = C_0 (S / S_0)^n (Towler and Sinnott 2013, Chemical Engineering Design, 2nd ed., chapter 7), other years and
currencies ``price_level``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
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
        Share of its hydrogen that it has lost when it is worn out, at the same power.
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


_JU = "Clean Hydrogen JU, SRIA 2021-2027, KPI 2020"
_IRENA = "IRENA 2020, Green Hydrogen Cost Reduction, ISBN 978-92-9260-295-6, shares of a PEM system"
_BOEHM = "Boehm et al. 2019, doi 10.1016/j.ijhydene.2019.09.230, shares of a system"
_HDSAM = "HDSAM 3.1 (Argonne), DOE H2A Delivery"
_STOLZENBURG = "Stolzenburg et al. 2014, Integration von Wind-Wasserstoff-Systemen in das Energiesystem (NOW)"
_TOWLER = "Towler and Sinnott 2013, table 7.2, with an installation factor of 3"
_ESTIMATE = "engineering estimate, -30 to +50 %"


def _figure(
    part: str,
    size: tuple[str, ...],
    reference_size: float,
    cost: float,
    exponent: float,
    source: str,
    year: int = 2020,
    life_years: float = 20.0,
    fixed_cost_frac: float = 0.02,
    **more: Any,
) -> CostFigure:
    return CostFigure(part, size, reference_size, cost, year, exponent, life_years, fixed_cost_frac, source, **more)


COSTS: Mapping[str, tuple[CostFigure, ...]] = {
    # 900 EUR/kW for a PEM system: stack 45 %, water loop 22 % of the other 55 %; supply and gas are other kinds
    "pem_stack": (
        _figure(
            "stack",
            ("rated_power_w",),
            1.0e6,
            405.0e3,
            1.0,
            f"{_JU}, 900 EUR/kW; {_IRENA}",
            life_years=10.0,
            life_h=80.0e3,
            end_of_life_loss_frac=0.10,
            low_ratio=0.7,
            high_ratio=1.4,
        ),
        _figure("water loop", ("rated_power_w",), 1.0e6, 109.0e3, 0.9, f"{_JU}; {_IRENA}"),
    ),
    # 2130 EUR/kW for a SOEC system: stack 30 %, hot balance of plant 34 %
    "soec_module": (
        _figure(
            "stack",
            ("power_max_w",),
            2.4e6,
            1534.0e3,
            1.0,
            f"{_JU}, 2130 EUR/kW; {_BOEHM}",
            life_years=5.0,
            life_h=40.0e3,
            end_of_life_loss_frac=0.10,
            low_ratio=0.6,
            high_ratio=1.3,
        ),
        _figure("hot balance of plant", ("power_max_w",), 2.4e6, 1738.0e3, 0.9, f"{_JU}; {_BOEHM}"),
    ),
    "rectifier": (
        _figure("converters", ("rating_w",), 5.0e6, 560.0e3, 0.9, f"{_JU}; {_BOEHM}, 15 % less transformer"),
    ),
    "transformer": (
        _figure("transformer", ("rating_w",), 25.0e6, 550.0e3, 0.75, _ESTIMATE, life_years=30.0, fixed_cost_frac=0.01),
    ),
    "grid_connection": (
        _figure(
            "switchgear", ("import_limit_w",), 20.0e6, 1.5e6, 0.7, _ESTIMATE, life_years=30.0, fixed_cost_frac=0.01
        ),
    ),
    # 1962.2 USD2007 (P/kW)^0.8225, installed twice that
    "compressor_stage": (
        _figure(
            *("stage", ("rated_power_w",), 1.0e3, 1962.2, 0.8225, _HDSAM, 2007, 15.0, 0.04),
            currency="USD",
            installation_ratio=2.0,
        ),
    ),
    # 300 kEUR for 82 m3 at 80 bar; agrees within 15 % with Tietze et al. 2016 for vessels of 200 to 500 bar
    "gas_tank": (
        _figure(
            "vessels",
            ("n_vessels", "vessel_volume_m3", "max_pressure_pa"),
            82.0 * 80.0e5,
            300.0e3,
            1.0,
            _STOLZENBURG,
            2014,
            30.0,
            0.02,
        ),
    ),
    "truck_loading": (_figure("bays", ("n_bays",), 1.0, 250.0e3, 1.0, _STOLZENBURG, 2014, 30.0, 0.03),),
    "water_purifier": (
        _figure("reverse osmosis, EDI", ("capacity_kg_per_s",), 2.5, 350.0e3, 0.7, _ESTIMATE, fixed_cost_frac=0.05),
    ),
    "water_tank": (
        _figure("steel tank", ("capacity_kg",), 20.0e3, 16.7e3, 0.7, _TOWLER, 2010, 25.0, 0.01, installation_ratio=3.0),
    ),
    "pump": (
        _figure("pump", ("rated_flow_kg_per_s",), 1.2, 10.0e3, 0.6, _TOWLER, 2010, 15.0, 0.04, installation_ratio=3.0),
    ),
    "circulation_pump": (
        _figure("pump", ("rated_flow_kg_per_s",), 36.0, 11.7e3, 0.6, _TOWLER, 2010, 15.0, 0.04, installation_ratio=3.0),
    ),
    # electrode or element boiler, 150 EUR/kW installed
    "steam_generator": (_figure("electric boiler", ("heater_power_max_w",), 2.6e6, 390.0e3, 0.7, _ESTIMATE),),
    "electric_heater": (_figure("heater", ("power_max_w",), 100.0e3, 25.0e3, 0.7, _ESTIMATE),),
    "recuperator": (_figure("high-alloy exchanger", ("conductance_w_per_k",), 1.0e3, 30.0e3, 0.8, _ESTIMATE),),
    "heat_exchanger": (
        _figure("plates", ("rated_ua_w_per_k",), 4.0e5, 18.3e3, 0.95, _TOWLER, 2010, installation_ratio=3.0),
    ),
    "thermal_manager": (_figure("buffer, exchangers", ("water_kg",), 20.0e3, 90.0e3, 0.7, _ESTIMATE),),
    "cooling_loop": (_figure("pipes, pumps", ("rated_flow_kg_per_s",), 100.0, 250.0e3, 0.7, _ESTIMATE),),
    "dry_cooler": (_figure("cooler bank", ("area_m2",), 1.0e4, 350.0e3, 0.9, _ESTIMATE),),
    "chiller": (_figure("chiller", ("capacity_w",), 500.0e3, 200.0e3, 0.8, _ESTIMATE, fixed_cost_frac=0.03),),
    "gas_cooler": (_figure("cooler", ("nominal_flow_kg_per_s",), 0.1, 40.0e3, 0.6, _ESTIMATE),),
    "liquid_separator": (
        _figure("drum", ("nominal_flow_kg_per_s",), 0.1, 25.0e3, 0.6, _ESTIMATE, fixed_cost_frac=0.01),
    ),
    # hydrogen processing of a 5 MW PEM plant (0.03 kg/s): 11 % of 900 EUR/kW, two fifths deoxidiser, two fifths dryer
    "deoxidiser": (
        _figure("reactor", ("nominal_flow_kg_per_s",), 0.03, 200.0e3, 0.6, f"{_JU}; {_IRENA}", fixed_cost_frac=0.03),
    ),
    "dryer": (
        _figure("two beds", ("nominal_flow_kg_per_s",), 0.03, 200.0e3, 0.6, f"{_JU}; {_IRENA}", fixed_cost_frac=0.03),
    ),
    "psa": (
        _figure("vessels, valves", ("nominal_flow_kg_per_s",), 0.1, 900.0e3, 0.6, _ESTIMATE, fixed_cost_frac=0.03),
    ),
    "purity_monitor": (_figure("analysers", (), 1.0, 120.0e3, 1.0, _ESTIMATE, life_years=10.0, fixed_cost_frac=0.1),),
    "pressure_valve": (_figure("control valve", (), 1.0, 15.0e3, 1.0, _ESTIMATE, fixed_cost_frac=0.03),),
    "line_controller": (
        _figure("control system", (), 1.0, 100.0e3, 1.0, _ESTIMATE, life_years=10.0, fixed_cost_frac=0.05),
    ),
}
"""Installed cost of each kind that costs anything."""

FREE_KINDS = frozenset(
    {
        *("wind_farm", "power_bus", "water_source", "mixer", "splitter", "product_sink"),
        *("hybrid_arbitrage", "price_threshold", "follow_wind", "constant_load"),
        *("planned", "user_rule"),
        *("soec_only", "economic_spot", "storage_band", "origin_monitor"),
        *("transfer_controller", "cascade_fill", "cascade_draw"),
    }
)
"""Kinds without capital of their own: bought as energy or water, pipes, rules."""


def cost_figures(kind: str) -> tuple[CostFigure, ...]:
    """Return the cost figures of a kind (none for those of ``FREE_KINDS``); KeyError for an unknown kind."""
    if kind in FREE_KINDS:
        return ()
    if kind not in COSTS:
        raise KeyError(f"no cost figure for the kind '{kind}'")
    return COSTS[kind]
