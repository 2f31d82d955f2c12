"""The key figures of a run as records: what each is called, what it means, and what it is made of.

A figure is a total over components, an expression over other figures and quantities, or an appraised value. From the
records follow the summary, its schema, the tables and pages that show figures, the outputs that a study may ask for,
and what a device keeps of a run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from h2plant.components import KINDS
from h2plant.core.constants import HHV_H2_J_PER_KG, J_PER_KWH, J_PER_MWH
from h2plant.core.declare import Kind
from h2plant.core.origin_role import OriginMonitor
from h2plant.core.role import Grid, Maker, Source, technology_key
from h2plant.economics.carbon import LIMIT_KG_PER_KG
from h2plant.plant.graph import Plant
from h2plant.results.figure_form import (
    ABSENT,
    DESCRIBED,
    Appraised,
    Expression,
    Figure,
    Total,
    mean_of_all,
    per_hydrogen,
    worst_ppm,
)
from h2plant.results.rfnbo import ORIGIN_QUANTITIES, Origin
from h2plant.results.run_economics import ECONOMIC_QUANTITIES, RunEconomics
from h2plant.results.served_figures import served_figures
from h2plant.results.totals import QUANTITIES, Totals, total

HOURS = "hours"
"""Name under which expressions get the length of the run, h."""


@dataclass(frozen=True)
class Technologies:
    """What figures by technology there are: electrolysers, and names of sources."""

    makers: tuple[Maker, ...]
    sources: tuple[str, ...]

    @classmethod
    def of_kinds(cls, kinds: Iterable[Kind], labels: Iterable[str] = ()) -> Technologies:
        """Return those of kinds; of sources the ``labels``, else what their kinds call them."""
        roles = [kind.role for kind in kinds]
        makers = {role.key: role for role in roles if isinstance(role, Maker)}
        sources = list(labels) or [role.technology for role in roles if isinstance(role, Source)]
        return cls(
            tuple(makers.values()), tuple({technology_key(name): name for name in reversed(sources)}.values())[::-1]
        )

    @classmethod
    def of_plant(cls, plant: Plant) -> Technologies:
        """Return those of a plant, in the order of the list of kinds."""
        place = {kind.name: k for k, kind in enumerate(KINDS)}
        components = sorted(plant.components.values(), key=lambda c: place.get(c.kind.name, len(KINDS)))
        labels = [c.label or c.kind.role.technology for c in components if isinstance(c.kind.role, Source)]
        return cls.of_kinds((c.kind for c in components), labels)


def _of_makers(
    makers: Iterable[Maker], family: str, label: str, unit: str, group: str, format: str, meaning: str, form: Any
) -> Iterator[Figure]:
    """Yield a figure for each technology of electrolysers; label and meaning may name what its role says."""
    for maker in makers:
        power = "with heaters" if maker.heater_power else "direct current"
        texts = [text.format(technology=maker.technology, units=maker.units, power=power) for text in (label, meaning)]
        yield Figure(family.format(maker.key), texts[0], unit, group, texts[1], form, format, maker.key, family)


def _starts(makers: Iterable[Maker]) -> Iterator[Figure]:
    """Yield what a start costs, of each technology: those that always have a cost first, then those that were seen."""
    kinds = [(maker, start) for maker in makers for start in maker.starts]
    for maker, start in sorted(kinds, key=lambda pair: pair[1].estimate is None):
        filed = maker.filed(start)
        name = maker.key if start.is_usual else filed
        for unit, label, meaning, attribute in (
            ("EUR", start.label, "Energy, production lost and wear of one start.", "total_eur"),
            ("kg", "  in hydrogen", "The same, as hydrogen at its price.", "hydrogen_kg"),
        ):

            def of(e: RunEconomics, filed: str = filed, attribute: str = attribute) -> Any:
                return getattr(e.starts[filed], attribute) if filed in e.starts else ABSENT

            id_ = f"start_cost_{name}_{unit.lower()}"
            family = id_.replace(maker.key, "{}", 1)
            yield Figure(id_, label, unit, "money", meaning, Appraised(of, ABSENT), ",.2f", maker.key, family)


_OXYGEN = ("sold_oxygen_kg", "oxygen_income_eur")


def _if_oxygen_sells(value: Callable[[Any, Any], float]) -> Callable[..., Any]:
    """Return what is a figure where an offtake buys oxygen, or is paid to take it: traces do not count."""

    def of(oxygen: Any, revenue: Any) -> Any:
        return value(oxygen, revenue) if any(oxygen.values()) or any(revenue.values()) else ABSENT

    return of


def _hydrogen_revenue(hydrogen: dict[int, float], oxygen: dict[int, float]) -> Any:
    """Return what was earned with hydrogen; left out where nobody buys hydrogen alone and it earned nothing."""
    return total(hydrogen) if any(hydrogen.values()) or hydrogen.keys() - oxygen.keys() else ABSENT


def _unless_nothing(values: dict[int, float]) -> Any:
    return total(values) if total(values) else ABSENT


def _origin(period: str) -> Callable[..., Any]:
    return lambda *given: getattr(Origin(*map(total, given)), period) if given[0] else ABSENT


_HHV_KWH_PER_KG = HHV_H2_J_PER_KG / J_PER_KWH


@functools.cache
def figures_of(technologies: Technologies) -> dict[str, Figure]:
    """Return all key figures that a plant of these technologies may have, by id, in the order of the summary."""
    makers, sources = technologies.makers, technologies.sources
    records = (
        *_hydrogen(makers),
        *_electricity(sources),
        *_efficiencies(makers),
        *_operation(makers),
        *_purity(),
        *_money_figures(),
        *_starts(makers),
        *_carbon(),
        *served_figures(),
    )
    return {figure.id: figure for figure in records}


_KG, _MWH = ("kg", "hydrogen"), ("MWh", "energy")
"""Unit and group of amounts of hydrogen and of energy."""


def _one(id: str, label: str, unit: str, group: str, format: str, meaning: str, form: Any) -> Figure:
    return Figure(id, label, unit, group, meaning, form, format)


def _rare(id: str, label: str, unit: str, group: str, format: str, meaning: str, form: Any) -> Figure:
    return Figure(id, label, unit, group, meaning, form, format, is_rare=True)


def _hydrogen(makers: tuple[Maker, ...]) -> tuple[Figure, ...]:
    """Return the figures of what became of the hydrogen."""
    return (
        _one("hydrogen_made_kg", "hydrogen made", *_KG, ",.0f",
             "What the electrolysers made, before anything was lost on the way to the customer.",
             Total("made_kg", is_always=True)),
        *_of_makers(makers, "hydrogen_{}_kg", "  of which {technology}", *_KG, ",.0f",
                    "The part that the {units} made.",
                    Expression(("made_kg",), lambda made: total(made) if len(makers) > 1 else ABSENT)),
        _one("hydrogen_sold_kg", "hydrogen sold", *_KG, ",.0f", "What left in trailers or through a pipeline.",
             Total("sold_hydrogen_kg", is_always=True)),
        _one("hydrogen_stored_kg", "hydrogen in store at the end", *_KG, ",.0f",
             "What tanks and pipes held at the end.",
             Total("stored_kg", is_always=True)),
        _one("hydrogen_stored_change_kg", "  change over the run", *_KG, ",.0f",
             "What they held more at the end than at the start.",
             Expression(("hydrogen_stored_kg", "stored_before_kg"), lambda stored, before: stored - total(before))),
        _one("hydrogen_reconverted_kg", "hydrogen used in fuel cells and engines", *_KG, ",.0f",
             "What was made into power again.", Total("reconverted_kg")),
        _rare("hydrogen_burnt_kg", "hydrogen burnt in cleaning", *_KG, ",.0f",
              "What took the oxygen out of it, as in deoxidisers.",
              Expression(("burnt_kg", "reconverted_kg"), lambda burnt, used: total(burnt) - total(used))),
        _one("hydrogen_lost_kg", "hydrogen vented and lost", *_KG, ",.0f",
             "Purge gas, vents and leaks: made, but neither sold nor stored, used nor burnt.",
             Expression(("hydrogen_made_kg", "hydrogen_sold_kg", "hydrogen_stored_change_kg", "burnt_kg"),
                        lambda made, sold, change, burnt: made - sold - change - total(burnt))),
        _one("hydrogen_unserved_kg", "hydrogen not given, or still to be loaded", *_KG, ",.0f",
             "Room of trailers that left empty or still wait at the end, and what a series asked of a store in vain.",
             Total("unserved_kg")),
        _one("hydrogen_waiting_kg", "  of which room of trailers that still wait", *_KG, ",.0f",
             "Room in trailers that are here at the end: nobody was short of it.", Total("waiting_kg")),
        _one("oxygen_sold_kg", "oxygen sold", *_KG, ",.0f", "By-product that earns a little.",
             Expression(_OXYGEN, _if_oxygen_sells(lambda oxygen, _: total(oxygen)))),
    )  # fmt: skip


def _electricity(sources: tuple[str, ...]) -> tuple[Figure, ...]:
    """Return the figures of where electricity came from and went."""
    return (
        _one("electricity_used_mwh", "electricity used", *_MWH, ",.1f",
             "All that the plant drew: electrolysis, steam, compression, cooling.",
             Total("used_j", 1.0 / J_PER_MWH, is_always=True)),
        _one("electrolysis_mwh", "  of which electrolysis, direct current", *_MWH, ",.1f",
             "Direct current into stacks and modules.",
             Total("electrolysis_drawn_j", 1.0 / J_PER_MWH, is_always=True)),
        _one("balance_of_plant_mwh", "  of which balance of plant", *_MWH, ",.1f",
             "Everything else: steam, compression, cooling, drying, water.",
             Expression(("electricity_used_mwh", "electrolysis_mwh", "conversion_loss_mwh", "battery_used_j"),
                        lambda used, dc, lost, stored: used - dc - lost - total(stored) / J_PER_MWH)),
        _one("conversion_loss_mwh", "  of which lost in transformers and rectifiers", *_MWH, ",.1f",
             "Lost between the bus and the direct current.", Total("converted_j", 1.0 / J_PER_MWH, is_always=True)),
        _one("battery_loss_mwh", "  of which lost in batteries", *_MWH, ",.1f",
             "Lost in converters and cells of batteries, with what they draw for themselves.",
             Total("battery_used_j", 1.0 / J_PER_MWH)),
        *(Figure(f"{technology_key(name)}_mwh", f"{name} energy", *_MWH, f"What the plant had of its own: {name}.",
                 Total("source_j", 1.0 / J_PER_MWH), ",.1f", technology_key(name), "{}_mwh")
          for name in sources),
        _one("import_mwh", "import from the grid", *_MWH, ",.1f", "Bought from the public grid.",
             Total("imported_j", 1.0 / J_PER_MWH)),
        _rare("imbalance_mwh", "  of which not planned (imbalance)", *_MWH, ",.3f",
              "Taken beyond what the dispatch had planned, at the price of imbalance.",
              Total("imbalance_j", 1.0 / J_PER_MWH)),
        _one("import_frac", "  as a share of electricity used", "1", "energy", ".5f",
             "Bought from the public grid, over all that the plant drew.",
             Expression(("imported_j", "used_j"), _share_bought)),
        _one("export_mwh", "export to the grid", *_MWH, ",.1f", "Sold to the public grid.",
             Total("exported_j", 1.0 / J_PER_MWH)),
        _one("curtailed_mwh", "curtailed", *_MWH, ",.1f", "Own power that neither plant nor grid could take.",
             Total("curtailed_j", 1.0 / J_PER_MWH)),
        _rare("reconverted_mwh", "power made of hydrogen", *_MWH, ",.1f",
              "Made of the plant's own hydrogen by fuel cells and engines: neither an own source nor renewable anew.",
              Total("reconverted_j", 1.0 / J_PER_MWH)),
        _one("battery_charged_mwh", "into batteries", *_MWH, ",.1f", "What batteries took to store it.",
             Total("battery_charged_j", 1.0 / J_PER_MWH)),
        _one("battery_discharged_mwh", "from batteries", *_MWH, ",.1f", "What batteries gave back.",
             Total("battery_discharged_j", 1.0 / J_PER_MWH)),
        _one("battery_change_mwh", "  more in batteries at the end", *_MWH, ",.2f",
             "What their cells hold more at the end than at the start.",
             Total("battery_change_j", 1.0 / J_PER_MWH)),
        _rare("emergency_mwh", "from the emergency supply", *_MWH, ",.3f",
              "Given in blackouts, where grid and store of a bus gave too little.",
              Total("emergency_j", 1.0 / J_PER_MWH)),
        _rare("ride_through_change_mwh", "more in ride-through stores at the end", *_MWH, ",.4f",
              "What the stores on the buses hold more at the end than at the start.",
              Total("ride_through_change_j", 1.0 / J_PER_MWH)),
        _rare("unserved_mwh", "drawn without a source", *_MWH, ",.1f",
              "Used all the same, though no source gave it: what was made of it does not count.",
              Total("unserved_j", 1.0 / J_PER_MWH)),
    )  # fmt: skip


def _efficiencies(makers: tuple[Maker, ...]) -> tuple[Figure, ...]:
    """Return the figures of what hydrogen took of energy."""
    return (
        _one("specific_energy_kwh_per_kg", "specific energy, whole plant (per kg made)", "kWh/kg", "energy", ",.2f",
             f"Electricity per kilogram, everything counted; the hydrogen holds {_HHV_KWH_PER_KG:.1f} kWh/kg (HHV).",
             Expression(("used_j", "hydrogen_made_kg"),
                        lambda used, made: total(used) / made / J_PER_KWH if made > 0.0 else ABSENT)),
        *_of_makers(makers, "specific_energy_{}_kwh_per_kg", "specific energy, {units} ({power})", "kWh/kg",
                    "energy", ",.2f",
                    "Electricity of the {units} ({power}) per kilogram that they made; auxiliaries come on top.",
                    Expression(("electrolyser_j", "made_kg"),
                               lambda j, made: total(j) / total(made) / J_PER_KWH if total(made) > 0.0 else ABSENT)),
        _one("efficiency_hhv_frac", "efficiency, whole plant (HHV)", "1", "energy", ".3f",
             "Higher heating value of the hydrogen over all electricity used.",
             Expression(("used_j", "hydrogen_made_kg"), _efficiency)),
        _one("heat_recovered_mwh", "heat recovered into feed water", *_MWH, ",.1f",
             "Waste heat that warmed feed water instead of going to the air.",
             Total("heat_recovered_j", 1.0 / J_PER_MWH)),
    )  # fmt: skip


def _operation(makers: tuple[Maker, ...]) -> tuple[Figure, ...]:
    """Return the figures of how the units ran, and the water that they took."""
    return (
        *_of_makers(makers, "capacity_factor_{}_frac", "capacity factor, {technology}", "1", "operation", ".3f",
                    "Mean power of the {units} over their rated power.",
                    Expression(("electrolysis_j", "rated_power_w", HOURS), _capacity_factor)),
        *_of_makers(makers, "starts_{}", "starts, {units}", "", "operation", ",.0f",
                    "Starts of all {units}; each costs time and wears a little.", Total("starts")),
        *_of_makers(makers, "starts_per_unit_{}", "mean starts, {units}", "", "operation", ",.1f",
                    "The same by the number of {units}.",
                    Expression(("starts",), lambda starts: mean_of_all(starts) if len(starts) > 1 else ABSENT)),
        _one("starts_avoided", "starts that batteries avoided", "", "operation", ",.0f",
             "Lulls through which batteries carried a running line that own power alone would have stopped.",
             Total("starts_avoided")),
        _one("battery_cycles", "full cycles of batteries, mean", "", "operation", ",.1f",
             "What went through their cells, by twice their capacity.",
             Expression(("cell_cycles",), mean_of_all)),
        _one("battery_lost_frac", "capacity that batteries have lost, mean", "1", "operation", ".4f",
             "Share of their capacity when new, by time and by cycles, since the cells were new.",
             Expression(("cell_lost_frac",), mean_of_all)),
        _rare("battery_renewals", "renewals of the cells of batteries", "", "operation", ",.0f",
              "Times that cells were worn out and renewed.", Total("battery_renewals")),
        _rare("blackouts", "blackouts", "", "operation", ",.0f",
              "Times that grid and store of a bus gave too little, and the lines went off.", Total("n_blackouts")),
        _rare("blackout_h", "  time until lines might run again", "h", "operation", ",.1f",
              "From the failure to the end of the restart.", Total("blackout_s", 1.0 / 3600.0)),
        _one("water_t", "raw water", "t", "operation", ",.1f", "Taken from the mains, before purification.",
             Total("raw_water_kg", 1e-3, is_always=True)),
        _one("water_kg_per_kg", "raw water per hydrogen made", "kg/kg", "operation", ".2f",
             "Chemistry alone needs 8.9 kg per kg; the rest is brine and moisture.",
             Expression(("raw_water_kg", "hydrogen_made_kg"), lambda kg, made: per_hydrogen(total(kg), made))),
    )  # fmt: skip


def _purity() -> tuple[Figure, ...]:
    """Return the figures of what is in the hydrogen."""
    return (
        _one("worst_h2o_ppm", "water in hydrogen, mean at the worst monitor", "ppm", "purity", ".3f",
             "ISO 14687 grade D allows 5 ppm of water.", Expression(("watched_kg", "water_frac"), worst_ppm)),
        _one("worst_o2_ppm", "oxygen in hydrogen, mean at the worst monitor", "ppm", "purity", ".3f",
             "ISO 14687 grade D allows 5 ppm of oxygen.", Expression(("watched_kg", "oxygen_frac"), worst_ppm)),
    )  # fmt: skip


def _carbon() -> tuple[Figure, ...]:
    """Return the figures of what the hydrogen emits, and what of it counts as renewable."""
    return (
        _one("carbon_delivered_kg_per_kg", f"CO2 per kg delivered, EU rules (limit {LIMIT_KG_PER_KG:.2f})", "kg/kg",
             "carbon", ".3f", "By Delegated Regulation (EU) 2023/1185: renewable power emits nothing, other power "
             f"as the grid; with compression and transport. Above {LIMIT_KG_PER_KG:.2f} none of it is renewable "
             "(RFNBO) or low-carbon; below, the part is renewable whose power is certified.",
             Appraised(lambda e: None if e.carbon is None else e.carbon.delivered_kg_per_kg, role=Grid)),
        _one("carbon_kg_per_kg", "CO2 of all imports by the grid's mix, per kg made", "kg/kg", "carbon", ".3f",
             "Emissions of all imports and of emergency supply, whatever of them counts as renewable.",
             Appraised(lambda e: None if e.carbon is None else e.carbon.grid.kg_per_kg, role=Grid)),
        _one("rfnbo_frac", "share that counts as renewable (RFNBO, by month)", "1", "carbon", ".4f",
             "Share made with renewable electricity of the same month, as the EU counts until 2029.",
             Expression(ORIGIN_QUANTITIES, _origin("monthly_frac"))),
        _one("rfnbo_hourly_frac", "  by the hour, as from 2030", "1", "carbon", ".4f",
             "Share made with renewable electricity of the same hour, as the EU counts from 2030.",
             Expression(ORIGIN_QUANTITIES, _origin("hourly_frac"))),
    )  # fmt: skip


def _efficiency(used: dict[int, float], made: float) -> Any:
    used_j = total(used)
    return ABSENT if not made > 0.0 else made * HHV_H2_J_PER_KG / used_j if used_j > 0.0 else None


_DIGITS = 12
"""Of a share of two sums: those that a year of steps leaves in them, whichever was summed in which order."""


def _share_bought(bought: dict[int, float], used: dict[int, float]) -> Any:
    used_j = total(used)
    return round(total(bought) / used_j, _DIGITS) if bought and used_j > 0.0 else ABSENT


def _capacity_factor(drawn_j: dict[int, float], rated_w: dict[int, float], hours: float) -> Any:
    return total(drawn_j) / (total(rated_w) * hours * 3600.0) if rated_w else ABSENT


def _money_figures() -> Iterator[Figure]:
    def eur(id: str, label: str, meaning: str, form: Total | Expression | Appraised, is_rare: bool = False) -> Figure:
        return Figure(id, label, "EUR", "money", meaning, form, ",.0f", is_rare=is_rare)

    bought = ("import_cost_eur", "export_revenue_eur", "source_cost_eur", "emergency_eur", "contract_net_eur")
    yield from (
        eur("electricity_net_cost_eur", "electricity, net of export",
            "Contracts, imports and emergency supply less what exports earned and contracted power was worth.",
            Expression(bought, lambda bought, sold, *own: total(bought) - total(sold) + sum(map(total, own)))),
        eur("imbalance_cost_eur", "  of which imbalance", "Paid for imports that were not planned.",
            Total("imbalance_eur"), is_rare=True),
        eur("power_contract_net_eur", "  of which contracts over power",
            "Paid for contracted power less what it was worth at the market.",
            Total("contract_net_eur"), is_rare=True),
        eur("emergency_cost_eur", "  of which emergency supply", "Paid for the emergency supply in blackouts.",
            Total("emergency_eur"), is_rare=True),
        eur("oxygen_revenue_eur", "revenue from oxygen", "Earned with oxygen.",
            Expression(_OXYGEN, _if_oxygen_sells(lambda _, revenue: total(revenue)))),
        eur("hydrogen_revenue_eur", "revenue from hydrogen", "Earned with hydrogen, by trailers and pipelines.",
            Expression(("hydrogen_income_eur", "oxygen_income_eur"), _hydrogen_revenue)),
        eur("hydrogen_uncertified_eur", "  less: not certified as renewable",
            "By how much less hydrogen earns that is not certified; no offtake has taken it off.",
            Appraised(lambda e: e.by_origin.taken_off_eur, role=OriginMonitor), is_rare=True),
        eur("hydrogen_penalty_eur", "  less penalties for what customers missed",
            "Paid to customers for hydrogen missing when their contracts were settled; the revenue is less by it.",
            Total("penalty_eur"), is_rare=True),
        eur("nitrogen_revenue_eur", "revenue from nitrogen", "Earned with nitrogen.",
            Expression(("nitrogen_income_eur",), _unless_nothing)),
        eur("water_revenue_eur", "revenue from water (negative: disposal)",
            "Earned with water; below nothing what its disposal costs.",
            Expression(("water_income_eur",), _unless_nothing)),
        eur("capex_eur", "capital cost of the plant", "Equipment with installation, indirect cost and contingency.",
            Appraised(lambda e: e.appraisal.capex_eur)),
        Figure("hydrogen_cost_eur_per_kg", "cost of hydrogen (levelised, per kg made)", "EUR/kg", "money",
               "Levelised: capital recovery and running cost of a year like this one, before tax.",
               Appraised(lambda e: e.appraisal.made.closed_form), ".3f"),
        Figure("hydrogen_cost_after_tax_eur_per_kg", "break-even price, after tax (per kg made)", "EUR/kg", "money",
               "What each kilogram made must earn so that the project earns its cost of capital over its life.",
               Appraised(lambda e: e.appraisal.made.break_even), ".3f"),
        Figure("hydrogen_cost_sold_eur_per_kg", "cost of hydrogen (levelised, per kg sold)", "EUR/kg", "money",
               "The same per kilogram sold: what is lost on the way makes it dearer; what stores gained is credited.",
               Appraised(lambda e: e.appraisal.sold.closed_form), ".3f"),
        Figure("hydrogen_cost_after_tax_sold_eur_per_kg", "break-even price, after tax (per kg sold)", "EUR/kg",
               "money", "The price of a kilogram sold at which the project earns its cost of capital over its life.",
               Appraised(lambda e: e.appraisal.sold.break_even), ".3f"),
        eur("net_present_value_eur", "net present value",
            "What the project is worth today at the price assumed; below nothing it loses money.",
            Appraised(lambda e: e.appraisal.net_present_value_eur)),
        Figure("internal_rate_frac", "internal rate of return, real, after tax", "1", "money",
               "Real return after tax at the price assumed.", Appraised(lambda e: e.appraisal.internal_rate_frac),
               ".4f"),
        Figure("payback_years", "payback, not discounted", "years", "money",
               "Years of operation until the cash flow has repaid the capital.",
               Appraised(lambda e: e.appraisal.payback_years)),
        Figure("debt_service_cover_least_ratio", "debt service cover (DSCR), least year", "1", "money",
               "Cash of the year by interest and principal of the year, in the year in which it is least.",
               Appraised(lambda e: e.appraisal.cover("least_dscr_ratio", ABSENT), ABSENT), ".3f"),
        Figure("loan_life_cover_ratio", "loan life cover (LLCR)", "1", "money",
               "Present value of the cash of the loan's life, at its interest, by what is owed at its start.",
               Appraised(lambda e: e.appraisal.cover("llcr_ratio", ABSENT), ABSENT), ".3f"),
        eur("stock_change_eur", "stock at the end against the start",
            "Worth of the hydrogen held more at the end; below nothing, what making it again costs.",
            Appraised(lambda e: e.stock.value_eur)),
    )  # fmt: skip


FIGURES = figures_of(Technologies.of_kinds(KINDS))
"""Key figures of plants of the built-in kinds."""

ECONOMIC_FIGURES = tuple(f.id for f in FIGURES.values() if isinstance(f.form, Appraised) and f.form.without is None)
"""Key figures that stand or fall with the economics of a run."""


def figure_of(id: str) -> Figure | None:
    """Return the record of a figure, of technologies that are not built in as well; None if there is no such figure."""
    if id in FIGURES:
        return FIGURES[id]
    for family in {figure.family for figure in FIGURES.values() if figure.family}:
        head, _, tail = family.partition("{}")
        key = id[len(head) : len(id) - len(tail)]
        is_name = technology_key(key) == key != "" and "per" not in key.split("_")  # else the start of a unit
        if f"{head}{key}{tail}" == id and is_name:
            name = key.upper()
            return figures_of(Technologies((Maker(name, f"{name} unit", f"{name} units"),), (key,))).get(id)
    return None


def own_figures(plant: Plant) -> dict[str, dict[str, str]]:
    """Return what readers need to show the figures of a plant that only its own technologies have, by id."""
    figures = figures_of(Technologies.of_plant(plant))
    return {id_: figure.described() for id_, figure in figures.items() if id_ not in FIGURES}


def figures_in(*summaries: Mapping[str, Any]) -> dict[str, Figure]:
    """Return the records of the key figures in summaries of runs, in order, with those of technologies of their own."""
    own = {
        id_: _read(id_, described) for summary in summaries for id_, described in (summary.get("figures") or {}).items()
    }
    ids = dict.fromkeys(id_ for summary in summaries for id_ in summary.get("key_figures") or {})
    place = {id_: k for k, id_ in enumerate(FIGURES)}
    if len(summaries) > 1:
        ids = dict.fromkeys(sorted(ids, key=lambda id_: place.get(id_, len(place))))
    found = {id_: FIGURES.get(id_) or own.get(id_) or figure_of(id_) for id_ in ids}
    after = _after_subsidies([bool((summary.get("economics") or {}).get("subsidies")) for summary in summaries])
    return {
        id_: replace(figure, label=f"{figure.label}{after}") if after and id_ in OF_SUBSIDIES else figure
        for id_, figure in found.items()
        if figure is not None
    }


OF_SUBSIDIES = frozenset(
    {
        "hydrogen_cost_eur_per_kg", "hydrogen_cost_after_tax_eur_per_kg", "hydrogen_cost_sold_eur_per_kg",
        "hydrogen_cost_after_tax_sold_eur_per_kg", "net_present_value_eur", "internal_rate_frac", "payback_years",
        "debt_service_cover_least_ratio", "loan_life_cover_ratio",
    }
)  # fmt: skip
"""Figures that hold what the public pays, where it pays."""

AFTER_SUBSIDIES = " after subsidies"


def _after_subsidies(has: Sequence[bool]) -> str:
    """Return what labels of figures say where some runs, or all, have subsidies."""
    return AFTER_SUBSIDIES if has and all(has) else f"{AFTER_SUBSIDIES} if any" if any(has) else ""


def _read(id_: str, described: Mapping[str, Any]) -> Figure:
    """Return the record of a figure as a summary describes it; what it does not say of a format is none."""
    found: dict[str, Any] = {name: str(described.get(name, default)) for name, default in DESCRIBED.items()}
    if not re.fullmatch(r",?\.\d[fg]", found["format"]):
        found["format"] = DESCRIBED["format"]
    return Figure(id_, **found)


def evaluate(
    figures: Mapping[str, Figure], totals: Totals, hours: float, economics: RunEconomics | None
) -> dict[str, float | None]:
    """Return the values of figures by id; those that the plant has nothing to do with are left out.

    Parameters
    ----------
    figures
        The records, in order.
    totals, hours
        The sums of the run, and its length, h.
    economics
        Without them appraised values are None.
    """
    found: dict[str, Any] = {}

    def quantity(name: str, technology: str) -> dict[int, float]:
        values = totals.quantity(name)
        if not technology:
            return values
        return {i: v for i, v in values.items() if technology_key(totals.technology(i)) == technology}

    def given(name: str, technology: str) -> Any:
        if name == HOURS:
            return hours
        return value(figures[name]) if name in figures else quantity(name, technology)

    def value(figure: Figure) -> Any:
        if figure.id not in found:
            found[figure.id] = _value(figure)
        return found[figure.id]

    def _value(figure: Figure) -> Any:
        form = figure.form
        if isinstance(form, Total):
            values = quantity(form.quantity, figure.technology)
            return total(values) * form.factor if values or form.is_always else ABSENT
        if isinstance(form, Expression):
            inputs = [given(name, figure.technology) for name in form.of]
            return ABSENT if any(x is ABSENT for x in inputs) else form.value(*inputs)
        assert form is not None
        if not totals.of_role(form.role):
            return ABSENT
        return form.without if economics is None else form.value(economics)

    values = {id_: value(figure) for id_, figure in figures.items()}
    return {id_: None if v is None else float(v) for id_, v in values.items() if v is not ABSENT}


def reads_economics(id: str) -> bool:
    """Whether the economics of a run decide a figure, or one that it is made of."""
    figure = figure_of(id)
    if figure is None or not isinstance(figure.form, Expression):
        return figure is not None and isinstance(figure.form, Appraised)
    return any(name != id and reads_economics(name) for name in figure.form.of)


def quantities_of(figures: Iterable[Figure]) -> set[str]:
    """Return the names of the quantities that figures read, of other figures and of the economics as well."""
    names: set[str] = set()
    for figure in figures:
        if isinstance(figure.form, Total):
            names.add(figure.form.quantity)
        elif isinstance(figure.form, Expression):
            names.update(figure.form.of)
        elif isinstance(figure.form, Appraised):
            names.update(ECONOMIC_QUANTITIES)
    return names & set(QUANTITIES)
