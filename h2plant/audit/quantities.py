"""What a run came to, by its log: hydrogen, energy, money, starts, purity, as the figures of a summary define them."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from h2plant.audit.check import NOT_THERE
from h2plant.audit.economy import HOURS_PER_YEAR
from h2plant.audit.owed import Owed, owed_by_component, owed_by_plant
from h2plant.audit.run_sums import HOUR_S, RunSums
from h2plant.core.battery_role import Battery
from h2plant.core.contract_role import PowerContract
from h2plant.core.law_constants import (
    HHV_H2_J_PER_KG,
    J_PER_KWH,
    J_PER_MWH,
    MOLAR_MASS_H2_KG_PER_MOL,
    MOLAR_MASS_H2O_KG_PER_MOL,
    MOLAR_MASS_N2_KG_PER_MOL,
    MOLAR_MASS_O2_KG_PER_MOL,
)
from h2plant.core.role import (
    Converter,
    Dispatch,
    Grid,
    Maker,
    Offtake,
    PowerBus,
    Process,
    PurityMonitor,
    Reconverter,
    Source,
    Supply,
)

PRODUCTS = {"hydrogen": ("h2",), "oxygen": ("o2",), "nitrogen": ("n2",), "water": ("vapour", "liquid")}
MOST_UNSOURCED_FRAC = 1.0e-3
Expected = tuple[str, str, Any, float]
"""Law, figure, what is expected, and the size of what a difference was made of."""


class Quantities:
    """Quantities of a run; see ``figures.check_run`` for the arguments.

    ``is_cut``: a failure cut the last step in two, so that states count more than sums.
    """

    def __init__(
        self,
        run: RunSums,
        summary: Mapping[str, Any],
        settings: Mapping[str, Any],
        ledger: pa.Table | None,
        is_cut: bool,
    ) -> None:
        self.run = run
        self.served = summary.get("served") or {}
        self.outage_eur = _outage_eur(summary.get("faults") or {}, run.hours / HOURS_PER_YEAR)
        self.settings = settings
        self.ledger = ledger
        self.is_cut = is_cut

    def _each(self, role: type[Any], *attributes: str) -> dict[str, float]:
        """Return, of each component whose role names such ports, what went through them."""
        found = {}
        for id_, one in self.run.of(role).items():
            names = [name for attribute in attributes for name in _listed(getattr(one, attribute))]
            if names:
                found[id_] = math.fsum(self.run.at(id_, name) for name in names)
        return found

    def _grown(self, role: type[Any], attribute: str, column: str = "") -> dict[str, float]:
        """Return what came to a counter that the role names; by sums of an output where that is named beside it."""
        found = {}
        for id_, one in self.run.of(role).items():
            name, shown = getattr(one, attribute), getattr(one, column) if column else ""
            if name:
                by_output = math.nan if self.is_cut or not shown else self.run.output(id_, shown)
                found[id_] = self.run.grown(id_, name) if math.isnan(by_output) else by_output
        return found

    # hydrogen ------------------------------------------------------------------------------------------------------
    def reacted_kg(self, component: str) -> dict[str, float]:
        """Return what reactions of a component made, kg, by item of the ledger; negative: used up."""
        mol = self.run.split_mol(component)
        return {
            "h2_kg": mol * MOLAR_MASS_H2_KG_PER_MOL,
            "o2_kg": 0.5 * mol * MOLAR_MASS_O2_KG_PER_MOL,
            "n2_kg": 0.0,
            "h2o_kg": -mol * MOLAR_MASS_H2O_KG_PER_MOL,
        }

    @functools.cached_property
    def made_kg(self) -> dict[str, float]:
        """Hydrogen that each electrolyser made: that of the water that it split."""
        return {id_: self.reacted_kg(id_)["h2_kg"] for id_ in self.run.of(Maker)}

    @functools.cached_property
    def total_made_kg(self) -> float:
        """Hydrogen made by all."""
        return math.fsum(self.made_kg.values())

    @functools.cached_property
    def taken_kg(self) -> dict[str, dict[str, float]]:
        """What each offtake took of each product."""
        return {
            product: {id_: self.run.inflow(id_, *items) for id_ in self.run.of(Offtake)}
            for product, items in PRODUCTS.items()
        }

    @functools.cached_property
    def sold_kg(self) -> dict[str, dict[str, float]]:
        """What of it each offtake buys: what it pays for, and what it is mostly given, by moles, and pays nothing for.

        Who has no prices by product pays for hydrogen alone.
        """
        sold: dict[str, dict[str, float]] = {product: {} for product in PRODUCTS}
        for id_, role in self.run.of(Offtake).items():
            mol = {product: self.taken_kg[product][id_] / _MOLAR_OF[product] for product in PRODUCTS}
            prices = {product: self.run.end(id_, name) for product, name in role.prices} or {"hydrogen": 1.0}
            gases = [product for product in PRODUCTS if product != "water"]
            is_water = mol["water"] > 0.99 * math.fsum(mol.values())
            most = "water" if is_water else max(gases, key=lambda product: mol[product])
            for product, price in prices.items():
                if price > 0.0 or (price == 0.0 and product == most):
                    sold[product][id_] = self.taken_kg[product][id_]
        return sold

    @functools.cached_property
    def total_sold_kg(self) -> float:
        """Hydrogen that was sold, to all."""
        return math.fsum(self.sold_kg["hydrogen"].values())

    @functools.cached_property
    def change_kg(self) -> float:
        """Hydrogen that all components hold more at the end: what came in and was made, less what went out."""
        run = self.run
        reacted = math.fsum(self.reacted_kg(id_)["h2_kg"] for id_ in run.plant.components)
        return math.fsum((run.outflow("", "h2"), -run.inflow("", "h2"), reacted))

    @functools.cached_property
    def through_kg(self) -> float:
        """Hydrogen in all links together: the size of what balances are differences of."""
        flows = [flow for flow in self.run.flows if flow.medium == "stream"]
        return math.fsum(self.run.carried_size(flow, "h2") for flow in flows)

    @functools.cached_property
    def lost_kg(self) -> float:
        """Hydrogen that left the plant and that nobody bought, less what came in from outside."""
        run, takers = self.run, self.sold_kg["hydrogen"]
        gone = [
            run.carried(flow, "h2")
            for flow in run.flows
            if flow.medium == "stream" and not flow.target and flow.source not in takers
        ]
        back = [flow for id_ in takers for flow in run.out_of(id_, "stream") if flow.target]
        return math.fsum([*gone, *(-run.carried(flow, "h2") for flow in back), -run.outflow("", "h2")])

    def _held_kg(self, column: str) -> float:
        if self.ledger is None or not self.ledger.num_rows:
            return math.nan
        return math.fsum(self.ledger.column(column).to_pylist())

    def _unserved(self) -> dict[str, float]:
        run = self.run
        found = {}
        for id_, role in run.of(Offtake).items():
            if role.unserved:
                found[id_] = math.fsum(
                    run.grown(id_, name) if run.kind(id_).field(name).is_counter else run.end(id_, name)
                    for name in role.unserved
                )
        owed = self.owed_by_plant["hydrogen"]
        return {**found, **{id_: one.short for id_, one in owed.items() if not isinstance(run.role(id_), Offtake)}}

    @functools.cached_property
    def owed_by_component(self) -> dict[str, dict[str, Owed]]:
        """What each component owed, by medium."""
        return owed_by_component(self.run, self.served)

    @functools.cached_property
    def owed_by_plant(self) -> dict[str, dict[str, Owed]]:
        """What of it counts for the plant as a whole."""
        return owed_by_plant(self.run, self.owed_by_component)

    # power ---------------------------------------------------------------------------------------------------------
    @functools.cached_property
    def kept_j(self) -> dict[str, float]:
        """Electric energy that each component used up."""
        return self.run.kept_power()

    @functools.cached_property
    def used_j(self) -> float:
        """Electricity used: what sources, grid and others gave, less what went back and what stores kept."""
        run = self.run
        outside = {"", *run.of(Source), *run.of(Grid), *run.of(Reconverter)}
        flows = [flow for flow in run.flows if flow.medium == "power"]
        given = [run.carried(flow) for flow in flows if flow.source in outside and flow.target not in outside]
        back = [run.carried(flow) for flow in flows if flow.target in outside and flow.source not in outside]
        kept = [*self._kept_by_buses.values(), *self._kept_by_batteries.values()]
        return math.fsum([*given, *(-value for value in back), *(-value for value in kept)])

    @functools.cached_property
    def power_size_j(self) -> float:
        """Energy in all power links together."""
        return math.fsum(self.run.carried_size(flow) for flow in self.run.flows if flow.medium == "power")

    @functools.cached_property
    def _kept_by_buses(self) -> dict[str, float]:
        return {id_: self.run.stored_power(id_) for id_, role in self.run.of(PowerBus).items() if role.stored}

    @functools.cached_property
    def _kept_by_batteries(self) -> dict[str, float]:
        return {id_: self.run.held_more(id_) for id_ in self.run.of(Battery)}

    @functools.cached_property
    def source_j(self) -> dict[str, float]:
        """What each source of the plant gave."""
        return self._each(Source, "power")

    @functools.cached_property
    def imported_j(self) -> dict[str, float]:
        """What each grid connection gave."""
        return self._grown(Grid, "imported", "import_column")

    @functools.cached_property
    def imbalance_j(self) -> dict[str, float]:
        """What of it was not planned."""
        return self._grown(Grid, "imbalance", "imbalance_column")

    @functools.cached_property
    def electrolysers_j(self) -> dict[str, float]:
        """What each electrolyser drew, heaters included."""
        return self._each(Maker, "power", "heater_power")

    def power_faults(self) -> Iterator[tuple[str, str, float]]:
        """Yield (what, component, MWh) of power without a source, drained stores and blackouts."""
        run, kept = self.run, self.kept_j

        def drawn_at(component: str) -> float:
            return math.fsum(max(kept.get(one, 0.0), 0.0) for one in run.fed_from(component))

        for flow in run.out_of("", "power"):
            if run.kind(flow.target).port(flow.port).border not in ("source", "surplus"):
                lacked = run.carried(flow)
                if lacked > MOST_UNSOURCED_FRAC * max(drawn_at(flow.target), lacked):
                    yield "power-without-source", flow.target, lacked / J_PER_MWH
        outages = [fault.component for fault in run.plant.faults.of if fault.way in ("outage", "trip")]
        is_declared = any(isinstance(run.kind(id_).role, Grid | Source | Battery) for id_ in outages)
        for id_, role in run.of(PowerBus).items():
            given = run.at(id_, role.emergency) if role.emergency else 0.0
            is_dark = role.blackout_time and run.grown(id_, role.blackout_time) > 0.0
            if (is_dark and not is_declared) or given > MOST_UNSOURCED_FRAC * max(drawn_at(id_), given):
                yield "blackout", id_, given / J_PER_MWH
        discharged = self._each(Battery, "discharge")
        taken = {id_: min(-change, discharged.get(id_, -change)) for id_, change in self._kept_by_batteries.items()}
        taken |= {id_: -change for id_, change in self._kept_by_buses.items()}
        for id_, energy in taken.items():
            if energy > MOST_UNSOURCED_FRAC * self.used_j:
                yield "store-drained", id_, energy / J_PER_MWH

    def void_reason(self) -> bool:
        """Whether so much power had no source, or came from emergency supplies, that nothing has a cost."""
        for what, component, mwh in self.power_faults():
            drawn = math.fsum(max(self.kept_j.get(one, 0.0), 0.0) for one in self.run.fed_from(component))
            if mwh > 0.0 and (what != "blackout" or mwh * J_PER_MWH > MOST_UNSOURCED_FRAC * max(drawn, 0.0)):
                return True
        return False

    # money ---------------------------------------------------------------------------------------------------------
    @functools.cached_property
    def contract_eur(self) -> dict[str, float]:
        """What each source cost."""
        return self._each(Source, "cost")

    @functools.cached_property
    def agreed_eur(self) -> dict[str, tuple[float, float]]:
        """What each contract that is settled against the market cost, and what its power was worth there."""
        paid, worth = (self._each(PowerContract, port) for port in ("cost", "revenue"))
        return {id_: (eur, worth[id_]) for id_, eur in paid.items()}

    @functools.cached_property
    def import_eur(self) -> dict[str, float]:
        """What imports cost, fees and imbalance included."""
        return self._each(Grid, "cost")

    @functools.cached_property
    def export_eur(self) -> dict[str, float]:
        """What exports earned."""
        return self._each(Grid, "revenue")

    @functools.cached_property
    def imbalance_eur(self) -> dict[str, float]:
        """What imbalance cost, fees included."""
        return self._grown(Grid, "imbalance_cost")

    @functools.cached_property
    def emergency_eur(self) -> dict[str, float]:
        """What emergency supplies cost."""
        return self._each(PowerBus, "emergency_cost")

    @functools.cached_property
    def water_eur(self) -> dict[str, float]:
        """What raw water cost."""
        return self._each(Supply, "cost")

    @functools.cached_property
    def income_eur(self) -> dict[str, dict[str, float]]:
        """What each offtake paid for each product that it pays for."""
        run = self.run
        found: dict[str, dict[str, float]] = {product: {} for product in PRODUCTS}
        for id_, role in run.of(Offtake).items():
            for product, price in role.prices:
                found[product][id_] = self.taken_kg[product][id_] * run.end(id_, price)
            if not role.prices:
                found["hydrogen"][id_] = run.at(id_, role.revenue)
        return found

    @functools.cached_property
    def reconverted_kg(self) -> float:
        """What fuel cells and engines used of the hydrogen."""
        return -math.fsum(self.reacted_kg(id_)["h2_kg"] for id_ in self.run.of(Reconverter))

    # figures -------------------------------------------------------------------------------------------------------
    def key_figures(self) -> Iterator[Expected]:
        """Yield the key figures that are no economics, with what is expected; those not there as ``NOT_THERE``."""
        yield from self._hydrogen()
        yield from self._energy()
        yield from self._operation()
        yield from self._water_and_purity()
        yield from self._money()

    def _hydrogen(self) -> Iterator[Expected]:
        law, made, through = "figure-hydrogen", self.total_made_kg, self.through_kg
        sold = self.total_sold_kg
        yield law, "hydrogen_made_kg", made, 0.0
        for key, ids in self.makers.items():
            own = math.fsum(self.made_kg[id_] for id_ in ids)
            yield law, f"hydrogen_{key}_kg", own if len(self.makers) > 1 else NOT_THERE, 0.0
        yield law, "hydrogen_sold_kg", sold, 0.0
        held = self._held_kg("stored_after_h2_kg")
        yield law, "hydrogen_stored_kg", held, 0.0
        yield law, "hydrogen_stored_change_kg", held - self._held_kg("stored_before_h2_kg"), held
        if not self.is_cut:
            yield law, "hydrogen_stored_change_kg", self.change_kg, through
            yield law, "hydrogen_lost_kg", self.lost_kg, through
        burnt = -math.fsum(
            self.reacted_kg(id_)["h2_kg"] for id_ in self.run.plant.components if id_ not in self.made_kg
        )
        change = held - self._held_kg("stored_before_h2_kg")
        used = self.reconverted_kg
        yield law, "hydrogen_reconverted_kg", used if self.run.of(Reconverter) else NOT_THERE, 0.0
        yield law, "hydrogen_burnt_kg", burnt - used, max(made, burnt)
        yield law, "hydrogen_lost_kg", made - sold - change - burnt, max(made, sold, held)
        unserved = self._unserved()
        yield law, "hydrogen_unserved_kg", math.fsum(unserved.values()) if unserved else NOT_THERE, 0.0
        waiting = {id_: self.run.end(id_, one.waiting) for id_, one in self.run.of(Offtake).items() if one.waiting}
        yield law, "hydrogen_waiting_kg", math.fsum(waiting.values()) if waiting else NOT_THERE, 0.0
        sells, oxygen = self._sells_oxygen, math.fsum(self.sold_kg["oxygen"].values())
        yield law, "oxygen_sold_kg", oxygen if sells else NOT_THERE, 0.0

    @functools.cached_property
    def makers(self) -> dict[str, list[str]]:
        """Electrolysers by technology, in the order of their first."""
        found: dict[str, list[str]] = {}
        for id_ in self.run.of(Maker):
            found.setdefault(self.run.technology(id_), []).append(id_)
        return found

    @property
    def _sells_oxygen(self) -> bool:
        """Whether anyone buys oxygen, or is paid to take it."""
        return any(self.income_eur["oxygen"].values()) or any(self.sold_kg["oxygen"].values())

    def _energy(self) -> Iterator[Expected]:
        law, made, size = "figure-energy", self.total_made_kg, self.power_size_j / J_PER_MWH
        used = self.used_j
        electrolysis = math.fsum(self.kept_j.get(id_, 0.0) for id_ in self.run.of(Maker))
        converted = math.fsum(self.kept_j.get(id_, 0.0) for id_ in self.run.of(Converter))
        yield law, "electricity_used_mwh", used / J_PER_MWH, size
        yield law, "electrolysis_mwh", electrolysis / J_PER_MWH, size
        yield law, "conversion_loss_mwh", converted / J_PER_MWH, size
        batteries = [self.kept_j.get(id_, 0.0) for id_ in self.run.of(Battery)]
        lost = math.fsum(batteries)
        yield law, "battery_loss_mwh", lost / J_PER_MWH if batteries else NOT_THERE, size
        yield law, "balance_of_plant_mwh", (used - electrolysis - converted - lost) / J_PER_MWH, size
        sources: dict[str, list[float]] = {}
        for id_, value in self.source_j.items():
            sources.setdefault(self.run.technology(id_), []).append(value)
        for name, values in sources.items():
            yield law, f"{name}_mwh", math.fsum(values) / J_PER_MWH, 0.0
        bus_scale = math.fsum(
            self.run.carried_size(flow) for id_ in self.run.of(PowerBus) for flow in self.run.into(id_, "power")
        )
        for id_, by_component, scale in (
            ("import_mwh", self.imported_j, 0.0),
            ("imbalance_mwh", self.imbalance_j, 0.0),
            ("export_mwh", self._grown(Grid, "exported", "export_column"), 0.0),
            ("curtailed_mwh", self._each(Grid, "curtailed"), 0.0),
            ("reconverted_mwh", self._each(Reconverter, "power"), 0.0),
            ("battery_charged_mwh", self._each(Battery, "charge"), 0.0),
            ("battery_discharged_mwh", self._each(Battery, "discharge"), 0.0),
            ("battery_change_mwh", self._kept_by_batteries, size),
            ("emergency_mwh", self._each(PowerBus, "emergency"), 0.0),
            ("ride_through_change_mwh", self._kept_by_buses, bus_scale / J_PER_MWH),
            ("unserved_mwh", self._each(Grid, "unserved"), 0.0),
        ):
            yield law, id_, math.fsum(by_component.values()) / J_PER_MWH if by_component else NOT_THERE, scale
        bought = math.fsum(self.imported_j.values()) / used if self.imported_j and used > 0.0 else NOT_THERE
        yield law, "import_frac", bought, size * J_PER_MWH / used if used > 0.0 else 0.0
        has_made = made > 0.0
        yield law, "specific_energy_kwh_per_kg", used / made / J_PER_KWH if has_made else NOT_THERE, 0.0
        efficiency: Any = made * HHV_H2_J_PER_KG / used if has_made and used > 0.0 else None
        yield law, "efficiency_hhv_frac", efficiency if has_made else NOT_THERE, 0.0
        for key, ids in self.makers.items():
            own, drawn = (math.fsum(of.get(id_, 0.0) for id_ in ids) for of in (self.made_kg, self.electrolysers_j))
            expected = drawn / own / J_PER_KWH if own > 0.0 else NOT_THERE
            yield law, f"specific_energy_{key}_kwh_per_kg", expected, 0.0
        warmed = {
            id_: self.run.at(id_, role.recovered[1], "enthalpy") - self.run.at(id_, role.recovered[0], "enthalpy")
            for id_, role in self.run.of(Process).items()
            if role.recovered
        }
        scale = math.fsum(
            abs(self.run.at(id_, port, "enthalpy")) for id_ in warmed for port in self.run.role(id_).recovered
        )
        heat = math.fsum(warmed.values()) / J_PER_MWH
        yield law, "heat_recovered_mwh", heat if warmed else NOT_THERE, scale / J_PER_MWH

    def _operation(self) -> Iterator[Expected]:
        law, run = "figure-operation", self.run
        for key, ids in self.makers.items():
            drawn = math.fsum(run.at(id_, port) for id_ in ids for port in _listed(run.role(id_).power))
            rated = math.fsum(run.end(id_, run.role(id_).rated_power) for id_ in ids)
            yield law, f"capacity_factor_{key}_frac", drawn / (rated * run.hours * HOUR_S), 0.0
            starts = math.fsum(run.grown(id_, run.role(id_).n_starts) for id_ in ids)
            yield law, f"starts_{key}", starts, 0.0
            yield law, f"starts_per_unit_{key}", starts / len(ids) if len(ids) > 1 else NOT_THERE, 0.0
        avoided = self._grown(Dispatch, "starts_avoided")
        yield law, "starts_avoided", math.fsum(avoided.values()) if avoided else NOT_THERE, 0.0
        wears = {one: role.wear for one, role in run.of(Battery).items() if role.wear is not None}
        n = len(wears)
        # cycles are what the cells' power moved, by twice their capacity, which hardly changes in a run
        cycles = [run.grown(one, wear.cycles) for one, wear in wears.items()]
        yield law, "battery_cycles", math.fsum(cycles) / n if n else NOT_THERE, 0.0
        lost = [run.end(one, wear.state) for one, wear in wears.items()]
        yield law, "battery_lost_frac", math.fsum(lost) / n if n else NOT_THERE, 0.0
        renewed = [run.grown(one, wear.replacements) for one, wear in wears.items()]
        yield law, "battery_renewals", math.fsum(renewed) if n else NOT_THERE, 0.0
        for id_, attribute, factor in (
            ("blackouts", "n_blackouts", 1.0),
            ("blackout_h", "blackout_time", 1.0 / HOUR_S),
        ):
            found = self._grown(PowerBus, attribute)
            yield law, id_, math.fsum(found.values()) * factor if found else NOT_THERE, 0.0

    def _water_and_purity(self) -> Iterator[Expected]:
        run, made = self.run, self.total_made_kg
        water = math.fsum(run.outflow(id_, "vapour", "liquid") for id_ in run.of(Supply))
        yield "figure-water", "water_t", water / 1000.0, 0.0
        yield "figure-water", "water_kg_per_kg", water / made if made > 0.0 else NOT_THERE, 0.0
        worst: dict[str, list[float]] = {"h2o": [], "o2": []}
        for id_ in run.of(PurityMonitor):
            if run.inflow(id_, "h2") <= 0.0:
                continue
            mol = {"h2": 0.0, "o2": 0.0, "n2": 0.0, "h2o": 0.0}
            for flow in run.into(id_, "stream"):
                for column, name, mass in _MOLAR:
                    mol[name] += run.ever[f"{flow.name}.{column}_kg_per_s"] / mass
            total = math.fsum(mol.values())
            for name, fractions in worst.items():
                fractions.append(1.0e6 * mol[name] / total)
        for name, fractions in worst.items():
            yield "figure-purity", f"worst_{name}_ppm", max(fractions) if fractions else NOT_THERE, 0.0

    def _money(self) -> Iterator[Expected]:
        law, income = "figure-money", self.income_eur
        agreed, worth = ([pair[k] for pair in self.agreed_eur.values()] for k in (0, 1))
        paid = [*self.import_eur.values(), *self.contract_eur.values(), *self.emergency_eur.values(), *agreed]
        earned = [*self.export_eur.values(), *worth]
        scale = math.fsum(map(abs, (*paid, *earned)))
        yield law, "electricity_net_cost_eur", math.fsum((*paid, *(-value for value in earned))), scale
        for id_, values in (("imbalance_cost_eur", self.imbalance_eur), ("emergency_cost_eur", self.emergency_eur)):
            yield law, id_, math.fsum(values.values()) if values else NOT_THERE, 0.0
        net = math.fsum((*agreed, *(-value for value in worth))) if agreed else NOT_THERE
        yield law, "power_contract_net_eur", net, math.fsum(map(abs, (*agreed, *worth)))
        oxygen, hydrogen = (math.fsum(income[product].values()) for product in ("oxygen", "hydrogen"))
        yield law, "oxygen_revenue_eur", oxygen if self._sells_oxygen else NOT_THERE, 0.0
        buys = any(income["hydrogen"].values()) or income["hydrogen"].keys() - income["oxygen"].keys()
        yield law, "hydrogen_revenue_eur", hydrogen if buys else NOT_THERE, 0.0
        penalties = {id_: self.run.grown(id_, r.penalty) for id_, r in self.run.of(Offtake).items() if r.penalty}
        yield law, "hydrogen_penalty_eur", math.fsum(penalties.values()) if penalties else NOT_THERE, 0.0
        for product in ("nitrogen", "water"):
            of_it = math.fsum(income[product].values())
            yield law, f"{product}_revenue_eur", of_it if of_it else NOT_THERE, 0.0

    def revenue_eur(self) -> float:
        """Return what all offtakes paid, by their ports."""
        return math.fsum(self.run.at(id_, role.revenue) for id_, role in self.run.of(Offtake).items() if role.revenue)


_MOLAR = (
    ("h2", "h2", MOLAR_MASS_H2_KG_PER_MOL),
    ("o2", "o2", MOLAR_MASS_O2_KG_PER_MOL),
    ("n2", "n2", MOLAR_MASS_N2_KG_PER_MOL),
    ("vapour", "h2o", MOLAR_MASS_H2O_KG_PER_MOL),
    ("liquid", "h2o", MOLAR_MASS_H2O_KG_PER_MOL),
)


_MOLAR_OF = {
    "hydrogen": MOLAR_MASS_H2_KG_PER_MOL,
    "oxygen": MOLAR_MASS_O2_KG_PER_MOL,
    "nitrogen": MOLAR_MASS_N2_KG_PER_MOL,
    "water": MOLAR_MASS_H2O_KG_PER_MOL,
}


def _listed(names: Any) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) and names else tuple(names or ())


def _outage_eur(faults: Mapping[str, Any], years: float) -> dict[str, float]:
    """Return what a run of so many years bears of the cost of outages, by component.

    What comes once a year is paid once a year, by the run's share of it, whether the run has it or not; of a release
    that did not say what that is, it is what lies in the run.
    """
    eur: dict[str, float] = {}
    told = {
        (one["fault"], one["component"]): one["year_eur"] for one in faults.get("declared", ()) if "year_eur" in one
    }
    for (_, component), each in told.items():
        eur[component] = eur.get(component, 0.0) + each * years
    for one in faults.get("spans", ()):
        if (one["fault"], one["component"]) not in told:
            share = min(years, 1.0) if one.get("is_yearly") else 1.0
            eur[one["component"]] = eur.get(one["component"], 0.0) + one["cost_eur"] * share
    return eur
